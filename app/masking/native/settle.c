/* What to do where places overlap: the same result as app/masking/spans.py, in time n log n.
 *
 * First `settle_share`: of overlapping spans the one of lower order keeps its place, the others keep what is left.
 * Then `settle_clean`: pieces lose line ends and blanks, and those that say nothing.
 */
#include "replace.h"

#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Places of the kinds in the order of their names, which decides between spans that are equal otherwise. */
static const uint8_t kind_rank[CF_KINDS] = {15, 13, 12, 2, 7, 9, 11, 6, 4, 16, 14, 8, 0, 1, 5, 10, 3};

static bool spans_add(cf_spans *spans, cf_span span) {
    if (spans->count == spans->room) {
        uint32_t room = spans->room ? spans->room * 2 : 256;
        cf_span *more = realloc(spans->at, room * sizeof *more);
        if (!more) return false;
        spans->at = more;
        spans->room = room;
    }
    spans->at[spans->count++] = span;
    return true;
}

static inline unsigned span_rank(const cf_span *span) { return span->kind < CF_KINDS ? kind_rank[span->kind] : 0; }

/* The order of tuples in the reference. */
static int spans_compare(const void *one, const void *two) {
    const cf_span *a = one, *b = two;
    if (a->start != b->start) return a->start < b->start ? -1 : 1;
    if (a->end != b->end) return a->end < b->end ? -1 : 1;
    if (a->order != b->order) return a->order < b->order ? -1 : 1;
    if (span_rank(a) != span_rank(b)) return span_rank(a) < span_rank(b) ? -1 : 1;
    return a->rule < b->rule ? -1 : a->rule > b->rule;
}

/* Spans come nearly in order: they are shifted into place, unless that takes too many steps. */
static void spans_sort(cf_spans *spans) {
    uint64_t steps = 8 * (uint64_t)spans->count + 1024;
    for (uint32_t i = 1; i < spans->count; i++) {
        cf_span *at = spans->at + i;
        if (spans_compare(at - 1, at) <= 0) continue;
        cf_span span = *at;
        do {
            *at = at[-1];
            at--;
            steps--;
        } while (at > spans->at && steps && spans_compare(at - 1, &span) > 0);
        *at = span;
        if (!steps) {
            qsort(spans->at, spans->count, sizeof *spans->at, spans_compare);
            return;
        }
    }
}

/* Both in order; from the end, so that nothing is moved twice. */
static bool spans_merge(cf_spans *into, const cf_spans *more) {
    uint32_t left = into->count, right = more->count;
    for (uint32_t i = 0; i < right; i++)
        if (!spans_add(into, more->at[i])) return false;
    for (uint32_t to = left + right; right;) {
        bool from_left = left && spans_compare(&into->at[left - 1], &more->at[right - 1]) > 0;
        into->at[--to] = from_left ? into->at[--left] : more->at[--right];
    }
    return true;
}

/* Whether `a` keeps its place against `b`. */
static bool span_wins(const cf_span *a, const cf_span *b) {
    if (a->order != b->order) return a->order < b->order;
    uint32_t size_a = a->end - a->start, size_b = b->end - b->start;
    if (size_a != size_b) return size_a > size_b;
    return spans_compare(a, b) < 0;
}

static void heap_push(cf_span *heap, uint32_t count, cf_span span) {
    while (count) {
        uint32_t parent = (count - 1) / 2;
        if (!span_wins(&span, &heap[parent])) break;
        heap[count] = heap[parent];
        count = parent;
    }
    heap[count] = span;
}

static void heap_pop(cf_span *heap, uint32_t count) {
    cf_span last = heap[count - 1];
    uint32_t at = 0, size = count - 1;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= size) break;
        if (child + 1 < size && span_wins(&heap[child + 1], &heap[child])) child++;
        if (!span_wins(&heap[child], &last)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
}

