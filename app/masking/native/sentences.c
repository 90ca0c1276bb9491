/* Log-ins in sentences: `User mohara has logged in`, `invalid user 'mohara'`. */
#include "shapes.h"

#include <string.h>

/* Words behind `user` and `agent` that are no log-in. */
static const text_word_of sentence_words[] = {
    TEXT("a"), TEXT("an"), TEXT("as"), TEXT("at"), TEXT("by"), TEXT("id"), TEXT("in"), TEXT("is"), TEXT("no"),
    TEXT("of"), TEXT("on"), TEXT("or"), TEXT("to"), TEXT("all"), TEXT("and"), TEXT("any"), TEXT("are"), TEXT("can"),
    TEXT("did"), TEXT("for"), TEXT("has"), TEXT("ids"), TEXT("log"), TEXT("may"), TEXT("new"), TEXT("not"),
    TEXT("the"), TEXT("was"), TEXT("who"), TEXT("data"), TEXT("does"), TEXT("each"), TEXT("from"), TEXT("host"),
    TEXT("info"), TEXT("list"), TEXT("mode"), TEXT("more"), TEXT("must"), TEXT("name"), TEXT("none"), TEXT("null"),
    TEXT("role"), TEXT("root"), TEXT("seat"), TEXT("that"), TEXT("this"), TEXT("type"), TEXT("user"), TEXT("will"),
    TEXT("with"), TEXT("work"), TEXT("agent"), TEXT("count"), TEXT("error"), TEXT("event"), TEXT("every"),
    TEXT("found"), TEXT("group"), TEXT("input"), TEXT("later"), TEXT("level"), TEXT("login"), TEXT("logon"),
    TEXT("names"), TEXT("place"), TEXT("queue"), TEXT("ready"), TEXT("reply"), TEXT("roles"), TEXT("seats"),
    TEXT("skill"), TEXT("state"), TEXT("table"), TEXT("users"), TEXT("action"), TEXT("agents"), TEXT("client"),
    TEXT("domain"), TEXT("failed"), TEXT("groups"), TEXT("logged"), TEXT("object"), TEXT("record"), TEXT("script"),
    TEXT("server"), TEXT("skills"), TEXT("status"), TEXT("tenant"), TEXT("account"),
    TEXT("already"), TEXT("attempt"), TEXT("defined"), TEXT("failure"),
    TEXT("desktop"), TEXT("illegal"), TEXT("invalid"), TEXT("licence"), TEXT("license"), TEXT("manager"),
    TEXT("profile"), TEXT("request"), TEXT("service"), TEXT("session"), TEXT("unknown"), TEXT("licences"),
    TEXT("licenses"), TEXT("password"), TEXT("requests"), TEXT("reserved"), TEXT("response"), TEXT("security"),
    TEXT("attempts"), TEXT("services"), TEXT("assistant"), TEXT("available"),
    TEXT("connected"), TEXT("incorrect"), TEXT("interface"), TEXT("scripting"),
    TEXT("statistic"), TEXT("connection"), TEXT("statistics"), TEXT("successful"), TEXT("application"), TEXT("authenticator"),
    TEXT("interaction"), TEXT("authorization"), TEXT("configuration"), TEXT("authentication"),
    TEXT("ended"), TEXT("denied"), TEXT("aborted"), TEXT("expired"), TEXT("started"), TEXT("timeout"), TEXT("canceled"), TEXT("finished"),
    TEXT("rejected"), TEXT("cancelled"), TEXT("completed"), TEXT("succeeded"), TEXT("terminated"),
    TEXT("token"), TEXT("value"), TEXT("cookie"), TEXT("format"), TEXT("header"),
    TEXT("number"), TEXT("string"), TEXT("syntax"), TEXT("tokens"), TEXT("values"), TEXT("cookies"), TEXT("headers"), TEXT("numbers"),
    TEXT("permission"), TEXT("permissions"), TEXT("rights"), TEXT("setting"), TEXT("settings"), TEXT("preference"), TEXT("preferences"),
    TEXT("privilege"), TEXT("privileges"), TEXT("option"), TEXT("options"),
    TEXT("details"), TEXT("credentials"), TEXT("policy"), TEXT("policies"),
    TEXT("failures"), TEXT("existing"), TEXT("permitted"), TEXT("nonexistent"), TEXT("nonexistant"),
    TEXT("directory"), TEXT("cache"), TEXT("database"), TEXT("properties"), TEXT("attribute"), TEXT("attributes"),
    TEXT("fields"), TEXT("changes"), TEXT("update"), TEXT("updates"), TEXT("context"), TEXT("contexts"), TEXT("history"),
    TEXT("default"), TEXT("defaults"), TEXT("strings"), TEXT("parameter"), TEXT("parameters"), TEXT("certificate"),
    TEXT("access"), TEXT("activity"), TEXT("creation"), TEXT("element"),
    TEXT("entries"), TEXT("entry"), TEXT("enumeration"), TEXT("escaping"),
    TEXT("exceeded"), TEXT("exception"), TEXT("exceptions"), TEXT("hash"), TEXT("initialization"), TEXT("initialisation"), TEXT("listing"),
    TEXT("lookup"), TEXT("lookups"), TEXT("mapping"), TEXT("mappings"), TEXT("match"), TEXT("matches"), TEXT("matching"), TEXT("namespace"),
    TEXT("override"), TEXT("overrides"), TEXT("pattern"), TEXT("principal"),
    TEXT("process"), TEXT("processes"), TEXT("provided"), TEXT("queries"),
    TEXT("query"), TEXT("quota"), TEXT("quotas"), TEXT("registration"),
    TEXT("registrations"), TEXT("search"), TEXT("searches"), TEXT("template"),
    TEXT("templates"), TEXT("thread"), TEXT("threads"), TEXT("used"), TEXT("username"), TEXT("usernames"),
    TEXT("class"), TEXT("classes"), TEXT("families"), TEXT("family"), TEXT("information"), TEXT("member"),
    TEXT("members"), TEXT("modification"), TEXT("supplied"), TEXT("still"), TEXT("when"), TEXT("your"),
    TEXT("person"), TEXT("persons"), TEXT("people"), TEXT("operator"), TEXT("operators"), TEXT("supervisor"),
    TEXT("supervisors"), TEXT("employee"), TEXT("employees"), TEXT("customer"), TEXT("customers"), TEXT("caller"),
    TEXT("callers"), TEXT("contact"), TEXT("contacts"), TEXT("participant"), TEXT("participants"),
    TEXT("administrator"), TEXT("administrators"), TEXT("owner"), TEXT("owners"), TEXT("device"), TEXT("devices"),
    TEXT("machine"), TEXT("machines"), TEXT("part"), TEXT("realm"), TEXT("console"), TEXT("panel"), TEXT("dashboard"), TEXT("screen"),
    TEXT("window"), TEXT("view"), TEXT("portal"), TEXT("widget")};

