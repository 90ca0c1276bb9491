/* Names, addresses and numbers by their place in segments of EDIFACT and X12 (interchange.py of the reference):
 * NAD+BY+++MARY MAJOR+…', CTA+IC+:MARY MAJOR', COM+4930901820417:TE', NM1*IL*1*MAJOR*MARY****MI*12345678~,
 * PER*IC*MARY MAJOR*TE*4155550143~. */
#include "keys.h"

#include <string.h>

enum { EDI_LONGEST = 512, EDI_ELEMENTS = 10, EDI_SURE = 7 };
enum { EDI_NAME = 1, EDI_ADDRESS, EDI_ID, EDI_PHONE, EDI_MAIL };

static const char *const EDI_KEYS[] = {NULL, "customer_name", "home_address", "patient_id", "phone_number", "email"};

typedef struct {
    uint32_t start, end;
} edi_place;

static bool edi_is(const cf_scan *scan, edi_place place, const char *word) {
    return place.end - place.start == strlen(word) && cf_stands(scan, place.start, word, place.end - place.start);
}

/* The key of a number by the code beside it, or 0. */
static unsigned edi_called(const cf_scan *scan, edi_place code) {
    static const char *const codes[] = {"TE", "FX", "AL", "CP", "HP", "WP", "MO"};
    for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++)
        if (edi_is(scan, code, codes[i])) return EDI_PHONE;
    return edi_is(scan, code, "EM") ? EDI_MAIL : 0;
}

static bool edi_of_person(const cf_scan *scan, edi_place code) {
    static const char *const codes[] = {"MI", "34", "SY", "HN", "II"};
    for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++)
        if (edi_is(scan, code, codes[i])) return true;
    return false;
}

/* Whether nothing of a token or of another notation stands in a text. */
static bool edi_plain(const cf_scan *scan, edi_place place) {
    for (uint32_t at = place.start; at < place.end; at++)
        if (scan->text[at] && strchr("<>()[]{}~*=|", scan->text[at])) return false;
    return true;
}

/* Whether a text is one of some in small letters, between bars. */
static bool edi_among(const cf_scan *scan, edi_place place, const char *words) {
    char one[28];
    uint32_t size = place.end - place.start;
    if (!size || size > 24 || memchr(scan->text + place.start, '|', size) || memchr(scan->text + place.start, 0, size)) return false;
    one[0] = one[size + 1] = '|';
    one[size + 2] = 0;
    for (uint32_t i = 0; i < size; i++) one[i + 1] = (char)cf_lower(scan->text[place.start + i]);
    return strstr(words, one) != NULL;
}

/* Whether documents and templates write a text where a name stands. */
static bool edi_placeholder(const cf_scan *scan, edi_place place) {
    return edi_among(scan, place,
                     "|name|names|lastname|last name|last_name|last|firstname|first name|first_name|first|middle|middlename"
                     "|middle name|surname|forename|given name|family name|fullname|full name|customername|customer name"
                     "|customer_name|partyname|party name|party_name|notify party|consignee|consignor|shipper|buyer|seller"
                     "|contact|contactname|contact name|contact_name|subscriber|payer|insured|patient|party|text|value"
                     "|string|street|city|address|same as consignee|same as shipper|same as buyer|to order|");
}

/* Whether a word of a text is one of the names of firms. */
static bool edi_firm(const cf_scan *scan, edi_place place) {
    for (uint32_t at = place.start; at < place.end; at++) {
        uint32_t start = at, end;
        while (at < place.end && scan->text[at] != ' ') at++;
        for (end = at; end > start && (scan->text[end - 1] == '.' || scan->text[end - 1] == ','); end--) {}
        while (start < end && (scan->text[start] == '.' || scan->text[start] == ',')) start++;
        if (edi_among(scan, (edi_place){start, end},
                      "|gmbh|ltd|inc|llc|ag|corp|sa|s.a|kg|kgaa|ohg|plc|bv|nv|llp|srl|spa|sarl|limited|corporation|company"
                      "|logistics|transport|transports|shipping|insurance|trading|cargo|freight|forwarding|spedition|"))
            return true;
    }
    return false;
}

static bool edi_capital(uint8_t c) { return c >= 0x80 || (uint8_t)(c - 'A') < 26; }

