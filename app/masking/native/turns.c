/* What customers write and say, told beside who speaks, {"author":"customer","body":"…"}, and first and last names side by side,
 * first=Mary last=Major (turns.py of the reference). */
#include "keys.h"
#include "shapes.h"

#include <string.h>

enum { TURN_AROUND = 512, TURN_TEXT = 4096, TURN_KEY = 24, TURN_NAME = 41 };

/* Whether one of some words, in any case, is what stands between two places. */
static bool turn_word(const cf_scan *scan, uint32_t start, uint32_t end, const text_word_of *words) {
    for (; words->text; words++)
        if (words->size == end - start && cf_stands_folded(scan, start, words->text, words->size)) return true;
    return false;
}

static uint32_t turn_letters(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end - at <= TURN_KEY && (cf_is_alpha(cf_at(scan, end)) || cf_at(scan, end) == '_')) end++;
    return end;
}

/* Behind a quote at a place, which may stand behind one backslash: `marks` is the size of it; or 0. */
static uint32_t turn_quote(const cf_scan *scan, uint32_t at, uint32_t marks) {
    if (marks == 2 && cf_at(scan, at++) != '\\') return 0;
    return cf_at(scan, at) == '"' ? at + 1 : 0;
}

/* Behind the quote of a key that ends at a place, a colon, and the quote of its value; or 0. */
static uint32_t turn_sign(const cf_scan *scan, uint32_t at, uint32_t marks) {
    at = turn_quote(scan, at, marks);
    if (!at) return 0;
    at += cf_at(scan, at) == ' ';
    if (cf_at(scan, at++) != ':') return 0;
    at += cf_at(scan, at) == ' ';
    return turn_quote(scan, at, marks);
}

/* Where a text ends that begins at a place, before its quote; or 0. */
static uint32_t turn_text_end(const cf_scan *scan, uint32_t start, uint32_t marks) {
    uint32_t end = start;
    for (uint32_t signs = 0; end < scan->size && signs < TURN_TEXT; signs++) {
        uint8_t c = scan->text[end];
        if (c == '"' || c == '\r' || c == '\n' || (c == '\\' && marks == 2)) break;
        if (c != '\\') {
            end++;
            continue;
        }
        uint8_t next = cf_at(scan, end + 1);
        if (end + 1 >= scan->size || next == '\r' || next == '\n') return 0;
        end += 2;
    }
    return end > start && end < scan->size && turn_quote(scan, end, marks) ? end : 0;
}

/* Every text between two places of an object; `any`: but for messages. */
static void turn_texts(cf_scan *scan, const cf_key_rule *rule, uint32_t at, uint32_t stop, bool any) {
    static const text_word_of keys[] = {TEXT("message"), TEXT("body"), TEXT("msg"), /* of programs and of what has a role, too */
                                        TEXT("content"), TEXT("text"), TEXT("utterance"), TEXT("transcript"), {NULL, 0}};
    const uint8_t *text = scan->text;
    while (at < stop) {
        uint32_t marks = text[at] == '\\' && at + 1 < stop && text[at + 1] == '"' ? 2 : text[at] == '"' ? 1 : 0;
        uint32_t key = at + marks, end = key, start = 0;
        bool passed = false;
        if (marks && key < stop && text[key] && strchr("mbctu", text[key])) {
            end = turn_letters(scan, key);
            for (const text_word_of *word = keys; word->text && !start; word++)
                if (word->size == end - key && memcmp(text + key, word->text, word->size) == 0) {
                    start = turn_sign(scan, end, marks);
                    passed = any && word < keys + 3;
                }
        }
        at++;
        if (!start || start > stop) continue;
        at = start;
        end = passed ? 0 : turn_text_end(scan, start, marks);
        if (end) keyed_judge(scan, rule, (cf_value){start, end, true});
    }
}

/* "author": who speaks, and is a customer. The quote before the key stands at a place, the key ends at another. */
static __attribute__((noinline)) void turn_of(cf_scan *scan, uint32_t at, uint32_t end, uint32_t marks) {
    static const text_word_of customers[] = {TEXT("customer"), TEXT("visitor"), TEXT("caller"), TEXT("enduser"), TEXT("end_user"), TEXT("kunde"),
                                             TEXT("cliente"), TEXT("klant"), TEXT("klient"), {NULL, 0}};
    static const text_word_of others[] = {TEXT("client"), TEXT("guest"), TEXT("user"), TEXT("consumer"), {NULL, 0}};
    const uint8_t *text = scan->text;
    uint32_t start = turn_sign(scan, end, marks), stop = start ? turn_letters(scan, start) : 0, behind;
    bool any = start && turn_word(scan, start, stop, others);
    if (!start || !(any || turn_word(scan, start, stop, customers))) return;
    behind = turn_quote(scan, stop, marks);
    const cf_key_rule *rule = behind ? key_known(scan, (const uint8_t *)"chat_text", 9) : NULL;
    if (!rule) return;
    cf_crosses(scan);
    at = at + 1 - marks;
    if (at < scan->met[any ? CF_MET_TURN_ANY : CF_MET_TURN]) return; /* of an object that was read for another */
    uint32_t open = at, least = at > TURN_AROUND ? at - TURN_AROUND : 0, closed = behind;
    while (open > least && text[open - 1] != '{' && text[open - 1] != '}') open--;
    while (closed < scan->size && closed - behind < TURN_AROUND && text[closed] != '{' && text[closed] != '}') closed++;
    scan->met[CF_MET_TURN_ANY] = closed;
    if (!any) scan->met[CF_MET_TURN] = closed;
    turn_texts(scan, rule, open, at, any);
    turn_texts(scan, rule, behind, closed, any);
}

