/* A name and its value apart: `- name: SMTP_PASSWORD` and `value: …` below it, systems of FHIR (entries.py of the reference). */
#include "keys.h"

#include <string.h>

enum { ENTRY_INDENT = 32, ENTRY_VALUE = 512, ENTRY_KEY = 64 };

/* Behind one to `most` blanks at a place; 0: there is none, or more of them. */
static uint32_t entry_indent(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (end - at <= most && cf_at(scan, end) == ' ') end++;
    return end > at && end - at <= most ? end : 0;
}

/* Behind the end of a line that stands at a place; 0: it does not. */
static uint32_t entry_next(const cf_scan *scan, uint32_t at) {
    at += cf_at(scan, at) == '\r';
    return cf_at(scan, at) == '\n' ? at + 1 : 0;
}

static inline bool entry_stands(const cf_scan *scan, uint32_t at, const char *word, uint32_t size) {
    return at < scan->size && scan->size - at >= size && memcmp(scan->text + at, word, size) == 0;
}

/* A line begins with blanks or a dash. */
static __attribute__((noinline)) void entry_line(cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    uint32_t at = text[start] == ' ' ? entry_indent(scan, start, ENTRY_INDENT) : start, key, end;
    if (!at) return;
    if (entry_stands(scan, at, "- ", 2)) at += 2;
    bool json = entry_stands(scan, at, "\"name\": \"", 9);
    if (!json && !entry_stands(scan, at, "name: ", 6)) return;
    key = at + (json ? 9 : 6);
    uint8_t mark = json ? '"' : cf_at(scan, key) == '\'' || cf_at(scan, key) == '"' ? text[key++] : 0;
    if (!cf_is_alpha(cf_at(scan, key)) && cf_at(scan, key) != '_') return;
    for (end = key + 1; end - key < ENTRY_KEY && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '.' || cf_at(scan, end) == '-');) end++;
    at = end;
    if (mark && cf_at(scan, at++) != mark) return;
    if (json && cf_at(scan, at++) != ',') return;
    cf_crosses(scan);
    at = entry_next(scan, at);
    at = at ? entry_indent(scan, at, ENTRY_INDENT + 2) : 0;
    if (!at || !(json ? entry_stands(scan, at, "\"value\": \"", 10) : entry_stands(scan, at, "value: ", 7))) return;
    at += json ? 10 : 7;
    mark = json ? '"' : cf_at(scan, at) == '\'' || cf_at(scan, at) == '"' ? text[at++] : 0;
    uint32_t value = at;
    if (!mark && !cf_is_word(cf_at(scan, at)) && !(cf_at(scan, at) && strchr("/.+-", cf_at(scan, at)))) return;
    for (; at < scan->size && at - value < ENTRY_VALUE; at++) {
        uint8_t c = text[at];
        if (c == '\r' || c == '\n' || (mark ? c == mark || (mark == '"' && c == '\\') : cf_is_space(c) || c == '\'' || c == '"')) break;
    }
    uint32_t stop = at;
    if (stop == value || (mark && cf_at(scan, at++) != mark)) return;
    if (!json && at < scan->size && text[at] != '\r' && text[at] != '\n') return;
    const cf_key_rule *rule = key_known(scan, text + key, end - key);
    if (rule) keyed_judge(scan, rule, (cf_value){value, stop, true});
}

/* Behind the comma at a place, and a blank or a line end and blanks behind it; 0: it does not stand there. */
static uint32_t entry_comma(cf_scan *scan, uint32_t at) {
    if (cf_at(scan, at) != ',') return 0;
    at++;
    if (cf_at(scan, at) != '\r' && cf_at(scan, at) != '\n') return at + (cf_at(scan, at) == ' ');
    cf_crosses(scan);
    at = entry_next(scan, at);
    return at ? entry_indent(scan, at, 64) : 0;
}

/* Where the text of `: "` begins behind a key in quotes that ends before a place; 0: none does. */
static uint32_t entry_text(const cf_scan *scan, uint32_t at) {
    if (cf_at(scan, at) != ':') return 0;
    at += 1 + (cf_at(scan, at + 1) == ' ');
    return cf_at(scan, at) == '"' ? at + 1 : 0;
}

/* Where a text in quotes ends that begins at a place; 0: nothing closes it within so many bytes. */
static uint32_t entry_closed(const cf_scan *scan, uint32_t start, uint32_t most) {
    uint32_t end = start;
    for (; end < scan->size && end - start <= most; end++) {
        uint8_t c = scan->text[end];
        if (c == '"' || c == '\\' || c == '\r' || c == '\n') break;
    }
    return end > start && end - start <= most && cf_at(scan, end) == '"' ? end : 0;
}

