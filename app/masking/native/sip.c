/* Personal values in SIP and SDP, and digits a caller pressed: the places that app/masking/sip.py finds. */
#include "shapes.h"
#include "sixteen.h"

#include <string.h>

static inline bool sip_hex(uint8_t c) { return cf_is_digit(c) || (uint8_t)((c | 32) - 'a') < 6; }

/* Where the host name or the address in brackets ends that stands at a place; the place itself: none does. */
static uint32_t sip_host_end(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    if (cf_at(scan, at) == '[') {
        for (end = at + 1; end - at <= 45 && (sip_hex(cf_at(scan, end)) || cf_at(scan, end) == ':' ||
                                              cf_at(scan, end) == '.');)
            end++;
        return end - at > 2 && cf_at(scan, end) == ']' ? end + 1 : at;
    }
    if (!cf_is_alnum(cf_at(scan, at))) return at;
    while (end - at < 253 && cf_is_host_byte(cf_at(scan, end))) end++;
    while (!cf_is_alnum(scan->text[end - 1])) end--;
    return end;
}

static void sip_host(cf_scan *scan, uint32_t start, uint32_t end, unsigned rule) {
    if (scan->text[start] == '[') start++, end--;
    const uint8_t *host = scan->text + start;
    uint32_t size = end - start, dots = 0, digits = 0, colons = 0;
    for (uint32_t i = 0; i < size; i++) {
        dots += host[i] == '.';
        colons += host[i] == ':';
        digits += cf_is_digit(host[i]);
    }
    cf_detector detector = rule == CF_R_SIP_HOST ? CF_BY_SIP_URI : CF_BY_SIP_HOST;
    if (colons || (digits && digits + dots == size)) {
        if (cf_is_address(scan->rules, host, size))
            cf_shape(scan, start, end, detector, CF_IP, rule, CF_TOUCHING);
    } else if (!cf_allowed_host(scan->rules, host, size)) {
        cf_shape(scan, start, end, detector, CF_HOST, rule, CF_TOUCHING | (dots ? CF_LEARN : 0));
    }
}

static bool sip_phone_user(const cf_scan *scan, uint32_t start, uint32_t end) {
    if (cf_at(scan, start) == '+') start++;
    else if (cf_stands_folded(scan, start, "%2b", 3)) start += 3;
    if (end < start + 3 || end > start + 32) return false;
    for (; start < end; start++) {
        uint8_t c = scan->text[start];
        if (!cf_is_digit(c) && c != '(' && c != ')' && c != '*' && c != '#' && c != '.' && c != '-') return false;
    }
    return true;
}

/* The id of a dialogue, and no person's log-in or number. */
static bool sip_dialogue(const uint8_t *text, uint32_t size) {
    bool digit = false, letter = false, sign = false;
    if (size < 8 || size > 64) return false;
    for (uint32_t at = 0; at < size; at++) {
        if (cf_is_digit(text[at])) digit = true;
        else if (text[at] == '-') sign = true;
        else if (text[at] >= 'a' && text[at] <= 'f') letter = true;
        else return false;
    }
    return digit && letter && (!sign || size == 36);
}

static bool sip_stays(const cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *user = scan->text + start;
    if (cf_allowed_user(scan->rules, user, end - start) || cf_internal_number(scan->rules, user, end - start)) return true;
    const uint8_t *sign = end > start ? memchr(user, '=', end - start) : NULL;
    if (!sign || !sip_dialogue(sign + 1, (uint32_t)(scan->text + end - sign) - 1)) return false;
    return cf_allowed_user(scan->rules, user, (uint32_t)(sign - user)); /* msml=, conf= with the id of a dialogue */
}

static void sip_user(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t cut = start;
    for (; cut < end; cut++) {
        uint8_t c = scan->text[cut];
        if (c == ';' || c == ':' || c == '?') break;
        if (c == '%' && cut + 3 <= end && scan->text[cut + 1] == '3' && (uint8_t)((scan->text[cut + 2] | 32) - 'a') < 2)
            break;
    }
    if (cut < end && scan->text[cut] == ':' && !cf_allowed_user(scan->rules, scan->text + start, cut - start))
        cf_shape(scan, cut + 1, end, CF_BY_SIP_URI, CF_SECRET, CF_R_SIP_USER, CF_TOUCHING);
    if (cut == start || sip_stays(scan, start, cut)) return;
    bool phone = sip_phone_user(scan, start, cut);
    cf_shape(scan, start, cut, CF_BY_SIP_URI, phone ? CF_TEL : CF_USER, CF_R_SIP_USER,
             CF_TOUCHING | (phone ? CF_LEARN : 0));
}