static bool sentence_word(const cf_scan *scan, uint32_t start, uint32_t size) {
    uint8_t first = cf_lower(scan->text[start]);
    for (unsigned i = 0; i < COUNT(sentence_words); i++)
        if (sentence_words[i].size == size && (uint8_t)sentence_words[i].text[0] == first &&
            cf_stands_folded(scan, start, sentence_words[i].text, size))
            return true;
    return false;
}

/* Whether one of some words stands at a place; the place behind it, or 0. */
static uint32_t sentence_behind(const cf_scan *scan, uint32_t at, const text_word_of *words, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (cf_stands(scan, at, words[i].text, words[i].size)) return at + words[i].size;
    return 0;
}

/* Whether an address seems to begin at a place: three numbers and dots, and a digit. */
static bool sentence_address(const cf_scan *scan, uint32_t at) {
    for (unsigned part = 0; part < 3; part++) {
        uint32_t from = at;
        while (at - from < 3 && cf_is_digit(cf_at(scan, at))) at++;
        if (at == from || cf_at(scan, at++) != '.') return false;
    }
    return cf_is_digit(cf_at(scan, at));
}

/* Whether a server refuses the name before a place: `: no such user`, ` from 10.1.2.3 not allowed because`. */
static bool sentence_refused(const cf_scan *scan, uint32_t at) {
    static const text_word_of refused[] = {TEXT(": no such user"), TEXT(": No such user"), TEXT(" (login failed"), TEXT(" (Login failed"),
                                           TEXT(": authentication failure"), TEXT(": password mismatch"),
                                           TEXT(": Password mismatch"), TEXT(": password Mismatch"), TEXT(": Password Mismatch"),
                                           TEXT(" not allowed because")};
    if (sentence_behind(scan, at, refused, COUNT(refused))) return true;
    if (!cf_stands(scan, at, " from ", 6)) return false;
    uint32_t host = at + 6, end = host;
    if (sentence_address(scan, host)) return true;
    while (end < scan->size && end - host < 254 && !cf_is_space(scan->text[end])) end++;
    return end > host && end - host < 254 && cf_stands(scan, end, " not allowed because", 20);
}

