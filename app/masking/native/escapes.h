/* White space and marks that a text holds as escapes, `Account Name:\t\tmohara\r\n\tDomain:` of an event of Windows in JSON
 * (escapes.py of the reference). */
#ifndef CASEFERRY_ESCAPES_H
#define CASEFERRY_ESCAPES_H

#include "core.h"

#include <string.h>

enum { ESCAPE_MARKS = 8, ESCAPE_SEEN = 256, ESCAPE_KEY = 32, ESCAPE_BLANKS = 8 };

static inline bool escape_letter(uint8_t c) { return c == 'n' || c == 'r' || c == 't'; }

/* Whether the letter at a place is that of an escape. */
static inline bool escape_at(const cf_scan *scan, uint32_t at) {
    return at && scan->text[at - 1] == '\\' && escape_letter(cf_at(scan, at));
}

/* Behind the backslashes and the letter of an escape at a place, or 0. */
static inline uint32_t escape_behind(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end - at <= ESCAPE_MARKS && cf_at(scan, end) == '\\') end++;
    return end > at && end - at <= ESCAPE_MARKS && escape_letter(cf_at(scan, end)) ? end + 1 : 0;
}

/* Behind the tabs at a place, each as an escape; the place itself where none stands. */
static inline uint32_t escape_tabs(const cf_scan *scan, uint32_t at) {
    for (unsigned tabs = 0; tabs < ESCAPE_BLANKS; tabs++) {
        uint32_t end = escape_behind(scan, at);
        if (!end || scan->text[end - 1] != 't') break;
        at = end;
    }
    return at;
}

/* Whether two hex digits are a mark that stands around values: white space, a quote, a bracket, a comma; no sign of a number. */
static inline bool escape_mark_digits(uint8_t high, uint8_t low) {
    if (high == '2') return low == '0' || (low >= '6' && low <= '9') || low == '2' || (low | 32) == 'c';
    low = cf_lower(low);
    if (high == '0' || high == '1') return cf_is_digit(low) || (low >= 'a' && low <= 'f');
    if (high == '3') return low >= 'a' && low <= 'e';
    return (high == '5' || high == '7') && (low == 'b' || low == 'd');
}

/* How many letters and digits of \x22 or \u0022 stand at a place, or 0. */
static inline uint32_t escape_letters(const cf_scan *scan, uint32_t at) {
    uint8_t c = cf_at(scan, at);
    if ((c != 'x' && c != 'u') || !at || scan->text[at - 1] != '\\') return 0;
    uint32_t digits = at + 1;
    if (c == 'u') {
        if (cf_at(scan, digits) != '0' || cf_at(scan, digits + 1) != '0') return 0;
        digits += 2;
    }
    return escape_mark_digits(cf_at(scan, digits), cf_at(scan, digits + 1)) ? digits + 2 - at : 0;
}

/* Whether an escape ends at a place: behind it no word goes on. */
static inline bool escape_ended(const cf_scan *scan, uint32_t at) {
    if (at > 1 && escape_at(scan, at - 1)) return true;
    return (at > 3 && scan->text[at - 3] == 'x' && escape_letters(scan, at - 3) == 3) ||
           (at > 5 && scan->text[at - 5] == 'u' && escape_letters(scan, at - 5) == 5);
}

/* Whether one ends there that is no part of a folder or of a log-in: C:\temp\new.example.com, CORP\nora. */
static inline bool escape_before_name(const cf_scan *scan, uint32_t at) {
    if (at < 2 || !escape_at(scan, at - 1)) return escape_ended(scan, at);
    if (at < 3) return false;
    uint8_t before = scan->text[at - 3];
    return (!cf_is_word(before) && before != '\\' && before != '>') || /* a token may have been a word */
           (at > 3 && escape_at(scan, at - 3));
}

/* What stands behind the letters of an escape with which the word [start, end) begins is a word of its own: \n4930901820417 */
static inline void escape_word(cf_scan *scan, uint32_t start, uint32_t end, void (*each)(cf_scan *, uint32_t, uint32_t, unsigned)) {
    uint32_t letters = escape_letter(cf_at(scan, start)) ? 1 : escape_letters(scan, start);
    unsigned classes = 0;
    if (!letters || end - start <= letters) return;
    for (uint32_t at = start += letters; at < end; at++) classes |= cf_class[scan->text[at]];
    each(scan, start, end, classes);
}