/* The bytes that end the user of a URI, and '%', which may be that of an encoded `@`. */
static const uint8_t sip_user_stops[256] = {['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1, ['\r'] = 1, [' '] = 1, ['"'] = 1, ['%'] = 1,
                                            ['\''] = 1, ['<'] = 1, ['>'] = 1, ['@'] = 1, ['\\'] = 1, ['|'] = 1};

/* `<sip:header name=…>`: an element of XML with the name space `sip`. */
static bool sip_element(const cf_scan *scan, uint32_t start, uint32_t host, uint32_t end) {
    uint8_t before = cf_at(scan, (int64_t)start - 1), behind = cf_at(scan, end);
    uint32_t digits = 0;
    if ((before != '<' && before != '/') || (behind != ' ' && behind != '>')) return false;
    if (memchr(scan->text + host, '.', end - host)) return false;
    for (uint32_t i = host; i < end; i++) digits += cf_is_digit(scan->text[i]);
    return digits < end - host;
}

/* `sip:` or `sip%3A`: the scheme ends at `at`, what follows begins at `behind`. */
static void sip_uri(cf_scan *scan, uint32_t at, uint32_t behind) {
    uint32_t start;
    unsigned slot = CF_MET_URI;
    if (cf_ends(scan, at, "sip", 3)) start = at - 3;
    else if (cf_ends(scan, at, "sips", 4)) start = at - 4;
    else if (cf_ends(scan, at, "SIP", 3)) start = at - 3, slot = CF_MET_URI_UPPER;
    else if (cf_ends(scan, at, "SIPS", 4)) start = at - 4, slot = CF_MET_URI_UPPER;
    else return;
    cf_looks(scan);
    if (start < scan->met[slot]) return;
    uint32_t host = behind;
    bool user = false;
    for (uint32_t i = behind; i < scan->size && i - behind <= 256; i++) {
        uint8_t c = scan->text[i];
        if (!sip_user_stops[c]) continue;
        if (i > behind && (c == '@' || (c == '%' && cf_stands(scan, i, "%40", 3)))) {
            sip_user(scan, behind, i);
            host = i + (c == '@' ? 1 : 3);
            user = true;
            break;
        }
        if (c != '%') break;
    }
    uint32_t end = sip_host_end(scan, host);
    scan->met[slot] = end;
    if (end > host && (user || !(sip_element(scan, start, host, end) || cf_hidden_password(scan, end)))) sip_host(scan, host, end, CF_R_SIP_HOST);
}

/* Whether `%` and two capital digits of hex stand at a place. */
static bool sip_escape(const cf_scan *scan, uint32_t at) {
    for (uint32_t i = at + 1; i < at + 3; i++)
        if (!cf_is_digit(cf_at(scan, i)) && (uint8_t)(cf_at(scan, i) - 'A') >= 6) return false;
    return cf_at(scan, at) == '%';
}

static void sip_tel(cf_scan *scan, uint32_t at, uint32_t behind) {
    if (!cf_ends(scan, at, "tel", 3) && !cf_ends(scan, at, "TEL", 3) && !cf_ends(scan, at, "Tel", 3)) return;
    cf_looks(scan);
    if (cf_is_alpha(cf_at(scan, (int64_t)at - 4))) return;
    uint32_t digits = behind;
    if (cf_at(scan, digits) == '+') digits++;
    else if (cf_stands_folded(scan, digits, "%2b", 3)) digits += 3;
    uint32_t end = digits;
    while (end - digits < 32) {
        uint8_t c = cf_at(scan, end);
        if (!sip_hex(c) && c != '(' && c != ')' && c != '*' && c != '#' && c != '.' && c != '-') break;
        end++;
    }
    while (end > digits && (scan->text[end - 1] == '.' || scan->text[end - 1] == '-' || scan->text[end - 1] == '(')) end--;
    if (end - digits >= 2 && !sip_stays(scan, behind, end))
        cf_shape(scan, behind, end, CF_BY_SIP_URI, CF_TEL, CF_R_TEL_URI, CF_LEARN | CF_TOUCHING);
}

static void sip_name(cf_scan *scan, uint32_t start, uint32_t end);

/* `%22Mary%20Lee%22%20%3Csip%3A…`: the name before the encoded colon at a place. */
static void sip_encoded_name(cf_scan *scan, uint32_t at) {
    uint32_t scheme = cf_ends(scan, at, "sip", 3) || cf_ends(scan, at, "SIP", 3) ? 3 : cf_ends(scan, at, "sips", 4) || cf_ends(scan, at, "SIPS", 4) ? 4 : 0;
    uint32_t end = at - scheme, start, signs = 0;
    if (!scheme || (!cf_ends(scan, end, "%3C", 3) && !cf_ends(scan, end, "%3c", 3))) return;
    end -= 3;
    if (cf_ends(scan, end, "%20", 3)) end -= 3;
    else if (cf_at(scan, (int64_t)end - 1) == '+') end--;
    if (!cf_ends(scan, end, "%22", 3)) return;
    for (end -= 3, start = end; start && !cf_ends(scan, start, "%22", 3); signs++) {
        uint8_t c = scan->text[start - 1];
        if (start > 2 && scan->text[start - 3] == '%' && sip_escape(scan, start - 3)) start -= 3;
        else if (cf_is_word(c) || c >= 0x80 || c == '.' || c == '\'' || c == '+' || c == '-') start--;
        else return;
        if (signs == 128) return;
    }
    if (start && start < end) sip_name(scan, start, end);
}

/* The same with an encoded colon. */
static void sip_encoded(cf_scan *scan, uint32_t at) {
    switch (cf_at(scan, (int64_t)at - 1)) {
    case 'p': case 's': case 'P': case 'S':
        sip_encoded_name(scan, at);
        sip_uri(scan, at, at + 3);
        break;
    case 'l': case 'L': sip_tel(scan, at, at + 3); break;
    }
}

/* Whether the one letter of a compact header ends at a place; not the last one of a word. */
static bool sip_short_header(const cf_scan *scan, uint32_t least, uint32_t end) {
    if (end - 1 == least) return true;
    uint8_t before = scan->text[end - 2];
    if (!cf_is_word(before) && before != '.' && before != '-') return true;
    return (before == 'n' || before == 'r') && end - 2 > least && scan->text[end - 3] == '\\';
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
        if (end - least >= size && cf_stands_folded(scan, end - size, names[i], size)) return true;
    }
    return false;
}

