/* Values that are personal by their shape: which word, mark and line is whose business.
 *
 * This is the hot path: most words and marks are nobody's, and the bytes around them say so before any call. */
#include "shapes.h"

#include <string.h>

/* Sizes (bit by bit, the last for all from 31) of the words of SIP and DTMF that begin with a letter. */
static const uint32_t shape_sizes[128] = {['I'] = 1u << 2 | 1u << 3, ['i'] = 1u << 2,     ['C'] = 1u << 6, ['c'] = 1u << 6,
                                          ['S'] = 1u << 6,           ['D'] = 0xfffffff0u, ['d'] = 0xfffffff0u,
                                          ['e'] = 1u << 5 | 1u << 7, ['E'] = 1u << 7, ['p'] = 1u << 7, ['P'] = 1u << 7};

static void shape_sip_word(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *word = scan->text + start;
    uint32_t size = end - start;
    switch (*word) {
    case 'I':
        if (size == 3 && word[1] == 'P' && (word[2] == '4' || word[2] == '6')) sip_sdp_host(scan, start, end);
        /* fall through */
    case 'i':
        if (size == 2 && (word[1] | 32) == 'd' && cf_at(scan, (int64_t)start - 1) == '-' && (cf_looks(scan), true) &&
            cf_stands_folded(scan, (int64_t)start - 5, "call-", 5) && !cf_is_word(cf_at(scan, (int64_t)start - 6)))
            sip_call_id_word(scan, start - 5, end);
        break;
    case 'C': case 'c':
        if (size == 6 && cf_stands_folded(scan, start, "callid", 6)) sip_call_id_word(scan, start, end);
        break;
    case 'S':
        if (size == 6 && memcmp(word, "Signal", 6) == 0) sip_signal(scan, end);
        break;
    case 'p': case 'P':
        if (cf_stands_folded(scan, start, "pressed", 7)) sip_pressed(scan, start);
        break;
    case 'E': case 'e':
        if (size == 7) {
            if (cf_stands_folded(scan, start, "entered", 7)) sip_pressed(scan, start);
        } else if (memcmp(word, "event", 5) == 0 && cf_at(scan, (int64_t)start - 1) == '-' && (cf_looks(scan), true) &&
                   cf_ends(scan, start, "telephone-", 10))
            sip_event_digit(scan, end);
        break;
    case 'D': case 'd':
        if (size >= 4 && cf_stands_folded(scan, start, "dtmf", 4)) sip_dtmf_word(scan, start);
        else if ((size == 5 || size == 6) && cf_stands_folded(scan, start, "digits", size)) sip_digits_word(scan, end);
        break;
    }
}

/* Last letters (by their low bits) of words that sentences about hosts and log-ins turn on. */
static const uint32_t shape_sentences = 1u << ('r' & 31) | 1u << ('e' & 31) | 1u << ('n' & 31) | 1u << ('t' & 31) | 1u << ('d' & 31) |
                                        1u << ('l' & 31) | 1u << ('g' & 31) | 1u << ('s' & 31) | 1u << ('o' & 31);

static void shape_sentence_word(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t size = end - start;
    if (size < 14 && spoken_sizes[text[start] & 31] >> size & 1) spoken_word(scan, start, end);
    if (!(shape_sentences >> (text[end - 1] & 31) & 1)) return;
    if ((text[end - 1] | 32) == 'o') {
        if (text[end - 2] == 'd') login_sudo_syslog(scan, end);
        return;
    }
    if (sentence_seconds[text[start] & 31] >> (text[start + 1] & 31) & 1) sentence_who(scan, start, end);
    switch (text[end - 1] | 32) {
    case 'n':
        if (cf_ends(scan, end, "Person", 6)) login_person(scan, end);
        else if ((text[end - 3] | 32) == 'g' && size >= 5) login_failed(scan, end);
        /* fall through */
    case 't': case 'd':
        sentence_of(scan, end);
        host_of_peer(scan, end);
        host_words(scan, start, end, ' ');
        break;
    case 'e':
        host_words(scan, start, end, ' ');
        if (size < 6) service_peer(scan, start, end);
        break;
    case 'r':
        host_words(scan, start, end, ' ');
        if (size < 7) service_peer(scan, start, end);
        /* fall through */
    case 'g': host_of_peer(scan, end); break;
    case 's':
        if (text[end - 2] == 'l') sentence_of(scan, end);
        host_of_peer(scan, end);
        break;
    }
}

