/* Log-ins and hosts in what programs say of those who do something: actors.py of the reference. */
#include "shapes.h"

#include <string.h>

enum { ACTOR_USER = 64, ACTOR_DOMAIN = 15, ACTOR_HOST = 253 };

static inline bool actor_lower(uint8_t c) { return (uint8_t)(c - 'a') < 26; }

/* Where a log-in ends that begins with a letter and has `marks` in it, or its beginning. */
static uint32_t actor_end(const cf_scan *scan, uint32_t start, const char *marks) {
    uint32_t end = start;
    if (!cf_is_alpha(cf_at(scan, start))) return start;
    while (end - start < ACTOR_USER && (cf_is_word(cf_at(scan, end)) || (cf_at(scan, end) && strchr(marks, cf_at(scan, end))))) end++;
    return end - start >= 2 ? end : start;
}

/* Whether one of some words, with the blank behind it, ends at a place as words of their own. */
static bool actor_before(const cf_scan *scan, uint32_t end, const text_word_of *words, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (cf_ends(scan, end, words[i].text, words[i].size) && !cf_is_word(cf_at(scan, (int64_t)end - words[i].size - 1))) return true;
    return false;
}

/* `'mohara'` at a place. */
static void actor_quoted(cf_scan *scan, uint32_t at) {
    uint8_t mark = cf_at(scan, at);
    uint32_t start = at + 1, end = start;
    if ((mark != '\'' && mark != '"') || !actor_lower(cf_at(scan, start))) return;
    for (; end - start < ACTOR_USER; end++) {
        uint8_t c = cf_at(scan, end);
        if (!actor_lower(c) && !cf_is_digit(c) && (!c || !strchr("._@+-", c))) break;
    }
    if (end - start >= 3 && cf_at(scan, end) == mark) text_login_at(scan, start, end);
}

/* `corp\mohara` at a place. */
static void actor_of_domain(cf_scan *scan, uint32_t at) {
    uint32_t end = at, user;
    if (!cf_is_alpha(cf_at(scan, at))) return;
    while (end - at < ACTOR_DOMAIN && (cf_is_alnum(cf_at(scan, end)) || cf_at(scan, end) == '-')) end++;
    if (cf_at(scan, end) != '\\') return;
    user = end + 1 + (cf_at(scan, (int64_t)end + 1) == '\\');
    end = actor_end(scan, user, ".$-");
    if (end > user) text_login_at(scan, user, end);
}

/* `identified by "…"` of databases: `by` is [start, end). */
static void actor_identified(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = end + 1, stop;
    if (!cf_stands_folded(scan, start, "by", 2) || !cf_stands_folded(scan, (int64_t)start - 11, "identified ", 11)) return;
    if (cf_is_word(cf_at(scan, (int64_t)start - 12))) return;
    if (cf_at(scan, at) == '\'' || cf_at(scan, at) == '"') at++;
    else if (!cf_stands(scan, (int64_t)start - 11, "IDENTIFIED BY", 13)) return;
    else if (cf_stands(scan, at, "VALUE", 5) && !cf_is_word(cf_at(scan, at + 5 + (cf_at(scan, at + 5) == 'S')))) return;
    for (stop = at; stop < scan->size && stop - at < 128; stop++) {
        uint8_t c = scan->text[stop];
        if (cf_is_space(c) || c == '"' || c == '\'' || c == ';') break;
    }
    if (stop > at) cf_shape(scan, at, stop, CF_BY_SECRET, cf_shape_kind(scan->rules, CF_BY_SECRET), CF_R_COMMAND_LINE, CF_TOUCHING);
}

static void identified_done(cf_scan *scan, uint32_t by, uint32_t at); /* identified.c */
static void done_by(cf_scan *scan, uint32_t by, uint32_t user);       /* doneby.c */
static void access_by(cf_scan *scan, uint32_t start, uint32_t user); /* accesses.c */

