/* The word for a party before its name in a line: Agent: ID=mohara, Name=Mary Major (persons.py of the reference). */
#include "shapes.h"

#include <string.h>

enum { PARTY_VALUE = 40, PARTY_NUMBER = 8 };

static bool party_one_of(const cf_scan *scan, uint32_t start, uint32_t end, const text_word_of *words) {
    for (; words->text; words++)
        if (words->size == end - start && cf_stands_folded(scan, start, words->text, words->size)) return true;
    return false;
}

static inline bool party_value(uint8_t c) { return cf_is_word(c) || c == '@' || c == '.' || c == '+' || c == '-'; }

/* Where a field begins that ends before a place, ID=mohara, ; 0: none does. */
static uint32_t party_field(const cf_scan *scan, uint32_t at) {
    static const text_word_of keys[] = {TEXT("id"), TEXT("login"), TEXT("ext"), TEXT("extension"), TEXT("dn"), TEXT("no"), TEXT("nr"),
                                        TEXT("number"), TEXT("code"), {NULL, 0}};
    const uint8_t *text = scan->text;
    uint32_t end, start;
    if (at < 5 || text[--at] != ' ') return 0;
    at -= text[at - 1] == ',' || text[at - 1] == ';';
    for (end = at; at && end - at <= PARTY_VALUE && party_value(text[at - 1]);) at--;
    if (at == end || end - at > PARTY_VALUE || at < 4) return 0;
    at -= text[at - 1] == ' ';
    if (text[at - 1] != '=' && text[at - 1] != ':') return 0;
    for (end = start = at - 1; start && end - start < 12 && cf_is_alpha(text[start - 1]);) start--;
    if (!start || !strchr(" :;,([{", text[start - 1] ? text[start - 1] : 'x')) return 0;
    return party_one_of(scan, start, end, keys) ? start : 0;
}

/* Whether the word for a party stands before the key of a name, with up to two fields between them. */
static __attribute__((noinline)) bool party_before(const cf_scan *scan, uint32_t key) {
    static const text_word_of parties[] = {TEXT("agent"), TEXT("customer"), TEXT("caller"), TEXT("supervisor"), TEXT("operator"),
                                           TEXT("contact"), TEXT("employee"), TEXT("patient"), TEXT("subscriber"), TEXT("kunde"),
                                           TEXT("anrufer"), TEXT("cliente"), {NULL, 0}};
    const uint8_t *text = scan->text;
    uint32_t at = key, field, digits, start;
    unsigned fields = 0;
    for (; fields < 2 && (field = party_field(scan, at)) != 0; fields++) at = field;
    if (at < 6) return false;
    uint8_t mark = text[at - 1];
    bool apart = mark == ' ' && (text[at - 2] == ':' || text[at - 2] == ';' || text[at - 2] == ',');
    if (mark == ' ' && !apart && !fields) return false; /* Customer Name: … is a key */
    if (mark == ' ') at -= apart ? 2 : 1;
    else if (mark == ':' || mark == ';' || mark == ',') at--;
    else if (mark == '(' || mark == '[' || mark == '{') at -= text[at - 2] == ' ' ? 2 : 1;
    else return false;
    for (digits = at; digits && at - digits <= PARTY_NUMBER && cf_is_digit(text[digits - 1]);) digits--;
    if (digits < at && at - digits <= PARTY_NUMBER && digits && text[digits - 1] == ' ') at = digits - 1;
    for (start = at; start && at - start < 12 && cf_is_alpha(text[start - 1]);) start--;
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (cf_is_word(before) || before == '-' || !party_one_of(scan, start, at, parties)) return false;
    return start < 5 || !cf_stands_folded(scan, (int64_t)start - 5, "user ", 5);
}
