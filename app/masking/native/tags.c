/* Keys and values in XML: elements, attributes with a name and a value, and pairs of elements. */
#include "keys.h"

#include <string.h>

enum { TAG_KEY = 64 };

/* Bytes other than <, > and line ends. */
static uint32_t tag_inside(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = value_end(scan, at, most);
    while (at < end && scan->text[at] != '>' && !value_text_ends(scan, at)) at++;
    return at;
}

/* Whether a token of masking stands where a name with a prefix does. */
static bool tag_of_token(const cf_scan *scan, uint32_t prefix, uint32_t key) {
    uint32_t size = key - prefix - 1, hex = 0;
    if (key == prefix || size < 2 || size > 7) return false;
    for (uint32_t at = prefix; at < prefix + size; at++)
        if ((uint8_t)(scan->text[at] - 'A') >= 26) return false;
    while (hex < 16 && (cf_is_digit(cf_at(scan, key + hex)) || (uint8_t)(cf_at(scan, key + hex) - 'a') < 6)) hex++;
    return hex == 16;
}

/* The text of an element at a place, or <![CDATA[text; false when there is none. */
static bool tag_text(cf_scan *scan, uint32_t at, cf_value *value) {
    if (!cf_stands(scan, at, "<![CDATA[", 9)) return value_text(scan, at, value);
    uint32_t most = value_end(scan, at + 9, VALUE_LONGEST_TEXT);
    *value = (cf_value){at + 9, value_next(scan, CF_KNOWN_CDATA, at + 9, most, value_cdata_ends), true};
    return value->end > value->start;
}

/* Whether the element whose `<` stands at a place is closed in its line: <phone>1234</phone>. */
static bool tag_closed(const cf_scan *scan, uint32_t at) {
    uint32_t name = at + 1, text;
    while (name - at - 1 < 256 && name < scan->size && scan->text[name] != '<' && scan->text[name] != '>' && !value_line_ends(scan, name))
        name++;
    if (cf_at(scan, name) != '>') return false;
    text = name + 1;
    while (text - name - 1 < VALUE_LONGEST_TEXT && text < scan->size && scan->text[text] != '<' && !value_line_ends(scan, text)) text++;
    return cf_at(scan, text) == '<' && cf_at(scan, (int64_t)text + 1) == '/';
}

/* Whether the line that ends at a place goes on with </ in the next one. */
static bool tag_closed_below(cf_scan *scan, uint32_t end) {
    cf_crosses(scan);
    end += cf_at(scan, end) == '\r' && cf_at(scan, (int64_t)end + 1) == '\n';
    if (cf_at(scan, end) != '\n') return false;
    uint32_t at = end + 1;
    while (at - end - 1 < 64 && (cf_at(scan, at) == ' ' || cf_at(scan, at) == '\t')) at++;
    return cf_at(scan, at) == '<' && cf_at(scan, (int64_t)at + 1) == '/';
}

/* Whether blanks and a text stand behind an element that nothing closes: expects <name> and <value>, --user <name>  who runs it.
 * One word that has a digit, or ends its line, may be a value, and so may what stands before an element that is closed. */
static bool tag_prose(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint8_t first = text[start], second = cf_at(scan, (int64_t)start + 1);
    uint32_t word = start, behind;
    bool digit = false;
    if (first != ' ' && first != '\t') return false;
    while (word < end && (text[word] == ' ' || text[word] == '\t')) word++;
    for (behind = word; behind < end && text[behind] != ' ' && text[behind] != '\t'; behind++) digit = digit || cf_is_digit(text[behind]);
    while (behind < end && (text[behind] == ' ' || text[behind] == '\t')) behind++;
    bool alone = behind == end;
    if (cf_at(scan, end) == '<') return cf_at(scan, (int64_t)end + 1) != '/' && !(alone && digit) && !tag_closed(scan, end);
    if (alone || (end < scan->size && !value_line_ends(scan, end))) return false;
    return (first == '\t' || second == ' ' || second == '\t') && !tag_closed_below(scan, end);
}

