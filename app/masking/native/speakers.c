/* Log-ins and hosts in what contact-center servers say: Asterisk, URS, Configuration Server, UCCX, REST and IIS
 * (speakers.py of the reference). */
#include "shapes.h"

#include <string.h>

enum { SPEAKER_USER = 64, SPEAKER_HOST = 253, SPEAKER_PATH = 64, SPEAKER_WORD = 24, SPEAKER_FIELD = 2048 };

/* What stands in paths of services behind `/users/` and is nobody, between blanks; and endings of files. */
static const char SPEAKER_ROUTES[] =
    " access account accounts activate active activity actions admin admins agent agents assign attributes audit auth authenticate "
    "available avatar batch bin bulk cache calls change channels check conf config configuration confirm count counts create "
    "credentials current data deactivate default defaults delete details devices disable disabled docs download edit enable "
    "enabled events exists export extensions feed filter find forgot free groups heartbeat help history home identity import "
    "inactive include index info invite items ldap library license licenses list local lock login logins logout logs manage media "
    "members merge message messages metadata monitor multiple online options page pages password passwords permissions phone photo "
    "place places policies preferences presence privileges profile profiles public query queues ready recent refresh register "
    "registration remove rename report reports request reset resources restore rights role roles root save schema search self "
    "session sessions settings share signin signout signup skills state states stats status statistics step sync system team teams "
    "templates tenant test token tokens unassign unlock update upload user username users validate verify version view voice ";
static const char SPEAKER_FILES[] =
    " html htm js mjs css json xml png jpg jpeg svg gif ico php jsp jspx asp aspx do map txt text csv pdf yaml yml conf log java "
    "class py ts vxml wav ";

static bool speaker_listed(const cf_scan *scan, uint32_t start, uint32_t end, const char *words) {
    char word[SPEAKER_WORD + 3] = " ";
    if (end - start > SPEAKER_WORD) return false;
    for (uint32_t at = start; at < end; at++) word[at - start + 1] = (char)cf_lower(scan->text[at]);
    word[end - start + 1] = ' ';
    return strstr(words, word) != NULL;
}

static inline bool speaker_byte(uint8_t c, const char *marks) { return cf_is_word(c) || (c && strchr(marks, c)); }

/* Where a log-in of at least two bytes ends that begins with a letter (`digits`: or a digit) and has `marks` in it, or 0. */
static uint32_t speaker_user(const cf_scan *scan, uint32_t start, const char *marks, bool digits) {
    uint32_t end = start;
    if (digits ? !cf_is_alnum(cf_at(scan, start)) : !cf_is_alpha(cf_at(scan, start))) return 0;
    while (end - start < SPEAKER_USER && speaker_byte(cf_at(scan, end), marks)) end++;
    return end - start >= 2 ? end : 0;
}

/* `object 'mohara@Resources' type Agent` of Stat Server; the quote stands before a place. */
static void speaker_resource(cf_scan *scan, uint32_t user) {
    uint32_t end = user, tenant;
    bool small = (uint8_t)(cf_at(scan, user) - 'a') < 26;
    if (!cf_is_alnum(cf_at(scan, user))) return;
    for (; end - user < SPEAKER_USER && speaker_byte(cf_at(scan, end), ".-"); end++)
        small = small && (uint8_t)(scan->text[end] - 'A') >= 26;
    if (end - user < 3 || cf_at(scan, end) != '@') return;
    tenant = end + 1;
    if (small && cf_stands(scan, tenant, "Resources'", 10)) return text_login_at(scan, user, end);
    uint32_t stop = tenant;
    if (!cf_is_alpha(cf_at(scan, tenant))) return;
    while (stop - tenant < 63 && (cf_is_word(cf_at(scan, stop)) || cf_at(scan, stop) == '-')) stop++;
    if (cf_stands(scan, stop, "' type Agent", 12) && !cf_is_word(cf_at(scan, (int64_t)stop + 12))) text_login_at(scan, user, end);
}