/* Whether words may be a person's name; one has a sign in it that is released (O?'MAJOR). */
static bool edi_is_name(const cf_scan *scan, edi_place place) {
    if (edi_placeholder(scan, place) || edi_firm(scan, place)) return false;
    if (memchr(scan->text + place.start, '?', place.end - place.start)) return edi_capital(scan->text[place.start]) && edi_plain(scan, place);
    return needs_words(scan, place.start, place.end) && !name_nobody(scan, place.start, place.end);
}

/* Where words end that begin with capitals, or digits, but for particles before them. */
static uint32_t edi_words_end(const cf_scan *scan, edi_place place, bool digits) {
    const uint8_t *text = scan->text;
    uint32_t at = place.start, stop = at;
    for (;;) {
        for (unsigned word = 0; word < 3; word++) {
            uint32_t size = name_particle(scan, at, place.end);
            if (!size || at + size >= place.end || text[at + size] != ' ') break;
            at += size + 1;
        }
        if (at >= place.end || !(edi_capital(text[at]) || (digits && cf_is_digit(text[at])))) return stop;
        while (at < place.end && (cf_is_word(text[at]) || text[at] >= 0x80 || (text[at] && strchr(".?'/&-", text[at])))) at++;
        stop = at;
        if (at < place.end && text[at] == ',') at++;
        if (at >= place.end || text[at++] != ' ') return stop;
    }
}

/* Where a number ends, behind its last digit; a blank ends one that has enough of them. */
static uint32_t edi_number_ends(const cf_scan *scan, edi_place place, uint32_t sure) {
    uint32_t digits = 0, stop = place.start;
    for (uint32_t at = place.start; at < place.end; at++) {
        uint8_t c = scan->text[at];
        if (cf_is_digit(c)) {
            digits++;
            stop = at + 1;
        } else if (!c || !strchr(" ()+/.-", c) || at - stop > 2 || (c == ' ' && digits >= sure)) break;
    }
    return stop;
}

/* Where a value ends behind which no sign ends it: before the words behind it. */
static uint32_t edi_unclosed(const cf_scan *scan, unsigned key, edi_place place) {
    uint32_t at = place.start;
    if (key == EDI_PHONE) return edi_number_ends(scan, place, EDI_LONGEST) == place.end ? place.end : edi_number_ends(scan, place, EDI_SURE);
    if (key == EDI_NAME || key == EDI_ADDRESS) return edi_words_end(scan, place, key == EDI_ADDRESS);
    for (; at < place.end; at++) {
        uint8_t c = scan->text[at];
        if (key == EDI_ID ? !cf_is_alnum(c) && c != '-' : cf_is_space(c) || (c && strchr(",;|)", c))) break;
    }
    return at;
}

/* Judges a value; what is not closed ends at `open`. */
static void edi_judge(cf_scan *scan, unsigned key, edi_place place, uint32_t open) {
    const cf_key_rule *rule = segment_rule(scan, EDI_KEYS[key]);
    if (place.end == open) place.end = edi_unclosed(scan, key, place);
    if (!rule || place.start >= place.end) return;
    uint8_t first = scan->text[place.start];
    if (key == EDI_ADDRESS && (place.end - place.start < 3 || !(cf_is_digit(first) || edi_capital(first)) || !edi_plain(scan, place))) return;
    if (key != EDI_NAME || edi_is_name(scan, place)) keyed_judge(scan, rule, (cf_value){place.start, place.end, true});
}

/* Where what a sign parts ends that begins at a place: before the sign, unless that is released (?+) or stands in a token. */
static uint32_t edi_part(const cf_scan *scan, uint32_t at, uint32_t end, uint8_t sign) {
    const uint8_t *text = scan->text;
    while (at < end && text[at] != sign) {
        uint32_t token = text[at] == '<' ? token_at(text, end, at) : 0;
        at += token ? token : text[at] == '?' && sign != '*' ? 2 : 1;
    }
    return at < end ? at : end;
}

/* Judges the components of an element, of which the first has one key and the others another. */
static void edi_components(cf_scan *scan, edi_place element, unsigned first, unsigned others, unsigned count, uint32_t open) {
    for (uint32_t at = element.start; count--; at++) {
        uint32_t start = at;
        at = edi_part(scan, at, element.end, ':');
        if (first && start < at) edi_judge(scan, first, (edi_place){start, at}, open);
        first = others;
        if (at >= element.end) return;
    }
}