/* <key>value, <ns:key attributes>value, <key><![CDATA[value */
static void tag_element(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t key = at + 1, end = key, start = at;
    cf_value value;
    uint8_t c = cf_at(scan, key);
    if (cf_at(scan, (int64_t)at - 1) == '=') return; /* user=<mary>, method=PLAIN */
    if (!cf_is_word(c) && c < 0x80 && c != '-') return;
    while (end - key < 20 && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '-')) end++;
    if (end > key && cf_at(scan, end) == ':') key = end + 1;
    if (key > at + 1 && tag_of_token(scan, at + 1, key)) return;
    if (!(cf_key_bytes[cf_at(scan, key)] & CF_LETTER)) return;
    for (end = key + 1; end - key <= TAG_KEY; end++) {
        c = cf_at(scan, end);
        if (!(cf_class[c] & CF_WORD) && c != '.' && c != '-') break;
    }
    if (end - key < 2 || end - key > TAG_KEY || (cf_at(scan, end) != '>' && !cf_is_space(cf_at(scan, end)))) return;
    c = cf_at(scan, (int64_t)end + 1);
    if (text[end] == '>' && cf_is_word(cf_at(scan, (int64_t)at - 1)) && (cf_is_space(c) || (c && strchr(")>,;&*({[", c))))
        return; /* List<User> users */
    if (start < scan->taken[CF_N_TAG]) return;
    const cf_key_rule *rule = key_rule(scan, key, end);
    if (!rule) return;
    if (text[end] == '\n') cf_crosses(scan);
    if (text[end] != '>') end = tag_inside(scan, end + 1, 512);
    if (cf_at(scan, end++) != '>') return;
    uint32_t line = end + (cf_at(scan, end) == '\r');
    if (cf_at(scan, line) == '\n') {
        cf_crosses(scan);
        uint32_t blanks = value_skip_blanks(scan, line + 1, 64);
        if (blanks > line + 1) end = blanks;
    }
    if (!tag_text(scan, end, &value)) return;
    if (tag_prose(scan, value.start, value.end)) return;
    keyed_value(scan, CF_N_TAG, rule, value);
}

/* Whether `<CfgHost …>` and blanks end at a place. */
static bool tag_of_host(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t blanks = at, inner, open;
    cf_crosses(scan);
    while (blanks && at - blanks < 64 && cf_is_space(text[blanks - 1])) blanks--;
    if (!blanks || text[blanks - 1] != '>') return false;
    for (open = inner = blanks - 1; open && inner - open < 210 && text[open - 1] != '<' && text[open - 1] != '>';) open--;
    if (!open || text[open - 1] != '<' || inner - open < 7 || inner - open > 207 || memcmp(text + open, "CfgHost", 7) != 0) return false;
    return text[open + 7] == '>' || cf_is_space(text[open + 7]);
}

/* <key value="value"/> */
static void tag_valued(cf_scan *scan, uint32_t at) {
    uint32_t key = at + 1, end = key;
    if (!cf_is_alpha(cf_at(scan, key)) || at < scan->taken[CF_N_VALUED]) return;
    while (end - key <= TAG_KEY && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '.' || cf_at(scan, end) == '-')) end++;
    if (end - key < 2 || end - key > TAG_KEY || !cf_stands(scan, end, " value=", 7) || !value_quote(cf_at(scan, (int64_t)end + 7))) return;
    const cf_key_rule *rule = key_rule(scan, key, end);
    if (!rule && end - key == 4 && memcmp(scan->text + key, "name", 4) == 0 && tag_of_host(scan, at))
        rule = key_known(scan, (const uint8_t *)"Host_name", 9);
    if (rule) keyed_value(scan, CF_N_VALUED, rule, value_quoted(scan, end + 7));
}

/* A key of attributes, with blanks in it, or of pairs; its end, or 0. */
static uint32_t tag_key(const cf_scan *scan, uint32_t start, bool blanks) {
    uint32_t end = start;
    if (!(cf_key_bytes[cf_at(scan, start)] & CF_LETTER) && cf_at(scan, start) != '_') return 0;
    while (end - start <= TAG_KEY) {
        uint8_t c = cf_at(scan, end);
        if (!(cf_class[c] & CF_WORD) && c != '.' && c != ':' && c != '-' && !(blanks && c == ' ')) break;
        end++;
    }
    return end - start <= TAG_KEY ? end : 0;
}