/* `[10.1.2.3] [mohara] c.g.gws…`: the bracket of the log-in stands at a place, behind another and a blank. */
static void speaker_bracketed(cf_scan *scan, uint32_t at) {
    static const char nobody[] =
        " main none null anonymous unknown guest default system root audit access security http https info debug warn error trace"
        " public internal local ";
    const uint8_t *text = scan->text;
    uint32_t user = at + 1, end = user, from, part = at - 2;
    if ((uint8_t)(cf_at(scan, user) - 'a') >= 26 || !cf_is_digit(cf_at(scan, (int64_t)at - 3))) return;
    cf_looks(scan);
    for (unsigned parts = 0; parts < 4; parts++) {
        for (from = part; part && from - part < 3 && cf_is_digit(text[part - 1]);) part--;
        if (part == from || !part || text[part - 1] != (parts < 3 ? '.' : '[')) return;
        part -= parts < 3;
    }
    for (uint8_t c; end - user < SPEAKER_USER; end++)
        if ((uint8_t)((c = cf_at(scan, end)) - 'a') >= 26 && !cf_is_digit(c) && c != '.' && c != '_') break;
    uint8_t behind = cf_at(scan, (int64_t)end + 2);
    if (end - user < 3 || !cf_stands(scan, end, "] ", 2) || end + 2 >= scan->size || cf_is_space(behind)) return;
    if (!speaker_listed(scan, user, end, nobody)) text_login_at(scan, user, end);
}

/* `Call from 'mohara' (`, `Manager 'mohara' logged on`, `received from 516 (CCView 'mohara')`: a word [start, end) with a blank
 * and a quote behind it. */
static void speaker_quoted(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t user = end + 2, stop, at, digits;
    cf_looks(scan);
    bool call = end - start == 4 && cf_stands(scan, start, "from", 4) && cf_ends(scan, start, "Call ", 5) &&
                !cf_is_word(cf_at(scan, (int64_t)start - 6));
    bool manager = end - start == 7 && cf_stands(scan, start, "Manager", 7);
    if (call || manager) {
        stop = speaker_user(scan, user, ".@+-", false);
        if (stop && cf_stands(scan, stop, call ? "' (" : "' logged ", call ? 3 : 9)) text_login_at(scan, user, stop);
        return;
    }
    doer_boxed(scan, start, end);
    if (end - start == 6 && cf_stands(scan, start, "object", 6)) return speaker_resource(scan, user);
    for (at = end; at && end - at < 65 && cf_is_host_byte(scan->text[at - 1]);) at--;
    if (at == end || end - at > 64 || at < 3 || scan->text[at - 1] != '(' || scan->text[at - 2] != ' ') return;
    for (digits = at -= 2; at && digits - at < 10 && cf_is_digit(scan->text[at - 1]);) at--;
    if (at == digits || digits - at > 9 || (!cf_ends(scan, at, " received from ", 15) && !cf_ends(scan, at, " sent to ", 9))) return;
    stop = speaker_user(scan, user, ".@-", false);
    if (stop && cf_at(scan, stop) == '\'') text_login_at(scan, user, stop);
}

/* ` to agent mohara at 7021`: the word ends before a blank. */
static void speaker_routed(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t user = end + 1, at = user, digits;
    cf_looks(scan);
    if (!cf_ends(scan, start, " to ", 4) || (uint8_t)(cf_at(scan, user) - 'a') >= 26) return;
    for (uint8_t c; at - user < 31 && ((uint8_t)((c = cf_at(scan, at)) - 'a') < 26 || (at > user && (c == '.' || c == '_')));) at++;
    if (at - user < 3) return;
    for (digits = at; at - digits < 6 && cf_is_digit(cf_at(scan, at));) at++;
    if (!cf_stands(scan, at, " at ", 4)) return;
    uint32_t number = at + 4, stop = number;
    while (stop - number < 6 && cf_is_digit(cf_at(scan, stop))) stop++;
    uint8_t behind = cf_at(scan, stop);
    if (stop - number >= 3 && !speaker_byte(behind, ":.-")) text_login_at(scan, user, at);
}

static bool identified_machine(const cf_scan *scan, uint32_t start); /* identified.c */

