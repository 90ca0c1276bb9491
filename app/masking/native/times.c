/* When the lines of a block were written, in one walk over them: for the catalogue of logs, not for masking.
 *
 * It answers as `Timeline._at_once` of app/logs/timeline.py does with expressions, which is its oracle, and knows the
 * common stamps only: clocks with milliseconds, and dates with a time in local time. Whatever else may be a stamp makes
 * it give up, so that every line is looked at singly there. Local times are microseconds since 1970. */
#include "core.h"

#include <string.h>

enum {
    TIMES_KINDS = 8, /* in the order of `MessageKind` in app/logs/kinds.py */
    TIMES_PARTS = 8, /* more than half an hour has of ten minutes */
    TIMES_ODD = -1   /* look at every line singly */
};

static const int64_t TIMES_SECOND = 1000000, TIMES_DAY = 86400 * 1000000LL;

/* What was written in one stretch of time, such as ten minutes. */
typedef struct {
    int64_t number; /* local time divided by the width of a stretch */
    uint64_t size;  /* bytes of its lines, and of those without a stamp behind them */
    uint32_t records, kinds[TIMES_KINDS];
} cf_times_part;

/* What a block tells. */
typedef struct {
    int64_t least, most, first; /* of all stamps, and of the first line that has one */
    int64_t pause;              /* the longest step from one stamp to the next */
    uint64_t place;             /* where that first line begins */
    uint32_t records, count;    /* stamped lines, and parts */
    cf_times_part parts[TIMES_PARTS];
} cf_times_told;

/* Reads bytes up to an end; behind it stands nothing, which is 0. */
typedef struct {
    const uint8_t *at, *end;
} times_reader;

static inline uint8_t times_at(const times_reader *r, unsigned ahead) {
    return ahead < (size_t)(r->end - r->at) ? r->at[ahead] : 0;
}

static inline bool times_space(uint8_t c) { return c == ' ' || (c >= 9 && c <= 13); }

/* Two digits as a number, or -1. */
static inline int times_two(const times_reader *r, unsigned ahead) {
    uint8_t a = times_at(r, ahead), b = times_at(r, ahead + 1);
    return cf_is_digit(a) && cf_is_digit(b) ? (a - '0') * 10 + (b - '0') : -1;
}

/* `10:15:02` as seconds of a day, or -1. */
static inline int times_clock(const times_reader *r, unsigned ahead) {
    if (times_at(r, ahead + 2) != ':' || times_at(r, ahead + 5) != ':') return -1;
    int hour = times_two(r, ahead), minute = times_two(r, ahead + 3), second = times_two(r, ahead + 6);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1;
    return (hour * 60 + minute) * 60 + second;
}

/* Days from 1970 to a date, or INT64_MIN where there is no such day. */
static int64_t times_days(int year, int month, int day) {
    static const uint8_t sizes[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || month < 1 || month > 12 || day < 1) return INT64_MIN;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > sizes[month - 1] + (month == 2 && leap)) return INT64_MIN;
    /* March is the first month of these years, so that the odd day is the last. */
    int64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static inline bool times_is(const uint8_t *word, size_t size, const char *other) {
    return size == strlen(other) && !memcmp(word, other, size);
}

/* The kind that a word names, as `_WORDS` of kinds.py; -1: none. Heavier ones are those that GVP writes behind an id. */
static int times_kind_of(const uint8_t *word, size_t size, bool *heavier) {
    static const struct {
        const char *word;
        int8_t kind;
        bool heavier;
    } words[] = {
        {"Trc", 5, false}, {"Std", 3, false}, {"Int", 4, false}, {"Dbg", 6, false}, {"INFO", 3, false},
        {"DEBUG", 6, false}, {"WARN", 2, true}, {"ERROR", 1, true}, {"EROR", 1, true}, {"Alr", 0, false},
        {"Alarm", 0, false}, {"FATAL", 0, true}, {"CRIT", 0, true}, {"SEVERE", 1, false}, {"Standard", 3, false},
        {"Interaction", 4, false}, {"Trace", 5, false}, {"TRACE", 5, false}, {"Debug", 6, false},
    };
    if (size < 3 || size > 11) return -1;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].word[0] == *word && times_is(word, size, words[i].word)) {
            *heavier = words[i].heavier;
            return words[i].kind;
        }
    return -1;
}

static inline size_t times_word(const uint8_t *at, const uint8_t *end) {
    const uint8_t *to = at;
    while (to < end && to - at < 16 && cf_is_word(*to)) to++;
    return (size_t)(to - at);
}

