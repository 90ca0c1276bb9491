/* Judges the value that stands behind a key: how far it reaches, and whether it is personal (keyed.py of the reference). */
#include "keys.h"

#include <string.h>

static bool credentials_found(cf_scan *scan, const cf_key_rule *rule, uint32_t start, uint32_t end); /* credentials.c */

/* v18.16.0 */
static bool keyed_version(const uint8_t *text, uint32_t size) {
    uint32_t at = 1;
    while (at < size && cf_is_digit(text[at])) at++;
    return at + 1 < size && text[at] == '.' && cf_is_digit(text[at + 1]);
}

static inline bool keyed_ends_host(uint8_t c) { return cf_is_space(c) || c == ':' || c == '/' || c == '\\' || c == '@'; }

/* The bytes of a host's name, which may have a port behind it; 0 when it is none or allowed. Addresses are the
 * business of the address rules. */
static uint32_t keyed_host(const cf_rules *rules, const uint8_t *text, uint32_t size) {
    uint32_t host = 0, at, from = 0, numeric = 0;
    while (host < size && host < 254 && !keyed_ends_host(text[host])) host++;
    at = host;
    if (at < size && text[at] == ':') {
        for (at++; at < size && at - host < 6 && cf_is_digit(text[at]);) at++;
        if (at == host + 1) return 0;
    }
    at += at < size && text[at] == '/';
    if (at != size || host > 253 || rules_host_named(rules, text, host)) return 0;
    if (host > 3 && (text[0] | 32) == 'v' && cf_is_digit(text[1]) && keyed_version(text, host)) return 0;
    while (from < host && (text[from] == '[' || text[from] == ']')) from++;
    while (host > from && (text[host - 1] == '[' || text[host - 1] == ']')) host--;
    if (host == from || !cf_is_alnum(text[from]) || !cf_is_alnum(text[host - 1])) return 0;
    for (at = from; at < host; at++) {
        if (!cf_is_word(text[at]) && text[at] != '.' && text[at] != '-') return 0;
        numeric += cf_is_digit(text[at]) || text[at] == '.';
    }
    for (at = host; at > from && cf_is_digit(text[at - 1]);) at--;
    if (at < host && at > from && text[at - 1] == '.') return 0; /* FPBX-16.0.33: the last part of a name is no number */
    return numeric == host - from ? 0 : host - from;
}

/* Where a value ends without the spaces behind it. */
static uint32_t keyed_strip(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    cf_known *known = &scan->known[CF_KNOWN_BLANKS];
    uint32_t at = end;
    if (known->from < end && end <= known->to) at = known->from;
    while (at > start && cf_is_space(text[at - 1])) at--;
    if (at < start) at = start;
    if (end - at >= VALUE_LONG && !(known->from < end && end <= known->to)) *known = (cf_known){at, end};
    return at;
}

static const struct {
    const char *text;
    uint32_t size;
} KEYED_QUOTES[] = {{"'", 1}, {"\"", 1}, {"&quot;", 6}, {"&apos;", 6}, {"&#39;", 5}, {"&#34;", 5}};

/* Whether a sentence stands behind `password: `, and no value. */
static bool keyed_prose(const cf_scan *scan, uint32_t start, uint32_t end) {
    if (!cf_ends(scan, start, ": ", 2) || end == start || end - start > 12) return false;
    for (uint32_t at = start; at < end; at++)
        if ((uint8_t)(scan->text[at] - 'a') >= 26) return false;
    if (name_particle(scan, start, end) == end - start) return false; /* password: de ... is a name's */
    return cf_at(scan, end) == ' ' && (uint8_t)(cf_at(scan, end + 1) - 'a') < 26;
}

