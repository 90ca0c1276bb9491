/* Keys and their values in the notations of lists, assignments and JSON (notations.py of the reference); tags.c and
 * sql.c have the others. A key is looked up first, and only what has a rule is read on. */
#include "keys.h"

#include <string.h>

enum { NOTATION_KEY = 64 };

static inline bool notation_key_byte(uint8_t c) { return cf_class[c] & CF_WORD || c == '.' || c == '-'; }

/* Judge one value with the rules of the keys before a sign, until one takes it. */
static void notation_judge(cf_scan *scan, unsigned notation, uint32_t sign, cf_value value) {
    notation_keys keys = notation_before(scan, sign, false);
    const cf_key_rule *rule;
    while ((rule = notation_next(scan, &keys)) != NULL)
        if (keyed_value(scan, notation, rule, value)) return;
}

static bool sql_items_before(cf_scan *scan, unsigned notation, uint32_t sign, uint32_t at, uint32_t end) {
    notation_keys keys = notation_before(scan, sign, false);
    const cf_key_rule *rule;
    while ((rule = notation_next(scan, &keys)) != NULL)
        if (sql_items(scan, notation, rule, at, end)) return true;
    return false;
}

static inline bool notation_lettered(uint8_t c) { return cf_is_alpha(c) || c >= 0x80; }

/* user: [mohara] */
static bool notation_boxed(const cf_scan *scan, uint32_t at, cf_value *value) {
    uint32_t start = at + 1, end = start;
    if (cf_at(scan, at) != '[') return false;
    for (; end < scan->size && end - start < 129; end++) {
        uint8_t c = scan->text[end];
        if (c == '\'' && notation_lettered(cf_at(scan, (int64_t)end - 1)) && notation_lettered(cf_at(scan, end + 1))) continue; /* O'Hara */
        if (c == ']' || c == '[' || c == ',' || value_quote(c) || value_line_ends(scan, end)) break;
    }
    if (end == start || end - start > 128 || cf_at(scan, end) != ']') return false;
    uint32_t sign = value_skip_blanks(scan, end + 1, 2);
    *value = (cf_value){start, end, false};
    return cf_at(scan, sign) != '=' && cf_at(scan, sign) != ':';
}

static inline bool notation_read_value(cf_scan *scan, unsigned notation, uint32_t at, cf_value *value) {
    return value_assigned(scan, at, value) ||
           ((notation == CF_N_COLON || cf_is_space(cf_at(scan, (int64_t)at - 1))) && notation_boxed(scan, at, value));
}

/* A value that a rule asks for behind `=`, `<-` or `:`. */
static void notation_read_assigned(cf_scan *scan, unsigned notation, uint32_t sign, uint32_t at, uint32_t blanks) {
    cf_value value;
    notation_keys keys = notation_before(scan, sign, true);
    const cf_key_rule *rule = notation_next(scan, &keys);
    at = value_skip_blanks(scan, at, blanks);
    if (!rule || !notation_read_value(scan, notation, at, &value)) return;
    while (rule && !keyed_value(scan, notation, rule, value)) rule = notation_next(scan, &keys);
}

/* `ends`: that a key may end before the sign is known. */
static inline void notation_assigned(cf_scan *scan, unsigned notation, uint32_t sign, uint32_t at, uint32_t blanks, bool ends) {
    cf_value value;
    if (sign < scan->taken[notation]) return;
    if (cf_at(scan, at) == ' ' && cf_at(scan, at + 1) == '\'' && cf_at(scan, (int64_t)sign - 1) == ' ') {
        uint32_t cast = sql_before_cast(scan, sign);
        if (cast < sign) {
            if (notation_read_value(scan, notation, value_skip_blanks(scan, at, blanks), &value)) notation_judge(scan, notation, cast, value);
            return;
        }
    }
    if (sign == scan->quoted.sign) { /* nothing else can be the key of this sign */
        const cf_key_rule *rule = scan->quoted.rule;
        if (rule && notation_read_value(scan, notation, value_skip_blanks(scan, at, blanks), &value))
            keyed_value(scan, notation, rule, value);
    } else if (ends || notation_may_follow(scan, sign)) {
        notation_read_assigned(scan, notation, sign, at, blanks);
    }
}