/* The kind of a line, from what stands behind its stamp (`KIND_WORD`). */
static int times_kind(const times_reader *behind) {
    enum { MESSAGE = 7, LONGEST_THREAD = 64 };
    const uint8_t *at = behind->at, *end = behind->end;
    bool heavier = false;
    if (at == end || *at++ != ' ') return MESSAGE;
    if (at < end && *at == '[') {
        const uint8_t *to = ++at;
        while (to < end && to - at <= LONGEST_THREAD && *to != ']' && *to != '\n') to++;
        if (end - to < 2 || *to != ']' || to[1] != ' ') return MESSAGE;
        at = to + 2;
    }
    size_t size = times_word(at, end);
    int kind = times_kind_of(at, size, &heavier);
    if (kind < 0 || size != 3 || (memcmp(at, "Std", 3) && memcmp(at, "Alr", 3))) return kind < 0 ? MESSAGE : kind;
    const uint8_t *id = at + 3;
    if (id == end || *id++ != ' ') return kind;
    unsigned digits = 0;
    while (id < end && digits < 7 && cf_is_digit(*id)) digits++, id++;
    if (digits < 3 || digits > 6 || id == end || *id++ != ' ') return kind;
    int other = times_kind_of(id, times_word(id, end), &heavier);
    return other >= 0 && heavier ? other : kind;
}

/* A zone behind a time: lines that tell one are not local. */
static bool times_zoned(const times_reader *r) {
    unsigned at = times_space(times_at(r, 0)) ? 1 : 0;
    uint8_t sign = times_at(r, at);
    if (sign == 'Z') return true;
    if (sign != '+' && sign != '-') return false;
    unsigned minutes = times_at(r, at + 3) == ':' ? at + 4 : at + 3;
    return times_two(r, at + 1) >= 0 && times_two(r, minutes) >= 0 && !cf_is_digit(times_at(r, minutes + 2));
}

/* Digits from here on, no more than `most`. */
static unsigned times_digits(const times_reader *r, unsigned most) {
    unsigned count = 0;
    while (count < most && cf_is_digit(times_at(r, count))) count++;
    return count;
}

/* `10:15:02.118`; 1: it is one, and the reader stands behind it. */
static int times_take_clock(times_reader *r, int64_t day, int64_t *local) {
    times_reader at = *r;
    if (times_at(&at, 0) == '@') at.at++;
    int seconds = times_clock(&at, 0);
    if (seconds < 0) return times_two(&at, 0) >= 0 && times_two(&at, 3) >= 0 && times_at(&at, 2) == ':' && times_at(&at, 5) == ':'
                               && times_at(&at, 6) == '6' && times_at(&at, 7) == '0' ? TIMES_ODD : 0;
    if (times_at(&at, 8) != '.') return 0;
    at.at += 9;
    if (times_digits(&at, 3) < 3) return 0;
    int64_t fraction = (at.at[0] - '0') * 100 + (at.at[1] - '0') * 10 + (at.at[2] - '0');
    *local = day + seconds * TIMES_SECOND + fraction * 1000;
    at.at += times_digits(&at, 6);
    *r = at;
    return 1;
}

/* `2023-06-09T10:15:02.118`, in local time. */
static int times_take_date(times_reader *r, int64_t *local) {
    times_reader at = *r;
    if (times_at(&at, 4) != '-' || times_at(&at, 7) != '-' || (times_at(&at, 10) != 'T' && times_at(&at, 10) != ' ')) return 0;
    int century = times_two(&at, 0), year = times_two(&at, 2), month = times_two(&at, 5), day = times_two(&at, 8);
    if (century < 0 || year < 0 || month < 0 || day < 0) return 0;
    if (times_two(&at, 11) < 0 || times_two(&at, 14) < 0 || times_two(&at, 17) < 0 || times_at(&at, 13) != ':' || times_at(&at, 16) != ':')
        return 0;
    int seconds = times_clock(&at, 11);
    int64_t days = times_days(century * 100 + year, month, day);
    if (seconds < 0 || days == INT64_MIN) return TIMES_ODD;
    *local = days * TIMES_DAY + seconds * TIMES_SECOND;
    at.at += 19;
    if ((times_at(&at, 0) == '.' || times_at(&at, 0) == ',') && cf_is_digit(times_at(&at, 1))) {
        at.at++;
        unsigned digits = times_digits(&at, 6);
        int64_t fraction = 0;
        for (unsigned i = 0; i < 6; i++) fraction = fraction * 10 + (i < digits ? at.at[i] - '0' : 0);
        *local += fraction;
        at.at += digits;
    }
    at.at += times_digits(&at, 3);
    if (times_zoned(&at)) return TIMES_ODD;
    *r = at;
    return 1;
}

