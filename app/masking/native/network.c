/* Addresses and host names by their shape: network.py of the reference. */
#include "shapes.h"

#include <string.h>

/* Slots of cf_scan.met: patterns whose match may hold a place where they could begin again. */
enum { NETWORK_SHORTENED = CF_MET_NETWORK, NETWORK_SHARE };

enum { LABEL_MOST = 63, FQDN_LABELS = 6, FQDN_MOST = 6 * 64 + 12, URL_USER_MOST = 128 };

/* Countries whose top level domain stands in logs: second letters as bits, by the first letter. eu de at ch fr nl be uk
 * ie es pt it pl cz sk hu ro se dk fi no gr tr ru ua il ae sa za in cn jp kr tw hk sg my th vn ph id au nz ca us mx br
 * ar cl co io lu lt lv bg. */
static bool short_tld(const uint8_t *t) {
    static const uint32_t seconds[26] = {
        0x01a0010, 0x0020050, 0x2006881, 0x0000410, 0x0140000, 0x0020100, 0x0020000, 0x0100400, 0x0086818,
        0x0008000, 0x0020000, 0x0380000, 0x1800000, 0x2004800, 0x0000000, 0x0080880, 0x0000000, 0x0104000,
        0x0000451, 0x0420080, 0x0040401, 0x0002000, 0x0000000, 0x0000000, 0x0000000, 0x0000001};
    uint8_t first = (uint8_t)(t[0] - 'a'), second = (uint8_t)(t[1] - 'a');
    return first < 26 && second < 26 && seconds[first] >> second & 1;
}

static bool listed(const network_word *words, uint32_t count, const uint8_t *text, uint32_t size) {
    for (uint32_t i = 0; i < count; i++)
        if (words[i].size == size && !memcmp(words[i].text, text, size)) return true;
    return false;
}

/* Whether a last label is a top level domain of names in logs: public ones, countries, and those of inner nets. */
static bool network_tld(const uint8_t *text, uint32_t size) {
    static const network_word words[] = {
        W("com"), W("net"), W("org"), W("edu"), W("gov"), W("mil"), W("int"), W("biz"), W("info"), W("local"),
        W("lan"), W("corp"), W("internal"), W("intranet"), W("intra"), W("home"), W("localdomain"), W("example"),
        W("test"), W("invalid"), W("cloud"), W("intern"), W("dmz")};
    if (size == 2) return short_tld(text);
    return size > 2 && listed(words, sizeof words / sizeof *words, text, size);
}

static bool begins(const uint8_t *text, uint32_t size, const network_word *word) {
    return size >= word->size && !memcmp(text, word->text, word->size);
}

/* Last labels of names of two labels that are as often a property or a file: `state.to`, `cfg.net`. */
static bool doubtful_ending(const uint8_t *last, uint32_t size) {
    static const network_word words[] = {W("com"), W("net"), W("org"), W("home"), W("test"), W("local"), W("cloud"),
                                         W("info"), W("internal"), W("int"), W("intern")};
    if (size == 2) return (uint8_t)(last[0] - 'a') < 26 && (uint8_t)(last[1] - 'a') < 26;
    return listed(words, sizeof words / sizeof *words, last, size);
}

static bool cf_is_host(const cf_rules *rules, const uint8_t *text, uint32_t size) {
    static const network_word packages[] = {W("java."), W("javax."), W("com."), W("org."), W("net."), W("sun."),
                                            W("jdk."), W("io."), W("edu."), W("de."), W("uk."), W("e."), W("c.")};
    static const network_word sure[] = {W("com"), W("net"), W("org"), W("local")};
    uint32_t dots = 0, last = 0;
    bool upper = false;
    for (uint32_t i = 0; i < sizeof packages / sizeof *packages; i++)
        if (begins(text, size, &packages[i])) return false;
    if (cf_allowed_host(rules, text, size)) return false;
    for (uint32_t i = 0; i < size; i++) {
        if (text[i] == '.') dots++, last = i + 1;
        upper |= (uint8_t)(text[i] - 'A') < 26;
    }
    if (dots != 1 || !doubtful_ending(text + last, size - last)) return true;
    return !upper && size > 7 && listed(sure, sizeof sure / sizeof *sure, text + last, size - last);
}

