/* Keys and values in the phrases of programs: fields with a name and a value, calls, members of objects, and words before
 * quotes and brackets (notations.py of the reference). */
#include "keys.h"

#include <string.h>

enum { PHRASE_KEY = 64, PHRASE_AROUND = 512, PHRASE_ESCAPED = 1024 };

static void joint_turned(cf_scan *scan, uint32_t sign, uint32_t word, uint32_t end); /* joints.c */
static void joint_setter(cf_scan *scan, uint32_t start, uint32_t end);
static void joint_dissected(cf_scan *scan, uint32_t end);
static void list_strings(cf_scan *scan, unsigned notation, const cf_key_rule *rule, uint32_t at); /* lists.c */

static inline bool phrase_key_byte(uint8_t c) { return cf_class[c] & CF_WORD || c == '.' || c == '-'; }

/* Where a key ends that begins at a place, or 0. */
static uint32_t phrase_key(const cf_scan *scan, uint32_t start, bool under) {
    uint32_t end = start;
    uint8_t c = cf_at(scan, start);
    if (!(cf_key_bytes[c] & CF_LETTER) && !(under && c == '_')) return 0;
    while (end - start <= PHRASE_KEY && phrase_key_byte(cf_at(scan, end))) end++;
    return end - start <= PHRASE_KEY ? end : 0;
}

/* Behind the sign of < or > as JSON escapes it (\u003c, \\u003c), or as HTML does (&lt;); 0: it does not stand there. */
static uint32_t phrase_angle(const cf_scan *scan, uint32_t at, const char *entity, uint8_t last) {
    if (cf_at(scan, at) == '&') {
        if (cf_stands(scan, at, entity, 4)) return at + 4;
        return cf_stands(scan, at, "&amp;", 5) && cf_stands(scan, at + 5, entity + 1, 3) ? at + 8 : 0; /* escaped twice */
    }
    if (cf_at(scan, at++) != '\\') return 0;
    at += cf_at(scan, at) == '\\';
    return cf_stands(scan, at, "u003", 4) && cf_lower(cf_at(scan, at + 4)) == last ? at + 5 : 0;
}

/* &lt;key attributes&gt;value, \u003ckey\u003evalue */
static void phrase_element(cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    uint32_t key = phrase_angle(scan, start, "&lt;", 'c'), end = key, at;
    if (!key || start < scan->taken[CF_HEAD_ESCAPED_TAG]) return;
    while (end - key < 20 && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '-')) end++;
    if (end > key && cf_at(scan, end) == ':') key = end + 1;
    end = phrase_key(scan, key, false);
    uint8_t c = cf_at(scan, end);
    if (!end || end - key < 2 || (c != '&' && c != '\\' && !cf_is_space(c))) return;
    scan->taken[CF_HEAD_ESCAPED_TAG] = end;
    if (start < scan->taken[CF_N_ESCAPED_TAG]) return;
    const cf_key_rule *rule = key_rule(scan, key, end);
    if (!rule) return;
    if (c == '\n') cf_crosses(scan);
    if (cf_is_space(c))
        for (at = ++end; end < scan->size && end - at < 128 && text[end] != '>' && text[end] != '&' && text[end] != '\\' &&
                         !value_text_ends(scan, end);)
            end++;
    at = end = phrase_angle(scan, end, "&gt;", 'e');
    while (end && end < scan->size && end - at < PHRASE_ESCAPED && text[end] != '&' && text[end] != '\\' && !value_text_ends(scan, end))
        end++;
    if (end > at) keyed_value(scan, CF_N_ESCAPED_TAG, rule, (cf_value){at, end, true});
}

/* ------ name=key, value=… */

static inline uint32_t phrase_quote(const cf_scan *scan, uint32_t at) { return at + value_quote(cf_at(scan, at)); }

