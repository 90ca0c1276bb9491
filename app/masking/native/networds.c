/* Words before a dotted number that tell an address from a version: network.py of the reference. */
#include "shapes.h"

#include <string.h>

enum { CONTEXT_MOST = 40, CONTEXT_NEAR = 20, VERSION_LINE_MOST = 220 };

typedef struct {
    const char *text;
    uint8_t size;
} network_word;

#define W(text) {text, sizeof(text) - 1}

static bool hex_byte(uint8_t c) { return cf_is_digit(c) || (uint8_t)((c | 32) - 'a') < 6; }

static bool digits_alone(const uint8_t *text, uint32_t size) {
    for (uint32_t i = 0; i < size; i++)
        if (!cf_is_digit(text[i])) return false;
    return true;
}

/* Sets of marks as bits: below 64 in the first half, from 64 on in the second. */
typedef struct {
    uint64_t low, high;
} network_marks;
#define LOW(c) (UINT64_C(1) << (c))
#define HIGH(c) (UINT64_C(1) << ((c) - 64))
static const uint64_t network_quotes = LOW(':') | LOW('=') | LOW('\'') | LOW('"') | LOW('(');
static const network_marks network_user_end = {LOW('/') | LOW('\'') | LOW('"') | LOW('<') | LOW('>'), HIGH('@')};
static const network_marks network_host_end = {
    LOW(':') | LOW('/') | LOW('?') | LOW('#') | LOW('\'') | LOW('"') | LOW(',') | LOW(';') | LOW('<') | LOW('>') |
        LOW(')'),
    HIGH(']') | HIGH('\\') | HIGH('|')};

static inline bool network_low(uint8_t c, uint64_t marks) { return c < 64 && marks >> c & 1; }
static inline bool network_mark(uint8_t c, const network_marks *marks) {
    return c < 128 && (c < 64 ? marks->low >> c : marks->high >> (c - 64)) & 1;
}

static bool hex_run(const uint8_t *text, uint32_t size) {
    for (uint32_t i = 0; i < size; i++)
        if (!hex_byte(text[i])) return false;
    return true;
}

/* Where a word in any case begins that ends at `end` and begins at `least` or later; -1: it does not stand there. */
static int64_t word_before(const cf_scan *scan, uint32_t least, uint32_t end, const network_word *word) {
    if (end - least < word->size) return -1;
    uint32_t start = end - word->size;
    if (cf_lower(scan->text[end - 1]) != (uint8_t)word->text[word->size - 1]) return -1;
    return cf_stands_folded(scan, start, word->text, word->size) ? (int64_t)start : -1;
}

/* Whether one of some words ends at a place; a word marked with `^` must begin there as a word of its own. */
static bool ends_with_one(const cf_scan *scan, uint32_t from, uint32_t least, uint32_t end, const network_word *words, uint32_t count) {
    uint8_t last = end > least ? cf_lower(scan->text[end - 1]) : 0;
    for (uint32_t i = 0; i < count; i++) {
        if ((uint8_t)words[i].text[words[i].size - 1] != last) continue; /* nearly always */
        bool alone = words[i].text[0] == '^';
        network_word word = {words[i].text + alone, (uint8_t)(words[i].size - alone)};
        int64_t at = word_before(scan, least, end, &word);
        if (at >= 0 && (!alone || at == (int64_t)from || !cf_is_word(scan->text[at - 1]))) return true;
    }
    return false;
}

/* Where the run of word bytes that ends at a place begins. */
static uint32_t run_before(const cf_scan *scan, uint32_t least, uint32_t end) {
    while (end > least && cf_is_word(scan->text[end - 1])) end--;
    return end;
}

/* Words behind which a dotted number is an address: `from = "`. `from` is where the context begins. */
static bool address_before(const cf_scan *scan, uint32_t from, uint32_t end) {
    static const network_word words[] = {W("@"), W("//"), W("^ip4 "), W("^ip"), W("from"), W("peer"), W("remote"),
                                         W("local"), W("bind"), W("udp "), W("tcp "), W("tls ")};
    static const network_word beginnings[] = {W("addr"), W("host"), W("listen"), W("connect")};
    uint32_t least = end - from > CONTEXT_NEAR ? end - CONTEXT_NEAR : from;
    for (uint32_t marks = 0; marks <= 4; marks++, end--) {
        if (ends_with_one(scan, from, least, end, words, sizeof words / sizeof *words)) return true;
        for (uint32_t at = run_before(scan, least, end); at < end; at++)
            for (uint32_t i = 0; i < 4; i++)
                if ((scan->text[at] | 32) == beginnings[i].text[0] && at + beginnings[i].size <= end &&
                    cf_stands_folded(scan, at, beginnings[i].text, beginnings[i].size))
                    return true;
        uint8_t last = end > least ? scan->text[end - 1] : 0;
        if (!cf_is_space(last) && !network_low(last, network_quotes) && last != '[') return false;
    }
    return false;
}

