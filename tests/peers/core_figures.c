/* The whole of the core's shapes without keys: what rules say is asked of whoever calls. */
#include "../../app/masking/native/scan.c"
#include "../../app/masking/native/shapes.h"

typedef bool (*says)(const uint8_t *text, uint32_t size);
struct cf_rules {
    says value, user, host, internal, address, someones;
    uint8_t kinds[CF_DETECTORS], on[CF_DETECTORS];
};

bool cf_shape_on(const cf_rules *rules, cf_detector detector) { return rules->on[detector]; }
cf_kind cf_shape_kind(const cf_rules *rules, cf_detector detector) { return (cf_kind)rules->kinds[detector]; }
bool cf_allowed_value(const cf_rules *rules, const uint8_t *text, uint32_t size) { return rules->value(text, size); }
bool cf_allowed_user(const cf_rules *rules, const uint8_t *text, uint32_t size) { return rules->user(text, size); }
bool cf_allowed_host(const cf_rules *rules, const uint8_t *text, uint32_t size) { return rules->host(text, size); }
bool cf_internal_number(const cf_rules *rules, const uint8_t *text, uint32_t size) { return rules->internal(text, size); }
bool cf_site_address(const cf_rules *rules, const uint8_t *text, uint32_t size) { return (void)rules, (void)text, (void)size, false; }
unsigned cf_person_word(const cf_rules *rules, const uint8_t *text, uint32_t size) { return (void)rules, (void)text, (void)size, 0; }
bool cf_is_address(const cf_rules *rules, const uint8_t *text, uint32_t size) { return rules->address(text, size); }
void cf_key_word(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes) {
    (void)scan, (void)start, (void)end, (void)classes;
}
void cf_key_mark(cf_scan *scan, uint32_t at) { (void)scan, (void)at; }
void cf_key_line(cf_scan *scan, uint32_t start) { (void)scan, (void)start; }
unsigned cf_key_signs(const cf_scan *scan, uint32_t start, uint32_t at) { return (void)scan, (void)start, (void)at, 0; }
void cf_key_sign(cf_scan *scan, uint32_t at, unsigned signs) { (void)scan, (void)at, (void)signs; }

#include "../../app/masking/native/calling.c"
#include "../../app/masking/native/numbers.c"
#include "../../app/masking/native/cards.c"
#include "../../app/masking/native/ids.c"
#include "../../app/masking/native/areas.c"
#include "../../app/masking/native/checked.c"
#include "../../app/masking/native/traces.c"
#include "../../app/masking/native/tokenseen.c"
#include "../../app/masking/native/versions.c"
#include "../../app/masking/native/labels.c"
#include "../../app/masking/native/networds.c"
#include "../../app/masking/native/network.c"
#include "../../app/masking/native/urlhosts.c"
#include "../../app/masking/native/dtmf.c"
#include "../../app/masking/native/particles.c"
#include "../../app/masking/native/sip.c"
#include "../../app/masking/native/sipnames.c"
#include "../../app/masking/native/sipdialogs.c"
#include "../../app/masking/native/displays.c"
#include "../../app/masking/native/text.c"
#include "../../app/masking/native/logins.c"
#include "../../app/masking/native/sentences.c"
#include "../../app/masking/native/loghosts.c"
#include "../../app/masking/native/services.c"
#include "../../app/masking/native/actors.c"
#include "../../app/masking/native/doers.c"
#include "../../app/masking/native/enclosing.c"
#include "../../app/masking/native/speakers.c"
#include "../../app/masking/native/identified.c"
#include "../../app/masking/native/doneby.c"
#include "../../app/masking/native/queuelog.c"
#include "../../app/masking/native/callrecords.c"
#include "../../app/masking/native/pbxlines.c"
#include "../../app/masking/native/recordings.c"
#include "../../app/masking/native/weblog.c"
#include "../../app/masking/native/accesses.c"
#include "../../app/masking/native/typographic.c"
#include "../../app/masking/native/parties.c"
#include "../../app/masking/native/persons.c"
#include "../../app/masking/native/spoken.c"
#include "../../app/masking/native/farewells.c"
#include "../../app/masking/native/namelines.c"
#include "../../app/masking/native/givens.c"
#include "../../app/masking/native/bound.c"
#include "../../app/masking/native/bracketed.c"
#include "../../app/masking/native/secrets.c"
#include "../../app/masking/native/commands.c"
#include "../../app/masking/native/accounts.c"
#include "../../app/masking/native/commandwords.c"
#include "../../app/masking/native/programs.c"
#include "../../app/masking/native/executed.c"
#include "../../app/masking/native/shapes.c"

/* The answer of rules that allow nothing. */
CF_FACE bool shapes_no(const uint8_t *text, uint32_t size) { return (void)text, (void)size, false; }

/* Without `spans` places are counted only. */
CF_FACE int64_t shapes_detect(const cf_rules *rules, const uint8_t *text, uint64_t size, cf_span *spans, uint64_t room) {
    cf_scan scan = {.text = text, .size = (uint32_t)size, .rules = rules};
    cf_scan_all(&scan);
    uint32_t values = 0; /* without what was passed over */
    for (uint32_t i = 0; i < scan.count; i++)
        if (!(scan.spans[i].flags & CF_PERHAPS)) scan.spans[values++] = scan.spans[i];
    scan.count = values;
    int64_t count = scan.failed || scan.count > room ? -1 : (int64_t)scan.count;
    if (count > 0 && spans) memcpy(spans, scan.spans, (size_t)count * sizeof *spans);
    free(scan.spans);
    return count;
}