/* Whether `UDP/`, `ip/` and the like end at a place. */
static bool address_path(const cf_scan *scan, uint32_t from, uint32_t end) {
    static const network_word words[] = {W("udp/"), W("tcp/"), W("tls/"), W("sctp/"), W("ws/"), W("wss/"),
                                         W("ip/"), W("ipv4/"), W("host/"), W("addr/"), W("direct/"), W("parent/")};
    for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
        int64_t at = word_before(scan, from, end, &words[i]);
        if (at >= 0 && (at == (int64_t)from || !cf_is_alpha(scan->text[at - 1]))) return true;
    }
    return false;
}

/* :22-10.0.0.9: the port of one end of a connection, and the other end. */
static bool both_ends(const cf_scan *scan, uint32_t at) {
    uint32_t port = at + 1, end = port;
    while (end - port < 5 && cf_is_digit(cf_at(scan, end))) end++;
    uint32_t last = cf_at(scan, at) == ':' && end > port && cf_at(scan, end) == '-' ? three_dotted(scan, end + 1) : 0;
    return last && cf_is_digit(cf_at(scan, last));
}

/* Whether a dotted number that is a valid address is one where it stands: versions have the same shape. */
static bool stands_as_address(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const network_word sure[] = {W("@"), W("//"), W("IP4 "), W("UDP "), W("TCP "),
                                        W("TLS "), W(" from "), W(" to "), W("received=")};
    const uint8_t *text = scan->text;
    uint32_t from = start, number = start;
    while (from && start - from < CONTEXT_MOST && text[from - 1] != '\n') from--;
    start = start > 1 && escape_at(scan, start - 1) ? escape_head(scan, from, start) : escape_quoted(scan, from, start);
    uint8_t before = start > from ? text[start - 1] : 0, next = cf_at(scan, end);
    if (before == '-' && !trace_range_before(scan, from, start) && (start - from < 3 || !cf_ends(scan, start, "<--", 3)) &&
        !both_ends(scan, end))
        return false;
    if (before == '/' && start - from > 1 && cf_is_alpha(text[start - 2]) && next != ':' && !version_of_private_net(text + number))
        return address_path(scan, from, start);
    bool escaped = start < number,
         version_like = text[number] >= '6' && text[number] <= '9' && text[number + 1] == '.' && text[number + 3] == '.';
    if (version_like && upgrade_before(scan, from, start)) return false;
    if (!escaped && !version_of_private_net(text + number) && trace_version_arrow(scan, from, start)) return false;
    if (!escaped && (trace_version_step(scan, from, start) || version_of_product(scan, from, start, end))) return false;
    for (uint32_t i = 0; i < sizeof sure / sizeof *sure; i++)
        if (before == sure[i].text[sure[i].size - 1] && start - from >= sure[i].size && cf_ends(scan, start, sure[i].text, sure[i].size))
            return true;
    if (address_before(scan, from, start) || (escaped ? version_of_private_net(text + number) : version_is_address(scan, from, start)))
        return true;
    if ((version_before(scan, from, start) && !trace_tag(scan, from, start)) || in_version_line(scan, number)) return false;
    if (!version_like || next == ':') return true;
    return (!number || text[number - 1] == '\n') && cf_stands(scan, end, " - ", 3); /* of an access log */
}

