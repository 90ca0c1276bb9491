/* Values of a statement's parameters, by the column that each is for (parameters.py of the reference): a list in the line of
 * the statement, and in the lines behind it what Hibernate says that it binds. */
#include "keys.h"

#include <string.h>

enum { SQL_COLUMNS = 2048, PARAMETER_LOOK = 512, PARAMETER_LINE = 1024, PARAMETER_TEXT = 256 };

/* The rules of the parameters of a row in their order, whether one has any, behind the row, and where its line ends. */
typedef struct {
    const cf_key_rule *rules[SQL_COLUMNS + 1];
    uint32_t count, behind, line_end;
    bool ruled;
} cf_parameters;

static void parameter_add(cf_parameters *given, const cf_key_rule *rule) {
    given->rules[given->count++] = rule;
    given->ruled = given->ruled || rule;
}

/* Whether a value is where a parameter goes: ?, ?1, $1, %s, :name, @p0, :1. */
static bool parameter_place(const uint8_t *text, uint32_t size) {
    uint32_t at = 1;
    if (!size || size > 65) return false;
    if (text[0] == '%') return size == 2 && text[1] == 's';
    if (text[0] != '?' && text[0] != '$' && text[0] != ':' && text[0] != '@') return false;
    if ((text[0] == ':' || text[0] == '@') && size > 1 && cf_is_alpha(text[1])) {
        while (at < size && cf_is_word(text[at])) at++;
        return at == size;
    }
    while (at < size && cf_is_digit(text[at])) at++;
    return at == size && size <= 4 && text[0] != '@' && (size > 1 || text[0] == '?');
}

/* Behind the word that names parameters and begins at a place; 0: there is none. */
static uint32_t parameter_word(const cf_scan *scan, uint32_t at) {
    static const char *const words[] = {"parameters", "parameter", "params", "param", "bindings", "binding", "binds", "bind", "args", "arg", "values"};
    uint8_t first = cf_lower(scan->text[at]);
    if (first != 'p' && first != 'b' && first != 'a' && first != 'v') return 0;
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        uint32_t size = (uint32_t)strlen(words[i]);
        if (cf_stands_folded(scan, at, words[i], size)) return at + size;
    }
    return 0;
}

/* Behind the bracket that opens a list of parameters, or 0. */
static uint32_t parameter_opens(const cf_scan *scan, uint32_t at, uint32_t end) {
    const uint8_t *text = scan->text;
    for (; at < end; at++) {
        uint32_t stop = cf_is_alpha(cf_at(scan, (int64_t)at - 1)) ? 0 : parameter_word(scan, at);
        if (!stop) continue;
        stop += value_quote(cf_at(scan, stop));
        stop += cf_at(scan, stop) == ' ';
        if (cf_at(scan, stop) != '=' && cf_at(scan, stop) != ':') continue;
        stop++;
        stop += cf_at(scan, stop) == ' ';
        if (stop < end && (text[stop] == '[' || text[stop] == '(' || text[stop] == '{')) return stop + 1;
    }
    return 0;
}

static inline bool parameter_mark(uint8_t c) { return c == ',' || c == '(' || c == ')' || c == '[' || c == ']' || c == '{' || c == '}'; }

/* One value of a list, and behind it; 0: there is none. */
static uint32_t parameter_item(const cf_scan *scan, uint32_t at, cf_value *value) {
    const uint8_t *text = scan->text;
    at += cf_at(scan, at) == ' ';
    if (at >= scan->size) return 0;
    uint32_t start = at;
    if (value_quote(text[at])) {
        start = ++at;
        for (unsigned items = 0; at < scan->size && text[at] != text[start - 1]; items++) {
            if (items == PARAMETER_TEXT || value_line_ends(scan, at)) return 0;
            at += text[at] == '\\';
            if (at >= scan->size || value_line_ends(scan, at)) return 0;
            at++;
        }
        if (at >= scan->size) return 0;
        *value = (cf_value){start, at++, true};
    } else {
        if (cf_is_space(text[at])) return 0;
        while (at < scan->size && at - start < PARAMETER_TEXT && !parameter_mark(text[at]) && !value_quote(text[at]) && !value_line_ends(scan, at)) at++;
        if (at == start) return 0;
        *value = (cf_value){start, at, true};
    }
    return at + (cf_at(scan, at) == ' ');
}

/* params: ["…", "…"]: as many values as there are parameters. */
static bool parameters_read(cf_scan *scan, const cf_parameters *given, uint32_t at) {
    cf_value values[SQL_COLUMNS + 1];
    uint32_t count = 0;
    bool found = false;
    if (!at) return false;
    uint8_t open = scan->text[at - 1], closes = open == '(' ? ')' : (uint8_t)(open + 2);
    for (uint8_t mark = ','; mark == ','; at++) {
        if (count == given->count) return false;
        at = parameter_item(scan, at, &values[count++]);
        if (!at) return false;
        mark = cf_at(scan, at);
        if (mark != ',' && mark != closes) return false;
    }
    if (count != given->count) return false;
    for (uint32_t i = 0; i < count; i++)
        if (given->rules[i]) found = keyed_judge(scan, given->rules[i], values[i]) || found;
    return found;
}

