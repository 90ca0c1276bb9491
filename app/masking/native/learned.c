/* Values that were found by their key and recur without it (app/masking/learned.py).
 *
 * Every form of a value begins with some word. A word has the lengths of the forms that begin with it, longest
 * first; the text of such a length is looked up by its hash. So the work at a word is bounded by the longest form,
 * however many people share a first name.
 */
#include "replace.h"

#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { LONGEST_VALUE = 256, LONGEST_FORM = 1024 };
static const uint64_t HASH_STEP = 0xD6E8FEB86659FD93u;

typedef struct {
    uint32_t at; /* in the arena */
    uint32_t size;
    uint8_t kind;
    bool site, found; /* told by the rules; found in this file */
} learned_value_row;

typedef struct {
    uint32_t at;
    uint16_t size, offset; /* of its first word, in the form */
    int32_t value, nameless; /* the value its token is made of; that of another kind than names, or -1 */
} learned_form_row;

/* How long a form may be that begins with a word, and where in it the word begins. */
typedef struct {
    uint16_t size, offset;
} learned_reach;

typedef struct {
    uint32_t at, size; /* the word in the arena */
    learned_reach *reach;
    uint32_t count, room;
} learned_word_row;

/* Open addressing over rows that are kept elsewhere: number of the row + 1, 0 for none. */
typedef struct {
    uint32_t *slot;
    uint64_t *hash;
    uint32_t room, count;
} learned_index;

struct cf_learned {
    const cf_settings *settings;
    cf_bytes arena;
    learned_value_row *value;
    learned_form_row *form;
    learned_word_row *word;
    uint32_t values, value_room, forms, form_room, words, word_room;
    uint32_t known, dropped;
    learned_index by_value, by_form, by_word, seen;
    uint64_t *bloom;
    uint32_t bloom_bits; /* as a power of two */
    int32_t *pending;    /* values whose forms Python has to tell */
    uint32_t pending_count, pending_room;
};

static bool grow(void **rows, uint32_t count, uint32_t *room, size_t size) {
    if (count < *room) return true;
    uint32_t more = *room ? *room * 2 : 64;
    void *moved = realloc(*rows, more * size);
    if (!moved) return false;
    *rows = moved;
    *room = more;
    return true;
}

static bool bytes_add(cf_bytes *bytes, const uint8_t *text, size_t size) {
    if (bytes->size + size > bytes->room) {
        size_t room = bytes->room ? bytes->room : 4096;
        while (room < bytes->size + size) room += room / 2;
        uint8_t *more = realloc(bytes->at, room);
        if (!more) return false;
        bytes->at = more;
        bytes->room = room;
    }
    if (size) memcpy(bytes->at + bytes->size, text, size);
    bytes->size += size;
    return true;
}

static inline uint64_t hash_step(uint64_t h, uint8_t c) { return (h + c + 1) * HASH_STEP; }

static uint64_t hash_of(uint64_t seed, const uint8_t *text, uint32_t size) {
    for (uint32_t i = 0; i < size; i++) seed = hash_step(seed, text[i]);
    return cf_mix(seed);
}

static bool index_put(learned_index *index, uint64_t hash, uint32_t row) {
    if (index->count * 2 >= index->room) {
        learned_index more = {NULL, NULL, index->room ? index->room * 2 : 1024, 0};
        more.slot = calloc(more.room, sizeof *more.slot);
        more.hash = malloc(more.room * sizeof *more.hash);
        if (!more.slot || !more.hash) {
            free(more.slot);
            free(more.hash);
            return false;
        }
        for (uint32_t i = 0; i < index->room; i++)
            if (index->slot[i]) index_put(&more, index->hash[i], index->slot[i] - 1);
        free(index->slot);
        free(index->hash);
        *index = more;
    }
    uint32_t at = (uint32_t)hash & (index->room - 1);
    while (index->slot[at]) at = (at + 1) & (index->room - 1);
    index->slot[at] = row + 1;
    index->hash[at] = hash;
    index->count++;
    return true;
}

/* The next row with this hash from a slot on; `at` begins with (uint32_t)hash. UINT32_MAX: there is none. */
static uint32_t index_next(const learned_index *index, uint64_t hash, uint32_t *at) {
    if (!index->room) return UINT32_MAX;
    for (;; ++*at) {
        uint32_t slot = *at & (index->room - 1);
        if (!index->slot[slot]) return UINT32_MAX;
        if (index->hash[slot] != hash) continue;
        ++*at;
        return index->slot[slot] - 1;
    }
}

