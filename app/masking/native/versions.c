/* Dotted numbers that are surely versions, or surely addresses, whatever word stands before them (versions.py of the
 * reference). */
#include "shapes.h"

#include <string.h>

enum { VERSION_FIRST_MOST = 29, VERSION_TAG = 63 };

static unsigned version_number(const uint8_t *text, uint32_t *digits) {
    unsigned number = 0;
    for (*digits = 0; cf_is_digit(text[*digits]); ++*digits) number = number * 10 + (unsigned)(text[*digits] - '0');
    return number;
}

/* Whether a number is an address of a private net that no version begins with. */
static bool version_of_private_net(const uint8_t *text) {
    uint32_t size, more;
    unsigned first = version_number(text, &size), second = version_number(text + size + 1, &more);
    if (text[0] == '0') return false;
    return (first == 192 && second == 168 && more == 3) || (first == 172 && second >= 16 && second <= 31);
}

static bool version_word_before(const cf_scan *scan, uint32_t from, uint32_t end, const char *word) {
    uint32_t size = (uint32_t)strlen(word);
    return end - from >= size && cf_stands_folded(scan, (int64_t)end - size, word, size) &&
           (end - size == from || !cf_is_word(scan->text[end - size - 1]));
}

/* `src/dst:203.0.113.7`: no images are called so. */
static bool version_place(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of places[] = {
        TEXT("addr"), TEXT("address"), TEXT("client"), TEXT("dest"), TEXT("destination"), TEXT("dst"), TEXT("from"), TEXT("gateway"),
        TEXT("gw"), TEXT("host"), TEXT("ip"), TEXT("ipv4"), TEXT("local"), TEXT("node"), TEXT("peer"), TEXT("proxy"), TEXT("remote"),
        TEXT("server"), TEXT("sip"), TEXT("sips"), TEXT("source"), TEXT("src"), TEXT("tcp"), TEXT("tls"), TEXT("to"), TEXT("udp"),
        TEXT("ws"), TEXT("wss")};
    for (unsigned i = 0; i < COUNT(places); i++)
        if (places[i].size == end - start && cf_stands(scan, start, places[i].text, end - start)) return true;
    return false;
}

/* Whether a dotted number [start, stop) is the version of a product (`Asterisk 18.20.2.1`) or the tag of an image
 * (`registry/gws:9.0.1.2`); `from` is where the context begins. */
static bool version_of_product(const cf_scan *scan, uint32_t from, uint32_t start, uint32_t stop) {
    static const char *const products[] = {"compiler ", "gcc ", "clang ", "asterisk ", "cvp ", "uccx ",
                                           "freeswitch ", "kamailio ", "opensips ", "erlang "};
    const uint8_t *text = scan->text;
    uint32_t digits, end = start;
    if (start == from || (text[start - 1] != ' ' && text[start - 1] != ':')) return false;
    unsigned first = version_number(text + start, &digits);
    bool numbered = (first <= VERSION_FIRST_MOST && !cf_stands(scan, start, "10.", 3)) || cf_stands(scan, start, "100.0.", 6);
    if (!numbered || (cf_at(scan, stop) == ':' && cf_is_digit(cf_at(scan, (int64_t)stop + 1)))) return false;
    if (text[start - 1] == ':') {
        for (end = start - 1; end > from && start - 1 - end < VERSION_TAG; end--) {
            uint8_t c = text[end - 1];
            if ((uint8_t)(c - 'a') >= 26 && !cf_is_digit(c) && c != '.' && c != '_' && c != '-') break;
        }
        return end < start - 1 && end > from && text[end - 1] == '/' && (uint8_t)(text[end] - 'a') < 26 &&
               !version_place(scan, end, start - 1);
    }
    if (start - from >= 9 && cf_stands_folded(scan, (int64_t)start - 9, " version ", 9)) end = start - 8;
    for (unsigned i = 0; i < COUNT(products); i++)
        if (version_word_before(scan, from, end, products[i])) return true;
    return false;
}

/* Whether a dotted number is an address of a private net, also behind words of versions: `fw 10.12.13.14`, and `nginx 10.1.2.3`,
 * whose versions have three numbers. */
static bool version_is_address(const cf_scan *scan, uint32_t from, uint32_t start) {
    const uint8_t *text = scan->text + start;
    if (version_of_private_net(text)) return true;
    if (text[0] != '1' || text[1] != '0' || text[2] != '.') return false;
    static const char *const services[] = {"nginx ", "tomcat ", "mysql ", "postgres ", "postgresql "};
    for (unsigned i = 0; i < COUNT(services); i++)
        if (version_word_before(scan, from, start, services[i])) return true;
    return cf_is_digit(text[3]) && cf_is_digit(text[4]) && version_word_before(scan, from, start, "fw ");
}
