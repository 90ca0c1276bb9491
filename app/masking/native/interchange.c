/* Names, addresses and numbers by their place in segments of EDIFACT and X12 (interchange.py of the reference):
 * NAD+BY+++MARY MAJOR+…', CTA+IC+:MARY MAJOR', COM+4930901820417:TE', NM1*IL*1*MAJOR*MARY****MI*12345678~,
 * PER*IC*MARY MAJOR*TE*4155550143~. */
#include "keys.h"

#include <string.h>

enum { EDI_LONGEST = 512, EDI_ELEMENTS = 10 };
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

/* Whether words may be a person's name; one has a sign in it that is released (O?'MAJOR). */
static bool edi_is_name(const cf_scan *scan, edi_place place) {
    uint8_t first = cf_at(scan, place.start);
    if (memchr(scan->text + place.start, '?', place.end - place.start)) return (first >= 0x80 || (uint8_t)(first - 'A') < 26) && edi_plain(scan, place);
    return needs_words(scan, place.start, place.end) && !name_nobody(scan, place.start, place.end);
}

static void edi_judge(cf_scan *scan, unsigned key, edi_place place) {
    const cf_key_rule *rule = segment_rule(scan, EDI_KEYS[key]);
    uint8_t first = cf_at(scan, place.start);
    if (key == EDI_ADDRESS && (!(cf_is_alnum(first) || first >= 0x80) || !edi_plain(scan, place))) return;
    if (rule && (key != EDI_NAME || edi_is_name(scan, place))) keyed_judge(scan, rule, (cf_value){place.start, place.end, true});
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
static void edi_components(cf_scan *scan, edi_place element, unsigned first, unsigned others, unsigned count) {
    for (uint32_t at = element.start; count--; at++) {
        uint32_t start = at;
        at = edi_part(scan, at, element.end, ':');
        if (first && start < at) edi_judge(scan, first, (edi_place){start, at});
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
        unsigned key = colon < at ? edi_called(scan, (edi_place){colon + 1, stop}) : 0;
        if (key) edi_judge(scan, key, (edi_place){start + cf_stands(scan, start, "?+", 2), colon});
        if (at >= end) return;
    }
}

static bool edi_code(const cf_scan *scan, uint32_t at, uint32_t least, uint32_t most, uint8_t sign) {
    uint32_t end = at;
    while (end - at <= most && ((uint8_t)(cf_at(scan, end) - 'A') < 26 || (sign == '*' && cf_is_digit(cf_at(scan, end))))) end++;
    return end - at >= least && end - at <= most && cf_at(scan, end) == sign;
}

/* Where a segment ends that begins at a place; 0: it does not. */
static uint32_t edi_ends(const cf_scan *scan, uint32_t start, uint8_t sign) {
    const uint8_t *text = scan->text;
    uint32_t at = start, most = value_end(scan, start, EDI_LONGEST);
    while (at < most && text[at] != '"' && text[at] != (sign == '+' ? '\'' : '~') && !value_line_ends(scan, at)) {
        if (text[at] == '?' && sign == '+') {
            if (at + 1 >= most || value_line_ends(scan, at + 1)) return at == most && most < scan->size ? 0 : at;
            at++;
        }
        at++;
    }
    return at == start + EDI_LONGEST && at < scan->size ? 0 : at;
}

/* Judges the elements of NAD, CTA, NM1 and PER. */
static void edi_elements(cf_scan *scan, char name, uint32_t at, uint32_t end, uint8_t sign) {
    edi_place elements[EDI_ELEMENTS];
    uint32_t count = 1;
    bool called = false;
    for (; count < EDI_ELEMENTS; at++) {
        uint32_t stop = edi_part(scan, at, end, sign);
        elements[count++] = (edi_place){at, stop};
        at = stop;
        if (at >= end) break;
    }
    if (name == 'P') {
        for (uint32_t i = 3; i < 8 && i < count; i += 2) {
            unsigned key = edi_called(scan, elements[i]);
            called = called || key;
            if (key && i + 1 < count) edi_judge(scan, key, elements[i + 1]);
        }
        if (called && elements[2].start < elements[2].end) edi_judge(scan, EDI_NAME, elements[2]);
    } else if (name == 'M') {
        if (count > 9 && edi_of_person(scan, elements[8])) edi_judge(scan, EDI_ID, elements[9]);
        for (uint32_t i = 3; i < 6 && i < count; i++)
            if (elements[i].start < elements[i].end) edi_judge(scan, EDI_NAME, elements[i]);
    } else if (name == 'T') {
        if (count > 2) edi_components(scan, elements[2], 0, EDI_NAME, 2);
    } else {
        if (count > 3) edi_components(scan, elements[3], EDI_NAME, EDI_ADDRESS, 5);
        if (count > 4) edi_components(scan, elements[4], EDI_NAME, EDI_NAME, 5);
        if (count > 5) edi_components(scan, elements[5], EDI_ADDRESS, EDI_ADDRESS, 4);
        if (count > 6) edi_components(scan, elements[6], EDI_ADDRESS, 0, 1);
        if (count > 8) edi_components(scan, elements[8], EDI_ADDRESS, 0, 1);
    }
}

/* A word of three bytes stands at a place, before `+` or `*`. */
static __attribute__((noinline)) void interchange_word(cf_scan *scan, uint32_t start) {
    static const char names[] = "NADCTACOMNM1PER";
    const uint8_t *text = scan->text;
    uint8_t before = cf_at(scan, (int64_t)start - 1), sign = text[start + 3];
    unsigned name = 0;
    while (name < 15 && memcmp(text + start, names + name, 3) != 0) name += 3;
    if (name == 15 || sign != (name < 9 ? '+' : '*') || before >= 0x80 || cf_is_word(before) || (before && strchr("+*.?/-", before))) return;
    cf_looks(scan);
    uint32_t at = start + 4;
    bool told = name == 6 ? at < scan->size && !cf_is_space(text[at]) && text[at] != '+' && text[at] != ':'
                          : edi_code(scan, at, 2, name == 0 || name == 9 ? 3 : 2, sign);
    if (told && name == 9) told = cf_stands(scan, edi_part(scan, at, value_end(scan, at, 4), '*'), "*1*", 3);
    if (!told || start < scan->taken[CF_N_INTERCHANGE]) return;
    uint32_t end = edi_ends(scan, at, sign);
    if (!end) return;
    scan->taken[CF_N_INTERCHANGE] = end;
    if (name == 6) edi_communications(scan, at, end);
    else edi_elements(scan, names[name + (name == 3 || name == 9)], at, end, sign);
}
