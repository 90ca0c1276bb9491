/* How a token of masking is recognised in text that was masked before (app/masking/tokens.py). */
#include "core.h"

#include <string.h>

enum { CF_LONGEST_TOKEN = 320 };

static const char *const cf_kind_names[CF_KINDS] = {"TEL",  "NAME", "MAIL", "CARD",   "IBAN", "IP",      "MAC",   "HOST", "DTMF",
                                                    "USER", "SECRET", "ID", "ADDRESS", "BIRTH", "GEO", "KEYED", "CUSTOM"};

enum { TOKEN_LEAST = 16, TOKEN_MOST = 32, TOKEN_PADDING = 128, TOKEN_TAIL = 4, TOKEN_DOMAIN = 64, SHORT_LEAST = 8, SHORT_MOST = 15 };

static inline bool is_hex(uint8_t c) { return cf_is_digit(c) || (uint8_t)(c - 'a') < 6; }

/* A text being read up to `end`; bytes behind the end are 0. */
typedef struct {
    const uint8_t *text;
    uint32_t at, end;
} token_reader;

static inline uint8_t token_peek(const token_reader *r, uint32_t ahead) {
    return r->at + ahead < r->end ? r->text[r->at + ahead] : 0;
}

static uint32_t token_hex(const token_reader *r, uint32_t from, uint32_t most) {
    uint32_t count = 0;
    while (count < most && is_hex(token_peek(r, from + count))) count++;
    return count;
}

static bool token_word(token_reader *r, const char *word) {
    uint32_t size = (uint32_t)strlen(word);
    if (r->at + size > r->end || memcmp(r->text + r->at, word, size) != 0) return false;
    r->at += size;
    return true;
}

/* The kind's name before one of two marks. */
static bool token_kind(token_reader *r, uint8_t mark, uint8_t other, bool *mail) {
    for (int kind = 0; kind < CF_KINDS; kind++) {
        token_reader rest = *r;
        if (!token_word(&rest, cf_kind_names[kind]) || (token_peek(&rest, 0) != mark && token_peek(&rest, 0) != other)) continue;
        *mail = kind == CF_MAIL;
        *r = rest;
        return true;
    }
    return false;
}

/* `k-1a2b3c4d:` or `k1a2b3c4d-`, where it stands. */
static void token_key(token_reader *r, const char *mark, uint8_t behind) {
    token_reader rest = *r;
    if (!token_word(&rest, mark) || token_hex(&rest, 0, 8) != 8 || token_peek(&rest, 8) != behind) return;
    rest.at += 9;
    *r = rest;
}

static inline bool angle_ends(const token_reader *r, uint32_t ahead) { return token_peek(r, ahead) == '>'; }

/* How much of a mail domain with its @ stands here, up to the end of the token. */
static uint32_t token_domain(const token_reader *r) {
    uint32_t count = 0, best = 0;
    for (; count < TOKEN_DOMAIN; count++) {
        uint8_t c = token_peek(r, 1 + count);
        if (!cf_is_alnum(c) && (count == 0 || (c != '.' && c != '-'))) break;
        if (cf_is_alnum(c) && angle_ends(r, 2 + count)) best = 2 + count;
    }
    return best;
}

static uint32_t token_angle(token_reader r) {
    bool mail = false;
    uint32_t begun = r.at++;
    if (!token_kind(&r, ':', '~', &mail)) return 0;
    if (r.text[r.at++] == '~') {
        uint32_t digits = token_hex(&r, 0, SHORT_MOST);
        return digits >= SHORT_LEAST && angle_ends(&r, digits) ? r.at + digits + 1 - begun : 0;
    }
    if (token_peek(&r, 0) == '-') return angle_ends(&r, 1) ? r.at + 2 - begun : 0;
    token_key(&r, "k-", ':');
    uint32_t digits = token_hex(&r, 0, TOKEN_MOST);
    if (digits < TOKEN_LEAST) return 0;
    r.at += digits;
    if (mail && token_peek(&r, 0) == '@') {
        uint32_t domain = token_domain(&r);
        return domain ? r.at + domain + 1 - begun : 0;
    }
    if (token_peek(&r, 0) == '.') {
        digits = token_hex(&r, 1, TOKEN_MOST);
        if (digits < TOKEN_LEAST) return 0;
        r.at += 1 + digits;
    } else if (token_peek(&r, 0) == ':') {
        uint32_t tail = 0;
        while (tail < TOKEN_TAIL && cf_is_alnum(token_peek(&r, 1 + tail))) tail++;
        if (!tail) return 0;
        r.at += 1 + tail;
    }
    for (uint32_t pad = 0; pad < TOKEN_PADDING && token_peek(&r, 0) == '_'; pad++) r.at++;
    return angle_ends(&r, 0) ? r.at + 1 - begun : 0;
}