/* Where a word ends that attributes with a name begin with; its start, or -1. */
static int64_t tag_name_before(const cf_scan *scan, uint32_t equals) {
    static const struct {
        const char *text;
        uint32_t size;
    } words[] = {{"name", 4},     {"Name", 4},  {"key", 3},   {"id", 2},  {"attr", 4},
                 {"location", 8}, {"param", 5}, {"field", 5}, {"var", 3}, {"interpret-as", 12}};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (cf_ends(scan, equals, words[i].text, words[i].size)) return (int64_t)equals - words[i].size;
    return -1;
}

/* The quote of value="…", expr='…' or val=… behind other attributes; 0 when there is none. */
static uint32_t tag_value_quote(cf_scan *scan, uint32_t at) {
    uint32_t end = tag_inside(scan, at, 128);
    for (; at <= end && at < scan->size; at++) {
        if (!cf_is_space(scan->text[at])) continue;
        if (value_line_ends(scan, at)) cf_crosses(scan);
        uint32_t name = at + 1, size = cf_stands(scan, name, "value=", 6) ? 6 : cf_stands(scan, name, "expr=", 5) ? 5 : 4;
        if (size == 4 && !cf_stands(scan, name, "val=", 4)) continue;
        if (value_quote(cf_at(scan, name + size))) return name + size;
    }
    return 0;
}

/* The tag of the value's own element behind blanks: where it ends, or the place itself. */
static uint32_t tag_opened(cf_scan *scan, uint32_t at) {
    cf_crosses(scan);
    uint32_t open = value_skip_spaces(scan, at, 64), end;
    uint8_t next = cf_at(scan, open + 1);
    if (cf_at(scan, open) != '<' || next == '/' || next == '!') return at;
    end = tag_inside(scan, open + 1, 128);
    return end > open + 1 && cf_at(scan, end) == '>' ? end + 1 : at;
}

/* Behind the line that holds a place, or 0. */
static uint32_t tag_next_line(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t start = at;
    while (at < scan->size && at - start <= most && !value_line_ends(scan, at)) at++;
    if (at - start > most) return 0;
    at += cf_at(scan, at) == '\r';
    return cf_at(scan, at) == '\n' ? at + 1 : 0;
}

/* Content-Disposition: form-data; name="key", an empty line, and the value. */
static void tag_form(cf_scan *scan, uint32_t equals) {
    uint32_t key = equals + 2, end = tag_key(scan, key, true), start = equals - 15, at;
    if (scan->text[equals + 1] != '"' || !end || cf_at(scan, end) != '"' || start < scan->taken[CF_N_FORM]) return;
    const cf_key_rule *rule = key_rule(scan, key, end);
    at = rule ? tag_next_line(scan, end + 1, 256) : 0;
    if (!at) return;
    cf_crosses(scan);
    for (unsigned more = 0; more < 3; more++) {
        uint32_t word = at;
        while (word - at < 64 && (cf_is_alpha(cf_at(scan, word)) || cf_at(scan, word) == '-')) word++;
        if (word == at || cf_at(scan, word) != ':') break;
        if (!(word = tag_next_line(scan, word + 1, 256))) return;
        at = word;
    }
    at += cf_at(scan, at) == '\r';
    if (cf_at(scan, at) != '\n') return;
    uint32_t value = ++at, most = value < scan->size ? value_end(scan, value, 4096) : value;
    while (at < most && !value_line_ends(scan, at)) at++;
    if (at > value) keyed_value(scan, CF_N_FORM, rule, (cf_value){value, at, true});
}

