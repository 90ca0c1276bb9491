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
    X8(D), D, D, /* : ; < = > ? */ K | S, S, K | S, K | S, K, 0,
    /* @ */ S, X8(U), X8(U), X8(U), U, U, /* [ \ ] ^ _ */ K | S, K | S, 0, 0, CF_UNDER,
    /* ` */ 0, X8(L), X8(L), X8(L), L, L, 0, 0, 0, 0, 0,
    X16(H), X16(H), X16(H), X16(H), X16(H), X16(H), X16(H), X16(H)};

/* Room for one more span, or NULL. */
static cf_span *cf_span_add(cf_scan *scan) {
    if (scan->count == scan->room) {
        uint32_t room = scan->room ? scan->room * 2 : 1024;
        cf_span *more = realloc(scan->spans, room * sizeof *more);
        if (!more) {
            scan->failed = true;
            return NULL;
        }
        scan->spans = more;
        scan->room = room;
    }
    return &scan->spans[scan->count++];
}

void cf_found(cf_scan *scan, uint32_t start, uint32_t end, cf_detector detector, cf_kind kind, unsigned rule,
              unsigned flags) {
    cf_span *span = start < end && end <= scan->size ? cf_span_add(scan) : NULL;
    if (span) *span = (cf_span){start, end, (uint16_t)(10 + 10 * detector), (uint16_t)rule, (uint8_t)kind, (uint8_t)flags, 0, -1};
}

void cf_passed_over(cf_scan *scan, uint32_t start, uint32_t end, cf_detector detector, unsigned rule) {
    if (scan->inner || !cf_shape_on(scan->rules, detector)) return;
    uint32_t count = scan->count;
    cf_found(scan, start, end, detector, cf_shape_kind(scan->rules, detector), rule, CF_PERHAPS);
    scan->perhaps += scan->count - count;
}

bool cf_stands(const cf_scan *scan, int64_t at, const char *word, uint32_t size) {
    if (at < 0 || at + size > (int64_t)scan->size) return false;
    /* Words of a list are of many sizes: their first byte spares most of them the call. */
    if (!__builtin_constant_p(size) && size && scan->text[at] != (uint8_t)*word) return false;
    return memcmp(scan->text + at, word, size) == 0;
}

bool cf_ends(const cf_scan *scan, int64_t end, const char *word, uint32_t size) {
    return cf_stands(scan, end - size, word, size);
}

#include "lines.h"
#include "memo.h"
#include "stamp.h"

static inline bool scan_is_sign(uint8_t c) { return c == ':' || c == '='; }

/* Handlers of a word that are remembered apart. */
enum {
    SCAN_KEY = 1, SCAN_NUMBER = 2, SCAN_NETWORK = 4, SCAN_SHAPE = 8, SCAN_MARK = 16,
    SCAN_SIGNS = 5, SCAN_ALL_SIGNS = 7 << SCAN_SIGNS, /* bits before CF_SIGN_KEY, and all of them */
    SCAN_GIVEN = 1 << 13                              /* one of MEMO_HANDLERS, behind the classes */
};

/* Whether the handlers that were asked since have read further than the bytes beside their word, or found something. */
static inline unsigned scan_further(cf_scan *scan, uint32_t *count, unsigned handlers) {
    bool further = scan->looked || *count != scan->count;
    scan->looked = false;
    *count = scan->count;
    return further ? handlers : 0;
}

