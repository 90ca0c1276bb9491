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

/* A line begins with `-[`. */
static __attribute__((noinline)) void expanded_record(cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    struct {
        const cf_key_rule *rule;
        uint32_t start, end;
        bool named, more; /* a further line of the value before */
    } fields[EXPANDED_FIELDS];
    uint32_t end = expanded_begins(scan, start), most = value_end(scan, start, TABLE_REACH), at, behind, count = 0;
    bool persons = false;
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
        persons = table_of_person(fields[count++].rule) || persons;
    }
    const cf_key_rule *person = persons ? key_known(scan, (const uint8_t *)"customer_name", 13) : NULL, *rule = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (!fields[i].more) rule = fields[i].rule ? fields[i].rule : fields[i].named ? person : NULL;
        if (rule && fields[i].start < fields[i].end) keyed_judge(scan, rule, (cf_value){fields[i].start, fields[i].end, true});
    }
}
