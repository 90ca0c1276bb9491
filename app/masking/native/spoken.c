/* Names in sentences: `Agent Mary Major logged in`, `Hello, this is Mary` (person_names of app/masking/persons.py). */
#include "shapes.h"

#include <string.h>

enum { SPOKEN_WORDS = 3, SPOKEN_LETTERS = 40 };

/* Words that are no part of a name: `Agent Group Sales logged out`, `Hello, this is Technical Support`. */
static const text_word_of spoken_no_names[] = {
    TEXT("account"), TEXT("access"), TEXT("action"), TEXT("active"), TEXT("adapter"), TEXT("admin"),
    TEXT("administrator"), TEXT("agent"), TEXT("agents"), TEXT("application"), TEXT("assist"), TEXT("assistant"),
    TEXT("bank"), TEXT("call"), TEXT("caller"), TEXT("callback"), TEXT("care"), TEXT("center"), TEXT("centre"),
    TEXT("chat"), TEXT("client"), TEXT("clients"), TEXT("connection"), TEXT("contact"), TEXT("contacts"),
    TEXT("context"), TEXT("control"), TEXT("customer"), TEXT("customers"), TEXT("data"), TEXT("default"),
    TEXT("desk"), TEXT("desktop"), TEXT("device"), TEXT("email"), TEXT("employee"), TEXT("engine"), TEXT("error"),
    TEXT("event"), TEXT("events"), TEXT("failed"), TEXT("group"), TEXT("groups"), TEXT("help"), TEXT("home"),
    TEXT("id"), TEXT("info"), TEXT("information"), TEXT("interaction"), TEXT("interface"), TEXT("is"),
    TEXT("level"), TEXT("list"), TEXT("login"), TEXT("logout"), TEXT("mail"), TEXT("manager"), TEXT("message"),
    TEXT("name"), TEXT("new"), TEXT("no"), TEXT("not"), TEXT("number"), TEXT("object"), TEXT("operator"),
    TEXT("phone"), TEXT("place"), TEXT("pool"), TEXT("portal"), TEXT("profile"), TEXT("queue"), TEXT("record"),
    TEXT("relations"), TEXT("request"), TEXT("response"), TEXT("role"), TEXT("routing"), TEXT("sales"),
    TEXT("script"), TEXT("server"), TEXT("service"), TEXT("services"), TEXT("session"), TEXT("skill"),
    TEXT("state"), TEXT("status"), TEXT("success"), TEXT("supervisor"), TEXT("support"), TEXT("system"),
    TEXT("team"), TEXT("technical"), TEXT("the"), TEXT("this"), TEXT("tenant"), TEXT("test"), TEXT("to"),
    TEXT("type"), TEXT("unknown"), TEXT("update"), TEXT("user"), TEXT("users"), TEXT("voice"), TEXT("was"),
    TEXT("web"), TEXT("with"), TEXT("workspace"), TEXT("your"), TEXT("engineer"), TEXT("analyst"), TEXT("developer"), TEXT("consultant"),
    TEXT("architect"), TEXT("director"), TEXT("join"), TEXT("column"), TEXT("columns"), TEXT("constraint"), TEXT("index"), TEXT("btree"),
    TEXT("hotline"), TEXT("warteschlange"), TEXT("gruppe"), TEXT("nummer"), TEXT("kundendienst"), TEXT("kundenservice"), TEXT("vertrag"),
    TEXT("auftrag"), TEXT("konto"), TEXT("daten"), TEXT("dienst"), TEXT("names"), TEXT("null"), TEXT("using"), TEXT("values"), TEXT("where"), TEXT("select"), TEXT("primary"),
    TEXT("privatkunden"), TEXT("servizio"), TEXT("servicio"), TEXT("clienti"), TEXT("foreign"), TEXT("table"), TEXT("order"), TEXT("by"), TEXT("on"),
    TEXT("clientes"), TEXT("klienta"), TEXT("cola"), TEXT("coda"), TEXT("kolejka"), TEXT("wachtrij"), TEXT("premium"), TEXT("vip"),
    TEXT("gold"), TEXT("silver"), TEXT("kein"), TEXT("keine"), TEXT("nicht"), TEXT("and"), TEXT("or"), TEXT("limit"), TEXT("having")};

static bool spoken_no_name(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t first = cf_lower(scan->text[start]);
    for (unsigned i = 0; i < COUNT(spoken_no_names); i++)
        if (spoken_no_names[i].size == end - start && (uint8_t)spoken_no_names[i].text[0] == first &&
            cf_stands_folded(scan, start, spoken_no_names[i].text, end - start))
            return true;
    return false;
}

