/* Keys and values in turn (alternating.py of the reference): ["CustomerName","Mary Major","AccountNo","4711471147"], and a
 * line of such cells. */
#include "keys.h"

#include <string.h>

enum { ALTERNATE_MOST = 4096, ALTERNATE_CELLS = 128, ALTERNATE_TEXT = 512, ALTERNATE_WORD = 48 };

/* Whether a text is a key: one to three words, the first of two bytes at least. */
static bool alternate_key(const uint8_t *text, uint32_t size) {
    uint32_t words = 1, word = 0;
    if (!size || !table_letter(text[0])) return false;
    for (uint32_t at = 0; at < size; at++) {
        if (text[at] == ' ') {
            if (!word || (words == 1 && word < 2) || ++words > 3) return false;
            word = 0;
            continue;
        }
        if (at && !cf_is_word(text[at]) && text[at] != '.' && text[at] != '-') return false;
        if (++word > ALTERNATE_WORD - (words > 1)) return false;
    }
    return word > (words == 1);
}

static bool alternate_told(const uint8_t *text, uint32_t size) {
    for (uint32_t at = 0; at < size; at++)
        if (cf_is_digit(text[at]) || text[at] == '@') return true;
    return false;
}

static inline bool alternate_upper(uint8_t c) { return (uint8_t)(c - 'A') < 26; }

/* A fraction: digits, a point, digits. */
static bool alternate_fraction(const uint8_t *text, uint32_t size) {
    uint32_t points = 0;
    if (!cf_is_digit(text[0]) || !cf_is_digit(text[size - 1])) return false;
    for (uint32_t at = 0; at < size; at++) {
        if (!cf_is_digit(text[at]) && text[at] != '.') return false;
        points += text[at] == '.';
    }
    return points == 1;
}

/* Digits from least to most, between which up to so many of these signs stand. */
static bool alternate_digits(const uint8_t *text, uint32_t size, uint32_t least, uint32_t most, const char *signs, uint32_t together) {
    uint32_t digits = 0, run = 0;
    for (uint32_t at = 0; at < size; at++) {
        if (cf_is_digit(text[at])) digits++, run = 0;
        else if (!digits || !text[at] || !strchr(signs, text[at]) || ++run > together) return false;
    }
    return !run && digits >= least && digits <= most;
}

/* The number of a phone: seven digits at least, and no fraction. */
static bool alternate_number(const uint8_t *text, uint32_t size) {
    if (alternate_fraction(text, size)) return false;
    if (text[0] == '+') text++, size--;
    if (size && text[0] == '(') text++, size--;
    return alternate_digits(text, size, 7, 20, " ()/.-", 3);
}

/* An address of mail, and nothing else. */
static bool alternate_mail(const uint8_t *text, uint32_t size) {
    uint32_t at = 0, labels = 0, label = 0, letters = 0;
    while (at < size && (cf_is_word(text[at]) || text[at] >= 0x80 || (text[at] && strchr(".%+'&-", text[at])))) at++;
    if (!at || at > 64 || at == size || text[at] != '@') return false;
    for (at++; at < size; at++) {
        if (text[at] == '.') {
            if (!label || label > 63 || ++labels > 8) return false;
            label = letters = 0;
            continue;
        }
        const bool letter = cf_is_alpha(text[at]) || text[at] >= 0x80;
        if (!letter && !cf_is_digit(text[at]) && text[at] != '-') return false;
        label++;
        letters += letter;
    }
    return labels && letters == label && label >= 2 && label <= 24;
}

static bool alternate_iban(const uint8_t *text, uint32_t size) {
    uint32_t signs = 0;
    if (size < 14 || !alternate_upper(text[0]) || !alternate_upper(text[1]) || !cf_is_digit(text[2]) || !cf_is_digit(text[3]) || text[size - 1] == ' ') return false;
    for (uint32_t at = 4; at < size; at++) {
        if (alternate_upper(text[at]) || cf_is_digit(text[at])) signs++;
        else if (text[at] != ' ' || text[at - 1] == ' ') return false;
    }
    return signs >= 10 && signs <= 30;
}

/* The number of an account or a contract: four digits at least, no word, no fraction, no unit. */
static bool alternate_id(const uint8_t *text, uint32_t size) {
    uint32_t digits = 0, letters = 0, last = size;
    if (size < 4 || size > 40 || alternate_fraction(text, size) || !(alternate_upper(text[0]) || cf_is_digit(text[0]))) return false;
    for (uint32_t at = 0; at < size; at++) {
        const bool letter = alternate_upper(text[at]);
        digits += cf_is_digit(text[at]);
        letters = letter ? letters + 1 : 0;
        if (letters == 3 || !(letter || cf_is_digit(text[at]) || (text[at] && strchr(" ._/-", text[at])))) return false;
    }
    while (last && alternate_upper(text[last - 1])) last--;
    return digits >= 4 && !(last < size && last && text[last - 1] == ' ');
}

