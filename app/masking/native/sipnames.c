/* Names before addresses, in headers of SIP and wherever else `<sip:…>` stands; sip.c has the addresses. */
#include "shapes.h"

#include <string.h>

/* Whether the one letter of a compact header ends at a place; not the last one of a word. */
static bool sip_short_header(const cf_scan *scan, uint32_t least, uint32_t end) {
    if (end - 1 == least) return true;
    uint8_t before = scan->text[end - 2];
    if (!cf_is_word(before) && before != '.' && before != '-') return true;
    return (before == 'n' || before == 'r') && end - 2 > least && scan->text[end - 3] == '\\';
}

/* Whether `To` or `Cc` at a place is a word by itself, or one in a name (`replyTo`); `0002aE3CC: Customer …` is an id. */
static bool sip_word_header(const cf_scan *scan, uint32_t least, uint32_t start) {
    uint8_t first = scan->text[start], before = start > least ? scan->text[start - 1] : ' ';
    if ((uint8_t)(before - 'a') < 26 && (cf_stands(scan, start, "To", 2) || cf_stands(scan, start, "Cc", 2))) return true;
    if ((first | 32) == 'c' && (before | 32) == 'b') before = --start > least ? scan->text[start - 1] : ' ';
    return !cf_is_alnum(before) || ((before == 'n' || before == 'r') && start - 1 > least && scan->text[start - 2] == '\\');
}

/* Whether a header whose body may begin with a name ends at a place. */
static bool sip_name_header(const cf_scan *scan, uint32_t least, uint32_t end) {
    static const char *const names[] = {"to", "cc", "from", "sender", "contact", "p-asserted-identity", "p-preferred-identity",
                                        "p-called-party-id", "remote-party-id", "diversion", "history-info", "referred-by", "route"};
    while (end > least && cf_is_space(scan->text[end - 1])) end--;
    if (end == least) return false;
    switch (cf_lower(scan->text[end - 1])) {
    case 'f': case 'm': case 't': case 'r': case 'b': if (sip_short_header(scan, least, end)) return true; break;
    case 'o': case 'c': case 'y': case 'd': case 'n': case 'e': break;
    default: return false;
    }
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t size = (uint32_t)strlen(names[i]);
        if (end - least >= size && cf_stands_folded(scan, end - size, names[i], size) && (i > 1 || sip_word_header(scan, least, end - size)))
            return true;
    }
    return false;
}

static void sip_name(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t from = start, to = end;
    while (from < to && cf_is_space(scan->text[from])) from++;
    while (to > from && cf_is_space(scan->text[to - 1])) to--;
    static const char *const words[] = {"from", "to", "for", "by", "via", "and", "or", "cc", "destination", "origination", "target",
                                        "source", "dest", "contact", "aor", "uri", "route"}; /* of a sentence before an address */
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (to - from == strlen(words[i]) && cf_stands_folded(scan, from, words[i], to - from)) return;
    /* Then it may have any sign; a blank stands between two other texts: "key" [str] = "<…" */
    bool quoted = cf_at(scan, (int64_t)start - 1) == '"' && !cf_is_space(cf_at(scan, start));
    if (from == to || ((memchr(",;:=)", scan->text[from], 5) || (!quoted && memchr(scan->text + from, '=', to - from))) &&
                       !cf_stands(scan, from, "=?", 2)))
        return;
    if (cf_allowed_value(scan->rules, scan->text + from, to - from) || sip_stays(scan, from, to)) return;
    cf_shape(scan, start, end, CF_BY_DISPLAY_NAME, cf_shape_kind(scan->rules, CF_BY_DISPLAY_NAME), CF_R_DISPLAY_NAME,
             CF_LEARN | CF_TOUCHING);
}

static inline bool sip_line_end(uint8_t c) { return c == '\n' || c == '\r'; }

/* Where bytes of a name without quotes begin and end between two places, line ends of folded headers are blanks; false: they
 * are none. */
