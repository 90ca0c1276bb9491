/* What a value cannot be, by its shape: ids of machines and programs say nothing of a person (plausible.py of the
 * reference). */
#include "keys.h"

#include <string.h>

/* An address of a machine, which has a kind of its own: 10.1.2.3, 10.1.2.3:5060 */
static bool keyed_dotted(const uint8_t *text, uint32_t size) {
    uint32_t at = 0, from;
    for (unsigned part = 0; part < 5; part++) {
        for (from = at; at < size && at - from < (part < 4 ? 3u : 5u) && cf_is_digit(text[at]);) at++;
        if (at == from) return false;
        if (at == size) return part >= 3;
        if (text[at++] != (part < 3 ? '.' : ':')) return false;
    }
    return false;
}

/* 00000000645509D0: a place in a memory. */
static bool keyed_memory(const uint8_t *text, uint32_t size) {
    if (size == 1) return *text == '0';
    if (size != 16 || (memcmp(text, "0000", 4) != 0 && memcmp(text, "7FF", 3) != 0)) return false;
    for (uint32_t i = 3; i < size; i++)
        if (!cf_is_digit(text[i]) && (uint8_t)((text[i] | 32) - 'a') >= 6) return false;
    return true;
}

/* Whether 36 bytes are a UUID: a session's, and no log-in. */
static bool keyed_uuid(const uint8_t *text) {
    for (uint32_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !cf_is_digit(text[i]) && (uint8_t)((text[i] | 32) - 'a') >= 6) return false;
    }
    return true;
}

/* Ids of parties, sessions and calls, as servers make them: they say nothing of a person. */
static bool keyed_reference(const uint8_t *text, uint32_t size) {
    uint32_t digits = 0, small = 0, high = 0;
    if (size != 16 && size != 24 && size != 26 && size != 32 && size != 40) return false;
    for (uint32_t i = 0; i < size; i++) {
        digits += cf_is_digit(text[i]);
        small += (uint8_t)(text[i] - 'a') < 6;
        high += (uint8_t)(text[i] - 'A') < 26;
    }
    if (!digits) return false;
    return size == 26 ? digits + high == size && high >= 6
                      : (small && digits + small == size) || (size == 32 && digits + high == size && high >= 6);
}

/* 20230609T101502…: the id of an event in a calendar. */
static bool keyed_stamp(const uint8_t *text, uint32_t size) {
    for (uint32_t i = 0; i < 15; i++)
        if (size < 15 || (i == 8 ? text[i] != 'T' : !cf_is_digit(text[i]))) return false;
    return true;
}

static uint32_t keyed_small(const uint8_t *text, uint32_t size, uint32_t at) {
    uint32_t start = at;
    while (at < size && (uint8_t)(text[at] - 'a') < 26) at++;
    return at - start >= 3 && at < size && text[at] == '-' ? at + 1 : 0;
}

/* crm-sync-consumer-1, adminclient-7: what programs are called. */
static bool keyed_component(const uint8_t *text, uint32_t size) {
    static const char *const clients[] = {"adminclient-", "consumer-", "producer-", "connector-"};
    uint32_t at = keyed_small(text, size, 0);
    bool client = at && keyed_small(text, size, at);
    for (unsigned i = 0; i < 4; i++) client = client || (at == strlen(clients[i]) && memcmp(text, clients[i], at) == 0);
    for (; client && at < size; at++)
        if (!cf_is_word(text[at]) && text[at] != '.' && text[at] != '-') return false;
    return client;
}

static uint32_t keyed_token(const cf_scan *scan, uint32_t at, uint32_t end); /* keyed.c */

/* The size of tokens and bytes of zero at a place, as long as a token at least; or 0. */
static uint32_t keyed_masked(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = start;
    while (at < end) {
        uint32_t token = keyed_token(scan, at, end);
        if (!token && scan->text[at]) break;
        at += token ? token : 1;
    }
    return at - start >= 5 && at - start <= 320 ? at - start : 0;
}

