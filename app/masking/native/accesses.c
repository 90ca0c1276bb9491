/* Log-ins in what servers, printers, licences and shells say of an access: who came, asked, printed or signed in
 * (accesses.py of the reference). */
#include "shapes.h"

#include <string.h>

enum { ACCESS_USER = 64, ACCESS_ON_HOST = 32, ACCESS_HOST = 63, ACCESS_OPTIONS = 3, ACCESS_THING = 64 };

/* identified.c, secrets.c */
static bool identified_nobody(const cf_scan *scan, uint32_t start, uint32_t end);
static bool secret_of_system(const cf_scan *scan, uint32_t start, uint32_t end);

static void access_found(cf_scan *scan, uint32_t start, uint32_t end) {
    if (!identified_nobody(scan, start, end)) text_login_at(scan, start, end);
}

/* Behind a run of digits of one to `most` at a place; 0: there is none, or a longer one. */
static uint32_t access_digits(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (end - at <= most && cf_is_digit(cf_at(scan, end))) end++;
    return end > at && end - at <= most ? end : 0;
}

/* Where a log-in begins that ends at a place and has `marks` in it, with a blank before it and a letter first (or a digit, where
 * `digit`); 0: none does. */
static uint32_t access_before(const cf_scan *scan, uint32_t end, const char *marks, bool digit) {
    const uint8_t *text = scan->text;
    uint32_t start = end;
    while (start && end - start <= ACCESS_USER && (cf_is_word(text[start - 1]) || (text[start - 1] && strchr(marks, text[start - 1])))) start--;
    if (!start || end - start < 2 || end - start > ACCESS_USER || text[start - 1] != ' ') return 0;
    return cf_is_alpha(text[start]) || (digit && cf_is_digit(text[start])) ? start : 0;
}

/* `laser-2 4417 mohara [05/May/2024:09:00:04 +0200] total 3`: the bracket stands at a place, behind a blank. */
static void access_pages(cf_scan *scan, uint32_t at) {
    uint32_t user = access_before(scan, at - 1, ".@\\$+-", false), digits, behind = at + 28;
    uint8_t sign = cf_at(scan, (int64_t)at + 22);
    if (!user || (sign != '+' && sign != '-') || !text_form(scan, (int64_t)at + 1, "00/Aaa/0000:00:00:00 ") ||
        !text_form(scan, (int64_t)at + 23, "0000] "))
        return;
    for (digits = user - 1; digits && user - 1 - digits < 10 && cf_is_digit(scan->text[digits - 1]);) digits--;
    if (digits == user - 1 || user - 1 - digits > 9 || digits < 2 || scan->text[digits - 1] != ' ' || !cf_is_host_byte(scan->text[digits - 2]))
        return;
    behind = at + 29;
    uint32_t stop = cf_stands(scan, behind, "total", 5) ? behind + 5 : access_digits(scan, behind, 6);
    if (stop && cf_at(scan, stop) == ' ' && cf_is_digit(cf_at(scan, (int64_t)stop + 1))) access_found(scan, user, at - 1);
}

/* ` 2024 [pid 2] [mohara] FAIL LOGIN`: the second bracket stands at a place. */
static void access_ftp(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t user = at + 1, end = user, digits;
    if (!cf_ends(scan, at, "] ", 2)) return;
    for (digits = at - 2; digits && at - 2 - digits < 10 && cf_is_digit(text[digits - 1]);) digits--;
    if (digits == at - 2 || at - 2 - digits > 9 || !cf_ends(scan, digits, " [pid ", 6) || !text_form(scan, (int64_t)digits - 11, " 0000 "))
        return;
    while (end < scan->size && end - user <= ACCESS_USER && text[end] != ']' && !cf_is_space(text[end])) end++;
    if (end == user || end - user > ACCESS_USER || cf_stands(scan, user, "anonymous]", 10) || cf_stands(scan, user, "ftp]", 4)) return;
    if (!cf_stands(scan, end, "] OK ", 5) && !cf_stands(scan, end, "] FAIL ", 7)) return;
    if ((uint8_t)(cf_at(scan, (int64_t)end + (text[end + 2] == 'O' ? 5 : 7)) - 'A') < 26) access_found(scan, user, end);
}

