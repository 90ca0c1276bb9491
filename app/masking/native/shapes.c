/* Values that are personal by their shape: who looks at which word, mark and line. */
#include "shapes.h"

static inline void shape_piece(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes) {
    if (classes & CF_DIGIT) cf_number_word(scan, start, end, classes);
    cf_network_word(scan, start, end, classes);
    secret_word(scan, start, end, classes);
    if (classes & (CF_UPPER | CF_LOWER)) {
        sip_word(scan, start, end);
        text_word(scan, start, end);
    }
}

void cf_shape_word(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes) {
    if (!(classes & CF_HIGH)) {
        shape_piece(scan, start, end, classes);
        return;
    }
    while (start < end) {
        uint32_t stop = start;
        for (classes = 0; stop < end && scan->text[stop] < 0x80; stop++) classes |= cf_class[scan->text[stop]];
        if (stop > start) shape_piece(scan, start, stop, classes & CF_WORD);
        start = stop + 1;
    }
}

void cf_shape_mark(cf_scan *scan, uint32_t at) {
    sip_mark(scan, at);
    text_mark(scan, at);
    secret_mark(scan, at);
    cf_number_mark(scan, at);
    cf_network_mark(scan, at);
}

void cf_shape_line(cf_scan *scan, uint32_t start) {
    sip_line(scan, start);
    text_line(scan, start);
}
