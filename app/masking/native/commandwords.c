/* Whether a command begins with a name, by the words before it in its line (commandwords.py of the reference). Elsewhere the name
 * is an argument: find / -name mysql -print, apt install mysql. */
#include "shapes.h"

#include <string.h>

enum { PROGRAM_WINDOW = 160, PROGRAM_EXEC = 96, PROGRAM_WORDS = 96, PROGRAM_NO_START = -1, PROGRAM_CONTAINED = -2 };

/* What stands before the name of a program, no further than a window; the text begins behind the end of a line. */
typedef struct {
    const uint8_t *text;
    int64_t first;
} program_window;

static uint8_t program_was(const program_window *window, int64_t at) { return at < window->first ? 0 : at < 0 ? '\n' : window->text[at]; }

static bool program_ends(const program_window *window, int64_t end, const char *word, bool folded) {
    int64_t size = (int64_t)strlen(word);
    for (int64_t at = 0; at < size; at++) {
        uint8_t c = program_was(window, end - size + at);
        if ((folded && (uint8_t)((c | 32) - 'a') < 26 ? c | 32 : c) != (uint8_t)word[at]) return false;
    }
    return true;
}

static bool program_line_ends(uint8_t c) { return c == '\r' || c == '\n'; }

static bool program_is(uint8_t c, const char *signs) { return c && strchr(signs, c); }
/* A word [start, end) before the name; `last` is where the last part of its path begins. */
typedef struct {
    int64_t start, end, last;
} program_said;

typedef struct {
    program_window window;
    program_said words[PROGRAM_WORDS];
    int count;
    bool opened; /* a command may begin with the first word */
    bool line;   /* and a line does */
    bool any_key;
} program_before;

static uint8_t program_byte(const program_before *before, int word, int64_t at) {
    const program_said *said = &before->words[word];
    return said->start + at < said->end ? program_was(&before->window, said->start + at) : 0;
}

static int64_t program_size(const program_before *before, int word) { return before->words[word].end - before->words[word].start; }

static bool program_ends_with(const program_before *before, int word, const char *end, bool folded) {
    return program_size(before, word) >= (int64_t)strlen(end) && program_ends(&before->window, before->words[word].end, end, folded);
}

/* Whether a word, or the last part of its path, is one of a list, each with a zero behind it and one more at the end. */
static bool program_one_of(const program_before *before, int word, const char *list, bool path) {
    int64_t size = path ? before->words[word].end - before->words[word].last : program_size(before, word);
    for (; *list; list += strlen(list) + 1)
        if ((int64_t)strlen(list) == size && program_ends(&before->window, before->words[word].end, list, false)) return true;
    return false;
}

static bool program_holds(const program_before *before, int word, const char *signs) {
    for (int64_t at = 0; at < program_size(before, word); at++)
        if (program_is(program_byte(before, word, at), signs)) return true;
    return false;
}

static bool program_holds_digit(const program_before *before, int word) { return program_holds(before, word, "0123456789"); }

/* MYSQL_HOST=db1: whether a word sets a variable. */
static bool program_sets(const program_before *before, int word) {
    int64_t at = 0;
    while (cf_is_word(program_byte(before, word, at))) at++;
    return at && !cf_is_digit(program_byte(before, word, 0)) && program_byte(before, word, at) == '=';
}

