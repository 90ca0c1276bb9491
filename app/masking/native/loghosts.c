/* Hosts that write logs or are named in them: the places that `log_hosts` of app/masking/text.py finds. */
#include "shapes.h"

#include <string.h>

static void text_log_host(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *host = scan->text + start;
    uint32_t size = end - start;
    if (cf_allowed_host(scan->rules, host, size) || (size == 1 && *host == '-') || cf_digits_and_dots(host, size)) return;
    cf_shape(scan, start, end, CF_BY_LOG_HOST, cf_shape_kind(scan->rules, CF_BY_LOG_HOST), CF_R_LOG_HOST,
             CF_LEARN | CF_TOUCHING);
}

/* How many bytes without white space stand at a place, at most one more than `most`. */
static uint32_t text_solid(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (end < scan->size && end - at <= most && !cf_is_space(scan->text[end])) end++;
    return end - at;
}

/* `2026-01-01T10:00:00.000 Standard host program GCTI-…` */
static void text_full_format(cf_scan *scan, uint32_t start) {
    static const text_word_of levels[] = {TEXT("Standard "), TEXT("Trace "), TEXT("Interaction "), TEXT("Alarm "),
                                          TEXT("Debug ")};
    if (cf_at(scan, (int64_t)start + 10) != 'T' || cf_at(scan, (int64_t)start + 23) != ' ') return;
    for (unsigned i = 0; i < COUNT(levels); i++) {
        if (!cf_stands(scan, (int64_t)start + 24, levels[i].text, levels[i].size)) continue;
        if (!text_form(scan, start, "0000-00-00T00:00:00.000 ")) return;
        uint32_t host = start + 24 + levels[i].size, size = text_solid(scan, host, 253);
        if (!size || size > 253 || cf_at(scan, host + size) != ' ') return;
        uint32_t program = host + size + 1, more = text_solid(scan, program, 128);
        if (more && more <= 128 && cf_stands(scan, program + more, " GCTI-", 6)) text_log_host(scan, host, host + size);
        return;
    }
}

/* Whether `program[12]: ` or, when `bare`, `program: ` stands at a place. */
static bool host_program(const cf_scan *scan, uint32_t at, bool bare) {
    uint32_t end = at, digits;
    if (!cf_is_alpha(cf_at(scan, at))) return false;
    while (end - at < 64 && (cf_is_host_byte(cf_at(scan, end)) || cf_at(scan, end) == '/')) end++;
    if (bare) return cf_stands(scan, end, ": ", 2);
    if (cf_at(scan, end) != '[') return false;
    for (digits = ++end; end - digits < 9 && cf_is_digit(cf_at(scan, end));) end++;
    return end > digits && cf_stands(scan, end, "]: ", 3);
}

/* Whether `12]:` stands at a place. */
static bool host_process(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end - at < 9 && cf_is_digit(cf_at(scan, end))) end++;
    return end > at && cf_stands(scan, end, "]:", 2);
}

/* Whether a level of a log stands at a place, before a blank. */
static bool host_is_level(const cf_scan *scan, uint32_t at) {
    static const text_word_of levels[] = {
        TEXT("trace "), TEXT("debug "), TEXT("info "), TEXT("notice "), TEXT("warn "), TEXT("warning "), TEXT("error "), TEXT("err "),
        TEXT("crit "), TEXT("critical "), TEXT("fatal "), TEXT("alert "), TEXT("emerg "), TEXT("severe ")};
    for (unsigned i = 0; i < COUNT(levels); i++)
        if (cf_stands_folded(scan, at, levels[i].text, levels[i].size)) return true;
    return false;
}

/* Whether the fourteen digits and five signs of `2026-01-01T10:00:00` stand at a place. */
static bool host_stamp(const cf_scan *scan, uint32_t at) {
    static const uint8_t digits[] = {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18};
    const uint8_t *text = scan->text + at;
    unsigned others = 0;
    if (scan->size < 19 || at > scan->size - 19) return false;
    if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') return false;
    for (unsigned i = 0; i < COUNT(digits); i++) others |= (unsigned)(text[digits[i]] - '0') > 9;
    return !others;
}

/* `2026-01-01T10:00:00+01:00 host program[12]: `; `2026-01-01T10:00:00.123456+01:00 host program: ` as rsyslog writes it.
 * The year stands at a place; `first` is where the line begins. */
