/* How far a value without quotes reaches behind its key (keyed.py of the reference): numbers in groups, names of several
 * words, addresses behind commas, the rest of a line. */
#include "keys.h"

#include <string.h>

static uint32_t token_at(const uint8_t *text, uint32_t size, uint32_t at);

enum { KEYED_COMPLETE = 10, KEYED_LONGEST = 15, KEYED_LINE = 8192, KEYED_URL = 512, KEYED_LABEL = 2, KEYED_LIST = 7 };

/* How much of digits and separators is one number: after ten digits a space ends it, and versions are no part of it. */
static uint32_t keyed_whole_number(const uint8_t *text, uint32_t start, uint32_t end) {
    uint32_t digits = 0, reach = start, at = start;
    while (at < end) {
        uint32_t more = 0, run = 0, dots = 0;
        bool version = false, apart = at + 1 < end && text[at] == ' ' && text[at + 1] == ' ';
        while (at < end && text[at] == ' ') at++;
        apart = apart && at < end && text[at] == '(';
        for (; at < end && text[at] != ' '; at++) {
            if (cf_is_digit(text[at])) {
                more++;
                run++;
                version = version || dots == 2;
            } else {
                dots = text[at] == '.' && run ? dots + 1 : 0;
                run = 0;
            }
        }
        if (digits && (apart || digits >= KEYED_COMPLETE || digits + more > KEYED_LONGEST || version)) break;
        digits += more;
        reach = at;
    }
    return reach;
}

/* The end of a number of at least six digits and separators, or of the value. */
static uint32_t keyed_reach_of_number(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t first = start, run = 0;
    uint8_t c = cf_at(scan, start);
    if (c == '+' || c == '(') first++;
    if (!cf_is_digit(cf_at(scan, first++))) return end;
    while (run < 29) {
        c = cf_at(scan, first + run);
        if (!cf_is_digit(c) && (!c || !strchr(" ().*#/-", c))) break;
        run++;
    }
    while (run >= 5 && !cf_is_digit(scan->text[first + run - 1])) run--;
    if (run < 5) return end;
    uint32_t reach = keyed_whole_number(scan->text, start, first + run);
    return reach > end ? reach : end;
}

/* Behind what is written with a quote before a name: "d'Angelo", "'t Hart"; or its place. */
static uint32_t keyed_elided(const cf_scan *scan, uint32_t start) {
    static const char *const words[] = {"'t ", "'s ", "d'", "l'", "dell'", "dall'", "all'", "sull'", "nell'", "degl'", "sant'"};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (cf_stands(scan, start, words[i], strlen(words[i]))) return start + (uint32_t)strlen(words[i]);
    return start;
}

/* The end of a word of a name that begins with a capital, or its beginning. */
static uint32_t keyed_name_word(const cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    if (!needs_capital(cf_at(scan, start))) return start;
    for (at++; at - start < 41; at++) {
        uint8_t c = cf_at(scan, at);
        if (!(cf_class[c] & CF_WORD) && c != '\'' && c != '.' && c != '-') break;
    }
    return at;
}

/* Behind the small words of names, each with a blank behind it. */
static uint32_t keyed_particles(const cf_scan *scan, uint32_t at) {
    for (unsigned word = 0; word < 3; word++) {
        uint32_t size = name_particle(scan, at, scan->size);
        if (!size || cf_at(scan, at + size) != ' ') break;
        at += size + 1;
    }
    return at;
}

/* A word of a statement: `last_name = Smith AND city = Paris`. */
static bool keyed_of_statement(const cf_scan *scan, uint32_t start, uint32_t end) {
    if (end - start == 2) return cf_stands(scan, start, "OR", 2);
    if (end - start == 3) return cf_stands(scan, start, "AND", 3);
    return end - start == 5 && (cf_stands(scan, start, "ORDER", 5) || cf_stands(scan, start, "LIMIT", 5));
}

