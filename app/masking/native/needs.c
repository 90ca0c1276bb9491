/* What values must be: what a key needs (Needs of rules.py), and what each kind is (keyed.py of the reference).
 *
 * Texts are stretches of the scanned text; tokens that stand in them say nothing. */
#include "keys.h"

#include <string.h>

enum { NEEDS_ANY, NEEDS_DIGIT, NEEDS_LETTER, NEEDS_NAME, NEEDS_LOGIN, NEEDS_PHONE,
       NEEDS_STREET, NEEDS_POSTCODE, NEEDS_WORDS, NEEDS_FULL, NEEDS_COUNT };
enum { NEEDS_NEAR = 512, NEEDS_PIECES = 6, NEEDS_STREET_MOST = 256, NEEDS_STREET_PARTS = NEEDS_STREET_MOST / 64, NEEDS_PLACE_MOST = 128 };

static uint32_t keyed_token(const cf_scan *scan, uint32_t at, uint32_t end);
static bool keyed_full_names(const cf_scan *scan, uint32_t start, uint32_t end);

static inline bool needs_letter_byte(uint8_t c) { return cf_key_bytes[c] & CF_LETTER; }
static inline bool needs_capital(uint8_t c) { return (uint8_t)(c - 'A') < 26 || c >= 0x80; }
static inline bool needs_small(uint8_t c) { return (uint8_t)(c - 'a') < 26 || c >= 0x80; }
static inline bool needs_hex(uint8_t c) { return cf_is_digit(c) || (uint8_t)((c | 32) - 'a') < 6; }

static inline bool needs_upper_hex(uint8_t c) { return cf_is_digit(c) || (uint8_t)(c - 'A') < 6; }

/* The byte at a place before `end`, or 0. */
static inline uint8_t needs_at(const cf_scan *scan, uint32_t at, uint32_t end) { return at < end ? scan->text[at] : 0; }

static inline uint32_t needs_digits(const cf_scan *scan, uint32_t at, uint32_t end, uint32_t most) {
    uint32_t start = at;
    while (at < end && at - start < most && cf_is_digit(scan->text[at])) at++;
    return at;
}

/* The size of a letter that is no ASCII, as URLs hold it, of two or three bytes; or 0. */
static uint32_t needs_escape(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t size = 3;
    if (needs_at(scan, at, end) != '%' || (uint8_t)(needs_at(scan, at + 1, end) - 'C') >= 3 ||
        !needs_upper_hex(needs_at(scan, at + 2, end)))
        return 0;
    while (size < 9 && needs_at(scan, at + size, end) == '%') {
        uint8_t c = needs_at(scan, at + size + 1, end);
        if ((c != '8' && c != '9' && c != 'A' && c != 'B') || !needs_upper_hex(needs_at(scan, at + size + 2, end))) break;
        size += 3;
    }
    return size > 3 ? size : 0;
}

/* The size of a capital that begins a place's name, or 0. */
static uint32_t needs_capital_size(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint8_t c = needs_at(scan, at, end);
    if (at < end && needs_capital(c)) return 1;
    if (c != '%' || needs_at(scan, at + 1, end) != 'C' || needs_at(scan, at + 2, end) != '3' || needs_at(scan, at + 3, end) != '%')
        return 0;
    c = needs_at(scan, at + 4, end);
    return (c == '8' || c == '9') && needs_upper_hex(needs_at(scan, at + 5, end)) ? 6 : 0;
}

/* "sip-a01", not "started": a digit, dash or dot in the first word. */
static bool needs_digit(const cf_scan *scan, uint32_t start, uint32_t end) {
    for (uint32_t at = start; at < end && at - start <= NEEDS_NEAR;) {
        uint32_t token = keyed_token(scan, at, end);
        uint8_t c = scan->text[at];
        if (token) at += token;
        else if (cf_is_digit(c) || c == '.' || c == '-') return true;
        else if (c == ' ' || c == '\t') return false;
        else at++;
    }
    return false;
}

