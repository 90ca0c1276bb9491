/* Records of IIS, whose fields are named at the head of their file only: who asked stands between port and address (weblog.py
 * of the reference). */
#include "shapes.h"

#include <string.h>

enum { ASKED_WORD = 64, ASKED_LONGEST = 2048, ASKED_USER = 64 };

static inline bool asked_ends(uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f'; }

/* Behind the blank of a word that begins at a place and has at most so many bytes, or 0. */
static uint32_t asked_word(const cf_scan *scan, uint32_t start, uint32_t most) {
    uint32_t at = start;
    while (at < scan->size && at - start <= most && !asked_ends(scan->text[at])) at++;
    return at > start && at - start <= most && cf_at(scan, at) == ' ' ? at + 1 : 0;
}

/* Behind the method and its blank, with a path there, or 0. */
static uint32_t asked_how(const cf_scan *scan, uint32_t at) {
    static const text_word_of methods[] = {TEXT("GET /"), TEXT("POST /"), TEXT("PUT /"), TEXT("DELETE /"),
                                           TEXT("HEAD /"), TEXT("OPTIONS /"), TEXT("PATCH /")};
    for (unsigned i = 0; i < COUNT(methods); i++)
        if (cf_stands(scan, at, methods[i].text, methods[i].size)) return at + methods[i].size - 1;
    return 0;
}

/* `2024-03-12 15:40:01 10.0.0.2 GET /desk queue=1 443 CORP\mohara 198.51.100.7 …` begins a line. */
static void asked_line(cf_scan *scan, uint32_t start) {
    uint32_t at = start + 20, path = 0, port, end, address;
    if (!text_form(scan, start, "0000-00-00 00:00:00 ")) return;
    for (unsigned word = 0; word < 3 && !path; word++) {
        if (!(at = asked_word(scan, at, ASKED_WORD))) return;
        path = asked_how(scan, at);
    }
    if (!path || !(at = asked_word(scan, path, ASKED_LONGEST)) || !(at = asked_word(scan, at, ASKED_LONGEST))) return;
    for (port = at; at - port < 6 && cf_is_digit(cf_at(scan, at));) at++;
    if (at == port || at - port > 5 || cf_at(scan, at) != ' ') return;
    uint32_t user = ++at;
    if (!cf_is_alpha(cf_at(scan, user))) return;
    for (end = user + 1; end - user <= ASKED_USER; end++) {
        uint8_t c = cf_at(scan, end);
        if (!cf_is_word(c) && (!c || !strchr(".@\\$+-", c))) break;
    }
    if (end - user < 2 || end - user > ASKED_USER || cf_at(scan, end) != ' ') return;
    for (address = at = end + 1; at - address <= 45; at++) {
        uint8_t c = cf_at(scan, at);
        if (!cf_is_digit(c) && (uint8_t)((c | 32) - 'a') >= 6 && c != ':' && c != '.') break;
    }
    if (at - address < 3 || at - address > 45) return;
    if (at < scan->size && scan->text[at] != ' ' && scan->text[at] != '\r' && scan->text[at] != '\n') return;
    if (!identified_nobody(scan, user, end)) text_login_at(scan, user, end);
}
