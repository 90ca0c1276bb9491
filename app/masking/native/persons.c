/* Names inside of objects, records and elements that are a person: the places that `person_names` of app/masking/persons.py
 * finds. */
#include "shapes.h"
#include "sixteen.h"

#include <string.h>

enum { PERSON_AROUND = 512, PERSON_BEHIND = 256, PERSON_KEY = 40 /* bytes of a key, its number, quotes and sign, at most */ };

/* Names of objects that are a person; in the order of their last letters. */
static const text_word_of person_words[] = {
    TEXT("insured"), TEXT("callee"), TEXT("cliente"), TEXT("employee"), TEXT("nameid"), TEXT("kunde"), TEXT("name"), TEXT("people"),
    TEXT("profile"), TEXT("utente"), TEXT("individual"), TEXT("person"), TEXT("usuario"), TEXT("anrufer"),
    TEXT("borrower"), TEXT("buyer"), TEXT("caller"), TEXT("consumer"), TEXT("customer"), TEXT("doctor"),
    TEXT("driver"), TEXT("holder"), TEXT("member"), TEXT("mitarbeiter"), TEXT("operator"), TEXT("owner"),
    TEXT("passenger"), TEXT("payer"), TEXT("requester"), TEXT("requestor"), TEXT("sender"), TEXT("subscriber"),
    TEXT("supervisor"), TEXT("teilnehmer"), TEXT("traveler"), TEXT("traveller"), TEXT("user"), TEXT("utilisateur"),
    TEXT("versicherter"), TEXT("visitor"), TEXT("agent"), TEXT("applicant"), TEXT("client"), TEXT("contact"),
    TEXT("guest"), TEXT("klant"), TEXT("klient"), TEXT("kontakt"), TEXT("participant"), TEXT("patient"),
    TEXT("recipient"), TEXT("student"), TEXT("beneficiary"), TEXT("party")};

/* Whether a profile is none of a person's whose word begins at `end`: RoutingProfile. */
static bool person_no_profile(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("routing"), TEXT("security"), TEXT("hierarchy")};
    for (unsigned i = 0; i < COUNT(words); i++)
        if (end - start >= words[i].size && cf_stands_folded(scan, (int64_t)end - words[i].size, words[i].text, words[i].size) &&
            cf_stands_folded(scan, end, "profile", 7))
            return true;
    return false;
}

/* Whether bytes end with a word for persons. */
static bool person_named(const cf_scan *scan, uint32_t start, uint32_t end) {
    for (uint32_t plural = 0; plural < 2; plural++) {
        if (start == end || (plural && (scan->text[end - 1] | 32) != 's')) return false;
        uint32_t stop = end - plural;
        uint8_t last = stop > start ? cf_lower(scan->text[stop - 1]) : 0;
        for (unsigned i = 0; i < COUNT(person_words); i++) {
            uint32_t size = person_words[i].size;
            if ((uint8_t)person_words[i].text[size - 1] == last && stop - start >= size &&
                cf_stands_folded(scan, stop - size, person_words[i].text, size))
                return !(size == 7 && last == 'e' && person_no_profile(scan, start, stop - size));
        }
    }
    return false;
}

static inline bool person_letter(uint8_t c) { return cf_is_alpha(c) || c >= 0x80 || c == '\'' || c == '.' || c == '-'; }
static inline bool person_capital(uint8_t c) { return (uint8_t)(c - 'A') < 26 || c >= 0x80; }

/* The size of a letter as JSON escapes it at a place (\u0141), or 0. */
static uint32_t person_escaped(const cf_scan *scan, uint32_t at) {
    if (cf_at(scan, at) != '\\' || cf_at(scan, (int64_t)at + 1) != 'u') return 0;
    for (uint32_t i = at + 2; i < at + 6; i++) {
        uint8_t c = cf_lower(cf_at(scan, i));
        if (!cf_is_digit(c) && (uint8_t)(c - 'a') >= 6) return 0;
    }
    return 6;
}

static inline bool person_upper_hex(uint8_t c) { return cf_is_digit(c) || (uint8_t)(c - 'A') < 6; }

