/* Cards, bank accounts, national ids and telephone numbers by their shape: numbers.py of the reference.
 *
 * Every pattern is read by hand at the places where it may begin. Where a run of digits must end before something
 * that is no digit there is one length to try, so that nothing is ever read twice for a shorter match.
 */
#include "shapes.h"

#include <string.h>

/* Slots of cf_scan.met: patterns whose match may hold a place where they could begin again. */
enum { NUMBER_CARD = CF_MET_NUMBERS, NUMBER_IBAN, NUMBER_NANP, NUMBER_ID, NUMBER_WRITTEN, NUMBER_GROUPS, NUMBER_AREA };

enum { IBAN_MOST = 34, RUN_LEAST = 4, RUN_MOST = 22, PLUS_GROUPS = 6, E164_LEAST = 7, E164_MOST = 15 };

typedef struct {
    char country[3];
    uint8_t size;
} iban_country;

/* Length of an IBAN by country (SWIFT IBAN registry), in the order of the alphabet. */
static const iban_country iban_countries[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22}, {"BH", 22},
    {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DK", 18}, {"DO", 28},
    {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23},
    {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
    {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20},
    {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MR", 27}, {"MT", 31}, {"MU", 30},
    {"NL", 18}, {"NO", 15}, {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22},
    {"SA", 24}, {"SC", 31}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"ST", 25}, {"SV", 28}, {"TL", 23},
    {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}};

static uint32_t iban_size(const uint8_t *text) {
    uint32_t least = 0, most = sizeof iban_countries / sizeof *iban_countries;
    while (least < most) {
        uint32_t middle = (least + most) / 2;
        int order = memcmp(text, iban_countries[middle].country, 2);
        if (!order) return iban_countries[middle].size;
        if (order < 0) most = middle;
        else least = middle + 1;
    }
    return 0;
}

static void number_found(cf_scan *scan, uint32_t start, uint32_t end, cf_detector detector, cf_rule rule) {
    cf_shape(scan, start, end, detector, cf_shape_kind(scan->rules, detector), rule, CF_LEARN);
}

/* How many digits stand from a place on, `most` at most. */
static uint32_t digits_at(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t count = 0;
    while (count < most && cf_is_digit(cf_at(scan, (int64_t)at + count))) count++;
    return count;
}

static uint32_t digits_within(const uint8_t *text, uint32_t size) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < size; i++) count += cf_is_digit(text[i]);
    return count;
}

/* Sets of marks below 64 as bits. */
#define MARK(c) (UINT64_C(1) << (c))
static const uint64_t number_glued = MARK('.') | MARK('+') | MARK('/') | MARK('-');
static const uint64_t number_value = MARK('.') | MARK('+') | MARK('/') | MARK('-') | MARK('=');
static const uint64_t number_nanp_glued = MARK('.') | MARK('+') | MARK('/') | MARK('-') | MARK('=') | MARK(':');
static const uint64_t number_nanp_mark = MARK('-') | MARK('.') | MARK(' ');
static const uint64_t number_plus_mark = MARK(' ') | MARK('.') | MARK('/') | MARK('-');
static const uint64_t number_run_mark = MARK(' ') | MARK('(') | MARK(')') | MARK('.') | MARK('-');
static const uint64_t number_said = MARK(' ') | MARK('\'') | MARK('"') | MARK('#');

static inline bool one_of(uint8_t c, uint64_t marks) { return c < 64 && marks >> c & 1; }

/* The check sum of ISO/IEC 7812. */
static bool luhn(const uint8_t *digits, uint32_t size) {
    unsigned total = 0;
    for (uint32_t place = 0; place < size; place++) {
        unsigned value = (digits[size - 1 - place] - '0') * (1u + place % 2);
        total += value > 9 ? value - 9 : value;
    }
    return total % 10 == 0;
}

