/* Values that databases tell when one is there already: the keys stand in brackets, or in the name of a constraint
 * (constraints.py of the reference). */
#include "keys.h"
#include "shapes.h"

#include <string.h>

enum { CONSTRAINT_KEY = 64, CONSTRAINT_KEYS = 8, CONSTRAINT_VALUES = 512, CONSTRAINT_NAME = 128,
       CONSTRAINT_BEFORE = 320, CONSTRAINT_ENTRY = 256, CONSTRAINT_TOLD = 64 };

/* Where the bracket opens whose list of keys ends at a place, and how many keys there are; 0: no list of keys is there. */
static uint32_t constraint_keys(const cf_scan *scan, uint32_t end, uint32_t *keys) {
    uint32_t at = end, from = end;
    for (*keys = 1; at; at--) {
        uint8_t c = scan->text[at - 1];
        if (c == ')' || c == '\r' || c == '\n') return 0;
        if (c != '(' && c != ',') continue;
        if (from == at || from - at > CONSTRAINT_KEY) return 0;
        if (c == '(') return *keys > 1 ? at : 0;
        if (++*keys > CONSTRAINT_KEYS) return 0;
        from = at - 1;
    }
    return 0;
}

static inline bool constraint_mark(uint8_t c) { return c == ' ' || c == '"' || c == '`'; }

/* Where a value ends before `end`: at a comma and a blank. */
static uint32_t constraint_value(const cf_scan *scan, uint32_t at, uint32_t end) {
    while (at < end && !(scan->text[at] == ',' && at + 1 < end && scan->text[at + 1] == ' ')) at++;
    return at;
}

/* `Key (email, last_name)=(m@example.com, Major)`: the sign stands between two brackets. Whether they hold as many keys as values. */
static bool constraint_group(cf_scan *scan, uint32_t sign) {
    const uint8_t *text = scan->text;
    const cf_key_rule *rules[CONSTRAINT_KEYS];
    bool names[CONSTRAINT_KEYS], person = false;
    uint32_t keys, values = 0, start = sign + 2, end = start, at = constraint_keys(scan, sign - 1, &keys);
    if (!at) return false;
    while (end < scan->size && end - start <= CONSTRAINT_VALUES && !memchr("()\r\n", text[end], 4)) end++;
    if (end == start || end - start > CONSTRAINT_VALUES || cf_at(scan, end) != ')') return false;
    for (uint32_t from = start; from <= end; values++) from = constraint_value(scan, from, end) + 2;
    if (values != keys) return false;
    for (uint32_t key = 0; key < keys; key++) {
        uint32_t stop = at;
        while (text[stop] != ',' && text[stop] != ')') stop++;
        uint32_t from = at, to = stop;
        while (from < to && constraint_mark(text[from])) from++;
        while (to > from && constraint_mark(text[to - 1])) to--;
        rules[key] = from < to ? key_rule(scan, from, to) : NULL;
        names[key] = to - from == 4 && cf_stands_folded(scan, from, "name", 4);
        person = person || rules[key];
        at = stop + 1;
    }
    for (uint32_t key = 0, from = start; key < keys; key++) {
        uint32_t stop = constraint_value(scan, from, end);
        const cf_key_rule *rule = rules[key];
        if (!rule && person && (names[key] ? keyed_lettered(scan, from, stop) : keyed_full_name(scan, from, stop)))
            rule = key_known(scan, (const uint8_t *)"contact_name", 12);
        if (rule && stop > from) keyed_judge(scan, rule, (cf_value){from, stop, true});
        from = stop + 2;
    }
    return true;
}

static inline bool constraint_name_byte(uint8_t c) { return cf_is_word(c) || c == '.' || c == '$' || c == '-'; }

/* Where the name of a constraint ends that begins at a place, before its quote; 0: none does. */
static uint32_t constraint_name(const cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    while (at - start <= CONSTRAINT_NAME && constraint_name_byte(cf_at(scan, at))) at++;
    return at > start && at - start <= CONSTRAINT_NAME && cf_at(scan, at) == '\'' ? at : 0;
}

/* A value by the name of a constraint [start, end): uk_email, t.contacts_phone_unique. */
static void constraint_judge(cf_scan *scan, uint32_t start, uint32_t end, cf_value value) {
    static const char *const heads[] = {"uk_", "uq_", "ux_", "idx_", "ix_", "ak_", "unique_"};
    static const char *const tails[] = {"_unique", "_uniq", "_uk", "_uq", "_idx", "_index", "_key", "_ak"};
    for (uint32_t dot = end; dot > start; dot--)
        if (scan->text[dot - 1] == '.') start = dot;
    for (unsigned i = 0; i < sizeof heads / sizeof *heads; i++) {
        uint32_t size = (uint32_t)strlen(heads[i]);
        if (end - start < size || !cf_stands_folded(scan, start, heads[i], size)) continue;
        start += size;
        break;
    }
    for (unsigned i = 0; i < sizeof tails / sizeof *tails; i++) {
        uint32_t size = (uint32_t)strlen(tails[i]);
        if (end - start < size || !cf_stands_folded(scan, (int64_t)end - size, tails[i], size)) continue;
        end -= size;
        break;
    }
    const cf_key_rule *rule = start < end ? key_rule(scan, start, end) : NULL;
    if (rule) keyed_judge(scan, rule, value);
}

