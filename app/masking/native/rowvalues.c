/* One value of a row of SQL: a text, also with its sort, a word without quotes, a call with its first text, or what is reckoned
 * (insertions.py of the reference). */
#include "keys.h"

#include <string.h>

/* O\'Hara: a quote within a string, as MySQL writes it; 'C:\' is a folder. */
static bool sql_escapes(const cf_scan *scan, uint32_t at) {
    return scan->text[at - 1] == '\\' && (cf_is_alnum(scan->text[at + 1]) || scan->text[at + 1] >= 0x80);
}

/* The end of a string in SQL, where two quotes are one, or -1 when it has none; `lines`: it may hold line ends. A
 * string that does not end takes its last double quote for the end. */
static int64_t sql_string(const cf_scan *scan, uint32_t at, uint32_t end, bool lines) {
    int64_t pair = -1;
    const uint32_t from = at;
    for (; at < end; at++) {
        if (!lines && value_line_ends(scan, at)) break;
        if (scan->text[at] != '\'') continue;
        if (at + 1 >= end || scan->text[at + 1] != '\'') {
            if (lines && at > from && at + 1 < end && sql_escapes(scan, at)) continue;
            return at;
        }
        pair = at++;
    }
    return pair;
}

static inline bool sql_line(uint8_t c) { return c == '\r' || c == '\n'; }

/* Behind one byte or one string at a place that stands in brackets; the place itself: neither does. */
static uint32_t sql_within(const cf_scan *scan, uint32_t at, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t from = at + 1, stop = from;
    if (at >= end || text[at] == '(' || text[at] == ')' || sql_line(text[at])) return at;
    if (text[at] != '\'') return at + 1;
    while (stop < end && stop - from < 129 && text[stop] != '\'' && !sql_line(text[stop])) stop++;
    return stop < end && stop - from < 129 && text[stop] == '\'' ? stop + 1 : at;
}

/* Behind a bracket that opens at a place, what is in it, and where it closes; 0: it does not. `deep`: another may stand in it. */
static uint32_t sql_round(const cf_scan *scan, uint32_t at, uint32_t end, bool deep) {
    const unsigned most = deep ? 128 : 64;
    if (at >= end || scan->text[at++] != '(') return 0;
    for (unsigned items = 0; items < most; items++) {
        uint32_t next = sql_within(scan, at, end);
        if (next == at && deep && at < end && scan->text[at] == '(') next = sql_round(scan, at, end, false);
        if (next <= at) break;
        at = next;
    }
    return at < end && scan->text[at] == ')' ? at + 1 : 0;
}

/* As sql_round, of square ones. */
static uint32_t sql_square(const cf_scan *scan, uint32_t at, uint32_t end) {
    if (at >= end || scan->text[at++] != '[') return 0;
    for (unsigned items = 0; items < 128 && at < end && scan->text[at] != '[' && scan->text[at] != ']'; items++) {
        uint32_t next = scan->text[at] == '(' || scan->text[at] == ')' ? at + 1 : sql_within(scan, at, end);
        if (next == at) break;
        at = next;
    }
    return at < end && scan->text[at] == ']' ? at + 1 : 0;
}

/* Behind the bracket of a call whose name begins at a place; 0: none does. */
static uint32_t sql_named(const cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t at = start;
    if (at >= end || !cf_is_word(text[at]) || cf_is_digit(text[at])) return 0;
    while (at < end && at - start < 64 && (cf_is_word(text[at]) || text[at] == '.')) at++;
    return at < end && text[at] == '(' ? at + 1 : 0;
}

/* Behind the text that a call is given first, if it is given one. */
static uint32_t sql_first(const cf_scan *scan, uint32_t at, uint32_t end, cf_value *value) {
    uint32_t from = at;
    if (at + 1 < end && scan->text[at + 1] == '\'' && ((scan->text[at] | 32) == 'n' || (scan->text[at] | 32) == 'e')) from++;
    uint32_t stop = from < end && scan->text[from] == '\'' ? sql_within(scan, from, end) : from;
    if (stop == from) return at;
    *value = (cf_value){from + 1, stop - 1, true};
    return stop;
}

/* TO_DATE('1971-03-19', 'YYYY-MM-DD'), UPPER(TRIM('Mary')): behind a call, with its first text; 0: there is none. */
static uint32_t sql_call(const cf_scan *scan, uint32_t start, uint32_t end, cf_value *value) {
    uint32_t outer = sql_named(scan, start, end), at = outer, inner = outer ? sql_named(scan, outer, end) : 0;
    if (!outer) return 0;
    *value = (cf_value){outer, outer, true};
    if (inner) {
        at = sql_first(scan, inner, end, value);
        for (unsigned items = 0; items < 64; items++) {
            uint32_t next = sql_within(scan, at, end);
            if (next == at) break;
            at = next;
        }
        inner = at < end && scan->text[at] == ')' ? at + 1 : 0;
        if (!inner) *value = (cf_value){outer, outer, true};
    }
    at = inner ? inner : sql_first(scan, outer, end, value);
    for (unsigned items = 0; items < 128; items++) {
        uint32_t next = sql_within(scan, at, end);
        if (next == at && at < end && scan->text[at] == '(') next = sql_round(scan, at, end, false);
        if (next <= at) break;
        at = next;
    }
    return at < end && scan->text[at] == ')' ? at + 1 : 0;
}