/* Whether digits (13 or more) have an issuer's prefix and that issuer's length. */
static bool card_issued(const uint8_t *d, uint32_t size) {
    uint32_t six = 0;
    for (uint32_t i = 0; i < 6; i++) six = six * 10 + (uint32_t)(d[i] - '0');
    uint32_t two = six / 10000, three = six / 1000, four = six / 100;
    if (d[0] == '4' && (size == 13 || size == 16 || size == 19)) return true;
    if (size == 14) return (three >= 300 && three <= 305) || two == 36 || two == 38;
    if (size == 15) return two == 34 || two == 37;
    if (size == 16 && ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720) || four == 6011 || two == 65 ||
                       (three >= 644 && three <= 649) || (six >= 622126 && six <= 622925) ||
                       (four >= 3528 && four <= 3589)))
        return true;
    return size >= 16 && size <= 19 &&
           (four == 5018 || four == 5020 || four == 5038 || four == 6304 || four == 6759 ||
            (four >= 6761 && four <= 6763));
}

/* Where the number of a card that begins with four digits ends, grouped as on the card; 0: it is none. */
static uint32_t card_groups(const cf_scan *scan, uint32_t at) {
    uint8_t mark = cf_at(scan, at + 4);
    if (mark != ' ' && mark != '-') return 0;
    uint32_t second = digits_at(scan, at + 5, 7);
    if (cf_at(scan, at + 5 + second) != mark) return 0;
    if (second == 6) {
        uint32_t last = digits_at(scan, at + 12, 6);
        return last == 4 || last == 5 ? at + 12 + last : 0;
    }
    if (second != 4 || digits_at(scan, at + 10, 4) != 4 || cf_at(scan, at + 14) != mark) return 0;
    uint32_t last = digits_at(scan, at + 15, 8);
    return last >= 1 && last <= 7 ? at + 15 + last : 0;
}

static void card(cf_scan *scan, uint32_t start, uint32_t run) {
    uint8_t before = cf_at(scan, (int64_t)start - 1), digits[20];
    if (one_of(before, number_value)) return;
    cf_looks(scan);
    if (start < scan->met[NUMBER_CARD]) return;
    uint32_t end = run == 4 ? card_groups(scan, start) : start + run;
    if (!end) return;
    uint8_t next = cf_at(scan, end);
    if (cf_is_word(next) || next == '/' || next == '=') return;
    if ((next == '.' || next == '-') && cf_is_word(cf_at(scan, end + 1))) return;
    scan->met[NUMBER_CARD] = end;
    uint32_t size = 0;
    for (uint32_t at = start; at < end; at++)
        if (cf_is_digit(scan->text[at])) digits[size++] = scan->text[at];
    bool by_six = run == 4 && cf_is_digit(scan->text[start + 9]);
    if (run == 4 && !by_six && size != 16 && size != 19) return;
    if (card_issued(digits, size) && luhn(digits, size)) number_found(scan, start, end, CF_BY_CARD, CF_R_CARD);
}

/* cards.c */
static void card_payed(cf_scan *scan, uint32_t start, uint32_t end);

static bool iban_byte(uint8_t c) { return cf_is_digit(c) || (uint8_t)(c - 'A') < 26; }

/* Where account numbers in groups of four end; 0: there are none. `at` is behind country and check digits. */
static uint32_t iban_groups(const cf_scan *scan, uint32_t at) {
    uint32_t groups = 0, run = 0;
    for (; groups < 7; groups++) {
        if (cf_at(scan, at) != ' ') break;
        for (run = 0; run < 4 && iban_byte(cf_at(scan, at + 1 + run));) run++;
        if (run < 4) break;
        at += 5;
    }
    if (groups < 2) return 0;
    if (cf_at(scan, at) == ' ') {
        for (run = 0; run < 4 && iban_byte(cf_at(scan, at + 1 + run));) run++;
        if (run && !cf_is_word(cf_at(scan, at + 1 + run))) return at + 1 + run;
    }
    if (!cf_is_word(cf_at(scan, at))) return at;
    return groups > 2 ? at - 5 : 0; /* the last group goes on as a word */
}

