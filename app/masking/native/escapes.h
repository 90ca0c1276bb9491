/* White space that a text holds as an escape, `Account Name:\t\tmohara\r\n\tDomain:` of an event of Windows in JSON
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
        for (key--; key > least && start - key <= ESCAPE_KEY && (cf_is_word(text[key - 1]) || text[key - 1] == '.' || text[key - 1] == '-');) key--;
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

/* Where a value without quotes ends: before white space that an escape says, and another one or `key=` behind it; not
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
        bool blank = escape_letter(cf_at(scan, letter)), ends = blank && escape_behind(scan, letter + 1);
        for (key = letter + 1; blank && !ends && key - letter <= ESCAPE_KEY; key++) {
            uint8_t c = cf_at(scan, key);
            if (!cf_is_alpha(c) && c != '_' && c != '.' && c != '-') break;
        }
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
