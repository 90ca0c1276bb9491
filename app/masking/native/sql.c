/* Keys and values in SQL: LIKE, IN, and INSERT with its columns and rows. */
#include "keys.h"

#include <string.h>

enum { SQL_VALUES = 8192, SQL_REACH = 6144 };

static inline void notation_assigned(cf_scan *scan, unsigned notation, uint32_t sign, uint32_t at, uint32_t blanks, bool ends);
static uint32_t notation_escaped_quote(const cf_scan *scan, uint32_t at);
static void notation_judge(cf_scan *scan, unsigned notation, uint32_t sign, cf_value value);
static bool sql_items_before(cf_scan *scan, unsigned notation, uint32_t sign, uint32_t at, uint32_t end);

static inline bool sql_blank(uint8_t c) { return c == ' ' || c == '\t'; }

/* Of a string: N'…', E'…'. */
static inline bool sql_prefix(uint8_t c) { return (c | 32) == 'n' || (c | 32) == 'e'; }

/* key LIKE 'value', also in quotes that are escaped */
static void sql_like(cf_scan *scan, uint32_t start, uint32_t end) {
    static const char *const words[] = {"LIKE", "like", "ILIKE", "ilike", "RLIKE", "rlike"};
    uint32_t size = end - start, at;
    if (!sql_blank(cf_at(scan, (int64_t)start - 1)) || !sql_blank(cf_at(scan, end))) return;
    bool like = false;
    for (unsigned i = size == 4 ? 0 : 2, last = size == 4 ? 2 : 6; i < last; i++) like = like || cf_stands(scan, start, words[i], size);
    if (!like) return;
    cf_looks(scan);
    at = value_skip_blanks(scan, end, 4);
    if ((cf_ends(scan, start, "NOT ", 4) || cf_ends(scan, start, "not ", 4)) && sql_blank(cf_at(scan, (int64_t)start - 5))) start -= 4;
    if (start - 1 < scan->taken[CF_N_LIKE]) return;
    if (sql_prefix(cf_at(scan, at)) && cf_at(scan, at + 1) == '\'') at++;
    uint8_t mark = cf_at(scan, at);
    if (mark == '\'' || mark == '"') notation_judge(scan, CF_N_LIKE, start - 1, value_quoted(scan, at));
    if (mark != '\\') return;
    uint32_t text = notation_escaped_quote(scan, at), stop;
    if (!text) return;
    for (stop = ++text; stop < scan->size && stop - text < 256 && !memchr("\"\\\r\n", scan->text[stop], 4);) stop++;
    if (stop > text) notation_judge(scan, CF_N_LIKE, start - 1, (cf_value){text, stop, true});
}

/* A sign that compares, `last_name <> 'Major'`, `birth_date >= '1979-03-28'`: its first byte stands at a place. */
static __attribute__((noinline)) void sql_compared(cf_scan *scan, uint32_t at) {
    uint8_t before = cf_at(scan, (int64_t)at - 1), next = cf_at(scan, at + 1);
    bool two = next == '=' || (next == '>' && scan->text[at] == '<');
    uint32_t end = at + 1 + two, value = value_skip_blanks(scan, end, 4);
    if (at < scan->taken[CF_HEAD_SIGN] || cf_at(scan, value) != '\'' || (before && strchr("-=<>!:", before))) return;
    if (!two && (value == end || !sql_blank(before))) return;
    scan->taken[CF_HEAD_SIGN] = end;
    notation_assigned(scan, CF_N_SIGN, at, end, 4, false);
}

/* (last_name)::text = 'Major': where the cast begins before a sign with blanks around it, before a text; the sign: there is none. */
static uint32_t sql_before_cast(const cf_scan *scan, uint32_t sign) {
    uint32_t end = sign - 1, at;
    if (cf_ends(scan, end, " varying", 8)) end -= 8;
    for (at = end; at && end - at < 17 && (uint8_t)(scan->text[at - 1] - 'a') < 26;) at--;
    return end - at >= 2 && end - at <= 16 && cf_ends(scan, at, "::", 2) ? at - 2 : sign;
}

