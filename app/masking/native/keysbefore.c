/* The keys that may stand before a sign (keysbefore.py of the reference). */
#include "keys.h"

#include <string.h>

enum { NOTATION_WINDOW = 80 };

/* customer[name] is a name, and customer[tier] no customer: the key of a member is that of both. */
static const cf_key_rule *notation_member(cf_scan *scan, uint32_t lo, uint32_t hi, uint32_t start, uint32_t end) {
    uint8_t key[2 * NOTATION_WINDOW + 1];
    uint32_t owner = hi, size;
    while (owner > lo && cf_key_bytes[scan->text[owner - 1]] & CF_IN_KEY) owner--;
    size = hi - owner;
    memcpy(key, scan->text + owner, size);
    key[size++] = '_';
    memcpy(key + size, scan->text + start, end - start);
    return key_known(scan, key, size + end - start);
}

/* Whether `%5D` ends at a place: customer%5Bname%5D= */
static inline bool notation_escaped_bracket(const cf_scan *scan, uint32_t lo, uint32_t hi) {
    return hi >= lo + 3 && (scan->text[hi - 1] | 32) == 'd' && scan->text[hi - 2] == '5' && scan->text[hi - 3] == '%';
}

/* Whether a key with a rule may stand before a sign: most signs are no business of ours. */
static inline bool notation_may_follow(const cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t lo = at > NOTATION_WINDOW ? at - NOTATION_WINDOW : 0, open;
    const bool colon = text[at] == ':' && cf_at(scan, (int64_t)at + 1) != ':'; /* `RFC 3986`: https://…, a text */
    while (at > lo && cf_key_bytes[text[at - 1]] & CF_BEFORE_SIGN && !(colon && text[at - 1] == '`')) at--;
    if (at == lo || text[at - 1] == ')' || notation_escaped_bracket(scan, lo, at)) return at > lo;
    if (text[at - 1] == ']') { /* sshd[1234]: what stands before the brackets */
        for (open = at - 1; open > lo && cf_is_digit(text[open - 1]);) open--;
        if (open == at - 1 || open == lo || text[open - 1] != '[') return true;
        for (at = open - 1; at > lo && (text[at - 1] == ' ' || text[at - 1] == '\t' || value_quote(text[at - 1]));) at--;
    }
    return key_may_end(scan->rules, text, lo, at, CF_KEY_TAIL);
}

/* The keys that may stand before a sign, the likeliest first: what stands in brackets directly before it, then what
 * stands before these, then the last word with up to two words more ("Customer Name:"). The user of a URL before its
 * colon is no key. */
typedef struct {
    uint32_t sign, lo, hi, key, start, end; /* the text in brackets is [start, end) */
    bool ends; /* that a key may end at `hi` is known */
    enum { NOTATION_BRACKETS, NOTATION_MEMBER, NOTATION_PLAIN, NOTATION_MORE, NOTATION_LAST, NOTATION_DONE } next;
} notation_keys;

static notation_keys notation_before(const cf_scan *scan, uint32_t at, bool ends) {
    uint32_t lo = at > NOTATION_WINDOW ? at - NOTATION_WINDOW : 0, hi = at;
    const bool colon = scan->text[at] == ':' && cf_at(scan, (int64_t)at + 1) != ':';
    while (hi > lo && cf_key_bytes[scan->text[hi - 1]] & CF_BEFORE_SIGN && !(colon && scan->text[hi - 1] == '`')) hi--;
    bool brackets = hi > lo && (scan->text[hi - 1] == ')' || scan->text[hi - 1] == ']' || notation_escaped_bracket(scan, lo, hi));
    return (notation_keys){at, lo, hi, hi, 0, 0, ends && !brackets, brackets ? NOTATION_BRACKETS : NOTATION_PLAIN};
}

/* What stands in escaped brackets before a sign: customer%5Bname%5D= */
static const cf_key_rule *notation_in_escaped(cf_scan *scan, notation_keys *keys) {
    const uint8_t *text = scan->text;
    uint32_t end = keys->hi - 3, start = end, digits = 0;
    while (start > keys->lo && cf_key_bytes[text[start - 1]] & CF_IN_KEY) digits += cf_is_digit(text[--start]);
    keys->next = NOTATION_DONE;
    if (start < keys->lo + 2 || end - start < 3 || text[start - 1] != '%' || text[start] != '5' || (text[start + 1] | 32) != 'b' ||
        digits == end - start - 1)
        return NULL;
    keys->hi = start - 1;
    keys->start = start + 2;
    keys->end = end;
    keys->next = NOTATION_MEMBER;
    return key_rule(scan, keys->start, end);
}

/* Whether the type of a column stands at a place, before its value: `([birth_date] : [DATE]) - [` of Hibernate. */
static bool notation_type_told(const cf_scan *scan, uint32_t at) {
    uint32_t end = at + 2;
    if (!cf_stands(scan, at, " [", 2)) return false;
    while (end - at < 35 && cf_is_word(cf_at(scan, end))) end++;
    return end > at + 2 && end - at < 35 && cf_stands(scan, end, "]) - [", 6);
}