static bool sip_bare_part(const cf_scan *scan, uint32_t *start, uint32_t *end) {
    const uint8_t *text = scan->text;
    uint32_t from = *start, to = *end;
    while (from < to && cf_is_space(text[from])) from++;
    while (to > from && cf_is_space(text[to - 1])) to--;
    *start = from;
    *end = to;
    if (from == to || to - from > 128 || !(cf_is_alnum(text[from]) || text[from] >= 0x80)) return false;
    for (uint32_t i = from; i < to; i++) {
        uint8_t c = text[i];
        if (!cf_is_word(c) && c < 0x80 && c != ' ' && c != '.' && c != '\'' && c != '-' && !sip_line_end(c)) return false;
    }
    return true;
}

/* `From: O'Hara, Mary <sip:…>`: a name with a comma at a place, which nobody quoted, behind its header; where it begins, or
 * its end. */
static uint32_t sip_family_first(const cf_scan *scan, uint32_t least, uint32_t comma, uint32_t end) {
    uint32_t sign = comma, start, stop = comma;
    while (sign > least && scan->text[sign - 1] != ':' && scan->text[sign - 1] != ',') sign--;
    if (sign == least || scan->text[sign - 1] == ',') return end;
    start = sign--;
    if (!sip_bare_part(scan, &start, &stop) || !sip_name_header(scan, sign < 24 || sign - 24 < least ? least : sign - 24, sign)) return end;
    return start;
}

/* A name without quotes between the header's colon, or the comma behind another address, and `end`; line ends of folded
 * headers are blanks. False: there is none. */
static bool sip_bare_name(cf_scan *scan, uint32_t least, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t from = sixteen_behind_last(text, least, end, ':', ','), to = end;
    int64_t cut = (int64_t)from - 1;
    if (from == least || !sip_bare_part(scan, &from, &to)) return false;
    if (text[cut] == ',') {
        int64_t back = cut - 1;
        while (back >= (int64_t)least && cf_is_space(text[back])) back--;
        if (back < (int64_t)least || text[back] != '>') {
            from = sip_family_first(scan, least, (uint32_t)cut, to);
            if (from == to) return false;
        }
    } else if (!sip_name_header(scan, cut < 24 || (uint32_t)cut - 24 < least ? least : (uint32_t)cut - 24, (uint32_t)cut)) {
        return false;
    }
    sip_name(scan, end - (to - from), end);
    return true;
}

static inline bool sip_capital(uint8_t c) { return (uint8_t)(c - 'A') < 26 || c >= 0x80; }
static inline bool sip_name_byte(uint8_t c) { return cf_is_alpha(c) || c >= 0x80 || c == '\'' || c == '.' || c == '-'; }

/* A full name of two to four capital words that begins a value and ends at `end`: from="Mary O'Hara <sip:…> */
static void sip_capital_name(cf_scan *scan, uint32_t least, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t start = end, words = 0, particles = 0;
    while (start > least && (sip_name_byte(text[start - 1]) || text[start - 1] == ' ')) start--;
    bool dialplan = cf_stands(scan, start, " Processing ", 12) && start > least && cf_is_digit(text[start - 1]);
    if (dialplan) start += 12;
    else if (start == least || start == end || !text[start - 1] || !strchr("\"=([{|", text[start - 1])) return;
    for (uint32_t at = start; at <= end; words++) {
        uint32_t word = at;
        while (at < end && text[at] != ' ') at++;
        if (words && at < end && at > word && name_particle(scan, word, at) == at - word && ++particles < 3) {
            at++, words--;
            continue;
        }
        if (at == word || at - word > 41 || !sip_capital(text[word])) return;
        particles = 0;
        if (at++ == end) break;
    }
    if (words >= 1 && words <= 3) sip_name(scan, start, end);
}

