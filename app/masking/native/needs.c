/* What values must be: what a key needs (Needs of rules.py), and what each kind is (keyed.py of the reference).
 *
 * Texts are stretches of the scanned text; tokens that stand in them say nothing. */
#include "keys.h"

#include <string.h>

enum { NEEDS_ANY, NEEDS_DIGIT, NEEDS_LETTER, NEEDS_NAME, NEEDS_LOGIN, NEEDS_PHONE, NEEDS_STREET, NEEDS_POSTCODE, NEEDS_COUNT };
enum { NEEDS_NEAR = 512, NEEDS_PIECES = 5, NEEDS_STREET_MOST = 256, NEEDS_PLACE_MOST = 128 };

static uint32_t keyed_token(const cf_scan *scan, uint32_t at, uint32_t end);

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

/* The size of one of the small words inside the names of people that stands at a place, and nothing but it; or 0. */
static uint32_t needs_particle(const cf_scan *scan, uint32_t at, uint32_t end) {
    static const char words[] = " van von vom zum zur zu de der den dem del della dello degli dei di da dal do dos das du des le la las"
                                " los ten ter te af av el al bin ibn y e i ";
    char word[8] = " ";
    uint32_t size = 0;
    while (size < 6 && (uint8_t)(needs_at(scan, at + size, end) - 'a') < 26) {
        word[size + 1] = (char)scan->text[at + size];
        size++;
    }
    if (!size || size > 5) return 0;
    word[size + 1] = ' ';
    return strstr(words, word) ? size : 0;
}

