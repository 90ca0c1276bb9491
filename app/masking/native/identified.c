/* Log-ins that are told by what stands around them: `(employee ID 4471208)`, `User mohara IP 10.1.2.3` (identified.py of
 * the reference). */
#include "shapes.h"

#include <string.h>

enum { IDENTIFIED_USER = 64, IDENTIFIED_WORD = 7 };

/* Whether what programs call a thing, or say of a log-in, is [start, end). */
static bool identified_nobody(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char said[] =
        " required mandatory mismatch mismatched empty unset taken unique optional unknown none duplicate hidden masked"
        " blank not is was has had gets got uses the and or from to of with at static dynamic external internal source remote"
        " local public private real current own undefined null column pattern field invalid missing ";
    uint8_t word[IDENTIFIED_USER];
    uint32_t size = end - start;
    for (uint32_t i = 0; i < size; i++) word[i] = cf_lower(scan->text[start + i]);
    cf_scan inner = {.text = word, .size = size, .rules = scan->rules, .inner = true};
    return speaker_listed(&inner, 0, size, said) || doer_thing(&inner, 0, size);
}

/* `(login id mohara)`: the word behind the bracket is [start, end), with a blank behind it. */
static void identified_boxed(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("agent"), TEXT("login"), TEXT("logon"), TEXT("user"), TEXT("employee"), TEXT("operator")};
    static const text_word_of kinds[] = {TEXT("ID "), TEXT("Id "), TEXT("id "), TEXT("name "), TEXT("Name ")};
    uint32_t user = 0, stop, size = end - start, digits = 0;
    bool known = false;
    for (unsigned i = 0; i < COUNT(words); i++)
        known = known || (size == words[i].size && (scan->text[start] | 32) == words[i].text[0] &&
                          memcmp(scan->text + start + 1, words[i].text + 1, size - 1) == 0);
    if (!known) return;
    cf_looks(scan);
    for (unsigned i = 0; i < COUNT(kinds) && !user; i++)
        if (cf_stands(scan, (int64_t)end + 1, kinds[i].text, kinds[i].size)) user = end + 1 + kinds[i].size;
    stop = user ? speaker_user(scan, user, ".@-", true) : 0;
    if (!stop || stop - user < 3 || cf_at(scan, stop) != ')') return;
    for (uint32_t at = user; at < stop; at++) digits += cf_is_digit(scan->text[at]);
    if ((stop - user > 3 || digits < 3) && !identified_nobody(scan, user, stop)) text_login_at(scan, user, stop);
}

/* Whether a log-in begins with a word of machines: `user cpu2`, `login pts1`, `user ver8.1`. */
static bool identified_machine(const cf_scan *scan, uint32_t start) {
    static const char words[] =
        " ver version v rev pts tty vty console cpu core space mode slot id uid gid pid proc process sid fd rss mem ";
    char word[IDENTIFIED_WORD + 3] = " ";
    uint32_t size = 0;
    for (; size <= IDENTIFIED_WORD && cf_is_alpha(cf_at(scan, start + size)); size++)
        word[size + 1] = (char)cf_lower(scan->text[start + size]);
    if (size > IDENTIFIED_WORD) return false;
    word[size + 1] = ' ';
    return strstr(words, word) != NULL;
}

/* `(employee_id 55120, user mohara7)`: the word behind the bracket or the comma is [start, end), with a blank behind it. */
static void identified_listed(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    if ((end - start != 4 || memcmp(text + start, "user", 4) != 0) && (end - start != 5 || memcmp(text + start, "login", 5) != 0)) return;
    cf_looks(scan);
    if (cf_at(scan, (int64_t)start - 1) != '(' && !cf_ends(scan, start, ", ", 2)) return;
    uint32_t user = end + 1, stop = speaker_user(scan, user, ".@-", true), digits = 0;
    uint8_t behind = cf_at(scan, stop);
    if (!stop || stop - user < 3 || (behind != ',' && behind != ')') || !cf_is_alpha(text[user])) return;
    for (uint32_t at = user; at < stop; at++) digits += cf_is_digit(text[at]);
    if (digits && !identified_machine(scan, user) && !identified_nobody(scan, user, stop)) text_login_at(scan, user, stop);
}

