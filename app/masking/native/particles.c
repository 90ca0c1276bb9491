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

/* Whether a word of a list between blanks stands at [start, end), in any case. */
static bool name_listed(const cf_scan *scan, uint32_t start, uint32_t end, const char *list) {
    char word[20] = " ";
    uint32_t size = end - start;
    if (size > 16) return false;
    for (uint32_t i = 0; i < size; i++) word[i + 1] = (char)cf_lower(scan->text[start + i]);
    word[size + 1] = ' ';
    return strstr(list, word) != NULL;
}

/* Where a word of two to 24 ASCII letters ends that begins with a capital at a place; or 0. */
static uint32_t name_called_word(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t stop = at;
    if (at >= end || (uint8_t)(scan->text[at] - 'A') >= 26) return 0;
    while (stop < end && stop - at < 24 && cf_is_alpha(scan->text[stop])) stop++;
    return stop - at >= 2 ? stop : 0;
}

/* Whether what begins at a place is called so and is nobody: `Self Service`, `Trail of Bits`. */
static __attribute__((noinline)) bool name_tells_nobody(const cf_scan *scan, uint32_t start, uint32_t end, bool offices) {
    static const char absent[] = " not no non nicht kein keine keiner none unknown unassigned unavailable unidentified unregistered anonymous"
                                 " unbekannt unbekannte unbekannter inconnu inconnue desconocido desconocida desconhecido sconosciuto onbekend"
                                 " onbekende ukjent ukendt nieznany sin senza sans ohne ingen geen aucun aucune nessun nessuno brak self guest"
                                 " test default system private public internal external auto automatic automated virtual home front back main"
                                 " conference ";
    static const char office[] = " access administrator administrators administration desk helpdesk team queue number center centre bot bridge"
                                 " system systems foundation software security support group department hotline service services office user"
                                 " users agents customers operators pool abteilung gruppe kundendienst kundenservice warteschlange ";
    uint32_t first = name_called_word(scan, start, end), last = 0, ended = 0;
    if (!first || first >= end || scan->text[first] != ' ') return false;
    for (uint32_t at = first, word = 0; word < 2 && at < end && scan->text[at] == ' '; word++) {
        uint32_t stop = name_called_word(scan, at + 1, end);
        if (!stop) break;
        uint8_t next = stop < end ? scan->text[stop] : 0;
        bool goes_on = stop < end && (cf_is_word(next) || next >= 0x80 || next == ':' || next == '=' || next == '@' || next == '\'' || next == '-');
        if (goes_on || (next == '.' && stop + 1 < end && cf_is_word(scan->text[stop + 1]))) break;
        last = at + 1;
        ended = at = stop;
    }
    if (!ended) {
        for (uint32_t at = start + 1; at < first; at++)
            if ((uint8_t)(scan->text[at] - 'a') >= 26) return false;
        return offices && first + 4 < end && memcmp(scan->text + first, " of ", 4) == 0 && (uint8_t)(scan->text[first + 4] - 'A') < 26;
    }
    return name_listed(scan, start, first, absent) || (offices && name_listed(scan, last, ended, office));
}

/* Whether words with capitals are no person's name: `Sales Team`, `Calls, Outbound`. */
static bool name_nobody(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char nobody[] = " agent agents team group desk queue service services support default system pool bot voice call center centre office"
                                 " main line sales user manager state not unknown hotline department robin random longest routing error warning"
                                 " campaign outbound inbound billing"
                                 " access all analysis anonymous authority balancer bridge broker buffer cluster code conference console count"
                                 " denied device driver export for gateway header health hold host import internal job kein kernel linux load"
                                 " local lobby logged logon media memory message migration module music network nicht node none of phone place"
                                 " provider region registry route scheduler scope server servers session shift speech status step switch task"
                                 " text thread trunk update upgrade virtual windows worker ";
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
