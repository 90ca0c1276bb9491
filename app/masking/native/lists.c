/* Keys and values in brackets and behind arrows: lists of values, rows of a key and its value, and what stands in brackets behind a sign
 * (notations.py of the reference). */
#include "keys.h"

#include <string.h>

enum { LIST_GROUP = 256, LIST_ROW = 512, LIST_ANGLE = 128, LIST_MATCHED = 128, LIST_PAIR = 64 };

/* key=['value', 'value'] */
static void list_items(cf_scan *scan, uint32_t sign) {
    const uint8_t *text = scan->text;
    uint32_t at = sign + 2, end = at, most;
    if (sign < scan->taken[CF_N_LIST] || at > scan->size || !notation_may_follow(scan, sign)) return;
    most = value_end(scan, at, VALUE_LONGEST_TEXT);
    while (end < most && text[end] != '[' && text[end] != ']' && text[end] != '"' && !value_line_ends(scan, end)) end++;
    sql_items_before(scan, CF_N_LIST, sign, at, end);
}

/* Every string of a list is a value of its own. */
static void list_strings(cf_scan *scan, unsigned notation, const cf_key_rule *rule, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t end = at, most = value_end(scan, at, VALUE_LONGEST_TEXT);
    for (; end < most && text[end] != ']' && text[end] != '[' && text[end] != '{' && text[end] != '}'; end++) {
        if (text[end] == '\r' && cf_at(scan, end + 1) != '\n') break;
        if (text[end] != '\n') continue;
        cf_crosses(scan);
        uint32_t next = value_skip_blanks(scan, end + 1, 64);
        if (next >= scan->size || !memchr("\"],\r\n", text[next], 5)) break; /* a line of something else */
    }
    while (at < end) {
        if (text[at++] != '"') continue;
        uint32_t stop = value_double_until(scan, at, end);
        keyed_value(scan, notation, rule, (cf_value){at, stop, true});
        at = stop;
    }
}

/* Key (number)=(value), key(a)=((12)value): the sign stands between two brackets. */
static void list_group(cf_scan *scan, uint32_t sign) {
    const uint8_t *text = scan->text;
    uint32_t start = sign + 2, at = start, end, most;
    if (sign < scan->taken[CF_N_GROUP] || constraint_group(scan, sign)) return;
    if (cf_at(scan, at) == '(') {
        end = value_digits(scan, at + 1, 5);
        if (end == at + 1 || cf_at(scan, end) != ')') return;
        at = end + 1;
    }
    if (at >= scan->size) return;
    most = value_end(scan, at, LIST_GROUP);
    for (end = at; end < most && text[end] != '(' && text[end] != ')' && !value_line_ends(scan, end);) end++;
    if (end > at && cf_at(scan, end) == ')') notation_judge(scan, CF_N_GROUP, sign, (cf_value){start, end, true});
}

/* Behind the value in brackets that opens at a place, or 0. */
static uint32_t list_bracket(const cf_scan *scan, uint32_t open) {
    uint32_t at = open + 1;
    while (at < scan->size && at - open <= LIST_PAIR + 1 && !cf_is_space(scan->text[at]) && !memchr("(),;'\"<>", scan->text[at], 9)) at++;
    return at > open + 1 && at - open <= LIST_PAIR + 1 && cf_at(scan, at) == ')' ? at + 1 : 0;
}

static inline bool list_pair_text(uint8_t c) { return c != '(' && c != ')' && c != '\r' && c != '\n'; }

static inline bool list_pair_word(const uint8_t *text, uint32_t size) { return size >= 3 && size <= 25 && (uint8_t)(*text - 'A') < 26; }

/* Behind up to eight blanks at a place, Word(…) stands. */
static bool list_pair_behind(const cf_scan *scan, uint32_t at) {
    uint32_t word = at, stop, open;
    while (word - at < 8 && cf_at(scan, word) == ' ') word++;
    for (stop = word; stop - word < 26 && cf_is_alpha(cf_at(scan, stop));) stop++;
    if (word == at || stop == word || !list_pair_word(scan->text + word, stop - word) || cf_at(scan, stop) != '(') return false;
    for (open = stop++; stop < scan->size && stop - open < 66 && list_pair_text(scan->text[stop]);) stop++;
    return stop - open > 1 && stop - open < 66 && cf_at(scan, stop) == ')';
}