/* Whether [start, end) is a person's name in full, in either order. */
static bool identified_name(const cf_scan *scan, uint32_t start, uint32_t end) {
    return keyed_full_name(scan, start, end) || (keyed_family_first(scan, start, end) && !name_nobody(scan, start, end));
}

/* Whether a version or the id of an account of Windows is [start, end): 7.52.0, v6.0, S-1-5-19. */
static bool identified_version(const cf_scan *scan, uint32_t start) {
    uint32_t at = start + (scan->text[start] == 'v'), stop = at;
    while (stop - at < 5 && cf_is_digit(cf_at(scan, stop))) stop++;
    return cf_stands(scan, start, "S-1-", 4) ||
           (stop > at && stop - at < 5 && cf_at(scan, stop) == '.' && cf_is_digit(cf_at(scan, (int64_t)stop + 1)));
}

/* `agent "Major, Mary" (id 55120)`: the word ends before a blank and a quote. A word alone in the brackets may be a state. */
static void identified_named(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("user"), TEXT("agent"), TEXT("operator"), TEXT("supervisor"), TEXT("employee")};
    static const text_word_of kinds[] = {TEXT("id "), TEXT("ID "), TEXT("login ")};
    const uint8_t *text = scan->text;
    uint32_t size = end - start, name = end + 2, at = name, signs = 0, digits = 0;
    uint8_t mark = cf_at(scan, (int64_t)end + 1);
    uint8_t capital = cf_at(scan, name);
    bool known = false, blank = false;
    for (unsigned i = 0; i < COUNT(words); i++)
        known = known || (size == words[i].size && (text[start] | 32) == words[i].text[0] &&
                          memcmp(text + start + 1, words[i].text + 1, size - 1) == 0);
    if (!known) return;
    cf_looks(scan);
    if (cf_is_word(cf_at(scan, (int64_t)start - 1)) || ((uint8_t)(capital - 'A') >= 26 && capital < 0x80)) return;
    for (at++; at < scan->size && at - name < 65 && !memchr("'\"\r\n", text[at], 4); at++) blank = blank || text[at] == ' ';
    if (!blank || at - name < 2 || at - name > 64 || cf_at(scan, at) != mark || !cf_stands(scan, (int64_t)at + 1, " (", 2)) return;
    uint32_t user = at + 3, stop, quote = at;
    for (unsigned i = 0; i < COUNT(kinds); i++)
        if (cf_stands(scan, user, kinds[i].text, kinds[i].size)) {
            user += kinds[i].size;
            break;
        }
    stop = speaker_user(scan, user, ".@-", true);
    if (!stop || stop - user < 3 || cf_at(scan, stop) != ')') return;
    for (at = user; at < stop; at++) {
        digits += cf_is_digit(text[at]);
        signs += text[at] == '.' || text[at] == '_' || text[at] == '@';
    }
    if (!digits && !signs && !doer_login_of(scan, name, quote, user, stop)) return;
    if (identified_version(scan, user) || !identified_name(scan, name, quote)) return;
    if ((stop - user > 3 || digits < 3) && !identified_nobody(scan, user, stop)) text_login_at(scan, user, stop);
}

/* `Agent 1180233 (Dermot Lacy)`: the word ends before a blank and a digit. */
static void identified_numbered(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("agent"), TEXT("operator"), TEXT("supervisor")};
    const uint8_t *text = scan->text;
    uint32_t user = end + 1, stop = user, name, size = end - start;
    bool known = false;
    for (unsigned i = 0; i < COUNT(words); i++)
        known = known || (size == words[i].size && (text[start] | 32) == words[i].text[0] &&
                          memcmp(text + start + 1, words[i].text + 1, size - 1) == 0);
    if (!known) return;
    cf_looks(scan);
    while (stop - user < 11 && cf_is_digit(cf_at(scan, stop))) stop++;
    uint8_t open = cf_at(scan, (int64_t)stop + 1), close = open == '(' ? ')' : ']';
    if (stop - user < 7 || stop - user > 10 || cf_at(scan, stop) != ' ' || (open != '(' && open != '[')) return;
    name = stop + 2;
    uint32_t at = name;
    if ((uint8_t)(cf_at(scan, name) - 'A') >= 26 && cf_at(scan, name) < 0x80) return;
    while (at < scan->size && at - name < 65 && !memchr("()[]\r\n", text[at], 6)) at++;
    if (at - name > 64 || cf_at(scan, at) != close || !identified_name(scan, name, at)) return;
    if (!identified_nobody(scan, user, stop)) text_login_at(scan, user, stop);
}

