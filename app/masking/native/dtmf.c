/* Digits a caller pressed: INFO bodies of both kinds, and what programs say about them (Sip.dtmf of sip.py). */
#include "shapes.h"

#include <string.h>

static inline bool sip_dtmf_byte(uint8_t c) {
    return cf_is_digit(c) || (uint8_t)((c | 32) - 'a') < 4 || c == '*' || c == '#';
}

/* `Signal=5` of INFO bodies, and no `Signal: 11 (SEGV)`. */
static void sip_signal(cf_scan *scan, uint32_t end) {
    cf_looks(scan);
    uint32_t at = cf_skip_blanks(scan, end, 4);
    if (cf_at(scan, at) != '=' && cf_at(scan, at) != ':') return;
    at = cf_skip_blanks(scan, at + 1, 4);
    uint32_t stop = at;
    while (stop - at < 32 && sip_dtmf_byte(cf_at(scan, stop))) stop++;
    while (stop > at && (cf_is_word(cf_at(scan, stop)) ||
                         (cf_stands(scan, stop, " (", 2) && (uint8_t)(cf_at(scan, (int64_t)stop + 2) - 'A') < 26)))
        stop--;
    cf_shape(scan, at, stop, CF_BY_DTMF, cf_shape_kind(scan->rules, CF_BY_DTMF), CF_R_DTMF_INFO, CF_TOUCHING);
}

/* Behind the line that begins at a place, which holds at most `most` bytes; 0: no such line. */
static uint32_t sip_next_line(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (end < scan->size && end - at <= most && scan->text[end] != '\n' && scan->text[end] != '\r') end++;
    if (end - at > most) return 0;
    if (cf_at(scan, end) == '\r') end++;
    return cf_at(scan, end) == '\n' ? end + 1 : 0;
}

static uint32_t sip_dtmf_type(const cf_scan *scan, uint32_t at) {
    if (cf_stands_folded(scan, at, "dtmf", 4)) return sip_next_line(scan, at + 4, 80);
    if (cf_stands_folded(scan, at, "digits", 6)) return sip_next_line(scan, at + 6, 80);
    return 0;
}

/* A body of digits only, behind its `Content-Type: application/dtmf` and the other headers. */
static void sip_dtmf_body(cf_scan *scan, uint32_t start) {
    uint32_t at = start, line = 0;
    if (cf_stands_folded(scan, start, "content-type", 12)) at += 12;
    else if (cf_lower(cf_at(scan, start)) == 'c') at++;
    if (at == start || start < scan->met[CF_MET_DTMF_BODY]) return;
    at = cf_skip_blanks(scan, at, 4);
    if (cf_at(scan, at) != ':') return;
    at = cf_skip_blanks(scan, at + 1, 4);
    if (!cf_stands_folded(scan, at, "application/", 12)) return;
    at += 12;
    if (cf_stands_folded(scan, at, "vnd.", 4)) {
        uint32_t tree = at + 4, end = tree;
        while (end - tree < 40 && (cf_is_word(cf_at(scan, end)) || cf_at(scan, end) == '.')) end++;
        for (; !line && end > tree; end--) line = sip_dtmf_type(scan, end);
    }
    if (!line) line = sip_dtmf_type(scan, at);
    if (!line) return;
    cf_crosses(scan);
    for (unsigned headers = 0; headers < 24; headers++) {
        uint8_t c = cf_at(scan, line);
        uint32_t next = c == '\r' || c == '\n' ? 0 : sip_next_line(scan, line, 512);
        if (!next) break;
        line = next;
    }
    uint32_t body = sip_next_line(scan, line, 0);
    if (!body) return;
    at = cf_skip_blanks(scan, body, 4);
    if (!sip_dtmf_byte(cf_at(scan, at))) return;
    uint32_t end = at + 1;
    while (end - at < 64 && (sip_dtmf_byte(cf_at(scan, end)) || cf_at(scan, end) == ',' || cf_at(scan, end) == ' ')) end++;
    uint32_t rest = end;
    while (cf_is_blank(cf_at(scan, rest))) rest++;
    if (cf_at(scan, rest) == '\r') rest++;
    if (rest < scan->size && scan->text[rest] != '\n') return;
    if (rest == scan->size && rest > end && scan->text[rest - 1] == '\r') return;
    scan->met[CF_MET_DTMF_BODY] = end;
    cf_shape(scan, body, end, CF_BY_DTMF, cf_shape_kind(scan->rules, CF_BY_DTMF), CF_R_DTMF_BODY, CF_TOUCHING);
}

