/* The one form of a value that its token is made of (`normalise` in app/masking/pseudonyms.py).
 *
 * Text is ASCII, or holds letters up to U+02FF: these are in NFC as they stand, and their lower case is a table's
 * business. What needs more of Unicode is left to Python, which makes the same form.
 */
#include "replace.h"

#include <string.h>

enum { NORMAL_LETTERS = 0x180, NORMAL_LIMIT = 0x300 };

static uint32_t utf8_next(const uint8_t *text, uint32_t size, uint32_t *length);

static uint32_t normal_put(uint8_t *to, uint32_t point) {
    if (point < 0x80) {
        *to = (uint8_t)point;
        return 1;
    }
    to[0] = (uint8_t)(0xC0 | point >> 6);
    to[1] = (uint8_t)(0x80 | (point & 63));
    return 2;
}

static int normal_hex(uint8_t c) { return cf_is_digit(c) ? c - '0' : is_hex(c | 32) ? (c | 32) - 'a' + 10 : -1; }

/* The value of so many hex digits, or -1. */
static int32_t normal_escape(const uint8_t *text, uint32_t size, uint32_t digits) {
    int32_t value = 0;
    if (size < digits) return -1;
    for (uint32_t i = 0; i < digits; i++) {
        int digit = normal_hex(text[i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Percent escapes as the bytes they stand for; `high` is set where one is beyond ASCII. -1: Python has to look. */
static int64_t normal_unquoted(const uint8_t *raw, uint32_t size, uint8_t *plain, bool *high) {
    uint32_t count = 0;
    bool beyond = false;
    for (uint32_t i = 0; i < size; i++) {
        int32_t value = raw[i] == '%' ? normal_escape(raw + i + 1, size - i - 1, 2) : -1;
        beyond |= raw[i] >= 0x80;
        *high |= value >= 0x80;
        plain[count++] = (uint8_t)(value < 0 ? raw[i] : value);
        if (value >= 0) i += 2;
    }
    return beyond && *high ? -1 : (int64_t)count;
}

/* Text as UTF-8 without `\u` escapes, of characters up to U+02FF; bytes that are not UTF-8 are cp1252. At most twice
 * the size. -1: Python has to look. */
static int64_t normal_text(const uint8_t *raw, uint32_t size, bool may_be_8_bit, uint8_t *text) {
    uint32_t count = 0, length, point;
    for (uint32_t i = 0; i < size; i += length) {
        length = 1;
        point = raw[i];
        if (point >= 0x80) {
            point = utf8_next(raw + i, size - i, &length);
            if (!length) return may_be_8_bit ? -2 : -1;
        } else if (point == '\\' && i + 1 < size && raw[i + 1] == 'u') {
            int32_t value = normal_escape(raw + i + 2, size - i - 2, 4);
            if (value >= 0) {
                point = (uint32_t)value;
                length = 6;
            }
        }
        if (point >= NORMAL_LIMIT) return -1;
        count += normal_put(text + count, point);
    }
    return count;
}

static int64_t normal_8_bit(const uint8_t *raw, uint32_t size, uint8_t *text) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < size; i++) {
        if ((raw[i] >= 0x80 && raw[i] < 0xA0) || (raw[i] == '\\' && i + 1 < size && raw[i + 1] == 'u')) return -1;
        count += normal_put(text + count, raw[i]);
    }
    return count;
}

/* The lower case of a character up to U+02FF as `casefold` gives it; 0: it is more than one character, or not known
 * here. */
static uint32_t normal_folded(uint32_t point) {
    if (point < 0x80) return cf_lower((uint8_t)point);
    if (point >= NORMAL_LETTERS || point == 0xB5 || point == 0xDF || point == 0x130 || point == 0x149 || point == 0x17F) return 0;
    if (point < 0x100) return point >= 0xC0 && point <= 0xDE && point != 0xD7 ? point + 32 : point;
    if (point == 0x178) return 0xFF;
    bool odd_is_upper = (point >= 0x139 && point <= 0x148) || point >= 0x179;
    if (point == 0x138) return point;
    return (point & 1) == odd_is_upper ? point + 1 : point;
}

/* `casefold` of UTF-8 text in place of it: never longer. -1: Python has to make it. */
static int64_t form_folded(const uint8_t *text, uint32_t size, uint8_t *value) {
    uint32_t count = 0, length;
    for (uint32_t i = 0; i < size; i += length) {
        uint32_t point = utf8_next(text + i, size - i, &length), folded = normal_folded(point);
        if (point == 0xDF) {
            value[count++] = 's';
            value[count++] = 's';
            continue;
        }
        if (!folded && point) return -1;
        count += normal_put(value + count, folded);
    }
    return count;
}

static uint32_t form_lower(const uint8_t *text, uint32_t size, uint8_t *value) {
    for (uint32_t i = 0; i < size; i++) value[i] = cf_lower(text[i]);
    return size;
}

/* Four numbers with dots between them, none with a leading zero. */
static bool form_ipv4(const uint8_t *text, uint32_t size, uint8_t address[4]) {
    uint32_t parts = 0, digits = 0, number = 0;
    for (uint32_t i = 0; i <= size; i++) {
        if (i < size && cf_is_digit(text[i])) {
            if (digits == 1 && number == 0) return false;
            number = number * 10 + (text[i] - '0');
            if (++digits > 3) return false;
        } else {
            if (!digits || number > 255 || parts == 4 || (i < size && text[i] != '.')) return false;
            address[parts++] = (uint8_t)number;
            digits = number = 0;
        }
    }
    return parts == 4;
}

/* Groups of an address of IPv6; the last two may be an address of IPv4. */
static bool form_groups(const uint8_t *text, uint32_t size, uint16_t group[8]) {
    uint32_t count = 0, gap = 9, at = 0;
    if (size >= 2 && text[0] == ':' && text[1] == ':') gap = 0, at = 2;
    while (at < size) {
        uint32_t start = at;
        int32_t number = 0;
        while (at < size && normal_hex(text[at]) >= 0 && at - start < 5) number = number * 16 + normal_hex(text[at++]);
        if (at < size && text[at] == '.') {
            uint8_t four[4];
            if (count > 6 || !form_ipv4(text + start, size - start, four)) return false;
            group[count++] = (uint16_t)(four[0] << 8 | four[1]);
            group[count++] = (uint16_t)(four[2] << 8 | four[3]);
            at = size;
            break;
        }
        if (at == start || at - start > 4 || count == 8) return false;
        group[count++] = (uint16_t)number;
        if (at == size) break;
        if (text[at++] != ':') return false;
        if (at < size && text[at] == ':') {
            if (gap < 9) return false;
            gap = count;
            at++;
        } else if (at == size) return false;
    }
    if (gap == 9) return count == 8;
    if (count > 7) return false;
    uint32_t behind = count - gap;
    memmove(group + 8 - behind, group + gap, behind * sizeof *group);
    memset(group + gap, 0, (8 - count) * sizeof *group);
    return true;
}

/* An address of IPv6 as RFC 5952 writes it, all groups in hex. */
static uint32_t form_compressed(const uint16_t group[8], uint8_t *value) {
    static const char digits[] = "0123456789abcdef";
    uint32_t best = 8, longest = 1, count = 0;
    for (uint32_t i = 0, run = 0; i < 8; i++) {
        run = group[i] ? 0 : run + 1;
        if (run > longest) longest = run, best = i + 1 - run;
    }
    for (uint32_t i = 0; i < 8; i++) {
        if (i == best) {
            value[count++] = ':';
            if (!i) value[count++] = ':';
            i += longest - 1;
            continue;
        }
        bool begun = false;
        for (int shift = 12; shift >= 0; shift -= 4) {
            unsigned digit = group[i] >> shift & 15;
            if (!digit && !begun && shift) continue;
            value[count++] = (uint8_t)digits[digit];
            begun = true;
        }
        if (i < 7) value[count++] = ':';
    }
    return count;
}

/* An address without brackets and zone; at least 40 bytes of room. */
static int64_t form_address(const uint8_t *text, uint32_t size, uint8_t *value) {
    const uint8_t *core = text;
    uint32_t count = size;
    uint16_t group[8];
    uint8_t four[4];
    while (count && (*core == '[' || *core == ']')) core++, count--;
    while (count && (core[count - 1] == '[' || core[count - 1] == ']')) count--;
    const uint8_t *zone = count ? memchr(core, '%', count) : NULL;
    if (zone) count = (uint32_t)(zone - core);
    if (form_ipv4(core, count, four)) {
        memcpy(value, core, count);
        return count;
    }
    if (!memchr(core, ':', count)) return form_lower(text, size, value);
    return form_groups(core, count, group) ? (int64_t)form_compressed(group, value) : -1;
}

static uint32_t form_spaced(const uint8_t *text, uint32_t size, uint8_t *value) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < size; i++) {
        if (!cf_text_space(text[i])) value[count++] = text[i];
        else if (count && value[count - 1] != ' ') value[count++] = ' ';
    }
    return count && value[count - 1] == ' ' ? count - 1 : count;
}

