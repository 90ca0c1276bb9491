/* How far the credentials of a header reach: to the line's end, or to the end of what they are quoted in (headers.py of
 * the reference). */
#include "keys.h"
#include "shapes.h"
#include "sixteen.h"

#include <string.h>

static uint32_t keyed_behind_tokens(const cf_scan *scan, uint32_t at, uint32_t end);

enum { HEADER_LINE = 4096, HEADER_WORD = 8192, HEADER_HEAD = 64, HEADER_BOX_MARKS = 32 };

static bool header_word_byte(uint8_t c) { return cf_is_alnum(c) || (c && strchr("._~+/=-", c)); }

static bool header_word_ends(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint8_t c = at < end ? scan->text[at] : '\n';
    return cf_is_space(c) || (c && strchr("\"'\\,;)]}<", c));
}

/* Behind a scheme and the one word of its credentials, or 0. `Digest` has more than one. */
static uint32_t header_one_word(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char *const schemes[] = {"basic", "bearer", "negotiate", "ntlm", "token", "apikey"};
    for (unsigned i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (cf_lower(cf_at(scan, start)) != (uint8_t)*schemes[i]) continue;
        uint32_t at = start + (uint32_t)strlen(schemes[i]), word = at;
        if (word >= end || !cf_stands_folded(scan, start, schemes[i], word - start)) continue;
        while (word < end && word - at < 4 && scan->text[word] == ' ') word++;
        if (word == at) continue;
        at = keyed_behind_tokens(scan, word, end);
        if (at > word && header_word_ends(scan, at, end)) return at;
        for (at = word; at < end && at - word < HEADER_WORD && header_word_byte(scan->text[at]);) at++;
        if (at == word) continue;
        return header_word_ends(scan, at, end) ? at : 0;
    }
    return 0;
}

/* Behind a token that was put there before, or 0. */
static uint32_t header_masked(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t behind = start + keyed_token(scan, start, end);
    uint8_t c = behind > start && behind < end ? scan->text[behind] : 0;
    return c && strchr(" \"'\\,)]}", c) ? behind : 0;
}

/* A header in single quotes: whether one stands directly before the name that a value's sign ends. */
static bool header_in_single(const cf_scan *scan, uint32_t line, uint32_t start) {
    const uint8_t *text = scan->text;
    uint32_t first = start - line > HEADER_HEAD ? start - HEADER_HEAD : line, at = start, name;
    while (at > first && start - at < 4 && cf_is_blank(text[at - 1])) at--;
    if (at == first || (text[at - 1] != ':' && text[at - 1] != '=')) return false;
    name = --at;
    while (at > first && name - at < 4 && cf_is_blank(text[at - 1])) at--;
    name = at;
    while (at > first && name - at < 40 && (cf_is_alpha(text[at - 1]) || text[at - 1] == '-')) at--;
    return at < name && at > first && text[at - 1] == '\'';
}

/* Counts the double quotes of the bytes up to a place that are not escaped, line by line. */
static void header_count_quotes(const cf_scan *scan, cf_quotes *quotes, uint32_t start) {
    const uint8_t *text = scan->text;
    for (uint32_t at = quotes->at; at < start;) {
        if (!at || start - at < 16) {
            if (text[at] == '\n') *quotes = (cf_quotes){at, at + 1, false, false};
            else if (text[at] == '"' && (at == quotes->line || text[at - 1] != '\\')) quotes->odd = !quotes->odd;
            at++;
            continue;
        }
        uint32_t feeds = sixteen_of(text + at, '\n', '\n', '\n', '\n');
        if (feeds) {
            at += 32 - (uint32_t)__builtin_clz(feeds);
            *quotes = (cf_quotes){at, at, false, false};
            continue;
        }
        uint32_t escaped = sixteen_of(text + at - 1, '\\', '\\', '\\', '\\') & (at == quotes->line ? 0xFFFEu : 0xFFFFu);
        quotes->odd ^= __builtin_parity(sixteen_of(text + at, '"', '"', '"', '"') & ~escaped) != 0;
        at += 16;
    }
}

/* The mark that ends the text in quotes in which a header's value begins, or 0. Quotes are counted once, however many
 * headers stand in a line. */
static uint8_t header_open_quote(cf_scan *scan, uint32_t start) {
    cf_quotes *quotes = &scan->quotes;
    uint32_t from = start > HEADER_LINE ? start - HEADER_LINE : 0;
    if (quotes->at > start || quotes->at < from) *quotes = (cf_quotes){from, from, from > 0, false};
    header_count_quotes(scan, quotes, start);
    quotes->at = start;
    if (quotes->cut || start - quotes->line >= HEADER_LINE) return 0;
    if (quotes->odd) return '"';
    return header_in_single(scan, quotes->line, start) ? '\'' : 0;
}

/* Whether a mark ends the text in quotes: a stray one before the header must not end it at `c="d"; e=f`. */
static bool header_quote_ends(const cf_scan *scan, uint32_t at) {
    uint8_t before = scan->text[at - 1];
    return before != '\\' && before != '=' &&
           (at + 1 >= scan->size || strchr(" \t\r\n,}])", scan->text[at + 1] ? scan->text[at + 1] : 'x'));
}

/* Where a box ends that begins before a place, `{Cookie=[a=b; c=d], Accept=[…]}`; 0: it does not, or holds too many brackets. */
static uint32_t header_box_end(const cf_scan *scan, uint32_t start, uint32_t end) {
    for (uint32_t at = start, marks = 0; at < end && marks < HEADER_BOX_MARKS; at++, marks++) {
        const uint8_t *mark = memchr(scan->text + at, ']', end - at);
        if (!mark) return 0;
        at = (uint32_t)(mark - scan->text);
        if (at + 1 == end || memchr(" \t\r\n,}])", scan->text[at + 1], 8)) return at;
    }
    return 0;
}

/* Where the credentials end that begin at a place, on a line that ends at `end`. */
static uint32_t header_end(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t behind = cf_ends(scan, start, "=[", 2) ? header_box_end(scan, start, end) : 0;
    if (!behind) behind = header_one_word(scan, start, end);
    if (!behind) behind = header_masked(scan, start, end);
    if (behind) return behind;
    uint8_t quote = header_open_quote(scan, start);
    for (uint32_t at = start; quote && at < end; at++) {
        const uint8_t *found = memchr(scan->text + at, quote, end - at);
        if (!found) break;
        at = (uint32_t)(found - scan->text);
        if (header_quote_ends(scan, at)) return at;
    }
    return end;
}
