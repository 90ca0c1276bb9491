/* Values that were found by their key and recur without it (app/masking/learned.py).
 *
 * Every form of a value begins with some word. A word has the lengths of the forms that begin with it, longest
 * first; the text of such a length is looked up by its hash. So the work at a word is bounded by the longest form,
 * however many people share a first name.
 */
#include "replace.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_VALUE = 256, LONGEST_FORM = 1024 };
static const uint64_t HASH_STEP = 0xD6E8FEB86659FD93u, EVERY_BYTE = 0x0101010101010101u;

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

/* How long a form may be that begins with a word, and where in it the word begins. `ends`: a bit for the last four
 * bytes of each such form, so that text that ends otherwise is not hashed. */
typedef struct {
    uint64_t ends;
    uint16_t size, offset;
} learned_reach;

/* A word, and the most bytes of a form before its first byte, and from there on. Most words are short and at hand with
 * their row. */
enum { WORD_AT_HAND = 32 };
typedef struct {
    uint32_t at, size; /* in the arena */
    learned_reach *reach;
    uint32_t count, room;
    uint16_t before, behind;
    uint8_t letters[WORD_AT_HAND];
} learned_word_row;

/* Open addressing over rows that are kept elsewhere: the upper half of the hash and the number of the row + 1, 0 for
 * none. Rows of one answer may differ in the rest of the hash. */
