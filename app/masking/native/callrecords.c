/* Records of calls whose values stand by their place: the lines of Asterisk's Master.csv, of IP Office's SMDR, and those of
 * 3CX (callrecords.py of the reference). */
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
    for (unsigned i = 0; i < COUNT(kinds); i++)
        channel = channel || (end - start == kinds[i].size && memcmp(text + start, kinds[i].text, kinds[i].size) == 0);
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

/* Behind the comma of a field that begins at a place, or 0. */
static uint32_t call_field(const cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    while (at < scan->size && at - start <= RECORD_FIELD && !memchr(",\r\n", scan->text[at], 3)) at++;
    return at - start <= RECORD_FIELD && cf_at(scan, at) == ',' ? at + 1 : 0;
}

/* Behind the comma of a field of one sign of two, or 0. */
static uint32_t call_sign(const cf_scan *scan, uint32_t at, uint8_t one, uint8_t other) {
    uint8_t c = cf_at(scan, at);
    return (c == one || c == other) && cf_at(scan, at + 1) == ',' ? at + 2 : 0;
}

/* Behind the comma of a field of at most so many digits, or 0. */
static uint32_t call_digits(const cf_scan *scan, uint32_t start, uint32_t most) {
    uint32_t at = start;
    while (at - start <= most && cf_is_digit(cf_at(scan, at))) at++;
    return at > start && at - start <= most && cf_at(scan, at) == ',' ? at + 1 : 0;
}

/* Behind the comma of a device of a party, or 0. */
static uint32_t call_device(const cf_scan *scan, uint32_t at) {
    return (uint8_t)(cf_at(scan, at) - 'A') < 26 ? call_digits(scan, at + 1, 6) : 0;
}

/* bound.c */
static void bound_party(cf_scan *scan, uint32_t start);

/* `…,0,1000117,0,E7021,Mary Major,T9004,Line 4.1`: what stands behind the number that was dialled. */
static void call_parties(cf_scan *scan, uint32_t at) {
    uint32_t device;
    if (!(at = call_field(scan, at)) || !(at = call_sign(scan, at, '0', '1'))) return;
    if (!(at = call_digits(scan, at, 10)) || !(at = call_sign(scan, at, '0', '1'))) return;
    if (!(device = call_device(scan, at))) return;
    if (scan->text[at] == 'E') bound_party(scan, device);
    if (!(at = call_field(scan, device)) || !(device = call_device(scan, at))) return;
    if (scan->text[at] == 'E') bound_party(scan, device);
}

/* `2024/03/12 15:31:00,00:02:11,6,4930901820417,I,8005,8005,…` begins a line. */
static void call_line(cf_scan *scan, uint32_t start) {
    uint32_t caller, direction, called, dialled, behind;
    bool quoted = scan->text[start] == '"';
    if (!text_form(scan, start, quoted ? "\"0000/00/00 00:00:00\",\"00:00:00\"," : "0000/00/00 00:00:00,00:00:00,")) return;
    if (!(caller = call_digits(scan, start + (quoted ? 33 : 29), 5)) || !(direction = call_field(scan, caller))) return;
    if (!(called = call_sign(scan, direction, 'I', 'O'))) return;
    if (direction > caller + 1) record_number(scan, caller, direction - 1);
    if (!(dialled = call_field(scan, called))) return;
    if (dialled > called + 1) record_number(scan, called, dialled - 1);
    if (!(behind = call_field(scan, dialled))) return;
    if (behind > dialled + 1) record_number(scan, dialled, behind - 1);
    call_parties(scan, behind);
}

/* `,4930901820417,Ext.7021`: the word before the dot is [start, end). */
static void call_extension(cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t mark = cf_at(scan, (int64_t)start - 1), before;
    if ((mark != ',' && mark != ';') || memcmp(scan->text + start, "Ext", 3) != 0) return;
    cf_looks(scan);
    if (!cf_is_digit(cf_at(scan, (int64_t)end + 1))) return;
    uint32_t stop = start - 1, at = stop;
    while (at && stop - at < 16 && cf_is_digit(scan->text[at - 1])) at--;
    if (stop - at < 9 || stop - at > 15) return;
    at -= cf_at(scan, (int64_t)at - 1) == '+';
    before = cf_at(scan, (int64_t)at - 1);
    if (before == ',' || before == ';' || before == ' ')
        cf_shape(scan, at, stop, CF_BY_PHONE, cf_shape_kind(scan->rules, CF_BY_PHONE), CF_R_PHONE, CF_LEARN);
}