/* COM+4930901820417:TE+…: the elements of one. */
static void edi_communications(cf_scan *scan, uint32_t at, uint32_t end) {
    for (;; at++) {
        uint32_t start = at, colon, stop;
        at = edi_part(scan, at, end, '+');
        colon = edi_part(scan, start, at, ':');
        stop = colon < at ? edi_part(scan, colon + 1, at, ':') : at;
        if (colon < at && stop > colon + 3 && scan->text[colon + 3] == ' ') stop = colon + 3;
        unsigned key = colon < at ? edi_called(scan, (edi_place){colon + 1, stop}) : 0;
        start += cf_stands(scan, start, "?+", 2);
        if (key && start < colon) edi_judge(scan, key, (edi_place){start, colon}, UINT32_MAX);
        if (at >= end) return;
    }
}

static bool edi_code(const cf_scan *scan, uint32_t at, uint32_t least, uint32_t most, uint8_t sign) {
    uint32_t end = at;
    while (end - at <= most && ((uint8_t)(cf_at(scan, end) - 'A') < 26 || (sign == '*' && cf_is_digit(cf_at(scan, end))))) end++;
    return end - at >= least && end - at <= most && cf_at(scan, end) == sign;
}

/* Whether the first number of COM+… stands at a place, with a code behind it. */
static bool edi_numbered(const cf_scan *scan, uint32_t at) {
    if (cf_stands(scan, at, "?+", 2)) at += 2;
    uint32_t end = at;
    if (cf_is_space(cf_at(scan, at))) return false;
    for (uint8_t c; end < scan->size && end - at <= 80 && (c = scan->text[end]) != ':'; end++)
        if (c == '+' || c == '\'' || c == '"' || value_line_ends(scan, end)) return false;
    return end > at && end - at <= 80 && cf_at(scan, end) == ':' && (uint8_t)(cf_at(scan, (int64_t)end + 1) - 'A') < 26 &&
           (uint8_t)(cf_at(scan, (int64_t)end + 2) - 'A') < 26 && !cf_is_alnum(cf_at(scan, (int64_t)end + 3));
}

/* The name of the segment whose name stands at a place, with the sign behind it: its number; 15: none does. */
static unsigned edi_named(const cf_scan *scan, uint32_t start) {
    static const char names[] = "NADCTACOMNM1PER";
    uint8_t before = cf_at(scan, (int64_t)start - 1), sign = cf_at(scan, (int64_t)start + 3);
    unsigned name = 0;
    if (sign != '+' && sign != '*') return 15;
    while (name < 15 && memcmp(scan->text + start, names + name, 3) != 0) name += 3;
    return name < 15 && sign == (name < 9 ? '+' : '*') && before < 0x80 && !cf_is_word(before) && !(before && strchr("+*.?/-", before)) ? name : 15;
}

/* A letter for the segment that begins at a place: D, T, C, M or P; 0: none does. */
static char edi_head(const cf_scan *scan, uint32_t start) {
    unsigned name = edi_named(scan, start);
    uint8_t sign = cf_at(scan, (int64_t)start + 3);
    uint32_t at = start + 4;
    if (name == 15) return 0;
    bool told = name == 6 ? edi_numbered(scan, at) : edi_code(scan, at, 2, name == 0 || name == 9 ? 3 : 2, sign);
    if (told && name == 9) told = cf_stands(scan, edi_part(scan, at, value_end(scan, at, 4), '*'), "*1*", 3);
    return (char)(told ? "DTCMP"[name / 3] : 0);
}

/* Behind the sign that ends a segment at a place, which XML may escape; or 0. */
static uint32_t edi_mark(const cf_scan *scan, uint32_t at, uint8_t sign) {
    if (cf_at(scan, at) == (sign == '+' ? '\'' : '~')) return at + 1;
    if (cf_at(scan, at) != '&' || sign != '+') return 0;
    return cf_stands(scan, at, "&#x27;", 6) || cf_stands(scan, at, "&apos;", 6) ? at + 6 : cf_stands(scan, at, "&#39;", 5) ? at + 5 : 0;
}

static bool edi_quote(const cf_scan *scan, uint32_t at, uint8_t sign) {
    return cf_at(scan, at) == '"' || (sign == '+' && (cf_stands(scan, at, "&quot;", 6) || cf_stands(scan, at, "&#34;", 5)));
}

