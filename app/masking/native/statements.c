/* The parameters of a statement that reads or changes rows, each with the column that it is compared with or set to
 * (statements.py of the reference). */
#include "keys.h"

#include <string.h>

enum { STATEMENT_LONGEST = 4096, STATEMENT_BEFORE = 128, STATEMENT_FUNCTION = 21, STATEMENT_COLUMN = 64 };

/* What a line begins with that goes on with a statement. */
static bool statement_more(const cf_scan *scan, uint32_t at, uint32_t most) {
    static const text_word_of words[] = {TEXT("from"), TEXT("where"), TEXT("set"), TEXT("and"), TEXT("or"), TEXT("left"), TEXT("inner"),
                                         TEXT("join"), TEXT("on"), TEXT("order"), TEXT("group"), TEXT("having"), TEXT("union"), TEXT("limit"),
                                         TEXT("offset"), TEXT("when"), TEXT("then"), {NULL, 0}};
    if (sql_blank(scan->text[at])) return true;
    for (const text_word_of *word = words; word->text; word++)
        if (at + word->size < most && cf_stands_folded(scan, at, word->text, word->size) && memchr(" \t\r\n", scan->text[at + word->size], 4))
            return true;
    return false;
}

/* Where the last line of a statement ends. */
static uint32_t statement_end(const cf_scan *scan, uint32_t start) {
    const uint32_t most = value_end(scan, start, STATEMENT_LONGEST);
    for (uint32_t at = start; at < most;) {
        const uint8_t *feed = memchr(scan->text + at, '\n', most - at);
        if (!feed) break;
        at = (uint32_t)(feed - scan->text) + 1;
        if (at >= most || !statement_more(scan, at, most)) return at - 1 - (scan->text[at - 2] == '\r');
    }
    return most;
}

/* Behind a parameter that stands at a place, up to `end`; 0: none does. */
static uint32_t statement_place(const cf_scan *scan, uint32_t at, uint32_t end) {
    const uint8_t *text = scan->text;
    const uint8_t sign = text[at], before = text[at - 1];
    uint32_t stop = at + 1, digits;
    if (!cf_is_space(before) && (!before || !strchr("=(,<>", before))) return 0;
    if (sign == '%') {
        if (stop >= end || text[stop++] != 's') return 0;
    } else if ((sign == '@' || sign == ':') && stop < end && (cf_is_alpha(text[stop]) || text[stop] == '_')) {
        while (stop < end && stop - at < 65 && cf_is_word(text[stop])) stop++;
    } else {
        for (digits = stop; stop < end && stop - digits < 3 && cf_is_digit(text[stop]);) stop++;
        if (stop == digits && sign != '?') return 0;
    }
    return stop == end || cf_is_space(text[stop]) || (text[stop] && strchr(",);]'\"\\:", text[stop])) ? stop : 0;
}

/* Before white space of at most so many signs. */
static uint32_t statement_back(const cf_scan *scan, uint32_t at, uint32_t least, unsigned most) {
    while (most-- && at > least && cf_is_space(scan->text[at - 1])) at--;
    return at;
}

/* Where a word begins that ends at a place. */
static uint32_t statement_word(const cf_scan *scan, uint32_t at, uint32_t least) {
    while (at > least && cf_is_word(scan->text[at - 1])) at--;
    return at;
}

/* Where what stands before an operator ends that ends at a place, 0: none does. `many`: it takes more than one parameter. */
static uint32_t statement_operator(const cf_scan *scan, uint32_t end, uint32_t least, bool *many) {
    static const text_word_of words[] = {TEXT("like"), TEXT("ilike"), TEXT("between"), {NULL, 0}};
    const uint8_t *text = scan->text;
    uint32_t at = statement_back(scan, end, least, 4), word;
    uint8_t sign = at > least ? text[at - 1] : 0, second = at > least + 1 ? text[at - 2] : 0;
    *many = false;
    if (sign == '=') return at - 1 - (second == '<' || second == '>' || second == '!');
    if (sign == '>') return at - 1 - (second == '<');
    if (sign == '<') return at - 1;
    if (sign == '(') {
        word = statement_back(scan, at - 1, least, 4);
        *many = word > least + 3 && cf_stands_folded(scan, (int64_t)word - 2, "in", 2) && cf_is_space(text[word - 3]);
        return *many ? word - 3 : 0;
    }
    at = statement_back(scan, end, least, 5);
    if (at == end) return 0;
    for (const text_word_of *each = words; each->text; each++) {
        if (at < least + each->size + 1 || !cf_stands_folded(scan, (int64_t)at - each->size, each->text, each->size)) continue;
        if (!cf_is_space(text[at - each->size - 1])) continue;
        *many = each->size == 7;
        return at - each->size - 1;
    }
    return 0;
}