static void text_iso_syslog(cf_scan *scan, uint32_t first, uint32_t start) {
    uint32_t at = start + 19, fraction = 0;
    if (!host_stamp(scan, start)) return;
    if (cf_at(scan, at) == '.') {
        for (at++; fraction < 9 && cf_is_digit(cf_at(scan, at)); at++) fraction++;
        if (!fraction) return;
    }
    bool zone = true, colon = true;
    if (cf_at(scan, at) == 'Z') at++;
    else if (text_form(scan, at, "+00:00 ") || text_form(scan, at, "-00:00 ")) at += 6;
    else if (text_form(scan, at, "+0000 ") || text_form(scan, at, "-0000 ")) at += 5, colon = false;
    else zone = false;
    if (cf_at(scan, at++) != ' ' || !cf_is_alnum(cf_at(scan, at))) return;
    uint32_t end = at;
    while (end - at < 253 && cf_is_host_byte(cf_at(scan, end))) end++;
    if (cf_at(scan, end) != ' ') return;
    bool numbered = host_program(scan, end + 1, false) && !host_is_level(scan, at);
    if (numbered || (first == start && zone && colon && fraction == 6 && host_program(scan, end + 1, true))) text_log_host(scan, at, end);
}

/* The size of `Jan 1 10:00:00 ` or `Jan  1 10:00:00 ` at a place, or 0; a byte of a host's name stands behind either. */
static uint32_t host_month(const cf_scan *scan, uint32_t at) {
    static const uint8_t digits[] = {0, 1, 3, 4, 6, 7};
    const uint8_t *text = scan->text + at;
    unsigned others = 0;
    if (scan->size < 16 || at > scan->size - 16 || text[3] != ' ') return 0;
    if ((uint8_t)(text[0] - 'A') >= 26 || (uint8_t)(text[1] - 'a') >= 26 || (uint8_t)(text[2] - 'a') >= 26) return 0;
    uint32_t time = text[5] == ' ' ? 6 : 7;
    if (time == 6 ? !cf_is_digit(text[4]) : !(cf_is_digit(text[4]) || text[4] == ' ') || !cf_is_digit(text[5]) || text[6] != ' ') return 0;
    text += time;
    for (unsigned i = 0; i < COUNT(digits); i++) others |= (unsigned)(text[digits[i]] - '0') > 9;
    return others || text[2] != ':' || text[5] != ':' || text[8] != ' ' ? 0 : time + 9;
}

/* `<14>1 2026-… host `, `<14>Jan  1 10:00:00 host `, `Jan 1 10:00:00 <4.6> host ` */
static void text_syslog(cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    bool fifth = false;
    if (cf_at(scan, at) == '<') {
        uint32_t priority = ++at;
        while (at - priority < 3 && cf_is_digit(cf_at(scan, at))) at++;
        if (at == priority || cf_at(scan, at) != '>') return;
        at++;
        fifth = cf_stands(scan, at, "1 ", 2);
    }
    if (fifth) {
        uint32_t size = text_solid(scan, at + 2, 40);
        if (size < 19 || size > 40 || cf_at(scan, at + 2 + size) != ' ') return;
        at += 3 + size;
    } else if (at > start && cf_is_digit(cf_at(scan, at))) {
        text_iso_syslog(scan, start, at);
        return;
    } else {
        uint32_t stamp = host_month(scan, at);
        if (!stamp) return;
        at += stamp;
        if (cf_at(scan, at) == '<') { /* facility and severity */
            uint32_t mark = at + 1;
            while (mark - at < 17 &&
                   (cf_is_digit(cf_at(scan, mark)) || (uint8_t)(cf_at(scan, mark) - 'a') < 26 || cf_at(scan, mark) == '.'))
                mark++;
            if (mark == at + 1 || !cf_stands(scan, mark, "> ", 2)) return;
            at = mark + 2;
        }
    }
    uint32_t end = at;
    while (end < scan->size && end - at < 253 && !cf_is_space(scan->text[end])) {
        uint8_t c = scan->text[end];
        if (c == '<' || c == ':' || c == '[' || c == ']') break;
        end++;
    }
    if (end == at || cf_at(scan, end) != ' ' || end + 1 >= scan->size || cf_is_space(scan->text[end + 1])) return;
    if (scan->text[end + 1] == '[' && host_process(scan, end + 2)) return; /* Jan  1 10:00:00 program [12]: */
    text_log_host(scan, at, end);
}

