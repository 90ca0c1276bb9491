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

/* What is asked of a column: line1, sort_order. */
static bool alternate_column(const uint8_t *text, uint32_t size) {
    uint32_t at = 0, letters;
    while (at < size && ((uint8_t)(text[at] - 'a') < 26 || text[at] == '_')) at++;
    for (letters = at; at < size && cf_is_digit(text[at]);) at++;
    return letters && at == size && at - letters <= 3;
}

/* The type of a column, varchar(20): a list that holds one describes columns. */
static bool alternate_type(const uint8_t *text, uint32_t size) {
    static const char types[] = " char nchar varchar nvarchar string text int uint integer bigint smallint long bool boolean date datetime timestamp number"
                                " numeric decimal float double uuid json clob blob ";
    char word[14] = " ";
    uint32_t letters = 0, at, digits;
    while (letters < size && letters < 11 && cf_is_alpha(text[letters])) word[letters + 1] = (char)cf_lower(text[letters]), letters++;
    word[letters + 1] = ' ';
    if (letters < 3 || letters > 10 || !strstr(types, word)) return false;
    for (at = letters; at < size && at - letters < 4 && cf_is_digit(text[at]);) at++;
    if (at == size) return true;
    if (text[at] != '(' || text[size - 1] != ')') return false;
    for (digits = ++at; at < size && cf_is_digit(text[at]);) at++;
    return at > digits && at - digits <= 5 && at + 1 == size;
}

/* Whether a value can be that of its key: no word of what is asked of a column. */
static bool alternate_value(const cf_scan *scan, const cf_key_rule *rule, cf_value value) {
    static const uint32_t kinds = 1u << CF_TEL | 1u << CF_NAME | 1u << CF_MAIL | 1u << CF_BIRTH | 1u << CF_ADDRESS | 1u << CF_IBAN | 1u << CF_CARD |
                                  1u << CF_USER | 1u << CF_SECRET | 1u << CF_ID;
    const uint8_t *text = scan->text + value.start;
    uint32_t size = value.end - value.start;
    if (!size || !(kinds >> rule->kind & 1)) return false;
    if ((rule->kind == CF_USER || rule->kind == CF_SECRET) && !alternate_told(text, size)) return false;
    if (rule->kind != CF_USER && rule->kind != CF_SECRET && rule->kind != CF_MAIL && alternate_column(text, size)) return false;
    return rule->kind != CF_NAME || (needs_words(scan, value.start, value.end) && !name_nobody(scan, value.start, value.end));
}

/* Judges the values among texts in turn: half of them are keys, of which two have a rule, and no value is a key. */
static void alternate_judge(cf_scan *scan, const cf_value *cells, uint32_t count) {
    const uint8_t *text = scan->text;
    const cf_key_rule *rules[ALTERNATE_CELLS / 2];
    uint32_t keyed = 0;
    bool told = false;
    if (count < 4 || count % 2) return;
    for (uint32_t i = 0; i < count; i += 2)
        if (!alternate_key(text + cells[i].start, cells[i].end - cells[i].start)) return;
    for (uint32_t i = 0; i < count; i += 2) {
        const uint8_t *value = text + cells[i + 1].start;
        uint32_t size = cells[i + 1].end - cells[i + 1].start;
        rules[i / 2] = key_known(scan, text + cells[i].start, cells[i].end - cells[i].start);
        keyed += rules[i / 2] != NULL;
        told = told || (rules[i / 2] && alternate_told(value, size));
    }
    if (keyed < 2 || !told) return;
    for (uint32_t i = 1; i < count; i += 2) {
        const uint8_t *value = text + cells[i].start;
        uint32_t size = cells[i].end - cells[i].start;
        if (alternate_type(value, size) || (alternate_key(value, size) && key_known(scan, value, size))) return;
    }
    for (uint32_t i = 0; i < count; i += 2)
        if (rules[i / 2] && alternate_value(scan, rules[i / 2], cells[i + 1])) keyed_judge(scan, rules[i / 2], cells[i + 1]);
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