/* Sizes (bit by bit) of names of programs, or their last words, by the low bits of their letter. */
static const uint32_t program_sizes[32] = {
    ['a' & 31] = 1u << 5, ['b' & 31] = 1u << 6, ['c' & 31] = 1u << 4, ['d' & 31] = 1u << 4, ['i' & 31] = 1u << 8,
    ['l' & 31] = 1u << 7 | 1u << 10, ['m' & 31] = 1u << 5 | 1u << 7 | 1u << 9 | 1u << 10 | 1u << 11 | 1u << 13, ['o' & 31] = 1u << 4, ['r' & 31] = 1u << 9,
    ['s' & 31] = 1u << 6 | 1u << 7 | 1u << 9, ['t' & 31] = 1u << 4};

/* A word of three bytes or two with a blank behind it. */
static void shape_short_word(cf_scan *scan, uint32_t start, uint32_t end, uint8_t before) {
    const uint8_t *text = scan->text;
    uint8_t first = text[start], next = cf_at(scan, (int64_t)end + 1);
    if (end - start == 2) {
        if ((text[end - 1] | 32) == 's' || (text[end - 1] | 32) == 'y') actor_small(scan, start, end);
        if (first == 'M' || first == 'P') spoken_title(scan, start, end);
        else if (before == '-' && memcmp(text + start, "in", 2) == 0) sentence_of(scan, end);
        return;
    }
    if (before == ' ' && memcmp(text + start, "for", 3) == 0) {
        text_accepted(scan, start);
        if (next == '\'' || next == '"') actor_failed(scan, start, end + 1);
    }
    if (first == 'h' || first == 'v') actor_host_word(scan, start, end);
    if (memcmp(text + start, "von", 3) == 0) access_of(scan, start, end + 1);
    if (((first | 32) == 'g' && (text[start + 1] | 32) == 'p') || ((first | 32) == 'l' && (text[start + 1] | 32) == 'o'))
        text_placed(scan, start, end);
    if (memcmp(text + start, "key", 3) == 0) bound_key(scan, start, end);
    if (memcmp(text + start, "cli", 3) == 0 || (before == '.' && memcmp(text + start, "exe", 3) == 0)) program_word(scan, start, end);
    if (next == '\'' || next == '/') speaker_word(scan, start, end);
    if (first == 'M' || first == 'P') spoken_title(scan, start, end);
    else if (((first | 32) == 'i' && (text[start + 1] | 32) == 'c') ||
             (((first | 32) == 's' || (first | 32) == 'b') && spoken_capital(next)))
        spoken_name(scan, start, end);
}