/* name="key" value="…", id='key' expr="…", name="key">value, name="key"><value>… */
static void tag_named(cf_scan *scan, uint32_t equals) {
    if (cf_ends(scan, equals, "form-data; name", 15)) tag_form(scan, equals);
    int64_t start = tag_name_before(scan, equals);
    uint32_t key = equals + 2, end = start < 0 ? 0 : tag_key(scan, key, true), quote;
    cf_value value;
    if (!end || !value_quote(cf_at(scan, end)) || start < (int64_t)scan->taken[CF_N_NAMED]) return;
    const cf_key_rule *rule = key_rule(scan, key, end);
    if (!rule) return;
    quote = tag_value_quote(scan, ++end);
    if (quote) {
        keyed_value(scan, CF_N_NAMED, rule, value_quoted(scan, quote));
        return;
    }
    end = tag_inside(scan, end, 256);
    if (cf_at(scan, end) == '>' && tag_text(scan, tag_opened(scan, end + 1), &value))
        keyed_value(scan, CF_N_NAMED, rule, value);
}

/* Behind the prefix of a name with one; the place itself for one without. */
static uint32_t tag_unprefixed(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end - at < 21 && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '-')) end++;
    return end > at && end - at < 21 && cf_at(scan, end) == ':' ? end + 1 : at;
}

/* <name>key</name><value>value, <key>key</key> <value>value */
static void tag_pair(cf_scan *scan, uint32_t at) {
    uint32_t name = tag_unprefixed(scan, at + 1), key, end, start = at;
    cf_value value;
    if (cf_stands(scan, name, "name>", 5) || cf_stands(scan, name, "Name>", 5)) key = name + 5;
    else if (cf_stands(scan, name, "key>", 4) || cf_stands(scan, name, "Key>", 4)) key = name + 4;
    else return;
    end = tag_key(scan, key, false);
    if (!end || !cf_stands(scan, end, "</", 2) || start < scan->taken[CF_N_PAIR]) return;
    const cf_key_rule *rule = key_rule(scan, key, end);
    if (!rule) return;
    name = tag_unprefixed(scan, end + 2);
    for (at = name; at - name < 8 && cf_is_word(cf_at(scan, at));) at++;
    if (at == name || cf_at(scan, at) != '>') return;
    end = tag_opened(scan, ++at);
    uint32_t inner = end + 1;
    while (inner - end < 9 && (uint8_t)(cf_at(scan, inner) - 'A') < 26) inner++;
    bool token = cf_at(scan, inner) == ':' && tag_of_token(scan, end + 1, inner + 1);
    if (end > at && cf_at(scan, end) == '<' && !token) end = tag_opened(scan, end); /* <value><string> */
    if (end > at && value_text(scan, end, &value)) keyed_value(scan, CF_N_PAIR, rule, value);
}

/* expression='key = …' result='value' */
static void tag_expression(cf_scan *scan, uint32_t equals) {
    const uint8_t *text = scan->text;
    uint32_t key = equals + 2, end = key, start = equals - 10, sign;
    if (text[equals + 1] != '\'' || !cf_ends(scan, equals, "expression", 10) || start < scan->taken[CF_HEAD_EXPRESSION]) return;
    while (end - key < 81) {
        uint8_t c = cf_at(scan, end);
        if (!(cf_class[c] & CF_WORD) && c != '.' && c != '$' && c != '[' && c != ']' && c != '-') break;
        end++;
    }
    if (end == key || end - key > 80) return;
    sign = value_skip_spaces(scan, end, 4);
    if (cf_at(scan, end) != '\'' && (cf_at(scan, sign) != '=' || cf_at(scan, sign + 1) == '=')) return;
    scan->taken[CF_HEAD_EXPRESSION] = end;
    if (start < scan->taken[CF_N_EXPRESSION]) return;
    const cf_key_rule *rule = key_rule(scan, key, end);
    if (!rule) return;
    uint32_t quote = end, most = value_end(scan, end, 2048), at;
    while (quote < most && text[quote] != '\'' && !value_line_ends(scan, quote)) quote++;
    if (cf_at(scan, quote) != '\'') return;
    at = value_skip_blanks(scan, quote + 1, 8);
    if (at > quote + 1 && cf_stands(scan, at, "result='", 8))
        keyed_value(scan, CF_N_EXPRESSION, rule, value_quoted(scan, at + 7));
}