/* `(login 4471208)`: the word ends before a blank. */
static void speaker_boxed(cf_scan *scan, uint32_t end) {
    uint32_t user = end + 1, stop, digits = 0;
    cf_looks(scan);
    stop = speaker_user(scan, user, ".@-", true);
    if (!stop || stop - user < 3 || cf_at(scan, stop) != ')') return;
    for (uint32_t at = user; at < stop; at++) digits += cf_is_digit(scan->text[at]);
    if (digits && !identified_machine(scan, user)) text_login_at(scan, user, stop);
}

/* Behind a run of bytes without white space and the blank behind it, or 0. */
static uint32_t speaker_field(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (end < scan->size && end - at <= most && !cf_is_space(scan->text[end])) end++;
    return end > at && end - at <= most && cf_at(scan, end) == ' ' ? end + 1 : 0;
}

/* `GET /agent - 443 mohara 10.1.2.3`: IIS, where the names of its fields are cut off. */
static void speaker_site(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of methods[] = {TEXT("GET"), TEXT("POST"), TEXT("PUT"), TEXT("HEAD"),
                                           TEXT("DELETE"), TEXT("PATCH"), TEXT("OPTIONS")};
    bool known = false;
    for (unsigned i = 0; i < COUNT(methods) && !known; i++)
        known = methods[i].size == end - start && cf_stands(scan, start, methods[i].text, end - start);
    if (!known || cf_at(scan, (int64_t)start - 1) == '-') return;
    cf_looks(scan);
    uint32_t at = speaker_field(scan, end + 1, SPEAKER_FIELD + 1), port = at ? speaker_field(scan, at, SPEAKER_FIELD) : 0;
    if (!port) return;
    for (at = port; at - port < 5 && cf_is_digit(cf_at(scan, at));) at++;
    if (at - port < 2 || cf_at(scan, at) != ' ') return;
    uint32_t stop = speaker_user(scan, at + 1, ".@$+-", false);
    if (stop && cf_at(scan, stop) == ' ' && sentence_address(scan, stop + 1)) text_login_at(scan, at + 1, stop);
}

/* A word [start, end) before a blank. */
static void speaker_word(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint8_t next = cf_at(scan, (int64_t)end + 1);
    if (next == '\'') speaker_quoted(scan, start, end);
    else if (next == '/') speaker_site(scan, start, end);
    if (end - start == 5 && memcmp(text + start, "agent", 5) == 0) speaker_routed(scan, start, end);
    if (end - start == 5 && memcmp(text + start, "login", 5) == 0 && cf_at(scan, (int64_t)start - 1) == '(') speaker_boxed(scan, end);
    if (end - start != 12 || memcmp(text + start, "SObjectAgent", 12) != 0) return;
    cf_looks(scan);
    uint32_t stop = cf_stands(scan, end, " name=", 6) ? speaker_user(scan, end + 6, ".@-", true) : 0;
    if (stop) text_login_at(scan, end + 6, stop);
}

/* `mohara@StatServer_Rt.A`: an agent that URS routes to; its sign stands at a place. */
static void speaker_target(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t end = at + 1, start = at;
    if (!cf_is_alpha(cf_at(scan, end))) return;
    while (end - at < 64 && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '-')) end++;
    if (!cf_stands(scan, end, ".A", 2) || speaker_byte(cf_at(scan, (int64_t)end + 2), ".-")) return;
    while (start && at - start < 65 && (cf_is_host_byte(text[start - 1]) || text[start - 1] == '+')) start--;
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (at - start < 2 || at - start > 64 || !cf_is_alnum(text[start]) || before == '@' || before == '$') return;
    text_login_at(scan, start, at);
}

/* Whether a path begins at a place, or goes through the interface of a service. */
static bool speaker_in_rest(const cf_scan *scan, uint32_t slash) {
    const uint8_t *text = scan->text;
    uint32_t least = slash > SPEAKER_PATH ? slash - SPEAKER_PATH : 0, from = slash;
    while (from > least && text[from - 1] != ' ' && text[from - 1] != '\t' && text[from - 1] != '\n' && text[from - 1] != '"') from--;
    if (from == slash || (text[slash - 1] && strchr("='[(>,", text[slash - 1]))) return true;
    for (uint32_t at = from; at + 3 <= slash; at++) {
        if (cf_stands(scan, at, "://", 3)) return true;
        if (text[at] != '/') continue;
        if (((text[at + 1] | 32) == 'v' && cf_is_digit(text[at + 2])) || (at + 4 <= slash && cf_stands_folded(scan, at + 1, "api", 3)) ||
            (at + 5 <= slash && cf_stands_folded(scan, at + 1, "rest", 4)))
            return true;
    }
    return false;
}

