/* Telephone numbers in the names of recordings: `09-14-22_+4930901820417_7021.wav` (recordings.py of the reference). */
#include "shapes.h"

#include <string.h>

enum { RECORDING_PART = 97, RECORDING_NUMBER = 17, RECORDING_TAIL = 25 };

static inline unsigned recording_two(const uint8_t *text) { return (unsigned)(text[0] - '0') * 10 + text[1] - '0'; }

/* Whether digits begin as a date does: 202611…, or 26111209 14 with the year in two digits. */
static bool recording_stamp(const uint8_t *text) {
    unsigned month = recording_two(text + 4);
    if (text[0] != '2') return false;
    if (text[1] == '0' && text[2] < '5' && month >= 1 && month <= 12) return true;
    month = recording_two(text + 2);
    unsigned day = recording_two(text + 4);
    return month >= 1 && month <= 12 && day >= 1 && day <= 31 && recording_two(text + 6) < 24 && text[8] < '6';
}

static inline bool recording_day(const uint8_t *text) { return recording_two(text) >= 1 && recording_two(text) <= 31; }

static inline bool recording_month(const uint8_t *text) { return recording_two(text) >= 1 && recording_two(text) <= 12; }

static inline bool recording_minute(const uint8_t *text) { return recording_two(text) < 24 && text[2] < '6'; }

/* Whether digits are a date with the day first, or without a year: 25032026142233, 0301091422, 0103261430. */
static bool recording_dated(const uint8_t *text, uint32_t digits) {
    bool day_first = recording_day(text) && recording_month(text + 2);
    if (digits == 14)
        return day_first && (recording_two(text + 4) == 19 || recording_two(text + 4) == 20) && recording_minute(text + 8) &&
               text[12] < '6';
    if (digits == 10 && recording_month(text) && recording_day(text + 2) && recording_minute(text + 4) && text[8] < '6') return true;
    if (digits != 10 && digits != 12) return false;
    return day_first && text[4] < '5' && recording_minute(text + 6) && (digits == 10 || text[10] < '6');
}

/* Whether six zeros are among digits: a count. */
static bool recording_round(const uint8_t *text, uint32_t digits) {
    unsigned zeros = 0;
    for (uint32_t i = 0; i < digits; i++) zeros += text[i] == '0';
    return zeros >= 6;
}

/* Whether a number stands there that is told by its first digits. */
static bool recording_marked(const uint8_t *text, uint32_t digits) {
    if (digits < 10 || text[0] != '0' || recording_dated(text, digits) || recording_round(text, digits)) return false;
    if (text[1] == '0') return text[2] != '0' && digits <= 15;
    if (digits > 12) return false;
    unsigned month = recording_two(text + 2);
    if (month < 1 || month > 12) return true;
    if (text[4] == '2' && text[5] == '0') return false; /* 01122026…: a date */
    return digits < 12 || recording_two(text + 6) > 23 || text[8] > '5' || text[10] > '5';
}

/* Whether a number without a sign before it stands there that is no date and no seconds since 1970. */
static bool recording_plain(const uint8_t *text, uint32_t digits) {
    if (digits < 10 || digits > 14 || recording_stamp(text) || recording_dated(text, digits)) return false;
    if (digits == 10) return text[0] > '1' && text[3] > '1';
    return text[0] > '1' || (text[0] == '1' && digits == 11 && text[1] > '1' && text[4] > '1');
}

static bool recording_hex(const cf_scan *scan, int64_t at) {
    for (int64_t end = at + 4; at < end; at++) {
        uint8_t c = cf_at(scan, at);
        if (!cf_is_digit(c) && (uint8_t)((c | 32) - 'a') >= 6) return false;
    }
    return true;
}

/* Whether the last group of a UUID begins at a place. */
static bool recording_uuid(const cf_scan *scan, uint32_t start) {
    int64_t at = (int64_t)start - 11;
    return cf_at(scan, at) == '-' && cf_at(scan, at + 5) == '-' && cf_at(scan, at + 10) == '-' && recording_hex(scan, at + 1) &&
           recording_hex(scan, at + 6);
}

/* Whether the digits [start, end) can be an extension: no height of a film and no number of a part. */
static bool recording_internal(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint32_t size = end - start;
    if (size < 3 || size > 6) return false;
    if (size == 3) return !cf_stands(scan, start, "720", 3) && !cf_stands(scan, start, "480", 3) && !cf_stands(scan, start, "00", 2);
    return size != 4 || !cf_stands(scan, start, "1080", 4);
}

/* Whether the other number of a call is [start, end). */
static bool recording_other(const cf_scan *scan, uint32_t start, uint32_t end) {
    return end - start <= 14 && recording_plain(scan->text + start, end - start);
}

static bool recording_extension_behind(const cf_scan *scan, uint32_t end) {
    for (unsigned number = 0; number < 2; number++) {
        uint8_t mark = cf_at(scan, end);
        uint32_t start = end + 1, at = start;
        if (mark != '_' && mark != '-') return false;
        while (at - start < 15 && cf_is_digit(cf_at(scan, at))) at++;
        uint8_t next = cf_at(scan, at);
        if (recording_internal(scan, start, at)) return next == '_' || next == '.' || next == '-';
        bool began = at - start == 14 && cf_stands(scan, start, "20", 2); /* when the call began */
        if (!began && !recording_other(scan, start, at)) return false;
        end = at;
    }
    return false;
}

