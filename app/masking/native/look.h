/* Which words and marks are anybody's business, told by the bytes around one and by its size.
 *
 * What is looked at in vain costs time; what is not looked at is not found. So the conditions of every handler of words
 * and marks must be in these tables, as they stand there or weaker.
 */
#ifndef CASEFERRY_LOOK_H
#define CASEFERRY_LOOK_H

#include <stdint.h>

/* A bit that the byte before, the first byte, the byte behind and the one after it all have means: look. */
enum {
    LOOK_LABEL = 1,      /* word.word, word-word */
    LOOK_OCTET = 2,      /* the same for digits, not behind a dot */
    LOOK_HEX = 4,        /* groups of MAC and IPv6 */
    LOOK_RUN = 8,        /* digits in groups */
    LOOK_OPTION = 16,    /* -option */
    LOOK_PERSON = 32,    /* "customer" */
    LOOK_BASE64 = 64,
    LOOK_QUOTE = 128,    /* "key */
    LOOK_PERCENT = 256,
    LOOK_PARAM = 512,    /* ;param */
    LOOK_SLASH = 1024,
    LOOK_FOLDER = 2048,  /* /Users/ */
    LOOK_SUDO = 4096,
    LOOK_PAREN = 8192,
    LOOK_AT = 16384,
    LOOK_TAG = 32768,
    LOOK_ALWAYS = 65536,
    LOOK_ONE = 131072,   /* 1 (415) … */
    LOOK_ANY = ~0
};
#define IN(c, a, z) ((c) >= (a) && (c) <= (z))
#define DIGIT(c) IN(c, '0', '9')
#define UPPER(c) IN(c, 'A', 'Z')
#define ALPHA(c) (UPPER(c) || IN(c, 'a', 'z'))
#define WORD(c) (DIGIT(c) || ALPHA(c) || (c) == '_')
#define HEX(c) (DIGIT(c) || IN(c, 'a', 'f') || IN(c, 'A', 'F'))
#define BASE64(c) (IN(c, 'I', 'Z') || IN(c, 'a', 'f') || IN(c, 'C', 'D'))
#define TWO(c, a, b) ((c) == (a) || (c) == (b))
#define EITHER(yes, bit) ((yes) ? (bit) : 0)

#define FIRST(c) \
    (EITHER(ALPHA(c) || (c) == '_', LOOK_LABEL) | EITHER(DIGIT(c), LOOK_OCTET | LOOK_RUN) | EITHER(HEX(c), LOOK_HEX) | \
     EITHER(WORD(c), LOOK_OPTION) | EITHER(TWO(c, 'c', 'u') || TWO(c, 'p', 'a') || TWO(c, 'e', 'o'), LOOK_PERSON) | \
     EITHER(BASE64(c), LOOK_BASE64) | EITHER(TWO(c, '"', '\''), LOOK_QUOTE) | EITHER((c) == '%', LOOK_PERCENT) | \
     EITHER((c) == ';', LOOK_PARAM) | EITHER(TWO(c, '/', '\\'), LOOK_SLASH | LOOK_FOLDER) | EITHER((c) == '[', LOOK_SUDO) | \
     EITHER((c) == '(', LOOK_PAREN) | EITHER((c) == '@', LOOK_AT) | EITHER((c) == '<', LOOK_TAG) | \
     EITHER(TWO(c, '=', ':') || TWO(c, '+', '\n'), LOOK_ALWAYS) | EITHER((c) == '1', LOOK_ONE))
#define BEFORE(c) \
    (LOOK_ANY & ~(EITHER((c) == '.', LOOK_OCTET) | EITHER((c) == ':', LOOK_HEX) | \
                  EITHER(!(TWO(c, ' ', '#') || TWO(c, '"', '\'')), LOOK_RUN) | EITHER((c) != '-', LOOK_OPTION) | \
                  EITHER((c) != '"', LOOK_PERSON) | EITHER((c) != 's', LOOK_FOLDER) | EITHER((c) != 'o', LOOK_SUDO)))
#define BEHIND(c) \
    (LOOK_ANY & ~(EITHER(!TWO(c, '.', '-'), LOOK_LABEL | LOOK_OCTET) | EITHER((c) != ':', LOOK_HEX) | \
                  EITHER(!(TWO(c, '(', ')') || TWO(c, '.', '-') || (c) == ' '), LOOK_RUN) | EITHER(!TWO(c, ' ', '='), LOOK_OPTION) | \
                  EITHER((c) != '"', LOOK_PERSON) | EITHER(!TWO(c, '+', '/'), LOOK_BASE64) | \
                  EITHER(!(ALPHA(c) || TWO(c, '_', ' ') || (c) >= 0x80), LOOK_QUOTE) | EITHER(!IN(c, '2', '4'), LOOK_PERCENT) | \
                  EITHER(!ALPHA(c), LOOK_PARAM) | EITHER(!(TWO(c, '2', 'h') || TWO(c, '/', '\\')), LOOK_SLASH) | \
                  EITHER(!DIGIT(c), LOOK_PAREN) | EITHER(!(DIGIT(c) || ALPHA(c)), LOOK_AT) | \
                  EITHER(!(WORD(c) || (c) == '-' || (c) >= 0x80), LOOK_TAG) | EITHER(!(TWO(c, ' ', '-') || (c) == '.'), LOOK_ONE)))
