/* Values in quotation marks that no keyboard has: `«Jean Picard»`, `„Jörg Müßig“` (typographic.py of the reference). */
#include "core.h"

#include <string.h>

enum { TYPOGRAPHIC_MOST = 128, TYPOGRAPHIC_CLOSINGS = 2 };

/* Whether such a mark opens a value at a place, and where that begins and ends. */
static bool typographic_value(const cf_scan *scan, uint32_t at, uint32_t *start, uint32_t *end) {
    static const struct {
        const char *open, *close[TYPOGRAPHIC_CLOSINGS];
        bool apostrophe; /* what closes may stand before any letter, too */
    } marks[] = {{"\xc2\xab", {"\xc2\xbb", NULL}, false},
                 {"\xc2\xbb", {"\xc2\xab", NULL}, false},
                 {"\xe2\x80\x9c", {"\xe2\x80\x9c", "\xe2\x80\x9d"}, false},
                 {"\xe2\x80\x9e", {"\xe2\x80\x9c", "\xe2\x80\x9d"}, false},
                 {"\xe2\x80\x98", {"\xe2\x80\x98", "\xe2\x80\x99"}, true},
                 {"\xe2\x80\x9a", {"\xe2\x80\x98", "\xe2\x80\x99"}, true},
                 {"\xab", {"\xbb", NULL}, false}, /* of cp1252 */
                 {"\x84", {"\x93", "\x94"}, false},
                 {"\x93", {"\x93", "\x94"}, false}};
    if (cf_at(scan, at) < 0x80) return false;
    for (unsigned i = 0; i < sizeof marks / sizeof *marks; i++) {
        uint32_t size = (uint32_t)strlen(marks[i].open), from = at + size;
        if (!cf_stands(scan, at, marks[i].open, size)) continue;
        for (uint32_t stop = from; stop < scan->size && stop - from <= TYPOGRAPHIC_MOST; stop++) {
            uint8_t c = scan->text[stop];
            for (unsigned j = 0; stop > from && c >= 0x80 && j < TYPOGRAPHIC_CLOSINGS && marks[i].close[j]; j++) {
                size = (uint32_t)strlen(marks[i].close[j]);
                if (!cf_stands(scan, stop, marks[i].close[j], size)) continue;
                uint8_t behind = cf_at(scan, (int64_t)stop + size);
                if (cf_is_word(behind) || (marks[i].apostrophe && behind >= 0x80)) continue;
                *start = from;
                *end = stop;
                return true;
            }
            if (c == '\r' || c == '\n') break;
        }
        return false;
    }
    return false;
}