/* Whether the words behind a name say what somebody did, or what became of their log-in. */
static bool sentence_done(const cf_scan *scan, uint32_t at) {
    static const text_word_of filling[] = {TEXT("has "), TEXT("is "), TEXT("was "), TEXT("now "), TEXT("already "), TEXT("successfully "),
                                           TEXT("automatically "), TEXT("not ")};
    static const text_word_of done[] = {TEXT("signed"), TEXT("authenticat"), TEXT("authoriz"), TEXT("connected"), TEXT("disconnected"),
                                        TEXT("locked"), TEXT("unlocked"), TEXT("disabled"),
                                        TEXT("modified"), TEXT("found"), TEXT("known"), TEXT("unknown"),
                                        TEXT("rejected"), TEXT("denied"), TEXT("ready"), TEXT("Ready"), TEXT("notready"), TEXT("notReady"),
                                        TEXT("NotReady"), TEXT("Notready"), TEXT("failed")};
    static const text_word_of state[] = {TEXT("state "), TEXT("status "), TEXT("mode "), TEXT("realm ")};
    static const text_word_of logs[] = {TEXT("logged"), TEXT("logs"), TEXT("logging"), TEXT("log")};
    static const text_word_of ways[] = {TEXT("in"), TEXT("on"), TEXT("out"), TEXT("off")};
    uint32_t next;
    if (sentence_refused(scan, at)) return true;
    if (cf_stands(scan, at, "'s", 2)) at += 2;
    if (cf_at(scan, at++) != ' ') return false;
    if (cf_at(scan, at) == '(') {
        uint32_t end = at + 1;
        while (end - at < 33 && (cf_is_word(cf_at(scan, end)) || (cf_at(scan, end) && strchr(" :=-", cf_at(scan, end))))) end++;
        if (end > at + 1 && cf_stands(scan, end, ") ", 2)) at = end + 2;
    }
    for (unsigned i = 0; i < 3 && (next = sentence_behind(scan, at, filling, COUNT(filling))) != 0; i++) at = next;
    if (sentence_behind(scan, at, done, COUNT(done))) return true;
    next = cf_stands(scan, at, "work ", 5) ? at + 5 : at;
    if (sentence_behind(scan, next, state, COUNT(state))) return true;
    if (cf_stands(scan, at, "on ", 3) && cf_is_digit(cf_at(scan, at + 3))) return true;
    next = sentence_behind(scan, at, logs, COUNT(logs));
    return next && (cf_at(scan, next) == ' ' || cf_at(scan, next) == '-') && sentence_behind(scan, next + 1, ways, COUNT(ways));
}

/* Whether the words before `user` say that a log-in follows. */
static bool sentence_for(const cf_scan *scan, uint32_t start) {
    static const text_word_of before[] = {TEXT("nvalid"), TEXT("llegal"), TEXT("xisting"), TEXT("nexistent"),
                                          TEXT("uthenticating"), TEXT(" for"), TEXT("isconnected from"),
                                          TEXT(" of"), TEXT(" by"), TEXT("logon"), TEXT("AUDIT -")};
    uint32_t least = start > 20 ? start - 20 : 0, end = start;
    while (end > least && scan->text[end - 1] == ' ') end--;
    for (unsigned i = 0; i < COUNT(before); i++)
        if (end - least >= before[i].size && cf_ends(scan, end, before[i].text, before[i].size)) return true;
    return false;
}

/* As `istitle` of bytes: capitals begin words, and nothing else does. */
static bool sentence_title(const uint8_t *text, uint32_t size) {
    bool inside = false, any = false;
    for (uint32_t i = 0; i < size; i++) {
        bool upper = (uint8_t)(text[i] - 'A') < 26, lower = (uint8_t)(text[i] - 'a') < 26;
        if ((upper && inside) || (lower && !inside)) return false;
        inside = upper || lower;
        any = any || inside;
    }
    return any;
}