static uint32_t token_dashed(token_reader r) {
    bool mail = false;
    uint32_t begun = r.at;
    r.at += 3;
    if (!token_kind(&r, '-', '-', &mail)) return 0;
    r.at++;
    if (token_peek(&r, 0) == 'x') return r.at + 1 - begun;
    token_key(&r, "k", '-');
    uint32_t digits = token_hex(&r, 0, TOKEN_MOST);
    if (digits < TOKEN_LEAST) return 0;
    r.at += digits;
    if (token_peek(&r, 0) == 'z') return r.at + 1 - begun;
    if (token_peek(&r, 0) != '-') return 0;
    digits = token_hex(&r, 1, TOKEN_MOST);
    if (digits >= TOKEN_LEAST && token_peek(&r, 1 + digits) == 'z') return r.at + 2 + digits - begun;
    uint32_t tail = 0;
    while (tail < TOKEN_TAIL && cf_is_alnum(token_peek(&r, 1 + tail))) tail++;
    while (tail && token_peek(&r, 1 + tail) != 'z') tail--;
    return tail ? r.at + 2 + tail - begun : 0;
}

/* Length of the token that stands here, or 0. */
static uint32_t token_at(const uint8_t *text, uint32_t size, uint32_t at) {
    token_reader r = {text, at, size};
    if (token_peek(&r, 0) == '<') return (uint8_t)(token_peek(&r, 1) - 'A') < 26 ? token_angle(r) : 0;
    if (size - at < 7 || memcmp(text + at, "cf-", 3) != 0) return 0;
    return token_dashed(r);
}

/* Whether a token ends here. */
static bool token_ends(const uint8_t *text, uint32_t end) {
    if (!end) return false;
    uint32_t least = end > CF_LONGEST_TOKEN ? end - CF_LONGEST_TOKEN : 0;
    if (text[end - 1] == '>') {
        for (uint32_t at = end; at-- > least;)
            if (text[at] == '<') return token_at(text, end, at) == end - at;
        return false;
    }
    if (!cf_is_alnum(text[end - 1])) return false;
    for (uint32_t at = end, tries = 3; tries && at-- > least;) { /* digits may end with "cf", and a "-" follow */
        uint8_t c = text[at];
        if (c == 'c' && end - at >= 3 && memcmp(text + at, "cf-", 3) == 0) {
            if (token_at(text, end, at) == end - at) return true;
            tries--;
        }
        if (!cf_is_alnum(c) && c != '-') return false;
    }
    return false;
}

/* Whether a token ends at a place: a word stood there. */
static bool cf_behind_token(cf_scan *scan, uint32_t at) {
    if (cf_at(scan, (int64_t)at - 1) != '>') return false;
    cf_looks(scan);
    return token_ends(scan->text, at);
}

/* Whether a password that an earlier run hid stands at a place: //u:<SECRET:…>@<HOST:…>/ */
static bool cf_hidden_password(const cf_scan *scan, uint32_t at) {
    if (cf_at(scan, at) != ':') return false;
    if (cf_at(scan, at + 1) == '@') return true;
    if (at + 1 >= scan->size) return false;
    uint32_t size = token_at(scan->text, scan->size, at + 1);
    return size && cf_at(scan, at + 1 + size) == '@';
}