/* Up to four words of a name behind the first: " van der Berg". */
static uint32_t keyed_more_names(const cf_scan *scan, uint32_t at) {
    for (unsigned word = 0; word < 4 && cf_at(scan, at) == ' '; word++) {
        uint32_t start = keyed_elided(scan, keyed_particles(scan, at + 1)), end = keyed_name_word(scan, start);
        bool sign = cf_at(scan, start) == 0xe2 && (uint8_t)(cf_at(scan, (int64_t)start + 1) - 0x80) < 0x20; /* an arrow, a dash */
        if (end == start || sign || (cf_at(scan, end) == ' ' && keyed_of_statement(scan, start, end))) break;
        at = end;
    }
    return at;
}

/* Whether a value without quotes ends at a place, whatever it holds. */
static bool keyed_ends(const cf_scan *scan, uint32_t at, const char *marks) {
    uint8_t c = cf_at(scan, at);
    return at >= scan->size || (c && strchr(marks, c)) || (c == ' ' && (cf_at(scan, at + 1) == '|' || cf_at(scan, at + 1) == ';'));
}

/* The first name behind a family name, `O'Hara, Mary`; where it ends, or its beginning. */
static uint32_t keyed_more_of_name(const cf_scan *scan, uint32_t start) {
    if (!cf_stands(scan, start, ", ", 2)) return start;
    uint32_t first = keyed_elided(scan, keyed_particles(scan, start + 2)), end = keyed_name_word(scan, first);
    if (end == first) return start;
    for (unsigned word = 0; word < 2 && cf_at(scan, end) == ' '; word++) {
        uint32_t next = keyed_name_word(scan, end + 1);
        if (next == end + 1) break;
        end = next;
    }
    for (; end > first; end--)
        if (scan->text[end - 1] != ' ' && keyed_ends(scan, end, ",;)]}|\"'\r\n")) return end;
    return start;
}

/* Behind the first name of somebody, or behind more people: `Mary O'Hara, John Lee, …`. */
static uint32_t keyed_reach_of_list(const cf_scan *scan, uint32_t start, uint32_t stop) {
    bool full = memchr(scan->text + start, ' ', stop - start) != NULL;
    for (unsigned name = 0; name < KEYED_LIST; name++) {
        uint32_t more = keyed_more_of_name(scan, stop), last = stop;
        if (more == stop) return stop;
        stop = more;
        if (!full || !memchr(scan->text + last + 2, ' ', stop - last - 2)) return stop;
    }
    return stop;
}

/* Whether the next key follows the blank at a place. */
static inline bool keyed_key_follows(const cf_scan *scan, uint32_t at) {
    uint32_t end = at + 1;
    for (; end - at < 65; end++) {
        uint8_t c = cf_at(scan, end);
        if (!cf_is_word(c) && c != '.' && c != '-') break;
    }
    return end > at + 1 && (cf_at(scan, end) == '=' || cf_at(scan, end) == ':');
}

static uint32_t keyed_more_id(const cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    for (unsigned group = 0; group < 7 && cf_at(scan, at) == ' '; group++) {
        uint32_t end = at + 1;
        while (end - at < 7) {
            uint8_t c = cf_at(scan, end);
            if (!cf_is_digit(c) && !((uint8_t)(c - 'A') < 26) && c != '-') break;
            end++;
        }
        if (end == at + 1) break;
        at = end;
    }
    if (at == start) return start;
    if (keyed_ends(scan, at, ";,&|\"'<\r\n)]}")) return at;
    for (; at > start; at--) /* a last group may be the next key */
        if (cf_at(scan, at) == ' ' && keyed_key_follows(scan, at)) return at;
    return start;
}

/* Up to four more groups of a card's number. */
static uint32_t keyed_more_card(const cf_scan *scan, uint32_t start) {
    uint32_t reach = start, at = start;
    for (unsigned group = 0; group < 4 && (cf_at(scan, at) == ' ' || cf_at(scan, at) == '-'); group++) {
        uint32_t end = value_digits(scan, at + 1, 7);
        if (end == at + 1) break;
        at = end;
        if (!cf_is_word(cf_at(scan, at)) && cf_at(scan, at) != '.') reach = at;
    }
    return reach;
}

