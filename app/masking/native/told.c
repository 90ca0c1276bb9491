/* Values that sentences tell of a field (told.py of the reference): lastName is 'Major', invalid value 'Major' for field lastName. */
#include "keys.h"
#include "shapes.h"

#include <string.h>

enum { TOLD_KEY = 64, TOLD_TEXT = 128 };

static inline bool told_key_byte(uint8_t c) { return cf_is_word(c) || c == '.'; }

/* The rule of the key that ends at a place, or NULL. */
static const cf_key_rule *told_key(const cf_scan *scan, uint32_t end) {
    uint32_t start = end;
    while (start && end - start <= TOLD_KEY && told_key_byte(scan->text[start - 1])) start--;
    uint8_t before = cf_at(scan, (int64_t)start - 1), first = cf_at(scan, start);
    if (end - start < 3 || end - start > TOLD_KEY || (!cf_is_alpha(first) && first != '_')) return NULL;
    if (before >= 0x80 || before == '$' || before == '@' || before == '/' || before == '-') return NULL;
    return key_known(scan, scan->text + start, end - start);
}

/* Where a text ends that begins behind the quote at a place, before the same one; 0: none does. */
static uint32_t told_text(const cf_scan *scan, uint32_t quote) {
    uint8_t mark = cf_at(scan, quote);
    uint32_t start = quote + 1, end = start;
    if (!value_quote(mark)) return 0;
    while (end < scan->size && end - start <= TOLD_TEXT && !memchr("'\"\\\r\n", scan->text[end], 5)) end++;
    return end > start && end - start <= TOLD_TEXT && cf_at(scan, end) == mark ? end : 0;
}

static bool told_kind(const cf_key_rule *rule, bool user) {
    static const uint32_t kinds = 1u << CF_TEL | 1u << CF_NAME | 1u << CF_MAIL | 1u << CF_BIRTH | 1u << CF_ADDRESS | 1u << CF_IBAN |
                                  1u << CF_CARD | 1u << CF_ID;
    return rule && ((kinds >> rule->kind & 1) || (user && rule->kind == CF_USER));
}

static void told_judge(cf_scan *scan, const cf_key_rule *rule, uint32_t start, uint32_t end) {
    const audit_side says = audit_says(scan, (cf_value){start, end, true});
    if (!says.nothing && !says.schema) keyed_judge(scan, rule, (cf_value){start, end, true});
}

/* lastName is 'Major': the word ends before a blank and a quote. */
static void told_is(cf_scan *scan, uint32_t start, uint32_t end) {
    cf_looks(scan);
    if (cf_at(scan, end) != ' ' || cf_at(scan, (int64_t)start - 1) != ' ') return;
    uint32_t stop = told_text(scan, end + 1);
    const cf_key_rule *rule = stop ? told_key(scan, start - 1) : NULL;
    if (told_kind(rule, false)) told_judge(scan, rule, end + 2, stop);
}

/* lastName was changed from 'Minor' to 'Major': the word ends before a blank and a quote. */
static void told_changed(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of verbs[] = {TEXT(" changed"), TEXT(" updated"), TEXT(" modified"), TEXT(" set"), TEXT(" renamed"),
                                         TEXT(" corrected"), TEXT(" edited"), {NULL, 0}};
    static const text_word_of beside[] = {TEXT(" was"), TEXT(" has been"), TEXT(" is"), {NULL, 0}};
    cf_looks(scan);
    if (cf_at(scan, end) != ' ' || cf_at(scan, (int64_t)start - 1) != ' ') return;
    uint32_t stop = told_text(scan, end + 1), last, key = start - 1;
    if (!stop || !cf_stands(scan, stop + 1, " to ", 4) || cf_at(scan, stop + 5) != scan->text[stop]) return;
    last = told_text(scan, stop + 5);
    if (!last) return;
    for (const text_word_of *word = verbs; word->text; word++)
        if (cf_ends(scan, key, word->text, word->size)) {
            key -= word->size;
            break;
        }
    for (const text_word_of *word = beside; word->text; word++)
        if (cf_ends(scan, key, word->text, word->size)) {
            key -= word->size;
            break;
        }
    uint8_t mark = cf_at(scan, (int64_t)key - 1);
    const cf_key_rule *rule = told_key(scan, key - (mark == '\'' || mark == '"' || mark == '`'));
    if (!told_kind(rule, true)) return;
    told_judge(scan, rule, end + 2, stop);
    told_judge(scan, rule, stop + 6, last);
}