static bool alternate_birth(const uint8_t *text, uint32_t size) {
    uint32_t parts = 0, digits = 0;
    for (uint32_t at = 0; at < size; at++) {
        if (cf_is_digit(text[at])) {
            if (++digits > (parts == 1 ? 2u : parts || size > 8 ? 4u : 8u)) return false;
            continue;
        }
        if (!digits || digits > 4 || ++parts > 2 || !text[at] || !strchr("./ -", text[at])) return false;
        digits = 0;
    }
    return parts == 2 ? digits > 0 : !parts && (digits == 6 || digits == 8);
}

/* Whether a text may hold a token: what masking has left whole it leaves the second time, too. */
static bool alternate_token(const uint8_t *text, uint32_t size) {
    for (uint32_t at = 0; at < size; at++)
        if (text[at] == '<' || (text[at] == 'c' && size - at > 2 && text[at + 1] == 'f' && text[at + 2] == '-')) return true;
    return false;
}

/* What has a capital or four digits. */
static bool alternate_address(const uint8_t *text, uint32_t size) {
    uint32_t digits = 0;
    for (uint32_t at = 0; at < size; at++) {
        if (alternate_upper(text[at]) || text[at] >= 0x80) return true;
        digits += cf_is_digit(text[at]);
    }
    return digits >= 4;
}

static bool alternate_nothing(const uint8_t *text, uint32_t size) {
    return !size || (size == 4 && (!memcmp(text, "null", 4) || !memcmp(text, "NULL", 4) || !memcmp(text, "None", 4))) || (size == 3 && !memcmp(text, "nil", 3));
}

static bool alternate_kind(const cf_key_rule *rule) {
    static const uint32_t kinds = 1u << CF_TEL | 1u << CF_NAME | 1u << CF_MAIL | 1u << CF_BIRTH | 1u << CF_ADDRESS | 1u << CF_IBAN | 1u << CF_CARD |
                                  1u << CF_USER | 1u << CF_SECRET | 1u << CF_ID;
    return rule && kinds >> rule->kind & 1;
}

/* Whether a value is one that its key can have, and whether it proves that it has. */
static bool alternate_plausible(const cf_scan *scan, const cf_key_rule *rule, cf_value value, bool *proved) {
    const uint8_t *text = scan->text + value.start;
    const uint32_t size = value.end - value.start;
    bool proves = true, fits = false;
    switch ((int)rule->kind) {
    case CF_TEL: fits = alternate_number(text, size); break;
    case CF_MAIL: fits = alternate_mail(text, size); break;
    case CF_IBAN: fits = alternate_iban(text, size); break;
    case CF_CARD: fits = alternate_digits(text, size, 12, 19, " -", 1); break;
    case CF_ID: fits = alternate_id(text, size) || alternate_iban(text, size); break;
    case CF_NAME: fits = needs_words(scan, value.start, value.end), proves = false; break;
    case CF_BIRTH: fits = alternate_birth(text, size), proves = false; break;
    case CF_ADDRESS: fits = !alternate_token(text, size) && alternate_address(text, size), proves = false; break;
    default:
        fits = !alternate_token(text, size);
        for (uint32_t at = 0; at < size; at++) fits = fits && text[at] > ' ';
        proves = rule->kind == CF_USER && alternate_mail(text, size);
    }
    *proved = *proved || (fits && proves);
    return fits;
}

/* Judges the values among texts in turn: half of them are keys, of which two have a rule, no value is a key, each is
 * one that its key can have, and one proves it. */