/* Whether a number of up to five digits stands at a place, and no more of an address. */
static bool host_port(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end - at < 6 && cf_is_digit(cf_at(scan, end))) end++;
    uint8_t behind = cf_at(scan, end);
    return end > at && end - at < 6 && !cf_is_word(behind) && behind != ':' && behind != '.';
}

/* `Host name: …` of headers of segments, `Host: web01:8080` of requests. */
static void text_header_host(cf_scan *scan, uint32_t start) {
    static const text_word_of names[] = {TEXT("host name"), TEXT("hostname"), TEXT("host"), TEXT("computer name"),
                                         TEXT("node name")};
    uint32_t at = cf_skip_blanks(scan, start, 8);
    uint8_t first = cf_lower(cf_at(scan, at));
    if (first != 'h' && first != 'c' && first != 'n') return;
    for (unsigned i = 0; i < COUNT(names); i++) {
        if (!cf_stands_folded(scan, at, names[i].text, names[i].size)) continue;
        uint32_t sign = cf_skip_blanks(scan, at + names[i].size, 8);
        if (cf_at(scan, sign) != ':') continue;
        uint32_t host = cf_skip_blanks(scan, sign + 1, 40), end = host;
        if (host == sign + 1) continue;
        while (end < scan->size && end - host < 254 && !cf_is_space(scan->text[end])) {
            uint8_t c = scan->text[end];
            if (c == ',' || c == ';' || c == '<' || c == ':' || c == '[') break;
            end++;
        }
        if (end == host || end - host > 253 || cf_at(scan, end) == '[') continue;
        if (cf_at(scan, end) == ':' && !host_port(scan, end + 1)) continue;
        text_log_host(scan, host, end);
        return;
    }
}

/* ` -host sip-a01`, ` --server=…`; the option's name is the word. */
static void text_option_host(cf_scan *scan, uint32_t start, uint32_t end) {
    static const text_word_of names[] = {TEXT("host"), TEXT("backup_host"), TEXT("lchost"), TEXT("server")};
    cf_looks(scan);
    if (!cf_ends(scan, start, " -", 2) && !cf_ends(scan, start, " --", 3)) return;
    if (cf_at(scan, end) != ' ' && cf_at(scan, end) != '=') return;
    for (unsigned i = 0; i < COUNT(names); i++) {
        if (end - start != names[i].size || !cf_stands(scan, start, names[i].text, names[i].size)) continue;
        uint32_t host = end + 1, stop = host;
        if (!cf_is_alnum(cf_at(scan, host))) return;
        while (stop - host < 253 && cf_is_host_byte(cf_at(scan, stop))) stop++;
        text_log_host(scan, host, stop);
    }
}

/* Where ` -l 7260@`, `license_file=7260@` begins whose `@` stands at a place, not before `least`; -1: nowhere. */
static int64_t license_before(const cf_scan *scan, uint32_t at, uint32_t least) {
    static const text_word_of files[] = {TEXT("licensefile"), TEXT("license_file"), TEXT("license-file"), TEXT("licencefile"),
                                         TEXT("licence_file"), TEXT("licence-file")};
    const uint8_t *text = scan->text;
    uint32_t port = at, word;
    while (port > least && at - port < 6 && cf_is_digit(text[port - 1])) port--;
    if (at - port > 5 || at == port) return -1;
    for (word = port; word > least && port - word < 4 && (text[word - 1] == ' ' || text[word - 1] == '=' || text[word - 1] == ':');) word--;
    if (word == port || port - word > 3) return -1;
    uint32_t size = cf_ends(scan, word, " -l", 3) ? 3 : cf_ends(scan, word, "-lmspath", 8) ? 8 : 0;
    for (unsigned i = 0; i < COUNT(files) && !size; i++)
        if (word >= files[i].size && cf_stands_folded(scan, word - files[i].size, files[i].text, files[i].size)) size = files[i].size;
    return size && word >= least + size ? (int64_t)word - size : -1;
}

static bool license_port_before(const cf_scan *scan, uint32_t at, uint32_t least) { return license_before(scan, at, least) >= 0; }