/* The words `as`, `by` and `BY` [start, end) before a blank. */
static void actor_small(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of signed_in[] = {TEXT("authenticated "), TEXT("logged in "), TEXT("logged on "), TEXT("signed in ")};
    static const text_word_of acts_as[] = {TEXT("logon "), TEXT("login "), TEXT("logged in "), TEXT("logged on "),
                                           TEXT("authenticated "), TEXT("running "), TEXT("connected ")};
    static const text_word_of held[] = {TEXT("locked "), TEXT("reserved "), TEXT("owned "), TEXT("checked out ")};
    static const text_word_of started[] = {TEXT("started ")};
    uint32_t user = end + 1, stop, word;
    cf_looks(scan);
    actor_identified(scan, start, end);
    if (memcmp(scan->text + start, "as", 2) == 0) {
        if (actor_before(scan, start, signed_in, COUNT(signed_in))) actor_quoted(scan, user);
        if (actor_before(scan, start, acts_as, COUNT(acts_as))) actor_of_domain(scan, user);
    } else if (memcmp(scan->text + start, "by", 2) == 0) {
        if (actor_before(scan, start, held, COUNT(held))) actor_quoted(scan, user);
        identified_done(scan, start, user);
        done_by(scan, start, user);
        access_by(scan, start, user);
        stop = actor_end(scan, user, ".$-");
        if (stop > user &&
            (cf_stands(scan, stop, " on vty", 7) || cf_stands(scan, stop, " on tty", 7) || cf_stands(scan, stop, " on console", 11)))
            text_login_at(scan, user, stop);
        if (!actor_before(scan, start, started, COUNT(started))) return;
        if (stop == user || !cf_stands(scan, stop, " in ", 4)) return;
        uint8_t c = cf_at(scan, (int64_t)stop + 4);
        if (c == '/' || ((uint8_t)(c - 'A') < 26 && cf_stands(scan, (int64_t)stop + 5, ":\\", 2))) text_login_at(scan, user, stop);
    } else if (memcmp(scan->text + start, "BY", 2) == 0 && start > 10 && scan->text[start - 1] == ' ') {
        for (word = start - 1; word && start - 1 - word < 33 && !cf_is_space(scan->text[word - 1]);) word--;
        if (word == start - 1 || start - 1 - word > 32 || !cf_ends(scan, word, "LOGIN ON ", 9) ||
            cf_is_word(cf_at(scan, (int64_t)word - 10)))
            return;
        stop = actor_end(scan, user, ".$+-");
        if (stop > user) text_login_at(scan, user, stop);
    }
}

/* `CRON[4711]: (mohara) CMD`, `Resource[mohara] reserved`: the word [start, end) stands before a bracket. */
static void actor_bracket(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of states[] = {TEXT("reserved"), TEXT("selected"), TEXT("state"), TEXT("is ")};
    const uint8_t *text = scan->text;
    uint32_t size = end - start, at = end + 1, stop = at;
    if (size == 8 && (text[start] | 32) == 'r' && memcmp(text + start + 1, "esource", 7) == 0) {
        cf_looks(scan);
        stop = actor_end(scan, at, ".@-");
        if (stop == at || !cf_stands(scan, stop, "] ", 2)) return;
        for (unsigned i = 0; i < COUNT(states); i++)
            if (cf_stands(scan, (int64_t)stop + 2, states[i].text, states[i].size)) return text_login_at(scan, at, stop);
        return;
    }
    if ((size != 4 || (memcmp(text + start, "CRON", 4) != 0 && memcmp(text + start, "cron", 4) != 0)) &&
        (size != 5 || (memcmp(text + start, "CROND", 5) != 0 && memcmp(text + start, "crond", 5) != 0)))
        return;
    cf_looks(scan);
    while (stop - at < 9 && cf_is_digit(cf_at(scan, stop))) stop++;
    if (stop == at || !cf_stands(scan, stop, "]: (", 4)) return;
    at = stop += 4;
    if (!cf_is_alpha(cf_at(scan, at)) && cf_at(scan, at) != '_') return;
    while (stop - at < ACTOR_USER && text_user_byte(cf_at(scan, stop))) stop++;
    if (cf_stands(scan, stop, ") ", 2) && (uint8_t)(cf_at(scan, (int64_t)stop + 2) - 'A') < 26) text_login_at(scan, at, stop);
}

/* speakers.c */
static bool speaker_listed(const cf_scan *scan, uint32_t start, uint32_t end, const char *words);

