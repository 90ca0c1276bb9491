/* Log-ins and secrets in the commands of protocols, and secrets behind the word for them (commands.py of the reference). */
#include "shapes.h"

#include <string.h>

enum { COMMAND_VALUE = 128, COMMAND_BASE64 = 1024, COMMAND_STORE = 24, COMMAND_TICKET = 128 };

/* Whether a word in small letters ends at a place, in any case, and begins there as a word of its own. */
static bool command_word_ends(const cf_scan *scan, uint32_t end, const char *word) {
    uint32_t size = (uint32_t)strlen(word);
    return end >= size && cf_stands_folded(scan, (int64_t)end - size, word, size) && !cf_is_word(cf_at(scan, (int64_t)end - size - 1));
}

/* Whether what begins at a place was sent by somebody: `ftp> USER mohara`, `Client "10.1.2.3", "USER mohara"`. */
static bool command_sent(const cf_scan *scan, uint32_t start) {
    static const char *const senders[] = {"c", "client", "command", "cmd", "sent", "send", "ftp", "pop", "pop3", "imap", "imap4", "smtp"};
    uint8_t before = cf_at(scan, (int64_t)start - 1), mark = cf_at(scan, (int64_t)start - 2), first;
    if (start < 2) return false;
    if (before == '"' || before == '\'') return cf_is_blank(mark);
    if (!cf_is_blank(before)) return false;
    uint32_t at = start - 2, digits = at;
    if (mark == ':') {
        for (unsigned i = 0; i < COUNT(senders); i++)
            if (command_word_ends(scan, at, senders[i])) return true;
        return false;
    }
    if (mark != '>' && mark != '$') return false;
    first = cf_at(scan, (int64_t)at - 1);
    if (!at || first == '\r' || first == '\n') return true;
    if (mark == '$') return false;
    if (cf_ends(scan, at, "ftp", 3) || cf_ends(scan, at, "pop", 3) || cf_ends(scan, at, "pop3", 4) || cf_ends(scan, at, "redis", 5))
        return true;
    while (digits && at - digits < 6 && cf_is_digit(scan->text[digits - 1])) digits--;
    return at - digits >= 2 && at - digits <= 5 && cf_at(scan, (int64_t)digits - 1) == ':';
}

/* `redis-1: AUTH …` */
static bool command_of_store(const cf_scan *scan, uint32_t start) {
    static const text_word_of stores[] = {TEXT("redis"), TEXT("sentinel"), TEXT("valkey")};
    if (!cf_ends(scan, start, ": ", 2)) return false;
    uint32_t colon = start - 2;
    for (uint32_t at = colon; at && colon - at < 34 && cf_is_host_byte(scan->text[at - 1]);) {
        at--;
        for (unsigned i = 0; i < COUNT(stores); i++)
            if (at + stores[i].size <= colon && colon - at - stores[i].size <= COMMAND_STORE &&
                cf_stands_folded(scan, at, stores[i].text, stores[i].size))
                return true;
    }
    return false;
}

/* Where the one word ends that is all that stands behind a command; or 0. */
static uint32_t command_value(const cf_scan *scan, uint32_t at, const char *none) {
    uint32_t end = at;
    while (end < scan->size && end - at <= COMMAND_VALUE && !cf_is_space(scan->text[end]) &&
           !(scan->text[end] && strchr(none, scan->text[end])))
        end++;
    if (end - at < 2 || end - at > COMMAND_VALUE) return 0;
    uint8_t c = cf_at(scan, end);
    bool ends = end == scan->size || c == '"' || c == '\'' || c == ']' || c == '\r' || c == '\n' || cf_stands(scan, end, " ->", 3);
    return ends ? end : 0;
}

/* A variable of a script or a template, and what hid a secret: `$(PASSWORD)`, `%s`, `****`. */
static bool command_stands_for_one(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint8_t first = scan->text[at], next = scan->text[at + 1];
    uint32_t stop = at + 1;
    if (first == '(' || first == '{') return true;
    if (first == '*') {
        while (stop < end && scan->text[stop] == '*') stop++;
        return stop == end;
    }
    if (first == '$') {
        if (next == '(' || next == '{') return true;
        while (stop < end && ((uint8_t)(scan->text[stop] - 'A') < 26 || cf_is_digit(scan->text[stop]) || scan->text[stop] == '_')) stop++;
        return stop == end;
    }
    if (first != '%') return false;
    if (end - at == 2 && (uint8_t)(next - 'a') < 26) return true;
    while (stop < end && stop - at < 31 && cf_is_word(scan->text[stop])) stop++;
    return stop + 1 == end && scan->text[stop] == '%';
}