static void index_clear(learned_index *index) {
    if (index->room) memset(index->slot, 0, index->room * sizeof *index->slot);
    index->count = 0;
}

static inline bool learned_letter(uint8_t c) { return cf_is_alnum(c) || c >= 0x80; }

/* What the probe asks first: the first eight bytes of a word without regard to case, and its length. */
static inline uint64_t bloom_hash(uint64_t head, uint32_t size) {
    uint64_t mask = size < 8 ? ((uint64_t)1 << (8 * size)) - 1 : ~(uint64_t)0;
    return (((head | 0x2020202020202020u) & mask) + (size < 255 ? size : 255)) * 0x9E3779B97F4A7C15u;
}

static inline uint64_t head_of(const uint8_t *text, uint32_t size) {
    uint64_t head = 0;
    memcpy(&head, text, size < 8 ? size : 8);
    return head;
}

static void bloom_set(cf_learned *learned, const uint8_t *word, uint32_t size) {
    uint64_t bit = bloom_hash(head_of(word, size), size) >> (64 - learned->bloom_bits);
    learned->bloom[bit / 64] |= (uint64_t)1 << (bit % 64);
}

static bool bloom_grow(cf_learned *learned) {
    uint32_t bits = learned->bloom_bits ? learned->bloom_bits : 14;
    while (bits < 21 && learned->words * 16 > (uint32_t)1 << bits) bits++;
    if (learned->bloom && bits == learned->bloom_bits) return true;
    uint64_t *more = calloc((size_t)1 << (bits - 6), sizeof *more);
    if (!more) return false;
    free(learned->bloom);
    learned->bloom = more;
    learned->bloom_bits = bits;
    for (uint32_t i = 0; i < learned->words; i++)
        bloom_set(learned, learned->arena.at + learned->word[i].at, learned->word[i].size);
    return true;
}

/* The row of a word of lower case; made where there is none and `make` says so. */
static learned_word_row *word_row(cf_learned *learned, const uint8_t *text, uint32_t size, uint64_t hash) {
    uint32_t at = (uint32_t)hash, row;
    while ((row = index_next(&learned->by_word, hash, &at)) != UINT32_MAX) {
        learned_word_row *word = &learned->word[row];
        if (word->size == size && memcmp(learned->arena.at + word->at, text, size) == 0) return word;
    }
    return NULL;
}

static learned_word_row *word_made(cf_learned *learned, const uint8_t *text, uint32_t size) {
    uint64_t hash = hash_of(learned->settings->seed, text, size);
    learned_word_row *word = word_row(learned, text, size, hash);
    if (word) return word;
    if (!grow((void **)&learned->word, learned->words, &learned->word_room, sizeof *word)) return NULL;
    uint32_t at = (uint32_t)learned->arena.size;
    if (!bytes_add(&learned->arena, text, size) || !index_put(&learned->by_word, hash, learned->words)) return NULL;
    word = &learned->word[learned->words++];
    *word = (learned_word_row){at, size, NULL, 0, 0};
    if (!bloom_grow(learned)) return NULL;
    bloom_set(learned, text, size);
    return word;
}

/* Longest first; the reference knows no order among forms of one length that begin elsewhere in it. */
static bool reach_add(learned_word_row *word, uint16_t size, uint16_t offset) {
    uint32_t at = 0;
    while (at < word->count && (word->reach[at].size > size || (word->reach[at].size == size && word->reach[at].offset < offset))) at++;
    if (at < word->count && word->reach[at].size == size && word->reach[at].offset == offset) return true;
    if (!grow((void **)&word->reach, word->count, &word->room, sizeof *word->reach)) return false;
    memmove(word->reach + at + 1, word->reach + at, (word->count - at) * sizeof *word->reach);
    word->reach[at] = (learned_reach){size, offset};
    word->count++;
    return true;
}

/* Whether the token of one value is made of a form rather than that of another: by kind's name, then by text. */
static bool value_before(const cf_learned *learned, int32_t a, int32_t b) {
    const learned_value_row *one = &learned->value[a], *two = &learned->value[b];
    if (one->kind != two->kind) return strcmp(cf_kind_names[one->kind], cf_kind_names[two->kind]) < 0;
    int order = memcmp(learned->arena.at + one->at, learned->arena.at + two->at, one->size < two->size ? one->size : two->size);
    return order < 0 || (order == 0 && one->size < two->size);
}

