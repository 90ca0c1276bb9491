/* Mail addresses and positions by their shape in plain text; the places that app/masking/mails.py and text.py find. logins.c,
 * loghosts.c and persons.c have the others. */
#include "shapes.h"
#include "sixteen.h"

#include <string.h>

/* Marks that a mail address may hold before its sign. */
static const uint8_t text_locals[128] = {['.'] = 1, ['%'] = 1, ['+'] = 1, ['-'] = 1, ['\''] = 1, ['!'] = 1, ['#'] = 1, ['$'] = 1, ['&'] = 1,
                                         ['*'] = 1, ['/'] = 1, ['='] = 1, ['?'] = 1, ['^'] = 1,
                                         ['`'] = 1, ['{'] = 1, ['|'] = 1, ['}'] = 1, ['~'] = 1};

static inline bool text_local(uint8_t c) { return (cf_class[c] & CF_WORD) != 0 || text_locals[c & 127]; }

static inline bool text_capital(uint8_t c) { return (uint8_t)(c - 'A') < 26; }

static inline bool text_cuts_mail(uint8_t c) {
    return c == '=' || c == '?' || c == '&' || c == '|' || c == '/';
}

/* Whether a log-in of a URL stands there: `://user` up to a place, in the bytes from `least` on. */
static bool text_behind_slashes(const cf_scan *scan, uint32_t least, uint32_t end) {
    uint32_t at = end;
    while (at > least && end - at < 64) {
        uint8_t c = scan->text[at - 1];
        if (cf_is_space(c) || c == '/' || c == '@') break;
        at--;
    }
    return at >= least + 3 && cf_ends(scan, at, "://", 3);
}

/* Whether the header or key of a Call-ID ends at a place. */
static bool text_behind_call_id(const cf_scan *scan, uint32_t least, uint32_t end) {
    static const text_word_of names[] = {TEXT("call-id"), TEXT("callid"), TEXT("in-reply-to"), TEXT("replaces"),
                                         TEXT("target-dialog"), TEXT("join"), TEXT("i")};
    uint32_t at = end;
    while (at > least && end - at < 4) {
        uint8_t c = scan->text[at - 1];
        if (!cf_is_space(c) && c != ':' && c != '=' && c != '\'' && c != '"') break;
        at--;
    }
    if (at == end) return false;
    for (unsigned i = 0; i < COUNT(names); i++) {
        if (at - least < names[i].size || !cf_stands_folded(scan, at - names[i].size, names[i].text, names[i].size)) continue;
        uint32_t start = at - names[i].size;
        if (start == least) return true;
        uint8_t c = scan->text[start - 1];
        if (cf_is_space(c) || c == '[' || c == '(' || c == '{' || c == ';' || c == ',') return true;
    }
    return false;
}

/* Whether the header or key of a mail's own id ends at a place. */
static bool text_behind_message_id(const cf_scan *scan, uint32_t least, uint32_t end) {
    static const text_word_of names[] = {TEXT("message-id"), TEXT("message_id"), TEXT("messageid"),
                                         TEXT("msg-id"), TEXT("msgid"), TEXT("references"), TEXT("in-reply-to")};
    uint32_t at = end, typed = end - (end > least && scan->text[end - 1] == '<');
    bool listed = typed >= least + 11 && cf_ends(scan, typed, "\" [str] = \"", 11); /* "Message-ID" [str] = "<…" */
    if (listed) at = typed - 11;
    while (!listed && at > least && end - at < 6) {
        uint8_t c = scan->text[at - 1];
        if (!cf_is_space(c) && c != ':' && c != '=' && c != '\'' && c != '"' && c != '<') break;
        at--;
    }
    if (!listed && (at == end || end - at > 5)) return false;
    for (unsigned i = 0; i < COUNT(names); i++) {
        if (at - least < names[i].size || !cf_stands_folded(scan, at - names[i].size, names[i].text, names[i].size)) continue;
        uint32_t start = at - names[i].size;
        uint8_t c = start > least ? scan->text[start - 1] : ' ';
        if (cf_is_space(c) || memchr("[({;,'\"_", c, 8)) return true;
    }
    return false;
}

/* Whether a domain is the number of a unit of systemd: getty@tty1.service, user@1000.service. */
static bool text_unit(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of units[] = {TEXT("service"), TEXT("socket"), TEXT("timer"), TEXT("mount"), TEXT("slice")};
    uint32_t at = start, digits;
    at += cf_stands(scan, at, "tty", 3) ? 3 : cf_at(scan, at) == 'c';
    for (digits = at; at - digits < 6 && cf_is_digit(cf_at(scan, at));) at++;
    if (at > digits && cf_stands(scan, at, "-main", 5)) at += 5;
    if (at == digits || at >= end || scan->text[at++] != '.') return false;
    for (unsigned i = 0; i < COUNT(units); i++)
        if (end - at == units[i].size && cf_stands(scan, at, units[i].text, units[i].size)) return true;
    return false;
}