/* Duplicate entry 'mohara' for key 'uk_login': the word ends at a place. */
static void constraint_entry(cf_scan *scan, uint32_t end) {
    uint32_t value = end + 8, stop = value, key;
    if (!cf_stands(scan, end, " entry '", 8)) return;
    while (stop < scan->size && stop - value <= CONSTRAINT_ENTRY && !memchr("'\r\n", scan->text[stop], 3)) stop++;
    if (stop == value || stop - value > CONSTRAINT_ENTRY || !cf_stands(scan, stop, "' for key '", 11)) return;
    key = constraint_name(scan, stop + 11);
    if (key) constraint_judge(scan, stop + 11, key, (cf_value){value, stop, true});
}

/* constraint 'UQ_Agent_Login'. … The duplicate key value is (mohara). The word is [start, end). */
static void constraint_told(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t value = end + 15, stop = value, least = start > CONSTRAINT_BEFORE ? start - CONSTRAINT_BEFORE : 0, from = 0, to = 0;
    if (!cf_stands(scan, end, " key value is (", 15)) return;
    while (stop < scan->size && stop - value <= CONSTRAINT_TOLD && !memchr("(),\r\n", text[stop], 5)) stop++;
    if (stop == value || stop - value > CONSTRAINT_TOLD || cf_at(scan, stop) != ')') return;
    for (uint32_t at = start; at > least; at--)
        if (text[at - 1] == '\n') least = at;
    for (uint32_t at = least; at < start; at++) {
        if (text[at] != '\'') continue;
        bool told = (at >= least + 11 && cf_ends(scan, at, "constraint ", 11)) || (at >= least + 6 && cf_ends(scan, at, "index ", 6));
        uint32_t name = told ? constraint_name(scan, at + 1) : 0;
        if (!name || name >= start) continue;
        from = at + 1;
        to = name;
        at = name;
    }
    if (to) constraint_judge(scan, from, to, (cf_value){value, stop, true});
}

/* Where the text opens that a quote at a place ends, of 1 to 256 bytes; 0: none does. */
static uint32_t constraint_text(const cf_scan *scan, uint32_t end) {
    uint32_t at = end;
    while (at && end - at <= CONSTRAINT_ENTRY && !memchr("'\r\n", scan->text[at - 1], 3)) at--;
    return at && at < end && end - at <= CONSTRAINT_ENTRY && scan->text[at - 1] == '\'' ? at : 0;
}

/* A value before the name of its column, which begins at a place; the quote behind the value is at `end`. */
static void constraint_named(cf_scan *scan, uint32_t key, uint32_t end) {
    uint32_t start = constraint_text(scan, end), stop = key;
    if (!start || cf_is_digit(cf_at(scan, key)) || !cf_is_word(cf_at(scan, key))) return;
    while (stop - key < CONSTRAINT_NAME && (cf_is_word(cf_at(scan, stop)) || (cf_at(scan, stop) && strchr(".`-", cf_at(scan, stop))))) stop++;
    for (uint32_t dot = stop; dot > key; dot--)
        if (scan->text[dot - 1] == '.') key = dot;
    while (key < stop && scan->text[key] == '`') key++;
    while (stop > key && scan->text[stop - 1] == '`') stop--;
    constraint_judge(scan, key, stop, (cf_value){start, end, true});
}

/* SELECT 'Major' AS last_name: the word stands at a place. */
static void constraint_alias(cf_scan *scan, uint32_t start) {
    if (!cf_stands(scan, start, "AS ", 3) && !cf_stands(scan, start, "as ", 3)) return;
    cf_looks(scan);
    if (!cf_ends(scan, start, "' ", 2)) return;
    uint8_t mark = cf_at(scan, start + 3);
    constraint_named(scan, start + 3 + (mark == '"' || mark == '`' || mark == '['), start - 2);
}

/* Incorrect string value: 'Major' for column 'last_name'; column 'LastName'. Truncated value: 'Major'. The word stands at a place. */
static void constraint_column(cf_scan *scan, uint32_t start) {
    uint8_t mark = cf_at(scan, start + 7);
    uint32_t value, stop;
    if (cf_at(scan, start + 6) != ' ' || (mark != '\'' && mark != '`')) return;
    cf_looks(scan);
    if (cf_ends(scan, start, "' for ", 6)) constraint_named(scan, start + 8, start - 6);
    uint32_t key = start + 8, name = mark == '\'' ? constraint_name(scan, key) : 0;
    if (!name || !cf_stands(scan, name, "'. Truncated value: '", 21)) return;
    for (value = stop = name + 21; stop < scan->size && stop - value <= CONSTRAINT_ENTRY && !memchr("'\r\n", scan->text[stop], 3);) stop++;
    if (stop > value && stop - value <= CONSTRAINT_ENTRY && cf_at(scan, stop) == '\'') constraint_judge(scan, key, name, (cf_value){value, stop, true});
}

/* The word `duplicate` may be [start, end). */
static void constraint_word(cf_scan *scan, uint32_t start, uint32_t end) {
    if (memcmp(scan->text + start + 1, "uplicate", 8) != 0) return;
    cf_looks(scan);
    if (scan->text[start] == 'D') constraint_entry(scan, end);
    else constraint_told(scan, start, end);
}