#define BEYOND(c) (LOOK_ANY & ~(EITHER(!(WORD(c) || (c) == '-'), LOOK_LABEL | LOOK_OCTET) | EITHER(!HEX(c), LOOK_HEX)))

/* Sizes less one, bit by bit (the last for all from 32), that first, second and last byte all have: look. Shapes: IN ID;
 * for IPn; user LIKE DTMF card IBAN; digit ILIKE; CallID Signal digits; longer: DTMF…, digits, and words of anything. */
#define LEAST(n) (0xFFFFFFFFu << ((n) - 1))
#define ONLY(n) (1u << ((n) - 1))
#define FOLDED(c, a) ((c) == (a) || (c) == (a) - 32)
#define SIZE_FIRST(c) \
    (EITHER(WORD(c), LEAST(13)) | EITHER(DIGIT(c), ONLY(3) | LEAST(7)) | EITHER(IN(c, '2', '6') || UPPER(c), ONLY(4)) | \
     EITHER(FOLDED(c, 'i'), ONLY(2) | ONLY(5)) | EITHER(TWO(c, 'f', 'I'), ONLY(3)) | EITHER((c) == 'u' || FOLDED(c, 'l'), ONLY(4)) | \
     EITHER(FOLDED(c, 'd'), LEAST(4)) | EITHER(FOLDED(c, 'c') || (c) == 'S', ONLY(6)))
#define SIZE_SECOND(c) \
    (LEAST(13) | EITHER(DIGIT(c), ONLY(3) | LEAST(4)) | EITHER(UPPER(c), ONLY(4)) | EITHER(FOLDED(c, 'n') || FOLDED(c, 'd'), ONLY(2)) | \
     EITHER(TWO(c, 'o', 'P'), ONLY(3)) | EITHER((c) == 's' || FOLDED(c, 'i'), ONLY(4)) | EITHER(FOLDED(c, 't'), LEAST(4)) | \
     EITHER(FOLDED(c, 'l'), ONLY(5)) | EITHER(FOLDED(c, 'i'), ONLY(5) | ONLY(6)) | EITHER(FOLDED(c, 'a'), ONLY(6)))
#define SIZE_LAST(c) \
    (LEAST(13) | EITHER(DIGIT(c), ONLY(3) | LEAST(4)) | EITHER(WORD(c), LEAST(5)) | EITHER(FOLDED(c, 'n') || FOLDED(c, 'd'), ONLY(2)) | \
     EITHER((c) == 'r', ONLY(3) | ONLY(4)) | EITHER(FOLDED(c, 'e') || FOLDED(c, 'f'), ONLY(4)))

/* Words that end with INSERT, Bearer, Basic: the last and the last but two. */
#define ENDS_LAST(c) (EITHER(FOLDED(c, 't'), 1) | EITHER((c) == 'r', 2) | EITHER((c) == 'c', 4))
#define ENDS_THIRD(c) (EITHER(FOLDED(c, 'e'), 1) | EITHER((c) == 'r', 2) | EITHER((c) == 's', 4))

#define ROW(F, r) \
    F(r), F(r + 1), F(r + 2), F(r + 3), F(r + 4), F(r + 5), F(r + 6), F(r + 7), F(r + 8), F(r + 9), F(r + 10), F(r + 11), \
        F(r + 12), F(r + 13), F(r + 14), F(r + 15)
#define TABLE(F) \
    {ROW(F, 0), ROW(F, 16), ROW(F, 32), ROW(F, 48), ROW(F, 64), ROW(F, 80), ROW(F, 96), ROW(F, 112), ROW(F, 128), ROW(F, 144), \
     ROW(F, 160), ROW(F, 176), ROW(F, 192), ROW(F, 208), ROW(F, 224), ROW(F, 240)}
static const int32_t look_first[256] = TABLE(FIRST), look_before[256] = TABLE(BEFORE), look_behind[256] = TABLE(BEHIND),
                     look_beyond[256] = TABLE(BEYOND);
static const uint32_t look_size_first[256] = TABLE(SIZE_FIRST), look_size_second[256] = TABLE(SIZE_SECOND),
                      look_size_last[256] = TABLE(SIZE_LAST);
static const uint8_t look_ends_last[256] = TABLE(ENDS_LAST), look_ends_third[256] = TABLE(ENDS_THIRD);

/* Whether a word or mark is anybody's business; `size` is its size less one. Not zero: it is. */
static inline unsigned look_at(uint8_t before, uint8_t first, uint8_t second, uint8_t third, uint8_t last, uint8_t behind, uint8_t beyond,
                               uint32_t size) {
    unsigned look = (unsigned)(look_before[before] & look_first[first] & look_behind[behind] & look_beyond[beyond]);
    uint32_t sizes = look_size_first[first] & look_size_second[second] & look_size_last[last];
    look |= sizes >> (size < 31 ? size : 31) & 1;
    return look | (size > 3 ? look_ends_last[last] & look_ends_third[third] : 0);
}
#undef IN
#undef DIGIT
#undef UPPER
#undef ALPHA
#undef WORD
#undef HEX
#undef BASE64
#undef TWO
#undef EITHER
#undef FIRST
#undef BEFORE
#undef BEHIND
#undef BEYOND
#undef LEAST
#undef ONLY
#undef FOLDED
#undef SIZE_FIRST
#undef SIZE_SECOND
#undef SIZE_LAST
#undef ENDS_LAST
#undef ENDS_THIRD
#undef ROW
#undef TABLE
#endif
