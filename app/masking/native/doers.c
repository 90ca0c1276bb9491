/* Log-ins of those who act, without a key: `user mary.ohara`, `DEBUG [mary.ohara] [qtp77-1204]`, `agent mohara (place …`
 * (actors.py of the reference). */
#include "shapes.h"

#include <string.h>

enum { DOER_USER = 64, DOER_PART = 24 };

/* Parts of what programs call their things, and of nobody's log-in, between blanks. */
static const char DOER_NO_NAMES[] =
    " aborted accepted access account action active added admin agent already api app application attribute audit auth"
    " available backup base bundle busy button cache call callback changed chat class cleared client closed com completed"
    " component conf config configuration connected connection contact content context controller core count created csv"
    " currently customer data database debug default deleted desk desktop device disabled disconnected dll doc domain done"
    " email enabled engine env error established event exe exec expired factory failed field file filter finished found"
    " gateway genesys global group handler host html http https idle impl index info init input instance interaction"
    " interface invalid ivr jar java json key lang language level lib license list listener loaded local located log logged"
    " logger logging login loop lost mail main manager media menu message metrics missing mode module monitor name net"
    " network node null object online only opened option options oracle org out output page param parameter password path"
    " pending phone place plugin pool port profile program prop properties property provider proxy psdk query queue queued"
    " ready received receiver record ref registered rejected released removed report request reserved response rest role"
    " root router routing rule runner scheduler schema script security selected sent server service session setting settings"
    " setup site size skill soap socket spring sql started stat state statistic stats status stopped storage store stream"
    " successfully support switch sys system table target task team template tenant test text thread time timeout timer"
    " title token tomcat tool total tracker trunk type unit unloaded updated url user users util utils value var vendor"
    " version view voice vxml web widget win window work worker working wrapper xml yaml yml zip localhost ldap ldaps saml oauth oidc kerberos"
    " radius google github gitlab azure okta pod console ";

static bool doer_no_name(const uint8_t *text, uint32_t size) {
    char word[DOER_PART + 3] = " ";
    if (size < 2 || size > DOER_PART) return false; /* no word of these has one letter */
    memcpy(word + 1, text, size);
    word[size + 1] = ' ';
    return strstr(DOER_NO_NAMES, word) != NULL;
}

/* Whether a part of a log-in [start, end) is what a program calls a thing; digits at its end do not count. */
static bool doer_thing(const cf_scan *scan, uint32_t start, uint32_t end) {
    while (end > start && cf_is_digit(scan->text[end - 1])) end--;
    for (uint32_t at = start; at <= end; at++)
        if (at == end || scan->text[at] == '.' || scan->text[at] == '_') {
            if (doer_no_name(scan->text + start, at - start)) return true;
            start = at + 1;
        }
    return false;
}

/* The same of one whose parts may have a dash between them: `admin-console`, `pod-7`. */
static bool doer_thing_dashed(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t word[DOER_USER];
    uint32_t size = end - start > DOER_USER ? DOER_USER : end - start;
    for (uint32_t i = 0; i < size; i++) word[i] = scan->text[start + i] == '-' ? '.' : scan->text[start + i];
    cf_scan inner = {.text = word, .size = size, .rules = scan->rules, .inner = true};
    return doer_thing(&inner, 0, size);
}

static inline bool doer_small(uint8_t c) { return (uint8_t)(c - 'a') < 26; }

/* Whether the letters [user, stop) are one word of a name [start, end), or how two of its words begin, three letters of one of them:
 * `mmajor`, `majorm` of Mary Major; not `main`. */
static bool doer_login_of(const cf_scan *scan, uint32_t start, uint32_t end, uint32_t user, uint32_t stop) {
    enum { LONGEST = 128, WORDS = 6, LEAST = 3, MOST = 32 };
    uint8_t name[LONGEST + 1];
    uint32_t from[WORDS], size[WORDS], words = 0, used = 0, begun = 0, letters = stop - user;
    const uint8_t *text = scan->text + user;
    if (end - start > LONGEST || letters < LEAST || letters > MOST) return false;
    for (uint32_t i = 0; i < letters; i++)
        if (!doer_small(text[i])) return false;
    for (uint32_t at = start; at <= end && words < WORDS; at++) {
        uint8_t c = at < end ? cf_lower(scan->text[at]) : ' ';
        if (c == '\'') continue;
        if (c != ' ' && c != ',' && c != '-') {
            name[used++] = c;
            continue;
        }
        if (used > begun) {
            from[words] = begun;
            size[words++] = used - begun;
        }
        begun = used;
    }
    for (uint32_t i = 0; i < words; i++) {
        const uint8_t *first = name + from[i];
        if (size[i] == letters && memcmp(first, text, letters) == 0) return true;
        for (uint32_t at = 1; at < letters && at <= size[i] && first[at - 1] == text[at - 1]; at++) {
            uint32_t rest = letters - at;
            for (uint32_t j = 0; j < words && (at >= LEAST || rest >= LEAST); j++)
                if (i != j && size[j] >= rest && memcmp(name + from[j], text + at, rest) == 0) return true;
        }
    }
    return false;
}

