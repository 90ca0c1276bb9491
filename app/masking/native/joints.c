/* Keys and values with something between them that only one language or tool writes (joints.py of the reference). Each
 * finder is called where its mark or word stands, and reads a bounded way. */
#include "keys.h"

#include <string.h>

enum { JOINT_VALUE = 256, JOINT_KEY = 41, JOINT_CHANGED = 128 };

/* Where the text of a value ends that begins at a place: at the quote that opened it; 0: none does. */
static uint32_t joint_text(const cf_scan *scan, uint32_t start, uint8_t quote) {
    uint32_t end = start;
    while (end < scan->size && end - start <= JOINT_VALUE) {
        uint8_t c = scan->text[end];
        if (c == quote) return end > start && end - start <= JOINT_VALUE ? end : 0;
        if (value_line_ends(scan, end)) return 0;
        end++;
    }
    return 0;
}

static bool joint_kind(const cf_key_rule *rule, bool told) {
    switch (rule->kind) {
    case CF_TEL:
    case CF_NAME:
    case CF_MAIL:
    case CF_BIRTH:
    case CF_ADDRESS:
    case CF_IBAN:
    case CF_CARD: return true;
    case CF_USER:
    case CF_SECRET:
    case CF_ID: return told;
    default: return false;
    }
}

/* Judges a value, unless it is the name of a field. `told`: nothing but a key and its value is written so. */
static void joint_judge(cf_scan *scan, const cf_key_rule *rule, uint32_t start, uint32_t end, bool told) {
    if (!rule || !joint_kind(rule, told) || (word_key(scan, start, end) && key_rule(scan, start, end))) return;
    keyed_judge(scan, rule, (cf_value){start, end, true});
}

/* The same; it is not learned as that of a person. */
static void joint_judge_here(cf_scan *scan, const cf_key_rule *rule, uint32_t start, uint32_t end, bool told) {
    if (!rule) return;
    cf_key_rule here = *rule;
    here.learn = false;
    joint_judge(scan, &here, start, end, told);
    scan->judged.rule = NULL; /* it is of this place only */
}

static uint32_t audit_text(const cf_scan *scan, uint32_t at); /* audited.c */

static inline uint32_t joint_blank(const cf_scan *scan, uint32_t at) { return at + (cf_at(scan, at) == ' '); }

/* Behind one to `most` digits, or 0. */
static uint32_t joint_digits(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = value_digits(scan, at, most + 1);
    return end > at && end - at <= most ? end : 0;
}

/* ["key"]=> string(5) "…" of PHP, behind the quote of the key; the place of the value's quote, or 0. */
static uint32_t joint_dumped(cf_scan *scan, uint32_t at) {
    at = joint_blank(scan, at + 1);
    if (!cf_stands(scan, at, "=>", 2)) return 0;
    at += 2;
    if (cf_at(scan, at) == '\n' || (cf_at(scan, at) == '\r' && cf_at(scan, at + 1) == '\n')) {
        cf_crosses(scan);
        at += 1 + (scan->text[at] == '\r');
    }
    at = value_skip_blanks(scan, at, 32);
    if (!cf_stands(scan, at, "string(", 7)) return 0;
    at = joint_digits(scan, at + 7, 6);
    return at && cf_at(scan, at) == ')' ? joint_blank(scan, at + 1) : 0;
}

/* "key": {"S": "…"}, from the colon or the blank before it; the place of the value's quote, or 0. */
static uint32_t joint_typed(const cf_scan *scan, uint32_t at) {
    static const char *const types[] = {"\"S\"", "\"N\"", "\"string\"", "\"long\"", "\"int\"", "\"stringValue\"", "\"longValue\"", "\"integerValue\""};
    at = joint_blank(scan, at);
    if (cf_at(scan, at) != ':') return 0;
    at = joint_blank(scan, at + 1);
    if (cf_at(scan, at) != '{') return 0;
    at = joint_blank(scan, at + 1);
    for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
        uint32_t size = (uint32_t)strlen(types[i]);
        if (!cf_stands(scan, at, types[i], size)) continue;
        at = joint_blank(scan, at + size);
        return cf_at(scan, at) == ':' ? joint_blank(scan, at + 1) : 0;
    }
    return 0;
}