static bool needs_letter(const cf_scan *scan, uint32_t start, uint32_t end) {
    for (uint32_t at = start; at < end && at - start <= NEEDS_NEAR;) {
        uint32_t token = keyed_token(scan, at, end);
        if (!token && needs_letter_byte(scan->text[at])) return true;
        at += token ? token : 1;
    }
    return false;
}

/* AB4711 */
static bool needs_coded_login(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t digits = start;
    while (digits - start < 2 && (uint8_t)(needs_at(scan, digits, end) - 'A') < 26) digits++;
    return digits > start && end - digits >= 4 && end - digits <= 8 && needs_digits(scan, digits, end, 8) == end;
}

static bool needs_login(const cf_scan *scan, uint32_t at, uint32_t end) {
    if (needs_coded_login(scan, at, end)) return true;
    at = needs_digits(scan, at, end, 16);
    if (end - at < 3 || end - at > 64 || (uint8_t)(scan->text[at] - 'a') >= 26) return false;
    for (at++; at < end; at++) {
        uint8_t c = scan->text[at];
        if (!cf_is_digit(c) && (uint8_t)(c - 'a') >= 26 && c != '.' && c != '_' && c != '@' && c != '+' && c != '-' && c < 0x80) return false;
    }
    return true;
}

/* Whether the rest is `least` to 24 bytes of digits and what parts them. */
static bool needs_grouped(const cf_scan *scan, uint32_t at, uint32_t end, uint32_t least) {
    if (at > end || end - at < least || end - at > 24) return false;
    for (; at < end; at++)
        if (!cf_is_digit(scan->text[at]) && (!scan->text[at] || !strchr(" ()/.-", scan->text[at]))) return false;
    return true;
}

static unsigned needs_two(const uint8_t *text) { return (unsigned)(text[0] - '0') * 10 + text[1] - '0'; }

/* Whether fourteen digits are a time: 20260301101112. */
static bool needs_stamp(const uint8_t *text) {
    unsigned month = needs_two(text + 4), day = needs_two(text + 6);
    return text[0] == '2' && text[1] == '0' && month >= 1 && month <= 12 && day >= 1 && day <= 31 && needs_two(text + 8) < 24 &&
           text[10] < '6' && text[12] < '6';
}

/* Digits of a number at most: 9011 is the code of an outside line of North America and that for other countries. */
static uint32_t needs_dialled(const cf_scan *scan, uint32_t at, uint32_t end) {
    return end - at > 15 && memcmp(scan->text + at, "9011", 4) == 0 && scan->text[at + 4] != '0' ? 18 : 15;
}

/* A number with + or 0 before it, or ten digits and more that are no time. */
static bool needs_phone(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint8_t c = needs_at(scan, at, end), second = needs_at(scan, at + 1, end), third = needs_at(scan, at + 2, end);
    if (c == '+') return needs_grouped(scan, at + 1, end, 7);
    if (c == '%') return second == '2' && cf_lower(third) == 'b' && needs_grouped(scan, at + 3, end, 7);
    if (c == '1') /* North America with its own code before the area */
        return end - at == 11 && second >= '2' && needs_at(scan, at + 4, end) >= '2' && needs_digits(scan, at, end, 11) == end;
    if (c >= '2' && c <= '9')
        return end - at >= 10 && end - at <= needs_dialled(scan, at, end) && needs_digits(scan, at, end, 18) == end &&
               (end - at != 14 || !needs_stamp(scan->text + at));
    if (c == '0' && second == '0' && third >= '1' && third <= '9' && needs_grouped(scan, at + 3, end, 6)) return true;
    at += c == '(';
    c = needs_at(scan, at + 1, end);
    return needs_at(scan, at, end) == '0' && ((c >= '1' && c <= '9') || c == ' ' || c == ')') && needs_grouped(scan, at + 2, end, 6);
}

