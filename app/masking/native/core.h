/* What the files of the core share. Offsets and lengths are bytes of the buffer of one call.
 *
 * The core finds and replaces; it reads no file, keeps no global state and prints nothing. A `cf_rules` does not
 * change once it is ready, so that many threads may scan with one. Every handler looks a bounded way around its
 * place, so that time is linear whatever the input is.
 */
#ifndef CASEFERRY_CORE_H
#define CASEFERRY_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define CF_FACE __declspec(dllexport)
#else
#define CF_FACE __attribute__((visibility("default")))
#endif

/* In the order of `Kind` in face.py. */
typedef enum {
    CF_TEL, CF_NAME, CF_MAIL, CF_CARD, CF_IBAN, CF_IP, CF_MAC, CF_HOST, CF_DTMF, CF_USER, CF_SECRET, CF_ID,
    CF_ADDRESS, CF_BIRTH, CF_GEO, CF_KEYED, CF_CUSTOM, CF_KINDS
} cf_kind;

/* Built-in detectors in order of priority: the order of a span is 10 + 10 * detector, as in the reference. */
typedef enum {
    CF_BY_KEY, CF_BY_DTMF, CF_BY_DISPLAY_NAME, CF_BY_PERSON_NAME, CF_BY_SIP_URI, CF_BY_SIP_HOST, CF_BY_SDP_ORIGIN,
    CF_BY_SECRET, CF_BY_MAIL, CF_BY_IBAN, CF_BY_CARD, CF_BY_NATIONAL_ID, CF_BY_LOG_HOST, CF_BY_LOGIN, CF_BY_GEO,
    CF_BY_MAC, CF_BY_IP, CF_BY_PHONE, CF_BY_HOST, CF_BY_BASE64, CF_DETECTORS
} cf_detector;

/* Rules in the order of their names, which decides between places that are equal otherwise: CF_RULE_NAMES in rules.c
 * has the names as they stand in reports. Rules of keys follow from CF_RULE_KEYS on, the customer's own from CF_RULE_OWN
 * on; both are to be numbered in the order of their names, too. */
typedef enum {
    CF_R_API_KEY, CF_R_BASE64, CF_R_BEARER, CF_R_CALL_ID_HOST, CF_R_CARD, CF_R_COMMAND_LINE, CF_R_DISPLAY_NAME, CF_R_DTMF_BODY,
    CF_R_DTMF_INFO, CF_R_DTMF_WORDS, CF_R_FQDN, CF_R_GEO_URI, CF_R_HOME_FOLDER, CF_R_IBAN, CF_R_ID_IN_WORDS, CF_R_IPV4, CF_R_IPV6,
    CF_R_JWT, CF_R_LEARNED, CF_R_LOG_HOST, CF_R_LOGIN, CF_R_MAC, CF_R_MAIL, CF_R_NATIONAL_ID, CF_R_PATH, CF_R_PERSON_NAME,
    CF_R_PHONE, CF_R_PHONE_IN_WORDS, CF_R_SDP_HOST, CF_R_SDP_ORIGIN, CF_R_SHARE_HOST, CF_R_SIP_HOST,
    CF_R_SIP_PARAM, CF_R_SIP_USER, CF_R_SRTP_KEY, CF_R_TEL_URI, CF_R_URL_HOST, CF_R_URL_LOGIN, CF_R_VIA_HOST,
    CF_BUILT_IN_RULES,
    CF_RULE_KEYS = 256, CF_RULE_OWN = 1024
} cf_rule;

/* Flags of a span. */
enum {
    CF_LEARN = 1,    /* the value is also masked where it recurs */
    CF_TOUCHING = 2, /* may stand directly beside a token */
    CF_TEACHER = 4,  /* found by a detector that teaches in the find phase (set by cf_found) */
    CF_PERHAPS = 8   /* passed over because of the words before it: no value, see again.c */
};

/* A place that holds a personal value; see app/masking/spans.py. */
typedef struct {
    uint32_t start, end;
    uint16_t order; /* the lower wins where two overlap */
    uint16_t rule;
    uint8_t kind, flags;
    uint16_t spare;
    int32_t learned; /* index of the learned value the token is made of, or -1: the text itself */
} cf_span;

typedef struct cf_rules cf_rules;
typedef struct cf_memo cf_memo;
typedef struct cf_lines cf_lines;