/* The size of a letter that is no ASCII, as URLs hold it, of two or three bytes; or 0. */
static uint32_t person_percent(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t size = 3;
    if (end - at < 6 || scan->text[at] != '%' || (uint8_t)(scan->text[at + 1] - 'C') >= 3 || !person_upper_hex(scan->text[at + 2]))
        return 0;
    while (size < 9 && end - at >= size + 3 && scan->text[at + size] == '%') {
        uint8_t c = scan->text[at + size + 1];
        if ((c != '8' && c != '9' && c != 'A' && c != 'B') || !person_upper_hex(scan->text[at + size + 2])) break;
        size += 3;
    }
    return size > 3 ? size : 0;
}

/* The size of a letter that is escaped for JSON or a URL before `end`, or 0. */
static uint32_t person_coded(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t size = end - at >= 6 ? person_escaped(scan, at) : 0;
    return size ? size : person_percent(scan, at, end);
}

static uint32_t person_blank(const cf_scan *scan, uint32_t at, uint32_t end) {
    if (at < end && (scan->text[at] == ' ' || scan->text[at] == '+')) return 1;
    return end - at >= 3 && cf_stands(scan, at, "%20", 3) ? 3 : 0;
}

static uint32_t person_particles(const cf_scan *scan, uint32_t at, uint32_t end) {
    for (unsigned word = 0; word < 3 && at < end; word++) {
        uint32_t size = name_particle(scan, at, end), blank = size > 1 ? person_blank(scan, at + size, end) : 0;
        if (!blank) break;
        at += size + blank;
    }
    return at;
}

/* Two to six signs of East Asia, which write a whole name; URLs hold them encoded. */
static bool person_asian(const cf_scan *scan, uint32_t at, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t signs = 0;
    if (at < end && text[at] == '%') {
        for (; signs < 7 && end - at >= 9 && text[at + 1] == 'E' && text[at + 2] != 'E' && text[at + 2] != 'F' && text[at + 2] > '2';
             signs++, at += 9)
            if (person_percent(scan, at, end) != 9) return false;
    } else {
        for (; signs < 7 && end - at >= 3 && text[at] >= 0xe3 && text[at] <= 0xed; signs++, at += 3)
            if (text[at + 1] >> 6 != 2 || text[at + 2] >> 6 != 2) return false;
    }
    return at == end && signs >= 2 && signs <= 6;
}

/* Whether a value is two to four words that begin with capitals, or a name of East Asia; blanks, apostrophes and letters may
 * be encoded. */
static bool person_full_name(const cf_scan *scan, uint32_t at, uint32_t end) {
    if (person_asian(scan, at, end)) return true;
    for (unsigned word = 0;; word++) {
        at = person_particles(scan, at, end);
        if (at >= end || word > 3) return false;
        uint32_t coded = person_coded(scan, at, end), blank;
        if (!coded && !person_capital(scan->text[at])) return false;
        at += coded ? coded : 1;
        for (unsigned i = 0; i < 40 && at < end; i++) {
            if (person_letter(scan->text[at])) at++;
            else if ((coded = person_coded(scan, at, end)) != 0) at += coded;
            else if (end - at >= 3 && cf_stands(scan, at, "%27", 3)) at += 3;
            else break;
        }
        if (at == end) return word > 0;
        blank = person_blank(scan, at + (scan->text[at] == ','), end);
        if (!blank) return false;
        at += blank + (scan->text[at] == ',');
    }
}

/* Whether a key ends at a place: "number" behind it, a quote, a sign. */
static bool person_key_ends(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t quote = at;
    while (quote < end && quote - at < 8 && scan->text[quote] == '\\') quote++;
    if (quote < end && (scan->text[quote] == '"' || scan->text[quote] == '\'')) at = quote + 1;
    if (at < end && cf_is_space(scan->text[at])) at++;
    return at < end && (scan->text[at] == ':' || scan->text[at] == '=');
}

