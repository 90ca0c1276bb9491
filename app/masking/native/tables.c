/* Tables: a line that names columns, and the rows below it (tables.py of the reference). Exports of CSV, lists of columns
 * between bars, and what "#Fields:" names. */
#include "keys.h"

#include <string.h>

enum {
    TABLE_HEADER = 4096, TABLE_ROW = 8192, /* bytes of a line */
    TABLE_REACH = 6144,                    /* bytes from a header that stands within a file to the end of its last row */
    TABLE_LABEL = 64, TABLE_OPENING = 70,
    TABLE_ROW_LINES = 8, TABLE_ROW_MORE = 2048, /* lines, and bytes before the last of them, that a row goes on in */
    TABLE_WORDS = 3,                       /* blanks in what a program says: `import finished: 2 rows, 0 errors; …` */
    TABLE_STRANGE = 3                      /* lines in a row that are none of the table: it has ended */
};

enum { TABLE_FIELDS = 9 }; /* bytes of `#Fields:` and what follows it */

static inline bool table_fields(const uint8_t *text) { return memcmp(text, "#Fields:", 8) == 0 && (text[8] == ' ' || text[8] == '\t'); }

/* Behind what may stand before the first label of a header: a bar, a blank, a quote. */
static uint32_t table_opens(const uint8_t *text, uint32_t at, uint32_t end) {
    at += at < end && text[at] == '|';
    at += at < end && text[at] == ' ';
    return at + (at < end && text[at] == '"');
}

static inline bool table_letter(uint8_t c) { return (cf_class[c] & (CF_UPPER | CF_LOWER | CF_UNDER | CF_HIGH)) != 0; }
/* Bytes of words, and " .()/#&'-". */
static inline bool table_label_byte(uint8_t c) { return cf_class[c] & CF_WORD || ((uint8_t)(c - ' ') < 16 && 0xE3C9u >> (c - ' ') & 1); }
static inline bool table_sign(uint8_t c) { return c == ',' || c == ';' || c == '\t' || c == '|'; }

/* One cell: its text without blanks and quotes, what ends it, and whether its quote is not closed in the line. */
typedef struct {
    uint32_t start, end, next;
    bool open;
} table_cell;

static bool table_read_cell(const uint8_t *text, uint32_t at, uint32_t end, uint8_t sign, table_cell *cell) {
    while (sign != ' ' && at < end && text[at] == ' ') at++;
    if (sign != ' ' && at < end && text[at] == '"') {
        uint32_t stop = at + 1;
        for (; stop < end; stop += 2) {
            const uint8_t *quote = memchr(text + stop, '"', end - stop);
            stop = quote ? (uint32_t)(quote - text) : end;
            if (stop + 1 >= end || text[stop + 1] != '"') break;
        }
        if (stop >= end) {
            *cell = (table_cell){at + 1, end, end, true};
            return true;
        }
        uint32_t behind = stop + 1;
        while (behind < end && text[behind] == ' ') behind++;
        *cell = (table_cell){at + 1, stop, behind, false};
        return behind == end || text[behind] == sign;
    }
    const uint8_t *found = at < end ? memchr(text + at, sign, end - at) : NULL;
    uint32_t stop = found ? (uint32_t)(found - text) : end, last = stop;
    while (last > at && text[last - 1] == ' ') last--;
    *cell = (table_cell){at, last, stop, false};
    return true;
}

/* The rule of a column, by what of its label is a key. */
static const cf_key_rule *table_rule(const cf_scan *scan, const uint8_t *label, uint32_t size) {
    uint32_t end = 0;
    if (size > 2 && (memcmp(label, "cs(", 3) == 0 || memcmp(label, "sc(", 3) == 0)) label += 3, size -= 3; /* cs(Cookie) */
    while (end < size && (cf_key_bytes[label[end]] & CF_IN_KEY || label[end] == ' ')) end++;
    while (end && label[end - 1] == ' ') end--;
    return end ? key_known(scan, label, end) : NULL;
}

