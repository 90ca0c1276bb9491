/* Records of Asterisk's queue_log: time, call, queue, agent, event and what belongs to it, between bars (queuelog.py of the
 * reference). */
#include "shapes.h"

#include <string.h>

enum { QUEUE_FIELD = 64 };

/* Where a field of bytes of host names begins that ends before the bar at a place; or the place. */
static uint32_t queue_field(const cf_scan *scan, uint32_t bar) {
    uint32_t start = bar;
    while (start && bar - start <= QUEUE_FIELD && cf_is_host_byte(scan->text[start - 1])) start--;
    return bar - start <= QUEUE_FIELD && start && scan->text[start - 1] == '|' ? start : bar;
}

/* `1686298927|1686298900.1185|billing|Mary Major`: the last field ends at a place. */
static void queue_agent(cf_scan *scan, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t start = end, field, digits;
    while (start && end - start <= QUEUE_FIELD && !memchr("|/<>\r\n", text[start - 1], 6)) start--;
    if (end - start < 2 || end - start > QUEUE_FIELD || !start || text[start - 1] != '|' || cf_stands(scan, start, "NONE|", 5)) return;
    field = queue_field(scan, start - 1);
    if (field == start - 1) return;
    uint32_t call = field - 1;
    for (field = call; field && call - field <= QUEUE_FIELD && cf_is_host_byte(text[field - 1]);) field--;
    if (field == call || call - field > QUEUE_FIELD || !field || text[field - 1] != '|') return;
    for (digits = --field; digits && field - digits < 11 && cf_is_digit(text[digits - 1]);) digits--;
    if (field - digits == 10 && (!digits || text[digits - 1] == '\n') && !identified_nobody(scan, start, end))
        text_login_at(scan, start, end);
}

/* The event of a record is [start, end), with bars on both sides. */
static void queue_event(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of events[] = {TEXT("CONNECT"), TEXT("COMPLETECALLER"), TEXT("COMPLETEAGENT"), TEXT("RINGNOANSWER"),
                                          TEXT("ATTENDEDTRANSFER"), TEXT("BLINDTRANSFER"), TEXT("ADDMEMBER"), TEXT("REMOVEMEMBER"),
                                          TEXT("PAUSE"), TEXT("UNPAUSE"), TEXT("AGENTLOGIN"), TEXT("AGENTLOGOFF"), TEXT("AGENTDUMP")};
    cf_looks(scan);
    if (end - start == 10 && memcmp(scan->text + start, "ENTERQUEUE", 10) == 0) {
        uint32_t number = end + 1, digits, stop;
        while (number < scan->size && number - end <= QUEUE_FIELD && !memchr("|\r\n", scan->text[number], 3)) number++;
        if (cf_at(scan, number) != '|') return;
        number++;
        digits = number + (cf_at(scan, number) == '+');
        for (stop = digits; stop - digits < 16 && cf_is_digit(cf_at(scan, stop));) stop++;
        if (stop - digits >= 7 && stop - digits <= 15 && cf_at(scan, stop) == '|')
            cf_shape(scan, number, stop, CF_BY_PHONE, cf_shape_kind(scan->rules, CF_BY_PHONE), CF_R_PHONE, CF_LEARN);
        return;
    }
    for (unsigned i = 0; i < COUNT(events); i++)
        if (end - start == events[i].size && memcmp(scan->text + start, events[i].text, events[i].size) == 0)
            return queue_agent(scan, start - 1);
}
