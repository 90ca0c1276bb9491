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
                {"mysqlbinlog", 'p'}, {"mysqlsh", 'p'}, {"mysqlslap", 'p'}, {"mysqlpump", 'p'}, {"mysql_upgrade", 'p'}, {"mariadb", 'p'}, {"mariadb-dump", 'p'}, {"mariadb-admin", 'p'}, {"mariadb-backup", 'p'},
                {"sqlcmd", 'P'}, {"osql", 'P'}, {"tsql", 'P'}, {"ipmitool", 'P'}, {"redis-cli", 'a'}, {"valkey-cli", 'a'}, {"ldapsearch", 'w'},
                {"ldapmodify", 'w'}, {"ldapadd", 'w'}, {"ldapdelete", 'w'}, {"ldappasswd", 'w'}, {"ldapwhoami", 'w'}, {"smbclient", 'U'},
                {"rpcclient", 'U'}, {"curl", 'u'}, {"sshpass", 's'}};

/* Whether the first argument at a place or the second is an option: not `mysql 4711 …` of a list of processes. */
static bool program_has_options(const cf_scan *scan, uint32_t start, uint32_t stop) {
    const uint8_t *text = scan->text;
    uint32_t at = start, word;
    while (at < stop && cf_is_blank(text[at])) at++;
    if (at < stop && text[at] == '-') return true;
    if (at > start) return false;
    while (at < stop && cf_is_digit(text[at])) at++;
    if (at > start && at < stop && text[at] == '.' && at + 1 < stop && cf_is_digit(text[at + 1]))
        for (at++; at < stop && cf_is_digit(text[at]);) at++;
    if (at > start && at < stop && cf_is_space(text[at])) return false;
    for (word = start; word < stop && !cf_is_space(text[word]);) word++;
    if (word == start) return false;
    for (at = word; at < stop && cf_is_blank(text[at]);) at++;
    return at > word && at < stop && text[at] == '-';
}

/* Whether a byte of a bare value stands at a place: not the end of a line that is written as \\n before a quote. */
static bool program_value_byte(const cf_scan *scan, uint32_t at) {
    uint8_t c = cf_at(scan, at);
    if (cf_is_space(c) || program_is(c, "'\"|;&<>()`")) return false;
    if (c != '\\') return true;
    if (cf_stands(scan, at, "\\r\\n", 4)) at += 2;
    return cf_at(scan, (int64_t)at + 1) != 'n' || !program_is(cf_at(scan, (int64_t)at + 2), "'\"");
}

/* password, YOUR_PASSWORD, MYSQL_PWD: a word for a password that begins at a place and ends at another. */
static bool program_word_for_one(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of words[] = {TEXT("pw"), TEXT("pwd"), TEXT("pass"), TEXT("passwd"), TEXT("password")},
                              heads[] = {TEXT("your"), TEXT("my"), TEXT("bind"), TEXT("mysql"), TEXT("mariadb"), TEXT("db")};
    uint32_t size = end - start;
    if (size == 6 && cf_stands_folded(scan, start, "secret", 6)) return true;
    for (unsigned i = 0; i < COUNT(words); i++) {
        if (size < words[i].size || !cf_stands_folded(scan, end - words[i].size, words[i].text, words[i].size)) continue;
        uint32_t head = end - words[i].size, at = start;
        if (head == start) return true;
        uint8_t sign = scan->text[head - 1];
        for (; at < end && (scan->text[at] == '_' || (uint8_t)(scan->text[at] - 'A') < 26); at++) {}
        if (at == end && i && sign == '_' && head - start >= 2 && head - start <= 25) return true;
        head -= sign == '_' || sign == '-';
        for (unsigned j = 0; j < COUNT(heads); j++)
            if (head - start == heads[j].size && cf_stands_folded(scan, start, heads[j].text, heads[j].size)) return true;
    }
    return false;
}