/* A word of four bytes or more with a blank behind it. */
static void shape_blank_word(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t size = end - start;
    uint8_t first = text[start], next = cf_at(scan, (int64_t)end + 1);
    if (size == 4 && first == 'w') actor_host_word(scan, start, end);
    if (size == 5 && (first | 32) == 'a' && memcmp(text + start + 1, "gent", 4) == 0) actor_agent(scan, end);
    if (first == 'W' && text[start + 1] == '3' && size >= 6 && size <= 10) actor_site(scan, start, end);
    if (next == '\'' || next == '/' || size == 5 || size == 12) speaker_word(scan, start, end);
    if (size == 4) identified_addressed(scan, start, end);
    account_word(scan, start, end);
    if ((size == 8 && ((first | 32) == 'p' || (first | 32) == 'l')) || (size == 11 && (first | 32) == 'c')) text_placed(scan, start, end);
    if (size == 9 && first == 'C') identified_person(scan, start, end);
    if ((size == 8 && first == 'T') || (size == 5 && first == 'L')) access_terminal(scan, start, end);
    if (size == 9 && first == 'd' && memcmp(text + start, "duplicate", 9) == 0) bound_duplicate(scan, end);
    if ((next == '"' || next == '\'') && size < 11) identified_named(scan, start, end);
    if (size < 12 && ((first | 32) == 'u' || (first | 32) == 'b' || (first | 32) == 'g')) done_user(scan, start, end);
    if (cf_is_digit(next) && size < 11) identified_numbered(scan, start, end);
    if (size < 14 && program_sizes[first & 31] >> size & 1) program_word(scan, start, end);
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (size < 9 && before == '(') identified_boxed(scan, start, end);
    if ((before == '(' || before == ' ') && size < 6 && (first == 'u' || first == 'l')) identified_listed(scan, start, end);
    shape_sentence_word(scan, start, end);
    if (size >= 5 && text[end - 3] == (text[end - 1] == 'r' ? 'r' : 's')) secret_bearer(scan, end);
}

/* A word that begins and is as long as those which stand for ids, persons, or what SIP says. */
static __attribute__((noinline)) void shape_listed(cf_scan *scan, uint32_t start, uint32_t end, uint8_t behind) {
    uint32_t size = end - start, bit = 1u << (size < 31 ? size : 31);
    uint8_t first = scan->text[start];
    cf_number_letters(scan, start, size);
    if (person_sizes[first] & bit) person_word(scan, start, end, behind);
    if (shape_sizes[first] & bit) shape_sip_word(scan, start, end);
}

/* A word of at least fourteen bytes with a letter in it, or one that `+` or `/` goes on with. */
static __attribute__((noinline)) void shape_long(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes, uint8_t before) {
    const uint8_t *text = scan->text;
    uint32_t size = end - start;
    if (size >= 22 && text[start] == 'I') actor_workspace(scan, start);
    if (secret_begins_base64(before, text[start])) secret_base64(scan, start, size);
    if (size == 15 && (classes | CF_DIGIT) == (CF_UPPER | CF_DIGIT)) trace_device(scan, start);
}

static inline void cf_shape_given(cf_scan *scan, uint32_t start, unsigned classes) {
    if (classes & (CF_UPPER | CF_LOWER) && (!(classes & CF_DIGIT) || classes & CF_UNDER)) given_word(scan, start);
}

/* A word with digits. */
static inline void shape_digits(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes) {
    const uint8_t *text = scan->text;
    uint32_t size = end - start;
    uint8_t before = cf_at(scan, (int64_t)start - 1), behind = cf_at(scan, end);
    bool numbered = size < 4 && classes == CF_DIGIT && (before == '$' || (before == ':' && behind == '='));
    if ((before == '@' ? size <= 40 : numbered) && cf_is_digit(text[end - 1])) bound_signed(scan, end);
    if (size >= 4 && text[end - 1] == '3' && text[end - 2] == '3' && (behind == ' ' || behind == ':' || behind == '='))
        sip_event_rfc(scan, end);
    if (before == '"' && behind == '"' && size - 2 < 2 && text[end - 1] == '2' && text[end - 2] == '5') command_pin_field(scan, start, end);
    if (size >= 12 && text[start] == '0') service_user_to_user(scan, start, end);
    if (size >= 5 && behind == ' ' && cf_is_digit(text[start]) && classes == (CF_DIGIT | CF_LOWER)) access_asked(scan, start, end);
}