/* The key between double quotes is [at, end]. */
static void joint_quoted(cf_scan *scan, uint32_t at, uint32_t end) {
    uint8_t behind = cf_at(scan, end + 1);
    uint32_t quote = 0, stop;
    if (behind == ']') quote = joint_dumped(scan, end + 1);
    else if (behind == ';' && cf_stands(scan, end + 2, "s:", 2)) {
        stop = joint_digits(scan, end + 4, 6);
        quote = stop && cf_at(scan, stop) == ':' ? stop + 1 : 0;
    } else if (behind == ':' || behind == ' ') quote = joint_typed(scan, end + 1);
    if (!quote || cf_at(scan, quote) != '"') return;
    stop = behind == ']' || behind == ';' ? joint_text(scan, quote + 1, '"') : audit_text(scan, quote + 1);
    if (stop > quote + 1) joint_judge(scan, key_rule(scan, at + 1, end), quote + 1, stop, true);
}

/* Whether a tuple from `open` to `end` stands in a list, and is not what a function is given. */
static bool joint_listed(const cf_scan *scan, uint32_t open, uint32_t end) {
    uint8_t direct = cf_at(scan, (int64_t)open - 1), before = direct == ' ' ? cf_at(scan, (int64_t)open - 2) : direct,
            behind = cf_at(scan, joint_blank(scan, end));
    if (cf_is_word(direct) || direct >= 0x80) return false;
    return before == '[' || before == ',' || before == '(' || behind == ',' || behind == ']';
}

/* ('key', 'value'): the key in quotes is [at, end]. */
static void joint_tuple(cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t start = end + 3 + (cf_at(scan, end + 2) == ' '), stop = start;
    if (!cf_ends(scan, start, start == end + 4 ? "', '" : "','", start - end)) return;
    while (stop < scan->size && stop - start <= JOINT_VALUE && scan->text[stop] != '\'' && !value_line_ends(scan, stop)) stop++;
    if (stop == start || stop - start > JOINT_VALUE || !cf_stands(scan, stop, "')", 2) || end - at < 5 ||
        !joint_listed(scan, at - 1, stop + 2))
        return;
    joint_judge(scan, key_rule(scan, at + 1, end), start, stop, false);
}

/* Where a key of letters, digits, `_` and `-` begins that ends at a place; the place itself: none does. */
static uint32_t joint_key(const cf_scan *scan, uint32_t end) {
    uint32_t start = end;
    while (start && end - start <= JOINT_KEY && (cf_is_word(scan->text[start - 1]) || scan->text[start - 1] == '-')) start--;
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    bool whole = end - start >= 3 && end - start <= JOINT_KEY && cf_is_alpha(scan->text[start]) && before != '.' && before != '$';
    return whole ? start : end;
}

/* Before one to `most` blanks that end at a place, or 0. */
static uint32_t joint_blanks(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (at && end - at <= most && scan->text[at - 1] == ' ') at--;
    return end - at <= most && at < end ? at : 0;
}

/* Before one to `most` digits that end at a place, or 0. */
static uint32_t joint_digits_before(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (at && end - at <= most && cf_is_digit(scan->text[at - 1])) at--;
    return end - at <= most && at < end ? at : 0;
}

/* Calling-Station-Id [31] 14 "…": the quote stands at a place, behind a blank. */
static void joint_counted(cf_scan *scan, uint32_t quote) {
    uint32_t at = joint_blanks(scan, quote, 8), start, stop;
    at = at ? joint_digits_before(scan, at, 4) : 0;
    at = at ? joint_blanks(scan, at, 8) : 0;
    if (!at || scan->text[at - 1] != ']') return;
    at = joint_digits_before(scan, at - 1, 3);
    at = at && scan->text[at - 1] == '[' ? joint_blanks(scan, at - 1, 24) : 0;
    start = at ? joint_key(scan, at) : at;
    stop = start < at ? joint_text(scan, quote + 1, '"') : 0;
    if (stop) joint_judge(scan, key_rule(scan, start, at), quote + 1, stop, true);
}

/* Behind ` word=` and its value of letters, digits, `_` and with `hyphens` also `-`, of one to `most` bytes; the place itself when it does
 * not stand there. */
static uint32_t joint_option(const cf_scan *scan, uint32_t at, const char *word, uint32_t most, bool hyphens) {
    uint32_t size = (uint32_t)strlen(word), start = at + size, end = start;
    if (!cf_stands(scan, at, word, size)) return at;
    while (end - start <= most && (cf_is_word(cf_at(scan, end)) || (hyphens && cf_at(scan, end) == '-'))) end++;
    return end > start && end - start <= most && cf_at(scan, end) == ' ' ? end : at;
}

