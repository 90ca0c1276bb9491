/* Display names as mail encodes them, and in the elements of dialogs (sip.py of the reference). */
#include "shapes.h"

#include <string.h>

/* `=?UTF-8?B?…?=`: a name as mail encodes it, of at most four words; false: none ends at `end`. */
static bool sip_encoded_words(cf_scan *scan, uint32_t least, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t start = end;
    for (unsigned word = 0; word < 4; word++) {
        uint32_t stop = start, at, charset;
        if (word && (stop == least || text[--stop] != ' ')) break;
        if (stop < least + 9 || text[stop - 1] != '=' || text[stop - 2] != '?') break;
        for (at = stop - 2; at > least && stop - 2 - at < 257 && text[at - 1] != '?' && text[at - 1] != '"' && !cf_is_space(text[at - 1]);)
            at--;
        if (at == stop - 2 || stop - 2 - at > 256 || at < least + 6 || text[at - 1] != '?') break;
        uint8_t way = text[at - 2] | 32;
        if ((way != 'b' && way != 'q') || text[at - 3] != '?') break;
        for (charset = at -= 3; at > least && charset - at < 33 && (cf_is_word(text[at - 1]) || text[at - 1] == '-');) at--;
        if (at == charset || charset - at > 32 || at < least + 2 || text[at - 1] != '?' || text[at - 2] != '=') break;
        start = at - 2;
    }
    if (start < end) sip_name(scan, start, end);
    return start < end;
}

/* `<identity display="Mary Lee">` of a dialog: the word `display` [start, end) stands before its sign. */
static void sip_identity(cf_scan *scan, uint32_t start, uint32_t end) {
    if (!cf_ends(scan, start, "<identity ", 10) || cf_at(scan, (int64_t)end + 1) != '"') return;
    uint32_t name = end + 2, stop = name;
    while (stop < scan->size && stop - name < 129 && !memchr("\"<>\r\n", scan->text[stop], 5)) stop++;
    if (stop > name && stop - name < 129 && cf_at(scan, stop) == '"') sip_name(scan, name, stop);
}