/* A word with letters. */
static void shape_letters(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes) {
    const uint8_t *text = scan->text;
    uint32_t size = end - start;
    uint8_t before = cf_at(scan, (int64_t)start - 1), behind = cf_at(scan, end);
    if (size >= 14 || behind == '+' || behind == '/') shape_long(scan, start, end, classes, before);
    if (before == '-' && (behind == ' ' || behind == '=')) {
        secret_command_line(scan, start, end);
        text_option_host(scan, start, end);
    }
    if (before == '.' && size - 2 < 4) recording_name(scan, start, end);
    if (size < 2) {
        if (text[start] == 'M' && behind == '.') spoken_title(scan, start, end);
        return;
    }
    uint32_t listed = person_sizes[text[start]] | shape_sizes[text[start]] | cf_id_sizes[text[start] & 31];
    if (listed >> (size < 31 ? size : 31) & 1 || (before == '/' && behind == '/')) shape_listed(scan, start, end, behind);
    if ((size >= 18 || behind == '-') && secret_begins_api_key(text[start])) secret_api_key(scan, start);
    if (farewell_sizes[text[start] & 31] >> (size & 31) & (size < 16)) farewell_word(scan, start, end);
    switch (behind) {
    case ' ':
        if (size - 3 < 2 && !(classes & CF_LOWER)) command_word(scan, start, end);
        if (size < 4) shape_short_word(scan, start, end, before);
        else shape_blank_word(scan, start, end);
        break;
    case '"': case '\'':
        if (!cf_is_blank(cf_at(scan, (int64_t)end + 1))) break;
        /* fall through */
    case '\t':
        if (size < 14 && (size == 3 || program_sizes[text[start] & 31] >> size & 1)) program_word(scan, start, end);
        break;
    case ':':
        if (text[end - 1] == 'c' && cf_ends(scan, end, "jdbc", 4)) secret_oracle(scan, end);
        else if (size == 6 && memcmp(text + start, "inline", 6) == 0) secret_srtp(scan, end);
        else if (size == 2 && text[start] == 's' && text[start + 1] == 'u') login_su(scan, end);
        else if (text[end - 1] == 'n' && cf_ends(scan, end, "Person", 6)) login_person(scan, end);
        else if (size >= 4) host_words(scan, start, end, behind);
        if (size >= 8 && size <= 12) service_resource(scan, start, end);
        if (size <= 6) text_placed(scan, start, end);
        if (size <= 6 && text[end - 1] == '2' && text[end - 2] == '5') command_pin_block(scan, start, end);
        if (size == 7 && ((text[start] | 32) == 'c' || (text[start] | 32) == 'k')) spoken_boxed(scan, start, end);
        if (size == 3) secret_digest(scan, start, end);
        if (size == 4) service_slow_query(scan, start, end);
        if (size == 12 && text[start] == 'N') access_notified(scan, start, end);
        break;
    case '=':
        if (size == 3) secret_digest(scan, start, end);
        if (size == 2) executed_line(scan, start, end);
        if (size <= 6) text_placed(scan, start, end);
        if (size <= 6 && text[end - 1] == '2' && text[end - 2] == '5') command_pin_block(scan, start, end);
        if (size == 7 && memcmp(text + start, "display", 7) == 0) {
            cf_looks(scan);
            sip_identity(scan, start, end);
        }
        if (size >= 8 && size <= 12) service_resource(scan, start, end);
        if ((size == 6 || size == 8 || size == 9) && (text[start] | 32) == 'c') doer_calling(scan, start, end);
        break;
    case '/':
        if (size == 4) service_path(scan, start, end);
        if (size >= 6 && size <= 13) path_of_person(scan, start, end);
        if (size >= 8 && text[start] == 'H') access_proxied(scan, start, end);
        if (before == '"' && size >= 3 && size <= 5) call_record(scan, start, end);
        if (size >= 4 && size <= 6 && ((text[start] | 32) == 'u' || (text[start] | 32) == 'a')) speaker_path(scan, start, end);
        if (before == '-' && size >= 4 && size <= 8) speaker_by_login(scan, start, end);
        if (size >= 3 && size <= 5 && (text[start] == 'S' || text[start] == 'P' || text[start] == 'I')) speaker_channel(scan, start, end);
        break;
    case '|':
        if (size >= 5 && before == '|' && !(classes & CF_LOWER)) queue_event(scan, start, end);
        break;
    case '(':
        if (size >= 3 && size <= 11) service_call(scan, start, end);
        break;
    case '[':
        if (size == 2 && text[start] == 's' && text[start + 1] == 'u') login_su(scan, end);
        else if (size == 4 || size == 5 || size == 8) actor_bracket(scan, start, end);
        break;
    case '\\':
        if (size >= 4 && cf_at(scan, (int64_t)end + 1) != '"') login_profile(scan, end); /* the commonest escape */
        break;
    case '$':
        if (size >= 4 && cf_at(scan, (int64_t)end + 1) == '\\') login_profile(scan, end);
        break;
    case ')':
        if (text[end - 1] == 'R') bound_typed(scan, start, end);
        else if (size == 6 && before == '(' && memcmp(text + start, "String", 6) == 0) bound_cast(scan, start);
        break;
    case ',': case ']':
        if (text[end - 1] == 'R' && behind == ']') bound_typed(scan, start, end);
        if (text[end - 1] == 'n' && cf_ends(scan, end, "Person", 6)) login_person(scan, end);
        break;
    case '.':
        if (size < 5 && (text[start] == 'M' || text[start] == 'D' || text[start] == 'S')) spoken_title(scan, start, end);
        if (size == 3 && text[start] == 'E') call_extension(scan, start, end);
        if (size < 4 && ((text[start] | 32) == 'g' || (text[start] | 32) == 'u')) birth_word(scan, start, size);
        /* fall through */
    case '-':
        if (behind == '-' && size < 4 && !(classes & CF_LOWER)) command_ticket(scan, start, end);
        if (size >= 3 && (classes & (CF_UPPER | CF_LOWER)) == (CF_UPPER | CF_LOWER)) secret_jwt(scan, start, end);
        break;
    }
}

