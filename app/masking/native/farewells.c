/* Who signs a mail or a message: `Regards, Mary Major`, also on the line below (farewells.py of the reference). */
#include "shapes.h"

#include <string.h>

enum { FAREWELL_WORDS = 4, FAREWELL_LETTERS = 40 };

static inline bool farewell_letter(uint8_t c) { return cf_is_alpha(c) || c >= 0x80; }

/* Where a word of a name ends that begins at a place with a capital; 0: none does. */
static uint32_t farewell_part(const cf_scan *scan, uint32_t start) {
    uint32_t at = start + 1, letters = 0;
    if (!spoken_capital(cf_at(scan, start))) return 0;
    for (; letters < FAREWELL_LETTERS; letters++, at++) {
        uint8_t c = cf_at(scan, at);
        if (!farewell_letter(c) && ((c != '\'' && c != '-') || !farewell_letter(cf_at(scan, (int64_t)at + 1)))) break;
    }
    return letters ? at : 0;
}

/* Whether one of the words of [start, end) is that of a firm, who signs for all, or of a line that a telephone adds. */
static bool farewell_firm(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char firms[] =
        " gmbh ltd inc llc ag sa plc corp team bank gruppe care banco banca banque sparkasse stadtwerke versicherung"
        " versicherungen stiftung verlag deutsche telekom telecom sent iphone ipad android outlook insurance"
        " holding holdings company university universidad ministerio ayuntamiento seguros energie energy ";
    for (uint32_t at = start, from = start; at <= end; at++) {
        if (at < end && scan->text[at] != ' ') continue;
        if (name_listed(scan, from, at, firms)) return true;
        from = at + 1;
    }
    return false;
}

/* Behind what parts a farewell from a name: a blank, one or two ends of lines, or these as an escape; 0: nothing does. */
static uint32_t farewell_parted(cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    for (unsigned lines = 0; lines < 2; lines++) {
        uint32_t next = end + (cf_at(scan, end) == ' ');
        next += cf_at(scan, next) == '\r';
        if (cf_at(scan, next) != '\n') break;
        end = next + 1;
        cf_crosses(scan);
    }
    if (end > at) return end;
    if (cf_at(scan, at) == ' ') return at + 1;
    for (unsigned lines = 0; lines < 2; lines++) {
        if (cf_stands(scan, end, "\\r\\n", 4)) end += 4;
        else if (cf_stands(scan, end, "\\n", 2)) end += 2;
    }
    return end > at ? end : 0;
}

/* Behind `Gruß`, `Grüßen` and the like behind a blank, or 0. */
static uint32_t farewell_german(const cf_scan *scan, uint32_t at) {
    if (!cf_stands(scan, at, " Gr", 3)) return 0;
    at += 3;
    if (cf_stands(scan, at, "\xc3\xbc", 2)) at += 2;
    else if (cf_at(scan, at) == 'u') at += cf_at(scan, (int64_t)at + 1) == 'e' ? 2 : 1;
    else return 0;
    if (!cf_stands(scan, at, "\xc3\x9f", 2) && !cf_stands(scan, at, "ss", 2)) return 0;
    at += 2;
    return cf_at(scan, at) != 'e' ? at : cf_at(scan, (int64_t)at + 1) == 'n' ? at + 2 : at + 1;
}

/* The word of a farewell may be [start, end). */
static void farewell_word(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("regards"), TEXT("sincerely"), TEXT("freundlichen"),
                                         TEXT("freundlichem"), TEXT("cordialement"), TEXT("saludos"),
                                         TEXT("saluti"), TEXT("groet"), TEXT("groeten"), TEXT("atentamente"),
                                         TEXT("atenciosamente"), TEXT("pozdrawiam"), TEXT("hilsen")};
    const uint8_t *text = scan->text;
    uint32_t at = end;
    unsigned word = 0;
    bool known = false;
    for (unsigned i = 0; i < COUNT(words) && !known; i++)
        known = end - start == words[i].size && (text[start] | 32) == (uint8_t)words[i].text[0] &&
                memcmp(text + start + 1, words[i].text + 1, end - start - 1) == 0;
    if (!known || cf_is_word(cf_at(scan, (int64_t)start - 1))) return;
    cf_looks(scan);
    if (start < scan->met[CF_MET_FAREWELL]) return;
    if ((text[start] | 32) == 'f' && !(at = farewell_german(scan, at))) return;
    at += cf_at(scan, at) == ',';
    uint32_t name = farewell_parted(scan, at), from = name;
    if (!name) return;
    for (at = name; word < FAREWELL_WORDS; word++) {
        uint32_t stop = farewell_part(scan, from);
        if (!stop) break;
        at = stop;
        if (cf_at(scan, at) != ' ') {
            word++;
            break;
        }
        from = spoken_particles(scan, at + 1);
    }
    uint8_t behind = cf_at(scan, at);
    if (word < 2 || (at < scan->size && !memchr("\r\n,;|\"'<\\", behind, 9))) return;
    scan->met[CF_MET_FAREWELL] = at;
    if (name_nobody(scan, name, at) || farewell_firm(scan, name, at)) return;
    spoken_found(scan, name, at);
}

/* Sizes (bit by bit) of the words of farewells by the low bits of their letter. */
static const uint32_t farewell_sizes[32] = {['r' & 31] = 1u << 7, ['s' & 31] = 1u << 6 | 1u << 7 | 1u << 9,
                                            ['f' & 31] = 1u << 12, ['c' & 31] = 1u << 12,
                                            ['g' & 31] = 1u << 5 | 1u << 7, ['a' & 31] = 1u << 11 | 1u << 14,
                                            ['p' & 31] = 1u << 10, ['h' & 31] = 1u << 6};