static inline bool spoken_letter(uint8_t c) { return cf_is_alpha(c) || c >= 0x80; }

static inline bool spoken_capital(uint8_t c) { return (uint8_t)(c - 'A') < 26 || c >= 0x80; }

/* Where a word of a name ends that begins at a place with a capital; 0: none does. */
static uint32_t spoken_part(const cf_scan *scan, uint32_t start) {
    uint8_t c = cf_at(scan, start);
    uint32_t at = start + 1, letters = 0;
    if (!spoken_capital(c)) return 0;
    for (; letters < SPOKEN_LETTERS; letters++, at++) {
        c = cf_at(scan, at);
        if (!spoken_letter(c) && ((c != '\'' && c != '-') || !spoken_letter(cf_at(scan, (int64_t)at + 1)))) break;
    }
    c = cf_at(scan, at);
    if (!letters || cf_is_word(c) || c == '@' || c == '=') return 0;
    bool goes_on = at + 1 < scan->size && !cf_is_space(scan->text[at + 1]);
    return c && strchr(":.([/\\-", c) && goes_on ? 0 : at;
}

static inline uint32_t spoken_particles(const cf_scan *scan, uint32_t at) { return name_particles(scan, at, scan->size); }

/* As these, before the first word of a name; `Herr der Ringe` names nobody. */
static uint32_t spoken_first(const cf_scan *scan, uint32_t at) {
    static const char *const articles[] = {"der ", "dem ", "des ", "das "};
    for (unsigned i = 0; i < COUNT(articles); i++)
        if (cf_stands(scan, at, articles[i], 4)) return at;
    return spoken_particles(scan, at);
}

/* Where the words of a name end that begins at a place, one after the other, each with its small words; how many there are. */
static uint32_t spoken_parts(const cf_scan *scan, uint32_t at, uint32_t *ends) {
    uint32_t count = 0;
    while (count < SPOKEN_WORDS && (ends[count] = spoken_part(scan, at)) != 0) {
        at = ends[count++];
        if (cf_at(scan, at) != ' ') break;
        at = spoken_particles(scan, at + 1);
    }
    return count;
}

/* Where the log-in in brackets ends that begins at a place, behind a name: `E118204`, `m.ohara`; or 0. */
static uint32_t spoken_id(const cf_scan *scan, uint32_t start) {
    uint32_t at = start, digits, stop = doer_user(scan, start);
    bool marked = false;
    if (stop) {
        for (at = start + 1; at < stop; at++) marked |= !doer_small(scan->text[at]) && scan->text[at] != '-';
    } else {
        while (at - start < 2 && (uint8_t)(cf_at(scan, at) - 'A') < 26) at++;
        for (digits = stop = at; stop - digits < 9 && cf_is_digit(cf_at(scan, stop));) stop++;
        marked = at > start && stop - digits >= 4 && stop - digits <= 8;
    }
    return marked && cf_at(scan, stop) == ')' ? stop : 0;
}

static void spoken_found(cf_scan *scan, uint32_t start, uint32_t end) {
    bool full = false;
    if (name_of_town(scan, start, end)) return;
    for (uint32_t from = start, at = start; at <= end; at++) {
        if (at < end && scan->text[at] != ' ') continue;
        if (spoken_no_name(scan, from, at)) return;
        full = full || at < end;
        from = at + 1;
    }
    cf_shape(scan, start, end, CF_BY_PERSON_NAME, cf_shape_kind(scan->rules, CF_BY_PERSON_NAME), CF_R_PERSON_NAME,
             CF_TOUCHING | (full ? CF_LEARN : 0));
    uint32_t id = cf_stands(scan, end, " (", 2) ? doer_login_behind(scan, start, end) : 0;
    if (id) cf_shape(scan, end + 2, id, CF_BY_PERSON_NAME, CF_USER, CF_R_PERSON_NAME, CF_TOUCHING | CF_LEARN);
}

/* `Client Mary Major a rappelé`: what somebody does in French, where a client is no program. */
static bool spoken_french(const cf_scan *scan, uint32_t at) {
    static const text_word_of verbs[] = {TEXT("rappel"), TEXT("demand"), TEXT("souhait")};
    bool did = cf_stands(scan, at, "a ", 2);
    if (did) at += 2;
    for (unsigned i = 0; i < COUNT(verbs); i++)
        if (cf_stands(scan, at, verbs[i].text, verbs[i].size)) return true;
    return did ? cf_stands(scan, at, "appel", 5) || cf_stands(scan, at, "raccroch", 8) : cf_stands(scan, at, "appell", 6);
}

