/* Log-ins and hosts where services write them in a way of their own: services.py of the reference. */
#include "shapes.h"

#include <string.h>

enum { SERVICE_USER = 64, SERVICE_NAME = 253, SERVICE_NEAR = 480, SERVICE_TOLD = 1026, SERVICE_ASCII = 0xc8 };

static inline bool service_hex(uint8_t c) { return cf_is_digit(c) || (uint8_t)((c | 32) - 'a') < 6; }

/* Whether an address seems to begin at a place: one to four hex digits and what parts them. */
static bool service_address(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end - at < 4 && service_hex(cf_at(scan, end))) end++;
    return end > at && (cf_at(scan, end) == '.' || cf_at(scan, end) == ':');
}

/* `mohara@crm LOG: ` of PostgreSQL, with the `@` at a place. */
static void service_database(cf_scan *scan, uint32_t at) {
    static const text_word_of levels[] = {TEXT("LOG: "), TEXT("ERROR: "), TEXT("FATAL: "), TEXT("PANIC: "), TEXT("WARNING: "),
                                          TEXT("NOTICE: "), TEXT("INFO: "), TEXT("STATEMENT: "), TEXT("DETAIL: "), TEXT("HINT: "),
                                          TEXT("CONTEXT: "), TEXT("QUERY: "), TEXT("LOCATION: "), TEXT("DEBUG: ")};
    const uint8_t *text = scan->text;
    uint32_t end = at + 1, start = at;
    if (!cf_is_alpha(cf_at(scan, end)) && cf_at(scan, end) != '_') return;
    while (end - at <= SERVICE_USER && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '$' || cf_at(scan, end) == '-')) end++;
    if (end - at > SERVICE_USER || cf_at(scan, end) != ' ') return;
    for (unsigned i = 0; i < COUNT(levels); i++) {
        if (!cf_stands(scan, (int64_t)end + 1, levels[i].text, levels[i].size)) continue;
        while (start && at - start < SERVICE_USER && (cf_is_host_byte(text[start - 1]) || text[start - 1] == '$')) start--;
        if (start == at || at - start >= SERVICE_USER || (!cf_is_alpha(text[start]) && text[start] != '_')) return;
        if (start && (text[start - 1] == '@' || text[start - 1] == '+')) return;
        text_login_at(scan, start, at);
        return;
    }
}

static inline bool service_local(uint8_t c) { return cf_is_host_byte(c) || c == '+'; }

/* `=> mohara <mohara@example.com>` of Exim, with the bracket at a place. */
static void service_delivered(cf_scan *scan, uint32_t at) {
    static const char *const arrows[] = {" => ", " -> ", " ** ", " == ", " >> "};
    uint32_t end = at - 1, start = end, stop = at + 1;
    if (!at || scan->text[end] != ' ') return;
    while (start && end - start <= SERVICE_USER && service_local(scan->text[start - 1])) start--;
    if (start == end || end - start > SERVICE_USER || !cf_is_alpha(scan->text[start])) return;
    while (stop - at <= SERVICE_USER + 1 && service_local(cf_at(scan, stop))) stop++;
    if (stop == at + 1 || stop - at > SERVICE_USER + 1 || cf_at(scan, stop) != '@') return;
    for (unsigned i = 0; i < COUNT(arrows); i++)
        if (cf_ends(scan, start, arrows[i], 4)) text_login_at(scan, start, end);
}

/* `pam(mohara,10.1.2.3)`, `imap(mohara): ` of Dovecot: the word [start, end) stands before a bracket. */
static void service_call(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of asked[] = {TEXT("pam"), TEXT("passwd"), TEXT("file"), TEXT("shadow"), TEXT("sql"), TEXT("ldap"), TEXT("lua"),
                                         TEXT("static"), TEXT("oauth2"), TEXT("dict"), TEXT("vpopmail"),
                                         TEXT("userdb"), TEXT("passdb"), TEXT("prefetch")};
    static const text_word_of served[] = {TEXT("imap"), TEXT("pop3"), TEXT("lmtp"), TEXT("lda"),
                                          TEXT("submission"), TEXT("managesieve"), TEXT("doveadm")};
    const uint8_t *text = scan->text;
    uint32_t user = end + 1, stop = user;
    bool asks = false, serves = false;
    for (unsigned i = 0; i < COUNT(asked) && !asks; i++)
        asks = asked[i].size == end - start && memcmp(text + start, asked[i].text, end - start) == 0;
    for (unsigned i = 0; i < COUNT(served) && !serves; i++)
        serves = served[i].size == end - start && memcmp(text + start, served[i].text, end - start) == 0;
    if (!asks && !serves) return;
    cf_looks(scan);
    if (asks && text[start] == 'f' && (!cf_ends(scan, start, "passwd-", 7) || cf_is_word(cf_at(scan, (int64_t)start - 8)))) return;
    for (; stop < scan->size && stop - user <= SERVICE_USER && !cf_is_space(text[stop]); stop++)
        if (text[stop] == '(' || text[stop] == ')' || text[stop] == ',' || text[stop] == '<' || text[stop] == '>') break;
    if (stop == user || stop - user > SERVICE_USER) return;
    uint8_t mark = cf_at(scan, stop), behind = cf_at(scan, (int64_t)stop + 1);
    if (asks ? mark == ',' && service_address(scan, stop + 1)
             : mark == ')' && cf_is_alpha(text[user]) && (behind == ':' || behind == '<' || behind == '('))
        text_login_at(scan, user, stop);
}