/* 1 modulo 97 with the first four characters behind the others (ISO 13616). */
static bool iban_checks(const uint8_t *text, uint32_t size) {
    uint32_t rest = 0;
    for (uint32_t i = 0; i < size; i++) {
        uint8_t c = text[(i + 4) % size];
        rest = cf_is_digit(c) ? rest * 10 + (uint32_t)(c - '0') : rest * 100 + (uint32_t)(c - 'A') + 10;
        rest %= 97;
    }
    return rest == 1;
}

static void iban(cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t before = cf_at(scan, (int64_t)start - 1), compact[IBAN_MOST + 8];
    const uint8_t *text = scan->text + start;
    uint32_t run = end - start, size = 0;
    if (before == '/' || before == '-' || !cf_is_digit(text[2]) || !cf_is_digit(text[3])) return;
    cf_looks(scan);
    if (start < scan->met[NUMBER_IBAN]) return;
    if (run == 4) end = iban_groups(scan, end);
    if (!end) return;
    scan->met[NUMBER_IBAN] = end;
    uint32_t length = iban_size(text);
    if (!length) return;
    for (uint32_t at = start; at < end; at++)
        if (scan->text[at] != ' ') compact[size++] = scan->text[at];
    if (run == 4 && size > length) { /* a word behind it fits the grouping */
        size = length;
        end = start + length + (length - 1) / 4;
    }
    if (size == length && iban_checks(compact, size)) number_found(scan, start, end, CF_BY_IBAN, CF_R_IBAN);
}

/* Social security numbers of the United States in their written form: 3-2-4. */
static void national_id(cf_scan *scan, uint32_t start) {
    const uint8_t *t = scan->text + start;
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (one_of(before, number_glued)) return;
    cf_looks(scan);
    if (start + 11 > scan->size) return;
    if (digits_at(scan, start + 4, 3) != 2 || t[6] != '-' || digits_at(scan, start + 7, 5) != 4) return;
    if (t[0] == '9' || !memcmp(t, "000", 3) || !memcmp(t, "666", 3) || !memcmp(t + 4, "00", 2)) return;
    if (!memcmp(t + 7, "0000", 4)) return;
    uint8_t next = cf_at(scan, start + 11);
    if (cf_is_word(next) || next == '/' || next == '-') return;
    if (next == '.' && cf_is_digit(cf_at(scan, start + 12))) return;
    number_found(scan, start, start + 11, CF_BY_NATIONAL_ID, CF_R_NATIONAL_ID);
}

/* Three digits, the first from 2 on: an area or an exchange of the North American plan. */
static bool nanp_part(const cf_scan *scan, uint32_t at) {
    uint8_t first = cf_at(scan, at);
    return first >= '2' && first <= '9' && digits_at(scan, at + 1, 2) == 2;
}

static void nanp(cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if ((cf_is_word(before) && !escape_ended(scan, start)) || one_of(before, number_nanp_glued)) return;
    cf_looks(scan);
    if (start < scan->met[NUMBER_NANP]) return;
    if (cf_at(scan, at) == '+') at++;
    if (cf_at(scan, at) == '1' && one_of(cf_at(scan, at + 1), number_nanp_mark)) at += 2;
    else if (at != start) return;
    if (cf_at(scan, at) == '(') {
        if (!nanp_part(scan, at + 1) || cf_at(scan, at + 4) != ')') return;
        at += cf_at(scan, at + 5) == ' ' ? 6 : 5;
        if (!nanp_part(scan, at) || !one_of(cf_at(scan, at + 3), number_nanp_mark)) return;
        at += 4;
    } else {
        uint8_t mark = cf_at(scan, at + 3);
        if (!nanp_part(scan, at) || (mark != '-' && mark != '.')) return;
        if (!nanp_part(scan, at + 4) || cf_at(scan, at + 7) != mark) return;
        at += 8;
    }
    if (digits_at(scan, at, 4) != 4) return;
    uint8_t next = cf_at(scan, at + 4);
    if (cf_is_word(next) || next == '/' || next == ':' || next == '-') return;
    if (next == '.' && cf_is_digit(cf_at(scan, at + 5))) return;
    scan->met[NUMBER_NANP] = at + 4;
    number_found(scan, start, at + 4, CF_BY_PHONE, CF_R_PHONE);
}