/* False when no dotted number stands at a place. */
static bool ipv4(cf_scan *scan, uint32_t start) {
    uint32_t at = three_dotted(scan, start), from = at;
    while (at && at - from < 3 && cf_is_digit(cf_at(scan, at))) at++;
    if (at == from) return false;
    uint8_t next = cf_at(scan, at);
    if (cf_is_word(next)) return false;
    if (next == '.' && cf_is_word(cf_at(scan, at + 1))) return trace_v4(scan, start, at), false;
    const uint8_t *text = scan->text + start;
    if (next == '-' && cf_is_word(cf_at(scan, at + 1)) && !three_dotted(scan, at + 1) && !version_of_private_net(text)) return false;
    if (!cf_is_address(scan->rules, text, at - start)) return true;
    if (cf_site_address(scan->rules, text, at - start) || stands_as_address(scan, start, at))
        cf_shape(scan, start, at, CF_BY_IP, cf_shape_kind(scan->rules, CF_BY_IP), CF_R_IPV4, 0);
    else
        cf_passed_over(scan, start, at, CF_BY_IP, CF_R_IPV4);
    return true;
}

/* A dotted number that begins with a word of hex digits: behind an escape (%40) its first two belong to that. */
static void ipv4_word(cf_scan *scan, uint32_t start, uint32_t size, unsigned classes) {
    cf_looks(scan);
    const uint8_t *text = scan->text + start;
    if (classes == CF_DIGIT && size <= 3 && ipv4(scan, start)) return;
    if (size < 3 || size > 5 || cf_at(scan, (int64_t)start - 1) != '%' || !hex_run(text, 2)) return;
    if (digits_alone(text + 2, size - 2)) ipv4(scan, start + 2);
}

/* Groups of hex digits with a separator between them; where they end, 0: they are not there. */
static uint32_t hex_groups(const cf_scan *scan, uint32_t at, uint32_t groups, uint32_t least, uint32_t most,
                           uint8_t mark) {
    for (uint32_t group = 0; group < groups; group++) {
        uint32_t run = 0;
        while (run < most && hex_byte(cf_at(scan, at + run))) run++;
        if (run < least) return 0;
        at += run;
        if (group + 1 < groups && cf_at(scan, at++) != mark) return 0;
    }
    return at;
}

static void ipv6(cf_scan *scan, uint32_t start) {
    cf_looks(scan);
    uint32_t end = hex_groups(scan, start, 8, 1, 4, ':');
    if (!end || cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == ':') return;
    if (cf_is_address(scan->rules, scan->text + start, end - start))
        cf_shape(scan, start, end, CF_BY_IP, cf_shape_kind(scan->rules, CF_BY_IP), CF_R_IPV6, 0);
}

static bool part_of_v6(uint8_t c) { return hex_byte(c) || c == ':'; }

static bool part_of_name(uint8_t c) { return cf_is_alnum(c) || c == '_' || c == ':'; }

/* NAD+BY+4711::9: the id of a party in EDIFACT, and who gave it. */
static bool of_party(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = start, first, code = start - 1;
    if (cf_at(scan, (int64_t)start - 1) != '+') return false;
    while (at - start < 5 && cf_is_digit(cf_at(scan, at))) at++;
    if (at == start || at - start > 4 || !cf_stands(scan, at, "::", 2)) return false;
    for (first = at += 2; at < end && cf_is_digit(scan->text[at]);) at++;
    if (at == first || at - first > 3 || at != end) return false;
    while (code && start - code < 5 && cf_is_alnum(scan->text[code - 1]) && (uint8_t)(scan->text[code - 1] - 'a') >= 26) code--;
    if (cf_is_word(cf_at(scan, (int64_t)code - 5)) || cf_at(scan, (int64_t)code - 5) == '+') return false;
    return start - code >= 2 && start - code <= 4 && (cf_ends(scan, code, "NAD+", 4) || cf_ends(scan, code, "LOC+", 4));
}

/* 5931::, 2195::0: a number and the empty fields behind it; 2001::/16 is a net. */
static bool of_device(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = start;
    while (at - start < 5 && cf_is_digit(cf_at(scan, at))) at++;
    if (at == start || at - start > 4 || !cf_stands(scan, at, "::", 2) || cf_at(scan, end) == '/') return false;
    return at + 2 == end || (at + 3 == end && scan->text[at + 2] == '0');
}

