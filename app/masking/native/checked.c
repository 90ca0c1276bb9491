/* National ids that show by themselves what they are, by their form and their check digits (checkedids.py). */
#include "shapes.h"

#include <string.h>

/* A form: 9 a digit, A a capital, and all else stands for itself. */
static bool checked_form(const cf_scan *scan, uint32_t at, const char *form) {
    for (; *form; form++, at++) {
        uint8_t c = cf_at(scan, at);
        if (*form == '9' ? !cf_is_digit(c) : *form == 'A' ? (uint8_t)(c - 'A') >= 26 : c != (uint8_t)*form) return false;
    }
    return true;
}

static uint32_t checked_digits(const uint8_t *text, uint32_t size, uint8_t *digits) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < size; i++)
        if (cf_is_digit(text[i])) digits[count++] = (uint8_t)(text[i] - '0');
    return count;
}

static bool checked_italy(const uint8_t *text) {
    static const uint8_t odd[] = {1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
    uint32_t total = 0;
    if (!memchr("ABCDEHLMPRST", text[8], 12)) return false;
    for (uint32_t i = 0; i < 15; i++) {
        uint8_t value = cf_is_digit(text[i]) ? text[i] - '0' : text[i] - 'A';
        total += i % 2 ? value : odd[value];
    }
    return total % 26 == (uint32_t)(text[15] - 'A');
}

static bool checked_brazil(const uint8_t *text) {
    uint8_t digits[11];
    bool same = true;
    checked_digits(text, 14, digits);
    for (uint32_t i = 1; i < 11; i++) same = same && digits[i] == digits[0];
    for (uint32_t size = 9; size < 11; size++) {
        uint32_t total = 0;
        for (uint32_t i = 0; i < size; i++) total += digits[i] * (size + 1 - i);
        if (total * 10 % 11 % 10 != digits[size]) return false;
    }
    return !same;
}

static bool checked_switzerland(const uint8_t *text) {
    uint8_t digits[13];
    uint32_t total = 0;
    checked_digits(text, 16, digits);
    for (uint32_t i = 0; i < 13; i++) total += digits[i] * (1 + 2 * (i % 2));
    return total % 10 == 0;
}

/* Departments of Corsica (2A, 2B) count as 19 and 18. */
static bool checked_france(const uint8_t *text) {
    uint64_t number = 0;
    uint32_t key = (uint32_t)(text[19] - '0') * 10 + text[20] - '0';
    for (uint32_t i = 0; i < 18; i++) {
        if (text[i] == ' ') continue;
        uint32_t value = cf_is_digit(text[i]) ? text[i] - '0' : text[i] == 'A' ? 9 : 8;
        if (i == 8 && !cf_is_digit(text[9])) value = 1;
        number = number * 10 + value;
    }
    return 97 - number % 97 == key;
}

/* What may be an hour and a minute behind a day is none. */
static bool checked_sweden(const uint8_t *text) {
    uint8_t digits[10];
    uint32_t total = 0;
    checked_digits(text, 11, digits);
    if (text[6] == '-' && digits[6] * 10 + digits[7] < 24 && digits[8] < 6) return false;
    for (uint32_t i = 0; i < 10; i++) {
        uint32_t value = digits[i] * (2u - i % 2);
        total += value > 9 ? value - 9 : value;
    }
    return total % 10 == 0;
}

static bool checked_spain(const uint8_t *text) {
    uint32_t number = cf_is_digit(text[0]) ? text[0] - '0' : text[0] - 'X';
    for (uint32_t i = 1; i < 8; i++) number = number * 10 + text[i] - '0';
    return (uint8_t)"TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == text[8];
}

static bool checked_month(const uint8_t *text) {
    return text[0] == '0' ? text[1] >= '1' : text[0] == '1' && text[1] <= '2';
}

static bool checked_day(const uint8_t *text) {
    return text[0] == '0' ? text[1] >= '1' : text[0] == '3' ? text[1] <= '1' : text[0] < '3';
}

/* How much from a place on is an id with the right digits, or 0. */
static uint32_t checked_size(const cf_scan *scan, uint32_t start, uint32_t size) {
    const uint8_t *text = scan->text + start;
    if (size == 16) return checked_form(scan, start, "AAAAAA99A99A999A") && checked_italy(text) ? 16 : 0;
    if (size == 9) {
        bool form =
            checked_form(scan, start, "99999999A") || (text[0] >= 'X' && text[0] <= 'Z' && checked_form(scan, start + 1, "9999999A"));
        return form && checked_spain(text) ? 9 : 0;
    }
    if (size == 6) {
        uint8_t mark = cf_at(scan, start + 6);
        bool form = checked_form(scan, start, mark == '+' ? "999999+9999" : "999999-9999");
        return form && checked_month(text + 2) && checked_day(text + 4) && checked_sweden(text) ? 11 : 0;
    }
    if (size == 3) {
        if (checked_form(scan, start, "999.999.999-99") && checked_brazil(text)) return 14;
        return checked_form(scan, start, "756.9999.9999.99") && checked_switzerland(text) ? 16 : 0;
    }
    bool form = checked_form(scan, start, "1 99 99 9") || checked_form(scan, start, "2 99 99 9");
    if (!form || !checked_form(scan, start + 10, " 999 999 99") || !checked_month(text + 5)) return 0;
    if (!cf_is_digit(text[9]) && text[9] != 'A' && text[9] != 'B') return 0;
    return (cf_is_digit(text[9]) || text[8] == '2') && checked_france(text) ? 21 : 0;
}

/* An id that begins with the word [start, start + size) and checks. */
static void checked_id(cf_scan *scan, uint32_t start, uint32_t size) {
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    if (before == '.' || before == '+' || before == '/' || before == '-') return;
    cf_looks(scan);
    uint32_t whole = checked_size(scan, start, size), end = start + whole;
    uint8_t next = cf_at(scan, end);
    if (!whole || cf_is_word(next) || next == '/' || next == '-' || (next == '.' && cf_is_word(cf_at(scan, (int64_t)end + 1)))) return;
    number_found(scan, start, end, CF_BY_NATIONAL_ID, CF_R_NATIONAL_ID);
}