/* Whether a domain is the scale of a picture and its kind: logo@2x.png. */
static bool text_picture(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of kinds[] = {TEXT("png"), TEXT("jpg"), TEXT("jpeg"), TEXT("gif"), TEXT("webp"), TEXT("svg"), TEXT("avif")};
    if ((uint8_t)(scan->text[start] - '1') >= 4 || !cf_stands(scan, start + 1, "x.", 2)) return false;
    for (unsigned i = 0; i < COUNT(kinds); i++)
        if (end - start == kinds[i].size + 3 && cf_stands(scan, start + 3, kinds[i].text, kinds[i].size)) return true;
    return false;
}

/* Whether a domain ends as targets of routing do: Skill>5@StatServer.GA is no person. */
static bool text_target(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of targets[] = {TEXT(".GA"), TEXT(".AG"), TEXT(".GP"), TEXT(".PG"),
                                           TEXT(".GQ"), TEXT(".QG"), TEXT(".Q"), TEXT(".VQ"),
                                           TEXT(".RP"), TEXT(".DN"), TEXT(".GD"), TEXT(".AP"),
                                           TEXT(".VAG"), TEXT(".SWITCH"), TEXT(".POOL")};
    static const text_word_of threads[] = {TEXT("thread.v2"), TEXT("thread.tacv2"), TEXT("thread.skype")}; /* of Teams */
    if (text_picture(scan, start, end)) return true;
    if ((uint8_t)(scan->text[end - 1] - 'A') >= 26 && !strchr("etr2", scan->text[end - 1])) return false;
    for (unsigned i = 0; i < COUNT(threads); i++)
        if (end - start == threads[i].size && cf_stands(scan, start, threads[i].text, threads[i].size)) return true;
    if (end - start > 2 && cf_ends(scan, end, ".A", 2))
        return cf_is_alpha(scan->text[start]) && !memchr(scan->text + start, '.', end - start - 2);
    if (end - start > 3 && scan->text[end - 3] == '.' && (uint8_t)(scan->text[end - 1] - 'A') < 26 &&
        (scan->text[end - 2] == 'X' || (scan->text[end - 2] == 'Q' && scan->text[end - 1] >= 'M')))
        return true; /* no country has such a code */
    for (unsigned i = 0; i < COUNT(targets); i++)
        if (end - start >= targets[i].size && cf_ends(scan, end, targets[i].text, targets[i].size)) return true;
    return text_unit(scan, start, end);
}

static bool license_port_before(const cf_scan *scan, uint32_t at, uint32_t least);

/* Whether a domain is one of those in names of algorithms and grammars: chacha20-poly1305@openssh.com */
static bool text_algorithm(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of domains[] = {TEXT("openssh.com"), TEXT("libssh.org"), TEXT("form-level.store"), TEXT("field-level.store"),
                                           TEXT("document-level.store"), TEXT("root-level.store")};
    for (unsigned i = 0; i < COUNT(domains); i++)
        if (domains[i].size == end - start && cf_stands(scan, start, domains[i].text, end - start)) return true;
    return false;
}

/* The value of a hexadecimal digit, or 16. */
static inline unsigned text_hex(uint8_t c) {
    return cf_is_digit(c) ? (unsigned)c - '0' : (uint8_t)((c | 32) - 'a') < 6 ? (unsigned)(c | 32) - 'a' + 10 : 16;
}

/* Whether a mark that no mail address holds stands at a place as URLs hold it: %3Cmary%40example.com%3E; what is decoded so is one of
 * tab, line ends, blank " & ( ) , / : ; < = > ? [ ] { | } */
static inline bool text_escaped_mark(const cf_scan *scan, uint32_t at) {
    static const uint16_t marks[8] = {1 << 0x9 | 1 << 0xA | 1 << 0xD,
                                      0,
                                      1 << 0x0 | 1 << 0x2 | 1 << 0x6 | 1 << 0x8 | 1 << 0x9 | 1 << 0xC | 1 << 0xF,
                                      0x3F << 0xA,
                                      0,
                                      1 << 0xB | 1 << 0xD,
                                      0,
                                      1 << 0xB | 1 << 0xC | 1 << 0xD};
    unsigned high = text_hex(scan->text[at + 1]), low = text_hex(scan->text[at + 2]);
    return high < 8 && low < 16 && marks[high] >> low & 1;
}