/* Values of a list, each judged alone; whether one is personal. */
static bool sql_items(cf_scan *scan, unsigned notation, const cf_key_rule *rule, uint32_t at, uint32_t end) {
    const uint8_t *text = scan->text;
    bool personal = false;
    while (at < end) {
        uint32_t stop = at;
        if (sql_prefix(text[at]) && at + 1 < end && text[at + 1] == '\'') at++;
        if (text[at] == '\'') {
            int64_t closed = sql_string(scan, at + 1, end, false);
            if (closed >= 0) personal |= keyed_value(scan, notation, rule, (cf_value){at + 1, (uint32_t)closed, true});
            at = closed >= 0 ? (uint32_t)closed + 1 : at + 1;
            continue;
        }
        while (stop < end && text[stop] != ',' && text[stop] != '\'' && text[stop] != '(' && text[stop] != ')' && !cf_is_space(text[stop]))
            stop++;
        if (stop > at) personal |= keyed_value(scan, notation, rule, (cf_value){at, stop, false});
        if (stop > at && rule->whole_line) break; /* Cookie=[a=b; c=d]: one header, and no list */
        at = stop + (stop == at);
    }
    return personal;
}

/* key IN ('value', 'value') */
static void sql_in(cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    if (cf_lower(text[start]) != 'i' || (text[start] == 'i' && text[start + 1] == 'N')) return;
    uint8_t behind = cf_at(scan, start + 2);
    if (!sql_blank(cf_at(scan, (int64_t)start - 1)) || (behind != '(' && !sql_blank(behind))) return;
    uint8_t next = cf_at(scan, start + 3);
    if (behind != '(' && next != '(' && !sql_blank(next)) return;
    cf_looks(scan);
    if (start - 1 < scan->taken[CF_N_IN]) return;
    uint32_t at = value_skip_blanks(scan, start + 2, 4), end, most;
    if (cf_at(scan, at++) != '(') return;
    most = value_end(scan, at, VALUE_LONGEST_TEXT);
    for (end = at; end < most && text[end] != '(' && text[end] != ')' && !value_line_ends(scan, end);) end++;
    sql_items_before(scan, CF_N_IN, start - 1, at, end);
}

/* Where a string of 1 to 256 bytes ends that begins at a place, or 0. */
static uint32_t sql_short_string(const cf_scan *scan, uint32_t at) {
    uint32_t end = at + 1;
    if (cf_at(scan, at) != '\'') return 0;
    while (end < scan->size && end - at <= 257 && scan->text[end] != '\'' && !value_line_ends(scan, end)) end++;
    return end > at + 1 && end - at <= 257 && cf_at(scan, end) == '\'' ? end + 1 : 0;
}

/* key BETWEEN 'value' AND 'value' */
static void sql_between(cf_scan *scan, uint32_t start) {
    uint32_t at = start + 7, word, end, last;
    if (!cf_stands(scan, start, "BETWEEN", 7) && !cf_stands(scan, start, "between", 7)) return;
    cf_looks(scan);
    if (!sql_blank(cf_at(scan, (int64_t)start - 1)) || start - 1 < scan->taken[CF_N_BETWEEN]) return;
    uint32_t items = value_skip_blanks(scan, at, 4);
    end = items > at ? sql_short_string(scan, items) : 0;
    word = end ? value_skip_blanks(scan, end, 4) : 0;
    if (!end || word == end || (!cf_stands(scan, word, "AND", 3) && !cf_stands(scan, word, "and", 3))) return;
    at = value_skip_blanks(scan, word + 3, 4);
    last = at > word + 3 ? sql_short_string(scan, at) : 0;
    if (last) sql_items_before(scan, CF_N_BETWEEN, start - 1, items, last);
}