static inline void cf_shape_piece(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes) {
    if (classes & CF_DIGIT) shape_digits(scan, start, end, classes);
    if (classes & (CF_UPPER | CF_LOWER)) shape_letters(scan, start, end, classes);
}

static void cf_shape_word(cf_scan *scan, uint32_t start, uint32_t end) {
    if (scan->text[start] >= 0x80) given_word(scan, start);
    while (start < end) {
        unsigned classes = 0;
        uint32_t stop = start;
        for (; stop < end && scan->text[stop] < 0x80; stop++) classes |= cf_class[scan->text[stop]];
        if (stop > start) {
            classes &= CF_WORD;
            cf_number_word(scan, start, stop, classes);
            cf_network_word(scan, start, stop, classes);
            cf_shape_given(scan, start, classes);
            cf_shape_piece(scan, start, stop, classes);
        }
        start = stop + 1;
    }
}

/* A mark matters only beside certain bytes: one test of these tables spares most marks the switch, whose jump no
 * processor foresees. A mark matters when a bit of its own is one of the byte before it or behind it. */
static const uint8_t shape_mark_before[256] = {[':'] = 1, ['/'] = 2, ['\\'] = 2, ['['] = 4 | 8};
static const uint8_t shape_before[256] = {['p'] = 1, ['P'] = 1, ['S'] = 1, ['l'] = 1, ['L'] = 1, ['s'] = 1 | 2, ['o'] = 1 | 4,
                                          [' '] = 8, [':'] = 8, ['-'] = 8};
static const uint8_t shape_mark_behind[256] = {[':'] = 1, ['%'] = 2, ['<'] = 4 | 64, ['/'] = 8, [';'] = 16, ['@'] = 64,
                                               ['['] = 64, ['\\'] = 32 | 64, ['('] = 128, ['+'] = 128};