/* An address with `::` in it, read both ways from there. */
static void shortened(cf_scan *scan, uint32_t at) {
    cf_looks(scan);
    const uint8_t *text = scan->text;
    if (at < scan->met[NETWORK_SHORTENED] || cf_at(scan, at + 1) != ':') return;
    uint32_t start = at, end = at + 2, digits = 0;
    while (start && at - start < 40 && part_of_v6(text[start - 1])) start--;
    while (end < scan->size && end - at < 48 && (part_of_v6(text[end]) || text[end] == '.')) end++;
    scan->met[NETWORK_SHORTENED] = end;
    if (text[end - 1] != ':' || text[end - 2] != ':')
        while (end > start && (text[end - 1] == '.' || text[end - 1] == ':')) end--;
    uint32_t dot = end;
    while (dot > start && text[dot - 1] != '.') dot--;
    if (dot > start && trace_packet(scan, start, dot - 1)) end = dot - 1; /* 2001:db8::1.5060 > … */
    uint32_t hidden = start ? escape_letters(scan, start - 1) : 0; /* \x222001:db8::1 */
    if (hidden && start - 1 + hidden <= at) start += hidden - 1;
    bool named = cf_ends(scan, (int64_t)start + 2, "[IPv6:", 6),
         joined = (!named && part_of_name(cf_at(scan, (int64_t)start - 1)) && !escape_ended(scan, start)) || part_of_name(cf_at(scan, end));
    if (named) start += 2;
    end = trace_without_port(scan, start, end);
    for (uint32_t i = start; i < end; i++) digits += cf_is_digit(text[i]);
    if (!digits || end <= start + 3 || joined || of_device(scan, start, end) || of_party(scan, start, end)) return;
    if (cf_at(scan, (int64_t)start - 1) == '-' && text_form(scan, (int64_t)start - 4, "Aaa-")) return; /* 4-May-2026::08:20:13 */
    if (cf_is_address(scan->rules, text + start, end - start))
        cf_shape(scan, start, end, CF_BY_IP, cf_shape_kind(scan->rules, CF_BY_IP), CF_R_IPV6, 0);
}

/* Whether all devices of a net, none of them, or those that listen to a group have an address. */
static bool mac_of_nobody(const uint8_t *text, uint32_t size, uint8_t mark) {
    char digits[13] = "";
    unsigned zeros = 0, ones = 0, count = 0;
    for (uint32_t i = 0; i < size && count < 12; i++) {
        if (text[i] == mark) continue;
        digits[count++] = (char)cf_lower(text[i]);
        zeros += text[i] == '0';
        ones += (text[i] | 32) == 'f';
    }
    return zeros == count || ones == count || memcmp(digits, "01005e", 6) == 0 || memcmp(digits, "3333", 4) == 0;
}

/* Hardware addresses: six pairs with `:` or `-`, or three groups of four with `.`. */
static void mac(cf_scan *scan, uint32_t start, uint8_t mark) {
    cf_looks(scan);
    uint32_t end = mark == '.' ? hex_groups(scan, start, 3, 4, 4, mark) : hex_groups(scan, start, 6, 2, 2, mark);
    bool frame = end && mark == ':' && cf_at(scan, end) == ':' && cf_ends(scan, start, "MAC=", 4);
    if (frame) { /* both addresses and the type of a frame */
        uint32_t from = end + 1, type = hex_groups(scan, from, 6, 2, 2, ':');
        uint32_t stop = type && cf_at(scan, type) == ':' ? hex_groups(scan, type + 1, 2, 2, 2, ':') : 0;
        if (!stop || cf_is_word(cf_at(scan, stop)) || cf_at(scan, stop) == ':') return;
        trace_mac(scan, start, end, 0);
        trace_mac(scan, from, type, 0);
    }
    if (!end || (mark != '-' && cf_at(scan, end) == ':') || cf_at(scan, end) == '-' || cf_is_word(cf_at(scan, end))) return;
    bool letters = mark == ':';
    for (uint32_t i = start; i < end; i++) letters |= cf_is_alpha(scan->text[i]);
    if (letters && !mac_of_nobody(scan->text + start, end - start, mark))
        cf_shape(scan, start, end, CF_BY_MAC, cf_shape_kind(scan->rules, CF_BY_MAC), CF_R_MAC, 0);
}

