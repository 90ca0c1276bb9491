/* The one pass: words and marks, each handed to those whose business it may be. */
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
    /* @ */ S, X8(U), X8(U), X8(U), U, U, /* [ \ ] ^ _ */ S, K | S, 0, 0, CF_UNDER,
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

void cf_scan_all(cf_scan *scan) {
    const uint8_t *text = scan->text;
    uint32_t size = scan->size, at = 0;
    if (size) cf_shape_line(scan, 0);
    while (at < size) {
        unsigned classes = cf_class[text[at]];
        if (classes & CF_WORD) {
            uint32_t end = at + 1;
            while (end < size && cf_class[text[end]] & CF_WORD) classes |= cf_class[text[end++]];
            cf_key_word(scan, at, end, classes);
            cf_shape_word(scan, at, end, classes);
            at = end;
            continue;
        }
        if (classes & CF_KEY_MARK) cf_key_mark(scan, at);
        if (classes & CF_SHAPE_MARK) cf_shape_mark(scan, at);
        at++;
        if (classes & CF_LINE && at < size) cf_shape_line(scan, at);
    }
}
