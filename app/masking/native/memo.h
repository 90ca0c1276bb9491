/* Words that were looked at: most words of a log stand there again and again, and most are nobody's business.
 *
 * What a handler makes of a word may hang on the word, the byte before it and the two bytes behind it, and be
 * remembered; a handler that reads further says so by `cf_looks` first, and is asked again where the word stands again. */
#ifndef CASEFERRY_MEMO_H
#define CASEFERRY_MEMO_H

#include "core.h"

#include <string.h>

enum {
    MEMO_SHORT = 16, MEMO_LONG = 32,       /* bytes that are remembered of a word, with those around it */
    MEMO_SHORTS = 8192, MEMO_LONGS = 1024, /* words at most */
    MEMO_AROUND = 3,
    MEMO_KEYS = 2048, MEMO_KEY = 38        /* keys at most, and bytes of one */
};

/* What is known of a word: which handlers read further than the bytes beside it, and the classes of its bytes; or that no
 * handler does, and whether a sign stands directly behind the word. */
enum { MEMO_HANDLERS = 0xFF, MEMO_CLASSES = 8, MEMO_KNOWN = 1 << 13, MEMO_SIGN = 14, MEMO_DULL = 15 };

/* A key that was looked up, and its rule or NULL. */
typedef struct {
    const cf_key_rule *rule;
    uint8_t size, key[MEMO_KEY];
} memo_key;

/* Bytes of words, filled up with 0xFF, which no word has behind it; all 0: none. */
struct cf_memo {
    uint64_t shorts[MEMO_SHORTS][2], longs[MEMO_LONGS][4];
    uint16_t short_words[MEMO_SHORTS], long_words[MEMO_LONGS];
    memo_key keys[MEMO_KEYS];
};

static inline memo_key *memo_key_of(cf_memo *memo, const uint8_t *key, uint32_t size) {
    uint64_t head = 0, tail = 0;
    if (size >= 8) {
        memcpy(&head, key, 8);
        memcpy(&tail, key + size - 8, 8);
    } else if (size >= 4) {
        memcpy(&head, key, 4);
        memcpy(&tail, key + size - 4, 4);
    } else {
        head = (uint64_t)key[0] << 16 | (uint64_t)key[size / 2] << 8 | key[size - 1];
    }
    return &memo->keys[((head ^ size) * 0x9E3779B97F4A7C15u ^ tail * 0xC2B2AE3D27D4EB4Fu) >> 53];
}

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

static inline uint32_t memo_short(const uint64_t word[2]) {
    return (uint32_t)((word[0] * 0x9E3779B97F4A7C15u ^ word[1] * 0xC2B2AE3D27D4EB4Fu) >> 51);
}

static inline uint32_t memo_long(const uint64_t word[4]) {
    return (uint32_t)(((word[0] ^ word[2] << 1) * 0x9E3779B97F4A7C15u ^ (word[1] ^ word[3] << 1) * 0xC2B2AE3D27D4EB4Fu) >> 54);
}

/* What is known of a word, or 0. One byte before it and MEMO_LONG behind its beginning can be read. */
static inline uint32_t memo_knows(const cf_memo *memo, const uint8_t *word, uint32_t size) {
    uint64_t bytes[4];
    if (size + MEMO_AROUND <= MEMO_SHORT) {
        memo_read(bytes, word - 1, size + MEMO_AROUND, MEMO_SHORT);
        uint32_t at = memo_short(bytes);
        const uint64_t *slot = memo->shorts[at];
        return ((slot[0] ^ bytes[0]) | (slot[1] ^ bytes[1])) == 0 ? memo->short_words[at] : 0;
    }
    if (size + MEMO_AROUND > MEMO_LONG) return 0;
    memo_read(bytes, word - 1, size + MEMO_AROUND, MEMO_LONG);
    uint32_t at = memo_long(bytes);
    return memcmp(memo->longs[at], bytes, sizeof bytes) == 0 ? memo->long_words[at] : 0;
}

/* Remembers a word and which handlers read further. Numbers that are read further are seldom met again. */
static inline void memo_put(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes, unsigned handlers) {
    uint64_t bytes[4];
    uint32_t size = end - start + MEMO_AROUND, at;
    if (!scan->memo || size > MEMO_LONG || !start || scan->size - start < MEMO_LONG) return;
    uint8_t behind = scan->text[end];
    uint16_t known = (uint16_t)(MEMO_KNOWN | classes << MEMO_CLASSES | handlers | (handlers ? 0u : 1u << MEMO_DULL) |
                                (!handlers && (behind == ':' || behind == '=') ? 1u << MEMO_SIGN : 0));
    if (cf_is_digit(scan->text[start]) && (behind == ':' || behind == '-')) return; /* a stamp may begin so */
    if (handlers && classes == CF_DIGIT && size > MEMO_AROUND + 3) return;
    memo_read(bytes, scan->text + start - 1, size, size <= MEMO_SHORT ? MEMO_SHORT : MEMO_LONG);
    if (size <= MEMO_SHORT) {
        at = memo_short(bytes);
        memcpy(scan->memo->shorts[at], bytes, MEMO_SHORT);
        scan->memo->short_words[at] = known;
    } else {
        at = memo_long(bytes);
        memcpy(scan->memo->longs[at], bytes, MEMO_LONG);
        scan->memo->long_words[at] = known;
    }
}

#endif