/* The column before an operator that ends what stands at a place; empty: there is none. */
static cf_value statement_column(const cf_scan *scan, uint32_t at, uint32_t least) {
    const uint8_t *text = scan->text;
    at = statement_back(scan, at, least, 4);
    at -= at > least && text[at - 1] == ')';
    for (unsigned i = 0; i < 2 && at > least && text[at - 1] && strchr("]\"`\\", text[at - 1]); i++) at--;
    uint32_t start = at;
    while (start > least && cf_class[text[start - 1]] & CF_WORD) start--;
    if (start == at || at - start > STATEMENT_COLUMN || cf_is_digit(text[start]) || (start && cf_class[text[start - 1]] & CF_WORD))
        return (cf_value){at, at, false};
    return (cf_value){start, at, false};
}

/* The column of a parameter at a place, also of one that a function is given: lower(name) = lower(?). */
static cf_value statement_column_of(const cf_scan *scan, uint32_t at, uint32_t least, bool *many) {
    uint32_t end = statement_operator(scan, at, least, many);
    cf_value column = end ? statement_column(scan, end, least) : (cf_value){0, 0, false};
    if (column.end > column.start || at <= least + 1 || scan->text[at - 1] != '(') return column;
    uint32_t word = statement_word(scan, at - 1, least);
    if (word == at - 1 || at - 1 - word > STATEMENT_FUNCTION || cf_is_digit(scan->text[word])) return column;
    end = statement_operator(scan, word, least, many);
    return end ? statement_column(scan, end, least) : column;
}

/* Whether only what parts two parameters of one column stands between two places: IN (?, ?), BETWEEN ? AND ?. */
static bool statement_also(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t type = at + 2;
    if (cf_stands(scan, at, "::", 2)) {
        while (type < end && type - at < 22 && cf_is_word(scan->text[type])) type++;
        if (type > at + 2) at = type;
    }
    for (unsigned i = 0; i < 4 && at < end && cf_is_space(scan->text[at]); i++) at++;
    if (at < end && scan->text[at] == ',') at++;
    else if (at + 3 <= end && cf_stands_folded(scan, at, "and", 3)) at += 3;
    else return false;
    for (unsigned i = 0; i < 4 && at < end && cf_is_space(scan->text[at]); i++) at++;
    return at == end;
}

/* The parameters of a statement with the rules of their columns, in their order. */
static void statement_given(cf_scan *scan, uint32_t start, uint32_t end, cf_parameters *given) {
    const cf_key_rule *rule = NULL;
    bool goes_on = false, many = false;
    for (uint32_t at = start + 1; at < end && given->count < PARAMETER_NAMES;) {
        uint8_t sign = scan->text[at];
        uint32_t behind = sign == '?' || sign == '$' || sign == '%' || sign == '@' || sign == ':' ? statement_place(scan, at, end) : 0;
        if (!behind) {
            at++;
            continue;
        }
        uint32_t least = at - start > STATEMENT_BEFORE ? at - STATEMENT_BEFORE : start;
        cf_value column = statement_column_of(scan, at, least, &many);
        if (column.end > column.start) {
            rule = key_known(scan, scan->text + column.start, column.end - column.start);
            goes_on = many;
        } else if (!goes_on || !statement_also(scan, given->behind, at)) {
            rule = NULL;
            goes_on = false;
        }
        parameter_add(scan, given, (cf_value){at, behind, false}, rule);
        given->behind = at = behind;
    }
}

/* SELECT … WHERE phone = ?, UPDATE t SET phone = @p0: the word that begins a statement is [start, end). */
static void statement_word_at(cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t behind = cf_at(scan, end);
    bool long_one = end - start == 6 && (cf_stands_folded(scan, start, "select", 6) || cf_stands_folded(scan, start, "update", 6) ||
                                         cf_stands_folded(scan, start, "delete", 6));
    if (!long_one && !(end - start == 5 && cf_stands_folded(scan, start, "merge", 5))) return;
    if (!cf_is_space(behind) && behind != '\\') return;
    cf_looks(scan);
    if (start < scan->taken[CF_N_STATEMENT]) return;
    cf_crosses(scan);
    cf_parameters given;
    given.count = 0;
    given.behind = start;
    given.ruled = given.named = false;
    given.line_end = scan->taken[CF_N_STATEMENT] = statement_end(scan, start);
    statement_given(scan, start, given.line_end, &given);
    if (!given.ruled) return;
    const uint32_t most = value_end(scan, start, SQL_REACH);
    parameters_named(scan, &given, start, most);
    parameters_found(scan, &given, most);
}