/* key = value, key == value, key != value, key => value; signs in a row are read once. */
static void notation_equals(cf_scan *scan, uint32_t at, bool ends) {
    uint32_t *head = &scan->taken[CF_HEAD_SIGN], sign = at;
    if (at < *head) return;
    if (at > *head && cf_at(scan, (int64_t)at - 1) == '!') {
        sign--;
        at += 1 + (cf_at(scan, at + 1) == '=');
    } else if (cf_at(scan, at + 1) == '=') {
        at += 2 + (cf_at(scan, at + 2) == '=');
    } else {
        at += 1 + (cf_at(scan, at + 1) == '>');
    }
    *head = at;
    notation_assigned(scan, CF_N_SIGN, sign, at, 4, ends);
}

/* key -> "value", with the quote at a place. */
static void notation_arrow(cf_scan *scan, uint32_t quote) {
    uint32_t sign = quote;
    while (sign && quote - sign < 4 && (scan->text[sign - 1] == ' ' || scan->text[sign - 1] == '\t')) sign--;
    if (sign < 2 || !cf_ends(scan, sign, "->", 2) || cf_at(scan, (int64_t)sign - 3) == ':' || sign - 2 < scan->taken[CF_HEAD_SIGN]) return;
    scan->taken[CF_HEAD_SIGN] = sign;
    notation_assigned(scan, CF_N_SIGN, sign - 2, sign, 4, false);
}

/* The digits of a token that stands there already: <KIND:16 hex digits>. */
static bool notation_in_token(const cf_scan *scan, uint32_t at) {
    for (uint32_t i = 0; i < 16; i++) {
        uint8_t c = cf_at(scan, at + i);
        if (!cf_is_digit(c) && !((uint8_t)(c - 'a') < 6)) return false;
    }
    return cf_at(scan, at + 16) == '>';
}

/* `DTMF 5:1440`: the colon stands behind a digit that was pressed. */
static inline bool notation_pressed(const cf_scan *scan, uint32_t at) {
    uint8_t c = cf_at(scan, (int64_t)at - 1);
    bool digit = cf_is_digit(c) || (uint8_t)(c - 'A') < 4 || c == '*' || c == '#';
    return digit && cf_at(scan, (int64_t)at - 2) == ' ' && cf_ends(scan, (int64_t)at - 1, "DTMF ", 5);
}

static void notation_base64(cf_scan *scan, uint32_t at); /* encoded.c */
static void list_counted(cf_scan *scan, uint32_t sign);
static bool list_in_time(const cf_scan *scan, uint32_t colon);

static void notation_colon(cf_scan *scan, uint32_t at, bool ends) {
    uint8_t next = cf_at(scan, at + 1);
    uint32_t tabs = next == '\\' ? escape_tabs(scan, at + 1) : at + 1;
    if (next == ':' && cf_at(scan, at + 2) == ' ' && cf_at(scan, (int64_t)at - 1) != ':') notation_base64(scan, at);
    if (next == ':' || next == '/' || (next == '\\' && tabs == at + 1) || cf_at(scan, (int64_t)at - 1) == ':') return;
    if (cf_is_alnum(next) && notation_in_token(scan, at + 1)) return;
    if (cf_is_digit(next) && (notation_pressed(scan, at) || list_in_time(scan, at))) return;
    if (next == '[') list_counted(scan, at);
    notation_assigned(scan, CF_N_COLON, at, tabs, tabs > at + 1 ? 0 : 8, ends);
}

/* attr: key value: … */
static void notation_attr(cf_scan *scan, uint32_t colon) {
    uint32_t start = colon - 4, key = value_skip_blanks(scan, colon + 1, 8), end = key, at;
    cf_value value;
    if (start < scan->taken[CF_HEAD_ATTR]) return;
    while (end - key < NOTATION_KEY && notation_key_byte(cf_at(scan, end))) end++;
    if (end == key) return;
    scan->taken[CF_HEAD_ATTR] = end;
    if (start < scan->taken[CF_N_ATTR]) return;
    at = value_skip_blanks(scan, end, 16);
    if (at == end || !cf_stands(scan, at, "value:", 6)) return;
    const cf_key_rule *rule = key_rule(scan, key, end);
    if (rule && value_plain(scan, value_skip_blanks(scan, at + 6, 8), &value)) keyed_value(scan, CF_N_ATTR, rule, value);
}

static void segment_word(cf_scan *scan, uint32_t start, uint32_t end);
static void record_assigned(cf_scan *scan, uint32_t word, uint32_t end);
static void record_spoken(cf_scan *scan, uint32_t start, uint32_t end);
static void record_argument(cf_scan *scan, uint32_t at);
static void record_calling(cf_scan *scan, uint32_t start, uint32_t end);