/* Whether a text is labels that a host name may have before its last one, each with its dot. */
static bool labels_of_host(const uint8_t *text, uint32_t size) {
    uint32_t from = 0, count = 0;
    for (uint32_t at = 0; at < size; at++) {
        if (text[at] != '.') continue;
        if (++count > FQDN_LABELS || at == from || at - from > LABEL_MOST) return false;
        if (!cf_is_alnum(text[from]) || !cf_is_alnum(text[at - 1])) return false;
        from = at + 1;
    }
    return count > 0;
}

/* `%2F` before a name: its digits are no part of the name. */
static bool after_encoded(const cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text + start;
    return cf_at(scan, (int64_t)start - 1) == '%' && hex_run(text, 2) && text[0] < 'a' && text[1] < 'a' &&
           cf_is_alnum(cf_at(scan, (int64_t)start + 2));
}

/* user.home=1: two words, the second one of those that also name a field of something. */
static bool key_of_two(const uint8_t *text, uint32_t size, uint32_t last) {
    static const char *const words[] = {"info", "home", "example", "test", "invalid", "int"};
    static const char *const of_users[] = {"lan", "local", "internal", "cloud", "intern"};
    for (uint32_t at = 0; at + 1 < last; at++)
        if (!cf_is_alpha(text[at]) && text[at] != '_') return false;
    for (unsigned i = 0; last == 5 && memcmp(text, "user", 4) == 0 && i < sizeof of_users / sizeof *of_users; i++)
        if (size - last == strlen(of_users[i]) && memcmp(text + last, of_users[i], size - last) == 0) return true;
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (size - last == strlen(words[i]) && memcmp(text + last, words[i], size - last) == 0) return last - 1 <= LABEL_MOST;
    return false;
}

/* A name with dots. Only where no further label follows can its last one stand, so that it is looked at first. */
static inline __attribute__((always_inline)) void fqdn_at(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t last = end;
    while (last > start && end - last < 12 && (uint8_t)(text[last - 1] - 'a') < 26) last--;
    if (last == start || text[last - 1] != '.' || !network_tld(text + last, end - last)) return;
    uint32_t named = after_encoded(scan, start) ? start + 2 : start;
    if (cf_at(scan, end) == '=' && (end - last == 2 || key_of_two(text + named, end - named, last - named)))
        return; /* user.media.id=A1, user.home=1: a key */
    if (!labels_of_host(text + start, last - start)) return;
    if (cf_is_host(scan->rules, text + named, end - named))
        cf_shape(scan, named, end, CF_BY_HOST, cf_shape_kind(scan->rules, CF_BY_HOST), CF_R_FQDN, CF_LEARN);
}

static void fqdn(cf_scan *scan, uint32_t start, uint32_t end) {
    cf_looks(scan);
    const uint8_t *text = scan->text;
    end = labels_end(scan, end, scan->size - start > FQDN_MOST ? start + FQDN_MOST : scan->size);
    if ((uint8_t)(text[end - 1] - 'a') < 26 && cf_at(scan, end) != '(') fqdn_at(scan, start, end);
    if (end + 1 >= scan->size || (text[end + 1] != '>' && (start < 2 || text[start - 2] != '>'))) return;
    while (end > start && text[end - 1] != '.') end--;
    if (end > start + 1 && (uint8_t)(text[end - 2] - 'a') < 26 && trace_packet(scan, start, end - 1)) fqdn_at(scan, start, end - 1);
}

