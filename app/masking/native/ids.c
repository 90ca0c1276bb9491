/* Numbers as they are written on paper, in angles and in paths, and ids behind their words: the rest of numbers.py. */
#include "shapes.h"

#include <string.h>

/* ------ numbers as they are written, in angles and in paths */

static inline bool written_ends(uint8_t next) { return !cf_is_word(next) && next != '.' && next != '/' && next != ':' && next != '-'; }

/* 004930/1234567: where the number ends whose slash stands at a place, or 0. */
static uint32_t written_area(const cf_scan *scan, uint32_t slash) {
    bool dash = cf_at(scan, slash) == '-';
    uint32_t run = cf_at(scan, slash) == '/' || dash ? digits_at(scan, slash + 1, 10) : 0;
    if (dash && run < 6) return 0;
    return run >= 4 && run <= 9 && written_ends(cf_at(scan, slash + 1 + run)) ? slash + 1 + run : 0;
}

/* Where a number of groups ends that begins with 00 or 0: 0049 30 123456, 00 49 30 123456, 0171/123 45; 0: there is none. */
static uint32_t written_end(const cf_scan *scan, uint32_t start, uint32_t size) {
    const uint8_t *text = scan->text;
    uint32_t at = start + size, run;
    if (text[start + 1] != '0') {
        if (size < 3 || size > 5 || text[start + 1] < '1' || cf_at(scan, at) != '/') return 0;
        run = digits_at(scan, at + 1, 9);
        if (run < 3 || run > 8) return 0;
        uint32_t ends[3] = {at + 1 + run}, groups = 0;
        for (; groups < 2 && (cf_at(scan, ends[groups]) == ' ' || cf_at(scan, ends[groups]) == '-'); groups++) {
            run = digits_at(scan, ends[groups] + 1, 6);
            if (!run || run > 5) break;
            ends[groups + 1] = ends[groups] + 1 + run;
        }
        for (;; groups--) {
            uint8_t next = cf_at(scan, ends[groups]);
            if (!cf_is_word(next) && next != '.' && next != '/' && next != ':' && next != '-') return ends[groups];
            if (!groups) return 0;
        }
    }
    bool apart = size == 2;
    if (apart) {
        if (cf_at(scan, at) != ' ' || cf_at(scan, at + 1) < '1') return 0;
        run = digits_at(scan, at + 1, 4);
        if (!run || run > 3) return 0;
        at += 1 + run;
    } else if (text[start + 2] < '1') {
        return 0;
    } else if (size > 5) {
        return written_area(scan, at);
    }
    for (uint32_t group = 0; group < 2; group++) {
        if (apart ? cf_at(scan, at) != ' ' : !written_mark(cf_at(scan, at))) return size == 5 ? written_area(scan, start + size) : 0;
        run = digits_at(scan, at + 1, 11);
        if (group ? run < 5 || run > 10 : run < 2 || run > 5) return size == 5 ? written_area(scan, start + size) : 0;
        at += 1 + run;
    }
    if (written_ends(cf_at(scan, at))) return at;
    return size == 5 ? written_area(scan, start + size) : 0;
}

static inline bool written_hex(uint8_t c) { return cf_is_digit(c) || (uint8_t)((c | 32) - 'a') < 6; }