/* Behind a blank that may be encoded, or 0. */
static uint32_t needs_blank(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint8_t c = needs_at(scan, at, end);
    if (c == ' ' || c == '+') return at + 1;
    return c == '%' && needs_at(scan, at + 1, end) == '2' && needs_at(scan, at + 2, end) == '0' ? at + 3 : 0;
}

/* The size of a single quote, as XML and URLs hold it, too; or 0. */
static uint32_t needs_quote(const cf_scan *scan, uint32_t at, uint32_t end) {
    static const char *const quotes[] = {"'", "%27", "&#x27;", "&#39;", "&apos;"};
    for (unsigned i = 0; i < sizeof quotes / sizeof *quotes; i++) {
        uint32_t size = (uint32_t)strlen(quotes[i]);
        if (at < end && end - at >= size && memcmp(scan->text + at, quotes[i], size) == 0) return size;
    }
    return 0;
}

/* A house number at the end of what is a street. */
static bool needs_house(const cf_scan *scan, uint32_t at, uint32_t end) {
    if (needs_at(scan, at, end) == ',') at++;
    else if (needs_at(scan, at, end) == '%' && needs_at(scan, at + 1, end) == '2' && needs_at(scan, at + 2, end) == 'C') at += 3;
    uint32_t from = needs_blank(scan, at, end), stop;
    uint8_t mark = from ? needs_at(scan, from, end) | 32 : 0, sign = needs_at(scan, from + 1, end), behind = needs_at(scan, from + 2, end);
    if (mark == 'n' && (sign == 'o' || sign == 'r') && (behind == '.' || behind == ':'))
        from += needs_at(scan, from + 3, end) == ' ' ? 4 : 3; /* No:83 */
    stop = from ? needs_digits(scan, from, end, 6) : 0;
    if (!from || stop == from || stop - from > 5) return false;
    uint8_t c = needs_at(scan, stop, end);
    return (c != '.' && c != ':') || !cf_is_digit(needs_at(scan, stop + 1, end));
}

/* The size of a word of small letters that is in a list of words between blanks, or 0. */
static uint32_t needs_word_of(const cf_scan *scan, uint32_t start, uint32_t end, const char *words) {
    char word[16] = " ";
    uint32_t size = 0;
    while (size < 12 && (uint8_t)(needs_at(scan, start + size, end) - 'a') < 26) {
        word[size + 1] = (char)scan->text[start + size];
        size++;
    }
    word[size + 1] = ' ';
    return size && size < 12 && strstr(words, word) ? size : 0;
}

/* Behind the small words before the name of a street ("ul. ", "rue de l'"), or their place. */
static uint32_t needs_behind_street_word(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = start, size = needs_word_of(scan, start, end,
                                              " ul al os pl av avda str rua rue via calle ulica plaza piazza corso viale travessa"
                                              " largo avenue boulevard place quai chemin bd de du des den het op van am an im in zum zur ");
    if (!size) return start;
    at += size;
    at += needs_at(scan, at, end) == '.' || needs_at(scan, at, end) == '/';
    at = needs_blank(scan, at, end);
    if (!at) return start;
    for (unsigned word = 0; word < 2; word++) {
        size = needs_word_of(scan, at, end, " du des de del della la le les den der da do dos ");
        uint32_t next = size ? needs_blank(scan, at + size, end) : 0;
        if (!next) break;
        at = next;
    }
    uint8_t c = needs_at(scan, at, end);
    size = c == 'd' || c == 'l' ? needs_quote(scan, at + 1, end) : 0;
    return size ? at + 1 + size : at;
}

static inline void needs_try(uint64_t *places, uint32_t at) { places[at / 64] |= UINT64_C(1) << at % 64; }