/* The name of a table without its schema and what quotes it. */
static cf_value sql_table(const cf_scan *scan, uint32_t at, uint32_t end) {
    const uint8_t *text = scan->text;
    while (at < end && memchr("\"`[]\\", text[at], 5)) at++;
    while (end > at && memchr("\"`[]\\", text[end - 1], 5)) end--;
    for (uint32_t dot = end; dot > at; dot--)
        if (text[dot - 1] == '.') at = dot;
    while (at < end && memchr("\"`[]\\", text[at], 5)) at++;
    return (cf_value){at, end, false};
}

/* The rule of a column, and whether it is that of its table. */
typedef struct {
    cf_value name;
    const cf_key_rule *rule;
    bool of_table;
} sql_column;

/* The rule of a column `name`: INSERT INTO kunde (name, …, also of `users`. */
static const cf_key_rule *sql_of_table(const cf_scan *scan, cf_value table) {
    uint8_t key[160];
    uint32_t size = table.end - table.start;
    memcpy(key, scan->text + table.start, size);
    memcpy(key + size, "_name", 5);
    const cf_key_rule *rule = key_known(scan, key, size + 5);
    if (rule || !size || (key[size - 1] | 32) != 's') return rule;
    memcpy(key + size - 1, "_name", 5);
    return key_known(scan, key, size + 4);
}

/* The rules of the columns, in their order. */
static uint32_t sql_columns(const cf_scan *scan, uint32_t at, uint32_t end, cf_value table, sql_column *columns) {
    uint32_t count = 0;
    for (; at <= end; at++) {
        uint32_t stop = at, name;
        while (stop < end && scan->text[stop] != ',') stop++;
        uint32_t from = at, to = stop;
        while (from < to && memchr(" \"`[]\\\t\r\n", scan->text[from], 9)) from++;
        while (to > from && memchr(" \"`[]\\\t\r\n", scan->text[to - 1], 9)) to--;
        for (name = to; name > from && scan->text[name - 1] != '.';) name--;
        sql_column *column = &columns[count++];
        *column = (sql_column){{name, to, false}, key_known(scan, scan->text + name, to - name), false};
        if (!column->rule && to - name == 4 && cf_stands_folded(scan, name, "name", 4))
            *column = (sql_column){column->name, sql_of_table(scan, table), true};
        at = stop;
    }
    return count;
}

/* Whether a word of some, in small letters, stands between two places. */
static bool sql_one_of(const cf_scan *scan, uint32_t start, uint32_t end, const text_word_of *words) {
    for (; words->text; words++)
        if (words->size == end - start && cf_stands_folded(scan, start, words->text, words->size)) return true;
    return false;
}

/* 0x4d61 */
static bool sql_bytes(const uint8_t *text, cf_value value) {
    uint32_t at = value.start + 2;
    if (at > value.end || text[value.start] != '0' || text[value.start + 1] != 'x') return false;
    while (at < value.end && (cf_is_digit(text[at]) || (uint8_t)((text[at] | 32) - 'a') < 6)) at++;
    return at == value.end;
}

/* The next one of a sequence. */
static bool sql_next_of(const cf_scan *scan, cf_value value) {
    return value.end - value.start > 8 && scan->text[value.end - 8] == '.' && cf_stands_folded(scan, value.end - 7, "nextval", 7);
}

/* Letters, digits and `_`, as a variable or a column is called, and where a dot is in it; 0: it is another text. */
static uint32_t sql_variable(const cf_scan *scan, cf_value value) {
    const uint8_t *text = scan->text;
    uint32_t at = value.start, dot = value.end;
    if (!cf_is_alpha(text[at])) return 0;
    for (; at < value.end; at++) {
        if (text[at] == '.' && dot == value.end && at + 1 < value.end && !cf_is_digit(text[at + 1])) dot = at;
        else if (!cf_is_word(text[at])) return 0;
    }
    return dot;
}

