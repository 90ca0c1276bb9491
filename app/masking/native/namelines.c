/* What stands around a name in its line, and says whether it is a person's (app/masking/namelines.py). Every look is bounded. */
#include "shapes.h"
#include "sixteen.h"

#include <string.h>

enum {
    NAME_BEFORE = 512, NAME_NEAR = 160, NAME_BEHIND = 96, /* bytes in which the line may begin, and numbers and nouns stand */
    NAME_STAMPED = 48, /* bytes of a line that may hold its clock */
    NAME_SAYING = CF_P_ROLE | CF_P_LINK | CF_P_VERB | CF_P_NOUN
};

/* A name, and the stretches of its line that are read; `whole`: the line begins at `line`. */
typedef struct {
    uint32_t start, end, line, near, far;
    bool whole;
} name_line;

static inline bool name_letter(uint8_t c) { return cf_is_alpha(c) || c >= 0x80; }
static inline bool name_large(uint8_t c) { return (uint8_t)(c - 'A') < 26; }
/* Whether a word begins with what may be a capital: a letter beyond ASCII may, if it is none of the commonest small ones (UTF-8,
 * 8-bit). */
static bool name_capital(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint8_t c = scan->text[at], next = at + 1 < end ? scan->text[at + 1] : 0xff;
    if (c < 0x80) return name_large(c);
    if (c == 0xc3) return next < 0xa0 || next > 0xbf;
    if (c == 0xc4) return next != 0x87 && next != 0x8d;
    if (c == 0xc5) return !memchr("\x82\x91\x99\x9b\xa1\xba\xbc\xbe", next, 8);
    return c < 0xe0 || next >= 0x80;
}

static inline bool name_opens(uint8_t c) { return c == '(' || c == '[' || c == '{' || c == '"' || c == '\''; }

/* Letters from a place on, at most `most`. */
static inline uint32_t name_letters(const cf_scan *scan, uint32_t at, uint32_t end, uint32_t most) {
    uint32_t stop = at;
    while (stop < end && stop - at < most && name_letter(scan->text[stop])) stop++;
    return stop - at;
}

/* Letters that end at a place, not before `least`; 0 when they are too many for a word. */
static inline uint32_t name_letters_back(const cf_scan *scan, uint32_t end, uint32_t least) {
    uint32_t size = 0;
    while (size <= CF_LONGEST_PERSON && end - size > least && name_letter(scan->text[end - size - 1])) size++;
    return size <= CF_LONGEST_PERSON ? size : 0;
}

static inline unsigned name_says(const cf_scan *scan, uint32_t at, uint32_t size) {
    return cf_person_word(scan->rules, scan->text + at, size);
}

/* Whether a word of two letters or more has capitals of ASCII only. */
static bool name_large_word(const cf_scan *scan, uint32_t at, uint32_t size) {
    for (uint32_t i = 0; i < size; i++)
        if (!name_large(scan->text[at + i])) return false;
    return size > 1;
}

static name_line name_line_of(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t least = start > NAME_BEFORE ? start - NAME_BEFORE : 0, far = end;
    uint32_t line = sixteen_behind_last(scan->text, least, start, '\n', '\r');
    bool whole = !line || scan->text[line - 1] == '\n' || scan->text[line - 1] == '\r';
    while (far < scan->size && far - end < NAME_BEHIND && scan->text[far] != '\n' && scan->text[far] != '\r') far++;
    uint32_t near = start > NAME_NEAR && start - NAME_NEAR > line ? start - NAME_NEAR : line;
    return (name_line){start, end, line, near, far, whole};
}

/* Whether a year stands before a name: `Thu Jul 11 09:21:33 1996  Mary Major  <…>`. */
static bool name_year_before(const cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    while (at && start - at < 2 && scan->text[at - 1] == ' ') at--;
    if (at == start) return false;
    at -= at && scan->text[at - 1] == ':';
    if (at < 4 || (!cf_ends(scan, at - 2, "19", 2) && !cf_ends(scan, at - 2, "20", 2))) return false;
    return cf_is_digit(scan->text[at - 1]) && cf_is_digit(scan->text[at - 2]) && !cf_is_digit(cf_at(scan, (int64_t)at - 5));
}

/* Whether a digit stands before a name, and behind it an address in angles that ends the line. */
static bool name_addressed(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = start, open = end, stop;
    while (at && start - at < 2 && scan->text[at - 1] == ' ') at--;
    if (at == start) return false;
    at -= at && scan->text[at - 1] == ':';
    if (!at || !cf_is_digit(scan->text[at - 1])) return false;
    while (open - end < 2 && cf_at(scan, open) == ' ') open++;
    if (open == end || cf_at(scan, open) != '<') return false;
    for (stop = ++open;
         stop < scan->size && stop - open < 91 && scan->text[stop] != '>' && scan->text[stop] != '\r' && scan->text[stop] != '\n';)
        stop++;
    if (stop == open || stop - open > 90 || cf_at(scan, stop) != '>') return false;
    stop += 1 + (cf_at(scan, (int64_t)stop + 1) == '>');
    return stop == scan->size || scan->text[stop] == '\r' || scan->text[stop] == '\n';
}