/* Where a segment ends that begins at a place, before the next one at the latest; 0: it does not. */
static uint32_t edi_ends(const cf_scan *scan, uint32_t start, uint8_t sign) {
    const uint8_t *text = scan->text;
    uint32_t at = start, most = value_end(scan, start, EDI_LONGEST);
    while (at < most && !edi_quote(scan, at, sign) && !edi_mark(scan, at, sign) && !value_line_ends(scan, at)) {
        if ((text[at] == 'N' || text[at] == 'C' || text[at] == 'P') && edi_head(scan, at)) return at;
        if (text[at] == '?' && sign == '+') {
            if (at + 1 >= most || value_line_ends(scan, at + 1)) return at;
            at++;
        }
        at++;
    }
    return at == start + EDI_LONGEST && at < scan->size ? 0 : at;
}

/* Whether a sign ends a segment: no apostrophe of a word, and not behind a blank. */
static bool edi_closed(const cf_scan *scan, uint32_t end, uint8_t sign) {
    uint32_t behind = cf_at(scan, (int64_t)end - 1) == ' ' ? 0 : edi_mark(scan, end, sign);
    return behind && (sign == '*' || (uint8_t)(cf_at(scan, behind) - 'a') >= 26);
}

/* Judges the elements of NAD, CTA, NM1 and PER; what is not closed ends at `open`. */
static void edi_elements(cf_scan *scan, char name, uint32_t at, uint32_t end, uint8_t sign, uint32_t open) {
    edi_place elements[EDI_ELEMENTS], first = {0, 0};
    uint32_t count = 1;
    bool called = false;
    for (; count < EDI_ELEMENTS; at++) {
        uint32_t stop = edi_part(scan, at, end, sign);
        elements[count++] = (edi_place){at, stop};
        at = stop;
        if (at >= end) break;
    }
    if (name == 'P') {
        for (uint32_t i = 3; i < 8 && i < count; i += 2) called = called || edi_called(scan, elements[i]);
        if (called && elements[2].start < elements[2].end) edi_judge(scan, EDI_NAME, elements[2], open);
        for (uint32_t i = 3; i < 8 && i + 1 < count; i += 2) {
            unsigned key = edi_called(scan, elements[i]);
            if (key) edi_judge(scan, key, elements[i + 1], open);
        }
    } else if (name == 'M') {
        if (count > 3 && edi_placeholder(scan, elements[3])) return;
        for (uint32_t i = 3; i < 6 && i < count; i++)
            if (elements[i].start < elements[i].end) edi_judge(scan, EDI_NAME, elements[i], open);
        if (count > 9 && edi_of_person(scan, elements[8])) edi_judge(scan, EDI_ID, elements[9], open);
    } else if (name == 'T') {
        if (count > 2) edi_components(scan, elements[2], 0, EDI_NAME, 2, open);
    } else {
        for (uint32_t i = 3; i < 5 && i < count; i++) {
            uint32_t stop = edi_part(scan, elements[i].start, elements[i].end, ':');
            if (stop > elements[i].start) first = (edi_place){elements[i].start, stop};
        }
        if (edi_placeholder(scan, first)) return;
        unsigned address = edi_firm(scan, first) ? 0 : EDI_ADDRESS;
        if (count > 3) edi_components(scan, elements[3], EDI_NAME, address, 5, open);
        if (count > 4) edi_components(scan, elements[4], EDI_NAME, EDI_NAME, 5, open);
        if (count > 5) edi_components(scan, elements[5], address, address, 4, open);
        if (count > 6) edi_components(scan, elements[6], address, 0, 1, open);
        if (count > 8) edi_components(scan, elements[8], address, 0, 1, open);
    }
}

/* A word of three bytes stands at a place, before `+` or `*`. */
static __attribute__((noinline)) void interchange_word(cf_scan *scan, uint32_t start) {
    uint8_t sign = scan->text[start + 3];
    if (edi_named(scan, start) == 15) return;
    cf_looks(scan);
    char name = edi_head(scan, start);
    if (!name) return;
    uint32_t at = start + 4, end = edi_ends(scan, at, sign);
    if (!end) return;
    if (name == 'C') edi_communications(scan, at, end);
    else edi_elements(scan, name, at, end, sign, edi_closed(scan, end, sign) ? UINT32_MAX : end);
}
