/* The objects a place stands in: shared by keys and by names of persons. */
#include "core.h"

#include <string.h>

static inline bool text_line_blank(uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* What encloses a place in the bytes from `least` on: where what stands before the object ends, or -1 when there is no
 * object; `inside` becomes the first byte in it. The objects of a list stand in what the list stands in. */
static int64_t text_enclosing(const cf_scan *scan, uint32_t least, uint32_t at, uint32_t *inside) {
    const uint8_t *text = scan->text;
    uint32_t depth = 0;
    bool entered = false;
    *inside = least;
    while (at-- > least) {
        uint8_t c = text[at];
        if (c == '}' || c == ']' || c == ')') depth++;
        if (c != '{' && c != '[' && c != '(') continue;
        if (depth) {
            depth--;
            continue;
        }
        if (!entered) *inside = at + 1;
        entered = true;
        uint32_t outside = at;
        while (outside > least && text_line_blank(text[outside - 1])) outside--;
        if (outside > least && (text[outside - 1] == ',' || text[outside - 1] == '[')) continue;
        while (outside > least && text[outside - 1] && strchr(" \t\r\n:=\"'\\", text[outside - 1])) outside--;
        return outside;
    }
    return -1;
}
