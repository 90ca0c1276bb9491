/* Which values are personal because of the key in front of them (keyed.py of the reference). */
#include "keys.h"

#include <string.h>

enum { KEYED_SEEN = 64, KEYED_BASE64 = 512, KEYED_LABEL_MOST = 32, KEYED_HASH = 34,
       KEYED_NO_SIGNATURE = 8 /* digits, also hex, are none of a URL */, KEYED_PERSON_MOST = 3 * 42 /* bytes of three words */ };

static uint32_t token_at(const uint8_t *text, uint32_t size, uint32_t at);

/* The size of a token that was put there before, which says nothing of the value it stands in, or 0. */
static uint32_t keyed_token(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint8_t c = scan->text[at];
    return c == '<' || (c == 'c' && cf_at(scan, at + 1) == 'f') ? token_at(scan->text, end, at) : 0;
}

/* As value_next, but tokens are passed over, and as many stretches are known as there are `slots`. */
static uint32_t keyed_next(cf_scan *scan, unsigned first, unsigned slots, uint32_t at, uint32_t end, value_predicate holds) {
    cf_known *known = &scan->known[first], *slot = NULL;
    uint32_t from = at;
    for (unsigned i = 0; i < slots && !slot; i++)
        if (known[i].from <= at && at < known[i].to) slot = &known[i];
    if (slot) {
        from = slot->from;
        at = slot->to;
    }
    while (at < end && !holds(scan, at)) {
        uint32_t token = keyed_token(scan, at, end);
        at += token ? token : 1;
    }
    if (at - from < VALUE_LONG) return at;
    if (!slot) {
        memmove(known + 1, known, (slots - 1) * sizeof *known);
        slot = known;
    }
    *slot = (cf_known){from, at};
    return at;
}

static bool keyed_digit(const cf_scan *scan, uint32_t at) { return cf_is_digit(scan->text[at]); }

/* Whether at least `least` digits stand between two places. Few are asked for, and as many stretches without digits
 * are known. */
static bool keyed_digits(cf_scan *scan, uint32_t at, uint32_t end, uint32_t least) {
    for (;; at++) {
        at = keyed_next(scan, CF_KNOWN_DIGITS, 5, at, end, keyed_digit);
        if (at >= end) return false;
        if (!--least) return true;
    }
}

static inline bool keyed_begins(const uint8_t *text, uint32_t size, const char *word, uint32_t length) {
    return size >= length && memcmp(text, word, length) == 0;
}

/* `${db.user}`, `{{ name }}`, `_event.data.name`: what a program puts a value into. `${db.password:secret}` holds one. */
static bool keyed_placeholder(const uint8_t *text, uint32_t size) {
    static const char *const owners[] = {"_event.", "_data.", "session.connection."};
    uint32_t at = 2, end = size;
    if (text[0] == '_' || text[0] == 's') {
        for (at = 0; at < 3 && !keyed_begins(text, size, owners[at], (uint32_t)strlen(owners[at]));) at++;
        if (at == 3) return false;
        at = (uint32_t)strlen(owners[at]);
    } else {
        bool twice = text[0] == '{';
        if (size < 4 || text[1] != '{' || text[size - 1] != '}' || (twice && (size < 5 || text[size - 2] != '}'))) return false;
        end -= twice ? 2 : 1;
        at += twice && text[at] == ' ';
        end -= twice && end > at && text[end - 1] == ' ';
        if (end <= at || (!cf_is_alpha(text[at]) && text[at] != '_')) return false;
    }
    if (end <= at || end - at > 64) return false;
    for (; at < end; at++)
        if (!cf_is_word(text[at]) && text[at] != '.') return false;
    return true;
}

static bool keyed_uri(const uint8_t *text, uint32_t size) {
    uint8_t word[5] = {0};
    uint32_t at = size && text[0] == '<';
    if (at >= size || ((text[at] | 32) != 's' && (text[at] | 32) != 't')) return false; /* nearly always */
    for (uint32_t i = 0; i < 5 && at + i < size; i++) word[i] = cf_lower(text[at + i]);
    if (at && token_at(text, size, 0)) return false;
    return keyed_begins(word, 5, "sip:", 4) || keyed_begins(word, 5, "sips:", 5) || keyed_begins(word, 5, "tel:", 4);
}