static bool form_add(cf_learned *learned, int32_t value, const uint8_t *text, uint32_t size) {
    uint8_t lower[LONGEST_FORM];
    uint32_t first = 0;
    if (size > LONGEST_FORM) return true;
    for (uint32_t i = 0; i < size; i++) lower[i] = cf_lower(text[i]);
    while (first < size && !learned_letter(lower[first])) first++;
    if (first == size) return true;
    bool other = learned->value[value].kind != CF_NAME;
    uint64_t hash = hash_of(learned->settings->seed, lower, size);
    uint32_t at = (uint32_t)hash, row;
    while ((row = index_next(&learned->by_form, hash, &at)) != UINT32_MAX) {
        learned_form_row *form = &learned->form[row];
        if (form->size != size || memcmp(learned->arena.at + form->at, lower, size) != 0) continue;
        if (value_before(learned, value, form->value)) form->value = value;
        if (other && (form->nameless < 0 || value_before(learned, value, form->nameless))) form->nameless = value;
        return true;
    }
    uint32_t last = first;
    while (last < size && learned_letter(lower[last])) last++;
    learned_word_row *word = word_made(learned, lower + first, last - first);
    if (!word || !reach_add(word, (uint16_t)size, (uint16_t)first)) return false;
    if (!grow((void **)&learned->form, learned->forms, &learned->form_room, sizeof *learned->form)) return false;
    uint32_t begun = (uint32_t)learned->arena.size;
    if (!bytes_add(&learned->arena, lower, size) || !index_put(&learned->by_form, hash, learned->forms)) return false;
    learned->form[learned->forms++] = (learned_form_row){begun, (uint16_t)size, (uint16_t)first, value, other ? value : -1};
    return true;
}

#include "forms.c"

static bool learned_stopped(const cf_settings *settings, const uint8_t *value, uint32_t size) {
    if (!settings->stop.size) return false;
    const uint8_t *at = settings->stop.at, *end = at + settings->stop.size;
    while (at < end) {
        uint32_t length = at[0] | (uint32_t)at[1] << 8, same = 0;
        while (length == size && same < size && cf_lower(value[same]) == at[2 + same]) same++;
        if (length == size && same == size) return true;
        at += 2 + length;
    }
    return false;
}

/* Whether a value is long and rare enough to be masked wherever it stands. */
static bool learned_distinct(const cf_settings *settings, cf_kind kind, const uint8_t *value, uint32_t size) {
    uint32_t digits = 0, letters = 0, lower = 0, upper = 0;
    bool space = false, comma = false, mark = false, at_sign = false;
    if (size < settings->min_length || size > LONGEST_VALUE || learned_stopped(settings, value, size)) return false;
    for (uint32_t i = 0; i < size; i++) {
        uint8_t c = value[i];
        if (cf_is_digit(c)) digits++;
        else if (cf_is_alpha(c) || c >= 0x80) {
            letters++;
            if (c >= 'a' && c <= 'z') lower++;
            if (c >= 'A' && c <= 'Z') upper++;
        } else {
            space |= c == ' ';
            comma |= c == ',';
            at_sign |= c == '@';
            mark |= c == '.' || c == '_' || c == '-' || c == '@' || c == '+';
        }
    }
    if (!letters) return digits >= settings->min_digits;
    if (kind == CF_NAME) return space || comma || !((value[0] >= 'a' && value[0] <= 'z') || (upper && !lower));
    if (kind == CF_USER || kind == CF_HOST || kind == CF_SECRET) return digits || mark;
    return digits || space || at_sign;
}

/* Words with one blank between them; at most `room` bytes, more tells that it is longer. */
static uint32_t learned_joined(const uint8_t *raw, uint32_t size, uint8_t *value, uint32_t room) {
    uint32_t count = 0;
    bool gap = false;
    for (uint32_t i = 0; i < size && count < room; i++) {
        if (cf_is_space(raw[i])) {
            gap = count > 0;
            continue;
        }
        if (gap) value[count++] = ' ';
        gap = false;
        if (count < room) value[count++] = raw[i];
    }
    return count;
}

