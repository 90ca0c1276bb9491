/* Which parts of the credentials of a header are secret (headers.py of the reference). Schemes, names of cookies and what
 * a server asks for (`algorithm`, `qop`, `Path`) stay readable. */
#include "keys.h"
#include "shapes.h"

#include <string.h>

enum { CREDENTIAL_PARTS = 64, CREDENTIAL_PARAMETERS = 32, CREDENTIAL_BARE = 2048,
       CREDENTIAL_COOKIE = 3, CREDENTIAL_BOX = 32, CREDENTIAL_FIELDS = 8, CREDENTIAL_NAME = 12 };

typedef struct {
    uint32_t start, end;
    cf_kind kind;
} credential_part;

typedef struct {
    credential_part parts[CREDENTIAL_PARTS];
    unsigned count;
} credential_parts;

static void credential_add(credential_parts *found, uint32_t start, uint32_t end, cf_kind kind) {
    found->parts[found->count++] = (credential_part){start, end, kind};
}

static bool credential_one_of(const cf_scan *scan, uint32_t start, uint32_t end, const char *const *words) {
    const uint8_t first = cf_lower(cf_at(scan, start));
    if (!cf_is_alpha(first) && first != '$') return false;
    for (; *words; words++)
        if ((uint8_t)**words == first && end - start == strlen(*words) && cf_stands_folded(scan, start, *words, end - start)) return true;
    return false;
}

/* The size of a scheme's name that begins at a place, or 0; more may follow it. */
static uint32_t credential_scheme(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char *const schemes[] = {"basic", "bearer", "negotiate", "ntlm", "token", "apikey", "digest", "kerberos"};
    for (unsigned i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (cf_lower(cf_at(scan, start)) != (uint8_t)*schemes[i]) continue;
        uint32_t size = (uint32_t)strlen(schemes[i]);
        if (end - start >= size && cf_stands_folded(scan, start, schemes[i], size)) return size;
    }
    return 0;
}

/* What a server offers, and nothing else: `Negotiate, NTLM`. */
static bool credential_schemes_alone(const cf_scan *scan, uint32_t start, uint32_t end) {
    for (unsigned count = 0; count < 6; count++) {
        uint32_t size = credential_scheme(scan, start, end), gap;
        if (!size) return false;
        start += size;
        if (start == end) return true;
        for (gap = start; gap < end && gap - start < 3 && (scan->text[gap] == ' ' || scan->text[gap] == ',');) gap++;
        if (gap == start) return false;
        start = gap;
    }
    return false;
}

static bool credential_granted(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char *const names[] = {"role", "roles", "scope", "scopes", "permission", "permissions", "group", "groups", "level", "type",
                                        "mode", "policy", "action", "resource", "result", "status", NULL};
    for (unsigned fields = 0; fields < CREDENTIAL_FIELDS; fields++) {
        uint32_t at = start, value;
        while (at < end && cf_is_alpha(scan->text[at])) at++;
        if (at == end || scan->text[at] != '=' || !credential_one_of(scan, start, at, names)) return false;
        bool number = ++at < end && cf_is_digit(scan->text[at]);
        for (value = at; at < end && at - value < (number ? 3 : CREDENTIAL_BOX); at++) {
            uint8_t c = scan->text[at];
            if (number ? !cf_is_digit(c) : !cf_is_alpha(c) && c != '_' && c != '.' && c != '-') break;
        }
        if (at == value || at == end) return false;
        if (scan->text[at] == ']') return true;
        if (scan->text[at] != ',') return false;
        start = at + 1;
        if (start < end && scan->text[start] == ' ') start++;
    }
    return false;
}

/* `Client authorization: [urs_primary] …`: a sentence, and no header; `authorization: [role=admin]`: what was granted. */
static bool credential_boxed(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = start;
    if (cf_at(scan, (int64_t)start - 1) != '[') return false;
    if (credential_granted(scan, start, end)) return true;
    if (credential_scheme(scan, start, end)) return false;
    while (at < end && at - start < CREDENTIAL_BOX && (cf_is_word(scan->text[at]) || memchr(" .-", scan->text[at], 3))) at++;
    return end - at > 2 && scan->text[at] == ']' && scan->text[at + 1] == ' ' && cf_is_alpha(scan->text[at + 2]);
}

/* Whether a value stands behind the name of a cookie header, as texts in quotes and lists hold it, too. */
static bool credential_of_cookie(const cf_scan *scan, uint32_t start) {
    uint32_t first = start > 24 ? start - 24 : 0, at = start;
    while (at > first && start - at < 12 && scan->text[at - 1] && strchr("\"'\\ \t[:=", scan->text[at - 1])) at--;
    if (at == start) return false;
    if (at > first && scan->text[at - 1] == '2') at--;
    return at >= first + 6 && cf_stands_folded(scan, at - 6, "cookie", 6);
}