/* AVP: t=User-Name(1) l=8 val=…: the key ends at a place, before a bracket. */
static void joint_dissected(cf_scan *scan, uint32_t end) {
    uint32_t start, stop;
    cf_looks(scan);
    uint32_t at = joint_digits(scan, end + 1, 6);
    if (!at || !cf_stands(scan, at, ") l=", 4)) return;
    at = joint_digits(scan, at + 4, 6);
    if (!at) return;
    at = joint_option(scan, at, " f=", 8, true);
    at = joint_option(scan, at, " vnd=", 16, false);
    if (!cf_stands(scan, at, " val=", 5)) return;
    at += 5;
    start = joint_key(scan, end);
    for (stop = at; stop < scan->size && stop - at < JOINT_VALUE && scan->text[stop] != '\r' && scan->text[stop] != '\n';) stop++;
    if (stop > at && start < end) joint_judge(scan, key_rule(scan, start, end), at, stop, true);
}

/* Whether a setter sets no value of a person: who owns it, a text with a place for one, a label. */
static bool joint_unset(const cf_scan *scan, uint32_t key, uint32_t key_end, uint32_t start, uint32_t end) {
    uint32_t size = key_end - key;
    if (scan->text[end - 1] == ':') return true;
    if ((size == 5 && cf_stands_folded(scan, key, "owner", 5)) || (size == 7 && cf_stands_folded(scan, key, "display", 7)) ||
        (size == 6 && cf_stands_folded(scan, key, "caller", 6)))
        return true;
    for (uint32_t at = start; at + 1 < end; at++)
        if (scan->text[at] == '%' && scan->text[at + 1] == 's') return true;
    return false;
}

/* setLastName("…"): the word [start, end) stands before a bracket. */
static void joint_setter(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    if (end - start < 5 || end - start > 44 || memcmp(text + start, "set", 3) != 0 || (uint8_t)(text[start + 3] - 'A') >= 26) return;
    cf_looks(scan);
    uint32_t at = joint_blank(scan, end + 1), stop;
    if (!value_quote(cf_at(scan, at))) return;
    stop = joint_text(scan, at + 1, text[at]);
    if (!stop || cf_at(scan, joint_blank(scan, stop + 1)) != ')' || joint_unset(scan, start + 3, end, at + 1, stop)) return;
    for (uint32_t i = start; i < end; i++)
        if (text[i] >= 0x80) return;
    joint_judge(scan, key_rule(scan, start + 3, end), at + 1, stop, false);
}

/* key: "…" -> "…": what a value was changed to; the arrow stands at a place. */
static void joint_changed(cf_scan *scan, uint32_t arrow) {
    const uint8_t *text = scan->text;
    uint32_t start = arrow + 4, at = arrow - 2, stop;
    if (arrow < 4 || text[arrow - 1] != ' ' || !value_quote(text[at]) || !value_quote(cf_at(scan, start - 1))) return;
    for (stop = at; at && stop - at <= JOINT_CHANGED && text[at - 1] != text[stop] && text[at - 1] != '\r' && text[at - 1] != '\n';) at--;
    if (at < 2 || stop - at > JOINT_CHANGED || text[at - 1] != text[stop]) return;
    at -= 2;
    if (at && text[at] == ' ') at--;
    if (text[at] != ':' && text[at] != '=') return;
    stop = joint_text(scan, start, text[start - 1]);
    if (!stop || stop - start > JOINT_VALUE) return;
    notation_keys keys = notation_before(scan, at, false);
    joint_judge(scan, notation_next(scan, &keys), start, stop, false);
}

static uint32_t token_at(const uint8_t *text, uint32_t size, uint32_t at);                                                     /* tokenseen.c */
static bool audit_among(const cf_scan *scan, uint32_t start, uint32_t end, const char *words, char sign);                     /* audited.c */
static bool audit_class(const cf_scan *scan, uint32_t start, uint32_t end);

/* Behind a letter, digit, `_`, `$` or one of some signs at a place before `end`, or a token; or the place itself. */
static uint32_t joint_part(const cf_scan *scan, uint32_t at, uint32_t end, const char *signs) {
    uint8_t c = at < end ? scan->text[at] : 0;
    uint32_t size = c == '<' || c == 'c' ? token_at(scan->text, end, at) : 0;
    return at + (size ? size : cf_is_word(c) || (c && strchr(signs, c)));
}