/* The part of a number behind one separator, or the same place: digits, or digits between brackets. */
static uint32_t plus_group(const cf_scan *scan, uint32_t at) {
    uint32_t from = one_of(cf_at(scan, at), number_plus_mark) ? at + 1 : at;
    if (cf_at(scan, from) == '(') {
        uint32_t run = digits_at(scan, from + 1, 6);
        return run >= 1 && run <= 5 && cf_at(scan, from + 1 + run) == ')' ? from + run + 2 : at;
    }
    uint32_t run = digits_at(scan, from, 12);
    return run ? from + run : at;
}

/* Whether only the digits of an outside line stand in the quotes before a number: '9011+442079460958' */
static bool dialled_out(const cf_scan *scan, uint32_t at) {
    uint32_t digits = at;
    while (digits && at - digits < 6 && cf_is_digit(scan->text[digits - 1])) digits--;
    uint8_t quote = cf_at(scan, (int64_t)digits - 1);
    return digits < at && at - digits < 6 && (quote == '\'' || quote == '"');
}

/* The sign of a number is at a place, as one byte or as .NET writes it in JSON: \u002B4930901820417 */
static void plus_number(cf_scan *scan, uint32_t start, uint32_t sign) {
    uint32_t number = start + sign;
    uint8_t first = cf_at(scan, number), before = cf_at(scan, (int64_t)start - 1);
    if (first < '1' || first > '9' || before == '/' || before == '+' || before == ')') return;
    if (cf_is_alnum(before) && !escape_ended(scan, start) && !dialled_out(scan, start)) return;
    uint32_t run = digits_at(scan, number, E164_MOST + 1), end = number + run;
    if (run < E164_LEAST || run > E164_MOST || cf_is_word(cf_at(scan, end))) {
        end = number + (run < 3 ? run : 3);
        for (uint32_t group = 0; group < PLUS_GROUPS; group++) {
            uint32_t next = plus_group(scan, end);
            if (next == end) break;
            end = next;
        }
    }
    uint32_t digits = digits_within(scan->text + number, end - number);
    uint8_t next = cf_at(scan, end);
    if (digits < E164_LEAST || digits > E164_MOST || next == '_' || next == '=' || cf_is_alpha(next)) return;
    number_found(scan, start, end, CF_BY_PHONE, CF_R_PHONE);
}

static void encoded_plus(cf_scan *scan, uint32_t at) {
    uint8_t first = cf_at(scan, at + 3);
    if (cf_at(scan, at + 1) != '2' || cf_lower(cf_at(scan, at + 2)) != 'b' || first < '1' || first > '9') return;
    uint32_t run = digits_at(scan, at + 3, E164_MOST + 1);
    if (run >= E164_LEAST && run <= E164_MOST)
        number_found(scan, at, at + 3 + run, CF_BY_PHONE, CF_R_PHONE);
}

/* `.` and digits in turns, four runs or more: an address or a version. */
static bool four_dotted(const uint8_t *t, uint32_t size) {
    uint32_t at = 0;
    for (uint32_t part = 0; part < 4; part++) {
        uint32_t from = at;
        while (at < size && cf_is_digit(t[at])) at++;
        if (at == from) return false;
        if (part == 3) return true;
        if (at == size || t[at++] != '.') return false;
    }
    return false;
}