/* "Maple Street 12": words behind a capitalised one, then the house number. Every place is tried once. */
static bool needs_street_first(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint64_t tried[NEEDS_PIECES][NEEDS_STREET_PARTS] = {{0}}; /* by the words before: places from the start on */
    uint32_t capital = needs_capital_size(scan, start, end),
             most = end - start < NEEDS_STREET_MOST - 1 ? end : start + NEEDS_STREET_MOST - 1;
    if (!capital) return false;
    uint32_t first = start + capital;
    for (unsigned item = 0; item < 40; item++) {
        uint32_t size = needs_small(needs_at(scan, first, end)) || needs_at(scan, first, end) == '.' || needs_at(scan, first, end) == '/'
                            ? 1
                            : needs_escape(scan, first, end);
        if (!size || first + size > most) break;
        first += size;
        needs_try(tried[0], first - start);
    }
    for (unsigned part = 0; part < NEEDS_PIECES * NEEDS_STREET_PARTS; part++) {
        unsigned word = part / NEEDS_STREET_PARTS, places = part % NEEDS_STREET_PARTS;
        for (uint64_t left = tried[word][places]; left; left &= left - 1) {
            uint32_t at = start + places * 64 + (uint32_t)__builtin_ctzll(left);
            if (needs_house(scan, at, end)) return true;
            if (word + 1 == NEEDS_PIECES) continue;
            uint32_t next = needs_blank(scan, at, end), stop = next ? needs_digits(scan, next, end, 3) : 0;
            if (next && stop > next && stop - next < 3 && needs_at(scan, stop, end) == '.' && stop < most)
                needs_try(tried[word + 1], stop + 1 - start);
            if (needs_at(scan, at, end) == '-') next = at + 1;
            for (unsigned item = 0; next && item < 40; item++) {
                uint8_t c = needs_at(scan, next, end);
                uint32_t size = needs_letter_byte(c) || c == '.' || c == '-' ? 1 : needs_quote(scan, next, end);
                if (!size) size = needs_escape(scan, next, end);
                if (!size || next + size > most) break;
                next += size;
                needs_try(tried[word + 1], next - start);
            }
        }
    }
    return false;
}

/* A house number and a capitalised word, in either order. */
static bool needs_street(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = needs_digits(scan, start, end, 5), capital;
    if (at == start) return needs_street_first(scan, needs_behind_street_word(scan, start, end), end);
    at += cf_is_alpha(needs_at(scan, at, end));
    at = needs_blank(scan, at + (needs_at(scan, at, end) == ','), end);
    if (!at) return false;
    uint32_t more = needs_word_of(scan, at, end, " bis ter quater "), behind = more ? needs_blank(scan, at + more, end) : 0;
    at = needs_behind_street_word(scan, behind ? behind : at, end);
    capital = needs_capital_size(scan, at, end);
    if (!capital) return false;
    at += capital;
    return at < end && (needs_small(scan->text[at]) || scan->text[at] == '.' || needs_escape(scan, at, end));
}

static inline bool needs_two_capitals(const cf_scan *scan, uint32_t at, uint32_t end) {
    return (uint8_t)(needs_at(scan, at, end) - 'A') < 26 && (uint8_t)(needs_at(scan, at + 1, end) - 'A') < 26;
}

/* Whether a code of the post ends at a place: with the value, at a comma, before a town. */
static bool needs_post_ends(const cf_scan *scan, uint32_t at, uint32_t end) {
    if (at >= end) return true;
    return scan->text[at] == ',' || (scan->text[at] == ' ' && (uint8_t)(needs_at(scan, at + 1, end) - 'A') < 26);
}

/* Behind as many capitals, or as many capitals and digits, as stand at a place, at most `most`. */
static uint32_t needs_capitals(const cf_scan *scan, uint32_t at, uint32_t end, uint32_t most, bool digits) {
    uint32_t start = at;
    while (at - start < most && ((uint8_t)(needs_at(scan, at, end) - 'A') < 26 || (digits && cf_is_digit(needs_at(scan, at, end))))) at++;
    return at;
}

static uint32_t needs_maybe_blank(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t blank = needs_blank(scan, at, end);
    return blank ? blank : at;
}

