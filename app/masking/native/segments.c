/* Values by their place in records: segments of HL7, visiting cards, headers of mails, and what servers assign
 * (segments.py of the reference). */
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
    uint32_t name = 0, part = 0, parts, line = start;
    if (text[start] == 'i') { /* item1.TEL */
        if (!cf_stands(scan, start, "item", 4)) return;
        start = value_digits(scan, start + 4, 2);
        if (start == line + 4 || cf_at(scan, start++) != '.') return;
    }
    while (name < 4 && (uint8_t)(cf_at(scan, start + name) - 'A') < 26) name++;
    uint8_t sign = cf_at(scan, start + name);
    if (sign != ':' && sign != ';') return;
    if (name == 1 && text[start] == 'N') parts = 1u << 0 | 1u << 1 | 1u << 2;
    else if (name == 2 && text[start] == 'F' && text[start + 1] == 'N') parts = 0;
    else if (name == 3 && memcmp(text + start, "ADR", 3) == 0) parts = 1u << 2 | 1u << 3 | 1u << 5;
    else if (name == 3 && memcmp(text + start, "TEL", 3) == 0) parts = 0;
    else return;
    cf_crosses(scan);
    if (!card_open(scan, line)) return;
    uint32_t most = value_end(scan, line, CARD_LONGEST), end = start, at;
    while (end < most && text[end] != '\n') end++;
    if (end > start && text[end - 1] == '\r') end--;
    for (at = start; at < end && text[at] != ':';) at++;
    const cf_key_rule *rule = at < end ? segment_rule(scan, text[start] == 'A' ? "home_address" : text[start] == 'T' ? "phone_number" : "customer_name") : NULL;
    at++;
    if (text[start] == 'T' && at + 4 <= end && cf_stands_folded(scan, at, "tel:", 4)) at += 4;
    for (; rule; at++, part++) {
        uint32_t from = at;
        while (at < end && (!parts || text[at] != ';')) at++;
        if (!parts || (part < 32 && parts >> part & 1)) keyed_judge(scan, rule, (cf_value){from, at, true});
        if (at >= end) return;
    }
}

/* Judges the value [start, end) as that of a key. */
static void record_value(cf_scan *scan, const cf_key_rule *rule, uint32_t start, uint32_t end) {
    if (rule) keyed_judge(scan, rule, (cf_value){start, end, true});
}

/* var_assign name|value: the last word [word, end) of the name stands before a bar. */
static void record_assigned(cf_scan *scan, uint32_t word, uint32_t end) {
    uint32_t start = end, at = end + 1, stop = at;
    uint8_t before = cf_at(scan, (int64_t)word - 1);
    if (before != ' ' && before != '.' && before != '$' && before != '-') return;
    cf_looks(scan);
    while (start && end - start < 65 && (cf_is_word(scan->text[start - 1]) || scan->text[start - 1] == '.' || scan->text[start - 1] == '$' || scan->text[start - 1] == '-')) start--;
    if (end - start > 64 || !cf_ends(scan, start, "var_assign ", 11) || cf_is_word(cf_at(scan, (int64_t)start - 12))) return;
    if (!cf_is_alpha(cf_at(scan, start)) && cf_at(scan, start) != '_') return;
    while (stop < scan->size && stop - at < 512 && !strchr("\r\n|", scan->text[stop] ? scan->text[stop] : 'x')) stop++;
    if (stop == at || start - 11 < scan->taken[CF_N_ASSIGNED]) return;
    scan->taken[CF_N_ASSIGNED] = stop;
    record_value(scan, key_rule(scan, start, end), at, stop);
}

/* prompt_play|Guten Tag Frau Major: what is said behind a bar, which the word [start, end) stands before; the name of a file
 * has no blank. */
static void record_spoken(cf_scan *scan, uint32_t start, uint32_t end) {
    static const char names[] = " prompt_play prompt_text tts_text asr_trace asr_result asr_text nlu_text utterance transcript ";
    const uint8_t *text = scan->text;
    char name[14] = " ";
    uint32_t at = end + 1, stop = at, blank;
    if (end - start > 11) return;
    memcpy(name + 1, text + start, end - start);
    name[end - start + 1] = ' ';
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (!strstr(names, name) || before == '.' || before == '-') return;
    cf_looks(scan);
    if (start < scan->taken[CF_N_BARRED] || cf_at(scan, at) == '/') return;
    while (stop - at < 9 && (uint8_t)(cf_at(scan, stop) - 'a') < 26) stop++;
    if (stop > at && stop - at < 9 && cf_stands(scan, stop, ":/", 2)) return;
    for (blank = at; blank < scan->size && blank - at < 65 && !cf_is_space(text[blank]) && text[blank] != '|';) blank++;
    if (blank == at || blank - at > 64 || cf_at(scan, blank) != ' ') return;
    for (stop = blank + 1; stop < scan->size && stop - blank < 1025 && text[stop] != '\r' && text[stop] != '\n' && text[stop] != '|';) stop++;
    if (stop == blank + 1) return;
    scan->taken[CF_N_BARRED] = stop;
    record_value(scan, segment_rule(scan, "spoken_text"), at, stop);
}

