/* The objects a place stands in: shared by keys and by names of persons. */
#include "core.h"

#include <string.h>

/* Brackets, and line ends. */
static const uint8_t text_brackets[256] = {['\n'] = 1, ['('] = 1, ['['] = 1, ['{'] = 1, [')'] = 1, [']'] = 1, ['}'] = 1};

/* The last bracket or line end in the bytes from `least` up to a place, or -1. */
static inline int64_t text_bracket_before(const uint8_t *text, uint32_t least, uint32_t at) {
    while (at - least >= 4) {
        if (text_brackets[text[at - 1]] | text_brackets[text[at - 2]] | text_brackets[text[at - 3]] | text_brackets[text[at - 4]]) break;
        at -= 4;
    }
    while (at > least)
        if (text_brackets[text[--at]]) return at;
    return -1;
}

/* Where blanks and bytes of a set begin that end at a place. */
static uint32_t text_passed(cf_scan *scan, uint32_t least, uint32_t at, const char *marks) {
    while (at > least && scan->text[at - 1] && strchr(marks, scan->text[at - 1]))
        if (scan->text[--at] == '\n') cf_crosses(scan);
    return at;
}

/* What encloses a place in the bytes from `least` on: where what stands before the object ends, or -1 when there is no
 * object; `inside` becomes the first byte in it. The objects of a list stand in what the list stands in. Bytes before the
 * place that hold no bracket are known the next time. */
static int64_t text_enclosing(cf_scan *scan, uint32_t least, uint32_t at, uint32_t *inside) {
    const uint8_t *text = scan->text;
    const cf_known known = scan->unopened;
    uint32_t depth = 0, end = at;
    bool entered = false, open = false;
    *inside = least;
    while (at > least) {
        if (known.from < at && at <= known.to) {
            if (known.from < scan->line.start) cf_crosses(scan);
            at = known.from;
            continue;
        }
        uint32_t stop = known.to > least && known.to < at ? known.to : least;
        int64_t mark = text_bracket_before(text, stop, at);
        at = mark < 0 ? stop : (uint32_t)mark;
        if (mark < 0) continue;
        uint8_t c = text[at];
        if (c == '\n') {
            cf_crosses(scan);
            continue;
        }
        if (!open) scan->unopened = (cf_known){at + 1, end};
        open = true;
        if (c == '}' || c == ']' || c == ')') {
            depth++;
            continue;
        }
        if (depth) {
            depth--;
            continue;
        }
        if (!entered) *inside = at + 1;
        entered = true;
        uint32_t outside = text_passed(scan, least, at, " \t\r\n");
        if (outside > least && (text[outside - 1] == ',' || text[outside - 1] == '[')) continue;
        return text_passed(scan, least, outside, " \t\r\n:=\"'\\");
    }
    if (!open) scan->unopened = (cf_known){known.from <= least && least < known.to ? known.from : least, end};
    return -1;
}