/* InvalidAuthenticationToken: Access token has expired */
static bool keyed_of_secrets(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of sorts[] = {TEXT("access "), TEXT("refresh "), TEXT("session "), {NULL, 0}};
    static const text_word_of secrets[] = {TEXT("token"), TEXT("password"), TEXT("key"), TEXT("secret"), TEXT("credential"), TEXT("code"),
                                           TEXT("passphrase"), TEXT("pin"), {NULL, 0}};
    uint32_t at = end + 1;
    if (!cf_ends(scan, start, ": ", 2) || end - start < 2 || end - start > 16 || (uint8_t)(scan->text[start] - 'A') >= 26) return false;
    for (uint32_t letter = start + 1; letter < end; letter++)
        if ((uint8_t)(scan->text[letter] - 'a') >= 26) return false;
    if (cf_at(scan, end) != ' ') return false;
    for (const text_word_of *sort = sorts; sort->text; sort++)
        if (cf_stands(scan, at, sort->text, sort->size)) {
            at += sort->size;
            break;
        }
    for (const text_word_of *secret = secrets; secret->text; secret++) {
        if (!cf_stands(scan, at, secret->text, secret->size)) continue;
        uint32_t behind = at + secret->size + (cf_at(scan, at + secret->size) == 's');
        uint8_t c = cf_at(scan, behind);
        return !cf_is_word(c) && c < 0x80 && (!c || !strchr("=:@.-", c));
    }
    return false;
}

/* Words that begin what people say behind a speaker (`Customer: Hello, …`), between blanks. */
static const char KEYED_SPEECH[] =
    " hello hi hey yes yeah no ok okay thanks thank please sorry sure great good i my the this that what why how when where is it we you"
    " guten hallo ja nein danke bitte ich mein meine wir wie was wann warum bonjour bonsoir oui non merci je mon ma nous pourquoi hola "
    "buenos"
    " buenas gracias quiero tengo necesito por ciao buongiorno buonasera salve grazie vorrei goedemorgen goedemiddag goedendag nee dank ik"
    " mijn dzie\xc5\x84 dzien tak nie prosze merhaba evet ol\xc3\xa1 ola sim obrigado obrigada tack takk ";

/* Whether a log-in or a name goes on behind its first word: `Agent: no.ohara`, `Agent: Tak Lee`. */
static bool keyed_login_goes_on(const cf_scan *scan, uint32_t at) {
    uint8_t c = cf_at(scan, at), next = cf_at(scan, (int64_t)at + 1);
    if (cf_is_digit(c) || c == '_' || c == '@' || c == '\\') return true;
    return c == ' ' ? (uint8_t)(next - 'A') < 26 : (c == '.' || c == '+') && (cf_is_alpha(next) || cf_is_digit(next));
}

/* Whether somebody speaks behind `Customer: `, and is not named. */
static bool keyed_speech(const cf_scan *scan, const cf_key_rule *rule, cf_kind kind, uint32_t start, uint32_t end) {
    char word[16] = " ";
    uint32_t size = 0;
    if ((kind != CF_NAME && rule->needs != NEEDS_LOGIN) || !cf_ends(scan, start, ": ", 2)) return false;
    while (size < 13 && (cf_is_alpha(cf_at(scan, start + size)) || cf_at(scan, start + size) >= 0x80)) {
        word[size + 1] = (char)cf_lower(scan->text[start + size]);
        size++;
    }
    if (!size || size > 12 || start + size > end || cf_at(scan, start + size) == '-' || cf_at(scan, start + size) == '=') return false;
    word[size + 1] = ' ';
    return (kind == CF_NAME || !keyed_login_goes_on(scan, start + size)) && strstr(KEYED_SPEECH, word) != NULL;
}

/* `Customer: Still waiting …`: one word with a small one behind it, which is no part of a name and no key. */
static bool keyed_sentence(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = start + 1, next;
    if (!cf_ends(scan, start, ": ", 2) || end - start > 24 || end == start || (uint8_t)(scan->text[start] - 'A') >= 26) return false;
    while (at < end && ((uint8_t)(scan->text[at] - 'a') < 26 || scan->text[at] >= 0x80)) at++;
    if (at < end || cf_at(scan, end) != ' ' || name_particle(scan, end + 1, scan->size)) return false;
    for (next = end + 1; next - end < 22 && (uint8_t)(cf_at(scan, next) - 'a') < 26;) next++;
    uint8_t c = cf_at(scan, next);
    return next - end > 2 && next - end < 22 && !cf_is_word(c) && c < 0x80 && c != '=' && c != ':' && c != '@' && c != '.' && c != '\'' &&
           c != '-';
}