/* `mohara HIER_DIRECT/…`: the word [start, end) stands before a slash. */
static void access_proxied(cf_scan *scan, uint32_t start, uint32_t end) {
    if (end - start < 8 || end - start > 37 || memcmp(scan->text + start, "HIER_", 5) != 0) return;
    cf_looks(scan);
    for (uint32_t at = start + 5; at < end; at++)
        if (scan->text[at] != '_' && (uint8_t)(scan->text[at] - 'A') >= 26) return;
    if (start < 2 || scan->text[start - 1] != ' ') return;
    uint32_t user = access_before(scan, start - 1, ".@%\\+-", true);
    if (user) access_found(scan, user, start - 1);
}

/* `mohara 537x4417x1 1x2y3z `: the number of a request is [start, end), before a blank. */
static void access_asked(cf_scan *scan, uint32_t start, uint32_t end) {
    static const uint32_t most[] = {4, 9, 4};
    uint32_t at = start, session;
    for (unsigned part = 0; part < 3; part++) {
        if (!(at = access_digits(scan, at, most[part]))) return;
        if (part < 2 && cf_at(scan, at++) != 'x') return;
    }
    if (at != end || start < 2) return;
    cf_looks(scan);
    if (scan->text[start - 1] != ' ') return;
    for (session = at = end + 1; at - session < 13; at++) {
        uint8_t c = cf_at(scan, at);
        if (!cf_is_digit(c) && (uint8_t)(c - 'a') >= 26 && c != '-') break;
    }
    if (at == session || at - session > 12 || cf_at(scan, at) != ' ') return;
    uint32_t user = access_before(scan, start - 1, ".@-", false);
    if (user && !cf_stands(scan, user, "anonymous ", 10)) access_found(scan, user, start - 1);
}

/* `user [MOHARA] -> [mohara] FAILED`: the second bracket stands at a place. */
static void access_mapped(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t user = at + 1, end = user, name;
    if (!cf_ends(scan, at, "] -> ", 5)) return;
    for (name = at - 5; name && at - 5 - name < 65 && text[name - 1] != '[' && text[name - 1] != ']' && text[name - 1] != '\r' &&
                        text[name - 1] != '\n';)
        name--;
    if (at - 5 - name > 64 || !cf_ends(scan, name, "user [", 6)) return;
    while (end - user < ACCESS_USER && (text_user_byte(cf_at(scan, end)) || cf_at(scan, end) == '\\')) end++;
    if (end > user && (cf_stands(scan, end, "] FAILED", 8) || cf_stands(scan, end, "] succeeded", 11))) access_found(scan, user, end);
}

/* A log-in of SAP that ends at a place, with a blank before it; 0: none does. */
static uint32_t access_sap(const cf_scan *scan, uint32_t end, uint32_t least) {
    const uint8_t *text = scan->text;
    uint32_t start = end;
    while (start && end - start <= 12 && (cf_is_digit(text[start - 1]) || text[start - 1] == '_' || (uint8_t)(text[start - 1] - 'A') < 26)) start--;
    if (!start || end - start < least || end - start > 12 || text[start - 1] != ' ') return 0;
    return (uint8_t)(text[start] - 'A') < 26 ? start : 0;
}

/* `User MOHARA Terminal PC-4711`, `MOHARA Logon successful (type=`: `Terminal` or `Logon` is [start, end), before a blank. */
static void access_terminal(cf_scan *scan, uint32_t start, uint32_t end) {
    bool logon = end - start == 5;
    if (memcmp(scan->text + start, logon ? "Logon" : "Terminal", end - start) != 0 || start < 4 || scan->text[start - 1] != ' ') return;
    cf_looks(scan);
    uint32_t user = access_sap(scan, start - 1, logon ? 3 : 2);
    if (!user) return;
    if (!logon && cf_ends(scan, user, "User ", 5) && !cf_is_word(cf_at(scan, (int64_t)user - 6)) && cf_is_alnum(cf_at(scan, (int64_t)end + 1))) {
        uint32_t host = end + 1, stop = host;
        while (stop - host <= 253 && cf_is_host_byte(cf_at(scan, stop))) stop++;
        if (stop - host >= 2 && stop - host <= 253) text_log_host(scan, host, stop);
    }
    if (logon ? cf_stands(scan, end, " successful (type=", 18) || cf_stands(scan, end, " failed (type=", 14)
              : cf_is_alnum(cf_at(scan, (int64_t)end + 1)) && cf_ends(scan, user, "User ", 5) && !cf_is_word(cf_at(scan, (int64_t)user - 6)))
        access_found(scan, user, start - 1);
}