/* 10:00:00, 10:00:00.123Z, 10:00:00,123+02:00]: whether a word ends with a time of day. */
static bool program_time(const program_before *before, int word) {
    const program_window *window = &before->window;
    int64_t first = before->words[word].start, end = before->words[word].end, at;
    if (end > first && program_was(window, end - 1) == ']') end--;
    for (unsigned zone = 0; zone < 3; zone++) {
        int64_t stop = end, size = zone == 1 ? 1 : 5;
        if (zone == 1) {
            if (end - 1 < first || program_was(window, end - 1) != 'Z') continue;
        } else if (zone == 2) {
            if (program_was(window, end - 3) == ':') size = 6;
            if (end - size < first || !program_is(program_was(window, end - size), "+-") || !cf_is_digit(program_was(window, end - 1)) ||
                !cf_is_digit(program_was(window, end - 2)) || !cf_is_digit(program_was(window, end - size + 1)) ||
                !cf_is_digit(program_was(window, end - size + 2)))
                continue;
        }
        if (zone) stop -= size;
        for (at = stop; at > first && stop - at < 10 && cf_is_digit(program_was(window, at - 1));) at--;
        if (at < stop && stop - at < 10 && at - 1 >= first && program_is(program_was(window, at - 1), ".,")) {
            int64_t whole = at - 1;
            if (whole - 4 >= first && cf_is_digit(program_was(window, whole - 1)) && (uint8_t)(program_was(window, whole - 2) - '0') < 6 &&
                program_was(window, whole - 3) == ':' && cf_is_digit(program_was(window, whole - 4)))
                return true;
        }
        if (stop - 4 >= first && cf_is_digit(program_was(window, stop - 1)) && (uint8_t)(program_was(window, stop - 2) - '0') < 6 &&
            program_was(window, stop - 3) == ':' && cf_is_digit(program_was(window, stop - 4)))
            return true;
    }
    return false;
}

/* command=, ExecStart=, run: at the end [start, end) of a word. */
static bool program_key(const program_window *window, int64_t start, int64_t end, bool many) {
    static const char *const keys[] = {"command", "cmd", "execstart", "execstartpre", "execstartpost", "run", "script", "entrypoint", "test", "args"};
    if (!program_is(program_was(window, end - 1), ":=")) return false;
    for (unsigned i = 0; i < (many ? COUNT(keys) : 5); i++)
        if (end - 1 - (int64_t)strlen(keys[i]) >= start && program_ends(window, end - 1, keys[i], true)) return true;
    return false;
}

/* The prompt of a shell, a time of day, a key or an instruction that takes a command: a command stands behind such a word. */
static bool program_announces(const program_before *before, int word) {
    uint8_t last = program_was(&before->window, before->words[word].end - 1);
    int64_t size = program_size(before, word), at;
    if (last == '$' || last == '#' || (size == 1 && (last == '%' || (last == '>' && before->line && word == 0)))) return true;
    if (last == '>' && size >= 4 && cf_is_alpha(program_byte(before, word, 0)) && program_byte(before, word, 1) == ':' &&
        program_byte(before, word, 2) == '\\') {
        for (at = 0; at < size - 1 && !program_is(program_byte(before, word, at), "<>");) at++;
        if (at == size - 1) return true;
    }
    if ((size == 9 && program_ends_with(before, word, "executing", true)) || (size == 7 && program_ends_with(before, word, "running", true))) return true;
    if (program_one_of(before, word, "RUN\0CMD\0ENTRYPOINT\0", false) || program_time(before, word)) return true;
    if (program_key(&before->window, before->words[word].start, before->words[word].end, true)) return true;
    if (before->any_key && last == ':' && size >= 2 && cf_is_word(program_byte(before, word, size - 2))) return true;
    if (word == 0 || last != 'c' || size < 2 || size > 5 || program_byte(before, word, 0) != '-') return false;
    for (at = 1; at < size && (uint8_t)(program_byte(before, word, at) - 'a') < 26;) at++;
    return at == size && program_ends_with(before, word - 1, "sh", false);
}

/* Words of a shell, programs that start others, settings; and numbers, signs and words in capitals: no verb. */
static bool program_passed(const program_before *before, int word) {
    int64_t size = program_size(before, word), at;
    uint8_t first = program_byte(before, word, 0);
    if (program_one_of(before, word,
                       "if\0elif\0while\0until\0then\0do\0else\0sudo\0doas\0env\0exec\0time\0nice\0ionice\0nohup\0xargs\0timeout\0command\0watch\0strace\0"
                       "chronic\0parallel\0systemd-run\0unbuffer\0-\0",
                       false))
        return true;
    if (program_holds(before, word, "<>")) return false;
    if (program_sets(before, word) || (first == '[' && size > 1 && program_byte(before, word, size - 1) == ']')) return true;
    for (at = 1; first == '@' && at < size && (uint8_t)(program_byte(before, word, at) - 'a') < 26;) at++;
    if (first == '@' && size > 1 && at == size) return true;
    for (at = 0; at < size && (uint8_t)(program_byte(before, word, at) - 'a') >= 26;) at++;
    return at == size && first != '-';
}