/* Behind what parts two fields: up to two blanks, a comma, semicolon, bar or blank, up to four blanks; or 0. */
static uint32_t phrase_parted(const cf_scan *scan, uint32_t at) {
    uint32_t end = at, mark = at, marks = 0, blank = 0;
    for (; end - at < 8; end++) {
        uint8_t c = cf_at(scan, end);
        if (c == ',' || c == ';' || c == '|') mark = end, marks++;
        else if (c == ' ') blank = end - at <= 2 ? end + 1 : blank;
        else if (c != '\t') break;
    }
    if (marks > 1 || (!marks && !blank)) return 0;
    if (!marks) mark = blank - 1;
    return mark - at <= 2 && end - mark - 1 <= 4 ? end : 0;
}

/* Behind the sign of a field whose word ends at a place, or 0. */
static uint32_t phrase_sign(const cf_scan *scan, uint32_t at) {
    at = value_skip_blanks(scan, phrase_quote(scan, at), 2);
    return cf_at(scan, at) == '=' || cf_at(scan, at) == ':' ? at + 1 : 0;
}

static bool audit_changes_schema(const cf_scan *scan, uint32_t start, uint32_t end, uint32_t value); /* audited.c */

/* The field of the value itself: value="…", textValue: …, val=… */
static bool phrase_value(cf_scan *scan, uint32_t at, cf_value *value) {
    static const char *const names[] = {"val", "text", "content", "VALUE"};
    uint32_t start = phrase_quote(scan, at), end = start;
    while (end - start < 22 && cf_is_word(cf_at(scan, end))) end++;
    uint32_t size = end - start;
    bool named = size <= 21 && (cf_ends(scan, end, "value", 5) || cf_ends(scan, end, "Value", 5)) && size >= 5;
    for (unsigned i = 0; i < 4; i++) named = named || (size == strlen(names[i]) && cf_stands(scan, start, names[i], size));
    at = named ? phrase_sign(scan, end) : 0;
    if (at && audit_changes_schema(scan, start, end, value_skip_blanks(scan, at, 2))) return false;
    return at && value_plain(scan, value_skip_blanks(scan, at, 2), value);
}

/* The value behind up to `fields` other fields. */
static bool phrase_behind(cf_scan *scan, uint32_t at, unsigned fields, cf_value *value) {
    uint32_t start = phrase_quote(scan, at), end = start, sign;
    while (end - start < 33 && cf_is_word(cf_at(scan, end))) end++;
    sign = fields && end > start && end - start <= 32 ? phrase_sign(scan, end) : 0;
    for (uint32_t blanks = sign ? value_skip_blanks(scan, sign, 2) - sign + 1 : 0; blanks--;) {
        uint32_t from = phrase_quote(scan, sign + blanks), stop = from;
        while (stop - from < 65 && (cf_is_word(cf_at(scan, stop)) || cf_at(scan, stop) == '.' || cf_at(scan, stop) == '-')) stop++;
        uint32_t next = stop - from > 64 ? 0 : phrase_parted(scan, phrase_quote(scan, stop));
        if (next && phrase_behind(scan, next, fields - 1, value)) return true;
    }
    return phrase_value(scan, at, value);
}

/* Four bytes in the order of a text, as a number. */
static inline uint32_t phrase_four(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
    return (uint32_t)a << 24 | (uint32_t)b << 16 | (uint32_t)c << 8 | d;
}

/* Last letters of words that name a field. */
enum { PHRASE_LAST = 1 << ('e' - 'a') | 1 << ('y' - 'a') | 1 << ('d' - 'a') | 1 << ('r' - 'a') | 1 << ('m' - 'a') | 1 << ('n' - 'a') };
static inline bool phrase_may_name(uint8_t last) {
    uint8_t letter = (uint8_t)((last | 32) - 'a');
    return letter < 26 && PHRASE_LAST >> letter & 1;
}

