/* Passwords and log-ins among the arguments of a program that auditd tells (executed.py of the reference):
 * `a0="mysql" a1="-u" a2="mohara" a3="-pgeheim"`. */
#include "shapes.h"

#include <string.h>

enum { EXECUTED_ARGUMENTS = 32, EXECUTED_ARGUMENT = 256, EXECUTED_PATH = 128, EXECUTED_NAME = 24 };

/* The option of a program's password, with `+` where it may stand apart, with a sign behind a log-in; and of its log-in. */
typedef struct {
    const char *names;
    char secret, sign, login;
} executed_program;

static const executed_program EXECUTED_PROGRAMS[] = {
    {" mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mariadb mariadb-dump mariadb-admin ", 'p', 0, 'u'},
    {" sshpass ", 'p', '+', 0},
    {" redis-cli valkey-cli ", 'a', '+', 0},
    {" ldapsearch ldapmodify ldapadd ldapdelete ldappasswd ldapwhoami ", 'w', '+', 0},
    {" sqlcmd osql tsql ", 'P', '+', 'U'},
    {" curl ", 'u', ':', 0},
    {" smbclient rpcclient ", 'U', '%', 0}};

static inline bool executed_name_byte(uint8_t c) {
    return (uint8_t)(c - 'a') < 26 || cf_is_digit(c) || c == '_' || c == '-';
}

/* Where a text in quotes ends that begins at a place; 0: nothing closes it within so many bytes. */
static uint32_t executed_text(const cf_scan *scan, uint32_t start, uint32_t most) {
    uint32_t end = start;
    while (end < scan->size && end - start <= most && scan->text[end] != '"' && scan->text[end] != '\r' && scan->text[end] != '\n') end++;
    return end < scan->size && end - start <= most && scan->text[end] == '"' ? end : 0;
}

/* Where the text of ` a12="…"` begins that stands at a place; 0: it does not. */
static uint32_t executed_argument(const cf_scan *scan, uint32_t at) {
    uint32_t digits = at + 2;
    if (!cf_stands(scan, at, " a", 2)) return 0;
    for (at = digits; at - digits < 2 && cf_is_digit(cf_at(scan, at));) at++;
    return at > digits && cf_stands(scan, at, "=\"", 2) ? at + 2 : 0;
}

static void executed_login(cf_scan *scan, uint32_t start, uint32_t end) {
    if (end - start < 2 || end - start > 64 || !cf_is_alpha(scan->text[start])) return;
    for (uint32_t at = start; at < end; at++)
        if (!text_user_byte(scan->text[at]) && scan->text[at] != '\\') return;
    if (secret_of_system(scan, start, end) || (end - start == 4 && cf_stands(scan, start, "root", 4))) return;
    cf_shape(scan, start, end, CF_BY_SECRET, CF_USER, CF_R_COMMAND_LINE, CF_TOUCHING);
}

static void executed_secret(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t at = start;
    if (start >= end || strchr("$%{[*<(-/", text[start] ? text[start] : 'x')) return;
    while (at < end && (text[at] == 'x' || text[at] == 'X' || text[at] == '.' || text[at] == '*')) at++;
    if (at == end && end - start >= 2 && end - start <= 128) return;
    cf_shape(scan, start, end, CF_BY_SECRET, cf_shape_kind(scan->rules, CF_BY_SECRET), CF_R_COMMAND_LINE, CF_TOUCHING);
}

/* What stands behind an option, in its argument or in the next one. */
static void executed_told(cf_scan *scan, const executed_program *program, char option, uint32_t start, uint32_t end) {
    if (option == program->login) {
        executed_login(scan, start, end);
    } else if (program->sign == ':' || program->sign == '%') {
        const uint8_t *sign = end > start ? memchr(scan->text + start, program->sign, end - start) : NULL;
        uint32_t at = sign ? (uint32_t)(sign - scan->text) : start;
        if (at == start) return;
        executed_login(scan, start, at);
        executed_secret(scan, at + 1, end);
    } else if (program->sign == '+' || cf_at(scan, (int64_t)start - 2) == '-') {
        executed_secret(scan, start, end);
    }
}

static bool executed_long(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("--password"), TEXT("--passwd"), TEXT("--pass"), TEXT("--token"), TEXT("--secret")};
    for (unsigned i = 0; i < COUNT(words); i++)
        if (end - start == words[i].size && cf_stands(scan, start, words[i].text, words[i].size)) return true;
    return false;
}

/* `a0=` stands at [start, end]: the first argument is the program. */
static void executed_line(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    static const executed_program none = {"", 0, 0, 0};
    const executed_program *program = &none;
    char word[EXECUTED_NAME + 3] = " ", option = 0;
    bool option_long = false;
    uint32_t at, name, stop;
    if (text[start] != 'a' || text[start + 1] != '0') return;
    cf_looks(scan);
    if (cf_at(scan, end + 1) != '"') return;
    stop = executed_text(scan, end + 2, EXECUTED_PATH + 1 + EXECUTED_NAME);
    if (!stop) return;
    for (name = stop; name > end + 2 && text[name - 1] != '/';) name--;
    if (name > end + 2 && name - 1 - (end + 2) > EXECUTED_PATH) return;
    if (stop - name < 2 || stop - name > EXECUTED_NAME) return;
    for (at = name; at < stop; at++)
        if (!executed_name_byte(text[at])) return;
    memcpy(word + 1, text + name, stop - name);
    word[1 + stop - name] = ' ';
    for (unsigned i = 0; i < COUNT(EXECUTED_PROGRAMS); i++)
        if (strstr(EXECUTED_PROGRAMS[i].names, word)) program = &EXECUTED_PROGRAMS[i];
    for (unsigned count = 0; count < EXECUTED_ARGUMENTS && (at = executed_argument(scan, stop + 1)) != 0; count++) {
        stop = executed_text(scan, at, EXECUTED_ARGUMENT);
        if (!stop) return;
        if (option_long) executed_secret(scan, at, stop);
        else if (option) executed_told(scan, program, option, at, stop);
        option_long = executed_long(scan, at, stop);
        option = 0;
        uint8_t letter = stop - at >= 2 && text[at] == '-' ? text[at + 1] : 0;
        if (option_long || !letter || ((char)letter != program->secret && (char)letter != program->login)) continue;
        if (stop - at == 2) option = (char)letter;
        else executed_told(scan, program, (char)letter, at + 2, stop);
    }
}
