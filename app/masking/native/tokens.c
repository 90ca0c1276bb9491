/* Normal forms of values and the tokens made of them (app/masking/pseudonyms.py). What needs more of Unicode than
 * normal.c knows is left to Python. */
#include "replace.h"

#include <stdlib.h>
#include <string.h>

/* "(0)": behind the country code of an international number, dialled only inside of the country. */
static bool phone_trunk(const uint8_t *text, uint32_t size, uint32_t at) {
    return size - at >= 3 && text[at + 1] == '0' && text[at + 2] == ')';
}

/* The digits of a telephone number in its one form (phones.py), at most `size` + 8 of them. ASCII only. */
static uint32_t phone_digits(const uint8_t *text, uint32_t size, const char *country, uint32_t country_size, uint8_t *digits) {
    uint32_t at = 0, count = 0, first = 0;
    while (first < size && cf_text_space(text[first])) first++;
    if (size - first >= 4 && cf_lower(text[first]) == 't' && cf_lower(text[first + 1]) == 'e' && cf_lower(text[first + 2]) == 'l' &&
        text[first + 3] == ':')
        at = first + 4;
    else if (size - first >= 4 && cf_lower(text[first]) == 's' && cf_lower(text[first + 1]) == 'i' && cf_lower(text[first + 2]) == 'p') {
        uint32_t colon = first + 3 + (cf_lower(text[first + 3]) == 's');
        if (colon < size && text[colon] == ':') at = colon + 1;
    }
    uint32_t begun = at;
    while (begun < size && cf_text_space(text[begun])) begun++;
    bool plus = begun < size && text[begun] == '+', trunk = false;
    for (; at < size && text[at] != ';' && text[at] != '@' && text[at] != '?'; at++) {
        if (cf_is_digit(text[at])) digits[count++] = text[at];
        else if (text[at] == '(' && count && !trunk && phone_trunk(text, size, at)) {
            trunk = true;
            if (plus || (count > 1 && digits[0] == '0' && digits[1] == '0')) at += 2;
        }
    }
    if (plus) return count;
    if (count > 8 && digits[0] == '0' && digits[1] == '0') {
        memmove(digits, digits + 2, count - 2);
        return count - 2;
    }
    if (country_size && count > 6 && digits[0] == '0') {
        memmove(digits + country_size, digits + 1, count - 1);
        memcpy(digits, country, country_size);
        return count - 1 + country_size;
    }
    if (count == 10 && digits[0] >= '2' && digits[3] >= '2') {
        memmove(digits + 1, digits, 10);
        digits[0] = '1';
        return 11;
    }
    return count;
}

/* Whether a number is one of the own ranges, which stay (NumberPlan.stays). */
static bool number_stays(const cf_settings *settings, const uint8_t *text, uint32_t size) {
    uint8_t plain[48], digits[64];
    uint32_t count = 0;
    if (!settings->range_count || size > 40) return false;
    for (uint32_t i = 0; i < size; i++) {
        if (text[i] >= 0x80) return false;
        bool plus = text[i] == '%' && i + 2 < size && text[i + 1] == '2' && (text[i + 2] | 32) == 'b';
        plain[count++] = plus ? '+' : text[i];
        if (plus) i += 2;
    }
    count = phone_digits(plain, count, settings->country, settings->country_size, digits);
    for (uint32_t i = 0; i < settings->range_count; i++) {
        const cf_range *range = &settings->ranges[i];
        if (count != range->size && !(range->open && count > range->size)) continue;
        if (memcmp(digits, range->low, range->size) >= 0 && memcmp(digits, range->high, range->size) <= 0) return true;
    }
    return false;
}

/* Sixteen hex digits for a value, or false where Python has to make them. */
static bool token_make(const cf_settings *settings, cf_kind kind, const uint8_t *raw, uint32_t size, uint8_t hex[16]) {
    static const char digits[] = "0123456789abcdef";
    uint8_t message[2 * CF_LONGEST_RAW + 128], digest[32];
    size_t head = 12, name = strlen(cf_kind_names[kind]);
    memcpy(message, "caseferry/1/", head);
    memcpy(message + head, cf_kind_names[kind], name + 1); /* with its zero */
    head += name + 1;
    int64_t count = normal_form(settings, kind, raw, size, message + head);
    if (count < 0) return false;
    sha_hmac(&settings->hmac, message, head + (size_t)count, digest);
    for (int i = 0; i < 8; i++) {
        hex[2 * i] = (uint8_t)digits[digest[i] >> 4];
        hex[2 * i + 1] = (uint8_t)digits[digest[i] & 15];
    }
    return true;
}

