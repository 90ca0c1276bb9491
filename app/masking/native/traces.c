/* Addresses in the lines of packet traces and of telephones: `10.1.2.3.51022 > 10.1.2.4.5060:`, `MAC=…`, `SEP001122334455`
 * (network.py of the reference). */
#include "shapes.h"

#include <string.h>

enum { TRACE_SERVICE = 21 };

/* Behind a port that is glued to an address by a dot, or 0: `.5060`, `.sip`. */
static uint32_t trace_port(const cf_scan *scan, uint32_t at) {
    if (cf_at(scan, at) != '.') return 0;
    uint32_t start = at + 1, end = start;
    if (cf_is_digit(cf_at(scan, start))) {
        while (end - start < 5 && cf_is_digit(cf_at(scan, end))) end++;
    } else if ((uint8_t)(cf_at(scan, start) - 'a') < 26) {
        for (; end - start < TRACE_SERVICE; end++) {
            uint8_t c = cf_at(scan, end);
            if ((uint8_t)(c - 'a') >= 26 && !cf_is_digit(c) && c != '-') break;
        }
    }
    return end > start && !cf_is_host_byte(cf_at(scan, end)) ? end : 0;
}

/* Whether an address stands in a packet's line, a port behind it. */
static bool trace_packet(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t port = trace_port(scan, end);
    if (!port) return false;
    uint8_t next = cf_at(scan, port);
    return (next == ' ' && cf_at(scan, (int64_t)port + 1) == '>') ||
           ((next == ':' || next == ',') && start >= 2 && cf_ends(scan, start, "> ", 2));
}

/* Whether the time and number of a call are glued to an address: `10.1.2.3.1729792132429.17`. */
static bool trace_call(const cf_scan *scan, uint32_t end) {
    uint8_t second = cf_at(scan, (int64_t)end + 2);
    if (cf_at(scan, end) != '.' || cf_at(scan, (int64_t)end + 1) != '1' || second < '6' || second > '9') return false;
    for (uint32_t i = 3; i < 14; i++)
        if (!cf_is_digit(cf_at(scan, (int64_t)end + i))) return false;
    return cf_at(scan, (int64_t)end + 14) == '.' && cf_is_digit(cf_at(scan, (int64_t)end + 15));
}

/* An address of four numbers [start, end) with a dot behind it. */
static void trace_v4(cf_scan *scan, uint32_t start, uint32_t end) {
    if (cf_is_word(cf_at(scan, (int64_t)start - 1)) || (!trace_packet(scan, start, end) && !trace_call(scan, end))) return;
    if (cf_is_address(scan->rules, scan->text + start, end - start))
        cf_shape(scan, start, end, CF_BY_IP, cf_shape_kind(scan->rules, CF_BY_IP), CF_R_IPV4, 0);
}

/* Behind three numbers and their dots at a place, or 0. */
static uint32_t three_dotted(const cf_scan *scan, uint32_t at) {
    for (uint32_t part = 0; part < 3; part++) {
        uint32_t from = at;
        while (at - from < 3 && cf_is_digit(cf_at(scan, at))) at++;
        if (at == from || cf_at(scan, at++) != '.') return 0;
    }
    return at;
}

/* Behind four numbers of one to three digits with a mark between them, or 0. */
static uint32_t trace_four(const cf_scan *scan, uint32_t at, uint8_t mark) {
    for (unsigned part = 0; part < 4; part++) {
        uint32_t from = at;
        while (at - from < 3 && cf_is_digit(cf_at(scan, at))) at++;
        if (at == from || (part < 3 && cf_at(scan, at++) != mark)) return 0;
    }
    return at;
}

static uint32_t trace_digits(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end - at < 6 && cf_is_digit(cf_at(scan, end))) end++;
    return end > at && end - at < 6 ? end : 0;
}

/* `L10.1.2.3:5061/R10.1.2.4:15061/TLS`: one end of a connection; its letter stands at a place. */
static void trace_side(cf_scan *scan, uint32_t at) {
    cf_looks(scan);
    uint32_t start = at + 1, end = trace_four(scan, start, '.'), port = end && cf_at(scan, end) == ':' ? trace_digits(scan, end + 1) : 0;
    if (port && cf_at(scan, port) == '/' && cf_is_address(scan->rules, scan->text + start, end - start))
        cf_shape(scan, start, end, CF_BY_IP, cf_shape_kind(scan->rules, CF_BY_IP), CF_R_IPV4, CF_TOUCHING);
}

