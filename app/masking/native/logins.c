/* Log-ins in the sentences of logs, in access logs and home folders: the places that `logins` of app/masking/text.py
 * finds. */
#include "shapes.h"

#include <string.h>

static inline bool text_user_byte(uint8_t c) {
    return cf_is_word(c) || c == '.' || c == '@' || c == '$' || c == '+' || c == '-';
}

static void text_login_at(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of systems[] = {TEXT("root"), TEXT("unknown"), TEXT("with"), TEXT("name"),
                                           TEXT("all")};
    for (unsigned i = 0; i < COUNT(systems); i++)
        if (end - start == systems[i].size && cf_stands_folded(scan, start, systems[i].text, systems[i].size)) return;
    cf_shape(scan, start, end, CF_BY_LOGIN, cf_shape_kind(scan->rules, CF_BY_LOGIN), CF_R_LOGIN, CF_LEARN | CF_TOUCHING);
}

/* ` for mohara from `, behind `Accepted password` and the like; the word `for` begins at `start`. */
static void text_accepted(cf_scan *scan, uint32_t start) {
    static const text_word_of whose[] = {TEXT("invalid user "), TEXT("illegal user "), TEXT("")};
    static const text_word_of verbs[] = {TEXT("Accepted"), TEXT("Failed"), TEXT("Postponed")};
    cf_looks(scan);
    if (start - 1 < scan->met[CF_MET_ACCEPTED]) return;
    uint32_t user = 0, end = 0;
    for (unsigned i = 0; i < COUNT(whose) && !user; i++) {
        if (!cf_stands(scan, (int64_t)start + 4, whose[i].text, whose[i].size)) continue;
        uint32_t at = start + 4 + whose[i].size;
        for (end = at; end < scan->size && end - at < 65 && !cf_is_space(scan->text[end]);) end++;
        if (end > at && end - at < 65 && cf_stands(scan, end, " from ", 6)) user = at;
    }
    if (!user) return;
    scan->met[CF_MET_ACCEPTED] = end + 6;
    uint32_t how = start - 1;
    while (how > 0 && start - 1 - how < 41 &&
           (cf_is_word(scan->text[how - 1]) || scan->text[how - 1] == '/' || scan->text[how - 1] == '-'))
        how--;
    if (start - 1 - how < 3 || start - 1 - how > 40 || cf_at(scan, (int64_t)how - 1) != ' ') return;
    for (unsigned i = 0; i < COUNT(verbs); i++)
        if (cf_ends(scan, (int64_t)how - 1, verbs[i].text, verbs[i].size)) {
            text_login_at(scan, user, end);
            return;
        }
}

/* `sudo: mohara : `, the sign behind `sudo` stands at `at`. */
static void text_sudo(cf_scan *scan, uint32_t at) {
    if (!cf_ends(scan, at, "sudo", 4)) return;
    cf_looks(scan);
    if (scan->text[at] == '[') {
        uint32_t process = ++at;
        while (at - process < 9 && cf_is_digit(cf_at(scan, at))) at++;
        if (at == process || cf_at(scan, at) != ']' || cf_at(scan, (int64_t)at + 1) != ':') return;
        at++;
    }
    uint32_t user = cf_skip_blanks(scan, at + 1, 12), end = user;
    if (user == at + 1) return;
    while (end - user < 64 && text_user_byte(cf_at(scan, end))) end++;
    if (end > user && cf_stands(scan, end, " : ", 3)) text_login_at(scan, user, end);
}

/* `su: (to root) mohara on `; behind `su` stands `at`. */
static void login_su(cf_scan *scan, uint32_t at) {
    cf_looks(scan);
    if (cf_at(scan, at) == '[') {
        uint32_t process = ++at;
        while (at - process < 9 && cf_is_digit(cf_at(scan, at))) at++;
        if (at == process || cf_at(scan, at++) != ']') return;
    }
    if (!cf_stands(scan, at, ": (to ", 6)) return;
    uint32_t user = at + 6, end = user, by, stop;
    while (end - user < 64 && text_user_byte(cf_at(scan, end))) end++;
    if (end == user || !cf_stands(scan, end, ") ", 2)) return;
    for (by = end + 2, stop = by; stop - by < 64 && text_user_byte(cf_at(scan, stop));) stop++;
    if (stop == by || !cf_stands(scan, stop, " on ", 4)) return;
    text_login_at(scan, user, end);
    text_login_at(scan, by, stop);
}

/* ` - mohara [10/Oct/2000:` of access logs; the bracket stands at a place. */
static void login_access(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t end = at - 1, user = end;
    if (!text_form(scan, (int64_t)at + 1, "00/Aaa/0000:")) return;
    while (user && end - user < 65 && (text_user_byte(text[user - 1]) || text[user - 1] == '\\')) user--;
    if (user < end && end - user < 65 && cf_ends(scan, user, " - ", 3)) text_login_at(scan, user, end);
}

