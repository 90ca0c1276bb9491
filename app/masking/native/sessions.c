/* Whom a description of a session names (sessions.py of the reference): e=mary@example.org (Mary Major), p=+49 30 901820-417.
 * Other listings have such lines, too: these count behind o=… IN IP4 …, with nothing but lines of a description between. */
#include "keys.h"

#include <string.h>

enum { SESSION_LINES = 8, SESSION_LINE = 256 };

/* Whether a line [begin, end) tells a description. */
static bool session_told(const uint8_t *text, uint32_t begin, uint32_t end) {
    if (end - begin < 8 || text[begin] != 'o' || text[begin + 1] != '=') return false;
    for (uint32_t at = begin + 2; at + 6 <= end; at++)
        if (text[at] == ' ' && memcmp(text + at, " IN IP", 6) == 0) return true;
    return false;
}

/* Whether the lines before a place are those that a description begins with. */
static bool session_open(const cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    for (uint32_t lines = 0, end = start; lines < SESSION_LINES && end; lines++) {
        uint32_t least = end > SESSION_LINE ? end - SESSION_LINE : 0, begin = end - 1;
        while (begin > least && text[begin - 1] != '\n') begin--;
        if (begin == least && least) return false;
        if (session_told(text, begin, end)) return true;
        if (!text[begin] || !strchr("siuep", text[begin]) || end - begin < 2 || text[begin + 1] != '=') return false;
        end = begin;
    }
    return false;
}

static uint32_t session_before_blanks(const uint8_t *text, uint32_t start, uint32_t end) {
    while (end > start && cf_is_blank(text[end - 1])) end--;
    return end;
}

/* A line begins with e= or p=. */
static __attribute__((noinline)) void session_contact(cf_scan *scan, uint32_t line) {
    const uint8_t *text = scan->text;
    uint32_t start = line + 2, most = value_end(scan, start, SESSION_LINE), stop = start, name = 0, name_end = 0, open;
    cf_crosses(scan);
    if (start >= scan->size || cf_is_space(text[start])) return;
    while (stop < most && !value_line_ends(scan, stop)) stop++;
    if (stop < scan->size && text[stop] != '\n' && !(text[stop] == '\r' && (stop + 1 == scan->size || text[stop + 1] == '\n'))) return;
    if (!session_open(scan, line)) return;
    uint32_t end = session_before_blanks(text, start, stop), first = start;
    stop = end;
    if (text[stop - 1] == ')') {
        for (open = stop - 1; open > start && text[open] != '(';) open--;
        if (open > start && (cf_is_alpha(text[open + 1]) || text[open + 1] >= 0x80)) {
            name = open + 1, name_end = stop - 1;
            end = session_before_blanks(text, start, open);
        }
    } else if (text[stop - 1] == '>') {
        for (open = start; text[open] != '<' && open + 1 < stop;) open++;
        if (open > start && text[open] == '<' && !memchr(text + open + 1, '<', stop - open - 1)) { /* no token behind it */
            name = start, name_end = session_before_blanks(text, start, open);
            first = open + 1, end = stop - 1;
        }
    }
    if (name_end > name && needs_words(scan, name, name_end) && !name_nobody(scan, name, name_end)) described_judge(scan, "customer_name", name, name_end);
    if (text[line] != 'p') return;
    open = first + (cf_at(scan, first) == '+' || cf_at(scan, first) == '(');
    if (cf_is_digit(cf_at(scan, open))) described_judge(scan, "phone_number", first, end);
}