/* What the rules say of a key. */
typedef struct {
    uint16_t rule, rank; /* `rank`: which of the rules it is; of two that fit a key alike the first counts */
    uint8_t kind;
    bool learn, quoted, whole_line;
    uint8_t needs; /* what a value must be; see needs.c */
} cf_key_rule;

/* What separates the cells of a table, and the rules of its columns; see tables.c. */
enum { CF_COLUMNS = 128 };
typedef struct {
    uint8_t sign;
    uint32_t count;
    const cf_key_rule *rules[CF_COLUMNS];
} cf_table;

/* A stretch of text of which something is known, so that it is not read again. */
typedef struct {
    uint32_t from, to;
} cf_known;

/* The double quotes before a place of a line: where they were counted up to, where the line begins, whether it began before
 * what was read, and whether one is open. */
typedef struct {
    uint32_t at, line;
    bool cut, odd;
} cf_quotes;

/* The line that is looked at: where it begins, its size or 0 when it is not to be remembered, how many places there were
 * before it, and what lines.h knows it by. */
typedef struct {
    uint32_t start, size, places, slot, met;
} cf_line;

/* A line that was measured before it begins; see lines.h. */
typedef struct {
    uint32_t start, size;
    uint64_t hash;
} cf_ahead;

/* The value that was judged last: its key's rule, what became of it, and the span when there is one. Notations often share a value. */
typedef struct {
    const cf_key_rule *rule;
    uint32_t start, end;
    bool quoted, personal, found, looked, crossed;
    cf_span span;
} cf_judged;

/* The key in quotes that was looked up last and has no blank in it: the place of its sign, and its rule or NULL. */
typedef struct {
    uint32_t sign;
    const cf_key_rule *rule;
} cf_quoted_key;

/* One pass over one buffer. */
typedef struct {
    const uint8_t *text;
    uint32_t size;
    const cf_rules *rules;
    cf_span *spans;
    uint32_t count, room;
    bool failed;            /* memory ran out: the caller must throw the result away */
    uint32_t taken[56];     /* by notation: up to where its values were read */
    uint32_t met[56];       /* by pattern of shapes.h: up to where it matched */
    cf_known known[28];     /* of long values; see values.c */
    uint32_t digits;        /* of the long value that is known[CF_KNOWN_COUNTED] */
    cf_known unopened;      /* bytes without brackets; see enclosing.c */
    cf_known siblings[4];   /* bytes in which no key of a person's other values begins: before and behind a name, in fields and objects */
    cf_known unescaped;     /* bytes in which no escape begins that ends a value; see escapes.h */
    cf_quotes quotes;       /* see headers.c */
    cf_judged judged;       /* see judged.c */
    cf_quoted_key quoted;   /* see notations.c */
    uint32_t sent_read;     /* up to where joints.c read for what was sent */
    bool sent;              /* whether a key there stands in it */
    bool inner;             /* scanning decoded text (base64): no decoding again */
    bool looked;            /* a handler of a word read further than the bytes beside it; see memo.h */
    bool crossed;           /* a handler read over the ends of its line; see lines.h */
    uint32_t reached;       /* up to where handlers did that may say something of later lines */
    cf_line line;
    cf_ahead ahead;
    uint32_t perhaps;       /* how many of the spans are CF_PERHAPS */
    cf_memo *memo;          /* or NULL */
    cf_lines *lines;        /* or NULL */
} cf_scan;

static inline void cf_looks(cf_scan *scan) { scan->looked = true; }
static inline void cf_crosses(cf_scan *scan) { scan->crossed = true; }

/* rules.c: allow lists and settings. Texts are compared without regard to case of ASCII letters. */
bool cf_shape_on(const cf_rules *rules, cf_detector detector);
cf_kind cf_shape_kind(const cf_rules *rules, cf_detector detector);
bool cf_allowed_value(const cf_rules *rules, const uint8_t *text, uint32_t size);
bool cf_value_in_spite(const cf_rules *rules, cf_kind kind, const uint8_t *text, uint32_t size); /* password=support, lastName=Tak */
bool cf_allowed_user(const cf_rules *rules, const uint8_t *text, uint32_t size);
bool cf_allowed_host(const cf_rules *rules, const uint8_t *text, uint32_t size);
bool cf_internal_number(const cf_rules *rules, const uint8_t *text, uint32_t size); /* all digits and an internal DN */
/* A valid IPv4 or IPv6 address that the rules do not allow (network.is_address of the reference). */
bool cf_is_address(const cf_rules *rules, const uint8_t *text, uint32_t size);
/* An address in a network of the site: never a version. */
bool cf_site_address(const cf_rules *rules, const uint8_t *text, uint32_t size);