/* 0044 20 7946 0958: 00 and groups apart by blanks; hex dumps have two digits in each. */
static void written_groups(cf_scan *scan, uint32_t start, uint32_t size) {
    uint32_t ends[7] = {start + size}, groups = 0;
    uint8_t before = cf_at(scan, (int64_t)start - 2);
    if (size < 3 || size > 5 || scan->text[start + 1] != '0' || scan->text[start + 2] < '1') return;
    if (start > 1 && scan->text[start - 1] == ' ') {
        if (cf_is_digit(before) || before == '>') return;
        if (written_hex(before) && written_hex(cf_at(scan, (int64_t)start - 3)) && !cf_is_word(cf_at(scan, (int64_t)start - 4))) return;
    }
    for (; groups < 6 && cf_at(scan, ends[groups]) == ' '; groups++) {
        uint32_t run = digits_at(scan, ends[groups] + 1, 5);
        if (!run) break;
        ends[groups + 1] = ends[groups] + 1 + run;
    }
    for (; groups >= 3; groups--) {
        uint32_t end = ends[groups], more = end + (cf_at(scan, end) == ' '), hex = 0, digits = 0;
        uint8_t next = cf_at(scan, end);
        bool uneven = false;
        if (cf_is_word(next) || next == '.' || next == '/' || next == ':' || next == '-') continue;
        while (hex < 3 && written_hex(cf_at(scan, more + hex))) hex++;
        if (hex && hex < 3 && !cf_is_word(cf_at(scan, more + hex))) continue;
        for (uint32_t i = 1; i <= groups; i++) uneven = uneven || ends[i] - ends[i - 1] != 3;
        digits = digits_within(scan->text + start, end - start);
        if (uneven && digits >= 12 && digits <= 17) number_found(scan, start, end, CF_BY_PHONE, CF_R_PHONE);
        scan->met[NUMBER_GROUPS] = end;
        return;
    }
}

/* 0049891234567: 00 and a number in one run; counters that begin with noughts have three of them, or are shorter. */
static void international(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint8_t before = cf_at(scan, (int64_t)start - 1), next = cf_at(scan, end);
    if (text[start + 1] != '0' || text[start + 2] < '1' || one_of(before, number_nanp_glued)) return;
    if (text[start + 2] == '1' && (end - start != 13 || text[start + 3] < '2' || text[start + 6] < '2')) return;
    if (next == '/' || next == ':' || next == '=' || next == '-') return;
    cf_looks(scan);
    if (cf_is_word(next) || (next == '.' && cf_is_word(cf_at(scan, (int64_t)end + 1)))) return;
    number_found(scan, start, end, CF_BY_PHONE, CF_R_PHONE);
}

/* 04 67 27 76 38, 04.67.27.76.38: as in France; lists go up, and hex dumps go on. */
static void written_pairs(cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    uint8_t mark = text[start + 2], before = cf_at(scan, (int64_t)start - 1);
    if (text[start + 1] < '1' || start + 14 > scan->size || one_of(before, number_nanp_glued)) return;
    bool down = false;
    for (uint32_t at = start + 2; at < start + 14; at += 3) {
        if (text[at] != mark || !cf_is_digit(text[at + 1]) || !cf_is_digit(text[at + 2])) return;
        down |= memcmp(text + at - 2, text + at + 1, 2) > 0;
    }
    cf_looks(scan);
    uint8_t two = cf_at(scan, (int64_t)start - 2), next = cf_at(scan, start + 14);
    if (before == ' ' &&
        (cf_is_digit(two) || two == '>' ||
         (written_hex(two) && written_hex(cf_at(scan, (int64_t)start - 3)) && !cf_is_word(cf_at(scan, (int64_t)start - 4)))))
        return;
    if (!down || cf_is_word(next) || next == '/' || next == ':' || next == '-') return;
    uint32_t more = start + 14 + (next == '.' || next == ' '), hex = 0;
    while (hex < 3 && written_hex(cf_at(scan, more + hex))) hex++;
    if (hex && hex < 3 && !cf_is_word(cf_at(scan, more + hex))) return;
    number_found(scan, start, start + 14, CF_BY_PHONE, CF_R_PHONE);
}

static void written(cf_scan *scan, uint32_t start, uint32_t size) {
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (one_of(before, number_glued) || before == ':') return;
    cf_looks(scan);
    if (start >= scan->met[NUMBER_GROUPS]) written_groups(scan, start, size);
    if (start < scan->met[NUMBER_WRITTEN]) return;
    uint32_t end = written_end(scan, start, size);
    if (!end) return;
    scan->met[NUMBER_WRITTEN] = end;
    if (digits_within(scan->text + start, end - start) >= 8) number_found(scan, start, end, CF_BY_PHONE, CF_R_PHONE);
}