static uint32_t value_row(const cf_learned *learned, cf_kind kind, const uint8_t *value, uint32_t size, uint64_t hash) {
    uint32_t at = (uint32_t)hash, row;
    while ((row = index_next(&learned->by_value, hash, &at)) != UINT32_MAX) {
        const learned_value_row *known = &learned->value[row];
        if (known->kind == kind && known->size == size && memcmp(learned->arena.at + known->at, value, size) == 0) break;
    }
    return row;
}

static int value_put(cf_learned *learned, cf_kind kind, const uint8_t *value, uint32_t size, uint64_t hash, bool site) {
    if (!grow((void **)&learned->value, learned->values, &learned->value_room, sizeof *learned->value)) return CF_NO_MEMORY;
    uint32_t begun = (uint32_t)learned->arena.size;
    if (!bytes_add(&learned->arena, value, size) || !index_put(&learned->by_value, hash, learned->values)) return CF_NO_MEMORY;
    learned->value[learned->values] = (learned_value_row){begun, size, (uint8_t)kind, site, !site};
    return forms_of(learned, (int32_t)learned->values++) ? 0 : CF_NO_MEMORY;
}

static int learned_learn(cf_learned *learned, cf_kind kind, const uint8_t *raw, uint32_t raw_size) {
    const cf_settings *settings = learned->settings;
    uint8_t value[LONGEST_VALUE + 2];
    uint64_t seen = hash_of(settings->seed + kind, raw, raw_size);
    uint32_t at = (uint32_t)seen;
    if (index_next(&learned->seen, seen, &at) != UINT32_MAX) return 0;
    if (learned->seen.count >= settings->max_values) index_clear(&learned->seen);
    if (!index_put(&learned->seen, seen, 0)) return CF_NO_MEMORY;
    uint32_t size = learned_joined(raw, raw_size, value, sizeof value);
    uint64_t hash = hash_of(settings->seed + kind, value, size);
    uint32_t row = size ? value_row(learned, kind, value, size, hash) : UINT32_MAX;
    if ((row != UINT32_MAX && learned->value[row].found) || !learned_distinct(settings, kind, value, size)) return 0;
    if (learned->known >= settings->max_values || learned->arena.size >= settings->max_bytes) {
        learned->dropped++;
        return 0;
    }
    learned->known++;
    if (row == UINT32_MAX) return value_put(learned, kind, value, size, hash, false);
    learned->value[row].found = true;
    return 0;
}

/* Whether all of a form lies in a place that was found, also with the + that may stand before a number. */
static inline bool learned_covered(const cf_span *place, const uint8_t *text, uint32_t first, uint32_t end) {
    if (!place || first < place->start || end > place->end) return false;
    return first > place->start || !first || text[first - 1] != '+';
}

/* Whether a word is an element's name: `<field …>` is no Mr Field. */
static bool learned_is_element(const uint8_t *text, uint32_t start, uint32_t end) {
    if (!(start && text[start - 1] == '<') && !(start > 1 && text[start - 1] == '/' && text[start - 2] == '<')) return false;
    for (; start < end; start++)
        if ((uint8_t)(text[start] - 'a') >= 26) return false;
    return true;
}

/* A value that begins as a form stands at a word; the longest that stands there as a whole word. `place` is what was
 * found there already, or NULL: a value inside of it is none of our business. */