static uint64_t value_hash(const cf_settings *settings, cf_kind kind, const uint8_t *raw, uint32_t size) {
    uint64_t hash = settings->seed + kind * 0x100 + size;
    uint32_t at = 0;
    if (size < 8) return cf_mix((hash ^ few(raw, size)) * 0xD6E8FEB86659FD93u);
    for (; at + 8 < size; at += 8) {
        hash = (hash ^ eight(raw + at)) * 0xD6E8FEB86659FD93u;
        hash ^= hash >> 32;
    }
    return cf_mix((hash ^ eight(raw + size - 8)) * 0xD6E8FEB86659FD93u);
}

/* Whether two texts of the same size are the same. */
static inline bool value_same(const uint8_t *one, const uint8_t *two, uint32_t size) {
    if (size < 8) return few(one, size) == few(two, size);
    for (uint32_t at = 0; at + 8 < size; at += 8)
        if (eight(one + at) != eight(two + at)) return false;
    return eight(one + size - 8) == eight(two + size - 8);
}

/* Says that the token of a value with this hash is written soon. */
static inline void token_expect(const cf_work *work, uint64_t hash) { __builtin_prefetch(&work->cache.made[hash % CF_CACHED]); }

static inline uint32_t told_slot(uint64_t hash, uint32_t size) { return size > 256 ? CF_CACHED : (uint32_t)(hash >> 20) % CF_CACHED; }

/* Writes the token of a value with this hash, where CF_LONGEST_TOKEN bytes have room; 0 where Python has to be asked. */
static uint32_t token_write(cf_work *work, cf_kind kind, const uint8_t *raw, uint32_t size, uint64_t hash, uint8_t *out) {
    static const struct {
        uint8_t text[15], size;
    } heads[CF_KINDS] = {{"<TEL:", 5}, {"<NAME:", 6}, {"<MAIL:", 6}, {"<CARD:", 6}, {"<IBAN:", 6}, {"<IP:", 4}, {"<MAC:", 5}, {"<HOST:", 6},
                         {"<DTMF:", 6}, {"<USER:", 6}, {"<SECRET:", 8}, {"<ID:", 4}, {"<ADDRESS:", 9}, {"<BIRTH:", 7}, {"<GEO:", 5},
                         {"<KEYED:", 7}, {"<CUSTOM:", 8}};
    const cf_settings *settings = work->settings;
    if (settings->treatment[kind] == CF_TOKEN_CONSTANT) {
        memcpy(out, settings->constant[kind], settings->constant_size[kind]);
        return settings->constant_size[kind];
    }
    if (settings->treatment[kind] == CF_TOKEN_HERE) {
        cf_cached *cached = &work->cache.made[hash % CF_CACHED], fresh;
        bool known = size <= CF_CACHED_RAW && cached->size == size && cached->kind == kind + 1 && value_same(cached->raw, raw, size);
        if (!known && token_make(settings, kind, raw, size, fresh.hex)) {
            if (size <= CF_CACHED_RAW) {
                fresh.kind = (uint8_t)(kind + 1); /* 0: nothing is kept here */
                fresh.size = (uint8_t)size;
                memcpy(fresh.raw, raw, size);
                *cached = fresh;
            } else cached = &fresh;
            known = true;
        }
        if (known) {
            uint32_t head = heads[kind].size;
            memcpy(out, heads[kind].text, sizeof heads[kind].text);
            memcpy(out + head, cached->hex, 16);
            out[head + 16] = '>';
            return head + 17;
        }
    }
    const cf_told *told = work->cache.told[told_slot(hash, size)];
    if (!told || told->kind != kind || told->size != size || memcmp(told->text, raw, size) != 0) return 0;
    memcpy(out, told->text + size, told->token_size);
    return told->token_size;
}

/* What Python answered. */
static int token_tell(cf_work *work, cf_kind kind, const uint8_t *raw, uint32_t size, const uint8_t *token, uint32_t token_size) {
    if (!token_size || token_size > CF_LONGEST_TOKEN) return CF_TOO_LARGE;
    cf_told **slot = &work->cache.told[told_slot(value_hash(work->settings, kind, raw, size), size)];
    cf_told *told = malloc(sizeof *told + size + token_size);
    if (!told) return CF_NO_MEMORY;
    told->size = size;
    told->token_size = (uint16_t)token_size;
    told->kind = (uint8_t)kind;
    memcpy(told->text, raw, size);
    memcpy(told->text + size, token, token_size);
    free(*slot);
    *slot = told;
    return 0;
}