/* Whether a text holds another from a place on, whatever the case, and without `_`; where it ends there, or 0. */
static uint32_t sql_holds_at(const uint8_t *text, uint32_t at, cf_value value, cf_value part) {
    for (uint32_t of = part.start;;) {
        while (of < part.end && text[of] == '_') of++;
        if (of == part.end) return at;
        while (at < value.end && text[at] == '_') at++;
        if (at == value.end || cf_lower(text[at++]) != cf_lower(text[of++])) return 0;
    }
}

/* Whether a variable is the column's own name, or of words with it: lastName, src.last_name, hashedPassword; mypassword and
 * password123 may be values. */
static bool sql_own(const uint8_t *text, cf_value value, cf_value name) {
    bool words = false, held = false;
    for (uint32_t at = value.start; at < value.end; at++) {
        if (cf_is_digit(text[at])) return false;
        words = words || text[at] == '.' || text[at] == '_' || (at > value.start && (uint8_t)(text[at] - 'A') < 26);
    }
    for (uint32_t at = value.start; at < value.end && !held; at++) {
        uint32_t end = sql_holds_at(text, at, value, name), rest = end;
        while (rest && rest < value.end && text[rest] == '_') rest++;
        held = end && (words || (at == value.start && rest == value.end));
    }
    return held;
}

/* A password without quotes: any signs but those that the place of one begins with. */
static bool sql_password(const uint8_t *text, cf_value value) {
    if (value.end - value.start < 3 || !text[value.start] || strchr("@:?$%&{<\"\\[*", text[value.start])) return false;
    return !memchr(text + value.start, '"', value.end - value.start) && !memchr(text + value.start, '\\', value.end - value.start);
}

/* Whether a text without quotes may be a value: frameworks write so what they sent, SQL what it is to reckon (NEW.name, v_name). */
static bool sql_plain(const cf_scan *scan, cf_value value, const sql_column *column, cf_kind kind) {
    static const text_word_of opens[] = {
        TEXT("null"), TEXT("default"), TEXT("true"), TEXT("false"), TEXT("case"), TEXT("select"), TEXT("current"), TEXT("interval"),
        TEXT("date"), TEXT("time"), TEXT("timestamp"), TEXT("cast"), TEXT("not"), TEXT("user"), TEXT("now"), TEXT("array"),
        TEXT("row"), TEXT("current_user"), TEXT("session_user"), TEXT("system_user"), TEXT("suser_sname"), TEXT("sysdate"), TEXT("curdate"),
        TEXT("getdate"), TEXT("uuid"), TEXT("current_date"), TEXT("current_time"), TEXT("current_timestamp"),
        TEXT("rownum"), TEXT("systimestamp"), TEXT("localtimestamp"), TEXT("localtime"), {NULL, 0}};
    static const text_word_of within[] = {TEXT("as"), TEXT("then"), TEXT("else"), TEXT("end"), TEXT("in"), TEXT("is"), TEXT("and"),
                                          TEXT("or"), TEXT("from"), TEXT("not"), TEXT("when"), TEXT("over"), TEXT("at"),
                                          TEXT("collate"), {NULL, 0}};
    static const text_word_of owners[] = {TEXT("new."), TEXT("old."), TEXT("excluded."), TEXT("inserted."), TEXT("deleted."), {NULL, 0}};
    const uint8_t *text = scan->text;
    uint32_t at = value.start, word = at;
    bool of_table = column->of_table;
    const uint32_t dot = sql_variable(scan, value);
    if (sql_bytes(text, value) || sql_next_of(scan, value)) return false;
    if (dot && (sql_own(text, value, column->name) || (kind == CF_NAME && dot < value.end))) return false;
    if (kind == CF_SECRET ? !sql_password(text, value) : !cf_is_alnum(text[at]) && text[at] < 0x80 && text[at] != '+') return false;
    if ((uint8_t)(text[at] - 'a') < 26 && at + 1 < value.end && text[at + 1] == '_') return false;
    for (const text_word_of *owner = owners; owner->text; owner++)
        if (owner->size <= value.end - at && cf_stands_folded(scan, at, owner->text, owner->size)) return false;
    for (; at <= value.end; at++) {
        if (at < value.end && text[at] != ' ') {
            if (kind != CF_SECRET && !cf_is_word(text[at]) && text[at] < 0x80 && (!text[at] || !strchr("@.+:/'-", text[at]))) return false;
            continue;
        }
        if (sql_one_of(scan, word, at, word == value.start ? opens : within)) return false;
        of_table = of_table && at == value.end && word == value.start;
        word = at + 1;
    }
    return !of_table;
}