static uint32_t form_joined(const uint8_t *text, uint32_t size, uint8_t *value) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < size; i++)
        if (!cf_text_space(text[i]) && text[i] != '.' && text[i] != ':' && text[i] != '-')
            value[count++] = (uint8_t)(cf_is_alpha(text[i]) ? text[i] & ~32 : text[i]);
    return count;
}

static int64_t form_of_kind(const cf_settings *settings, cf_kind kind, const uint8_t *text, uint32_t size, bool ascii, uint8_t *value) {
    switch (kind) {
    case CF_TEL: {
        if (!ascii) return -1;
        uint32_t count = phone_digits(text, size, settings->country, settings->country_size, value);
        return count >= 3 ? count : form_lower(text, size, value);
    }
    case CF_CARD: case CF_MAC: case CF_IBAN: return ascii ? (int64_t)form_joined(text, size, value) : -1;
    case CF_IP: return ascii ? form_address(text, size, value) : -1;
    case CF_NAME: {
        if (ascii) return form_lower(value, form_spaced(text, size, value), value);
        int64_t count = form_folded(text, size, value);
        return count < 0 ? count : form_spaced(value, (uint32_t)count, value);
    }
    case CF_MAIL: case CF_HOST:
        while (size && text[size - 1] == '.') size--;
        return ascii ? form_lower(text, size, value) : form_folded(text, size, value);
    default: memcpy(value, text, size); return size;
    }
}