/* `owned by mohara on \\PC-4711`: the log-in begins at a place, behind `by` or `von`, which begins at `start`. */
static void access_owned(cf_scan *scan, uint32_t start, uint32_t user) {
    bool by = cf_ends(scan, start, "owned ", 6) && !cf_is_word(cf_at(scan, (int64_t)start - 7));
    if (!by && (!cf_ends(scan, start, "im Besitz ", 10) || cf_is_word(cf_at(scan, (int64_t)start - 11)))) return;
    uint32_t end = actor_end(scan, user, ".$-");
    if (end > user && (cf_stands(scan, end, " on \\\\", 6) || cf_stands(scan, end, " auf \\\\", 7))) access_found(scan, user, end);
}

/* Whether one of some verbs, in small letters or with a capital, ends at a place as a word of its own. */
static bool access_verb(const cf_scan *scan, uint32_t end, const text_word_of *verbs, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        int64_t at = (int64_t)end - verbs[i].size;
        if (cf_ends(scan, end, verbs[i].text + 1, verbs[i].size - 1) && (cf_at(scan, at) | 32) == (uint8_t)verbs[i].text[0] &&
            cf_is_alpha(cf_at(scan, at)) && !cf_is_word(cf_at(scan, at - 1)))
            return true;
    }
    return false;
}

/* `queued on "laser-2" by "mohara"`: `by` begins at a place, the quote stands at another. */
static void access_printed(cf_scan *scan, uint32_t start, uint32_t quote) {
    static const text_word_of verbs[] = {TEXT("printed"), TEXT("submitted"), TEXT("queued"), TEXT("canceled"), TEXT("cancelled")};
    const uint8_t *text = scan->text;
    uint32_t verb = start - 1, user = quote + 1, end = user, thing;
    if (start < 9 || text[verb] != ' ') return;
    if (text[verb - 1] == '"') {
        for (thing = verb - 1; thing && verb - 1 - thing <= ACCESS_THING && text[thing - 1] != '"' && text[thing - 1] != '\r' && text[thing - 1] != '\n';)
            thing--;
        if (thing == verb - 1 || verb - 1 - thing > ACCESS_THING || !cf_ends(scan, thing, " on \"", 5)) return;
        verb = thing - 5;
    }
    if (!access_verb(scan, verb, verbs, COUNT(verbs)) || !actor_lower(cf_at(scan, user))) return;
    for (; end - user < ACCESS_USER; end++) {
        uint8_t c = cf_at(scan, end);
        if (!actor_lower(c) && !cf_is_digit(c) && (!c || !strchr("._@+-", c))) break;
    }
    if (end - user >= 3 && cf_at(scan, end) == cf_at(scan, quote)) access_found(scan, user, end);
}

/* `SERVICE NOTIFICATION: mohara;db-1;`: the word ends at a place. */
static void access_notified(cf_scan *scan, uint32_t start, uint32_t end) {
    if (memcmp(scan->text + start, "NOTIFICATION", 12) != 0) return;
    cf_looks(scan);
    uint32_t user = end + 2, stop;
    uint32_t kind = cf_ends(scan, start, "HOST ", 5) ? 5 : cf_ends(scan, start, "SERVICE ", 8) ? 8 : 0;
    if (!kind || cf_is_word(cf_at(scan, (int64_t)start - kind - 1)) || !cf_stands(scan, end, ": ", 2)) return;
    stop = actor_end(scan, user, ".@-");
    if (stop > user && cf_at(scan, stop) == ';') access_found(scan, user, stop);
}