static inline bool sip_key(uint8_t c) { return cf_is_digit(c) || c == '*' || c == '#'; }

/* Behind keys one by one, `1 2 3 #` and `5, 6`, or 0: at least two stand there. */
static uint32_t sip_keys_apart(const cf_scan *scan, uint32_t at) {
    uint32_t end = at + 1, keys = 1;
    for (; sip_key(cf_at(scan, at)) && keys < 32; keys++) {
        uint32_t key = end;
        if (cf_at(scan, key) == ',') key++;
        if (cf_at(scan, key) == ' ') key++;
        uint8_t c = cf_at(scan, key + 1);
        if (key == end || !sip_key(cf_at(scan, key)) || cf_is_word(c) || (c && strchr(".%:/-", c))) break;
        end = key + 1;
    }
    return keys > 1 ? end : 0;
}

/* Digits behind words about them: `: 5`, ` event = '12'`; `at` is behind the words. */
static bool sip_dtmf_digits(cf_scan *scan, uint32_t at) {
    static const char *const marks[] = {" ", ":=|", " ", "'\"[("};
    uint32_t start = at, end;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t c = cf_at(scan, at);
        if (c && strchr(marks[i], c) && (c != '[' || at > start)) at++; /* DTMF[17744]: a thread */
        if (i == 1 && at > 6 && scan->text[at - 1] == '|' && scan->text[at - 6] == ' ' && cf_is_digit(scan->text[at - 7]) &&
            cf_stands_folded(scan, at - 5, "dtmf", 4))
            return false; /* 10:15:02.118 DTMF|100: a field */
    }
    if (at == start) return false;
    end = sip_keys_apart(scan, at);
    if (!end) {
        for (end = at; end - at < 32 && sip_key(cf_at(scan, end));) end++;
        for (; end > at; end--) {
            uint8_t c = cf_at(scan, end);
            if (!cf_is_word(c) && c != '.' && c != '%' && c != ':') break;
        }
    }
    if (end == at) return false;
    cf_shape(scan, at, end, CF_BY_DTMF, cf_shape_kind(scan->rules, CF_BY_DTMF), CF_R_DTMF_WORDS, CF_TOUCHING);
    return true;
}

/* The same behind the program that says it: ` by server`. */
static bool sip_dtmf_said(cf_scan *scan, uint32_t at) {
    if (cf_stands(scan, at, " by ", 4)) {
        uint32_t end = at + 4;
        while (end - at < 14 && (uint8_t)(cf_at(scan, end) - 'a') < 26) end++;
        if (end - at >= 8 && sip_dtmf_digits(scan, end)) return true;
    }
    return sip_dtmf_digits(scan, at);
}

static bool sip_dtmf_behind(cf_scan *scan, uint32_t at) {
    static const char *const more[] = {" is", " event", " digit", " ignored", " passthrough", " accepted with begin",
                                       " accepted without begin", " emulation of"};
    for (unsigned i = 0; i < sizeof more / sizeof *more; i++) {
        uint32_t size = (uint32_t)strlen(more[i]);
        if (cf_stands(scan, at, more[i], size) && sip_dtmf_said(scan, at + size)) return true;
    }
    return sip_dtmf_said(scan, at);
}

/* `DTMF 5:1440`: a digit and how long it was pressed. */
static void sip_rtp_digit(cf_scan *scan, uint32_t start) {
    uint8_t c = cf_at(scan, (int64_t)start + 5);
    if (!cf_stands(scan, start, "DTMF ", 5) || cf_at(scan, (int64_t)start + 6) != ':') return;
    if (!cf_is_digit(c) && (uint8_t)(c - 'A') >= 4 && c != '*' && c != '#') return;
    uint32_t from = start + 7, end = from;
    while (end - from < 7 && cf_is_digit(cf_at(scan, end))) end++;
    if (end - from < 2 || end - from > 6 || cf_is_word(cf_at(scan, end))) return;
    cf_shape(scan, start + 5, start + 6, CF_BY_DTMF, cf_shape_kind(scan->rules, CF_BY_DTMF), CF_R_DTMF_WORDS, CF_TOUCHING);
}

