/* Log-ins in the sentences of logs, in access logs and home folders: the places that `logins` of app/masking/text.py
 * finds. */
#include "shapes.h"

#include <string.h>

static inline bool text_user_byte(uint8_t c) {
    return cf_is_word(c) || c == '.' || c == '@' || c == '$' || c == '+' || c == '-';
}

static void text_login_at(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of systems[] = {TEXT("root"), TEXT("unknown"), TEXT("with"), TEXT("name"),
                                           TEXT("all")};
    for (unsigned i = 0; i < COUNT(systems); i++)
        if (end - start == systems[i].size && cf_stands_folded(scan, start, systems[i].text, systems[i].size)) return;
    cf_shape(scan, start, end, CF_BY_LOGIN, cf_shape_kind(scan->rules, CF_BY_LOGIN), CF_R_LOGIN, CF_LEARN | CF_TOUCHING);
}

static inline uint32_t login_user_end(const cf_scan *scan, uint32_t at);
static bool secret_of_system(const cf_scan *scan, uint32_t start, uint32_t end); /* secrets.c */

/* `for user root(uid=0) by mohara(uid=1000)`, `su for postgres by mohara`; the word `for` begins at `start`. */
static void login_by(cf_scan *scan, uint32_t start) {
    bool pam = cf_stands(scan, (int64_t)start + 4, "user ", 5);
    if (!pam && !cf_ends(scan, start, " su ", 4)) return;
    uint32_t user = start + 4 + (pam ? 5 : 0), end = login_user_end(scan, user), at = end, by, stop;
    if (pam && cf_stands(scan, at, "(uid=", 5)) {
        uint32_t number = at += 5;
        while (at - number < 10 && cf_is_digit(cf_at(scan, at))) at++;
        if (at == number || cf_at(scan, at++) != ')') return;
    }
    if (end == user || !cf_stands(scan, at, " by ", 4)) return;
    by = at + 4;
    stop = login_user_end(scan, by);
    if (stop == by) return;
    if (pam ? !cf_stands(scan, stop, "(uid=", 5) || !cf_is_digit(cf_at(scan, (int64_t)stop + 5))
            : text_user_byte(cf_at(scan, stop)) || cf_at(scan, stop) == '\\')
        return;
    if (!secret_of_system(scan, user, end)) text_login_at(scan, user, end);
    text_login_at(scan, by, stop);
}

/* ` for mohara from `, behind `Accepted password` and the like; the word `for` begins at `start`. */
static void text_accepted(cf_scan *scan, uint32_t start) {
    static const text_word_of whose[] = {TEXT("invalid user "), TEXT("illegal user "), TEXT("")};
    static const text_word_of verbs[] = {TEXT("Accepted"), TEXT("Failed"), TEXT("Postponed")};
    cf_looks(scan);
    login_by(scan, start);
    if (start - 1 < scan->met[CF_MET_ACCEPTED]) return;
    uint32_t user = 0, end = 0;
    for (unsigned i = 0; i < COUNT(whose) && !user; i++) {
        if (!cf_stands(scan, (int64_t)start + 4, whose[i].text, whose[i].size)) continue;
        uint32_t at = start + 4 + whose[i].size;
        for (end = at; end < scan->size && end - at < 65 && !cf_is_space(scan->text[end]);) end++;
        if (end > at && end - at < 65 && cf_stands(scan, end, " from ", 6)) user = at;
    }
    if (!user) return;
    scan->met[CF_MET_ACCEPTED] = end + 6;
    uint32_t how = start - 1;
    while (how > 0 && start - 1 - how < 41 &&
           (cf_is_word(scan->text[how - 1]) || scan->text[how - 1] == '/' || scan->text[how - 1] == '-'))
        how--;
    if (start - 1 - how < 3 || start - 1 - how > 40 || cf_at(scan, (int64_t)how - 1) != ' ') return;
    for (unsigned i = 0; i < COUNT(verbs); i++)
        if (cf_ends(scan, (int64_t)how - 1, verbs[i].text, verbs[i].size)) {
            text_login_at(scan, user, end);
            return;
        }
}