static bool piece_add(cf_spans *pieces, const cf_span *span, uint32_t start, uint32_t end) {
    cf_span piece = *span;
    if (start != span->start || end != span->end) piece.learned = -1;
    piece.start = start;
    piece.end = end;
    return spans_add(pieces, piece);
}

/* Spans that overlap one another (n of them, by start): a sweep with the best of those that are open on top. */
static bool share_cluster(const cf_span *span, uint32_t count, cf_spans *pieces, cf_spans *heap) {
    uint32_t next = 0, open = 0, begun = 0;
    while (heap->room < count) {
        heap->count = heap->room;
        if (!spans_add(heap, *span)) return false;
    }
    while (next < count || open) {
        if (!open) {
            begun = span[next].start;
            heap_push(heap->at, open++, span[next++]);
            continue;
        }
        cf_span best = heap->at[0];
        if (next < count && span[next].start < best.end) {
            if (span_wins(&span[next], &best)) {
                if (span[next].start > begun && !piece_add(pieces, &best, begun, span[next].start)) return false;
                begun = span[next].start;
            }
            heap_push(heap->at, open++, span[next++]);
            continue;
        }
        if (best.end > begun) {
            if (!piece_add(pieces, &best, begun, best.end)) return false;
            begun = best.end;
        }
        heap_pop(heap->at, open--);
        while (open && heap->at[0].end <= begun) heap_pop(heap->at, open--);
    }
    return true;
}

/* Pieces without overlap, in order, of spans in order; `heap` is room to work in. */
static bool settle_share(const cf_spans *sorted, cf_spans *pieces, cf_spans *heap) {
    if (!sorted->count) return true; /* nowhere to point to */
    const cf_span *span = sorted->at, *end = sorted->at + sorted->count;
    while (span < end) {
        const cf_span *stop = span + 1;
        uint32_t reach = span->end;
        if (stop == end || stop->start >= reach) {
            if (!spans_add(pieces, *span++)) return false;
            continue;
        }
        /* Two detectors at the same place are the usual case: the better one covers the other. */
        const cf_span *cover = span;
        for (; stop < end && stop->start < reach; stop++) {
            if (cover && stop->end <= cover->end && span_wins(cover, stop)) continue;
            cover = cover && stop->start == cover->start && stop->end >= cover->end && span_wins(stop, cover) ? stop : NULL;
            if (stop->end > reach) reach = stop->end;
        }
        if (cover ? !spans_add(pieces, *cover) : !share_cluster(span, (uint32_t)(stop - span), pieces, heap)) return false;
        span = stop;
    }
    return true;
}

/* How many bytes at a place are a quote, dash or blank beyond ASCII, or an entity of one. */
static uint32_t settle_mark(const uint8_t *text, uint32_t size) {
    static const char *const entities[] = {"quot;", "apos;", "amp;", "lt;", "gt;", "nbsp;",
                                           "laquo;", "raquo;", "#34;", "#39;", "#x22;", "#x27;"};
    uint8_t c = text[0];
    if (c == '&')
        for (unsigned i = 0; i < sizeof entities / sizeof *entities; i++) {
            uint32_t length = (uint32_t)strlen(entities[i]);
            if (length < size && memcmp(text + 1, entities[i], length) == 0) return length + 1;
        }
    if (c == 0xC2 && size > 1 && text[1] >= 0xA0 && text[1] <= 0xBF) return 2;
    if (size > 2 && text[1] == 0x80 && text[2] >= 0x80 && (c == 0xE2 ? text[2] <= 0xBF : c == 0xE3 && text[2] <= 0x92)) return 3;
    return c >= 0x80 && memchr("\x84\x85\x91\x92\x93\x94\x96\x97\xa0\xab\xbb", c, 11) ? 1 : 0;
}

