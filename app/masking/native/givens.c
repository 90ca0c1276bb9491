/* Names of people and their log-ins without a key: a given name, and what stands around it (app/masking/givens.py). */
#include "shapes.h"

#include <string.h>

enum {
    GIVEN_PARTS = 3, GIVEN_LEAST_LARGE = 4, GIVEN_FAMILY = 40, GIVEN_BEHIND = 5, /* behind the other detectors of names */
    GIVEN_CALLING = CF_P_VERB | CF_P_ROLE | CF_P_NOUN
};

/* What may stand before a name. */
static bool given_opens(const cf_scan *scan, uint32_t start) {
    uint8_t c = cf_at(scan, (int64_t)start - 1);
    return !start || (c && strchr(" \t\r\n([{\"',;|", c));
}

/* Whether bytes have capitals of ASCII and no small letters. */
static bool given_upper(const cf_scan *scan, uint32_t start, uint32_t end) {
    bool large = false;
    for (uint32_t at = start; at < end; at++) {
        if ((uint8_t)(scan->text[at] - 'a') < 26) return false;
        large |= name_large(scan->text[at]);
    }
    return large && end - start > 1;
}

static bool given_hump(const cf_scan *scan, uint32_t start, uint32_t end) {
    for (uint32_t at = start + 1; at < end; at++)
        if (name_large(scan->text[at]) && (uint8_t)(scan->text[at - 1] - 'a') < 26) return true;
    return false;
}

/* `McAllister`, `DeLuca`: a capital inside of a name; nothing but small letters follow it. */
static bool given_joined(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of heads[] = {TEXT("Mc"), TEXT("Mac"), TEXT("De"), TEXT("Di"),
                                         TEXT("La"), TEXT("Le"), TEXT("Van"), TEXT("Fitz")};
    for (unsigned i = 0; i < COUNT(heads); i++) {
        uint32_t at = start + heads[i].size;
        if (at >= end || !cf_stands(scan, start, heads[i].text, heads[i].size) || !name_large(scan->text[at])) continue;
        for (at++; at < end && ((uint8_t)(scan->text[at] - 'a') < 26 || scan->text[at] >= 0x80);) at++;
        if (at == end) return true;
    }
    return false;
}

static void given_found(cf_scan *scan, uint32_t start, uint32_t end, cf_kind kind) {
    uint32_t count = scan->count;
    cf_shape(scan, start, end, CF_BY_PERSON_NAME, kind, CF_R_PERSON_NAME, 0);
    if (scan->count > count) scan->spans[count].order += GIVEN_BEHIND;
}

/* Where the name ends whose given name is [start, stop), or 0; `upper`: it or a part of it is written in capitals. */
static uint32_t given_name_end(const cf_scan *scan, uint32_t start, uint32_t stop, bool *upper) {
    uint32_t at = spoken_part(scan, start), end = 0;
    bool all = given_upper(scan, start, stop);
    if (!at || (cf_at(scan, stop) != ' ' && cf_at(scan, stop) != '-')) return 0;
    for (uint32_t i = start + 1; !all && i < stop; i++)
        if (name_large(scan->text[i])) return 0;
    *upper = all;
    for (unsigned parts = 1; parts < GIVEN_PARTS && cf_at(scan, at) == ' '; parts++) {
        uint32_t part = spoken_particles(scan, at + 1), behind = spoken_part(scan, part), size = behind - part;
        if (!behind || !name_capital(scan, part, behind)) break;
        unsigned says = size <= CF_LONGEST_PERSON ? name_says(scan, part, size) : 0;
        if (says & CF_P_THING) return 0;
        if (says & GIVEN_CALLING || name_label_behind(scan, part, behind)) break;
        bool large = given_upper(scan, part, behind);
        if (large && end && (!all || size < GIVEN_LEAST_LARGE)) break;
        if (all != large && (all || size < GIVEN_LEAST_LARGE)) return 0;
        if (!large && given_hump(scan, part, behind) && !given_joined(scan, part, behind)) return 0;
        *upper |= large;
        at = end = behind;
    }
    return end && !name_of_town(scan, start, end) ? end : 0;
}

/* Whether what stands around a name says that it is one. */
static bool given_speaks(const cf_scan *scan, uint32_t start, uint32_t end, unsigned given, bool upper) {
    bool capital;
    unsigned before = name_before(scan, start, &capital);
    if (name_refused(scan, start, end)) return false;
    if (before & CF_P_ROLE) return true;
    if (given & CF_P_PLAIN || before & CF_P_THING || capital || name_thing_behind(scan, end)) return false;
    bool verb = name_verb(scan, end), listed = name_listed_state(scan, start, end, verb), strong = before & CF_P_LINK || verb || listed;
    if ((given & CF_P_CAUTIOUS || upper) && !strong) return false;
    name_line line = name_line_of(scan, start, end);
    if (listed || name_clock(scan, &line)) return true;
    name_numbers numbers = name_counts(scan, &line);
    if (numbers.numbered) return true;
    return strong && numbers.counted && name_noun(scan, &line);
}