static uint32_t spoken_id(const cf_scan *scan, uint32_t start); /* spoken.c */

/* Where the log-in ends that stands in brackets behind a name [start, end), and a blank; or 0. */
static uint32_t doer_login_behind(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t user = end + 2, stop = spoken_id(scan, user);
    if (stop) return stop;
    for (stop = user; stop - user < 33 && doer_small(cf_at(scan, stop));) stop++;
    return cf_at(scan, stop) == ')' && doer_login_of(scan, start, end, user, stop) ? stop : 0;
}

/* Where `mary.ohara` ends that begins at a place: a first and a last name; or 0. */
static uint32_t doer_names(const cf_scan *scan, uint32_t start) {
    uint32_t at = start, part;
    while (at - start < 21 && doer_small(cf_at(scan, at))) at++;
    if (at - start < 2 || at - start > 20 || cf_at(scan, at) != '.') return 0;
    for (part = ++at; at - part < 25 && doer_small(cf_at(scan, at));) at++;
    if (at - part < 3 || at - part > 24) return 0;
    for (part = at; at - part < 4 && cf_is_digit(cf_at(scan, at));) at++;
    uint8_t next = cf_at(scan, at);
    if (cf_is_word(next) || next >= 0x80 || (next && strchr("@/:=(-", next)) || (next == '.' && cf_is_word(cf_at(scan, (int64_t)at + 1))))
        return 0;
    return at;
}

static void doer_named(cf_scan *scan, uint32_t start) {
    uint32_t end = doer_names(scan, start);
    if (end && !doer_thing(scan, start, end)) text_login_at(scan, start, end);
}

/* Where a log-in in small letters ends that begins at a place; or 0. */
static uint32_t doer_user(const cf_scan *scan, uint32_t start) {
    uint32_t end = start;
    uint8_t c = cf_at(scan, start);
    if (!doer_small(c)) return 0;
    while (end - start < DOER_USER && (doer_small(c = cf_at(scan, end)) || cf_is_digit(c) || c == '.' || c == '_' || c == '-')) end++;
    return end - start >= 3 ? end : 0;
}

/* `administrator mohara7 edited`: the log-in of who did something begins at a place. */
static void doer_did(cf_scan *scan, uint32_t user) {
    static const text_word_of filling[] = {TEXT("has "), TEXT("was "), TEXT("is "), TEXT("")};
    static const text_word_of verbs[] = {TEXT("stopped"), TEXT("started"), TEXT("restarted"),
                                         TEXT("opened"), TEXT("closed"), TEXT("created"),
                                         TEXT("deleted"), TEXT("edited"), TEXT("updated"), TEXT("saved"), TEXT("modified"), TEXT("changed"),
                                         TEXT("ran"), TEXT("selected"), TEXT("assigned"),
                                         TEXT("answered"), TEXT("released"), TEXT("accepted"),
                                         TEXT("removed"), TEXT("added"), TEXT("enabled"), TEXT("imported"), TEXT("exported"),
                                         TEXT("dialed"), TEXT("dialled"), TEXT("dials"), TEXT("called"),
                                         TEXT("transferred"), TEXT("joined"), TEXT("left"),
                                         TEXT("logged"), TEXT("requested"), TEXT("entered"),
                                         TEXT("completed"), TEXT("approved"), TEXT("rejected")};
    uint32_t at = user, part, letters;
    while (at - user < 21 && doer_small(cf_at(scan, at))) at++;
    letters = at - user;
    if (!letters || letters > 20) return;
    if (cf_at(scan, at) == '.' || cf_at(scan, at) == '_') {
        bool letter = cf_at(scan, at) == '_' && letters > 2; /* ohara_m */
        for (part = ++at; at - part < 25 && doer_small(cf_at(scan, at));) at++;
        if (at - part < (letter ? 1u : 2u) || at - part > 24) return;
        for (part = at; at - part < 4 && cf_is_digit(cf_at(scan, at));) at++;
    } else {
        for (part = at; at - part < 6 && cf_is_digit(cf_at(scan, at));) at++;
        if (letters < 2 || at - part < 2) return;
    }
    if (cf_at(scan, at) != ' ') return;
    for (unsigned i = 0; i < COUNT(filling); i++) {
        uint32_t verb = at + 1 + filling[i].size, end = verb;
        if (!cf_stands(scan, (int64_t)at + 1, filling[i].text, filling[i].size)) continue;
        while (end - verb < 12 && doer_small(cf_at(scan, end))) end++;
        if (end == verb || cf_is_word(cf_at(scan, end))) continue;
        for (unsigned j = 0; j < COUNT(verbs); j++) {
            if (verbs[j].size != end - verb || memcmp(scan->text + verb, verbs[j].text, end - verb) != 0) continue;
            if (!doer_thing(scan, user, at)) text_login_at(scan, user, at);
            return;
        }
    }
}