/* Behind the extension or the log-in in brackets that begins at a place, and a blank: `7001) `; or 0. */
static uint32_t spoken_box(const cf_scan *scan, uint32_t start) {
    uint32_t end = start, user = doer_user(scan, start);
    while (end - start < 9 && cf_is_digit(cf_at(scan, end))) end++;
    if (end - start < 2 || end - start > 8) end = user;
    return end && cf_stands(scan, end, ") ", 2) ? end + 2 : 0;
}

/* Whether an id, a number or a mail address of somebody stands in the brackets that open at a place. */
static bool spoken_marked(const cf_scan *scan, uint32_t open) {
    uint32_t end = open + 1, digits = end;
    if (cf_stands(scan, end, "ID", 2) || cf_stands(scan, end, "id", 2)) return true;
    if (cf_at(scan, end) == '+' && cf_is_digit(cf_at(scan, end + 1))) return true; /* (+49… */
    while (digits - end < 16 && cf_is_digit(cf_at(scan, digits))) digits++;
    if (digits - end >= 9 && digits - end <= 15 && (cf_at(scan, digits) == ')' || cf_at(scan, digits) == '>')) return true;
    if (scan->text[open] == '(' && spoken_id(scan, open + 1)) return true;
    while (end - open < 66 && (cf_is_host_byte(cf_at(scan, end)) || cf_at(scan, end) == '+')) end++;
    return end > open + 1 && end - open < 66 && cf_at(scan, end) == '@';
}

/* Whether what stands behind a name says what somebody did, or who it is. */
static bool spoken_acted(const cf_scan *scan, uint32_t at, bool french) {
    static const text_word_of filling[] = {TEXT("has "), TEXT("is "), TEXT("was "), TEXT("have "), TEXT("")};
    static const text_word_of verbs[] = {TEXT("signed"), TEXT("hung up"), TEXT("joined"), TEXT("left"), TEXT("called"), TEXT("calling"),
                                         TEXT("answered"), TEXT("entered"), TEXT("said"), TEXT("says"), TEXT("asked"), TEXT("at place"),
                                         TEXT("wrote"), TEXT("verified"), TEXT("authenticated"), TEXT("transferred"), TEXT("requested"),
                                         TEXT("requests"), TEXT("wants"), TEXT("confirmed"), TEXT("reported"), TEXT("disconnected"),
                                         TEXT("calls"), TEXT("hangs up"), TEXT("accepted"), TEXT("declined"), TEXT("started monitoring"),
                                         TEXT("started coaching"), TEXT("stopped monitoring"), TEXT("stopped coaching"), TEXT("handled"),
                                         TEXT("on DN"), TEXT("on extension")};
    static const text_word_of logs[] = {TEXT("logged"), TEXT("logs"), TEXT("logging"), TEXT("log")};
    static const text_word_of ways[] = {TEXT("in"), TEXT("on"), TEXT("out"), TEXT("off")};
    unsigned most = COUNT(verbs);
    if (cf_at(scan, at++) != ' ') return false;
    uint8_t mark = cf_at(scan, at);
    if (french && spoken_french(scan, at)) return true;
    if (mark == '(' || mark == '<') {
        if (spoken_marked(scan, at)) return true;
        if (mark == '<' || !(at = spoken_box(scan, at + 1))) return false;
        most = 2; /* Contact Form Handler (ajax) called */
    }
    for (unsigned i = 0; i < COUNT(filling); i++) {
        if (!cf_stands(scan, at, filling[i].text, filling[i].size)) continue;
        uint32_t verb = at + filling[i].size;
        for (unsigned j = 0; j < most; j++)
            if (cf_stands(scan, verb, verbs[j].text, verbs[j].size) && !cf_is_word(cf_at(scan, verb + verbs[j].size))) return true;
        for (unsigned j = 0; j < COUNT(logs); j++) {
            uint32_t way = verb + logs[j].size;
            if (!cf_stands(scan, verb, logs[j].text, logs[j].size) || (cf_at(scan, way) != ' ' && cf_at(scan, way) != '-')) continue;
            for (unsigned k = 0; k < COUNT(ways); k++)
                if (cf_stands(scan, (int64_t)way + 1, ways[k].text, ways[k].size) && !cf_is_word(cf_at(scan, way + 1 + ways[k].size)))
                    return true;
        }
    }
    return false;
}