/* @name, the parameter of a statement; of log-ins, which may have the sign themselves, @p0 alone. */
static bool keyed_parameter(const uint8_t *text, uint32_t size, cf_kind kind) {
    uint32_t at = 1;
    const uint8_t *blank = kind == CF_USER ? NULL : memchr(text, ' ', size < 43 ? size : 43);
    if (blank && (uint32_t)(blank - text) + 1 < size && (uint8_t)(blank[1] - 'A') < 26)
        size = (uint32_t)(blank - text); /* @p1 WHERE Id=… */
    if (size < 2 || size > 41 || cf_is_digit(text[1])) return false;
    if (kind == CF_USER && (text[1] != 'p' || size < 3 || size > 5)) return false;
    for (at = kind == CF_USER ? 2 : 1; at < size; at++)
        if (kind == CF_USER ? !cf_is_digit(text[at]) : !cf_is_word(text[at])) return false;
    return true;
}

/* :lastName, as statements name a parameter, too. */
static bool keyed_named(const uint8_t *text, uint32_t size) {
    if (size < 2 || size > 41 || ((uint8_t)(text[1] - 'a') >= 26 && text[1] != '_')) return false;
    for (uint32_t at = 2; at < size; at++)
        if (!cf_is_word(text[at])) return false;
    return true;
}

/* A label (`Info: `) or a key (`user=`) where a value was looked for. */
static bool keyed_label(const cf_scan *scan, cf_kind kind, uint32_t start, uint32_t end) {
    bool signs = kind == CF_NAME || kind == CF_USER || kind == CF_HOST;
    if (!signs || end - start < 2 || end - start > KEYED_LABEL_MOST) return false;
    uint8_t last = scan->text[end - 1];
    if (last == ':' ? cf_at(scan, end) != ' ' : last != '=' || cf_at(scan, end) != '<') return false;
    for (uint32_t at = start; at + 1 < end; at++)
        if (cf_is_digit(scan->text[at]) || !cf_is_word(scan->text[at])) return false;
    return true;
}

static inline bool keyed_begins_folded(const uint8_t *text, uint32_t size, const char *word, uint32_t length) {
    uint32_t same = 0;
    while (same < length && same < size && cf_lower(text[same]) == (uint8_t)word[same]) same++;
    return same == length;
}

/* *args, **kwargs: what a function of Python hands on. */
static bool keyed_arguments(const uint8_t *text, uint32_t size) {
    static const char *const names[] = {"args", "argv", "kw", "kwargs", "options", "params", "values"};
    uint32_t at = 1 + (size > 1 && text[1] == '*');
    for (unsigned i = 0; i < COUNT(names); i++)
        if (size - at == strlen(names[i]) && memcmp(text + at, names[i], size - at) == 0) return true;
    return false;
}

/* What programs call their own things, and what holds a key of its own. */
static bool keyed_own(const uint8_t *text, uint32_t size, cf_kind kind) {
    uint32_t at = 1;
    if (!size) return false;
    switch (text[0]) {
    case '$': return true;
    case '@': return keyed_parameter(text, size, kind);
    case ':': return kind != CF_SECRET && keyed_named(text, size);
    case '_': return keyed_begins(text, size, "_event.", 7);
    case 's': return keyed_begins(text, size, "session.", 8) || keyed_begins(text, size, "system.", 7);
    case 'p': return keyed_begins(text, size, "phone?", 6);
    case 'i': return keyed_begins(text, size, "ip?", 3);
    case 'c':
    case 'C': return keyed_begins_folded(text, size, "cn=", 3);
    case 'u':
    case 'U': return keyed_begins_folded(text, size, "uid=", 4);
    case 'o':
    case 'O': return keyed_begins_folded(text, size, "ou=", 3);
    case 'd':
    case 'D': return keyed_begins_folded(text, size, "dc=", 3) || keyed_begins(text, size, "dialstring?", 11);
    case '*': return keyed_arguments(text, size);
    case '%':
    case '{': break;
    default: return false;
    }
    bool percent = text[0] == '%';
    if (percent && size == 2 && text[1] && strchr("sdiuxf", text[1])) return true;
    while (at < size && at < 42 && (cf_is_word(text[at]) && !(percent && cf_is_digit(text[at])))) at++;
    return at - 1 <= 40 && at + 1 == size && text[at] == (percent ? '%' : '}') && (!percent || at >= 3);
}

