/* The objects a place stands in: shared by keys and by names of persons. */
#include "core.h"
#include "sixteen.h"

#include <string.h>

static const uint8_t text_brackets[256] = {['('] = 1, ['['] = 1, ['{'] = 1, [')'] = 1, [']'] = 1, ['}'] = 1};

/* The last bracket in the bytes from `least` up to a place, or -1. */
static inline int64_t text_bracket_before(const uint8_t *text, uint32_t least, uint32_t at) {
    for (; at - least >= 16; at -= 16) {
        uint32_t brackets = sixteen_brackets(text + at - 16);
        if (brackets) return (int64_t)at + 15 - __builtin_clz(brackets);
    }
    while (at > least)
        if (text_brackets[text[--at]]) return at;
    return -1;
}

/* Where bytes of a set begin that end at a place. */
static uint32_t text_passed(const cf_scan *scan, uint32_t least, uint32_t at, const char *marks) {
    while (at > least && scan->text[at - 1] && strchr(marks, scan->text[at - 1])) at--;
    return at;
}

/* What encloses a place in the bytes from `least` on: where what stands before the object ends, or -1 when there is no
 * object; `inside` becomes the first byte in it. The objects of a list stand in what the list stands in. Bytes before the
 * place that hold no bracket are known the next time. */
static int64_t text_enclosing(cf_scan *scan, uint32_t least, uint32_t at, uint32_t *inside) {
    const uint8_t *text = scan->text;
    const cf_known known = scan->unopened;
    uint32_t depth = 0, end = at;
    int64_t outside = -1;
    bool entered = false, open = false;
    *inside = least;
    while (at > least) {
        if (known.from < at && at <= known.to) {
            at = known.from;
            continue;
        }
        uint32_t stop = known.to > least && known.to < at ? known.to : least;
        int64_t mark = text_bracket_before(text, stop, at);
        at = mark < 0 ? stop : (uint32_t)mark;
        if (mark < 0) continue;
        uint8_t c = text[at];
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
        uint32_t passed = text_passed(scan, least, at, " \t\r\n");
        if (passed > least && (text[passed - 1] == ',' || text[passed - 1] == '[')) continue;
        outside = at = text_passed(scan, least, passed, " \t\r\n:=\"'\\");
        break;
    }
    if (!open) scan->unopened = (cf_known){at < least ? at : least, end};
    if (at < scan->line.start) cf_crosses(scan);
    return outside;
}