static bool table_of_person(const cf_key_rule *rule) {
    return rule && (rule->kind == CF_NAME || rule->kind == CF_TEL || rule->kind == CF_MAIL || rule->kind == CF_BIRTH || rule->kind == CF_ADDRESS);
}

/* Whether a label is "name" alone ("ad" in Turkish), which is that of a person beside columns of persons. */
static bool table_named(const uint8_t *label, uint32_t size) {
    if (size == 2) return cf_lower(label[0]) == 'a' && cf_lower(label[1]) == 'd';
    if (size == 5 && label[4] != '1' && label[4] != '2') return false; /* SAP */
    return (size == 4 || size == 5) && cf_lower(label[0]) == 'n' && cf_lower(label[1]) == 'a' && cf_lower(label[2]) == 'm' && cf_lower(label[3]) == 'e';
}

/* Tables and databases have one, too. */
static bool table_owner(const uint8_t *label, uint32_t size) {
    static const char word[] = "owner";
    for (uint32_t at = 0; at < size && size == 5; at++)
        if (cf_lower(label[at]) != (uint8_t)word[at]) return false;
    return size == 5;
}

/* Reads the columns of a line; how many of them have a rule, or 0 when it is no header. */
static uint32_t table_columns(const cf_scan *scan, const uint8_t *text, uint32_t at, uint32_t end, uint8_t sign, cf_table *table) {
    uint32_t keyed = 0, names = 0, named[CF_COLUMNS];
    bool persons = false, digit = false;
    table->sign = sign;
    table->count = 0;
    for (;; at++) {
        table_cell cell;
        if (table->count == CF_COLUMNS || (sign == ',' && at < end && text[at] == ' ')) return 0;
        if (!table_read_cell(text, at, end, sign, &cell) || cell.open) return 0;
        uint32_t size = cell.end - cell.start;
        const uint8_t *label = text + cell.start;
        if (size > TABLE_LABEL || (size ? !table_letter(label[0]) : sign != '|')) return 0;
        digit = false;
        for (uint32_t i = 0; i < size; i++) {
            if (!table_label_byte(label[i])) return 0;
            digit = digit || cf_is_digit(label[i]);
        }
        const cf_key_rule *rule = table_rule(scan, label, size);
        if (!rule && table_named(label, size)) named[names++] = table->count;
        persons = persons || (table_of_person(rule) && !table_owner(label, size));
        keyed += rule != NULL;
        table->rules[table->count++] = rule;
        at = cell.next;
        if (at >= end) break;
    }
    if (sign == '\t' && table->count == 2 && table->rules[0] && !table->rules[1] && digit) return 0; /* a pair */
    if (persons && names) {
        const cf_key_rule *person = key_known(scan, (const uint8_t *)"customer_name", 13);
        for (uint32_t i = 0; i < names; i++) table->rules[named[i]] = person;
        keyed += person ? names : 0;
    }
    return keyed;
}

/* How many columns a line names that have a rule; 0: it is no header. Most lines are none: their first word tells. */
/* INSERT INTO t (name, phone) VALUES names columns, too, but its rows are those of SQL. */
static bool table_statement(const uint8_t *text, uint32_t size) {
    static const text_word_of opens[] = {TEXT("insert into "), TEXT("insert ignore into "), TEXT("replace into "), TEXT("replace ignore into "),
                                         TEXT("upsert into "), TEXT("upsert ignore into "), {NULL, 0}};
    for (const text_word_of *open = opens; open->text; open++) {
        uint32_t same = 0;
        while (same < open->size && same < size && cf_lower(text[same]) == (uint8_t)open->text[same]) same++;
        if (same == open->size) return true;
    }
    return false;
}