/* people.c: what a word says of a name beside it, in any case of ASCII letters; see `Use` in people.py. */
enum {
    CF_P_GIVEN = 1, CF_P_CAUTIOUS = 2, CF_P_PLAIN = 4, CF_P_THING = 8, CF_P_ROLE = 16, CF_P_LINK = 32, CF_P_VERB = 64, CF_P_NOUN = 128,
    CF_P_NAMES = 7, CF_LONGEST_PERSON = 24
};
unsigned cf_person_word(const cf_rules *rules, const uint8_t *text, uint32_t size);

/* keybook.c */
const cf_key_rule *cf_rule_of_key(const cf_rules *rules, const uint8_t *key, uint32_t size);

/* scan.c */
void cf_found(cf_scan *scan, uint32_t start, uint32_t end, cf_detector detector, cf_kind kind, unsigned rule,
              unsigned flags);
/* Notes a place that is no value because of the words before it. */
void cf_passed_over(cf_scan *scan, uint32_t start, uint32_t end, cf_detector detector, unsigned rule);
void cf_scan_all(cf_scan *scan);

/* Handlers. `word`: every maximal run of letters, digits, '_' and bytes from 0x80; `mark`: every other byte that the
 * handler's table names. They are called in the order of places and add spans by `cf_found`. They are static, so that
 * the compiler may put them into the walk. */
static void cf_key_word(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes);
static void cf_key_mark(cf_scan *scan, uint32_t at);
static void cf_key_line(cf_scan *scan, uint32_t start); /* the first byte of every line */
/* `:` or `=` directly behind the word that begins at `start`: what it may be the sign of, and that of it which is asked for. */
enum { CF_SIGN_KEY = 1, CF_SIGN_FIELD = 2, CF_SIGN_TAG = 4 };
static unsigned cf_key_signs(const cf_scan *scan, uint32_t start, uint32_t at);
static void cf_key_sign(cf_scan *scan, uint32_t at, unsigned signs);
static void cf_number_word(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes);
static void cf_network_word(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes);
static void cf_shape_given(cf_scan *scan, uint32_t start, unsigned classes); /* of a word of ASCII: it may be a given name */
static void cf_shape_piece(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes); /* of a word of ASCII, behind the two before */
static void cf_shape_word(cf_scan *scan, uint32_t start, uint32_t end); /* of another word: the same for its pieces of ASCII */
static void cf_shape_mark(cf_scan *scan, uint32_t at);
static void cf_shape_line(cf_scan *scan, uint32_t start); /* the first byte of every line */

/* Classes of bytes (scan.c); `classes` of a word is the union of its bytes' classes. */
enum {
    CF_UPPER = 1, CF_LOWER = 2, CF_DIGIT = 4, CF_UNDER = 8, CF_HIGH = 16, CF_WORD = 31,
    CF_KEY_MARK = 32, CF_SHAPE_MARK = 64, CF_LINE = 128
};
extern const uint8_t cf_class[256];

static inline bool cf_is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
static inline bool cf_is_alpha(uint8_t c) { return (uint8_t)((c | 32) - 'a') < 26; }
static inline bool cf_is_alnum(uint8_t c) { return cf_is_digit(c) || cf_is_alpha(c); }
static inline bool cf_is_word(uint8_t c) { return (cf_class[c] & (CF_UPPER | CF_LOWER | CF_DIGIT | CF_UNDER)) != 0; }
static inline bool cf_is_space(uint8_t c) { return c == ' ' || (c >= 9 && c <= 13); }
static inline uint8_t cf_lower(uint8_t c) { return (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c); }
/* The byte at a place, or 0 outside the buffer (0 is no part of any rule). */
static inline uint8_t cf_at(const cf_scan *s, int64_t at) {
    return at >= 0 && at < (int64_t)s->size ? s->text[at] : 0;
}
/* Whether `word` (ASCII, `size` bytes) stands at a place, or ends at it. */
bool cf_stands(const cf_scan *scan, int64_t at, const char *word, uint32_t size);
bool cf_ends(const cf_scan *scan, int64_t end, const char *word, uint32_t size);

#endif