static void command_secret(cf_scan *scan, uint32_t start, uint32_t end) {
    cf_shape(scan, start, end, CF_BY_SECRET, cf_shape_kind(scan->rules, CF_BY_SECRET), CF_R_COMMAND_LINE, CF_TOUCHING);
}

/* `USER mohara`: the word ends at a place. */
static void command_user(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t user = end + 1, stop = user;
    if (!cf_is_alpha(cf_at(scan, user)) || !command_sent(scan, start)) return;
    while (stop - user < 65 && (cf_is_host_byte(cf_at(scan, stop)) || (cf_at(scan, stop) && strchr("@\\$+", cf_at(scan, stop))))) stop++;
    if (stop - user <= 64 && command_value(scan, user, "\"'<>]") == stop) text_login_at(scan, user, stop);
}

/* `PASS s3cret`; one that was hidden stays. */
static void command_pass(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t value = end + 1, stop = value;
    if (!command_sent(scan, start)) return;
    while (stop - value < 65 && (cf_at(scan, stop) | 32) == 'x') stop++;
    if (stop - value >= 2 && stop - value <= 64 && !cf_is_word(cf_at(scan, stop))) return;
    stop = command_value(scan, value, "\"'<>]");
    if (stop && !command_stands_for_one(scan, value, stop)) command_secret(scan, value, stop);
}

/* `AUTH PLAIN AG1vaGFyYQBzM2NyZXQ=` of SMTP. */
static bool command_answered(cf_scan *scan, uint32_t at) {
    static const text_word_of ways[] = {TEXT("PLAIN "), TEXT("LOGIN "), TEXT("XOAUTH2 ")};
    for (unsigned i = 0; i < COUNT(ways); i++) {
        if (!cf_stands(scan, at, ways[i].text, ways[i].size)) continue;
        uint32_t value = at + ways[i].size, end = value, stop;
        bool told = false;
        while (end - value <= COMMAND_BASE64 && secret_base64_byte(cf_at(scan, end))) told |= cf_is_digit(scan->text[end++]);
        for (stop = end; stop - end < 2 && cf_at(scan, stop) == '=';) stop++;
        uint8_t c = cf_at(scan, stop);
        if (end - value < 8 || end - value > COMMAND_BASE64 || !(told || stop > end) || cf_is_word(c) || c == '=' || c == '-' || c == '+' ||
            c == '/')
            return true;
        command_secret(scan, value, stop);
        return true;
    }
    return false;
}

/* `AUTH s3cret` of Redis; a word of letters alone says what became of it. */
static void command_auth(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t value = end + 1, stop;
    bool told = false;
    if (command_answered(scan, value)) return;
    if (!(command_sent(scan, start) || command_of_store(scan, start))) return;
    stop = command_value(scan, value, "\"'<>]");
    for (uint32_t at = value; at < stop; at++) told |= !cf_is_alpha(scan->text[at]);
    if (stop && told && stop - value >= 5 && !command_stands_for_one(scan, value, stop)) command_secret(scan, value, stop);
}

/* `CVC 139`: what stands on the back of a card. */
static void command_code(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t code = end + 1, stop = code;
    uint8_t letter = scan->text[start + 2], c;
    if (scan->text[start + 1] != 'V' || (letter != 'C' && letter != 'V' && letter != 'N')) return;
    if ((end - start == 4 && scan->text[start + 3] != '2') || cf_at(scan, (int64_t)start - 1) == '-') return;
    cf_looks(scan);
    while (stop - code < 5 && cf_is_digit(cf_at(scan, stop))) stop++;
    c = cf_at(scan, stop);
    if (stop - code < 3 || stop - code > 4 || cf_is_word(c) || c == '.' || c == ':' || c == '%' || c == '-') return;
    command_secret(scan, code, stop);
}

