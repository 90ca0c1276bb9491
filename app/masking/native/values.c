/* Reads values: how far one reaches behind its sign, in quotes, without, or up to the next tag.
 *
 * A value may be long, and many heads may stand in front of one end. What was found out of a long stretch is kept in
 * cf_scan.known, so that no stretch is read again and again. */
#include "keys.h"
#include "shapes.h"
#include "sixteen.h"

#include <string.h>

enum { VALUE_LONG = 64, VALUE_LONGEST_BARE = 2048, VALUE_LONGEST_TEXT = 4096 };

typedef bool (*value_predicate)(const cf_scan *scan, uint32_t at);

/* The first place from `at` on where a predicate of places holds, or `end`. */
static inline uint32_t value_next(cf_scan *scan, unsigned slot, uint32_t at, uint32_t end, value_predicate holds) {
    cf_known *known = &scan->known[slot];
    uint32_t from = at;
    if (known->from <= at && at < known->to) {
        from = known->from;
        at = known->to;
        if (at >= end) return end;
    }
    while (at < end && !holds(scan, at)) at++;
    if (at - from >= VALUE_LONG) *known = (cf_known){from, at};
    return at;
}

static inline bool value_line_ends(const cf_scan *scan, uint32_t at) {
    return scan->text[at] == '\n' || scan->text[at] == '\r';
}
static inline bool value_text_ends(const cf_scan *scan, uint32_t at) {
    return scan->text[at] == '<' || value_line_ends(scan, at);
}
static inline bool value_cdata_ends(const cf_scan *scan, uint32_t at) {
    return scan->text[at] == ']' || value_line_ends(scan, at);
}
static inline bool value_bare_ends(const cf_scan *scan, uint32_t at) {
    uint8_t c = scan->text[at];
    if (cf_key_bytes[c] & CF_IN_VALUE) return false;
    return c != '\'' || !at || !(cf_key_bytes[scan->text[at - 1]] & cf_key_bytes[cf_at(scan, at + 1)] & CF_LETTER);
}

static inline bool value_escapes(const cf_scan *scan, uint32_t at) {
    return at + 1 < scan->size && !value_line_ends(scan, at + 1);
}

static inline uint32_t value_end(const cf_scan *scan, uint32_t at, uint32_t most) {
    return scan->size - at < most ? scan->size : at + most;
}

/* Where a value in single quotes ends that begins at a place; quotes before letters belong to it. */
static uint32_t value_single(cf_scan *scan, uint32_t start) {
    cf_known *known = &scan->known[CF_KNOWN_SINGLE];
    const uint8_t *text = scan->text;
    uint32_t at = start;
    if (known->from <= at && at < known->to) return known->to;
    while (at < scan->size) {
        if (scan->size - at >= 16) {
            uint32_t marks = sixteen_of(text + at, '\'', '\\', '\n', '\r');
            at += marks ? (uint32_t)__builtin_ctz(marks) : 16;
            if (!marks) continue;
        }
        uint8_t c = text[at];
        if (c == '\'') {
            if (cf_is_word(cf_at(scan, at + 1))) at++;
            else if (cf_at(scan, at + 1) == '\'' && cf_is_word(cf_at(scan, at + 2))) at += 2;
            else break;
        } else if (c == '\\') {
            if (!value_escapes(scan, at)) break;
            at += 2;
        } else if (c == '\n' || c == '\r') {
            break;
        } else {
            at++;
        }
    }
    if (at - start >= VALUE_LONG) *known = (cf_known){start, at};
    return at;
}

/* Where a value in double quotes ends before `end`. */
static uint32_t value_double_until(const cf_scan *scan, uint32_t at, uint32_t end) {
    const uint8_t *text = scan->text;
    while (at < end) {
        if (end - at >= 16) {
            uint32_t marks = sixteen_of(text + at, '"', '\\', '\n', '\r');
            at += marks ? (uint32_t)__builtin_ctz(marks) : 16;
            if (!marks) continue;
        }
        if (text[at] == '"' || value_line_ends(scan, at)) break;
        if (text[at] != '\\') {
            at++;
        } else {
            if (at + 1 >= end || !value_escapes(scan, at)) break;
            at += 2;
        }
    }
    return at;
}

static uint32_t value_double(cf_scan *scan, uint32_t start) {
    cf_known *known = &scan->known[CF_KNOWN_DOUBLE];
    if (known->from <= start && start < known->to) return known->to;
    uint32_t end = value_double_until(scan, start, scan->size);
    if (end - start >= VALUE_LONG) *known = (cf_known){start, end};
    return end;
}

static inline bool value_quote(uint8_t c) { return c == '\'' || c == '"'; }

/* A value that begins with a quote. */
static cf_value value_quoted(cf_scan *scan, uint32_t at) {
    bool single = scan->text[at] == '\'';
    return (cf_value){at + 1, single ? value_single(scan, at + 1) : value_double(scan, at + 1), true};
}

static uint32_t value_digits(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t start = at;
    while (at - start < most && cf_is_digit(cf_at(scan, at))) at++;
    return at;
}

/* "(0)30 1234": digits in brackets and four to twenty digits and separators. */
static uint32_t value_bracketed(const cf_scan *scan, uint32_t start) {
    uint32_t at = value_digits(scan, start + 1, 5), more;
    if (at == start + 1 || cf_at(scan, at) != ')') return start;
    for (more = ++at; more - at < 20; more++) {
        uint8_t c = cf_at(scan, more);
        if (!cf_is_digit(c) && c != ' ' && c != '-' && c != '.' && c != '/') break;
    }
    return more - at < 4 ? start : more;
}