/* Whether `java.lang.String` or `com.example.User@4f3a` stands there: what something is, and no value; tokens are parts of it. */
static bool joint_object(const cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t at = end, last = start, behind;
    while (at > start && end - at < 17 && (cf_is_digit(text[at - 1]) || (uint8_t)(text[at - 1] - 'a') < 6)) at--;
    if (at < end && end - at < 17 && at > start && text[at - 1] == '@') return true;
    if ((uint8_t)(text[start] - 'a') >= 26 && !token_at(text, end, start)) return false;
    for (at = start; at < end; at = behind) {
        behind = joint_part(scan, at, end, "$.");
        if (behind == at) return false;
        if (text[at] == '.') last = behind;
    }
    return last > start && last < end && ((uint8_t)(text[last] - 'A') < 26 || token_at(text, end, last));
}

/* Whether a type stands there: Text, S, CharField, class java.lang.String, Foo<Bar>. */
static bool joint_type(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char *const heads[] = {"class ", "interface ", "enum "};
    const uint8_t *text = scan->text;
    uint32_t at = start, behind;
    if (end - start == 1) return (uint8_t)(text[start] - 'A') < 26;
    if (audit_among(scan, start, end, "|text|string|str|bytes|unicode|annotated|any|", '|') || audit_class(scan, start, end)) return true;
    for (unsigned i = 0; i < COUNT(heads) && at == start; i++)
        if (cf_stands(scan, start, heads[i], (uint32_t)strlen(heads[i]))) at += (uint32_t)strlen(heads[i]);
    bool headed = at > start && at < end, closed = false;
    for (; (behind = joint_part(scan, at, end, "$.")) > at; at = behind) {}
    if (headed || at == start || at >= end || text[at] != '<') return headed && at == end;
    for (start = ++at; (behind = joint_part(scan, at, end, "$., ?<>")) > at; at = behind) closed = behind == at + 1 && text[at] == '>';
    return at == end && closed && at > start + 1;
}

/* key=Optional[value] of Java; the bracket stands at a place. */
static void joint_optional(cf_scan *scan, uint32_t at) {
    uint32_t sign = at - 9, start = at + 1, end = start;
    if (at < 9 || !cf_ends(scan, at, "Optional", 8)) return;
    cf_looks(scan);
    if (scan->text[sign] != '=') return; /* `: Optional[str]` of Python is a type */
    while (end < scan->size && end - start <= JOINT_VALUE && scan->text[end] != '[' && scan->text[end] != ']' && scan->text[end] != '{' && !value_line_ends(scan, end)) end++;
    if (end == start || end - start > JOINT_VALUE || cf_at(scan, end) != ']' || joint_object(scan, start, end) || joint_type(scan, start, end)) return;
    notation_keys keys = notation_before(scan, sign, false);
    joint_judge_here(scan, notation_next(scan, &keys), start, end, false);
}

/* Whether a key in quotes at a place stands in what was sent, <QueryDict: {'key': …, and not among the errors of a form: up to its last
 * bracket or the end of its line. What was read for the key before is not read again. */
static bool joint_sent(cf_scan *scan, uint32_t start) {
    uint32_t least = scan->sent_read <= start ? scan->sent_read : 0, at = start;
    bool within = least && scan->sent;
    for (; at > least; at--) {
        uint8_t c = scan->text[at - 1];
        bool begun = c == '{' && scan->text[at] == '\'' && cf_ends(scan, at, "<QueryDict: {", 13);
        if (!begun && c != '\r' && c != '\n' && (c != '>' || !cf_ends(scan, at, "]}>", 3))) continue;
        within = begun;
        break;
    }
    scan->sent_read = start;
    scan->sent = within;
    return within;
}

/* 'key': ['value'] of Django, the first of a list; the key in quotes is [at, end]. */
static void joint_of_list(cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t start = joint_blank(scan, end + 2), stop;
    if (!cf_stands(scan, start, "['", 2)) return;
    stop = joint_text(scan, start += 2, '\'');
    if (!stop || (cf_at(scan, stop + 1) != ',' && cf_at(scan, stop + 1) != ']')) return;
    const cf_key_rule *rule = key_rule(scan, at + 1, end);
    if (rule && joint_sent(scan, at)) joint_judge_here(scan, rule, start, stop, true);
}