static bool keyed_starred(const uint8_t *text, uint32_t size) {
    for (uint32_t i = 0; i < size && size <= 64; i++) {
        uint8_t c = text[i];
        if (c != '*' && c != 'x' && c != 'X' && c != '#' && c != '.' && c != '-' && !cf_is_space(c)) return false;
    }
    return size <= 64;
}

static uint32_t keyed_count_digits(const uint8_t *text, uint32_t size) {
    uint32_t digits = 0;
    for (uint32_t i = 0; i < size; i++) digits += cf_is_digit(text[i]);
    return digits;
}

static uint32_t keyed_digits_between(const cf_scan *scan, uint32_t at, uint32_t stop, uint32_t end) {
    uint32_t digits = 0;
    while (at < stop) {
        uint32_t token = keyed_token(scan, at, end);
        digits += !token && cf_is_digit(scan->text[at]);
        at += token ? token : 1;
    }
    return digits;
}

/* How many digits a value has. Those of the last long one are known: of a value that begins inside of it only what
 * differs is read. */
static uint32_t keyed_all_digits(cf_scan *scan, uint32_t start, uint32_t end) {
    cf_known *known = &scan->known[CF_KNOWN_COUNTED];
    uint32_t digits;
    if (known->from <= start && start < known->to && known->to <= end)
        digits = scan->digits - keyed_digits_between(scan, known->from, start, end) + keyed_digits_between(scan, known->to, end, end);
    else
        digits = keyed_digits_between(scan, start, end, end);
    if (end - start >= VALUE_LONG) {
        *known = (cf_known){start, end};
        scan->digits = digits;
    }
    return digits;
}

static bool keyed_number(cf_scan *scan, uint32_t start, uint32_t end, bool quoted) {
    if ((end - start == 36 && keyed_uuid(scan->text + start)) || keyed_peer(scan->text + start, end - start)) return false;
    if (cf_internal_number(scan->rules, scan->text + start, end - start)) return false;
    uint32_t digits = keyed_all_digits(scan, start, end);
    return digits >= 3 && (uint64_t)digits * (quoted ? 3 : 2) >= end - start;
}

static bool keyed_at(const cf_scan *scan, uint32_t at) {
    uint8_t c = scan->text[at];
    return c == '@' || (c == '%' && (cf_stands(scan, at, "%40", 3) || cf_stands(scan, at, "%2540", 5)));
}

/* The `@` of a mail address, which may be encoded, whole within the value. */
static bool keyed_mail(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = keyed_next(scan, CF_KNOWN_AT, 1, start, end, keyed_at);
    if (at >= end) return false;
    return scan->text[at] == '@' || end - at >= (scan->text[at + 1] == '4' ? 3u : 5u);
}

static bool keyed_system_login(const uint8_t *text, uint32_t size) {
    static const char *const logins[] = {"root", "nobody", "daemon", "SYSTEM"};
    for (unsigned i = 0; i < 4; i++)
        if (size == strlen(logins[i]) && memcmp(text, logins[i], size) == 0) return true;
    if (size && *text == '-') return size == 2 && cf_is_digit(text[1]);
    return size < 3 && keyed_count_digits(text, size) == size;
}

/* Words of sentences behind `login` and a sign: AUTH failure (LOGIN): authentication failure */
static bool keyed_no_login(const cf_scan *scan, uint32_t start, uint32_t size) {
    static const char *const words[] = {"authentication", "authorization", "failed", "failure",
                                        "incorrect", "invalid", "login", "password", "remote"};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (size == strlen(words[i]) && cf_stands_folded(scan, start, words[i], size)) return true;
    return false;
}

static inline bool keyed_opens(const cf_scan *scan, uint32_t at) { return scan->text[at] == '{' || scan->text[at] == '='; }
static inline bool keyed_bar(const cf_scan *scan, uint32_t at) { return scan->text[at] == '|'; }
static inline bool keyed_colon(const cf_scan *scan, uint32_t at) { return scan->text[at] == ':'; }