static void alternate_judge(cf_scan *scan, const cf_value *cells, uint32_t count) {
    const uint8_t *text = scan->text;
    const cf_key_rule *rules[ALTERNATE_CELLS / 2];
    uint32_t keyed = 0;
    bool proved = false;
    if (count < 4 || count % 2) return;
    for (uint32_t i = 0; i < count; i += 2)
        if (!alternate_key(text + cells[i].start, cells[i].end - cells[i].start)) return;
    for (uint32_t i = 0; i < count; i += 2) {
        rules[i / 2] = key_known(scan, text + cells[i].start, cells[i].end - cells[i].start);
        keyed += rules[i / 2] != NULL;
    }
    if (keyed < 2) return;
    for (uint32_t i = 0; i < count; i += 2) {
        const uint8_t *value = text + cells[i + 1].start;
        const uint32_t size = cells[i + 1].end - cells[i + 1].start;
        if (!alternate_kind(rules[i / 2]) || alternate_nothing(value, size)) rules[i / 2] = NULL;
        else if (!alternate_plausible(scan, rules[i / 2], cells[i + 1], &proved)) return;
    }
    if (!proved) return;
    for (uint32_t i = 1; i < count; i += 2) {
        const uint8_t *value = text + cells[i].start;
        const uint32_t size = cells[i].end - cells[i].start;
        if (alternate_key(value, size) && key_known(scan, value, size)) return;
    }
    for (uint32_t i = 0; i < count; i += 2) {
        const cf_key_rule *rule = rules[i / 2];
        const cf_value value = cells[i + 1];
        if (!rule || (rule->kind == CF_NAME && name_nobody(scan, value.start, value.end))) continue;
        if ((rule->kind == CF_USER || rule->kind == CF_SECRET) && !alternate_told(text + value.start, value.end - value.start)) continue;
        keyed_judge(scan, rule, value);
    }
}

/* The text between quotes at a place, and behind it; 0: there is none. */
static uint32_t alternate_text(const cf_scan *scan, uint32_t at, uint32_t most, uint8_t quote, cf_value *cell) {
    const uint8_t *text = scan->text;
    uint32_t start = at + 1, stop = start;
    if (at >= most || text[at] != quote) return 0;
    for (unsigned items = 0; stop < most && text[stop] != quote; items++) {
        if (items == ALTERNATE_TEXT || value_line_ends(scan, stop)) return 0;
        stop += text[stop] == '\\';
        if (stop >= most || value_line_ends(scan, stop)) return 0;
        stop++;
    }
    if (stop >= most) return 0;
    *cell = (cf_value){start, stop, true};
    return stop + 1;
}

/* A number, or what stands for one, and behind it; 0: there is none. */
static uint32_t alternate_bare(const cf_scan *scan, uint32_t at, uint32_t most, cf_value *cell) {
    uint32_t end = at;
    while (end < most && end - at < 40 && (cf_is_word(scan->text[end]) || scan->text[end] == '.' || scan->text[end] == '+' || scan->text[end] == '-')) end++;
    *cell = (cf_value){at, end, true};
    return end > at ? end : 0;
}

/* A list opens at a place, before a quote. */
static __attribute__((noinline)) void alternate_list(cf_scan *scan, uint32_t open) {
    const uint8_t *text = scan->text;
    cf_value cells[ALTERNATE_CELLS];
    uint32_t at = open + 1, most = value_end(scan, at, ALTERNATE_MOST), count = 0, behind = at + 1;
    while (behind < most && behind - at < 66 && text[behind] != text[at]) behind++;
    if (behind >= most || behind - at < 3 || !table_letter(text[at + 1]) || cf_at(scan, behind + 1) != ',') return; /* no key */
    for (behind = at; count < ALTERNATE_CELLS; at = behind + 1 + (cf_at(scan, behind + 1) == ' ')) {
        behind = alternate_text(scan, at, most, text[open + 1], &cells[count]);
        if (!behind && count % 2) behind = alternate_bare(scan, at, most, &cells[count]);
        if (!behind) return;
        count++;
        behind += behind < most && text[behind] == ' ';
        if (behind >= most) return;
        if (text[behind] == ',') continue;
        if (text[behind] == ']') alternate_judge(scan, cells, count);
        return;
    }
}

/* A line begins with a label, behind which a comma stands at a place. */
static __attribute__((noinline)) void alternate_line(cf_scan *scan, uint32_t start, uint32_t comma) {
    const uint8_t *text = scan->text;
    cf_value cells[ALTERNATE_CELLS];
    uint32_t count = 0, at = start, next, most = value_end(scan, start, ALTERNATE_MOST + 2), key = start + (text[start] == '"');
    uint32_t key_end = comma - (text[comma - 1] == '"');
    if (comma + 1 >= scan->size || cf_is_space(text[comma + 1]) || text[comma + 1] == ',' || key_end <= key || !alternate_key(text + key, key_end - key)) return;
    uint32_t end = table_line_end(scan, start, most, &next);
    if (end - start > ALTERNATE_MOST) return;
    while (count < ALTERNATE_CELLS && (at >= end || text[at] != ' ')) {
        table_cell cell;
        if (!table_read_cell(text, at, end, ',', &cell) || cell.open) return;
        cells[count++] = (cf_value){cell.start, cell.end, true};
        if (cell.next >= end) {
            alternate_judge(scan, cells, count);
            return;
        }
        at = cell.next + 1;
    }
}
