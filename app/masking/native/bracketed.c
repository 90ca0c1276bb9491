/* Callers as traces and logs of switches write them in text (bracketed.py of the reference): `Mary Major <0171 3928465>`,
 * `Mary Major <sip:…>`. A name is two or three words with capitals; one word that says what somebody is, or what is done, may stand before
 * it. */
#include "shapes.h"

#include <string.h>

enum { BRACKETED_NUMBER = 26, BRACKETED_LETTERS = 41, BRACKETED_WORDS = 3,
       BRACKETED_SURE = 9, BRACKETED_WORD = 13, BRACKETED_QUOTED = 128 };

/* Where the number ends that begins at a place, before `>`; 0: none does. */
static uint32_t bracketed_number(const cf_scan *scan, uint32_t start, uint32_t *digits) {
    uint32_t at = start + (cf_at(scan, start) == '+');
    *digits = 0;
    if (!cf_is_digit(cf_at(scan, at))) return 0;
    for (; at - start < BRACKETED_NUMBER; at++) {
        uint8_t c = cf_at(scan, at);
        if (cf_is_digit(c)) ++*digits;
        else if (!c || !strchr(" ()./-", c)) break;
    }
    uint32_t most = cf_stands(scan, start, "9011", 4) ? 18 : 15; /* an outside line of North America */
    return cf_at(scan, at) == '>' && cf_is_digit(scan->text[at - 1]) && *digits >= 7 && *digits <= most ? at : 0;
}

/* Where the word of a name begins that ends at a place, or its end. */
static uint32_t bracketed_word(const cf_scan *scan, uint32_t end) {
    uint32_t start = end;
    while (start && end - start <= BRACKETED_LETTERS &&
           (spoken_letter(scan->text[start - 1]) || strchr("'.-", scan->text[start - 1] ? scan->text[start - 1] : 'x')))
        start--;
    if (end - start > 2 && escape_ended(scan, start + 1)) start++; /* Hello,\nMary Major <m@example.com> */
    if (end - start < 2 || end - start > BRACKETED_LETTERS || !spoken_capital(scan->text[start]) || !spoken_letter(scan->text[end - 1]))
        return end;
    for (uint32_t at = start; at + 1 < end; at++)
        if (!spoken_letter(scan->text[at]) && !spoken_letter(scan->text[at + 1])) return end;
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    return (cf_is_word(before) && !escape_ended(scan, start)) || before == '@' ? end : start;
}

static bool bracketed_role(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of roles[] = {TEXT("Caller"), TEXT("Customer"), TEXT("Agent"),
                                         TEXT("Client"), TEXT("Contact"), TEXT("From"), TEXT("To"),
                                         TEXT("User"), TEXT("Call"), TEXT("Name"), TEXT("Operator"), TEXT("Supervisor"), TEXT("Employee"),
                                         TEXT("Kunde"), TEXT("Kundin"), TEXT("Anrufer"), TEXT("Cliente"), TEXT("Klient"), TEXT("Appelant"),
                                         TEXT("Llamante"), TEXT("Klant"), TEXT("Processing"),
                                         TEXT("Calling"), TEXT("Dialing"), TEXT("Dialling"),
                                         TEXT("Incoming"), TEXT("Outgoing"), TEXT("Ringing"),
                                         TEXT("Connecting"), TEXT("Routing"), TEXT("Transferring"),
                                         TEXT("Invite"), TEXT("Answered"),
                                         TEXT("Von"), TEXT("An"), TEXT("De"), TEXT("Da"), TEXT("Author"),
                                         TEXT("Sender"), TEXT("Recipient"), TEXT("E-Mail"), TEXT("Email"),
                                         TEXT("Mail"), TEXT("Nachricht"), TEXT("Anruf"), TEXT("Message"), TEXT("Ticket")};
    for (unsigned i = 0; i < COUNT(roles); i++)
        if (roles[i].size == end - start && cf_stands(scan, start, roles[i].text, end - start)) return true;
    return false;
}