/* The second half of SW1A 1AA and V6B 1A1. */
static bool needs_second_half(const cf_scan *scan, uint32_t at, uint32_t end) {
    at = needs_maybe_blank(scan, at, end);
    if (!cf_is_digit(needs_at(scan, at, end))) return false;
    uint32_t stop = needs_capitals(scan, at + 1, end, 2, false);
    if (stop == at + 1) return false;
    return needs_post_ends(scan, stop, end) || (cf_is_digit(needs_at(scan, stop, end)) && needs_post_ends(scan, stop + 1, end));
}

/* A code that begins with a letter and a digit: Britain, Canada, Argentina, Ireland. */
static bool needs_lettered_post(const cf_scan *scan, uint32_t start, uint32_t at, uint32_t end) {
    uint8_t c = needs_at(scan, at + 1, end);
    if ((cf_is_digit(c) || (uint8_t)(c - 'A') < 26) && needs_second_half(scan, at + 2, end)) return true;
    if (needs_second_half(scan, at + 1, end)) return true;
    if (at - start != 1) return false;
    uint32_t stop = needs_digits(scan, at, end, 5), four;
    if (stop - at == 4 && needs_capitals(scan, stop, end, 3, false) == stop + 3 && needs_post_ends(scan, stop + 3, end)) return true;
    if (!cf_is_digit(c) && c != 'W') return false;
    four = needs_maybe_blank(scan, at + 2, end);
    return needs_capitals(scan, four, end, 4, true) == four + 4 && needs_post_ends(scan, four + 4, end);
}

/* A code as the posts of some countries write it. */
static bool needs_postcode(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = needs_capitals(scan, start, end, 4, false), capitals = at - start, stop, digits, next, more;
    if (capitals > 3) return false;
    next = at + (capitals && (needs_at(scan, at, end) == '-' || needs_at(scan, at, end) == ' '));
    stop = needs_digits(scan, next, end, 7);
    if (stop - next >= 4 && stop - next <= 6 && needs_post_ends(scan, stop, end)) return true;
    if (capitals) return capitals < 3 && cf_is_digit(needs_at(scan, at, end)) && needs_lettered_post(scan, start, at, end);
    digits = stop - at;
    next = needs_at(scan, stop, end) == '-' ? stop + 1 : needs_blank(scan, stop, end);
    if (digits >= 2 && digits <= 5 && next) {
        more = needs_digits(scan, next, end, 5);
        if (more - next >= 2 && more - next <= 4 && needs_post_ends(scan, more, end)) return true;
    }
    next = needs_maybe_blank(scan, stop, end);
    return digits == 4 && needs_two_capitals(scan, next, end) && needs_post_ends(scan, next + 2, end);
}

/* Behind a letter as XML escapes it: &#x27; &#39; &apos; or 0. */
static uint32_t needs_entity(const cf_scan *scan, uint32_t at, uint32_t end, bool named) {
    if (needs_at(scan, at, end) != '&') return 0;
    if (named && end - at >= 6 && memcmp(scan->text + at + 1, "apos;", 5) == 0) return at + 6;
    if (needs_at(scan, at + 1, end) != '#') return 0;
    at += 2;
    at += needs_at(scan, at, end) == 'x';
    uint32_t from = at;
    while (at - from < 5 && needs_hex(needs_at(scan, at, end))) at++;
    return at > from && needs_at(scan, at, end) == ';' ? at + 1 : 0;
}

/* Behind one byte or escape of a name, or 0. */
static uint32_t needs_name_item(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint8_t c = needs_at(scan, at, end);
    if (at >= end) return 0;
    if (needs_letter_byte(c) || c == '\'' || c == '.' || c == '+' || c == '-') return at + 1;
    if (c == '&') return needs_entity(scan, at, end, true);
    if (c == '%' && end - at >= 3) {
        uint8_t a = scan->text[at + 1], b = scan->text[at + 2];
        return needs_hex(a) && a < 'a' && needs_hex(b) && b < 'a' ? at + 3 : 0;
    }
    if (c != '\\' || end - at < 6 || scan->text[at + 1] != 'u') return 0;
    for (uint32_t i = 2; i < 6; i++)
        if (!needs_hex(scan->text[at + i])) return 0;
    return at + 6;
}