/* A word that is new, and the sign directly behind it, if one stands there. */
static void scan_word(cf_scan *scan, uint32_t start, uint32_t end, bool sign) {
    unsigned classes = 0, further;
    uint32_t count = scan->count;
    scan->looked = false;
    for (uint32_t at = start; at < end; at++) classes |= cf_class[scan->text[at]];
    if (classes != CF_DIGIT) cf_key_word(scan, start, end, classes); /* no digit begins or ends a key or a word of SQL */
    further = scan_further(scan, &count, SCAN_KEY);
    if (classes & CF_HIGH) {
        cf_shape_word(scan, start, end);
        further |= scan_further(scan, &count, SCAN_SHAPE);
    } else {
        cf_number_word(scan, start, end, classes);
        further |= scan_further(scan, &count, SCAN_NUMBER);
        cf_network_word(scan, start, end, classes);
        further |= scan_further(scan, &count, SCAN_NETWORK);
        if (classes != CF_DIGIT) {
            cf_shape_given(scan, start, classes);
            further |= scan_further(scan, &count, SCAN_GIVEN);
        }
        cf_shape_piece(scan, start, end, classes);
        further |= scan_further(scan, &count, SCAN_SHAPE);
    }
    if (sign) {
        unsigned signs = cf_key_signs(scan, start, end);
        if (signs) cf_key_sign(scan, end, signs);
        further |= scan_further(scan, &count, 0) | signs << SCAN_SIGNS;
        if (scan->text[end] == ':') cf_shape_mark(scan, end);
        further |= scan_further(scan, &count, SCAN_MARK);
    }
    memo_put(scan, start, end, classes & CF_WORD, further);
}

/* A word that is known: only the handlers that read further are asked. */
static void scan_known(cf_scan *scan, uint32_t start, uint32_t end, unsigned known) {
    unsigned classes = known >> MEMO_CLASSES & CF_WORD;
    if (known & SCAN_KEY) cf_key_word(scan, start, end, classes);
    if (known & SCAN_NUMBER) cf_number_word(scan, start, end, classes);
    if (known & SCAN_NETWORK) cf_network_word(scan, start, end, classes);
    if (known & SCAN_GIVEN) cf_shape_given(scan, start, classes);
    if (known & SCAN_SHAPE) {
        if (classes & CF_HIGH) cf_shape_word(scan, start, end);
        else cf_shape_piece(scan, start, end, classes);
    }
    if (known & SCAN_ALL_SIGNS) cf_key_sign(scan, end, (known & SCAN_ALL_SIGNS) >> SCAN_SIGNS);
    if (known & SCAN_MARK) cf_shape_mark(scan, end);
}

static void scan_mark(cf_scan *scan, uint32_t at) {
    unsigned classes = cf_class[scan->text[at]];
    if (classes & CF_KEY_MARK) cf_key_mark(scan, at);
    if (classes & CF_SHAPE_MARK) cf_shape_mark(scan, at);
}

/* The words that begin in 64 bytes and the marks in them. */
typedef struct {
    uint64_t words, next; /* bytes of words, here and in the 64 bytes behind */
    uint64_t starts, marks;
    uint16_t known[64]; /* of a word by its place: what memo.h knows */
} scan_events;

/* The bits of 64 bytes at a place that stand for those from another place on. */
static inline uint64_t scan_from(uint32_t at, uint32_t from) {
    return from <= at ? ~UINT64_C(0) : from - at < 64 ? ~UINT64_C(0) << (from - at) : 0;
}

/* Looks up what is known of words, and takes those out that are nobody's business, with the signs behind them. Answers up
 * to where the next 64 bytes are dealt with. */
static inline uint32_t scan_forget(const cf_scan *scan, uint32_t at, scan_events *events) {
    const uint8_t *text = scan->text + at;
    const cf_memo *memo = scan->memo;
    const uint64_t gaps = ~events->words;
    const unsigned last = gaps ? 64 - (unsigned)__builtin_clzll(gaps) : 0; /* where the word begins that ends behind these bytes, or 64 */
    uint64_t dull = 0, signs = 0, within = last < 64 ? (UINT64_C(1) << last) - 1 : ~UINT64_C(0);
    uint32_t behind = at;
    for (uint64_t starts = events->starts & within; starts; starts &= starts - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(starts), size = (unsigned)__builtin_ctzll(gaps >> bit);
        uint32_t known = memo_knows(memo, text + bit, size);
        events->known[bit] = (uint16_t)known;
        dull |= (uint64_t)(known >> MEMO_DULL) << bit;
        signs |= (uint64_t)(known >> MEMO_SIGN & 1) << (bit + size);
    }
    if (events->starts & ~within) {
        unsigned size = 64 - last + (~events->next ? (unsigned)__builtin_ctzll(~events->next) : 64);
        uint32_t known = memo_knows(memo, text + last, size);
        events->known[last] = (uint16_t)known;
        dull |= (uint64_t)(known >> MEMO_DULL) << last;
        if (known >> MEMO_SIGN & 1) behind = at + last + size + 1;
    }
    events->starts &= ~dull;
    events->marks &= ~signs;
    return behind;
}