/* A variable, what hid a password, a word for one, ports of data bases, and 8080:80 of a container. */
static bool program_none(const cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text + start;
    uint32_t size = end - start, at = 0;
    bool colon = false;
    if ((text[0] && strchr("$%{[*<(`-", text[0])) || (size == 1 && text[0] == '\\')) return true;
    while (at < size && ((text[at] | 32) == 'x' || text[at] == '.')) at++;
    if (at == size && size >= 2) return true;
    for (at = 0; at < size && (cf_is_digit(text[at]) || text[at] == '.' || text[at] == ':'); at++) colon |= text[at] == ':';
    if (at == size && colon) return true;
    if (program_word_for_one(scan, start, end)) return true;
    if (size == 4 && memcmp(text, "1433", 4) == 0) return true;
    if (size < 4 || size > 5 || memcmp(text, "330", 3) != 0) return false;
    return cf_is_digit(text[3]) && cf_is_digit(text[size - 1]);
}

/* Judges what stands at a place without quotes, with the log-in [user, stop) before it. */
static bool program_bare(cf_scan *scan, uint32_t user, uint32_t stop, uint32_t at) {
    uint32_t end = at;
    while (end < scan->size && end - at <= PROGRAM_VALUE && program_value_byte(scan, end)) end++;
    if (end == at || end - at > PROGRAM_VALUE || program_none(scan, at, end)) return false;
    secret_login_found(scan, user, stop, at, end, CF_R_COMMAND_LINE);
    return true;
}

/* Where what a quote opened before a place ends; or the place itself. */
static uint32_t program_quoted(const cf_scan *scan, uint32_t at, uint8_t quote) {
    uint32_t end = at;
    while (end < scan->size && end - at <= PROGRAM_VALUE && scan->text[end] != quote && !program_line_ends(scan->text[end])) end++;
    return end - at <= PROGRAM_VALUE && cf_at(scan, end) == quote ? end : at;
}

/* A value at a place, in quotes or bare, with the log-in [user, stop) before it. */
static bool program_value(cf_scan *scan, uint32_t user, uint32_t stop, uint32_t at) {
    uint8_t quote = cf_at(scan, at);
    if (quote != '"' && quote != '\'') return program_bare(scan, user, stop, at);
    uint32_t end = program_quoted(scan, at + 1, quote);
    if (end == at + 1 || program_none(scan, at + 1, end)) return false;
    secret_login_found(scan, user, stop, at + 1, end, CF_R_COMMAND_LINE);
    return true;
}

/* Where the log-in at a place ends that a sign parts from its password; or the place itself. */
static uint32_t program_user(const cf_scan *scan, uint32_t at, uint8_t sign) {
    uint32_t user = at;
    while (user < scan->size && user - at <= PROGRAM_USER && scan->text[user] != sign && !cf_is_space(scan->text[user]) && scan->text[user] != '\'' &&
           scan->text[user] != '"' && scan->text[user] != '<' && scan->text[user] != '>' && !(sign == ':' && scan->text[user] == '$'))
        user++;
    return user - at <= PROGRAM_USER && cf_at(scan, user) == sign ? user : at;
}

/* 'mary:geheim 7', corp\mary%geheim: the log-in begins at a place, behind a quote or none. */
static bool program_login(cf_scan *scan, uint32_t at, uint8_t quote, uint8_t sign) {
    uint32_t user = program_user(scan, at, sign), end = user + 1;
    if (user == at) return false;
    if (quote) end = program_quoted(scan, user + 1, quote);
    if (end == user + 1) return program_bare(scan, at, user, user + 1);
    if (program_none(scan, user + 1, end)) return false;
    secret_login_found(scan, at, user, user + 1, end, CF_R_COMMAND_LINE);
    return true;
}

/* Whether one of some words stands at a place, and no byte of a word behind it. */
static bool program_listed(const cf_scan *scan, uint32_t at, const text_word_of *words, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        if (cf_stands(scan, at, words[i].text, words[i].size) && !cf_is_word(cf_at(scan, (int64_t)at + words[i].size))) return true;
    return false;
}

