/* Sixty-four bytes at once: which belong to words, and which are marks. */
#include "core.h"

#include <string.h>

#if defined(__SSSE3__)
#include <tmmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* Bit i stands for byte i. `marks` are the bytes with a handler, and `lines` line ends. */
typedef struct {
    uint64_t words, marks, lines;
} cf_block;

/* Of a byte, low and high half: a bit that both have names its class. Bits 0 to 3 are marks of the rows 2 to 5 of
 * ASCII, 4 to 7 are bytes of words: digits, letters up to `o`, letters from `p` on, and `_`. */
#define BLOCK_LOW {84, 112, 113, 112, 112, 113, 113, 113, 113, 112, 98, 43, 42, 34, 34, 161}
#define BLOCK_HIGH {0, 0, 1, 18, 36, 200, 32, 64, 0, 0, 0, 0, 0, 0, 0, 0}

#if defined(__SSSE3__)
static inline void block_part(__m128i c, __m128i low, __m128i high, unsigned shift, cf_block *block) {
    __m128i nibble = _mm_set1_epi8(15), none = _mm_setzero_si128();
    __m128i class = _mm_and_si128(_mm_shuffle_epi8(low, c), _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16(c, 4), nibble)));
    unsigned no_word = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_and_si128(class, _mm_set1_epi8((char)0xF0)), none));
    unsigned no_mark = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_and_si128(class, nibble), none));
    unsigned line = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(c, _mm_set1_epi8('\n')));
    unsigned beyond = (unsigned)_mm_movemask_epi8(c);
    block->words |= (uint64_t)((~no_word & 0xFFFF) | beyond) << shift;
    block->marks |= (uint64_t)(~no_mark & 0xFFFF) << shift;
    block->lines |= (uint64_t)line << shift;
}

static inline cf_block block_of(const uint8_t *text) {
    static const uint8_t low_half[16] = BLOCK_LOW, high_half[16] = BLOCK_HIGH;
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)low_half);
    __m128i high = _mm_loadu_si128((const __m128i *)(const void *)high_half);
    cf_block block = {0, 0, 0};
    for (unsigned i = 0; i < 64; i += 16) block_part(_mm_loadu_si128((const __m128i *)(const void *)(text + i)), low, high, i, &block);
    return block;
}
#elif defined(__aarch64__)
static inline uint64_t block_bits(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) {
    static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t weight = vld1q_u8(weights);
    uint8x16_t one = vpaddq_u8(vandq_u8(a, weight), vandq_u8(b, weight)), two = vpaddq_u8(vandq_u8(c, weight), vandq_u8(d, weight));
    one = vpaddq_u8(one, two);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(one, one)), 0);
}

static inline cf_block block_of(const uint8_t *text) {
    static const uint8_t low_half[16] = BLOCK_LOW, high_half[16] = BLOCK_HIGH;
    uint8x16_t low = vld1q_u8(low_half), high = vld1q_u8(high_half), word[4], mark[4], line[4];
    for (unsigned i = 0; i < 4; i++) {
        uint8x16_t c = vld1q_u8(text + 16 * i);
        uint8x16_t class = vandq_u8(vqtbl1q_u8(low, vandq_u8(c, vdupq_n_u8(15))), vqtbl1q_u8(high, vshrq_n_u8(c, 4)));
        word[i] = vorrq_u8(vtstq_u8(class, vdupq_n_u8(0xF0)), vcgeq_u8(c, vdupq_n_u8(0x80)));
        mark[i] = vtstq_u8(class, vdupq_n_u8(0x0F));
        line[i] = vceqq_u8(c, vdupq_n_u8('\n'));
    }
    return (cf_block){block_bits(word[0], word[1], word[2], word[3]), block_bits(mark[0], mark[1], mark[2], mark[3]),
                      block_bits(line[0], line[1], line[2], line[3])};
}
#else
static inline cf_block block_of(const uint8_t *text) {
    static const uint8_t low[16] = BLOCK_LOW, high[16] = BLOCK_HIGH;
    cf_block block = {0, 0, 0};
    for (unsigned i = 0; i < 64; i++) {
        uint8_t class = low[text[i] & 15] & high[text[i] >> 4];
        uint64_t beyond = text[i] >> 7;
        block.words |= ((class & 0xF0 ? 1u : 0u) | beyond) << i;
        block.marks |= (class & 0x0F ? UINT64_C(1) : 0) << i;
        block.lines |= (text[i] == '\n' ? UINT64_C(1) : 0) << i;
    }
    return block;
}
#endif
#undef BLOCK_LOW
#undef BLOCK_HIGH
