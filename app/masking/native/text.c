/* Personal values by their shape in plain text: mails, log-ins, home folders, positions, hosts that write logs, and
 * names in JSON objects; the places that app/masking/text.py finds. */
#include "shapes.h"

#include <string.h>

typedef struct {
    const char *text;
    uint32_t size;
} text_word_of;
#define TEXT(word) {word, sizeof(word) - 1}
#define COUNT(list) (sizeof(list) / sizeof *(list))

static inline bool text_local(uint8_t c) {
    if (cf_is_word(c) || c >= 0x80) return true;
    switch (c) {
    case '.': case '%': case '+': case '-': case '\'': case '!': case '#': case '$': case '&': case '*': case '/':
    case '=': case '?': case '^': case '`': case '{': case '|': case '}': case '~': return true;
    default: return false;
    }
}

static inline bool text_cuts_mail(uint8_t c) {
    return c == '=' || c == '?' || c == '&' || c == '\'' || c == '|' || c == '/';
}

/* Whether a log-in of a URL stands there: `://user` up to a place, in the bytes from `least` on. */
static bool text_behind_slashes(const cf_scan *scan, uint32_t least, uint32_t end) {
    uint32_t at = end;
    while (at > least && end - at < 64) {
        uint8_t c = scan->text[at - 1];
        if (cf_is_space(c) || c == '/' || c == '@') break;
        at--;
    }
    return at >= least + 3 && cf_ends(scan, at, "://", 3);
}

/* Whether the header or key of a Call-ID ends at a place. */
static bool text_behind_call_id(const cf_scan *scan, uint32_t least, uint32_t end) {
    static const text_word_of names[] = {TEXT("call-id"), TEXT("callid"), TEXT("in-reply-to"), TEXT("replaces"), TEXT("i")};
    uint32_t at = end;
    while (at > least && end - at < 4) {
        uint8_t c = scan->text[at - 1];
        if (!cf_is_space(c) && c != ':' && c != '=' && c != '\'' && c != '"') break;
        at--;
    }
    if (at == end) return false;
    for (unsigned i = 0; i < COUNT(names); i++) {
        if (at - least < names[i].size || !cf_stands_folded(scan, at - names[i].size, names[i].text, names[i].size)) continue;
        uint32_t start = at - names[i].size;
        if (start == least) return true;
        uint8_t c = scan->text[start - 1];
        if (cf_is_space(c) || c == '[' || c == '(' || c == '{' || c == ';' || c == ',') return true;
    }
    return false;
}

/* A mail address around `@` or `%40` at a place; `behind` is behind it. */
static void text_mail(cf_scan *scan, uint32_t at, uint32_t behind) {
    const uint8_t *text = scan->text;
    uint32_t end = behind, labels = 0;
    if (!cf_is_alnum(cf_at(scan, end))) return;
    while (end - behind < 64 && (cf_is_alnum(cf_at(scan, end)) || cf_at(scan, end) == '-')) end++;
    if (end - behind > 63 || cf_at(scan, end) != '.') return;
    while (labels < 8 && cf_at(scan, end) == '.') {
        uint32_t label = end + 1, stop = label;
        while (stop - label < 63 && (cf_is_alnum(cf_at(scan, stop)) || cf_at(scan, stop) == '-')) stop++;
        if (stop == label) break;
        end = stop;
        labels++;
    }
    if (!labels) return;
    while (text[end - 1] == '-' || text[end - 1] == '.') end--;
    uint32_t digits = end;
    while (digits > behind && cf_is_digit(text[digits - 1])) digits--;
    if (digits < end && text[digits - 1] == '.') return;
    if (digits == behind) return;

    uint32_t least = at > 66 ? at - 66 : 0, from = at, start = at;
    while (from > least && text_local(text[from - 1])) from--;
    while (from < at && text[from] < 0x80 && !cf_is_word(text[from])) from++;
    while (start > from && !text_cuts_mail(text[start - 1])) start--;
    if (start == at) return;
    least = start > 40 ? start - 40 : 0;
    for (uint32_t i = start; i > least; i--)
        if (text[i - 1] == '\n') {
            least = i;
            break;
        }
    if (start - least >= 4 && (cf_ends(scan, start, "sip:", 4) || cf_ends(scan, start, "SIP:", 4))) return;
    if (start - least >= 5 && cf_ends(scan, start, "sips:", 5)) return;
    if (text_behind_slashes(scan, least, start) || text_behind_call_id(scan, least, start)) return;
    cf_shape(scan, start, end, CF_BY_MAIL, cf_shape_kind(scan->rules, CF_BY_MAIL), CF_R_MAIL, CF_LEARN);
}