static uint32_t table_header(const cf_scan *scan, const uint8_t *text, uint32_t start, uint32_t end, cf_table *table) {
    uint32_t at;
    if (end - start > TABLE_HEADER || table_statement(text + start, end - start)) return 0;
    if (end - start > TABLE_FIELDS && text[start] == '#' && table_fields(text + start)) {
        uint8_t sign = memchr(text + start + TABLE_FIELDS, '\t', end - start - TABLE_FIELDS) ? '\t' : ' ';
        return table_columns(scan, text, start + TABLE_FIELDS, end, sign, table);
    }
    at = table_opens(text, start, end);
    if (at >= end || !table_letter(text[at])) return 0;
    while (at < end && at - start <= TABLE_OPENING && (table_label_byte(text[at]) || text[at] == '"')) at++;
    if (at >= end || at - start > TABLE_OPENING || !table_sign(text[at])) return 0;
    return table_columns(scan, text, start, end, text[at], table);
}

/* Whether as many columns of a line have a rule that it names those of a table, wherever it stands. */
static bool table_surely(uint32_t keyed, uint32_t columns) { return keyed >= 2 || (keyed && columns >= 4); }

/* Whether a cell is the name of its column again: lines of keys and values look like a table. */
static bool table_again(const cf_scan *scan, const cf_key_rule *rule, uint32_t start, uint32_t end) {
    const cf_key_rule *again = end > start && end - start <= TABLE_LABEL ? key_known(scan, scan->text + start, end - start) : NULL;
    return again && again->rank == rule->rank; /* each name of a rule has its own */
}

/* The next of the lines of a cell from a place on that has more than blanks, without those around it; false: none is left. */
static bool table_next_part(const uint8_t *text, uint32_t *start, uint32_t *end, uint32_t stop) {
    while (*start < stop && cf_is_space(text[*start])) ++*start;
    for (*end = *start; *end < stop && text[*end] != '\r' && text[*end] != '\n';) ++*end;
    uint32_t next = *end;
    while (next > *start && cf_is_space(text[next - 1])) next--;
    *end = next;
    return next > *start;
}

/* Judges a cell, of more lines by the first of them. */
static void table_judge(cf_scan *scan, const cf_key_rule *rule, uint32_t start, uint32_t stop, bool lines) {
    uint32_t end = stop;
    if (lines && !table_next_part(scan->text, &start, &end, stop)) end = stop;
    if (!keyed_judge(scan, rule, (cf_value){start, end, true}) || !lines || !scan->count) return;
    cf_kind kind = (cf_kind)scan->spans[scan->count - 1].kind;
    for (start = end; table_next_part(scan->text, &start, &end, stop); start = end) {
        cf_found(scan, start, end, CF_BY_KEY, kind, rule->rule, CF_TOUCHING);
        continued_found(scan, rule, kind, start, end);
    }
}

/* Whether a program says something below a table: half of the cells at most, and words in the first. */
static bool table_sentence(const uint8_t *text, const table_cell *first, uint32_t count, uint32_t columns) {
    uint32_t blanks = 0;
    for (uint32_t at = first->start; at < first->end; at++) blanks += text[at] == ' ';
    return 2 * count <= columns && blanks >= TABLE_WORDS;
}

/* Judges the cells of a line; false: it is no row. A cell that nothing closes in its line is the last of it. With
 * `any_row` cells may be too few or too many, as in a file that is one table. */
static bool table_read_row(cf_scan *scan, const cf_table *table, uint32_t start, uint32_t end, bool any_row, bool lines) {
    table_cell cells[CF_COLUMNS];
    uint32_t count = 0, at = start;
    bool fits = true;
    if (end - start > TABLE_ROW) return false;
    for (;; at++) {
        if (count == table->count || !table_read_cell(scan->text, at, end, table->sign, &cells[count])) {
            fits = false;
            break;
        }
        at = cells[count++].next;
        if (at >= end) {
            fits = count == table->count || (count > 1 && cells[count - 1].open);
            fits = fits && !(lines && cells[count - 1].open);
            break;
        }
    }
    if (!fits && !(any_row && count > 1 && !table_sentence(scan->text, &cells[0], count, table->count))) return false;
    for (uint32_t i = 0; i < count; i++)
        if (table->rules[i] && !table_again(scan, table->rules[i], cells[i].start, cells[i].end)) table_judge(scan, table->rules[i], cells[i].start, cells[i].end, lines);
    return true;
}

