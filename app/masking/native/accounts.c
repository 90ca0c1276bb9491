/* Accounts and their secrets as devices are configured and directories are asked for (accounts.py of the reference):
 * `username mohara privilege 15 secret 9 $9$…` of Cisco, `Get-ADUser mohara`, `net user mohara … /add`. */
#include "shapes.h"

#include <string.h>

enum { ACCOUNT_USER = 64, ACCOUNT_SECRET = 128, ACCOUNT_WORD = 32 };

static inline bool account_secret_byte(uint8_t c) { return c > ' ' && c != '\'' && c != '"' && c != '<' && c != '>'; }

/* A digit, or a mark that words of a sentence have not. */
static inline bool account_sign(uint8_t c) { return cf_is_digit(c) || (c && strchr("$!@#%^&*_+=/~?", c)); }

/* Where a secret ends that begins at a place, of two to `most` bytes; 0: none does. */
static uint32_t account_secret(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (end < scan->size && end - at <= most && account_secret_byte(scan->text[end])) end++;
    return end - at >= 2 && end - at <= most ? end : 0;
}

/* The same of one that has more than letters; and nothing but blanks and quotes end it. */
static void account_told(cf_scan *scan, uint32_t at) {
    uint32_t end = account_secret(scan, at, ACCOUNT_SECRET);
    uint8_t behind = cf_at(scan, end);
    bool more = false;
    for (uint32_t i = at; i < end; i++) more = more || account_sign(scan->text[i]);
    if (end && more && (end == scan->size || cf_is_space(behind) || behind == '\'' || behind == '"')) command_secret(scan, at, end);
}

/* Behind the digit for how a secret is written, and a blank: `7 `; or the place itself. */
static uint32_t account_sort(const cf_scan *scan, uint32_t at, const char *digits) {
    uint8_t c = cf_at(scan, at);
    return c && strchr(digits, c) && cf_at(scan, at + 1) == ' ' ? at + 2 : at;
}

static uint32_t account_number(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (end - at <= most && cf_is_digit(cf_at(scan, end))) end++;
    return end > at && end - at <= most ? end : 0;
}

/* Where a log-in ends that begins at a place, with these marks in it; 0: none does. */
static uint32_t account_user(const cf_scan *scan, uint32_t at, const char *marks) {
    uint32_t end = at;
    if (!cf_is_alpha(cf_at(scan, at))) return 0;
    while (end - at < ACCOUNT_USER && (cf_is_word(cf_at(scan, end)) || (cf_at(scan, end) && strchr(marks, cf_at(scan, end))))) end++;
    return end - at > 1 ? end : 0;
}

static void account_found(cf_scan *scan, uint32_t start, uint32_t end) {
    if (!identified_nobody(scan, start, end)) text_login_at(scan, start, end);
}

/* Behind `secret ` or `password `; 0: neither stands there. */
static uint32_t account_word_of_secret(const cf_scan *scan, uint32_t at) {
    if (cf_stands(scan, at, "secret ", 7)) return at + 7;
    return cf_stands(scan, at, "password ", 9) ? at + 9 : 0;
}

/* `username mohara privilege 15 secret 9 $9$…`: the word ends at a place. */
static void account_device(cf_scan *scan, uint32_t end) {
    uint32_t user = end + 1, stop = account_user(scan, user, ".@-"), at, word, secret;
    if (!stop || cf_at(scan, stop) != ' ') return;
    at = stop + 1;
    if (cf_stands(scan, at, "privilege ", 10)) {
        word = account_number(scan, at + 10, 2);
        at = word && cf_at(scan, word) == ' ' ? word + 1 : at;
    } else if (cf_stands(scan, at, "role ", 5)) {
        for (word = at + 5; word - at - 5 <= ACCOUNT_WORD && (cf_is_word(cf_at(scan, word)) || cf_at(scan, word) == '-');) word++;
        at = word > at + 5 && word - at - 5 <= ACCOUNT_WORD && cf_at(scan, word) == ' ' ? word + 1 : at;
    }
    secret = account_word_of_secret(scan, at);
    if (!secret) return;
    secret = account_sort(scan, secret, "05789");
    uint32_t last = account_secret(scan, secret, ACCOUNT_SECRET);
    uint8_t behind = cf_at(scan, last);
    bool more = false;
    for (uint32_t i = secret; i < last; i++) more = more || account_sign(scan->text[i]);
    if (!last || !more || !(last == scan->size || cf_is_space(behind) || behind == '\'' || behind == '"')) return;
    account_found(scan, user, stop);
    command_secret(scan, secret, last);
}