/* `verified by agent Mary Major`: the word of the one who acts is [start, end), a blank behind it. */
static void spoken_of_whom(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of links[] = {TEXT("y"), TEXT("o"), TEXT("rom"), TEXT("ith"), TEXT("or"), TEXT("f")};
    static const char letters[] = "btfwfo"; /* of these words */
    uint32_t ends[SPOKEN_WORDS], link = start;
    if (start < 3 || scan->text[start - 1] != ' ') return;
    for (unsigned i = 0; i < COUNT(links) && link == start; i++) {
        uint32_t size = links[i].size;
        if (!cf_ends(scan, start - 1, links[i].text, size) || start < size + 2) continue;
        uint32_t first = start - 2 - size;
        if ((scan->text[first] | 32) == (uint8_t)letters[i] && !cf_is_word(cf_at(scan, (int64_t)first - 1))) link = first;
    }
    if (link == start || link < scan->met[CF_MET_OF_WHOM]) return;
    uint32_t count = spoken_parts(scan, end + 1, ends);
    if (count < 2) return;
    scan->met[CF_MET_OF_WHOM] = ends[count - 1];
    spoken_found(scan, end + 1, ends[count - 1]);
}

/* `Agent Mary Major logged in`: the word of the one who acts is [start, end), a blank behind it. */
static void spoken_actor(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t ends[SPOKEN_WORDS];
    if (!cf_ends(scan, end, "ser", 3)) spoken_of_whom(scan, start, end);
    if (start < scan->met[CF_MET_ACTED]) return;
    for (uint32_t count = spoken_parts(scan, end + 1, ends); count > 1; count--) {
        if (!spoken_acted(scan, ends[count - 1], cf_ends(scan, end, "lient", 5))) continue;
        scan->met[CF_MET_ACTED] = ends[count - 1];
        spoken_found(scan, end + 1, ends[count - 1]);
        return;
    }
}

/* The name at a place, behind an introduction that begins at `start`. */
static void spoken_introduced(cf_scan *scan, uint32_t start, uint32_t at) {
    uint32_t ends[SPOKEN_WORDS], count = start < scan->met[CF_MET_INTRODUCED] ? 0 : spoken_parts(scan, spoken_first(scan, at), ends);
    if (!count) return;
    scan->met[CF_MET_INTRODUCED] = ends[count - 1];
    spoken_found(scan, at, ends[count - 1]);
}

/* `je suis Mary Major`: two names at least stand at a place; one word alone may be anything. */
static void spoken_stated(cf_scan *scan, uint32_t start, uint32_t at) {
    uint32_t ends[SPOKEN_WORDS], count = start < scan->met[CF_MET_STATED] ? 0 : spoken_parts(scan, at, ends);
    if (count < 2) return;
    scan->met[CF_MET_STATED] = ends[count - 1];
    spoken_found(scan, at, ends[count - 1]);
}

/* The two names or three that stand at a place and end before a mark; false: none do. */
static bool spoken_two(cf_scan *scan, uint32_t at, char mark) {
    uint32_t ends[SPOKEN_WORDS];
    for (uint32_t count = spoken_parts(scan, at, ends); count > 1; count--) {
        if (cf_at(scan, ends[count - 1]) != (uint8_t)mark) continue;
        spoken_found(scan, at, ends[count - 1]);
        return true;
    }
    return false;
}

/* `call from Mary Major (+49…)`: `from` is [start, end). */
static void spoken_call_from(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t ends[SPOKEN_WORDS];
    cf_looks(scan);
    if (!cf_stands(scan, (int64_t)start - 4, "all from", 8) || (cf_at(scan, (int64_t)start - 5) | 32) != 'c' ||
        cf_is_word(cf_at(scan, (int64_t)start - 6)))
        return;
    for (uint32_t count = spoken_parts(scan, end + 1, ends); count > 1; count--) {
        uint32_t at = ends[count - 1];
        if (!cf_stands(scan, at, " (", 2) || !cf_is_digit(cf_at(scan, (int64_t)at + 2 + (cf_at(scan, (int64_t)at + 2) == '+')))) continue;
        spoken_found(scan, end + 1, at);
        return;
    }
}