/* `"system":"http://…/us-ssn","value":"…"`: the word system stands in quotes that end at a place. */
static void entry_system(cf_scan *scan, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t from, stop, key, at;
    if (memcmp(text + end - 6, "system", 6) != 0) return;
    cf_looks(scan);
    from = entry_text(scan, end + 1);
    stop = from ? entry_closed(scan, from, 256 + 1 + 41) : 0;
    if (!stop) return;
    for (key = stop; key > from && text[key - 1] != '/' && text[key - 1] != ':' && text[key - 1] != '#';) key--;
    if (key - from > 257 || stop == key || stop - key > 41 || !cf_is_alpha(text[key])) return;
    for (at = key; at < stop; at++)
        if (!cf_is_word(text[at]) && text[at] != '-') return;
    at = entry_comma(scan, stop + 1);
    if (at && entry_stands(scan, at, "\"use\"", 5)) {
        uint32_t use = entry_text(scan, at + 5), last = use;
        while (use && last - use < 17 && (uint8_t)(cf_at(scan, last) - 'a') < 26) last++;
        if (!use || last == use || last - use > 16 || cf_at(scan, last) != '"') return;
        at = entry_comma(scan, last + 1);
    }
    if (!at || !entry_stands(scan, at, "\"value\"", 7)) return;
    from = entry_text(scan, at + 7);
    at = from ? entry_closed(scan, from, 256) : 0;
    const cf_key_rule *rule = at ? key_known(scan, text + key, stop - key) : NULL;
    if (rule && (rule->kind == CF_TEL || rule->kind == CF_MAIL || rule->kind == CF_ID)) keyed_judge(scan, rule, (cf_value){from, at, true});
}

/* Whether a word [start, end) is one of some, each with blanks around it in the list. */
static bool entry_listed(const cf_scan *scan, uint32_t start, uint32_t end, const char *words) {
    char word[24] = " ";
    if (end <= start || end - start > 20) return false;
    memcpy(word + 1, scan->text + start, end - start);
    word[1 + end - start] = ' ';
    return memchr(scan->text + start, 0, end - start) == NULL && strstr(words, word) != NULL;
}

/* Whether another claim of a token ends directly before a place: `"iss":"…",`. */
static bool entry_claim_before(const cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t end, start;
    at -= at && text[at - 1] == ' ';
    if (!cf_ends(scan, at, "\",", 2)) return false;
    for (end = start = at - 2; start && end - start <= 128; start--) {
        uint8_t c = text[start - 1];
        if (c == '"' || c == '\\' || c == '\r' || c == '\n') break;
    }
    if (start == end || end - start > 128 || !cf_ends(scan, start, "\"", 1)) return false;
    start--;
    start -= start && text[start - 1] == ' ';
    if (!cf_ends(scan, start, "\":", 2)) return false;
    for (end = at = start - 2; at && end - at < 4 && (uint8_t)(text[at - 1] - 'a') < 26;) at--;
    return cf_ends(scan, at, "\"", 1) && entry_listed(scan, at, end, " iss aud azp jti ");
}

/* `"sub":"248289761001","name":`: whom a token is for, beside another of its claims; the word is [at, end] with its quotes. */
static void entry_claim(cf_scan *scan, uint32_t at, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t from, stop, next, last;
    bool told = false;
    if (memcmp(text + at + 1, "sub", 3) != 0) return;
    cf_looks(scan);
    from = entry_text(scan, end + 1);
    stop = from ? entry_closed(scan, from, 128) : 0;
    if (!stop || stop - from < 3) return;
    for (next = from; next < stop; next++) told = told || cf_is_digit(text[next]) || (text[next] && strchr(".@|-", text[next]));
    if (!told) return;
    next = stop + 1;
    bool beside = cf_at(scan, next) == ',';
    next += 1 + (cf_at(scan, next + 1) == ' ');
    beside = beside && cf_at(scan, next) == '"';
    for (last = ++next; beside && last - next < 21 && ((uint8_t)(cf_at(scan, last) - 'a') < 26 || cf_at(scan, last) == '_');) last++;
    beside = beside && cf_at(scan, last) == '"' &&
             entry_listed(scan, next, last,
                          " iss aud exp iat nbf name email email_verified preferred_username given_name family_name azp scope auth_time"
                          " jti upn ");
    if (!beside && !entry_claim_before(scan, at)) return;
    const cf_key_rule *rule = key_known(scan, (const uint8_t *)"username", 8);
    if (rule) keyed_judge(scan, rule, (cf_value){from, stop, true});
}
