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
    return (next == ' ' && cf_at(scan, (int64_t)port + 1) == '>') || ((next == ':' || next == ',') && start >= 2 && cf_ends(scan, start, "> ", 2));
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