/* Where an escaped quote begins that ends at a place, not before `least`; the place itself: none does. */
static inline uint32_t escape_quote(const cf_scan *scan, uint32_t least, uint32_t end) {
    if (end >= least + 4 && memcmp(scan->text + end - 4, "\\x22", 4) == 0) return end - 4;
    if (end >= least + 6 && memcmp(scan->text + end - 6, "\\u0022", 6) == 0) return end - 6;
    if (end < least + 2 || scan->text[end - 1] != '"' || scan->text[end - 2] != '\\') return end;
    uint32_t quote = end--;
    while (end > least && quote - end <= ESCAPE_MARKS && scan->text[end - 1] == '\\') end--;
    return end;
}

/* Where what stands before an escaped quote ends, and before that of its key: {\"version\":\"8.1.102.45. */
static inline uint32_t escape_quoted(const cf_scan *scan, uint32_t least, uint32_t at) {
    uint32_t quote = escape_quote(scan, least, at), sign = quote, key;
    if (at >= least + 6 && memcmp(scan->text + at - 6, "\\u003", 5) == 0 && (scan->text[at - 1] | 32) == 'd') { /* version\u003d8.1.102.45 */
        for (key = at - 6; key > least && at - 6 - key < ESCAPE_MARKS - 1 && scan->text[key - 1] == '\\';) key--;
        return key;
    }
    if (quote == at) return at;
    while (sign > least && quote - sign < 2 && (scan->text[sign - 1] == ' ' || scan->text[sign - 1] == '\t')) sign--;
    if (sign == least || (scan->text[sign - 1] != ':' && scan->text[sign - 1] != '=')) return quote;
    for (key = --sign; key > least && sign - key < 2 && (scan->text[key - 1] == ' ' || scan->text[key - 1] == '\t');) key--;
    sign = escape_quote(scan, least, key);
    return sign < key ? sign : quote;
}

/* Where what stands before escaped white space ends, not before `least`. */
static inline uint32_t escape_head(const cf_scan *scan, uint32_t least, uint32_t end) {
    for (unsigned blanks = 0; blanks < ESCAPE_BLANKS && end >= least + 2 && escape_at(scan, end - 1); blanks++) {
        uint32_t letter = --end;
        while (end > least && letter - end < ESCAPE_MARKS && scan->text[end - 1] == '\\') end--;
    }
    return end;
}

/* Whether the key before a value stands behind what parts fields of LEEF, or the line begins as one of LEEF does. */
static inline bool escape_of_fields(const cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    uint32_t least = start > ESCAPE_SEEN ? start - ESCAPE_SEEN : 0, key = start;
    if (key > least && text[key - 1] == '=') {
        for (key--;
             key > least && start - key <= ESCAPE_KEY && (cf_is_word(text[key - 1]) || text[key - 1] == '.' || text[key - 1] == '-');)
            key--;
        if (start - key > 1 && cf_is_alpha(text[key]) && key > least && text[key - 1] == '^') return true;
    }
    for (uint32_t at = start; at > least && text[at - 1] != '\n'; at--)
        if (text[at - 1] == 'L' && start - at >= 4 && memcmp(text + at, "EEF:", 4) == 0) return true;
    return false;
}

/* The first sign before `most` that parts fields of LEEF, usrName=mohara^src=10.1.2.3; `most`: there is none. */
static inline uint32_t escape_mark(const cf_scan *scan, uint32_t start, uint32_t most) {
    const uint8_t *text = scan->text;
    for (uint32_t at = start; at < most; at++) {
        const uint8_t *mark = memchr(text + at, '^', most - at);
        if (!mark) break;
        at = (uint32_t)(mark - text);
        uint32_t key = at + 1;
        if (!cf_is_alpha(cf_at(scan, key))) continue;
        for (key++; key - at <= ESCAPE_KEY && cf_is_word(cf_at(scan, key));) key++;
        if (key - at > 2 && cf_at(scan, key) == '=') return at;
    }
    return most;
}

/* Where a value without quotes ends: as a field of LEEF; userName=mohara^ext=7 alone may be one value, and ^x=7 a password. */
static inline uint32_t escape_field(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t most = end - start < ESCAPE_SEEN ? end : start + ESCAPE_SEEN, at = start < most ? escape_mark(scan, start + 1, most) : most;
    if (at == most) return end;
    return escape_mark(scan, at + 1, most) < most || escape_of_fields(scan, start) ? at : end;
}