/* Whether a word about addresses stands before the bracket at a place: `peer {`. */
static bool trace_told(const cf_scan *scan, uint32_t bracket) {
    static const text_word_of words[] = {TEXT("ip"), TEXT("addr"), TEXT("address"), TEXT("peer"),
                                         TEXT("peername"), TEXT("host"), TEXT("from"),
                                         TEXT("inet"), TEXT("remote"), TEXT("local"), TEXT("client"), TEXT("server")};
    uint32_t end = bracket;
    while (end && bracket - end < 4 && scan->text[end - 1] && strchr(" ,=:{", scan->text[end - 1])) end--;
    if (end == bracket || bracket - end > 3) return false;
    for (unsigned i = 0; i < COUNT(words); i++)
        if (end >= words[i].size && cf_stands_folded(scan, (int64_t)end - words[i].size, words[i].text, words[i].size) &&
            !cf_is_alpha(cf_at(scan, (int64_t)end - words[i].size - 1)))
            return true;
    return false;
}

/* `{{192,0,2,4},5672}`, `peer {192,0,2,4}` of Erlang; the first number stands at a place. */
static void trace_tuple(cf_scan *scan, uint32_t start) {
    cf_looks(scan);
    uint32_t end = trace_four(scan, start, ','), port = end + 1;
    char address[16];
    if (!end || cf_at(scan, end) != '}') return;
    port = cf_at(scan, port) == ',' ? trace_digits(scan, port + 1 + (cf_at(scan, (int64_t)port + 1) == ' ')) : 0;
    bool told = port && (cf_at(scan, port) == ',' || cf_at(scan, port) == '}' || cf_at(scan, port) == ']');
    if (!told && !trace_told(scan, start - 1)) return;
    for (uint32_t i = 0; i < end - start; i++) address[i] = scan->text[start + i] == ',' ? '.' : (char)scan->text[start + i];
    if (cf_is_address(scan->rules, (const uint8_t *)address, end - start))
        cf_shape(scan, start, end, CF_BY_IP, cf_shape_kind(scan->rules, CF_BY_IP), CF_R_IPV4, 0);
}

/* Whether the first address of a range or of a connection ends at a place: `10.2.3.4-`. */
static bool trace_range_before(const cf_scan *scan, uint32_t from, uint32_t end) {
    uint32_t at = end - 1, digits = at;
    while (digits > from && at - digits < 5 && cf_is_digit(scan->text[digits - 1])) digits--;
    if (digits < at && digits > from && scan->text[digits - 1] == ':') at = digits - 1; /* 10.2.3.4:9092- */
    for (uint32_t part = 0; part < 4; part++) {
        uint32_t stop = at;
        while (at > from && stop - at < 4 && cf_is_digit(scan->text[at - 1])) at--;
        if (at == stop || stop - at > 3) return false;
        if (part < 3 && (at == from || scan->text[--at] != '.')) return false;
    }
    return at == from || (!cf_is_word(scan->text[at - 1]) && scan->text[at - 1] != '.');
}

/* Where an address with `::` ends without a port: `2001:db8::1:58430`. */
static uint32_t trace_without_port(const cf_scan *scan, uint32_t start, uint32_t end) {
    if (end < start + 6 || scan->text[end - 6] != ':') return end;
    for (uint32_t at = end - 5; at < end; at++)
        if (!cf_is_digit(scan->text[at])) return end;
    return end - 6;
}

static bool trace_folded_before(const cf_scan *scan, uint32_t least, uint32_t end, const char *word) {
    uint32_t size = (uint32_t)strlen(word);
    return end >= least + size && cf_stands_folded(scan, (int64_t)end - size, word, size);
}

/* Whether the tag of a line of syslog ends at a place: `nginx: `. */
static bool trace_tag(const cf_scan *scan, uint32_t least, uint32_t end) {
    static const char *const tags[] = {"mysql: ", "postgres: ", "nginx: ", "tomcat: ", "jetty: ", "kernel: "};
    for (unsigned i = 0; i < COUNT(tags); i++)
        if (trace_folded_before(scan, least, end, tags[i])) return true;
    return false;
}