static inline bool list_pair_joined(uint8_t before) {
    return cf_is_word(before) || before >= 0x80 || before == '.' || before == '$' || before == '\'' || before == '"' || before == '-';
}

/* Before up to eight blanks that end at a place, Word(…) stands. */
static bool list_pair_before(const cf_scan *scan, uint32_t end) {
    uint32_t at = end, close, word;
    while (at && end - at < 8 && scan->text[at - 1] == ' ') at--;
    if (at == end || !at || scan->text[at - 1] != ')') return false;
    for (close = --at; at && close - at < 65 && list_pair_text(scan->text[at - 1]);) at--;
    if (at == close || close - at > 64 || !at || scan->text[at - 1] != '(') return false;
    for (word = --at; at && word - at < 26 && cf_is_alpha(scan->text[at - 1]);) at--;
    return at < word && list_pair_word(scan->text + at, word - at) && !list_pair_joined(cf_at(scan, (int64_t)at - 1));
}

/* User(mohara) Conn(192.0.2.1) of IBM MQ: a word [start, end) before a bracket, beside another such pair. */
static void list_in_row(cf_scan *scan, uint32_t start, uint32_t end) {
    if (!list_pair_word(scan->text + start, end - start)) return;
    cf_looks(scan);
    uint32_t behind = list_bracket(scan, end);
    if (!behind || list_pair_joined(cf_at(scan, (int64_t)start - 1)) || (!list_pair_behind(scan, behind) && !list_pair_before(scan, start)))
        return;
    const cf_key_rule *rule = key_rule(scan, start, end);
    if (rule && (rule->kind == CF_USER || rule->kind == CF_HOST || rule->kind == CF_IP || rule->kind == CF_NAME || rule->kind == CF_TEL))
        keyed_judge(scan, rule, (cf_value){end + 1, behind - 1, true});
}

/* Whether [start, end) is a word of several, as programs join them: employee_id, agentLogin. */
static bool list_joined(const uint8_t *text, uint32_t start, uint32_t end) {
    uint32_t at = start + 1;
    while (at < end && (uint8_t)(text[at] - 'a') < 26) at++;
    return at < end && cf_is_alpha(text[start]) && at - start >= 2 && at - start <= 25 && end - at <= 41;
}

/* (employee_id 55120, phoneNumber +49…): the key is [start, end), behind a bracket or a comma. */
static void list_bare(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    if (!list_joined(text, start, end)) return;
    cf_looks(scan);
    if (cf_at(scan, (int64_t)start - 1) != '(' && !cf_ends(scan, start, ", ", 2)) return;
    uint32_t value = end + 1, at = value + (cf_at(scan, end + 1) == '+'), from = at, digits = 0;
    if (!cf_is_alnum(cf_at(scan, at))) return;
    for (; at - from < 65; at++) {
        uint8_t c = cf_at(scan, at);
        if (!cf_is_word(c) && c != '.' && c != '@' && c != '-') break;
        digits += cf_is_digit(c);
    }
    uint8_t behind = cf_at(scan, at);
    if (at - from < 2 || at - from > 64 || !digits || (behind != ',' && behind != ')')) return;
    if (digits == at - value && digits < 6 && (end - start == 6 || (end - start == 7 && text[start + 4] == '_')) &&
        cf_stands_folded(scan, start, "user", 4) && cf_stands_folded(scan, (int64_t)end - 2, "id", 2))
        return; /* user_id 1001 of a system */
    const cf_key_rule *rule = key_rule(scan, start, end);
    if (rule && (rule->kind != CF_SECRET || at - from > 11)) keyed_judge(scan, rule, (cf_value){value, at, true});
}

/* Whether a key and its sign stand at a place: `{street=…`, `{"id": 7`. */
static bool list_structure(const cf_scan *scan, uint32_t at) {
    uint32_t word;
    at += value_quote(cf_at(scan, at));
    for (word = at; at - word < 65 && cf_is_word(cf_at(scan, at));) at++;
    if (at == word || at - word > 64) return false;
    at += value_quote(cf_at(scan, at));
    at += cf_at(scan, at) == ' ';
    return cf_at(scan, at) == '=' || cf_at(scan, at) == ':';
}

