/* Values of a statement's parameters, by the column that each is for (parameters.py of the reference): a list in the line of
 * the statement, and in the lines behind it what Hibernate says that it binds. */
#include "keys.h"

#include <string.h>

enum { SQL_COLUMNS = 2048, PARAMETER_LOOK = 512, PARAMETER_LINE = 1024, PARAMETER_TEXT = 256,
       PARAMETER_AROUND = 2048, PARAMETER_NAMES = 64 };

/* The rules of the parameters of a statement in their order, whether one has any, how the first are named, behind the last, and
 * where the statement's line ends. */
typedef struct {
    const cf_key_rule *rules[SQL_COLUMNS + 1];
    cf_value names[PARAMETER_NAMES];
    uint32_t count, behind, line_end;
    bool ruled, named;
} cf_parameters;

static void parameter_add(cf_scan *scan, cf_parameters *given, cf_value name, const cf_key_rule *rule) {
    const uint8_t sign = scan->text[name.start];
    if (given->count < PARAMETER_NAMES) {
        given->names[given->count] = name;
        given->named = given->named || (rule && (sign == '$' || sign == '@' || sign == ':'));
    }
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

/* Behind `==> Parameters: ` of MyBatis in the next line; or 0. */
static uint32_t parameters_typed_below(const cf_scan *scan, uint32_t end, uint32_t most) {
    uint32_t at = end + (cf_at(scan, end) == '\r'), start, behind;
    if (at >= most || scan->text[at++] != '\n') return 0;
    for (start = at; at < most && at - start < 201 && !value_line_ends(scan, at); at++) {
        if (scan->text[at] != '=' || !cf_stands(scan, at, "==> ", 4)) continue;
        behind = at + 4 + (cf_at(scan, at + 4) == ' ');
        if (cf_stands(scan, behind, "Parameters: ", 12)) return behind + 12 <= most ? behind + 12 : 0;
    }
    return 0;
}

/* Behind the type of a value at a place, up to `most`: (String); or 0. */
static uint32_t parameter_typed(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t name = at + 1, end = name;
    if (scan->text[at] != '(' || name >= most || (uint8_t)(scan->text[name] - 'A') >= 26) return 0;
    while (end < most && end - name < 32 && cf_is_alpha(scan->text[end])) end++;
    return end - name > 1 && end - name < 32 && end < most && scan->text[end] == ')' ? end + 1 : 0;
}

/* Whether an item ends at a place, and behind what parts it from the next: as many bytes as `mark` tells. */
static bool parameter_ends(const cf_scan *scan, uint32_t at, uint32_t most, uint32_t *mark) {
    *mark = at + 2 <= most && cf_stands(scan, at, ", ", 2) ? 2 : 0;
    return *mark || at == most || value_line_ends(scan, at);
}

/* Mary Major(String), null, 4711(Integer): as many values as there are parameters. */
static void parameters_read_typed(cf_scan *scan, const cf_parameters *given, uint32_t at, uint32_t most) {
    cf_value values[SQL_COLUMNS + 1];
    uint32_t count = 0, mark = 2;
    while (at && mark) {
        uint32_t stop = at, behind = 0;
        if (count == given->count) return;
        if (at + 4 <= most && cf_stands(scan, at, "null", 4) && parameter_ends(scan, at + 4, most, &mark)) {
            values[count++] = (cf_value){at, at, true};
            at += 4 + mark;
            continue;
        }
        for (; stop < most && stop - at < PARAMETER_TEXT + 1 && !value_line_ends(scan, stop); stop++) {
            behind = parameter_typed(scan, stop, most);
            if (behind && parameter_ends(scan, behind, most, &mark)) break;
            behind = 0;
        }
        if (!behind) return;
        values[count++] = (cf_value){at, stop, true};
        at = behind + mark;
    }
    for (uint32_t i = 0; i < count && count == given->count; i++)
        if (given->rules[i]) keyed_judge(scan, given->rules[i], values[i]);
}

/* The same in the line of the statement, or the next one. */
static void parameters_listed(cf_scan *scan, const cf_parameters *given, uint32_t most) {
    uint32_t near = given->line_end - given->behind < PARAMETER_LOOK ? given->line_end : given->behind + PARAMETER_LOOK;
    bool found = parameters_read(scan, given, given->behind < given->line_end ? parameter_opens(scan, given->behind, near) : 0);
    if (!found) found = parameters_read(scan, given, parameters_below(scan, given->line_end, most));
    if (!found) parameters_read_typed(scan, given, parameters_typed_below(scan, given->line_end, most), most);
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

/* Bind variable 1: …, as Siebel says it, in a line: whether one is bound. */
static bool parameters_variable(cf_scan *scan, const cf_parameters *given, uint32_t at, uint32_t end) {
    bool bound = false;
    while (at < end) {
        const uint8_t *first = memchr(scan->text + at, 'B', end - at);
        if (!first) break;
        uint32_t start = (uint32_t)(first - scan->text), number = 0, digits;
        at = start + 1;
        if (!cf_stands(scan, start, "Bind variable ", 14) || (start && cf_class[scan->text[start - 1]] & (CF_WORD & ~CF_HIGH))) continue;
        uint32_t value = start + 14;
        for (digits = value; value < end && value - digits < 3 && cf_is_digit(scan->text[value]); value++) number = 10 * number + (uint32_t)(scan->text[value] - '0');
        if (value == digits || value + 2 >= end || !cf_stands(scan, value, ": ", 2)) continue;
        value += 2;
        at = end - value < PARAMETER_TEXT ? end : value + PARAMETER_TEXT;
        bound = true;
        if (number && number <= given->count && given->rules[number - 1]) keyed_judge(scan, given->rules[number - 1], (cf_value){value, at, true});
    }
    return bound;
}

/* Whether a line binds parameters; their values are judged. */
static bool parameters_bound(cf_scan *scan, const cf_parameters *given, uint32_t at, uint32_t end) {
    bool bound = parameters_variable(scan, given, at, end);
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

/* The rule of a parameter that is named so in a statement, or NULL. */
static const cf_key_rule *parameter_named(const cf_scan *scan, const cf_parameters *given, const uint8_t *name, uint32_t size) {
    for (uint32_t i = 0; i < given->count && i < PARAMETER_NAMES; i++)
        if (given->rules[i] && given->names[i].end - given->names[i].start == size && memcmp(scan->text + given->names[i].start, name, size) == 0)
            return given->rules[i];
    return NULL;
}

/* The value of a parameter, behind its `=`; false: there is none. Behind it, up to `end`. */
static bool parameter_given(const cf_scan *scan, uint32_t *at, uint32_t end, cf_value *value) {
    const uint8_t *text = scan->text;
    uint32_t start = *at, stop;
    if (start + 1 < end && (text[start] | 32) == 'n' && text[start + 1] == '\'') start++;
    if (start < end && text[start] == '\'') {
        uint32_t items = 0, pair = end; /* a text that does not end takes its last double quote for the end */
        for (stop = ++start; stop < end && items < 1024 && !value_line_ends(scan, stop); stop++, items++) {
            if (text[stop] != '\'') continue;
            if (stop + 1 >= end || text[stop + 1] != '\'') break;
            pair = stop++;
        }
        if (stop >= end || text[stop] != '\'') stop = pair;
        *value = (cf_value){start, stop, true};
        *at = stop + 1;
        return stop < end;
    }
    stop = start + (start < end && text[start] == '+');
    if (stop >= end || !cf_is_digit(text[stop])) return false;
    for (uint32_t digit = stop++; stop < end && stop - digit < 64 && (cf_is_word(text[stop]) || strchr(".+-", text[stop])) && text[stop]; stop++) continue;
    *value = (cf_value){start, stop, true};
    *at = stop;
    return true;
}

/* @p0=N'…', $1 = '…', :name='…' between two places. */
static void parameters_named_between(cf_scan *scan, const cf_parameters *given, uint32_t at, uint32_t end) {
    const uint8_t *text = scan->text;
    while (at < end) {
        uint8_t sign = text[at], before = at ? text[at - 1] : 0;
        if ((sign != '$' && sign != '@' && sign != ':') || (before && (cf_is_word(before) || strchr("@$:", before)))) {
            at++;
            continue;
        }
        uint32_t name = at++, stop = at, most = sign == '$' ? 3 : 64;
        while (stop < end && stop - at < most && (sign == '$' ? cf_is_digit(text[stop]) : cf_is_word(text[stop]))) stop++;
        uint32_t value_at = stop + (stop < end && text[stop] == ' ');
        if (stop == at || value_at >= end || text[value_at++] != '=') continue;
        value_at += value_at < end && text[value_at] == ' ';
        cf_value value;
        if (!parameter_given(scan, &value_at, end, &value)) continue;
        at = value_at;
        const cf_key_rule *rule = parameter_named(scan, given, text + name, stop - name);
        if (rule) keyed_judge(scan, rule, value);
    }
}

/* Where the parameters begin that the line before one tells, as Entity Framework writes it: [Parameters=[@p0='…'], …]; its end: it
 * tells none. */
static uint32_t parameters_before(const cf_scan *scan, uint32_t line) {
    uint32_t end = line, at;
    if (!line || scan->text[line - 1] != '\n') return line;
    end -= 1 + (line > 1 && scan->text[line - 2] == '\r');
    for (at = end; at && line - at < PARAMETER_AROUND && !value_line_ends(scan, at - 1);) at--;
    for (; at < end; at++)
        if ((scan->text[at] | 32) == 'p' && cf_stands(scan, at + 1, "arameters=[", 11)) return at + 12 <= end ? at : line;
    return line;
}

/* DETAIL:  parameters: $1 = '…' in the line behind a statement. */
static void parameters_told_below(cf_scan *scan, const cf_parameters *given, uint32_t end, uint32_t most) {
    uint32_t at = end + (cf_at(scan, end) == '\r'), start, stop;
    if (at >= most || scan->text[at++] != '\n') return;
    for (start = at; at < most && at - start < 201 && !value_line_ends(scan, at); at++) {
        if ((scan->text[at] | 32) != 'p' || !cf_stands(scan, at + 1, "arameter", 8)) continue;
        stop = at + 9 + (cf_at(scan, at + 9) == 's');
        if (cf_at(scan, stop++) != ':') continue;
        stop += cf_at(scan, stop) == ' ';
        for (start = stop; stop < most && stop - start < PARAMETER_AROUND && !value_line_ends(scan, stop);) stop++;
        if (start < most) parameters_named_between(scan, given, start, stop);
        return;
    }
}

/* -- p__linq__0: '…' (Type = String) in the lines behind a statement. */
static void parameters_commented(cf_scan *scan, const cf_parameters *given, uint32_t at, uint32_t most) {
    uint8_t name[66] = "@";
    for (;;) {
        uint32_t start, size = 1;
        at += at < most && scan->text[at] == '\r';
        if (at >= most || scan->text[at] != '\n' || !cf_stands(scan, at + 1, "-- ", 3)) return;
        at += 4 + (cf_at(scan, at + 4) == '@');
        while (size < 66 && cf_is_word(cf_at(scan, at))) name[size++] = scan->text[at++];
        if (size == 1 || size == 66 || !cf_stands(scan, at, ": '", 3)) return;
        for (start = at += 3; at < most && at - start < 1025 && scan->text[at] != '\'' && !value_line_ends(scan, at);) at++;
        if (at - start > 1024 || at + 7 > most || !cf_stands(scan, at, "' (Type", 7)) return;
        const cf_key_rule *rule = parameter_named(scan, given, name, size);
        if (rule) keyed_judge(scan, rule, (cf_value){start, at, true});
        at += 7;
        for (start = at; at < most && at - start < 256 && !value_line_ends(scan, at);) at++;
    }
}

/* What is given to the parameters of a statement by their names: in its lines, the one before, and behind. */
static __attribute__((noinline)) void parameters_named(cf_scan *scan, const cf_parameters *given, uint32_t start, uint32_t most) {
    uint32_t line = start, before;
    if (!given->named) return;
    while (line && start - line < PARAMETER_AROUND && scan->text[line - 1] != '\n') line--;
    before = parameters_before(scan, line);
    parameters_named_between(scan, given, before, line);
    parameters_named_between(scan, given, line, given->line_end);
    parameters_told_below(scan, given, given->line_end, most);
    parameters_commented(scan, given, given->line_end, most);
}