/* Where a number ends that a switch adds something to, or a host: `callingDevice=4930901820417:SWLINK::1`. */
static __attribute__((noinline)) uint32_t keyed_device(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t digits = start + (start < end && scan->text[start] == '+'), at = digits;
    while (at < end && at - digits < 16 && cf_is_digit(scan->text[at])) at++;
    return at - digits >= 3 && at - digits <= 15 && at < end && (scan->text[at] == ':' || scan->text[at] == '@') ? at : end;
}

/* alias=DB2001 */
static bool keyed_database(const cf_scan *scan, uint32_t start, uint32_t end) {
    if (end - start != 6 || !cf_stands(scan, start, "DB2", 3) || !cf_stands_folded(scan, (int64_t)start - 6, "alias", 5)) return false;
    return cf_is_digit(scan->text[start + 3]) && cf_is_digit(scan->text[start + 4]) && cf_is_digit(scan->text[start + 5]);
}

/* Behind `[Consumer clientId=`: what a program calls itself, whatever that is. */
static bool keyed_client(const cf_scan *scan, uint32_t start) {
    if (!cf_ends(scan, start, " clientId=", 10)) return false;
    return cf_ends(scan, start, "Consumer clientId=", 18) || cf_ends(scan, start, "Producer clientId=", 18) ||
           cf_ends(scan, start, "AdminClient clientId=", 21);
}

static bool keyed_of_agents(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char *const words[] = {
        "state",  "states", "status",    "list",   "skill", "skills", "login",   "logins",
        "logout", "count",  "total",   "ready",    "notready", "name",        "names",
        "group",  "groups", "queue",     "queues", "session", "sessions", "stats", "statistics",
        "event", "events", "config", "info",     "active",   "available",   "busy",
        "all",    "online", "offline",   "profile", "settings", "place", "places",
        "device",   "devices", "calls", "channels", "permissions", "roles", NULL};
    for (const char *const *word = words; *word; word++)
        if (end - start == strlen(*word) && cf_stands_folded(scan, start, *word, end - start)) return true;
    return false;
}

/* `sip:…`, `10.1.…` */
static bool keyed_told_place(const uint8_t *text, uint32_t size) {
    uint32_t at = 0, from;
    if (size >= 4 && memcmp(text, "sip:", 4) == 0) return true;
    for (unsigned part = 0; part < 2; part++) {
        for (from = at; at < size && at - from < 3 && cf_is_digit(text[at]);) at++;
        if (at == from || at >= size || text[at++] != '.') return false;
    }
    return true;
}

/* `Failed Login: username=mohara`, `rip=10.1.2.3`: a key with a rule of its own or an address where a log-in was looked for. */
static bool keyed_inner_key(const cf_scan *scan, uint32_t start, uint32_t size) {
    const uint8_t *text = scan->text + start;
    uint32_t at = 0;
    while (at < size && at < 25 && (cf_is_alpha(text[at]) || text[at] == '_')) at++;
    if (at < 2 || at > 24 || at + 1 >= size || text[at] != '=' || text[at + 1] == '=') return false;
    return keyed_told_place(text + at + 1, size - at - 1) || key_rule(scan, start, start + at);
}

/* `Agent login: AgentID '3321'`: the next key, in two words, where a log-in was looked for. */
static bool keyed_key_of_users(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of lasts[] = {TEXT("ID"), TEXT("Id"), TEXT("Name"), TEXT("Login"), TEXT("LoginID"),
                                         TEXT("LoginId"), TEXT("LoginName")};
    const uint8_t *text = scan->text;
    uint32_t at = start + 1;
    if (end - start < 5 || end - start > 25 || !cf_is_alpha(text[start])) return false;
    while (at < end && at - start < 16 && (uint8_t)(text[at] - 'a') < 26) at++;
    if (at - start < 3) return false;
    for (unsigned i = 0; i < COUNT(lasts); i++)
        if (end - at == lasts[i].size && cf_stands(scan, at, lasts[i].text, lasts[i].size)) return key_rule(scan, start, end) != NULL;
    return false;
}