/* The first byte of a letter in UTF-8, as URLs hold it: Latin, Greek or Cyrillic. */
static bool needs_letter_escaped(uint8_t first, uint8_t second) {
    if (first == 'D') return second == '0' || second == '1';
    return first == 'C' && (second == 'E' || second == 'F' || (uint8_t)(second - '3') < 7);
}

/* Behind what is written with a quote or a dash before the capital of a name ("d'Angelo", "'t Hart", "al-Masri"), or its place. */
static uint32_t needs_behind_elision(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = start, quote = needs_quote(scan, start, end);
    uint8_t c = needs_at(scan, at + quote, end);
    if (quote && (c == 't' || c == 's')) {
        at = needs_blank(scan, at + quote + 1, end);
        return at ? at : start;
    }
    while (at - start < 4 && (uint8_t)(needs_at(scan, at, end) - 'a') < 26) at++;
    if (at == start) return start;
    return needs_at(scan, at, end) == '-' ? at + 1 : (quote = needs_quote(scan, at, end)) ? at + quote : start;
}

static bool needs_words(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t next;
    for (unsigned word = 0; word < 3; word++) {
        uint32_t size = name_particle(scan, at, end), blank = size ? needs_blank(scan, at + size, end) : 0;
        if (!blank) break;
        at = blank;
    }
    at = needs_behind_elision(scan, at, end);
    next = at;
    if (needs_capital(needs_at(scan, at, end))) next = at + 1;
    else if (needs_at(scan, at, end) == '%' && needs_letter_escaped(needs_at(scan, at + 1, end), needs_at(scan, at + 2, end)))
        next = at + 3;
    else if (needs_at(scan, at, end) == '&') next = needs_entity(scan, at, end, false);
    else if (needs_at(scan, at, end) == '\\') next = needs_name_item(scan, at, end);
    if (!next || next == at) return false;
    for (unsigned word = 0; word < 6; word++) {
        unsigned items = 0;
        uint32_t more;
        for (at = next; items < 64 && (more = needs_name_item(scan, at, end)) != 0; items++) at = more;
        if (word && !items) return false;
        if (at == end) return true;
        for (next = at; next - at < 2 && (needs_at(scan, next, end) == ' ' || needs_at(scan, next, end) == ',');) next++;
        if (next == at) return false;
    }
    return false;
}

/* Words that begin with a capital, or a number. */
static bool needs_name(const cf_scan *scan, uint32_t at, uint32_t end) {
    if (needs_words(scan, at, end)) return true;
    if (needs_at(scan, at, end) == '+') at++;
    else if (needs_at(scan, at, end) == '%' && needs_at(scan, at + 1, end) == '2' && cf_lower(needs_at(scan, at + 2, end)) == 'b') at += 3;
    at += needs_at(scan, at, end) == '(';
    if (!cf_is_digit(needs_at(scan, at++, end))) return false;
    unsigned items = 0;
    for (; at < end && items < 41; items++) {
        uint8_t c = scan->text[at];
        if (cf_is_digit(c) || (c && strchr(" ()./-", c))) at++;
        else if (c == '%' && needs_at(scan, at + 1, end) == '2' && at + 2 < end && scan->text[at + 2] &&
                 strchr("089bBfFdD", scan->text[at + 2]))
            at += 3;
        else return false;
    }
    return at == end && items >= 2 && items <= 40;
}

