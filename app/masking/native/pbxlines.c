/* Numbers in the lines that switches write of calls, by their place: MiVoice's columns, HiPath's fields (callrecords.py of the
 * reference). */
#include "shapes.h"

#include <string.h>

enum { PBX_BEFORE = 40, PBX_LEAST = 9, PBX_MOST = 15, PBX_FIELD = 18 };

static inline bool pbx_digits(const uint8_t *text, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (!cf_is_digit(text[i])) return false;
    return true;
}

/* How many bytes of a line a stamp and a duration take at a place, with the blank behind: 12/02 08:56A 00:02:14; or 0. */
static uint32_t pbx_stamp(const cf_scan *scan, uint32_t at, uint32_t end) {
    const uint8_t *text = scan->text;
    const uint8_t before = cf_at(scan, (int64_t)at - 1);
    uint32_t from = at;
    if (cf_is_word(before) || before == '/' || before == '.' || before == '-' || at + 21 > end) return 0;
    if (!pbx_digits(text + at, 2) || text[at + 2] != '/' || !pbx_digits(text + at + 3, 2) || text[at + 5] != ' ') return 0;
    if (!pbx_digits(text + at + 6, 2) || text[at + 8] != ':' || !pbx_digits(text + at + 9, 2)) return 0;
    at += 11 + (text[at + 11] == 'A' || text[at + 11] == 'P');
    if (text[at++] != ' ') return 0;
    uint32_t hours = at;
    while (at < end && at - hours < 4 && cf_is_digit(text[at])) at++;
    if (at - hours < 2 || at + 7 > end || text[at] != ':' || !pbx_digits(text + at + 1, 2) || text[at + 3] != ':') return 0;
    return pbx_digits(text + at + 4, 2) && text[at + 6] == ' ' ? at + 7 - from : 0;
}

/* Whether a run of 9 to 15 digits stands between blanks from a place on, before another. */
static bool pbx_number_between(const cf_scan *scan, uint32_t at, uint32_t end) {
    for (uint32_t start = at; at < end; start = at) {
        while (at < end && cf_is_digit(scan->text[at])) at++;
        bool alone = (at - start >= PBX_LEAST && at - start <= PBX_MOST) && scan->text[start - 1] == ' ' && scan->text[at] == ' ';
        if (alone) return true;
        at += at == start;
    }
    return false;
}

/* 12/02 08:56A 00:02:14 T014   003  4155550143    2210: the digits are [start, end). */
static void pbx_column(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    if (cf_at(scan, end) != ' ' || cf_at(scan, (int64_t)start - 1) != ' ') return;
    cf_looks(scan);
    for (uint32_t at = start; at && start - at < PBX_BEFORE + 26 && text[at - 1] != '\n' && text[at - 1] != '\r'; at--) {
        if (text[at] != '/' || at < 2) continue;
        uint32_t stamp = pbx_stamp(scan, at - 2, start);
        if (!stamp) continue;
        uint32_t from = at - 2 + stamp;
        if (start - from <= PBX_BEFORE && !pbx_number_between(scan, from, start))
            cf_shape(scan, start, end, CF_BY_PHONE, cf_shape_kind(scan->rules, CF_BY_PHONE), CF_R_PHONE, CF_LEARN);
        return;
    }
}

/* Where the field before one begins that has so many digits and marks as a form says (`0`), and a semicolon before it; or 0. */
static uint32_t pbx_before(const cf_scan *scan, uint32_t end, const char *form) {
    uint32_t size = (uint32_t)strlen(form);
    if (end < size + 1 || scan->text[end - size - 1] != ';') return 0;
    for (uint32_t i = 0; i < size; i++) {
        uint8_t c = scan->text[end - size + i];
        if (form[i] == '0' ? !cf_is_digit(c) : c != (uint8_t)form[i]) return 0;
    }
    return end - size;
}

/* ;02.12.26;08:44:10;00:03:10;2301;030 901820417;: the first digits behind a semicolon begin at a place. */
static void pbx_field(cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    const uint8_t before = cf_at(scan, (int64_t)start - 1);
    uint32_t number = start - (before == '+'), at = number, end, time;
    if (before != ';' && before != '+') return;
    cf_looks(scan);
    if (cf_at(scan, (int64_t)number - 1) != ';') return;
    for (end = start; end - start < PBX_FIELD + 3 && (cf_is_digit(cf_at(scan, end)) || cf_at(scan, end) == ' ');) end++;
    if (end - start < 7 || end - start > PBX_FIELD + 2 || cf_at(scan, end) != ';' || text[end - 1] == ' ') return;
    for (at--; at && number - 1 - at < 7 && cf_is_digit(text[at - 1]);) at--;
    if (number - 1 - at < 2 || number - 1 - at > 6 || !at || text[at - 1] != ';') return;
    if (!(at = pbx_before(scan, at - 1, "00:00:00")) || !(at = pbx_before(scan, at - 1, "00:00:00"))) return;
    time = pbx_before(scan, at - 1, "00:00:00");
    if (time) at = time;
    if (pbx_before(scan, at - 1, "00.00.00") || pbx_before(scan, at - 1, "00.00.0000"))
        cf_shape(scan, number, end, CF_BY_PHONE, cf_shape_kind(scan->rules, CF_BY_PHONE), CF_R_PHONE, CF_LEARN);
}