/* "name" <4930123456> */
static void in_angles(cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    uint32_t from = before == '+' ? start - 1 : start;
    if (before != '<' && before != '+') return;
    cf_looks(scan);
    if (cf_at(scan, (int64_t)from - 1) != '<') return;
    if (cf_stands(scan, end, ">->", 3) || cf_at(scan, (int64_t)from - 2) == '"' ||
        (cf_at(scan, (int64_t)from - 2) == ' ' && cf_at(scan, (int64_t)from - 3) == '"'))
        number_found(scan, from, end, CF_BY_PHONE, CF_R_PHONE);
}

/* `… <4930901820417>->4930901820418 in context public`, `Executing [4930901820417@from-trunk:1]`: the number dialled. */
static void dialled(cf_scan *scan, uint32_t start, uint32_t end) {
    cf_looks(scan);
    if (cf_ends(scan, start, "Executing [", 11) || cf_ends(scan, start, " for [", 6) ||
        (cf_ends(scan, start, ">->", 3) && cf_stands(scan, end, " in context", 11)))
        number_found(scan, start, end, CF_BY_PHONE, CF_R_PHONE);
}

/* Whether `20260301-105533-1772359533` stands at a place: when a recording began. */
static bool recorded_at(const cf_scan *scan, uint32_t at) {
    return cf_stands(scan, at, "20", 2) && digits_at(scan, at, 9) == 8 && cf_at(scan, at + 8) == '-' && digits_at(scan, at + 9, 7) == 6 &&
           cf_at(scan, at + 15) == '-' && digits_at(scan, at + 16, 11) == 10;
}

/* `in-4930901820417-102-20260301-105533-1772359533.12.wav`: a party in the name of a recording; [start, end) is a number. */
static void recorded(cf_scan *scan, uint32_t start, uint32_t end) {
    cf_looks(scan);
    int64_t dash = (int64_t)start - 1 - (cf_at(scan, (int64_t)start - 1) == '+');
    if (cf_at(scan, dash) != '-' || (!cf_is_word(cf_at(scan, dash - 1)) && cf_at(scan, dash - 1) != '-')) return;
    if (!recorded_at(scan, end + 1)) {
        uint32_t other = end + 1 + (cf_at(scan, end + 1) == '+'), at = other;
        while (at - other < 21 && cf_is_word(cf_at(scan, at))) at++;
        if (at == other || at - other > 20 || cf_at(scan, at) != '-' || !recorded_at(scan, at + 1)) return;
    }
    number_found(scan, start, end, CF_BY_PHONE, CF_R_PHONE);
}

/* Where the part of a path begins that ends at a place; the place itself: none does. */
static uint32_t path_part(const cf_scan *scan, uint32_t end) {
    uint32_t start = end;
    while (start && end - start < 65 && cf_is_host_byte(scan->text[start - 1])) start--;
    return end - start < 65 ? start : end;
}

static bool part_is(const cf_scan *scan, uint32_t start, uint32_t end, const char *word) {
    uint32_t size = (uint32_t)strlen(word);
    return end - start == size && cf_stands(scan, start, word, size) && cf_at(scan, (int64_t)start - 1) != '/';
}

/* `DAHDI/g0/4930…`: the group [start, end), a slash before it. */
static bool channel_group(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t first = scan->text[start] | 32;
    if ((first != 'g' && first != 'r' && first != 'i') || end - start < 2 || end - start > 4) return false;
    return digits_at(scan, start + 1, 4) == end - start - 1;
}