/* `{"timestamp": "` before a stamp; odd when its value may be seconds since 1970, or the brace is followed by a line end. */
static int times_skip_name(times_reader *r) {
    static const char *const names[] = {"timestamp", "ts", "time", "date"};
    times_reader at = *r;
    if (times_space(times_at(&at, 0))) at.at++;
    if (times_at(&at, 0) != '"') return 0;
    at.at++;
    bool mark = times_at(&at, 0) == '@';
    if (mark) at.at++;
    size_t size = times_word(at.at, at.end), i = 0;
    while (i < 4 && !times_is(at.at, size, names[i])) i++;
    if (i == 4 || (mark && i)) return 0;
    at.at += size;
    if (times_at(&at, 0) != '"') return 0;
    at.at++;
    if (times_space(times_at(&at, 0))) at.at++;
    if (times_at(&at, 0) != ':') return 0;
    at.at++;
    if (times_space(times_at(&at, 0))) at.at++;
    if (times_at(&at, 0) == '1' && cf_is_digit(times_at(&at, 1)) && i != 3) return TIMES_ODD;
    if (times_at(&at, 0) == '"') at.at++;
    for (const uint8_t *seen = r->at; seen < at.at; seen++)
        if (*seen == '\n') return TIMES_ODD;
    *r = at;
    return 1;
}

/* Forms that are looked at singly: seconds since 1970, days before months, syslog's names of months. */
static bool times_rare(const times_reader *r) {
    times_reader at = *r;
    bool bracket = times_at(&at, 0) == '[';
    if (bracket) at.at++;
    uint8_t first = times_at(&at, 0);
    if (cf_is_digit(first)) {
        if (first == '1' && times_digits(&at, 10) == 10) return true;
        unsigned a = cf_is_digit(times_at(&at, 1)) ? 2 : 1;
        if (times_at(&at, a) != '.' && times_at(&at, a) != '/') return false;
        if (!cf_is_digit(times_at(&at, a + 1))) return false;
        unsigned b = a + (cf_is_digit(times_at(&at, a + 2)) ? 3 : 2);
        return (times_at(&at, b) == '.' || times_at(&at, b) == '/') && times_two(&at, b + 1) >= 0;
    }
    if (first == '<' && !bracket) {
        at.at++;
        unsigned digits = times_digits(&at, 3);
        if (!digits || times_at(&at, digits) != '>') return false;
        at.at += digits + 1;
        first = times_at(&at, 0);
    }
    if (first < 'A' || first > 'Z' || times_at(&at, 3) != ' ') return false;
    uint8_t b = times_at(&at, 1), c = times_at(&at, 2), d = times_at(&at, 4);
    return b >= 'a' && b <= 'z' && c >= 'a' && c <= 'z' && (d == ' ' || cf_is_digit(d)) && cf_is_digit(times_at(&at, 5));
}

/* A stamp at the head of a line: 1, and the reader stands behind it; 0: none; or TIMES_ODD. */
static int times_stamp(times_reader *r, int64_t day, int64_t *local) {
    uint8_t first = times_at(r, 0);
    if (!cf_is_digit(first) && first != '@' && first != '[' && first != '(' && first != '"' && first != '{' && first != '<'
        && (first < 'A' || first > 'Z')) return 0;
    if (times_rare(r)) return TIMES_ODD;
    if (first >= 'A' && first <= 'Z') return 0;
    if (first == '@' || (cf_is_digit(first) && times_at(r, 2) == ':')) return times_take_clock(r, day, local);
    times_reader at = *r;
    if (first == '<') {
        at.at++;
        unsigned digits = times_digits(&at, 3);
        if (!digits || times_at(&at, digits) != '>') return 0;
        at.at += digits + 1;
        if (times_at(&at, 0) == '1' && times_at(&at, 1) == ' ') at.at += 2;
        first = times_at(&at, 0);
    }
    if (first == '{') {
        at.at++;
        if (times_skip_name(&at) == TIMES_ODD) return TIMES_ODD;
    } else if (first == '[' || first == '(' || first == '"') {
        at.at++;
    }
    int found = times_take_date(&at, local);
    if (found == 1) *r = at;
    return found;
}