static uint32_t speaker_small(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (end - at < most && (uint8_t)(cf_at(scan, end) - 'a') < 26) end++;
    return end;
}

static uint32_t speaker_digits(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (end - at < most && cf_is_digit(cf_at(scan, end))) end++;
    return end;
}

/* `/api/users/mohara/status`, `/agents/m.ohara`: the word `users` or `agents` [start, end) stands before a slash. One word of
 * small letters behind the latter is what one asks of them (`/agents/wallboard`). */
static void speaker_path(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t user = end + 1, first, stop, second;
    bool agent = cf_stands(scan, (int64_t)start + 1, "gent", 4);
    if (agent ? (scan->text[start] | 32) != 'a'
              : (scan->text[start] | 32) != 'u' || end - start > 5 || !cf_stands(scan, (int64_t)start + 1, "ser", 3))
        return;
    if ((agent ? end - start == 6 : end - start == 5) && scan->text[end - 1] != 's') return;
    cf_looks(scan);
    if (!start || scan->text[start - 1] != '/' || !speaker_in_rest(scan, start - 1)) return;
    first = speaker_small(scan, user, SPEAKER_WORD);
    if (first - user < (cf_at(scan, first) == '.' ? 1 : 2)) return; /* /users/m.ohara */
    stop = speaker_digits(scan, first, 6);
    if (stop == first && cf_at(scan, first) == '.') {
        second = speaker_small(scan, first + 1, 32);
        if (second - first < 3 || speaker_listed(scan, first + 1, second, SPEAKER_FILES)) return;
        stop = speaker_digits(scan, second, 4);
    } else if ((stop == first && (agent || first - user < 4)) || speaker_listed(scan, user, first, SPEAKER_ROUTES)) {
        return;
    }
    uint8_t behind = cf_at(scan, stop);
    if (stop >= scan->size || cf_is_space(behind) || (behind && strchr("/?&\"'#;,)]", behind))) text_login_at(scan, user, stop);
}

/* `/agents/by-login/mohara/status`: the last word before the second slash is [start, end). */
static void speaker_by_login(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("/by-login"), TEXT("/by-user"), TEXT("/by-username"), TEXT("/by-user-name")};
    static const text_word_of whose[] = {TEXT("/agent"), TEXT("/user"), TEXT("/person"), TEXT("/people"), TEXT("/contact"), TEXT("/employee"),
                                         TEXT("/customer"), TEXT("/account"), TEXT("/member"), TEXT("/operator"), TEXT("/staff")};
    static const char asked[] = " daily weekly monthly yearly today all me none null undefined total totals top new ";
    uint32_t user = end + 1, stop = user, kind;
    bool known = false;
    if (cf_at(scan, (int64_t)start - 1) != '-') return;
    cf_looks(scan);
    for (unsigned i = 0; i < COUNT(words) && !known; i++) {
        if (!cf_ends(scan, end, words[i].text, words[i].size)) continue;
        uint32_t many = end - words[i].size;
        for (unsigned j = 0; j < COUNT(whose) && !known; j++)
            known = cf_ends(scan, many, whose[j].text, whose[j].size) ||
                    (j != 3 && j != 10 && cf_at(scan, (int64_t)many - 1) == 's' && cf_ends(scan, many - 1, whose[j].text, whose[j].size));
    }
    if (!known || !cf_is_alnum(cf_at(scan, user))) return;
    for (uint8_t c; stop - user < 64; stop++)
        if (!cf_is_word(c = cf_at(scan, stop)) && c != '.' && c != '@' && c != '%' && c != '+' && c != '-') break;
    uint8_t behind = cf_at(scan, stop);
    for (kind = stop; kind > user && scan->text[kind - 1] != '.';) kind--;
    if (stop - user < 2 || speaker_listed(scan, user, stop, SPEAKER_ROUTES) || speaker_listed(scan, user, stop, asked) ||
        speaker_listed(scan, kind, stop, SPEAKER_FILES))
        return;
    if (stop >= scan->size || cf_is_space(behind) || (behind && strchr("/?&\"'#;,)]", behind))) text_login_at(scan, user, stop);
}