/* `employeeId=`, `Employee_ID: ` at a place. */
static bool doer_employee(const cf_scan *scan, uint32_t at) {
    if ((cf_at(scan, at) | 32) != 'e' || !cf_stands(scan, (int64_t)at + 1, "mployee", 7)) return false;
    at += 8 + (cf_at(scan, (int64_t)at + 8) == '_');
    uint8_t sign = cf_at(scan, (int64_t)at + 2);
    return cf_stands_folded(scan, at, "id", 2) && (sign == ' ' || sign == ':' || sign == '=');
}

/* `user mary.ohara`, `agent mohara (place`: the word of who acts is [start, end), a blank behind it. */
static void doer_behind(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of places[] = {TEXT("Place"), TEXT("place"), TEXT("DN"), TEXT("IP"), TEXT("ip"), TEXT("from")};
    uint8_t before = cf_at(scan, (int64_t)start - 1), first = scan->text[start] | 32;
    uint32_t user = end + 1, quoted = user + (cf_at(scan, user) == '\'' || cf_at(scan, user) == '"');
    if (before == '.' || before == '-') return;
    if (first != 'c') doer_did(scan, user);
    if (first == 'a' && end - start > 4 && scan->text[start + 1] == 'd') return; /* an administrator */
    doer_named(scan, quoted);
    if (first == 'c' || first == 'e') return;
    uint32_t stop = doer_user(scan, user);
    if (!stop || !cf_stands(scan, stop, " (", 2)) return;
    if (doer_employee(scan, stop + 2) && !doer_thing(scan, user, stop)) return text_login_at(scan, user, stop);
    for (unsigned i = 0; i < COUNT(places); i++) {
        uint8_t c = cf_at(scan, (int64_t)stop + 2 + places[i].size);
        if (!cf_stands(scan, (int64_t)stop + 2, places[i].text, places[i].size) || (c != ' ' && c != ':' && c != '=')) continue;
        if (!doer_thing(scan, user, stop)) text_login_at(scan, user, stop);
        return;
    }
}

/* `caller=mary.ohara`, and no `caller=dialer.go:118`: the word [start, end) stands before its sign. */
static void doer_calling(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t size = end - start, user = end + 1;
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (before == '.' || before == '-' || !cf_stands_folded(scan, start, "caller", 6)) return;
    if (size > 6 && !cf_stands_folded(scan, (int64_t)end - 2, "id", 2)) return;
    if (size == 9 && scan->text[start + 6] != '_') return;
    cf_looks(scan);
    user += cf_at(scan, user) == '\'' || cf_at(scan, user) == '"';
    doer_named(scan, user);
}

/* `DEBUG [mary.ohara] [qtp77-1204]`: the first bracket stands at a place, behind a blank. */
static void doer_of_level(cf_scan *scan, uint32_t at) {
    static const text_word_of levels[] = {TEXT("TRACE"), TEXT("DEBUG"), TEXT("INFO"), TEXT("WARN"), TEXT("ERROR")};
    uint32_t word = at - 1, user = at + 1, stop, thread;
    if (word && scan->text[word - 1] == ' ') word--;
    for (unsigned i = 0; i < COUNT(levels); i++) {
        uint8_t before = cf_at(scan, (int64_t)word - levels[i].size - 1);
        if (!cf_ends(scan, word, levels[i].text, levels[i].size) || cf_is_word(before) || before >= 0x80) continue;
        stop = doer_names(scan, user);
        if (!stop || !cf_stands(scan, stop, "] [", 3) || doer_thing(scan, user, stop)) return;
        for (thread = stop + 3; thread - stop < 64 && !cf_is_digit(cf_at(scan, thread)); thread++) {
            uint8_t c = cf_at(scan, thread);
            if (c == ']' || cf_is_space(c) || thread >= scan->size) return;
        }
        if (thread - stop < 64) text_login_at(scan, user, stop);
        return;
    }
}