static bool says_something(const uint8_t *text, uint32_t size) {
    for (uint32_t i = 0, mark; i < size; i += mark ? mark : 1) {
        mark = text[i] == '&' || text[i] >= 0x80 ? settle_mark(text + i, size - i) : 0;
        if (!mark && (cf_is_alnum(text[i]) || text[i] >= 0x80)) return true;
    }
    return false;
}

static bool settle_beside_token(const uint8_t *text, uint32_t size, uint32_t start, uint32_t end) {
    if (token_ends(text, start)) return true;
    return end < size && (text[end] == '<' || text[end] == 'c') && token_at(text, size, end);
}

/* Where a line ends, at most at `end`. */
static inline uint32_t settle_line(const uint8_t *text, uint32_t start, uint32_t end) {
    const uint8_t *at = memchr(text + start, '\n', end - start);
    if (at) end = (uint32_t)(at - text);
    at = memchr(text + start, '\r', end - start);
    return at ? (uint32_t)(at - text) : end;
}

/* A piece as it stays: by lines, without blanks around, nothing where it says nothing. */
static bool settle_clean(const cf_span *piece, const uint8_t *text, uint32_t size, cf_spans *settled) {
    uint32_t start = piece->start, end = piece->end;
    if (piece->kind == CF_KIND_TOKEN) return true;
    if (!(piece->flags & CF_TOUCHING) && settle_beside_token(text, size, start, end)) return true;
    while (start < end) {
        uint32_t stop = settle_line(text, start, end);
        uint32_t first = start, last = stop;
        while (first < last && cf_is_space(text[first])) first++;
        while (last > first && cf_is_space(text[last - 1])) last--;
        bool digit = piece->kind == CF_DTMF && first == piece->start && last == piece->end && first < last; /* `*` and `#`, too */
        if ((digit || says_something(text + first, last - first)) && !piece_add(settled, piece, first, last)) return false;
        start = stop + 1;
    }
    return true;
}

static bool token_found(const uint8_t *text, uint32_t size, uint32_t at, uint32_t *reached, cf_spans *tokens) {
    uint32_t length = at >= *reached ? token_at(text, size, at) : 0;
    if (!length) return true;
    *reached = at + length;
    return spans_add(tokens, (cf_span){at, at + length, CF_ORDER_TOKEN, 0, CF_KIND_TOKEN, 0, 0, -1});
}

#if defined(__SSE2__)
/* Which of 16 bytes are `<`, or `c` with `f` behind it; one byte more is read. */
static inline __m128i token_marks(const uint8_t *text) {
    __m128i here = _mm_loadu_si128((const __m128i *)(const void *)text);
    __m128i next = _mm_loadu_si128((const __m128i *)(const void *)(text + 1));
    __m128i word = _mm_and_si128(_mm_cmpeq_epi8(here, _mm_set1_epi8('c')), _mm_cmpeq_epi8(next, _mm_set1_epi8('f')));
    return _mm_or_si128(word, _mm_cmpeq_epi8(here, _mm_set1_epi8('<')));
}
#endif

/* Tokens that stand in the text already: most of it has no bytes that begin one. */
static bool settle_tokens(const uint8_t *text, uint32_t size, cf_spans *tokens) {
    uint32_t at = 0, reached = 0;
#if defined(__SSE2__)
    for (; at + 66 <= size; at += 64) {
        __m128i marks[4];
        for (int i = 0; i < 4; i++) marks[i] = token_marks(text + at + 16 * i);
        if (!_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(marks[0], marks[1]), _mm_or_si128(marks[2], marks[3])))) continue;
        for (uint32_t i = 0; i < 4; i++)
            for (unsigned mask = (unsigned)_mm_movemask_epi8(marks[i]); mask; mask &= mask - 1)
                if (!token_found(text, size, at + 16 * i + (uint32_t)__builtin_ctz(mask), &reached, tokens)) return false;
    }
#endif
    for (; at < size; at++)
        if ((text[at] == '<' || text[at] == 'c') && !token_found(text, size, at, &reached, tokens)) return false;
    return true;
}