/* Behind what is reckoned, and no value: now() - interval '1 day', ARRAY['a', 'b'], (SELECT max(id) FROM t). */
static uint32_t sql_reckoned(const cf_scan *scan, uint32_t at, uint32_t end) {
    const uint8_t *text = scan->text;
    for (unsigned items = 0; items < 256 && at < end && text[at] != ',' && text[at] != ')'; items++) {
        uint32_t next = text[at] == '(' ? sql_round(scan, at, end, true) : text[at] == '[' ? sql_square(scan, at, end) : sql_within(scan, at, end);
        if (next <= at) break;
        at = next;
    }
    return at;
}

/* How many bytes a quote has that XML escapes, and that stands at a place; 0: there is none. */
static uint32_t sql_escaped(const cf_scan *scan, uint32_t at) {
    if (cf_at(scan, at) != '&') return 0;
    return cf_stands(scan, at, "&#x27;", 6) || cf_stands(scan, at, "&apos;", 6) ? 6 : cf_stands(scan, at, "&#39;", 5) ? 5 : 0;
}

/* A value between quotes that XML escapes, where two are one, and where they end; 0: they do not. */
static uint32_t sql_in_escaped(const cf_scan *scan, uint32_t from, uint32_t end, cf_value *value) {
    uint32_t at = from;
    for (unsigned items = 0; at < end && !value_line_ends(scan, at); items++) {
        uint32_t size = sql_escaped(scan, at), second = size ? sql_escaped(scan, at + size) : 0;
        if (size && !second) {
            *value = (cf_value){from, at, true};
            return at + size <= end ? at + size : 0;
        }
        if (items == 1024) return 0;
        at += size ? size + second : 1;
    }
    return 0;
}

static inline bool sql_letter(uint8_t c) { return cf_is_alpha(c) || c >= 0x80; }

static inline bool sql_bare_byte(uint8_t c) { return !cf_is_space(c) && !memchr(",()'", c, 4); }

/* Behind a value without quotes, as frameworks write what they sent: up to eight words with one blank between them. */
static uint32_t sql_bare(const cf_scan *scan, uint32_t at, uint32_t end) {
    const uint8_t *text = scan->text;
    for (unsigned words = 0; words < 8; words++) {
        for (unsigned quotes = 0, start = at; at < end; at++) {
            if (sql_bare_byte(text[at])) continue;
            bool within = text[at] == '\'' && at > start && at + 1 < end && sql_letter(text[at - 1]) && sql_letter(text[at + 1]);
            if (!within || quotes++ == 2) break; /* O'Hara */
        }
        if (at + 1 >= end || text[at] != ' ' || !sql_bare_byte(text[at + 1]) || words == 7) break;
        at++;
    }
    return at;
}

/* Where the quote stands that opens a string, also behind its sort: N'…', _utf8mb4'…', DATE '…'; `end`: none does. */
static uint32_t sql_opens(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of sorts[] = {TEXT("date "), TEXT("time "), TEXT("timestamp "), TEXT("datetime "), {NULL, 0}};
    const uint8_t *text = scan->text;
    uint32_t at = start;
    if (text[at] == '\'') return at;
    if (at + 1 < end && text[at + 1] == '\'' && memchr("nebx", text[at] | 32, 4) && cf_is_alpha(text[at])) return at + 1;
    if (text[at] == '_') {
        while (++at < end && at - start < 16 && cf_is_word(text[at])) continue;
        if (at - start < 2) return end;
        at += at < end && text[at] == ' ';
        return at < end && text[at] == '\'' ? at : end;
    }
    for (const text_word_of *sort = sorts; sort->text; sort++)
        if (end - at > sort->size && text[at + sort->size] == '\'' && cf_stands_folded(scan, at, sort->text, sort->size)) return at + sort->size;
    return end;
}

