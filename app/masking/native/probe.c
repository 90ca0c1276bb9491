/* Where learned values recur: at the words of a text that some form of a value begins with. Part of the learned half of
 * app/masking/learned.py.
 *
 * Most words are left at one bit of a table (`bloom_hash`). What is asked next gets dearer step by step: whether the
 * word is known, whether a place that was found holds every form that could stand here, whether such a form ends with
 * these four bytes, and at last the hash of the whole of it.
 */
#include "replace.h"

#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

/* Whether a place holds all that may begin with a word, whatever stands there. */
static inline bool learned_inside(const cf_span *place, const uint8_t *text, const learned_word_row *word, uint32_t start) {
    return place && word->before <= start && learned_covered(place, text, start - word->before, start + word->behind);
}

/* The value that a form in this text is one of, or -1. */
static int32_t learned_form(const cf_learned *learned, const uint8_t *text, uint32_t first, uint32_t size) {
    uint64_t hash = hash_lower(learned->settings->seed, text + first, size);
    uint32_t at = 0, row;
    while ((row = index_next(&learned->by_form, hash, &at)) != UINT32_MAX) {
        const learned_form_row *form = &learned->form[row];
        if (form->size != size || !same_lower(text + first, learned->arena.at + form->at, size)) continue;
        if (memchr(text + first, '\n', size)) return -1;
        bool element = learned->value[form->value].kind == CF_NAME && learned_is_element(text, first, first + size);
        return element ? form->nameless : form->value;
    }
    return -1;
}

/* A word that may begin a learned value; its row, and what was found at it already, or NULL: a value inside of that is none
 * of our business. */
typedef struct {
    uint32_t start, length;
    uint64_t hash;
    const learned_word_row *row;
    const cf_span *place;
} learned_word;

enum { PROBE_WORDS = 96, PROBE_BLOCK = 33 }; /* words that are asked for at once, and of 64 bytes at most */

/* A value that begins as a form stands at a word; the longest that stands there as a whole word. */
static bool learned_at(const cf_learned *learned, const uint8_t *text, uint32_t size, const learned_word *here, cf_spans *found) {
    const learned_word_row *word = here->row;
    const cf_span *place = here->place;
    uint32_t start = here->start;
    for (uint32_t i = 0; i < word->count; i++) {
        const learned_reach *reach = &word->reach[i];
        if (reach->offset > start || start - reach->offset + reach->size > size) continue;
        uint32_t first = start - reach->offset, end = first + reach->size;
        if (reach->size >= 4 && !(reach->ends & end_bit(text + end))) continue;
        if ((first && cf_is_alnum(text[first - 1])) || (end < size && cf_is_alnum(text[end]))) continue;
        if (learned_covered(place, text, first, end)) continue;
        int32_t value = learned_form(learned, text, first, reach->size);
        if (value < 0) continue;
        uint8_t kind = learned->value[value].kind;
        if (kind == CF_TEL && first && text[first - 1] == '+') first--;
        return spans_add(found, (cf_span){first, end, CF_ORDER_LEARNED, CF_R_LEARNED, kind, CF_TOUCHING, 0, value});
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

/* The words that begin at these bits of 64 bytes and pass the table: at most 32 of them. `block` is the text from `at`
 * on, with 8 bytes behind the 64, and `next` are the letters of the 64 bytes behind these; whether a word passes is no
 * branch, for nobody could tell it before. */
static inline uint32_t learned_passing(const cf_learned *learned, const uint8_t *text, uint32_t size, uint32_t at, const uint8_t *block,
                                       uint64_t letters, uint64_t next, uint64_t starts, learned_word *words) {
    const uint64_t *bloom = learned->bloom;
    unsigned shift = 64 - learned->bloom_bits;
    uint32_t count = 0;
    for (; starts; starts &= starts - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(starts);
        uint64_t gaps = ~letters >> bit;
        uint32_t length = gaps ? (uint32_t)__builtin_ctzll(gaps) : 64 - bit + (~next ? (uint32_t)__builtin_ctzll(~next) : 64);
        if (!gaps && !~next)
            while (at + bit + length < size && learned_letter(text[at + bit + length])) length++;
        uint64_t slot = bloom_hash(eight(block + bit), length) >> shift;
        words[count].start = at + bit;
        words[count].length = length;
        count += bloom[slot / 64] >> (slot % 64) & 1;
    }
    return count;
}

/* The values that begin with words which passed, in order. What is read of one word lies anywhere, so that a step is taken
 * for all of them, and what the next one reads is at hand by then. `place` is where the places are that may hold them. */
static bool learned_ask(const cf_learned *learned, const uint8_t *text, uint32_t size, learned_word *words, uint32_t count,
                        const cf_span **place, const cf_span *last_place, cf_spans *found) {
    uint32_t left = 0;
    for (uint32_t i = 0; i < count; i++) {
        words[i].hash = hash_lower(learned->settings->seed, text + words[i].start, words[i].length);
        index_expect(&learned->by_word, words[i].hash);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = index_first(&learned->by_word, words[i].hash);
        if (row == UINT32_MAX) continue;
        __builtin_prefetch(&learned->word[row]);
        words[left++] = words[i];
    }
    count = left;
    left = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t start = words[i].start;
        const learned_word_row *row = word_row(learned, text + start, words[i].length, words[i].hash);
        if (!row) continue;
        while (*place < last_place && (*place)->end <= start) (*place)++;
        const cf_span *there = *place < last_place && (*place)->start <= start ? *place : NULL;
        if (learned_inside(there, text, row, start)) continue;
        __builtin_prefetch(row->reach);
        words[left] = words[i];
        words[left].row = row;
        words[left++].place = there;
    }
    for (uint32_t i = 0; i < left; i++)
        if (!learned_at(learned, text, size, &words[i], found)) return false;
    return true;
}

/* The letters of the 64 bytes from a place on, which may lie behind the text. */
static inline uint64_t letters_from(const uint8_t *text, uint32_t size, uint32_t at) {
    uint8_t last[64] = {0};
    if (at >= size) return 0;
    return letters_of(size - at < 64 ? memcpy(last, text + at, size - at) : text + at);
}

/* Where learned values stand as whole words that begin in [from, to), but for those inside of `places`, which are in
 * order. */
static bool learned_probe(const cf_learned *learned, const uint8_t *text, uint32_t size, uint32_t from, uint32_t to,
                          const cf_spans *places, cf_spans *found) {
    const cf_span *place = places->at, *last_place = places->count ? places->at + places->count : place;
    uint64_t before = from && learned_letter(text[from - 1]), letters = letters_from(text, size, from);
    learned_word words[PROBE_WORDS];
    uint32_t count = 0;
    if (!learned->words) return true;
    for (uint32_t at = from; at < to; at += 64) {
        uint8_t last[72] = {0};
        const uint8_t *block = text + at;
        if (size - at < 72) block = memcpy(last, block, size - at);
        uint64_t next = letters_from(text, size, at + 64), starts = letters & ~(letters << 1 | before);
        before = letters >> 63;
        if (to - at < 64) starts &= ((uint64_t)1 << (to - at)) - 1;
        count += learned_passing(learned, text, size, at, block, letters, next, starts, words + count);
        letters = next;
        if (count <= PROBE_WORDS - PROBE_BLOCK) continue;
        if (!learned_ask(learned, text, size, words, count, &place, last_place, found)) return false;
        count = 0;
    }
    return learned_ask(learned, text, size, words, count, &place, last_place, found);
}