/* The words that begin and the marks that stand in 64 bytes. Where the next ones are to be looked at. */
static inline uint32_t scan_part(cf_scan *scan, uint32_t at, scan_events *found, uint32_t from) {
    const uint8_t *text = scan->text;
    bool edge = at < 4 || scan->size - at < 128 + STAMP_ROOM + 4, remembers = !edge && scan->memo;
    uint32_t behind = remembers ? scan_forget(scan, at, found) : at;
    for (uint64_t events = found->starts | found->marks; events;) {
        unsigned bit = (unsigned)__builtin_ctzll(events);
        uint64_t gaps = ~found->words >> bit;
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
                events &= scan_from(at, from);
                continue;
            }
        }
        bool sign = end < scan->size && scan_is_sign(text[end]);
        if (sign) {
            from = end + 1;
            events &= scan_from(at, from);
        }
        if (remembers && found->known[bit]) scan_known(scan, start, end, found->known[bit]);
        else scan_word(scan, start, end, sign);
    }
    return from > behind ? from : behind;
}

/* A line ends at a place. Where the next events are to be looked at: behind it, or at the end of the next line when that
 * is known. */
static inline uint32_t scan_line(cf_scan *scan, uint32_t at) {
    line_ends(scan);
    if (++at >= scan->size) return at;
    uint32_t from = line_begins(scan, at);
    if (from == at) {
        cf_shape_line(scan, at);
        cf_key_line(scan, at);
    }
    return from;
}

/* What stands in 64 bytes, from a place on: line by line, since many lines are known. Where the next events are to be
 * looked at. */
static inline uint32_t scan_block(cf_scan *scan, uint32_t at, const cf_block *block, uint64_t next, uint32_t from) {
    uint64_t before = at && cf_class[scan->text[at - 1]] & CF_WORD, starts = block->words & ~(block->words << 1 | before);
    scan_events found;
    found.words = block->words;
    found.next = next;
    for (;;) {
        uint64_t here = scan_from(at, from), lines = block->lines & here;
        uint64_t part = lines ? here & ((lines & (0 - lines)) - 1) : here;
        found.starts = starts & part;
        found.marks = block->marks & part;
        if (found.starts | found.marks) from = scan_part(scan, at, &found, from);
        if (!lines) return from;
        from = scan_line(scan, at + (uint32_t)__builtin_ctzll(lines));
    }
}

static inline cf_block scan_read(const cf_scan *scan, uint32_t at) {
    uint8_t last[64] = {0};
    if (at >= scan->size) return (cf_block){0, 0, 0};
    if (scan->size - at >= 64) return block_of(scan->text + at);
    memcpy(last, scan->text + at, scan->size - at);
    return block_of(last);
}

void cf_scan_all(cf_scan *scan) {
    uint32_t from = 0, at = 0;
    if (scan->size) {
        cf_shape_line(scan, 0);
        cf_key_line(scan, 0);
    }
    cf_block block = scan_read(scan, 0);
    while (at < scan->size) {
        cf_block next = scan_read(scan, at + 64);
        from = scan_block(scan, at, &block, next.words, from);
        at += 64;
        block = next;
        if (from < at + 64) continue;
        at = from & ~UINT32_C(63);
        block = scan_read(scan, at);
    }
}