/* Seconds and milliseconds since 1970, and `20230609101502`: no number that is written without + has these forms. */
static bool bracketed_time(const cf_scan *scan, uint32_t start, uint32_t end) {
    for (uint32_t at = start; at < end; at++)
        if (!cf_is_digit(scan->text[at])) return false;
    if (end == start + 14) return cf_stands(scan, start, "19", 2) || cf_stands(scan, start, "20", 2);
    return (end == start + 10 || end == start + 13) && scan->text[start] == '1';
}

/* Where up to three small words of a name begin that end at a place, each with a blank before it; else the place. */
static uint32_t bracketed_particles(const cf_scan *scan, uint32_t end) {
    for (unsigned word = 0; word < 3; word++) {
        uint32_t start = end;
        while (start && end - start < 6 && (uint8_t)(scan->text[start - 1] - 'a') < 26) start--;
        if (end - start < 2 || cf_stands(scan, start, "und", 3) || name_particle(scan, start, end) != end - start ||
            cf_at(scan, (int64_t)start - 1) != ' ')
            break;
        end = start - 1;
    }
    return end;
}

/* Whether one of the words in [start, end) is one of those in a list, each with a blank before and behind it. */
static bool bracketed_listed(const cf_scan *scan, uint32_t start, uint32_t end, const char *list) {
    for (uint32_t at = start; at < end; at++) {
        char word[BRACKETED_WORD + 3] = " ";
        uint32_t size = 0;
        for (; at < end && scan->text[at] != ' '; at++)
            if (size++ < BRACKETED_WORD) word[size] = (char)cf_lower(scan->text[at]);
        if (!size || size > BRACKETED_WORD) continue;
        word[size + 1] = ' ';
        if (strstr(list, word)) return true;
    }
    return false;
}

/* Who makes programs and who sends mail for them: `Red Hat <security@…>`, `Cron Daemon <root@…>`; the sign of the address is at a place. */
static bool bracketed_makes(const cf_scan *scan, uint32_t start, uint32_t end, uint32_t sign) {
    return bracketed_listed(
               scan, start, end,
               " actions apache community corporation daemon debian developer developers development fedora foundation github gitlab"
               " gnome hat inc jenkins kde kubernetes limited llc ltd maintainer maintainers mozilla notifications opensuse packaging"
               " project team technologies tomcat ubuntu ") ||
           bracketed_listed(scan, end + 2, sign,
                            " abuse bugs cron daemon devel developer developers donotreply hostmaster list lists mailer-daemon maintainer"
                            " maintainers no-reply nobody noreply postmaster root security webmaster ");
}

/* The sign of the mail address that begins at a place: behind its name, before what a domain begins with; or 0. */
static uint32_t bracketed_mail(const cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    if (!cf_is_alnum(cf_at(scan, at))) return 0;
    while (at - start < 65 && (cf_is_word(cf_at(scan, at)) || cf_at(scan, at) == '.' || cf_at(scan, at) == '+' || cf_at(scan, at) == '%' ||
                               cf_at(scan, at) == '-'))
        at++;
    return at - start < 65 && cf_at(scan, at) == '@' && cf_is_alnum(cf_at(scan, at + 1)) ? at : 0;
}

/* `<` at a place, with a blank before it, as one byte or as .NET and Go write it in JSON: \\u003c */
static void bracketed_caller(cf_scan *scan, uint32_t at, uint32_t mark) {
    static const char *const uris[] = {"sip:", "sips:", "tel:", "SIP:", "SIPS:", "TEL:"};
    uint32_t digits = 0, number = mark == 1 ? bracketed_number(scan, at + 1, &digits) : 0, starts[BRACKETED_WORDS], ends[BRACKETED_WORDS],
             words = 0, end = at - 1, mail = 0;
    uint8_t first = cf_at(scan, (int64_t)at + mark);
    bool uri = false, named = false, written = first == '+' || first == '0';
    for (unsigned i = 0; i < COUNT(uris) && !number && !uri; i++)
        uri = cf_stands(scan, (int64_t)at + mark, uris[i], (uint32_t)strlen(uris[i]));
    if (!uri && !number) mail = bracketed_mail(scan, at + mark);
    uri = uri || mail;
    if ((!number && !uri) || token_at(scan->text, scan->size, at)) return; /* <TEL:…> is no URI */
    while (words < BRACKETED_WORDS) {
        uint32_t start = bracketed_word(scan, end);
        if (start == end) break;
        starts[words] = start;
        ends[words++] = end;
        if (!start || scan->text[start - 1] != ' ') break;
        end = bracketed_particles(scan, start - 1);
    }
    for (; words > 1 && !named; words--) {
        if (bracketed_role(scan, starts[words - 1], ends[words - 1])) continue;
        named = bound_small(scan, starts[words - 1], at - 1) && !name_nobody(scan, starts[words - 1], at - 1) &&
                !(mail && bracketed_makes(scan, starts[words - 1], at - 1, mail)) && !bracketed_time(scan, at + 1, number);
        if (named && (uri || written || digits >= BRACKETED_SURE)) spoken_found(scan, starts[words - 1], at - 1);
        break;
    }
    if (number && (written ? digits > 7 && at > 1 && spoken_letter(scan->text[at - 2]) : named && digits >= BRACKETED_SURE))
        cf_shape(scan, at + 1, number, CF_BY_PHONE, cf_shape_kind(scan->rules, CF_BY_PHONE), CF_R_PHONE, CF_LEARN);
}