static inline bool keyed_address_ends(const cf_scan *scan, uint32_t at) {
    static const uint8_t ends[256] = {[','] = 1, [';'] = 1, ['&'] = 1, ['|'] = 1, ['"'] = 1, ['\''] = 1, ['<'] = 1, ['>'] = 1,
                                      ['\t'] = 1, ['\r'] = 1, ['\n'] = 1, [')'] = 1, [']'] = 1, ['}'] = 1, ['='] = 1};
    uint32_t word = at + 1;
    if (scan->text[at] == '\\') {
        uint32_t letter = escape_behind(scan, at);
        return letter && escape_label(scan, letter);
    }
    if (scan->text[at] != ' ') return ends[scan->text[at]] != 0;
    while (word - at < 34 && ((uint8_t)(cf_at(scan, word) - 'a') < 26 || cf_at(scan, word) == '_')) word++;
    return word - at > 4 && word - at < 34 && cf_stands(scan, word, ": ", 2); /* bairro: Bela Vista protocolo: 4711 */
}

static inline uint32_t keyed_more_address(cf_scan *scan, uint32_t start) {
    return value_next(scan, CF_KNOWN_ADDRESS, start, value_end(scan, start, 120), keyed_address_ends);
}

/* ", 62701 Springfield": a part of an address behind a comma, of one to three words; where it ends, or its beginning. */
static uint32_t keyed_address_part(const cf_scan *scan, uint32_t start) {
    uint32_t at = start + 1;
    if (cf_at(scan, start) != ',') return start;
    for (unsigned word = 0; word < 3 && cf_at(scan, at) == ' '; word++) {
        uint8_t c = cf_at(scan, at + 1);
        if (!cf_is_digit(c) && (uint8_t)(c - 'A') >= 26 && c < 0x80) {
            if (!word) return start;
            break;
        }
        uint32_t first = ++at;
        while (at - first < 41 && (c = cf_at(scan, at), cf_is_alnum(c) || c == '.' || c == '-' || c >= 0x80)) at++;
    }
    return at > start + 1 && keyed_ends(scan, at, ",;)]}|\"'\r\n") ? at : start;
}

static uint32_t keyed_more_geo(const cf_scan *scan, uint32_t start) {
    uint32_t at = value_skip_blanks(scan, start, 2), end;
    if (cf_at(scan, at) != ',' && cf_at(scan, at) != ';') return start;
    at = value_skip_blanks(scan, at + 1, 2);
    at += cf_at(scan, at) == '+' || cf_at(scan, at) == '-';
    end = value_digits(scan, at, 3);
    if (end == at || cf_at(scan, end) != '.') return start;
    at = value_digits(scan, end + 1, 12);
    return at - end > 2 ? at : start;
}

/* The month in letters and the year behind a day, `12 Dec 1956`; where they end, or their beginning. */
static uint32_t keyed_more_birth(const cf_scan *scan, uint32_t start) {
    uint32_t at = start + 1, letters;
    if (cf_at(scan, start) != ' ') return start;
    if (cf_stands(scan, at, "de ", 3) || cf_stands(scan, at, "of ", 3)) at += 3;
    for (letters = at; at - letters < 13 && (cf_is_alpha(cf_at(scan, at)) || cf_at(scan, at) >= 0x80);) at++;
    if (at - letters < 3 || at - letters > 12) return start;
    at += cf_at(scan, at) == '.';
    if (cf_at(scan, at++) != ' ') return start;
    if (cf_stands(scan, at, "de ", 3)) at += 3;
    if (!cf_stands(scan, at, "19", 2) && !cf_stands(scan, at, "20", 2)) return start;
    if (value_digits(scan, at, 4) != at + 4) return start;
    uint8_t next = cf_at(scan, at + 4);
    return cf_is_word(next) || next == '.' || next == ':' || next == '-' ? start : at + 4;
}

/* Where free text ends: at a mark, or before the next key. */
static inline bool keyed_text_ends(const cf_scan *scan, uint32_t at) {
    uint8_t c = scan->text[at];
    if (c == '\t' || c == '\n' || c == '\r' || c == ',' || c == ';' || c == '|' || c == '"' || c == '<' || c == '>' || c == '}')
        return true;
    return c == ' ' && keyed_key_follows(scan, at);
}

static inline bool keyed_letter(const cf_scan *scan, uint32_t at) { return cf_key_bytes[scan->text[at]] & CF_LETTER; }

