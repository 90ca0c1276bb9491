/* Where a word stands in a text: for searching logs. Two of its bytes that logs seldom hold are looked for side by side,
 * and where both stand the whole of it is compared. */
#include "core.h"

#include <string.h>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define CF_SEEK_X86 1
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* `first` is the offset of the rarer of the two bytes, `second` of the other; the same in a word of one byte. */
typedef struct {
    const uint8_t *word;
    uint64_t size, first, second;
} cf_sought;

/* How common a byte is in logs, roughly. */
static unsigned seek_share(uint8_t byte) {
    if (byte == ' ' || byte == '0' || byte == '\t') return 5;
    if (byte >= '0' && byte <= '9') return 4;
    if (byte >= 'a' && byte <= 'z') return memchr("jkqvwxyz", byte, 8) ? 2 : 3;
    if (byte >= 'A' && byte <= 'Z') return 1;
    return memchr(".:-_/'\"[]=,\r\n", byte, 13) ? 3 : 0;
}

/* Of equal bytes the later ones are taken: ids differ more at their ends. */
static cf_sought seek_for(const uint8_t *word, uint64_t size) {
    cf_sought sought = {word, size, size - 1, size - 1};
    unsigned least = 9, next = 9;
    for (uint64_t at = size; at-- > 0;) {
        unsigned share = seek_share(word[at]);
        if (share < least) {
            sought.second = sought.first, next = least;
            sought.first = at, least = share;
        } else if (share < next) {
            sought.second = at, next = share;
        }
    }
    return sought;
}

static inline bool seek_is(const cf_sought *sought, const uint8_t *here) { return memcmp(here, sought->word, sought->size) == 0; }

/* Each of these looks at the places from `*at` on while all that it reads lies before `last`, the last place at which the
 * word may begin; whether it stands at `*at` in the end. */
#if defined(CF_SEEK_X86)
__attribute__((target("avx2"))) static bool seek_wide(const cf_sought *sought, const uint8_t *text, uint64_t *at, uint64_t last) {
    const __m256i one = _mm256_set1_epi8((char)sought->word[sought->first]);
    const __m256i two = _mm256_set1_epi8((char)sought->word[sought->second]);
    for (; *at + 127 <= last; *at += 128) {
        const uint8_t *first = text + *at + sought->first, *second = text + *at + sought->second;
        __m256i met[4];
        for (int i = 0; i < 4; i++) {
            __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(first + 32 * i));
            __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(second + 32 * i));
            met[i] = _mm256_and_si256(_mm256_cmpeq_epi8(a, one), _mm256_cmpeq_epi8(b, two));
        }
        __m256i any = _mm256_or_si256(_mm256_or_si256(met[0], met[1]), _mm256_or_si256(met[2], met[3]));
        if (_mm256_testz_si256(any, any)) continue;
        for (int i = 0; i < 4; i++)
            for (uint32_t bits = (uint32_t)_mm256_movemask_epi8(met[i]); bits; bits &= bits - 1) {
                uint64_t here = *at + (uint64_t)(32 * i) + (uint32_t)__builtin_ctz(bits);
                if (seek_is(sought, text + here)) return *at = here, true;
            }
    }
    return false;
}

static bool seek_narrow(const cf_sought *sought, const uint8_t *text, uint64_t *at, uint64_t last) {
    const __m128i one = _mm_set1_epi8((char)sought->word[sought->first]);
    const __m128i two = _mm_set1_epi8((char)sought->word[sought->second]);
    for (; *at + 15 <= last; *at += 16) {
        __m128i a = _mm_loadu_si128((const __m128i *)(const void *)(text + *at + sought->first));
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(text + *at + sought->second));
        uint32_t bits = (uint32_t)_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(a, one), _mm_cmpeq_epi8(b, two)));
        for (; bits; bits &= bits - 1) {
            uint64_t here = *at + (uint32_t)__builtin_ctz(bits);
            if (seek_is(sought, text + here)) return *at = here, true;
        }
    }
    return false;
}
#elif defined(__aarch64__)
static bool seek_narrow(const cf_sought *sought, const uint8_t *text, uint64_t *at, uint64_t last) {
    const uint8x16_t one = vdupq_n_u8(sought->word[sought->first]), two = vdupq_n_u8(sought->word[sought->second]);
    for (; *at + 63 <= last; *at += 64) {
        const uint8_t *first = text + *at + sought->first, *second = text + *at + sought->second;
        uint8x16_t met[4];
        for (int i = 0; i < 4; i++)
            met[i] = vandq_u8(vceqq_u8(vld1q_u8(first + 16 * i), one), vceqq_u8(vld1q_u8(second + 16 * i), two));
        if (!vmaxvq_u8(vorrq_u8(vorrq_u8(met[0], met[1]), vorrq_u8(met[2], met[3])))) continue;
        for (uint64_t here = *at; here < *at + 64; here++)
            if (text[here + sought->first] == sought->word[sought->first] && seek_is(sought, text + here)) return *at = here, true;
    }
    return false;
}
#else
static bool seek_narrow(const cf_sought *sought, const uint8_t *text, uint64_t *at, uint64_t last) {
    (void)sought, (void)text, (void)at, (void)last;
    return false;
}
#endif

/* Whether this processor has what `cf_seek` may use when it is told so. It asks the processor, which takes long in a
 * virtual machine: once is enough. */
CF_FACE int cf_seek_wide(void) {
#if defined(CF_SEEK_X86)
    unsigned a, b, c, d, low, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 27)) return 0; /* the system keeps wide registers */
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & 6) != 6) return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 5); /* AVX2 */
#else
    return 0;
#endif
}

/* Where a word of at least one byte first stands in [start, end) of a text, or -1. `wide` is what `cf_seek_wide` said. */
CF_FACE int64_t cf_seek(const uint8_t *text, uint64_t start, uint64_t end, const uint8_t *word, uint64_t size, int wide) {
    if (!size || end < size || start > end - size) return -1;
    cf_sought sought = seek_for(word, size);
    uint64_t at = start, last = end - size;
#if defined(CF_SEEK_X86)
    if (wide && seek_wide(&sought, text, &at, last)) return (int64_t)at;
#else
    (void)wide;
#endif
    if (seek_narrow(&sought, text, &at, last)) return (int64_t)at;
    for (; at <= last; at++)
        if (text[at + sought.first] == word[sought.first] && seek_is(&sought, text + at)) return (int64_t)at;
    return -1;
}
