/* Lines that were looked at and stand there again: their places are known.
 *
 * What the handlers make of a line hangs on the line alone, with the line ends around it; a handler that reads further
 * says so by `cf_crosses`, and its line is not remembered. What earlier lines left in `taken` and `met` says nothing of
 * a line, unless one of them reached over its own end: `reached` is up to where. Lines of most logs are never
 * seen again: there a line is remembered when it is met the second time, and where many are known at once. */
#ifndef CASEFERRY_LINES_H
#define CASEFERRY_LINES_H

#include "core.h"

#include <string.h>

enum {
    LINE_LEAST = 1, LINE_MOST = 240, /* bytes without the line's end */
    LINE_EDGE = 256,                  /* bytes at both ends of a buffer, where stamps of time are read as other words are */
    LINE_PLACES = 8,
    LINE_SLOTS = 1 << 14,
    LINE_ROOM = 1 << 20,              /* bytes of all lines; the oldest make room for new ones */
    LINE_TURNS = 1 << 30,             /* bytes that were kept ever; behind them all are forgotten */
    LINE_COSTS = 512, LINE_GAIN = 12, LINE_PAUSE = 4096
};

/* By the hash of a line: that it was met, and how many bytes were kept before it and one more, or 0: it is not kept. */
typedef struct {
    uint32_t met, at;
} line_slot;

/* A line that is kept: its places, with offsets in the line, and its bytes follow. */
typedef struct {
    uint32_t size, count;
} line_kept;

struct cf_lines {
    line_slot slots[LINE_SLOTS];
    uint32_t used; /* bytes that were kept: the next line goes to this place, turn by turn */
    uint32_t costs, pause; /* a line that is new costs some of what known ones gain; when it is too much: lines not to look up */
    uint8_t room[LINE_ROOM];
};

/* Whether a line that was kept is still there. */
static inline bool line_held(const cf_lines *lines, const line_slot *slot) {
    return slot->at && lines->used - (slot->at - 1) <= LINE_ROOM;
}

static inline uint64_t line_word(const uint8_t *text) {
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return word;
}

/* Eight bytes behind the beginning can be read, however short the line is. */
static inline uint64_t line_hash(const uint8_t *text, uint32_t size) {
    uint64_t one = size, two = 0;
    uint32_t at = 0;
    if (size < 8) {
        one = (line_word(text) << (64 - 8 * size) ^ size) * 0x9E3779B97F4A7C15u;
        return one ^ one >> 29;
    }
    for (; at + 16 <= size; at += 16) {
        one = (one ^ line_word(text + at)) * 0x9E3779B97F4A7C15u;
        two = (two ^ line_word(text + at + 8)) * 0xC2B2AE3D27D4EB4Fu;
        one ^= one >> 32;
        two ^= two >> 29;
    }
    if (at + 8 <= size) one = (one ^ line_word(text + at)) * 0x9E3779B97F4A7C15u;
    two = (two ^ line_word(text + size - 8)) * 0xC2B2AE3D27D4EB4Fu;
    one ^= two >> 31 ^ two;
    return one ^ one >> 29;
}

/* Adds the places of a line that is known; false when it is not. */
static inline bool line_recall(cf_scan *scan, uint32_t start, uint32_t size, const line_slot *slot) {
    line_kept kept;
    const uint8_t *at = scan->lines->room + (slot->at - 1) % LINE_ROOM;
    memcpy(&kept, at, sizeof kept);
    const uint8_t *spans = at + sizeof kept;
    if (kept.size != size || memcmp(spans + kept.count * sizeof(cf_span), scan->text + start, size) != 0) return false;
    for (uint32_t i = 0; i < kept.count; i++) {
        cf_span span;
        memcpy(&span, spans + i * sizeof span, sizeof span);
        cf_span *added = cf_span_add(scan);
        if (!added) break;
        span.start += start;
        span.end += start;
        *added = span;
        scan->perhaps += span.flags & CF_PERHAPS ? 1 : 0;
    }
    return true;
}

