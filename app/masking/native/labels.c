/* The bytes of host names: labels, and the dots between them. */
#include "shapes.h"

static const uint8_t label_bytes[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0,
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1,
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
};
static inline bool label_byte(uint8_t c) { return label_bytes[c]; }

#if defined(__SSSE3__)
/* How many of the fifteen bytes at a place, of which sixteen can be read, are of labels, or dots that a word follows. */
static inline unsigned labels_fifteen(const uint8_t *text) {
    /* Of a byte, low and high half: a bit that both have names its class. 15: a word, 16: '-', 32: '.'. */
    static const uint8_t lows[16] = {5, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 2, 2, 18, 34, 10}, highs[16] = {0, 0, 48, 1, 2, 12, 2, 4};
    __m128i c = _mm_loadu_si128((const __m128i *)(const void *)text), none = _mm_setzero_si128();
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)lows), high = _mm_loadu_si128((const __m128i *)(const void *)highs);
    __m128i class = _mm_and_si128(_mm_shuffle_epi8(low, c), _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16(c, 4), _mm_set1_epi8(15))));
    unsigned others = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(class, none));
    unsigned no_word = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_and_si128(class, _mm_set1_epi8(15)), none));
    unsigned dots = (unsigned)_mm_movemask_epi8(_mm_slli_epi16(class, 2));
    return (unsigned)__builtin_ctz(others | (dots & no_word >> 1) | 1u << 15);
}
#endif

/* Where the labels of a name end, with the dots between them, but no further than `most`; `end` is in them. */
static inline uint32_t labels_end(const cf_scan *scan, uint32_t end, uint32_t most) {
    const uint8_t *text = scan->text;
    if (end >= most) return end;
#if defined(__SSSE3__)
    while (end < most && scan->size - end >= 16) {
        unsigned run = labels_fifteen(text + end);
        end += run;
        if (run < 15) break;
    }
#endif
    while (end < most && (label_byte(text[end]) || (text[end] == '.' && cf_is_word(cf_at(scan, (int64_t)end + 1))))) end++;
    return end < most ? end : most;
}