/* The host of a path as Windows writes it, with backslashes once or twice. */
static void share(cf_scan *scan, uint32_t at) {
    uint8_t before = cf_at(scan, (int64_t)at - 1);
    if (before == '\\' || before == ':' || before == '.' || cf_is_word(before)) return;
    if (at < scan->met[NETWORK_SHARE] || cf_at(scan, at + 1) != '\\') return;
    uint32_t host = cf_at(scan, at + 2) == '\\' && cf_at(scan, at + 3) == '\\' ? at + 4 : at + 2, end = host;
    if (!cf_is_alpha(cf_at(scan, host))) return;
    while (end < scan->size && end - host <= LABEL_MOST && cf_is_host_byte(scan->text[end])) end++;
    uint32_t size = end - host, behind = cf_at(scan, end + 1) == '\\' ? end + 2 : end + 1;
    if (size < 3 || size > LABEL_MOST || cf_at(scan, end) != '\\') return;
    if (!cf_is_word(cf_at(scan, behind)) && cf_at(scan, behind) != '$') return;
    scan->met[NETWORK_SHARE] = behind;
    if (cf_behind_token(scan, at)) return; /* C:\\\\Users\\\\<USER:…>\\\\AppData */
    if (!cf_allowed_host(scan->rules, scan->text + host, size))
        cf_shape(scan, host, end, CF_BY_HOST, cf_shape_kind(scan->rules, CF_BY_HOST), CF_R_SHARE_HOST, CF_LEARN);
}

static void slashes(cf_scan *scan, uint32_t at); /* urlhosts.c */

/* A word [start, end) that may begin an address or a name: two bytes stand behind it. */
static __attribute__((noinline)) void network_word_at(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes) {
    const uint8_t *text = scan->text;
    uint8_t before = start ? text[start - 1] : 0, next = text[end], behind = text[end + 1];
    uint32_t size = end - start;
    if (size <= 4 && hex_byte(behind) && before != ':' && hex_run(text + start, size)) {
        if (next == ':') ipv6(scan, start);
        if (before != '-' && size == (next == '.' ? 4u : 2u)) mac(scan, start, next);
    }
    if (next == ':') {
        if (before == '[' && size == 4 && memcmp(text + start, "IPv6", 4) == 0) ipv6(scan, end + 1); /* of mail servers */
        return;
    }
    if (next == '.' && size >= 2 && size <= 4 && cf_is_digit(behind) && (text[start] == 'L' || text[start] == 'R')) trace_side(scan, start);
    if (next == '.' && size <= 5 && cf_is_digit(behind) && (classes == CF_DIGIT || before == '%')) ipv4_word(scan, start, size, classes);
    if (text[start] == '_' || before == '@' || before == '$' || before == '/' || before == '\\' || before == '-') return;
    if (cf_is_word(before)) { /* behind an escape */
        cf_looks(scan);
        if (!escape_before_name(scan, start)) return;
    }
    fqdn(scan, start, end);
}

static inline __attribute__((always_inline)) void cf_network_word(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes) {
    uint8_t next = cf_at(scan, end);
    if (end - start == 12 && hex_run(scan->text + start, 12) && !mac_of_nobody(scan->text + start, 12, 0)) trace_mac_by_key(scan, start);
    if (next == '.' || next == ':' || next == '-') {
        uint8_t behind = cf_at(scan, (int64_t)end + 1);
        bool behind_escape = cf_at(scan, (int64_t)start - 1) == '\\' && classes & CF_LOWER;
        if (cf_at(scan, (int64_t)start - 1) != '.' && (cf_is_word(behind) || (next == '-' && behind == '-'))) /* a label may hold `--` */
            network_word_at(scan, start, end, classes);
        if (behind_escape && cf_is_word(behind)) escape_word(scan, start, end, network_word_at);
    } else if (next == ',' && classes == CF_DIGIT && end - start <= 3 &&
               cf_at(scan, (int64_t)start - 1) == '{') { /* nothing else here is a single word */
        trace_tuple(scan, start);
    }
}

static inline void cf_network_mark(cf_scan *scan, uint32_t at) {
    uint8_t mark = scan->text[at];
    if (mark == '%') trace_escaped(scan, at);
    if (cf_at(scan, (int64_t)at + 1) != mark) return; /* all of these begin with a mark twice */
    if (mark == ':') shortened(scan, at);
    else if (mark == '/') slashes(scan, at);
    else if (mark == '\\') share(scan, at);
}

#undef W
#undef LOW
#undef HIGH