/* Behind the bracket of `generated in 0.00018s] (` at a place; or 0. */
static uint32_t parameters_made(const cf_scan *scan, uint32_t at) {
    static const char *const ways[] = {"generated in ", "cached since ", "no key "};
    for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
        uint32_t size = (uint32_t)strlen(ways[i]), digits = at + size;
        if (!cf_stands(scan, at, ways[i], size)) continue;
        for (at = digits; at - digits < 17 && (cf_is_digit(cf_at(scan, at)) || cf_at(scan, at) == '.');) at++;
        if (at == digits || at - digits > 16 || cf_at(scan, at++) != 's') return 0;
        if (cf_stands(scan, at, " ago", 4)) at += 4;
        return cf_stands(scan, at, "] (", 3) ? at + 3 : 0;
    }
    return 0;
}

/* Behind the bracket of what SQLAlchemy tells of parameters in the next line: [parameters: (…, [generated in 0.00018s] (…; or 0. */
static uint32_t parameters_below(const cf_scan *scan, uint32_t end, uint32_t most) {
    uint32_t at = end + (cf_at(scan, end) == '\r'), start, digits;
    if (at >= most || scan->text[at++] != '\n') return 0;
    if (cf_stands(scan, at, "[parameters: ", 13)) return at + 14 <= most && (cf_at(scan, at + 13) == '(' || cf_at(scan, at + 13) == '[') ? at + 14 : 0;
    for (start = at; at < most && at - start < 162 && !value_line_ends(scan, at); at++)
        if (scan->text[at] == '[' && at > start && scan->text[at - 1] == ' ' && (digits = parameters_made(scan, at + 1)) != 0) return digits <= most ? digits : 0;
    return 0;
}

/* The same in the line of the statement, or the next one. */
static void parameters_listed(cf_scan *scan, const cf_parameters *given, uint32_t most) {
    uint32_t near = given->line_end - given->behind < PARAMETER_LOOK ? given->line_end : given->behind + PARAMETER_LOOK;
    bool found = parameters_read(scan, given, given->behind < given->line_end ? parameter_opens(scan, given->behind, near) : 0);
    if (!found) parameters_read(scan, given, parameters_below(scan, given->line_end, most));
}

/* Behind one to 40 letters, digits and `_` at a place; 0: there are none. */
static uint32_t parameter_type(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end - at < 41 && cf_is_word(cf_at(scan, end))) end++;
    return end > at && end - at < 41 ? end : 0;
}

/* binding parameter [1] as [VARCHAR] - […], binding parameter (1:VARCHAR) <- […] at a place, up to `end`: behind it, or 0. */
static uint32_t parameter_bound(cf_scan *scan, const cf_parameters *given, uint32_t at, uint32_t end) {
    uint32_t number = 0, digits, start;
    if (!cf_stands(scan, at, "binding parameter ", 18)) return 0;
    at += 18;
    uint8_t open = cf_at(scan, at++);
    for (digits = at; at - digits < 3 && cf_is_digit(cf_at(scan, at)); at++) number = 10 * number + (uint32_t)(scan->text[at] - '0');
    if (at == digits || (open != '[' && open != '(') || !cf_stands(scan, at, open == '[' ? "] as [" : ":", open == '[' ? 6 : 1)) return 0;
    at = parameter_type(scan, at + (open == '[' ? 6 : 1));
    if (!at || !cf_stands(scan, at, open == '[' ? "] - [" : ") <- [", open == '[' ? 5 : 6)) return 0;
    for (start = at += open == '[' ? 5 : 6; at < end && at - start < 257 && scan->text[at] != ']' && !value_line_ends(scan, at);) at++;
    if (at == start || at - start > 256 || at >= end || scan->text[at] != ']') return 0;
    if (number && number <= given->count && given->rules[number - 1]) keyed_judge(scan, given->rules[number - 1], (cf_value){start, at, true});
    return at + 1;
}

/* Whether a line binds parameters; their values are judged. */
static bool parameters_bound(cf_scan *scan, const cf_parameters *given, uint32_t at, uint32_t end) {
    bool bound = false;
    while (at < end) {
        const uint8_t *first = memchr(scan->text + at, 'b', end - at);
        if (!first) break;
        at = (uint32_t)(first - scan->text);
        uint32_t behind = parameter_bound(scan, given, at, end);
        bound = bound || behind;
        at = behind ? behind : at + 1;
    }
    return bound;
}

/* What is given to the parameters of a statement; where the last line ends that says so, before `most`. */
static __attribute__((noinline)) uint32_t parameters_found(cf_scan *scan, const cf_parameters *given, uint32_t most) {
    const uint8_t *text = scan->text;
    uint32_t end = given->line_end, look = given->behind < end ? given->behind : end;
    parameters_listed(scan, given, most);
    parameters_bound(scan, given, look, end - look < PARAMETER_LINE ? end : look + PARAMETER_LINE);
    for (;;) {
        uint32_t line = end + (end < most && text[end] == '\r'), stop;
        if (line >= most || text[line++] != '\n') return end;
        for (stop = line; stop < most && stop - line < PARAMETER_LINE && !value_line_ends(scan, stop);) stop++;
        if (stop == line || (stop == most && most < scan->size) || !parameters_bound(scan, given, line, stop)) return end;
        end = stop;
    }
}