/* The fields of cron, and the log-in behind them. */
static bool program_cron(const program_before *before, int word) {
    int64_t size = program_size(before, word), at;
    uint8_t first = program_byte(before, word, 0);
    if (!before->line || size > 32 || !(first == '_' || (uint8_t)(first - 'a') < 26)) return false;
    for (at = 1; at < size; at++)
        if (!cf_is_word(program_byte(before, word, at)) && program_byte(before, word, at) != '-') return false;
    if (word == 1) return program_byte(before, 0, 0) == '@';
    if (word != 5) return false;
    for (int field = 0; field < 5; field++)
        for (at = 0; at < program_size(before, field); at++)
            if (!program_is(program_byte(before, field, at), "0123456789*,/-")) return false;
    return true;
}

static bool program_only_options(const program_before *before, int start, int stop) {
    bool value = false;
    for (int word = start; word < stop; word++) {
        uint8_t first = program_byte(before, word, 0);
        if (program_holds(before, word, "<>") || !(value || first == '-' || cf_is_digit(first) || program_sets(before, word))) return false;
        value = first == '-';
    }
    if (!value) return true;
    int last = stop - 1;
    int64_t size = program_size(before, last), at = 1;
    if (program_holds_digit(before, last) || program_holds(before, last, "={") || program_one_of(before, last, "--\0", false)) return true;
    while (at < size && program_is(program_byte(before, last, at), "0EHSbdefiknqrtvx")) at++;
    return at == size && size >= 2 && size <= 5;
}

/* Whether one word, a host or a container, is left behind options and their values. */
static bool program_one_left(const program_before *before, int start, int stop, bool of_ssh) {
    int word = start;
    while (word < stop && program_byte(before, word, 0) == '-') {
        int64_t size = program_size(before, word);
        uint8_t letter = program_byte(before, word, 1);
        bool alone = of_ssh ? size != 2 || !program_is(letter, "BbcDEeFIiJLlmOopQRSWw")
                            : program_holds(before, word, "=") || (size > 2 && letter != '-') ||
                                  program_one_of(before, word,
                                                 "-i\0-t\0-d\0-T\0-P\0--rm\0--init\0--privileged\0--tty\0--interactive\0--detach\0--no-deps\0",
                                                 false);
        word += alone ? 1 : 2;
    }
    if (word != stop - 1) return false;
    for (word = start; word < stop; word++)
        if (program_holds(before, word, "<>")) return false;
    return true;
}

/* Where the program stands that starts the one at a word: sudo -u postgres, ssh db1. */
static int program_other(const program_before *before, int at) {
    for (int start = at - 2; start >= 0; start--) {
        const program_said *said = &before->words[start];
        if (said->last == said->end || !program_is(program_was(&before->window, said->last), "cdefginprstwx")) continue;
        if (start && program_one_of(before, start, "exec\0run\0", true) &&
            program_one_of(before, start - 1, "docker\0podman\0nerdctl\0compose\0docker-compose\0", true))
            return program_one_left(before, start + 1, at, false) ? PROGRAM_CONTAINED : PROGRAM_NO_START;
        if (program_one_of(before, start, "ssh\0chroot\0flock\0gosu\0su-exec\0", true)) return program_one_left(before, start + 1, at, true) ? start : PROGRAM_NO_START;
        if (program_one_of(before, start, "sudo\0doas\0env\0exec\0nice\0ionice\0nohup\0time\0timeout\0xargs\0stdbuf\0setsid\0watch\0strace\0systemd-run\0runuser\0parallel\0",
                           true))
            return program_only_options(before, start + 1, at) ? start : PROGRAM_NO_START;
    }
    return PROGRAM_NO_START;
}

/* Whether nothing but words that may precede a command stand between a start and it. */
static bool program_reaches(const program_before *before) {
    int at = before->count, behind = at;
    while (at) {
        int word = at - 1;
        if (program_announces(before, word)) return true;
        if (program_passed(before, word)) at--;
        else if (program_cron(before, word)) return true;
        else {
            int start = program_other(before, at);
            if (start == PROGRAM_NO_START && behind > at) start = program_other(before, behind);
            if (start < 0) return start == PROGRAM_CONTAINED;
            at = behind = start;
        }
    }
    return before->opened;
}

