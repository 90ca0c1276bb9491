/* Stamps of time: the commonest digits of a log, and nobody's. What begins inside of one is not looked at.
 *
 * `2023-06-09T10:15:02.118`, `2023-06-09 10:15:02,441`, `2023-06-09`, `10:15:02.118`: no address, number or key has
 * these forms, whatever stands around them.
 */
#ifndef CASEFERRY_STAMP_H
#define CASEFERRY_STAMP_H

#include "core.h"

enum { STAMP_ROOM = 32 }; /* bytes that are read at most */

static inline bool stamp_digits(const uint8_t *text, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        if (!cf_is_digit(text[i])) return false;
    return true;
}

/* The size of `10:15:02` with its fraction; 0: none stands there. */
static inline unsigned stamp_time(const uint8_t *text) {
    if (text[2] != ':' || text[5] != ':' || !stamp_digits(text, 2) || !stamp_digits(text + 3, 2) || !stamp_digits(text + 6, 2)) return 0;
    unsigned size = 8;
    if (text[8] != '.' && text[8] != ',') return size;
    while (size < 18 && cf_is_digit(text[size + 1])) size++;
    return size > 8 ? size + 1 : size;
}

/* The size of the stamp that stands at the beginning of a word, or 0. At least STAMP_ROOM bytes can be read. */
static inline unsigned stamp_size(uint8_t before, const uint8_t *text) {
    unsigned size = 0;
    if (cf_is_word(before) || before >= 0x80 || before == ':' || before == '.' || before == '-' || before == '+' || before == '%') return 0;
    if (text[4] == '-') {
        if (text[7] != '-' || !stamp_digits(text, 4) || !stamp_digits(text + 5, 2) || !stamp_digits(text + 8, 2)) return 0;
        size = 10;
        unsigned time = text[10] == 'T' || text[10] == ' ' ? stamp_time(text + 11) : 0;
        if (time) size = 11 + time;
        else if (text[10] == 'T') return 0;
    } else {
        size = stamp_time(text);
    }
    uint8_t behind = text[size];
    return !size || cf_is_word(behind) || behind >= 0x80 || behind == ':' || behind == '-' || behind == '.' || behind == '@' ? 0 : size;
}

#endif