/* How a line that begins at a place may be known: its size is 0 when it is not to be looked up. */
static inline cf_ahead line_measured(const cf_scan *scan, uint32_t start) {
    cf_ahead line = {start, 0, 0};
    uint32_t most = scan->size - start < LINE_MOST ? scan->size - start : LINE_MOST;
    const uint8_t *text = scan->text + start, *feed = most < LINE_LEAST ? NULL : memchr(text, '\n', most);
    uint32_t size = feed ? (uint32_t)(feed - text) : 0;
    if (size < LINE_LEAST || start < LINE_EDGE || scan->size - start - size < LINE_EDGE) return line;
    line.size = size;
    line.hash = line_hash(text, size);
    __builtin_prefetch(&scan->lines->slots[line.hash % LINE_SLOTS]);
    return line;
}

/* A line begins at a place, behind a line's end. Where its own end stands when it is known and its places are added; the
 * place itself: it is to be looked at. The next line is measured before, so that its slot is at hand when it begins. */
static inline uint32_t line_begins(cf_scan *scan, uint32_t start) {
    cf_lines *lines = scan->lines;
    scan->line.size = 0;
    if (!lines || (lines->pause && lines->pause--)) return start;
    cf_ahead line = scan->ahead.start == start ? scan->ahead : line_measured(scan, start);
    if (!line.size) return start;
    scan->ahead = line_measured(scan, start + line.size + 1);
    if (start < scan->reached) return start;
    line_slot *slot = &lines->slots[line.hash % LINE_SLOTS];
    if (slot->met == (uint32_t)(line.hash >> 32) && line_held(lines, slot) && line_recall(scan, start, line.size, slot)) {
        lines->costs -= lines->costs < LINE_GAIN ? lines->costs : LINE_GAIN;
        return start + line.size;
    }
    if (++lines->costs > LINE_COSTS) {
        lines->costs = LINE_COSTS / 4 * 3;
        lines->pause = LINE_PAUSE;
    }
    scan->line = (cf_line){start, line.size, scan->count, (uint32_t)(line.hash % LINE_SLOTS), (uint32_t)(line.hash >> 32)};
    scan->crossed = false;
    return start;
}

static inline void line_keep(cf_scan *scan, line_slot *slot) {
    cf_lines *lines = scan->lines;
    const cf_line *line = &scan->line;
    line_kept kept = {line->size, scan->count - line->places};
    if (kept.count > LINE_PLACES) return;
    uint32_t size = (uint32_t)(sizeof kept + kept.count * sizeof(cf_span) + kept.size);
    if (lines->used % LINE_ROOM + size > LINE_ROOM) lines->used += LINE_ROOM - lines->used % LINE_ROOM;
    if (lines->used >= LINE_TURNS) {
        memset(lines->slots, 0, sizeof lines->slots);
        lines->used = 0;
    }
    uint8_t *at = lines->room + lines->used % LINE_ROOM, *into = at + sizeof kept;
    for (uint32_t i = 0; i < kept.count; i++, into += sizeof(cf_span)) {
        cf_span span = scan->spans[line->places + i];
        if (span.start < line->start || span.end > line->start + line->size) return;
        span.start -= line->start;
        span.end -= line->start;
        memcpy(into, &span, sizeof span);
    }
    memcpy(at, &kept, sizeof kept);
    memcpy(into, scan->text + line->start, line->size);
    *slot = (line_slot){line->met, lines->used + 1};
    lines->used += size;
}

/* The line that was looked at ends. */
static inline void line_ends(cf_scan *scan) {
    if (scan->crossed) {
        for (unsigned i = 0; i < sizeof scan->taken / sizeof *scan->taken; i++)
            if (scan->taken[i] > scan->reached) scan->reached = scan->taken[i];
        for (unsigned i = 0; i < sizeof scan->met / sizeof *scan->met; i++)
            if (scan->met[i] > scan->reached) scan->reached = scan->met[i];
        scan->crossed = false;
    } else if (scan->line.size) {
        line_slot *slot = &scan->lines->slots[scan->line.slot];
        if (scan->lines->costs < LINE_COSTS / 2 || (slot->met == scan->line.met && !line_held(scan->lines, slot))) line_keep(scan, slot);
        else *slot = (line_slot){scan->line.met, 0};
    }
    scan->line.size = 0;
}

#endif