static bool date_like(const uint8_t *t, uint32_t size) {
    if (size < 8 || (memcmp(t, "19", 2) && memcmp(t, "20", 2)) || digits_within(t, 4) != 4) return false;
    uint32_t at = 4;
    if (t[at] == '-' || t[at] == '.') at++;
    bool month = (t[at] == '0' && t[at + 1] >= '1' && t[at + 1] <= '9') ||
                 (t[at] == '1' && t[at + 1] >= '0' && t[at + 1] <= '2');
    if (!month) return false;
    at += 2;
    if (at < size && (t[at] == '-' || t[at] == '.')) at++;
    return at + 1 < size && t[at] >= '0' && t[at] <= '3' && cf_is_digit(t[at + 1]);
}

/* Dates, seconds and milliseconds since 1970, decimals, versions, columns of a table. */
static bool time_like(const uint8_t *t, uint32_t size) {
    uint32_t digits = digits_within(t, size), dots = 0, others = 0;
    for (uint32_t i = 0; i < size; i++) {
        dots += t[i] == '.';
        others += !cf_is_digit(t[i]) && t[i] != ' ';
    }
    if (digits == size && (size == 10 || size == 13) && t[0] == '1' && t[1] >= '4') return true;
    if (dots == 1 && others == 1 && digits + 1 == size && t[0] != '.' && t[size - 1] != '.') return true;
    if (!others && size >= 3 && t[size - 2] == ' ' && cf_is_digit(t[size - 3])) return true;
    if (t[0] >= '1' && t[0] <= '9' && digits + 1 == size && others == 1) { /* 482904489-87274: a call */
        uint32_t at = 0;
        while (cf_is_digit(t[at])) at++;
        if (t[at] == '-' && (at == 8 || at == 9) && at + 1 < size) return true;
    }
    return date_like(t, size) || four_dotted(t, size);
}

static inline bool run_byte(uint8_t c) { return cf_is_digit(c) || one_of(c, number_run_mark); }

/* Digits in any grouping behind words of calling. Bare runs of digits have the shape of times since 1970.
 *
 * No word stands within such digits, so that none of them can begin again inside of others. */
static void run_of_digits(cf_scan *scan, uint32_t start) {
    uint32_t at = start, run = 0;
    cf_looks(scan);
    if (!called_perhaps(scan, start)) return;
    uint32_t prefix = digits_at(scan, at, 3); /* 0, before a number: the digit for an outside line */
    bool outside = prefix && prefix < 3 && cf_at(scan, at + prefix) == ',';
    if (outside) {
        at += prefix + 1;
        if (cf_at(scan, at) != '0' && (cf_at(scan, at) < '2' || digits_at(scan, at, 10) < 10)) return;
    }
    if (cf_at(scan, at) == '+') at++;
    uint8_t first = cf_at(scan, at);
    if ((first != '(' && !cf_is_digit(first)) || !cf_is_digit(cf_at(scan, at + 1))) return;
    at += 2;
    while (run <= RUN_MOST && run_byte(cf_at(scan, at + run))) run++;
    for (; run > RUN_LEAST; run--) {
        uint8_t next = cf_at(scan, at + run);
        if (cf_is_digit(scan->text[at + run - 1]) && !cf_is_word(next) && next != '.' && next != '-') break;
    }
    if (run <= RUN_LEAST || !called_before(scan, start)) return;
    uint32_t end = at + run, size = end - start, open = end;
    while (open > start && scan->text[open - 1] != '(' && scan->text[open - 1] != ')') open--;
    if (open > start + 1 && scan->text[open - 1] == '(') { /* 65200 (42 ... */
        while (open > start && strchr(" .-(", scan->text[open - 1])) open--;
        end = open;
        size = end - start;
    }
    if (scan->text[start] == '(' && !memchr(scan->text + start, ')', size) && cf_at(scan, end) != ')') return; /* call (16778842 for ... */
    uint32_t digits = digits_within(scan->text + start, size);
    bool abroad = cf_stands(scan, start, "9011", 4); /* an outside line of North America */
    if (digits < E164_LEAST || digits > E164_MOST + 3u * abroad || (!outside && time_like(scan->text + start, size))) return;
    first = scan->text[start];
    bool written = (first == '0' || first == '+' || first == '(') && !cf_stands(scan, start, "000", 3);
    if (digits >= (written ? 8u : 10u) || !weakly_called(scan, start))
        number_found(scan, start, end, CF_BY_PHONE, CF_R_PHONE_IN_WORDS);
}

