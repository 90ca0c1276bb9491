/* Lines that hold one of some texts: where a rule that needs such a text may match at all.
 *
 * Texts are put into eight buckets. A byte of text has a bit for each bucket that it may be the first, second or third
 * byte of, looked up by halves of a byte; where a bucket's bits meet, its texts are compared.
 */
#include "replace.h"

#include <string.h>
#if defined(__SSSE3__)
#include <tmmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { WANTED_MOST = 64, WANTED_BYTES = 3, WANTED_LEAST = 2 };

typedef struct {
    const uint8_t *text[WANTED_MOST];
    uint8_t size[WANTED_MOST];
    uint32_t count;
    uint8_t low[WANTED_BYTES][16], high[WANTED_BYTES][16];
} cf_wanted;

/* Texts, each behind its size. */
static bool wanted_read(const uint8_t *texts, uint32_t size, cf_wanted *wanted) {
    memset(wanted, 0, sizeof *wanted);
    for (uint32_t at = 0; at < size; at += 1u + texts[at]) {
        uint32_t length = texts[at];
        if (length < WANTED_LEAST || at + 1 + length > size || wanted->count == WANTED_MOST) return false;
        uint8_t bucket = (uint8_t)(1u << wanted->count % 8);
        wanted->text[wanted->count] = texts + at + 1;
        wanted->size[wanted->count++] = (uint8_t)length;
        for (uint32_t i = 0; i < WANTED_BYTES; i++) {
            for (unsigned half = 0; half < 16; half++) { /* of a text of two bytes the third may be any */
                if (i >= length || (texts[at + 1 + i] & 15) == half) wanted->low[i][half] |= bucket;
                if (i >= length || texts[at + 1 + i] >> 4 == half) wanted->high[i][half] |= bucket;
            }
        }
    }
    return wanted->count > 0;
}

/* Bit i: whether some text may begin at byte i of 16, of which two more can be read behind them. */
static inline uint32_t wanted_places(const cf_wanted *wanted, const uint8_t *text) {
#if defined(__SSSE3__)
    const __m128i nibble = _mm_set1_epi8(15);
    __m128i all = _mm_set1_epi8(-1);
    for (int i = 0; i < WANTED_BYTES; i++) {
        __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(text + i));
        __m128i low = _mm_loadu_si128((const __m128i *)(const void *)wanted->low[i]);
        __m128i high = _mm_loadu_si128((const __m128i *)(const void *)wanted->high[i]);
        low = _mm_shuffle_epi8(low, _mm_and_si128(c, nibble));
        high = _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16(c, 4), nibble));
        all = _mm_and_si128(all, _mm_and_si128(low, high));
    }
    return ~(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(all, _mm_setzero_si128())) & 0xFFFF;
#else
    uint32_t places = 0;
#if defined(__aarch64__)
    uint8_t met[16];
    uint8x16_t all = vdupq_n_u8(255);
    for (int i = 0; i < WANTED_BYTES; i++) {
        uint8x16_t c = vld1q_u8(text + i);
        uint8x16_t low = vqtbl1q_u8(vld1q_u8(wanted->low[i]), vandq_u8(c, vdupq_n_u8(15)));
        all = vandq_u8(all, vandq_u8(low, vqtbl1q_u8(vld1q_u8(wanted->high[i]), vshrq_n_u8(c, 4))));
    }
    if (!vmaxvq_u8(all)) return 0;
    vst1q_u8(met, all);
    for (int i = 0; i < 16; i++) places |= (uint32_t)(met[i] != 0) << i;
#else
    for (int i = 0; i < 16; i++) {
        uint8_t all = 255;
        for (int j = 0; j < WANTED_BYTES; j++) all &= wanted->low[j][text[i + j] & 15] & wanted->high[j][text[i + j] >> 4];
        places |= (uint32_t)(all != 0) << i;
    }
#endif
    return places;
#endif
}

static bool wanted_here(const cf_wanted *wanted, const uint8_t *text, uint64_t size) {
    for (uint32_t i = 0; i < wanted->count; i++)
        if (wanted->size[i] <= size && memcmp(text, wanted->text[i], wanted->size[i]) == 0) return true;
    return false;
}

/* Where the first of the texts stands from a place on, or `size`. */
static uint64_t wanted_next(const cf_wanted *wanted, const uint8_t *text, uint64_t at, uint64_t size) {
    for (; at + 16 + WANTED_BYTES <= size; at += 16)
        for (uint32_t places = wanted_places(wanted, text + at); places; places &= places - 1) {
            uint64_t here = at + (uint32_t)__builtin_ctz(places);
            if (wanted_here(wanted, text + here, size - here)) return here;
        }
    while (at < size && !wanted_here(wanted, text + at, size - at)) at++;
    return at;
}

/* Stretches of whole lines in [start, end) of a text that hold one of `texts` (each behind a byte with its size, of 2 to
 * 255): first and last offset of each, at most `room` of them. Their number, or CF_TOO_SMALL, CF_REFUSED. */
CF_FACE int64_t cf_lines_with(const uint8_t *text, uint64_t start, uint64_t end, const uint8_t *texts, uint32_t texts_size,
                              uint64_t *lines, uint64_t room) {
    cf_wanted wanted;
    uint64_t count = 0, at = start, done = start;
    if (start > end || !wanted_read(texts, texts_size, &wanted)) return CF_REFUSED;
    while ((at = wanted_next(&wanted, text, at, end)) < end) {
        uint64_t first = at;
        while (first > done && text[first - 1] != '\n') first--;
        const uint8_t *feed = memchr(text + at, '\n', end - at);
        done = feed ? (uint64_t)(feed - text) + 1 : end;
        if (count && lines[2 * count - 1] == first) lines[2 * count - 1] = done;
        else if (count == room) return CF_TOO_SMALL;
        else {
            lines[2 * count] = first;
            lines[2 * count++ + 1] = done;
        }
        at = done;
    }
    return (int64_t)count;
}