/* Behind up to `most` bytes without white space, which a blank follows; 0: they do not stand there. */
static uint32_t login_solid(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (end < scan->size && end - at <= most && !cf_is_space(scan->text[end])) end++;
    return end > at && end - at <= most && cf_at(scan, end) == ' ' ? end + 1 : 0;
}

static inline uint32_t login_user_end(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end - at < 64 && (text_user_byte(cf_at(scan, end)) || cf_at(scan, end) == '\\')) end++;
    return end;
}

/* The user behind blanks at a place and before ` : `. */
static void login_sudo_user(cf_scan *scan, uint32_t at) {
    uint32_t user = cf_skip_blanks(scan, at, 12), end = login_user_end(scan, user);
    if (user == at || end == user || !cf_stands(scan, end, " : ", 3)) return;
    scan->met[CF_MET_SUDO] = end + 3;
    text_login_at(scan, user, end);
}

/* `sudo: mohara : `, `sudo[12]: mohara : `; the sign behind `sudo` stands at a place. */
static void text_sudo(cf_scan *scan, uint32_t at) {
    if (!cf_ends(scan, at, "sudo", 4)) return;
    cf_looks(scan);
    if (at - 4 < scan->met[CF_MET_SUDO]) return;
    if (scan->text[at] == '[') {
        uint32_t process = ++at;
        while (at - process < 9 && cf_is_digit(cf_at(scan, at))) at++;
        if (at == process || cf_at(scan, at) != ']' || cf_at(scan, (int64_t)at + 1) != ':') return;
        at++;
    }
    login_sudo_user(scan, at + 1);
}

/* `sudo 18054 - - mohara : ` of syslog's newer form, which has the process, a name and more in brackets or none; behind
 * `sudo` stands `at`. */
static void login_sudo_syslog(cf_scan *scan, uint32_t at) {
    uint32_t next;
    if (!cf_ends(scan, at, "sudo", 4)) return;
    cf_looks(scan);
    if (at - 4 < scan->met[CF_MET_SUDO]) return;
    next = login_solid(scan, at + 1, 16);
    next = next ? login_solid(scan, next, 32) : 0;
    if (!next) return;
    if (cf_at(scan, next) == '[') {
        for (at = ++next; next < scan->size && next - at < 256; next++) {
            uint8_t c = scan->text[next];
            if (c == ']' || c == '\r' || c == '\n') break;
        }
        if (cf_at(scan, next) != ']') return;
    } else if (cf_at(scan, next) != '-') {
        return;
    }
    login_sudo_user(scan, next + 1);
}

/* `FAILED LOGIN 1 FROM 10.1.2.3 FOR mohara`; behind `login` stands `at`. */
static void login_failed(cf_scan *scan, uint32_t at) {
    uint32_t word = at - 5, end;
    if (!cf_stands_folded(scan, word, "login", 5)) return;
    cf_looks(scan);
    if (word < scan->met[CF_MET_FAILED_LOGIN]) return;
    for (end = at + 1; end - at <= 6 && cf_is_digit(cf_at(scan, end));) end++;
    if (end > at + 1) at = end;
    if (!cf_stands_folded(scan, at, " from ", 6)) return;
    at = login_solid(scan, at + 6, 253);
    if (!at || !cf_stands_folded(scan, at, "for ", 4)) return;
    end = login_user_end(scan, at + 4);
    if (end == at + 4) return;
    scan->met[CF_MET_FAILED_LOGIN] = end;
    text_login_at(scan, at + 4, end);
}

/* Where `ftp` or `ftpd` begins that ends at a place, or -1. */
static int64_t login_ftp_word(const cf_scan *scan, uint32_t end) {
    return cf_ends(scan, end, "ftp", 3) ? (int64_t)end - 3 : cf_ends(scan, end, "ftpd", 4) ? (int64_t)end - 4 : -1;
}