/* Who calls is [start, end), a blank and a name behind it. */
static void spoken_called(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t ends[SPOKEN_WORDS];
    if (start < scan->met[CF_MET_PARTY]) return;
    for (uint32_t count = spoken_parts(scan, end + 1, ends); count > 1; count--) {
        uint32_t at = ends[count - 1];
        uint8_t next = cf_at(scan, at), behind = cf_at(scan, (int64_t)at + 1);
        bool ended = at == scan->size || next == '\r' || next == '\n' || next == ',' || next == ';' || next == '.';
        if (!ended && (next != ' ' || !(behind == '(' || behind == '<' || doer_small(behind) || (behind >= 0xc3 && behind <= 0xc5))))
            continue;
        scan->met[CF_MET_PARTY] = at;
        spoken_found(scan, end + 1, at);
        return;
    }
}

/* `Anrufer Mary Major (…`, `Klient Mary Major dzwoni`: who calls is [start, end), a blank behind it. What goes on in capitals
 * is a title. */
static void spoken_party(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of parties[] = {TEXT("unde"), TEXT("undin"), TEXT("unden"), TEXT("nrufer"),
                                           TEXT("nruferin"), TEXT("lient"), TEXT("lientka"),
                                           TEXT("lienta"), TEXT("liente"), TEXT("lant"),
                                           TEXT("eller"), TEXT("ppelant"), TEXT("ontoinhaber"),
                                           TEXT("arteninhaber"), TEXT("ntestatario"), TEXT("itular"), TEXT("itulaire")};
    static const char letters[] = "kkkaakkkckbakkitt"; /* of these words */
    uint8_t first = scan->text[start] | 32;
    uint32_t size = end - start;
    for (unsigned i = 0; i < COUNT(parties); i++) {
        if ((uint8_t)letters[i] != first || parties[i].size + 1 != size || !cf_stands(scan, (int64_t)start + 1, parties[i].text, size - 1))
            continue;
        cf_looks(scan);
        spoken_called(scan, start, end);
        return;
    }
}

/* `Anrufer 004930901820417 (Mary Major)`: who calls is [start, end), a blank and a number behind it. */
static void spoken_numbered(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of parties[] = {TEXT("nrufer"), TEXT("nruferin"), TEXT("ppelant"), TEXT("eller"), TEXT("aller")};
    static const char letters[] = "aaabc"; /* of these words */
    uint8_t first = scan->text[start] | 32;
    uint32_t size = end - start, at = end + 1, more;
    for (unsigned i = 0; i < COUNT(parties); i++) {
        if ((uint8_t)letters[i] != first || parties[i].size + 1 != size || !cf_stands(scan, (int64_t)start + 1, parties[i].text, size - 1))
            continue;
        cf_looks(scan);
        at += cf_at(scan, at) == '+';
        if (!cf_is_digit(cf_at(scan, at))) return;
        for (more = ++at; at - more < 20; at++) {
            uint8_t c = cf_at(scan, at);
            if (!cf_is_digit(c) && c != ' ' && c != '/' && c != '-') break;
        }
        if (at - more < 6 || at - more > 19 || scan->text[at - 1] != ' ' || cf_at(scan, at) != '(') return;
        spoken_two(scan, at + 1, ')');
        return;
    }
}

/* `Contact [Mary Major]`, `Kontakt: Mary Major, …`: the word [start, end) stands before a bracket or a colon. */
static void spoken_boxed(cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t first = scan->text[start] | 32;
    uint32_t ends[SPOKEN_WORDS];
    if (end - start != 7 || !cf_stands(scan, (int64_t)start + 1, first == 'k' ? "ontakt" : "ontact", 6) || (first != 'k' && first != 'c'))
        return;
    cf_looks(scan);
    if (cf_at(scan, (int64_t)end + 1) == '[') {
        spoken_two(scan, end + 2, ']');
        return;
    }
    for (uint32_t count = cf_stands(scan, end, ": ", 2) ? spoken_parts(scan, end + 2, ends) : 0; count > 1; count--) {
        uint32_t at = ends[count - 1];
        uint8_t next = cf_at(scan, at);
        if (at < scan->size && next != '\r' && next != '\n' && next != ',' && next != ';') continue;
        spoken_found(scan, end + 2, at);
        return;
    }
}