/* The other party of a channel: `PJSIP/4930901820417@trunk`, `sofia/external/4930…@10.1.2.3`; the number [start, end). */
static void in_channel(cf_scan *scan, uint32_t start, uint32_t end) {
    static const char *const kinds[] = {"PJSIP", "SIP", "IAX2", "Local"};
    uint32_t from = cf_at(scan, (int64_t)start - 1) == '+' ? start - 1 : start;
    uint8_t next = cf_at(scan, end);
    cf_looks(scan);
    if (end < scan->size && !cf_is_space(next) && (!next || !strchr("@/,;\"'&)]-", next))) return;
    if (cf_at(scan, (int64_t)from - 1) != '/') return;
    uint32_t stop = from - 1, part = path_part(scan, stop);
    bool channel = false;
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) channel |= part_is(scan, part, stop, kinds[i]);
    if (!channel && part < stop && cf_at(scan, (int64_t)part - 1) == '/') {
        uint32_t inner = part - 1, owner = path_part(scan, inner);
        channel = part_is(scan, owner, inner, "sofia") || (part_is(scan, owner, inner, "DAHDI") && channel_group(scan, part, stop));
        if (!channel && owner < inner && cf_at(scan, (int64_t)owner - 1) == '/')
            channel = part_is(scan, path_part(scan, owner - 1), owner - 1, "sofia");
        if (!channel && cf_is_alpha(scan->text[part])) channel = part_is(scan, owner, inner, "SIP") || part_is(scan, owner, inner, "PJSIP");
    }
    if (channel) number_found(scan, from, end, CF_BY_PHONE, CF_R_PHONE);
}

/* /customers/4711882: the word [start, start + size) stands between slashes. */
static void in_path(cf_scan *scan, uint32_t start, uint32_t size) {
    static const struct {
        text_word_of word;
        bool number;
    } words[] = {{TEXT("customer"), false}, {TEXT("contact"), true}, {TEXT("caller"), true}, {TEXT("person"), false},
                 {TEXT("subscriber"), true}, {TEXT("account"), false}, {TEXT("member"), false}, {TEXT("patient"), false},
                 {TEXT("phone"), true}, {TEXT("number"), true}, {TEXT("msisdn"), true}, {TEXT("ani"), true}, {TEXT("client"), false},
                 {TEXT("user"), false}, {TEXT("party"), true}};
    const uint8_t *text = scan->text + start;
    for (unsigned i = 0; i < COUNT(words); i++) {
        uint32_t length = words[i].word.size, from = start + size + 1, at = from;
        if (text[0] != (uint8_t)*words[i].word.text || size < length || memcmp(text, words[i].word.text, length) != 0) continue;
        if (size > length && !(size == length + 1 && text[length] == 's') && !(size == length + 2 && !memcmp(text + length, "es", 2)))
            continue;
        cf_looks(scan);
        if (cf_at(scan, at) == '+') at++;
        else if (cf_stands_folded(scan, at, "%2b", 3)) at += 3;
        uint32_t run = digits_at(scan, at, 16);
        uint8_t next = cf_at(scan, at + run);
        if (run < 6 || run > 15 || (at + run < scan->size && !cf_is_space(next) && (!next || !strchr("/?#\"'&;,", next)))) return;
        if (i == 1 && at == from && scan->text[at] != '0' && run < 10) return; /* the id of a contact's record */
        cf_kind kind = words[i].number || at > from || scan->text[at] == '0' ? cf_shape_kind(scan->rules, CF_BY_PHONE) : CF_ID;
        cf_shape(scan, from, at + run, CF_BY_PHONE, kind, CF_R_PATH, CF_LEARN);
        return;
    }
}

/* ------ ids behind their words: passport no. C01X00T47 */

static inline bool id_byte(uint8_t c) { return cf_is_alnum(c) || c == '.' || c == '-'; }