/* ClientAddress : Severity : 6: the next label where an address was looked for, which reaches to the line's end. */
static bool keyed_next_label(const cf_scan *scan, cf_kind kind, uint32_t start) {
    uint32_t at = start + 1;
    if (kind != CF_ADDRESS || (uint8_t)(cf_at(scan, start) - 'A') >= 26 || !cf_ends(scan, start, " : ", 3)) return false;
    while (at - start < 33 && cf_is_alpha(cf_at(scan, at))) at++;
    return at - start > 2 && at - start < 33 && cf_stands(scan, at, " : ", 3);
}

/* `insured=Person(firstName=…`, `Person { first_name: …`: an object of some type where a value was looked for. */
static bool keyed_type(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of types[] = {TEXT("Dto"), TEXT("DTO"), TEXT("Entity"), TEXT("Model"), TEXT("Record"), TEXT("Info"),
                                         TEXT("Data"), TEXT("Details"), TEXT("Impl"), TEXT("Proto"), TEXT("View")};
    const uint8_t *text = scan->text;
    uint8_t open = cf_at(scan, end);
    uint32_t at = start, key;
    if (end - start < 2 || end - start > 40 || (uint8_t)(text[start] - 'A') >= 26) return false;
    if (open != '(' && open != '[' && open != '{' && !cf_stands(scan, end, " {", 2) && !cf_stands(scan, end, " [", 2)) return false;
    while (at < end && cf_is_alpha(text[at])) at++;
    if (at < end) return false;
    at = end + 1 + (open == ' ');
    at += cf_at(scan, at) == ' ';
    if (!cf_is_alpha(cf_at(scan, at)) && cf_at(scan, at) != '_') return false;
    for (key = at++; at - key < 42 && cf_is_word(cf_at(scan, at));) at++;
    if (at - key > 41 || (cf_at(scan, at) != '=' && cf_at(scan, at) != ':')) return false;
    for (unsigned i = 0; i < COUNT(types); i++)
        if (end - start >= types[i].size && cf_ends(scan, end, types[i].text, types[i].size)) return true;
    return key_rule(scan, start, end) != NULL;
}

/* `street1= street2=`: the next key where a value was looked for. */
static bool keyed_empty(const cf_scan *scan, cf_kind kind, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    if (keyed_next_label(scan, kind, start)) return true;
    if (end - start < 3 || end - start > 41 || text[end - 1] != '=') return false;
    if (kind != CF_ADDRESS && kind != CF_SECRET && kind != CF_USER && kind != CF_ID && kind != CF_NAME) return false;
    if (!cf_is_alpha(text[start]) && text[start] != '_') return false;
    for (uint32_t at = start; at < end - 1; at++)
        if (!cf_is_word(text[at]) || (kind == CF_SECRET && cf_is_digit(text[at]))) return false; /* Secret99= may be a password */
    /* RequestAgentLogin: DN='7021' */
    return cf_is_blank(cf_at(scan, (int64_t)start - 1)) && (kind == CF_USER || key_rule(scan, start, end - 1) != NULL);
}

/* `SIP/2.0/UDP …` where a street is looked for: behind its first capital stands none of what a street goes on with, however far
 * the value reaches; and nothing with a dot inside is base64. */
static bool keyed_no_street(const cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    if (end - start < 4 || (uint8_t)(text[start] - 'A') >= 26) return false;
    uint8_t second = text[start + 1];
    if (needs_small(second) || second == '.' || second == '/' || second == '%') return false;
    for (uint32_t at = start + 2; at + 1 < end && at - start < KEYED_SEEN; at++)
        if (text[at] == '.' && cf_is_alnum(text[at + 1])) return true;
    return false;
}