static inline bool written_mark(uint8_t c) { return c == ' ' || c == '/' || c == '-'; }
/* ids.c */
static void between(cf_scan *scan, uint32_t start, uint32_t end);
static void arrowed(cf_scan *scan, uint32_t start, uint32_t end);
static void written(cf_scan *scan, uint32_t start, uint32_t size);
static void area_number(cf_scan *scan, uint32_t start, uint32_t size); /* areas.c */
static void area_boxed(cf_scan *scan, uint32_t start);
static void international(cf_scan *scan, uint32_t start, uint32_t end);
static void written_pairs(cf_scan *scan, uint32_t start);
static void in_angles(cf_scan *scan, uint32_t start, uint32_t end);
static void in_path(cf_scan *scan, uint32_t start, uint32_t size);
static void in_channel(cf_scan *scan, uint32_t start, uint32_t end);
static void dialled(cf_scan *scan, uint32_t start, uint32_t end);
static void recorded(cf_scan *scan, uint32_t start, uint32_t end);
static void id_word(cf_scan *scan, uint32_t start, uint32_t size);
/* checked.c */
static void checked_id(cf_scan *scan, uint32_t start, uint32_t size);

/* A run of digits that is long enough for a number by itself. */
static inline void number_long(cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t next = cf_at(scan, end), before = cf_at(scan, (int64_t)start - 1);
    if (next == '>') in_angles(scan, start, end);
    if (!start) return;
    if (before == '+') cf_looks(scan);
    bool arrow = next == ' ' && cf_at(scan, end + 1) == '-';
    if (next == ')' || arrow) between(scan, start, end);
    if (arrow || (before == ' ' && start > 2 && scan->text[start - 2] == '>')) arrowed(scan, start, end);
    if (next == '-' && (before == '-' || before == '+')) recorded(scan, start, end);
    if (before == '/' || (before == '+' && cf_at(scan, (int64_t)start - 2) == '/')) in_channel(scan, start, end);
    else if ((before == '>' && next == ' ') || (before == '[' && next == '@')) dialled(scan, start, end);
}

/* <9011442079460878>: an outside line of North America, and more digits than a number has. */
static __attribute__((noinline)) void number_abroad(cf_scan *scan, uint32_t start, uint32_t end) {
    if (end - start > E164_MOST && end - start <= E164_MOST + 3 && memcmp(scan->text + start, "9011", 4) == 0 &&
        cf_at(scan, (int64_t)start - 1) == '<')
        in_angles(scan, start, end);
}