/* `SIP/7044`: a device with an internal number. */
static bool sentence_device(const uint8_t *text, uint32_t size) {
    uint32_t at = 0, number;
    while (at < size && at < 7 && cf_is_alnum(text[at])) at++;
    if (at < 2 || at > 6 || at == size || text[at] != '/') return false;
    for (number = ++at; at < size && cf_is_digit(text[at]);) at++;
    return at == size && at > number && at - number <= 6;
}

/* Whether what stands behind `user` or `agent` is a log-in; `mark` is what opens it, or 0. */
static bool sentence_login(const cf_scan *scan, uint32_t start, uint32_t from, uint32_t end, uint8_t mark) {
    const uint8_t *text = scan->text + from;
    uint32_t size = end - from, digits = 0;
    while (size && (text[size - 1] == '.' || text[size - 1] == ',')) size--;
    for (uint32_t i = 0; i < size; i++) digits += cf_is_digit(text[i]);
    if ((size && digits == size && size <= 6) || (size == 2 && memcmp(text, "NT", 2) == 0) || sentence_word(scan, from, size)) return false;
    if (mark && sentence_device(text, size)) return false;
    if (mark) return mark != '(' && (!memchr(text, ' ', size) || (sentence_title(text, size) && !name_nobody(scan, from, from + size)));
    if ((scan->text[start] | 32) == 'a' && memchr(text, '_', size)) return false; /* an agent group */
    return sentence_done(scan, end) || sentence_for(scan, start);
}

static inline bool sentence_quote(uint8_t c) { return c == '\'' || c == '"' || c == '[' || c == '(' || c == ']' || c == ')'; }

/* The name behind the blank at a place, with or without quotes; false when there is none. */
static bool sentence_name(cf_scan *scan, uint32_t start, uint32_t at) {
    if (cf_at(scan, at++) != ' ') return false;
    uint8_t mark = cf_at(scan, at), c = mark;
    uint32_t from = at, end = at, stop;
    if (sentence_quote(mark) && mark != ']' && mark != ')') {
        for (end = ++from; end < scan->size && end - from < 65; end++) {
            c = scan->text[end];
            if (sentence_quote(c) || c == '\r' || c == '\n') break;
        }
        c = cf_at(scan, end);
        if (end == from || end - from > 64 || !sentence_quote(c) || c == '[' || c == '(') return false;
        scan->met[CF_MET_WHO] = end + 1;
    } else {
        if (!cf_is_alnum(mark)) return false;
        while (end - from < 64 && (text_user_byte(cf_at(scan, end)) || cf_at(scan, end) == '\\')) end++;
        if (end - from < 2) return false;
        scan->met[CF_MET_WHO] = end;
        mark = 0;
    }
    if (!sentence_login(scan, start, from, end, mark)) return true;
    for (stop = end; stop > from && scan->text[stop - 1] == '.';) stop--;
    text_login_at(scan, from, stop);
    return true;
}

static const text_word_of sentence_ids[] = {TEXT("ID"), TEXT("Id"), TEXT("id"), TEXT("name"), TEXT("login"), TEXT("account"), TEXT("agent"),
                                            TEXT("user")};

/* Whether bytes are one of the words that may stand behind `user` and `agent`. */
static bool sentence_id(const cf_scan *scan, uint32_t from, uint32_t end) {
    for (unsigned i = 0; i < COUNT(sentence_ids); i++)
        if (sentence_ids[i].size == end - from && cf_stands(scan, from, sentence_ids[i].text, end - from)) return true;
    return false;
}

/* Second letters of the words below as bits, by the low bits of their first letter. */
static const uint32_t sentence_seconds[32] = {['u' & 31] = 1u << ('s' & 31), ['l' & 31] = 1u << ('o' & 31),
                                              ['a' & 31] = 1u << ('g' & 31) | 1u << ('c' & 31),
                                              ['o' & 31] = 1u << ('p' & 31), ['e' & 31] = 1u << ('m' & 31), ['s' & 31] = 1u << ('u' & 31),
                                              ['p' & 31] = 1u << ('r' & 31) | 1u << ('e' & 31)};