/* ` -l 7260@lic1`, `license_file=7260@lic1`, with the `@` at a place. */
static void host_of_license(cf_scan *scan, uint32_t at) {
    uint32_t end = at + 1;
    int64_t start = license_before(scan, at, 0);
    if (start < (int64_t)scan->met[CF_MET_LICENSE] || !cf_is_alnum(cf_at(scan, end))) return;
    while (end - at - 1 < 253 && cf_is_host_byte(cf_at(scan, end))) end++;
    scan->met[CF_MET_LICENSE] = end;
    text_log_host(scan, at + 1, end);
}

/* The host behind words about one that is not known; `start` is where they begin. */
static void host_unknown(cf_scan *scan, uint32_t start, uint32_t at) {
    cf_looks(scan);
    if (start < scan->met[CF_MET_UNKNOWN_HOST]) return;
    if (cf_at(scan, at) == '\'' || cf_at(scan, at) == '"') at++;
    if (!cf_is_alnum(cf_at(scan, at))) return;
    uint32_t end = sip_host_end(scan, at);
    scan->met[CF_MET_UNKNOWN_HOST] = end;
    text_log_host(scan, at, end);
}

/* Where a name ends that holds a digit or a dash behind its first letter, and no more than 255 bytes; 0: none does. */
static uint32_t host_numbered(const cf_scan *scan, uint32_t start) {
    const uint8_t *text = scan->text;
    uint32_t run = start + 1;
    if (!cf_is_alpha(cf_at(scan, start))) return 0;
    while (run - start < 63 && (cf_is_word(cf_at(scan, run)) || cf_at(scan, run) == '.')) run++;
    for (uint32_t mark = run; mark > start; mark--) {
        if (!cf_is_digit(cf_at(scan, mark)) && cf_at(scan, mark) != '-') continue;
        uint32_t end = mark + 1;
        while (end - mark <= 191 && cf_is_host_byte(cf_at(scan, end))) end++;
        for (; end > mark + 1; end--)
            if (cf_is_alnum(text[end - 1]) && !cf_is_word(cf_at(scan, end)) && cf_at(scan, end) != '=') return end;
    }
    return 0;
}

/* `host db01`, `Hostname 'db'`: the word [start, end) stands before a blank. */
static void host_word(cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t host = end + 1, stop = host;
    if (cf_at(scan, (int64_t)start - 1) == '-') return;
    cf_looks(scan);
    if (start < scan->met[CF_MET_HOST_WORD]) return;
    if (cf_at(scan, host) == '\'') {
        stop = ++host;
        if (!cf_is_alnum(cf_at(scan, host))) return;
        while (stop - host < 253 && cf_is_host_byte(cf_at(scan, stop))) stop++;
        if (stop - host > 252 || cf_at(scan, stop) != '\'') return;
        scan->met[CF_MET_HOST_WORD] = stop + 1;
    } else {
        stop = host_numbered(scan, host);
        if (!stop) return;
        scan->met[CF_MET_HOST_WORD] = stop;
    }
    text_log_host(scan, host, stop);
}

/* The host and its port behind up to two words; false when none stands there. */
static bool host_of_peer_at(cf_scan *scan, uint32_t at, unsigned words) {
    uint32_t end = at, host = at, letters, digits;
    if (words) {
        while (end - at < 13 && cf_is_alpha(cf_at(scan, end))) end++;
        if (end - at >= 3 && end - at <= 12 && cf_at(scan, end) == ' ' && host_of_peer_at(scan, end + 1, words - 1)) return true;
    }
    uint8_t c = cf_at(scan, at);
    if (c == '\'' || c == '"' || c == '[' || c == '(') host++;
    if (!cf_is_alpha(cf_at(scan, host))) return false;
    for (letters = host; letters - host < 41 && cf_is_alpha(cf_at(scan, letters));) letters++;
    if (letters - host > 40 || (cf_at(scan, letters) != '-' && !cf_is_digit(cf_at(scan, letters)))) return false;
    for (end = host; end - host < 64 && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '-');) end++;
    if (end - host < 2 || end - host > 63 || cf_at(scan, end) != ':') return false;
    for (digits = end + 1; digits - end < 7 && cf_is_digit(cf_at(scan, digits));) digits++;
    if (digits - end < 3 || digits - end > 6) return false;
    scan->met[CF_MET_PEER] = end;
    text_log_host(scan, host, end);
    return true;
}

