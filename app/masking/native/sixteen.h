/* Sixteen bytes at once: which of them are one of a few. */
#ifndef CASEFERRY_SIXTEEN_H
#define CASEFERRY_SIXTEEN_H

#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__aarch64__) && !defined(__SSE2__)
/* Bit i is set where byte i is. */
static inline uint32_t sixteen_bits(uint8x16_t bytes) {
    static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t sums = vandq_u8(bytes, vld1q_u8(weights));
    for (unsigned i = 0; i < 3; i++) sums = vpaddq_u8(sums, sums);
    return vgetq_lane_u16(vreinterpretq_u16_u8(sums), 0);
}
#endif

/* Bit i is set where byte i is one of four. */
static inline uint32_t sixteen_of(const uint8_t *text, uint8_t one, uint8_t two, uint8_t three, uint8_t four) {
#if defined(__SSE2__)
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)text);
    __m128i first = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)one)), _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)two)));
    __m128i last = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)three)), _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)four)));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(first, last));
#elif defined(__aarch64__)
    uint8x16_t bytes = vld1q_u8(text);
    uint8x16_t first = vorrq_u8(vceqq_u8(bytes, vdupq_n_u8(one)), vceqq_u8(bytes, vdupq_n_u8(two)));
    uint8x16_t last = vorrq_u8(vceqq_u8(bytes, vdupq_n_u8(three)), vceqq_u8(bytes, vdupq_n_u8(four)));
    return sixteen_bits(vorrq_u8(first, last));
#else
    uint32_t bits = 0;
    for (unsigned i = 0; i < 16; i++) bits |= (uint32_t)(text[i] == one || text[i] == two || text[i] == three || text[i] == four) << i;
    return bits;
#endif
}

/* Behind the last byte before `at` that is one of two, or `least`; no byte before `least` is read. */
static inline uint32_t sixteen_behind_last(const uint8_t *text, uint32_t least, uint32_t at, uint8_t one, uint8_t two) {
    for (; at - least >= 16; at -= 16) {
        uint32_t found = sixteen_of(text + at - 16, one, two, one, two);
        if (found) return at + 16 - (uint32_t)__builtin_clz(found);
    }
    while (at > least && text[at - 1] != one && text[at - 1] != two) at--;
    return at;
}

/* Bit i is set where byte i is a bracket; brackets of a kind differ in one bit. */
static inline uint32_t sixteen_brackets(const uint8_t *text) {
#if defined(__SSE2__)
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)text), folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    __m128i square = _mm_or_si128(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')), _mm_cmpeq_epi8(folded, _mm_set1_epi8('}')));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(square, _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(1)), _mm_set1_epi8(')'))));
#elif defined(__aarch64__)
    uint8x16_t bytes = vld1q_u8(text), folded = vorrq_u8(bytes, vdupq_n_u8(0x20));
    uint8x16_t square = vorrq_u8(vceqq_u8(folded, vdupq_n_u8('{')), vceqq_u8(folded, vdupq_n_u8('}')));
    return sixteen_bits(vorrq_u8(square, vceqq_u8(vorrq_u8(bytes, vdupq_n_u8(1)), vdupq_n_u8(')'))));
#else
    return sixteen_of(text, '(', ')', '[', ']') | sixteen_of(text, '{', '}', '{', '}');
#endif
}

#endif