/* `enable secret 5 $1$…`: the word ends at a place. */
static void account_enabled(cf_scan *scan, uint32_t end) {
    uint32_t at = account_word_of_secret(scan, end + 1), level;
    if (!at) return;
    if (cf_stands(scan, at, "level ", 6)) {
        level = account_number(scan, at + 6, 2);
        if (level && cf_at(scan, level) == ' ') at = level + 1;
    }
    account_told(scan, account_sort(scan, at, "05789"));
}

/* `radius-server host 10.1.2.3 auth-port 1812 key s3cret`, `snmp-server community s3cret RO`: the word is [start, end). */
static void account_served(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = end + 1, stop;
    bool snmp = cf_ends(scan, start, "snmp-", 5);
    uint32_t size = snmp ? 5 : 7;
    if (!snmp && !cf_ends(scan, start, "radius-", 7) && !cf_ends(scan, start, "tacacs-", 7)) return;
    if (cf_is_word(cf_at(scan, (int64_t)start - size - 1))) return;
    if (snmp) {
        if (!cf_stands(scan, at, "community ", 10)) return;
        at += 10;
        stop = account_secret(scan, at, 64);
        if (!stop || cf_at(scan, stop) != ' ') return;
        static const text_word_of rights[] = {TEXT("RO"), TEXT("RW"), TEXT("ro"), TEXT("rw"), TEXT("view")};
        for (unsigned i = 0; i < COUNT(rights); i++)
            if (cf_stands(scan, stop + 1, rights[i].text, rights[i].size) && !cf_is_word(cf_at(scan, stop + 1 + rights[i].size)))
                return command_secret(scan, at, stop);
        return;
    }
    if (cf_stands(scan, at, "host ", 5)) {
        for (stop = at + 5; stop - at - 5 <= 64 && (cf_is_host_byte(cf_at(scan, stop)) || cf_at(scan, stop) == ':');) stop++;
        if (stop > at + 5 && stop - at - 5 <= 64 && cf_at(scan, stop) == ' ') at = stop + 1;
    }
    for (unsigned option = 0; option < 3; option++) {
        for (stop = at; stop - at <= 16 && ((uint8_t)(cf_at(scan, stop) - 'a') < 26 || cf_at(scan, stop) == '-');) stop++;
        if (stop == at || stop - at > 16 || cf_at(scan, stop) != ' ') break;
        uint32_t number = account_number(scan, stop + 1, 5);
        if (!number || cf_at(scan, number) != ' ' || (cf_stands(scan, at, "key ", 4) && !cf_stands(scan, number + 1, "key ", 4))) break;
        at = number + 1;
    }
    if (cf_stands(scan, at, "key ", 4)) account_told(scan, account_sort(scan, at + 4, "067"));
}

/* `community 's3cret' from …`: the word ends at a place. */
static void account_polled(cf_scan *scan, uint32_t end) {
    uint8_t mark = cf_at(scan, end + 1);
    uint32_t at = end + 2, stop;
    if ((mark != '\'' && mark != '"') || cf_stands(scan, at, "public", 6) || cf_stands(scan, at, "private", 7)) return;
    stop = account_secret(scan, at, 64);
    if (stop && cf_at(scan, stop) == mark) command_secret(scan, at, stop);
}

/* `isakmp key s3cret address …`: the word ends at a place. */
static void account_shared(cf_scan *scan, uint32_t end) {
    if (!cf_stands(scan, end + 1, "key ", 4)) return;
    for (uint32_t at = account_sort(scan, end + 5, "06");; at = end + 5) {
        uint32_t stop = account_secret(scan, at, ACCOUNT_SECRET);
        if (stop && (cf_stands(scan, stop, " address ", 9) || cf_stands(scan, stop, " hostname ", 10))) return command_secret(scan, at, stop);
        if (at == end + 5) return;
    }
}

