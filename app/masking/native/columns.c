/* Reports whose columns blanks part (columns.py of the reference): `LOGIN ID   NAME            EXTN   STATE`, and the lines
 * below. A line is a row when it has as many cells as there are labels, so that what a token does to its width says nothing. */
#include "keys.h"

#include <string.h>

enum { COLUMN_LINE = 400, COLUMN_LABEL = 24, COLUMN_CELLS = 24, COLUMN_LEAST = 3, COLUMN_WORDS = 3 };

typedef struct {
    uint32_t start, end;
} column_cell;

/* The cells of a line, with two blanks or more between them; 0: it has too many, or a tab. */
static uint32_t column_cells(const uint8_t *text, uint32_t at, uint32_t end, column_cell *cells) {
    uint32_t count = 0;
    while (end > at && text[end - 1] == ' ') end--;
    if (end - at > COLUMN_LINE || memchr(text + at, '\t', end - at)) return 0;
    while (at < end) {
        uint32_t start, stop;
        while (at < end && text[at] == ' ') at++;
        for (start = stop = at; at < end && !(text[at] == ' ' && at + 1 < end && text[at + 1] == ' '); at++) stop = at + 1;
        if (count == COLUMN_CELLS) return 0;
        cells[count++] = (column_cell){start, stop};
    }
    return count;
}

/* How many columns a line names, when at least two have a rule and one is of people; or 0. */
static uint32_t column_header(const cf_scan *scan, uint32_t start, uint32_t end, const cf_key_rule **rules) {
    const uint8_t *text = scan->text;
    column_cell cells[COLUMN_CELLS];
    uint32_t count = column_cells(text, start, end, cells), keyed = 0;
    bool people = false;
    if (count < COLUMN_LEAST) return 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t words = 1, size = cells[i].end - cells[i].start;
        const uint8_t *label = text + cells[i].start;
        if (size > COLUMN_LABEL || !table_letter(label[0])) return 0;
        for (uint32_t at = 0; at < size; at++) {
            if (!table_label_byte(label[at])) return 0;
            words += label[at] == ' ';
        }
        if (words > COLUMN_WORDS) return 0;
        rules[i] = table_rule(scan, label, size);
        people = people || table_of_person(rules[i]) || (rules[i] && rules[i]->kind == CF_USER);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!rules[i] && table_named(text + cells[i].start, cells[i].end - cells[i].start))
            rules[i] = key_known(scan, (const uint8_t *)"customer_name", 13);
        keyed += rules[i] != NULL;
    }
    return people && keyed > 1 ? count : 0;
}

/* Judges the cells of a line; false: it is no row. */
static bool column_row(cf_scan *scan, const cf_key_rule **rules, uint32_t count, uint32_t start, uint32_t end) {
    column_cell cells[COLUMN_CELLS];
    if (column_cells(scan->text, start, end, cells) != count) return false;
    for (uint32_t i = 0; i < count; i++) {
        const cf_key_rule *rule = rules[i];
        if (!rule || table_again(scan, rule, cells[i].start, cells[i].end)) continue;
        if (rule->kind == CF_NAME && (!needs_words(scan, cells[i].start, cells[i].end) || name_nobody(scan, cells[i].start, cells[i].end)))
            continue;
        keyed_judge(scan, rule, (cf_value){cells[i].start, cells[i].end, true});
    }
    return true;
}

/* A line of labels alone begins at a place: may it name the columns of a report? */
static __attribute__((noinline)) void columns_within(cf_scan *scan, uint32_t start) {
    const cf_key_rule *rules[COLUMN_CELLS], *others[COLUMN_CELLS];
    uint32_t most = scan->size - start > TABLE_REACH ? start + TABLE_REACH : scan->size, at, strange = 0;
    uint32_t end = table_line_end(scan, start, most, &at), count;
    if (at >= most || !(count = column_header(scan, start, end, rules))) return;
    cf_crosses(scan);
    while (at < most && strange < TABLE_STRANGE) {
        uint32_t line = at;
        end = table_line_end(scan, line, most, &at);
        if (at > most && most < scan->size) return; /* it goes on */
        if (end == line || column_header(scan, line, end, others)) return;
        strange = column_row(scan, rules, count, line, end) ? 0 : strange + 1;
    }
}