/* Pwd={p;word}; of ODBC, PartyName={Mary Major}; of 3CX: the sign stands before a brace. A word alone is what a program
 * puts a value into, but for one with a digit before a semicolon. */
static void list_braced(cf_scan *scan, uint32_t sign) {
    const uint8_t *text = scan->text;
    uint32_t start = sign + 2, end = start;
    bool word = true, digit = false;
    if (sign < scan->taken[CF_N_BRACED] || !notation_may_follow(scan, sign)) return;
    for (; end < scan->size && end - start <= LIST_ANGLE && text[end] != '{' && text[end] != '}' && !value_line_ends(scan, end); end++) {
        word = word && cf_is_word(text[end]);
        digit = digit || cf_is_digit(text[end]);
    }
    if (word) word = !digit || end - start < 4 || cf_at(scan, (int64_t)end + 1) != ';';
    if (word || end - start > LIST_ANGLE || cf_at(scan, end) != '}' || list_structure(scan, start)) return;
    if (end + 1 < scan->size && (!text[end + 1] || !strchr(";, \"'\r\n", text[end + 1]))) return;
    notation_judge(scan, CF_N_BRACED, sign, (cf_value){start, end, true});
}

/* ['key', 'value']: the key in quotes is [at, end]. */
static void list_two(cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t quote = end + 2;
    if (at - 1 < scan->taken[CF_N_TWO]) return;
    quote += cf_at(scan, quote) == ' ';
    if (cf_at(scan, quote) != '\'') return;
    const cf_key_rule *rule = key_rule(scan, at + 1, end);
    if (!rule) return;
    cf_value value = value_quoted(scan, quote);
    if (cf_stands(scan, value.end, "']", 2)) keyed_value(scan, CF_N_TWO, rule, value);
}

/* ["phone", "030 901820"]] as ActiveRecord tells what is bound (boundpairs.py): the column begins at a place. */
static void list_bound(cf_scan *scan, uint32_t key) {
    const uint8_t *text = scan->text;
    uint32_t end = key, start, at, items = 0;
    if (!(cf_class[cf_at(scan, key)] & CF_WORD) || cf_is_digit(cf_at(scan, key))) return;
    while (end - key < 65 && end < scan->size && (cf_class[text[end]] & CF_WORD || strchr(".@$-", text[end])) && text[end]) end++;
    if (end - key > 64 || !cf_stands(scan, end, "\", \"", 4)) return;
    const cf_key_rule *rule = key_known(scan, text + key, end - key);
    for (start = at = end + 4; rule && at < scan->size && items < 1025 && text[at] != '"' && !value_line_ends(scan, at); at++, items++) {
        if (text[at] != '\\') continue;
        if (++at >= scan->size || value_line_ends(scan, at)) return;
    }
    if (!rule || at == start || items > 1024 || !cf_stands(scan, at, "\"]", 2)) return;
    if (cf_at(scan, at + 2) == ']' || cf_stands(scan, at + 2, ", [", 3)) keyed_judge(scan, rule, (cf_value){start, at, true});
}

/* [[key, value], [key, value]]: the inner bracket stands at a place, behind another or behind a row. */
static void list_row(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    if (cf_at(scan, at + 1) == '"') list_bound(scan, at + 2);
    uint32_t key = at + 1, end = notation_quoted_key(scan, key), start, most;
    if (!end || at < scan->taken[CF_N_ROW] || !cf_stands(scan, end, ", ", 2)) return;
    const cf_key_rule *rule = key_rule(scan, key, end);
    start = end + 2;
    if (!rule || start >= scan->size) return;
    most = value_end(scan, start, LIST_ROW);
    for (end = start; end < most && text[end] != '[' && text[end] != ']' && !value_line_ends(scan, end);) end++;
    if (end == start || cf_at(scan, end) != ']') return;
    if (cf_at(scan, end + 1) == ']' || cf_stands(scan, end + 1, ", [", 3)) keyed_value(scan, CF_N_ROW, rule, (cf_value){start, end, true});
}

