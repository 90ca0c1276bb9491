/* `:` and `=` directly behind a word: what they may be the sign of, as far as the word and the bytes beside it say. */
#include "keys.h"

#include <string.h>

/* Whether a word before a sign is all that may be its key, and has no rule. */
static bool sign_without_rule(const cf_scan *scan, uint32_t start, uint32_t at) {
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (!start || before == ' ' || before == ':' || before == '\\' || cf_key_bytes[before] & CF_IN_KEY || at - start > MEMO_KEY)
        return false;
    return !key_rule(scan, start, at);
}

/* Bytes behind `=` that may make it the sign of a key, whatever stands before it. */
static inline bool sign_goes_on(uint8_t next) {
    return next == '=' || next == '>' || next == '[' || next == '&' || next == '%' || next == '\\';
}

static unsigned cf_key_signs(const cf_scan *scan, uint32_t start, uint32_t at) {
    const uint8_t *text = scan->text;
    uint8_t next = cf_at(scan, at + 1);
    uint32_t last = at;
    unsigned signs = phrase_field_name(scan, at) ? CF_SIGN_FIELD : 0;
    if (!scan->memo) return CF_SIGN_KEY | CF_SIGN_FIELD | CF_SIGN_TAG;
    while (last > start && cf_key_bytes[text[last - 1]] & CF_KEY_TAIL) last--;
    bool escaped = at - start == 2 && text[start] == '5' && (text[start + 1] | 32) == 'd' &&
                   cf_at(scan, (int64_t)start - 1) == '%'; /* customer%5Bname%5D= */
    bool key =
        last == start || escaped || (key_may_end(scan->rules, text, start, last, CF_KEY_TAIL) && !sign_without_rule(scan, start, at));
    if (text[at] == ':') return signs | (key ? CF_SIGN_KEY : 0) | (cf_ends(scan, at, "attr", 4) ? CF_SIGN_TAG : 0);
    bool tag = cf_ends(scan, at, "-as", 3) || tag_name_before(scan, at) >= 0; /* interpret-as: of two words */
    if (value_quote(next) && (tag || cf_ends(scan, at, "expression", 10))) signs |= CF_SIGN_TAG;
    return signs | (key || sign_goes_on(next) ? CF_SIGN_KEY : 0);
}

static void cf_key_sign(cf_scan *scan, uint32_t at, unsigned signs) {
    bool colon = scan->text[at] == ':';
    uint8_t next = cf_at(scan, at + 1);
    if (signs & CF_SIGN_KEY) {
        /* cf_key_signs has asked for the last letters of a word that ends with one */
        bool ends = scan->memo && cf_key_bytes[scan->text[at - 1]] & CF_LETTER && (colon || !sign_goes_on(next));
        if (colon) notation_colon(scan, at, ends);
        else notation_equals(scan, at, ends);
        list_escaped(scan, at);
        if (!colon && next == '[') list_items(scan, at);
        else if (!colon && next == '<') list_angle(scan, at);
        else if (!colon && next == '{') list_braced(scan, at);
    }
    if (signs & CF_SIGN_FIELD) phrase_field(scan, at);
    if (!(signs & CF_SIGN_TAG)) return;
    if (colon) {
        if (cf_ends(scan, at, "attr", 4)) notation_attr(scan, at);
    } else if (value_quote(next)) {
        tag_named(scan, at);
        tag_expression(scan, at);
    }
}