/* Where `ftpd: `, `ftpd[12]: ` or `ftpd (12) - ` begins that ends at a place, or -1. */
static int64_t login_ftp_before(const cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t end = at, digits;
    while (end && at - end < 8 && (text[end - 1] == ' ' || text[end - 1] == ':' || text[end - 1] == '-')) end--;
    if (end == at || !end) return -1;
    bool brackets = text[end - 1] == ']';
    if (!brackets && !cf_is_digit(text[end - 1])) return login_ftp_word(scan, end);
    for (end -= brackets, digits = end; end && digits - end < 9 && cf_is_digit(text[end - 1]);) end--;
    if (end == digits || !end) return -1;
    if (brackets) return text[end - 1] == '[' ? login_ftp_word(scan, end - 1) : -1;
    for (digits = end; end && digits - end < 3 && !cf_is_word(text[end - 1]);) end--;
    return end < digits ? login_ftp_word(scan, end) : -1;
}

/* `vsftpd[17744]: [mohara] OK LOGIN`, `ftpd: [pid 12] [mohara] FTP command`; the bracket stands at a place. */
static void login_ftp(cf_scan *scan, uint32_t at) {
    static const text_word_of answers[] = {TEXT("OK"), TEXT("FAIL"), TEXT("FTP")};
    const uint8_t *text = scan->text;
    uint32_t end = at, digits;
    int64_t word = -1;
    if (cf_ends(scan, at, "] ", 2)) {
        for (end = at - 2, digits = end; end && digits - end < 9 && cf_is_digit(text[end - 1]);) end--;
        if (end < digits && cf_ends(scan, end, "[pid ", 5)) word = login_ftp_before(scan, end - 5);
    }
    if (word < 0) word = login_ftp_before(scan, at);
    if (word < (int64_t)scan->met[CF_MET_FTP]) return;
    for (end = at + 1; end < scan->size && end - at <= 64 && text[end] != ']' && !cf_is_space(text[end]);) end++;
    if (end == at + 1 || !cf_stands(scan, end, "] ", 2)) return;
    for (unsigned i = 0; i < COUNT(answers); i++) {
        if (!cf_stands(scan, (int64_t)end + 2, answers[i].text, answers[i].size)) continue;
        scan->met[CF_MET_FTP] = end;
        text_login_at(scan, at + 1, end);
        return;
    }
}

/* `Login OK: [mohara]`, `Login incorrect (mschap: …): [mohara/secret]` of RADIUS; the bracket stands at a place. */
static void login_radius(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t word = at - 2, user = at + 1, end = user, stop;
    if (!cf_ends(scan, at, ": ", 2)) return;
    if (word && text[word - 1] == ')') {
        uint32_t inner = --word;
        while (word && inner - word < 129 && text[word - 1] != '(' && text[word - 1] != ')' && text[word - 1] != '\r' &&
               text[word - 1] != '\n')
            word--;
        if (word == inner || inner - word > 128 || !cf_ends(scan, word, "Login incorrect (", 17)) return;
    } else if (!cf_ends(scan, word, "Login OK", 8) && !cf_ends(scan, word, "Login incorrect", 15)) {
        return;
    }
    while (end < scan->size && end - user < 65 && text[end] != ']' && text[end] != '/' && !cf_is_space(text[end])) end++;
    if (end == user || end - user > 64) return;
    for (stop = end;
         cf_at(scan, end) == '/' && stop < scan->size && stop - end < 130 && text[stop] != ']' && text[stop] != '\r' && text[stop] != '\n';)
        stop++;
    if (cf_at(scan, stop) != ']' || stop == end + 1 || stop - end > 129) return;
    cf_shape(scan, user, end, CF_BY_LOGIN, cf_shape_kind(scan->rules, CF_BY_LOGIN), CF_R_LOGIN, CF_LEARN | CF_TOUCHING);
    if (stop > end && !cf_stands(scan, end, "/<via ", 6)) cf_shape(scan, end + 1, stop, CF_BY_LOGIN, CF_SECRET, CF_R_LOGIN, CF_TOUCHING);
}