/* `connected to sip-a01:5060`, `listening on …`: the word ends before a blank. */
static void host_of_peer(cf_scan *scan, uint32_t end) {
    enum { SWITCH_OVER = 9 };
    static const text_word_of what[] = {TEXT("connect"), TEXT("connected"), TEXT("connection"), TEXT("connecting"), TEXT("connects"),
                                        TEXT("listening"), TEXT("bound"), TEXT("failover"), TEXT("switchover"), TEXT("switch over"),
                                        TEXT("unregistered"), TEXT("registered"), TEXT("lost"), TEXT("open"), TEXT("opened")};
    static const text_word_of ways[] = {TEXT(" to "), TEXT(" with "), TEXT(" at "), TEXT(" from "), TEXT(" on ")};
    /* the letters before the last ones of these words, as bits */
    static const uint32_t seconds[32] = {['t' & 31] = 1u << ('c' & 31) | 1u << ('s' & 31), ['d' & 31] = 1u << ('e' & 31) | 1u << ('n' & 31),
                                         ['n' & 31] = 1u << ('o' & 31) | 1u << ('e' & 31), ['g' & 31] = 1u << ('n' & 31),
                                         ['s' & 31] = 1u << ('t' & 31), ['r' & 31] = 1u << ('e' & 31)};
    uint32_t at = 0;
    if (!(seconds[scan->text[end - 1] & 31] >> (scan->text[end - 2] & 31) & 1)) return;
    switch (cf_lower(cf_at(scan, end + 1))) {
    case 't': case 'w': case 'a': case 'f': case 'o': break;
    default: return;
    }
    /* the last four letters of these words */
    static const char tails[] = "nect" "cted" "tion" "ting" "ects" "ning" "ound" "over" "ered" "lost" "open" "ened";
    uint32_t tail, one;
    unsigned known = 0;
    memcpy(&tail, scan->text + end - 4, 4);
    for (unsigned i = 0; i < sizeof tails / 4; i++) {
        memcpy(&one, tails + 4 * i, 4);
        known |= (tail | 0x20202020u) == one;
    }
    if (!known) return;
    for (unsigned i = 0; i < COUNT(what); i++) {
        uint32_t size = what[i].size, last = i == SWITCH_OVER ? 4 : size; /* of two words the last is looked at first */
        if (end < last || !cf_stands_folded(scan, end - last, what[i].text + size - last, last)) continue;
        cf_looks(scan);
        if (end < size || !cf_stands_folded(scan, end - size, what[i].text, size)) continue;
        for (unsigned j = 0; j < COUNT(ways) && !at; j++)
            if (cf_stands_folded(scan, end, ways[j].text, ways[j].size)) at = end + ways[j].size;
        if (at && end - size >= scan->met[CF_MET_PEER]) host_of_peer_at(scan, at, 2);
        return;
    }
}

/* Words about hosts before a blank or a colon. */
static void host_words(cf_scan *scan, uint32_t start, uint32_t end, uint8_t behind) {
    static const text_word_of words[] = {TEXT("host"), TEXT("hostname"), TEXT("machine"), TEXT("computer"), TEXT("workstation")};
    uint32_t size = end - start, word = 0;
    if (behind == ' ') {
        if (cf_ends(scan, end, "ENOTFOUND", 9) || cf_ends(scan, end, "EAI_AGAIN", 9)) host_unknown(scan, end - 9, end + 1);
    } else if (cf_at(scan, end + 1) == ' ' && cf_ends(scan, end, "UnknownHostException", 20)) {
        host_unknown(scan, end - 20, end + 2);
    }
    if (size != 4 && size != 7 && size != 8 && size != 11) return;
    if (behind == ' ' && size == 4 && cf_stands_folded(scan, start, "name", 4) && (cf_looks(scan), true) &&
        cf_stands_folded(scan, (int64_t)start - 5, "host ", 5)) {
        if (!cf_is_word(cf_at(scan, (int64_t)start - 6))) host_word(scan, start - 5, end);
        return;
    }
    while (word < COUNT(words) && (words[word].size != size || !cf_stands_folded(scan, start, words[word].text, size))) word++;
    if (word == COUNT(words)) return;
    if (behind == ' ') host_word(scan, start, end);
    else if (word < 2 && cf_at(scan, end + 1) == ' ' && (cf_looks(scan), true) && cf_stands_folded(scan, (int64_t)start - 8, "resolve ", 8))
        host_unknown(scan, start - 8, end + 2);
}