/* Whether a longer word that names a field ends at a place: its size, or 0. */
static uint32_t phrase_longer_name(const cf_scan *scan, uint32_t end, const char *word, uint32_t size) {
    return end >= size && cf_stands_folded(scan, (int64_t)end - size, word, size) ? size : 0;
}

/* The word that names a field and ends at a place: its size, or 0. */
static inline uint32_t phrase_field_name(const cf_scan *scan, uint32_t end) {
    const uint8_t *text = scan->text + end;
    if (end < 2 || !phrase_may_name(text[-1])) return 0;
    uint8_t third = end > 2 ? text[-3] | 32 : 0, fourth = end > 3 ? text[-4] | 32 : 0;
    uint32_t last = phrase_four(fourth, third, text[-2] | 32, text[-1] | 32);
    if ((last & 0xFFFF) == phrase_four(0, 0, 'i', 'd')) return 2;
    if ((last & 0xFFFFFF) == phrase_four(0, 'k', 'e', 'y')) return 3;
    switch (last) {
    case (uint32_t)'n' << 24 | 'a' << 16 | 'm' << 8 | 'e':
    case (uint32_t)'t' << 24 | 'y' << 16 | 'p' << 8 | 'e':
    case (uint32_t)'c' << 24 | 'o' << 16 | 'd' << 8 | 'e':
    case (uint32_t)'a' << 24 | 't' << 16 | 't' << 8 | 'r': return 4;
    case (uint32_t)'b' << 24 | 'u' << 16 | 't' << 8 | 'e': return phrase_longer_name(scan, end, "attribute", 9);
    case (uint32_t)'e' << 24 | 'r' << 16 | 't' << 8 | 'y': return phrase_longer_name(scan, end, "property", 8);
    case (uint32_t)'i' << 24 | 'e' << 16 | 'l' << 8 | 'd': return phrase_longer_name(scan, end, "field", 5);
    case (uint32_t)'e' << 24 | 't' << 16 | 'e' << 8 | 'r': return phrase_longer_name(scan, end, "parameter", 9);
    case (uint32_t)'a' << 24 | 'r' << 16 | 'a' << 8 | 'm': return phrase_longer_name(scan, end, "param", 5);
    case (uint32_t)'l' << 24 | 'u' << 16 | 'm' << 8 | 'n': return phrase_longer_name(scan, end, "column", 6);
    default: return 0;
    }
}

/* name=key value=…, "type": "key", "value": "…"; the first sign stands at a place. */
static void phrase_read_field(cf_scan *scan, uint32_t sign, uint32_t word) {
    uint32_t key, end, at;
    cf_value value;
    uint32_t size = phrase_field_name(scan, word), start = word - size;
    if (size == 3 || size == 4) joint_turned(scan, sign, start, word);
    if (!size || start < scan->taken[CF_HEAD_FIELD]) return;
    key = phrase_quote(scan, value_skip_blanks(scan, sign + 1, 2));
    end = phrase_key(scan, key, false);
    uint8_t c = cf_at(scan, end);
    if (!end || (!value_quote(c) && c != ' ' && c != ',' && c != ';' && c != '|')) return;
    scan->taken[CF_HEAD_FIELD] = end;
    if (start < scan->taken[CF_N_FIELD]) return;
    const cf_key_rule *rule = key_rule(scan, key, end);
    at = rule ? phrase_parted(scan, phrase_quote(scan, end)) : 0;
    if (at && phrase_behind(scan, at, 2, &value)) keyed_value(scan, CF_N_FIELD, rule, value);
}

static inline void phrase_field(cf_scan *scan, uint32_t sign) {
    uint32_t word = sign;
    while (word && sign - word < 2 && (scan->text[word - 1] == ' ' || scan->text[word - 1] == '\t')) word--;
    if (word && value_quote(scan->text[word - 1])) word--;
    if (word && phrase_may_name(scan->text[word - 1])) phrase_read_field(scan, sign, word);
}