/* -pgeheim; not -print and -port 3306: options of other programs, and of those who forgot a dash; nor what is too short. */
static bool program_attached(cf_scan *scan, uint32_t at) {
    static const text_word_of words[] = {
        TEXT("age"),    TEXT("ager"),   TEXT("arallel"), TEXT("arallelism"), TEXT("aram"),   TEXT("arams"),    TEXT("arents"),  TEXT("artition"),
        TEXT("ass"),    TEXT("asswd"),  TEXT("assword"), TEXT("atch"),       TEXT("ath"),    TEXT("attern"),   TEXT("ending"),  TEXT("erm"),
        TEXT("id"),     TEXT("ie"),     TEXT("ing"),     TEXT("ipe"),        TEXT("lain"),   TEXT("latform"), TEXT("lugin"),    TEXT("ool"),     TEXT("ort"),
        TEXT("refix"),  TEXT("reserve"), TEXT("retty"),  TEXT("revious"),    TEXT("rint"),   TEXT("rint0"),    TEXT("rintf"),   TEXT("rivate"),
        TEXT("rocess"), TEXT("rocesslist"), TEXT("roduct"), TEXT("roduction"), TEXT("roject"), TEXT("roto"), TEXT("rofile"), TEXT("rogress"), TEXT("rompt"),      TEXT("rotocol"), TEXT("roxy"),    TEXT("rune"),    TEXT("thread"),
        TEXT("ublic"),  TEXT("ull"),    TEXT("ush")};
    uint32_t end = at;
    while (end - at < 3 && end < scan->size && program_value_byte(scan, end)) end++;
    if ((end > at && end - at < 3) || program_listed(scan, at, words, COUNT(words))) return false;
    return program_value(scan, 0, 0, at);
}

/* -u 'mary:geheim', -umary:geheim, -su mary:geheim of curl, behind the dash; -u mary:geheim is told by the option alone. */
static bool program_curl(cf_scan *scan, uint32_t at) {
    static const text_word_of words[] = {TEXT("nit"),  TEXT("nix"), TEXT("pdate"), TEXT("pgrade"), TEXT("pload"), TEXT("ri"),
                                         TEXT("rl"),   TEXT("sage"), TEXT("se"),   TEXT("ser"),    TEXT("sername")};
    uint32_t letter = at, user;
    while (letter - at < 5 && cf_at(scan, letter) && strchr("fgikLnNsSv", cf_at(scan, letter))) letter++;
    if (cf_at(scan, letter) != 'u') return false;
    bool flags = letter > at, apart = cf_at(scan, (int64_t)letter + 1) == ' ';
    uint32_t value = letter + 1 + apart;
    uint8_t quote = cf_at(scan, value);
    if (quote == '"' || quote == '\'') value++;
    else quote = 0;
    if (!quote && !apart && (flags || program_listed(scan, value, words, COUNT(words)))) return false;
    user = program_user(scan, value, ':');
    if (user == value || cf_stands(scan, (int64_t)user + 1, "//", 2)) return false;
    if (quote) return program_login(scan, value, quote, ':');
    uint8_t first = cf_at(scan, (int64_t)user + 1);
    if (!apart || flags) return program_value(scan, value, user, user + 1);
    return (first == '"' || first == '\'') && program_value(scan, 0, 0, user + 1);
}

/* -U 'corp\mary%geheim 7' of smbclient, behind the letter; not 100%done. */
static bool program_share(cf_scan *scan, uint32_t at) {
    uint32_t digits;
    uint8_t quote;
    at += cf_at(scan, at) == ' ';
    quote = cf_at(scan, at);
    if (quote == '"' || quote == '\'') at++;
    else quote = 0;
    for (digits = at; cf_is_digit(cf_at(scan, digits));) digits++;
    return !(digits > at && cf_at(scan, digits) == '%') && program_login(scan, at, quote, '%');
}

/* Whether an option of a program at a place, behind its dash, tells a password. */
static bool program_told(cf_scan *scan, uint32_t at, char option) {
    uint8_t letter = option == 's' ? 'p' : (uint8_t)option;
    if (option == 'u') return program_curl(scan, at);
    if ((option == 's' && cf_at(scan, at) == 'v') || (option == 'w' && cf_at(scan, at) == 'x')) at++;
    if (cf_at(scan, at++) != letter) return false;
    if (option == 'p') return program_attached(scan, at);
    if (option == 'U') return program_share(scan, at);
    bool apart = cf_at(scan, at) == ' ';
    uint32_t value = at + apart;
    if ((option == 'a' && !apart) || ((option == 'a' || option == 'w') && cf_at(scan, value) == '/')) return false;
    if (option == 'a') { /* a port */
        uint32_t digits = value;
        while (digits - value < 6 && cf_is_digit(cf_at(scan, digits))) digits++;
        if (digits > value && digits - value < 6 && !(digits < scan->size && program_value_byte(scan, digits))) return false;
    }
    return program_value(scan, 0, 0, value);
}

