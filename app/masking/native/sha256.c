/* SHA-256 and HMAC, with the processor's own instructions where it has them (FIPS 180-4, RFC 2104). */
#include "replace.h"

#include <string.h>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define CF_SHA_X86 1
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__) && (defined(__GNUC__) || defined(__clang__))
#define CF_SHA_ARM 1
#include <arm_neon.h>
#if defined(__linux__)
#include <sys/auxv.h>
#elif defined(_WIN32)
int __stdcall IsProcessorFeaturePresent(unsigned long feature);
#endif
#endif

static const uint32_t sha_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static const cf_sha_state sha_start = {
    {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};

typedef void (*sha_blocks)(cf_sha_state *state, const uint8_t *data, size_t blocks);

static inline uint32_t sha_turn(uint32_t x, unsigned n) { return x >> n | x << (32 - n); }

static void sha_portable(cf_sha_state *state, const uint8_t *data, size_t blocks) {
    for (; blocks; blocks--, data += 64) {
        uint32_t w[64], v[8];
        for (int i = 0; i < 16; i++)
            w[i] = (uint32_t)data[i * 4] << 24 | (uint32_t)data[i * 4 + 1] << 16 | (uint32_t)data[i * 4 + 2] << 8 | data[i * 4 + 3];
        for (int i = 16; i < 64; i++) {
            uint32_t a = w[i - 15], b = w[i - 2];
            w[i] = w[i - 16] + w[i - 7] + (sha_turn(a, 7) ^ sha_turn(a, 18) ^ a >> 3) +
                   (sha_turn(b, 17) ^ sha_turn(b, 19) ^ b >> 10);
        }
        memcpy(v, state->h, sizeof v);
        for (int i = 0; i < 64; i++) {
            uint32_t e = v[4], a = v[0];
            uint32_t one = v[7] + (sha_turn(e, 6) ^ sha_turn(e, 11) ^ sha_turn(e, 25)) + ((e & v[5]) ^ (~e & v[6])) + sha_k[i] + w[i];
            uint32_t two = (sha_turn(a, 2) ^ sha_turn(a, 13) ^ sha_turn(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
            memmove(v + 1, v, 7 * sizeof *v);
            v[4] += one;
            v[0] = one + two;
        }
        for (int i = 0; i < 8; i++) state->h[i] += v[i];
    }
}

#if defined(CF_SHA_X86)
__attribute__((target("sha,sse4.1,ssse3"))) static void sha_x86(cf_sha_state *state, const uint8_t *data, size_t blocks) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)&state->h[0]), 0xB1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)&state->h[4]), 0x1B);
    __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xF0);
    for (; blocks; blocks--, data += 64) {
        __m128i w[4], first = abef, second = cdgh;
        for (int i = 0; i < 4; i++)
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(data + 16 * i)), swap);
        for (int i = 0; i < 16; i++) {
            __m128i now = w[i & 3];
            if (i >= 4) {
                __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(now, w[(i + 1) & 3]), _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4));
                now = w[i & 3] = _mm_sha256msg2_epu32(sum, w[(i + 3) & 3]);
            }
            __m128i key = _mm_add_epi32(now, _mm_loadu_si128((const __m128i *)(const void *)&sha_k[i * 4]));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, key);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(key, 0x0E));
        }
        abef = _mm_add_epi32(abef, first);
        cdgh = _mm_add_epi32(cdgh, second);
    }
    __m128i feba = _mm_shuffle_epi32(abef, 0x1B), dchg = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)(void *)&state->h[0], _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)(void *)&state->h[4], _mm_alignr_epi8(dchg, feba, 8));
}

static bool sha_fast_here(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & 1u << 29)) return false;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & 1u << 19) && (c & 1u << 9); /* SSE4.1, SSSE3 */
}
#define sha_fast sha_x86
#elif defined(CF_SHA_ARM)
#if defined(__clang__)
__attribute__((target("sha2")))
#else
__attribute__((target("+crypto")))
#endif
static void sha_arm(cf_sha_state *state, const uint8_t *data, size_t blocks) {
    uint32x4_t abcd = vld1q_u32(&state->h[0]), efgh = vld1q_u32(&state->h[4]);
    for (; blocks; blocks--, data += 64) {
        uint32x4_t w[4], first = abcd, second = efgh;
        for (int i = 0; i < 4; i++) w[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data + 16 * i)));
        for (int i = 0; i < 16; i++) {
            if (i >= 4)
                w[i & 3] = vsha256su1q_u32(vsha256su0q_u32(w[i & 3], w[(i + 1) & 3]), w[(i + 2) & 3], w[(i + 3) & 3]);
            uint32x4_t key = vaddq_u32(w[i & 3], vld1q_u32(&sha_k[i * 4])), before = abcd;
            abcd = vsha256hq_u32(abcd, efgh, key);
            efgh = vsha256h2q_u32(efgh, before, key);
        }
        abcd = vaddq_u32(abcd, first);
        efgh = vaddq_u32(efgh, second);
    }
    vst1q_u32(&state->h[0], abcd);
    vst1q_u32(&state->h[4], efgh);
}