/* A stamp of web servers may stand within a line: `[09/Jun/2023:`. */
static bool times_of_web(const uint8_t *text, uint64_t size) {
    const uint8_t *end = text + size;
    for (const uint8_t *at = text; (at = memchr(at, '[', (size_t)(end - at))) != NULL; at++) {
        times_reader r = {at, end};
        if (times_at(&r, 3) != '/' || times_at(&r, 7) != '/' || times_at(&r, 12) != ':' || times_two(&r, 1) < 0) continue;
        uint8_t a = times_at(&r, 4), b = times_at(&r, 5), c = times_at(&r, 6);
        if (a >= 'A' && a <= 'Z' && b >= 'a' && b <= 'z' && c >= 'a' && c <= 'z' && times_two(&r, 8) >= 0 && times_two(&r, 10) >= 0)
            return true;
    }
    return false;
}

static int64_t times_part(int64_t local, int64_t width) {
    return local / width - (local % width < 0);
}

static cf_times_part *times_part_of(cf_times_told *told, int64_t number) {
    for (uint32_t i = 0; i < told->count; i++)
        if (told->parts[i].number == number) return &told->parts[i];
    if (told->count == TIMES_PARTS) return NULL;
    cf_times_part *part = &told->parts[told->count++];
    memset(part, 0, sizeof *part);
    part->number = number;
    return part;
}

/* The times of whole lines: how many are stamped, or TIMES_ODD.
 *
 * `day`: local time at which the day begins that clocks are of. `shift`: what is added to a local time before it is divided
 * into stretches of `width`. */
CF_FACE int64_t cf_times(const uint8_t *text, uint64_t size, int64_t day, int64_t shift, int64_t width, cf_times_told *told) {
    const uint8_t *end = text + size, *line = text, *begun = text;
    cf_times_part *part = NULL;
    int64_t before = 0;
    memset(told, 0, offsetof(cf_times_told, parts));
    if (width <= 0 || times_of_web(text, size)) return TIMES_ODD;
    while (line < end) {
        times_reader r = {line, end};
        int64_t local;
        int found = times_stamp(&r, day, &local);
        if (found < 0) return TIMES_ODD;
        if (found) {
            if (!told->records++) {
                told->least = told->most = told->first = local;
                told->place = (uint64_t)(line - text);
            } else {
                if (part) part->size += (uint64_t)(line - begun);
                begun = line;
                if (local - before > told->pause) told->pause = local - before;
            }
            if (local < told->least) told->least = local;
            if (local > told->most) told->most = local;
            before = local;
            int64_t number = times_part(local + shift, width);
            if (!part || part->number != number) part = times_part_of(told, number);
            if (!part) return TIMES_ODD;
            part->records++;
            part->kinds[times_kind(&r)]++;
        }
        const uint8_t *feed = memchr(r.at, '\n', (size_t)(end - r.at));
        if (!feed) break;
        line = feed + 1;
    }
    if (part) part->size += (uint64_t)(end - begun);
    return told->records;
}

/* What `cf_clocks` tells beyond the hours, of which each has its bit. */
enum { CLOCKS_CHECK_POINT = 1 << 24 };

static bool clocks_check_point(const uint8_t *at, const uint8_t *end) {
    static const char point[] = "Check point";
    const size_t size = sizeof point - 1;
    for (; (at = memchr(at, 'C', (size_t)(end - at))) != NULL; at++)
        if ((size_t)(end - at) >= size && memcmp(at, point, size) == 0) return true;
    return false;
}

/* The hours of all clocks with milliseconds at the heads of lines, behind an `@` or not, as bits; and whether a check point
 * may stand in them. `text` begins with the line feed before the first line. */
CF_FACE uint32_t cf_clocks(const uint8_t *text, uint64_t size) {
    const uint8_t *end = text + size;
    uint32_t told = 0;
    for (const uint8_t *feed = text; (feed = memchr(feed, '\n', (size_t)(end - feed))) != NULL; feed++) {
        times_reader r = {feed + 1, end};
        if (times_at(&r, 0) == '@') r.at++;
        if (times_at(&r, 2) != ':' || times_at(&r, 5) != ':' || times_at(&r, 8) != '.') continue;
        int hour = times_two(&r, 0), minute = times_two(&r, 3), second = times_two(&r, 6);
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) continue;
        if (times_two(&r, 9) >= 0 && cf_is_digit(times_at(&r, 11))) told |= 1u << hour;
    }
    return told && clocks_check_point(text, end) ? told | CLOCKS_CHECK_POINT : told;
}