/* Where a parameter's value begins whose name begins at a place, or 0; `end` is the name's. */
static uint32_t credential_value(const cf_scan *scan, uint32_t at, uint32_t most, uint32_t *end, bool *quoted) {
    uint32_t start = at, blanks, quote;
    while (at < most && at - start < 33 && (cf_is_alpha(scan->text[at]) || scan->text[at] == '_' || scan->text[at] == '-')) at++;
    *end = at;
    if (at == start || at - start > 32) return 0;
    for (blanks = at; at < most && at - blanks < 2 && cf_is_blank(scan->text[at]);) at++;
    if (at >= most || scan->text[at] != '=') return 0;
    for (blanks = ++at; at < most && at - blanks < 2 && cf_is_blank(scan->text[at]);) at++;
    for (quote = at; quote < most && quote - at < 8 && scan->text[quote] == '\\';) quote++;
    *quoted = quote < most && scan->text[quote] == '"';
    return *quoted ? quote + 1 : at;
}

static void credential_realm(const cf_scan *scan, uint32_t start, uint32_t end, credential_parts *found) {
    bool dot = false, other = false;
    for (uint32_t at = start; at < end; at++) {
        if (scan->text[at] == ' ') return;
        dot = dot || scan->text[at] == '.';
        other = other || (scan->text[at] != '.' && !cf_is_digit(scan->text[at]));
    }
    if (dot && other) credential_add(found, start, end, CF_HOST);
}

/* Of `username="bob", realm="example.net", …`; false when something else stands there. */
static bool credential_parameters(const cf_scan *scan, uint32_t at, uint32_t end, credential_parts *found) {
    static const char *const open[] = {"uri",   "algorithm",         "qop",       "nc",    "stale",    "charset", "userhash", "domain",
                                       "error", "error_description", "error_uri", "scope", "rspauth", NULL};
    static const char *const asked[] = {"nonce", "opaque", NULL}, *const user[] = {"username", NULL};
    static const char *const realm[] = {"realm", NULL}, *const response[] = {"response", NULL}, *const nonce[] = {"nonce", NULL};
    struct {
        uint32_t name, name_end, start, end;
    } values[CREDENTIAL_PARAMETERS];
    unsigned count = 0;
    bool known = false, answers = false;
    for (;;) {
        uint32_t name_end, stop, start;
        bool quoted;
        while (at < end && (cf_is_blank(scan->text[at]) || scan->text[at] == ',' || scan->text[at] == '\r' || scan->text[at] == '\n')) at++;
        if (at >= end) break;
        start = credential_value(scan, at, end, &name_end, &quoted);
        if (!start || count == CREDENTIAL_PARAMETERS) return false;
        stop = start;
        if (quoted) {
            while (stop < end && scan->text[stop] != '"') stop++;
            if (stop == end) return false;
        } else {
            for (uint8_t c;
                 stop < end && stop - start < CREDENTIAL_BARE && !cf_is_space(c = scan->text[stop]) && c != ',' && c != ';' && c != '"';)
                stop++;
        }
        bool answer = credential_one_of(scan, at, name_end, response) || credential_one_of(scan, at, name_end, user);
        answers = answers || answer;
        known = known || answer || credential_one_of(scan, at, name_end, realm) || credential_one_of(scan, at, name_end, nonce);
        values[count].name = at;
        at = stop + quoted;
        while (quoted && stop > start && scan->text[stop - 1] == '\\') stop--;
        values[count].name_end = name_end;
        values[count].start = start;
        values[count++].end = stop;
    }
    if (!known) return false;
    for (unsigned i = 0; i < count; i++) {
        uint32_t name = values[i].name, stop = values[i].name_end;
        if (credential_one_of(scan, name, stop, realm)) credential_realm(scan, values[i].start, values[i].end, found);
        else if (!credential_one_of(scan, name, stop, open) && (answers || !credential_one_of(scan, name, stop, asked)))
            credential_add(found, values[i].start, values[i].end, credential_one_of(scan, name, stop, user) ? CF_USER : CF_SECRET);
    }
    return true;
}

static inline bool credential_word_ends(const cf_scan *scan, uint32_t at) {
    return cf_is_blank(scan->text[at]) || scan->text[at] == '\r' || scan->text[at] == '\n';
}

/* Behind the word that stands at a place or behind blanks. Many headers may stand in one word. */
static uint32_t credential_word_end(cf_scan *scan, uint32_t start, uint32_t stop) {
    while (start < stop && cf_is_blank(scan->text[start])) start++;
    return start < stop ? value_next(scan, CF_KNOWN_COOKIE, start, stop, credential_word_ends) : start;
}

/* Where the value of the last cookie ends: with its word if fields of a log stand behind it. */
static uint32_t credential_last_end(cf_scan *scan, uint32_t start, uint32_t stop) {
    uint32_t end = credential_word_end(scan, start, stop);
    return memchr(scan->text + end, '=', stop - end) ? end : stop;
}

