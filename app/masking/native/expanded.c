/* Records that psql shows expanded (expanded.py of the reference): -[ RECORD 1 ]--- and `last_name | Major` below it. */
#include "keys.h"

#include <string.h>

enum { EXPANDED_FIELDS = 128, EXPANDED_BAR = 128, EXPANDED_LABEL = 63, EXPANDED_RULE = 256, EXPANDED_VALUE = 1024 };

static bool expanded_label(const uint8_t *text, uint32_t size) {
    if (size > EXPANDED_LABEL || !table_letter(text[0])) return false;
    for (uint32_t at = 1; at < size; at++)
        if (!(cf_class[text[at]] & CF_WORD) && text[at] != ' ' && text[at] != '.' && text[at] != '-') return false;
    return true;
}

/* Behind `-[ RECORD 1 ]---+---` at a place, where its line ends; or 0. */
static uint32_t expanded_begins(const cf_scan *scan, uint32_t start) {
    uint32_t at = start + 10, from = at;
    if (!cf_stands(scan, start, "-[ RECORD ", 10)) return 0;
    while (at - from < 9 && cf_is_digit(cf_at(scan, at))) at++;
    if (at == from || !cf_stands(scan, at, " ]", 2)) return 0;
    for (from = at += 2; at - from <= EXPANDED_RULE && (cf_at(scan, at) == '-' || cf_at(scan, at) == '+');) at++;
    if (at - from > EXPANDED_RULE) return 0;
    return at + (cf_at(scan, at) == '\r') >= scan->size || scan->text[at + (scan->text[at] == '\r')] == '\n' ? at : 0;
}

/* Whether a column is that of what psql lists itself (\\dt, \\l): a bare name beside it is that of a table or a database. */
static bool expanded_of_list(const uint8_t *text, uint32_t size) {
    return (size == 6 && memcmp(text, "Schema", 6) == 0) || (size == 5 && memcmp(text, "Owner", 5) == 0);
}

/* Whether a column is that of nobody but a person, and of no thing that has a name, too. */
static bool expanded_of_person(const cf_scan *scan, const cf_key_rule *rule, uint32_t at, uint32_t end) {
    static const char *const sorts[] = {"last", "first", "middle", "full", "given", "family", "sur", "birth", "maiden"};
    if (rule->kind == CF_TEL || rule->kind == CF_MAIL || rule->kind == CF_BIRTH) return true;
    for (unsigned i = 0; i < COUNT(sorts); i++) {
        uint32_t size = (uint32_t)strlen(sorts[i]), sign = at + size;
        if (end - at < size + 4 || end - at > size + 5 || !cf_stands_folded(scan, at, sorts[i], size)) continue;
        if (end - at == size + 5 && !strchr(" _.-", scan->text[sign])) continue;
        if (cf_stands_folded(scan, end - 4, "name", 4)) return true;
    }
    return false;
}

/* A line begins with `-[`. */
static __attribute__((noinline)) void expanded_record(cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    struct {
        const cf_key_rule *rule;
        uint32_t start, end, label, sign;
        bool named, listed, more; /* a further line of the value before */
    } fields[EXPANDED_FIELDS];
    uint32_t end = expanded_begins(scan, start), most = value_end(scan, start, TABLE_REACH), at, behind, count = 0, of = 0;
    bool listed = false, person = false;
    if (!end) return;
    cf_crosses(scan);
    if (end > most) return;
    table_line_end(scan, end, most, &at);
    for (; count < EXPANDED_FIELDS && at < most; at = behind) {
        end = table_line_end(scan, at, most, &behind);
        const uint8_t *bar = memchr(text + at, '|', end - at < EXPANDED_BAR ? end - at : EXPANDED_BAR);
        if (!bar || (behind > most && most < scan->size)) break; /* none, or it goes on */
        uint32_t sign = (uint32_t)(bar - text), label = sign, value = sign + 2 < end ? sign + 2 : end, last = end - value > EXPANDED_VALUE ? value : end;
        while (label > at && text[label - 1] == ' ') label--;
        if ((label > at && !expanded_label(text + at, label - at)) || (sign + 1 < end && text[sign + 1] != ' ')) break;
        while (last > value && text[last - 1] == ' ') last--;
        if (label == at && count && fields[count - 1].end > fields[count - 1].start && text[fields[count - 1].end - 1] == '+') { /* it says so */
            fields[count - 1].end--;
            while (fields[count - 1].end > fields[count - 1].start && text[fields[count - 1].end - 1] == ' ') fields[count - 1].end--;
        }
        fields[count].rule = label > at ? key_known(scan, text + at, label - at) : NULL;
        fields[count].named = label > at && table_named(text + at, label - at);
        fields[count].more = label == at;
        fields[count].start = value;
        fields[count].end = last;
        fields[count].label = at;
        fields[count++].sign = label;
        fields[count - 1].listed = expanded_of_list(text + at, label - at);
        listed = listed || fields[count - 1].listed;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!fields[i].more) of = i;
        const cf_key_rule *rule = fields[of].rule;
        if (!rule || fields[of].listed || fields[i].start >= fields[i].end || !keyed_judge(scan, rule, (cf_value){fields[i].start, fields[i].end, true})) continue;
        person = person || expanded_of_person(scan, rule, fields[of].label, fields[of].sign);
    }
    const cf_key_rule *customer = person && !listed ? key_known(scan, (const uint8_t *)"customer_name", 13) : NULL;
    for (uint32_t i = of = 0; person && i < count; i++) { /* beside what tells that they are those of persons */
        if (!fields[i].more) of = i;
        const cf_key_rule *rule = fields[of].listed ? fields[of].rule : fields[of].named && !fields[of].rule ? customer : NULL;
        if (rule && fields[i].start < fields[i].end) keyed_judge(scan, rule, (cf_value){fields[i].start, fields[i].end, true});
    }
}