/* Whether a word stood beside the name that is a token now, or the name signs a change or a mail. */
static bool name_refused(const cf_scan *scan, uint32_t start, uint32_t end) {
    if (cf_at(scan, (int64_t)start - 1) == ' ' && token_ends(scan->text, start - 1)) return true;
    if (cf_at(scan, end) == ' ' && end + 1 < scan->size && token_at(scan->text, scan->size, end + 1)) return true;
    bool addressed = cf_stands(scan, end, " <", 2);
    if (name_year_before(scan, start)) {
        if (end == scan->size || scan->text[end] == '\r' || scan->text[end] == '\n') return true;
        return addressed || cf_stands(scan, end, " (", 2) || cf_stands(scan, end, "  ", 2);
    }
    if (name_addressed(scan, start, end)) return true;
    return cf_stands(scan, end, " wrote:", 7) || ((addressed || cf_stands(scan, end, "  <", 3)) && cf_ends(scan, start, "  ", 2));
}

/* What a line begins with is about nothing: `10:22:31 INFO Mary Major joined`. */
static bool name_level(const cf_scan *scan, uint32_t at, uint32_t size) {
    return (size == 4 && cf_stands(scan, at, "INFO", 4)) ||
           (size == 5 && (cf_stands(scan, at, "ERROR", 5) || cf_stands(scan, at, "ALERT", 5)));
}

/* What the word before the name says, and before a mark that opens of things only; `capital`: it stands directly there, begins
 * with a capital and says nothing. */
static unsigned name_before(const cf_scan *scan, uint32_t start, bool *capital) {
    uint32_t at = start;
    bool direct = true, opened = start && name_opens(scan->text[start - 1]);
    *capital = false;
    if (opened) {
        at--;
        direct = false;
    }
    if (at < 2 || scan->text[--at] != ' ') return 0;
    if (scan->text[at - 1] == ':') {
        at--;
        direct = false;
    }
    uint32_t size = name_letters_back(scan, at, 0);
    if (!size) return 0;
    unsigned says = name_level(scan, at - size, size) ? 0 : name_says(scan, at - size, size);
    *capital = direct && !(says & NAME_SAYING) && name_capital(scan, at - size, at) && !name_large_word(scan, at - size, size);
    return opened ? says & CF_P_THING : says;
}

/* Whether the word behind the name says that a thing is called so, or goes on with it. */
static bool name_thing_behind(const cf_scan *scan, uint32_t end) {
    if (cf_at(scan, end) != ' ') return false;
    uint32_t size = name_letters(scan, end + 1, scan->size, CF_LONGEST_PERSON + 1);
    if (!size || size > CF_LONGEST_PERSON) return false;
    unsigned says = name_says(scan, end + 1, size);
    if (says & CF_P_THING && !(says & CF_P_VERB)) return true;
    return name_capital(scan, end + 1, end + 1 + size) && !(says & NAME_SAYING) && !name_large_word(scan, end + 1, size);
}

/* Words between a name and what somebody does: `Mary Major has joined`. */
static bool name_filling(const cf_scan *scan, uint32_t at, uint32_t size) {
    static const char words[] = " has is was now ist hat ha a est jest not ";
    char word[8] = " ";
    if (size > 4) return false;
    for (uint32_t i = 0; i < size; i++) word[i + 1] = (char)cf_lower(scan->text[at + i]);
    word[size + 1] = ' ';
    return strstr(words, word) != NULL;
}

/* Whether it stands behind the name what somebody does. */
static bool name_verb(const cf_scan *scan, uint32_t end) {
    for (unsigned word = 0; word < 3; word++) {
        if (cf_at(scan, end) != ' ') return false;
        uint32_t size = name_letters(scan, end + 1, scan->size, CF_LONGEST_PERSON + 1);
        if (!size || size > CF_LONGEST_PERSON) return false;
        if (!name_filling(scan, end + 1, size)) return (name_says(scan, end + 1, size) & CF_P_VERB) != 0;
        end += 1 + size;
    }
    return false;
}

/* Whether the line begins with the time of day. */
static bool name_clock(const cf_scan *scan, const name_line *line) {
    uint32_t stop = line->start - line->line > NAME_STAMPED ? line->line + NAME_STAMPED : line->start;
    if (!line->whole) return false;
    for (uint32_t at = line->line; at + 4 <= stop; at++) {
        const uint8_t *text = scan->text + at;
        if (text[1] == ':' && cf_is_digit(text[0]) && (uint8_t)(text[2] - '0') < 6 && cf_is_digit(text[3]) &&
            (at + 4 == stop || !cf_is_word(text[4])))
            return true;
    }
    return false;
}