/* The rows of a line, behind the bracket of the first: column by column. Where they end. */
static uint32_t sql_rows(cf_scan *scan, const sql_column *columns, uint32_t count, uint32_t at, uint32_t end, cf_parameters *first) {
    const uint8_t *text = scan->text;
    for (;;) {
        cf_value value;
        for (uint32_t column = 0; column < count; column++) {
            uint32_t before = at;
            if (!sql_value(scan, &at, end, &value)) {
                at = before;
                break;
            }
            const cf_key_rule *rule = columns[column].rule;
            bool bare = !value.quoted;
            value.quoted = true; /* without quotes, too, a comma ends it */
            if (rule && (!bare || sql_plain(scan, value, &columns[column], rule->kind))) keyed_judge(scan, rule, value);
            if (first && bare && parameter_place(text + value.start, value.end - value.start)) parameter_add(scan, first, (cf_value){value.start, value.end, false}, rule);
        }
        if (first) first->behind = at;
        first = NULL;
        uint32_t more = at;
        for (unsigned i = 0; i < 8 && more < end && cf_is_space(text[more]); i++) more++;
        if (more >= end || text[more++] != ',') return at;
        for (unsigned i = 0; i < 8 && more < end && cf_is_space(text[more]); i++) more++;
        if (more >= end || text[more] != '(') return at;
        at = more + 1;
    }
}

/* Behind the bracket that opens the rows of the line behind one that ends at a place, and where these end, before `most`; 0:
 * there are none. A comma ends a line, or begins the next. */
static uint32_t sql_next_line(const cf_scan *scan, uint32_t *end, uint32_t most) {
    const uint8_t *text = scan->text;
    uint32_t at = *end, last = at, stop;
    while (last && *end - last < 8 && sql_blank(text[last - 1])) last--;
    uint8_t sign = last && *end - last < 8 ? text[last - 1] : 0;
    bool comma = sign == ',';
    at += at < most && text[at] == '\r';
    if (at >= most || text[at++] != '\n') return 0;
    at = value_skip_blanks(scan, at, 64);
    if (cf_at(scan, at) == ',') {
        if (comma || sign == ';') return 0;
        comma = true;
        at = value_skip_blanks(scan, at + 1, 8);
    }
    if (!comma || at >= most || text[at++] != '(') return 0;
    for (stop = at; stop < most && stop - at < SQL_VALUES && !value_line_ends(scan, stop);) stop++;
    if (stop == at || (stop == most && most < scan->size)) return 0;
    *end = stop;
    return at;
}

/* Behind white space of at most so many signs, also as JSON escapes it. */
static uint32_t sql_gap(const cf_scan *scan, uint32_t at, unsigned most) {
    for (; most; most--) {
        uint8_t next = cf_at(scan, (int64_t)at + 1);
        if (at < scan->size && cf_is_space(scan->text[at])) at++;
        else if (cf_at(scan, at) == '\\' && (next == 'r' || next == 'n' || next == 't')) at += 2;
        else break;
    }
    return at;
}

/* Behind a word in the head of a statement, and a blank before it; the place itself: it does not stand there. */
static uint32_t sql_word(const cf_scan *scan, uint32_t at, const char *word, uint32_t size) {
    uint32_t start = value_skip_spaces(scan, at, 24), end = start + size;
    if (start == at || !cf_stands_folded(scan, start, word, size)) return at;
    return cf_at(scan, end) == '(' || cf_is_space(cf_at(scan, end)) ? end : at;
}

