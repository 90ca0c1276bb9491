/* What was changed, as audits and patches in JSON tell it (joints.py of the reference): {"field": "lastName", "oldValue": "Minor",
 * "newValue": "Major"}, {"op": "replace", "path": "/lastName", "value": "Major"}. */
#include "keys.h"

#include <string.h>

enum { AUDIT_FIELDS = 4, AUDIT_NAME = 32, AUDIT_WORD = 40, AUDIT_PARTS = 6, AUDIT_PART = 64 };

/* Behind `" : "` or another sign of JSON at a place, at most a blank before and behind the colon; or 0. */
static uint32_t audit_sign(const cf_scan *scan, uint32_t at) {
    if (cf_at(scan, at) != '"') return 0;
    at = joint_blank(scan, at + 1);
    return cf_at(scan, at) == ':' ? joint_blank(scan, at + 1) : 0;
}

/* Whether the name [start, end) of a field is one of some words, whose first letter may be a capital, alone or before Value or
 * String. */
static bool audit_named(const cf_scan *scan, uint32_t start, uint32_t end, const char *const *words) {
    static const char *const behind[] = {"value", "Value", "string", "String"};
    for (unsigned i = 0; i < 4; i++) {
        uint32_t size = (uint32_t)strlen(behind[i]);
        if (end - start <= size || !cf_ends(scan, end, behind[i], size)) continue;
        end -= size;
        end -= scan->text[end - 1] == '_';
        break;
    }
    for (; *words; words++)
        if (strlen(*words) == end - start && cf_lower(scan->text[start]) == (uint8_t)**words && cf_stands(scan, start + 1, *words + 1, end - start - 1)) return true;
    return false;
}

/* The quote that ends a text of JSON which begins at a place, of at most 256 signs and escapes; or 0. */
static uint32_t audit_text(const cf_scan *scan, uint32_t at) {
    for (unsigned count = 0; count <= JOINT_VALUE && at < scan->size && !value_line_ends(scan, at); count++) {
        if (scan->text[at] == '"') return at;
        at += scan->text[at] == '\\';
        if (at >= scan->size || value_line_ends(scan, at)) return 0;
        at++;
    }
    return 0;
}

static const char *const AUDIT_WAS[] = {"old", "from", "before", "previous", "original", NULL};
static const char *const AUDIT_BECAME[] = {"new", "to", "after", "current", NULL};

/* Behind the name of a field that begins at a place with its quote, and its sign, where it is one of some words; or 0. */
static uint32_t audit_field(const cf_scan *scan, uint32_t at, const char *const *words) {
    uint32_t name = at + 1, end = name;
    if (cf_at(scan, at) != '"') return 0;
    while (end - name <= AUDIT_NAME && cf_is_word(cf_at(scan, end))) end++;
    return end > name && end - name <= AUDIT_NAME && audit_named(scan, name, end, words) ? audit_sign(scan, end) : 0;
}

/* Whether a word [start, end) in any case of letters is one of a text with blanks (or another sign) around each. */
static bool audit_among(const cf_scan *scan, uint32_t start, uint32_t end, const char *words, char sign) {
    char word[34] = {sign};
    uint32_t size = end - start;
    if (!size || size > 31) return false;
    for (uint32_t i = 0; i < size; i++) word[i + 1] = (char)cf_lower(scan->text[start + i]);
    word[size + 1] = sign;
    return strlen(word) == size + 2 && strstr(words, word) != NULL;
}

/* Whether letters are the name of a class of types: StringType, CharField. */
static bool audit_class(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t size = end - start;
    if (size < 6 || size > 29 || (uint8_t)(scan->text[start] - 'A') >= 26) return false;
    for (uint32_t at = start; at < end; at++)
        if (!cf_is_alpha(scan->text[at])) return false;
    return (size < 29 && cf_ends(scan, end, "Type", 4)) || (size > 6 && cf_ends(scan, end, "Field", 5));
}