/* `su: (to root) mohara on `; behind `su` stands `at`. */
static void login_su(cf_scan *scan, uint32_t at) {
    cf_looks(scan);
    if (cf_at(scan, at) == '[') {
        uint32_t process = ++at;
        while (at - process < 9 && cf_is_digit(cf_at(scan, at))) at++;
        if (at == process || cf_at(scan, at++) != ']') return;
    }
    if (!cf_stands(scan, at, ": (to ", 6)) return;
    uint32_t user = at + 6, end = user, by, stop;
    while (end - user < 64 && text_user_byte(cf_at(scan, end))) end++;
    if (end == user || !cf_stands(scan, end, ") ", 2)) return;
    for (by = end + 2, stop = by; stop - by < 64 && text_user_byte(cf_at(scan, stop));) stop++;
    if (stop == by || !cf_stands(scan, stop, " on ", 4)) return;
    if (!secret_of_system(scan, user, end)) text_login_at(scan, user, end);
    text_login_at(scan, by, stop);
}

/* ` - mohara [10/Oct/2000:` of access logs; the bracket stands at a place. */
static void login_access(cf_scan *scan, uint32_t at) {
    const uint8_t *text = scan->text;
    uint32_t end = at - 1, user = end;
    if (!text_form(scan, (int64_t)at + 1, "00/Aaa/0000:")) return;
    while (user && end - user < 65 && (text_user_byte(text[user - 1]) || text[user - 1] == '\\' || text[user - 1] >= 0x80)) user--;
    if (user < end && end - user < 65 && cf_ends(scan, user, " - ", 3)) text_login_at(scan, user, end);
}

/* `Person] name: [mohara]`; the word ends at a place. */
static void login_person(cf_scan *scan, uint32_t end) {
    uint32_t at = end + (cf_at(scan, end) == ']'), sign = at, user;
    cf_looks(scan);
    if (end - 6 < scan->met[CF_MET_PERSON_OBJECT]) return;
    while (at - sign < 3 && (cf_at(scan, at) == ' ' || cf_at(scan, at) == ',' || cf_at(scan, at) == ':')) at++;
    if (at == sign) return;
    if (cf_stands(scan, at, "user", 4)) at += cf_at(scan, at + 4) == ' ' ? 5 : 4;
    if (!cf_stands(scan, at, "name", 4)) return;
    for (sign = at += 4; at - sign < 2 && (cf_at(scan, at) == ' ' || cf_at(scan, at) == ':' || cf_at(scan, at) == '=');) at++;
    if (at == sign || cf_at(scan, at) != '[') return;
    for (user = ++at; at < scan->size && at - user < 129 && scan->text[at] != ']' && scan->text[at] != '\r' && scan->text[at] != '\n';)
        at++;
    if (at == user || at - user > 128 || cf_at(scan, at) != ']') return;
    scan->met[CF_MET_PERSON_OBJECT] = at + 1;
    text_login_at(scan, user, at);
}

/* Whether words of a domain's users stand in the 40 bytes before a place, at most 24 bytes of the line before it. */
static bool login_domain_before(const cf_scan *scan, uint32_t start) {
    static const text_word_of words[] = {TEXT("user"), TEXT("account"), TEXT("logon"), TEXT("login"), TEXT("agent"), TEXT("domain"),
                                         TEXT("principal"), TEXT("owner"), TEXT("security id"), TEXT("log in"), TEXT("log on"), TEXT("logged in"), TEXT("logged on"),
                                         TEXT("logging in"), TEXT("logging on")};
    uint32_t least = start > 40 ? start - 40 : 0;
    if ((start > 2 && scan->text[start - 1] == ' ' && (cf_stands_folded(scan, (int64_t)start - 3, "as", 2) || cf_stands_folded(scan, (int64_t)start - 3, "by", 2))) && !cf_is_word(cf_at(scan, (int64_t)start - 4))) return true;
    for (uint32_t end = start; end > least && start - end <= 24; end--) {
        for (unsigned i = 0; i < COUNT(words); i++)
            if (end - least >= words[i].size && cf_stands_folded(scan, end - words[i].size, words[i].text, words[i].size)) return true;
        if (scan->text[end - 1] == '\r' || scan->text[end - 1] == '\n') return false;
    }
    return false;
}