/* ------ put("key", value) */

static inline bool phrase_ends_argument(uint8_t c) { return c && strchr(",;\"'()[]{}", c); }

/* put("key", "value"), setHeader(key, value); the bracket stands at a place. */
static void phrase_call(cf_scan *scan, uint32_t open) {
    static const char *const verbs[] = {"put", "set", "add", "append", "with", "attach", "update"};
    const uint8_t *text = scan->text;
    uint32_t start = open, at, end, key;
    bool named = false;
    while (start && open - start < 40 && cf_is_alpha(text[start - 1])) start--;
    for (unsigned i = 0; i < sizeof verbs / sizeof *verbs && !named; i++) {
        uint32_t size = (uint32_t)strlen(verbs[i]);
        named = open - start >= size && open - start - size <= 32 && memcmp(text + start, verbs[i], size) == 0;
    }
    if (!named || cf_is_word(cf_at(scan, (int64_t)start - 1))) return;
    cf_looks(scan);
    if (start < scan->taken[CF_N_CALL]) return;
    key = phrase_quote(scan, open + 1 + (cf_at(scan, open + 1) == ' '));
    end = phrase_key(scan, key, true);
    uint8_t c = cf_at(scan, end);
    if (!end || (!value_quote(c) && c != ' ' && c != ',')) return;
    const cf_key_rule *rule = key_rule(scan, key, end);
    if (!rule) return;
    at = phrase_quote(scan, end);
    at += cf_at(scan, at) == ' ';
    if (cf_at(scan, at++) != ',') return;
    at += cf_at(scan, at) == ' ';
    if (value_quote(cf_at(scan, at))) {
        keyed_value(scan, CF_N_CALL, rule, value_quoted(scan, at));
        return;
    }
    for (end = at; end < scan->size && end - at < 256 && !phrase_ends_argument(text[end]) && !value_line_ends(scan, end);) end++;
    end = escape_value_end(scan, at, escape_field(scan, at, end));
    if (end > at && !cf_is_space(text[at])) keyed_value(scan, CF_N_CALL, rule, (cf_value){at, end, false});
}

/* ------ "account": {"number": … */

/* "phone": {"$in": ["…", "…"]}, {phone: {$eq: '…'}}: the field that is asked for has the rule. The sign stands at a place
 * before a word that ends at `end`. */
static void phrase_operator(cf_scan *scan, uint32_t sign, uint32_t end) {
    static const char *const operators[] = {"eq", "ne", "in", "nin", "gt", "gte", "lt", "lte", "regex"};
    uint32_t start = sign + 1, inside, parent, least = sign > PHRASE_AROUND ? sign - PHRASE_AROUND : 0;
    bool known = false;
    cf_value value;
    for (unsigned i = 0; i < sizeof operators / sizeof *operators; i++)
        known = known || (end - start == strlen(operators[i]) && cf_stands(scan, start, operators[i], end - start));
    if (!known) return;
    cf_looks(scan);
    uint32_t at = value_skip_blanks(scan, end + (cf_at(scan, end) == '"'), 4);
    if (cf_at(scan, at) != ':' || sign < scan->taken[CF_N_OPERATOR]) return;
    int64_t outside = text_enclosing(scan, least, sign, &inside);
    if (outside <= (int64_t)least) return;
    for (parent = (uint32_t)outside; parent > least && cf_key_bytes[scan->text[parent - 1]] & CF_IN_KEY;) parent--;
    const cf_key_rule *rule = parent < (uint32_t)outside ? key_rule(scan, parent, (uint32_t)outside) : NULL;
    if (!rule) return;
    at = value_skip_blanks(scan, at + 1, 4);
    if (value_quote(cf_at(scan, at))) keyed_value(scan, CF_N_OPERATOR, rule, value_quoted(scan, at));
    else if (value_number(scan, at, ".eE+-", &value)) keyed_value(scan, CF_N_OPERATOR, rule, value);
    else if (cf_at(scan, at) == '[') list_strings(scan, CF_N_OPERATOR, rule, at + 1);
}