/* Whether a given name and a capital behind it stand where a number was looked for. */
static bool keyed_names_person(const cf_scan *scan, uint32_t start) {
    uint32_t at = start + 1;
    if ((uint8_t)(cf_at(scan, start) - 'A') >= 26) return false;
    while (at - start < 26 && ((uint8_t)(cf_at(scan, at) - 'a') < 26 || cf_at(scan, at) >= 0x80)) at++;
    if (at - start < 3 || at - start > 25 || cf_at(scan, at) != ' ') return false;
    uint8_t next = cf_at(scan, name_particles(scan, at + 1, scan->size));
    return (next >= 0x80 || (uint8_t)(next - 'A') < 26) && name_given(scan, start, at);
}

/* Whether a function is called that has no digit in its name, and nothing more is said: getpass(); or VALUES(name) of SQL. */
static bool keyed_calls(const cf_scan *scan, uint32_t start, uint32_t end) {
    if (end - start == 6 && cf_at(scan, end) == '(' && cf_stands_folded(scan, start, "values", 6)) return true;
    uint32_t last = end;
    bool capital = false;
    if (cf_at(scan, end) == '(') { /* users.findById(id) */
        for (; last > start && cf_is_alpha(scan->text[last - 1]); last--) capital = capital || scan->text[last - 1] < 'a';
        capital = capital && last > start && end - last >= 2 && end - last <= 40 && last - start <= 128 && scan->text[last - 1] == '.' && scan->text[last] >= 'a';
        for (uint32_t at = start; capital && at < last; at++) capital = cf_is_alpha(scan->text[at]) || scan->text[at] == '_' || scan->text[at] == '.';
        if (capital) return true;
    }
    if (!cf_stands(scan, end, "()", 2) || cf_is_word(cf_at(scan, (int64_t)end + 2))) return false;
    for (uint32_t at = start; at < end; at++)
        if (cf_is_digit(scan->text[at])) return false;
    return true;
}

/* Whether a test stands where a password was looked for, --- PASS: TestLogin, or what was done with a field in a program:
 * * user.cc (password): Likewise. */
static bool keyed_of_code(const cf_scan *scan, uint32_t start) {
    static const char noted[] = " Accept Add Added Adjust Allow Avoid Change Changed Check Declare Define Delete Deleted Ditto Document Export"
                               " Fix Fixed Handle Include Initialize Likewise Move Remove Removed Rename Renamed Replace Return Rewrite Set"
                               " Support Update Updated Use ";
    uint32_t at = start;
    if (!cf_ends(scan, start, ": ", 2)) return false;
    if (cf_ends(scan, start, "PASS: ", 6)) {
        if (cf_ends(scan, start, "--- PASS: ", 10)) return true;
        if ((cf_at(scan, at) | 32) != 't' || !cf_stands(scan, (int64_t)at + 1, "est", 3)) return false;
        at += 4 + (cf_at(scan, (int64_t)at + 4) == 's');
        uint8_t c = cf_at(scan, at);
        return (uint8_t)(c - 'A') < 26 || (c && strchr("_./\\-", c));
    }
    if (cf_at(scan, (int64_t)start - 3) != ')' || (uint8_t)(cf_at(scan, at) - 'A') >= 26) return false;
    while (at - start < 12 && cf_is_alpha(cf_at(scan, at))) at++;
    uint8_t behind = cf_at(scan, at);
    char word[16] = " ";
    if (at - start > 11 || cf_is_word(behind) || behind >= 0x80 || behind == '-') return false;
    memcpy(word + 1, scan->text + start, at - start);
    word[at - start + 1] = ' ';
    return strstr(noted, word) != NULL;
}

/* Add the value as a span when it is personal; false when it is not. */
/* (cn=Mary*): a star, and what stands before the value of a filter, not before what a function is given, f(user=*args). */
static bool keyed_filtered(const cf_scan *scan, uint32_t start, uint32_t end) {
    if (start == end || cf_at(scan, (int64_t)start - 1) != '=' || (scan->text[start] != '*' && scan->text[end - 1] != '*')) return false;
    uint32_t at = start - 1, key = at;
    while (at && key - at < 65 && (cf_is_word(scan->text[at - 1]) || scan->text[at - 1] == '.' || scan->text[at - 1] == ';' || scan->text[at - 1] == '-')) at--;
    uint8_t before = cf_at(scan, (int64_t)at - 2);
    return key - at >= 1 && key - at <= 64 && cf_at(scan, (int64_t)at - 1) == '(' && !cf_is_word(before) && before < 0x80;
}

