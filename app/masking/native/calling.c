/* Words of calling before numbers: what `Telefon: `, `call from` and `transferred to` say of the digits behind them (the
 * phrases of numbers.py of the reference). */
#include "shapes.h"

#include <string.h>

/* Whether a word in small letters ends at a place, in any case, and begins there as a word of its own. */
static bool word_ends(const cf_scan *scan, uint32_t end, const char *word, uint32_t size) {
    return end >= size && cf_stands_folded(scan, end - size, word, size) && !cf_is_word(cf_at(scan, (int64_t)end - size - 1));
}

/* Where one of some endings begins that ends at a place; the place itself: none does. */
static uint32_t before_ending(const cf_scan *scan, uint32_t end, const char *const *endings) {
    for (; *endings; endings++) {
        uint32_t size = (uint32_t)strlen(*endings);
        if (end >= size && cf_stands_folded(scan, end - size, *endings, size)) return end - size;
    }
    return end;
}

static bool words_end(const cf_scan *scan, uint32_t end, const char *const *words) {
    for (; *words; words++)
        if (word_ends(scan, end, *words, (uint32_t)strlen(*words))) return true;
    return false;
}

/* `call from`, `Anruf an`, `transferred to`, `sms sent message from`: words of calling whose last says the direction. */
static bool directed_call(const cf_scan *scan, uint32_t end) {
    static const char *const moves[] = {" from", " to", " at", " on", NULL};
    static const char *const directions[] = {" from", " to", " at", " on", " for", " von", " an", " f\xc3\xbcr", " de", " \xc3\xa0", " a",
                                             " da", " di", " do", " para", " van", " naar", " voor", NULL};
    static const char *const message[] = {" message", NULL};
    static const char *const calls[] = {"call", "callback", "call back", "call-back", "anruf", "r\xc3\xbc" "ckruf", "gespr\xc3\xa4" "ch", "appel",
                                        "llamada", "chiamata", "telefonata", "liga\xc3\xa7\xc3\xa3o", "chamada", "oproep", "message", "sms",
                                        NULL};
    static const char *const stems[] = {"rout", "transfer", "transferr", "forward", "divert", "redirect", "dial", "ring",
                                        "bridg", "connect", "deliver", "text", "sms", "sent", "sending", "reach", NULL};
    uint32_t at = before_ending(scan, end, directions);
    if (at == end) return false;
    if (words_end(scan, at, calls)) return true;
    if (before_ending(scan, end, moves) == end) return false;
    for (uint32_t stop = at;; stop = before_ending(scan, at, message)) {
        for (uint32_t more = 0; more <= 4; more++) {
            if (words_end(scan, stop - more, stems)) return true;
            if (stop == more || !cf_is_alpha(scan->text[stop - more - 1])) break;
        }
        if (stop != at || before_ending(scan, at, message) == at) return false;
    }
}

/* `phone`, `Telefon`, `telefonnummer`, `fono` */
static bool phone_word(const cf_scan *scan, uint32_t end) {
    static const char *const nummer[] = {"nummer", NULL};
    static const char *const phones[] = {"phone", "phon", "phono", "fon", "fone", "fono", NULL};
    static const char *const telephones[] = {"telephone", "telephon", "telephono", "telefon", "telefone", "telefono", NULL};
    uint32_t at = before_ending(scan, end, nummer);
    return words_end(scan, at, phones) || words_end(scan, at, telephones) ||
           (at != end && (words_end(scan, end, phones) || words_end(scan, end, telephones)));
}

/* Whether a word of calling ends at a place. */
static bool calling_word(const cf_scan *scan, uint32_t end) {
    static const char *const by_letter[26][12] = {
        ['d' - 'a'] = {"called", "dialed", "dialled", "routed", "transferred", "forwarded", "diverted", "redirected", "clid", "callerid",
                       "caller id"},
        ['e' - 'a'] = {"mobile", "cellulare"},
        ['g' - 'a'] = {"calling", "dialing", "dialling", "routing", "transferring", "forwarding", "diverting", "redirecting", "dialstring",
                       "dial string"},
        ['i' - 'a'] = {"ani", "cli"}, ['k' - 'a'] = {"callback"},
        ['l' - 'a'] = {"tel", "t\xe9l", "dial", "mobil", "mobiel", "movil", "cell", "call"}, ['m' - 'a'] = {"from"},
        ['n' - 'a'] = {"msisdn", "von", "an"}, ['o' - 'a'] = {"to", "numero", "n\xfamero", "n\xc3\xbamero", "num\xc3\xa9ro"},
        ['r' - 'a'] = {"caller", "celular", "nummer", "rufnummer", "anrufer", "subscriber", "number", "for"},
        ['s' - 'a'] = {"dnis", "numbers"}, ['t' - 'a'] = {"appelant"}, ['x' - 'a'] = {"fax"}, ['y' - 'a'] = {"handy"}};
    static const char *const movil[] = {"m\xf3vil", "m\xc3\xb3vil", NULL};
    uint8_t last = cf_lower(cf_at(scan, (int64_t)end - 1));
    if (last == 0xa9) return word_ends(scan, end, "tel\xc3\xa9", 5);
    if (last == 0xa0) return directed_call(scan, end);
    if (!cf_is_alpha(last)) return false;
    if (words_end(scan, end, by_letter[last - 'a'])) return true;
    switch (last) {
    case 'l': return words_end(scan, end, movil);
    case 'e': case 'n': case 'o': case 'r': if (phone_word(scan, end)) return true; break;
    }
    return strchr("rmontaei", last) && directed_call(scan, end);
}

/* How numbers stand behind words: `: "`, ` # `; where that begins, or 0. */
static uint32_t before_number(const cf_scan *scan, uint32_t at) {
    if (at && (scan->text[at - 1] == '\'' || scan->text[at - 1] == '"')) at--;
    if (!at || scan->text[--at] != ' ') return 0;
    if (at && (scan->text[at - 1] == ':' || scan->text[at - 1] == '#')) at--;
    return at && scan->text[at - 1] == ' ' ? at - 1 : at;
}

static bool called_before(const cf_scan *scan, uint32_t start) {
    static const char *const links[] = {" number", " numbers", " no", " nr", " phone", " party", " is", " ist", NULL};
    uint32_t at = before_number(scan, start);
    if (at && scan->text[at - 1] == '.') at--;
    if (!at || calling_word(scan, at)) return at > 0;
    uint32_t word = before_ending(scan, at, links);
    return word < at && word && calling_word(scan, word);
}

/* Only `from`, `to` or `number` before a number: `from 41555501` counts bytes. */
static bool weakly_called(const cf_scan *scan, uint32_t start) {
    static const char *const words[] = {"from", "to", "for", "von", "an", "call", "number", "numbers", NULL};
    uint32_t end = before_number(scan, start);
    for (const char *const *word = words; *word; word++) {
        uint32_t size = (uint32_t)strlen(*word);
        uint8_t before = cf_at(scan, (int64_t)end - size - 1);
        if (end >= size && cf_stands_folded(scan, end - size, *word, size) && !cf_is_alpha(before) && before != '-') return true;
    }
    return false;
}