/* Whether `Version:            ` ends at a place, in the header of a segment. */
static bool trace_version_label(const cf_scan *scan, uint32_t least, uint32_t end) {
    uint32_t at = end, sign;
    while (at > least && end - at < 24 && cf_is_blank(scan->text[at - 1])) at--;
    if (at == end || at == least || (scan->text[at - 1] != ':' && scan->text[at - 1] != '=')) return false;
    for (sign = --at; at > least && sign - at < 4 && cf_is_blank(scan->text[at - 1]);) at--;
    return trace_folded_before(scan, least, at, "version");
}

static bool trace_graded(const cf_scan *scan, uint32_t least, uint32_t end) {
    return trace_folded_before(scan, least, end, "upgraded") || trace_folded_before(scan, least, end, "upgrading") ||
           trace_folded_before(scan, least, end, "downgraded") || trace_folded_before(scan, least, end, "downgrading");
}

/* `version: "10.0.1.2" -> "10.0.1.3"`. */
static bool trace_version_arrow(const cf_scan *scan, uint32_t least, uint32_t start) {
    static const char *const versions[] = {"version", "build", "revision", "firmware"};
    const uint8_t *text = scan->text;
    uint32_t at = start - (start > least && (text[start - 1] == '"' || text[start - 1] == '\'')), end, from;
    if (at < least + 4 || text[at - 1] != ' ' || text[at - 2] != '>' || (text[at - 3] != '-' && text[at - 3] != '=') || text[at - 4] != ' ') return false;
    at -= 4;
    at -= at > least && (text[at - 1] == '"' || text[at - 1] == '\'');
    for (end = at; at > least && end - at < 25 && cf_is_host_byte(text[at - 1]);) at--;
    if (end - at < 3 || end - at > 24 || !cf_is_digit(text[at])) return false;
    at -= at > least && (text[at - 1] == '"' || text[at - 1] == '\'');
    for (from = at; at > least && from - at < 3 && (text[at - 1] == ' ' || text[at - 1] == ':' || text[at - 1] == '=');) at--;
    if (at == from) return false;
    bool signs = text[at] != ' ';
    at -= at > least && (text[at - 1] == '"' || text[at - 1] == '\'');
    if (signs && trace_folded_before(scan, least, at, "release") && (at - 7 == least || !cf_is_word(cf_at(scan, (int64_t)at - 8)))) return true;
    for (unsigned i = 0; i < COUNT(versions); i++)
        if (trace_folded_before(scan, least, at, versions[i])) return true;
    return false;
}

/* Whether the words of a step between versions end at a place: `upgraded from 4.5.0.3 to `, `version to ` before an address
 * that seldom begins with one digit. */
static bool trace_version_step(const cf_scan *scan, uint32_t least, uint32_t start) {
    static const char *const versions[] = {"version", "release", "build", "revision", "firmware"};
    uint32_t end = trace_folded_before(scan, least, start, " to ")     ? start - 4
                   : trace_folded_before(scan, least, start, " from ") ? start - 6
                                                                       : 0,
             from = end;
    if (!end) return false;
    for (unsigned i = 0; i < COUNT(versions) && cf_at(scan, (int64_t)start + 1) == '.'; i++)
        if (trace_folded_before(scan, least, end, versions[i])) return true;
    if (trace_graded(scan, least, end)) return true;
    while (from > least && end - from < 25 && cf_is_host_byte(scan->text[from - 1])) from--;
    if (end - from < 3 || end - from > 24 || !cf_is_digit(scan->text[from])) return false;
    return trace_folded_before(scan, least, from, " from ") && trace_graded(scan, least, from - 6);
}

static void trace_mac(cf_scan *scan, uint32_t start, uint32_t end, unsigned flags) {
    cf_shape(scan, start, end, CF_BY_MAC, cf_shape_kind(scan->rules, CF_BY_MAC), CF_R_MAC, flags);
}

/* `SEP001122334455`: the name of a telephone, which is a word of 15 bytes. */
static void trace_device(cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text + start;
    if (memcmp(text, "SEP", 3) != 0) return;
    for (uint32_t i = 3; i < 15; i++)
        if (!cf_is_digit(text[i]) && (uint8_t)(text[i] - 'A') >= 6) return;
    trace_mac(scan, start + 3, start + 15, CF_TOUCHING);
}