/* A name in quotes that end before `end`. */
static void sip_quoted_name(cf_scan *scan, uint32_t least, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t stop = end - 1;
    bool escaped = stop > least && text[stop - 1] == '\\'; /* \"name\" inside a JSON string */
    if (escaped) stop--;
    if (!escaped && stop > least && text[stop - 1] == '"') { /* ""name"" inside of a cell */
        for (uint32_t i = --stop; i >= least + 2; i--)
            if (text[i - 1] == '"' && text[i - 2] == '"') return sip_name(scan, i, stop);
        return;
    }
    for (uint32_t i = stop; i-- > least;) {
        if (text[i] != '"') continue;
        bool behind = i > least && text[i - 1] == '\\';
        if (escaped ? behind : !behind) {
            sip_name(scan, i + 1, stop);
            return;
        }
    }
}

/* Where the line begins that ends at a place; of a folded header it is the first of at most three. */
static uint32_t sip_unfolded(const cf_scan *scan, uint32_t least, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t start = end;
    for (unsigned line = 0; line < 3; line++) {
        start = sixteen_behind_last(text, least, start, '\n', '\r');
        if (start == least || start == end || !cf_is_blank(text[start])) return start;
        start -= start >= least + 2 && text[start - 1] == '\n' && text[start - 2] == '\r' ? 2 : 1;
    }
    return sixteen_behind_last(text, least, end, '\n', '\r');
}

/* Whether `<` at a place begins an address that may have a name in front: <sip:…>, <tel:…>, <mary@example.org>, <4930…>. */
static bool sip_endpoint(const cf_scan *scan, uint32_t at) {
    uint32_t from = at + 1, end = from, digest;
    while (end - from < 65 && (cf_is_host_byte(cf_at(scan, end)) || cf_at(scan, end) == '+')) end++;
    uint32_t size = end - from;
    if (cf_at(scan, end) == ':') {
        for (digest = end + 1; digest - end < 18 && (cf_is_digit(cf_at(scan, digest)) || (uint8_t)(cf_at(scan, digest) - 'a') < 6);)
            digest++;
        if ((size == 3 && (cf_stands(scan, from, "sip", 3) || cf_stands(scan, from, "SIP", 3) || cf_stands(scan, from, "tel", 3) ||
                           cf_stands(scan, from, "TEL", 3))) ||
            (size == 4 && (cf_stands(scan, from, "sips", 4) || cf_stands(scan, from, "SIPS", 4))))
            return digest != end + 17 || cf_at(scan, digest) != '>'; /* else a token of kind TEL */
        if (size != 6 || !cf_stands(scan, from, "mailto", 6)) return false;
        from = ++end;
        while (end - from < 65 && (cf_is_host_byte(cf_at(scan, end)) || cf_at(scan, end) == '+')) end++;
        size = end - from;
    }
    if (cf_at(scan, end) == '>' && size <= 16) { /* a number */
        uint32_t digits = from + (cf_at(scan, from) == '+'), first = digits;
        while (digits < end && cf_is_digit(scan->text[digits])) digits++;
        return digits == end && end - first >= 7 && end - first <= 15 && scan->text[from - 1] == '<';
    }
    if (!size || size > 64 || cf_at(scan, end) != '@') return false;
    for (from = ++end; end - from < 64 && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '-');) end++;
    return end > from && end - from < 64 && cf_at(scan, end) == '.';
}

static bool sip_encoded_words(cf_scan *scan, uint32_t least, uint32_t end); /* displays.c */

/* The name in front of `<sip:…>` and other addresses. */
static void sip_display_name(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    if (!sip_endpoint(scan, at)) return;
    uint32_t least = at > 520 ? at - 520 : 0, end = at;
    while (end > least && cf_is_blank(text[end - 1])) end--;
    if (end == least || sip_line_end(text[end - 1])) cf_crosses(scan);
    if (end < at && end > least && sip_line_end(text[end - 1]))
        while (end > least && (cf_is_blank(text[end - 1]) || sip_line_end(text[end - 1]))) end--;
    uint32_t start = sip_unfolded(scan, least, end);
    if (start == least || cf_is_blank(text[start]) || memchr(text + start, '\n', end - start)) cf_crosses(scan);
    if (end > start && text[end - 1] == '"') sip_quoted_name(scan, start, end);
    else if (!sip_encoded_words(scan, start, end) && !sip_bare_name(scan, start, end)) sip_capital_name(scan, start, end);
}