/* Whether a key of a person's other values stands at a place and ends before another; `ani` says so of an object only. */
static inline bool person_other(const cf_scan *scan, uint32_t at, uint32_t end, bool object) {
    static const text_word_of keys[] = {TEXT("phone"), TEXT("mobile"), TEXT("msisdn"), TEXT("email"), TEXT("e-mail"), TEXT("dob"),
                                        TEXT("birth_date"), TEXT("birthdate"), TEXT("birth"), TEXT("surname"), TEXT("last_name"),
                                        TEXT("lastname"), TEXT("first_name"), TEXT("firstname"), TEXT("ssn"), TEXT("iban"), TEXT("telefon"),
                                        TEXT("callingparty"), TEXT("calling_party"), TEXT("aadobjectid"), TEXT("ani")};
    static const text_word_of more[] = {TEXT(""), TEXT("number"), TEXT("_number"), TEXT("no"), TEXT("_no"), TEXT("nr"), TEXT("_nr"),
                                        TEXT("address"), TEXT("_address")};
    static const uint32_t seconds[32] = { /* second letters of these keys by the first ones; `-` is as `m` */
        ['p' & 31] = 1u << ('h' & 31), ['m' & 31] = 1u << ('o' & 31) | 1u << ('s' & 31), ['e' & 31] = 1u << ('m' & 31),
        ['d' & 31] = 1u << ('o' & 31), ['b' & 31] = 1u << ('i' & 31), ['s' & 31] = 1u << ('u' & 31) | 1u << ('s' & 31),
        ['l' & 31] = 1u << ('a' & 31), ['f' & 31] = 1u << ('i' & 31), ['i' & 31] = 1u << ('b' & 31), ['t' & 31] = 1u << ('e' & 31),
        ['a' & 31] = 1u << ('n' & 31) | 1u << ('a' & 31), ['c' & 31] = 1u << ('a' & 31)};
    if (!cf_is_alpha(scan->text[at]) || !(seconds[scan->text[at] & 31] >> (scan->text[at + 1] & 31) & 1)) return false;
    for (unsigned i = 0; i < COUNT(keys) - !object; i++) {
        if (!cf_stands_folded(scan, at, keys[i].text, keys[i].size)) continue;
        uint32_t behind = at + keys[i].size;
        for (unsigned j = 0; j < COUNT(more); j++)
            if (behind + more[j].size < end && cf_stands_folded(scan, behind, more[j].text, more[j].size) &&
                person_key_ends(scan, behind + more[j].size, end))
                return true;
    }
    return false;
}

/* Whether such a key stands between two places. Where none begins, whatever stands behind the end, is known for the next name. */
static bool person_sibling(const cf_scan *scan, cf_known *known, uint32_t at, uint32_t end, bool object) {
    uint32_t from = at, sure = end > PERSON_KEY ? end - PERSON_KEY : 0;
    if (known->from <= at && at < known->to) {
        from = known->from;
        at = known->to;
    }
    while (at + 3 < end && !person_other(scan, at, end, object)) at++;
    if (at < sure) sure = at;
    if (sure > from && (known->from != from || known->to < sure)) *known = (cf_known){from, sure};
    return at + 3 < end;
}

/* Whether one stands from `from` to the name's key, or behind its value. */
static bool person_siblings(cf_scan *scan, uint32_t from, uint32_t key, uint32_t stop, uint32_t behind, bool object) {
    cf_known *known = &scan->siblings[object ? 2 : 0];
    return person_sibling(scan, known, from, key, object) || person_sibling(scan, known + 1, behind, stop, object);
}

/* Whether a word before `name` says that a thing is called so: `App name=IVR_HI`, in whatever object; a person has two
 * names there. */
static bool person_of_thing(const cf_scan *scan, uint32_t key) {
    static const char words[] =
        " app application task host queue object file class method event service server group script step process thread "
        "module device product table column field attribute parameter domain database schema system component session "
        "skill tenant switch place campaign type metric kpi statistic stat counter report team label category level severity status "
        "state reason code menu prompt strategy list view role permission option ";
    char word[16] = " ";
    uint32_t end = key - 1, start = end, size;
    if (key < 2 || scan->text[end] != ' ') return false;
    while (start && end - start < 13 && cf_is_alpha(scan->text[start - 1])) start--;
    size = end - start;
    if (!size || size > 12) return false;
    for (uint32_t i = 0; i < size; i++) word[i + 1] = (char)cf_lower(scan->text[start + i]);
    word[size + 1] = ' ';
    return strstr(words, word) != NULL;
}

/* "user_agent": {"name": "Chrome": the word ends at a place. */
static bool person_browser(const cf_scan *scan, uint32_t end) {
    if (end < 9 || !cf_stands_folded(scan, (int64_t)end - 5, "agent", 5)) return false;
    end -= 5;
    uint8_t c = scan->text[end - 1];
    end -= c == '_' || c == '.' || c == '-';
    return cf_stands_folded(scan, (int64_t)end - 4, "user", 4);
}