/* Whether a program that says something ends at a place, before the number of its process: passwd[882]: … */
static bool notation_program(const cf_scan *scan, uint32_t lo, uint32_t end) {
    static const char *const programs[] = {"passwd", "chpasswd", "gpasswd", "login", "mail", "host", "hostname", "id"};
    uint32_t start = end;
    while (start > lo && (cf_key_bytes[scan->text[start - 1]] & CF_IN_KEY)) start--;
    for (unsigned i = 0; i < sizeof programs / sizeof *programs; i++)
        if (strlen(programs[i]) == end - start && memcmp(scan->text + start, programs[i], end - start) == 0) return true;
    return false;
}

/* What stands in brackets before a sign, the last of it: data['Phone'] =, f(Data, 'Phone') =. */
static const cf_key_rule *notation_in_brackets(cf_scan *scan, notation_keys *keys) {
    const uint8_t *text = scan->text;
    uint32_t open = keys->hi, start = keys->lo, end = keys->hi - 1, at, digits = 0;
    bool square = text[keys->hi - 1] == ']';
    while (open > keys->lo && text[open - 1] != '(' && text[open - 1] != '[') {
        if (text[open - 1] == '\n') cf_crosses(scan);
        open--;
    }
    if (open > keys->lo) start = open;
    while (start < end && value_quote(text[start])) start++;
    while (end > start && value_quote(text[end - 1])) end--;
    for (at = end; at > start && text[at - 1] != ',';) at--;
    if (at > start) { /* KVListGetStringValue(Data, 'city') */
        for (start = at; start < end && (text[start] == ' ' || value_quote(text[start]));) start++;
        while (end > start && (text[end - 1] == ' ' || value_quote(text[end - 1]))) end--;
    }
    for (at = start; at < end && cf_key_bytes[text[at]] & CF_IN_KEY; at++) digits += cf_is_digit(text[at]);
    if (square && text[keys->sign] == ':' && notation_type_told(scan, keys->sign + 1)) return keys->next = NOTATION_DONE, NULL;
    if (square && text[keys->sign] == ':' && digits == end - start && digits > 1 && digits < 11 && open > keys->lo && text[open - 1] == '[' &&
        start == open && keys->hi - 1 == end && notation_program(scan, keys->lo, open - 1)) {
        keys->next = NOTATION_DONE;
        return NULL;
    }
    keys->hi = open > keys->lo ? open - 1 : keys->lo;
    while (keys->hi > keys->lo && (text[keys->hi - 1] == ' ' || text[keys->hi - 1] == '\t' || value_quote(text[keys->hi - 1]))) --keys->hi;
    keys->next = NOTATION_PLAIN;
    if (start == end || at < end) return NULL;
    keys->start = start;
    keys->end = end;
    bool line = !square && (cf_ends(scan, keys->hi, "CALLERID", 8) || cf_ends(scan, keys->hi, "CONNECTEDLINE", 13));
    if (line || (square && digits < end - start)) keys->next = NOTATION_MEMBER;
    return key_rule(scan, start, end);
}

static inline bool notation_name_byte(uint8_t c) { return cf_is_word(c) || c == '.' || c == '-'; }

/* Behind what may be a name of XML at a place, of up to 64 bytes; the place itself: none is. */
static uint32_t notation_name(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    if (!cf_is_word(cf_at(scan, at)) || cf_is_digit(cf_at(scan, at))) return at;
    while (end - at < 64 && notation_name_byte(cf_at(scan, end))) end++;
    return end;
}

/* The type of a variable at a place: query($lastName: String!) of GraphQL. */
static bool notation_variable(const cf_scan *scan, uint32_t at) {
    uint32_t end;
    at += cf_at(scan, at) == ' ';
    at += cf_at(scan, at) == '[';
    if ((uint8_t)(cf_at(scan, at) - 'A') >= 26) return false;
    for (end = at + 1; end - at < 32 && cf_is_alpha(cf_at(scan, end));) end++;
    uint8_t behind = cf_at(scan, end);
    return behind == '!' || behind == ']' || behind == ',' || behind == ')';
}

/* Whether an element goes on behind its name: />, or an attribute. */
static bool notation_goes_on(const cf_scan *scan, uint32_t end) {
    uint32_t at = end, name;
    while (cf_is_space(cf_at(scan, at))) at++;
    if (cf_stands(scan, at, "/>", 2) || (at > end && cf_at(scan, at) == '>')) return true;
    if (at == end) return false;
    for (name = at; name - at < 64 && notation_name_byte(cf_at(scan, name));) name++;
    if (name == at) return false;
    if (cf_at(scan, name) == ':') {
        for (at = ++name; name - at < 64 && notation_name_byte(cf_at(scan, name));) name++;
        if (name == at) return false;
    }
    return cf_at(scan, name) == '=';
}