/* Whether a value is the name of a field, too: `lastName` would be replaced wherever it is a key. */
static bool keyed_names_field(const cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text + start;
    uint32_t size = end - start, at;
    if (size < 5 || size > 50) return false;
    for (at = 0; at < size; at++)
        if (!cf_is_alpha(text[at]) && text[at] != '_') return false;
    for (at = 2; at <= 24 && at + 2 < size && text[at - 1] != '_' && text[0] != '_'; at++) {
        uint8_t first = text[at], second = text[at + 1];
        bool hump = first == '_' ? (uint8_t)(second - 'a') < 26 : (uint8_t)(first - 'a') < 26 && (uint8_t)(second - 'A') < 26;
        if (hump && size - at - 2 <= 24) return key_known(scan, text, size) != NULL;
    }
    return false;
}

/* `table "crm.person_address": index scans: 1`: a table is called as a key; `"displayName":"X","newValue":`: a field whose change
 * is told. */
static bool keyed_of_schema(const cf_scan *scan, const cf_key_rule *rule, cf_value value) {
    static const text_word_of objects[] = {TEXT("table \""), TEXT("relation \""), TEXT("index \""), TEXT("view \""), TEXT("sequence \""),
                                           TEXT("constraint \""), TEXT("partition \"")};
    const uint8_t *text = scan->text;
    if (value.quoted) {
        if (rule->kind != CF_NAME || !(cf_stands(scan, value.end, "\",\"", 3) || cf_stands(scan, value.end, "\", \"", 4))) return false;
        uint32_t behind = value.end + (text[value.end + 2] == ' ' ? 4 : 3);
        return (cf_stands(scan, behind, "oldValue\"", 9) || cf_stands(scan, behind, "newValue\"", 9)) &&
               (cf_ends(scan, value.start, "\"displayName\":\"", 15) || cf_ends(scan, value.start, "\"displayName\": \"", 16));
    }
    if (!cf_ends(scan, value.start, "\": ", 3)) return false;
    uint32_t end = value.start - 3, at = end;
    while (at && end - at <= 72 && (cf_is_word(text[at - 1]) || text[at - 1] == '.' || text[at - 1] == '$')) at--;
    if (at == end || end - at > 72) return false;
    for (unsigned i = 0; i < COUNT(objects); i++)
        if (cf_ends(scan, at, objects[i].text, objects[i].size) && !cf_is_word(cf_at(scan, (int64_t)at - objects[i].size - 1))) return true;
    return false;
}