/* Whether what stands behind digits says that they are a count, or part of something else. */
static bool sip_counted(const cf_scan *scan, uint32_t at) {
    static const char *const counted[] = {"digit", "time", "char", "item", "attempt", "key", "of ", "more", "sec", "ms",
                                          "min", "invalid", "wrong", "option"};
    uint8_t c = cf_at(scan, at);
    if (cf_is_word(c) || (c && strchr(".%:,-", c))) return true;
    for (unsigned i = 0; c == ' ' && i < sizeof counted / sizeof *counted; i++)
        if (cf_stands_folded(scan, (int64_t)at + 1, counted[i], (uint32_t)strlen(counted[i]))) return true;
    return false;
}

/* `Caller pressed 5`, `customer has entered code: '4711'`; the verb is [start, start + 7). */
static void sip_pressed(cf_scan *scan, uint32_t start) {
    static const char *const who[] = {"caller ", "customer ", "user ", "client ", "subscriber "};
    static const char *const what[] = {" key", " digits", " digit", " option", " dtmf", " pin", " code"};
    uint32_t at = start, end;
    bool said = false;
    cf_looks(scan);
    if (at >= 4 && cf_stands_folded(scan, (int64_t)at - 4, "has ", 4) && cf_at(scan, (int64_t)at - 5) == ' ') at -= 4;
    for (unsigned i = 0; i < sizeof who / sizeof *who; i++) {
        int64_t word = (int64_t)at - (int64_t)strlen(who[i]);
        said |= cf_stands_folded(scan, word, who[i], (uint32_t)strlen(who[i])) && !cf_is_word(cf_at(scan, word - 1));
    }
    at = start + 7;
    for (unsigned i = 0; i < sizeof what / sizeof *what; i++) {
        uint32_t size = (uint32_t)strlen(what[i]);
        if (!cf_stands_folded(scan, at, what[i], size)) continue;
        at += size;
        said |= i != 0 && i != 3;
        break;
    }
    if (!said) return;
    if (cf_at(scan, at) == ':') at++;
    if (cf_at(scan, at++) != ' ') return;
    uint8_t c = cf_at(scan, at);
    if (c == '\'' || c == '"' || c == '(' || c == '[') at++;
    for (end = at; end - at < 32 && (cf_is_digit(cf_at(scan, end)) || cf_at(scan, end) == '*' || cf_at(scan, end) == '#');) end++;
    while (end > at && sip_counted(scan, end)) end--;
    if (end > at)
        cf_shape(scan, at, end, CF_BY_DTMF, cf_shape_kind(scan->rules, CF_BY_DTMF), CF_R_DTMF_WORDS, CF_TOUCHING);
}

/* `DTMF|SUCCESS|4711|0.97`: what became of an entry; the bar stands at a place. */
static void sip_dtmf_result(cf_scan *scan, uint32_t bar) {
    uint32_t at = bar + 1, end;
    while (at - bar < 22 && (cf_is_alpha(cf_at(scan, at)) || cf_at(scan, at) == '_')) at++;
    if (at - bar < 3 || at - bar > 21 || cf_at(scan, at) != '|') return;
    for (end = ++at; end - at < 32 && sip_key(cf_at(scan, end));) end++;
    for (uint8_t c; end > at; end--)
        if (!cf_is_word(c = cf_at(scan, end)) && c != '.' && c != '%' && c != ':') break;
    if (end > at) cf_shape(scan, at, end, CF_BY_DTMF, cf_shape_kind(scan->rules, CF_BY_DTMF), CF_R_DTMF_WORDS, CF_TOUCHING);
}

static void sip_dtmf_found(cf_scan *scan, uint32_t start, uint32_t end) {
    cf_shape(scan, start, end, CF_BY_DTMF, cf_shape_kind(scan->rules, CF_BY_DTMF), CF_R_DTMF_WORDS, CF_TOUCHING);
}

/* `input_end default|4711|dtmf`: the word behind the bars begins at a place. */
static void sip_dtmf_barred(cf_scan *scan, uint32_t start) {
    uint32_t end = start - 1, at = end;
    while (at && end - at < 33 && (sip_key(scan->text[at - 1]) || (uint8_t)(scan->text[at - 1] - 'A') < 4)) at--;
    if (!cf_stands(scan, start, "dtmf", 4) && !cf_stands(scan, start, "DTMF", 4)) return;
    if (at < end && end - at < 33 && cf_at(scan, (int64_t)at - 1) == '|' && !cf_is_word(cf_at(scan, (int64_t)start + 4)))
        sip_dtmf_found(scan, at, end);
}