/* A number where a name was expected is a number. */
static bool keyed_lettered(cf_scan *scan, uint32_t start, uint32_t end) {
    return value_next(scan, CF_KNOWN_LETTER, start, end, keyed_letter) < end;
}

static inline bool keyed_request(const cf_scan *scan, uint32_t at) { return scan->text[at] == ' ' && cf_stands(scan, at, " HTTP/", 6); }

/* As far back as a URL or a form may go on before a place, not before `least`. */
static uint32_t keyed_url_begins(const cf_scan *scan, uint32_t at, uint32_t least) {
    static const uint8_t ends[256] = {[' '] = 1, ['\t'] = 1, ['\n'] = 1, ['"'] = 1, ['\''] = 1, ['?'] = 1, ['&'] = 1};
    while (at > least && !ends[scan->text[at - 1]]) at--;
    return at;
}

/* Whether a value stands among the parameters of a URL or a form, where no blank is part of one. Bytes that were read before
 * another value of them and decide nothing are not read again. */
static bool keyed_in_url(cf_scan *scan, uint32_t start) {
    cf_known *known = &scan->known[CF_KNOWN_URL];
    uint32_t least = start > KEYED_URL ? start - KEYED_URL : 0;
    bool read = known->from < known->to && known->to <= start && known->to > least;
    uint32_t at = keyed_url_begins(scan, start, read ? known->to : least);
    if (read && at == known->to) at = keyed_url_begins(scan, known->from > least ? known->from : least, least);
    *known = (cf_known){at, start};
    return at > least && (scan->text[at - 1] == '?' || scan->text[at - 1] == '&');
}

/* What was read behind a value, without the next key or the end of a request. */
static uint32_t keyed_before_key(cf_scan *scan, uint32_t end, uint32_t stop) {
    uint32_t most = stop < scan->size ? stop + 1 : stop, request = value_next(scan, CF_KNOWN_REQUEST, end, most, keyed_request);
    if (request < most) stop = request; /* GET /?city=Paris HTTP/1.1 */
    if (stop > end && cf_at(scan, stop) == '=')
        while (stop > end && scan->text[stop] != ' ') stop--; /* the last word is the next key */
    return stop;
}

/* Where the blank stands before the last word of what was read, or 0. */
static uint32_t keyed_last_blank(const cf_scan *scan, uint32_t end, uint32_t stop) {
    while (stop-- > end)
        if (scan->text[stop] == ' ') return stop;
    return 0;
}

/* What was read of a name, without the label of the next field: Name: Ann Lee Phone: … A label is a last word that has
 * a rule as a key, with those before it that have one, too; or the last two, which have one together, and another than the
 * last one has. The last may be a small one (First name:). */
static uint32_t keyed_before_label(cf_scan *scan, uint32_t end, uint32_t stop) {
    const uint8_t *text = scan->text;
    uint32_t sign = stop, last = keyed_last_blank(scan, end, stop), first, mark;
    if (!last) return stop;
    if (name_label_behind(scan, last + 1, stop)) return last;
    if (cf_at(scan, stop) == ' ') {
        for (sign = stop + 1; sign - stop <= 11 && (uint8_t)(cf_at(scan, sign) - 'a') < 26;) sign++;
        if (sign - stop < 3 || sign - stop > 11) sign = stop;
    }
    for (mark = sign; mark - sign < 2 && (cf_at(scan, mark) == ' ' || cf_at(scan, mark) == '\t');) mark++;
    if (cf_at(scan, mark) != ':' && cf_at(scan, mark) != '=') {
        if (sign == stop) return stop;
        for (sign = mark = stop; mark - sign < 2 && (cf_at(scan, mark) == ' ' || cf_at(scan, mark) == '\t');) mark++;
        if (cf_at(scan, mark) != ':' && cf_at(scan, mark) != '=') return stop;
    }
    const cf_key_rule *alone, *together = key_known(scan, text + last + 1, sign - last - 1);
    if (!together) {
        first = keyed_last_blank(scan, end, last);
        return first && key_known(scan, text + first + 1, sign - first - 1) ? first : stop;
    }
    alone = sign > stop + 1 ? key_known(scan, text + stop + 1, sign - stop - 1) : NULL;
    if (alone && alone->rule == together->rule) return stop; /* name=Ann Lee phone=... */
    for (unsigned more = 0; more < KEYED_LABEL && (first = keyed_last_blank(scan, end, last)) != 0; more++) { /* Phone Number: */
        if (!key_known(scan, text + first + 1, last - first - 1)) break;
        last = first;
    }
    return last;
}