/* Where an id ends that begins at a place, or 0: one chunk, and groups that hold digits or are one letter. */
static uint32_t id_end(const cf_scan *scan, uint32_t start) {
    uint32_t at = start, end;
    while (at - start < 12 && (id_byte(cf_at(scan, at)) || cf_at(scan, at) == ' ') && !cf_is_digit(scan->text[at])) at++;
    if (!cf_is_digit(cf_at(scan, at)) || !cf_is_alnum(cf_at(scan, start))) return 0;
    for (end = start + 1; end - start < 20 && id_byte(cf_at(scan, end));) end++;
    if (end - start < 2) return 0;
    uint32_t ends[6] = {end}, groups = 0;
    while (groups < 5 && cf_at(scan, ends[groups]) == ' ') {
        uint32_t from = ends[groups] + 1, size = 0;
        while (size < 7 && cf_is_alnum(cf_at(scan, from + size))) size++;
        if (!size || size > 6) break;
        bool numbered = cf_is_digit(cf_at(scan, from)) || (size > 1 && cf_is_digit(cf_at(scan, from + 1)));
        if (!numbered && (size > 1 || (uint8_t)(scan->text[from] - 'A') >= 26)) break;
        ends[++groups] = from + size;
    }
    for (;; groups--) {
        uint8_t next = cf_at(scan, ends[groups]);
        if (!cf_is_word(next) && next != '@' && next != ':' && next != '=' && next != '-') return ends[groups];
        if (!groups) break;
    }
    while (--end - start >= 2)
        if (scan->text[end] == '.') return end;
    return 0;
}

/* Four digits in a row, or digits in groups as ids are written. */
static bool id_written(const uint8_t *t, uint32_t size) {
    for (uint32_t i = 0, run = 0; i < size; i++) {
        run = cf_is_digit(t[i]) ? run + 1 : 0;
        if (run == 4) return true;
        if (i + 5 <= size && (uint8_t)(t[i] - 'A') < 26 && cf_is_digit(t[i + 1]) && cf_is_digit(t[i + 2]) &&
            (uint8_t)(t[i + 3] - 'A') < 26 && cf_is_digit(t[i + 4]))
            return true;
        if (!cf_is_digit(t[i])) continue;
        uint32_t at = i; /* 12 3 4: one or two digits, a blank, one or two, a blank, one */
        for (uint32_t part = 0; part < 3; part++) {
            if (at >= size || !cf_is_digit(t[at])) break;
            if (part == 2) return true;
            at += at + 1 < size && cf_is_digit(t[at + 1]) ? 2 : 1;
            if (at >= size || t[at++] != ' ') break;
        }
    }
    return false;
}

/* The id behind the words before it, which end at a place; false when there is none. */
static bool id_from(cf_scan *scan, uint32_t at) {
    uint32_t lower = 0, upper = 0;
    if (cf_at(scan, at) == ' ' && (cf_at(scan, at + 1) == ' ' || cf_at(scan, at + 1) == ':' || cf_at(scan, at + 1) == '#')) at++;
    if (cf_at(scan, at) == ':' || cf_at(scan, at) == '#') at++;
    if (cf_at(scan, at++) != ' ') return false;
    if (cf_at(scan, at) == '\'' || cf_at(scan, at) == '"') at++;
    uint32_t stop = id_end(scan, at);
    if (!stop) return false;
    scan->met[NUMBER_ID] = stop;
    for (uint32_t j = at; j < stop; j++) {
        lower += (uint8_t)(scan->text[j] - 'a') < 26;
        upper += (uint8_t)(scan->text[j] - 'A') < 26;
    }
    if (digits_within(scan->text + at, stop - at) >= 5 && (!lower || upper) && id_written(scan->text + at, stop - at))
        cf_shape(scan, at, stop, CF_BY_NATIONAL_ID, cf_shape_kind(scan->rules, CF_BY_NATIONAL_ID), CF_R_ID_IN_WORDS, CF_LEARN);
    return true;
}

/* The id behind its word, which ends at a place; false when there is none. */
static bool id_behind(cf_scan *scan, uint32_t end) {
    static const char *const links[] = {" number", " no.", " no", " nr.", " nr", " num.", " num", " id", ""};
    static const char *const verbs[] = {" is", " ist", " es", " est", " lautet", " \xc3\xa8", " \xc3\xa9", " \xc3\xa4r", " to", " er", ""};
    for (unsigned i = 0; i < COUNT(links); i++) {
        uint32_t link = (uint32_t)strlen(links[i]);
        if (link && !cf_stands_folded(scan, end, links[i], link)) continue;
        for (unsigned j = 0; j < COUNT(verbs); j++) {
            uint32_t verb = (uint32_t)strlen(verbs[j]);
            if (verb && !cf_stands_folded(scan, end + link, verbs[j], verb)) continue;
            if (id_from(scan, end + link + verb)) return true;
        }
    }
    return false;
}

