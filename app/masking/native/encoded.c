/* Keys and values in text that is encoded for URLs, HTML or JSON, once or twice (notations.py of the reference). */
#include "keys.h"

#include <string.h>

/* A quote as HTML, URLs and JSON encode it: its size at a place, or 0. */
static uint32_t notation_encoded_quote(const cf_scan *scan, uint32_t at) {
    switch (cf_at(scan, at)) {
    case '&':
        return cf_stands(scan, at, "&quot;", 6) ? 6 : cf_stands(scan, at, "&#34;", 5) ? 5 : cf_stands(scan, at, "&amp;quot;", 10) ? 10 : 0;
    case '%': return cf_stands(scan, at, "%22", 3) ? 3 : cf_stands(scan, at, "%2522", 5) ? 5 : 0;
    case '\\': return cf_stands(scan, at, "\\u0022", 6) ? 6 : cf_stands(scan, at, "\\x22", 4) ? 4 : 0;
    default: return 0;
    }
}

/* The key that stands before an encoded sign, behind an encoded `?` or `&`. */
static const cf_key_rule *notation_before_encoded(cf_scan *scan, uint32_t sign) {
    const uint8_t *text = scan->text;
    uint32_t lo = sign > NOTATION_WINDOW ? sign - NOTATION_WINDOW : 0, key = sign;
    while (key > lo && cf_key_bytes[text[key - 1]] & CF_IN_KEY) key--;
    if (key > lo && text[key - 1] == '%') key = sign - key > 2 ? key + 2 : sign;
    return key_rule(scan, key, sign);
}

/* Whether an escape at a place parts parameters or ends a string: %26, %3B, %3D, %22, %27 before no letter, and these
 * encoded twice. */
static bool notation_parts(const cf_scan *scan, uint32_t at) {
    uint8_t first = cf_at(scan, at + 1), second = cf_at(scan, at + 2);
    if (first == '2' && second == '5') {
        first = cf_at(scan, at + 3);
        second = cf_at(scan, at + 4);
    } else if (first == '2' && second == '7') {
        return !cf_is_alpha(cf_at(scan, at + 3));
    }
    return (first == '2' && (second == '6' || second == '2')) || (first == '3' && (cf_lower(second) == 'b' || cf_lower(second) == 'd'));
}

/* key%3Dvalue, key%253Dvalue: up to 1024 bytes and encoded bytes; `at` is behind the sign. */
static void notation_encoded(cf_scan *scan, uint32_t sign, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t start = at;
    if (sign < scan->taken[CF_N_ENCODED]) return;
    const cf_key_rule *rule = notation_before_encoded(scan, sign);
    if (!rule) return;
    for (unsigned count = 0; count < 1024 && at < scan->size; count++) {
        if (text[at] == '%') {
            if (address_hex(cf_at(scan, at + 1)) < 0 || address_hex(cf_at(scan, at + 2)) < 0 || notation_parts(scan, at)) break;
            at += 3;
        } else if (cf_key_bytes[text[at]] & CF_IN_VALUE) {
            at++;
        } else {
            break;
        }
    }
    if (at > start) keyed_value(scan, CF_N_ENCODED, rule, (cf_value){start, at, false});
}

/* Whether a quote is &amp;quot;, %2522 or \x22, by its first byte and its size. */
static bool notation_encoded_twice(uint8_t first, uint32_t size) { return size == 10 || size == 4 || (size == 5 && first == '%'); }

/* Whether a quote at a place closes what another opened: one that is encoded twice is closed by its like only. */
static bool notation_encoded_closes(const cf_scan *scan, uint32_t at, uint32_t open) {
    uint32_t size = notation_encoded_quote(scan, at), like = notation_encoded_quote(scan, open);
    if (!size) return false;
    if (notation_encoded_twice(scan->text[open], like)) return size == like && scan->text[at] == scan->text[open];
    return !notation_encoded_twice(scan->text[at], size);
}

/* A value in encoded quotes; false when none stands there. */
static bool notation_encoded_value(const cf_scan *scan, uint32_t at, cf_value *value) {
    const uint8_t *text = scan->text;
    uint32_t open = at, start = at += notation_encoded_quote(scan, at);
    for (unsigned count = 0; count < 1024 && at < scan->size && !notation_encoded_closes(scan, at, open); count++, at++) {
        uint8_t c = text[at];
        if (c == '"' || c == '<' || c == '>' || (cf_is_space(c) && (c != ' ' || cf_at(scan, at + 1) == ' '))) return false;
    }
    *value = (cf_value){start, at, true};
    return at > start && notation_encoded_closes(scan, at, open);
}

