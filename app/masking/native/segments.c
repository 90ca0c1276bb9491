/* Values by their place in records of persons: segments of HL7, and visiting cards (segments.py of the reference). */
#include "keys.h"

#include <string.h>

enum { SEGMENT_LONGEST = 2048, SEGMENT_FIELDS = 48, CARD_LONGEST = 1024, CARD_BACK = 512 };

/* The key a field's values would have, and which components are values: bit by bit, from 1 on. */
enum { SEGMENT_ID = 1, SEGMENT_NAME, SEGMENT_BIRTH, SEGMENT_ADDRESS, SEGMENT_PHONE, SEGMENT_SSN, SEGMENT_DOCTOR };
static const struct {
    const char *key;
    uint32_t parts;
} segment_meanings[] = {{NULL, 0},
                        {"patient_id", 1u << 1},
                        {"patient_name", 1u << 1 | 1u << 2 | 1u << 3},
                        {"birth_date", 1u << 1},
                        {"home_address", 1u << 1 | 1u << 3 | 1u << 5},
                        {"phone_number", 1u << 1},
                        {"ssn", 1u << 1},
                        {"patient_name", 1u << 2 | 1u << 3 | 1u << 4}};

static const struct {
    const char *name;
    uint8_t fields[SEGMENT_FIELDS];
} segment_kinds[] = {
    {"PID", {[2] = SEGMENT_ID, [3] = SEGMENT_ID, [4] = SEGMENT_ID, [18] = SEGMENT_ID, [20] = SEGMENT_ID, [21] = SEGMENT_ID,
             [5] = SEGMENT_NAME, [6] = SEGMENT_NAME, [9] = SEGMENT_NAME, [7] = SEGMENT_BIRTH, [11] = SEGMENT_ADDRESS,
             [13] = SEGMENT_PHONE, [14] = SEGMENT_PHONE, [19] = SEGMENT_SSN}},
    {"NK1", {[2] = SEGMENT_NAME, [4] = SEGMENT_ADDRESS, [5] = SEGMENT_PHONE, [6] = SEGMENT_PHONE}},
    {"GT1", {[3] = SEGMENT_NAME, [5] = SEGMENT_ADDRESS, [6] = SEGMENT_PHONE, [7] = SEGMENT_PHONE, [8] = SEGMENT_BIRTH, [12] = SEGMENT_SSN}},
    {"IN1", {[16] = SEGMENT_NAME, [18] = SEGMENT_BIRTH, [19] = SEGMENT_ADDRESS, [36] = SEGMENT_ID}},
    {"PV1", {[7] = SEGMENT_DOCTOR, [8] = SEGMENT_DOCTOR, [9] = SEGMENT_DOCTOR, [17] = SEGMENT_DOCTOR}}};

static const cf_key_rule *segment_rule(const cf_scan *scan, const char *key) {
    return key_known(scan, (const uint8_t *)key, (uint32_t)strlen(key));
}

/* Judges components of a field; `~` begins it anew. */
static void segment_field(cf_scan *scan, unsigned meaning, uint32_t at, uint32_t end) {
    const uint8_t *text = scan->text;
    const cf_key_rule *rule = segment_rule(scan, segment_meanings[meaning].key);
    for (uint32_t part = 1; rule; at++) {
        uint32_t start = at;
        while (at < end && text[at] != '^' && text[at] != '~') at++;
        if (part < 32 && segment_meanings[meaning].parts >> part & 1) keyed_judge(scan, rule, (cf_value){start, at, true});
        if (at >= end) return;
        part = text[at] == '~' ? 1 : part + 1;
    }
}

static bool segment_ends(const cf_scan *scan, uint32_t at) {
    uint8_t c = scan->text[at], next = cf_at(scan, at + 1);
    if (c == '\r' || c == '\n') return true;
    if (c == '\\') return next == 'r' || next == 'n';
    return c == '"' && next != '"' && scan->text[at - 1] != '"';
}

/* PID|1||4711^^^A||MAJOR^MARY||19610615|…: the word [start, end) stands before a bar. */
static void segment_word(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    unsigned kind = 0, field = 1;
    if (end - start == 4) {
        if (cf_at(scan, (int64_t)start - 1) != '\\' || (text[start] != 'r' && text[start] != 'n')) return;
        start++;
    }
    while (kind < 5 && memcmp(text + start, segment_kinds[kind].name, 3) != 0) kind++;
    if (kind == 5) return;
    cf_looks(scan);
    if (start < scan->taken[CF_N_SEGMENT]) return;
    uint32_t at = end + 1, most = value_end(scan, at, SEGMENT_LONGEST), stop = at;
    while (stop < most && !segment_ends(scan, stop)) stop++;
    scan->taken[CF_N_SEGMENT] = stop;
    if (stop == at || !memchr(text + at, '^', stop - at)) return;
    for (; field < SEGMENT_FIELDS; field++, at++) {
        uint32_t from = at;
        while (at < stop && text[at] != '|') at++;
        if (segment_kinds[kind].fields[field]) segment_field(scan, segment_kinds[kind].fields[field], from, at);
        if (at >= stop) return;
    }
}

/* Whether a visiting card is open before a line. */
static bool card_open(const cf_scan *scan, uint32_t start) {
    uint32_t least = start > CARD_BACK ? start - CARD_BACK : 0;
    for (uint32_t at = start; at > least; at--) {
        uint8_t c = scan->text[at - 1];
        if (c != 'B' && c != 'E') continue;
        if (at - 1 + 11 <= start && cf_stands(scan, at - 1, "BEGIN:VCARD", 11)) return true;
        if (at - 1 + 9 <= start && cf_stands(scan, at - 1, "END:VCARD", 9)) return false;
    }
    return false;
}

/* N:Major;Mary, FN:Mary Major, ADR;TYPE=home:;;Maple Street 1;Leeds: the line of a visiting card. */
static void card_line(cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    uint32_t name = 0, part = 0, parts;
    while (name < 4 && (uint8_t)(cf_at(scan, start + name) - 'A') < 26) name++;
    uint8_t sign = cf_at(scan, start + name);
    if (sign != ':' && sign != ';') return;
    if (name == 1 && text[start] == 'N') parts = 1u << 0 | 1u << 1 | 1u << 2;
    else if (name == 2 && text[start] == 'F' && text[start + 1] == 'N') parts = 0;
    else if (name == 3 && memcmp(text + start, "ADR", 3) == 0) parts = 1u << 2 | 1u << 3 | 1u << 5;
    else return;
    cf_crosses(scan);
    if (!card_open(scan, start)) return;
    uint32_t most = value_end(scan, start, CARD_LONGEST), end = start, at;
    while (end < most && text[end] != '\n') end++;
    if (end > start && text[end - 1] == '\r') end--;
    for (at = start; at < end && text[at] != ':';) at++;
    const cf_key_rule *rule = at < end ? segment_rule(scan, name == 3 ? "home_address" : "customer_name") : NULL;
    for (at++; rule; at++, part++) {
        uint32_t from = at;
        while (at < end && (!parts || text[at] != ';')) at++;
        if (!parts || (part < 32 && parts >> part & 1)) keyed_judge(scan, rule, (cf_value){from, at, true});
        if (at >= end) return;
    }
}