/* invalid value 'Major' for field lastName: the word ends before a blank and a quote. */
static void told_given(cf_scan *scan, uint32_t end) {
    static const text_word_of states[] = {TEXT(" is invalid"), TEXT(" is not valid"), TEXT(" is not allowed"), {NULL, 0}};
    static const text_word_of links[] = {TEXT(" for "), TEXT(" of "), TEXT(" in "), TEXT(" on "), {NULL, 0}};
    static const text_word_of fields[] = {TEXT("field "), TEXT("parameter "), TEXT("param "), TEXT("property "), TEXT("attribute "),
                                          TEXT("argument "), TEXT("column "), TEXT("key "), TEXT("element "), {NULL, 0}};
    cf_looks(scan);
    if (cf_at(scan, end) != ' ') return;
    uint32_t stop = told_text(scan, end + 1), at = stop + 1, key, link = 0;
    if (!stop) return;
    for (const text_word_of *word = states; word->text; word++)
        if (cf_stands(scan, at, word->text, word->size)) {
            at += word->size;
            break;
        }
    at += cf_at(scan, at) == ',';
    for (const text_word_of *word = links; word->text && !link; word++)
        if (cf_stands(scan, at, word->text, word->size)) link = at + word->size;
    if (!link) return;
    at = link;
    if (cf_stands(scan, at, "the ", 4)) at += 4;
    for (const text_word_of *word = fields; word->text; word++)
        if (cf_stands(scan, at, word->text, word->size)) {
            at += word->size;
            break;
        }
    at += cf_at(scan, at) == '\'' || cf_at(scan, at) == '"' || cf_at(scan, at) == '`';
    for (key = at; at - key <= TOLD_KEY && told_key_byte(cf_at(scan, at));) at++;
    while (at > key && scan->text[at - 1] == '.') at--;
    uint8_t behind = cf_at(scan, at), first = cf_at(scan, key);
    if (at - key < 3 || at - key > TOLD_KEY || cf_is_word(behind) || behind >= 0x80 || behind == '-' || (!cf_is_alpha(first) && first != '_')) return;
    const cf_key_rule *rule = key_known(scan, scan->text + key, at - key);
    if (told_kind(rule, true)) told_judge(scan, rule, end + 2, stop);
}

/* Where a text of 1 to `most` bytes ends that begins at a place, before one of some marks or a line end. */
static uint32_t told_reach(const cf_scan *scan, uint32_t start, uint32_t most, const char *marks) {
    uint32_t end = start;
    while (end < scan->size && end - start < most && scan->text[end] != '\r' && scan->text[end] != '\n' &&
           !(scan->text[end] && strchr(marks, scan->text[end])))
        end++;
    return end;
}

/* extracted value ([birth_date] : [DATE]) - [1979-03-28] of Hibernate: the word ends at a place. */
static __attribute__((noinline)) void told_extracted(cf_scan *scan, uint32_t end) {
    uint32_t key = end + 9, stop, value, last;
    cf_looks(scan);
    if (!cf_stands(scan, end, " value ([", 9)) return;
    for (stop = key; stop - key <= TOLD_KEY && cf_is_word(cf_at(scan, stop));) stop++;
    if (stop == key || stop - key > TOLD_KEY || !cf_stands(scan, stop, "] : [", 5)) return;
    for (value = stop + 5; value - stop < 38 && cf_is_word(cf_at(scan, value));) value++;
    if (value == stop + 5 || value - stop - 5 > 32 || !cf_stands(scan, value, "]) - [", 6)) return;
    value += 6;
    last = told_reach(scan, value, 256, "[]");
    if (last == value || cf_at(scan, last) != ']') return;
    const cf_key_rule *rule = key_known(scan, scan->text + key, stop - key);
    if (told_kind(rule, true)) told_judge(scan, rule, value, last);
}