/* cn=Mary Lee,ou=Agents: where somebody stands in a directory, with a name that the key `cn` takes whole. */
static bool keyed_directory(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char *const parts[] = {"cn=", "ou=", "dc=", "o="};
    bool cn = cf_stands_folded(scan, start, "cn=", 3);
    if (!cn && !cf_stands_folded(scan, start, "uid=", 4)) return false;
    uint32_t at = start + (cn ? 3 : 4), token = keyed_masked(scan, at, end);
    for (unsigned words = 1; !token; words++) {
        uint32_t from = at;
        if (at >= end || (!cf_is_alpha(scan->text[at]) && scan->text[at] < 0x80)) return false;
        bool small = (uint8_t)(scan->text[at] - 'a') < 26;
        for (at++; at < end; at++) {
            uint8_t c = scan->text[at];
            if (!cf_is_word(c) && c < 0x80 && c != '.' && c != '@' && c != '$' && c != '\'' && c != '-') break;
        }
        if (at - from < 2 || at - from > 41 || at >= end || (words > 1 && small)) return false;
        if (scan->text[at] == ',') break;
        if (scan->text[at] != ' ' || !cn || words == 3 || small) return false;
        at = name_particles(scan, at + 1, end);
    }
    at += token;
    if (at >= end || scan->text[at++] != ',') return false;
    if (at < end && scan->text[at] == ' ') at++;
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
        uint32_t size = (uint32_t)strlen(parts[i]);
        if (at + size <= end && cf_stands_folded(scan, at, parts[i], size)) return true;
    }
    return false;
}

/* Whether a word of letters is one of those in a list. */
static bool keyed_says(const cf_scan *scan, uint32_t start, uint32_t end, const char *list) {
    for (uint32_t at = start; at < end; at++)
        if (!cf_is_alpha(scan->text[at]) && scan->text[at] != '\'' && scan->text[at] < 0x80) return false;
    return end > start && name_listed(scan, start, end, list);
}

/* Whether a program says what is wrong with a value: `This field is required.`, `can't be blank`. Of a password every word has to
 * be one of its words, or three. */
static bool keyed_of_field(const cf_scan *scan, uint32_t start, uint32_t end, bool secret) {
    static const char firsts[] =
        " this the these enter ensure please must is are can can't cannot should may field value invalid required not too"
        " size only has missing string path last first name lastname firstname username password email dieses dieser diese"
        " das bitte feld darf muss nachname vorname passwort kennwort le la ne ce cette les veuillez champ el este esta no"
        " por campo il questo questa inserire non dit deze veld mag o a os pole det dette ";
    static const char says[] =
        " is are must can cannot can't should has have been be not no required valid invalid blank empty missing too short"
        " allowed than character characters field value contain null exists already enter please ensure fill least most"
        " password ist muss darf nicht sein leer erforderlich pflichtfeld feld wird werden bitte ausgef\xc3\xbcllt ben\xc3\xb6tigt"
        " angeben eingeben passwort kennwort est requis obligatoire invalide vide doit pas \xc3\xaatre champ veuillez es campo"
        " obligatorio requerido requerida debe estar vac\xc3\xado obrigat\xc3\xb3rio n\xc3\xa3o pode vazio richiesto obbligatorio deve essere"
        " vuoto verplicht ongeldig leeg veld niet zijn felt skal ";
    const uint8_t *text = scan->text;
    uint32_t words = 0, said = 0, from = start, at = start;
    if (end - start > 160) return false;
    while (at < end && text[at] != ' ') at++;
    if (at == end) return false;
    bool german = (at - start == 3 || at - start == 5 || at - start == 6) && keyed_says(scan, start, at, " das dieses dieser diese bitte ");
    if (!german && (uint8_t)(cf_at(scan, (int64_t)at + 1) - 'A') < 26 && at + 1 < end) return false; /* any noun has a capital there */
    for (at = start; at <= end; at++) {
        if (at < end && text[at] == '<' && !keyed_token(scan, at, end)) return false;
        if (at < end && text[at] != ' ') continue;
        if (!words ? !keyed_says(scan, from, at, firsts) : !german && from < at && (uint8_t)(text[from] - 'A') < 26) return false;
        words++;
        uint32_t stop = at;
        while (at == end && stop > from && (text[stop - 1] == '.' || text[stop - 1] == '!')) stop--;
        said += keyed_says(scan, from, stop, says);
        if (at < end) from = at + 1;
    }
    return words > 1 && (said > 2 || (said == 2 && (!secret || words == 2)));
}