/* The end of a key in quotes, which begins at a place, or 0. Of what may stand behind a key's letters, only the blank is no part of one. */
static uint32_t notation_quoted_key(const cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    uint32_t at = start, most = scan->size - start > NOTATION_KEY ? start + NOTATION_KEY + 1 : scan->size;
    if (start >= scan->size || !(cf_class[text[at]] & CF_WORD) || cf_is_digit(text[at])) return 0;
    while (at < most && cf_key_bytes[text[at]] & (CF_IN_KEY | CF_KEY_TAIL)) at++;
    return at - start <= NOTATION_KEY ? at : 0;
}

/* lists.c */
static void list_items(cf_scan *scan, uint32_t sign);
static void list_braced(cf_scan *scan, uint32_t sign);
static void list_strings(cf_scan *scan, unsigned notation, const cf_key_rule *rule, uint32_t at);
static void list_group(cf_scan *scan, uint32_t sign);
static void list_two(cf_scan *scan, uint32_t at, uint32_t end);
static void list_row(cf_scan *scan, uint32_t at);
static void list_angle(cf_scan *scan, uint32_t sign);
static inline void list_escaped(cf_scan *scan, uint32_t sign);
static void list_binary(cf_scan *scan, uint32_t at, uint32_t end);
static void list_tuple(cf_scan *scan, uint32_t quote);
static void list_arrow(cf_scan *scan, uint32_t at);
static void list_matched(cf_scan *scan, uint32_t sign);

/* 'key' value, 'key' : 'value', 'key' => value, 'key' [str] = "value" */
static void notation_single(cf_scan *scan, uint32_t at) {
    uint32_t end = notation_quoted_key(scan, at + 1), sign, letters;
    cf_value value;
    if (!end || cf_at(scan, end) != '\'') return;
    if (cf_at(scan, end + 1) == ',') {
        uint8_t before = cf_at(scan, (int64_t)at - 1);
        if (before == '[') list_two(scan, at, end);
        else if (before == '(') joint_tuple(scan, at, end);
    } else if (cf_at(scan, end + 1) == ':') {
        joint_of_list(scan, at, end);
    }
    if (at < scan->taken[CF_N_SINGLE]) return;
    if (cf_at(scan, (int64_t)at - 1) == ' ' && cf_is_alpha(cf_at(scan, (int64_t)at - 2)) && cf_ends(scan, (int64_t)at - 2, " -", 2) &&
        !cf_stands(scan, end, "' '", 3))
        return; /* what an option tells: -w 'Secret77' "(uid=*)" */
    const cf_key_rule *rule = key_rule(scan, at + 1, end);
    if (!rule) return;
    sign = end + 1;
    if (cf_at(scan, sign) == '(') { /* 'key'(integer) 7 */
        for (letters = sign + 1; letters - sign <= 16 && cf_is_word(cf_at(scan, letters));) letters++;
        if (letters > sign + 1 && cf_at(scan, letters) == ')') sign = letters + 1;
        if (sign > end + 1 && cf_at(scan, value_skip_blanks(scan, sign, 8)) == '[') return; /* 'key'(list) [98] 00 04 */
    }
    sign = value_skip_blanks(scan, sign, 8);
    if (cf_at(scan, sign) == ':') sign++;
    else if (cf_at(scan, sign) == '=') sign += 1 + (cf_at(scan, sign + 1) == '>');
    else if (cf_stands(scan, sign, "->", 2)) sign += 2;
    else if (cf_stands(scan, sign, "value '", 7)) sign += 5; /* key 'lastName' value 'Major' */
    sign = value_skip_blanks(scan, sign, 8);
    if (cf_at(scan, sign) == '[') {
        for (letters = sign + 1; letters - sign <= 16 && (cf_is_word(cf_at(scan, letters)) || cf_at(scan, letters) == ',');) letters++;
        if (letters == sign + 1 || cf_at(scan, letters) != ']') return;
        sign = value_skip_blanks(scan, letters + 1, 4);
        sign += cf_at(scan, sign) == '=';
        sign = value_skip_blanks(scan, sign, 4);
    }
    letters = cf_at(scan, sign) | 32;
    if ((letters == 'u' || letters == 'b') && value_quote(cf_at(scan, sign + 1))) sign++; /* u'…' of Python */
    if (value_quote(cf_at(scan, sign))) keyed_value(scan, CF_N_SINGLE, rule, value_quoted(scan, sign));
    else if (value_number(scan, sign, ".", &value)) keyed_value(scan, CF_N_SINGLE, rule, value);
}