static bool learned_at(const cf_learned *learned, const uint8_t *text, uint32_t size, uint32_t start, uint32_t length,
                       const cf_span *place, cf_spans *found) {
    uint64_t seed = learned->settings->seed, hash = seed;
    for (uint32_t i = 0; i < length; i++) hash = hash_step(hash, cf_lower(text[start + i]));
    hash = cf_mix(hash);
    uint32_t at = (uint32_t)hash, row, same;
    const learned_word_row *word = NULL;
    while (!word && (row = index_next(&learned->by_word, hash, &at)) != UINT32_MAX) {
        const learned_word_row *known = &learned->word[row];
        const uint8_t *letters = learned->arena.at + known->at;
        for (same = 0; known->size == length && same < length && cf_lower(text[start + same]) == letters[same];) same++;
        if (known->size == length && same == length) word = known;
    }
    if (!word) return true;
    uint64_t prefix[LONGEST_FORM + 1];
    uint32_t begun = UINT32_MAX, reached = 0;
    for (uint32_t i = 0; i < word->count; i++) {
        learned_reach reach = word->reach[i];
        if (reach.offset > start || start - reach.offset + reach.size > size) continue;
        uint32_t first = start - reach.offset, end = first + reach.size;
        if (learned_covered(place, text, first, end)) continue;
        if ((first && cf_is_alnum(text[first - 1])) || (end < size && cf_is_alnum(text[end]))) continue;
        if (first != begun) { /* nearly always the word is the first thing of the form */
            begun = first;
            prefix[0] = seed;
            for (reached = 0; reached < reach.size && text[first + reached] != '\n'; reached++)
                prefix[reached + 1] = hash_step(prefix[reached], cf_lower(text[first + reached]));
        }
        if (reached < reach.size) continue;
        uint64_t whole = cf_mix(prefix[reach.size]);
        for (at = (uint32_t)whole; (row = index_next(&learned->by_form, whole, &at)) != UINT32_MAX;) {
            const learned_form_row *form = &learned->form[row];
            const uint8_t *letters = learned->arena.at + form->at;
            for (same = 0; form->size == reach.size && same < reach.size && cf_lower(text[first + same]) == letters[same];) same++;
            if (form->size != reach.size || same < reach.size) continue;
            int32_t value = form->value;
            if (learned->value[value].kind == CF_NAME && learned_is_element(text, first, end)) value = form->nameless;
            if (value < 0) break;
            uint8_t kind = learned->value[value].kind;
            if (kind == CF_TEL && first && text[first - 1] == '+') first--;
            return spans_add(found, (cf_span){first, end, CF_ORDER_LEARNED, CF_R_LEARNED, kind, CF_TOUCHING, 0, value});
        }
    }
    return true;
}

/* Bit i: whether byte i of 64 belongs to a word. */
static inline uint64_t letters_of(const uint8_t *text) {
    uint64_t letters = 0;
#if defined(__SSE2__)
    for (int i = 0; i < 4; i++) {
        __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(text + 16 * i));
        __m128i letter = _mm_subs_epu8(_mm_sub_epi8(_mm_or_si128(c, _mm_set1_epi8(32)), _mm_set1_epi8('a')), _mm_set1_epi8(25));
        __m128i digit = _mm_subs_epu8(_mm_sub_epi8(c, _mm_set1_epi8('0')), _mm_set1_epi8(9));
        __m128i plain = _mm_cmpeq_epi8(_mm_min_epu8(letter, digit), _mm_setzero_si128());
        letters |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_or_si128(plain, c)) << (16 * i);
    }
#else
    for (int i = 0; i < 64; i++) letters |= (uint64_t)learned_letter(text[i]) << i;
#endif
    return letters;
}

/* Where learned values stand as whole words that begin in [from, to), but for those inside of `places`, which are in
 * order. */
static bool learned_probe(const cf_learned *learned, const uint8_t *text, uint32_t size, uint32_t from, uint32_t to,
                          const cf_spans *places, cf_spans *found) {
    const cf_span *place = places->at, *last_place = places->count ? places->at + places->count : place;
    uint64_t before = from && learned_letter(text[from - 1]);
    unsigned shift = 64 - learned->bloom_bits;
    if (!learned->words) return true;
    for (uint32_t at = from; at < to; at += 64) {
        uint8_t last[72] = {0};
        const uint8_t *block = text + at;
        if (size - at < 72) block = memcpy(last, block, size - at);
        uint64_t letters = letters_of(block), starts = letters & ~(letters << 1 | before);
        before = letters >> 63;
        for (; starts; starts &= starts - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(starts);
            uint64_t gaps = ~letters >> bit, head;
            uint32_t start = at + bit, length = gaps ? (uint32_t)__builtin_ctzll(gaps) : 64 - bit;
            if (start >= to) return true;
            if (!gaps || bit + length == 64)
                while (start + length < size && learned_letter(text[start + length])) length++;
            memcpy(&head, block + bit, 8);
            uint64_t slot = bloom_hash(head, length) >> shift;
            if (!(learned->bloom[slot / 64] >> (slot % 64) & 1)) continue;
            while (place < last_place && place->end <= start) place++;
            const cf_span *there = place < last_place && place->start <= start ? place : NULL;
            if (!learned_at(learned, text, size, start, length, there, found)) return false;
        }
    }
    return true;
}

static const uint8_t *learned_value(const cf_learned *learned, int32_t index, uint32_t *size) {
    *size = learned->value[index].size;
    return learned->arena.at + learned->value[index].at;
}