/* Local/7021@from-queue/n: the channel of an internal number. */
static bool keyed_channel(const uint8_t *text, uint32_t size) {
    static const char *const kinds[] = {"SIP/", "PJSIP/", "IAX2/", "DAHDI/", "SCCP/", "Local/", "Agent/", "Zap/"};
    uint32_t at = 0, digits;
    if (size < 6 || (uint8_t)(text[0] - 'A') >= 26) return false;
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds && !at; i++)
        if (size > strlen(kinds[i]) && memcmp(text, kinds[i], strlen(kinds[i])) == 0) at = (uint32_t)strlen(kinds[i]);
    for (digits = at; at && at < size && cf_is_digit(text[at]);) at++;
    if (at < digits + 2 || at > digits + 6) return false;
    if (at == size) return true;
    if (text[at] != '@' && text[at] != '/' && text[at] != ';' && text[at] != '-') return false;
    if (text[at] != '-') {
        for (digits = ++at; at < size && cf_is_digit(text[at]);) at++;
        if (at - digits >= 7) return false; /* DAHDI/12/4930901820417: a number */
        at = digits - 1;
    }
    for (digits = ++at; at < size && (cf_is_word(text[at]) || text[at] == '@' || text[at] == '/' || text[at] == ';' || text[at] == '.' ||
                                      text[at] == '-');)
        at++;
    return at == size && at - digits <= 64;
}

/* org.example.security.User@4f2d1c: a class of a program. */
static bool keyed_class(const uint8_t *text, uint32_t size) {
    static const char *const roots[] = {"com.", "org.", "net.", "io.", "java.", "javax.",
                                        "jakarta.", "de.", "uk.", "fr.", "it.", "es.", "eu."};
    uint32_t at = 0, from, parts = 0;
    if (size < 8 || (uint8_t)(text[0] - 'a') >= 26) return false;
    for (unsigned i = 0; i < sizeof roots / sizeof *roots && !at; i++)
        if (memcmp(text, roots[i], strlen(roots[i])) == 0) at = (uint32_t)strlen(roots[i]);
    if (!at) return false;
    for (; at < size && (uint8_t)(text[at] - 'a') < 26; at++) {
        for (from = at; at < size && ((uint8_t)(text[at] - 'a') < 26 || cf_is_digit(text[at]) || text[at] == '_');) at++;
        if (++parts > 8 || at - from > 32 || at >= size || text[at] != '.') return false;
        if (at + 1 < size && (uint8_t)(text[at + 1] - 'A') < 26) break;
    }
    if (parts < 2 || at >= size || text[at] != '.') return false;
    from = ++at;
    if (at >= size || (uint8_t)(text[at] - 'A') >= 26) return false;
    while (at < size && (cf_is_word(text[at]) || text[at] == '$')) at++;
    if (at - from > 65) return false;
    if (at == size) return true;
    if (text[at] != '@') return false;
    for (from = ++at; at < size && (cf_is_digit(text[at]) || (uint8_t)(text[at] - 'a') < 6);) at++;
    return at == size && at > from && at - from <= 8;
}

/* EmailServer_1: what somebody called a program. */
static bool keyed_program(const uint8_t *text, uint32_t size) {
    static const char *const kinds[] = {"Server", "Service", "Manager", "Daemon", "Adapter", "Engine"};
    uint32_t at = 0, end;
    if (size > 8 && size < 129 && memcmp(text, "system:", 7) == 0 && (uint8_t)(text[7] - 'a') < 26) { /* of Kubernetes */
        for (end = 8; end < size && ((uint8_t)(text[end] - 'a') < 26 || cf_is_digit(text[end]) || (text[end] && strchr(":.-", text[end])));) end++;
        return end == size;
    }
    if (size < 8 || (uint8_t)(text[0] - 'A') >= 26) return false;
    while (at < size && cf_is_alpha(text[at])) at++;
    for (end = at; end < size && cf_is_word(text[end]);) end++;
    if (end < size || (at < size && (text[at] != '_' || size - at < 2 || size - at > 25))) return false;
    if (at < size && !cf_is_digit(text[at + 1]) && (uint8_t)(text[at + 1] - 'A') >= 26) return false; /* StatServer_mohara */
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        uint32_t kind = (uint32_t)strlen(kinds[i]);
        if (at < kind + 2 || at - kind > 25 || memcmp(text + at - kind, kinds[i], kind) != 0) continue;
        return (uint8_t)(text[at - kind - 1] - 'a') < 26;
    }
    return false;
}

/* OrderService.v1, com.example.OrderContract: an interface or a class of a program; OrderService_4711 may be somebody's. */
static bool keyed_interface(const uint8_t *text, uint32_t size) {
    uint32_t end = size, digits;
    while (end && cf_is_digit(text[end - 1])) end--;
    digits = size - end;
    if (digits && digits < 4 && end > 2 && text[end - 1] == 'v' && text[end - 2] == '.') size = end - 2;
    if (!keyed_program(text, size) && !keyed_class(text, size)) return false;
    for (end = 0; end < size && !cf_is_digit(text[end]);) end++;
    return end == size;
}

