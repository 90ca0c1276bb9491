/* The rule of a key as it stands in a log: case, separators and accents do not matter (KeyBook of the reference).
 *
 * A key is read from its end: its tails are hashed word by word, and the longest that has a name decides. Most words
 * before '=' and ':' are no keys; their last letters say so. */
#include "keys.h"

#include <string.h>

enum { KEY_WORDS = 6, KEY_ROOM = 1024, KEY_QUALIFIERS = 128, KEY_LEAST_REST = 3, KEY_LEAST_CUT = 4 };

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
    uint32_t begins[KEY_WORDS];              /* the same in the key */
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
        too_long = CF_LONGEST_KEY - tail->from == rules->longest;
        if (too_long) break;
        tail->folded[--tail->from] = cf_lower(c);
        hash = cf_hash_step(hash, tail->folded[tail->from]);
        if (key_word_begins(key, size, at)) {
            tail->begins[tail->words] = at;
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

static uint64_t key_hash(const uint8_t *folded, uint32_t size) {
    uint64_t hash = CF_HASH_START;
    while (size) hash = cf_hash_step(hash, folded[--size]);
    return hash;
}

static const cf_key_name *key_word(const cf_rules *rules, const uint8_t *folded, uint32_t size) {
    int64_t name = texts_find(&rules->names, folded, size, key_hash(folded, size));
    return name < 0 ? NULL : &rules->keys[name];
}

/* The better of a rule and that of a name: of two that fit the first one counts. */
static const cf_key_rule *key_better(const cf_rules *rules, const uint8_t *folded, uint32_t size, bool whole, const cf_key_rule *best) {
    const cf_key_name *name = key_word(rules, folded, size);
    if (!name || !(whole ? name->named : name->ends)) return best;
    const cf_key_rule *found = whole ? &name->whole : &name->tail;
    return best && best->rank <= found->rank ? best : found;
}

/* Where words of places begin (`ends`: that a text ends with) or end that it begins with. */
typedef struct {
    uint8_t at[CF_LONGEST_KEY], places[CF_LONGEST_KEY];
    uint32_t count;
} key_places;

/* Whether the first (`step` 1) or last (-1) letters of a text are those of words of places. */
static bool key_letters_of_places(const uint8_t *set, const uint8_t *folded, uint32_t size, int step) {
    uint32_t letters[3] = {0, 0, 0};
    const uint8_t *at = step < 0 ? folded + size - 1 : folded;
    if (*at >= 0x80 || !cf_is_alpha(*at)) return true; /* no letters that the set knows */
    for (uint32_t i = 0; i < 3 && i < size && cf_is_alpha(*at); i++, at += step) letters[i] = *at - 'a' + 1u;
    return key_letters_in(set, letters);
}

static void key_find_places(const cf_rules *rules, const uint8_t *folded, uint32_t size, key_places *heads, key_places *ends) {
    uint8_t turned[CF_LONGEST_KEY];
    uint64_t forwards = CF_HASH_START, backwards = CF_HASH_START;
    uint32_t most = size < rules->heads.longest ? size : rules->heads.longest;
    bool first = key_letters_of_places(rules->head_letters, folded, size, 1),
         last = key_letters_of_places(rules->end_letters, folded, size, -1);
    heads->count = ends->count = 0;
    for (uint32_t word = 1; first && word <= most; word++) {
        uint8_t *head = turned + CF_LONGEST_KEY - word;
        *head = folded[word - 1];
        forwards = cf_hash_step(forwards, *head);
        if (texts_find(&rules->heads, head, word, forwards) >= 0) {
            heads->at[heads->count] = (uint8_t)word;
            heads->places[heads->count++] = key_word(rules, folded, word)->places;
        }
    }
    for (uint32_t word = 1; last && word <= most; word++) {
        const uint8_t *end = folded + size - word;
        backwards = cf_hash_step(backwards, *end);
        int64_t name = texts_find(&rules->names, end, word, backwards);
        if (name >= 0 && rules->keys[name].places) {
            ends->at[ends->count] = (uint8_t)(size - word);
            ends->places[ends->count++] = rules->keys[name].places;
        }
    }
}

/* The rule of a name that a text is, also with words at its ends that places stand for. */
static const cf_key_rule *key_named(const cf_rules *rules, const uint8_t *folded, uint32_t size, bool whole) {
    const cf_key_rule *best = key_better(rules, folded, size, whole, NULL);
    uint8_t form[CF_LONGEST_KEY + 1];
    key_places heads, ends;
    key_find_places(rules, folded, size, &heads, &ends);
    for (uint32_t h = 0; h <= heads.count; h++) {
        uint32_t from = h ? heads.at[h - 1] : 0;
        for (uint8_t head = h ? 1 : 0; head <= (h ? CF_PLACES : 0); head++) {
            if (h && !(heads.places[h - 1] >> head & 1)) continue;
            uint32_t used = h != 0;
            form[0] = head;
            memcpy(form + used, folded + from, size - from);
            if (h) best = key_better(rules, form, used + size - from, whole, best);
            for (uint32_t e = 0; e < ends.count; e++) {
                uint32_t at = ends.at[e];
                if (at < from || !(h || at)) continue;
                uint8_t kept = form[used + at - from];
                for (uint8_t end = 1; end <= CF_PLACES; end++) {
                    if (!(ends.places[e] >> end & 1)) continue;
                    form[used + at - from] = end;
                    best = key_better(rules, form, used + at - from + 1, whole, best);
                }
                form[used + at - from] = kept;
            }
        }
    }
    return best;
}

/* Whether the word before a name says that the value is nobody's. */
static bool key_sorted(const cf_rules *rules, const key_tail *tail, uint32_t word) {
    if (word + 1 >= tail->words) return false;
    const cf_key_name *before = key_word(rules, tail->folded + tail->starts[word + 1], tail->starts[word] - tail->starts[word + 1]);
    return before && before->sort;
}

/* The rule of words, and where in the key its name begins. Whole words go first, the longest name wins. */
static const cf_key_rule *key_of_tail(const cf_rules *rules, const key_tail *tail, bool cut, uint32_t *begin) {
    bool alone = tail->whole && !cut;
    for (uint32_t words = tail->words; words--;) {
        uint32_t start = tail->starts[words];
        if (alone && words + 1 < tail->words) {
            const cf_key_name *before = key_word(rules, tail->folded + tail->starts[words + 1], start - tail->starts[words + 1]);
            alone = before && before->prefix;
        }
        const cf_key_rule *found = key_named(rules, tail->folded + start, CF_LONGEST_KEY - start, alone);
        *begin = tail->begins[words];
        if (found) return key_sorted(rules, tail, words) ? NULL : found;
    }
    *begin = tail->words ? tail->begins[0] : 0;
    return tail->words && key_sorted(rules, tail, 0) ? NULL : key_closed(rules, tail);
}

static bool key_qualifier(const cf_rules *rules, const key_tail *tail) {
    uint32_t start = tail->starts[0];
    if (!tail->words) return false;
    int64_t name = texts_find(&rules->names, tail->folded + start, CF_LONGEST_KEY - start, tail->hashes[0]);
    return name >= 0 && rules->keys[name].qualifier;
}

/* The rule of a part of a word, unless its values are not personal. */
static const cf_key_rule *key_of_part(const cf_rules *rules, const uint8_t *folded, uint32_t size) {
    const cf_key_name *name = key_word(rules, folded, size);
    return name && name->keep ? NULL : key_named(rules, folded, size, false);
}

/* The rule of a word that is a name and one word that says nothing, or two names of a kind, which no sign parts:
 * "telefonocliente", "cpville". */
static const cf_key_rule *key_of_parts(const cf_rules *rules, const uint8_t *folded, uint32_t size) {
    const cf_key_name *word;
    const cf_key_rule *rule;
    for (uint32_t at = KEY_LEAST_REST; at + KEY_LEAST_CUT <= size; at++)
        if ((word = key_word(rules, folded + at, size - at)) && word->qualifier && (rule = key_of_part(rules, folded, at))) return rule;
    for (uint32_t at = size; at-- > KEY_LEAST_CUT;) {
        if (at + KEY_LEAST_REST > size || !(word = key_word(rules, folded, at)) || !(word->qualifier || word->ends)) continue;
        rule = key_of_part(rules, folded + at, size - at);
        if (rule && (word->qualifier || word->tail.kind == rule->kind)) return rule;
    }
    return NULL;
}

/* The rule of a key of ASCII and folded letters; `cut`: there was more before it. A word that is kept decides first;
 * then the name that begins first in the key, which may have words behind it that say nothing. */
static const cf_key_rule *key_of_words(const cf_rules *rules, const uint8_t *key, uint32_t size, bool cut) {
    key_tail tail;
    const cf_key_rule *best = NULL, *found;
    uint8_t last[CF_LONGEST_KEY];
    uint32_t last_size = 0, best_begin = 0, begin, at = size;
    for (unsigned count = 0; count < KEY_QUALIFIERS; count++, at = tail.begins[0]) {
        while (at && (key_class(key[at - 1]) == KEY_DIGIT || key_class(key[at - 1]) == KEY_MARK)) at--;
        if (!at) break;
        key_read(rules, key, size, at, &tail);
        if (key_kept(rules, &tail)) return NULL;
        if (!count && tail.words) {
            last_size = CF_LONGEST_KEY - tail.starts[0];
            memcpy(last, tail.folded + tail.starts[0], last_size);
        }
        found = key_of_tail(rules, &tail, cut, &begin);
        if (found && (!best || begin < best_begin)) {
            best = found;
            best_begin = begin;
        }
        if ((tail.words < 2 && tail.whole && !cut) || !key_qualifier(rules, &tail)) break;
    }
    return best ? best : key_of_parts(rules, last, last_size);
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

/* A file of a program, `login.c: …`, and no field of Salesforce, `Login__c`. */
static bool key_of_source(const uint8_t *key, uint32_t size) {
    while (size && !cf_is_alpha(key[size - 1]) && key[size - 1] < 0x80) size--;
    if (size < 3 || (key[size - 1] | 32) != 'c') return false;
    return key[size - 2] == '.' || ((key[size - 2] | 32) == 'p' && key[size - 3] == '.');
}

const cf_key_rule *cf_rule_of_key(const cf_rules *rules, const uint8_t *key, uint32_t size) {
    if (key_of_source(key, size)) return NULL;
    if (!rules->on[CF_BY_KEY] || !key_may_end(rules, key, 0, size, CF_NO_LETTER)) return NULL;
    for (uint32_t i = 0; i < size; i++)
        if (key[i] >= 0x80) return key_of_letters(rules, key, size);
    return key_of_words(rules, key, size, false);
}

/* Whether two keys of the same size are equal; most have four to sixteen bytes. */
static inline bool key_same(const uint8_t *one, const uint8_t *two, uint32_t size) {
    uint64_t a[2], b[2];
    if (size > 16 || size < 4) return memcmp(one, two, size) == 0;
    if (size < 8) {
        uint32_t c[2], d[2];
        memcpy(&c[0], one, 4);
        memcpy(&c[1], one + size - 4, 4);
        memcpy(&d[0], two, 4);
        memcpy(&d[1], two + size - 4, 4);
        return !((c[0] ^ d[0]) | (c[1] ^ d[1]));
    }
    memcpy(&a[0], one, 8);
    memcpy(&a[1], one + size - 8, 8);
    memcpy(&b[0], two, 8);
    memcpy(&b[1], two + size - 8, 8);
    return !((a[0] ^ b[0]) | (a[1] ^ b[1]));
}

/* As cf_rule_of_key, which remembers the last keys: most of them stand there again and again. Digits and marks at the end
 * of a key say nothing. */
static inline const cf_key_rule *key_known(const cf_scan *scan, const uint8_t *key, uint32_t size) {
    while (size && !(cf_class[key[size - 1]] & (CF_UPPER | CF_LOWER | CF_HIGH))) size--;
    if (!size) return NULL;
    if (!scan->memo || size > MEMO_KEY) return cf_rule_of_key(scan->rules, key, size);
    memo_key *known = memo_key_of(scan->memo, key, size);
    if (known->size == size && key_same(known->key, key, size)) return known->rule;
    known->size = (uint8_t)size;
    memcpy(known->key, key, size);
    return known->rule = cf_rule_of_key(scan->rules, key, size);
}

/* As key_known for a key of the text that is scanned. */
static inline const cf_key_rule *key_rule(const cf_scan *scan, uint32_t start, uint32_t end) {
    return key_known(scan, scan->text + start, end - start);
}