static bool person_and_no_browser(const cf_scan *scan, uint32_t start, uint32_t end) {
    return person_named(scan, start, end) && !person_browser(scan, end);
}

/* Whether the attribute at a place is of an element that is a person: `<caller number="…" name="…">`. */
static bool person_attribute(const cf_scan *scan, uint32_t least, uint32_t key) {
    const uint8_t *text = scan->text;
    uint32_t at = key, from, stop;
    while (at > least && key - at < 220 && text[at - 1] != '<' && text[at - 1] != '>') at--;
    if (at == least || key - at >= 220 || text[at - 1] != '<') return false;
    for (stop = from = at; stop < key && stop - from < 20 && (cf_is_word(text[stop]) || text[stop] == '-');) stop++;
    if (stop > from && stop < key && text[stop] == ':') from = stop + 1;
    if (from >= key || !cf_is_alpha(text[from])) return false;
    for (stop = from + 1; stop < key && (cf_is_word(text[stop]) || text[stop] == '-');) stop++;
    return stop < key && stop - from <= 64 && cf_is_space(text[stop]) && person_and_no_browser(scan, from, stop);
}

/* Whether a program's record of a person ends at a place: `callerDetails`, `CustomerDto`. */
static bool person_record(const cf_scan *scan, uint32_t least, uint32_t end) {
    static const text_word_of words[] = {TEXT("details"), TEXT("detail"), TEXT("info"), TEXT("data"),
                                         TEXT("dto"), TEXT("record"), TEXT("entity"), TEXT("model")};
    for (unsigned i = 0; i < COUNT(words); i++) {
        uint32_t size = words[i].size;
        if (end - least <= size || !cf_stands_folded(scan, (int64_t)end - size, words[i].text, size)) continue;
        end -= size;
        end -= scan->text[end - 1] == '_';
        return end > least && person_and_no_browser(scan, least, end);
    }
    return false;
}

/* Whether a name behind a key is that of a person: its object is one, or has a person's phone or mail. */
static bool person_of(cf_scan *scan, uint32_t key, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t least = key > PERSON_AROUND ? key - PERSON_AROUND : 0, inside = least, behind = end;
    uint32_t stop = scan->size - end < PERSON_BEHIND ? scan->size : end + PERSON_BEHIND;
    int64_t outside = text_enclosing(scan, least, key, &inside);
    cf_crosses(scan);
    if (outside > (int64_t)least && person_named(scan, least, (uint32_t)outside)) return !person_browser(scan, (uint32_t)outside);
    if (!person_full_name(scan, start, end) || name_nobody(scan, start, end)) return false;
    if (person_attribute(scan, least, key) || (outside > (int64_t)least && person_record(scan, least, (uint32_t)outside))) return true;
    if (outside >= 0) {
        const uint8_t *closed = memchr(text + end, '}', stop - end);
        if (closed) stop = (uint32_t)(closed - text);
    } else if (key == least || (text[key - 1] != '?' && text[key - 1] != '&')) { /* fields of a line */
        uint32_t line = sixteen_behind_last(text, least, key, '\n', '\r');
        while (behind < stop && text[behind] != '\n' && text[behind] != '\r') behind++;
        bool object = key > least && text[key - 1] == '|';
        if (party_before(scan, key)) return true;
        return person_siblings(scan, line, key, behind, end, object);
    } else { /* parameters of a URL */
        uint32_t first = inside;
        for (inside = key; inside > first && text[inside - 1] != ' ' && text[inside - 1] != '\n';) inside--;
        while (behind < stop && cf_is_space(text[behind])) behind++;
        uint32_t word = behind;
        while (word < stop && !cf_is_space(text[word])) word++;
        stop = word;
    }
    return person_siblings(scan, inside, key, stop, behind, true);
}

static void person_found(cf_scan *scan, uint32_t start, uint32_t end) {
    cf_shape(scan, start, end, CF_BY_PERSON_NAME, cf_shape_kind(scan->rules, CF_BY_PERSON_NAME), CF_R_PERSON_NAME,
             CF_LEARN | CF_TOUCHING);
}

static inline bool person_bare(uint8_t c) { return !cf_is_space(c) && (!c || !strchr(",;&\"<>()[]{}|=", c)); }