/* `,corp\\mohara,` of firewalls, with the backslash at a place. */
static void service_column(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t start = at, end = at + 1;
    uint8_t c = cf_at(scan, end);
    if ((uint8_t)(c - 'a') >= 26 || strchr("nrtubfx", c)) return;
    while (start && at - start < 16 && (cf_is_digit(text[start - 1]) || (uint8_t)(text[start - 1] - 'a') < 26 || text[start - 1] == '-'))
        start--;
    if (at - start < 2 || at - start > 15 || (uint8_t)(text[start] - 'a') >= 26 || !start || !strchr(",;|", text[start - 1]) ||
        !text[start - 1])
        return;
    while (end - at <= SERVICE_USER && (cf_is_host_byte(cf_at(scan, end)) || cf_at(scan, end) == '$')) end++;
    if (end - at < 3 || end - at > SERVICE_USER + 1 || !cf_at(scan, end) || !strchr(",;|", cf_at(scan, end))) return;
    text_login_at(scan, at + 1, end);
}

/* `/finesse/api/User/mohara`: the word [start, end) stands before a slash. */
static void service_path(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t user = end + 1, stop = user;
    if (!cf_stands(scan, start, "User", 4)) return;
    cf_looks(scan);
    if (!cf_ends(scan, start, "/finesse/api/", 13) || !cf_is_alnum(cf_at(scan, user))) return;
    while (stop - user < SERVICE_USER && (cf_is_host_byte(cf_at(scan, stop)) || cf_at(scan, stop) == '@')) stop++;
    if (stop - user > 1) text_login_at(scan, user, stop);
}

/* `master redis-1:6379`: the word [start, end) stands before a blank. */
static void service_peer(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("master"), TEXT("broker"), TEXT("node"), TEXT("leader"),
                                         TEXT("peer"), TEXT("server"), TEXT("slave")};
    uint32_t host = end + 1, stop, digits = 0;
    bool known = false;
    for (unsigned i = 0; i < COUNT(words) && !known; i++)
        known = words[i].size == end - start && cf_stands(scan, start, words[i].text, end - start);
    if (!known || cf_at(scan, (int64_t)start - 1) == '-') return;
    cf_looks(scan);
    for (stop = host; stop - host < 41 && (uint8_t)(cf_at(scan, stop) - 'a') < 26;) stop++;
    if (stop - host > 40 || (!cf_is_digit(cf_at(scan, stop)) && cf_at(scan, stop) != '-') || !cf_is_alpha(cf_at(scan, host))) return;
    while (stop - host < 64 && (cf_is_word(cf_at(scan, stop)) || cf_at(scan, stop) == '-')) stop++;
    if (stop - host < 2 || stop - host > 63 || cf_at(scan, stop) != ':') return;
    while (digits < 6 && cf_is_digit(cf_at(scan, (int64_t)stop + 1 + digits))) digits++;
    if (digits == 4 || digits == 5) text_log_host(scan, host, stop);
}

static uint32_t service_word_end(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end - at <= SERVICE_USER && (cf_is_host_byte(cf_at(scan, end)) || cf_at(scan, end) == '$')) end++;
    return end - at <= SERVICE_USER ? end : at;
}

/* `User@Host: mohara[mohara] @ app-2 [10.1.2.3]` of MySQL: the word `Host` [start, end) stands before a colon. */
static void service_slow_query(cf_scan *scan, uint32_t start, uint32_t end) {
    if (!cf_stands(scan, start, "Host", 4)) return;
    cf_looks(scan);
    if (!cf_ends(scan, start, "User@", 5) || cf_is_word(cf_at(scan, (int64_t)start - 6)) || cf_at(scan, (int64_t)end + 1) != ' ') return;
    uint32_t user = end + 2, stop = service_word_end(scan, user), by = stop + 1, last, at, host;
    if (stop == user || cf_at(scan, stop) != '[') return;
    last = service_word_end(scan, by);
    if (last == by || !cf_stands(scan, last, "] @ ", 4)) return;
    host = last + 4 + (cf_at(scan, (int64_t)last + 4) == ' ');
    for (at = host; at - host <= SERVICE_NAME && cf_is_host_byte(cf_at(scan, at));) at++;
    if (at > host && (at - host > SERVICE_NAME || !cf_is_alnum(cf_at(scan, host)) || cf_at(scan, at++) != ' ')) return;
    if (cf_at(scan, at) != '[') return;
    text_login_at(scan, user, stop);
    text_login_at(scan, by, last);
    if (at > host && !(at - 1 - host == 9 && cf_stands(scan, host, "localhost", 9))) text_login_at(scan, host, at - 1);
}