/* Whether a key [start, sign) is the prefix of a name of XML, <cust:LastName>, type="cust:Customer" (prefixes.py). */
static __attribute__((noinline)) bool notation_prefix(cf_scan *scan, uint32_t start, uint32_t sign) {
    const uint8_t *text = scan->text;
    uint8_t before = text[start - 1];
    uint32_t value = sign + 1, end = notation_name(scan, value), size = end - start;
    bool hump = false;
    if (end == value) return false;
    for (uint32_t at = value; at < end; at++) hump = hump || (uint8_t)(text[at] - 'A') < 26;
    if (before == '/') return cf_ends(scan, start, "</", 2) && cf_at(scan, end) == '>';
    if (before != '<') {
        static const char *const schema[] = {"type=", "ref=", "base=", "element=", "itemType=", "message=", "binding="};
        bool type = false;
        for (unsigned i = 0; i < sizeof schema / sizeof *schema; i++) type = type || cf_ends(scan, (int64_t)start - 1, schema[i], strlen(schema[i]));
        return type && value_quote(before) && hump && cf_at(scan, end) == before;
    }
    cf_crosses(scan);
    if (notation_goes_on(scan, end)) return true;
    if (cf_at(scan, end) != '>') return false;
    for (uint32_t at = end; !hump && at < scan->size && at - end < 512 && text[at] != '\n'; at++)
        if (text[at] == '<' && at + size + 3 - end <= 512 && cf_stands(scan, at, "</", 2) && scan->size - at >= size + 3 &&
            memcmp(text + at + 2, text + start, size) == 0 && text[at + 2 + size] == '>')
            return true;
    return hump;
}

static const cf_key_rule *notation_plain(cf_scan *scan, notation_keys *keys) {
    const uint8_t *text = scan->text;
    uint32_t key = keys->hi;
    keys->next = NOTATION_DONE;
    if (!keys->ends && !key_may_end(scan->rules, text, keys->lo, keys->hi, CF_KEY_TAIL)) return NULL;
    while (key > keys->lo && cf_key_bytes[text[key - 1]] & CF_IN_KEY) key--;
    if (key == keys->hi) return NULL;
    if (text[keys->sign] == ':' && cf_is_digit(cf_at(scan, (int64_t)keys->sign + 1)) && memchr(text + key + 1, '@', keys->hi - key - 1))
        return NULL; /* a port */
    if (text[keys->sign] == ':' && key >= keys->lo + 2 && text[key - 1] == '/' && text[key - 2] == '/') return NULL;
    if (text[keys->sign] == ':' && text[key] == '$' && notation_variable(scan, keys->sign + 1)) return NULL;
    if (text[keys->sign] == ':' && key && keys->hi == keys->sign && strchr("</\"'", text[key - 1] ? text[key - 1] : 'x') && notation_prefix(scan, key, keys->sign))
        return NULL;
    if (key > keys->lo && keys->hi - key > 1 && escape_at(scan, key)) key++; /* \nuser= */
    keys->key = key;
    keys->next = NOTATION_MORE;
    return key_rule(scan, key, keys->hi);
}

static const cf_key_rule *notation_more(cf_scan *scan, notation_keys *keys) {
    const uint8_t *text = scan->text;
    uint32_t key = keys->key, end;
    keys->next = keys->next == NOTATION_MORE ? NOTATION_LAST : NOTATION_DONE;
    if (keys->next == NOTATION_LAST && key > keys->lo + 1 && text[key - 1] == ':') { /* customer:name = */
        keys->next = NOTATION_DONE;
        if (!(cf_key_bytes[text[key - 2]] & CF_IN_KEY) || cf_is_digit(text[key])) return NULL;
        return notation_member(scan, keys->lo, key - 1, key, keys->hi);
    }
    if (key == keys->lo || text[key - 1] != ' ' || (key - 1 > keys->lo && text[key - 2] == ' ')) return keys->next = NOTATION_DONE, NULL;
    end = --key;
    while (key > keys->lo && cf_class[text[key - 1]] & CF_WORD) key--;
    if (key > keys->lo && end - key > 1 && escape_at(scan, key))
        return keys->next = NOTATION_DONE, key_rule(scan, key + 1, keys->hi); /* \tAccount Name: */
    if (key == end || (key > keys->lo && cf_key_bytes[text[key - 1]] & CF_VALUE_MARK)) return keys->next = NOTATION_DONE, NULL;
    keys->key = key;
    return key_rule(scan, key, keys->hi);
}

/* The rule of the next key that has one, or NULL. */
static const cf_key_rule *notation_next(cf_scan *scan, notation_keys *keys) {
    const cf_key_rule *rule = NULL;
    while (!rule && keys->next != NOTATION_DONE) {
        switch (keys->next) {
        case NOTATION_BRACKETS:
            rule = notation_escaped_bracket(scan, keys->lo, keys->hi) ? notation_in_escaped(scan, keys) : notation_in_brackets(scan, keys);
            break;
        case NOTATION_MEMBER:
            keys->next = NOTATION_DONE;
            rule = notation_member(scan, keys->lo, keys->hi, keys->start, keys->end);
            break;
        case NOTATION_PLAIN: rule = notation_plain(scan, keys); break;
        default: rule = notation_more(scan, keys); break;
        }
    }
    return rule;
}