/* `user mohara`, `Agent ID 'mohara'`: the word [start, end) stands before a blank. */
static void sentence_who(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of who[] = {TEXT("ser"), TEXT("SER"), TEXT("ogin"), TEXT("gent"), TEXT("GENT"), TEXT("ccount"), TEXT("perator"),
                                       TEXT("mployee"), TEXT("upervisor"), TEXT("rincipal"), TEXT("erson")};
    static const char letters[] = "uulaaaoespp"; /* of these words; those in capitals begin with one */
    const uint8_t *text = scan->text;
    uint8_t first = text[start] | 32;
    for (unsigned i = 0; i < COUNT(who); i++) {
        uint32_t rest = start + 1 + who[i].size;
        if ((uint8_t)letters[i] != first || rest > end || !cf_stands(scan, start + 1, who[i].text, who[i].size)) continue;
        cf_looks(scan);
        if (start < scan->met[CF_MET_WHO] || (who[i].text[0] < 'a' && text[start] >= 'a')) return;
        bool named = i == 0 && cf_stands(scan, rest, "name", 4), whole = rest == end || (named && rest + 4 == end);
        if (!whole && !sentence_id(scan, rest, end) && !(named && rest + 4 < end && sentence_id(scan, rest + 4, end))) return;
        for (unsigned j = 0; whole && j < COUNT(sentence_ids); j++)
            if (cf_stands(scan, (int64_t)end + 1, sentence_ids[j].text, sentence_ids[j].size) &&
                sentence_name(scan, start, end + 1 + sentence_ids[j].size))
                return;
        sentence_name(scan, start, end);
        return;
    }
}

/* Whether the sign of a domain stands at a place, and no escape: corp\nora, but not mohara\n   at */
static bool sentence_domain(const cf_scan *scan, uint32_t at) {
    if (cf_at(scan, at) != '\\') return false;
    return !escape_letter(cf_at(scan, at + 1)) || (uint8_t)(cf_at(scan, at + 2) - 'a') < 26;
}

static bool sentence_of_at(cf_scan *scan, uint32_t at, unsigned words) {
    static const text_word_of whose[] = {TEXT(" by "), TEXT(" for "), TEXT(" of ")};
    uint32_t end = at + 1, user;
    if (words && cf_at(scan, at) == ' ') {
        while (end - at < 14 && (uint8_t)(cf_at(scan, end) - 'a') < 26) end++;
        if (end - at >= 4 && end - at <= 13 && sentence_of_at(scan, end, words - 1)) return true;
    }
    user = sentence_behind(scan, at, whose, COUNT(whose));
    if (!user || !cf_is_alpha(cf_at(scan, user)) || cf_stands(scan, user, "CTI ", 4)) return false;
    for (end = user + 1; end - user < 64 && text_user_byte(cf_at(scan, end));) end++;
    while (end - user >= 3 && (cf_is_word(cf_at(scan, end)) || sentence_domain(scan, end))) end--;
    if (end - user < 3) return false;
    scan->met[CF_MET_LOGIN_OF] = end;
    while (end > user && (scan->text[end - 1] == '.' || scan->text[end - 1] == ',')) end--;
    if (!sentence_word(scan, user, end - user)) text_login_at(scan, user, end);
    return true;
}

/* `login by mohara`, `password reset for mohara`: the word ends before a blank. */
static void sentence_of(cf_scan *scan, uint32_t end) {
    static const text_word_of what[] = {TEXT("ogin"), TEXT("ogon"), TEXT("ogout"), TEXT("uthentication"), TEXT("ignin"), TEXT("ign-in"),
                                        TEXT("assword"), TEXT("OGIN"), TEXT("OGON"), TEXT("redentials")};
    static const char letters[][3] = {"lL", "lL", "lL", "aA", "sS", "sS", "pP", "L", "L", "cC"};
    uint8_t before = cf_at(scan, (int64_t)end - 2); /* login, logon, logout, password, credentials */
    if (before != 'i' && before != 'o' && before != 'u' && before != 'r' && before != 'I' && before != 'O' && before != 'l') return;
    if (scan->text[end - 3] == '-') cf_looks(scan); /* sign-in */
    for (unsigned i = 0; i < COUNT(what); i++) {
        uint32_t size = what[i].size + 1;
        uint8_t first = cf_at(scan, (int64_t)end - size);
        if (!cf_ends(scan, end, what[i].text, what[i].size)) continue;
        cf_looks(scan);
        if (!first || !strchr(letters[i], first)) continue;
        if (end - size >= scan->met[CF_MET_LOGIN_OF]) sentence_of_at(scan, end, 2);
        return;
    }
}