/* "key": "value", "key": 1, "key": ["value", "value"] */
static void notation_double(cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t colon = value_skip_blanks(scan, end + 1, 8);
    cf_value value;
    if (cf_at(scan, colon) != ':' || at < scan->taken[CF_N_DOUBLE]) return;
    const cf_key_rule *rule = key_rule(scan, at + 1, end);
    if (!memchr(scan->text + at + 1, ' ', end - at - 1)) scan->quoted = (cf_quoted_key){colon, rule};
    if (!rule) return;
    at = value_skip_blanks(scan, colon + 1, 8);
    if (cf_at(scan, at) == '"') keyed_value(scan, CF_N_DOUBLE, rule, value_quoted(scan, at));
    else if (value_number(scan, at, ".eE+-", &value)) keyed_value(scan, CF_N_DOUBLE, rule, value);
    else if (cf_at(scan, at) == '[') list_strings(scan, CF_N_DOUBLE, rule, at + 1);
}

/* A quote behind one to eight backslashes: its place, or 0. */
static uint32_t notation_escaped_quote(const cf_scan *scan, uint32_t at) {
    uint32_t quote = at;
    while (quote - at < 9 && cf_at(scan, quote) == '\\') quote++;
    return quote > at && quote - at < 9 && cf_at(scan, quote) == '"' ? quote : 0;
}

/* Where a value in escaped quotes ends; up to eight backslashes in a row may stand in it. */
static uint32_t notation_escaped_end(const cf_scan *scan, uint32_t at) {
    while (at < scan->size && scan->text[at] != '"' && !value_line_ends(scan, at)) {
        uint32_t next = at;
        while (next - at < 9 && cf_at(scan, next) == '\\') next++;
        if (next == at) next++;
        else if (next - at > 8 || next >= scan->size || scan->text[next] == '"' || value_line_ends(scan, next)) break;
        at = next;
    }
    return at;
}

/* \"key\": \"value\" */
static void notation_escaped(cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t quote = notation_escaped_quote(scan, end), start = at;
    cf_value value;
    if (!quote) return;
    while (start && at - start < 8 && scan->text[start - 1] == '\\') start--;
    if (start < scan->taken[CF_N_ESCAPED]) return;
    const cf_key_rule *rule = key_rule(scan, at + 1, end);
    if (!rule) return;
    at = value_skip_blanks(scan, quote + 1, 8);
    if (cf_at(scan, at) != ':') return;
    at = value_skip_blanks(scan, at + 1, 8);
    quote = notation_escaped_quote(scan, at);
    if (quote) {
        keyed_value(scan, CF_N_ESCAPED, rule, (cf_value){quote + 1, notation_escaped_end(scan, quote + 1), true});
    } else if (value_number(scan, at, ".", &value)) {
        keyed_value(scan, CF_N_ESCAPED, rule, value);
    }
}

/* encoded.c */
static uint32_t notation_encoded_quote(const cf_scan *scan, uint32_t at);
static void notation_encoded(cf_scan *scan, uint32_t sign, uint32_t at);
static void notation_encoded_sign(cf_scan *scan, uint32_t sign, uint32_t at);
static void notation_encoded_open(cf_scan *scan, uint32_t at);
static void json_sign(cf_scan *scan, uint32_t last); /* jsonsigns.c */

/* Last letters of words of SQL by the word's size: IN, AS, LIKE, ILIKE, and what ends with INSERT, UPSERT or REPLACE. */
static const uint32_t NOTATION_SQL[7] = {0, 0, 1u << ('n' & 31) | 1u << ('s' & 31), 0, 1u << ('e' & 31), 1u << ('e' & 31),
                                         1u << ('t' & 31) | 1u << ('n' & 31) | 1u << ('e' & 31)};

static void notation_sql(cf_scan *scan, uint32_t start, uint32_t end) {
    if (end - start == 2) {
        if ((scan->text[end - 1] | 32) == 'n') sql_in(scan, start);
        else constraint_alias(scan, start);
    }
    else if (end - start < 6) {
        sql_like(scan, start, end);
        statement_word_at(scan, start, end);
    } else if (end - start == 6) {
        statement_word_at(scan, start, end);
        if ((scan->text[end - 1] | 32) == 't') sql_insert(scan, start);
    }
    else if (scan->text[end - 1] == 'T' || scan->text[end - 1] == 't') sql_insert(scan, end - 6);
    else if ((scan->text[end - 1] == 'E' || scan->text[end - 1] == 'e') && end - start > 6) sql_insert(scan, end - 7);
    else if (end - start == 7) sql_between(scan, start);
}

