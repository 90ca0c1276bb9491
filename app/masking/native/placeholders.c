/* What a program puts a value into (placeholders.py of the reference): %s, %1$-20s, %(name)s, %{name}, :customer_name. */
#include "keys.h"

#include <string.h>

/* Behind a name of letters, digits, `_` and what else is told, of at most 41 bytes; the place itself: there is none. */
static uint32_t place_name(const uint8_t *text, uint32_t at, uint32_t size, uint8_t more) {
    uint32_t end = at;
    if (at >= size || (!cf_is_alpha(text[at]) && text[at] != '_')) return at;
    while (end < size && end - at < 41 && (cf_is_word(text[end]) || (more && text[end] == more))) end++;
    return end;
}

static uint32_t place_digits(const uint8_t *text, uint32_t at, uint32_t size, uint32_t most) {
    uint32_t end = at;
    while (end < size && end - at < most && cf_is_digit(text[end])) end++;
    return end;
}

static bool place_format(const uint8_t *text, uint32_t size) {
    uint32_t at = 1, end;
    if (size < 2) return false;
    if (text[1] == '(' || text[1] == '{') {
        end = place_name(text, 2, size, text[1] == '{' ? '.' : 0);
        if (end == 2) return false;
        if (text[1] == '{') return end + 1 == size && text[end] == '}';
        return end + 2 == size && text[end] == ')' && text[end + 1] && strchr("sdr", text[end + 1]);
    }
    end = place_digits(text, at, size, 2);
    if (end > at && end < size && text[end] == '$') at = end + 1;
    for (end = at; at < size && at - end < 2 && text[at] && strchr("-+ #0", text[at]);) at++;
    at = place_digits(text, at, size, 3);
    if (at < size && text[at] == '.') {
        end = place_digits(text, at + 1, size, 2);
        if (end == at + 1) return false;
        at = end;
    }
    if (at + 1 == size && text[at] == '@') return true;
    for (end = at; at < size && at - end < 2 && text[at] == 'l';) at++;
    return at + 1 == size && text[at] && strchr("sdiuxXfvq", text[at]);
}

/* Whether a text holds the place of a value of a kind, and is none. */
static __attribute__((noinline)) bool place_held(const cf_scan *scan, cf_kind kind, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text + start;
    uint32_t size = end - start;
    if (text[0] == '%') return place_format(text, size);
    const cf_key_rule *rule = size > 1 && place_name(text, 1, size, 0) == size ? key_known(scan, text + 1, size - 1) : NULL;
    return rule && (kind != CF_SECRET || rule->kind == CF_SECRET);
}