/* `net user mohara s3cret /add`: the word is [start, end). */
static void account_typed(cf_scan *scan, uint32_t start, uint32_t end) {
    cf_looks(scan);
    uint8_t before = cf_at(scan, (int64_t)start - 5);
    if (!cf_ends(scan, start, "net ", 4) || cf_is_word(before) || before == '.' || before == '-') return;
    uint32_t user = end + 1, stop = account_user(scan, user, ".$-"), secret, last;
    if (!stop || cf_at(scan, stop) != ' ') return;
    if (cf_at(scan, stop + 1) == '/') return account_found(scan, user, stop);
    secret = last = stop + 1;
    while (last < scan->size && last - secret <= ACCOUNT_SECRET && scan->text[last] != '/' && scan->text[last] != '*' &&
           account_secret_byte(scan->text[last]))
        last++;
    if (last - secret < 4 || last - secret > ACCOUNT_SECRET || !cf_stands(scan, last, " /", 2)) return;
    account_found(scan, user, stop);
    command_secret(scan, secret, last);
}

/* `A001 LOGIN mohara s3cret`: the word is [start, end). */
static void account_asked(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of said[] = {TEXT("failed"), TEXT("failure"), TEXT("success"), TEXT("error"), TEXT("denied"), TEXT("attempt"),
                                        TEXT("timeout"), TEXT("ok")};
    uint32_t user = end + 1, stop, last, digits = start - 1, letters;
    if (start < 3 || scan->text[digits] != ' ') return;
    for (letters = digits; letters && digits - letters < 6 && cf_is_digit(scan->text[letters - 1]);) letters--;
    if (letters == digits || digits - letters > 5) return;
    for (digits = letters; letters && digits - letters < 5 && cf_is_alpha(scan->text[letters - 1]);) letters--;
    if (letters == digits || digits - letters > 4 || cf_is_word(cf_at(scan, (int64_t)letters - 1))) return;
    for (unsigned i = 0; i < COUNT(said); i++)
        if (cf_stands_folded(scan, user, said[i].text, said[i].size) && !cf_is_word(cf_at(scan, user + said[i].size))) return;
    stop = account_user(scan, user, ".@-");
    if (!stop || cf_at(scan, stop) != ' ') return;
    last = account_secret(scan, stop + 1, ACCOUNT_SECRET);
    uint8_t behind = cf_at(scan, last);
    if (!last || !(last == scan->size || behind == '\'' || behind == '"' || behind == '\r' || behind == '\n')) return;
    account_found(scan, user, stop);
    command_secret(scan, stop + 1, last);
}

/* `Get-ADUser mohara`: the word is [start, end). */
static void account_directory(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("ADUser"), TEXT("ADAccount"), TEXT("ADAccountPassword")};
    bool known = false;
    for (unsigned i = 0; i < COUNT(words); i++)
        known = known || (words[i].size == end - start && memcmp(scan->text + start, words[i].text, words[i].size) == 0);
    if (!known || cf_at(scan, (int64_t)start - 1) != '-') return;
    cf_looks(scan);
    uint32_t user = end + 1, stop;
    if (cf_stands(scan, user, "-Identity ", 10)) user += 10;
    user += cf_at(scan, user) == '\'' || cf_at(scan, user) == '"';
    stop = account_user(scan, user, ".");
    if (stop && !cf_is_word(cf_at(scan, stop)) && cf_at(scan, stop) != '.' && cf_at(scan, stop) != '-') account_found(scan, user, stop);
}