static void list_in_row(cf_scan *scan, uint32_t start, uint32_t end); /* lists.c */
static void list_bare(cf_scan *scan, uint32_t start, uint32_t end);

static void cf_key_word(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes) {
    uint32_t size = end - start;
    if (cf_at(scan, end) == '|') {
        if (size == 3 || size == 4) segment_word(scan, start, end);
        record_assigned(scan, start, end);
        if (size > 7 && size < 12) record_spoken(scan, start, end);
    }
    if (cf_at(scan, end) == '(' && !(classes & (CF_DIGIT | CF_UNDER | CF_HIGH))) list_in_row(scan, start, end);
    if (cf_at(scan, end) == ' ' && classes & CF_LOWER && classes & (CF_UPPER | CF_UNDER) && !(classes & (CF_DIGIT | CF_HIGH)))
        list_bare(scan, start, end);
    if (size == 9 && (scan->text[start] | 32) == 'd') constraint_word(scan, start, end);
    if (size == 6 && memcmp(scan->text + start, "column", 6) == 0) constraint_column(scan, start);
    if (size == 5 ? memcmp(scan->text + start + 1, "irst", 4) == 0 : size == 4 && memcmp(scan->text + start + 1, "ast", 3) == 0)
        turn_pair(scan, start, end);
    if (size == 3 && (cf_at(scan, end) == '+' || cf_at(scan, end) == '*')) interchange_word(scan, start);
    if (size == 4 && memcmp(scan->text + start, "Name", 4) == 0) record_calling(scan, start, end);
    if (size > 9 && (classes & (CF_UPPER | CF_LOWER)) == (CF_UPPER | CF_LOWER)) notation_attributes(scan, start, end);
    if (cf_at(scan, end) == ' ' && size > 1 && size < 9 && classes == CF_LOWER && value_quote(cf_at(scan, end + 1))) told_word(scan, start, end);
    if (size == 9 && memcmp(scan->text + start, "extracted", 9) == 0) told_extracted(scan, end);
    if (size == 6 && memcmp(scan->text + start, "speech", 6) == 0) told_spoken(scan, start, end);
    if ((size == 14 || size == 12) && memcmp(scan->text + end - 9, "UserInput", 9) == 0 &&
        memcmp(scan->text + start, size == 14 ? "Store" : "Get", size - 9) == 0)
        told_entered(scan, start, end);
    if (cf_at(scan, end) == ',' && cf_at(scan, (int64_t)start - 1) == ',' && size > 3 && size < 12) told_step(scan, start, end);
    if (size == 3 && cf_at(scan, end) == ':' && memcmp(scan->text + start, "msg", 3) == 0) told_received(scan, start, end);
    phrase_behind_word(scan, start, end, classes);
    if (size < 6 && cf_at(scan, (int64_t)start - 1) == '$') phrase_operator(scan, start - 1, end);
    if (NOTATION_SQL[size < 6 ? size : 6] >> (scan->text[end - 1] & 31) & 1) notation_sql(scan, start, end);
}

/* A key before a quote, as the bytes before that tell: `{key,"value"}`, `f(Key, 'value')`, `key -> "value"`. */
static inline void notation_before_quote(cf_scan *scan, uint32_t at) {
    uint8_t before = cf_at(scan, (int64_t)at - 1), second = cf_at(scan, (int64_t)at - 2);
    bool blank = before == ' ' || before == '\t';
    if (before == ' ' && (cf_is_digit(second) || second == ' ') && scan->text[at] == '"') joint_counted(scan, at);
    if (before == ',' || (before == ' ' && second == ',')) {
        if (scan->text[at] == '"') list_tuple(scan, at);
        record_argument(scan, at);
    } else if (before == '<') {
        if (scan->text[at] == '"') list_tuple(scan, at);
    } else if (before == '>' || (blank && (second == '>' || second == ' ' || second == '\t'))) {
        notation_arrow(scan, at);
    }
}