/* Whether the key of a hardware address ends at a place: deviceMac, mac_address, hwaddr; hmac is another. */
static bool trace_key_of_mac(const cf_scan *scan, uint32_t at) {
    static const text_word_of whole[] = {TEXT("hwaddr"), TEXT("chaddr"), TEXT("ethaddr"), TEXT("bssid"), TEXT("BSSID")};
    static const text_word_of digests[] = {TEXT("igest"), TEXT("IGEST"), TEXT("mac"), TEXT("MAC")};
    static const text_word_of tails[] = {TEXT("address"), TEXT("Address"), TEXT("ADDRESS"), TEXT("addr"), TEXT("Addr"), TEXT("ADDR")};
    for (unsigned i = 0; i < COUNT(whole); i++)
        if (cf_ends(scan, at, whole[i].text, whole[i].size)) return !cf_is_alpha(cf_at(scan, (int64_t)at - whole[i].size - 1));
    for (unsigned i = 0; i < COUNT(tails); i++) {
        if (!cf_ends(scan, at, tails[i].text, tails[i].size)) continue;
        at -= tails[i].size;
        uint8_t mark = cf_at(scan, (int64_t)at - 1);
        at -= mark == ' ' || mark == '_' || mark == '-';
        break;
    }
    uint8_t before = cf_at(scan, (int64_t)at - 4);
    for (unsigned i = 0; i < COUNT(digests) && (before == ' ' || before == '_' || before == '-'); i++)
        if (cf_ends(scan, at - 4, digests[i].text, digests[i].size)) return false;
    if (cf_ends(scan, at, "mac", 3)) return !cf_is_alpha(before);
    return (cf_ends(scan, at, "Mac", 3) || cf_ends(scan, at, "MAC", 3)) && (uint8_t)(before - 'A') >= 26;
}

/* `deviceMac=0255AB12CD3F`: a word of twelve hex digits begins at a place; only a key tells what it is. */
static void trace_mac_by_key(cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    while (at - start < 12 && cf_is_digit(scan->text[at])) at++;
    if (at - start == 12) return;
    at = start;
    cf_looks(scan);
    uint8_t mark = cf_at(scan, (int64_t)at - 1);
    at -= mark == '"' || mark == '\'';
    for (unsigned blanks = 0; blanks < 2 && at && cf_is_blank(scan->text[at - 1]); blanks++) at--;
    mark = cf_at(scan, (int64_t)at - 1);
    if (mark != '=' && mark != ':') return;
    at--;
    for (unsigned blanks = 0; blanks < 2 && at && cf_is_blank(scan->text[at - 1]); blanks++) at--;
    mark = cf_at(scan, (int64_t)at - 1);
    at -= mark == '"' || mark == '\'';
    if (trace_key_of_mac(scan, at)) trace_mac(scan, start, start + 12, CF_TOUCHING);
}

static inline bool trace_hex(uint8_t c) { return cf_is_digit(c) || (uint8_t)((c | 32) - 'a') < 6; }

static bool trace_colon(const cf_scan *scan, uint32_t at) {
    return cf_at(scan, at) == '%' && cf_at(scan, (int64_t)at + 1) == '3' && (cf_at(scan, (int64_t)at + 2) | 32) == 'a';
}

/* `00%3A11%3A22%3A33%3A44%3A55`: an address with its colons as URLs hold them; the first one may stand at a place. */
static void trace_escaped(cf_scan *scan, uint32_t at) {
    char address[48];
    uint32_t start = at, size = 0, colons = 0, pairs = 0, end;
    if (!trace_colon(scan, at)) return;
    cf_looks(scan);
    while (start && at - start < 4 && trace_hex(scan->text[start - 1])) start--;
    if (cf_is_word(cf_at(scan, (int64_t)start - 1)) || cf_at(scan, (int64_t)start - 1) == '%') return;
    for (end = start; colons < 9;) {
        uint32_t group = end;
        while (end - group < 4 && trace_hex(cf_at(scan, end))) address[size++] = (char)scan->text[end++];
        pairs += end - group == 2;
        if (!trace_colon(scan, end)) break;
        address[size++] = ':';
        colons++;
        end += 3;
    }
    if (colons < 2 || colons > 7 || cf_is_word(cf_at(scan, end))) return;
    if (colons == 5 && pairs == 6) trace_mac(scan, start, end, 0);
    else if (cf_is_address(scan->rules, (const uint8_t *)address, size))
        cf_shape(scan, start, end, CF_BY_IP, cf_shape_kind(scan->rules, CF_BY_IP), CF_R_IPV6, 0);
}