static bool recording_extension_before(const cf_scan *scan, uint32_t start) {
    for (unsigned number = 0; number < 2; number++) {
        uint8_t mark = cf_at(scan, (int64_t)start - 1);
        uint32_t end = start - 1, at = end;
        if (mark != '_' && mark != '-') return false;
        while (at && end - at < 15 && cf_is_digit(scan->text[at - 1])) at--;
        uint8_t first = cf_at(scan, (int64_t)at - 1);
        if (recording_internal(scan, at, end)) return !cf_is_alnum(first) && first != '.' && first != '+';
        if (!recording_other(scan, at, end) || (mark == '-' && recording_uuid(scan, start)) || (first == '-' && recording_uuid(scan, at)))
            return false;
        start = at;
    }
    return false;
}

/* Whether an extension stands beside a number, or beside the other one of the call: without one it may be an id. */
static bool recording_extension(const cf_scan *scan, uint32_t start, uint32_t end) {
    return recording_extension_behind(scan, end) || recording_extension_before(scan, start);
}

/* Whether a day and a time, 20261112080000 or 20261112_080000, begin at a place; where they end, or 0. */
static uint32_t recording_moment(const cf_scan *scan, int64_t at) {
    const uint8_t *text = scan->text + at;
    if (at < 0 || at + 14 > (int64_t)scan->size) return 0;
    for (unsigned i = 0; i < 8; i++)
        if (!cf_is_digit(text[i])) return 0;
    uint32_t time = (uint32_t)at + 8 + (text[8] == '_' || text[8] == '-');
    for (uint32_t i = 0; i < 6; i++)
        if (!cf_is_digit(cf_at(scan, time + i))) return 0;
    if (text[0] != '2' || text[1] != '0' || text[2] > '4' || !recording_month(text + 4) || !recording_day(text + 6)) return 0;
    return recording_minute(scan->text + time) && scan->text[time + 4] < '6' ? time + 6 : 0;
}

/* Whether it stands beside a number [start, end) when the call began. */
static bool recording_when(const cf_scan *scan, uint32_t start, uint32_t end) {
    uint8_t mark = cf_at(scan, end);
    uint32_t stop = mark == '_' || mark == '-' ? recording_moment(scan, (int64_t)end + 1) : 0;
    if (stop && !cf_is_digit(cf_at(scan, stop))) return true;
    mark = cf_at(scan, (int64_t)start - 1);
    for (uint32_t size = 14; (mark == '_' || mark == '-') && size <= 15; size++) {
        uint8_t before = cf_at(scan, (int64_t)start - size - 2);
        if (recording_moment(scan, (int64_t)start - size - 1) == start - 1 && !cf_is_alnum(before) && before != '.' && before != '+') return true;
    }
    return false;
}

static void recording_number(cf_scan *scan, uint32_t start, uint32_t end, bool film) {
    const uint8_t *text = scan->text;
    uint8_t before = cf_at(scan, (int64_t)start - 1);
    uint32_t digits = end - start;
    if (before == '+') {
        uint8_t first = cf_at(scan, (int64_t)start - 2);
        if (digits < 7 || digits > 15 || (first != '_' && (cf_is_word(first) || first == '.' || first == '+'))) return;
        start--;
    } else if (film || (before != '_' && (cf_is_word(before) || before == '.'))) {
        return;
    } else if (!recording_marked(text + start, digits)) {
        if (!recording_plain(text + start, digits) || (before == '-' && recording_uuid(scan, start)) ||
            (!recording_extension(scan, start, end) && (digits < 11 || !recording_when(scan, start, end))))
            return;
    }
    cf_shape(scan, start, end, CF_BY_PHONE, cf_shape_kind(scan->rules, CF_BY_PHONE), CF_R_PHONE, CF_LEARN);
}

/* The numbers of a name that ends at a place; `last`: one may end there, too. Without + a film's are its id, or that of a part. */
static void recording_numbers(cf_scan *scan, uint32_t end, bool last, bool film) {
    uint32_t at = end;
    while (at && end - at < RECORDING_PART + RECORDING_NUMBER &&
           (cf_is_word(scan->text[at - 1]) || scan->text[at - 1] == '-' || scan->text[at - 1] == '+'))
        at--;
    while (at < end) {
        uint32_t start = at;
        while (at < end && cf_is_digit(scan->text[at])) at++;
        if (at == start) {
            at++;
            continue;
        }
        uint8_t behind = cf_at(scan, at);
        if (at == end ? last : end - at <= RECORDING_PART && (behind == '_' || behind == '-')) recording_number(scan, start, at, film);
    }
}

/* The kind of a file [start, end) behind its dot. */
static void recording_name(cf_scan *scan, uint32_t start, uint32_t end) {
    static const char kinds[] = " wav WAV mp3 MP3 ogg opus gsm vox au wma m4a mp4 webm spx nmf ";
    char word[8] = " ";
    uint32_t size = end - start, dot = start - 1, at = dot;
    memcpy(word + 1, scan->text + start, size);
    word[size + 1] = ' ';
    if (!strstr(kinds, word)) return;
    bool film = strstr(" mp4 webm ", word) != NULL;
    cf_looks(scan);
    recording_numbers(scan, dot, true, film);
    while (at && dot - at <= RECORDING_TAIL && (cf_is_word(scan->text[at - 1]) || scan->text[at - 1] == '-')) at--;
    if (at < dot && dot - at <= RECORDING_TAIL && cf_is_digit(scan->text[at]) && cf_at(scan, (int64_t)at - 1) == '.')
        recording_numbers(scan, at - 1, false, film);
}
