/* Names among the values that are bound to a statement (bound.py). */
#include "shapes.h"

#include <string.h>

enum { BOUND_WORDS = 4, BOUND_LETTERS = 40, BOUND_LONGEST = 256 };

/* Where a word of a name ends that begins at a place, or 0. `quoted`: the last quote in it that may end the name instead. */
static uint32_t bound_part(const cf_scan *scan, uint32_t start, uint32_t *quoted) {
    uint32_t at = start + 1, letters = 0;
    if (!spoken_capital(cf_at(scan, start))) return 0;
    for (; letters < BOUND_LETTERS; letters++, at++) {
        uint8_t c = cf_at(scan, at);
        if (c == '\'' && letters) *quoted = at;
        if (!spoken_letter(c) && ((c != '\'' && c != '.' && c != '-') || !spoken_letter(cf_at(scan, (int64_t)at + 1)))) break;
    }
    return letters ? at : 0;
}

/* Words that are states and sorts, and one alone nobody's name: @p2=N'Open'. */
static bool bound_state(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char *const words[] = {
        "open", "closed", "pending", "active", "inactive", "new", "resolved", "completed", "cancelled", "scheduled", "processing",
        "queued", "failed", "success", "gold", "silver", "platinum", "bronze", "premium", "standard", "basic", "business", "inbound",
        "outbound", "internal", "consult", "voice", "email", "chat", "callback", "video", "high", "low", "medium", "normal",
        "urgent", "male", "female", "environment", "default", "production", "primary", "backup", "german", "english", "french",
        "spanish", "italian", "dutch", "unknown", "ready", "notready", "enabled", "disabled", "answered", "abandoned", "transferred",
        "retention", "billing", "support", "sales", "service"};
    for (unsigned i = 0; i < COUNT(words); i++)
        if (end - start == strlen(words[i]) && cf_stands_folded(scan, start, words[i], end - start)) return true;
    return false;
}

/* Finds the telephone number that begins at a place and ends before a mark; what counts is not bound as text. */
static bool bound_number(cf_scan *scan, uint32_t start, const char *mark) {
    const uint8_t *text = scan->text;
    uint32_t digits = 0;
    while (digits < 18 && cf_is_digit(cf_at(scan, start + digits))) digits++;
    if (digits < 10 || !cf_stands(scan, start + digits, mark, (uint32_t)strlen(mark))) return false;
    bool american = text[start] == '1' && digits == 11 && text[start + 1] > '1' && text[start + 4] > '1';
    if (digits == 10 && text[start] > '1') {
        bool date = text[start] == '2' && text[start + 1] == '0' && text[start + 4] < '2'; /* 2024031208: an hour */
        if (text[start + 3] < '2' || date) return false;
    } else if (digits > 11 && cf_stands(scan, start, "9011", 4) && text[start + 4] != '0') { /* an outside line */
        if (digits > 17) return false;
    } else if (text[start] != '0'       ? (text[start] == '1' && !american) || digits < 11 || digits > 13
               : text[start + 1] == '0' ? text[start + 2] == '0' || digits > 16
                                        : digits > 13)
        return false;
    cf_shape(scan, start, start + digits, CF_BY_PHONE, cf_shape_kind(scan->rules, CF_BY_PHONE), CF_R_PHONE, CF_LEARN);
    return true;
}

/* Whether every word of a name has a small letter. */
static bool bound_small(const cf_scan *scan, uint32_t start, uint32_t end) {
    bool small = false;
    for (uint32_t at = start; at < end; at++) {
        uint8_t c = scan->text[at];
        if (c == ' ' && !small) return false;
        small = c != ' ' && (small || c >= 0x80 || (uint8_t)(c - 'a') < 26);
    }
    return small;
}