/* `resource=mohara` in lines of the queues of UCCX: the word [start, end) stands before a sign. */
static void service_resource(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of rest[] = {TEXT(""), TEXT("Id"), TEXT("ID"), TEXT("Name")};
    const uint8_t *text = scan->text;
    uint32_t user = end + 1, stop, digits = 0, at = start;
    bool named = false;
    if ((text[start] | 32) != 'r' || end - start < 8 || memcmp(text + start + 1, "esource", 7) != 0) return;
    for (unsigned i = 0; i < COUNT(rest); i++)
        named = named || (end - start - 8 == rest[i].size && cf_stands(scan, start + 8, rest[i].text, rest[i].size));
    if (!named) return;
    cf_looks(scan);
    user += text[end] == ':' && cf_at(scan, user) == ' ';
    if (!cf_is_alnum(cf_at(scan, user))) return;
    for (stop = user; stop - user < SERVICE_USER && (cf_is_host_byte(cf_at(scan, stop)) || cf_at(scan, stop) == '@'); stop++)
        digits += cf_is_digit(text[stop]);
    if (stop - user < 2 || digits == stop - user) return;
    if (stop - user == 4 && (cf_stands(scan, user, "null", 4) || cf_stands(scan, user, "none", 4))) return;
    for (; at && start - at < SERVICE_NEAR && text[at - 1] != '\n'; at--)
        if (text[at - 1] == '%' && at + 5 <= start && cf_stands(scan, at, "MIVR-", 5)) {
            text_login_at(scan, user, stop);
            return;
        }
}

/* Where a name begins that ends at a place, or the place. */
static uint32_t service_name(const cf_scan *scan, uint32_t end) {
    uint32_t start = end;
    while (start && end - start <= SERVICE_NAME && cf_is_host_byte(scan->text[start - 1])) start--;
    return start < end && end - start <= SERVICE_NAME && cf_is_alnum(scan->text[start]) ? start : end;
}

static bool service_greets(const cf_scan *scan, uint32_t end) {
    return cf_ends(scan, end, " H=", 3) || cf_ends(scan, end, " for ", 5) || cf_ends(scan, end, " from ", 6);
}

/* `H=(pc-4711) [10.1.2.3]`, with the square bracket at a place: what a client calls itself. */
static void service_greeted(cf_scan *scan, uint32_t at) {
    if (!cf_ends(scan, at, ") ", 2) || !service_address(scan, at + 1)) return;
    uint32_t end = at - 2, start = service_name(scan, end);
    if (start == end || !start || scan->text[start - 1] != '(') return;
    uint32_t before = start - 1;
    if (service_greets(scan, before)) {
        text_log_host(scan, start, end);
    } else if (before && scan->text[before - 1] == ' ') {
        uint32_t name = service_name(scan, before - 1);
        if (name < before - 1 && service_greets(scan, name)) text_log_host(scan, start, end);
    }
}

static unsigned service_byte(const uint8_t *digits) {
    unsigned value = 0;
    for (unsigned i = 0; i < 2; i++)
        value = value << 4 | (unsigned)(cf_is_digit(digits[i]) ? digits[i] - '0' : (digits[i] | 32) - 'a' + 10);
    return value;
}

/* `00C80548656C6C6F`: what applications tell each other in hex digits, element by element; what is text may be anything. */
static void service_user_to_user(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    if (end - start < 12 || end - start > SERVICE_TOLD || (end - start) % 2 || text[start] != '0' ||
        (text[start + 1] != '0' && text[start + 1] != '4'))
        return;
    for (uint32_t at = start; at < end; at++)
        if (!service_hex(text[at])) return;
    for (unsigned pass = 0; pass < 2; pass++) {
        uint32_t at = start + 2;
        while (at + 4 <= end) {
            uint32_t told = at + 4, size = 2 * service_byte(text + at + 2);
            bool plain = pass && size && service_byte(text + at) == SERVICE_ASCII;
            for (uint32_t i = told; plain && i < told + size; i += 2) plain = service_byte(text + i) >= 32 && service_byte(text + i) < 127;
            if (plain) cf_shape(scan, told, told + size, CF_BY_BASE64, cf_shape_kind(scan->rules, CF_BY_BASE64), CF_R_BASE64, CF_TOUCHING);
            at = told + size;
        }
        if (at != end) return;
    }
}