/* `agent mohara at place 7021`, `Agent E118204 at place [P1]`: the log-in begins at a place. */
static void actor_at_place(cf_scan *scan, uint32_t user) {
    static const char no_agents[] =
        " is was now not ready busy logged logging login available currently selected found located state only reserved"
        " working idle active registered group desk work and or object session already ";
    uint32_t at = user, digits;
    while (at - user < 25 && actor_lower(cf_at(scan, at))) at++;
    if (at > user) {
        if (at - user < 3 || at - user > 24 || speaker_listed(scan, user, at, no_agents)) return;
    } else {
        while (at - user < 2 && (uint8_t)(cf_at(scan, at) - 'A') < 26) at++;
        for (digits = at; at - digits < 9 && cf_is_digit(cf_at(scan, at));) at++;
        if (at - digits < 4 || at - digits > 8) return;
    }
    uint8_t place = cf_at(scan, (int64_t)at + 10);
    if (cf_stands(scan, at, " at place ", 10) && (cf_is_word(place) || place == '[')) text_login_at(scan, user, at);
}

/* doers.c */
static bool doer_thing(const cf_scan *scan, uint32_t start, uint32_t end);
static bool doer_thing_dashed(const cf_scan *scan, uint32_t start, uint32_t end);

/* `agent AB4711, place P_7021`, and no `user agent chrome118`: the log-in begins at a place. */
static void actor_agent_id(cf_scan *scan, uint32_t user) {
    uint32_t at = user, digits;
    bool small = actor_lower(cf_at(scan, user));
    if (cf_ends(scan, (int64_t)user - 6, "ser ", 4) && (cf_at(scan, (int64_t)user - 11) | 32) == 'u') return;
    while (at - user < 21 && (small ? actor_lower(cf_at(scan, at)) : (uint8_t)(cf_at(scan, at) - 'A') < 26)) at++;
    if (small ? at - user < 3 || at - user > 20 : at == user || at - user > 2) return;
    for (digits = at; at - digits < 9 && cf_is_digit(cf_at(scan, at));) at++;
    if (at - digits < (small ? 2 : 4) || at - digits > (small ? 6 : 8)) return;
    uint8_t c = cf_at(scan, at);
    bool ends = at == scan->size || c == ',' || c == ';' || c == ')' || c == '\n' || (c == '\r' && cf_at(scan, at + 1) == '\n');
    if (ends && !doer_thing(scan, user, at)) text_login_at(scan, user, at);
}

/* `Authentication failed for 'mohara'`: the word `for` begins at a place, the quote at another. */
static void actor_failed(cf_scan *scan, uint32_t start, uint32_t quote) {
    static const text_word_of done[] = {TEXT("authentication"), TEXT("login"), TEXT("logon"), TEXT("signin"), TEXT("sign-in"),
                                        TEXT("user id initialization"), TEXT("user id initialisation"),
                                        TEXT("userid initialization"), TEXT("userid initialisation")};
    uint32_t user = quote + 1, end = user;
    cf_looks(scan);
    if (!cf_ends(scan, start, " failed ", 8) || !actor_lower(cf_at(scan, user))) return;
    for (uint8_t c; end - user < ACTOR_USER; end++)
        if (!actor_lower(c = cf_at(scan, end)) && !cf_is_digit(c) && (!c || !strchr("._@+-", c))) break;
    if (end - user < 3 || cf_at(scan, end) != cf_at(scan, quote) || doer_thing_dashed(scan, user, end)) return;
    for (unsigned i = 0; i < COUNT(done); i++) {
        int64_t at = (int64_t)start - 8 - done[i].size;
        if (at >= 0 && cf_stands_folded(scan, at, done[i].text, done[i].size) && !cf_is_word(cf_at(scan, at - 1)))
            return text_login_at(scan, user, end);
    }
}

/* `agent m.ohara at place`: the word ends before a blank. */
static void actor_agent(cf_scan *scan, uint32_t end) {
    uint32_t user = end + 1, at = user, part;
    cf_looks(scan);
    actor_at_place(scan, user);
    actor_agent_id(scan, user);
    while (at - user < 21 && actor_lower(cf_at(scan, at))) at++;
    if (at == user || at - user > 20) return;
    if (cf_at(scan, at) == '.' || cf_at(scan, at) == '_') {
        for (part = ++at; at - part < 25 && actor_lower(cf_at(scan, at));) at++;
        if (at - part < 2 || at - part > 24) return;
        for (part = at; at - part < 4 && cf_is_digit(cf_at(scan, at));) at++;
    } else {
        for (part = at; at - part < 6 && cf_is_digit(cf_at(scan, at));) at++;
        if (part - user < 2 || at - part < 2) return;
    }
    if (cf_stands(scan, at, " at place", 9) || cf_stands(scan, at, " state changed", 14)) text_login_at(scan, user, at);
}