static void spoken_found(cf_scan *scan, uint32_t start, uint32_t end); /* spoken.c */

/* `reviewed by "Major, Mary"`, and not `sorted by "Name, Date"`: `by` and the quote begin at places. */
static void identified_done(cf_scan *scan, uint32_t by, uint32_t at) {
    static const text_word_of done[] = {
        TEXT("approved "), TEXT("assessed "), TEXT("assigned "), TEXT("cancelled "), TEXT("canceled "), TEXT("closed "), TEXT("evaluated "),
        TEXT("handled "), TEXT("monitored "), TEXT("opened "), TEXT("rejected "), TEXT("reviewed "), TEXT("submitted ")};
    uint8_t mark = cf_at(scan, at);
    uint32_t name = at + 1, end = name;
    if ((mark != '\'' && mark != '"') || !actor_before(scan, by, done, COUNT(done))) return;
    for (uint8_t c; end < scan->size && end - name < 150; end++) {
        if ((c = scan->text[end]) == mark && !(mark == '\'' && cf_is_alpha(cf_at(scan, (int64_t)end + 1)))) break;
        if (!cf_is_alpha(c) && c < 0x80 && c != ',' && c != ' ' && c != '\'' && c != '-') return;
    }
    if (cf_at(scan, end) != mark || !keyed_family_first(scan, name, end) || name_nobody(scan, name, end)) return;
    for (uint32_t from = name, stop = name; stop <= end; stop++) { /* one of the words is a given name */
        if (stop < end && scan->text[stop] != ' ' && scan->text[stop] != ',') continue;
        if (stop > from && stop - from <= CF_LONGEST_PERSON && cf_person_word(scan->rules, scan->text + from, stop - from) & CF_P_GIVEN)
            return spoken_found(scan, name, end);
        from = stop + 1;
    }
}

/* `CfgPerson 'mohara'`: the word ends before a blank. */
static void identified_person(cf_scan *scan, uint32_t start, uint32_t end) {
    if (memcmp(scan->text + start, "CfgPerson", 9) != 0 && memcmp(scan->text + start, "CFGPerson", 9) != 0) return;
    uint8_t mark = cf_at(scan, (int64_t)end + 1);
    uint32_t user = end + 2, stop = user;
    cf_looks(scan);
    if (mark != '\'' && mark != '"') return;
    while (stop < scan->size && stop - user <= IDENTIFIED_USER && !memchr("'\"\r\n<>|=", scan->text[stop], 8)) stop++;
    if (stop - user < 2 || stop - user > IDENTIFIED_USER || cf_at(scan, stop) != mark) return;
    if (!identified_nobody(scan, user, stop)) text_login_at(scan, user, stop);
}

/* `User <mohara> IP <10.1.2.3>`, `User mohara IP 10.1.2.3`: the word ends before a blank. */
static void identified_addressed(cf_scan *scan, uint32_t start, uint32_t end) {
    if ((scan->text[start] | 32) != 'u' || memcmp(scan->text + start + 1, "ser", 3) != 0) return;
    cf_looks(scan);
    bool brackets = cf_at(scan, (int64_t)end + 1) == '<';
    uint32_t user = end + 1 + brackets, stop = user;
    if (!cf_is_alnum(cf_at(scan, user))) return;
    while (stop - user < IDENTIFIED_USER && (text_user_byte(cf_at(scan, stop)) || cf_at(scan, stop) == '\\')) stop++;
    if (stop - user < 2) return;
    if (brackets) {
        if (!cf_stands(scan, stop, "> IP <", 6)) return;
    } else {
        uint32_t at = stop + 4 + (cf_at(scan, (int64_t)stop + 4) == '<');
        if (!cf_stands(scan, stop, " IP ", 4) || (!cf_is_digit(cf_at(scan, at)) && cf_at(scan, at) != ':')) return;
    }
    if (!identified_nobody(scan, user, stop)) text_login_at(scan, user, stop);
}
