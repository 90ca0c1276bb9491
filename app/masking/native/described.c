/* What lines of protocols say of a person: MGCP, H.245, User-to-User, PIDF (described.py of the
 * reference). */
#include "keys.h"

#include <string.h>

enum { DESCRIBED_NAME = 64, DESCRIBED_ITEMS = 16, DESCRIBED_ITEM = 32 };

static uint32_t tag_inside(const cf_scan *scan, uint32_t at, uint32_t most); /* tags.c */

static void described_judge(cf_scan *scan, const char *key, uint32_t start, uint32_t end) {
    const cf_key_rule *rule = key_known(scan, (const uint8_t *)key, (uint32_t)strlen(key));
    if (rule) keyed_judge(scan, rule, (cf_value){start, end, true});
}

static inline bool described_word(uint8_t c) { return cf_is_word(c) || c == '.' || c == '-'; }

static inline bool described_key(uint8_t c) { return cf_is_digit(c) || (uint8_t)(c - 'A') < 4 || c == '*' || c == '#'; }

/* The digit of the next `D/5` among up to sixteen events and one more, or 0. */
static uint32_t described_next(const cf_scan *scan, uint32_t at) {
    for (unsigned items = 0; items <= DESCRIBED_ITEMS; items++) {
        uint32_t end = at;
        uint8_t behind = cf_at(scan, at + 3);
        if (cf_stands(scan, at, "D/", 2) && described_key(cf_at(scan, at + 2)) && !cf_is_word(behind) && behind != '*' && behind != '#')
            return at + 2;
        while (end - at <= DESCRIBED_ITEM && (described_word(cf_at(scan, end)) || cf_at(scan, end) == '/' || cf_at(scan, end) == '@'))
            end++;
        if (end == at || end - at > DESCRIBED_ITEM || cf_at(scan, end) != ',') return 0;
        at = end + 1 + (cf_at(scan, end + 1) == ' ');
    }
    return 0;
}

/* O: L/hd, D/5, D/1: what a gateway observed. */
static void described_observed(cf_scan *scan, uint32_t start) {
    uint32_t at = start + 2 + (cf_at(scan, start + 2) == ' ');
    if (cf_at(scan, start + 1) != ':') return;
    while ((at = described_next(scan, at)) != 0) {
        described_judge(scan, "dtmf_digits", at, at + 1);
        at++;
        if (cf_at(scan, at) != ',') return;
        at += 1 + (cf_at(scan, at + 1) == ' ');
    }
}

/* S: L/ci(06/09/10/15,4930901820417,Mary Major): what a gateway is to show of a caller. */
static void described_shown(cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    uint32_t at = start + 2, most = value_end(scan, start, 2 + 1 + DESCRIBED_NAME + 5), end, number, name;
    while (at < most && text[at] != '(' && text[at] != ')' && !value_line_ends(scan, at)) at++;
    if (cf_at(scan, at) != '(' || at - start < 6 || !cf_ends(scan, at, "L/ci", 4)) return;
    uint32_t blank = start + 2 + (cf_at(scan, start + 2) == ' ');
    if (at - 4 < blank || at - 4 - blank > DESCRIBED_NAME) return;
    for (end = ++at; end - at < 17 && (cf_is_digit(cf_at(scan, end)) || cf_at(scan, end) == '/');) end++;
    if (end - at > 16 || cf_at(scan, end) != ',') return;
    number = end + 1;
    number += cf_at(scan, number) == '"';
    end = number;
    if (cf_at(scan, end) == '+' || cf_is_digit(cf_at(scan, end)))
        for (end++; end - number < 25 && (cf_is_digit(cf_at(scan, end)) || (cf_at(scan, end) && strchr("*#.-", cf_at(scan, end))));) end++;
    if (end > number && (end - number < 3 || end - number > 24)) return;
    uint32_t number_end = end, name_end;
    at = end + (cf_at(scan, end) == '"');
    name = name_end = 0;
    if (cf_at(scan, at) == ',') {
        name = at + 1 + (cf_at(scan, at + 1) == '"');
        for (name_end = name;
             name_end < scan->size && name_end - name <= DESCRIBED_NAME && !strchr("()\"\r\n", text[name_end] ? text[name_end] : 'x');)
            name_end++;
        if (name_end - name > DESCRIBED_NAME || name_end - name == 1) return; /* P: private */
        at = name_end + (cf_at(scan, name_end) == '"');
    }
    if (cf_at(scan, at) != ')') return;
    if (number_end > number) described_judge(scan, "caller_number", number, number_end);
    if (name_end > name) described_judge(scan, "caller_name", name, name_end);
}