static bool sha_fast_here(void) {
#if defined(__APPLE__)
    return true; /* every arm64 Mac has them */
#elif defined(__linux__)
    return (getauxval(AT_HWCAP) & 1u << 6) != 0; /* HWCAP_SHA2 */
#elif defined(_WIN32)
    return IsProcessorFeaturePresent(30) != 0; /* PF_ARM_V8_CRYPTO_INSTRUCTIONS_AVAILABLE */
#else
    return false;
#endif
}
#define sha_fast sha_arm
#else
static bool sha_fast_here(void) { return false; }
#define sha_fast sha_portable
#endif

static void sha_any(cf_sha_state *state, const uint8_t *data, size_t blocks, bool fast) {
    if (fast) sha_fast(state, data, blocks);
    else sha_portable(state, data, blocks);
}

/* The rest of a message that began with `before` bytes (whole blocks) already taken in. */
static void sha_finish(cf_sha_state state, uint64_t before, const uint8_t *data, size_t size, bool fast, uint8_t digest[32]) {
    uint8_t last[128] = {0};
    size_t whole = size / 64, rest = size % 64, blocks = rest < 56 ? 1 : 2;
    uint64_t bits = (before + size) * 8;
    if (whole) sha_any(&state, data, whole, fast);
    if (rest) memcpy(last, data + whole * 64, rest);
    last[rest] = 0x80;
    for (int i = 0; i < 8; i++) last[blocks * 64 - 1 - i] = (uint8_t)(bits >> (8 * i));
    sha_any(&state, last, blocks, fast);
    for (int i = 0; i < 32; i++) digest[i] = (uint8_t)(state.h[i / 4] >> (24 - 8 * (i % 4)));
}

static void sha_hmac_key(cf_hmac *hmac, const uint8_t *key, size_t size) {
    uint8_t inner[64], outer[64], short_key[64] = {0};
    bool fast = hmac->fast = sha_fast_here();
    if (size > 64) sha_finish(sha_start, 0, key, size, fast, short_key);
    else if (size) memcpy(short_key, key, size);
    for (int i = 0; i < 64; i++) {
        inner[i] = short_key[i] ^ 0x36;
        outer[i] = short_key[i] ^ 0x5c;
    }
    hmac->inner = hmac->outer = sha_start;
    sha_any(&hmac->inner, inner, 1, fast);
    sha_any(&hmac->outer, outer, 1, fast);
}

static void sha_hmac(const cf_hmac *hmac, const uint8_t *message, size_t size, uint8_t digest[32]) {
    uint8_t inside[32];
    sha_finish(hmac->inner, 64, message, size, hmac->fast, inside);
    sha_finish(hmac->outer, 64, inside, 32, hmac->fast, digest);
}

/* HMAC-SHA256 for the self-test. `way`: 0 portable, 1 the processor's instructions; answers CF_REFUSED where this
 * processor has none. */
CF_FACE int cf_hmac_sha256(int way, const uint8_t *key, uint64_t key_size, const uint8_t *message, uint64_t size, uint8_t *digest) {
    bool fast = way == 1;
    uint8_t pad[64], inside[32], short_key[64] = {0};
    if (fast && !sha_fast_here()) return CF_REFUSED;
    if (key_size > 64) sha_finish(sha_start, 0, key, key_size, fast, short_key);
    else if (key_size) memcpy(short_key, key, key_size);
    cf_sha_state state = sha_start;
    for (int i = 0; i < 64; i++) pad[i] = short_key[i] ^ 0x36;
    sha_any(&state, pad, 1, fast);
    sha_finish(state, 64, message, size, fast, inside);
    state = sha_start;
    for (int i = 0; i < 64; i++) pad[i] = short_key[i] ^ 0x5c;
    sha_any(&state, pad, 1, fast);
    sha_finish(state, 64, inside, 32, fast, digest);
    return 0;
}