static void sip_name(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t from = start, to = end;
    while (from < to && cf_is_space(scan->text[from])) from++;
    while (to > from && cf_is_space(scan->text[to - 1])) to--;
    static const char *const words[] = {"from", "to", "for", "by", "via", "and", "or", "cc", "destination", "origination", "target", "source", "dest", "contact", "aor", "uri", "route"}; /* of a sentence before an address */
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (to - from == strlen(words[i]) && cf_stands_folded(scan, from, words[i], to - from)) return;
    /* Then it may have any sign; a blank stands between two other texts: "key" [str] = "<…" */
    bool quoted = cf_at(scan, (int64_t)start - 1) == '"' && !cf_is_space(cf_at(scan, start));
    if (from == to || ((memchr(",;:=)", scan->text[from], 5) || (!quoted && memchr(scan->text + from, '=', to - from))) && !cf_stands(scan, from, "=?", 2))) return;
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

static void sip_via(cf_scan *scan, uint32_t at) {
    if (!cf_stands(scan, (int64_t)at - 3, "SIP/2.0/", 8) || at - 3 < scan->met[CF_MET_VIA]) return;
    uint32_t end = at + 5;
    while (end - at < 13 && cf_is_alpha(cf_at(scan, end))) end++;
    if (end - at < 7) return;
    uint32_t host = cf_skip_blanks(scan, end, 4);
    if (host == end) return;
    end = sip_host_end(scan, host);
    if (end == host) return;
    scan->met[CF_MET_VIA] = end;
    sip_host(scan, host, end, CF_R_VIA_HOST);
}

static inline bool sip_ends_call_id(uint8_t c) {
    return cf_is_space(c) || c == '@' || c == ';' || c == ',' || c == '"' || c == '\'' || c == '<' || c == '>';
}

/* `left@host` at a place. */
static bool sip_call_id_at(cf_scan *scan, uint32_t left) {
    uint32_t at = left;
    while (at < scan->size && at - left < 257 && !sip_ends_call_id(scan->text[at])) at++;
    if (at == left || at - left > 256 || cf_at(scan, at) != '@') return false;
    uint32_t end = sip_host_end(scan, at + 1);
    if (end == at + 1) return false;
    scan->met[CF_MET_CALL_ID] = end;
    sip_host(scan, at + 1, end, CF_R_CALL_ID_HOST);
    return true;
}

static void sip_call_id_line(cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    if (cf_stands(scan, start, "Call-ID", 7)) at += 7;
    else if (cf_stands(scan, start, "In-Reply-To", 11)) at += 11;
    else if (cf_stands(scan, start, "Replaces", 8)) at += 8;
    else if (cf_stands(scan, start, "Target-Dialog", 13)) at += 13;
    else if (cf_stands(scan, start, "Join", 4)) at += 4;
    else if (cf_at(scan, start) == 'i') at++;
    if (at == start || start < scan->met[CF_MET_CALL_ID]) return;
    at = cf_skip_blanks(scan, at, 4);
    if (cf_at(scan, at) == ':') sip_call_id_at(scan, cf_skip_blanks(scan, at + 1, 4));
}

/* `call-id` in any case ends at a place and begins at `start`. */
static void sip_call_id_word(cf_scan *scan, uint32_t start, uint32_t end) {
    cf_looks(scan);
    if (start < scan->met[CF_MET_CALL_ID]) return;
    uint32_t left = end;
    while (left - end < 4) {
        uint8_t c = cf_at(scan, left);
        if (!cf_is_space(c) && c != ':' && c != '=' && c != '\'' && c != '"') break;
        left++;
    }
    if (left == end) return;
    cf_crosses(scan);
    if (sip_call_id_at(scan, left)) return;
    uint8_t last = scan->text[left - 1];
    if (left - end > 1 && (last == ':' || last == '=')) sip_call_id_at(scan, left - 1);
}

static void sip_sdp_host(cf_scan *scan, uint32_t start, uint32_t end) {
    cf_looks(scan);
    if (cf_at(scan, end) != ' ' || !cf_ends(scan, start, "IN ", 3) || start - 3 < scan->met[CF_MET_SDP_HOST]) return;
    uint32_t host = end + 1, stop = host;
    if (!cf_is_alnum(cf_at(scan, host))) return;
    while (stop - host < 253 && cf_is_host_byte(cf_at(scan, stop))) stop++;
    scan->met[CF_MET_SDP_HOST] = stop;
    sip_host(scan, host, stop, CF_R_SDP_HOST);
}

static uint32_t sip_field(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (end < scan->size && end - at <= most && !cf_is_space(scan->text[end])) end++;
    return end > at && end - at <= most && cf_at(scan, end) == ' ' ? end : 0;
}

static void sip_sdp_origin(cf_scan *scan, uint32_t start) {
    uint32_t user = start + 2, end = sip_field(scan, user, 128);
    uint32_t session = end ? sip_field(scan, end + 1, 24) : 0;
    uint32_t version = session ? sip_field(scan, session + 1, 24) : 0;
    if (!version || !cf_stands(scan, version, " IN IP", 6)) return;
    uint8_t net = cf_at(scan, (int64_t)version + 6);
    if ((net != '4' && net != '6') || cf_at(scan, (int64_t)version + 7) != ' ') return;
    if ((int64_t)version + 8 >= scan->size || cf_is_space(scan->text[version + 8]) || sip_stays(scan, user, end)) return;
    cf_kind kind = sip_phone_user(scan, user, end) ? CF_TEL : cf_shape_kind(scan->rules, CF_BY_SDP_ORIGIN);
    cf_shape(scan, user, end, CF_BY_SDP_ORIGIN, kind, CF_R_SDP_ORIGIN, CF_TOUCHING);
}

static void sip_param(cf_scan *scan, uint32_t at) {
    static const struct { const char *name; uint8_t size; } params[] = {
        {"received=", 9}, {"maddr=", 6}, {"vnd.host=", 9}, {"phone-context=", 14}, {"ext=", 4}, {"isub=", 5}};
    uint32_t start = 0;
    switch (cf_at(scan, (int64_t)at + 1)) {
    case 'r': case 'm': case 'v': case 'p': case 'e': case 'i': break;
    default: return;
    }
    for (unsigned i = 0; i < sizeof params / sizeof *params; i++)
        if (cf_stands(scan, (int64_t)at + 1, params[i].name, params[i].size)) start = at + 1 + params[i].size;
    if (!start) return;
    uint32_t end = start;
    while (end < scan->size && end - start < 256) {
        uint8_t c = scan->text[end];
        if (cf_is_space(c) || c == ';' || c == ',' || c == '>' || c == '"' || c == '\'') break;
        end++;
    }
    if (end == start) return;
    const uint8_t *value = scan->text + start;
    uint32_t size = end - start, digits = 1;
    if (cf_is_address(scan->rules, value, size)) {
        cf_shape(scan, start, end, CF_BY_SIP_HOST, CF_IP, CF_R_SIP_PARAM, CF_TOUCHING);
        return;
    }
    while (digits < size && cf_is_digit(value[digits])) digits++;
    if (value[0] == '+' && size > 1 && digits == size)
        cf_shape(scan, start, end, CF_BY_SIP_HOST, CF_TEL, CF_R_SIP_PARAM, CF_TOUCHING);
    else if (memchr(value, '.', size) && cf_is_host(scan->rules, value, size))
        cf_shape(scan, start, end, CF_BY_SIP_HOST, CF_HOST, CF_R_SIP_PARAM, CF_TOUCHING);
}
