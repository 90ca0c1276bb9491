/* Attributes of T-Library and their values: AttributeANI '…' (notations.py of the reference). */
#include "keys.h"

#include <string.h>

enum { ATTRIBUTE_KEY = 64 };

static inline bool notation_space_or(uint8_t c, uint8_t other) { return c == other || cf_is_space(c); }

/* The value of an attribute of T-Library: AttributeANI '…', AttributeANI [str] = "…", AttributeANI=… */
static bool notation_attribute_value(cf_scan *scan, uint32_t at, cf_value *value) {
    const uint8_t *text = scan->text;
    uint32_t bracket = value_skip_blanks(scan, at, 8), end = bracket + 1;
    if (bracket > at && cf_at(scan, bracket) == '[') {
        while (end - bracket <= 16 && cf_is_word(cf_at(scan, end))) end++;
        if (end > bracket + 1 && cf_at(scan, end) == ']') at = end + 1;
    }
    at = value_skip_blanks(scan, at, 8);
    uint32_t sign = at;
    bool signs = cf_at(scan, at) == '=' || cf_at(scan, at) == ':';
    at = value_skip_blanks(scan, at + signs, 8);
    if (value_quote(cf_at(scan, at))) {
        *value = value_quoted(scan, at);
        return true;
    }
    for (;; at = sign, signs = false) {
        uint32_t most = value_end(scan, at, 256);
        for (end = at; end < most && !notation_space_or(text[end], '<') && !value_quote(text[end]) && text[end] != '>' &&
                       text[end] != '[';)
            end++;
        *value = (cf_value){at, end, false};
        if (end > at || !signs) return end > at; /* else the sign itself is the value */
    }
}

/* AttributeKey in a word, with what stands behind it. */
static void notation_attribute(cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t key = at + 9, stop = key;
    cf_value value;
    if (memcmp(scan->text + at, "Attribute", 9) != 0) return;
    cf_looks(scan);
    if (at < scan->taken[CF_HEAD_ATTRIBUTE]) return;
    if (!cf_is_alpha(scan->text[key])) return;
    while (stop < end && stop - key < ATTRIBUTE_KEY && scan->text[stop] < 0x80) stop++;
    scan->taken[CF_HEAD_ATTRIBUTE] = stop;
    if (at < scan->taken[CF_N_ATTRIBUTE]) return;
    const cf_key_rule *rule = key_rule(scan, key, stop);
    if (rule && notation_attribute_value(scan, stop, &value)) keyed_value(scan, CF_N_ATTRIBUTE, rule, value);
}

/* How far a word is skipped by the letter where "Attribute" may end, as Horspool does; 0: it may end there. */
static const uint8_t NOTATION_SKIP[256] = {
    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    9, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    9, 9, 3, 9, 9, 0, 9, 9, 9, 4, 9, 9, 9, 9, 9, 9,
    9, 9, 5, 9, 1, 2, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};

static inline void notation_attributes(cf_scan *scan, uint32_t start, uint32_t end) {
    for (uint32_t last = start + 8; last + 1 < end;) {
        uint32_t skip = NOTATION_SKIP[scan->text[last]];
        if (!skip) notation_attribute(scan, last - 8, end);
        last += skip ? skip : 9;
    }
}
