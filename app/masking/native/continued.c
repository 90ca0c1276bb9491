/* Values with a key that go on in the next line, behind a `\` at their line's end or, of T-Library, up to the quote that ends
 * its last line (continued.py of the reference). */
#include "keys.h"

#include <string.h>

enum { CONTINUED_LINES = 8, CONTINUED_MOST = 256, CONTINUED_BLANKS = 4 };

/* Behind the line end that a `\` at a place continues, or 0; `\\` is a sign of its own. */
static uint32_t continued_behind(cf_scan *scan, uint32_t at) {
    if (cf_at(scan, at) != '\\' || cf_at(scan, (int64_t)at - 1) == '\\') return 0;
    uint32_t feed = at + 1 + (cf_at(scan, (int64_t)at + 1) == '\r');
    if (cf_at(scan, feed) != '\n' || feed + 1 >= scan->size) return 0;
    cf_crosses(scan);
    return feed + 1;
}

static bool continued_kind(cf_kind kind) { return kind != CF_USER && kind != CF_HOST && kind != CF_IP && kind != CF_MAC; }

/* Where what stands in quotes ends in its line: before the quote, or before the next `\` at the line's end; `start`: nowhere. */
static uint32_t continued_quoted(cf_scan *scan, uint32_t start, uint8_t quote) {
    const uint8_t *text = scan->text;
    for (uint32_t at = start; at < scan->size && at - start < CONTINUED_MOST; at++) {
        if (text[at] == quote) return at;
        if (text[at] == '\n' || text[at] == '\r') return start;
        if (text[at] == '\\' && continued_behind(scan, at)) return at;
    }
    return start;
}

/* Where a value without quotes ends; `start` where a key or a stamp of time stands there. */
static uint32_t continued_bare(const cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    uint32_t at = start, digits = start;
    while (at < scan->size && at - start < CONTINUED_MOST && text[at] > ' ' && !strchr(",;&\"'<>()[]{}|=:\\", text[at])) at++;
    if (cf_at(scan, at) == '=' || cf_at(scan, at) == ':') return start;
    while (digits - start < 4 && cf_is_digit(cf_at(scan, digits))) digits++;
    return digits - start == 4 && cf_at(scan, digits) == '-' ? start : at;
}

/* Behind the line end at a place, or 0. */
static uint32_t continued_line(const cf_scan *scan, uint32_t at) {
    uint32_t feed = at + (cf_at(scan, at) == '\r');
    return cf_at(scan, feed) == '\n' ? feed + 1 : 0;
}

/* The quote that ends the last line of a value whose second line begins at a place, or 0. */
static uint32_t continued_closes(const cf_scan *scan, uint32_t begin) {
    const uint8_t *text = scan->text;
    for (unsigned lines = 0; lines < CONTINUED_LINES; lines++) {
        uint32_t at = begin;
        while (at < scan->size && at - begin <= CONTINUED_MOST && text[at] != '\'' && text[at] != '\r' && text[at] != '\n') at++;
        if (at - begin > CONTINUED_MOST || at == scan->size) return 0;
        if (text[at] == '\'') return at + 1 == scan->size || continued_line(scan, at + 1) ? at : 0;
        begin = continued_line(scan, at);
        if (!begin) return 0;
    }
    return 0;
}

/* The further lines of a value of T-Library that ends at a place in its first line. */
static void continued_block(cf_scan *scan, const cf_key_rule *rule, cf_kind kind, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t begin = continued_line(scan, value_skip_blanks(scan, end, CONTINUED_BLANKS));
    if (!begin) return;
    cf_crosses(scan);
    uint32_t quote = continued_closes(scan, begin);
    while (begin < quote) {
        uint32_t from = begin, to, stop = begin;
        while (stop < quote && text[stop] != '\r' && text[stop] != '\n') stop++;
        for (to = stop; from < to && cf_is_space(text[from]);) from++;
        while (to > from && cf_is_space(text[to - 1])) to--;
        if (from < to) cf_found(scan, from, to, CF_BY_KEY, kind, rule->rule, CF_TOUCHING);
        begin = stop + 1;
    }
}

/* What a value that ends at a place has in the lines behind it. */
static void continued_found(cf_scan *scan, const cf_key_rule *rule, cf_kind kind, uint32_t start, uint32_t end) {
    uint8_t quote = cf_at(scan, (int64_t)start - 1);
    if (!value_quote(quote)) quote = 0;
    if (quote == '\'' && cf_at(scan, (int64_t)start - 2) == '\t') continued_block(scan, rule, kind, end);
    if (!continued_kind(kind)) return;
    for (unsigned lines = 0; lines < CONTINUED_LINES; lines++) {
        uint32_t begin = continued_behind(scan, value_skip_blanks(scan, end, CONTINUED_BLANKS));
        if (!begin) return;
        end = quote ? continued_quoted(scan, begin, quote) : continued_bare(scan, begin);
        if (end == begin) return;
        cf_found(scan, begin, end, CF_BY_KEY, kind, rule->rule, CF_TOUCHING);
    }
}