/* Behind the word of a type or a state at a place before `end`, with `parts` also that of a part of a form; or the place itself. */
static uint32_t audit_schema_word(const cf_scan *scan, uint32_t at, uint32_t end, bool parts) {
    static const char types[] = " text string str varchar nvarchar char nchar character clob nclob blob integer int bigint smallint tinyint number numeric decimal"
                                " double float boolean bool date datetime time timestamp timestamptz uuid guid json jsonb xml enum array list map object binary"
                                " bytea serial null none nil undefined nullable not yes true false off required optional mandatory visible hidden readonly"
                                " open opened closed enabled disabled active inactive always never default public private unknown pending value build"
                                " server agent longtext mediumtext tinytext dropdown picklist checkbox plain encrypted hashed keyword wildcard sortable filterable searchable asc desc ascending descending ";
    static const char more[] = " field column label key name first last family left right center ";
    const uint8_t *text = scan->text;
    uint32_t stop = at, digits = 0;
    while (stop < end && stop - at < 30 && cf_is_alpha(text[stop])) stop++;
    if (audit_among(scan, at, stop, types, ' ') || (parts && audit_among(scan, at, stop, more, ' ')))
        while (digits < 3 && stop < end && cf_is_digit(text[stop])) stop++, digits++;
    else if (!audit_class(scan, at, stop)) return at;
    uint8_t c = stop < end ? text[stop] : 0;
    return cf_is_alnum(c) || c >= 0x80 || c == '\'' || c == '-' ? at : stop;
}

/* Behind the size of a type, (40) or (10, 2), at a place before `end`; or the place itself. */
static uint32_t audit_size(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t open = joint_blank(scan, at), stop;
    if (open >= end || scan->text[open] != '(' || !(stop = joint_digits(scan, open + 1, 5))) return at;
    if (cf_at(scan, stop) == ',' && !(stop = joint_digits(scan, joint_blank(scan, stop + 1), 3))) return at;
    if (cf_stands_folded(scan, stop, " char", 5) || cf_stands_folded(scan, stop, " byte", 5)) stop += 5;
    return stop < end && scan->text[stop] == ')' ? stop + 1 : at;
}

/* What one side of a change says. */
typedef struct {
    bool nothing, schema, sized; /* no value or a word for none; words of a schema and nothing else; first a type and its size */
} audit_side;

/* Behind a word of a schema or the tokens in its place, at a place before `end`; or the place itself. */
static uint32_t audit_bare(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t stop = audit_schema_word(scan, at, end, true), size;
    if (stop > at) return stop;
    while (stop < end && (size = token_at(scan->text, end, stop)) > 0) stop += size;
    return stop;
}

/* Behind a word that stands beside one of a type only, Short Text, at a place before `end`; or the place itself: Long is a name. */
static uint32_t audit_beside(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t stop = at;
    while (stop < end && stop - at < 7 && cf_is_alpha(scan->text[stop])) stop++;
    uint8_t c = stop < end ? scan->text[stop] : 0;
    return cf_is_alnum(c) || c >= 0x80 || c == '\'' || c == '-' || !audit_among(scan, at, stop, " short long rich single multi line box area ", ' ') ? at : stop;
}

/* Behind a capital or up to three digits before a blank or `end`, at a place; or the place itself. */
static uint32_t audit_numbered(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t stop = at;
    if (at < end && (uint8_t)(scan->text[at] - 'A') < 26) stop++;
    else
        while (stop < end && stop - at < 3 && cf_is_digit(scan->text[stop])) stop++;
    return stop == end || scan->text[stop] == ' ' ? stop : at;
}

/* What a side says; a token counts as a word of a schema, so that what was left beside a word is left beside its token, too. */
static audit_side audit_says(cf_scan *scan, cf_value side) {
    static const char nothing[] = "|null|none|nil|undefined|unknown|pending|default|empty|blank|unset|missing|yes|true|false|off|n/a|";
    static const char not[] = "|set|available|specified|known|given|provided|applicable|assigned|defined|null|present|";
    audit_side says = {side.end <= side.start, false, false};
    if (says.nothing) return says;
    uint32_t at = side.start;
    if (cf_stands_folded(scan, at, "not ", 4)) {
        at += cf_stands_folded(scan, at + 4, "yet ", 4) ? 8 : 4;
        says.nothing = at < side.end && audit_among(scan, at, side.end, not, '|');
    } else says.nothing = audit_among(scan, at, side.end, nothing, '|');
    at = side.start;
    bool typed = false;
    for (unsigned count = 0; count < 4; count++) {
        uint32_t end = audit_bare(scan, at, side.end);
        uint32_t sized = end > at ? audit_size(scan, end, side.end) : end;
        if (!count) says.sized = sized > end;
        typed = typed || end > at;
        end = end > at ? sized : audit_beside(scan, at, side.end);
        if (end == at && count) end = audit_numbered(scan, at, side.end);
        if (end == at || (end < side.end && scan->text[end] != ' ')) break;
        if (end == side.end) {
            says.schema = typed;
            break;
        }
        at = end + 1;
    }
    says.schema = says.schema || (word_key(scan, side.start, side.end) && key_rule(scan, side.start, side.end));
    return says;
}

