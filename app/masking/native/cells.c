/* A key and its value in two cells of a row: `<td>Customer</td><td>Mary O'Hara</td>` (cells.py of the reference). */
#include "keys.h"

#include <string.h>

enum { CELL_LONGEST = 512 };

static inline bool cell_key_byte(uint8_t c) {
    return cf_is_word(c) || c >= 0x80 || c == '.' || c == '@' || c == '$' || c == ' ' || c == '-';
}

/* Behind the `>` of a tag whose name ends at a place, or 0. */
static uint32_t cell_opened(const cf_scan *scan, uint32_t at) {
    if (cf_at(scan, at) == '>') return at + 1;
    if (!cf_is_blank(cf_at(scan, at))) return 0;
    at = tag_inside(scan, at + 1, 128);
    return cf_at(scan, at) == '>' ? at + 1 : 0;
}

/* Where a name of a key ends that begins at a place, or 0. */
static uint32_t cell_key(const cf_scan *scan, uint32_t start) {
    uint32_t end = start;
    uint8_t first = cf_at(scan, start);
    if (!cf_is_alpha(first) && first != '_' && first < 0x80) return 0;
    while (end - start < 65 && cell_key_byte(cf_at(scan, end))) end++;
    return end - start < 65 ? end : 0;
}

static inline bool cell_small(uint8_t c) { return (uint8_t)(c - 'a') < 26 || c >= 0x80 || c == '-'; }

/* What is said of a secret, or heads a column: `<td>Password</td><td>expired</td>`. */
static bool cell_words(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = start + 1;
    if (!cf_is_alpha(scan->text[start]) && scan->text[start] < 0x80) return false;
    while (at < end && cell_small(scan->text[at])) at++;
    if (at == end || scan->text[at] == ' ') return true;
    for (at = start; at < end && (uint8_t)(scan->text[at] - 'A') < 26;) at++;
    return at == end;
}

/* `mohara`, `CORP\mohara`, `AB4711`; `Status` is a title. */
static bool cell_login(const cf_scan *scan, uint32_t start, uint32_t end) {
    bool letters = true;
    for (uint32_t at = start; at < end; at++) {
        uint8_t c = scan->text[at];
        if (!cf_is_word(c) && c < 0x80 && (at == start || !strchr(".@\\+-", c))) return false;
        letters = letters && cf_is_alpha(c);
    }
    return scan->text[start] != '_' && !(letters && (uint8_t)(scan->text[start] - 'A') < 26);
}

/* The `<` of a cell stands at a place. */
static void cell_pair(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    if (cf_at(scan, at + 1) != 't' || (cf_at(scan, at + 2) != 'd' && cf_at(scan, at + 2) != 'h')) return;
    uint32_t key = cell_opened(scan, at + 3), end = key ? cell_key(scan, key) : 0, value, stop;
    if (!end) return;
    uint32_t behind = end + (cf_at(scan, end) == ':');
    if (!cf_stands(scan, behind, "</td>", 5) && !cf_stands(scan, behind, "</th>", 5)) return;
    const cf_key_rule *rule = key_rule(scan, key, end);
    if (!rule) return;
    cf_kind kind = (cf_kind)rule->kind;
    if (kind != CF_TEL && kind != CF_NAME && kind != CF_MAIL && kind != CF_BIRTH && kind != CF_IBAN && kind != CF_CARD &&
        kind != CF_ADDRESS && kind != CF_USER && kind != CF_SECRET)
        return;
    cf_crosses(scan);
    uint32_t next = value_skip_spaces(scan, behind + 5, 64);
    if (!cf_stands(scan, next, "<td", 3) || !(value = cell_opened(scan, next + 3))) return;
    for (stop = value; stop < scan->size && stop - value <= CELL_LONGEST && text[stop] != '<' && !value_line_ends(scan, stop);) stop++;
    if (stop == value || stop - value > CELL_LONGEST || !cf_stands(scan, stop, "</td>", 5)) return;
    if (kind == CF_NAME) { /* <td>Customer</td><td>Status</td> heads a table */
        uint32_t row = value_skip_spaces(scan, stop + 5, 64);
        if (!cf_stands(scan, row, "</tr>", 5) || !memchr(text + value, ' ', stop - value) || name_nobody(scan, value, stop)) return;
    }
    if (kind == CF_SECRET && cell_words(scan, value, stop)) return;
    if (kind == CF_USER && !cell_login(scan, value, stop)) return;
    if (cell_key(scan, value) == stop && key_rule(scan, value, stop)) return;
    keyed_judge(scan, rule, (cf_value){value, stop, true});
}