static uint32_t credential_sign(const cf_scan *scan, uint32_t at, uint32_t end, char sign) {
    const uint8_t *found = at < end ? memchr(scan->text + at, sign, end - at) : NULL;
    return found ? (uint32_t)(found - scan->text) : end;
}

/* How a page looks is said in one: `theme=dark`. */
static bool credential_short_word(const cf_scan *scan, uint32_t start, uint32_t end) {
    if (end - start > 16) return false;
    for (uint32_t at = start; at < end; at++)
        if (!cf_is_word(scan->text[at]) && scan->text[at] != '-') return false;
    return end > start;
}

/* Where another cookie begins behind the attribute of one, [start, stop): `Path=/, TOK=aa99bb88`; `stop`: none does. */
static uint32_t credential_joined(const cf_scan *scan, uint32_t start, uint32_t stop) {
    for (uint32_t at = start; at < stop; at++) {
        if (scan->text[at] != ',') continue;
        uint32_t from = at + 1 + (at + 1 < stop && scan->text[at + 1] == ' '), key = from;
        while (key < stop && key - from <= 64 &&
               (cf_is_word(scan->text[key]) || scan->text[key] == '.' || scan->text[key] == '$' || scan->text[key] == '-'))
            key++;
        if (key > from && key - from <= 64 && key < stop && scan->text[key] == '=') return from;
    }
    return stop;
}

/* Of `SID=31d4d96e; Path=/`: the values, and not what a server says of them. */
static bool credential_cookies(cf_scan *scan, uint32_t at, uint32_t end, credential_parts *found) {
    static const char *const attributes[] = {"path",    "domain",   "expires",     "max-age",
                                             "samesite", "secure",   "httponly", "version", "priority",
                                             "partitioned", "port", "discard",  "$version", "$path",    "$domain", "$port", NULL};
    static const char *const preferences[] = {"theme",  "lang", "language", "locale", "timezone", "tz", "currency", "layout", "skin",
                                              "color-scheme", "color_scheme", "sidebar", NULL}; /* how a page looks */
    bool boxed = cf_ends(scan, at, "=[", 2) && cf_at(scan, end) == ']';
    for (unsigned count = 0; count < CREDENTIAL_PARTS; count++) {
        uint32_t stop, sign, name, last;
        while (at < end && (cf_is_blank(scan->text[at]) || scan->text[at] == ';' || scan->text[at] == '\r' || scan->text[at] == '\n')) at++;
        if (at >= end) return true;
        stop = credential_sign(scan, at, end, ';');
        sign = credential_sign(scan, at, stop, '=');
        if (sign == stop && !count) return false;
        for (name = sign; name > at && cf_is_blank(scan->text[name - 1]);) name--;
        uint32_t start = sign < stop ? sign + 1 : at;
        bool alone = !count && credential_word_end(scan, at, name) < name; /* cookie=0 state=7: no header, and one word */
        last = alone ? credential_word_end(scan, at, stop) : stop < end || boxed ? stop : credential_last_end(scan, start, stop);
        if (alone) {
            if (last - at >= CREDENTIAL_COOKIE) credential_add(found, at, last, CF_SECRET);
            return true;
        }
        bool long_enough = last - start >= CREDENTIAL_COOKIE;
        bool short_name = name > at && name - at <= CREDENTIAL_NAME;
        bool told = short_name && (count || scan->text[at] == '$') && credential_one_of(scan, at, name, attributes);
        told = told || (short_name && credential_one_of(scan, at, name, preferences) && credential_short_word(scan, start, last));
        if (long_enough && !told) credential_add(found, start, last, CF_SECRET);
        at = told ? credential_joined(scan, start, stop) : stop;
    }
    return false;
}

/* Adds the secrets among the credentials of a header as spans; false when they are one as a whole. */
static bool credentials_found(cf_scan *scan, const cf_key_rule *rule, uint32_t start, uint32_t end) {
    credential_parts found;
    found.count = 0;
    if (credential_schemes_alone(scan, start, end) || credential_boxed(scan, start, end)) return true;
    if (credential_of_cookie(scan, start)) {
        if (!credential_cookies(scan, start, end, &found)) return false;
    } else {
        uint32_t size = credential_scheme(scan, start, end), at = start + size;
        if (!size || (at < end && (cf_is_word(scan->text[at]) || memchr(".~+/=-", scan->text[at], 6)))) return false;
        while (at < end && cf_is_blank(scan->text[at])) at++;
        if (!credential_parameters(scan, at, end, &found)) {
            if (at == start + size) return false;
            found.count = 0;
            credential_add(&found, at, end, CF_SECRET);
        }
    }
    for (unsigned i = 0; i < found.count; i++) {
        credential_part part = found.parts[i];
        if (keyed_behind_tokens(scan, part.start, part.end) < part.end) /* else a run before this one hid it */
            cf_found(scan, part.start, part.end, CF_BY_KEY, part.kind, rule->rule, CF_TOUCHING | (rule->learn ? CF_LEARN : 0));
    }
    return true;
}
