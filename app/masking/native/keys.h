/* What the files of rules and keys (rules.c, keybook.c, keyed.c, notations.c) share. */
#ifndef CASEFERRY_KEYS_H
#define CASEFERRY_KEYS_H

#include "core.h"
#include "escapes.h"

/* A set of texts without regard to case of ASCII letters: open addressing, never more than half full. `met` and `kinds` are
 * asked first, for most texts that are looked up are none of the set: a bit for a hash, four for each slot; and a bit for
 * size, first and last byte. */
enum { CF_TEXT_KINDS = 4096 };
typedef struct {
    uint32_t at, size;
    uint64_t hash;
} cf_text_item;
typedef struct {
    uint8_t *bytes;
    cf_text_item *items;
    uint32_t *slots; /* 0, or an index into items plus one */
    uint64_t *met, kinds[CF_TEXT_KINDS / 64];
    uint32_t used, room, count, items_room, slots_room, longest;
} cf_texts;

/* Places of names of keys, which stand for any word of a list at their beginning or end: the bytes 1 to CF_PLACES. */
enum { CF_PLACES = 2 };

/* A name of a key, or a word of one; `named`: the whole key may be equal to it, `ends`: the words of a key may end with
 * it, `closes`: a key may end with it inside of a word, `qualifier`: a last word that says nothing, `prefix`: a first
 * one, `sort`: one before a name that is nobody's, `places`: bits of the places that the word may stand for. */
typedef struct {
    cf_key_rule whole, tail, close;
    bool named, ends, closes, keep, qualifier, prefix, sort;
    uint8_t places;
} cf_key_name;

typedef struct {
    uint8_t address[16];
    uint8_t size, prefix; /* of the address in bytes, of the network in bits */
    bool site;
} cf_network;

enum {
    CF_LONGEST_KEY = 120,                    /* of a folded name, in bytes */
    CF_CLOSINGS = 27 * 27 * 27, CF_LETTERS = 27,
    CF_ENDING = 6, CF_ENDING_BITS = 1 << 19 /* letters that are hashed, and how many bits there are */
};

struct cf_rules {
    uint8_t kinds[CF_DETECTORS];
    bool on[CF_DETECTORS];
    cf_texts values, users, hosts, domains;
    cf_texts offices, answers; /* values that are passwords and log-ins, or names of people, all the same */
    cf_texts people; /* words that tell names without a key; see people.c */
    uint8_t *people_uses; /* what each says */
    uint32_t people_room;
    cf_network *networks;
    uint32_t network_count;
    uint32_t least, most; /* digits of internal numbers */
    uint8_t needs; /* of the keys that are told next */
    uint16_t rank; /* of their rule */
    cf_texts names, heads; /* `heads`: the words of places turned round, so that a key is read from its beginning */
    uint32_t longest; /* bytes of a folded key that may have a rule, at most */
    uint8_t last_places; /* bits of the places that names end with */
    cf_key_name *keys; /* of each name */
    uint32_t keys_room;
    uint64_t endings[CF_ENDING_BITS / 64]; /* last letters of keys with a rule, by their hash; see keybook.c */
    uint8_t head_letters[CF_CLOSINGS / 8 + 1], end_letters[CF_CLOSINGS / 8 + 1]; /* first and last three of words of places */
    uint8_t closings[CF_CLOSINGS / 8 + 1]; /* last three letters of names that a word may end with */
};

/* One step of the hash of a text, which is read from its end to its start, so that all tails of a key are
 * hashed in one pass. */
static inline uint64_t cf_hash_step(uint64_t hash, uint8_t folded) { return (hash ^ folded) * 0x9E3779B97F4A7C15u; }
enum { CF_HASH_START = 0x51ED27 };

/* The bit of endings for letters with this hash; `whole`: they are all of a name. */
static inline uint32_t cf_ending_bit(uint64_t hash, bool whole) {
    return (uint32_t)((hash ^ whole) * 0xC2B2AE3D27D4EB4Fu >> 45);
}