/* Whether the line begins with something in brackets. */
static bool name_bracketed(const cf_scan *scan, const name_line *line) { return line->whole && cf_at(scan, line->line) == '['; }

/* Whether a name stands between a place or an agent's number and a state: `4711  Mary Major  Ready`. */
static bool name_listed_state(const cf_scan *scan, uint32_t start, uint32_t end, bool verb) {
    uint32_t at = start, digits, word = end;
    while (at && start - at < 5 && scan->text[at - 1] == ' ') at--;
    if (at == start || start - at > 4) return false;
    for (digits = at; at && digits - at < 7 && cf_is_digit(scan->text[at - 1]);) at--;
    if (digits - at < 3 || digits - at > 6) return false;
    uint8_t before = cf_at(scan, (int64_t)at - 1);
    if (at && before != ' ' && before != '(' && before != '#' && before != '\n' && before != '\r') return false;
    if (verb) return true;
    while (word - end < 4 && cf_at(scan, word) == ' ') word++;
    uint32_t size = name_letters(scan, word, scan->size, CF_LONGEST_PERSON + 1);
    return word > end && size && size <= CF_LONGEST_PERSON && name_says(scan, word, size) & CF_P_VERB;
}

/* Whether it is said behind a log-in what is wrong with it: `mary.major: account locked`. */
static bool name_complained(const cf_scan *scan, uint32_t end) {
    static const text_word_of words[] = {TEXT("account"), TEXT("auth"), TEXT("authentication"),
                                         TEXT("authorization"), TEXT("access"), TEXT("login"), TEXT("logon"),
                                         TEXT("password"), TEXT("permission"), TEXT("session"),
                                         TEXT("too many"), TEXT("invalid"), TEXT("wrong"),
                                         TEXT("unknown user"), TEXT("no such user"),
                                         TEXT("not allowed"), TEXT("not authorized"), TEXT("not found"),
                                         TEXT("failed"), TEXT("locked"), TEXT("disabled"), TEXT("denied"), TEXT("expired")};
    if (!cf_stands(scan, end, ": ", 2)) return false;
    for (unsigned i = 0; i < COUNT(words); i++)
        if (cf_stands_folded(scan, (int64_t)end + 2, words[i].text, words[i].size) &&
            !cf_is_alpha(cf_at(scan, (int64_t)end + 2 + words[i].size)))
            return true;
    return false;
}

/* What numbers beside a name say. */
typedef struct {
    bool counted;  /* one has two digits or more, and is no year */
    bool numbered; /* one stands behind what has one: conference 4711 */
} name_numbers;

/* Whether what has a number stands before one at a place. */
static bool name_noun_of(const cf_scan *scan, uint32_t from, uint32_t at) {
    if (at > from && (scan->text[at - 1] == '#' || scan->text[at - 1] == '(')) at--;
    if (at - from < 2 || scan->text[at - 1] != ' ') return false;
    uint32_t size = name_letters_back(scan, at - 1, from);
    return size && name_says(scan, at - 1 - size, size) & CF_P_NOUN;
}

static void name_count(const cf_scan *scan, uint32_t from, uint32_t to, name_numbers *found) {
    const uint8_t *text = scan->text;
    for (uint32_t at = from; at < to; at++) {
        if (!cf_is_digit(text[at]) || (at > from && text[at - 1] != ' ' && text[at - 1] != '(' && text[at - 1] != '#')) continue;
        uint32_t stop = at;
        while (stop < to && cf_is_digit(text[stop])) stop++;
        bool ends = stop == to || (!cf_is_word(text[stop]) && (text[stop] != '.' || stop + 1 == to || !cf_is_digit(text[stop + 1])));
        uint32_t size = stop - at, first = at;
        at = stop - 1;
        if (!ends) continue;
        bool year = size == 4 && ((text[first] == '1' && text[first + 1] == '9') || (text[first] == '2' && text[first + 1] == '0'));
        found->counted |= size > 1 && !year;
        found->numbered |= name_noun_of(scan, from, first);
    }
}

static name_numbers name_counts(const cf_scan *scan, const name_line *line) {
    name_numbers found = {false, false};
    name_count(scan, line->near, line->start, &found);
    name_count(scan, line->end, line->far, &found);
    return found;
}

/* Whether something that has a number stands before the name. */
static bool name_noun(const cf_scan *scan, const name_line *line) {
    for (uint32_t at = line->near; at < line->start;) {
        uint32_t size = name_letters(scan, at, line->start, CF_LONGEST_PERSON);
        if (size && name_says(scan, at, size) & CF_P_NOUN) return true;
        at += size ? size : 1;
    }
    return false;
}
