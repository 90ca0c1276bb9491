/* The one pass: words and marks, each handed to those whose business it may be. */
#include "blocks.c"
#include "core.h"

#include <stdlib.h>
#include <string.h>

#define U CF_UPPER
#define L CF_LOWER
#define D CF_DIGIT
#define H CF_HIGH
#define K CF_KEY_MARK
#define S CF_SHAPE_MARK
#define N CF_LINE
#define X8(a) a, a, a, a, a, a, a, a
#define X16(a) X8(a), X8(a)

const uint8_t cf_class[256] = {
    X8(0), 0, 0, N, 0, 0, 0, 0, 0, X16(0),
    /*   ! " # $ % & ' */ 0, 0, K | S, 0, 0, K | S, K, K | S,
    /* ( ) * + , - . / */ S, 0, 0, S, 0, S, S, S,
    X8(D), D, D, /* : ; < = > ? */ K | S, S, K | S, K | S, 0, 0,
    /* @ */ S, X8(U), X8(U), X8(U), U, U, /* [ \ ] ^ _ */ K | S, K | S, 0, 0, CF_UNDER,
    /* ` */ 0, X8(L), X8(L), X8(L), L, L, 0, 0, 0, 0, 0,
    X16(H), X16(H), X16(H), X16(H), X16(H), X16(H), X16(H), X16(H)};

void cf_found(cf_scan *scan, uint32_t start, uint32_t end, cf_detector detector, cf_kind kind, unsigned rule,
              unsigned flags) {
    if (start >= end || end > scan->size) return;
    if (scan->count == scan->room) {
        uint32_t room = scan->room ? scan->room * 2 : 1024;
        cf_span *more = realloc(scan->spans, room * sizeof *more);
        if (!more) {
            scan->failed = true;
            return;
        }
        scan->spans = more;
        scan->room = room;
    }
    cf_span *span = &scan->spans[scan->count++];
    *span = (cf_span){start, end, (uint16_t)(10 + 10 * detector), (uint16_t)rule, (uint8_t)kind, (uint8_t)flags, 0, -1};
}

bool cf_stands(const cf_scan *scan, int64_t at, const char *word, uint32_t size) {
    return at >= 0 && at + size <= (int64_t)scan->size && memcmp(scan->text + at, word, size) == 0;
}

bool cf_ends(const cf_scan *scan, int64_t end, const char *word, uint32_t size) {
    return cf_stands(scan, end - size, word, size);
}

#include "stamp.h"

static void scan_word(cf_scan *scan, uint32_t start, uint32_t end) {
    unsigned classes = 0;
    for (uint32_t at = start; at < end; at++) classes |= cf_class[scan->text[at]];
    cf_key_word(scan, start, end, classes);
    cf_shape_word(scan, start, end, classes);
}

static void scan_mark(cf_scan *scan, uint32_t at) {
    unsigned classes = cf_class[scan->text[at]];
    if (classes & CF_KEY_MARK) cf_key_mark(scan, at);
    if (classes & CF_SHAPE_MARK) cf_shape_mark(scan, at);
    if (classes & CF_LINE && at + 1 < scan->size) cf_shape_line(scan, at + 1);
}

/* The words that begin and the marks that stand in 64 bytes, but for those before `from`. Where the next ones are to be
 * looked at. */
static inline uint32_t scan_block(cf_scan *scan, uint32_t at, const cf_block *block, uint64_t events, uint32_t from) {
    const uint8_t *text = scan->text;
    bool edge = at < 4 || scan->size - at < 64 + STAMP_ROOM + 4;
    if (from > at) events &= from - at < 64 ? ~UINT64_C(0) << (from - at) : 0;
    while (events) {
        unsigned bit = (unsigned)__builtin_ctzll(events);
        uint64_t gaps = ~block->words >> bit;
        uint32_t start = at + bit, size = gaps ? (uint32_t)__builtin_ctzll(gaps) : 64 - bit, end = start + size;
        events &= events - 1;
        if (!size) {
            scan_mark(scan, start);
            continue;
        }
        if (bit + size == 64)
            while (end < scan->size && cf_class[text[end]] & CF_WORD) end++;
        if (!edge && bit + size < 64 && (size == 2 ? text[end] == ':' : size == 4 && text[end] == '-')) {
            uint32_t stamp = stamp_size(text[start - 1], text + start);
            if (stamp) {
                from = start + stamp;
                events &= from - at < 64 ? ~UINT64_C(0) << (from - at) : 0;
                continue;
            }
        }
        scan_word(scan, start, end);
    }
    return from;
}

void cf_scan_all(cf_scan *scan) {
    uint64_t before = 0;
    uint32_t from = 0;
    if (scan->size) cf_shape_line(scan, 0);
    for (uint32_t at = 0; at < scan->size; at += 64) {
        uint8_t last[64] = {0};
        const uint8_t *text = scan->text + at;
        if (scan->size - at < 64) text = memcpy(last, text, scan->size - at);
        cf_block block = block_of(text);
        uint64_t starts = block.words & ~(block.words << 1 | before);
        before = block.words >> 63;
        from = scan_block(scan, at, &block, starts | block.marks, from);
    }
}