static bool value_bare(cf_scan *scan, uint32_t at, cf_value *value) {
    if (at >= scan->size) return false;
    uint32_t end = scan->text[at] == '('
                       ? value_bracketed(scan, at)
                       : value_next(scan, CF_KNOWN_BARE, at, value_end(scan, at, VALUE_LONGEST_BARE), value_bare_ends);
    at = escape_opened(scan, at, &end);
    end = escape_value_end(scan, at, escape_field(scan, at, end));
    *value = (cf_value){at, end, false};
    return end > at;
}

static bool value_plain(cf_scan *scan, uint32_t at, cf_value *value) {
    if (!value_quote(cf_at(scan, at))) return value_bare(scan, at, value);
    *value = value_quoted(scan, at);
    return true;
}

/* The letter of a character set or of escapes: N'…', E'…'. */
static inline bool value_letter(uint8_t c) { return (c | 32) == 'n' || (c | 32) == 'e'; }

/* A word of SQL that says what a text is: DATE '1971-03-19'. */
static bool value_of_time(const cf_scan *scan, uint32_t at, uint32_t end) {
    return (end - at == 4 && (cf_stands_folded(scan, at, "date", 4) || cf_stands_folded(scan, at, "time", 4))) ||
           (end - at == 9 && cf_stands_folded(scan, at, "timestamp", 9));
}

/* A value that may stand in a function, or with what says its sort: UPPER('…', N'…', DATE '…'. */
static bool value_wrapped(cf_scan *scan, uint32_t at, cf_value *value) {
    uint32_t end = at;
    uint8_t c = cf_at(scan, at);
    if (cf_is_alpha(c) || c == '_') {
        while (end - at < 16 && (cf_is_alpha(cf_at(scan, end)) || cf_at(scan, end) == '_')) end++;
        uint8_t behind = cf_at(scan, end), next = cf_at(scan, (int64_t)end + 1);
        if (behind == '(' && value_quote(next)) at = end + 1;
        else if (behind == '(' && value_letter(next) && value_quote(cf_at(scan, (int64_t)end + 2))) at = end + 2;
        else if (value_letter(c) || (c | 32) == 'b' || (c | 32) == 'u') at += value_quote(cf_at(scan, at + 1));
        else if (behind == ' ' && value_quote(next) && value_of_time(scan, at, end)) at = end + 1;
    } else if (c == '<' && cf_at(scan, at + 1) == '<' && value_quote(cf_at(scan, at + 2))) { /* key = <<"value">> of Erlang */
        at += 2;
    }
    return value_plain(scan, at, value);
}

static inline uint32_t value_skip_blanks(const cf_scan *scan, uint32_t at, uint32_t most) {
    while (most-- && (cf_at(scan, at) == ' ' || cf_at(scan, at) == '\t')) at++;
    return at;
}

static inline uint32_t value_skip_spaces(const cf_scan *scan, uint32_t at, uint32_t most) {
    while (most-- && cf_is_space(cf_at(scan, at))) at++;
    return at;
}

/* Behind the type that a value may have: STR: '…'; its beginning when it has none. */
static uint32_t value_behind_type(const cf_scan *scan, uint32_t at) {
    static const char *const types[] = {"STRING", "STR", "INTEGER", "INT", "LONG", "FLOAT", "NUMBER", "VARIABLE", "DATE",
                                        "TIME", "LIST", "KVLIST"};
    uint32_t end = at;
    if (cf_at(scan, at) == 's' && cf_stands(scan, at, "string(", 7)) { /* string(5) "Marie" of PHP */
        end = value_digits(scan, at + 7, 9);
        return end > at + 7 && cf_stands(scan, end, ") \"", 3) ? end + 2 : at;
    }
    while (end - at < 9 && (uint8_t)(cf_at(scan, end) - 'A') < 26) end++;
    if (end - at < 3 || cf_at(scan, end) != ':') return at;
    for (unsigned i = 0; i < sizeof types / sizeof *types; i++)
        if (strlen(types[i]) == end - at && cf_stands(scan, at, types[i], end - at))
            return value_skip_blanks(scan, end + 1, 4);
    return at;
}

/* A value behind its sign. */
static bool value_assigned(cf_scan *scan, uint32_t at, cf_value *value) {
    at = value_behind_type(scan, at);
    value->quoted = true;
    return typographic_value(scan, at, &value->start, &value->end) || value_wrapped(scan, at, value);
}

/* Digits and what `more` names behind them: numbers without quotes in lists and JSON. */
static bool value_number(const cf_scan *scan, uint32_t at, const char *more, cf_value *value) {
    uint32_t start = at;
    at += cf_at(scan, at) == '-';
    if (!cf_is_digit(cf_at(scan, at))) return false;
    uint32_t digits = ++at;
    while (at - digits < 40) {
        uint8_t c = cf_at(scan, at);
        if (!cf_is_digit(c) && (!c || !strchr(more, c))) break;
        at++;
    }
    *value = (cf_value){start, at, false};
    return true;
}

/* Text up to the next tag or line end. */
static bool value_text(cf_scan *scan, uint32_t at, cf_value *value) {
    if (at >= scan->size) return false;
    *value = (cf_value){at, value_next(scan, CF_KNOWN_TEXT, at, value_end(scan, at, VALUE_LONGEST_TEXT), value_text_ends), true};
    return value->end > at;
}