static bool keyed_read(cf_scan *scan, const cf_key_rule *rule, cf_value value) {
    const uint8_t *text = scan->text;
    uint32_t start = value.start, end = value.end;
    cf_key_rule named;
    if (keyed_of_schema(scan, rule, value)) return false;
    if (rule->kind == CF_TEL && keyed_names_person(scan, start)) { /* from="Mary Major" */
        named = *rule;
        named.kind = CF_NAME;
        named.needs = NEEDS_FULL;
        rule = &named;
    }
    cf_kind kind = (cf_kind)rule->kind;
    bool learn = rule->learn;
    if (!value.quoted) {
        if (rule->needs == NEEDS_STREET && keyed_no_street(scan, start, end)) return false;
        bool prosaic = kind == CF_SECRET || kind == CF_NAME || kind == CF_HOST;
        if (!rule->whole_line && (rule->quoted || (prosaic && keyed_prose(scan, start, end)) || (kind == CF_SECRET && keyed_of_secrets(scan, start, end))))
            return false;
        if (kind == CF_CARD && !rule->whole_line && machine_port(scan, start, end)) return false;
        if (kind == CF_ADDRESS && !rule->whole_line &&
            (machine_address(scan, start) || cf_allowed_value(scan->rules, text + start, end - start)))
            return false;
        if (rule->needs == NEEDS_NAME && !rule->whole_line && keyed_sentence(scan, start, end)) return false;
        uint32_t reach = rule->whole_line ? header_end(scan, start, keyed_line(scan, start)) : keyed_reach(scan, kind, start, end);
        if (reach > end) end = reach;
        if (end - start > 1 && text[end - 1] == '\\' && continued_behind(scan, end - 1)) end--;
    }
    if (kind == CF_NAME ? !keyed_lettered(scan, start, end) : kind == CF_MAIL && needs_phone(scan, start, end)) kind = CF_TEL;
    while (start < end && cf_is_space(text[start])) start++;
    end = keyed_strip(scan, start, end);
    if (!value.quoted && keyed_uri(text + start, end - start)) return false; /* sip:<USER:...>, too */
    if (!value.quoted && cf_at(scan, end) == '(' && value_quote(cf_at(scan, (int64_t)end + 1))) return false; /* getParameter("…") */
    if (!value.quoted && (keyed_calls(scan, start, end) || keyed_of_code(scan, start))) return false;
    if (!value.quoted && kind == CF_USER && machine_label(scan, start, end)) return false;
    if (!value.quoted && keyed_empty(scan, kind, start, end)) return false;
    if (!value.quoted && kind == CF_USER && keyed_key_of_users(scan, start, end)) return false;
    if (!value.quoted && keyed_type(scan, start, end)) return false;
    if (!value.quoted && kind == CF_USER && cf_at(scan, (int64_t)start - 3) == ')' && keyed_sentence(scan, start, end)) return false;
    if (!value.quoted && (kind == CF_USER || kind == CF_ID || (kind == CF_ADDRESS && cf_is_blank(cf_at(scan, (int64_t)start - 1)))) &&
        keyed_inner_key(scan, start, end - start)) return false;
    if (!value.quoted && (keyed_label(scan, kind, start, end) || keyed_speech(scan, rule, kind, start, end))) return false;
    while (!value.quoted && end > start && (text[end - 1] == '.' || text[end - 1] == ':' || (kind == CF_TEL && text[end - 1] == '-')))
        end--;
    uint8_t first = start < end ? text[start] : 0;
    for (unsigned i = 0; i < sizeof KEYED_QUOTES / sizeof *KEYED_QUOTES && (value_quote(first) || first == '&'); i++) {
        uint32_t size = KEYED_QUOTES[i].size; /* expr="'Mary'": one person, one token */
        if (end - start <= 2 * size || !cf_stands(scan, start, KEYED_QUOTES[i].text, size) ||
            !cf_ends(scan, end, KEYED_QUOTES[i].text, size))
            continue;
        start += size;
        end -= size;
        break;
    }
    if (kind == CF_USER && end - start >= 5 && cf_stands(scan, start, "User:", 5)) start += 5; /* Principal = User:mohara */
    else if (kind == CF_USER && end - start >= 5 && cf_stands(scan, start, "name=", 5)) start += 5; /* new user: name=mohara */
    if (!value.quoted && (kind == CF_NAME || kind == CF_USER) && cf_at(scan, end) == ')' && keyed_filtered(scan, start, end)) { /* (cn=Mary*): of a word the stars leave a part */
        const uint32_t size = end - start;
        if (end - start > 1 && text[start] == '*' && (cf_is_alnum(text[start + 1]) || text[start + 1] >= 0x80)) start++;
        if (end - start > 1 && text[end - 1] == '*' && (cf_is_alnum(text[end - 2]) || text[end - 2] >= 0x80)) end--;
        learn = learn && end - start == size;
    }
    if (!value.quoted && (keyed_own(text + start, end - start, kind) || machine_group(scan, start))) return false;
    if (rule->needs == NEEDS_LOGIN && !value.quoted && cf_at(scan, (int64_t)start - 1) == ':' && keyed_of_agents(scan, start, end))
        return false; /* agent:state */
    if (rule->needs == NEEDS_LOGIN && !value.quoted && keyed_database(scan, start, end)) return false;
    if (kind == CF_TEL) end = keyed_device(scan, start, end);
    if (!value.quoted && kind == CF_ID && keyed_client(scan, start)) return false;
    if (kind == CF_NAME && cf_stands_folded(scan, (int64_t)start - 3, "cn=", 3) && name_signs(scan, start, end)) return false;
    if ((kind == CF_NAME || kind == CF_USER) &&
        name_tells_nobody(scan, start, value.quoted ? end : scan->size, kind == CF_USER || rule->needs != NEEDS_ANY, value.quoted))
        return false;
    if (kind == CF_USER && machine_log_id(scan, start, end)) return false;
    if (kind == CF_KEYED && machine_message(scan, start)) return false;
    if (start < end && (text[start] == '%' || text[start] == ':') && place_held(scan, kind, start, end)) return false;
    uint32_t from = start, to = end; /* LIKE 'Mary%', (sn=Major*) */
    while (to > from && text[to - 1] == '%') to--;
    if (to == end && to > from + 1 && text[to - 1] == '*' && (cf_is_alpha(text[to - 2]) || text[to - 2] >= 0x80)) to--;
    while (from < to && text[from] == '%' && (to - from < 2 || !needs_escape(scan, from, to))) from++;
    if (from == to || !keyed_personal(scan, rule, kind, from, to, value.quoted)) return false;
    if (rule->kind == CF_HOST) {
        if (machine_realm(scan, start, end) || (value.end < scan->size && keyed_token(scan, value.end, scan->size)))
            return false; /* > Bind <IP:…> */
        uint32_t host = keyed_host(scan->rules, text + start, end - start);
        if (!host) return false;
        end = start + host;
    }
    if (rule->whole_line && credentials_found(scan, rule, start, end)) return true;
    bool whole = rule->whole_line;
    learn = learn && !((kind == CF_NAME || kind == CF_USER) && keyed_names_field(scan, start, end));
    for (uint32_t stop = start; rule->needs == NEEDS_FULL && stop < end; stop++) { /* people one by one */
        if (text[stop] != ',' || stop + 2 >= end) continue;
        cf_found(scan, start, stop, CF_BY_KEY, kind, rule->rule, CF_TOUCHING | (learn ? CF_LEARN : 0));
        start = stop + 2;
        whole = true;
    }
    cf_found(scan, start, end, CF_BY_KEY, kind, rule->rule, CF_TOUCHING | (learn ? CF_LEARN : 0));
    if (!whole) continued_found(scan, rule, kind, start, end);
    return true;
}