/* Whether the first option of sshpass stands at a place, or that behind its -v. */
static bool program_first(const cf_scan *scan, uint32_t first, uint32_t at) {
    while (at > first && cf_is_blank(scan->text[at - 1])) at--;
    while (first < at && cf_is_blank(scan->text[first])) first++;
    return first == at || (at - first == 2 && cf_stands(scan, first, "-v", 2));
}

/* Whether an option that may tell a password stands behind the name of a program, before a place. */
static bool program_may_tell(const cf_scan *scan, uint32_t at, uint32_t stop, char option) {
    const char own[] = {option, 0}, *letters = option == 's' ? "pv" : option == 'w' ? "wx" : option == 'u' ? "fgikLnNsSvu" : own;
    const uint8_t *text = scan->text;
    if (!program_has_options(scan, at, stop)) return false;
    for (; at < stop; at++) {
        const uint8_t *dash = memchr(text + at, '-', stop - at);
        if (!dash) return false;
        at = (uint32_t)(dash - text);
        if (!cf_is_blank(text[at - 1]) || !program_is(cf_at(scan, (int64_t)at + 1), letters)) continue;
        if (option != 'p' || !cf_is_space(cf_at(scan, (int64_t)at + 2))) return true; /* apart it names a data base */
    }
    return false;
}

/* Where the quote stands that opens the path of a program whose name stands at a place, "C:\Program Files\MySQL\bin\mysql.exe"; or
 * the place itself. */
static uint32_t program_quoted_path(const cf_scan *scan, uint32_t name, uint8_t quote) {
    uint32_t at = name, first = name > PROGRAM_WINDOW ? name - PROGRAM_WINDOW : 0;
    while (at > first && (cf_is_word(scan->text[at - 1]) || program_is(scan->text[at - 1], " .:~()\\/%$-"))) at--;
    if (at == first || scan->text[at - 1] != quote || name - at > 159) return name;
    return at == name || program_is(scan->text[name - 1], "/\\") ? at - 1 : name;
}

/* A word in small letters [start, end) with a blank or a quote behind it: the last of a program's name, or the exe behind that. */
static __attribute__((noinline)) void program_word(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t at = end + 1, stop = at, name = 0;
    uint8_t quote = 0, close = cf_at(scan, end);
    bool closed = close == '"' || close == '\'';
    if (closed && !cf_is_blank(cf_at(scan, at++))) return;
    char option = 0;
    if (end - start == 3 && memcmp(text + start, "exe", 3) == 0) {
        if (cf_at(scan, (int64_t)start - 1) != '.') return;
        cf_looks(scan);
        for (end = start = start - 1; start && end - start < 12 && cf_is_word(text[start - 1]);) start--;
    }
    for (unsigned i = 0; i < COUNT(programs) && !option; i++) {
        const char *word = strchr(programs[i].name, '-');
        word = word ? word + 1 : programs[i].name;
        if (strlen(word) != end - start || memcmp(text + start, word, end - start) != 0) continue;
        cf_looks(scan);
        uint32_t size = (uint32_t)strlen(programs[i].name);
        name = end - size;
        if (!cf_ends(scan, end, programs[i].name, size)) continue;
        for (stop = at; stop < scan->size && stop - at < PROGRAM_ARGUMENTS && !program_is(text[stop], "\r\n|;&<>"); stop++) {}
        if (!program_may_tell(scan, at, stop, programs[i].option)) continue;
        uint32_t from = closed ? program_quoted_path(scan, name, close) : name;
        if ((!closed || from < name) && program_begins(scan, from, &quote)) option = programs[i].option;
    }
    if (!option) return;
    for (uint32_t last = at; quote && last < stop; last++)
        if (text[last] == quote) stop = last;
    if (!program_has_options(scan, at, stop)) return;
    for (uint32_t first = at; at < stop; at++) {
        if (text[at] != '-') continue;
        if (option == 's' && !program_first(scan, first, at)) return; /* sshpass -f FILE ssh -p 2222 */
        if (cf_is_blank(text[at - 1]) && program_told(scan, at + 1, option)) return;
    }
}
