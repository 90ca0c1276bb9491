/* Words that were looked at: most words of a log stand there again and again, and most are nobody's business.
 *
 * What a handler makes of a word may hang on the word, the byte before it and the two bytes behind it, and be
 * remembered; a handler that reads further says so by `cf_looks` first, and is asked again where the word stands again. */
#ifndef CASEFERRY_MEMO_H
#define CASEFERRY_MEMO_H

#include "core.h"

#include <string.h>

enum {
    MEMO_SHORT = 16, MEMO_LONG = 64,       /* bytes of a slot: a word with those around it, and what is known of it */
    MEMO_SHORTS = 8192, MEMO_LONGS = 1024, /* words at most */
    MEMO_AROUND = 3, MEMO_TOLD = 2,        /* bytes around a word, and of what is known */
    MEMO_KEYS = 2048, MEMO_KEY = 38        /* keys at most, and bytes of one */
};

/* What is known of a word: which handlers read further than the bytes beside it, and the classes of its bytes; or that no
 * handler does, and whether a sign stands directly behind the word. */
enum { MEMO_HANDLERS = 0x20FF, MEMO_CLASSES = 8, MEMO_SIGN = 14, MEMO_DULL = 15 };

/* A key that was looked up, and its rule or NULL. */
typedef struct {
    const cf_key_rule *rule;
    uint8_t size, key[MEMO_KEY];
} memo_key;

/* A slot holds the bytes of a word, filled up with 0xFF, which no word has behind it, and what is known in its last two
 * bytes, so that one look at one line of the cache answers; all 0: none. */
struct cf_memo {
    uint64_t shorts[MEMO_SHORTS][MEMO_SHORT / 8], longs[MEMO_LONGS][MEMO_LONG / 8];
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

#define MEMO_8(byte) byte, byte, byte, byte, byte, byte, byte, byte
#define MEMO_64(byte) MEMO_8(byte), MEMO_8(byte), MEMO_8(byte), MEMO_8(byte), MEMO_8(byte), MEMO_8(byte), MEMO_8(byte), MEMO_8(byte)

static const uint8_t memo_fill[2 * MEMO_LONG] = {MEMO_64(0), MEMO_64(0xFF)};

static inline uint64_t memo_eight(const uint8_t *text) {
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return word;
}

static inline void memo_read(uint64_t *into, const uint8_t *text, uint32_t size, uint32_t room) {
    const uint8_t *fill = memo_fill + MEMO_LONG - size;
    for (uint32_t i = 0; i < room; i += 8) into[i / 8] = memo_eight(text + i) | memo_eight(fill + i);
}

#undef MEMO_8
#undef MEMO_64

static inline uint32_t memo_short(const uint64_t word[MEMO_SHORT / 8]) {
    return (uint32_t)((word[0] ^ (word[1] << 23 | word[1] >> 41)) * 0x9E3779B97F4A7C15u >> 51);
}

static inline uint32_t memo_long(const uint64_t word[MEMO_LONG / 8]) {
    uint64_t one = word[0] ^ word[2] << 1 ^ word[4] << 2 ^ word[6] << 3, two = word[1] ^ word[3] << 1 ^ word[5] << 2 ^ word[7] << 3;
    return (uint32_t)((one * 0x9E3779B97F4A7C15u ^ two * 0xC2B2AE3D27D4EB4Fu) >> 54);
}

/* A condition that is as often true as not: compilers that know the word for it make no branch of it. */
#if defined(__clang__)
#define MEMO_EITHER(condition) __builtin_unpredictable(condition)
#else
#define MEMO_EITHER(condition) (condition)
#endif

/* As memo_knows, of a word that is too long for a short slot. */
static __attribute__((noinline)) uint32_t memo_knows_long(const cf_memo *memo, const uint8_t *word, uint32_t size) {
    uint64_t bytes[MEMO_LONG / 8], differs = 0;
    if (size > MEMO_LONG - MEMO_TOLD) return 0;
    memo_read(bytes, word - 1, size, MEMO_LONG);
    const uint64_t *slot = memo->longs[memo_long(bytes)];
    for (uint32_t i = 0; i < MEMO_LONG / 8 - 1; i++) differs |= slot[i] ^ bytes[i];
    differs |= (slot[MEMO_LONG / 8 - 1] ^ bytes[MEMO_LONG / 8 - 1]) << 8 * MEMO_TOLD;
    return differs ? 0 : (uint32_t)(slot[MEMO_LONG / 8 - 1] >> (64 - 8 * MEMO_TOLD));
}

/* What is known of a word, or 0. One byte before it and MEMO_LONG behind its beginning can be read. Whether a short word is
 * known is no branch, for nobody could tell it before. */
static inline __attribute__((always_inline)) uint32_t memo_knows(const cf_memo *memo, const uint8_t *word, uint32_t size) {
    const unsigned told = 8 * MEMO_TOLD;
    uint64_t bytes[MEMO_SHORT / 8];
    size += MEMO_AROUND;
    if (size > MEMO_SHORT - MEMO_TOLD) return memo_knows_long(memo, word, size);
    memo_read(bytes, word - 1, size, MEMO_SHORT);
    const uint64_t *slot = memo->shorts[memo_short(bytes)];
    uint64_t differs = (slot[0] ^ bytes[0]) | (slot[1] ^ bytes[1]) << told;
    return MEMO_EITHER(differs == 0) ? (uint32_t)(slot[1] >> (64 - told)) : 0;
}

/* Whether a stamp of time may begin with a word, so that it is looked at whatever is known of it; see stamp.h. */
static inline bool memo_stamp(const uint8_t *text, uint32_t start, uint32_t end) {
    return cf_is_digit(text[start]) && (end - start == 2 ? text[end] == ':' : end - start == 4 && text[end] == '-');
}

/* A slot becomes a word's. */
static inline void memo_write(uint64_t *slot, uint64_t *bytes, uint32_t room, uint64_t known) {
    uint64_t *last = &bytes[room / 8 - 1];
    *last = (*last & ~UINT64_C(0) >> 8 * MEMO_TOLD) | known << (64 - 8 * MEMO_TOLD);
    memcpy(slot, bytes, room);
}

/* Remembers a word and which handlers read further. Numbers that are read further are seldom met again. */
static inline void memo_put(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes, unsigned handlers) {
    uint64_t bytes[MEMO_LONG / 8];
    uint32_t size = end - start + MEMO_AROUND;
    if (!scan->memo || size > MEMO_LONG - MEMO_TOLD || !start || scan->size - start < MEMO_LONG) return;
    uint8_t behind = scan->text[end];
    uint64_t known = classes << MEMO_CLASSES | handlers | (handlers ? 0u : 1u << MEMO_DULL) |
                     (!handlers && (behind == ':' || behind == '=') ? 1u << MEMO_SIGN : 0);
    if (memo_stamp(scan->text, start, end)) return;
    if (handlers && classes == CF_DIGIT && size > MEMO_AROUND + 3) return;
    if (size <= MEMO_SHORT - MEMO_TOLD) {
        memo_read(bytes, scan->text + start - 1, size, MEMO_SHORT);
        memo_write(scan->memo->shorts[memo_short(bytes)], bytes, MEMO_SHORT, known);
    } else {
        memo_read(bytes, scan->text + start - 1, size, MEMO_LONG);
        memo_write(scan->memo->longs[memo_long(bytes)], bytes, MEMO_LONG, known);
    }
}

#endif
