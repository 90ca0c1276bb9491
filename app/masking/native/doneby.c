/* Log-ins behind what somebody did, and behind words for users: `approved by m.ohara`, `utilisateur mohara7` (doneby.py of the
 * reference). */
#include "shapes.h"

#include <string.h>

static inline bool done_small(uint8_t c) { return (uint8_t)(c - 'a') < 26; }

/* Whether the second part of a log-in, [start, end), is that of a program, a file or a host. */
static bool done_thing(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char things[] =
        " service timer socket target mount daily weekly hourly monthly local internal default system server client manager module"
        " plugin scheduler job task worker boot maven gradle exe conf config json yaml yml xml html jar war class java php aspx css"
        " txt log ini properties com net org info cloud dev example cgi bat cmd dll sys ";
    char word[28] = " ";
    if (end - start > 24) return false;
    memcpy(word + 1, scan->text + start, end - start);
    word[end - start + 1] = ' ';
    return strstr(things, word) != NULL;
}

/* `approved by m.ohara`: `by` begins at a place, the log-in at another. */
static void done_by(cf_scan *scan, uint32_t by, uint32_t user) {
    static const text_word_of done[] = {
        TEXT("approved "), TEXT("requested "), TEXT("reviewed "), TEXT("rejected "), TEXT("acknowledged "), TEXT("signed "),
        TEXT("submitted "), TEXT("modified "), TEXT("edited "), TEXT("created "), TEXT("changed "), TEXT("updated "), TEXT("deleted "),
        TEXT("unlocked "), TEXT("locked "), TEXT("exported "), TEXT("assigned "), TEXT("granted "), TEXT("revoked "), TEXT("cancelled "),
        TEXT("canceled "), TEXT("closed "), TEXT("opened "), TEXT("rotated "), TEXT("reset "),
        TEXT("resolved "), TEXT("reopened ")};
    uint32_t dot = user, end, digits;
    while (dot - user < 21 && done_small(cf_at(scan, dot))) dot++;
    if (dot == user || dot - user > 20 || cf_at(scan, dot) != '.') return;
    for (end = dot + 1; end - dot < 26 && done_small(cf_at(scan, end));) end++;
    if (end - dot < 4 || end - dot > 25) return;
    for (digits = end; digits - end < 3 && cf_is_digit(cf_at(scan, digits));) digits++;
    uint8_t c = cf_at(scan, digits);
    uint8_t next = cf_at(scan, (int64_t)digits + 1);
    if (cf_is_word(c) || c >= 0x80 || (c && strchr("@/(\\=-", c))) return;
    if ((c == '.' && cf_is_word(next)) || (c == ':' && (cf_is_word(next) || next == '/'))) return;
    if (digits == end && done_thing(scan, dot + 1, end)) return;
    for (unsigned i = 0; i < COUNT(done); i++) {
        uint32_t word = by - done[i].size;
        if (by < done[i].size || (scan->text[word] | 32) != done[i].text[0]) continue;
        if (!cf_stands(scan, (int64_t)word + 1, done[i].text + 1, done[i].size - 1)) continue;
        uint8_t before = cf_at(scan, (int64_t)word - 1);
        if (cf_is_word(before) || before >= 0x80 || before == '-') continue;
        if (!identified_nobody(scan, user, digits)) text_login_at(scan, user, digits);
        return;
    }
}

/* Where a log-in ends that has a sign or a digit in it: mtcl_ohara, mohara7; 0: none begins at a place. */
static uint32_t done_login(const cf_scan *scan, uint32_t user) {
    uint32_t end = user, part, parts = 0;
    bool letters = true;
    if (!done_small(cf_at(scan, user))) return 0;
    while (end - user < 33 && (done_small(cf_at(scan, end)) || cf_is_digit(cf_at(scan, end)))) {
        letters = letters && done_small(scan->text[end]);
        end++;
    }
    if (end - user > 32) return 0;
    for (; parts < 3; parts++, end = part) {
        uint8_t mark = cf_at(scan, end);
        if (mark != '.' && mark != '_') break;
        for (part = end + 1; part - end < 33 && (done_small(cf_at(scan, part)) || cf_is_digit(cf_at(scan, part)));) part++;
        if (part - end < 2 || part - end > 32) break;
    }
    if (parts) return end;
    if (letters) return 0;
    for (part = user; done_small(scan->text[part]);) part++; /* letters, and digits behind them alone */
    if (part - user < 2 || part - user > 31 || end - part > 6) return 0;
    for (uint32_t at = part; at < end; at++)
        if (!cf_is_digit(scan->text[at])) return 0;
    return end;
}

/* `utilisateur mtcl_ohara`, `User adm_ohara session 14`: the word [start, end) has a blank behind it. */
static void done_user(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("utilisateur"), TEXT("usuario"), TEXT("utente"), TEXT("benutzer"), TEXT("gebruiker"),
                                         TEXT("utilizador"), TEXT("bruker"), TEXT("bruger"), TEXT("uzivatel"), TEXT("user")};
    const uint8_t *text = scan->text;
    unsigned found = COUNT(words);
    for (unsigned i = 0; i < COUNT(words); i++)
        if (end - start == words[i].size && (text[start] | 32) == words[i].text[0] &&
            memcmp(text + start + 1, words[i].text + 1, words[i].size - 1) == 0)
            found = i;
    if (found == COUNT(words)) return;
    cf_looks(scan);
    if (cf_at(scan, (int64_t)start - 1) == '-' || cf_at(scan, (int64_t)start - 1) == '.') return;
    uint32_t user = end + 1, stop = done_login(scan, user);
    uint8_t c = cf_at(scan, stop), next = cf_at(scan, (int64_t)stop + 1);
    if (!stop) return;
    if (found + 1 == COUNT(words)) {
        if (!cf_stands(scan, stop, " session", 8) || cf_is_word(cf_at(scan, stop + 8))) return;
    } else if (stop < scan->size && (c != '.' || cf_is_word(next)) && (!c || !strchr(" ,;)\r\n", c))) {
        return;
    }
    if (!identified_nobody(scan, user, stop)) text_login_at(scan, user, stop);
}