/* Behind the bracket that opens the rows, from behind that of the columns: VALUES (, OUTPUT inserted.id VALUES (; 0: it is another. */
static uint32_t sql_values(const cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t word = at = sql_gap(scan, at, 16), stop;
    if (cf_stands_folded(scan, at, "output", 6) && cf_is_space(cf_at(scan, (int64_t)at + 6))) {
        for (stop = word = at + 7; stop < scan->size && stop - word < 216 && !memchr("()\r\n;", text[stop], 5);) stop++;
        while (stop > word && (cf_is_space(text[stop - 1]) || cf_ends(scan, stop, "\\r", 2) || cf_ends(scan, stop, "\\n", 2) || cf_ends(scan, stop, "\\t", 2)))
            stop -= cf_is_space(text[stop - 1]) ? 1 : 2;
        stop -= stop > word && (text[stop - 1] | 32) == 's';
        if (stop < word + 7 || stop - 5 - word > 129 || !cf_is_space(text[stop - 6])) return 0;
        at = stop - 5;
    }
    if (!cf_stands_folded(scan, at, "value", 5)) return 0;
    at += 5;
    at = sql_gap(scan, at + ((cf_at(scan, at) | 32) == 's'), 72);
    return cf_at(scan, at) == '(' ? at + 1 : 0;
}

/* INSERT INTO t (name, phone) VALUES ('…', '…'), ('…', '…'): column by column, row by row. */
static void sql_insert(cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    sql_column ruled[SQL_COLUMNS + 1];
    bool replaces = cf_stands_folded(scan, start, "replace", 7);
    if (!replaces && !cf_stands_folded(scan, start, "insert", 6) && !cf_stands_folded(scan, start, "upsert", 6)) return;
    cf_looks(scan);
    if (start < scan->taken[CF_N_INSERT]) return;
    cf_crosses(scan);
    uint32_t word = start + (replaces ? 7 : 6), into, at, name, end, most;
    if (!replaces) word = sql_word(scan, word, "ignore", 6);
    into = sql_word(scan, word, "into", 4);
    if (replaces && into == word) return;
    at = name = value_skip_spaces(scan, into, 24);
    for (; at - name < 129; at++) {
        uint8_t c = cf_at(scan, at);
        if (!cf_is_word(c) && (!c || !strchr(".\"[]`\\", c))) break;
    }
    if (at - name > 128 || (at > name && name == into)) return;
    uint32_t name_end = at;
    at = value_skip_spaces(scan, at, 24);
    if (cf_at(scan, at++) != '(') return;
    uint32_t columns = at;
    most = value_end(scan, at, SQL_COLUMNS);
    while (at < most && text[at] != '(' && text[at] != ')') at++;
    if (at == columns || cf_at(scan, at) != ')') return;
    uint32_t columns_end = at;
    at = sql_values(scan, at + 1);
    if (!at) return;
    most = value_end(scan, at, SQL_VALUES);
    const uint8_t *feed = memchr(text + at, '\n', most - at), *back = memchr(text + at, '\r', (feed ? (uint32_t)(feed - text) : most) - at);
    end = back ? (uint32_t)(back - text) : feed ? (uint32_t)(feed - text) : most;
    if (end == at) return;
    const uint32_t furthest = value_end(scan, start, SQL_REACH);
    uint32_t count = sql_columns(scan, columns, columns_end, sql_table(scan, name, name_end), ruled);
    cf_parameters given;
    given.count = given.behind = 0;
    given.line_end = end;
    given.ruled = given.named = false;
    scan->taken[CF_N_INSERT] = sql_rows(scan, ruled, count, at, end, &given);
    while ((at = sql_next_line(scan, &end, furthest)) != 0) scan->taken[CF_N_INSERT] = sql_rows(scan, ruled, count, at, end, NULL);
    if (!given.ruled) return;
    parameters_named(scan, &given, start, given.line_end > furthest ? given.line_end : furthest);
    end = parameters_found(scan, &given, furthest);
    if (end > scan->taken[CF_N_INSERT]) scan->taken[CF_N_INSERT] = end;
}