/* 10.1.2.3, 203.0.113.7:5060: an address where a number was looked for. */
static bool keyed_peer(const uint8_t *text, uint32_t size) {
    uint32_t at = 0, part = 0, from, numbers[4] = {0};
    if (size < 7 || size > 21) return false;
    for (; part < 4; part++) {
        for (from = at; at < size && at - from < 3 && cf_is_digit(text[at]); at++)
            numbers[part] = numbers[part] * 10 + (uint32_t)(text[at] - '0');
        if (at == from || numbers[part] > 255 || (at - from > 1 && text[from] == '0')) return false;
        if (part < 3 && (at >= size || text[at++] != '.')) return false;
    }
    if (at < size) {
        if (text[at] != ':') return false;
        for (from = ++at; at < size && cf_is_digit(text[at]);) at++;
        return at == size && at > from && at - from <= 5;
    }
    return numbers[0] == 10 || numbers[0] == 127 || (numbers[0] == 192 && numbers[1] == 168) ||
           (numbers[0] == 172 && numbers[1] >= 16 && numbers[1] <= 31);
}

/* Where a word of two to 24 ASCII letters ends that begins with a capital at a place; or 0. */
static uint32_t name_called_word(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t stop = at;
    if (at >= end || (uint8_t)(scan->text[at] - 'A') >= 26) return 0;
    while (stop < end && stop - at < 24 && cf_is_alpha(scan->text[stop])) stop++;
    return stop - at >= 2 ? stop : 0;
}

/* Words that begin what stands where a name would, and names nobody. */
static const char name_absent[] =
    " not no non nicht kein keine keiner none unknown unassigned unavailable unidentified unregistered anonymous"
    " unbekannt unbekannte unbekannter inconnu inconnue desconocido desconocida desconhecido sconosciuto onbekend"
    " onbekende ukjent ukendt nieznany sin senza sans ohne ingen geen aucun aucune nessun nessuno brak self guest"
    " test default system private public internal external auto automatic automated virtual home front back main"
    " conference chat ";
/* Words that end what an office or a program is called. */
static const char name_office[] =
    " access administrator administrators administration desk helpdesk team queue number center centre bot assistant assistants bridge"
    " system systems foundation software security support group department hotline service services office user"
    " users agents customers operators pool abteilung gruppe kundendienst kundenservice warteschlange ";
/* Words of what says that there is nobody: `Unknown Caller`, `Nicht Erreichbar`. */
static const char name_said[] = " identified erreichbar angabe eintrag bekannt vorhanden zugeordnet angegeben available assigned set found"
                                " applicable provided specified known defined registered logged present given caller agent customer person"
                                " name value contact data entry recipient member subscriber owner extension line account anrufer kunde"
                                " nummer nombre nome nom numero disponible disponibile definido asignado ";
/* What is `of` something: `Trail of Bits`. */
static const char name_bodies[] =
    " trail bank university ministry department office house board city state council school institute college"
    " chamber center centre bureau county ";

/* What directories keep their entries in: `CN=Users,DC=corp`. */
static const char name_containers[] =
    " account accounts admins administrators auth builtin computers config configuration encryption external"
    " group groups hosts monitor netgroups partitions peercred permissions policies roles schema services"
    " sites sysdb system user users views ";

/* What nobody's name ends with, whoever is looked for: `Billing Queue`. */
static const char name_parts[] = " queue queues team teams department departments abteilung hotline helpdesk edition desktop menu workflow"
                                 " dashboard committee warteschlange desk center centre ";
/* The same where an office may stand: `Change Advisory Board`, `Import Service`. */
static const char name_units[] = " operations server servers service services support group groups system systems manager scheduler"
                                 " application engine console portal board ";

/* Whether a word [start, end) is a given name and no other word. */
static bool name_given(const cf_scan *scan, uint32_t start, uint32_t end) {
    return end - start <= CF_LONGEST_PERSON && cf_person_word(scan->rules, scan->text + start, end - start) & CF_P_GIVEN;
}