/* Behind a year, or 0. */
static uint32_t birth_year(const cf_scan *scan, uint32_t at) {
    return (cf_stands(scan, at, "19", 2) || cf_stands(scan, at, "20", 2)) && digits_at(scan, at, 4) == 4 ? at + 4 : 0;
}

/* Behind the ending of an ordinal number that stands at a place, or the place. */
static uint32_t birth_ordinal(const cf_scan *scan, uint32_t at) {
    static const char *const endings[] = {"st", "nd", "rd", "th"};
    for (unsigned i = 0; i < COUNT(endings); i++)
        if (cf_stands_folded(scan, at, endings[i], 2)) return at + 2;
    return at;
}

/* Where `3 March 1979`, `3. März 1979`, `14 de mayo de 1985` or `March 3, 1979` ends, or 0. */
static uint32_t birth_named(const cf_scan *scan, uint32_t start) {
    uint32_t at = start, run = digits_at(scan, at, 3), from;
    if (run) {
        if (run > 2) return 0;
        at += run;
        from = birth_ordinal(scan, at);
        at = from > at ? from : at + (cf_at(scan, at) == '.');
        if (cf_at(scan, at++) != ' ') return 0;
        if (cf_stands_folded(scan, at, "of ", 3) || cf_stands_folded(scan, at, "de ", 3)) at += 3;
        for (from = at; cf_is_alpha(cf_at(scan, at)) || cf_at(scan, at) >= 0x80;) at++;
        if (at - from < 3 || at - from > 12) return 0;
        at += cf_at(scan, at) == ',';
        if (cf_at(scan, at++) != ' ') return 0;
        if (cf_stands_folded(scan, at, "de ", 3)) at += 3;
        return birth_year(scan, at);
    }
    while (cf_is_alpha(cf_at(scan, at))) at++;
    if (at - start < 3 || at - start > 12 || cf_at(scan, at++) != ' ') return 0;
    run = digits_at(scan, at, 3);
    if (!run || run > 2) return 0;
    at = birth_ordinal(scan, at + run);
    at += cf_at(scan, at) == ',';
    return cf_at(scan, at) == ' ' ? birth_year(scan, at + 1) : 0;
}

/* `DOB 1984-02-29`, `born on 29.2.1984`: the word [start, start + size) stands before a blank. */
static void birth_word(cf_scan *scan, uint32_t start, uint32_t size) {
    static const struct {
        text_word_of word, behind;
        bool must;
    } words[] = {{TEXT("dob"), TEXT(""), false}, {TEXT("birth"), TEXT(""), false}, {TEXT("born"), TEXT("on "), false},
                 {TEXT("geboren"), TEXT("am "), false}, {TEXT("geboren"), TEXT("op "), false}, {TEXT("nacido"), TEXT("el "), true},
                 {TEXT("nacida"), TEXT("el "), true}, {TEXT("nato"), TEXT("il "), true}, {TEXT("nata"), TEXT("il "), true},
                 {TEXT("geburtsdatum"), TEXT(""), false}, {TEXT("birthday"), TEXT(""), false},
                 {TEXT("geb"), TEXT(" am "), true}, {TEXT("geb"), TEXT(" "), true}, {TEXT("ur"), TEXT(" "), true}};
    uint32_t at = start + size + 1, end = 0, link = 0;
    bool said = false;
    for (unsigned i = 0; i < COUNT(words) && !link; i++) {
        if (size != words[i].word.size || !cf_stands_folded(scan, start, words[i].word.text, size)) continue;
        cf_looks(scan);
        link = cf_stands_folded(scan, at, words[i].behind.text, words[i].behind.size) ? words[i].behind.size : 0;
        said = said || link || !words[i].must;
    }
    if (!said) return;
    at += link;
    if (cf_stands_folded(scan, at, "is ", 3)) at += 3;
    else if (cf_stands_folded(scan, at, "ist ", 4)) at += 4;
    if (digits_at(scan, at, 4) == 4 && cf_at(scan, at + 4) == '-' && digits_at(scan, at + 5, 2) == 2 && cf_at(scan, at + 7) == '-' &&
        digits_at(scan, at + 8, 2) == 2) {
        end = at + 10;
    } else {
        uint32_t part = at;
        for (unsigned i = 0; i < 2; i++) {
            uint32_t run = digits_at(scan, part, 3);
            uint8_t mark = cf_at(scan, part + run);
            if (!run || run > 2 || (mark != '.' && mark != '/' && mark != '-')) break;
            part += run + 1;
            if (i) end = birth_year(scan, part);
        }
    }
    if (!end) end = birth_named(scan, at);
    if (end && !cf_is_word(cf_at(scan, end)))
        cf_shape(scan, at, end, CF_BY_NATIONAL_ID, CF_BIRTH, CF_R_ID_IN_WORDS, 0);
}