/* Where a line ends that begins at a place, without its line end; `next` is behind that. */
static uint32_t table_line_end(const cf_scan *scan, uint32_t at, uint32_t most, uint32_t *next) {
    const uint8_t *feed = memchr(scan->text + at, '\n', most - at);
    uint32_t end = feed ? (uint32_t)(feed - scan->text) : most;
    *next = end + 1;
    return end > at && scan->text[end - 1] == '\r' ? end - 1 : end;
}

static uint32_t table_quotes(const uint8_t *text, uint32_t start, uint32_t end) {
    uint32_t count = 0;
    for (const uint8_t *at = text + start, *quote; at < text + end && (quote = memchr(at, '"', (size_t)(text + end - at))) != NULL; at = quote + 1) count++;
    return count;
}

/* Whether a line by itself has as many cells as the header. */
static bool table_fills(const cf_scan *scan, const cf_table *table, uint32_t start, uint32_t end) {
    if (end - start > TABLE_ROW) return false;
    table_cell cell;
    uint32_t at = start;
    for (uint32_t count = 1; count <= table->count; count++) {
        if (!table_read_cell(scan->text, at, end, table->sign, &cell)) return false;
        if (cell.next >= end) return count == table->count;
        at = cell.next + 1;
    }
    return false;
}

/* Judges the row that begins with a line, up to `most`, and says in `next` what is behind it; false: the line is no row. */
static bool table_row(cf_scan *scan, const cf_table *table, uint32_t start, uint32_t end, uint32_t most, uint32_t *next, bool any_row) {
    uint32_t behind = *next;
    if (table_quotes(scan->text, start, end) % 2)
        for (unsigned lines = 0; lines < TABLE_ROW_LINES && behind < most && behind - end <= TABLE_ROW_MORE; lines++) {
            uint32_t at = behind, last = table_line_end(scan, at, most, &behind);
            if (table_fills(scan, table, at, last)) break; /* a row of its own */
            if (table_quotes(scan->text, at, last) % 2 == 0) continue;
            if ((behind > most && most < scan->size) || !table_read_row(scan, table, start, last, false, true)) break;
            *next = behind;
            return true;
        }
    return table_read_row(scan, table, start, end, any_row, false);
}

/* Whether a line is one of a record (Name | customer), and names no columns above a rule of dashes. */
static bool table_field_of_two(const cf_scan *scan, const cf_table *table, uint32_t start, uint32_t end, uint32_t behind) {
    const uint8_t *text = scan->text;
    if (table->sign != '|' || table->count != 2 || cf_stands(scan, behind, "--", 2) || cf_stands(scan, behind, "-+", 2)) return false;
    while (start < end) {
        const uint8_t *bar = memchr(text + start, '|', end - start);
        uint32_t stop = bar ? (uint32_t)(bar - text) : end, first = start, last = stop;
        while (first < last && (text[first] == ' ' || text[first] == '"')) first++;
        while (last > first && (text[last - 1] == ' ' || text[last - 1] == '"')) last--;
        if (table_named(text + first, last - first)) return true;
        start = stop + 1;
    }
    return false;
}

