/* Passwords in the command lines of programs (programs.py of the reference): mysql -u root -pgeheim, sshpass -p geheim ssh …,
 * ldapsearch -x -w geheim, curl -u 'mary:geheim' … */
#include "shapes.h"

#include <string.h>

enum { PROGRAM_ARGUMENTS = 256, PROGRAM_VALUE = 128, PROGRAM_USER = 64 };

/* The option of a program that tells its password, by the program's name; `s` is the -p of sshpass. */
static const struct {
    const char *name;
    char option;
} programs[] = {{"mysql", 'p'}, {"mysqldump", 'p'}, {"mysqladmin", 'p'}, {"mysqlimport", 'p'}, {"mysqlcheck", 'p'}, {"mysqlshow", 'p'},
                {"mysqlbinlog", 'p'}, {"mysqlsh", 'p'}, {"mariadb", 'p'}, {"mariadb-dump", 'p'}, {"mariadb-admin", 'p'}, {"mariadb-backup", 'p'},
                {"sqlcmd", 'P'}, {"osql", 'P'}, {"tsql", 'P'}, {"ipmitool", 'P'}, {"redis-cli", 'a'}, {"valkey-cli", 'a'}, {"ldapsearch", 'w'},
                {"ldapmodify", 'w'}, {"ldapadd", 'w'}, {"ldapdelete", 'w'}, {"ldappasswd", 'w'}, {"ldapwhoami", 'w'}, {"smbclient", 'U'},
                {"rpcclient", 'U'}, {"curl", 'u'}, {"sshpass", 's'}};

static bool program_value_byte(uint8_t c) { return !cf_is_space(c) && !(c && strchr("'\"|;&<>()`", c)); }

/* A variable, what hid a password, a word for one, and the port of MySQL. */
static bool program_none(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("pass"), TEXT("passwd"), TEXT("password"), TEXT("pwd"), TEXT("secret")};
    const uint8_t *text = scan->text + start;
    uint32_t size = end - start, at = 0;
    if (text[0] && strchr("$%{[*<(`-", text[0])) return true;
    while (at < size && ((text[at] | 32) == 'x' || text[at] == '.')) at++;
    if (at == size && size >= 2) return true;
    for (unsigned i = 0; i < COUNT(words); i++)
        if (words[i].size == size && cf_stands_folded(scan, start, words[i].text, size)) return true;
    if (size < 4 || size > 5 || memcmp(text, "330", 3) != 0) return false;
    return cf_is_digit(text[3]) && cf_is_digit(text[size - 1]);
}

/* Judges what stands at a place without quotes, with the log-in [user, stop) before it. */
static bool program_bare(cf_scan *scan, uint32_t user, uint32_t stop, uint32_t at) {
    uint32_t end = at;
    while (end < scan->size && end - at <= PROGRAM_VALUE && program_value_byte(scan->text[end])) end++;
    if (end == at || end - at > PROGRAM_VALUE || program_none(scan, at, end)) return false;
    secret_login_found(scan, user, stop, at, end, CF_R_COMMAND_LINE);
    return true;
}

static bool program_value(cf_scan *scan, uint32_t at) {
    uint8_t quote = cf_at(scan, at);
    uint32_t start = at + 1, end = start;
    if (quote != '"' && quote != '\'') return program_bare(scan, 0, 0, at);
    while (end < scan->size && end - start <= PROGRAM_VALUE && scan->text[end] != quote && scan->text[end] != '\r' && scan->text[end] != '\n') end++;
    if (end == start || end - start > PROGRAM_VALUE || cf_at(scan, end) != quote || program_none(scan, start, end)) return false;
    secret_login_found(scan, 0, 0, start, end, CF_R_COMMAND_LINE);
    return true;
}

/* mary:geheim, corp\mary%geheim: behind the sign of them. */
static bool program_user(cf_scan *scan, uint32_t at, uint8_t sign) {
    uint32_t user = at;
    while (user < scan->size && user - at <= PROGRAM_USER && scan->text[user] != sign && !cf_is_space(scan->text[user]) && scan->text[user] != '\'' &&
           scan->text[user] != '"' && scan->text[user] != '<' && scan->text[user] != '>' && !(sign == ':' && scan->text[user] == '$'))
        user++;
    return user > at && user - at <= PROGRAM_USER && cf_at(scan, user) == sign && program_bare(scan, at, user, user + 1);
}

/* Whether an option of a program at a place, behind its dash, tells a password. */
static bool program_told(cf_scan *scan, uint32_t at, char option) {
    uint8_t letter = option == 's' ? 'p' : (uint8_t)option;
    if (cf_at(scan, at++) != letter) return false;
    uint32_t value = at + (cf_at(scan, at) == ' ');
    bool quoted = cf_at(scan, value) == '"' || cf_at(scan, value) == '\'';
    if (option == 'p') return program_value(scan, at);
    if (option == 'U') return program_user(scan, value + quoted, '%');
    if (option == 'u') return (quoted || value == at) && program_user(scan, value + quoted, ':');
    return program_value(scan, value);
}

/* A word in small letters [start, end) with a blank behind it. */
static __attribute__((noinline)) void program_word(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t at = end + 1, stop = at, size, name = start;
    char option = 0;
    for (unsigned i = 0; i < COUNT(programs) && !option; i++) {
        const char *word = strchr(programs[i].name, '-');
        word = word ? word + 1 : programs[i].name;
        if (strlen(word) != end - start || memcmp(text + start, word, end - start) != 0) continue;
        cf_looks(scan);
        size = (uint32_t)strlen(programs[i].name);
        if (!cf_ends(scan, end, programs[i].name, size)) continue;
        name = end - size;
        uint8_t before = cf_at(scan, (int64_t)name - 1);
        if (cf_is_word(before) || (before && strchr(".$@-", before)) || (before == '/' && !cf_ends(scan, name, "bin/", 4))) continue;
        option = programs[i].option;
    }
    if (!option) return;
    while (stop < scan->size && stop - at < PROGRAM_ARGUMENTS && !(text[stop] && strchr("\r\n|;&<>", text[stop]))) stop++;
    for (uint32_t first = at; at < stop; at++) {
        if (text[at] != '-') continue;
        if (option == 's' && at > first && !(at == first + 3 && cf_stands(scan, first, "-v ", 3))) return; /* sshpass -f FILE ssh -p 2222 */
        if (text[at - 1] == ' ' && program_told(scan, at + 1, option)) return;
    }
}