static void cf_key_mark(cf_scan *scan, uint32_t at) {
    uint32_t end;
    switch (scan->text[at]) {
    case '=':
        notation_equals(scan, at, false);
        if (cf_at(scan, at + 1) == '<') list_angle(scan, at);
        list_escaped(scan, at);
        if (cf_at(scan, at + 1) == '[') list_items(scan, at);
        else if (cf_at(scan, at + 1) == '{') list_braced(scan, at);
        else if (cf_at(scan, at + 1) == '~') list_matched(scan, at);
        else if (cf_at(scan, at + 1) == '(' && cf_at(scan, (int64_t)at - 1) == ')') list_group(scan, at);
        phrase_field(scan, at);
        if (value_quote(cf_at(scan, at + 1))) {
            tag_named(scan, at);
            tag_expression(scan, at);
        }
        break;
    case ':':
        notation_colon(scan, at, false);
        if (at && scan->text[at - 1] == ' ') described_colon(scan, at);
        list_escaped(scan, at);
        phrase_field(scan, at);
        audit_told(scan, at);
        if (cf_ends(scan, at, "attr", 4)) notation_attr(scan, at);
        break;
    case '<':
        sql_compared(scan, at);
        if (cf_at(scan, at + 1) == '-') {
            scan->taken[CF_HEAD_SIGN] = at + 2;
            notation_assigned(scan, CF_N_SIGN, at, at + 2, 4, false);
        }
        tag_element(scan, at);
        if (cf_at(scan, at + 1) == 'g') described_position(scan, at);
        tag_valued(scan, at);
        tag_pair(scan, at);
        cell_pair(scan, at);
        break;
    case '>':
        if (cf_at(scan, at + 1) == '=' || cf_at(scan, at + 1) == ' ') sql_compared(scan, at);
        if (at && scan->text[at - 1] == '-' && cf_at(scan, at + 1) == ' ') {
            list_arrow(scan, at - 1);
            joint_changed(scan, at - 1);
        }
        break;
    case '%':
        end = at + (cf_at(scan, at + 1) == '2' && cf_at(scan, at + 2) == '5' ? 3 : 1);
        if (cf_at(scan, end) == '3' && cf_lower(cf_at(scan, end + 1)) == 'd') {
            notation_encoded(scan, at, end + 2);
            if (end == at + 1 && notation_encoded_quote(scan, at + 3)) notation_encoded_sign(scan, at, at + 3);
        } else if (cf_at(scan, end) == '2' && cf_at(scan, end + 1) == '2') {
            notation_encoded_open(scan, at);
        } else if (cf_at(scan, at + 1) == '3' && cf_lower(cf_at(scan, at + 2)) == 'c') {
            joint_element(scan, at);
        }
        break;
    case '&':
        if (cf_at(scan, at + 1) == 'l') phrase_element(scan, at);
        else if (cf_stands(scan, at, "&amp;lt;", 8)) phrase_element(scan, at);
        else notation_encoded_open(scan, at);
        break;
    case '\\':
        if (cf_at(scan, at + 1) != 'u' && cf_at(scan, at + 1) != 'x' && (cf_at(scan, at + 1) != '\\' || cf_at(scan, at + 2) != 'u')) break;
        notation_encoded_open(scan, at);
        phrase_element(scan, at);
        if (cf_at(scan, at + 1) == 'u' && cf_at(scan, at + 4) == '3') json_sign(scan, at);
        break;
    case '[':
        if (cf_at(scan, (int64_t)at - 1) == '[' || cf_ends(scan, at, "], ", 3)) list_row(scan, at);
        else if (value_quote(cf_at(scan, at + 1))) alternate_list(scan, at);
        if (cf_at(scan, (int64_t)at - 1) == 'l') joint_optional(scan, at);
        break;
    case '"':
        notation_before_quote(scan, at);
        end = notation_quoted_key(scan, at + 1);
        if (!end) break;
        turn_role(scan, at, end);
        if (cf_at(scan, end) == '"') {
            notation_double(scan, at, end);
            joint_quoted(scan, at, end);
            if (end - at == 7) entry_system(scan, end);
            if (end - at == 4) entry_claim(scan, at, end);
            if (cf_at(scan, end + 2) == '{' || cf_at(scan, end + 3) == '{' || cf_at(scan, end + 4) == '{') audit_below(scan, at + 1, end);
            if (cf_at(scan, end + 1) == '>') list_binary(scan, at, end);
            else if (sql_blank(cf_at(scan, end + 1))) {
                if (end - at == 5) word_signed_in(scan, at, end);
                word_pair(scan, at, end);
            }
        }
        else if (cf_at(scan, end) == ':') word_path(scan, at, end);
        else if (cf_at(scan, end) == '\\' && cf_at(scan, (int64_t)at - 1) == '\\') notation_escaped(scan, at, end);
        break;
    case '\'':
        notation_before_quote(scan, at);
        notation_single(scan, at);
        break;
    default: break;
    }
}