/* SetCallOption(CallerName, 'Mary Major'): the value's quote stands at a place. */
static void record_argument(cf_scan *scan, uint32_t at) {
    uint32_t key = at - (cf_at(scan, (int64_t)at - 1) == ' '), start, end = at + 1;
    if (!key || scan->text[key - 1] != ',') return;
    for (start = --key; start && key - start < 65 && (cf_is_host_byte(scan->text[start - 1]) || scan->text[start - 1] == '$');) start--;
    if (key - start < 3 || key - start > 64 || cf_at(scan, (int64_t)start - 1) != '(') return;
    if (!cf_is_alpha(scan->text[start]) && scan->text[start] != '_') return;
    cf_looks(scan);
    while (end < scan->size && end - at < 258 && !strchr("'\"\r\n", scan->text[end] ? scan->text[end] : 'x')) end++;
    if (end == at + 1 || end - at > 257 || cf_at(scan, end) != scan->text[at] || cf_at(scan, (int64_t)end + 1) != ')') return;
    record_value(scan, key_rule(scan, start, key), at + 1, end);
}

/* Calling Number & Name 4155550143 Mary Major: the word Name ends at a place. */
static void record_calling(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t number = end, stop, name, last;
    if (cf_at(scan, (int64_t)start - 1) != ' ') return;
    cf_looks(scan);
    if (!cf_ends(scan, start, " Number & ", 10)) return;
    while (number - end < 17 && cf_is_blank(cf_at(scan, number))) number++;
    if (number == end || number - end > 16) return;
    stop = number + (cf_at(scan, number) == '+');
    if (!cf_is_digit(cf_at(scan, stop))) return;
    for (last = stop; stop - last < 21 && cf_at(scan, stop) && strchr("0123456789*#().-", cf_at(scan, stop));) stop++;
    if (stop - last < 3 || stop - last > 20) return;
    for (name = stop; name - stop < 9 && cf_is_blank(cf_at(scan, name));) name++;
    if (name == stop || name - stop > 8 || cf_stands(scan, name, "NO-", 3) || cf_is_digit(cf_at(scan, name)) || cf_is_space(cf_at(scan, name))) return;
    for (last = name; last < scan->size && last - name < 64 && (last == name || !strchr("\r\n\t|;", scan->text[last] ? scan->text[last] : 'x'));) last++;
    if (last - name < 2 || start - 10 < scan->taken[CF_N_CALLING]) return;
    scan->taken[CF_N_CALLING] = last;
    record_value(scan, segment_rule(scan, "caller_number"), number, stop);
    record_value(scan, segment_rule(scan, "caller_name"), name, last);
}

/* Whether one of the other headers of a mail stands at a place. */
static bool record_of_mail(const cf_scan *scan, uint32_t at) {
    static const char *const headers[] = {"From: ", "To: ", "Cc: ", "Date: ", "Message-ID: ", "Message-Id: ", "Received: ", "MIME-Version: ",
                                          "Return-Path: ", "Reply-To: ", "Sender: ", "Delivered-To: ", "References: ", "In-Reply-To: ",
                                          "Thread-Topic: ", "Importance: "};
    for (unsigned i = 0; i < sizeof headers / sizeof *headers; i++)
        if (cf_stands(scan, at, headers[i], (uint32_t)strlen(headers[i]))) return true;
    return false;
}

/* The subject among the headers of a mail: the line before it or behind it is one of these, too. */
static void record_subject(cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    uint32_t value = start + 9, end = value, before = start, behind;
    if (!cf_stands(scan, start, "Subject: ", 9)) return;
    cf_crosses(scan);
    while (end < scan->size && end - value <= 512 && text[end] != '\r' && text[end] != '\n') end++;
    if (end - value < 3 || end - value > 512) return;
    behind = end + (cf_at(scan, end) == '\r');
    if (behind < scan->size && text[behind] != '\n') return;
    uint32_t least = start > CARD_BACK ? start - CARD_BACK : 0;
    if (before) before--;
    while (before > least && text[before - 1] != '\n') before--;
    if (before == least && least) before = 0;
    if ((start && record_of_mail(scan, before)) || (behind < scan->size && record_of_mail(scan, behind + 1)))
        record_value(scan, segment_rule(scan, "mail_subject"), value, end);
}
