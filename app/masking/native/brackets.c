/* Secrets with brackets in them (brackets.py of the reference): password=ab[c]9d, password=abc(), and no call
 * (password=getpass()). */
#include "keys.h"

#include <string.h>

enum { BRACKET_LONGEST = 64, BRACKET_MOST = 4, BRACKET_INSIDE = 32, BRACKET_MORE = 64 };

static inline bool bracket_name(uint8_t c) { return cf_is_word(c) || c == '$'; }

/* get…, read…, md5: the whole of a text that calls a function, in any case of letters. */
static bool bracket_verb(const uint8_t *text, uint32_t size) {
    static const char *const verbs[] = {"get",  "read", "load", "gen",   "make",  "new",   "ask",    "fetch", "decrypt", "decode", "encrypt", "encode",
                                        "hash", "prompt", "input", "rand", "uuid", "env",   "next",   "peek",  "parse",   "crypt",  "create",  "build",
                                        "init", "find", "set",  "run",   "call",  "save",  "store",  "check", "verify",  "sign",   "open",    "scan",
                                        "format", "trim", "split"};
    static const char *const words[] = {"md5", "base64", "password", "passwd", "secret", "token", "pw", "pwd", "value",
                                        "str", "string", "bytes", "null", "none", "main", "func", "function"};
    uint8_t folded[16];
    uint32_t letters = 0, at = 3;
    for (uint32_t i = 0; i < size && i < sizeof folded; i++) folded[i] = cf_lower(text[i]);
    while (letters < size && cf_is_alpha(text[letters])) letters++;
    for (unsigned i = 0; i < sizeof verbs / sizeof *verbs && letters == size; i++) {
        uint32_t length = (uint32_t)strlen(verbs[i]);
        if (size >= length && memcmp(folded, verbs[i], length) == 0) return true;
    }
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (size == strlen(words[i]) && memcmp(folded, words[i], size) == 0) return true;
    if (size < 4 || size > 6 || memcmp(folded, "sha", 3) != 0) return false;
    while (at < size && cf_is_digit(text[at])) at++;
    return at == size;
}

/* Whether a text is what calls a function: os.getenv, read_secret, getPassword, getpass. */
static bool bracket_function(const uint8_t *text, uint32_t size) {
    bool hump = false, joined = false, word = true;
    uint32_t at = 0, parts = 0;
    for (uint32_t i = 0; i < size; i++) {
        word = word && cf_is_word(text[i]);
        hump = hump || (i && (uint8_t)(text[i - 1] - 'a') < 26 && (uint8_t)(text[i] - 'A') < 26);
        joined = joined || (i && text[i] == '_' && cf_is_alnum(text[i - 1]));
    }
    if (word && (hump || joined)) return true;
    if (bracket_verb(text, size)) return true;
    if (!size || (!bracket_name(text[0])) || cf_is_digit(text[0])) return false;
    for (;; parts++) { /* os.getenv */
        uint32_t from = at;
        while (at < size && bracket_name(text[at])) at++;
        if (at == from) return false;
        if (at == size) return parts > 0;
        if (text[at] == '.') at++;
        else if (at + 1 < size && (memcmp(text + at, "::", 2) == 0 || memcmp(text + at, "->", 2) == 0)) at += 2;
        else return false;
    }
}

static bool bracket_inside(uint8_t c) { return !cf_is_space(c) && (!c || !strchr("()[]{}<>'\",;=|&", c)); }

static bool bracket_more(uint8_t c) { return !cf_is_space(c) && (!c || !strchr(",;&\"'<>()[]{}|=", c)); }

/* Whether what stands in the last bracket may end a secret: no word, and behind more than letters. */
static bool bracket_closes(const uint8_t *text, uint32_t start, uint32_t open, uint32_t close) {
    bool mixed = false, letter = false, word = close - open > 4;
    for (uint32_t at = start; at < open; at++) mixed = mixed || !(cf_is_alpha(text[at]) || text[at] == '_' || text[at] == '.');
    for (uint32_t at = open + 1; at < close; at++) {
        letter = letter || cf_is_alpha(text[at]) || text[at] >= 0x80;
        word = word && (uint8_t)(text[at] - 'a') < 26;
    }
    return close == open + 1 || (mixed && letter && !word);
}

/* Where a secret without quotes ends that begins at `start` and has a bracket at `end`. */
static __attribute__((noinline)) uint32_t brackets_behind(const cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    for (unsigned groups = 0; groups < BRACKET_MOST && end - start <= BRACKET_LONGEST; groups++) {
        uint8_t open = cf_at(scan, end), closes = open == '(' ? ')' : open == '[' ? ']' : '}';
        uint32_t close = end + 1, more;
        if (open != '(' && open != '[' && open != '{') return end;
        while (close < scan->size && close - end <= BRACKET_INSIDE && bracket_inside(text[close])) close++;
        if (cf_at(scan, close) != closes || close - end > BRACKET_INSIDE + 1 || bracket_function(text + start, end - start)) return end;
        for (more = close + 1; more < scan->size && more - close <= BRACKET_MORE && bracket_more(text[more]);) more++;
        if (more > close + 1 ? strchr(".:/\\>+-", text[close + 1]) && text[close + 1] : !bracket_closes(text, start, end, close)) return end;
        end = more;
    }
    return end;
}

static inline bool bracket_opens(uint8_t c) { return c == '(' || c == '[' || c == '{'; }