/* A secret that holds an ampersand, `Password=Tr0ub&dor;Encrypt=true`, to its end; no parameter of a form stands there, which
 * would have a sign. */
static uint32_t keyed_reach_of_secret(const cf_scan *scan, uint32_t end) {
    uint32_t at = end + 1;
    while (at < scan->size && at - end <= 64 && !cf_is_space(scan->text[at]) && !(scan->text[at] && strchr(",;|\"'<>)]}=", scan->text[at])))
        at++;
    uint8_t c = cf_at(scan, at);
    return at > end + 1 && at - end <= 65 &&
                   (at >= scan->size || (c != '=' && (cf_is_space(c) || (c && strchr(",;|\"'<>)]}", c)))))
               ? at
               : end;
}

/* Whether an extension or a log-in stands in brackets behind the blank at a place: `agent=Mary van Major (2204)`. */
static bool keyed_boxed(const cf_scan *scan, uint32_t at) {
    uint32_t end = at + 2;
    bool marked = false;
    if (cf_at(scan, at + 1) != '(') return false;
    for (; end - at <= 42; end++) {
        uint8_t c = cf_at(scan, end);
        if (!cf_is_word(c) && c != '.' && c != '@' && c != '-') break;
        marked = marked || (!cf_is_alpha(c) && c != '-');
    }
    return marked && end - at >= 4 && end - at <= 42 && cf_at(scan, end) == ')';
}

/* The other names of somebody where a log-in was looked for, `supervisor=Mary O'Hara, …`: words with capitals to the end of the
 * value, to the next key, or to two blanks; where they end, or the end of the first. */
static __attribute__((noinline)) uint32_t keyed_reach_of_person(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t stop = keyed_before_key(scan, end, keyed_more_names(scan, end)), read = stop;
    stop = keyed_before_label(scan, end, stop);
    if (stop == end || end - start < 2 || end - start > 41) return end;
    for (uint32_t at = start; at < end; at++) {
        uint8_t c = scan->text[at];
        if (!cf_is_alpha(c) && c < 0x80 && c != '\'' && c != '-') return end;
    }
    bool marked = cf_at(scan, stop + 1) == '<' && !token_at(scan->text, scan->size, stop + 1);
    bool closed = stop < read || keyed_ends(scan, stop, ",;)]}|\t\r\n") ||
                  (cf_at(scan, stop) == ' ' && (cf_at(scan, stop + 1) == ' ' || marked || keyed_key_follows(scan, stop) || keyed_boxed(scan, stop)));
    return closed && !name_nobody(scan, start, stop) ? stop : end;
}

static uint32_t keyed_reach_of_address(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t stop = keyed_before_key(scan, end, keyed_more_address(scan, end));
    uint8_t before = start ? scan->text[start - 1] : 0;
    for (unsigned part = 0; part < 3 && (before == '=' || before == ' ' || before == ':'); part++)
        stop = keyed_address_part(scan, stop);
    return stop;
}

/* Where what is said between two bars ends, `|SPOK=mary major|`; 0: it is none. */
static uint32_t keyed_reach_between_bars(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t key = start - 1, at = end + 1;
    while (key && start - 1 - key < 17 && (uint8_t)(scan->text[key - 1] - 'A') < 26) key--;
    if (start - key < 3 || start - key > 17 || cf_at(scan, (int64_t)key - 1) != '|' ||
        !(cf_at(scan, end) == ' ' || cf_at(scan, end) == '\t'))
        return 0;
    while (at < scan->size && at - end < 1026 && !memchr("|=\r\n", scan->text[at], 4)) at++;
    if (at == end + 1 || at - end > 1025 || cf_at(scan, at) == '=') return end;
    return at;
}