/* Whether a text holds keys of its own: FirstName:Mary|LastName:O'Hara, {"id":7}. */
static bool keyed_structured(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t stop = end;
    while (stop > start && scan->text[stop - 1] == '=') stop--;
    if (value_next(scan, CF_KNOWN_OPENS, start, stop, keyed_opens) < stop) return true;
    if (value_next(scan, CF_KNOWN_BAR, start, end, keyed_bar) == end) return false;
    return keyed_next(scan, CF_KNOWN_COLON, 1, start, end, keyed_colon) < end; /* colons of tokens do not count */
}

/* Behind tokens that stand one after the other at a place; the place itself where none stands. */
static uint32_t keyed_behind_tokens(const cf_scan *scan, uint32_t at, uint32_t end) {
    for (uint32_t token; at < end && (token = keyed_token(scan, at, end)) != 0;) at += token;
    return at;
}

/* PWD=/root, at the end of a word: a folder, and no sign of ODBC behind it. */
static bool keyed_folder(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = start + 1, signs;
    if (scan->text[start] != '/' || !cf_ends(scan, start, "PWD=", 4) || (end < scan->size && !cf_is_space(scan->text[end]))) return false;
    for (; at < end && at - start <= 41; at++) {
        uint8_t c = scan->text[at];
        if (!cf_is_digit(c) && (uint8_t)(c - 'a') >= 26 && c != '.' && c != '_' && c != '-') break;
    }
    signs = at - start - 1;
    return signs <= 40 && (at == end || (signs && at + 1 == end && scan->text[at] == '/'));
}

/* What PWD says in the log of sudo: /small/names/of/folders, also when names were masked before */
static bool keyed_path(const cf_scan *scan, uint32_t at, uint32_t end) {
    unsigned folders = 0;
    while (at < end && scan->text[at] == '/' && at + 1 < end) {
        unsigned signs = 0;
        for (at++; at < end && signs < 41; signs++) {
            uint32_t behind = keyed_behind_tokens(scan, at, end);
            uint8_t c = scan->text[at];
            if (behind == at && !cf_is_digit(c) && (uint8_t)(c - 'a') >= 26 && c != '.' && c != '_' && c != '-') break;
            at = behind > at ? behind : at + 1;
        }
        if (!signs || signs > 40) return false;
        folders++;
    }
    if (at + 1 == end && scan->text[at] == '/') {
        at++;
        if (folders == 1 && end < scan->size && keyed_token(scan, end, scan->size)) return true; /* /home/<USER:…> */
    }
    return at == end && folders >= 2 && folders <= 16;
}

/* Whether a text can be a value of a kind. */
static inline __attribute__((always_inline)) bool keyed_plausible(cf_scan *scan, cf_kind kind, uint32_t start, uint32_t end, bool quoted) {
    const uint8_t *text = scan->text + start;
    uint32_t size = end - start, shortest = kind == CF_SECRET ? 3 : kind == CF_BIRTH ? 4 : kind == CF_KEYED ? 2 : 0;
    switch (kind) {
    case CF_ID:
        if ((size == 36 && keyed_uuid(text)) || keyed_reference(text, size) || keyed_component(text, size) || keyed_interface(text, size))
            return false;
        return quoted ? size > 2 : size > 3 && !needs_decimal(text, size);
    case CF_MAIL: return keyed_mail(scan, start, end);
    case CF_DTMF:
        return !memchr(text, '=', size < KEYED_SEEN ? size : KEYED_SEEN) &&
               !(size == 12 && keyed_begins(text, size, "alphanumeric", 12)); /* a choice in H.245 */
    case CF_USER:
        if (quoted ? keyed_directory(scan, start, end) : keyed_no_login(scan, start, size)) return false; /* cn= is a key of its own */
        return !keyed_system_login(text, size) && !(size == 36 && keyed_uuid(text)) && !keyed_reference(text, size) &&
               !needs_decimal(text, size) && !keyed_stamp(text, size) && !keyed_class(text, size) && !keyed_program(text, size) &&
               !keyed_begins(text, size, "urn:oasis:names:", 16) && !machine_moment(text, size);
    case CF_GEO: return needs_place(scan, start, end);
    case CF_KEYED:
        if (machine_clock(text, size)) return false;
        break;
    case CF_NAME: return (!quoted || (!keyed_structured(scan, start, end) && !keyed_of_field(scan, start, end, false))) && !keyed_channel(text, size) && !keyed_class(text, size);
    case CF_SECRET:
        if (quoted ? keyed_of_field(scan, start, end, true) : keyed_path(scan, start, end) || keyed_folder(scan, start, end)) return false;
        break;
    case CF_ADDRESS:
        if (keyed_dotted(text, size) || keyed_memory(text, size)) return false;
        break;
    default: break;
    }
    return size >= shortest || keyed_count_digits(text, size) < size;
}

