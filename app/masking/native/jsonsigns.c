/* Keys and values whose sign JSON escapes (jsonsigns.py of the reference): lastName\u003dMajor\u0026phone\u003d… */
#include "keys.h"

#include <string.h>

enum { JSON_VALUE = 256, JSON_MARKS = 8 };

/* Behind the backslashes of a quote, \u0027 or \", at a place; or 0. */
static uint32_t json_quote(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end - at <= JSON_MARKS && cf_at(scan, end) == '\\') end++;
    if (end == at || end - at > JSON_MARKS) return 0;
    if (cf_at(scan, end) == '"') return end + 1;
    return cf_stands(scan, end, "u0027", 5) ? end + 5 : 0;
}

/* Behind a letter of a value that JSON escapes, \u00fc, at a place; with `more` an apostrophe and a blank, too; or 0. */
static uint32_t json_within(const cf_scan *scan, uint32_t at, bool more) {
    uint32_t end = at;
    while (end - at <= JSON_MARKS && cf_at(scan, end) == '\\') end++;
    if (end == at || end - at > JSON_MARKS || !cf_stands(scan, end, "u00", 3)) return 0;
    uint8_t first = cf_at(scan, end + 3), second = cf_at(scan, end + 4);
    if (more && first == '2' && (second == '0' || second == '7')) return end + 5;
    return address_hex(first) >= 8 && address_hex(second) >= 0 ? end + 5 : 0;
}

static bool json_ends(uint8_t c) { return c == '\\' || c == '\r' || c == '\n' || c == '"' || (c && strchr(",;&'<>()[]{}|", c)); }

/* Behind a name of code at a place before `end`; the place itself: none stands there. */
static uint32_t json_name(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t stop = at;
    if (at >= end || cf_is_digit(scan->text[at])) return at;
    while (stop < end && stop - at < 65 && cf_is_word(scan->text[stop])) stop++;
    return stop - at < 65 ? stop : at;
}

/* Whether code names a field where a value was looked for: this.lastName, b.last_name. */
static bool json_of_field(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t dot = json_name(scan, start, end), stop;
    if (end - start >= 5 && (cf_stands(scan, start, "this.", 5) || cf_stands(scan, start, "self.", 5))) return true;
    if (dot == start || dot >= end || scan->text[dot] != '.') return false;
    stop = json_name(scan, dot + 1, end);
    return stop > dot + 1 && stop == end && key_rule(scan, dot + 1, end);
}

/* The last backslash of \u003d stands at a place. */
static __attribute__((noinline)) void json_sign(cf_scan *scan, uint32_t last) {
    const uint8_t *text = scan->text;
    uint32_t sign = last, at = last + 6, start = at, end, word, signs = 0;
    if (!cf_stands(scan, last, "\\u003", 5) || (cf_at(scan, last + 5) | 32) != 'd') return;
    cf_looks(scan);
    while (sign && last - sign < JSON_MARKS - 1 && text[sign - 1] == '\\') sign--;
    uint32_t open = json_quote(scan, at);
    if (open) {
        for (start = end = open; end < scan->size && signs <= JSON_VALUE && text[end] != '"' && !value_line_ends(scan, end); signs++) {
            uint32_t within = 0;
            if (text[end] == '\\') {
                bool closed = scan->size - end >= open - at && memcmp(text + end, text + at, open - at) == 0;
                within = closed ? 0 : json_within(scan, end, true);
                if (!within) break;
            }
            end = within ? within : end + 1;
        }
        if (end == start || signs > JSON_VALUE || scan->size - end < open - at || memcmp(text + end, text + at, open - at) != 0) return;
        word = end;
    } else {
        if (at >= scan->size || cf_is_space(text[at])) return;
        for (end = start; end < scan->size && signs < JSON_VALUE; signs++) {
            uint32_t within = text[end] == '\\' ? json_within(scan, end, end > start) : 0;
            if (!within && json_ends(text[end])) break;
            end = within ? within : end + 1;
        }
        for (word = start; word < end && !cf_is_space(text[word]);) word++;
        if (end == start || json_of_field(scan, start, end)) return;
    }
    if (!notation_may_follow(scan, sign)) return;
    notation_keys keys = notation_before(scan, sign, false);
    const cf_key_rule *rule;
    while ((rule = notation_next(scan, &keys)) != NULL) {
        bool whole = open || rule->kind == CF_ADDRESS;
        if (keyed_judge(scan, rule, (cf_value){start, whole ? end : word, whole})) return;
    }
}