static inline bool text_user_byte(uint8_t c) {
    return cf_is_word(c) || c == '.' || c == '@' || c == '$' || c == '+' || c == '-';
}

static void text_login_at(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of systems[] = {TEXT("root"), TEXT("unknown"), TEXT("with"), TEXT("name")};
    for (unsigned i = 0; i < COUNT(systems); i++)
        if (end - start == systems[i].size && cf_stands_folded(scan, start, systems[i].text, systems[i].size)) return;
    cf_shape(scan, start, end, CF_BY_LOGIN, cf_shape_kind(scan->rules, CF_BY_LOGIN), CF_R_LOGIN, CF_LEARN | CF_TOUCHING);
}

/* ` for mohara from `, behind `Accepted password` and the like; the word `for` begins at `start`. */
static void text_accepted(cf_scan *scan, uint32_t start) {
    static const text_word_of whose[] = {TEXT("invalid user "), TEXT("illegal user "), TEXT("")};
    static const text_word_of verbs[] = {TEXT("Accepted"), TEXT("Failed"), TEXT("Postponed")};
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

/* `session opened for user mohara`; the word `user` begins at `start`. */
static void text_user_word(cf_scan *scan, uint32_t start) {
    static const text_word_of before[] = {TEXT("nvalid"), TEXT("llegal"), TEXT("uthenticating"), TEXT(" for"),
                                          TEXT("pened for"), TEXT("losed for"), TEXT("isconnected from"),
                                          TEXT("ogin for")};
    uint32_t user = start + 5, end = user;
    if (start - 1 < scan->met[CF_MET_USER_WORD]) return;
    while (end - user < 64 && (text_user_byte(cf_at(scan, end)) || cf_at(scan, end) == '\\')) end++;
    if (end == user) return;
    scan->met[CF_MET_USER_WORD] = end;
    for (unsigned i = 0; i < COUNT(before); i++)
        if (cf_ends(scan, (int64_t)start - 1, before[i].text, before[i].size)) {
            text_login_at(scan, user, end);
            return;
        }
}

/* `sudo: mohara : `, the sign behind `sudo` stands at `at`. */
static void text_sudo(cf_scan *scan, uint32_t at) {
    if (!cf_ends(scan, at, "sudo", 4)) return;
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

/* `user 'mohara' logged in`; the closing quote stands at a place. */
static void text_logged_in(cf_scan *scan, uint32_t at) {
    static const text_word_of what[] = {TEXT("logged"), TEXT("signed"), TEXT("authenticated"), TEXT("connected")};
    static const text_word_of who[] = {TEXT("ser "), TEXT("gent "), TEXT("perator "), TEXT("erson "), TEXT("lient ")};
    int64_t verb = (int64_t)at + 2;
    bool said = false;
    if (cf_stands(scan, verb, "has ", 4)) verb += 4;
    else if (cf_stands(scan, verb, "is ", 3)) verb += 3;
    for (unsigned i = 0; i < COUNT(what); i++) said = said || cf_stands(scan, verb, what[i].text, what[i].size);
    if (!said) return;
    uint32_t start = at;
    for (; start > 0 && at - start < 65; start--) {
        uint8_t c = scan->text[start - 1];
        if (c == '\'' || c == '"' || c == '\r' || c == '\n') break;
    }
    if (start == at || at - start > 64 || start == 0) return;
    if (scan->text[start - 1] != '\'' && scan->text[start - 1] != '"') return;
    for (unsigned i = 0; i < COUNT(who); i++)
        if (cf_ends(scan, (int64_t)start - 1, who[i].text, who[i].size)) {
            text_login_at(scan, start, at);
            return;
        }
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
    if (cf_ends(scan, at, "Users", 5) && at - 5 >= scan->met[CF_MET_USERS])
        text_home(scan, scan->text[at] == '/' ? at + 1 : text_backslashes(scan, at), CF_MET_USERS);
    else if (scan->text[at] == '\\' && cf_ends(scan, at, "Documents and Settings", 22) &&
             at - 22 >= scan->met[CF_MET_SETTINGS])
        text_home(scan, text_backslashes(scan, at), CF_MET_SETTINGS);
}

/* Behind `-12.345` at a place, or 0. */
static uint32_t text_degrees(const cf_scan *scan, uint32_t at) {
    if (cf_at(scan, at) == '-') at++;
    uint32_t end = at;
    while (end - at < 3 && cf_is_digit(cf_at(scan, end))) end++;
    if (end == at || cf_at(scan, end) != '.') return 0;
    at = ++end;
    while (end - at < 12 && cf_is_digit(cf_at(scan, end))) end++;
    return end - at >= 2 ? end : 0;
}

static void text_geo(cf_scan *scan, uint32_t at) {
    uint32_t end = text_degrees(scan, at + 1);
    if (!end || cf_at(scan, end) != ',') return;
    end++;
    end = text_degrees(scan, cf_is_space(cf_at(scan, end)) ? end + 1 : end);
    if (end)
        cf_shape(scan, at + 1, end, CF_BY_GEO, cf_shape_kind(scan->rules, CF_BY_GEO), CF_R_GEO_URI, CF_TOUCHING);
}

static void text_log_host(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *host = scan->text + start;
    uint32_t size = end - start;
    if (cf_allowed_host(scan->rules, host, size) || (size == 1 && *host == '-') || cf_digits_and_dots(host, size)) return;
    cf_shape(scan, start, end, CF_BY_LOG_HOST, cf_shape_kind(scan->rules, CF_BY_LOG_HOST), CF_R_LOG_HOST,
             CF_LEARN | CF_TOUCHING);
}

/* Whether bytes have a form: '0' a digit, 'A' a capital, 'a' a small letter, '_' a blank or a digit, others themselves. */
static bool text_form(const cf_scan *scan, int64_t at, const char *form) {
    for (; *form; form++, at++) {
        uint8_t c = cf_at(scan, at);
        bool right = *form == '0'   ? cf_is_digit(c)
                     : *form == 'A' ? (uint8_t)(c - 'A') < 26
                     : *form == 'a' ? (uint8_t)(c - 'a') < 26
                     : *form == '_' ? cf_is_digit(c) || c == ' '
                                    : c == (uint8_t)*form;
        if (!right) return false;
    }
    return true;
}

/* How many bytes without white space stand at a place, at most one more than `most`. */
static uint32_t text_solid(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (end < scan->size && end - at <= most && !cf_is_space(scan->text[end])) end++;
    return end - at;
}

/* `2026-01-01T10:00:00.000 Standard host program GCTI-…` */
static void text_full_format(cf_scan *scan, uint32_t start) {
    static const text_word_of levels[] = {TEXT("Standard "), TEXT("Trace "), TEXT("Interaction "), TEXT("Alarm "),
                                          TEXT("Debug ")};
    if (!text_form(scan, start, "0000-00-00T00:00:00.000 ")) return;
    for (unsigned i = 0; i < COUNT(levels); i++) {
        if (!cf_stands(scan, (int64_t)start + 24, levels[i].text, levels[i].size)) continue;
        uint32_t host = start + 24 + levels[i].size, size = text_solid(scan, host, 253);
        if (!size || size > 253 || cf_at(scan, host + size) != ' ') return;
        uint32_t program = host + size + 1, more = text_solid(scan, program, 128);
        if (more && more <= 128 && cf_stands(scan, program + more, " GCTI-", 6)) text_log_host(scan, host, host + size);
        return;
    }
}

/* `<14>1 2026-… host `, `<14>Jan  1 10:00:00 host ` */
static void text_syslog(cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    bool fifth = false;
    if (cf_at(scan, at) == '<') {
        uint32_t priority = ++at;
        while (at - priority < 3 && cf_is_digit(cf_at(scan, at))) at++;
        if (at == priority || cf_at(scan, at) != '>') return;
        at++;
        fifth = cf_stands(scan, at, "1 ", 2);
    }
    if (fifth) {
        uint32_t size = text_solid(scan, at + 2, 40);
        if (size < 19 || size > 40 || cf_at(scan, at + 2 + size) != ' ') return;
        at += 3 + size;
    } else {
        if (!text_form(scan, at, "Aaa _0 00:00:00 ")) return;
        at += 16;
    }
    uint32_t end = at;
    while (end < scan->size && end - at < 253 && !cf_is_space(scan->text[end])) {
        uint8_t c = scan->text[end];
        if (c == '<' || c == ':' || c == '[' || c == ']') break;
        end++;
    }
    if (end > at && cf_at(scan, end) == ' ' && end + 1 < scan->size && !cf_is_space(scan->text[end + 1]))
        text_log_host(scan, at, end);
}

/* `Host name: …` of headers of segments. */
static void text_header_host(cf_scan *scan, uint32_t start) {
    static const text_word_of names[] = {TEXT("host name"), TEXT("hostname"), TEXT("host"), TEXT("computer name"),
                                         TEXT("node name")};
    uint32_t at = cf_skip_blanks(scan, start, 8);
    uint8_t first = cf_lower(cf_at(scan, at));
    if (first != 'h' && first != 'c' && first != 'n') return;
    for (unsigned i = 0; i < COUNT(names); i++) {
        if (!cf_stands_folded(scan, at, names[i].text, names[i].size)) continue;
        uint32_t sign = cf_skip_blanks(scan, at + names[i].size, 8);
        if (cf_at(scan, sign) != ':') continue;
        uint32_t host = cf_skip_blanks(scan, sign + 1, 40), end = host;
        if (host == sign + 1) continue;
        while (end < scan->size && end - host < 253 && !cf_is_space(scan->text[end])) {
            uint8_t c = scan->text[end];
            if (c == ',' || c == ';' || c == '<') break;
            end++;
        }
        if (end == host) continue;
        text_log_host(scan, host, end);
        return;
    }
}

/* ` -host sip-a01`, ` --server=…`; the option's name is the word. */
static void text_option_host(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of names[] = {TEXT("host"), TEXT("backup_host"), TEXT("lchost"), TEXT("server")};
    if (!cf_ends(scan, start, " -", 2) && !cf_ends(scan, start, " --", 3)) return;
    if (cf_at(scan, end) != ' ' && cf_at(scan, end) != '=') return;
    for (unsigned i = 0; i < COUNT(names); i++) {
        if (end - start != names[i].size || !cf_stands(scan, start, names[i].text, names[i].size)) continue;
        uint32_t host = end + 1, stop = host;
        if (!cf_is_alnum(cf_at(scan, host))) return;
        while (stop - host < 253 && cf_is_host_byte(cf_at(scan, stop))) stop++;
        text_log_host(scan, host, stop);
    }
}

/* Behind `"key"` at a place and the colon, or 0. */
static uint32_t text_colon(const cf_scan *scan, uint32_t at) {
    if (cf_is_space(cf_at(scan, at))) at++;
    if (cf_at(scan, at) != ':') return 0;
    at++;
    return cf_is_space(cf_at(scan, at)) ? at + 1 : at;
}

/* `"customer": {… "name": "…"`; the word between the quotes begins at `start`. */
static void text_person(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of people[] = {TEXT("customer"), TEXT("caller"), TEXT("contact"), TEXT("user"), TEXT("person"),
                                          TEXT("agent"), TEXT("employee"), TEXT("owner"), TEXT("patient"),
                                          TEXT("client")};
    uint32_t at = text_colon(scan, end + 1);
    if (!at || cf_at(scan, at) != '{' || start - 1 < scan->met[CF_MET_PERSON]) return;
    bool person = false;
    for (unsigned i = 0; i < COUNT(people); i++)
        person = person || (end - start == people[i].size && cf_stands(scan, start, people[i].text, people[i].size));
    if (!person) return;
    uint32_t open = at + 1;
    for (at = open; at < scan->size && at - open <= 512; at++) {
        uint8_t c = scan->text[at];
        if (c == '"' && cf_stands(scan, at, "\"name\"", 6)) {
            uint32_t name = text_colon(scan, at + 6);
            if (name && cf_at(scan, name) == '"') {
                uint32_t stop = ++name;
                for (unsigned count = 0; count < 256 && stop < scan->size; count++) {
                    c = scan->text[stop];
                    if (c == '"' || c == '\r' || c == '\n') break;
                    if (c == '\\') {
                        if (stop + 1 >= scan->size || scan->text[stop + 1] == '\r' || scan->text[stop + 1] == '\n') break;
                        stop++;
                    }
                    stop++;
                }
                if (stop > name) {
                    scan->met[CF_MET_PERSON] = stop;
                    cf_shape(scan, name, stop, CF_BY_PERSON_NAME, cf_shape_kind(scan->rules, CF_BY_PERSON_NAME),
                             CF_R_PERSON_NAME, CF_LEARN | CF_TOUCHING);
                    return;
                }
            }
            c = '"';
        }
        if (c == '{' || c == '}' || c == '\r' || c == '\n') return;
    }
}

#undef TEXT
#undef COUNT
