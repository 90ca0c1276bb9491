/* What the files of shapes (shapes.c, sip.c, dtmf.c, text.c, secrets.c, numbers.c, network.c) share.
 *
 * Words arrive here without bytes from 0x80: a word with such bytes comes as its ASCII pieces, because the
 * patterns of the reference take these bytes for marks. A piece is thus a maximal run of \w of the reference.
 */
#ifndef CASEFERRY_SHAPES_H
#define CASEFERRY_SHAPES_H

#include "core.h"
#include "escapes.h"

/* Patterns that must not match inside their own last match; slots of cf_scan.met. */
enum {
    CF_MET_URI, CF_MET_URI_UPPER, CF_MET_VIA, CF_MET_CALL_ID, CF_MET_SDP_HOST, CF_MET_DTMF_BODY, CF_MET_JWT,
    CF_MET_JWT_RUN, CF_MET_BEARER, CF_MET_ACCEPTED, CF_MET_HOME, CF_MET_USERS, CF_MET_SETTINGS, CF_MET_MAIL_FOLDER,
    CF_MET_NUMBERS = 16, /* from here on numbers.c */
    CF_MET_NETWORK = 24, /* from here on network.c, up to 31 */
    CF_MET_WHO = 32, CF_MET_PERSON_OBJECT, CF_MET_HOST_WORD, CF_MET_UNKNOWN_HOST, CF_MET_LICENSE,
    CF_MET_PEER, CF_MET_LOGIN_OF, CF_MET_DOMAIN, CF_MET_NAME_KEY, CF_MET_SUDO, CF_MET_FAILED_LOGIN, CF_MET_FTP, CF_MET_PROFILE,
    CF_MET_ACTED, CF_MET_INTRODUCED, CF_MET_TITLED, CF_MET_OF_WHOM, CF_MET_STATED, CF_MET_PARTY, CF_MET_FAREWELL, CF_MET_PAIR, CF_MET_TURN, CF_MET_TURN_ANY, CF_MET_STEP
};

/* As cf_found, for a detector that may be switched off. */
static inline void cf_shape(cf_scan *scan, uint32_t start, uint32_t end, cf_detector detector, cf_kind kind,
                            unsigned rule, unsigned flags) {
    if (cf_shape_on(scan->rules, detector)) cf_found(scan, start, end, detector, kind, rule, flags);
}

typedef struct {
    const char *text;
    uint32_t size;
} text_word_of;
#define TEXT(word) {word, sizeof(word) - 1}
#define COUNT(list) (sizeof(list) / sizeof *(list))

static inline bool cf_is_host_byte(uint8_t c) { return cf_is_word(c) || c == '.' || c == '-'; }
static inline bool cf_is_blank(uint8_t c) { return c == ' ' || c == '\t'; }

/* Whether `word` (lower case) stands at a place in any case. */
static inline bool cf_stands_folded(const cf_scan *scan, int64_t at, const char *word, uint32_t size) {
    if (at < 0 || at + size > (int64_t)scan->size) return false;
    for (uint32_t i = 0; i < size; i++)
        if (cf_lower(scan->text[at + i]) != (uint8_t)word[i]) return false;
    return true;
}

static inline uint32_t cf_skip_blanks(const cf_scan *scan, uint32_t at, uint32_t most) {
    while (most-- && cf_is_blank(cf_at(scan, at))) at++;
    return at;
}

static inline bool cf_digits_and_dots(const uint8_t *text, uint32_t size) {
    uint32_t dots = 0;
    for (uint32_t i = 0; i < size; i++) {
        if (text[i] == '.') dots++;
        else if (!cf_is_digit(text[i])) return false;
    }
    return dots < size;
}

/* Whether bytes have a form; see text.c. */
static bool text_form(const cf_scan *scan, int64_t at, const char *form);

/* Sizes (bit by bit) of first words of ids by the low bits of their letter. */
static const uint32_t cf_id_sizes[32] = {
    ['a' & 31] = 1u << 6 | 1u << 7, ['b' & 31] = 1u << 3 | 1u << 4 | 1u << 5 | 1u << 8, ['c' & 31] = 1u << 3 | 1u << 6 | 1u << 7 | 1u << 8 | 1u << 9 | 1u << 14,
    ['d' & 31] = 1u << 3 | 1u << 6 | 1u << 7, ['e' & 31] = 1u << 8,
    ['g' & 31] = 1u << 7 | 1u << 12, ['i' & 31] = 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 8,
    ['k' & 31] = 1u << 7 | 1u << 8 | 1u << 11 | 1u << 12, ['l' & 31] = 1u << 5, ['m' & 31] = 1u << 10,
    ['n' & 31] = 1u << 3 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 8,
    ['o' & 31] = 1u << 3, ['p' & 31] = 1u << 5 | 1u << 6 | 1u << 7 | 1u << 8 | 1u << 11 | 1u << 12 | 1u << 15, ['r' & 31] = 1u << 9,
    ['s' & 31] = 1u << 3 | 1u << 6 | 1u << 8, ['t' & 31] = 1u << 2 | 1u << 3, ['u' & 31] = 1u << 5, ['v' & 31] = 1u << 5 | 1u << 10 | 1u << 12 | 1u << 14,
    ['y' & 31] = 1u << 4};

/* numbers.c and network.c: words are ASCII pieces with the union of their classes; marks are those of scan.c's
 * table with CF_SHAPE_MARK. */
static void cf_number_letters(cf_scan *scan, uint32_t start, uint32_t size); /* a word with letters */
static void cf_number_mark(cf_scan *scan, uint32_t at);
static void cf_network_mark(cf_scan *scan, uint32_t at);
/* A dotted name that is a host of somebody (Network.is_host of the reference). */
static bool cf_is_host(const cf_rules *rules, const uint8_t *text, uint32_t size);

#endif
