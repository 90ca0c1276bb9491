/* Telephone numbers with their area apart, as they are written within a country (areas.py of the reference). */
#include "shapes.h"

/* Behind groups of digits, each behind one mark, each of `least` to `most`; 0: one is none. */
static uint32_t area_groups(const cf_scan *scan, uint32_t at, uint8_t mark, uint32_t least, uint32_t most, unsigned count) {
    for (; count; count--) {
        uint32_t run = cf_at(scan, at) == mark ? digits_at(scan, at + 1, most) : 0;
        if (run < least) return 0;
        at += 1 + run;
    }
    return at;
}

/* Whether a number ends at a place: not before other groups of digits, as columns of a table and dumps have them. */
static bool area_ends(const cf_scan *scan, uint32_t at) {
    uint8_t next = cf_at(scan, at), second = cf_at(scan, at + 1);
    uint32_t hex = 0;
    if (cf_is_word(next) || next == '/' || next == ':' || next == '-' || (next == '.' && cf_is_word(second))) return false;
    if (next != ' ') return true;
    while (hex < 5 && written_hex(cf_at(scan, at + 1 + hex))) hex++;
    return !cf_is_digit(second) && (hex != 4 || cf_is_word(cf_at(scan, at + 5)));
}

/* Where the digits of a number end that begin at a place, behind its area: 55 66 77, 556677-0; 0: there are none. */
static uint32_t area_rest(const cf_scan *scan, uint32_t at) {
    uint32_t run = digits_at(scan, at, 8), end = at + run;
    if (run < 2) return 0;
    for (unsigned group = 0; group < 3 && (cf_at(scan, end) == ' ' || cf_at(scan, end) == '-') && (run = digits_at(scan, end + 1, 5)) != 0; group++)
        end += 1 + run;
    return area_ends(scan, end) ? end : 0;
}

/* Where a number ends whose first digits do at a place, or 0: 0171-2345678, 020 7946 0958, 03-1234-5678 */
static uint32_t area_end(const cf_scan *scan, uint32_t at) {
    uint32_t end;
    if (cf_at(scan, at) == ' ') {
        end = area_groups(scan, at, ' ', 3, 4, 2);
    } else {
        end = area_groups(scan, at, '-', 7, 8, 1);
        if (!end && (end = area_groups(scan, at, '-', 2, 4, 1)) != 0) end = area_groups(scan, end, '-', 4, 4, 1);
    }
    return end && area_ends(scan, end) ? end : 0;
}

/* Whether a number may begin at a place: not behind other groups of digits. */
static bool area_begins(const cf_scan *scan, uint32_t start) {
    uint8_t before = cf_at(scan, (int64_t)start - 1), two = cf_at(scan, (int64_t)start - 2);
    if (one_of(before, number_nanp_glued) || start < scan->met[NUMBER_AREA]) return false;
    return before != ' ' || (!cf_is_digit(two) && two != '>' &&
                             !(written_hex(two) && written_hex(cf_at(scan, (int64_t)start - 3)) && !cf_is_word(cf_at(scan, (int64_t)start - 4))));
}

static void area_found(cf_scan *scan, uint32_t start, uint32_t end, uint32_t least, uint32_t most, bool found) {
    uint32_t digits = digits_within(scan->text + start, end - start);
    scan->met[NUMBER_AREA] = end;
    if (found && digits >= least && digits <= most) number_found(scan, start, end, CF_BY_PHONE, CF_R_PHONE);
}

/* The first digits of a number may be at a place, before a blank or a dash. */
static void area_number(cf_scan *scan, uint32_t start, uint32_t size) {
    if (scan->text[start + 1] < '1') return;
    cf_looks(scan);
    if (!area_begins(scan, start)) return;
    uint32_t end = size > 2 && cf_stands(scan, start + size, " / ", 3) ? area_rest(scan, start + size + 3) : 0;
    if (end) {
        area_found(scan, start, end, 9, 12, true);
    } else if ((end = area_end(scan, start + size)) != 0) {
        uint32_t dashes = 0;
        for (uint32_t at = start; at < end; at++) dashes += scan->text[at] == '-';
        area_found(scan, start, end, 10, dashes == 1 ? 12 : 11, size > 2 || dashes > 1);
    }
}

/* (0911) 556677: the bracket stands at a place, before a digit. */
static void area_boxed(cf_scan *scan, uint32_t start) {
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    uint32_t run = digits_at(scan, start + 1, 7), end;
    if (scan->text[start + 1] != '0' || cf_at(scan, start + 2) < '1' || run < 3 || run > 6 || cf_at(scan, start + 1 + run) != ')') return;
    if ((cf_is_word(before) && !escape_ended(scan, start)) || !area_begins(scan, start)) return;
    end = area_rest(scan, start + 2 + run + (cf_at(scan, start + 2 + run) == ' '));
    if (end) area_found(scan, start, end, 9, 12, true);
}