/* `CORP\robert.lee `: a first and a last name, and no escape before a word. */
static bool login_two_names(const cf_scan *scan, uint32_t start, uint32_t user) {
    uint32_t at = user, part;
    if (cf_at(scan, (int64_t)start - 1) != ' ' || cf_at(scan, user) == 'n') return false;
    while (at - user < 22 && (uint8_t)(cf_at(scan, at) - 'a') < 26) at++;
    if (at - user < 3 || at - user > 21 || cf_at(scan, at) != '.') return false;
    for (part = ++at; at - part < 25 && (uint8_t)(cf_at(scan, at) - 'a') < 26;) at++;
    if (at - part < 3 || at - part > 24) return false;
    for (part = at; at - part < 4 && cf_is_digit(cf_at(scan, at));) at++;
    return cf_at(scan, at) == ' ';
}

static inline bool login_behind_domain(uint8_t c) { return cf_is_word(c) || c == '\\' || c == '(' || c == ':'; }

/* `CORP\mohara` around the backslash at a place. */
static void login_domain(cf_scan *scan, uint32_t at) {
    static const text_word_of programs[] = {TEXT("HK"), TEXT("NT"), TEXT("BUILTIN"), TEXT("SYSTEM"), TEXT("SOFTWARE"),
                                            TEXT("SERVICE"), TEXT("AUTHORITY\\SYSTEM"), TEXT("AUTHORITY\\LOCAL"),
                                            TEXT("AUTHORITY\\NETWORK"), TEXT("AUTHORITY\\ANONYMOUS"), TEXT("AUTHORITY\\IUSR"),
                                            TEXT("AUTHORITY\\SELF")};
    static const text_word_of connectors[] = {TEXT("Default "), TEXT("Client "), TEXT("Outbound "), TEXT("Inbound ")};
    const uint8_t *text = scan->text;
    uint32_t start = at, user = at + 1, end = user + 1;
    while (start && at - start < 16 && (cf_is_digit(text[start - 1]) || (uint8_t)(text[start - 1] - 'A') < 26 || text[start - 1] == '-'))
        start--;
    if (at - start < 2 || at - start > 15 || (uint8_t)(text[start] - 'A') >= 26 || escape_letters(scan, user)) return; /* ID\u003d7 */
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (cf_is_word(before) || (before && strchr("\\.:/-", before))) return;
    for (unsigned i = 0; i < COUNT(programs); i++)
        if (cf_stands(scan, start, programs[i].text, programs[i].size)) return;
    for (unsigned i = 0; i < COUNT(connectors); i++) /* EX01\Default Frontend EX01 */
        if (cf_stands(scan, user, connectors[i].text, connectors[i].size) &&
            (uint8_t)(cf_at(scan, (int64_t)user + connectors[i].size) - 'A') < 26)
            return;
    while (end - user < 64 && (cf_is_host_byte(cf_at(scan, end)) || cf_at(scan, end) == '$')) end++;
    while (end - user >= 2 && login_behind_domain(cf_at(scan, end))) end--;
    if (end - user < 2 || start < scan->met[CF_MET_DOMAIN]) return;
    scan->met[CF_MET_DOMAIN] = end;
    uint8_t c = text[user];
    bool escape = c == 'n' || c == 'r' || c == 't' || c == 'u' || c == 'b' || c == 'f' || c == 'x';
    if (!escape || login_two_names(scan, start, user) || login_domain_before(scan, start)) text_login_at(scan, user, end);
}

/* Where a name of a folder ends that begins at a place, after 64 bytes at most. */
static uint32_t login_folder_end(const cf_scan *scan, uint32_t start) {
    uint32_t end = start;
    while (end < scan->size && end - start < 64) {
        uint8_t c = scan->text[end];
        if (cf_is_space(c) || (c && strchr("/\\:*?\"'<>|,;()", c))) break;
        end++;
    }
    return end;
}

/* Where the name of a folder ends that has further words with capitals in it, as those of people on Windows do; the end of its
 * first word where no folder of it ends behind them: `Users\Mary Smith\x.log`. */