/* %3Ckey%3Evalue%3C: an element in a URL; its `%` stands at a place. */
static void joint_element(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t key = at + 3, end = key, start, stop;
    if (!cf_is_alpha(cf_at(scan, key))) return;
    while (end - key < 65 && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '.' || cf_at(scan, end) == '-')) end++;
    if (end - key < 2 || end - key > 64 || !cf_stands_folded(scan, end, "%3e", 3)) return;
    start = stop = end + 3;
    for (unsigned signs = 0; signs < 513 && stop < scan->size; signs++) {
        uint8_t c = text[stop];
        if (c == '%') {
            if (cf_stands_folded(scan, stop, "%3c", 3)) break;
            if (address_hex(cf_at(scan, stop + 1)) < 0 || address_hex(cf_at(scan, stop + 2)) < 0) return;
            stop += 3;
        } else {
            if (cf_is_space(c) || (c && strchr("<>&\"'\\", c))) return;
            stop++;
        }
        if (signs == 512) return;
    }
    if (stop > start && cf_stands_folded(scan, stop, "%3c", 3)) joint_judge(scan, key_rule(scan, key, end), start, stop, true);
}

/* Where a word of letters ends that stands before a sign and perhaps a quote, which a quote follows: behind `at` going
 * back; -1: nothing of the kind. */
static int64_t joint_back(const cf_scan *scan, int64_t at) {
    at -= cf_at(scan, at - 1) == ' ';
    if (cf_at(scan, at - 1) != '=' && cf_at(scan, at - 1) != ':') return -1;
    at--;
    at -= cf_at(scan, at - 1) == ' ';
    at -= value_quote(cf_at(scan, at - 1));
    return at;
}

/* Whether `{`, `(`, `[` or a tag's name and a blank stand before a place. */
static bool joint_opened(const cf_scan *scan, int64_t at) {
    uint8_t before = cf_at(scan, at - 1);
    bool blank = before == ' ';
    if (blank) before = cf_at(scan, --at - 1);
    if (before == '{' || before == '(' || before == '[') return true;
    int64_t end = at;
    while (end - at <= 64 && (cf_is_word(cf_at(scan, at - 1)) || (cf_at(scan, at - 1) && strchr(":.-", cf_at(scan, at - 1))))) at--;
    return blank && at < end && end - at <= 64 && cf_at(scan, at - 1) == '<';
}

/* {"value": "…", "name": "key"}: the word [word, end) `name` or `key` stands before a sign. */
static void joint_turned(cf_scan *scan, uint32_t sign, uint32_t word, uint32_t end) {
    const uint8_t *text = scan->text;
    int64_t at = word;
    uint32_t key = joint_blank(scan, sign + 1), key_end, stop, start, blanks = 0;
    if (!value_quote(cf_at(scan, key))) return;
    uint8_t first = (uint8_t)(text[word] | 32);
    if (first == 'n' ? end - word != 4 || memcmp(text + word + 1, "ame", 3) != 0
                     : end - word != 3 || first != 'k' || memcmp(text + word + 1, "ey", 2) != 0)
        return;
    uint32_t behind = joint_blank(scan, end + value_quote(cf_at(scan, end)));
    if (behind != sign) return;
    at -= value_quote(cf_at(scan, at - 1));
    while (blanks < 2 && cf_at(scan, at - 1) == ' ') at--, blanks++;
    if (cf_at(scan, at - 1) == ',' || cf_at(scan, at - 1) == ';') at--;
    else if (!blanks) return;
    if (at < 8 || !value_quote(text[at - 1])) return;
    start = stop = (uint32_t)at - 1;
    while (start && stop - start <= JOINT_VALUE && text[start - 1] != text[stop] && text[start - 1] != '\r' && text[start - 1] != '\n')
        start--;
    if (start == stop || stop - start > JOINT_VALUE || !start || text[start - 1] != text[stop]) return;
    at = joint_back(scan, (int64_t)start - 1);
    if (at < 4) return;
    if (cf_ends(scan, (uint32_t)at, "alue", 4) && (cf_at(scan, at - 5) | 32) == 'v') at -= 5;
    else if (cf_ends(scan, (uint32_t)at, "val", 3)) at -= 3;
    else return;
    at -= value_quote(cf_at(scan, at - 1));
    if (!joint_opened(scan, at)) return;
    key_end = phrase_key(scan, ++key, true);
    if (key_end && value_quote(cf_at(scan, key_end))) joint_judge(scan, key_rule(scan, key, key_end), start, stop, true);
}