/* `Person] name: [mohara]`; the word ends at a place. */
static void login_person(cf_scan *scan, uint32_t end) {
    uint32_t at = end + (cf_at(scan, end) == ']'), sign = at, user;
    cf_looks(scan);
    if (end - 6 < scan->met[CF_MET_PERSON_OBJECT]) return;
    while (at - sign < 3 && (cf_at(scan, at) == ' ' || cf_at(scan, at) == ',' || cf_at(scan, at) == ':')) at++;
    if (at == sign) return;
    if (cf_stands(scan, at, "user", 4)) at += cf_at(scan, at + 4) == ' ' ? 5 : 4;
    if (!cf_stands(scan, at, "name", 4)) return;
    for (sign = at += 4; at - sign < 2 && (cf_at(scan, at) == ' ' || cf_at(scan, at) == ':' || cf_at(scan, at) == '=');) at++;
    if (at == sign || cf_at(scan, at) != '[') return;
    for (user = ++at; at < scan->size && at - user < 129 && scan->text[at] != ']' && scan->text[at] != '\r' && scan->text[at] != '\n';) at++;
    if (at == user || at - user > 128 || cf_at(scan, at) != ']') return;
    scan->met[CF_MET_PERSON_OBJECT] = at + 1;
    text_login_at(scan, user, at);
}

/* Whether words of a domain's users stand in the 40 bytes before a place, at most 24 bytes of the line before it. */
static bool login_domain_before(const cf_scan *scan, uint32_t start) {
    static const text_word_of words[] = {TEXT("user"), TEXT("account"), TEXT("logon"), TEXT("login"), TEXT("agent"), TEXT("domain"),
                                         TEXT("principal"), TEXT("log in"), TEXT("log on"), TEXT("logged in"), TEXT("logged on"),
                                         TEXT("logging in"), TEXT("logging on")};
    uint32_t least = start > 40 ? start - 40 : 0;
    for (uint32_t end = start; end > least && start - end <= 24; end--) {
        for (unsigned i = 0; i < COUNT(words); i++)
            if (end - least >= words[i].size && cf_stands_folded(scan, end - words[i].size, words[i].text, words[i].size)) return true;
        if (scan->text[end - 1] == '\r' || scan->text[end - 1] == '\n') return false;
    }
    return false;
}

static inline bool login_behind_domain(uint8_t c) { return cf_is_word(c) || c == '\\' || c == '(' || c == ':'; }

/* `CORP\mohara` around the backslash at a place. */
static void login_domain(cf_scan *scan, uint32_t at) {
    static const text_word_of programs[] = {TEXT("HK"), TEXT("NT"), TEXT("BUILTIN"), TEXT("SYSTEM"), TEXT("SOFTWARE")};
    const uint8_t *text = scan->text;
    uint32_t start = at, user = at + 1, end = user + 1;
    while (start && at - start < 16 && (cf_is_digit(text[start - 1]) || (uint8_t)(text[start - 1] - 'A') < 26 || text[start - 1] == '-'))
        start--;
    if (at - start < 2 || at - start > 15 || (uint8_t)(text[start] - 'A') >= 26) return;
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (cf_is_word(before) || (before && strchr("\\.:/-", before))) return;
    for (unsigned i = 0; i < COUNT(programs); i++)
        if (cf_stands(scan, start, programs[i].text, programs[i].size)) return;
    while (end - user < 64 && (cf_is_host_byte(cf_at(scan, end)) || cf_at(scan, end) == '$')) end++;
    while (end - user >= 2 && login_behind_domain(cf_at(scan, end))) end--;
    if (end - user < 2 || start < scan->met[CF_MET_DOMAIN]) return;
    scan->met[CF_MET_DOMAIN] = end;
    uint8_t c = text[user];
    bool escape = c == 'n' || c == 'r' || c == 't' || c == 'u' || c == 'b' || c == 'f' || c == 'x';
    if (!escape || login_domain_before(scan, start)) text_login_at(scan, user, end);
}

/* The name of a home folder at a place. */
static void text_home(cf_scan *scan, uint32_t start, unsigned slot) {
    static const text_word_of shared[] = {TEXT("public"), TEXT("default"), TEXT("all"), TEXT("all users"), TEXT("shared"),
                                          TEXT("default user")};
    uint32_t end = start;
    while (end < scan->size && end - start < 64) {
        uint8_t c = scan->text[end];
        if (cf_is_space(c) || (c && strchr("/\\:*?\"'<>|,;()", c))) break;
        end++;
    }
    if (end == start) return;
    scan->met[slot] = end;
    for (unsigned i = 0; i < COUNT(shared); i++)
        if (end - start == shared[i].size && cf_stands_folded(scan, start, shared[i].text, shared[i].size)) return;
    cf_shape(scan, start, end, CF_BY_LOGIN, cf_shape_kind(scan->rules, CF_BY_LOGIN), CF_R_HOME_FOLDER,
             CF_LEARN | CF_TOUCHING);
}

static uint32_t text_backslashes(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end - at < 4 && cf_at(scan, end) == '\\') end++;
    return end;
}

/* `/home/`, `Users/`, `Users\` and `Documents and Settings\` around the slash at a place. */
static void text_folder(cf_scan *scan, uint32_t at) {
    if (scan->text[at] == '/' && cf_stands(scan, (int64_t)at + 1, "home/", 5) && at >= scan->met[CF_MET_HOME])
        text_home(scan, at + 6, CF_MET_HOME);
    if (cf_at(scan, (int64_t)at - 1) != 's') return;
    bool users = cf_ends(scan, at, "Users", 5) || (scan->text[at] == '\\' && cf_ends(scan, at, "users", 5));
    if (users && at - 5 >= scan->met[CF_MET_USERS])
        text_home(scan, scan->text[at] == '/' ? at + 1 : text_backslashes(scan, at), CF_MET_USERS);
    else if (scan->text[at] == '\\' && cf_ends(scan, at, "Documents and Settings", 22) &&
             at - 22 >= scan->met[CF_MET_SETTINGS])
        text_home(scan, text_backslashes(scan, at), CF_MET_SETTINGS);
}
