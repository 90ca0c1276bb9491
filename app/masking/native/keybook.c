/* The rule of a key as it stands in a log: case, separators and accents do not matter (KeyBook of the reference).
 *
 * A key is read from its end: its tails are hashed word by word, and the longest that has a name decides. Most words
 * before '=' and ':' are no keys; their last letters say so. */
#include "keys.h"

#include <string.h>

enum { KEY_WORDS = 6, KEY_ROOM = 1024, KEY_QUALIFIERS = 128 };

/* What a byte is for the words of a key. */
enum { KEY_MARK, KEY_UPPER, KEY_LOWER, KEY_DIGIT, KEY_HIGH };

static inline unsigned key_class(uint8_t c) {
    unsigned classes = cf_class[c];
    return classes & CF_LOWER ? KEY_LOWER : classes & CF_UPPER ? KEY_UPPER : classes & CF_DIGIT ? KEY_DIGIT
           : classes & CF_HIGH ? KEY_HIGH : KEY_MARK;
}

/* Whether three letters, the last first, are in a set of endings. */
static inline bool key_letters_in(const uint8_t *set, const uint32_t letters[3]) {
    uint32_t bit = (letters[0] * CF_LETTERS + letters[1]) * CF_LETTERS + letters[2];
    return set[bit / 8] >> bit % 8 & 1;
}

/* Whether letters with this hash are the last of a name, or all of it. */
static inline bool key_ending_in(const cf_rules *rules, uint64_t hash, bool whole) {
    uint32_t bit = cf_ending_bit(hash, whole);
    return rules->endings[bit / 64] >> bit % 64 & 1;
}

/* Whether a key that ends here may have a rule; `start` is as far as it may reach, and `behind` are the bytes that may
 * stand behind its last letter. */
static inline bool key_may_end(const cf_rules *rules, const uint8_t *text, uint32_t start, uint32_t end, uint8_t behind) {
    uint64_t hash = CF_HASH_START;
    while (end > start && cf_key_bytes[text[end - 1]] & behind) end--;
    for (uint32_t count = 0; count < CF_ENDING; count++) {
        uint8_t c = end > start ? text[--end] : 0;
        if (c >= 0x80) return true;
        if (!cf_is_alpha(c)) return count && key_ending_in(rules, hash, false);
        hash = cf_hash_step(hash, c | 32u);
        if (key_ending_in(rules, hash, true)) return true;
    }
    return key_ending_in(rules, hash, false);
}

/* Whether a word begins at a place of a key. */
static inline bool key_word_begins(const uint8_t *key, uint32_t size, uint32_t at) {
    unsigned own = key_class(key[at]), before = at ? key_class(key[at - 1]) : KEY_MARK;
    if (own == KEY_LOWER) return before != KEY_LOWER && before != KEY_UPPER;
    if (own == KEY_UPPER) return before != KEY_UPPER || (at + 1 < size && key_class(key[at + 1]) == KEY_LOWER);
    return own != before;
}

/* The last words of a key, folded into the end of a buffer. */
typedef struct {
    uint8_t folded[CF_LONGEST_KEY];
    uint32_t from, words, starts[KEY_WORDS]; /* in `folded`; the last word first */
    uint32_t last;                           /* where the last word begins in the key */
    uint64_t hashes[KEY_WORDS];
    bool whole; /* nothing stands before these words */
} key_tail;

/* Reads the words that end at a place of a key. What is longer than any name is not read to its beginning. */
static void key_read(const cf_rules *rules, const uint8_t *key, uint32_t size, uint32_t at, key_tail *tail) {
    uint64_t hash = CF_HASH_START;
    bool too_long = false;
    tail->from = CF_LONGEST_KEY;
    tail->words = 0;
    while (at && tail->words < KEY_WORDS) {
        uint8_t c = key[--at];
        if (key_class(c) == KEY_MARK) continue;
        too_long = CF_LONGEST_KEY - tail->from == rules->names.longest;
        if (too_long) break;
        tail->folded[--tail->from] = cf_lower(c);
        hash = cf_hash_step(hash, tail->folded[tail->from]);
        if (key_word_begins(key, size, at)) {
            if (!tail->words) tail->last = at;
            tail->starts[tail->words] = tail->from;
            tail->hashes[tail->words++] = hash;
        }
    }
    while (at && key_class(key[at - 1]) == KEY_MARK) at--;
    tail->whole = !at && !too_long;
}

/* The rule of the longest name that a word may end with. */
static const cf_key_rule *key_closed(const cf_rules *rules, const key_tail *tail) {
    const cf_key_rule *found = NULL;
    uint32_t letters[3] = {0, 0, 0}, at = CF_LONGEST_KEY;
    uint64_t hash = CF_HASH_START;
    if (at == tail->from) return NULL;
    for (uint32_t i = 0; i < 3 && at > tail->from; i++) {
        uint8_t c = tail->folded[--at];
        if (!cf_is_alpha(c)) break;
        letters[i] = c - 'a' + 1u;
    }
    if (tail->folded[CF_LONGEST_KEY - 1] < 0x80 && !key_letters_in(rules->closings, letters)) return NULL;
    for (at = CF_LONGEST_KEY; at > tail->from;) {
        hash = cf_hash_step(hash, tail->folded[--at]);
        int64_t name = texts_find(&rules->names, tail->folded + at, CF_LONGEST_KEY - at, hash);
        if (name >= 0 && rules->keys[name].closes) found = &rules->keys[name].close;
    }
    return found;
}