/* Where the log-in ends that begins with a given name or an initial, [start, stop); 0: none stands there. */
static uint32_t given_login(const cf_scan *scan, uint32_t start, uint32_t stop, unsigned given) {
    uint32_t at = stop, last, size, end;
    bool capital;
    if (cf_at(scan, at) == '-') {
        for (at++; at - stop < 25 && cf_is_alpha(cf_at(scan, at));) at++;
        if (at - stop < 3) return 0;
    }
    if (cf_at(scan, at) != '.' && cf_at(scan, at) != '_') return 0;
    for (last = end = at + 1; end - last < 24 && cf_is_alpha(cf_at(scan, end));) end++;
    size = end - last;
    if (size < 3) return 0;
    for (at = end; end - at < 4 && cf_is_digit(cf_at(scan, end));) end++;
    uint8_t c = cf_at(scan, end);
    if (cf_is_word(c) || c >= 0x80 || c == '@' || c == '=' || c == '-') return 0;
    if (c && strchr(":.([/\\", c) && end + 1 < scan->size && !cf_is_space(scan->text[end + 1])) return 0;
    if (given & CF_P_PLAIN || name_says(scan, last, size) & (CF_P_THING | CF_P_NOUN | CF_P_VERB)) return 0;
    unsigned before = name_before(scan, start, &capital);
    if (name_refused(scan, start, end) || before & CF_P_THING) return 0;
    if (before & CF_P_ROLE || (stop - start > 1 && c == ':' && name_complained(scan, end))) return end;
    bool verb = name_verb(scan, end);
    if (!verb && (!(before & CF_P_LINK) || stop - start < 2)) return 0;
    name_line line = name_line_of(scan, start, end);
    if (name_clock(scan, &line)) return end;
    name_numbers numbers = name_counts(scan, &line);
    return numbers.numbered || (verb && (numbers.counted || name_bracketed(scan, &line))) ? end : 0;
}

/* Where a family's name begins that ends at a place, without its small words; or `end`. */
static uint32_t given_family(const cf_scan *scan, uint32_t end) {
    uint32_t at = end;
    for (; at && end - at < GIVEN_FAMILY; at--) {
        uint8_t c = scan->text[at - 1];
        if (!name_letter(c) && ((c != '\'' && c != '-') || at < 2 || !name_letter(scan->text[at - 2]))) break;
    }
    return end - at >= 2 && end - at <= CF_LONGEST_PERSON && name_capital(scan, at, end) ? at : end;
}

/* As far back as small words of a name reach that end before a place. */
static uint32_t given_small_before(const cf_scan *scan, uint32_t at) {
    for (unsigned word = 0; word < 3 && at > 2 && scan->text[at - 1] == ' '; word++) {
        uint32_t first = at - 1;
        while (first && at - first < 7 && (uint8_t)(scan->text[first - 1] - 'a') < 26) first--;
        uint32_t size = name_particle(scan, first, at - 1);
        if (size < 2 || size != at - 1 - first || cf_stands(scan, first, "und", 3) || !given_opens(scan, first)) break;
        at = first;
    }
    return at;
}

/* `agent Major, Mary`: the given name begins at a place. */
static void given_turned(cf_scan *scan, uint32_t start, uint32_t stop) {
    uint32_t end = spoken_part(scan, start), begin;
    bool capital;
    if (!end || start < 4 || !cf_ends(scan, start, ", ", 2) || given_hump(scan, start, stop)) return;
    begin = given_family(scan, start - 2);
    if (begin == start - 2 || name_says(scan, begin, start - 2 - begin) & (CF_P_THING | GIVEN_CALLING)) return;
    begin = given_small_before(scan, begin);
    if (!given_opens(scan, begin) || name_refused(scan, begin, end)) return;
    unsigned before = name_before(scan, begin, &capital);
    if (before & CF_P_THING) return;
    bool told = (before & CF_P_ROLE) != 0;
    if (!told && before & CF_P_LINK) {
        name_line line = name_line_of(scan, begin, end);
        told = name_clock(scan, &line) || name_counts(scan, &line).numbered;
    }
    if (told) given_found(scan, begin, end, cf_shape_kind(scan->rules, CF_BY_PERSON_NAME));
}

/* A word that may be a given name, or the initial of a log-in, begins at a place. */
static void given_word(cf_scan *scan, uint32_t start) {
    if (!given_opens(scan, start)) return;
    uint32_t size = name_letters(scan, start, scan->size, CF_LONGEST_PERSON + 1), stop = start + size, end;
    uint8_t behind = cf_at(scan, stop);
    bool upper = false;
    if (size == 1) {
        if (behind != '.' || !cf_is_alpha(scan->text[start])) return;
        cf_looks(scan);
        end = given_login(scan, start, stop, CF_P_CAUTIOUS);
        if (end) given_found(scan, start, end, CF_USER);
        return;
    }
    if (size > CF_LONGEST_PERSON || cf_is_digit(behind)) return;
    unsigned given = name_says(scan, start, size) & CF_P_NAMES;
    if (!given) return;
    cf_looks(scan);
    if ((behind == '.' || behind == '_' || behind == '-') && (end = given_login(scan, start, stop, given)) != 0) {
        given_found(scan, start, end, CF_USER);
        return;
    }
    end = given_name_end(scan, start, stop, &upper);
    if (end && given_speaks(scan, start, end, given, upper)) given_found(scan, start, end, cf_shape_kind(scan->rules, CF_BY_PERSON_NAME));
    else given_turned(scan, start, stop);
}