/* Whether the value of an attribute of versions ends its name at a place: `APP_VERSION   value:`. */
static bool version_value(const cf_scan *scan, uint32_t from, uint32_t end, const char *word) {
    static const network_word version = W("version");
    const network_word value = {word, 6};
    int64_t name = word_before(scan, from, end, &value);
    uint32_t at = name < 0 ? from : (uint32_t)name, most = word[5] == '=' ? 4 : 16;
    while (at > from && name - at < most && cf_is_space(scan->text[at - 1])) at--;
    if (name <= (int64_t)at) return false;
    if (word[5] == '=' && at > from && (scan->text[at - 1] == '"' || scan->text[at - 1] == '\'')) at--;
    return word_before(scan, from, at, &version) >= 0;
}

/* Words of versions, which all end with a letter, that end at a place: `release`, `libfoo`, `setup.exe`, `[9]`. */
static bool version_word(const cf_scan *scan, uint32_t from, uint32_t end) {
    static const network_word words[] = {
        W("version"), W(".dll"), W(".exe"), W(".so"), W(".jar"), W(".msi"), W(".sys"), W(".ocx"), W(".war"),
        W("^ver"), W("^rev"), W("^revision"), W("release"), W("build"), W("^v"), W("^rv"), W("firmware"),
        W("gcti"), W("genesys"), W("jdk"), W("jre"), W("java"), W("openssl"), W("product"), W("component"),
        W("software"), W("driver"), W("patch"), W("upgrade"), W("upgraded"), W("hot fix"), W("hotfix"), W("hf"),
        W("oracle"), W("section"), W("^oid"), W("schema"), W("t-server"),
        W("tserver"), W("^fw"), W("commonlib"), W("wersja"), W("wersji"), W("versao"),
        W("vers\xc3\xa3o"), W("versione"), W("versie"), W("versi\xc3\xb3n"), W("surum"), W("s\xc3\xbcr\xc3\xbcm"),
        W("mysql"), W("postgres"), W("postgresql"), W("nginx"), W("tomcat"), W("jetty"),
        W("kernel"), W("linux"), W("windows"), W("chrome"), W("firefox"), W("safari")};
    if (end > from && cf_is_alpha(scan->text[end - 1]) && ends_with_one(scan, from, from, end, words, sizeof words / sizeof *words))
        return true;
    uint32_t run = run_before(scan, from, end);
    if (end - run >= 3 && cf_stands_folded(scan, run, "lib", 3)) return true;
    if (end == from) return false;
    if (scan->text[end - 1] == ':') return version_value(scan, from, end, "value:");
    if (scan->text[end - 1] == '=') return version_value(scan, from, end, "value=");
    if (scan->text[end - 1] != ']' || cf_at(scan, end) == ':') return false; /* `haproxy[760]: ` is a process */
    uint32_t digits = 0, at = end - 1;
    while (at > from && digits < 3 && cf_is_digit(scan->text[at - 1])) at--, digits++;
    return digits && at > from && scan->text[at - 1] == '[';
}

/* The same, also before a word that links them with their number; these words end with letters, too. */
static bool version_before(const cf_scan *scan, uint32_t from, uint32_t end) {
    if (trace_version_label(scan, from, end)) return true;
    static const network_word links[] = {W(" version"), W(" release"), W(" is"), W(" to"), W(" from"), W(" number")};
    for (uint32_t marks = 0; marks <= 4; marks++, end--) {
        if (version_word(scan, from, end)) return true;
        for (uint32_t i = 0; i < sizeof links / sizeof *links && end > from && cf_is_alpha(scan->text[end - 1]); i++) {
            int64_t at = word_before(scan, from, end, &links[i]);
            if (at >= 0 && version_word(scan, from, (uint32_t)at)) return true;
        }
        uint8_t last = end > from ? scan->text[end - 1] : 0;
        if (!cf_is_space(last) && !network_low(last, network_quotes | LOW('#'))) return false;
    }
    return false;
}

/* Whether the words of an upgrade stand before a place. */
static bool upgrade_before(const cf_scan *scan, uint32_t from, uint32_t end) {
    static const network_word words[] = {W("upgrad"), W("downgrad"), W("version"), W("release"), W("migrat")};
    for (; from + 6 <= end; from++)
        for (uint32_t i = 0; i < sizeof words / sizeof *words; i++)
            if (from + words[i].size <= end && cf_stands_folded(scan, from, words[i].text, words[i].size)) return true;
    return false;
}

/* Whether a place is in a header that names programs and their versions: `Server: …`. */
static bool in_version_line(const cf_scan *scan, uint32_t end) {
    static const network_word names[] = {W("user-agent"), W("server"), W("x-powered-by")};
    uint32_t at = end;
    while (at && end - at < VERSION_LINE_MOST && scan->text[at - 1] != '\n') at--;
    if (at && (end - at >= VERSION_LINE_MOST || scan->text[at - 1] != '\n')) return false;
    for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!cf_stands_folded(scan, at, names[i].text, names[i].size)) continue;
        at = cf_skip_blanks(scan, at + names[i].size, 4);
        return at < end && scan->text[at] == ':' && end - at - 1 <= 200;
    }
    return false;
}