/* Behind a coordinate with a point, or 0. */
static uint32_t described_coordinate(const cf_scan *scan, uint32_t at) {
    at += cf_at(scan, at) == '-';
    uint32_t end = value_digits(scan, at, 4), more;
    if (end == at || end - at > 3 || cf_at(scan, end) != '.') return 0;
    more = value_digits(scan, end + 1, 13);
    return more > end + 1 && more - end <= 13 ? more : 0;
}

/* <gml:pos>48.2 11.5</gml:pos> of a caller's place; the `<` stands at a place. */
static void described_position(cf_scan *scan, uint32_t open) {
    uint32_t at = open + 8, end;
    if (!cf_stands(scan, open, "<gml:pos", 8)) return;
    if (cf_at(scan, at) == ' ') at = tag_inside(scan, at + 1, 128);
    if (cf_at(scan, at) != '>' || at == open + 9) return;
    end = described_coordinate(scan, ++at);
    if (!end || (cf_at(scan, end) != ' ' && cf_at(scan, end) != ',')) return;
    end = described_coordinate(scan, end + 1);
    if (end && (cf_at(scan, end) == ' ' || cf_at(scan, end) == '<')) described_judge(scan, "latitude", at, end);
}

static bool described_hex(uint8_t c) { return cf_is_digit(c) || (uint8_t)((c | 32) - 'a') < 6; }

/* How many hex digits the next character of text has that begins at a place: 2, 4 or 6; 0: no text stands there. */
static uint32_t described_coded(const cf_scan *scan, uint32_t at) {
    uint8_t first = cf_at(scan, at);
    if (!described_hex(first) || !described_hex(cf_at(scan, at + 1))) return 0;
    if (first >= '2' && first <= '7') return 2;
    uint32_t size = (first | 32) == 'c' || (first | 32) == 'd' ? 4 : (first | 32) == 'e' ? 6 : 0;
    for (uint32_t i = 2; i < size; i += 2) {
        uint8_t lead = (uint8_t)cf_lower(cf_at(scan, at + i));
        if (lead != '8' && lead != '9' && lead != 'a' && lead != 'b') return 0;
        if (!described_hex(cf_at(scan, at + i + 1))) return 0;
    }
    return size;
}

/* User-to-User: 04<text in hex digits>;encoding=hex */
static void described_attached(cf_scan *scan, uint32_t start) {
    if (!cf_stands(scan, start, "User-to-User", 12)) return;
    uint32_t at = value_skip_blanks(scan, start + 12, 4), end, signs = 0, letters = 0, size;
    if (cf_at(scan, at) != ':') return;
    at = value_skip_blanks(scan, at + 1, 4);
    if (cf_stands(scan, at, "00", 2) || cf_stands(scan, at, "04", 2)) at += 2;
    for (end = at; signs < 512 && (size = described_coded(scan, end)) != 0; signs++, end += size) {
        uint8_t sign = size == 2 ? (uint8_t)(address_hex(scan->text[end]) << 4 | address_hex(scan->text[end + 1])) : 'x';
        letters += cf_is_alpha(sign) || sign == ' ';
    }
    if (signs >= 6 && 2 * letters > signs && !cf_is_alnum(cf_at(scan, end))) described_judge(scan, "spoken_text", at, end);
}

/* A line begins that may be one of a description. */
static void described_line(cf_scan *scan, uint32_t start) {
    uint8_t first = scan->text[start];
    if (first == 'S') {
        if (cf_at(scan, start + 1) == ':') described_shown(scan, start);
    } else if (first == 'U') {
        described_attached(scan, start);
    } else if (first == 'O') {
        described_observed(scan, start);
    }
}

/* alphanumeric : "5" of H.245: the colon stands at a place. */
static void described_colon(cf_scan *scan, uint32_t colon) {
    uint32_t at = colon + 3, end = at;
    if (!cf_stands(scan, colon, ": \"", 3) || !cf_ends(scan, colon, "alphanumeric ", 13)) return;
    while (end - at < 33 && described_key(cf_at(scan, end))) end++;
    if (end > at && end - at < 33 && cf_at(scan, end) == '"') described_judge(scan, "dtmf_digits", at, end);
}
