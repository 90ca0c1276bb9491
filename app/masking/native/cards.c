/* Cards where payments tell them, fields of ISO 8583 and second tracks, and numbers of people in paths (numbers.py of the
 * reference). */
#include "shapes.h"

#include <string.h>

static bool card_right(const cf_scan *scan, uint32_t start, uint32_t size) {
    return card_issued(scan->text + start, size) && luhn(scan->text + start, size);
}

/* Whether `F2=`, `DE002: ` ends at a place: the field of ISO 8583 that holds a card. */
static bool card_field(const cf_scan *scan, uint32_t end) {
    static const text_word_of fields[] = {TEXT("F"), TEXT("DE"), TEXT("P"), TEXT("BM"), TEXT("Field"), TEXT("field"), TEXT("Bit"), TEXT("bit")};
    const uint8_t *text = scan->text;
    if (end && text[end - 1] == ' ') end--;
    if (end < 3 || (text[end - 1] != '=' && text[end - 1] != ':') || text[end - 2] != '2') return false;
    end -= 2;
    for (unsigned zeros = 0; zeros < 2 && end && text[end - 1] == '0'; zeros++) end--;
    if (end && (text[end - 1] == ' ' || text[end - 1] == '_' || text[end - 1] == '-')) end--;
    for (unsigned i = 0; i < COUNT(fields); i++) {
        uint8_t before = cf_at(scan, (int64_t)end - fields[i].size - 1);
        if (cf_ends(scan, end, fields[i].text, fields[i].size) && !cf_is_word(before) && before != '.' && before != '-') return true;
    }
    return false;
}

/* A card in a field of ISO 8583, or with what stands behind it on its second track: 4532015112830366=28112011000041700000. */
static void card_payed(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint8_t before = cf_at(scan, (int64_t)start - 1), next = cf_at(scan, end);
    bool field = before == '=' || before == ':' || before == ' ', track = next == '=';
    if (!track && !(field && start > 3)) return;
    cf_looks(scan);
    if (!card_right(scan, start, end - start)) return;
    if (track && before != '.') {
        uint32_t at = end + 1;
        while (at - end < 27 && cf_is_digit(cf_at(scan, at))) at++;
        uint32_t size = at - end - 1, month = size > 3 ? (uint32_t)((text[end + 3] - '0') * 10 + text[end + 4] - '0') : 0;
        if (size >= 7 && size <= 24 && month >= 1 && month <= 12 && !cf_is_word(cf_at(scan, at))) number_found(scan, start, at, CF_BY_CARD, CF_R_CARD);
    } else if (!(next == '.' || next == '=' || next == '/' || next == '-') && card_field(scan, start)) {
        number_found(scan, start, end, CF_BY_CARD, CF_R_CARD);
    }
}

/* `customers/K-0081733`, `Patient/pat-0044170`: the word before the slash is [start, end). */
static void path_of_person(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("customer"), TEXT("customers"), TEXT("patient"), TEXT("patients"), TEXT("Patient"), TEXT("member"),
                                         TEXT("members"), TEXT("subscriber"), TEXT("subscribers"), TEXT("policyholder"), TEXT("policyholders"),
                                         TEXT("kunden"), TEXT("clientes"), TEXT("contact"), TEXT("contacts")};
    uint32_t id = end + 1, at = id, digits;
    bool known = false;
    for (unsigned i = 0; i < COUNT(words) && !known; i++)
        known = end - start == words[i].size && memcmp(scan->text + start, words[i].text, words[i].size) == 0;
    if (!known || cf_at(scan, (int64_t)start - 1) == '-') return;
    cf_looks(scan);
    while (at - id < 5 && cf_is_alpha(cf_at(scan, at))) at++;
    if (at == id || at - id > 4) return;
    at += cf_at(scan, at) == '-';
    for (digits = at; at - digits < 13 && cf_is_digit(cf_at(scan, at));) at++;
    uint8_t c = cf_at(scan, at);
    if (at - digits < 5 || at - digits > 12 || (at < scan->size && !cf_is_space(c) && !(c && strchr("/?&\"'#;,)]", c)))) return;
    cf_shape(scan, id, at, CF_BY_NATIONAL_ID, cf_shape_kind(scan->rules, CF_BY_NATIONAL_ID), CF_R_ID_IN_WORDS, CF_LEARN);
}