static void id_word(cf_scan *scan, uint32_t start, uint32_t size) {
    static const text_word_of words[] = { /* by their first letter; of one letter in the order they are looked for */
        TEXT("account"), TEXT("aadhaar"), TEXT("access code"), TEXT("bsn"), TEXT("cpf"), TEXT("codice fiscale"), TEXT("contract"),
        TEXT("customer"), TEXT("contractnummer"), TEXT("contrato"), TEXT("contratto"), TEXT("contrat"), TEXT("codice cliente"),
        TEXT("driver license"), TEXT("driver licence"), TEXT("drivers license"), TEXT("drivers licence"), TEXT("driver's license"),
        TEXT("driver's licence"), TEXT("driver' license"), TEXT("driver' licence"), TEXT("dni"), TEXT("employee"), TEXT("id card"),
        TEXT("identity card"), TEXT("ihr pin"), TEXT("ihr tan"), TEXT("ihr otp"), TEXT("ihr code"), TEXT("iccid"), TEXT("imei"),
        TEXT("imsi"), TEXT("kundennummer"), TEXT("kontonummer"), TEXT("kundennr."), TEXT("kundennr"), TEXT("kontonr."), TEXT("kontonr"),
        TEXT("klantnummer"), TEXT("login code"), TEXT("membership"), TEXT("nino"), TEXT("national insurance"), TEXT("nif"), TEXT("nie"),
        TEXT("numer klienta"), TEXT("numero cliente"), TEXT("numero client"), TEXT("numero de cliente"), TEXT("otp code"), TEXT("otp"),
        TEXT("one-time code"), TEXT("one-time passcode"), TEXT("one-time password"), TEXT("one time code"), TEXT("one time passcode"),
        TEXT("one time password"), TEXT("passport"), TEXT("personalausweis"), TEXT("pesel"), TEXT("personnummer"), TEXT("policy"),
        TEXT("polisnummer"), TEXT("polizza"), TEXT("poliza"), TEXT("polisa"), TEXT("reisepass"), TEXT("ssn"), TEXT("social security"),
        TEXT("sin"), TEXT("steuer-id"), TEXT("steuerid"), TEXT("securite sociale"), TEXT("security code"), TEXT("tax id"), TEXT("tax"),
        TEXT("tc kimlik no"), TEXT("tc kimlik numaram"), TEXT("tc kimlik numaras\xc4\xb1"), TEXT("tc kimlik"), TEXT("umowa"),
        TEXT("verification code"), TEXT("vertragsnummer"), TEXT("vertragsnr."), TEXT("vertragsnr"), TEXT("votre pin"), TEXT("votre tan"),
        TEXT("votre otp"), TEXT("votre code"), TEXT("your pin"), TEXT("your tan"), TEXT("your otp"), TEXT("your code")};
    static const uint8_t begin[26] = {['a' - 'a'] = 0, ['b' - 'a'] = 3, ['c' - 'a'] = 4, ['d' - 'a'] = 13, ['e' - 'a'] = 22,
                                      ['i' - 'a'] = 23, ['k' - 'a'] = 32, ['l' - 'a'] = 39, ['m' - 'a'] = 40, ['n' - 'a'] = 41,
                                      ['o' - 'a'] = 49, ['p' - 'a'] = 57, ['r' - 'a'] = 66, ['s' - 'a'] = 67, ['t' - 'a'] = 74,
                                      ['u' - 'a'] = 80, ['v' - 'a'] = 81, ['y' - 'a'] = 89};
    if (size < 13 && cf_at(scan, start + size) == ' ') birth_word(scan, start, size);
    uint8_t first = cf_lower(scan->text[start]), second = cf_lower(cf_at(scan, start + 1));
    for (unsigned i = begin[first - 'a']; i < COUNT(words) && (uint8_t)words[i].text[0] == first; i++) {
        uint32_t beside = words[i].size < size + 2 ? words[i].size : size + 2;
        if ((uint8_t)words[i].text[1] != second || !cf_stands_folded(scan, start, words[i].text, beside)) continue;
        cf_looks(scan);
        if (start < scan->met[NUMBER_ID]) return;
        if (cf_stands_folded(scan, start, words[i].text, words[i].size) && id_behind(scan, start + words[i].size)) return;
    }
}
#undef MARK