/* `<input mode="dtmf">4711</input>` of a recogniser: the word begins at a place, behind a quote. */
static void sip_dtmf_element(cf_scan *scan, uint32_t start) {
    uint32_t from = start + 5, at = from, end;
    if (!cf_ends(scan, (int64_t)start - 1, "mode=", 5) ||
        (cf_at(scan, (int64_t)start + 4) != '"' && cf_at(scan, (int64_t)start + 4) != '\'') || !cf_stands(scan, start, "dtmf", 4))
        return;
    while (at < scan->size && at - from < 65 && scan->text[at] != '>' && scan->text[at] != '<' && scan->text[at] != '\r' &&
           scan->text[at] != '\n')
        at++;
    if (at - from > 64 || cf_at(scan, at) != '>' || !sip_key(cf_at(scan, ++at))) return;
    end = at + 1;
    for (unsigned keys = 1; keys < 32; keys++) {
        uint32_t key = end + (cf_at(scan, end) == ' ');
        if (!sip_key(cf_at(scan, key))) break;
        end = key + 1;
    }
    if (cf_at(scan, end) == '<') sip_dtmf_found(scan, at, end);
}

static void sip_dtmf_word(cf_scan *scan, uint32_t start) {
    static const char *const what[] = {"digits", "digit", "key", "event", "tone", "received", "detected", "input",
                                       "buffer", "begin", "end"};
    uint32_t at = start + 4;
    cf_looks(scan);
    uint8_t c = cf_at(scan, at);
    sip_rtp_digit(scan, start);
    if (c == '|') sip_dtmf_result(scan, at);
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (before == '|') sip_dtmf_barred(scan, start);
    if (before == '"' || before == '\'') sip_dtmf_element(scan, start);
    if (c == ' ' || c == '_' || c == '-')
        for (unsigned i = 0; i < sizeof what / sizeof *what; i++) {
            uint32_t size = (uint32_t)strlen(what[i]);
            if (cf_stands_folded(scan, (int64_t)at + 1, what[i], size) && sip_dtmf_behind(scan, at + 1 + size)) return;
        }
    sip_dtmf_behind(scan, at);
}

static void sip_digits_word(cf_scan *scan, uint32_t end) {
    cf_looks(scan);
    static const char *const what[] = {" collected", " received", " entered", " pressed", " dialed"};
    for (unsigned i = 0; i < sizeof what / sizeof *what; i++) {
        uint32_t size = (uint32_t)strlen(what[i]);
        if (cf_stands_folded(scan, end, what[i], size)) sip_dtmf_behind(scan, end + size);
    }
}

/* One digit of an event of RTP: telephone-event: 5, RFC 2833 digit #; `at` is behind the words. */
static bool sip_event_digit(cf_scan *scan, uint32_t at) {
    cf_looks(scan);
    uint8_t next = cf_at(scan, at + 1);
    if (cf_at(scan, at) == ' ' && (next == ' ' || next == ':' || next == '=')) at++;
    if (cf_at(scan, at) == ':' || cf_at(scan, at) == '=') at++;
    if (cf_at(scan, at++) != ' ') return false;
    uint8_t c = cf_at(scan, at);
    if (!cf_is_digit(c) && (uint8_t)(c - 'A') >= 4 && c != '*' && c != '#') return false;
    c = cf_at(scan, at + 1);
    if (at + 1 < scan->size && c != ' ' && c != ',' && c != ';' && c != '\r' && c != '\n') return false;
    cf_shape(scan, at, at + 1, CF_BY_DTMF, cf_shape_kind(scan->rules, CF_BY_DTMF), CF_R_DTMF_WORDS, CF_TOUCHING);
    return true;
}

/* The number of an RFC of telephone events ends at a place. */
static void sip_event_rfc(cf_scan *scan, uint32_t end) {
    if (!cf_ends(scan, end, "2833", 4) && !cf_ends(scan, end, "4733", 4)) return;
    uint32_t rfc = end - 4;
    cf_looks(scan);
    if (cf_at(scan, (int64_t)rfc - 1) == ' ') rfc--;
    if (!cf_stands_folded(scan, (int64_t)rfc - 3, "rfc", 3)) return;
    if ((cf_stands(scan, end, " event", 6) || cf_stands(scan, end, " digit", 6)) && sip_event_digit(scan, end + 6)) return;
    sip_event_digit(scan, end);
}