/* The size of a letter that is no ASCII, as URLs hold it, of two or three bytes; or 0. */
static uint32_t needs_escape(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t size = 3;
    if (needs_at(scan, at, end) != '%' || (uint8_t)(needs_at(scan, at + 1, end) - 'C') >= 3 || !needs_upper_hex(needs_at(scan, at + 2, end))) return 0;
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
    if (c != '%' || needs_at(scan, at + 1, end) != 'C' || needs_at(scan, at + 2, end) != '3' || needs_at(scan, at + 3, end) != '%') return 0;
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

static bool needs_login(const cf_scan *scan, uint32_t at, uint32_t end) {
    at = needs_digits(scan, at, end, 16);
    if (end - at < 3 || end - at > 64 || (uint8_t)(scan->text[at] - 'a') >= 26) return false;
    for (at++; at < end; at++) {
        uint8_t c = scan->text[at];
        if (!cf_is_digit(c) && (uint8_t)(c - 'a') >= 26 && c != '.' && c != '_' && c != '@' && c != '+' && c != '-') return false;
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

/* A number with + or 0 before it, or ten digits that are no time. */
static bool needs_phone(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint8_t c = needs_at(scan, at, end), second = needs_at(scan, at + 1, end), third = needs_at(scan, at + 2, end);
    if (c == '+') return needs_grouped(scan, at + 1, end, 7);
    if (c == '%') return second == '2' && cf_lower(third) == 'b' && needs_grouped(scan, at + 3, end, 7);
    if (c >= '2' && c <= '9') return end - at >= 10 && end - at <= 15 && needs_digits(scan, at, end, 15) == end;
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

/* A house number at the end of what is a street. */
static bool needs_house(const cf_scan *scan, uint32_t at, uint32_t end) {
    if (needs_at(scan, at, end) == ',') at++;
    else if (needs_at(scan, at, end) == '%' && needs_at(scan, at + 1, end) == '2' && needs_at(scan, at + 2, end) == 'C') at += 3;
    uint32_t from = needs_blank(scan, at, end), stop = from ? needs_digits(scan, from, end, 6) : 0;
    if (!from || stop == from || stop - from > 5) return false;
    uint8_t c = needs_at(scan, stop, end);
    return c != '.' && c != ':';
}

/* Behind a small word before the name of a street, or its place. */
static uint32_t needs_behind_street_word(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char words[] = " ul al os pl av avda str rua rue via calle ulica plaza piazza corso viale travessa largo ";
    char word[12] = " ";
    uint32_t size = 0;
    while (size < 9 && (uint8_t)(needs_at(scan, start + size, end) - 'a') < 26) {
        word[size + 1] = (char)scan->text[start + size];
        size++;
    }
    if (size < 2 || size > 8) return start;
    word[size + 1] = ' ';
    if (!strstr(words, word)) return start;
    uint32_t at = start + size;
    at += needs_at(scan, at, end) == '.' || needs_at(scan, at, end) == '/';
    at = needs_blank(scan, at, end);
    return at ? at : start;
}

/* "Maple Street 12": words behind a capitalised one, then the house number. Every place is tried once. */
static bool needs_street_first(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t tried[NEEDS_PIECES][NEEDS_STREET_MOST] = {{0}};
    uint32_t capital = needs_capital_size(scan, start, end), most = end - start < NEEDS_STREET_MOST - 1 ? end : start + NEEDS_STREET_MOST - 1;
    if (!capital) return false;
    uint32_t first = start + capital;
    for (unsigned item = 0; item < 40; item++) {
        uint32_t size = needs_small(needs_at(scan, first, end)) || needs_at(scan, first, end) == '.' ? 1 : needs_escape(scan, first, end);
        if (!size || first + size > most) break;
        first += size;
        tried[0][first - start] = 1;
    }
    for (unsigned word = 0; word < NEEDS_PIECES; word++)
        for (uint32_t at = start + 1; at <= most; at++) {
            if (!tried[word][at - start]) continue;
            if (needs_house(scan, at, end)) return true;
            uint32_t next = needs_at(scan, at, end) == '-' ? at + 1 : needs_blank(scan, at, end);
            for (unsigned item = 0; word + 1 < NEEDS_PIECES && next && item < 40; item++) {
                uint8_t c = needs_at(scan, next, end);
                uint32_t size = needs_letter_byte(c) || c == '.' || c == '\'' || c == '-' ? 1 : needs_escape(scan, next, end);
                if (!size || next + size > most) break;
                next += size;
                tried[word + 1][next - start] = 1;
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
    capital = at ? needs_capital_size(scan, at, end) : 0;
    if (!capital) return false;
    at += capital;
    return (at < end && needs_small(scan->text[at])) || (needs_at(scan, at, end) == '%' && needs_at(scan, at + 1, end) == 'C');
}

static inline bool needs_two_capitals(const cf_scan *scan, uint32_t at, uint32_t end) {
    return (uint8_t)(needs_at(scan, at, end) - 'A') < 26 && (uint8_t)(needs_at(scan, at + 1, end) - 'A') < 26;
}

/* Whether a code of the post ends at a place: with the value, at a comma, before a town. */
static bool needs_post_ends(const cf_scan *scan, uint32_t at, uint32_t end) {
    if (at >= end) return true;
    return scan->text[at] == ',' || (scan->text[at] == ' ' && (uint8_t)(needs_at(scan, at + 1, end) - 'A') < 26);
}

/* The second half of SW1A 1AA. */
static bool needs_british_post(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t stop = needs_blank(scan, at, end);
    at = stop ? stop : at;
    return cf_is_digit(needs_at(scan, at, end)) && needs_two_capitals(scan, at + 1, end) && needs_post_ends(scan, at + 3, end);
}

/* A code as the posts of some countries write it. */
static bool needs_postcode(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t capitals = 0, at, digits, stop;
    while (capitals < 3 && (uint8_t)(needs_at(scan, start + capitals, end) - 'A') < 26) capitals++;
    at = start + capitals;
    if (capitals && capitals < 3 && (needs_at(scan, at, end) == '-' || needs_at(scan, at, end) == ' ')) {
        stop = needs_digits(scan, at + 1, end, 7);
        return stop - at >= 5 && stop - at <= 7 && needs_post_ends(scan, stop, end);
    }
    if (capitals) {
        if (capitals > 2 || !cf_is_digit(needs_at(scan, at, end))) return false;
        uint8_t c = needs_at(scan, at + 1, end);
        if ((cf_is_digit(c) || (uint8_t)(c - 'A') < 26) && needs_british_post(scan, at + 2, end)) return true;
        return needs_british_post(scan, at + 1, end);
    }
    stop = needs_digits(scan, at, end, 7);
    digits = stop - at;
    if (digits >= 4 && digits <= 6 && needs_post_ends(scan, stop, end)) return true;
    uint32_t next = needs_at(scan, stop, end) == '-' ? stop + 1 : needs_blank(scan, stop, end);
    if (digits >= 2 && digits <= 4 && next) {
        uint32_t more = needs_digits(scan, next, end, 5);
        if (more - next >= 2 && more - next <= 4 && needs_post_ends(scan, more, end)) return true;
    }
    next = needs_blank(scan, stop, end);
    if (!next) next = stop;
    return digits == 4 && needs_two_capitals(scan, next, end) && needs_post_ends(scan, next + 2, end);
}

/* Behind one byte or escape of a name, or 0. */
static uint32_t needs_name_item(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint8_t c = needs_at(scan, at, end);
    if (at >= end) return 0;
    if (needs_letter_byte(c) || c == '\'' || c == '.' || c == '+' || c == '-') return at + 1;
    if (c == '%' && end - at >= 3) {
        uint8_t a = scan->text[at + 1], b = scan->text[at + 2];
        return needs_hex(a) && a < 'a' && needs_hex(b) && b < 'a' ? at + 3 : 0;
    }
    if (c != '\\' || end - at < 6 || scan->text[at + 1] != 'u') return 0;
    for (uint32_t i = 2; i < 6; i++)
        if (!needs_hex(scan->text[at + i])) return 0;
    return at + 6;
}

static bool needs_words(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t next;
    for (unsigned word = 0; word < 3; word++) {
        uint32_t size = needs_particle(scan, at, end), blank = size ? needs_blank(scan, at + size, end) : 0;
        if (!blank) break;
        at = blank;
    }
    next = at;
    if (needs_capital(needs_at(scan, at, end))) next = at + 1;
    else if (needs_at(scan, at, end) == '%' && needs_at(scan, at + 1, end) == 'C' && (uint8_t)(needs_at(scan, at + 2, end) - '3') < 3) next = at + 3;
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
        else if (c == '%' && needs_at(scan, at + 1, end) == '2' && at + 2 < end && scan->text[at + 2] && strchr("089bBfFdD", scan->text[at + 2])) at += 3;
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
        for (uint32_t at = start + i; first[i] && at - start - i < 3; at++) {
            c = needs_at(scan, at, end);
            if (c != ',' && c != ';' && c != '/' && c != ' ') break;
            needs_coordinate(scan, start, at + 1, end, second);
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