/* user=\"mohara\", name: \"Mary\": quotes as texts inside of JSON have them. */
static __attribute__((noinline)) void list_read_escaped(cf_scan *scan, uint32_t sign, uint32_t at) {
    uint32_t quote = notation_escaped_quote(scan, at);
    if (!quote || sign < scan->taken[CF_N_ESCAPED_SIGN] || !notation_may_follow(scan, sign)) return;
    notation_judge(scan, CF_N_ESCAPED_SIGN, sign, (cf_value){quote + 1, notation_escaped_end(scan, quote + 1), true});
}

static inline void list_escaped(cf_scan *scan, uint32_t sign) {
    uint32_t at = sign + 1 + (cf_at(scan, sign + 1) == ' ');
    if (cf_at(scan, at) == '\\') list_read_escaped(scan, sign, at);
}

/* Whether a colon is the first one of a time: user 10:27:13. */
static bool list_in_time(const cf_scan *scan, uint32_t colon) {
    for (int32_t off = -2; off <= 5; off++) {
        uint8_t c = cf_at(scan, (int64_t)colon + off);
        if (off == 0 || off == 3 ? c != ':' : !cf_is_digit(c)) return false;
    }
    return !cf_is_digit(cf_at(scan, (int64_t)colon + 6));
}

/* DATABASE USER:[6] 'MOHARA': the size of a value before it, with the colon at a place. */
static void list_counted(cf_scan *scan, uint32_t sign) {
    uint32_t start = sign + 2, end = value_digits(scan, start, 6);
    if (end == start || end - start > 5 || cf_at(scan, end++) != ']') return;
    end += cf_at(scan, end) == ' ';
    if (!value_quote(cf_at(scan, end)) || sign < scan->taken[CF_N_COUNTED] || !notation_may_follow(scan, sign)) return;
    notation_judge(scan, CF_N_COUNTED, sign, value_quoted(scan, end));
}

/* user=<mohara>; a token is no value. */
static void list_angle(cf_scan *scan, uint32_t sign) {
    uint32_t start = sign + 2, end = start;
    if (sign < scan->taken[CF_N_ANGLE] || !notation_may_follow(scan, sign)) return;
    for (; end < scan->size && end - start <= LIST_ANGLE; end++) {
        uint8_t c = scan->text[end];
        if (c == '<' || c == '>' || c == ':' || c == '~' || c == '=' || c == '/' || value_line_ends(scan, end)) break;
    }
    if (end > start && end - start <= LIST_ANGLE && cf_at(scan, end) == '>')
        notation_judge(scan, CF_N_ANGLE, sign, (cf_value){start, end, true});
}

/* <<"key">>,<<"value">>, <<"key">> => <<"value">>: Erlang; the key in quotes is [at, end]. */
static void list_binary(cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t sign = end + 3;
    cf_value value;
    if (!cf_stands(scan, (int64_t)at - 2, "<<", 2) || !cf_stands(scan, end + 1, ">>", 2) || at - 2 < scan->taken[CF_N_BINARY]) return;
    sign = value_skip_blanks(scan, sign, 4);
    if (cf_at(scan, sign) == ',') sign++;
    else if (cf_stands(scan, sign, "=>", 2) || cf_stands(scan, sign, ":=", 2)) sign += 2;
    else return;
    const cf_key_rule *rule = key_rule(scan, at + 1, end);
    if (!rule) return;
    at = value_skip_blanks(scan, sign, 4);
    uint32_t quote = at + (cf_stands(scan, at, "<<", 2) ? 2 : 0);
    if (cf_at(scan, quote) == '"') keyed_value(scan, CF_N_BINARY, rule, value_quoted(scan, quote));
    else if (value_number(scan, at, ".", &value)) keyed_value(scan, CF_N_BINARY, rule, value);
}