static uint32_t login_folder_words(const cf_scan *scan, uint32_t first) {
    uint32_t end = first;
    for (unsigned words = 0; words < 2 && cf_at(scan, end) == ' '; words++) {
        uint8_t capital = cf_at(scan, (int64_t)end + 1);
        if ((uint8_t)(capital - 'A') >= 26 && capital < 0x80) break;
        uint32_t stop = end + 2;
        for (uint8_t c; stop - end <= 32 && ((c = cf_at(scan, stop)) >= 0x80 || cf_is_alpha(c) || c == '.' || c == '-');) stop++;
        end = stop;
    }
    uint8_t behind = cf_at(scan, end);
    return behind == '/' || behind == '\\' ? end : first;
}

/* The name of a home folder at a place. */
static void text_home(cf_scan *scan, uint32_t start, unsigned slot) {
    static const text_word_of shared[] = {TEXT("public"), TEXT("default"), TEXT("all"), TEXT("shared")};
    uint32_t end = login_folder_end(scan, start), word;
    for (uint32_t at = start; slot == CF_MET_MAIL_FOLDER && at < end; at++)
        if (scan->text[at] == '#') end = at; /* #011 is a tab of syslog */
    if (end == start) return;
    word = end;
    if (slot == CF_MET_USERS || slot == CF_MET_SETTINGS) end = login_folder_words(scan, end);
    scan->met[slot] = end;
    for (unsigned i = 0; i < COUNT(shared); i++)
        if (word - start == shared[i].size && cf_stands_folded(scan, start, shared[i].text, shared[i].size)) return;
    cf_shape(scan, start, end, CF_BY_LOGIN, cf_shape_kind(scan->rules, CF_BY_LOGIN), CF_R_HOME_FOLDER,
             CF_LEARN | CF_TOUCHING);
}

static uint32_t text_backslashes(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end - at < 4 && cf_at(scan, end) == '\\') end++;
    return end;
}

/* `/var/mail/mohara`, `/var/vmail/example.org/mohara/`; its first slash stands at a place. */
static void text_mail_folder(cf_scan *scan, uint32_t at) {
    uint32_t folder = at + 5, user, labels = 0;
    if (cf_stands(scan, folder, "spool/", 6)) folder += 6;
    folder += cf_at(scan, folder) == 'v';
    if (!cf_stands(scan, folder, "mail/", 5) || at < scan->met[CF_MET_MAIL_FOLDER]) return;
    folder += 5;
    for (user = folder;; user++) {
        uint32_t label = user;
        while (user - label < 64 && (cf_is_word(cf_at(scan, user)) || cf_at(scan, user) == '-')) user++;
        if (user == label || user - label > 63 || ++labels > 5 || cf_at(scan, user) != '.') break;
    }
    bool domain = labels > 1 && labels < 6 && cf_at(scan, user) == '/' && cf_at(scan, (int64_t)user - 1) != '.';
    uint32_t name = domain ? user + 1 : folder;
    uint8_t first = cf_at(scan, name);
    if (first == '$' || first == '%' || first == '{') return; /* /var/mail/%u */
    text_home(scan, name, CF_MET_MAIL_FOLDER);
}

/* `/home/`, `Users/`, `Users\` and `Documents and Settings\` around the slash at a place. */
static void text_folder(cf_scan *scan, uint32_t at) {
    if (scan->text[at] == '/' && cf_stands(scan, (int64_t)at + 1, "home/", 5) && at >= scan->met[CF_MET_HOME])
        text_home(scan, at + 6, CF_MET_HOME);
    if (scan->text[at] == '/' && cf_stands(scan, (int64_t)at + 1, "var/", 4)) text_mail_folder(scan, at);
    if (cf_at(scan, (int64_t)at - 1) != 's') return;
    bool users = cf_ends(scan, at, "Users", 5) || (scan->text[at] == '\\' && cf_ends(scan, at, "users", 5));
    users = users && !cf_ends(scan, (int64_t)at - 5, "All ", 4);
    if (users && at - 5 >= scan->met[CF_MET_USERS])
        text_home(scan, scan->text[at] == '/' ? at + 1 : text_backslashes(scan, at), CF_MET_USERS);
    else if (scan->text[at] == '\\' && cf_ends(scan, at, "Documents and Settings", 22) &&
             at - 22 >= scan->met[CF_MET_SETTINGS])
        text_home(scan, text_backslashes(scan, at), CF_MET_SETTINGS);
}