/* As keyed_read, once for each value that several notations find one after the other. */
static bool keyed_judge(cf_scan *scan, const cf_key_rule *rule, cf_value value) {
    cf_judged *last = &scan->judged;
    if (last->rule == rule && last->start == value.start && last->end == value.end && last->quoted == value.quoted) {
        cf_span *again = last->found ? cf_span_add(scan) : NULL;
        if (again) *again = last->span;
    } else {
        uint32_t count = scan->count;
        bool looked = scan->looked, crossed = scan->crossed;
        scan->looked = scan->crossed = false;
        *last = (cf_judged){.rule = rule, .start = value.start, .end = value.end, .quoted = value.quoted};
        last->personal = keyed_read(scan, rule, value);
        last->looked = scan->looked;
        last->crossed = scan->crossed;
        scan->looked = looked;
        scan->crossed = crossed;
        last->found = scan->count > count;
        if (last->found) last->span = scan->spans[count];
        if (scan->count > count + 1) last->rule = NULL; /* parts of it, each a span */
    }
    scan->looked = scan->looked || last->looked;
    scan->crossed = scan->crossed || last->crossed;
    return last->personal;
}

/* Judge a value of a notation; nothing is read again inside one that is personal. */
static bool keyed_value(cf_scan *scan, unsigned notation, const cf_key_rule *rule, cf_value value) {
    bool personal = keyed_judge(scan, rule, value);
    if (personal) scan->taken[notation] = value.end;
    return personal;
}