/* Whether a word of trunks is none of somebody's name: Caroline is no line, Gwen or Gates no gateway, Fairfax no fax. */
static bool speaker_trunk(const cf_scan *scan, uint32_t at, uint32_t size) {
    uint8_t behind = cf_at(scan, at + size);
    bool inside = (uint8_t)(cf_at(scan, (int64_t)at - 1) - 'a') < 26;
    if (cf_stands(scan, at, "line", 4) || cf_stands(scan, at, "fax", 3)) return !inside;
    if (cf_stands(scan, at, "gw", 2)) return !(behind == 'a' || behind == 'e' || behind == 'i' || behind == 'y');
    return !cf_stands(scan, at, "gates", 5);
}

/* `SIP/mohara-0000a1b2`: a call of somebody's telephone in Asterisk, and of no trunk; the word [start, end) stands before a
 * slash. */
static void speaker_channel(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of kinds[] = {TEXT("PJSIP"), TEXT("SIP"), TEXT("IAX2")};
    static const text_word_of trunks[] = {TEXT("trunk"), TEXT("gw"), TEXT("gate"), TEXT("sbc"), TEXT("provider"), TEXT("carrier"),
                                          TEXT("pstn"), TEXT("proxy"), TEXT("peer"), TEXT("isdn"), TEXT("voip"), TEXT("line"),
                                          TEXT("server"), TEXT("ivr"), TEXT("queue"), TEXT("conf"), TEXT("anon"), TEXT("unknown"),
                                          TEXT("test"), TEXT("pbx"), TEXT("bound"), TEXT("fax"), TEXT("door"), TEXT("guest")};
    const uint8_t *text = scan->text;
    uint32_t user = end + 1, stop = user, at;
    bool known = false;
    for (unsigned i = 0; i < COUNT(kinds) && !known; i++)
        known = kinds[i].size == end - start && memcmp(text + start, kinds[i].text, end - start) == 0;
    if (!known) return;
    cf_looks(scan);
    if ((uint8_t)(cf_at(scan, user) - 'a') >= 26) return;
    for (uint8_t c; stop - user < 32; stop++)
        if ((uint8_t)((c = cf_at(scan, stop)) - 'a') >= 26 && !cf_is_digit(c) && c != '.' && c != '_') break;
    if (stop - user < 3 || cf_at(scan, stop) != '-') return;
    for (at = stop + 1; at - stop <= 8; at++)
        if (!cf_is_digit(cf_at(scan, at)) && (uint8_t)(cf_at(scan, at) - 'a') >= 6) return;
    if (cf_is_word(cf_at(scan, at))) return;
    for (at = user; at < stop; at++)
        for (unsigned i = 0; i < COUNT(trunks); i++)
            if (cf_stands(scan, at, trunks[i].text, trunks[i].size) && speaker_trunk(scan, at, trunks[i].size)) return;
    text_login_at(scan, user, stop);
}

/* `187331: uccx-a01: Mar 04 2026 …`, also behind `<189>`; the line begins at a place. */
static void speaker_line(cf_scan *scan, uint32_t start) {
    uint32_t at = start, end, host;
    if (cf_at(scan, at) == '<') {
        end = speaker_digits(scan, at + 1, 3);
        if (end == at + 1 || cf_at(scan, end) != '>') return;
        at = end + 1;
    }
    end = speaker_digits(scan, at, 10);
    if (end == at || !cf_stands(scan, end, ": ", 2) || !cf_is_alpha(cf_at(scan, (int64_t)end + 2))) return;
    for (host = end += 2; end - host <= SPEAKER_HOST && cf_is_host_byte(cf_at(scan, end));) end++;
    if (end - host < 2 || end - host > SPEAKER_HOST || !cf_stands(scan, end, ": ", 2)) return;
    at = end + 2;
    if (text_form(scan, at, "Aaa _0 0")) text_log_host(scan, host, end);
}