/* `(7021 -> 4930901820417)`: one of two numbers with an arrow between them. */
static void between(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t number = start - (start && scan->text[start - 1] == '+'), other, stop;
    cf_looks(scan);
    if (scan->text[end] == ')') {
        if (!cf_ends(scan, number, " -> ", 4)) return;
        for (stop = other = number - 4; other && stop - other < 16 && cf_is_digit(scan->text[other - 1]);) other--;
        if (stop - other < 3 || stop - other > 15) return;
        other -= other && scan->text[other - 1] == '+';
        if (!other || scan->text[other - 1] != '(') return;
    } else {
        if (!number || scan->text[number - 1] != '(' || !cf_stands(scan, end, " -> ", 4)) return;
        other = end + 4 + (cf_at(scan, end + 4) == '+');
        stop = other + digits_at(scan, other, 16);
        if (stop - other < 3 || stop - other > 15 || cf_at(scan, stop) != ')') return;
    }
    if (number < start || !time_like(scan->text + start, end - start)) number_found(scan, number, end, CF_BY_PHONE, CF_R_PHONE);
}

/* `+4930901820417 -> 14155550143`: the other one is a number, too; the word [start, end) begins or ends beside an arrow. */
static void arrowed(cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t before = cf_at(scan, (int64_t)start - 1), next = cf_at(scan, end);
    cf_looks(scan);
    if (end - start < 10 || (scan->text[start] == '0' && (scan->text[start + 1] == '0' || end - start < 11))) return;
    if (cf_ends(scan, start, " -> ", 4)) {
        uint32_t stop = start - 4, other = stop, least;
        while (other && stop - other < 17 && cf_is_digit(scan->text[other - 1])) other--;
        bool plus = other && scan->text[other - 1] == '+';
        if (!plus && !cf_stands(scan, other, "00", 2)) return;
        least = plus ? 0 : 2;
        if (stop - other < 7 + least || stop - other > 14 + least) return;
        before = cf_at(scan, (int64_t)other - 1 - plus);
        if ((cf_is_word(before) && !escape_ended(scan, other - plus)) || one_of(before, number_nanp_glued) || next == '.' || next == ':' ||
            next == '/' || next == '=' || next == '-')
            return;
    } else {
        uint32_t other = end + 4, run;
        if (!cf_stands(scan, end, " -> ", 4) || one_of(before, number_nanp_glued)) return;
        bool plus = cf_at(scan, other) == '+';
        if (!plus && !cf_stands(scan, other, "00", 2)) return;
        other += plus ? 1 : 2;
        run = digits_at(scan, other, 16);
        if (run < 7 || run > 14 || cf_is_word(cf_at(scan, other + run))) return;
    }
    number_found(scan, start, end, CF_BY_PHONE, CF_R_PHONE);
}