/* Whether they are a person's, and no list of two: "Ready, Idle", "London, Paris". */
static bool keyed_family_named(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char lists[] =
        " america amsterdam argentina athens australia austria barcelona belgium berlin boston brazil brussels bucharest"
        " budapest canada chicago china copenhagen dallas denmark deutschland dublin england espana europe finland france"
        " frankfurt germany greece hamburg helsinki hungary india ireland italia italy japan lisbon london lyon madrid mexico"
        " milan munich netherlands norway oslo paris poland portugal prague roma rome romania scotland spain stockholm sweden"
        " switzerland texas tokyo turkey uk usa vienna wales warsaw zurich amex diners discover maestro mastercard visa high"
        " low medium monday tuesday wednesday thursday friday saturday sunday north south east west red green blue english"
        " german french spanish italian portuguese dutch wrap break lunch away training coaching talking acw ";
    bool listed = false;
    for (uint32_t at = start, from = start; at <= end; at++) {
        if (at < end && scan->text[at] != ' ') continue;
        uint32_t stop = at - (at > from && scan->text[at - 1] == ',');
        if (name_given(scan, from, stop)) return true;
        listed = listed || cf_allowed_value(scan->rules, scan->text + from, stop - from) || name_listed(scan, from, stop, lists);
        from = at + 1;
    }
    return !listed;
}

/* Such names, one or up to eight in a list: Participants: Mary O'Hara, John Lee. */
static bool keyed_full_names(const cf_scan *scan, uint32_t start, uint32_t end) {
    for (unsigned names = 0; names < 8; names++) {
        uint32_t stop = start;
        while (stop < end && scan->text[stop] != ',' && stop - start <= KEYED_PERSON_MOST) stop++;
        if (!keyed_full_name(scan, start, stop)) return false;
        if (stop == end) return true;
        if (stop + 1 >= end || scan->text[stop + 1] != ' ') return false;
        start = stop + 2;
    }
    return false;
}

/* What is shorter than the signature of a URL: sig=a1b2. */
static bool keyed_no_signature(const uint8_t *text, uint32_t size) {
    uint32_t at = 0;
    while (at < size && at < KEYED_NO_SIGNATURE && (cf_is_digit(text[at]) || (uint8_t)((text[at] | 32) - 'a') < 6)) at++;
    return at == size;
}

/* Whether a colon stands in the first bytes of a value; those of tokens do not count. */
static bool keyed_pairs(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t stop = end - start < KEYED_SEEN ? end : start + KEYED_SEEN;
    for (uint32_t at = start, token; at < stop; at += token ? token : 1) {
        token = keyed_token(scan, at, end);
        if (!token && scan->text[at] == ':') return true;
    }
    return false;
}