/* Whether a field [start, end) tells what another one was or is, and behind its sign the word of a type or a state stands. */
static bool audit_changes_schema(const cf_scan *scan, uint32_t start, uint32_t end, uint32_t value) {
    if (!audit_named(scan, start, end, AUDIT_WAS) && !audit_named(scan, start, end, AUDIT_BECAME)) return false;
    value += value_quote(cf_at(scan, value));
    return audit_schema_word(scan, value, scan->size, false) > value;
}

/* Whether the key that ends at a place names what something is shown as: displayName, display_name. */
static bool audit_shown(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t left = 11;
    for (; end > start && left; end--)
        if (scan->text[end - 1] != '_' && cf_lower(scan->text[end - 1]) != (uint8_t)"displayname"[--left]) return false;
    return !left;
}

/* Judges what a field [key, stop) was and is; words alone, and what something is shown as, are not learned as names of people. */
static void audit_judge(cf_scan *scan, const cf_key_rule *rule, uint32_t key, uint32_t stop, const cf_value *sides, bool below) {
    bool shown = audit_shown(scan, key, stop), named = below && rule->kind == CF_NAME; /* {"lastName": {"from": "last_nm", "to": "nm"}} tells columns */
    const audit_side says[] = {audit_says(scan, sides[0]), audit_says(scan, sides[1])};
    if (says[0].sized || says[1].sized || ((says[0].nothing || says[0].schema) && (says[1].nothing || says[1].schema))) return;
    for (unsigned i = 0; i < 2; i++) {
        uint32_t start = sides[i].start, end = sides[i].end;
        if (says[i].nothing || (named && !needs_words(scan, start, end))) continue;
        if (!shown && memchr(scan->text + start, ' ', end - start)) joint_judge(scan, rule, start, end, true);
        else joint_judge_here(scan, rule, start, end, true);
    }
}

/* "lastName": {"old": "Minor", "new": "Major"}; the key [key, end) stands between quotes. */
static __attribute__((noinline)) void audit_below(cf_scan *scan, uint32_t key, uint32_t end) {
    uint32_t at = audit_sign(scan, end), was = 0, was_end = 0, became, stop;
    if (!at || cf_at(scan, at) != '{') return;
    at = audit_field(scan, joint_blank(scan, at + 1), AUDIT_WAS);
    if (!at) return;
    if (cf_at(scan, at) == '"') {
        was = at + 1;
        was_end = audit_text(scan, was);
        if (!was_end) return;
        at = was_end + 1;
    } else {
        for (stop = at; stop - at <= AUDIT_NAME && (cf_is_word(cf_at(scan, stop)) || cf_at(scan, stop) == '.' || cf_at(scan, stop) == '-');) stop++;
        if (stop == at || stop - at > AUDIT_NAME) return;
        at = stop;
    }
    if (cf_at(scan, at) != ',') return;
    became = audit_field(scan, joint_blank(scan, at + 1), AUDIT_BECAME);
    if (!became) return;
    const cf_key_rule *rule = key_rule(scan, key, end);
    if (!rule) return;
    stop = cf_at(scan, became) == '"' ? audit_text(scan, became + 1) : 0;
    const cf_value sides[2] = {{was, was_end, true}, {became + 1, stop ? stop : became + 1, true}};
    audit_judge(scan, rule, key, end, sides, true);
}