/* The value of a name behind its sign: where it ends, or 0; `start` becomes its first byte. */
static uint32_t person_value(const cf_scan *scan, uint32_t *start) {
    const uint8_t *text = scan->text;
    uint32_t at = *start, size = scan->size, quote;
    uint8_t sign = cf_at(scan, at) | 32;
    if ((sign == 'u' || sign == 'b') && (cf_at(scan, at + 1) == '"' || cf_at(scan, at + 1) == '\'')) at = ++*start; /* u'…' of Python */
    quote = at;
    while (quote - at < 8 && cf_at(scan, quote) == '\\') quote++;
    if (typographic_value(scan, at, start, &at)) return at;
    if (cf_at(scan, quote) == '"') {
        at = *start = quote + 1;
        for (unsigned i = 0; i < 256 && at < size; i++) {
            uint8_t c = text[at];
            if (c == '"' || c == '\r' || c == '\n') break;
            if (c == '\\') {
                uint8_t next = cf_at(scan, at + 1);
                if (!i && person_escaped(scan, at)) {
                    at += 6;
                    continue;
                }
                if (!i || at + 1 >= size || next == '"' || next == '\r' || next == '\n') break;
                at++;
            }
            at++;
        }
    } else if (cf_at(scan, at) == '\'') {
        *start = ++at;
        for (unsigned i = 0; i < 256 && at < size && text[at] != '\r' && text[at] != '\n'; i++, at++)
            if (text[at] == '\'' && !cf_is_word(cf_at(scan, at + 1))) break;
    } else {
        for (unsigned word = 0; word < 4; word++) {
            uint32_t first = word ? name_particles(scan, at + 1, size) : at;
            bool coded = !word && first < size && text[first] == '%' && person_percent(scan, first, size);
            if (word && cf_stands(scan, first, "HTTP/", 5)) break; /* GET /?name=Mary+Major HTTP/1.1 */
            if ((word && cf_at(scan, at) != ' ') || first >= size || (!coded && !person_capital(text[first]))) break;
            for (at = first + 1; at < size && at - first < (word ? 64u : 192u) && person_bare(text[at]);) at++;
        }
    }
    return at > *start ? at : 0;
}

/* Where a bare name ends, without the label of the next field (name: Ann Lee Phone: ...). */
static uint32_t person_before_label(const cf_scan *scan, uint32_t start, uint32_t end) {
    for (uint32_t at = start, blank = end; at + 1 < end; at++) { /* {Name:Ann Lee Phone:4155550143} */
        if (scan->text[at] == ' ') blank = at;
        else if (scan->text[at] == ':' && blank < at && scan->text[at + 1] != ' ' && at > blank + 1) return blank;
        else if (scan->text[at] == ':') blank = end;
    }
    if (scan->text[end - 1] != ':' && cf_at(scan, end) != '=') return end;
    for (uint32_t at = end; at-- > start;)
        if (scan->text[at] == ' ') return at;
    return end;
}

/* `name="O'Hara, Mary"` in a line that is no markup: nothing but people is called so. */
static bool person_family_first(const cf_scan *scan, uint32_t key, uint32_t start, uint32_t end) {
    if (!cf_ends(scan, start, "=\"", 2) && !cf_ends(scan, start, "='", 2)) return false;
    uint32_t comma = start, least = key > 128 ? key - 128 : 0;
    while (comma + 1 < end && (scan->text[comma] != ',' || scan->text[comma + 1] != ' ')) comma++;
    if (comma + 1 >= end || person_of_thing(scan, key)) return false;
    for (uint32_t at = key; at > least && scan->text[at - 1] != '\n'; at--)
        if (scan->text[at - 1] == '<') return false;
    return person_full_name(scan, start, end) && !name_nobody(scan, start, end);
}

/* Whether a program takes part in a call: `Main IVR Flow`; not `Anna Menu`. */
static bool person_dialogue(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("ivr "), TEXT("main "), TEXT("call "), TEXT("inbound "), TEXT("outbound ")};
    if (end - start < 5 || (!cf_stands_folded(scan, (int64_t)end - 5, " flow", 5) && !cf_stands_folded(scan, (int64_t)end - 5, " menu", 5)))
        return false;
    for (uint32_t at = start; at + 4 < end; at++) {
        if (cf_is_alpha(cf_at(scan, (int64_t)at - 1))) continue;
        for (unsigned i = 0; i < COUNT(words); i++)
            if (at + words[i].size <= end - 4 && cf_stands_folded(scan, at, words[i].text, words[i].size)) return true;
    }
    return false;
}

