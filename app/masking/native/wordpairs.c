/* A key and its value as two words in quotes: `"login" "mohara"`, as stores show their commands (wordpairs.py of the
 * reference). */
#include "keys.h"

#include <string.h>

/* A command of one key and its value: `"SET" "phone" "…"`; the word stands at [start, end). */
static bool word_command(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char *const commands[] = {"SET", "SETNX", "GETSET", "APPEND", "LPUSH", "RPUSH", "SADD"};
    for (unsigned i = 0; i < sizeof commands / sizeof *commands; i++)
        if (end - start == strlen(commands[i]) && memcmp(scan->text + start, commands[i], end - start) == 0) return true;
    return false;
}

/* Whether a text has the form of a key. */
static bool word_key(const cf_scan *scan, uint32_t start, uint32_t end) {
    if (end == start || end - start > 64 || cf_is_digit(scan->text[start])) return false;
    if (!cf_is_word(scan->text[start]) && scan->text[start] < 0x80) return false;
    for (uint32_t at = start + 1; at < end; at++) {
        uint8_t c = scan->text[at];
        if (!cf_is_word(c) && c < 0x80 && c != '.' && c != '@' && c != '$' && c != ' ' && c != '-') return false;
    }
    return true;
}

/* The words in quotes are [at, end], and the key of the first begins at `key`; the words of a line go in pairs, and the name of a field is
 * no value. */
static void word_pair_of(cf_scan *scan, uint32_t at, uint32_t key, uint32_t end) {
    uint8_t before = cf_at(scan, (int64_t)at - 1), behind;
    uint32_t quote = value_skip_blanks(scan, end + 1, 8);
    if (quote == end + 1 || cf_at(scan, quote) != '"' || at < scan->taken[CF_HEAD_WORD_PAIR]) return;
    if (cf_is_word(before) || (before && strchr("\\\"'=:,([{", before)) || word_command(scan, at + 1, end)) return;
    cf_value value = value_quoted(scan, quote);
    behind = cf_at(scan, (int64_t)value.end + 1);
    if (cf_at(scan, value.end) != '"' || cf_is_word(behind) || behind == '"') return;
    scan->taken[CF_HEAD_WORD_PAIR] = value.end + 1;
    const cf_key_rule *rule = key_rule(scan, key, end);
    if (!rule || (word_key(scan, value.start, value.end) && key_rule(scan, value.start, value.end))) return;
    bool known = rule->kind == CF_TEL || rule->kind == CF_NAME || rule->kind == CF_MAIL || rule->kind == CF_BIRTH ||
                 rule->kind == CF_IBAN || rule->kind == CF_CARD || rule->kind == CF_USER || rule->kind == CF_SECRET || rule->kind == CF_ID;
    if (known) keyed_judge(scan, rule, value);
}

static void word_pair(cf_scan *scan, uint32_t at, uint32_t end) { word_pair_of(scan, at, at + 1, end); }

/* "session:phone" "…": a key behind whose it is; the first colon stands at a place. */
static void word_path(cf_scan *scan, uint32_t at, uint32_t colon) {
    uint32_t key = colon + 1, end = key;
    if (colon - at > 64 || (!cf_is_alpha(cf_at(scan, at + 1)) && cf_at(scan, at + 1) != '_')) return;
    for (uint32_t i = at + 1; i < colon; i++)
        if (!cf_is_host_byte(scan->text[i])) return;
    cf_looks(scan);
    for (; end - colon < 110; end++) {
        uint8_t c = cf_at(scan, end);
        if (c == ':') key = end + 1;
        else if (!cf_is_word(c) && c < 0x80 && c != '.' && c != '-' && c != '@' && c != '$' && c != ' ') break;
    }
    if (cf_at(scan, end) != '"' || key - colon > 42 || !word_key(scan, key, end)) return;
    for (uint32_t i = colon + 1; i < key; i++)
        if (!cf_is_host_byte(scan->text[i]) && scan->text[i] != ':') return;
    word_pair_of(scan, at, key, end);
}

/* Where a text without quotes and escapes ends that begins behind a quote; 0: nothing closes it within so many bytes. */
static uint32_t word_plain(const cf_scan *scan, uint32_t start, uint32_t most) {
    uint32_t end = start;
    for (; end < scan->size && end - start <= most; end++) {
        uint8_t c = scan->text[end];
        if (c == '"' || c == '\\' || c == '\r' || c == '\n') break;
    }
    return end > start && end - start <= most && cf_at(scan, end) == '"' ? end : 0;
}

static void word_told(cf_scan *scan, const char *key, uint32_t start, uint32_t end) {
    const cf_key_rule *rule = key_known(scan, (const uint8_t *)key, 8);
    if (rule) keyed_judge(scan, rule, (cf_value){start, end, true});
}

/* `[0 10.1.2.3:50122] "AUTH" "s3cret"`: the password, and the log-in before it, that a store was told; the word is [at, end]. */
static void word_signed_in(cf_scan *scan, uint32_t at, uint32_t end) {
    static const char word[] = "auth";
    for (uint32_t i = 0; i < 4; i++)
        if (cf_lower(scan->text[at + 1 + i]) != (uint8_t)word[i]) return;
    cf_looks(scan);
    if (!cf_ends(scan, at, "] ", 2) && !cf_ends(scan, at, "\"2\" ", 4) && !cf_ends(scan, at, "\"3\" ", 4)) return;
    if (!cf_stands(scan, end, "\" \"", 3)) return;
    uint32_t first = end + 3, stop = word_plain(scan, first, 128), second, last;
    if (!stop) return;
    if (!cf_stands(scan, stop, "\" \"", 3)) return word_told(scan, "password", first, stop);
    second = stop + 3;
    last = word_plain(scan, second, 128);
    if (stop - first > 64 || !last || cf_stands(scan, last, "\" \"", 3)) return;
    word_told(scan, "username", first, stop);
    word_told(scan, "password", second, last);
}
