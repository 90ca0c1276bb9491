/* Words of calling before numbers: what `Telefon: `, `call from` and `transferred to` say of the digits behind them (the
 * phrases of numbers.py of the reference). */
#include "shapes.h"

#include <string.h>

/* Whether a word in small letters ends at a place, in any case, and begins there as a word of its own. */
static bool word_ends(const cf_scan *scan, uint32_t end, const char *word, uint32_t size) {
    if (end < size || cf_lower(scan->text[end - 1]) != (uint8_t)word[size - 1] || cf_is_word(cf_at(scan, (int64_t)end - size - 1)))
        return false;
    return cf_stands_folded(scan, end - size, word, size);
}

/* Where one of some endings begins that ends at a place; the place itself: none does. */
static uint32_t before_ending(const cf_scan *scan, uint32_t end, const text_word_of *endings) {
    uint8_t last = cf_lower(cf_at(scan, (int64_t)end - 1));
    for (; endings->text; endings++) {
        uint32_t size = endings->size;
        if ((uint8_t)endings->text[size - 1] != last || end < size || cf_lower(scan->text[end - size]) != (uint8_t)*endings->text) continue;
        if (cf_stands_folded(scan, end - size, endings->text, size)) return end - size;
    }
    return end;
}

static bool words_end(const cf_scan *scan, uint32_t end, const text_word_of *words) {
    for (; words->text; words++)
        if (word_ends(scan, end, words->text, words->size)) return true;
    return false;
}

/* `call from`, `Anruf an`, `transferred to`, `sms sent message from`: words of calling whose last says the direction. */
static bool directed_call(const cf_scan *scan, uint32_t end) {
    static const text_word_of moves[] = {TEXT(" from"), TEXT(" to"), TEXT(" at"), TEXT(" on"), {NULL, 0}};
    static const text_word_of directions[] = {
        TEXT(" me on"), TEXT(" me at"), TEXT(" us on"), TEXT(" us at"), TEXT(" him on"), TEXT(" him at"),
        TEXT(" her on"), TEXT(" her at"), TEXT(" from"), TEXT(" to"), TEXT(" at"), TEXT(" on"), TEXT(" for"),
        TEXT(" von"), TEXT(" an"), TEXT(" f\xc3\xbcr"), TEXT(" de"), TEXT(" \xc3\xa0"), TEXT(" a"), TEXT(" da"),
        TEXT(" di"), TEXT(" do"), TEXT(" para"), TEXT(" van"), TEXT(" naar"), TEXT(" voor"), TEXT(" vers"), TEXT(" verso"),
        TEXT(" od"), TEXT(" fra"), TEXT(" til"), TEXT(" till"), TEXT(" al"), TEXT(" au"), TEXT(" fr\xc3\xa5n"), {NULL, 0}};
    static const text_word_of message[] = {TEXT(" message"), {NULL, 0}};
    static const text_word_of calls[] = {TEXT("call"), TEXT("callback"), TEXT("call back"), TEXT("call-back"),
                                         TEXT("call me back"), TEXT("call us back"), TEXT("call him back"), TEXT("call her back"),
        TEXT("anruf"), TEXT("r\xc3\xbc" "ckruf"), TEXT("gespr\xc3\xa4" "ch"), TEXT("appel"), TEXT("llamada"),
        TEXT("chiamata"), TEXT("telefonata"), TEXT("liga\xc3\xa7\xc3\xa3o"), TEXT("chamada"), TEXT("oproep"),
        TEXT("appel entrant"), TEXT("appel sortant"), TEXT("llamada entrante"), TEXT("llamada saliente"),
        TEXT("chiamata in arrivo"), TEXT("chiamata in entrata"), TEXT("chiamata in uscita"), TEXT("chamada recebida"),
        TEXT("chamada efetuada"), TEXT("opkald"), TEXT("samtal"), TEXT("anrop"), TEXT("puhelu"), TEXT("telefonat"),
        TEXT("po\xc5\x82\xc4\x85" "czenie"), TEXT("po\xc5\x82\xc4\x85" "czenie przychodz\xc4\x85" "ce"),
        TEXT("po\xc5\x82\xc4\x85" "czenie wychodz\xc4\x85" "ce"), TEXT("sms enviado"), TEXT("sms inviato"),
        TEXT("message"), TEXT("sms"), {NULL, 0}};
    static const text_word_of stems[] = {TEXT("rout"), TEXT("transfer"), TEXT("transferr"), TEXT("forward"), TEXT("divert"),
        TEXT("redirect"), TEXT("dial"), TEXT("ring"), TEXT("bridg"), TEXT("connect"), TEXT("deliver"), TEXT("text"),
        TEXT("sms"), TEXT("sent"), TEXT("sending"), TEXT("reach"), {NULL, 0}};
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
    static const text_word_of nummer[] = {TEXT("nummer"), {NULL, 0}};
    static const text_word_of phones[] = {TEXT("phone"), TEXT("phon"), TEXT("phono"), TEXT("fon"), TEXT("fone"),
        TEXT("fono"), {NULL, 0}};
    static const text_word_of telephones[] = {TEXT("telephone"), TEXT("telephon"), TEXT("telephono"), TEXT("telefon"),
        TEXT("telefone"), TEXT("telefono"), {NULL, 0}};
    uint32_t at = before_ending(scan, end, nummer);
    return words_end(scan, at, phones) || words_end(scan, at, telephones) ||
           (at != end && (words_end(scan, end, phones) || words_end(scan, end, telephones)));
}