/* `PIN entered by caller +4930901820417: 4471`: the word is [start, end). */
static void command_pin(cf_scan *scan, uint32_t start, uint32_t end) {
    static const char *const verbs[] = {" entered", " typed", " received", " collected"};
    uint32_t at = 0, from, pin;
    if (cf_at(scan, (int64_t)start - 1) == '-') return;
    cf_looks(scan);
    for (unsigned i = 0; i < sizeof verbs / sizeof *verbs && !at; i++)
        if (cf_stands(scan, end, verbs[i], (uint32_t)strlen(verbs[i]))) at = end + (uint32_t)strlen(verbs[i]);
    if (!at) return;
    if (cf_stands(scan, at, " by ", 4)) {
        for (from = at += 4; at - from < 13 && (uint8_t)(cf_at(scan, at) - 'a') < 26;) at++;
        if (at - from < 3 || at - from > 12) return;
    }
    if (cf_at(scan, at) == ' ') {
        at += 1 + (cf_at(scan, at + 1) == '+');
        for (from = at; at - from < 16 && cf_is_digit(cf_at(scan, at));) at++;
        if (at - from < 3 || at - from > 15) return;
    }
    if (!cf_stands(scan, at, ": ", 2)) return;
    for (from = pin = at + 2; pin - from < 9 && cf_is_digit(cf_at(scan, pin));) pin++;
    if (pin - from < 3 || pin - from > 8 || cf_is_word(cf_at(scan, pin)) || (cf_at(scan, pin) == '.' && cf_is_digit(cf_at(scan, pin + 1)))) return;
    command_secret(scan, from, pin);
}

/* A word of three or four capitals, [start, end), with a blank behind it. */
static void command_word(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text + start;
    if (*text == 'C') {
        command_code(scan, start, end);
        return;
    }
    if (end - start == 3 && memcmp(text, "PIN", 3) == 0) return command_pin(scan, start, end);
    if (end - start != 4) return;
    bool user = memcmp(text, "USER", 4) == 0, pass = memcmp(text, "PASS", 4) == 0;
    if (!user && !pass && memcmp(text, "AUTH", 4) != 0) return;
    cf_looks(scan);
    if (user) command_user(scan, start, end);
    else if (pass) command_pass(scan, start, end);
    else command_auth(scan, start, end);
}

/* `ST-4711-…` of a server of single sign-on: its first word is [start, end), a dash behind it. */
static void command_ticket(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text + start;
    uint32_t size = end - start, number = end + 1, at = number, value;
    bool known =
        size == 2 ? (*text == 'S' || *text == 'P') && text[1] == 'T' : (*text == 'T' || *text == 'P') && text[1] == 'G' && text[2] == 'T';
    if (!known || cf_at(scan, (int64_t)start - 1) == '-') return;
    cf_looks(scan);
    while (at - number < 10 && cf_is_digit(cf_at(scan, at))) at++;
    if (at == number || at - number > 9 || cf_at(scan, at) != '-') return;
    for (value = ++at; at - value <= COMMAND_TICKET && cf_is_alnum(cf_at(scan, at));) at++;
    if (at - value < 16 || at - value > COMMAND_TICKET || cf_is_word(cf_at(scan, at))) return;
    for (unsigned parts = 0; parts < 4 && (cf_at(scan, at) == '.' || cf_at(scan, at) == '-');
         parts++, at = number) { /* and the server's name */
        for (number = at + 1; number - at <= 33 && cf_is_alnum(cf_at(scan, number));) number++;
        if (number == at + 1 || number - at > 33 || cf_is_word(cf_at(scan, number))) break;
    }
    command_secret(scan, start, at);
}

/* Sixteen hex digits at a place, and nothing behind them. */
static void command_hex(cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end - at < 17 && (cf_is_digit(cf_at(scan, end)) || (uint8_t)((cf_at(scan, end) | 32) - 'a') < 6)) end++;
    if (end - at == 16 && !cf_is_word(cf_at(scan, end))) command_secret(scan, at, end);
}

/* `F52=9F1C4417A0B0C0D0`: the word [start, end) ends with the number of the field of ISO 8583 that holds a PIN. */
static void command_pin_block(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text + start;
    uint32_t size = end - start - 2;
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (size && text[size - 1] == '0') size--;
    if (size && text[size - 1] == '_') size--;
    bool known = size == 1 ? *text == 'F' || *text == 'P' : size == 2 && (memcmp(text, "DE", 2) == 0 || memcmp(text, "BM", 2) == 0);
    if (!known || before == '.' || before == '-') return;
    cf_looks(scan);
    command_hex(scan, end + 1 + (cf_at(scan, end + 1) == ' '));
}

/* `id="52" value="9F1C4417A0B0C0D0"`: the number is [start, end). */
static void command_pin_field(cf_scan *scan, uint32_t start, uint32_t end) {
    if (end - start == 3 && scan->text[start] != '0') return;
    cf_looks(scan);
    if (cf_ends(scan, start, "id=\"", 4) && !cf_is_word(cf_at(scan, (int64_t)start - 5)) && cf_stands(scan, end, "\" value=\"", 9))
        command_hex(scan, end + 9);
}