/* `'mary.ohara' has been changed`, `[CfgPerson] object [118] mohara has been changed`: the word `has` begins at a place. */
static void doer_changed(cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    uint32_t end = start - 1, user, number;
    if (start < 4 || text[start - 1] != ' ' || !cf_stands(scan, start, "has been ", 9)) return;
    if (text[end - 1] == '\'') {
        end--;
        for (user = end; user && end - user < 51 && text[user - 1] != '\'' && !cf_is_space(text[user - 1]);) user--;
        if (!user || text[user - 1] != '\'' || !doer_small(cf_at(scan, (int64_t)start + 9)) || doer_names(scan, user) != end) return;
        if (!doer_thing(scan, user, end)) text_login_at(scan, user, end);
        return;
    }
    for (user = end; user && end - user < 65 && (cf_is_host_byte(text[user - 1]) || text[user - 1] == '@');) user--;
    if (end - user < 3 || end - user > 64 || !cf_is_alpha(text[user]) || !cf_ends(scan, user, "] ", 2)) return;
    for (number = user - 2; number && user - 2 - number < 10 && cf_is_digit(text[number - 1]);) number--;
    if (number < user - 2 && user - 2 - number < 10 && cf_ends(scan, number, "[CfgPerson] object [", 20)) text_login_at(scan, user, end);
}

/* `authenticated mohara via LDAP`: the word `via` begins at a place. */
static void doer_via(cf_scan *scan, uint32_t start) {
    static const text_word_of done[] = {TEXT("authenticated "), TEXT("authorized "), TEXT("authorised ")};
    const uint8_t *text = scan->text;
    uint32_t end = start - 1, user = end;
    if (start < 16 || text[end] != ' ') return;
    while (user && end - user < 65 && !cf_is_space(text[user - 1])) user--;
    if (doer_user(scan, user) != end || doer_thing(scan, user, end)) return;
    for (unsigned i = 0; i < COUNT(done); i++) {
        uint8_t before = cf_at(scan, (int64_t)user - done[i].size - 1);
        if (cf_ends(scan, user, done[i].text, done[i].size) && !cf_is_word(before) && before < 0x80) text_login_at(scan, user, end);
    }
}

/* `object mohara@Resources`: the sign stands at a place. */
static void doer_of_resources(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t user = at;
    if (!cf_stands(scan, (int64_t)at + 1, "Resources", 9) || cf_is_word(cf_at(scan, (int64_t)at + 10))) return;
    while (user && at - user < 65 && !cf_is_space(text[user - 1])) user--;
    uint8_t before = cf_at(scan, (int64_t)user - 8);
    if (doer_user(scan, user) != at || !cf_ends(scan, user, "object ", 7) || cf_is_word(before) || before >= 0x80) return;
    if (!doer_thing(scan, user, at)) text_login_at(scan, user, at);
}

/* `Agent 'Mary O'Hara' (m.ohara)`: the word [start, end) stands before a blank and a quote. */
static void doer_boxed(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t name = end + 2, at = name, user, stop, digits;
    if (end - start != 5 || !cf_stands(scan, (int64_t)start + 1, "gent", 4) || (text[start] | 32) != 'a') return;
    while (at < scan->size && at - name < 65 && text[at] != '\'' && text[at] != '\r' && text[at] != '\n') at++;
    if (at == name || at - name > 64 || !cf_stands(scan, at, "' (", 3)) return;
    uint32_t at_quote = at;
    user = at + 3;
    stop = doer_user(scan, user);
    if (stop) {
        bool marked = false;
        for (at = user + 1; at < stop; at++) marked |= !doer_small(text[at]) && text[at] != '-';
        uint8_t first = text[name];
        uint32_t blank = name;
        while (blank < at_quote && text[blank] != ' ') blank++;
        bool person = ((uint8_t)(first - 'A') < 26 || first >= 0x80) && blank < at_quote && blank - name < 32 && at_quote - blank < 34;
        if (!marked && (!person || doer_thing(scan, user, stop))) return;
    } else {
        for (at = user; at - user < 2 && (uint8_t)(cf_at(scan, at) - 'A') < 26;) at++;
        for (digits = stop = at; stop - digits < 9 && cf_is_digit(cf_at(scan, stop));) stop++;
        if (at == user || stop - digits < 4 || stop - digits > 8) return;
    }
    if (cf_at(scan, stop) == ')') text_login_at(scan, user, stop);
}