/* `Message from 'Mary Major'`: the word `from` begins at a place. */
static void spoken_from(cf_scan *scan, uint32_t start) {
    static const text_word_of what[] = {TEXT("essage "), TEXT("ail "), TEXT("mail "), TEXT("hat "), TEXT("all "), TEXT("ote ")};
    static const char letters[] = "mmeccn"; /* of these words */
    uint8_t mark = cf_at(scan, (int64_t)start + 5);
    cf_looks(scan);
    if (!cf_stands(scan, start, "from ", 5) || (mark != '\'' && mark != '"')) return;
    for (unsigned i = 0; i < COUNT(what); i++) {
        int64_t word = (int64_t)start - what[i].size - 1;
        if (!cf_ends(scan, start, what[i].text, what[i].size) || (cf_at(scan, word) | 32) != letters[i] ||
            cf_is_word(cf_at(scan, word - 1)))
            continue;
        spoken_two(scan, start + 6, (char)mark);
        return;
    }
}

/* Where a word in small letters begins that ends at a place as a word of its own, in any case; -1: it does not. */
static int64_t spoken_before(const cf_scan *scan, int64_t end, text_word_of word) {
    int64_t start = end - word.size;
    bool stands = cf_stands_folded(scan, start, word.text, word.size);
    return stands && !cf_is_word(cf_at(scan, start - 1)) ? start : -1;
}

/* A word behind which a name follows, and what stands on both sides of it. */
typedef struct {
    text_word_of before, word, behind;
} spoken_way;
#define WAY(before, word, behind) {TEXT(before), TEXT(word), TEXT(behind)}

/* Sizes (bit by bit) of these words by the low bits of their first letter. */
static const uint16_t spoken_name_sizes[32] = {
    ['a' & 31] = 1 << 7, ['b' & 31] = 1 << 3 | 1 << 5, ['c' & 31] = 1 << 5 | 1 << 6, ['h' & 31] = 1 << 4 | 1 << 5 | 1 << 6,
    ['i' & 31] = 1 << 3, ['j' & 31] = 1 << 6 | 1 << 7, ['l' & 31] = 1 << 5, ['n' & 31] = 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7,
    ['s' & 31] = 1 << 3 | 1 << 4};
/* Their third letters, likewise. */
static const uint32_t spoken_name_thirds[32] = {
    ['a' & 31] = 1u << ('p' & 31), ['b' & 31] = 1u << ('n' & 31), ['c' & 31] = 1u << ('i' & 31) | 1u << ('a' & 31),
    ['h' & 31] = 1u << ('e' & 31) | 1u << ('i' & 31) | 1u << ('t' & 31) | 1u << ('d' & 31), ['i' & 31] = 1u << ('h' & 31),
    ['j' & 31] = 1u << ('e' & 31) | 1u << ('s' & 31), ['l' & 31] = 1u << ('a' & 31),
    ['n' & 31] = 1u << ('a' & 31) | 1u << ('m' & 31) | 1u << ('v' & 31) | 1u << ('z' & 31),
    ['s' & 31] = 1u << ('i' & 31) | 1u << ('n' & 31) | 1u << ('u' & 31) | 1u << ('y' & 31)};

/* `my name is Mary`: the word [start, end) stands before a blank. */
static void spoken_name(cf_scan *scan, uint32_t start, uint32_t end) {
    static const spoken_way ways[] = {
        WAY("my ", "name", " is "), WAY("mein ", "name", " ist "), WAY("mi ", "nombre", " es "), WAY("je m'", "appelle", " "),
        WAY("me ", "llamo", " "), WAY("mi ", "chiamo", " "), WAY("me ", "chamo", " "), WAY("mijn ", "naam", " is "),
        WAY("ik ", "heet", " "), WAY("ich ", "heisse", " "), WAY("jag ", "heter", " "), WAY("jeg ", "heter", " "),
        WAY("jeg ", "hedder", " "), WAY("meu ", "nome", " \xc3\xa9 "), WAY("il mio ", "nome", " \xc3\xa8 "),
        WAY("", "nazywam", " si\xc4\x99 "), WAY("", "benim", " ad\xc4\xb1m "), WAY("mitt ", "namn", " \xc3\xa4r "),
        WAY("mitt ", "navn", " er "), WAY("mit ", "navn", " er "), WAY("", "nimeni", " on "), WAY("", "jmenuji", " se "),
        WAY("a ", "nevem", " "), WAY("m\xc4\x83 ", "numesc", " "), WAY("", "ich", " hei\xc3\x9f" "e ")};
    static const spoken_way states[] = {WAY("je ", "suis", ""), WAY("ich ", "bin", ""), WAY("", "soy", ""), WAY("", "sono", ""),
                                        WAY("", "jestem", ""), WAY("ik ", "ben", ""), WAY("", "sou", "")};
    uint32_t size = end - start;
    uint8_t letter = scan->text[start] & 31;
    if (!(spoken_name_sizes[letter] >> size & 1) || !(spoken_name_thirds[letter] >> (scan->text[start + 2] & 31) & 1)) return;
    for (unsigned i = 0; i < COUNT(states) && spoken_capital(cf_at(scan, (int64_t)end + 1)); i++) {
        const spoken_way *state = &states[i];
        uint8_t first = scan->text[start] | (state->before.size ? 0 : 32);
        if (size != state->word.size || first != (uint8_t)*state->word.text ||
            !cf_stands(scan, (int64_t)start + 1, state->word.text + 1, size - 1))
            continue;
        cf_looks(scan);
        int64_t told = spoken_before(scan, start, state->before);
        if (told >= 0) spoken_stated(scan, (uint32_t)told, end + 1);
    }
    for (unsigned i = 0; i < COUNT(ways); i++) {
        const spoken_way *way = &ways[i];
        if (size != way->word.size || !cf_stands_folded(scan, start, way->word.text, size)) continue;
        cf_looks(scan);
        int64_t first = spoken_before(scan, start, way->before);
        if (first >= 0 && cf_stands_folded(scan, end, way->behind.text, way->behind.size))
            spoken_introduced(scan, (uint32_t)first, end + way->behind.size);
    }
}
#undef WAY