/* Whether `Calling Party Number i = 0x0081,` of a trace of ISDN ends at a place. */
static bool party_element(const cf_scan *scan, uint32_t end) {
    uint32_t at = end - 1, digits = at;
    while (at && digits - at < 6 && (cf_is_digit(scan->text[at - 1]) || (uint8_t)(cf_lower(scan->text[at - 1]) - 'a') < 6)) at--;
    return digits - at >= 2 && word_ends(scan, at, "party number i = 0x", 19);
}

/* Whether a word of calling ends at a place. */
static bool calling_word(const cf_scan *scan, uint32_t end) {
    static const text_word_of by_letter[26][24] = {
        ['d' - 'a'] = {TEXT("called"), TEXT("dialed"), TEXT("dialled"), TEXT("routed"), TEXT("transferred"),
            TEXT("forwarded"), TEXT("diverted"), TEXT("redirected"), TEXT("clid"),
            TEXT("callerid"), TEXT("caller id"), TEXT("originalcalled")},
        ['e' - 'a'] = {TEXT("mobile"), TEXT("cellulare"), TEXT("source"), TEXT("desde"),
                       TEXT("callingdevice"), TEXT("calleddevice"), TEXT("alertingdevice"),
            TEXT("answeringdevice")},
        ['g' - 'a'] = {TEXT("calling"), TEXT("dialing"), TEXT("dialling"), TEXT("routing"), TEXT("transferring"),
            TEXT("forwarding"), TEXT("diverting"), TEXT("redirecting"), TEXT("dialstring"), TEXT("dial string")},
        ['i' - 'a'] = {TEXT("ani"), TEXT("cli")}, ['k' - 'a'] = {TEXT("callback")},
        ['l' - 'a'] = {TEXT("tel"), TEXT("t\xe9l"), TEXT("dial"), TEXT("mobil"), TEXT("mobiel"), TEXT("movil"),
            TEXT("cell"), TEXT("call")}, ['m' - 'a'] = {TEXT("from")},
        ['n' - 'a'] = {TEXT("msisdn"), TEXT("otherdn"), TEXT("von"), TEXT("an"),
                       TEXT("extension"), TEXT("destination"), TEXT("fr\xc3\xa5n")},
        ['o' - 'a'] = {TEXT("to"), TEXT("numero"), TEXT("n\xfamero"), TEXT("n\xc3\xbamero"), TEXT("num\xc3\xa9ro")},
        ['r' - 'a'] = {TEXT("caller"), TEXT("celular"), TEXT("nummer"), TEXT("rufnummer"), TEXT("anrufer"),
            TEXT("subscriber"), TEXT("sender"), TEXT("number"), TEXT("for"), TEXT("unter"), TEXT("numer"),
            TEXT("callednumber"), TEXT("callingnumber"), TEXT("originalcallednumber"), TEXT("originalcallingnumber"),
            TEXT("callernumber"), TEXT("redirectnumber"), TEXT("redirectingnumber"),
            TEXT("redirectednumber"), TEXT("transfernumber"), TEXT("connectednumber"), TEXT("dialednumber"),
            TEXT("callbacknumber")},
        ['s' - 'a'] = {TEXT("dnis"), TEXT("numbers"), TEXT("peeraddress"), TEXT("peer address")},
        ['t' - 'a'] = {TEXT("appelant"), TEXT("dest")}, ['u' - 'a'] = {TEXT("numeru"), TEXT("au")},
        ['z' - 'a'] = {TEXT("numerz")}, ['x' - 'a'] = {TEXT("fax")}, ['y' - 'a'] = {TEXT("handy"), TEXT("by")}};
    static const text_word_of movil[] = {TEXT("m\xf3vil"), TEXT("m\xc3\xb3vil"), {NULL, 0}};
    uint8_t last = cf_lower(cf_at(scan, (int64_t)end - 1));
    if (last == 0xa9) return word_ends(scan, end, "tel\xc3\xa9", 5);
    if (last == 0xa0) return directed_call(scan, end);
    if (last == ',') return party_element(scan, end);
    if (!cf_is_alpha(last)) return false;
    if (words_end(scan, end, by_letter[last - 'a'])) return true;
    switch (last) {
    case 'l': if (words_end(scan, end, movil)) return true; break;
    case 'e': case 'n': case 'o': case 'r': if (phone_word(scan, end)) return true; break;
    }
    return strchr("rmontaeisdlu", last) && directed_call(scan, end);
}