/* The rule of a key with that of the object it stands in. */
static const cf_key_rule *phrase_parent(cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t key[PHRASE_AROUND + 16];
    uint32_t least = start > PHRASE_AROUND ? start - PHRASE_AROUND : 0, inside, parent;
    int64_t outside = text_enclosing(scan, least, start, &inside);
    if (outside <= (int64_t)least) return NULL;
    for (parent = (uint32_t)outside; parent > least && cf_key_bytes[scan->text[parent - 1]] & CF_IN_KEY;) parent--;
    uint32_t size = (uint32_t)outside - parent;
    if (!size) return NULL;
    memcpy(key, scan->text + parent, size);
    key[size++] = '_';
    memcpy(key + size, scan->text + start, end - start);
    return key_known(scan, key, size + end - start);
}

/* A value of a member behind its key, which ends at a place; ids without quotes have 6 to 20 digits. */
static bool phrase_member_value(cf_scan *scan, uint32_t at, bool id, cf_value *value) {
    uint32_t quote = at, end;
    while (quote - at < 8 && cf_at(scan, quote) == '\\') quote++;
    if (value_quote(cf_at(scan, quote))) at = quote + 1;
    at = value_skip_blanks(scan, at, 4);
    if (cf_at(scan, at) != '=' && cf_at(scan, at) != ':') return false;
    at = value_skip_blanks(scan, at + 1, 4);
    for (quote = at; quote - at < 8 && cf_at(scan, quote) == '\\';) quote++;
    if (quote > at && cf_at(scan, quote) == '"') {
        for (end = ++quote; end < scan->size && end - quote < PHRASE_ESCAPED && scan->text[end] != '"' && scan->text[end] != '\\' &&
                            !value_line_ends(scan, end);)
            end++;
        *value = (cf_value){quote, end, true};
        if (end > quote) return true;
    }
    if (!id || value_quote(cf_at(scan, at))) return value_plain(scan, at, value);
    for (end = at; end - at < 4 && (uint8_t)(cf_at(scan, end) - 'A') < 26;) end++;
    uint32_t digits = end + (end > at && cf_at(scan, end) == '-');
    end = value_digits(scan, digits, 20);
    *value = (cf_value){at, end, false};
    return end - digits >= 6;
}

static inline bool phrase_is(const uint8_t *word, uint32_t size, const char *text, uint32_t length) {
    return size == length && memcmp(word, text, length) == 0;
}

/* Where blanks begin that end at a place. */
static uint32_t phrase_blanks(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (at && end - at < most && (scan->text[at - 1] == ' ' || scan->text[at - 1] == '\t')) at--;
    return at;
}

/* What kind of member a word is: 0 none, 1 of any value, 2 an id. */
static unsigned phrase_member_kind(const uint8_t *word, uint32_t size) {
    switch (*word) {
    case 'c': return phrase_is(word, size, "code", 4) ? 2 : 0;
    case 'd': return phrase_is(word, size, "date", 4) || phrase_is(word, size, "digits", 6);
    case 'e': return phrase_is(word, size, "e164", 4);
    case 'f': return phrase_is(word, size, "full", 4);
    case 'h': return phrase_is(word, size, "holder", 6);
    case 'i': return phrase_is(word, size, "id", 2) ? 2 : 0;
    case 'l': size -= size > 4 && cf_is_digit(word[size - 1]); return phrase_is(word, size, "line", 4) || phrase_is(word, size, "line_", 5);
    case 'n':
        return phrase_is(word, size, "number", 6) || phrase_is(word, size, "num", 3) || phrase_is(word, size, "no", 2) ||
               phrase_is(word, size, "nr", 2);
    case 'o': return phrase_is(word, size, "owner", 5);
    case 'p': return phrase_is(word, size, "place", 5);
    case 'r': return phrase_is(word, size, "ref", 3) ? 2 : 0;
    case 'v': return phrase_is(word, size, "value", 5);
    default: return 0;
    }
}