/* What bytes are for keys and values. */
enum {
    CF_IN_KEY = 1,        /* of a key before a sign */
    CF_IN_VALUE = 2,      /* of a value without quotes */
    CF_VALUE_MARK = 4,    /* before a word: it belongs to a value */
    CF_SPACE = 8,         /* \s */
    CF_KEY_TAIL = 16,     /* may stand in a key behind its last letter */
    CF_LETTER = 32,       /* A-Z, a-z and bytes from 0x80 */
    CF_BEFORE_SIGN = 64,  /* between a key and its sign */
    CF_NO_LETTER = 128
};
static const uint8_t cf_key_bytes[256] = {
    0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0xc8, 0x88, 0x88, 0x88, 0x88, 0x82, 0x82,
    0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0x82,
    0xd8, 0x82, 0xc0, 0x86, 0x97, 0x86, 0x84, 0xc4, 0x80, 0x80, 0x86, 0x86, 0x80, 0x97, 0x97, 0x86,
    0x93, 0x93, 0x93, 0x93, 0x93, 0x93, 0x93, 0x93, 0x93, 0x93, 0xc6, 0x80, 0x84, 0x86, 0x84, 0x86,
    0x97, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23,
    0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x80, 0x86, 0x80, 0x82, 0x93,
    0xc2, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23,
    0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x80, 0x80, 0x80, 0x82, 0x82,
    0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23,
    0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23,
    0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23,
    0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23,
    0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23,
    0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23,
    0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23,
    0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23, 0x23};

static inline int64_t texts_find(const cf_texts *texts, const uint8_t *text, uint32_t size, uint64_t hash);
static int64_t texts_add(cf_texts *texts, const uint8_t *text, uint32_t size);
static bool key_place(uint8_t c) { return c >= 1 && c <= CF_PLACES; }
static bool texts_hold(const cf_texts *texts, const uint8_t *text, uint32_t size);

/* Where a value stands, and whether quotes or tags say where it ends. */
typedef struct {
    uint32_t start, end;
    bool quoted;
} cf_value;

/* Slots of cf_scan.taken: up to where the values of each notation were read, and where heads of patterns ended. */
enum {
    CF_N_ATTRIBUTE, CF_N_SINGLE, CF_N_DOUBLE, CF_N_ESCAPED, CF_N_SIGN, CF_N_COLON, CF_N_ENCODED, CF_N_LIKE, CF_N_IN,
    CF_N_ATTR, CF_N_TAG, CF_N_NAMED, CF_N_PAIR, CF_N_EXPRESSION, CF_N_INSERT, CF_N_LIST, CF_N_ENCODED_SIGN, CF_N_ENCODED_KEY, CF_N_BETWEEN,
    CF_N_ESCAPED_TAG, CF_N_FIELD, CF_N_CALL, CF_N_PARENT, CF_N_PARENT_ID, CF_N_WORD_QUOTED, CF_N_WORD_BRACKET, CF_N_GROUP, CF_N_TWO,
    CF_N_ROW, CF_N_ANGLE, CF_N_BINARY, CF_N_COUNTED,
    CF_HEAD_ATTRIBUTE = 32, CF_HEAD_SIGN, CF_HEAD_ATTR, CF_HEAD_EXPRESSION, CF_HEAD_FIELD, CF_HEAD_CALL, CF_HEAD_PARENT,
    CF_HEAD_WORD_QUOTED, CF_HEAD_WORD_BRACKET, CF_HEAD_ENCODED_KEY, CF_HEAD_ESCAPED_TAG,
    CF_N_TUPLE, CF_N_SEGMENT, CF_N_ESCAPED_SIGN, CF_N_BASE64, CF_N_VALUED, CF_N_OPERATOR, CF_N_FORM, CF_HEAD_WORD_PAIR,
    CF_N_ASSIGNED, CF_N_CALLING, CF_N_BARRED, CF_N_BRACED, CF_N_STATEMENT
};

/* Slots of cf_scan.known; see value_next. */
enum {
    CF_KNOWN_SINGLE, CF_KNOWN_DOUBLE, CF_KNOWN_BARE, CF_KNOWN_TEXT, CF_KNOWN_CDATA, CF_KNOWN_LINE, CF_KNOWN_FOLDED,
    CF_KNOWN_MORE, CF_KNOWN_WORDS, CF_KNOWN_GAP, CF_KNOWN_BLANKS, CF_KNOWN_OPENS, CF_KNOWN_BAR, CF_KNOWN_COLON, CF_KNOWN_AT,
    CF_KNOWN_COUNTED, CF_KNOWN_LETTER, CF_KNOWN_REQUEST, CF_KNOWN_COOKIE, CF_KNOWN_URL, CF_KNOWN_ADDRESS,
    CF_KNOWN_DIGITS /* and four more */
};

/* dtmf.c */
static uint32_t sip_keys_apart(const cf_scan *scan, uint32_t at);

#endif
