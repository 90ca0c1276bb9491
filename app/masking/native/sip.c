/* Addresses in SIP: users, hosts and numbers of URIs. With sipnames.c, sipdialogs.c and dtmf.c the places that app/masking/sip.py
 * finds. */
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
    if (end > host && (user || !(sip_element(scan, start, host, end) || cf_hidden_password(scan, end))))
        sip_host(scan, host, end, CF_R_SIP_HOST);
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
    uint32_t scheme = cf_ends(scan, at, "sip", 3) || cf_ends(scan, at, "SIP", 3)     ? 3
                      : cf_ends(scan, at, "sips", 4) || cf_ends(scan, at, "SIPS", 4) ? 4
                                                                                     : 0;
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