/* Where the part of a mail address before its sign begins, the sign being at a place; the place itself: there is none. */
static uint32_t text_local_first(const cf_scan *scan, uint32_t least, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t from = at, cut = 0, quote = at;
    for (uint8_t c; from > least && text_local(c = text[from - 1]); from--) {
        if (!cf_is_word(c) && c < 0x80) {
            if (c == '%' && at - from > 1 && text_escaped_mark(scan, from - 1)) {
                from += 2;
                break;
            }
            if (c == '*' && from >= least + 4 && text[from - 4] == '*' && text_capital(text[from - 3]) && text_capital(text[from - 2]))
                break; /* *EM* of X12 */
            if (!cut && text_cuts_mail(c)) cut = from;
            if (c == '\'' && quote == at) quote = from - 1;
        }
    }
    while (from < at && text[from] < 0x80 && !cf_is_word(text[from])) from++;
    uint32_t start = cut > from ? cut : from;
    if (quote == at || quote < start) return start;
    bool marked = quote == start + 1 && (text[start] == 'N' || text[start] == 'b' || text[start] == 'u'); /* N'…' */
    if (quote == start || marked || !cf_is_alpha(text[quote - 1])) return quote + 1; /* a quote, not mary.o'hara@ */
    return cf_stands(scan, quote, "'COM+", 5) ? quote + 5 : start; /* of EDIFACT */
}

/* The same behind the code of a number of EDIFACT, and the sign before the next: COM+4930901820417:TE+mary@example.org:EM' */
static uint32_t text_local_begins(const cf_scan *scan, uint32_t least, uint32_t at) {
    static const char *const codes[] = {"TE+", "FX+", "AL+", "CP+", "HP+", "WP+", "MO+"};
    uint32_t start = text_local_first(scan, least, at);
    if (at - start < 4 || scan->text[start + 2] != '+' || cf_at(scan, (int64_t)start - 1) != ':' || !cf_is_digit(cf_at(scan, (int64_t)start - 2))) return start;
    uint32_t number = start - 1;
    while (number && start - number < 22 && cf_is_digit(scan->text[number - 1])) number--;
    if (cf_at(scan, (int64_t)number - 1) != '+' && cf_at(scan, (int64_t)number - 1) != '\'') return start; /* 10:15:MO+mary@… */
    for (unsigned i = 0; i < COUNT(codes); i++)
        if (memcmp(scan->text + start, codes[i], 3) == 0) return start + 3;
    return start;
}

/* A mail address around `@` or `%40` at a place; `behind` is behind it. */
static void text_mail(cf_scan *scan, uint32_t at, uint32_t behind) {
    const uint8_t *text = scan->text;
    uint32_t end = behind, labels = 0;
    if (!cf_is_alnum(cf_at(scan, end))) return;
    while (end - behind < 64 && (cf_is_alnum(cf_at(scan, end)) || cf_at(scan, end) == '-')) end++;
    if (end - behind > 63 || cf_at(scan, end) != '.') return;
    while (labels < 8 && cf_at(scan, end) == '.') {
        uint32_t label = end + 1, stop = label;
        while (stop - label < 63 && (cf_is_alnum(cf_at(scan, stop)) || cf_at(scan, stop) == '-')) stop++;
        if (stop == label) break;
        end = stop;
        labels++;
    }
    if (!labels) return;
    while (text[end - 1] == '-' || text[end - 1] == '.') end--;
    uint32_t digits = end;
    while (digits > behind && cf_is_digit(text[digits - 1])) digits--;
    if (digits < end && text[digits - 1] == '.') return;
    if (digits == behind || text_target(scan, behind, end)) return;

    uint32_t least = at > 66 ? at - 66 : 0, start = text_local_begins(scan, least, at);
    if (start == at) return;
    uint8_t domain = cf_at(scan, (int64_t)start - 2);
    if (at - start > 1 && escape_at(scan, start) && !cf_is_digit(domain) && (uint8_t)(domain - 'A') >= 26)
        start++; /* Mail:\tmary@example.com */
    uint32_t hidden = escape_letters(scan, start); /* \x22mary@example.com */
    if (hidden < at - start) start += hidden;
    least = sixteen_behind_last(text, start > 40 ? start - 40 : 0, start, '\n', '\n');
    bool passed = start - least >= 4 && (cf_ends(scan, start, "sip:", 4) || cf_ends(scan, start, "SIP:", 4));
    passed = passed || (start - least >= 5 && cf_ends(scan, start, "sips:", 5));
    passed = passed || (start - least >= 6 && cf_stands_folded(scan, (int64_t)start - 6, "sip%3a", 6));
    passed = passed || (start - least >= 7 && cf_stands_folded(scan, (int64_t)start - 7, "sips%3a", 7));
    if (passed || text_algorithm(scan, behind, end) || (at && cf_is_digit(text[at - 1]) && license_port_before(scan, at, least)) ||
        text_behind_slashes(scan, least, start) || text_behind_call_id(scan, least, start)) {
        cf_passed_over(scan, start, end, CF_BY_MAIL, CF_R_MAIL);
        return;
    }
    if (text_behind_message_id(scan, least, start) ||
        (at - start < 16 && cf_internal_number(scan->rules, text + start, at - start))) /* 7021@sip.example.net */
        cf_shape(scan, behind, end, CF_BY_MAIL, CF_HOST, CF_R_MAIL, CF_LEARN);
    else
        cf_shape(scan, start, end, CF_BY_MAIL, cf_shape_kind(scan->rules, CF_BY_MAIL), CF_R_MAIL, CF_LEARN);
}