/* key%3D%22value%22; the quote stands at `at`. */
static void notation_encoded_sign(cf_scan *scan, uint32_t sign, uint32_t at) {
    cf_value value;
    if (sign < scan->taken[CF_N_ENCODED_SIGN]) return;
    const cf_key_rule *rule = notation_before_encoded(scan, sign);
    if (rule && notation_encoded_value(scan, at, &value)) keyed_value(scan, CF_N_ENCODED_SIGN, rule, value);
}

/* key=&quot;value&quot;, key == &quot;value&quot;, key != %22value%22; the quote stands at a place. */
static void notation_encoded_assigned(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t sign = at;
    cf_value value;
    while (sign && at - sign < 4 && (text[sign - 1] == ' ' || text[sign - 1] == '\t')) sign--;
    if (!sign || text[--sign] != '=') return;
    if (cf_at(scan, (int64_t)sign - 1) == '=') sign -= 1 + (cf_at(scan, (int64_t)sign - 2) == '=' || cf_at(scan, (int64_t)sign - 2) == '!');
    else if (cf_at(scan, (int64_t)sign - 1) == '!') sign--;
    if (sign < scan->taken[CF_N_ENCODED_SIGN]) return;
    if (notation_may_follow(scan, sign) && notation_encoded_value(scan, at, &value)) notation_judge(scan, CF_N_ENCODED_SIGN, sign, value);
}

/* Behind a colon that may be encoded, or 0. */
static uint32_t notation_encoded_colon(const cf_scan *scan, uint32_t at) {
    if (cf_stands(scan, at, "%25", 3)) return cf_at(scan, at + 3) == '3' && cf_lower(cf_at(scan, at + 4)) == 'a' ? at + 5 : 0;
    if (cf_at(scan, at) == '%') return cf_at(scan, at + 1) == '3' && cf_lower(cf_at(scan, at + 2)) == 'a' ? at + 3 : 0;
    for (unsigned i = 0; i < 2 && cf_at(scan, at) == ' '; i++) at++;
    return cf_at(scan, at) == ':' ? at + 1 : 0;
}

/* &quot;key&quot;: &quot;value&quot;, %22key%22%3A12; the key begins behind its quote. */
static void notation_encoded_key(cf_scan *scan, uint32_t at, uint32_t key) {
    uint32_t end = key, sign;
    cf_value value;
    uint8_t c = cf_at(scan, key);
    if (at < scan->taken[CF_HEAD_ENCODED_KEY] || (!cf_is_alpha(c) && c != '_')) return;
    while (end - key < 64 && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '.' || cf_at(scan, end) == '-')) end++;
    sign = notation_encoded_quote(scan, end) ? notation_encoded_colon(scan, end + notation_encoded_quote(scan, end)) : 0;
    if (!sign) return;
    scan->taken[CF_HEAD_ENCODED_KEY] = end;
    if (at < scan->taken[CF_N_ENCODED_KEY]) return;
    const cf_key_rule *rule = key_rule(scan, key, end);
    if (!rule) return;
    c = cf_at(scan, sign);
    uint32_t from = c == ' ' || c == '+' ? sign + 1 : cf_stands(scan, sign, "%20", 3) ? sign + 3 : sign;
    if (notation_encoded_quote(scan, from)) {
        if (notation_encoded_value(scan, from, &value)) keyed_value(scan, CF_N_ENCODED_KEY, rule, value);
    } else if (cf_is_digit(cf_at(scan, from)) && value_number(scan, from, ".", &value)) {
        keyed_value(scan, CF_N_ENCODED_KEY, rule, value);
    }
}

/* What an encoded quote at a place may open. */
static void notation_encoded_open(cf_scan *scan, uint32_t at) {
    uint32_t size = notation_encoded_quote(scan, at);
    if (!size) return;
    notation_encoded_assigned(scan, at);
    notation_encoded_key(scan, at, at + size);
}

/* cn:: TWFyeSBNYWpvcg== (LDIF): the first colon stands at a place. */
static void notation_base64(cf_scan *scan, uint32_t at) {
    uint32_t start = at + 3, end = start, marks = 0;
    if (at < scan->taken[CF_N_BASE64]) return;
    while (end - start < 4096 && keyed_sextet(cf_at(scan, end)) >= 0) end++;
    if (end - start < 4) return;
    while (marks < 2 && cf_at(scan, end) == '=') end++, marks++;
    uint8_t next = cf_at(scan, end);
    if (end < scan->size && next != '\r' && next != '\n') return;
    notation_judge(scan, CF_N_BASE64, at, (cf_value){start, end, true});
}