static bool normal_space_of_unicode(const uint8_t *text, uint32_t size) {
    for (uint32_t i = 0; i + 1 < size; i++)
        if (text[i] == 0xC2 && (text[i + 1] == 0x85 || text[i + 1] == 0xA0)) return true;
    return false;
}

static bool normal_escaped_sign(const uint8_t *raw, uint32_t size) {
    for (uint32_t i = 0; i + 2 < size; i++)
        if (raw[i] == '%' && raw[i + 1] == '2' && raw[i + 2] == '5') return true;
    return false;
}

/* The one form of a value, at most twice its size and 40 bytes more. -1: Python has to make it. */
static int64_t normal_form(const cf_settings *settings, cf_kind kind, const uint8_t *raw, uint32_t size, uint8_t *value) {
    uint8_t plain[CF_LONGEST_RAW], text[2 * CF_LONGEST_RAW];
    bool quoted = false, strange = false, ascii = true, high = false;
    if (size > CF_LONGEST_RAW) return -1;
    for (uint32_t i = 0; i < size; i++) {
        quoted |= raw[i] == '%' && normal_escape(raw + i + 1, size - i - 1, 2) >= 0;
        strange |= raw[i] >= 0x80 || (raw[i] == '\\' && i + 1 < size && raw[i + 1] == 'u');
    }
    if (quoted) {
        int64_t count = normal_unquoted(raw, size, plain, &high);
        if (count < 0) return -1;
        for (uint32_t i = 0; i < count; i++) /* escaped twice, as a URL is in a parameter of another */
            if (plain[i] == '%' && normal_escape(plain + i + 1, (uint32_t)count - i - 1, 2) >= 0 && normal_escaped_sign(raw, size))
                return -1;
        raw = plain;
        size = (uint32_t)count;
        for (uint32_t i = 0; i < size; i++) strange |= raw[i] >= 0x80 || (raw[i] == '\\' && i + 1 < size && raw[i + 1] == 'u');
    }
    if (strange) {
        int64_t count = normal_text(raw, size, !high, text);
        if (count == -2) count = normal_8_bit(raw, size, text);
        if (count < 0 || normal_space_of_unicode(text, (uint32_t)count)) return -1;
        raw = text;
        size = (uint32_t)count;
        for (uint32_t i = 0; i < size && ascii; i++) ascii = raw[i] < 0x80;
    }
    while (size && cf_text_space(*raw)) raw++, size--;
    while (size && cf_text_space(raw[size - 1])) size--;
    return form_of_kind(settings, kind, raw, size, ascii, value);
}
