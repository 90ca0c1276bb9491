/* IPv4 and IPv6 addresses as Python's ipaddress reads them: no leading zeros, a scope behind '%' for IPv6. */
#include "keys.h"

#include <string.h>

/* Four numbers with dots between them, and nothing else. */
static bool address_v4(const uint8_t *text, uint32_t size, uint8_t *into) {
    uint32_t at = 0;
    for (uint32_t part = 0; part < 4; part++) {
        uint32_t start = at, value = 0;
        while (at < size && at - start < 4 && cf_is_digit(text[at])) value = value * 10 + (text[at++] - '0');
        if (at == start || at - start > 3 || value > 255 || (text[start] == '0' && at - start > 1)) return false;
        into[part] = (uint8_t)value;
        if (part < 3 && (at == size || text[at++] != '.')) return false;
    }
    return at == size;
}

static int32_t address_hex(uint8_t c) {
    if (cf_is_digit(c)) return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Groups of hex digits; at most one "::" stands for what is missing, which is one group at least. */
static bool address_v6(const uint8_t *text, uint32_t size, uint8_t *into) {
    uint8_t bytes[16];
    uint32_t count = 0, at = 0, gap = 17;
    if (size >= 2 && text[0] == ':') {
        if (text[1] != ':') return false;
        gap = 0;
        at = 2;
    }
    while (at < size) {
        uint32_t start = at, value = 0;
        while (at < size && at - start < 5 && address_hex(text[at]) >= 0)
            value = value << 4 | (uint32_t)address_hex(text[at++]);
        if (at < size && text[at] == '.') {
            if (count > 12 || !address_v4(text + start, size - start, bytes + count)) return false;
            count += 4;
            at = size;
            break;
        }
        if (at == start || at - start > 4 || count > 14) return false;
        bytes[count++] = (uint8_t)(value >> 8);
        bytes[count++] = (uint8_t)value;
        if (at == size) break;
        if (text[at++] != ':' || at == size) return false;
        if (text[at] != ':') continue;
        if (gap < 17) return false;
        gap = count;
        at++;
    }
    if (gap == 17 ? count != 16 : count > 14) return false;
    if (gap == 17) gap = count;
    memset(into, 0, 16);
    memcpy(into, bytes, gap);
    memcpy(into + 16 - (count - gap), bytes + gap, count - gap);
    return true;
}

/* The bytes of an address: 4, 16, or 0 when it is none. */
static uint32_t address_read(const uint8_t *text, uint32_t size, uint8_t *into) {
    if (size < 2) return 0;
    if (address_v4(text, size, into)) return 4; /* neither '%' nor '/' is in it */
    if (!memchr(text, ':', size) || memchr(text, '/', size)) return 0;
    const uint8_t *scope = memchr(text, '%', size);
    if (scope) {
        uint32_t rest = size - (uint32_t)(scope - text) - 1;
        if (!rest || memchr(scope + 1, '%', rest)) return 0;
        for (uint32_t i = 0; i < rest; i++)
            if (scope[1 + i] >= 128) return 0;
        size -= rest + 1;
    }
    return address_v6(text, size, into) ? 16 : 0;
}

static bool address_listed(const cf_rules *rules, const uint8_t *address, uint32_t size, bool site) {
    for (uint32_t i = 0; i < rules->network_count; i++) {
        const cf_network *network = &rules->networks[i];
        uint32_t whole = network->prefix / 8u, rest = network->prefix % 8u;
        if (network->size != size || network->site != site || (whole && network->address[0] != address[0])) continue;
        if (memcmp(network->address, address, whole) != 0) continue;
        if (!rest || (network->address[whole] ^ address[whole]) >> (8 - rest) == 0) return true;
    }
    return false;
}

bool cf_is_address(const cf_rules *rules, const uint8_t *text, uint32_t size) {
    uint8_t address[16];
    uint32_t bytes = address_read(text, size, address);
    return bytes && !address_listed(rules, address, bytes, false);
}

bool cf_site_address(const cf_rules *rules, const uint8_t *text, uint32_t size) {
    uint8_t address[16];
    uint32_t bytes = address_read(text, size, address);
    return bytes && address_listed(rules, address, bytes, true);
}