/* Finds the name that begins at a place and ends before a mark; a quote in it may be the mark (`'Mary'\xA0`). */
static void bound_name(cf_scan *scan, uint32_t start, const char *mark) {
    uint32_t at = start, end = 0, quoted = 0;
    if (bound_number(scan, start, mark)) return;
    for (unsigned word = 0; word < BOUND_WORDS && !end; word++) {
        at = bound_part(scan, spoken_particles(scan, at), &quoted);
        if (!at) break;
        if (cf_stands(scan, at, mark, (uint32_t)strlen(mark))) end = at;
        else if (cf_at(scan, at++) != ' ') break;
    }
    if (!end && *mark == '\'') end = quoted;
    if (end && bound_small(scan, start, end) && !bound_state(scan, start, end)) spoken_found(scan, start, end);
}

/* Finds the name of a party of a call that begins at a place: two words at least, and no queue. */
static void bound_party(cf_scan *scan, uint32_t start) {
    uint32_t at = start, quoted = 0;
    for (unsigned word = 0; word < BOUND_WORDS; word++) {
        at = bound_part(scan, spoken_particles(scan, at), &quoted);
        if (!at) return;
        uint8_t c = cf_at(scan, at);
        if (word && (at == scan->size || c == ',' || c == '\r' || c == '\n')) {
            if (bound_small(scan, start, at) && !name_nobody(scan, start, at)) spoken_found(scan, start, at);
            return;
        }
        if (c != ' ') return;
        at++;
    }
}

/* The duplicate key value is (Mary Major, 4930901820417). The word `duplicate` ends at a place; the first three. */
static void bound_duplicate(cf_scan *scan, uint32_t end) {
    uint32_t at = end + 15, stop;
    cf_looks(scan);
    if (!cf_stands(scan, end, " key value is (", 15)) return;
    for (unsigned place = 0; place < 3; place++, at = stop + 2) {
        for (stop = at; stop < scan->size && stop - at <= 64 && !memchr("(),\r\n", scan->text[stop], 5);) stop++;
        bool more = cf_stands(scan, stop, ", ", 2);
        if (more || cf_at(scan, stop) == ')') bound_name(scan, at, more ? ", " : ")");
        if (!more || stop - at > 64) return;
    }
}

/* $1 = 'Mary Major', @p0=N'…', :1='…': the word behind the mark ends at a place. */
static void bound_signed(cf_scan *scan, uint32_t at) {
    at += cf_at(scan, at) == ' ';
    if (cf_at(scan, at++) != '=') return;
    cf_looks(scan);
    at += cf_at(scan, at) == ' ';
    at += (cf_at(scan, at) | 32) == 'n';
    if (cf_at(scan, at) == '\'') bound_name(scan, at + 1, "'");
}

/* as [VARCHAR] - [Mary Major], (1:VARCHAR) <- [Mary Major]: the type is [start, end). */
static void bound_typed(cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (end - start > 20 || !cf_ends(scan, end, "CHAR", 4)) return;
    for (uint32_t at = start; at < end; at++)
        if ((uint8_t)(scan->text[at] - 'A') >= 26) return;
    cf_looks(scan);
    if ((before == '[' && cf_stands(scan, end, "] - [", 5)) || (before == ':' && cf_stands(scan, end, ") <- [", 6)))
        bound_name(scan, end + (before == '[' ? 5 : 6), "]");
}

/* ==> Parameters: Mary Major(String), …: String begins at a place behind a bracket. */
static void bound_cast(cf_scan *scan, uint32_t start) {
    uint32_t end = start - 1, at = end;
    cf_looks(scan);
    while (at && end - at < BOUND_LONGEST && scan->text[at - 1] != ',' && scan->text[at - 1] != ':' && scan->text[at - 1] != '\n') at--;
    if (!at || at == end || scan->text[at] != ' ') return;
    if (scan->text[at - 1] == ',' || cf_ends(scan, at, "Parameters:", 11)) bound_name(scan, at + 1, "(String)");
}

/* ConsumerRecord(…, key = 390660739889, value = …): the word `key` is [start, end). */
static void bound_key(cf_scan *scan, uint32_t start, uint32_t end) {
    cf_looks(scan);
    if (cf_ends(scan, start, ", ", 2) && cf_stands(scan, end, " = ", 3)) bound_number(scan, end + 3, ", value = ");
}
