/* Keys and values in brackets: lists of values, rows of a key and its value, and what stands in brackets behind a sign
 * (notations.py of the reference). */
#include "keys.h"

enum { LIST_GROUP = 256, LIST_ROW = 512 };

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
static void list_strings(cf_scan *scan, const cf_key_rule *rule, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t end = at, most = value_end(scan, at, VALUE_LONGEST_TEXT);
    while (end < most && text[end] != ']' && text[end] != '[' && !value_line_ends(scan, end)) end++;
    while (at < end) {
        if (text[at++] != '"') continue;
        uint32_t stop = value_double_until(scan, at, end);
        keyed_value(scan, CF_N_DOUBLE, rule, (cf_value){at, stop, true});
        at = stop;
    }
}

/* Key (number)=(value), key(a)=((12)value): the sign stands between two brackets. */
static void list_group(cf_scan *scan, uint32_t sign) {
    const uint8_t *text = scan->text;
    uint32_t start = sign + 2, at = start, end, most;
    if (sign < scan->taken[CF_N_GROUP]) return;
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

/* [[key, value], [key, value]]: the inner bracket stands at a place, behind another or behind a row. */
static void list_row(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
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