/* Whether a common name is that of who signs certificates, or of this machine: `CN=DigiCert TLS RSA SHA256 2020 CA1`. */
static __attribute__((noinline)) bool name_signs(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char *const words[] = {"CA", "TLS", "SSL", "RSA", "ECC", "ECDSA", "PKI", "Authority", "Certification", "Certificate",
                                        "Issuing", "Intermediate"};
    const uint8_t *text = scan->text;
    uint32_t size = end - start, first = start;
    if (name_listed(scan, start, end, name_containers)) return true;
    while (first < end && first - start <= CF_LONGEST_PERSON && text[first] != ' ') first++;
    if (name_given(scan, start, first)) return false;
    if (size == 9 && memcmp(text + start, "localhost", 9) == 0) return true;
    if ((size == 2 || size == 3) && (text[start] == 'E' || text[start] == 'R') && cf_is_digit(text[start + 1]) &&
        cf_is_digit(text[end - 1]))
        return true;
    for (uint32_t at = start; at < end && at - start < 50; at++) {
        if (at > start && text[at - 1] != ' ') continue;
        for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
            uint32_t word = (uint32_t)strlen(words[i]);
            if (at + word <= end && memcmp(text + at, words[i], word) == 0 && !(at + word < end && cf_is_alpha(text[at + word])))
                return true;
        }
        if (at + 4 <= end && memcmp(text + at, "SHA", 3) == 0) { /* Sha is a name */
            uint32_t digit = at + 3 + (text[at + 3] == '-');
            if (digit < end && cf_is_digit(text[digit])) return true;
        }
        if (at + 7 <= end && memcmp(text + at, "Root ", 5) == 0 && (uint8_t)(text[at + 5] - 'A') < 26 && cf_is_digit(text[at + 6]) &&
            !(at + 7 < end && cf_is_alpha(text[at + 7])))
            return true;
    }
    return false;
}

/* Whether what was read of a name goes on at a place, with more people or as no name. */
static bool name_goes_on(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint8_t c = at < end ? scan->text[at] : 0;
    if (at >= end) return false;
    if (cf_is_word(c) || c >= 0x80 || c == ':' || c == '=' || c == '@' || c == '\'' || c == '-') return true;
    if (c == '.') return at + 1 < end && cf_is_word(scan->text[at + 1]);
    at += c == ',';
    at += at < end && scan->text[at] == ' ';
    return at < end && ((uint8_t)(scan->text[at] - 'A') < 26 || scan->text[at] >= 0x80);
}

/* Whether what begins at a place is an office of something, `Trail of Bits`, with its first word before `first`. */
static bool name_body_of(const cf_scan *scan, uint32_t start, uint32_t first, uint32_t end) {
    for (uint32_t at = start + 1; at < first; at++)
        if ((uint8_t)(scan->text[at] - 'a') >= 26) return false;
    return first + 4 < end && memcmp(scan->text + first, " of ", 4) == 0 && (uint8_t)(scan->text[first + 4] - 'A') < 26 &&
           name_listed(scan, start, first, name_bodies);
}

/* Whether a given name is among the words of [start, end), each with a blank behind it. */
static bool name_given_among(const cf_scan *scan, uint32_t start, uint32_t end) {
    for (uint32_t at = start; at < end; at++)
        if (scan->text[at] == ' ') {
            if (name_given(scan, start, at)) return true;
            start = at + 1;
        }
    return false;
}

/* Whether what begins at a place is called so and is nobody: `Self Service`, `Trail of Bits`. The last word is that of a unit and
 * none before it is a given name, or every word has to be one that names nobody: `Sin Cheng` and `Mary Bridge` are people. What is
 * quoted has to be nothing else. */
static __attribute__((noinline)) bool name_tells_nobody(const cf_scan *scan, uint32_t start, uint32_t end, bool offices, bool quoted) {
    uint32_t stop = name_called_word(scan, start, end), last = start, words = 1;
    if (!stop || stop >= end || scan->text[stop] != ' ') return false;
    bool absent = name_listed(scan, start, stop, name_absent), nameless = true;
    if (offices && !quoted && name_body_of(scan, start, stop, end)) return true;
    for (;; words++) {
        nameless = nameless && ((words == 1 ? absent : name_listed(scan, last, stop, name_absent)) ||
                                name_listed(scan, last, stop, name_office) || name_listed(scan, last, stop, name_said));
        if (words == 3 || stop >= end || scan->text[stop] != ' ' || !(stop + 1 < end) || (uint8_t)(scan->text[stop + 1] - 'A') >= 26) break;
        last = stop + 1;
        stop = name_called_word(scan, last, end);
        if (!stop) return false;
    }
    if (words < 2 || name_goes_on(scan, stop, end) || (quoted && stop != end)) return false;
    if (name_listed(scan, last, stop, name_parts) ||
        (offices && (name_listed(scan, last, stop, name_units) || (stop - last == 10 && cf_stands_folded(scan, last, "foundation", 10)))))
        return !name_given_among(scan, start, last);
    return nameless && (absent || (offices && name_listed(scan, last, stop, name_office)));
}