/* Whether a queue or a team takes part in a call, and no person: `Sales PL Queue`. */
static bool person_no_party(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT(" queue"), TEXT(" group"), TEXT(" team"), TEXT(" hotline"), TEXT(" warteschlange")};
    for (unsigned i = 0; i < COUNT(words); i++)
        if (end - start > words[i].size && cf_stands_folded(scan, (int64_t)end - words[i].size, words[i].text, words[i].size)) return true;
    return person_dialogue(scan, start, end);
}

/* `"name": "…"`, `name=…`: the word of a name's key ends at a place. */
static void person_key(cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (before == '.' || before == '-' || start < scan->met[CF_MET_NAME_KEY]) return;
    uint32_t at = end, quote = end, stop;
    while (quote - end < 8 && cf_at(scan, quote) == '\\') quote++;
    if (cf_at(scan, quote) == '"' || cf_at(scan, quote) == '\'') at = quote + 1;
    at = cf_skip_blanks(scan, at, 4);
    if (cf_at(scan, at) != ':' && cf_at(scan, at) != '=') return;
    at += cf_at(scan, at + 1) == (cf_at(scan, at) == ':' ? '=' : '>'); /* p_name := 'Mary Major', p_name => … */
    at = cf_skip_blanks(scan, at + 1, 4);
    stop = person_value(scan, &at);
    if (!stop) return;
    scan->met[CF_MET_NAME_KEY] = stop;
    bool bare = cf_at(scan, (int64_t)at - 1) != '"' && cf_at(scan, (int64_t)at - 1) != '\'' && cf_at(scan, (int64_t)at - 1) < 0x80;
    if (bare && cf_at(scan, stop) == '(') { /* name: Some("…") */
        uint8_t mark = cf_at(scan, stop + 1);
        if (mark != '"' && mark != '\'') return;
        for (stop = at = stop + 2; stop - at < 129 && stop < scan->size && !memchr("\"'\\\r\n", scan->text[stop], 5);) stop++;
        if (stop == at || stop - at > 128 || cf_at(scan, stop) != mark || cf_at(scan, stop + 1) != ')') return;
    } else if (bare) {
        stop = person_before_label(scan, at, stop); /* it is not quoted */
    }
    if (person_of_thing(scan, start) && !memchr(scan->text + at, ' ', stop - at)) return;
    if (person_no_party(scan, at, stop)) return;
    if (person_of(scan, start, at, stop) || person_family_first(scan, start, at, stop)) person_found(scan, at, stop);
}

/* An element that opens at a place: behind its `>`, or 0. `name` is where its name without a name space begins, and
 * `end` where it ends. */
static uint32_t person_element(const cf_scan *scan, uint32_t at, uint32_t most, uint32_t *name, uint32_t *end) {
    const uint8_t *text = scan->text;
    uint32_t from = at + 1, stop = from;
    while (stop < most && stop - from < 21 && (cf_is_word(text[stop]) || text[stop] == '-')) stop++;
    if (stop > from && stop - from < 21 && stop < most && text[stop] == ':') from = stop + 1;
    if (from >= most || !cf_is_alpha(text[from])) return 0;
    for (stop = from + 1; stop < most && stop - from < 65 && (cf_is_word(text[stop]) || text[stop] == '-');) stop++;
    if (stop >= most || stop - from > 64 || (text[stop] != '>' && !cf_is_space(text[stop]))) return 0;
    *name = from;
    *end = stop;
    uint32_t attributes = stop;
    while (stop < most && stop - attributes <= 200 && text[stop] != '<' && text[stop] != '>') stop++;
    return stop < most && stop - attributes <= 200 && text[stop] == '>' && text[stop - 1] != '/' ? stop + 1 : 0;
}

/* Whether `</tag` stands between two places. */
static bool person_closed(const cf_scan *scan, uint32_t at, uint32_t most, uint32_t tag, uint32_t size) {
    const uint8_t *text = scan->text;
    while (at + size + 2 <= most) {
        const uint8_t *mark = memchr(text + at, '<', most - at);
        if (!mark) return false;
        at = (uint32_t)(mark - text) + 1;
        if (at + 1 + size <= most && text[at] == '/' && memcmp(text + at + 1, text + tag, size) == 0) return true;
    }
    return false;
}