/* A table within a file: its rows follow directly, and not far. */
static __attribute__((noinline)) void table_within(cf_scan *scan, uint32_t start) {
    cf_table table, other;
    table.count = other.count = 0;
    uint32_t most = scan->size - start > TABLE_REACH ? start + TABLE_REACH : scan->size, at, strange = 0;
    uint32_t end = table_line_end(scan, start, most, &at);
    if (at >= most) return;
    uint32_t keyed = table_header(scan, scan->text, start, end, &table);
    if (!table_surely(keyed, table.count)) return;
    cf_crosses(scan);
    if (table_field_of_two(scan, &table, start, end, at)) return;
    while (at < most && strange < TABLE_STRANGE) {
        uint32_t line = at;
        end = table_line_end(scan, line, most, &at);
        if (at > most && most < scan->size) return; /* it goes on */
        if (end == line) return;
        keyed = table_header(scan, scan->text, line, end, &other);
        if (keyed && table_surely(keyed, other.count)) return;
        strange = table_row(scan, &table, line, end, most, &at, false) ? 0 : strange + 1;
    }
}

/* Where the number of `4930901820417 Mary Major` ends, and its name begins; false: something else stands there. */
static bool table_number_and_name(const uint8_t *text, uint32_t start, uint32_t end, uint32_t *number, uint32_t *name) {
    uint32_t at = start + (text[start] == '+'), first = at, blanks;
    while (at < end && at - first < 21 && (cf_is_digit(text[at]) || strchr("().-", text[at] ? text[at] : 'x'))) at++;
    if (at - first < 3 || at - first > 20 || !cf_is_digit(text[first])) return false;
    for (blanks = at; at < end && text[at] == ' ';) at++;
    *number = blanks;
    *name = at;
    return at > blanks && at - blanks <= 4 && at < end && !cf_is_space(text[at]) && !cf_is_digit(text[at]);
}

/* Whether a value can be that of a pair, and not the second label of a header. */
static bool table_pair_value(const cf_scan *scan, const cf_key_rule *rule, uint32_t start, uint32_t end) {
    bool digit = false;
    if (rule->kind == CF_NAME && !memchr(scan->text + start, ' ', end - start)) return false;
    for (uint32_t at = start, token; at < end && !digit; at += token ? token : 1) { /* the digits of a token say nothing */
        token = keyed_token(scan, at, end);
        digit = !token && cf_is_digit(scan->text[at]);
    }
    if ((rule->kind == CF_USER || rule->kind == CF_SECRET) && !digit) return false;
    return !key_known(scan, scan->text + start, end - start);
}

/* A label, a tab and a value in a line; a colon only behind `Calling Number & Name`. The sign stands at a place. */
static __attribute__((noinline)) void table_pair(cf_scan *scan, uint32_t start, uint32_t sign) {
    static const uint32_t kinds = 1u << CF_TEL | 1u << CF_NAME | 1u << CF_MAIL | 1u << CF_BIRTH | 1u << CF_IBAN | 1u << CF_CARD | 1u << CF_USER | 1u << CF_SECRET;
    const uint8_t *text = scan->text;
    uint32_t at = sign + 1, end, number, name;
    bool both = memchr(text + start, '&', sign - start) != NULL;
    if (sign - start > TABLE_LABEL || (text[sign] == ':' && (!both || cf_at(scan, at) != ' '))) return;
    while (at < scan->size && (text[at] == ' ' || (text[sign] == '\t' && text[at] == '\t'))) at++;
    if (at - sign - 1 > 16 || at >= scan->size || cf_is_space(text[at]) || text[at] == ':') return;
    for (end = at; end < scan->size && end - at < 257 && text[end] != '\t' && text[end] != '\r' && text[end] != '\n';) end++;
    if (end - at > 256 || !(end == scan->size || text[end] == '\n' || (text[end] == '\r' && (end + 1 == scan->size || text[end + 1] == '\n')))) return;
    const cf_key_rule *rule = table_rule(scan, text + start, sign - start);
    if (!rule || !(kinds >> rule->kind & 1)) return;
    while (text[end - 1] == ' ') end--;
    if (both && rule->kind == CF_TEL && table_number_and_name(text, at, end, &number, &name)) {
        const cf_key_rule *person = key_known(scan, (const uint8_t *)"customer_name", 13);
        keyed_judge(scan, rule, (cf_value){at, number, true});
        if (person) keyed_judge(scan, person, (cf_value){name, end, true});
    } else if (table_pair_value(scan, rule, at, end)) {
        keyed_judge(scan, rule, (cf_value){at, end, true});
    }
}