/* The values among the next fields, behind the quote of the key at a place: what the field was and is. */
static void audit_fields(const cf_scan *scan, uint32_t at, bool patch, cf_value *sides) {
    bool told[2] = {patch, false};
    for (unsigned field = 0; field < AUDIT_FIELDS && !(told[0] && told[1]); field++) {
        uint32_t name = joint_blank(scan, at + 1) + 1, end = name, value, stop;
        if (cf_at(scan, at) != ',' || cf_at(scan, (int64_t)name - 1) != '"') return;
        while (end - name <= AUDIT_NAME && cf_is_word(cf_at(scan, end))) end++;
        value = end > name && end - name <= AUDIT_NAME ? audit_sign(scan, end) : 0;
        if (!value) return;
        if (cf_at(scan, value) == '"') {
            stop = audit_text(scan, ++value);
            if (!stop) return;
            bool of_patch = patch && end - name == 5 && cf_stands(scan, name, "value", 5);
            bool first = !patch && audit_named(scan, name, end, AUDIT_WAS), second = of_patch || (!patch && audit_named(scan, name, end, AUDIT_BECAME));
            if (stop > value && ((first && !told[0]) || (second && !told[1]))) {
                told[second] = true;
                sides[second] = (cf_value){value, stop, true};
            }
            at = stop + 1;
        } else {
            for (stop = value; stop - value <= AUDIT_NAME && (cf_is_word(cf_at(scan, stop)) || cf_at(scan, stop) == '.' || cf_at(scan, stop) == '-');) stop++;
            if (stop == value || stop - value > AUDIT_NAME) return;
            at = stop;
        }
    }
}

/* Behind the parts of a path before its last, /customer/lastName. */
static uint32_t audit_path(const cf_scan *scan, uint32_t at) {
    at += cf_at(scan, at) == '/';
    for (unsigned part = 0; part < AUDIT_PARTS; part++) {
        uint32_t end = at;
        while (end - at <= AUDIT_PART && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '-')) end++;
        if (end == at || end - at > AUDIT_PART || cf_at(scan, end) != '/') break;
        at = end + 1;
    }
    return at;
}

/* "field": "lastName", …; the colon stands at a place. */
static void audit_told(cf_scan *scan, uint32_t sign) {
    static const char *const heads[] = {"name", "key", "field", "property", "attribute", "column"};
    const uint8_t *text = scan->text;
    uint32_t end = sign - (sign && text[sign - 1] == ' '), word, key, stop;
    if (end < 5 || text[--end] != '"' || !strchr("eydnhEYDNH", text[end - 1])) return;
    key = joint_blank(scan, sign + 1);
    if (cf_at(scan, key++) != '"') return;
    for (word = end; word && end - word <= AUDIT_WORD && cf_is_word(text[word - 1]);) word--;
    if (!word || text[word - 1] != '"' || end - word > AUDIT_WORD) return;
    bool patch = end - word == 4 && cf_stands(scan, word, "path", 4), head = patch;
    for (unsigned i = 0; i < sizeof heads / sizeof *heads && !head; i++) {
        uint32_t size = (uint32_t)strlen(heads[i]);
        head = end - word >= size && cf_stands_folded(scan, end - size, heads[i], size);
    }
    if (!head) return;
    if (patch) key = audit_path(scan, key);
    uint8_t c = cf_at(scan, key);
    if (!cf_is_alpha(c) && c != '_' && (patch || c < 0x80)) return;
    for (stop = key + 1; stop - key <= 64; stop++) {
        c = cf_at(scan, stop);
        if (!cf_is_word(c) && c != '.' && c != '-' && (patch || c < 0x80)) break;
    }
    if (stop - key > 64 || cf_at(scan, stop) != '"' || cf_at(scan, stop + 1) != ',') return;
    const cf_key_rule *rule = key_rule(scan, key, stop);
    if (!rule) return;
    cf_value sides[2] = {{0, 0, true}, {0, 0, true}};
    audit_fields(scan, stop + 1, patch, sides);
    if (!patch) audit_judge(scan, rule, key, stop, sides, false);
    else if (sides[1].end > sides[1].start) joint_judge(scan, rule, sides[1].start, sides[1].end, false);
}
