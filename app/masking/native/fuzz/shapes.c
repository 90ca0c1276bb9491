/* Any bytes through the detectors of shapes, with rules that answer by the text itself.
 *
 * The answers are wide on purpose: an address is what is made of the right characters, so that the sanitizers
 * see every branch behind a validator. Built by tests/fuzz/run.py with libFuzzer. */
#include "../scan.c"
#include "../shapes.h"

struct cf_rules {
    unsigned seed;
};

static bool some(const cf_rules *rules, const uint8_t *text, uint32_t size) {
    unsigned sum = rules->seed;
    for (uint32_t i = 0; i < size; i++) sum = sum * 31 + text[i]; /* reads every byte: sanitizers check the bounds */
    return sum % 7 == 0;
}

bool cf_shape_on(const cf_rules *rules, cf_detector detector) { return rules->seed % 23 != (unsigned)detector; }
cf_kind cf_shape_kind(const cf_rules *rules, cf_detector detector) { return (void)rules, (cf_kind)(detector % CF_KINDS); }
bool cf_allowed_value(const cf_rules *rules, const uint8_t *text, uint32_t size) { return some(rules, text, size); }
bool cf_allowed_user(const cf_rules *rules, const uint8_t *text, uint32_t size) { return some(rules, text, size); }
bool cf_allowed_host(const cf_rules *rules, const uint8_t *text, uint32_t size) { return some(rules, text, size); }
bool cf_internal_number(const cf_rules *rules, const uint8_t *text, uint32_t size) { return some(rules, text, size); }

bool cf_site_address(const cf_rules *rules, const uint8_t *text, uint32_t size) { return (void)rules, (void)text, (void)size, false; }
unsigned cf_person_word(const cf_rules *rules, const uint8_t *text, uint32_t size) {
    unsigned sum = rules->seed;
    for (uint32_t i = 0; i < size; i++) sum = sum * 31 + text[i];
    return size <= CF_LONGEST_PERSON ? sum & 255 : 0;
}
bool cf_is_address(const cf_rules *rules, const uint8_t *text, uint32_t size) {
    for (uint32_t i = 0; i < size; i++)
        if (!cf_is_alnum(text[i]) && text[i] != '.' && text[i] != ':') return false;
    return !some(rules, text, size);
}

void cf_key_word(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes) {
    (void)scan, (void)start, (void)end, (void)classes;
}
void cf_key_mark(cf_scan *scan, uint32_t at) { (void)scan, (void)at; }
void cf_key_line(cf_scan *scan, uint32_t start) { (void)scan, (void)start; }
unsigned cf_key_signs(const cf_scan *scan, uint32_t start, uint32_t at) { return (void)scan, (void)start, (void)at, 0; }
void cf_key_sign(cf_scan *scan, uint32_t at, unsigned signs) { (void)scan, (void)at, (void)signs; }

#include "../calling.c"
#include "../numbers.c"
#include "../cards.c"
#include "../ids.c"
#include "../areas.c"
#include "../checked.c"
#include "../traces.c"
#include "../tokenseen.c"
#include "../versions.c"
#include "../labels.c"
#include "../networds.c"
#include "../network.c"
#include "../urlhosts.c"
#include "../dtmf.c"
#include "../particles.c"
#include "../sip.c"
#include "../sipnames.c"
#include "../sipdialogs.c"
#include "../displays.c"
#include "../text.c"
#include "../logins.c"
#include "../sentences.c"
#include "../loghosts.c"
#include "../services.c"
#include "../actors.c"
#include "../doers.c"
#include "../enclosing.c"
#include "../speakers.c"
#include "../identified.c"
#include "../doneby.c"
#include "../queuelog.c"
#include "../callrecords.c"
#include "../pbxlines.c"
#include "../recordings.c"
#include "../weblog.c"
#include "../accesses.c"
#include "../typographic.c"
#include "../parties.c"
#include "../persons.c"
#include "../spoken.c"
#include "../farewells.c"
#include "../namelines.c"
#include "../givens.c"
#include "../bound.c"
#include "../bracketed.c"
#include "../secrets.c"
#include "../commands.c"
#include "../accounts.c"
#include "../commandwords.c"
#include "../programs.c"
#include "../executed.c"
#include "../shapes.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size) return 0;
    cf_rules rules = {data[0]};
    cf_scan scan = {.text = data + 1, .size = (uint32_t)(size - 1), .rules = &rules};
    cf_scan_all(&scan);
    if (scan.failed) __builtin_trap();
    for (uint32_t i = 0; i < scan.count; i++) {
        const cf_span *span = &scan.spans[i];
        if (span->start >= span->end || span->end > scan.size || span->kind >= CF_KINDS) __builtin_trap();
    }
    free(scan.spans);
    return 0;
}
