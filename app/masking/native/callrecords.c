/* Records of calls whose values stand by their place: the lines of Asterisk's Master.csv (callrecords.py of the reference). */
#include "shapes.h"

#include <string.h>

enum { RECORD_BEFORE = 512, RECORD_FIELD = 64, RECORD_CALLER = 128 };

/* Behind the `",` of a field in quotes that begins at a place and has at most so many bytes, or 0. */
static uint32_t record_field(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t start = at;
    while (at < scan->size && at - start <= most && !memchr("\"\r\n", scan->text[at], 3)) at++;
    return at - start <= most && cf_stands(scan, at, "\",\"", 3) ? at + 3 : 0;
}

/* Finds the number that is all of a field. */
static void record_number(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t digits = start + (scan->text[start] == '+'), at = digits;
    while (at < end && cf_is_digit(scan->text[at])) at++;
    if (at == end && end - digits >= 7 && end - digits <= 15)
        cf_shape(scan, start, end, CF_BY_PHONE, cf_shape_kind(scan->rules, CF_BY_PHONE), CF_R_PHONE, CF_LEARN);
}

/* Whether a field of who calls reaches from a place to the quote before another; two quotes are one of its own. */
static bool record_caller(const cf_scan *scan, uint32_t at, uint32_t quote) {
    for (unsigned signs = 0; at < quote; signs++, at++) {
        if (signs == RECORD_CALLER || scan->text[at] == '\r' || scan->text[at] == '\n') return false;
        if (scan->text[at] == '"' && (++at >= quote || scan->text[at] != '"')) return false;
    }
    return at == quote;
}

/* `"","14155550143","7021","from-trunk","","PJSIP/trunk-1"`: the kind of the first channel is [start, end). */
static void call_record(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of kinds[] = {TEXT("PJSIP"), TEXT("SIP"), TEXT("IAX2"), TEXT("DAHDI"), TEXT("Local")};
    const uint8_t *text = scan->text;
    bool channel = false;
    for (unsigned i = 0; i < COUNT(kinds); i++) channel = channel || (end - start == kinds[i].size && memcmp(text + start, kinds[i].text, kinds[i].size) == 0);
    if (!channel) return;
    cf_looks(scan);
    if (start < 3 || !cf_ends(scan, start, "\",\"", 3)) return;
    uint32_t line = start, from, to, context, caller;
    while (line && start - line <= RECORD_BEFORE && text[line - 1] != '\n') line--;
    if (start - line > RECORD_BEFORE || text[line] != '"') return;
    if (!(from = record_field(scan, line + 1, RECORD_FIELD)) || !(to = record_field(scan, from, RECORD_FIELD))) return;
    if (!(context = record_field(scan, to, RECORD_FIELD)) || !(caller = record_field(scan, context, RECORD_FIELD))) return;
    if (caller > start - 3) return;
    for (uint32_t at = context; at < caller - 3; at++)
        if (!cf_is_word(text[at]) && text[at] != '.' && text[at] != '-') return;
    if (caller == context + 3 || !record_caller(scan, caller, start - 3)) return;
    record_number(scan, from, to - 3);
    record_number(scan, to, context - 3);
}