/* Behind what says the sort of a string: 'Mary'::character varying(40), 'Mary' COLLATE de_DE. */
static uint32_t sql_cast(const cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    const bool cast = cf_stands(scan, start, "::", 2), collates = !cast && cf_at(scan, start) == ' ' && cf_stands_folded(scan, start + 1, "collate ", 8);
    uint32_t at = start + (cast ? 2 : 9), from = at, digits;
    if ((!cast && !collates) || at >= end) return start;
    while (at < end && at - from < 40 && (cf_is_word(text[at]) || text[at] == '.' || (cast && (text[at] == ' ' || text[at] == '"')))) at++;
    if (at == from) return start;
    if (!cast) return at;
    if (at < end && text[at] == '(') {
        for (digits = at + 1; digits < end && digits - at < 10 && (cf_is_digit(text[digits]) || text[digits] == ',' || text[digits] == ' ');) digits++;
        if (digits > at + 1 && digits < end && text[digits] == ')') at = digits + 1;
    }
    return at + 1 < end && text[at] == '[' && text[at + 1] == ']' ? at + 2 : at;
}

/* Whether a value ends at a place, and behind what ends it. */
static bool sql_ends(const cf_scan *scan, uint32_t *at, uint32_t end) {
    for (unsigned i = 0; i < 8 && *at < end && cf_is_space(scan->text[*at]); i++) ++*at;
    if (*at == end) return true;
    return scan->text[*at] == ',' || scan->text[*at] == ')' ? ++*at, true : false;
}

static bool sql_closes(const cf_scan *scan, uint32_t at, uint32_t end) { return sql_ends(scan, &at, end); }

/* A value between the quotes of MySQL, or those in a text of JSON: "Mary", \"Mary\"; behind it, or 0. */
static uint32_t sql_in_double(const cf_scan *scan, uint32_t start, uint32_t end, cf_value *value) {
    const uint8_t *text = scan->text;
    const bool escaped = text[start] == '\\';
    uint32_t at = start + 1 + escaped, from = at;
    if (escaped && (start + 1 >= end || text[start + 1] != '"')) return 0;
    for (; at < end && text[at] != '"' && !sql_line(text[at]); at++) {
        if (text[at] != '\\') continue;
        if (escaped || at + 1 >= end || sql_line(text[at + 1])) break;
        at++;
    }
    *value = (cf_value){from, at, true};
    if (!escaped) return at < end && text[at] == '"' ? at + 1 : 0;
    return at + 1 < end && text[at] == '\\' && text[at + 1] == '"' ? at + 2 : 0;
}

/* A value between two quotes, in a text of SQL: ''Mary''; behind it, or 0. */
static uint32_t sql_in_two(const cf_scan *scan, uint32_t start, uint32_t end, cf_value *value) {
    const uint8_t *text = scan->text;
    uint32_t at = start + 2, from = at;
    if (at >= end || text[start] != '\'' || text[start + 1] != '\'') return 0;
    while (at < end && at - from < 256 && !memchr("',()\r\n", text[at], 6)) at++;
    *value = (cf_value){from, at, true};
    return at > from && at + 1 < end && text[at] == '\'' && text[at + 1] == '\'' ? at + 2 : 0;
}

/* What stands at a place as a value, and behind it; 0: nothing that is understood. */
static uint32_t sql_read(const cf_scan *scan, uint32_t start, uint32_t end, cf_value *value) {
    uint32_t escaped = sql_escaped(scan, start), opens, stop;
    if (escaped) return sql_in_escaped(scan, start + escaped, end, value);
    opens = sql_opens(scan, start, end);
    if (opens < end) {
        int64_t closed = sql_string(scan, opens + 1, end, true);
        stop = closed < 0 ? 0 : sql_cast(scan, (uint32_t)closed + 1, end);
        *value = (cf_value){opens + 1, closed < 0 ? end : (uint32_t)closed, true};
        if (stop && sql_closes(scan, stop, end)) return stop;
        if (scan->text[start] != '_') return sql_in_two(scan, start, end, value);
    }
    if (scan->text[start] == '"' || scan->text[start] == '\\') {
        stop = sql_in_double(scan, start, end, value);
        if (stop && sql_closes(scan, stop, end)) return stop;
    }
    stop = sql_bare(scan, start, end);
    if (stop == start) return 0;
    *value = (cf_value){start, stop, false};
    return stop < end && scan->text[stop] == '(' ? sql_call(scan, start, end, value) : stop;
}

/* One value of a row and what ends it; false when there is none. What is reckoned is an empty one. */
static bool sql_value(const cf_scan *scan, uint32_t *at, uint32_t end, cf_value *value) {
    uint32_t start = *at, stop;
    for (unsigned i = 0; i < 8 && start < end && cf_is_space(scan->text[start]); i++) start++;
    if (start >= end) return false;
    stop = sql_read(scan, start, end, value);
    if (!stop || !sql_ends(scan, &stop, end)) {
        stop = sql_reckoned(scan, start, end);
        *value = (cf_value){start, start, true};
        if (stop == start || !sql_ends(scan, &stop, end)) return false;
    }
    *at = stop;
    return true;
}