/* {key,"value"}, {key,<<"value">>}; the quote stands at a place. */
static void list_tuple(cf_scan *scan, uint32_t quote) {
    const uint8_t *text = scan->text;
    uint32_t at = quote, end;
    if (at >= 2 && text[at - 1] == '<' && text[at - 2] == '<') at -= 2;
    if (at && text[at - 1] == ' ') at--;
    if (!at || text[at - 1] != ',') return;
    for (end = --at; at && end - at < 65 && cf_is_word(text[at - 1]);) at--;
    if (end == at || end - at > 64 || !at || text[at - 1] != '{' || cf_is_digit(text[at]) || at - 1 < scan->taken[CF_N_TUPLE]) return;
    const cf_key_rule *rule = key_rule(scan, at, end);
    if (rule) keyed_value(scan, CF_N_TUPLE, rule, value_quoted(scan, quote));
}

static inline bool list_arrow_ends(uint8_t c, bool blank) {
    return (blank && (c == ' ' || c == '\t')) || (c && strchr("\r\n,;|=<>{}[]\"", c));
}

/* Where what stands behind an arrow ends: with the line, a comma or semicolon, or else with its first word. */
static uint32_t list_arrow_end(const cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    uint32_t most = value_end(scan, start, 80), end = start;
    while (end < most && !list_arrow_ends(text[end], false)) end++;
    uint8_t c = cf_at(scan, end);
    if (end < scan->size && c != '\r' && c != '\n' && c != ',' && c != ';')
        for (end = start; end < most && !list_arrow_ends(text[end], true);) end++;
    while (end > start && (text[end - 1] == ' ' || text[end - 1] == '\t')) end--;
    return end;
}

/* Whether the word at a place is a key with a rule. */
static bool list_names_field(const cf_scan *scan, uint32_t start) {
    uint32_t most = value_end(scan, start, 80), end = start;
    if (cf_is_digit(scan->text[start]) || !(cf_class[scan->text[start]] & CF_WORD)) return false;
    for (; end < most && !list_arrow_ends(scan->text[end], true); end++)
        if (!(cf_key_bytes[scan->text[end]] & CF_IN_KEY)) return false;
    return end - start <= 64 && key_rule(scan, start, end);
}

/* FirstName -> Mary: what only a person has. Names of fields behind an arrow are no values. */
static void list_arrow(cf_scan *scan, uint32_t at) {
    uint32_t start = at + 3;
    uint8_t c = cf_at(scan, start);
    at -= cf_at(scan, (int64_t)at - 1) == '-';
    if (cf_at(scan, (int64_t)at - 1) != ' ' || cf_at(scan, start - 1) != ' ' || (!cf_is_alnum(c) && c != '+' && c != '(' && c < 0x80))
        return;
    if (!notation_may_follow(scan, at)) return;
    notation_keys keys = notation_before(scan, at, false);
    uint32_t end = list_arrow_end(scan, start);
    if (list_names_field(scan, start)) return;
    for (const cf_key_rule *rule; (rule = notation_next(scan, &keys)) != NULL;) {
        bool named = rule->kind == CF_NAME && rule->needs == NEEDS_ANY;
        bool other = rule->kind == CF_TEL || rule->kind == CF_MAIL || rule->kind == CF_BIRTH || rule->kind == CF_ADDRESS ||
                     rule->kind == CF_IBAN || rule->kind == CF_CARD;
        if ((named || other) && keyed_judge(scan, rule, (cf_value){start, end, true})) return;
    }
}

/* `destination_number(4930901820417) =~ …` of a dialplan, with the sign at a place. */
static void list_matched(cf_scan *scan, uint32_t sign) {
    const uint8_t *text = scan->text;
    uint32_t end = sign - 2, start = end;
    if (sign < 4 || !cf_ends(scan, sign, ") ", 2) || cf_at(scan, sign + 2) != ' ') return;
    while (start && end - start <= LIST_MATCHED && text[start - 1] != '(' && text[start - 1] != ')' && !value_line_ends(scan, start - 1))
        start--;
    if (start == end || end - start > LIST_MATCHED || !start || text[start - 1] != '(' || !notation_may_follow(scan, start - 1)) return;
    notation_keys keys = notation_before(scan, start - 1, false);
    for (const cf_key_rule *rule; (rule = notation_next(scan, &keys)) != NULL;)
        if (keyed_judge(scan, rule, (cf_value){start, end, true})) return;
}