static void turn_role(cf_scan *scan, uint32_t at, uint32_t end) {
    static const text_word_of keys[] = {TEXT("role"), TEXT("author"), TEXT("authortype"), TEXT("author_type"), TEXT("sender"),
                                        TEXT("sendertype"), TEXT("sender_type"), TEXT("senderrole"), TEXT("sender_role"), TEXT("speaker"),
                                        TEXT("participant"), TEXT("participantrole"), TEXT("participant_role"), TEXT("participanttype"),
                                        TEXT("participant_type"), TEXT("participantpurpose"), TEXT("participant_purpose"), TEXT("from"),
                                        TEXT("party"), TEXT("purpose"), {NULL, 0}};
    uint8_t last = cf_lower(scan->text[end - 1]);
    uint32_t marks = cf_at(scan, end) == '"' ? 1 : 2;
    if (end - at < 5 || end - at > 20 || !strchr("ermty", last)) return;
    if (marks == 2 && (cf_at(scan, end) != '\\' || cf_at(scan, (int64_t)at - 1) != '\\')) return;
    if (turn_word(scan, at + 1, end, keys)) turn_of(scan, at, end, marks);
}

/* What else is a first and a last one. */
static bool turn_no_name(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char words[] =
        " true false none null nil yes no name names first last row rows item items page pages day week month year monday tuesday"
        " wednesday thursday friday saturday sunday january february march april may june july august september october november"
        " december jan feb mar apr jun jul aug sep oct nov dec unknown empty missing error success failed ok ready idle busy active"
        " open closed new old next previous start end begin now never ";
    return name_listed(scan, start, end, words);
}

/* The size of a quote at a place, with the backslash before it; 0: there is none. */
static uint32_t turn_mark(const cf_scan *scan, uint32_t at) {
    uint32_t marks = cf_at(scan, at) == '\\';
    uint8_t c = cf_at(scan, at + marks);
    return c == '"' || c == '\'' ? marks + 1 : 0;
}

/* Where a name ends that begins at a place; the place itself: none does. */
static uint32_t turn_name(const cf_scan *scan, uint32_t start) {
    uint32_t at = start + 1;
    uint8_t c = cf_at(scan, start);
    if ((uint8_t)(c - 'A') >= 26 && c < 0x80) return start;
    for (; at - start < TURN_NAME; at++) {
        c = cf_at(scan, at);
        if (c == '\'') c = cf_at(scan, at + 1) == '-' ? ' ' : cf_at(scan, at + 1);
        if (!cf_is_alpha(c) && c < 0x80 && c != '-') break;
    }
    return at - start > 1 ? at : start;
}

static bool turn_same(const cf_scan *scan, uint32_t at, uint32_t as, uint32_t size) {
    return scan->size - at >= size && memcmp(scan->text + at, scan->text + as, size) == 0;
}

/* first=Mary last=Major, "last":"Major","first":"Mary": the first key is [start, end). */
static __attribute__((noinline)) void turn_pair(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint8_t before = cf_at(scan, (int64_t)start - 1), first = text[start];
    uint32_t size = end - start, other = size == 5 ? 4 : 5, mark, sign, at;
    if ((first | 32) != (size == 5 ? 'f' : 'l') || before == '.' || before == '$' || before == '-' || before >= 0x80) return;
    cf_looks(scan);
    if (start < scan->met[CF_MET_PAIR]) return;
    mark = turn_mark(scan, end);
    sign = at = end + mark;
    at += cf_at(scan, at) == ' ';
    if (cf_at(scan, at) != ':' && cf_at(scan, at) != '=') return;
    at++;
    at += cf_at(scan, at) == ' ';
    uint32_t signs = at - sign, quote = turn_mark(scan, at), open = at, left = at + quote, left_end = turn_name(scan, left), right, right_end;
    if (left_end == left || !turn_same(scan, left_end, open, quote)) return;
    at = left_end + quote;
    if (cf_at(scan, at) && strchr(",;&|", cf_at(scan, at))) at += 1 + (cf_at(scan, at + 1) == ' ');
    else if (cf_at(scan, at) == ' ') at += 1 + (cf_at(scan, at + 1) == ' ');
    else return;
    if (!turn_same(scan, at, end, mark)) return;
    at += mark;
    if ((cf_at(scan, at) | 32) != (other == 5 ? 'f' : 'l') || !cf_stands(scan, at + 1, other == 5 ? "irst" : "ast", other - 1)) return;
    at += other;
    if (!turn_same(scan, at, end, mark) || !turn_same(scan, at + mark, sign, signs) || !turn_same(scan, at + mark + signs, open, quote)) return;
    right = at + mark + signs + quote;
    right_end = turn_name(scan, right);
    if (right_end == right || !turn_same(scan, right_end, open, quote)) return;
    uint8_t next = cf_at(scan, right_end + quote);
    if (cf_is_word(next) || next >= 0x80 || next == '=' || next == '(' || next == '.' || next == '@' || next == '-') return;
    scan->met[CF_MET_PAIR] = right_end + quote;
    if (turn_no_name(scan, left, left_end) || turn_no_name(scan, right, right_end)) return;
    const cf_key_rule *given = key_known(scan, (const uint8_t *)"first_name", 10), *family = key_known(scan, (const uint8_t *)"last_name", 9);
    if (given) keyed_judge(scan, given, (cf_value){left, left_end, true});
    if (family) keyed_judge(scan, family, (cf_value){right, right_end, true});
}