/* A word of digits. */
static __attribute__((noinline)) void number_digits(cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t first = scan->text[start], next = cf_at(scan, end);
    uint32_t size = end - start;
    if (size == 1) {
        if (first == '1' && one_of(next, number_nanp_mark)) nanp(scan, start);
        if (next == ' ' && (first == '1' || first == '2') && cf_is_digit(cf_at(scan, end + 1))) checked_id(scan, start, size);
    } else if (size == 3) {
        if (next == '-') national_id(scan, start);
        if (next == '-' || next == '.') nanp(scan, start);
        if (next == '.' && cf_is_digit(cf_at(scan, end + 1))) checked_id(scan, start, size);
    } else if (size == 6) {
        if ((next == '-' || next == '+') && cf_is_digit(cf_at(scan, end + 1))) checked_id(scan, start, size);
    } else if (size == 4 ? next == ' ' || next == '-' : size >= 13 && size <= 19) {
        if (first >= '2' && first <= '6') {
            card(scan, start, size);
            if (size >= 13) card_payed(scan, start, end);
        }
        if (first == '9' && next == '>') number_abroad(scan, start, end);
    }
    if (first == '0' && size > 1) {
        if (size < 6 && (next == ' ' || next == '-')) area_number(scan, start, size);
        if (size < 6 ? written_mark(next) : size < 9 && (next == '/' || next == '-')) written(scan, start, size);
        if (size == 2 && (next == ' ' || next == '.') && cf_is_digit(cf_at(scan, end + 1))) written_pairs(scan, start);
        if (size >= 12 && size <= E164_MOST) international(scan, start, end);
    }
    if (size > 6 && size <= E164_MOST) number_long(scan, start, end);
    bool goes_on = size > 6 || (one_of(next, number_run_mark) && run_byte(cf_at(scan, end + 1))) || (size == 2 && next == ',');
    if ((size > 1 ? goes_on : next == ',') && start && one_of(scan->text[start - 1], number_said)) run_of_digits(scan, start);
}

/* A word of capitals and digits. */
static __attribute__((noinline)) void number_capitals(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t size = end - start;
    if ((size == 4 ? cf_at(scan, end) == ' ' : size >= 15 && size <= IBAN_MOST) && !cf_is_digit(text[start]) &&
        !cf_is_digit(text[start + 1]))
        iban(scan, start, end);
    if ((size == 9 || size == 16) && (uint8_t)(text[end - 1] - 'A') < 26) checked_id(scan, start, size);
}

/* pbxlines.c */
static void pbx_column(cf_scan *scan, uint32_t start, uint32_t end);
static void pbx_field(cf_scan *scan, uint32_t start);

static void number_word(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes) {
    if (classes == CF_DIGIT) {
        if (end - start > 8 && end - start < 16) pbx_column(scan, start, end);
        pbx_field(scan, start);
        number_digits(scan, start, end);
    } else if (classes == (CF_UPPER | CF_DIGIT)) {
        number_capitals(scan, start, end);
    }
}

static inline __attribute__((always_inline)) void cf_number_word(cf_scan *scan, uint32_t start, uint32_t end, unsigned classes) {
    if (!(classes & CF_LOWER)) number_word(scan, start, end, classes);
    else if (classes & CF_DIGIT && cf_at(scan, (int64_t)start - 1) == '\\') escape_word(scan, start, end, number_word);
}

/* What may stand behind the first word of an id: "tax id", "account: ", "driver's", "steuer-id". */
static inline bool id_follows(uint8_t c) { return c == ' ' || c == ':' || c == '#' || c == '\'' || c == '-' || c == '.'; }

static inline void cf_number_letters(cf_scan *scan, uint32_t start, uint32_t size) {
    uint8_t first = scan->text[start];
    if (size > 2 && size < 13 && cf_at(scan, (int64_t)start - 1) == '/' && cf_at(scan, start + size) == '/') in_path(scan, start, size);
    if (size < 16 && cf_is_alpha(first) && cf_id_sizes[first & 31] >> size & 1 && id_follows(cf_at(scan, start + size)))
        id_word(scan, start, size);
}

static inline void cf_number_mark(cf_scan *scan, uint32_t at) {
    uint8_t mark = scan->text[at], behind = cf_at(scan, (int64_t)at + 1);
    if (mark == '(') {
        if (!cf_is_digit(behind)) return;
        nanp(scan, at);
        if (behind == '0') area_boxed(scan, at);
        run_of_digits(scan, at);
    } else if (mark == '+') {
        if (cf_is_digit(behind)) plus_number(scan, at, 1);
        if (behind == '1') nanp(scan, at);
        run_of_digits(scan, at);
    } else if (mark == '%' && behind == '2') {
        encoded_plus(scan, at);
    } else if (mark == '\\' && behind == 'u') {
        if (cf_stands_folded(scan, at + 2, "002b", 4)) plus_number(scan, at, 6);
    }
}