/* Whether `ssh` and its options end at a place: `ssh -p 2222 `. */
static bool access_shell(const cf_scan *scan, uint32_t at) {
    static const text_word_of programs[] = {TEXT("ssh "), TEXT("sftp "), TEXT("slogin ")};
    const uint8_t *text = scan->text;
    for (unsigned option = 0; option <= ACCESS_OPTIONS; option++) {
        for (unsigned i = 0; i < COUNT(programs); i++) {
            uint8_t before = cf_at(scan, (int64_t)at - programs[i].size - 1);
            if (cf_ends(scan, at, programs[i].text, programs[i].size) && !cf_is_word(before) && !(before && strchr(".@$/-", before))) return true;
        }
        uint32_t end = at - 1, start = end;
        if (!at || text[end] != ' ') return false;
        while (start && end - start < 6 && cf_is_digit(text[start - 1])) start--;
        if (start < end && end - start < 6 && cf_ends(scan, start, "-p ", 3)) {
            at = start - 3;
            continue;
        }
        for (start = end; start && end - start < 9 && cf_is_alpha(text[start - 1]);) start--;
        if (start == end || end - start > 8 || !start || text[start - 1] != '-') return false;
        at = start - 1;
    }
    return false;
}

/* `OUT: "sip_agent" ` ends at a place: what FlexNet says of a licence. */
static bool access_licensed(const cf_scan *scan, uint32_t at) {
    static const text_word_of events[] = {TEXT("OUT: \""), TEXT("IN: \""), TEXT("DENIED: \""), TEXT("QUEUED: \""), TEXT("DEQUEUED: \""),
                                          TEXT("UNSUPPORTED: \"")};
    const uint8_t *text = scan->text;
    if (!cf_ends(scan, at, "\" ", 2)) return false;
    uint32_t end = at - 2, thing = end;
    while (thing && end - thing <= ACCESS_THING && text[thing - 1] != '"' && text[thing - 1] != '\r' && text[thing - 1] != '\n') thing--;
    if (thing == end || end - thing > ACCESS_THING) return false;
    return actor_before(scan, thing, events, COUNT(events));
}

/* Where four numbers with dots between them end that begin at a place; 0: they do not stand there. */
static uint32_t access_address(const cf_scan *scan, uint32_t at) {
    for (unsigned part = 0;; part++, at++) {
        uint32_t end = at;
        while (end - at < 3 && cf_is_digit(cf_at(scan, end))) end++;
        if (end == at) return 0;
        at = end;
        if (part == 3) return at;
        if (cf_at(scan, at) != '.') return 0;
    }
}

/* `mohara@db-1`: the sign stands at a place. */
static void access_at_host(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t user = at, end = at + 1;
    while (user && at - user <= ACCESS_ON_HOST && cf_is_host_byte(text[user - 1])) user--;
    if (at - user < 2 || at - user > ACCESS_ON_HOST || (!actor_lower(text[user]) && text[user] != '_')) return;
    if (!cf_is_alpha(cf_at(scan, end)) && !cf_is_digit(cf_at(scan, end))) return;
    uint8_t before = cf_at(scan, (int64_t)user - 1);
    if (before && strchr("@$+:/", before)) return;
    if (cf_is_digit(cf_at(scan, end))) {
        end = access_address(scan, end);
        if (!end) return;
    } else {
        while (end - at <= ACCESS_HOST + 1 && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '-')) end++;
        if (end - at - 1 > ACCESS_HOST) return;
    }
    uint8_t behind = cf_at(scan, end), next = cf_at(scan, (int64_t)end + 1);
    bool told = cf_stands(scan, end, ": Permission denied", 19) || cf_stands(scan, end, "'s password:", 12) ||
                (behind == ':' && (next == '/' || next == '~'));
    if (!told && (behind == '@' || behind == '.' || !(access_shell(scan, user) || access_licensed(scan, user)))) return;
    if (!secret_of_system(scan, user, at)) access_found(scan, user, at);
}

/* The word `by` begins at a place; behind it stands `user`. */
static void access_by(cf_scan *scan, uint32_t start, uint32_t user) {
    uint8_t c = cf_at(scan, user);
    if (c == '\'' || c == '"') access_printed(scan, start, user);
    else if (cf_is_alpha(c)) access_owned(scan, start, user);
}

/* The word `von` begins at a place; behind it stands `user`. */
static void access_of(cf_scan *scan, uint32_t start, uint32_t user) {
    cf_looks(scan);
    access_owned(scan, start, user);
}