static bool keyed_is(cf_scan *scan, const cf_key_rule *rule, cf_kind kind, uint32_t start, uint32_t end, bool quoted) {
    const uint8_t *text = scan->text + start;
    uint32_t size = end - start, least = kind == CF_ID ? 1 : kind == CF_CARD || kind == CF_IBAN ? 4 : kind == CF_GEO ? 2 : 0;
    if ((keyed_starred(text, size) && !(kind == CF_DTMF && size == 1 && (*text == '*' || *text == '#'))) || keyed_uri(text, size))
        return false;
    if (size && (*text == '$' || *text == '#' || *text == '{' || *text == '_' || *text == 's') && keyed_placeholder(text, size))
        return false;
    if (keyed_begins(text, size, "0x", 2) &&
        ((!quoted && (kind != CF_SECRET || size < KEYED_HASH)) || kind == CF_HOST || (kind == CF_USER && machine_logon_id(text, size))))
        return false;
    if (rule->kind == CF_HOST && rule->needs == NEEDS_DIGIT && machine_no_host(text, size)) return false;
    if (kind == CF_CARD && keyed_pairs(scan, start, end)) return false; /* cb:0e:c7:9c:3c:0f */
    bool family = quoted && (rule->needs == NEEDS_LOGIN || rule->needs == NEEDS_FULL) && keyed_family_first(scan, start, end);
    if (!family && !needs_met(scan, rule->needs, start, end) && !(rule->needs == NEEDS_LOGIN && keyed_full_name(scan, start, end)))
        return false;
    if (family && (name_nobody(scan, start, end) || !keyed_family_named(scan, start, end))) return false;
    if (rule->needs == NEEDS_DIGIT && kind == CF_SECRET && keyed_no_signature(text, size)) return false; /* sig=a1b2 */
    if (cf_allowed_value(scan->rules, text, size) && !cf_value_in_spite(scan->rules, kind, text, size)) return false;
    if (least && !keyed_digits(scan, start, end, least)) return kind == CF_IBAN && needs_bic(text, size);
    return kind == CF_TEL ? keyed_number(scan, start, end, quoted) : keyed_plausible(scan, kind, start, end, quoted);
}

/* What a letter of base64 stands for, or -1. */
static int32_t keyed_sextet(uint8_t c) {
    if (cf_is_alpha(c)) return c >= 'a' ? c - 'a' + 26 : c - 'A';
    if (cf_is_digit(c)) return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Whether bytes are UTF-8; a number of hex digits, too, can be read as base64 of other bytes. */
static bool keyed_utf8(const uint8_t *text, uint32_t size) {
    for (uint32_t at = 0; at < size;) {
        uint8_t c = text[at++];
        unsigned more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : (c & 0xf0) == 0xe0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : 4;
        if (more == 4) return false;
        for (; more; more--)
            if (at >= size || (text[at++] & 0xc0) != 0x80) return false;
    }
    return true;
}

/* What a value says that stands in base64 (phone=KzQ5MzA5MDE4MjA0MTc=): how many bytes of text, or 0. */
static uint32_t keyed_decode(const uint8_t *text, uint32_t size, uint8_t *decoded) {
    uint32_t bytes = size, count = 0, bits = 0;
    bool letters = false, other = false; /* capitals or digits, and what is no digit */
    if (size % 4 || size < 8 || size > KEYED_BASE64 + 2) return 0;
    while (size - bytes < 2 && text[bytes - 1] == '=') bytes--;
    if (bytes > KEYED_BASE64) return 0;
    for (uint32_t i = 0; i < bytes; i++) {
        int32_t digit = keyed_sextet(text[i]);
        if (digit < 0) return 0;
        letters = letters || cf_is_digit(text[i]) || (uint8_t)(text[i] - 'A') < 26;
        other = other || !cf_is_digit(text[i]);
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4 == 0) continue;
        uint8_t c = (uint8_t)(bits >> (6 - 2 * (i % 4)));
        if (c < 32 || c == 127) return 0;
        decoded[count++] = c;
    }
    return letters && (other || bytes < size) && keyed_utf8(decoded, count) ? count : 0;
}

static bool keyed_personal(cf_scan *scan, const cf_key_rule *rule, cf_kind kind, uint32_t start, uint32_t end, bool quoted) {
    uint8_t decoded[KEYED_BASE64];
    if (keyed_is(scan, rule, kind, start, end, quoted)) return true;
    if ((kind == CF_ID || kind == CF_USER) && keyed_reference(scan->text + start, end - start)) return false;
    if (kind == CF_NAME && keyed_channel(scan->text + start, end - start)) return false; /* SIP/7021, which may be base64, too */
    if (kind == CF_USER && keyed_program(scan->text + start, end - start)) return false;
    uint32_t size = keyed_decode(scan->text + start, end - start, decoded);
    if (!size) return false;
    cf_scan inner = {.text = decoded, .size = size, .rules = scan->rules, .inner = true};
    return keyed_is(&inner, rule, (cf_kind)rule->kind, 0, size, true);
}