/* Sizes (bit by bit) of members by their first letter. */
static const uint16_t phrase_member_sizes[26] = {
    ['c' - 'a'] = 1 << 4, ['d' - 'a'] = 1 << 4 | 1 << 6, ['e' - 'a'] = 1 << 4,
    ['f' - 'a'] = 1 << 4, ['h' - 'a'] = 1 << 6, ['i' - 'a'] = 1 << 2,
    ['l' - 'a'] = 1 << 4 | 1 << 5 | 1 << 6, ['n' - 'a'] = 1 << 2 | 1 << 3 | 1 << 6, ['o' - 'a'] = 1 << 5, ['p' - 'a'] = 1 << 5,
    ['r' - 'a'] = 1 << 3, ['v' - 'a'] = 1 << 5};

/* "host": {"name": "…": the word `name` begins at a place, between double quotes. */
static void phrase_machine(cf_scan *scan, uint32_t start) {
    static const char *const machines[] = {"host", "server", "node", "machine", "computer", "workstation"};
    const uint8_t *text = scan->text;
    uint8_t key[24];
    cf_looks(scan);
    uint32_t at = phrase_blanks(scan, start - 1, 2), size;
    if (!at || text[at - 1] != '{') return;
    at = phrase_blanks(scan, at - 1, 2);
    if (!at || text[at - 1] != ':') return;
    at = phrase_blanks(scan, at - 1, 2);
    if (!at || text[at - 1] != '"') return;
    at--;
    for (unsigned i = 0; i < sizeof machines / sizeof *machines; i++) {
        size = (uint32_t)strlen(machines[i]);
        if (!cf_ends(scan, at, machines[i], size) || cf_is_alpha(cf_at(scan, (int64_t)at - size - 1))) continue;
        memcpy(key, machines[i], size);
        memcpy(key + size, "_name", 5);
        if (at - size < scan->taken[CF_N_PARENT]) return;
        const cf_key_rule *rule = key_known(scan, key, size + 5);
        at = value_skip_blanks(scan, start + 5, 2);
        if (!rule || cf_at(scan, at) != ':') return;
        at = value_skip_blanks(scan, at + 1, 2);
        if (cf_at(scan, at) == '"') keyed_value(scan, CF_N_PARENT, rule, value_quoted(scan, at));
        return;
    }
}

static void phrase_member(cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    uint8_t behind = cf_at(scan, end);
    cf_value value;
    if (behind != '"' && behind != '\'' && behind != '\\' && behind != ' ' && behind != '\t' && behind != ':' && behind != '=') return;
    unsigned kind = before == '.' || before == '-' ? 0 : phrase_member_kind(scan->text + start, end - start);
    unsigned notation = kind == 2 ? CF_N_PARENT_ID : CF_N_PARENT;
    if (!kind) return;
    cf_looks(scan);
    if (start < scan->taken[notation] || !phrase_member_value(scan, end, kind == 2, &value)) return;
    const cf_key_rule *rule = phrase_parent(scan, start, end);
    if (rule) keyed_value(scan, notation, rule, value);
}

/* ------ key 'value', key [value] */

static inline bool phrase_word_byte(uint8_t c) { return cf_is_alpha(c) || c == '_'; }

/* Where a word of letters and `_` begins that ends at a place and has 3 to 41 bytes; the place itself: none does. */
static uint32_t phrase_word(const cf_scan *scan, uint32_t end) {
    uint32_t start = end;
    while (start && end - start < 42 && phrase_word_byte(scan->text[start - 1])) start--;
    bool whole = end - start >= 3 && end - start < 42 && cf_is_alpha(scan->text[start]) && !cf_is_word(cf_at(scan, (int64_t)start - 1));
    return whole ? start : end;
}