static void columns_within(cf_scan *scan, uint32_t start); /* columns.c */
static void alternate_line(cf_scan *scan, uint32_t start, uint32_t comma); /* alternating.c */
static void expanded_record(cf_scan *scan, uint32_t start); /* expanded.c */
static void entry_line(cf_scan *scan, uint32_t start); /* entries.c */

/* Whether two blanks stand side by side in the beginning of a line. */
static bool table_blanks(const uint8_t *text, uint32_t size) {
    for (uint32_t at = 1; at < size; at++)
        if (text[at] == ' ' && text[at - 1] == ' ') return true;
    return false;
}

/* A line begins: may it name columns, or is it one of a visiting card? */
static void cf_key_line(cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text + start;
    if ((text[0] == ' ' || text[0] == '-') && cf_shape_on(scan->rules, CF_BY_KEY)) entry_line(scan, start);
    if (text[0] == 'N' || text[0] == 'F' || text[0] == 'A') card_line(scan, start);
    else if (text[0] == 'S') {
        record_subject(scan, start);
        described_line(scan, start);
    }
    else if (text[0] == 'T' || text[0] == 'i') card_line(scan, start);
    else if (text[0] == 'O' || text[0] == 'U') described_line(scan, start);
    else if ((text[0] == 'e' || text[0] == 'p') && cf_at(scan, (int64_t)start + 1) == '=') session_contact(scan, start);
    uint32_t at = 0, most = scan->size - start <= TABLE_OPENING ? scan->size - start : TABLE_OPENING + 1;
    if (text[0] == '|' || text[0] == ' ' || text[0] == '"') {
        at = table_opens(text, 0, most);
        if (at == most) return;
    }
    if (!table_letter(text[at])) {
        if (text[0] == '#' && most > TABLE_FIELDS && table_fields(text)) table_within(scan, start);
        else if (text[0] == '-' && cf_at(scan, (int64_t)start + 1) == '[' && cf_shape_on(scan->rules, CF_BY_KEY)) expanded_record(scan, start);
        return;
    }
    while (at < most && (table_label_byte(text[at]) || text[at] == '"')) at++;
    if ((at == most || text[at] == '\n' || text[at] == '\r') && table_letter(text[0]) && table_blanks(text, at) && cf_shape_on(scan->rules, CF_BY_KEY)) columns_within(scan, start);
    if (at == most || !(table_sign(text[at]) || (text[at] == ':' && at > 8)) || !cf_shape_on(scan->rules, CF_BY_KEY)) return;
    if (table_letter(text[0]) && (text[at] == '\t' || text[at] == ':') && !memchr(text, '"', at)) table_pair(scan, start, start + at);
    if (text[at] == ',' && text[0] != '|' && text[0] != ' ') alternate_line(scan, start, start + at);
    if (text[at] != ':') table_within(scan, start);
}

/* All rows of a file that begins with a header. */
static void table_all(cf_scan *scan, const cf_table *table) {
    cf_table other;
    other.count = 0;
    uint32_t rules = 0;
    for (uint32_t i = 0; i < table->count; i++) rules += table->rules[i] != NULL;
    const bool sure = table_surely(rules, table->count);
    const uint8_t *feed = memchr(scan->text, '\n', scan->size);
    for (uint32_t at = feed ? (uint32_t)(feed - scan->text) + 1 : scan->size; at < scan->size;) {
        uint32_t line = at, end = table_line_end(scan, line, scan->size, &at), keyed;
        keyed = end > line ? table_header(scan, scan->text, line, end, &other) : 0;
        if (end > line && !(keyed && table_surely(keyed, other.count))) table_row(scan, table, line, end, scan->size, &at, sure);
    }
}