/* Whether what ends at a place is the name of a field: <name>lastName</name><value>. */
static bool person_names_field(cf_scan *scan, uint32_t end) {
    if (!cf_stands(scan, end, "</name>", 7) && !cf_stands(scan, end, "</Name>", 7)) return false;
    cf_crosses(scan);
    uint32_t at = end + 7;
    for (uint32_t spaces = 0; spaces < 64 && cf_is_space(cf_at(scan, at)); spaces++) at++;
    return cf_stands(scan, at, "<value", 6) || cf_stands(scan, at, "<Value", 6);
}

/* <customer>…<name>…: the last word of the tag is [start, end), and `>` stands behind it. */
static void person_tag(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t open = start - 1, name, stop, value = end + 1, last;
    if (!start || (text[open] != '<' && text[open] != ':')) return;
    if (text[open] == ':') {
        uint32_t space = open;
        while (open && space - open < 21 && (cf_is_word(text[open - 1]) || text[open - 1] == '-')) open--;
        if (open == space || space - open > 20 || !open || text[--open] != '<') return;
    }
    for (last = value; last < scan->size && last - value < 256 && text[last] != '<' && text[last] != '\r' && text[last] != '\n';) last++;
    if (last == value || person_names_field(scan, last)) return;
    if (text[value] == ' ' && cf_at(scan, last) == '<' && cf_at(scan, (int64_t)last + 1) != '/')
        return; /* the client <name> expects <value> */
    uint32_t least = open > PERSON_AROUND ? open - PERSON_AROUND : 0;
    cf_crosses(scan);
    for (uint32_t at = open; at-- > least;) {
        if (text[at] != '<') continue;
        uint32_t behind = person_element(scan, at, open, &name, &stop);
        if (!behind || person_closed(scan, behind, open, at + 1, stop - at - 1)) continue;
        if (person_named(scan, name, stop)) person_found(scan, value, last);
        return;
    }
}

/* Sizes (bit by bit) of keys and elements of names by their first letter. */
static const uint32_t person_sizes[128] = {['n'] = 1u << 4, ['N'] = 1u << 4, ['f'] = 1u << 4 | 1u << 5 | 1u << 6, ['l'] = 1u << 4 | 1u << 6,
                                           ['g'] = 1u << 5, ['m'] = 1u << 6, ['d'] = 1u << 7,
                                           ['p'] = 1u << 6, ['v'] = 1u << 6, ['i'] = 1u << 6 | 1u << 7};

/* p_name, v_name, in_name: what routines call what they are given. */
static bool person_of_routine(const cf_scan *scan, uint32_t start, uint32_t end) {
    if (end - start == 7) return cf_stands(scan, start, "in_name", 7);
    return end - start == 6 && cf_stands(scan, (int64_t)start + 1, "_name", 5) && strchr("pvil", scan->text[start]);
}

static void person_word(cf_scan *scan, uint32_t start, uint32_t end, uint8_t behind) {
    static const text_word_of keys[] = {TEXT("name"), TEXT("first"), TEXT("last"), TEXT("full"), TEXT("given"), TEXT("family"),
                                        TEXT("middle"), TEXT("display"), TEXT("Name"), TEXT("NAME")};
    if (person_of_routine(scan, start, end)) {
        cf_looks(scan);
        person_key(scan, start, end);
    }
    for (unsigned i = 0; i < COUNT(keys); i++) {
        if (keys[i].size != end - start || memcmp(scan->text + start, keys[i].text, keys[i].size) != 0) continue;
        cf_looks(scan);
        if (behind == '>') {
            if (i < 4 || i == 8) person_tag(scan, start, end);
        } else if (behind == ' ' && cf_stands(scan, end, " xml:lang=\"", 11)) {
            uint32_t stop = end + 11;
            while (stop - end < 27 && (cf_is_word(cf_at(scan, stop)) || cf_at(scan, stop) == '-')) stop++;
            if (stop > end + 11 && cf_stands(scan, stop, "\">", 2) && (i < 4 || i == 8)) person_tag(scan, start, stop + 1);
        } else {
            person_key(scan, start, end);
        }
        return;
    }
}