/* …,11/14/2026 08:14:01.500,AccountLookup,custom,acct,5521998310 of a voice portal: the word custom is [start, end). */
static __attribute__((noinline)) void told_step(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of steps[] = {TEXT("start"), TEXT("custom"), TEXT("data"), TEXT("interaction"), {NULL, 0}};
    static const char stamp[] = ",00/00/0000 00:00:00.000,";
    const uint8_t *text = scan->text;
    uint32_t element = start - 1, key = end + 1, stop, last;
    bool known = false;
    for (const text_word_of *word = steps; word->text; word++)
        known = known || (word->size == end - start && memcmp(text + start, word->text, word->size) == 0);
    if (!known) return;
    cf_looks(scan);
    while (element && start - 1 - element <= 64 && (cf_is_host_byte(text[element - 1]))) element--;
    if (start - 1 - element > 64 || element < sizeof stamp - 1) return;
    for (uint32_t i = 0; i < sizeof stamp - 1; i++) {
        uint8_t c = text[element - (sizeof stamp - 1) + i];
        if (stamp[i] == '0' ? !cf_is_digit(c) : c != (uint8_t)stamp[i]) return;
    }
    for (stop = key; stop - key <= TOLD_KEY && cf_is_host_byte(cf_at(scan, stop));) stop++;
    if (stop == key || stop - key > TOLD_KEY || cf_at(scan, stop) != ',' || element - (sizeof stamp - 1) < scan->met[CF_MET_STEP]) return;
    last = told_reach(scan, stop + 1, 512, "");
    if (last > stop + 1) scan->met[CF_MET_STEP] = last;
    const cf_key_rule *rule = last > stop + 1 ? key_known(scan, text + key, stop - key) : NULL;
    if (rule) told_judge(scan, rule, stop + 1, last);
}

/* [msg:41:…] [udh:0:], the text of a message that Kannel passed on: the word ends at a place. */
static __attribute__((noinline)) void told_received(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = end + 1, stop = at, last;
    cf_looks(scan);
    if (!cf_ends(scan, start, "] [", 3)) return;
    while (stop - at < 6 && cf_is_digit(cf_at(scan, stop))) stop++;
    if (stop == at || stop - at > 5 || cf_at(scan, stop) != ':') return;
    last = told_reach(scan, stop + 1, 512, "]");
    if (last == stop + 1 || !cf_stands(scan, last, "] [udh:", 7)) return;
    const cf_key_rule *rule = key_known(scan, (const uint8_t *)"chat_text", 9);
    if (rule) told_judge(scan, rule, stop + 1, last);
}

/* <input mode="speech">…</input>, what a recogniser understood: the word ends at a place. */
static __attribute__((noinline)) void told_spoken(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = end + 1, stop;
    cf_looks(scan);
    if (!cf_ends(scan, start, "<input mode=\"", 13) || cf_at(scan, end) != '"') return;
    stop = told_reach(scan, at, 129, "<>");
    if (stop - at > 128 || cf_at(scan, stop) != '>') return;
    at = stop + 1;
    stop = told_reach(scan, at, 512, "<");
    if (stop == at || !cf_stands(scan, stop, "</input>", 8)) return;
    const cf_key_rule *rule = key_known(scan, (const uint8_t *)"chat_text", 9);
    if (rule) told_judge(scan, rule, at, stop);
}

/* "StoreUserInput",…,"Results":"4711" of Amazon Connect: the word is [start, end). */
static __attribute__((noinline)) void told_entered(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = end + 1, least = at, stop;
    cf_looks(scan);
    if (cf_at(scan, (int64_t)start - 1) != '"' || cf_at(scan, end) != '"') return;
    while (at < scan->size && at - least <= 512 && scan->text[at] != '\r' && scan->text[at] != '\n' && !cf_stands(scan, at, "\"Results\"", 9)) at++;
    if (at - least > 512 || !cf_stands(scan, at, "\"Results\":\"", 11)) return;
    for (stop = at += 11; stop - at < 33; stop++) {
        uint8_t c = cf_at(scan, stop);
        if (!cf_is_digit(c) && c != '*' && c != '#') break;
    }
    if (stop == at || stop - at > 32 || cf_at(scan, stop) != '"') return;
    const cf_key_rule *rule = key_known(scan, (const uint8_t *)"entered_digits", 14);
    if (rule) told_judge(scan, rule, at, stop);
}

/* A word before a blank and a quote may tell the value of a field. */
static __attribute__((noinline)) void told_word(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of is[] = {TEXT("is"), TEXT("was"), TEXT("equals"), {NULL, 0}};
    static const text_word_of given[] = {TEXT("value"), TEXT("input"), TEXT("argument"), TEXT("data"), {NULL, 0}};
    const uint8_t *text = scan->text;
    uint32_t size = end - start;
    if (size == 4 && memcmp(text + start, "from", 4) == 0) return told_changed(scan, start, end);
    for (const text_word_of *word = is; word->text; word++)
        if (word->size == size && memcmp(text + start, word->text, size) == 0) return told_is(scan, start, end);
    for (const text_word_of *word = given; word->text; word++)
        if (word->size == size && memcmp(text + start, word->text, size) == 0) return told_given(scan, end);
}