/* Whether bytes have a form: '0' a digit, 'A' a capital, 'a' a small letter, '_' a blank or a digit, others themselves. */
static bool text_form(const cf_scan *scan, int64_t at, const char *form) {
    for (; *form; form++, at++) {
        uint8_t c = cf_at(scan, at);
        bool right = *form == '0'   ? cf_is_digit(c)
                     : *form == 'A' ? (uint8_t)(c - 'A') < 26
                     : *form == 'a' ? (uint8_t)(c - 'a') < 26
                     : *form == '_' ? cf_is_digit(c) || c == ' '
                                    : c == (uint8_t)*form;
        if (!right) return false;
    }
    return true;
}

/* Behind `-12.345` at a place, or 0. */
static uint32_t text_degrees(const cf_scan *scan, uint32_t at) {
    if (cf_at(scan, at) == '-') at++;
    uint32_t end = at;
    while (end - at < 3 && cf_is_digit(cf_at(scan, end))) end++;
    if (end == at || cf_at(scan, end) != '.') return 0;
    at = ++end;
    while (end - at < 12 && cf_is_digit(cf_at(scan, end))) end++;
    return end - at >= 2 ? end : 0;
}

static void text_geo(cf_scan *scan, uint32_t at) {
    cf_looks(scan);
    uint32_t end = text_degrees(scan, at + 1);
    if (!end || cf_at(scan, end) != ',') return;
    cf_crosses(scan);
    end++;
    end = text_degrees(scan, cf_is_space(cf_at(scan, end)) ? end + 1 : end);
    if (end)
        cf_shape(scan, at + 1, end, CF_BY_GEO, cf_shape_kind(scan->rules, CF_BY_GEO), CF_R_GEO_URI, CF_TOUCHING);
}

/* `52.51627` at a place: behind it, or 0. */
static uint32_t text_exactly(const cf_scan *scan, uint32_t at) {
    uint32_t end = text_degrees(scan, at), dot = end;
    while (dot > at && scan->text[dot - 1] != '.') dot--;
    return end && end - dot >= 4 ? end : 0;
}

/* Whether a number below ten ends at a place that has only noughts behind its dot. */
static bool text_whole(const cf_scan *scan, uint32_t end) {
    while (end && scan->text[end - 1] == '0') end--;
    uint8_t c = cf_at(scan, (int64_t)end - 3);
    return cf_at(scan, (int64_t)end - 1) == '.' && !cf_is_digit(c);
}

/* `pos=52.51627, 13.37770`: the word [start, end) stands before its sign. Of media the positions have one number. */
static void text_placed(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("pos"), TEXT("loc"), TEXT("ll"), TEXT("center"), TEXT("point")};
    static const text_word_of said[] = {TEXT("gps"), TEXT("lon"), TEXT("position"), TEXT("location"), TEXT("coordinates")};
    uint8_t first = scan->text[start] | 32, before = cf_at(scan, (int64_t)start - 1), mark;
    bool known = false, blank = cf_at(scan, end) == ' ';
    if ((first != 'p' && first != 'l' && first != 'c' && first != 'g') || before == '.' || before == '-') return;
    for (unsigned i = 0; i < COUNT(words) && !known; i++) {
        const text_word_of *word = blank ? &said[i] : &words[i];
        known = word->size == end - start && cf_stands_folded(scan, start, word->text, word->size);
    }
    if (!known) return;
    cf_looks(scan);
    uint32_t place = end + 1 + (!blank && cf_at(scan, (int64_t)end + 1) == ' '), at;
    mark = cf_at(scan, place);
    place += mark == '"' || mark == '\'' || mark == '(' || mark == '[';
    at = text_exactly(scan, place);
    if (!at || cf_at(scan, at) != ',') return;
    bool whole = blank && end - start == 8 && text_whole(scan, at);
    at = text_exactly(scan, at + 1 + (cf_at(scan, at + 1) == ' '));
    if (at && whole && text_whole(scan, at)) return; /* location 1.00000, 2.00000 of a drawing */
    if (!at || cf_is_digit(cf_at(scan, at)) || cf_at(scan, at) == '.') return;
    cf_shape(scan, place, at, CF_BY_GEO, cf_shape_kind(scan->rules, CF_BY_GEO), CF_R_GEO_URI, CF_TOUCHING);
}
