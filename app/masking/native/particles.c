/* Small words inside of names: `Femke de Vries`, `Ursula von der Leyen`. */
#include "core.h"

#include <string.h>

/* The size of one of the small words inside the names of people that stands at a place, and nothing but it; or 0. */
static uint32_t name_particle(const cf_scan *scan, uint32_t at, uint32_t end) {
    static const char words[] = " van von vom zum zur zu de der den dem del della dello degli dei di da dal do dos das du des le la las"
                                " los ten ter te af av el al bin ibn und y e i ";
    char word[8] = " ";
    uint32_t size = 0;
    while (size < 6 && at + size < end && (uint8_t)(scan->text[at + size] - 'a') < 26) {
        word[size + 1] = (char)scan->text[at + size];
        size++;
    }
    if (!size || size > 5) return 0;
    word[size + 1] = ' ';
    return strstr(words, word) ? size : 0;
}

/* Behind the small words of a name, each with a blank behind it; the words that join two names are none of them. */
static uint32_t name_particles(const cf_scan *scan, uint32_t at, uint32_t end) {
    for (unsigned word = 0; word < 3; word++) {
        uint32_t size = name_particle(scan, at, end);
        if (size < 2 || cf_stands(scan, at, "und", 3) || at + size >= end || scan->text[at + size] != ' ') break;
        at += size + 1;
    }
    return at;
}

/* Whether a word or several are one of a list, in small letters with a `|` before and behind each. */
static bool name_among(const cf_scan *scan, uint32_t start, uint32_t end, const char *list) {
    char word[20] = "|";
    uint32_t size = end - start;
    if (!size || size > 16) return false;
    if (memchr(scan->text + start, '|', size) || memchr(scan->text + start, 0, size)) return false;
    for (uint32_t i = 0; i < size; i++) word[i + 1] = (char)cf_lower(scan->text[start + i]);
    word[size + 1] = '|';
    return strstr(list, word) != NULL;
}

/* Whether a town or a thing is called so, as people are: `Milton Keynes`. */
static bool name_of_town(const cf_scan *scan, uint32_t start, uint32_t end) {
    return name_among(scan, start, end, "|milton keynes|alice springs|read only|journey map|");
}

/* The same, or a group, by its first word: `Cola de Soporte`. */
static bool name_of_thing(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t first = start;
    while (first < end && scan->text[first] != ' ') first++;
    return name_of_town(scan, start, end) ||
           name_among(scan, start, first, "|grupo|equipo|equipe|cola|coda|fila|servicio|groupe|gruppo|squadra|");
}

/* Whether words with capitals are no person's name: `Sales Team`, `Calls, Outbound`. */
static bool name_nobody(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char nobody[] =
        " agent agents team group desk queue service services support default system pool bot voice call center centre office"
        " main line sales user manager state not unknown hotline department robin random longest routing error warning"
        " campaign outbound inbound billing"
        " access all analysis anonymous authority balancer bridge broker buffer cluster code conference console count"
        " denied device driver export for gateway header health hold host import internal job kein kernel linux load"
        " local lobby logged logon media memory message migration module music network nicht node none of phone place"
        " provider region registry route scheduler scope server servers session shift speech status step switch task"
        " text thread trunk update upgrade virtual windows worker"
        " audio avaya browser chrome cisco email ethernet explorer firefox folder generic genesys get google"
        " internet jabber java level menu microsoft mobile number oracle outlook plugin premium screen software"
        " security systems version web customer disk function icons meeting metrics platform remote visitor"
        " users profile modem operator than equal equals ";
    if (name_of_thing(scan, start, end)) return true;
    for (uint32_t at = start; at < end; at++) {
        char word[16] = " ";
        uint32_t size = 0;
        for (; at < end && scan->text[at] != ' '; at++)
            if (scan->text[at] != ',' && size++ < 13) word[size] = (char)cf_lower(scan->text[at]);
        if (!size || size > 12) continue;
        word[size + 1] = ' ';
        if (strstr(nobody, word)) return true;
    }
    return false;
}

/* Whether a word of a list between blanks stands at [start, end), in any case. */
static bool name_listed(const cf_scan *scan, uint32_t start, uint32_t end, const char *list) {
    char word[20] = " ";
    uint32_t size = end - start;
    if (size > 16) return false;
    for (uint32_t i = 0; i < size; i++) word[i + 1] = (char)cf_lower(scan->text[start + i]);
    word[size + 1] = ' ';
    return strstr(list, word) != NULL;
}

/* Two or three words of a person's name, where a log-in was looked for: Agent: "Mary O'Hara". */
static bool keyed_full_name(const cf_scan *scan, uint32_t start, uint32_t end) {
    unsigned words = 0;
    for (uint32_t at = start; at < end; at++, words++) {
        uint32_t from = at, size;
        if (words == 3 || ((uint8_t)(scan->text[at] - 'A') >= 26 && scan->text[at] < 0x80)) return false;
        while (at < end && (cf_is_alpha(scan->text[at]) || scan->text[at] >= 0x80 || scan->text[at] == '\'' || scan->text[at] == '-')) at++;
        size = at - from;
        if (size < 2 || size > 41 || (at < end && scan->text[at] != ' ')) return false;
        if (at < end && (at = name_particles(scan, at + 1, end) - 1) + 1 >= end) return false;
    }
    return words > 1 && !name_nobody(scan, start, end);
}

/* A word of a name that begins at a place: where it ends, or 0. */
static uint32_t keyed_family_word(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = start;
    if (at >= end || ((uint8_t)(scan->text[at] - 'A') >= 26 && scan->text[at] < 0x80)) return 0;
    while (at < end && (cf_is_alpha(scan->text[at]) || scan->text[at] >= 0x80 || scan->text[at] == '\'' || scan->text[at] == '-')) at++;
    return at - start >= 2 && at - start <= 41 ? at : 0;
}

/* "van den Berg, Mary Ann" */
static bool keyed_family_first(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = keyed_family_word(scan, name_particles(scan, start, end), end);
    if (!at || at + 2 >= end || scan->text[at] != ',' || scan->text[at + 1] != ' ') return false;
    at = keyed_family_word(scan, at + 2, end);
    if (at && at < end && scan->text[at] == ' ') at = keyed_family_word(scan, at + 1, end);
    return at == end;
}

/* Whether a word is the label of what is nobody's, behind a name: Assigned To: Mary Major Status: … */
static bool name_label_behind(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char labels[] =
        " status state type tier segment queue priority level reason result role group team title"
        " language category channel source product subject date time description severity urgency"
        " impact created updated duration campaign skill site region country company department"
        " version comment comments action stage progress score class kind mode currency amount"
        " balance total count ";
    return cf_at(scan, end) == ':' && name_listed(scan, start, end, labels);
}