/* Whether a label stands behind the letter of an escape: user: mohara\nLast state: … */
static inline bool escape_label(const cf_scan *scan, uint32_t at) {
    uint32_t word = at + 2;
    if ((uint8_t)(cf_at(scan, at) - 'A') >= 26 || (uint8_t)(cf_at(scan, at + 1) - 'a') >= 26) return false;
    while (word - at < 33 && (cf_is_alpha(cf_at(scan, word)) || cf_at(scan, word) == '_' || cf_at(scan, word) == '-')) word++;
    if (word - at > 32) return false;
    for (unsigned more = 0; more < 2 && cf_at(scan, word) == ' '; more++) {
        for (at = ++word; word - at < 21 && cf_is_alpha(cf_at(scan, word));) word++;
        if (word == at || word - at > 20) return false;
    }
    return cf_at(scan, word) == ':' && cf_at(scan, word + 1) == ' ';
}

/* Whether the sign between parameters stands at a place as JSON may hold it, and a key behind it: u0026phone= */
static inline bool escape_parameter(const cf_scan *scan, uint32_t at) {
    uint32_t key = at + 5, end = key + 1;
    if (!cf_stands(scan, at, "u0026", 5) || (!cf_is_alpha(cf_at(scan, key)) && cf_at(scan, key) != '_')) return false;
    while (end - key < 42 && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '.' || cf_at(scan, end) == '-')) end++;
    return end - key < 42 && (cf_at(scan, end) == '=' || (cf_stands(scan, end, "\\u003", 5) && cf_lower(cf_at(scan, end + 5)) == 'd'));
}

/* Where a value without quotes begins, before whose end `*end` an escaped quote may open it: key=\x22value\x22 */
static inline uint32_t escape_opened(const cf_scan *scan, uint32_t start, uint32_t *end) {
    uint32_t size = cf_stands(scan, start, "\\x22", 4) ? 4 : cf_stands(scan, start, "\\u0022", 6) ? 6 : 0, at = start + size;
    if (!size || at >= *end) return size ? *end : start;
    for (uint32_t most = *end; at + size <= most; at++) {
        const uint8_t *mark = memchr(scan->text + at, '\\', most - at);
        if (!mark) break;
        at = (uint32_t)(mark - scan->text);
        if (at + size > most || memcmp(mark, scan->text + start, size) != 0) continue;
        *end = at;
        break;
    }
    return start + size;
}

/* Where a value without quotes ends: before white space that an escape says, and another one, `key=` or a label behind it; not
 * `user=corp\tom: denied`. */
static inline uint32_t escape_value_end(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    cf_known *known = &scan->unescaped;
    uint32_t most = end - start < ESCAPE_SEEN ? end : start + ESCAPE_SEEN, at = start, first = start;
    if (start && known->from <= start && start < known->to && text[start - 1] != '\\') {
        first = known->from;
        at = known->to;
    }
    while (at < most) {
        const uint8_t *mark = memchr(text + at, '\\', most - at);
        if (!mark) {
            at = most;
            break;
        }
        uint32_t run = (uint32_t)(mark - text), from = run, letter = run, key;
        while (cf_at(scan, letter) == '\\') letter++;
        if (letter - run > ESCAPE_MARKS) from = letter - ESCAPE_MARKS;
        at = run;
        if (from >= most) break;
        uint8_t behind = cf_at(scan, letter + 1);
        bool blank = escape_letter(cf_at(scan, letter)),
             ends = blank && (behind == ' ' || behind == '"' || escape_behind(scan, letter + 1));
        for (key = letter + 1; blank && !ends && key - letter <= ESCAPE_KEY; key++) {
            uint8_t c = cf_at(scan, key);
            if (!cf_is_alpha(c) && c != '_' && c != '.' && c != '-') break;
        }
        ends = ends || (blank ? escape_label(scan, letter + 1) : escape_parameter(scan, letter));
        if (ends || (blank && key - letter > 2 && key - letter <= ESCAPE_KEY + 1 && cf_at(scan, key) == '=')) {
            end = from;
            break;
        }
        at = letter;
    }
    *known = (cf_known){first, at};
    return end;
}

#endif