/* `kubectl exec db -- ` before a place. */
static bool program_contained(const program_window *window, int64_t at) {
    if (!program_ends(window, at, " -- ", false)) return false;
    int64_t stop = at - 4;
    for (int64_t start = stop - 1; stop - start <= PROGRAM_EXEC; start--) {
        if (program_is(program_was(window, start), "\r\n|;&<>")) return false;
        if (program_ends(window, start, "exec ", false)) return true;
    }
    return false;
}

/* Where the path of a program begins whose name stands at a place; or -2 where that path is no program's. */
static int64_t program_path(const program_window *window, int64_t name) {
    int64_t at = name;
    for (uint8_t c; cf_is_word(c = program_was(window, at - 1)) || program_is(c, ".~/\\-");) at--;
    if (at < name && program_was(window, at) == '\\' && program_was(window, at - 1) == ':' && cf_is_alpha(program_was(window, at - 2))) at -= 2;
    while (at < name && program_was(window, at) == '-') at++;
    if (at == name) return at;
    uint8_t last = program_was(window, name - 1);
    if (last != '/' && last != '\\') return -2;
    if (name - at == 2 && program_was(window, at) == '.') return at;
    return program_ends(window, name - 1, "bin", false) || program_ends(window, name, "/mysql/", false) || program_ends(window, name, "/mariadb/", false) ? at : -2;
}

/* Whether a command begins with the name of a program at a place; tells the quote before it. */
static bool program_begins(const cf_scan *scan, uint32_t name, uint8_t *quote) {
    program_before before = {.window = {scan->text, name > PROGRAM_WINDOW ? (int64_t)name - PROGRAM_WINDOW : -1}};
    const program_window *window = &before.window;
    int64_t at = program_path(window, name), start, end;
    if (at == -2) return false;
    if (program_was(window, (int64_t)name - 1) == '-' && !program_is(program_was(window, (int64_t)name - 2), "|`\\")) return false;
    for (start = at; start > window->first && !program_is(program_was(window, start - 1), "\r\n;|&('\"`");) start--;
    uint8_t opener = start > window->first ? program_was(window, start - 1) : 0;
    bool near = start == at || !cf_is_blank(program_was(window, start)), glued = start < at && !cf_is_blank(program_was(window, at - 1));
    if (near && (opener == '\'' || opener == '"')) *quote = opener;
    for (end = start; end < at;) {
        int64_t first = end, part = end;
        for (; end < at && !cf_is_blank(program_was(window, end)); end++)
            if (program_was(window, end) == '/') part = end + 1;
        if (end > first) before.words[before.count++] = (program_said){first, end, part};
        while (end < at && cf_is_blank(program_was(window, end))) end++;
    }
    int last = before.count - 1;
    if (glued) {
        int64_t first = before.words[last].start;
        if (program_ends_with(&before, last, "\xe2\x94\x80", false) || program_one_of(&before, last, "\\-\0", false)) return true;
        if (at - start == 1 && program_was(window, start) == '-' && program_is(opener, "|`")) return true;
        for (end = at; at - end <= 3; end--) {
            if (program_key(window, first, end, false)) return true;
            if (end == first || !program_is(program_was(window, end - 1), "-@+!")) return false;
        }
        return false;
    }
    if (program_contained(window, at)) return true;
    if (last >= 0 && at < name && program_was(window, at) == '/' && !(last == 0 && near)) {
        int64_t digits = 0, size = program_size(&before, last);
        while (cf_is_digit(program_byte(&before, last, digits))) digits++;
        if (size == digits && size >= 4 && size <= 7 && program_byte(&before, last, 0) != '0') return true; /* the number of a process */
    }
    before.line = program_line_ends(opener);
    before.opened = program_is(opener, "'\"`") ? near : opener != 0;
    before.any_key = program_is(scan->text[name], "m'\"");
    return program_reaches(&before);
}