/* `InteractionWorkspace_mohara`: the name of a client in a word of at least 23 bytes. */
static void actor_workspace(cf_scan *scan, uint32_t start) {
    if (memcmp(scan->text + start, "InteractionWorkspace_", 21) != 0) return;
    cf_looks(scan);
    uint32_t user = start + 21, end = actor_end(scan, user, ".@$+-");
    if (end > user) text_login_at(scan, user, end);
}

/* Where a host's name begins that ends at a place, with `open` before it; or the place. */
static uint32_t actor_host(const cf_scan *scan, uint32_t end, const char *open, uint32_t least) {
    uint32_t start = end;
    while (start && end - start <= ACTOR_HOST && cf_is_host_byte(scan->text[start - 1])) start--;
    bool name = end - start >= least && end - start <= ACTOR_HOST && cf_is_alnum(scan->text[start]);
    return name && cf_ends(scan, start, open, (uint32_t)strlen(open)) ? start : end;
}

/* Whether six pairs of hex digits end at a place. */
static bool actor_mac(const cf_scan *scan, uint32_t end) {
    if (end < 17) return false;
    for (uint32_t i = 0; i < 17; i++) {
        uint8_t c = scan->text[end - 17 + i];
        if (i % 3 == 2 ? c != ':' : !cf_is_digit(c) && (uint8_t)((c | 32) - 'a') >= 6) return false;
    }
    uint8_t before = cf_at(scan, (int64_t)end - 18);
    return before != ':' && !cf_is_digit(before) && (uint8_t)((before | 32) - 'a') >= 6;
}

/* doers.c */
static void doer_changed(cf_scan *scan, uint32_t start);
static void doer_via(cf_scan *scan, uint32_t start);

/* `00:11:22:33:44:55 (pc-4711) via`, `on sip-a01 with PID 4711`, `(WIN-7A2B) has initiated the`: the last of these words
 * [start, end) stands before a blank. */
static void actor_host_word(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t stop, host;
    if (end - start == 4 && memcmp(scan->text + start, "with", 4) == 0) {
        cf_looks(scan);
        if (!start || !cf_stands(scan, end, " PID ", 5) || !cf_is_digit(cf_at(scan, (int64_t)end + 5)) || scan->text[start - 1] != ' ')
            return;
        stop = start - 1;
        host = actor_host(scan, stop, " on ", 2);
        if (host < stop) text_log_host(scan, host, stop);
        return;
    }
    if (end - start == 3 && memcmp(scan->text + start, "has", 3) == 0) doer_changed(scan, start);
    bool via = end - start == 3 && memcmp(scan->text + start, "via", 3) == 0,
         has = end - start == 3 && memcmp(scan->text + start, "has", 3) == 0;
    if (!via && !has) return;
    cf_looks(scan);
    if (via) doer_via(scan, start);
    if (!cf_ends(scan, start, ") ", 2) || (has && !cf_stands(scan, end, " initiated the ", 15))) return;
    stop = start - 2;
    host = actor_host(scan, stop, via ? " (" : "(", via ? 1 : 2);
    if (host < stop && (has || actor_mac(scan, host - 2))) text_log_host(scan, host, stop);
}

/* `W3SVC1 web-a01 10.1.2.3` of an access log: the word of the site [start, end) stands before a blank. */
static void actor_site(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t host = end + 1, stop = host, at, from;
    cf_looks(scan);
    if (memcmp(scan->text + start, "W3SVC", 5) != 0 || !start || scan->text[start - 1] != ' ' || !cf_is_alpha(cf_at(scan, host))) return;
    for (at = start + 5; at < end; at++)
        if (!cf_is_digit(scan->text[at])) return;
    while (stop - host <= ACTOR_HOST && cf_is_host_byte(cf_at(scan, stop))) stop++;
    if (stop - host < 2 || stop - host > ACTOR_HOST || cf_at(scan, stop) != ' ') return;
    at = stop + 1;
    for (unsigned part = 0; part < 4; part++) {
        for (from = at; at - from < 3 && cf_is_digit(cf_at(scan, at));) at++;
        if (at == from || (part < 3 && cf_at(scan, at++) != '.')) return;
    }
    if (!cf_is_word(cf_at(scan, at))) text_log_host(scan, host, stop);
}