typedef struct {
    uint64_t *slot;
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

/* Eight bytes with the letters of ASCII in lower case. */
static inline uint64_t lower_eight(uint64_t text) {
    uint64_t low = text & 0x7F * EVERY_BYTE, upper = (low + 0x3F * EVERY_BYTE) & ~(low + 0x25 * EVERY_BYTE) & ~text;
    return text | (upper & 0x80 * EVERY_BYTE) >> 2;
}

static inline uint64_t hash_part(uint64_t h, uint64_t part) {
    h = (h ^ part) * HASH_STEP;
    return h ^ h >> 32;
}

/* Eight bytes at a time, the last ones maybe twice; with `lower` as if letters of ASCII were in lower case. */
static inline uint64_t hash_text(uint64_t seed, const uint8_t *text, uint32_t size, bool lower) {
    uint64_t h = seed ^ size * EVERY_BYTE;
    if (size < 8) return cf_mix(hash_part(h, lower ? lower_eight(few(text, size)) : few(text, size)));
    for (uint32_t at = 0; at + 8 < size; at += 8) h = hash_part(h, lower ? lower_eight(eight(text + at)) : eight(text + at));
    const uint8_t *last = text + size - 8;
    return cf_mix(hash_part(h, lower ? lower_eight(eight(last)) : eight(last)));
}

static uint64_t hash_of(uint64_t seed, const uint8_t *text, uint32_t size) { return hash_text(seed, text, size, false); }

static uint64_t hash_lower(uint64_t seed, const uint8_t *text, uint32_t size) { return hash_text(seed, text, size, true); }

/* Whether a text is these letters, which are in lower case. */
static inline bool same_lower(const uint8_t *text, const uint8_t *letters, uint32_t size) {
    if (size < 8) return lower_eight(few(text, size)) == few(letters, size);
    for (uint32_t at = 0; at + 8 < size; at += 8)
        if (lower_eight(eight(text + at)) != eight(letters + at)) return false;
    return lower_eight(eight(text + size - 8)) == eight(letters + size - 8);
}

/* The bit of `ends` for a text that ends here. */
static inline uint64_t end_bit(const uint8_t *end) {
    return (uint64_t)1 << (((four(end - 4) | (uint32_t)(0x20 * EVERY_BYTE)) * 0x9E3779B1u) >> 26);
}

static void index_set(learned_index *index, uint64_t entry) {
    uint32_t at = (uint32_t)(entry >> 32) & (index->room - 1);
    while (index->slot[at]) at = (at + 1) & (index->room - 1);
    index->slot[at] = entry;
    index->count++;
}

static bool index_put(learned_index *index, uint64_t hash, uint32_t row) {
    if (index->count * 2 >= index->room) {
        learned_index more = {NULL, index->room ? index->room * 2 : 1024, 0};
        more.slot = calloc(more.room, sizeof *more.slot);
        if (!more.slot) return false;
        for (uint32_t i = 0; i < index->room; i++)
            if (index->slot[i]) index_set(&more, index->slot[i]);
        free(index->slot);
        *index = more;
    }
    index_set(index, (hash >> 32) << 32 | (row + 1));
    return true;
}

/* Says that this hash is looked up soon. */
static inline void index_expect(const learned_index *index, uint64_t hash) {
    if (index->room) __builtin_prefetch(&index->slot[(uint32_t)(hash >> 32) & (index->room - 1)]);
}

/* The row in the first slot for this hash, whose row it may be; UINT32_MAX: nothing has this hash. */
static inline uint32_t index_first(const learned_index *index, uint64_t hash) {
    return index->room ? (uint32_t)index->slot[(uint32_t)(hash >> 32) & (index->room - 1)] - 1 : UINT32_MAX;
}

/* The next row with this hash from a slot on; `at` begins with 0. UINT32_MAX: there is none. */
static inline uint32_t index_next(const learned_index *index, uint64_t hash, uint32_t *at) {
    if (!index->room) return UINT32_MAX;
    for (;;) {
        uint64_t entry = index->slot[((uint32_t)(hash >> 32) + (*at)++) & (index->room - 1)];
        if (!entry) return UINT32_MAX;
        if ((entry ^ hash) >> 32 == 0) return (uint32_t)entry - 1;
    }
}

static void index_clear(learned_index *index) {
    if (index->room) memset(index->slot, 0, index->room * sizeof *index->slot);
    index->count = 0;
}

/* Whether a hash was put before, with all but one bit of it; it is put now. -1: no memory. */
static int index_met(learned_index *index, uint64_t hash, uint32_t most) {
    uint32_t at = 0, row, rest = (uint32_t)hash >> 1;
    while ((row = index_next(index, hash, &at)) != UINT32_MAX)
        if (row == rest) return 1;
    if (index->count >= most) index_clear(index);
    return index_put(index, hash, rest) ? 0 : -1;
}

static inline bool learned_letter(uint8_t c) { return cf_is_alnum(c) || c >= 0x80; }

/* What the probe asks first: the first eight bytes of a word without regard to case, and its length. */
static inline uint64_t bloom_hash(uint64_t head, uint32_t size) {
    static const uint64_t masks[9] = {0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFF,
                                      0xFFFFFFFFFFFF, 0xFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF};
    return (((head | 0x2020202020202020u) & masks[size < 8 ? size : 8]) + size) * 0x9E3779B97F4A7C15u;
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

/* The row of a word as it stands in text, or NULL. */
static inline learned_word_row *word_row(const cf_learned *learned, const uint8_t *text, uint32_t size, uint64_t hash) {
    uint32_t at = 0, row;
    while ((row = index_next(&learned->by_word, hash, &at)) != UINT32_MAX) {
        learned_word_row *word = &learned->word[row];
        const uint8_t *letters = size <= WORD_AT_HAND ? word->letters : learned->arena.at + word->at;
        if (word->size == size && same_lower(text, letters, size)) return word;
    }
    return NULL;
}

static learned_word_row *word_made(cf_learned *learned, const uint8_t *text, uint32_t size) {
    uint64_t hash = hash_lower(learned->settings->seed, text, size);
    learned_word_row *word = word_row(learned, text, size, hash);
    if (word) return word;
    if (!grow((void **)&learned->word, learned->words, &learned->word_room, sizeof *word)) return NULL;
    uint32_t at = (uint32_t)learned->arena.size;
    if (!bytes_add(&learned->arena, text, size) || !index_put(&learned->by_word, hash, learned->words)) return NULL;
    word = &learned->word[learned->words++];
    *word = (learned_word_row){.at = at, .size = size};
    memcpy(word->letters, text, size < WORD_AT_HAND ? size : WORD_AT_HAND);
    if (!bloom_grow(learned)) return NULL;
    bloom_set(learned, text, size);
    return word;
}

/* A form that begins with a word: longest first; the reference knows no order among forms of one length that begin
 * elsewhere in it. */
static bool reach_add(learned_word_row *word, const uint8_t *form, uint16_t size, uint16_t offset) {
    uint32_t at = 0;
    uint64_t ends = size < 4 ? ~(uint64_t)0 : end_bit(form + size);
    while (at < word->count && (word->reach[at].size > size || (word->reach[at].size == size && word->reach[at].offset < offset))) at++;
    if (at < word->count && word->reach[at].size == size && word->reach[at].offset == offset) {
        word->reach[at].ends |= ends;
        return true;
    }
    if (word->count == word->room) { /* most words begin a few forms only */
        uint32_t room = word->room ? word->room * 2 : 4;
        learned_reach *more = realloc(word->reach, room * sizeof *more);
        if (!more) return false;
        word->reach = more;
        word->room = room;
    }
    memmove(word->reach + at + 1, word->reach + at, (word->count - at) * sizeof *word->reach);
    word->reach[at] = (learned_reach){ends, size, offset};
    word->count++;
    if (offset > word->before) word->before = offset;
    if (size - offset > word->behind) word->behind = (uint16_t)(size - offset);
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
    uint64_t hash = hash_lower(learned->settings->seed, lower, size);
    uint32_t at = 0, row;
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
    if (!word || !reach_add(word, lower, (uint16_t)size, (uint16_t)first)) return false;
    if (!grow((void **)&learned->form, learned->forms, &learned->form_room, sizeof *learned->form)) return false;
    uint32_t begun = (uint32_t)learned->arena.size;
    if (!bytes_add(&learned->arena, lower, size) || !index_put(&learned->by_form, hash, learned->forms)) return false;
    learned->form[learned->forms++] = (learned_form_row){begun, (uint16_t)size, (uint16_t)first, value, other ? value : -1};
    return true;
}

#include "forms.c"

static bool learned_stopped(const cf_settings *settings, const uint8_t *value, uint32_t size) {
    uint32_t bit = cf_stop_bit(value, size);
    if (!(settings->stop_bits[bit / 64] >> bit % 64 & 1)) return false;
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
    uint32_t at = 0, row;
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
    int met = index_met(&learned->seen, hash_of(settings->seed + kind, raw, raw_size), settings->max_values);
    if (met) return met < 0 ? CF_NO_MEMORY : 0;
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

static const uint8_t *learned_value(const cf_learned *learned, int32_t index, uint32_t *size) {
    *size = learned->value[index].size;
    return learned->arena.at + learned->value[index].at;
}
