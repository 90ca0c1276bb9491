/* Words that were looked at and are nobody's business: most words of a log stand there again and again.
 *
 * What the handlers make of a word may hang on the word, the byte before it and the two bytes behind it, and be
 * remembered; a handler that reads further says so by `cf_looks` first. */
#ifndef CASEFERRY_MEMO_H
#define CASEFERRY_MEMO_H

#include "core.h"

#include <string.h>

enum {
    MEMO_SHORT = 16, MEMO_LONG = 32,       /* bytes that are remembered of a word, with those around it */
    MEMO_SHORTS = 8192, MEMO_LONGS = 1024, /* words at most */
    MEMO_AROUND = 3
};

/* Bytes of words, filled up with 0xFF, which no word has behind it; all 0: none. */
struct cf_memo {
    uint64_t shorts[MEMO_SHORTS][2], longs[MEMO_LONGS][4];
};

static inline void memo_read(uint64_t *into, const uint8_t *text, uint32_t size, uint32_t room) {
    static const uint8_t fill[2 * MEMO_LONG] = {
        0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
        0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    uint64_t filled[MEMO_LONG / 8];
    memcpy(into, text, room);
    memcpy(filled, fill + MEMO_LONG - size, room);
    for (uint32_t i = 0; i < room / 8; i++) into[i] |= filled[i];
}

static inline uint64_t *memo_short(cf_memo *memo, const uint64_t word[2]) {
    return memo->shorts[(word[0] * 0x9E3779B97F4A7C15u ^ word[1] * 0xC2B2AE3D27D4EB4Fu) >> 51];
}

static inline uint64_t *memo_long(cf_memo *memo, const uint64_t word[4]) {
    return memo->longs[((word[0] ^ word[2] << 1) * 0x9E3779B97F4A7C15u ^ (word[1] ^ word[3] << 1) * 0xC2B2AE3D27D4EB4Fu) >> 54];
}

/* 1 when a word is known to be nobody's business. One byte before it and MEMO_LONG behind its beginning can be read. */
static inline uint64_t memo_knows(cf_memo *memo, const uint8_t *word, uint32_t size) {
    uint64_t bytes[4];
    if (size + MEMO_AROUND <= MEMO_SHORT) {
        memo_read(bytes, word - 1, size + MEMO_AROUND, MEMO_SHORT);
        const uint64_t *slot = memo_short(memo, bytes);
        return ((slot[0] ^ bytes[0]) | (slot[1] ^ bytes[1])) == 0;
    }
    if (size + MEMO_AROUND > MEMO_LONG) return 0;
    memo_read(bytes, word - 1, size + MEMO_AROUND, MEMO_LONG);
    return memcmp(memo_long(memo, bytes), bytes, sizeof bytes) == 0;
}

static inline void memo_put(cf_scan *scan, uint32_t start, uint32_t end) {
    uint64_t bytes[4];
    uint32_t size = end - start + MEMO_AROUND;
    if (!scan->memo || size > MEMO_LONG || !start || scan->size - start < MEMO_LONG) return;
    if (cf_is_digit(scan->text[start]) && (scan->text[end] == ':' || scan->text[end] == '-')) return; /* a stamp may begin so */
    memo_read(bytes, scan->text + start - 1, size, size <= MEMO_SHORT ? MEMO_SHORT : MEMO_LONG);
    if (size <= MEMO_SHORT) memcpy(memo_short(scan->memo, bytes), bytes, MEMO_SHORT);
    else memcpy(memo_long(scan->memo, bytes), bytes, MEMO_LONG);
}

#endif