/* Whether a folder of people's files is named before a place: `Profiles`, `home$`, `D:\home`, in several languages. */
static bool login_folder_named(const cf_scan *scan, uint32_t end, bool shared) {
    static const text_word_of names[] = {TEXT("profile"), TEXT("profiles"), TEXT("profilen"), TEXT("userdata"), TEXT("userhome"),
                                         TEXT("userhomes"), TEXT("profil"), TEXT("profili"), TEXT("benutzer"), TEXT("utilisateurs"),
                                         TEXT("usuarios"), TEXT("utenti"), TEXT("utilizadores"), TEXT("gebruikers"),
                                         TEXT("kullanicilar"), TEXT("uzytkownicy")};
    static const text_word_of homes[] = {TEXT("home"), TEXT("homes")};
    const uint8_t *text = scan->text;
    uint32_t at;
    for (unsigned i = 0; i < (shared ? 6 : COUNT(names)); i++) {
        uint32_t size = names[i].size;
        if (cf_ends(scan, end, names[i].text + 1, size - 1) && (cf_at(scan, (int64_t)end - size) | 32) == names[i].text[0]) return true;
    }
    for (unsigned i = 0; i < COUNT(homes); i++) {
        uint32_t size = homes[i].size;
        if (!cf_ends(scan, end, homes[i].text + 1, size - 1) || (cf_at(scan, (int64_t)end - size) | 32) != 'h') continue;
        for (at = end - size; at && end - size - at < 4 && text[at - 1] == '\\';) at--;
        return shared || (at < end - size && at >= 2 && text[at - 1] == ':' && cf_is_alpha(text[at - 2]));
    }
    if (shared) return false;
    if (cf_ends(scan, end, "Dokumente und Einstellungen", 27)) return true;
    if (!cf_ends(scan, end, "ndare", 5)) return false;
    for (at = end - 5; at && end - at <= 6 && (text[at - 1] == 'a' || text[at - 1] == 0xc3 || text[at - 1] == 0xa4);) /* Användare */
        if (cf_ends(scan, --at, "nv", 2) && (cf_at(scan, (int64_t)at - 3) | 32) == 'a') return true;
    return false;
}

/* Whether the name of a file ends at a place, and not that of a folder. */
static bool login_file(const cf_scan *scan, uint32_t end) {
    static const char *const kinds[] = {".txt", ".log", ".zip", ".exe", ".cmd", ".bat", ".ini", ".xml", ".csv"};
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (cf_ends(scan, end, kinds[i], 4)) return true;
    return false;
}

/* `Profiles\mohara\`, `\\srv\home$\mohara`, `D:\home\mohara\`: the word ends at a place, before a backslash or `$`. */
static void login_profile(cf_scan *scan, uint32_t end) {
    static const text_word_of nobodys[] = {TEXT("Users"), TEXT("Default"), TEXT("default"), TEXT("Public"), TEXT("public"), TEXT("All "),
                                           TEXT("AppData"), TEXT("Roaming"), TEXT("Local")};
    bool shared = scan->text[end] == '$';
    cf_looks(scan);
    uint32_t user = text_backslashes(scan, end + shared), stop;
    if (user == end + shared) return;
    stop = login_folder_end(scan, user);
    if (stop == user || (cf_at(scan, stop) == '\\' ? end <= scan->met[CF_MET_PROFILE] : !shared || login_file(scan, stop)) ||
        !login_folder_named(scan, end, shared))
        return;
    for (unsigned i = 0; i < COUNT(nobodys); i++)
        if (cf_stands(scan, user, nobodys[i].text, nobodys[i].size)) return;
    text_home(scan, user, CF_MET_PROFILE);
}