/* `Good morning, this is Mary`: `this` is [start, end). */
static void spoken_greeting(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of greetings[] = {TEXT("hello"), TEXT("hi"), TEXT("good morning"),
                                             TEXT("good afternoon"), TEXT("good evening"), TEXT("good day")};
    cf_looks(scan);
    if (!cf_stands_folded(scan, end, " is ", 4) || cf_at(scan, (int64_t)start - 1) != ' ') return;
    uint8_t mark = cf_at(scan, (int64_t)start - 2);
    int64_t behind = (int64_t)start - (mark == ',' || mark == '.' || mark == '!' ? 2 : 1);
    for (unsigned i = 0; i < COUNT(greetings); i++) {
        int64_t first = spoken_before(scan, behind, greetings[i]);
        if (first >= 0) spoken_introduced(scan, (uint32_t)first, end + 4);
    }
}

/* Behind up to four degrees at a place: Herr Prof. Dr. Major */
static uint32_t spoken_degrees(const cf_scan *scan, uint32_t at) {
    static const text_word_of degrees[] = {TEXT("Dr. "), TEXT("Prof. "), TEXT("Mag. "), TEXT("Ing. "), TEXT("Dipl.-Ing. "),
                                           TEXT("med. "), TEXT("jur. "), TEXT("phil. "), TEXT("rer. "), TEXT("nat. ")};
    for (unsigned count = 0, i = 0; count < 4 && i < COUNT(degrees); i++) {
        if (!cf_stands(scan, at, degrees[i].text, degrees[i].size)) continue;
        at += degrees[i].size;
        count++;
        i = (unsigned)-1; /* the next one */
    }
    return at;
}

/* `Frau Major`, `Mr. Major`: the title is [start, end), its dot or blank behind it. */
static void spoken_title(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of titles[] = {TEXT("Herr "), TEXT("Herrn "), TEXT("Frau "), TEXT("Madame "), TEXT("Monsieur "), TEXT("Meneer "),
                                          TEXT("Mevrouw "), TEXT("Signor "), TEXT("Signora "),
                                          TEXT("Pan "), TEXT("Pani "), TEXT("Mr "), TEXT("Mrs "),
                                          TEXT("Mr. "), TEXT("Mrs. "), TEXT("Ms. "), TEXT("M. "),
                                          TEXT("Mme "), TEXT("Mme. "), TEXT("Mlle "),
                                          TEXT("Mlle. "), TEXT("Dr. "), TEXT("Dhr. "),
                                          TEXT("Mevr. "), TEXT("Sr. "), TEXT("Sra. "), TEXT("Sig. "),
                                          TEXT("Sig.ra "), TEXT("Sig.na "), TEXT("Dott. "), TEXT("Dott.ssa ")};
    /* Sizes (bit by bit) of their words by the low bits of their first letter, which is a capital. */
    static const uint16_t sizes[32] = {['D' & 31] = 1 << 2 | 1 << 3 | 1 << 4, ['F' & 31] = 1 << 4, ['H' & 31] = 1 << 4 | 1 << 5,
                                       ['M' & 31] = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 6 | 1 << 7 | 1 << 8,
                                       ['P' & 31] = 1 << 3 | 1 << 4, ['S' & 31] = 1 << 2 | 1 << 3 | 1 << 6 | 1 << 7};
    uint32_t ends[SPOKEN_WORDS], count, at = 0;
    if (scan->text[start] >= 'a' || end - start > 8 || !(sizes[scan->text[start] & 31] >> (end - start) & 1)) return;
    if (cf_at(scan, end) == '.' && cf_is_alpha(cf_at(scan, (int64_t)end + 1))) cf_looks(scan); /* Sig.ra */
    for (unsigned i = 0; i < COUNT(titles) && !at; i++)
        if (end - start < titles[i].size && cf_stands(scan, start, titles[i].text, titles[i].size)) at = start + titles[i].size;
    if (!at) return;
    cf_looks(scan);
    at = spoken_degrees(scan, at);
    if (start < scan->met[CF_MET_TITLED] || !(count = spoken_parts(scan, spoken_first(scan, at), ends))) return;
    scan->met[CF_MET_TITLED] = ends[count - 1];
    spoken_found(scan, at, ends[count - 1]);
}