/* Whether one of the tails has a name whose values are not personal. */
static bool key_kept(const cf_rules *rules, const key_tail *tail) {
    for (uint32_t words = tail->words; words--;) {
        uint32_t start = tail->starts[words];
        int64_t name = texts_find(&rules->names, tail->folded + start, CF_LONGEST_KEY - start, tail->hashes[words]);
        if (name >= 0 && rules->keys[name].keep) return true;
    }
    return false;
}

/* The rule of words. Whole words go first, the longest name wins. */
static const cf_key_rule *key_of_tail(const cf_rules *rules, const key_tail *tail, bool cut) {
    bool whole = tail->whole && !cut;
    for (uint32_t words = tail->words; words--; whole = false) {
        uint32_t start = tail->starts[words];
        int64_t name = texts_find(&rules->names, tail->folded + start, CF_LONGEST_KEY - start, tail->hashes[words]);
        if (name < 0) continue;
        const cf_key_name *found = &rules->keys[name];
        if (whole ? found->named : found->ends) return whole ? &found->whole : &found->tail;
    }
    return key_closed(rules, tail);
}

static bool key_qualifier(const cf_rules *rules, const key_tail *tail) {
    uint32_t start = tail->starts[0];
    if (!tail->words) return false;
    int64_t name = texts_find(&rules->names, tail->folded + start, CF_LONGEST_KEY - start, tail->hashes[0]);
    return name >= 0 && rules->keys[name].qualifier;
}

/* The rule of a key of ASCII and folded letters; `cut`: there was more before it. A word that is kept decides first;
 * then the key without the words at its end that say nothing, the shortest that has a rule. */
static const cf_key_rule *key_of_words(const cf_rules *rules, const uint8_t *key, uint32_t size, bool cut) {
    key_tail tail;
    uint32_t ends[KEY_QUALIFIERS], count = 0;
    for (uint32_t at = size; count < KEY_QUALIFIERS; at = tail.last) {
        while (at && (key_class(key[at - 1]) == KEY_DIGIT || key_class(key[at - 1]) == KEY_MARK)) at--;
        if (!at) break;
        key_read(rules, key, size, at, &tail);
        if (key_kept(rules, &tail)) return NULL;
        ends[count++] = at;
        if ((tail.words < 2 && tail.whole && !cut) || !key_qualifier(rules, &tail)) break;
    }
    for (bool read = count == 1; count--; read = false) {
        if (!read) key_read(rules, key, size, ends[count], &tail);
        const cf_key_rule *rule = key_of_tail(rules, &tail, cut);
        if (rule) return rule;
    }
    return NULL;
}

/* The key with its accents folded; what is too long loses its beginning, which no name reaches. */
static const cf_key_rule *key_of_letters(const cf_rules *rules, const uint8_t *key, uint32_t size) {
    uint8_t folded[KEY_ROOM];
    uint32_t code = 0, at = 0, used = 0;
    bool utf8 = true, cut = false;
    while (at < size && utf8) {
        uint32_t step = letter_read(key + at, size - at, &code);
        utf8 = step > 0;
        at += step;
    }
    for (at = 0; at < size;) {
        if (utf8) {
            at += letter_read(key + at, size - at, &code);
        } else {
            code = key[at++];
            if (code >= 0x80 && code < 0xA0) code = LETTERS_CP1252[code - 0x80];
        }
        if (used + LONGEST_LETTER > KEY_ROOM) {
            memmove(folded, folded + KEY_ROOM / 2, used - KEY_ROOM / 2);
            used -= KEY_ROOM / 2;
            cut = true;
        }
        used += letter_fold(code, folded + used);
    }
    return key_of_words(rules, folded, used, cut);
}

const cf_key_rule *cf_rule_of_key(const cf_rules *rules, const uint8_t *key, uint32_t size) {
    if (!rules->on[CF_BY_KEY] || !key_may_end(rules, key, 0, size, CF_NO_LETTER)) return NULL;
    for (uint32_t i = 0; i < size; i++)
        if (key[i] >= 0x80) return key_of_letters(rules, key, size);
    return key_of_words(rules, key, size, false);
}

/* As cf_rule_of_key for a key of the text that is scanned, which remembers the last ones. */
static inline const cf_key_rule *key_rule(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *key = scan->text + start;
    uint32_t size = end - start, head, tail;
    if (size < 4) return cf_rule_of_key(scan->rules, key, size);
    memcpy(&head, key, 4);
    memcpy(&tail, key + size - 4, 4);
    uint32_t hash = ((head ^ size) * 0x9E3779B1u ^ tail) * 0x85EBCA77u;
    cf_key_seen *seen = &scan->keys[hash >> 24];
    if (seen->size == size && memcmp(scan->text + seen->at, key, size) == 0) return seen->rule;
    *seen = (cf_key_seen){start, size, cf_rule_of_key(scan->rules, key, size)};
    return seen->rule;
}