#define ALNUM 64
static const uint8_t shape_behind[256] = {
    ['/'] = 1 | 8, [':'] = 1, ['\\'] = 32, ['('] = 128, ['_'] = 4, ['.'] = 4, ['+'] = 4, ['-'] = 4, ['0'] = ALNUM | 128,
    ['1'] = ALNUM | 128, ['2'] = ALNUM | 128 | 8 | 2, ['3'] = ALNUM | 128 | 2, ['4'] = ALNUM | 128 | 2, ['5'] = ALNUM | 128,
    ['6'] = ALNUM | 128, ['7'] = ALNUM | 128, ['8'] = ALNUM | 128, ['9'] = ALNUM | 128, ['A'] = ALNUM, ['B'] = ALNUM,
    ['C'] = ALNUM, ['D'] = ALNUM, ['E'] = ALNUM, ['F'] = ALNUM, ['G'] = ALNUM, ['H'] = ALNUM, ['I'] = ALNUM,
    ['J'] = ALNUM, ['K'] = ALNUM, ['L'] = ALNUM, ['M'] = ALNUM, ['N'] = ALNUM, ['O'] = ALNUM, ['P'] = ALNUM,
    ['Q'] = ALNUM, ['R'] = ALNUM, ['S'] = ALNUM, ['T'] = ALNUM, ['U'] = ALNUM, ['V'] = ALNUM, ['W'] = ALNUM,
    ['X'] = ALNUM, ['Y'] = ALNUM, ['Z'] = ALNUM, ['a'] = ALNUM, ['b'] = ALNUM, ['c'] = ALNUM, ['d'] = ALNUM,
    ['e'] = ALNUM | 16, ['f'] = ALNUM, ['g'] = ALNUM, ['h'] = ALNUM | 8, ['i'] = ALNUM | 16, ['j'] = ALNUM,
    ['k'] = ALNUM, ['l'] = ALNUM, ['m'] = ALNUM | 16, ['n'] = ALNUM, ['o'] = ALNUM, ['p'] = ALNUM | 16, ['q'] = ALNUM,
    ['r'] = ALNUM | 16, ['s'] = ALNUM, ['t'] = ALNUM, ['u'] = ALNUM, ['v'] = ALNUM | 16 | 8, ['w'] = ALNUM,
    ['x'] = ALNUM, ['y'] = ALNUM, ['z'] = ALNUM};
#undef ALNUM

/* What a mark may begin or be part of, where the bytes beside it allow it. */
static __attribute__((noinline)) void shape_mark(cf_scan *scan, uint32_t at, uint8_t before, uint8_t behind) {
    uint8_t mark = scan->text[at];
    cf_number_mark(scan, at);
    cf_network_mark(scan, at);
    switch (mark) {
    case ':':
        switch (before) {
        case 'p': case 's': case 'P': case 'S':
            sip_uri(scan, at, at + 1);
            bracketed_in_xml(scan, at);
            break;
        case 'l': case 'L':
            sip_tel(scan, at, at + 1);
            bracketed_in_xml(scan, at);
            break;
        case 'o':
            if (cf_ends(scan, at, "geo", 3)) text_geo(scan, at);
            else text_sudo(scan, at);
            break;
        }
        if (behind == '/') {
            cf_looks(scan); /* the third byte behind a word */
            if (cf_at(scan, (int64_t)at + 2) == '/') secret_url_login(scan, at);
        }
        break;
    case '%':
        if (behind == '4' && cf_at(scan, (int64_t)at + 2) == '0') text_mail(scan, at, at + 3);
        else if (behind == '3' && cf_lower(cf_at(scan, (int64_t)at + 2)) == 'a') sip_encoded(scan, at);
        break;
    case '<':
        sip_display_name(scan, at);
        if (before == ' ') {
            service_delivered(scan, at);
            bracketed_caller(scan, at, 1);
        }
        if (before == ' ' || before == '2' || before == ';') bracketed_escaped(scan, at, 1, true);
        break;
    case '/':
        if (behind == '2') sip_via(scan, at);
        if (before == 's' || behind == 'h' || behind == 'v') text_folder(scan, at);
        break;
    case '\\':
        if (before == 's') text_folder(scan, at);
        else if ((cf_is_digit(before) || (uint8_t)(before - 'A') < 26 || before == '-') && cf_is_alpha(behind)) login_domain(scan, at);
        if (cf_is_alnum(before) && cf_is_alpha(behind)) service_column(scan, at);
        if (behind == 'u' && cf_stands_folded(scan, at + 2, "003c", 4)) {
            if (before == ' ') bracketed_caller(scan, at, 6);
            bracketed_escaped(scan, at, 6, true);
        } else if (behind == 'x' && cf_stands_folded(scan, at + 2, "3c", 2)) {
            bracketed_escaped(scan, at, 4, true);
        }
        break;
    case ';': sip_param(scan, at); break;
    case '@':
        text_mail(scan, at, at + 1);
        service_database(scan, at);
        speaker_target(scan, at);
        access_at_host(scan, at);
        if (behind == 'R') doer_of_resources(scan, at);
        if (cf_is_digit(before)) host_of_license(scan, at);
        break;
    case '[':
        if (before == ' ' && at > 1 && scan->text[at - 2] == ':') login_radius(scan, at);
        if (before == 'o') text_sudo(scan, at);
        else if (before == ' ' && cf_is_digit(behind)) {
            login_access(scan, at);
            access_pages(scan, at);
        }
        if (before == ' ' && at > 1 && scan->text[at - 2] == ']') access_ftp(scan, at);
        else if (before == ' ' && at > 1 && scan->text[at - 2] == '>') access_mapped(scan, at);
        if (before == ' ' || before == ':' || before == '-') login_ftp(scan, at);
        if (before == ' ' && at > 1 && scan->text[at - 2] == ')') service_greeted(scan, at);
        if (before == ' ' && at > 2 && scan->text[at - 2] == ']') speaker_bracketed(scan, at);
        if (before == ' ' && at > 4 && doer_small(behind)) doer_of_level(scan, at);
        break;
    }
}