/* Sizes (bit by bit) of the words below by the low bits of their first letter. */
static const uint16_t spoken_sizes[32] = {['a' & 31] = 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 13, ['b' & 31] = 1 << 5 | 1 << 6,
                                          ['c' & 31] = 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8, ['e' & 31] = 1 << 8, ['f' & 31] = 1 << 4,
                                          ['h' & 31] = 1 << 4 | 1 << 5 | 1 << 6, ['i' & 31] = 1 << 12, ['j' & 31] = 1 << 6 | 1 << 7,
                                          ['k' & 31] = 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 12 | 1 << 13, ['l' & 31] = 1 << 5,
                                          ['m' & 31] = 1 << 4 | 1 << 6 | 1 << 7 | 1 << 8, ['n' & 31] = 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7,
                                          ['o' & 31] = 1 << 8, ['p' & 31] = 1 << 4 | 1 << 6 | 1 << 7,
                                          ['s' & 31] = 1 << 4 | 1 << 6 | 1 << 7 | 1 << 10,
                                          ['t' & 31] = 1 << 4 | 1 << 7 | 1 << 9, ['u' & 31] = 1 << 4};

/* A word with a blank behind it, which names of persons may follow. */
static void spoken_word(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of actors[] = {TEXT("gent"), TEXT("ustomer"), TEXT("aller"), TEXT("upervisor"), TEXT("perator"), TEXT("ser"),
                                          TEXT("mployee"), TEXT("ontact"), TEXT("lient"), TEXT("dministrator"), TEXT("dmin")};
    static const char letters[] = "accsoueccaa"; /* of these words; the last two do something, and no name follows them */
    uint8_t first = scan->text[start] | 32;
    uint32_t size = end - start;
    uint8_t behind = cf_at(scan, (int64_t)end + 1);
    bool named = spoken_capital(behind);
    for (unsigned i = named || doer_small(behind) || behind == '\'' || behind == '"' ? 0 : COUNT(actors); i < COUNT(actors); i++) {
        if ((uint8_t)letters[i] != first || actors[i].size + 1 != size || !cf_stands(scan, (int64_t)start + 1, actors[i].text, size - 1))
            continue;
        cf_looks(scan);
        if (!named) doer_behind(scan, start, end);
        else if (i < COUNT(actors) - 2) spoken_actor(scan, start, end);
        if (named && scan->text[start] == 'c' && (i == 1 || i == 2)) spoken_called(scan, start, end);
        return;
    }
    if (behind == '[') spoken_boxed(scan, start, end);
    if (named && size == 4 && first == 'f') spoken_call_from(scan, start, end);
    if (named && size > 3) spoken_party(scan, start, end);
    else if (cf_is_digit(behind) || behind == '+') spoken_numbered(scan, start, end);
    else if (first == 'f' && size == 4 && (behind == '\'' || behind == '"')) spoken_from(scan, start);
    if (first == 'h' || first == 'f' || first == 'm' || first == 's' || first == 'p') spoken_title(scan, start, end);
    if (first != 't' && first != 'm' && first != 'f') spoken_name(scan, start, end);
    else if (first == 't' && size == 4 && cf_stands_folded(scan, start, "this", 4)) spoken_greeting(scan, start, end);
}