/* A secret that holds what parts fields elsewhere, `password=Ab^Secret1=`, to its end. */
static uint32_t keyed_reach_of_fields(const cf_scan *scan, uint32_t end) {
    uint32_t at = end + 1;
    while (at < scan->size && at - end <= 256 && cf_key_bytes[scan->text[at]] & CF_IN_VALUE) at++;
    return at > end + 1 ? at : end;
}

/* Where a value without quotes ends that may hold spaces. */
static uint32_t keyed_reach(cf_scan *scan, cf_kind kind, uint32_t start, uint32_t end) {
    uint32_t stop, read;
    if (kind == CF_SECRET && cf_at(scan, end) == '^') end = keyed_reach_of_fields(scan, end);
    if (kind != CF_GEO && keyed_in_url(scan, start)) return end;
    switch (kind) {
    case CF_TEL: return keyed_reach_of_number(scan, start, end);
    case CF_NAME:
        if (!keyed_lettered(scan, start, end)) return keyed_reach_of_number(scan, start, end);
        stop = keyed_before_key(scan, end, keyed_more_names(scan, end));
        read = stop;
        stop = keyed_before_label(scan, end, stop);
        if (stop > end && (stop < read || cf_at(scan, stop) == ':') && machine_login(scan, start, end)) return end;
        return keyed_reach_of_list(scan, start, stop);
    case CF_ADDRESS: return keyed_reach_of_address(scan, start, end);
    case CF_SECRET: return cf_at(scan, end) == '&' ? keyed_reach_of_secret(scan, end) : keyed_before_key(scan, end, end);
    case CF_USER:
        if (cf_at(scan, end) == ' ' && needs_capital(cf_at(scan, start))) return keyed_reach_of_person(scan, start, end);
        break;
    case CF_ID: return keyed_before_key(scan, end, keyed_more_id(scan, end));
    case CF_CARD: return keyed_before_key(scan, end, keyed_more_card(scan, end));
    case CF_DTMF: return end - start == 1 && (stop = sip_keys_apart(scan, start)) != 0 ? stop : keyed_before_key(scan, end, end);
    case CF_GEO: return keyed_before_key(scan, end, keyed_more_geo(scan, end));
    case CF_BIRTH: return keyed_before_key(scan, end, keyed_more_birth(scan, end));
    case CF_KEYED:
        if (cf_at(scan, (int64_t)start - 1) == '=') {
            stop = keyed_reach_between_bars(scan, start, end);
            if (stop) return keyed_before_key(scan, end, stop);
            if (cf_at(scan, end) == ' ' && needs_capital(cf_at(scan, start))) return keyed_reach_of_person(scan, start, end); /* CallVar3=Mary Major */
            break;
        }
        if (!cf_ends(scan, start, ": ", 2) && cf_at(scan, (int64_t)start - 1) != ':') break;
        return keyed_before_key(scan, end, value_next(scan, CF_KNOWN_MORE, end, value_end(scan, end, 4096), keyed_text_ends));
    default: break;
    }
    return keyed_before_key(scan, end, end);
}

/* The rest of the line, and the folded lines of a header with more parameters. */
static uint32_t keyed_line(cf_scan *scan, uint32_t start) {
    uint32_t end = value_next(scan, CF_KNOWN_LINE, start, value_end(scan, start, KEYED_LINE), value_line_ends);
    cf_known *known = &scan->known[CF_KNOWN_FOLDED];
    if (end == start || scan->text[end - 1] != ',') return end;
    if (known->from == end) return cf_crosses(scan), known->to;
    uint32_t from = end;
    for (unsigned line = 0; line < 8 && scan->text[end - 1] == ','; line++) {
        uint32_t blanks = end + (cf_at(scan, end) == '\r');
        if (cf_at(scan, blanks) != '\n') break;
        cf_crosses(scan);
        uint32_t name = value_skip_blanks(scan, ++blanks, 8), at = name;
        while (at - name < 32 && (cf_is_word(cf_at(scan, at)) || cf_at(scan, at) == '-')) at++;
        if (name == blanks || at == name || cf_at(scan, at) != '=') break;
        uint32_t stop = ++at, most = value_end(scan, at, 2048);
        while (stop < most && !value_line_ends(scan, stop)) stop++;
        if (stop == at) break;
        end = stop;
    }
    *known = (cf_known){from, end};
    return end;
}