static inline void cf_shape_mark(cf_scan *scan, uint32_t at) {
    uint8_t mark = scan->text[at], before = cf_at(scan, (int64_t)at - 1), behind = cf_at(scan, (int64_t)at + 1);
    if (shape_mark_before[mark] & shape_before[before] || shape_mark_behind[mark] & shape_behind[behind])
        shape_mark(scan, at, before, behind);
}

void cf_shape_line(cf_scan *scan, uint32_t start) {
    uint8_t first = scan->text[start], second = cf_at(scan, (int64_t)start + 1);
    switch (first) {
    case 'C':
        if (second == 'a') sip_call_id_line(scan, start);
        /* fall through */
    case 'c':
        if ((second | 32) == 'o' || second == ':' || cf_is_blank(second)) {
            sip_dtmf_body(scan, start);
            text_header_host(scan, start);
        }
        break;
    case 'I': case 'i': case 'R': case 'T': case 'J': sip_call_id_line(scan, start); break;
    case 'o':
        if (second == '=') sip_sdp_origin(scan, start);
        break;
    case '"':
        if (cf_is_digit(second) && cf_at(scan, (int64_t)start + 5) == '/') call_line(scan, start);
        break;
    case 'H': case 'h': case 'N': case 'n': case ' ': case '\t': text_header_host(scan, start); break;
    }
    if (cf_is_digit(first)) {
        if (cf_at(scan, (int64_t)start + 4) == '-' && cf_at(scan, (int64_t)start + 10) == 'T') {
            text_full_format(scan, start);
            text_iso_syslog(scan, start, start);
        } else {
            speaker_line(scan, start);
            uint8_t behind = cf_at(scan, (int64_t)start + 19); /* a stamp */
            if (behind == ',' && cf_at(scan, (int64_t)start + 4) == '/') call_line(scan, start);
            else if (behind == ' ' && cf_at(scan, (int64_t)start + 4) == '-') asked_line(scan, start);
        }
    } else if (first == '<' || cf_at(scan, (int64_t)start + 3) == ' ') {
        text_syslog(scan, start);
        if (first == '<') speaker_line(scan, start);
    }
}