/* Whether a text is what a key needs. */
static bool needs_met(const cf_scan *scan, uint8_t needs, uint32_t start, uint32_t end) {
    switch (needs) {
    case NEEDS_DIGIT: return needs_digit(scan, start, end);
    case NEEDS_LETTER: return needs_letter(scan, start, end);
    case NEEDS_NAME: return needs_name(scan, start, end);
    case NEEDS_LOGIN: return needs_login(scan, start, end);
    case NEEDS_PHONE: return needs_phone(scan, start, end);
    case NEEDS_STREET: return needs_street(scan, start, end);
    case NEEDS_POSTCODE: return needs_postcode(scan, start, end);
    case NEEDS_WORDS: return needs_words(scan, start, end);
    case NEEDS_FULL: return keyed_full_names(scan, start, end);
    default: return true;
    }
}

/* Places behind one coordinate that begins at a place: 12.345, 12° 3' N. */
static void needs_coordinate(const cf_scan *scan, uint32_t start, uint32_t at, uint32_t end, uint8_t *behind) {
    at += needs_at(scan, at, end) == '+' || needs_at(scan, at, end) == '-';
    uint32_t stop = needs_digits(scan, at, end, 3), from;
    uint8_t core[NEEDS_PLACE_MOST + 1] = {0};
    if (stop == at) return;
    if (needs_at(scan, stop, end) == '.') {
        at = needs_digits(scan, stop + 1, end, 15);
        for (from = stop + 3; from <= at; from++) core[from - start] = 1;
    } else {
        stop += needs_at(scan, stop, end) == 0xc2;
        if (needs_at(scan, stop, end) != 0xb0) return;
        for (from = ++stop; from - stop <= 24; from++) {
            core[from - start] = 1;
            uint8_t c = needs_at(scan, from, end);
            if (from >= end || c == '\r' || c == '\n') break;
        }
    }
    for (from = 0; start + from <= end; from++)
        for (uint32_t more = 0; core[from] && more <= 3; more++) {
            behind[from + more] = 1;
            uint8_t c = needs_at(scan, start + from + more, end);
            if (!c || !strchr(" NSEWnsew)", c)) break;
        }
}

/* One coordinate, or two with a mark between them, and nothing else. */
static bool needs_place(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t first[NEEDS_PLACE_MOST + 8] = {0}, second[NEEDS_PLACE_MOST + 8] = {0}, c;
    if (end - start >= NEEDS_PLACE_MOST) return false;
    for (uint32_t at = start;; at++) {
        needs_coordinate(scan, start, at, end, first);
        c = needs_at(scan, at, end);
        if (at - start == 2 || (c != ' ' && c != '(' && c != '\'' && c != '"')) break;
    }
    if (first[end - start]) return true;
    for (uint32_t i = 1; start + i < end; i++)
        for (uint32_t at = start + i, marks = 0; first[i] && marks < 3; marks++) {
            c = needs_at(scan, at, end);
            bool escaped = c == '%' && needs_at(scan, at + 1, end) == '2' &&
                           ((needs_at(scan, at + 2, end) | 32) == 'c' || needs_at(scan, at + 2, end) == '0');
            if (!escaped && c != ',' && c != ';' && c != '/' && c != ' ') break;
            at += escaped ? 3 : 1;
            needs_coordinate(scan, start, at, end, second);
        }
    return second[end - start];
}

/* 12.5, 12.5%, 12% */
static bool needs_decimal(const uint8_t *text, uint32_t size) {
    uint32_t at = 0, more;
    while (at < size && at < 10 && cf_is_digit(text[at])) at++;
    if (!at || at > 9 || at == size) return false;
    if (text[at] == '%') return at <= 3 && at + 1 == size;
    if (text[at++] != '.') return false;
    for (more = at; more < size && more - at < 10 && cf_is_digit(text[more]);) more++;
    if (more == at || more - at > 9) return false;
    return more == size || (text[more] == '%' && more + 1 == size);
}

/* A bank's code: six capitals, two or five capitals and digits. */
static bool needs_bic(const uint8_t *text, uint32_t size) {
    if (size != 8 && size != 11) return false;
    for (uint32_t i = 0; i < size; i++)
        if ((uint8_t)(text[i] - 'A') >= 26 && (i < 6 || !cf_is_digit(text[i]))) return false;
    return true;
}
