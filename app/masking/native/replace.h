/* What the files of the replacing part (settle.c, sha256.c, tokens.c, learned.c, face.c) share. */
#ifndef CASEFERRY_REPLACE_H
#define CASEFERRY_REPLACE_H

#include "core.h"

#include <string.h>

enum { CF_TOO_SMALL = -1, CF_NO_MEMORY = -2, CF_TOO_LARGE = -3, CF_REFUSED = -4 };

/* Kinds of spans that stand for tokens of an earlier run, and their order, which wins over every other. */
enum { CF_KIND_TOKEN = 255, CF_ORDER_TOKEN = 0, CF_ORDER_LEARNED = 5000 };

/* Flag of a place whose kind is kept: it is counted and stays readable. */
enum { CF_KEPT = 128 };

/* What is done with the values of a kind. */
typedef enum { CF_TOKEN_HERE, CF_TOKEN_CONSTANT, CF_TOKEN_ASK } cf_treatment;

enum { CF_LONGEST_RAW = 4096 };

typedef struct {
    uint32_t h[8];
} cf_sha_state;

/* HMAC-SHA256 with the key's two blocks already taken in. */
typedef struct {
    cf_sha_state inner, outer;
    bool fast; /* with the processor's own instructions */
} cf_hmac;

typedef struct {
    char low[16], high[16];
    uint32_t size;
    bool open;
} cf_range;

/* An array of bytes that grows. */
typedef struct {
    uint8_t *at;
    size_t size, room;
} cf_bytes;

/* Rules and key of one engine. It does not change once the first buffer is read, so that threads share it. */
typedef struct {
    const cf_rules *rules;
    cf_hmac hmac;
    uint64_t seed;
    uint8_t treatment[CF_KINDS];
    bool kept[CF_KINDS];
    bool any_kept;
    uint8_t constant[CF_KINDS][CF_LONGEST_TOKEN];
    uint16_t constant_size[CF_KINDS];
    char country[8];
    uint32_t country_size;
    cf_range *ranges;
    uint32_t range_count;
    cf_bytes stop; /* words that are never learned: u16 size, then the bytes */
    uint64_t stop_bits[64]; /* a bit for each of them, by its size, first and last letter */
    uint32_t max_values, min_length, min_digits;
    size_t max_bytes;
    bool learning;
} cf_settings;

/* A place as the find phase leaves it for the replace phase: offsets in the buffer of its window. */
typedef struct {
    uint32_t start, size;
    uint16_t rule;
    uint8_t kind, flags;
} cf_place;

/* Spans that grow. */
typedef struct {
    cf_span *at;
    uint32_t count, room;
} cf_spans;

typedef struct cf_learned cf_learned;

/* Tokens made before, by one thread: those of the core, and those that Python told. */
enum { CF_CACHED = 4096, CF_CACHED_RAW = 46 };

typedef struct {
    uint8_t kind, size, raw[CF_CACHED_RAW], hex[16];
} cf_cached;

typedef struct {
    uint32_t size;
    uint16_t token_size;
    uint8_t kind, text[]; /* the value, then its token */
} cf_told;

typedef struct {
    cf_cached made[CF_CACHED];
    cf_told *told[CF_CACHED + 1]; /* the last is for a value too long to be kept with others */
} cf_token_cache;

enum { CF_RULES = CF_RULE_OWN + 512 };

/* Room of the second look. */
typedef struct {
    cf_spans perhaps, line, found, kept, fresh;
    cf_bytes text;
} cf_again;

/* Room and counts of one thread. */
typedef struct {
    const cf_settings *settings;
    cf_spans found, tokens, shared, heap, teachers, settled, kept;
    cf_place *places;
    uint32_t place_room;
    uint32_t next, at; /* of cf_write: the next span, and how far the text is written */
    uint32_t end;      /* how far it is to be written */
    uint64_t kinds[CF_KINDS], rules[CF_RULES], stayed[CF_KINDS];
    cf_token_cache cache;
    cf_memo *memo; /* words that are nobody's business */
    cf_lines *lines; /* lines that were met */
    cf_again again;
    cf_table table; /* of the file that is read, or without columns */
} cf_work;

/* sha256.c */
static void sha_hmac_key(cf_hmac *hmac, const uint8_t *key, size_t size);
static void sha_hmac(const cf_hmac *hmac, const uint8_t *message, size_t size, uint8_t digest[32]);

/* settle.c */
static bool spans_add(cf_spans *spans, cf_span span);
static void spans_sort(cf_spans *spans);
static bool spans_merge(cf_spans *into, const cf_spans *more);
static bool settle_share(const cf_spans *sorted, cf_spans *pieces, cf_spans *heap);
static bool settle_clean(const cf_span *piece, const uint8_t *text, uint32_t size, cf_spans *settled);
static bool settle_beside_token(const uint8_t *text, uint32_t size, uint32_t start, uint32_t end);
static bool settle_tokens(const uint8_t *text, uint32_t size, cf_spans *tokens);

/* tokens.c */
static uint32_t token_at(const uint8_t *text, uint32_t size, uint32_t at);
static bool token_ends(const uint8_t *text, uint32_t end);
static uint32_t phone_digits(const uint8_t *text, uint32_t size, const char *country, uint32_t country_size,
                             uint8_t *digits);
static bool number_stays(const cf_settings *settings, const uint8_t *text, uint32_t size);
static int64_t normal_form(const cf_settings *settings, cf_kind kind, const uint8_t *raw, uint32_t size, uint8_t *value);
static bool token_make(const cf_settings *settings, cf_kind kind, const uint8_t *raw, uint32_t size, uint8_t hex[16]);

/* learned.c */
static bool learned_probe(const cf_learned *learned, const uint8_t *text, uint32_t size, uint32_t from, uint32_t to,
                          const cf_spans *places, cf_spans *found);
static const uint8_t *learned_value(const cf_learned *learned, int32_t index, uint32_t *size);

static inline uint64_t eight(const uint8_t *text) {
    uint64_t part;
    memcpy(&part, text, 8);
    return part;
}

static inline uint32_t four(const uint8_t *text) {
    uint32_t part;
    memcpy(&part, text, 4);
    return part;
}

/* The bytes of a text of less than eight, each in a place of its own. */
static inline uint64_t few(const uint8_t *text, uint32_t size) {
    if (size >= 4) return four(text) | (uint64_t)four(text + size - 4) << 32;
    return size ? text[0] | (uint64_t)text[size / 2] << 8 | (uint64_t)text[size - 1] << 16 : 0;
}

/* Spaces of `bytes` and of `str` in Python: the latter know four separators more. */
static inline bool cf_text_space(uint8_t c) { return cf_is_space(c) || (c >= 0x1c && c <= 0x1f); }

/* The bit of a text in `stop_bits`, the same in either case. */
static inline uint32_t cf_stop_bit(const uint8_t *text, uint32_t size) {
    if (!size) return 0;
    return (size * 0x9E3779B1u + cf_lower(text[0]) * 0x85EBCA6Bu + cf_lower(text[size - 1]) * 0xC2B2AE35u) >> 20;
}

static inline uint64_t cf_mix(uint64_t h) {
    h ^= h >> 32;
    h *= 0x9E3779B97F4A7C15u;
    h ^= h >> 29;
    h *= 0xBF58476D1CE4E5B9u;
    return h ^ h >> 32;
}

#endif