/* `Permission to cc/agent.git denied to mohara.`: the word is [start, end). */
static void account_denied(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t at = start, user = end + 4, stop = user;
    if (!cf_stands(scan, end, " to ", 4) || !cf_is_alpha(cf_at(scan, user)) || !at || scan->text[--at] != ' ') return;
    uint32_t thing = at;
    while (at && thing - at <= 128 && !cf_is_space(scan->text[at - 1])) at--;
    if (at == thing || thing - at > 128 || !(cf_ends(scan, at, "ermission to ", 13))) return;
    uint8_t first = cf_at(scan, (int64_t)at - 14);
    if ((first != 'P' && first != 'p') || cf_is_word(cf_at(scan, (int64_t)at - 15))) return;
    while (stop - user < ACCOUNT_USER) {
        uint8_t c = cf_at(scan, stop);
        if (!cf_is_word(c) && c != '@' && c != '-' && !(c == '.' && cf_is_word(cf_at(scan, stop + 1)))) break;
        stop++;
    }
    at = stop + (cf_at(scan, stop) == '.');
    if (stop - user > 1 && (at >= scan->size || cf_is_space(scan->text[at]))) account_found(scan, user, stop);
}

/* `set-credentials mohara`: the word is [start, end). */
static void account_credentials(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t user = end + 1, stop = account_user(scan, user, ".@-");
    if (!cf_ends(scan, start, "set-", 4) || cf_is_word(cf_at(scan, (int64_t)start - 5))) return;
    if (stop && (stop == scan->size || cf_is_space(scan->text[stop]))) account_found(scan, user, stop);
}

/* `203.0.113.44:51823 [mohara] Peer Connection Initiated with …`: the word is [start, end). */
static void account_peer(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t stop = start - 2, user = stop, port;
    if (start < 6 || !cf_ends(scan, start, "] ", 2) || !cf_stands(scan, end, " Connection Initiated with ", 27)) return;
    while (user && stop - user <= ACCOUNT_USER && (cf_is_host_byte(scan->text[user - 1]) || scan->text[user - 1] == '@')) user--;
    if (stop - user < 3 || stop - user > ACCOUNT_USER || !cf_is_alpha(scan->text[user]) || !cf_ends(scan, user, " [", 2)) return;
    uint8_t last = cf_at(scan, (int64_t)user - 3);
    for (port = user - 2; port && user - 2 - port < 6 && cf_is_digit(scan->text[port - 1]);) port--;
    bool told = port < user - 2 && user - 2 - port < 6 && cf_at(scan, (int64_t)port - 1) == ':';
    if (told || cf_is_digit(last) || (uint8_t)(last - 'a') < 6) account_found(scan, user, stop);
}

/* A word of four bytes or more with a blank behind it. */
static void account_word(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text + start;
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    bool apart = before != '.' && before != '-';
    switch (end - start) {
    case 4:
        if (memcmp(text, "user", 4) == 0) account_typed(scan, start, end);
        else if (memcmp(text, "Peer", 4) == 0) cf_looks(scan), account_peer(scan, start, end);
        break;
    case 5:
        if (memcmp(text, "LOGIN", 5) == 0) cf_looks(scan), account_asked(scan, start, end);
        break;
    case 6:
        if (*text == 'A') account_directory(scan, start, end);
        else if (*text == 'd' && memcmp(text, "denied", 6) == 0) cf_looks(scan), account_denied(scan, start, end);
        else if (*text == 'e' && apart && memcmp(text, "enable", 6) == 0) cf_looks(scan), account_enabled(scan, end);
        else if (*text == 'i' && memcmp(text, "isakmp", 6) == 0) cf_looks(scan), account_shared(scan, end);
        else if (*text == 's' && before == '-' && memcmp(text, "server", 6) == 0) cf_looks(scan), account_served(scan, start, end);
        else if (*text == 's' && before == '-' && memcmp(text, "string", 6) == 0) {
            cf_looks(scan);
            uint8_t first = cf_at(scan, (int64_t)start - 5);
            if (cf_ends(scan, start, "key-", 4) && !cf_is_word(first) && first != '-') account_told(scan, account_sort(scan, end + 1, "07"));
        }
        break;
    case 8:
        if (apart && memcmp(text, "username", 8) == 0) cf_looks(scan), account_device(scan, end);
        break;
    case 9:
        if (*text == 'c' && memcmp(text, "community", 9) == 0) cf_looks(scan), account_polled(scan, end);
        else if (*text == 'A') account_directory(scan, start, end);
        break;
    case 11:
        if (memcmp(text, "credentials", 11) == 0) cf_looks(scan), account_credentials(scan, start, end);
        break;
    case 17:
        if (*text == 'A') account_directory(scan, start, end);
        break;
    }
}