/* Key "value": the key is one word or two; the blank behind it stands at a place. */
static void phrase_quoted(cf_scan *scan, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t start = phrase_word(scan, end), first = start - 1;
    if (start == end || !key_may_end(scan->rules, text, start, end, CF_NO_LETTER)) return;
    cf_looks(scan);
    if (start && text[first] == ' ') {
        while (first && start - 1 - first < 21 && cf_is_alpha(text[first - 1])) first--;
        uint8_t before = cf_at(scan, (int64_t)first - 1);
        bool word = start - 1 - first >= 2 && start - 1 - first <= 20 && !cf_is_word(before) && (!before || !strchr(".$'\"-", before));
        if (word) start = first;
    }
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if ((before && strchr(".$'\"-", before)) || start < scan->taken[CF_N_WORD_QUOTED]) return;
    const cf_key_rule *rule = key_rule(scan, start, end);
    if (!rule) return;
    cf_value value = value_quoted(scan, end + 1);
    if (cf_at(scan, value.end) == text[end + 1] && value.end < scan->size) keyed_value(scan, CF_N_WORD_QUOTED, rule, value);
}

/* key [value], and no sign behind the bracket. */
static void phrase_bracketed(cf_scan *scan, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t start = phrase_word(scan, end), at = end + 2, stop = at;
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (start == end || before == '.' || before == '$' || before == '-' || !key_rule(scan, start, end)) return;
    cf_looks(scan);
    while (stop < scan->size && stop - at < 129 && text[stop] != ']' && text[stop] != '[' && !value_line_ends(scan, stop)) stop++;
    if (stop == at || stop - at > 128 || cf_at(scan, stop) != ']') return;
    uint32_t sign = value_skip_blanks(scan, stop + 1, 2);
    if (cf_at(scan, sign) == '=' || cf_at(scan, sign) == ':' || start < scan->taken[CF_N_WORD_BRACKET]) return;
    const cf_key_rule *rule = key_rule(scan, start, end);
    if (!rule) return;
    if (value_quote(text[at])) {
        keyed_value(scan, CF_N_WORD_BRACKET, rule, value_quoted(scan, at));
        return;
    }
    for (uint32_t i = at; i < stop; i++)
        if (value_quote(text[i])) stop = i;
    keyed_value(scan, CF_N_WORD_BRACKET, rule, (cf_value){at, stop, false});
}

/* What stands behind a word that ends at a place. */
static inline void phrase_behind_word(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes) {
    uint8_t behind = cf_at(scan, end);
    if (behind == '(') {
        phrase_call(scan, end);
        if (scan->text[start] == 's') joint_setter(scan, start, end);
        if (cf_is_digit(cf_at(scan, end + 1))) joint_dissected(scan, end);
    } else if (behind == ' ' || behind == '\t') {
        uint8_t mark = cf_at(scan, end + 1);
        if (behind == ' ' ? value_quote(mark) : mark == '"') phrase_quoted(scan, end);
        else if (mark == '[' && behind == ' ') phrase_bracketed(scan, end);
    }
    if (!(classes & CF_LOWER)) return;
    for (uint32_t at = end, least = end - start > 8 ? end - 8 : start; classes & CF_HIGH && at > least; at--)
        if (scan->text[at - 1] >= 0x80) { /* what stands behind the last of other letters */
            start = at;
            break;
        }
    uint8_t letter = (uint8_t)(cf_at(scan, start) - 'a');
    if (letter == 'n' - 'a' && end - start == 4 && behind == '"' && cf_at(scan, (int64_t)start - 1) == '"' &&
        cf_stands(scan, start, "name", 4))
        phrase_machine(scan, start);
    if (letter < 26 && end - start <= 6 && phrase_member_sizes[letter] >> (end - start) & 1) phrase_member(scan, start, end);
}