/* The size of an escaped quote that ends at a place, with all its backslashes; 0: none does. */
static uint32_t bracketed_quote(const cf_scan *scan, uint32_t end) {
    static const char *const quotes[] = {"\\u0022", "\\x22", "&quot;", "&#34;"};
    for (unsigned i = 0; i < COUNT(quotes); i++)
        if (cf_ends(scan, end, quotes[i], (uint32_t)strlen(quotes[i]))) return (uint32_t)strlen(quotes[i]);
    uint32_t at = end;
    if (cf_at(scan, (int64_t)end - 1) != '"') return 0;
    for (at--; at && end - at <= 9 && scan->text[at - 1] == '\\';) at--;
    return end - at > 1 ? end - at : 0;
}

/* The name in escaped quotes before a bracket of `size` bytes at a place: \u0022Mary Lee\u0022 \u003csip: of .NET, Go, XML. */
static void bracketed_escaped(cf_scan *scan, uint32_t at, uint32_t size, bool mails) {
    static const char *const schemes[] = {"sip:", "sips:", "tel:", "SIP:", "SIPS:", "TEL:"};
    const uint8_t *text = scan->text;
    uint32_t end = at - (at && text[at - 1] == ' '), quote = bracketed_quote(scan, end), start;
    bool plain = text[end - (end > 0)] == '"', uri = false;
    if (!quote || quote > 9 || (plain && size == 1)) return; /* those before < are found with it */
    if (size == 1 && token_at(text, scan->size, at)) return; /* <TEL:…> is no URI */
    for (unsigned i = 0; i < COUNT(schemes) && !uri; i++) uri = cf_stands(scan, at + size, schemes[i], (uint32_t)strlen(schemes[i]));
    if (!uri && !(mails && bracketed_mail(scan, at + size))) return;
    for (start = end -= quote; start && end - start <= BRACKETED_QUOTED; start--) {
        uint8_t c = text[start - 1];
        if (cf_is_word(c) || c >= 0x80 || memchr(".', ()+-", c, 8)) continue;
        if (c == '\\' && text[start] == 'u' && !cf_stands(scan, start, "u0022", 5)) {
            unsigned hex = 1;
            while (hex < 5 && text_hex(cf_at(scan, start + hex)) < 16) hex++;
            if (hex == 5) continue;
        }
        break;
    }
    if (start && text[start - 1] == '\\') start += cf_stands(scan, start, "u0022", 5) ? 5 : cf_stands(scan, start, "x22", 3) ? 3 : 0;
    uint32_t open = bracketed_quote(scan, start);
    bool same = open >= quote && memcmp(text + start - quote, text + end, quote) == 0;
    if (same && start < end && end - start <= BRACKETED_QUOTED) sip_name(scan, start, end);
}

/* `&quot;Mary Lee&quot; &lt;sip:` of XML: the scheme ends at a place. */
static void bracketed_in_xml(cf_scan *scan, uint32_t at) {
    uint32_t start = at - 3 - (cf_lower(cf_at(scan, (int64_t)at - 1)) == 's');
    if (at >= 8 && cf_ends(scan, start, "&lt;", 4)) bracketed_escaped(scan, start - 4, 4, false);
}