/* How numbers stand behind words: `: "`, ` # `; where that begins, or 0. */
static uint32_t before_number(const cf_scan *scan, uint32_t at) {
    if (at && (scan->text[at - 1] == '\'' || scan->text[at - 1] == '"')) at--;
    if (!at || scan->text[--at] != ' ') return 0;
    if (at && (scan->text[at - 1] == ':' || scan->text[at - 1] == '#')) at--;
    return at && scan->text[at - 1] == ' ' ? at - 1 : at;
}

#define LETTER(c) (1u << ((c) & 31))
/* By the last letter of the words of calling, and of those that link them with their number: the letters before it, as bits;
 * LETTER('@') is everything else. */
static const uint32_t called_letters[32] = {
    ['a' & 31] = LETTER('@') | LETTER('d') | LETTER('r'), ['d' & 31] = LETTER('e') | LETTER('i') | LETTER('o'),
    ['e' & 31] = LETTER('c') | LETTER('d') | LETTER('l') | LETTER('n') | LETTER('r'), ['g' & 31] = LETTER('n'),
    ['i' & 31] = LETTER('d') | LETTER('l') | LETTER('n'), ['k' & 31] = LETTER('c'),
    ['l' & 31] = LETTER('@') | LETTER('a') | LETTER('e') | LETTER('i') | LETTER('l'), ['m' & 31] = LETTER('o'),
    ['n' & 31] = LETTER('@') | LETTER('a') | LETTER('d') | LETTER('o'),
    ['o' & 31] = LETTER('d') | LETTER('n') | LETTER('r') | LETTER('s') | LETTER('t'),
    ['r' & 31] = LETTER('@') | LETTER('a') | LETTER('e') | LETTER('n') | LETTER('o'),
    ['s' & 31] = LETTER('e') | LETTER('i') | LETTER('r') | LETTER('s'), ['t' & 31] = LETTER('a') | LETTER('e') | LETTER('n') | LETTER('s'),
    ['u' & 31] = LETTER('a') | LETTER('r'), ['x' & 31] = LETTER('a'), ['y' & 31] = LETTER('b') | LETTER('d') | LETTER('t'), ['z' & 31] = LETTER('r')};
#undef LETTER

/* Whether the two bytes before a number, how it stands behind words apart, may end a word of calling or a link. */
static inline bool called_perhaps(const cf_scan *scan, uint32_t start) {
    uint32_t at = before_number(scan, start);
    if (at && scan->text[at - 1] == '.') at--;
    if (!at) return false;
    uint8_t last = scan->text[at - 1], before = cf_at(scan, (int64_t)at - 2);
    if (!cf_is_alpha(last)) return last >= 0x80 || last == ',';
    return called_letters[last & 31] >> (cf_is_alpha(before) ? before & 31 : 0) & 1;
}

static bool called_before(const cf_scan *scan, uint32_t start) {
    static const text_word_of links[] = {TEXT(" number"), TEXT(" numbers"), TEXT(" no"), TEXT(" nr"), TEXT(" phone"),
        TEXT(" party"), TEXT("-party"), TEXT(" is"), TEXT(" ist"), TEXT(" es"), TEXT(" es el"), TEXT(" est"), TEXT(" est le"),
        TEXT(" \xc3\xa8"), TEXT(" \xc3\xa9"), TEXT(" lautet"), {NULL, 0}};
    uint32_t at = before_number(scan, start);
    if (at && scan->text[at - 1] == '.') at--;
    if (!at || calling_word(scan, at)) return at > 0;
    uint32_t word = before_ending(scan, at, links);
    return word < at && word && calling_word(scan, word);
}

/* Only `from`, `to` or `number` before a number: `from 41555501` counts bytes. */
static bool weakly_called(const cf_scan *scan, uint32_t start) {
    static const text_word_of words[] = {TEXT("from"), TEXT("to"), TEXT("for"), TEXT("by"), TEXT("von"),
                                         TEXT("an"), TEXT("unter"), TEXT("desde"), TEXT("fr\xc3\xa5n"), TEXT("au"), TEXT("call"),
        TEXT("source"), TEXT("destination"), TEXT("dest"), TEXT("sender"), TEXT("number"), TEXT("numbers"), {NULL, 0}};
    uint32_t end = before_number(scan, start);
    for (const text_word_of *word = words; word->text; word++) {
        uint32_t size = word->size;
        uint8_t before = cf_at(scan, (int64_t)end - size - 1);
        if (end >= size && cf_stands_folded(scan, end - size, word->text, size) && !cf_is_alpha(before) && before != '-') return true;
    }
    return false;
}
