/* What is called from outside to find and to replace. Nothing here throws: an answer below zero says what went wrong. */
#include "replace.h"

#include <stdlib.h>
#include <string.h>

/* ------ room of one thread */

CF_FACE cf_work *cf_work_new(const cf_settings *settings) {
    cf_work *work = calloc(1, sizeof *work);
    if (!work) return NULL;
    work->settings = settings;
    work->memo = calloc(1, sizeof *work->memo);
    work->lines = calloc(1, sizeof *work->lines);
    if (work->memo && work->lines) return work;
    free(work->memo);
    free(work->lines);
    free(work);
    return NULL;
}

CF_FACE void cf_work_free(cf_work *work) {
    if (!work) return;
    cf_spans *all[] = {&work->found, &work->tokens, &work->shared, &work->heap, &work->teachers, &work->settled, &work->kept};
    for (int i = 0; i < 7; i++) free(all[i]->at);
    cf_spans *again[] = {&work->again.perhaps, &work->again.line, &work->again.found, &work->again.kept, &work->again.fresh};
    for (int i = 0; i < 5; i++) free(again[i]->at);
    free(work->again.text.at);
    for (int i = 0; i <= CF_CACHED; i++) free(work->cache.told[i]);
    free(work->places);
    free(work->memo);
    free(work->lines);
    free(work);
}

/* Before another file: its counts begin at 0. Tokens stay known. */
CF_FACE void cf_work_reset(cf_work *work) {
    memset(work->kinds, 0, sizeof work->kinds);
    memset(work->rules, 0, sizeof work->rules);
    memset(work->stayed, 0, sizeof work->stayed);
}

/* Words that were found to be nobody's business are looked at anew, and lines that were met. */
CF_FACE void cf_work_forget(cf_work *work) {
    memset(work->memo, 0, sizeof *work->memo);
    memset(work->lines, 0, sizeof *work->lines);
}

/* What is read from now on is the table of a file that begins with this header; without one it is none. */
CF_FACE void cf_work_table(cf_work *work, const uint8_t *header, uint32_t size) {
    cf_scan scan = {.text = header, .size = size, .rules = work->settings->rules};
    bool on = size && cf_shape_on(scan.rules, CF_BY_KEY);
    if (!on || !table_header(&scan, header, 0, size, &work->table)) work->table.count = 0;
}

CF_FACE const uint64_t *cf_work_stayed(const cf_work *work) { return work->stayed; }
CF_FACE const uint64_t *cf_work_kinds(const cf_work *work) { return work->kinds; }
CF_FACE const uint64_t *cf_work_rules(const cf_work *work) { return work->rules; }

/* ------ the first phase: what stands in a buffer */

/* Detectors whose values are also masked where they recur. */
static const bool face_teaches[CF_DETECTORS] = {
    [CF_BY_KEY] = true,  [CF_BY_DISPLAY_NAME] = true, [CF_BY_PERSON_NAME] = true, [CF_BY_SIP_URI] = true,
    [CF_BY_MAIL] = true, [CF_BY_LOG_HOST] = true,     [CF_BY_LOGIN] = true,       [CF_BY_PHONE] = true};

static bool span_teaches(const cf_span *span) {
    if (!(span->flags & CF_LEARN)) return false;
    if (span->rule >= CF_RULE_OWN) return true;
    return span->order >= 10 && span->order < 10 + 10 * CF_DETECTORS && face_teaches[span->order / 10 - 1];
}

/* Takes out what stays readable: numbers of the own ranges, and kinds that are kept, which go to `kept`. */
static bool drop_staying(const cf_settings *settings, cf_spans *spans, const uint8_t *text, cf_spans *kept) {
    uint32_t left = 0;
    if (!settings->any_kept && !settings->range_count) return true;
    for (uint32_t i = 0; i < spans->count; i++) {
        const cf_span *span = &spans->at[i];
        if (settings->kept[span->kind]) {
            if (!spans_add(kept, *span)) return false;
        } else if (span->kind != CF_TEL || !number_stays(settings, text + span->start, span->end - span->start)) {
            spans->at[left++] = *span;
        }
    }
    spans->count = left;
    return true;
}

/* What was passed over because of its context is among the answer, and counted. */
static bool detect_all(const cf_rules *rules, const cf_table *table, cf_memo *memo, cf_lines *lines, const uint8_t *text, uint32_t size,
                       cf_spans *found, uint32_t *perhaps) {
    cf_scan scan = {.text = text, .size = size, .rules = rules, .spans = found->at, .room = found->room, .memo = memo, .lines = lines};
    cf_scan_all(&scan);
    if (table && table->count) table_all(&scan, table);
    *found = (cf_spans){scan.spans, scan.count, scan.room};
    *perhaps = scan.perhaps;
    return !scan.failed;
}

static bool detect(const cf_rules *rules, const cf_table *table, cf_memo *memo, cf_lines *lines, const uint8_t *text, uint32_t size,
                   cf_spans *found, cf_spans *perhaps) {
    uint32_t passed;
    if (!detect_all(rules, table, memo, lines, text, size, found, &passed)) return false;
    return !passed || again_part(found, perhaps);
}

/* All places the detectors find in a buffer, before overlaps are settled.
 *
 * Writes at most `room` spans and returns how many there are; CF_TOO_SMALL, CF_NO_MEMORY, CF_TOO_LARGE. */
CF_FACE int64_t cf_detect(const cf_rules *rules, const uint8_t *text, uint64_t size, cf_span *spans, uint64_t room) {
    cf_spans found = {NULL, 0, 0};
    if (size > UINT32_MAX / 2) return CF_TOO_LARGE;
    bool done = detect(rules, NULL, NULL, NULL, text, (uint32_t)size, &found, NULL);
    int64_t count = !done ? CF_NO_MEMORY : found.count > room ? CF_TOO_SMALL : (int64_t)found.count;
    if (count > 0 && found.at) memcpy(spans, found.at, (size_t)count * sizeof *spans);
    free(found.at);
    return count;
}

typedef struct {
    const cf_place *places;
    uint64_t place_count;
    const cf_span *teachers;
    uint64_t teacher_count;
} cf_found_there;

static bool places_add(cf_work *work, const cf_spans *spans, uint8_t flags, uint32_t start, uint32_t end, cf_found_there *answer) {
    uint64_t count = answer->place_count;
    if (work->place_room < count + spans->count) {
        uint32_t room = (uint32_t)count + spans->count;
        cf_place *more = realloc(work->places, room * sizeof *more);
        if (!more) return false;
        work->places = more;
        work->place_room = room;
    }
    for (uint32_t i = 0; i < spans->count; i++) {
        const cf_span *span = &spans->at[i];
        if (span->end <= start || span->start >= end) continue;
        work->places[count++] = (cf_place){span->start, span->end - span->start, span->rule, span->kind, span->flags | flags};
    }
    answer->places = work->places;
    answer->place_count = count;
    return true;
}

/* Shares out what was found, beside the tokens that stand there already. */
static bool share_found(cf_work *work, cf_spans *found, uint8_t flags, uint32_t start, uint32_t end, cf_found_there *answer) {
    work->shared.count = 0;
    if (work->tokens.count && !spans_merge(found, &work->tokens)) return false;
    return settle_share(found, &work->shared, &work->heap) && places_add(work, &work->shared, flags, start, end, answer);
}

/* What stands in the own part [start, end) of a buffer, with the customer's own places (`extra`, in any order).
 *
 * The answer is good until the next call with this room. 0; CF_NO_MEMORY, CF_TOO_LARGE, CF_REFUSED. */
CF_FACE int cf_find(cf_work *work, const uint8_t *text, uint64_t size, uint64_t start, uint64_t end, const cf_span *extra,
                    uint64_t extra_count, cf_found_there *answer) {
    const cf_settings *settings = work->settings;
    if (size > UINT32_MAX / 2 || extra_count > UINT32_MAX / 64) return CF_TOO_LARGE;
    if (start > end || end > size) return CF_REFUSED;
    work->tokens.count = work->teachers.count = work->settled.count = work->kept.count = 0;
    *answer = (cf_found_there){NULL, 0, NULL, 0};
    work->again.perhaps.count = 0;
    if (!detect(settings->rules, &work->table, work->memo, work->lines, text, (uint32_t)size, &work->found, &work->again.perhaps))
        return CF_NO_MEMORY;
    for (uint64_t i = 0; i < extra_count; i++) {
        if (extra[i].start >= extra[i].end || extra[i].end > size || extra[i].kind >= CF_KINDS || extra[i].rule >= CF_RULES)
            return CF_REFUSED;
        if (!spans_add(&work->settled, extra[i])) return CF_NO_MEMORY; /* lent: it is empty in this phase */
    }
    spans_sort(&work->found);
    spans_sort(&work->settled);
    if (work->settled.count && !spans_merge(&work->found, &work->settled)) return CF_NO_MEMORY;
    if (!drop_staying(settings, &work->found, text, &work->kept)) return CF_NO_MEMORY;
    for (uint32_t i = 0; i < work->found.count && settings->learning; i++) {
        const cf_span *span = &work->found.at[i];
        if (span->start < start || span->start >= end || !span_teaches(span)) continue;
        if (!(span->flags & CF_TOUCHING) && settle_beside_token(text, (uint32_t)size, span->start, span->end)) continue;
        if (!spans_add(&work->teachers, *span)) return CF_NO_MEMORY;
    }
    spans_sort(&work->again.perhaps);
    answer->teachers = work->teachers.at;
    answer->teacher_count = work->teachers.count;
    if (!settle_tokens(text, (uint32_t)size, &work->tokens) ||
        !share_found(work, &work->found, 0, (uint32_t)start, (uint32_t)end, answer) ||
        (work->kept.count && !share_found(work, &work->kept, CF_KEPT, (uint32_t)start, (uint32_t)end, answer)) ||
        (work->again.perhaps.count && !places_add(work, &work->again.perhaps, 0, (uint32_t)start, (uint32_t)end, answer)))
        return CF_NO_MEMORY;
    return 0;
}

/* ------ the second phase: what is written for it */

enum { FACE_MARGIN = LONGEST_FORM + 16 };

/* Learned values that are not wholly inside of a place that was found; in order of places. */
static bool probe_new(cf_work *work, const cf_learned *learned, const uint8_t *text, uint32_t size, uint32_t start, uint32_t end) {
    uint32_t left = 0, place = 0;
    bool begins = !start || text[start - 1] == '\n', ends = end == size || (end && text[end - 1] == '\n');
    uint32_t from = begins ? start : start > FACE_MARGIN ? start - FACE_MARGIN : 0;
    uint32_t to = ends || size - end < FACE_MARGIN ? (ends ? end : size) : end + FACE_MARGIN;
    if (!learned_probe(learned, text, size, from, to, &work->found, &work->tokens)) return false;
    if (!drop_staying(work->settings, &work->tokens, text, &work->kept)) return false;
    for (uint32_t i = 0; i < work->tokens.count; i++) {
        const cf_span *span = &work->tokens.at[i];
        while (place < work->found.count && work->found.at[place].end <= span->start) place++;
        while (place && work->found.at[place - 1].end > span->start) place--;
        bool inside = place < work->found.count && work->found.at[place].start <= span->start && span->end <= work->found.at[place].end;
        if (!inside) work->tokens.at[left++] = *span;
    }
    work->tokens.count = left;
    spans_sort(&work->tokens);
    return true;
}

/* Shares and cleans what is in `spans`; the result is in work->settled. */
static bool settle_all(cf_work *work, cf_spans *spans, bool overlap, const uint8_t *text, uint32_t size) {
    const cf_spans *pieces = spans;
    work->shared.count = work->settled.count = 0;
    if (overlap) {
        if (!settle_share(spans, &work->shared, &work->heap)) return false;
        pieces = &work->shared;
    }
    for (uint32_t i = 0; i < pieces->count; i++)
        if (!settle_clean(&pieces->at[i], text, size, &work->settled)) return false;
    return true;
}

/* Counts what stays readable because its kind is kept. */
static bool count_kept(cf_work *work, const uint8_t *text, uint32_t size, uint32_t start, uint32_t end) {
    if (!work->kept.count) return true;
    spans_sort(&work->kept);
    if (!settle_all(work, &work->kept, true, text, size)) return false;
    for (uint32_t i = 0; i < work->settled.count; i++) {
        const cf_span *span = &work->settled.at[i];
        if (span->start >= start && span->start < end) work->stayed[span->kind]++;
    }
    return true;
}

/* Settles the places that `cf_find` gave for this part, with the learned values, and counts them. `from` is where the
 * part before has ended (at least `start`). Answers where this part ends (at least `end`), or an error. */
CF_FACE int64_t cf_settle(cf_work *work, const cf_learned *learned, const uint8_t *text, uint64_t size, uint64_t start, uint64_t end,
                          uint64_t from, const cf_place *places, uint64_t count) {
    uint32_t left = 0;
    if (size > UINT32_MAX / 2 || count > UINT32_MAX / 64) return CF_TOO_LARGE;
    if (start > end || end > size || from < start || from > size) return CF_REFUSED;
    work->found.count = work->tokens.count = work->kept.count = work->again.perhaps.count = 0;
    for (uint64_t i = 0; i < count; i++) {
        const cf_place *p = &places[i];
        if ((uint64_t)p->start + p->size > size || (p->kind >= CF_KINDS && p->kind != CF_KIND_TOKEN) || p->rule >= CF_RULES)
            return CF_REFUSED;
        uint16_t order = p->kind == CF_KIND_TOKEN ? CF_ORDER_TOKEN : CF_ORDER_TOKEN + 1; /* they do not overlap any more */
        cf_span span = {p->start, p->start + p->size, order, p->rule, p->kind, p->flags & ~CF_KEPT, 0, -1};
        cf_spans *to = p->flags & CF_PERHAPS ? &work->again.perhaps : p->flags & CF_KEPT ? &work->kept : &work->found;
        if (!spans_add(to, span)) return CF_NO_MEMORY;
    }
    if (learned && !probe_new(work, learned, text, (uint32_t)size, (uint32_t)start, (uint32_t)end)) return CF_NO_MEMORY;
    if (!count_kept(work, text, (uint32_t)size, (uint32_t)start, (uint32_t)end)) return CF_NO_MEMORY;
    bool overlap = work->tokens.count > 0;
    if (overlap && !spans_merge(&work->found, &work->tokens)) return CF_NO_MEMORY;
    if (!settle_all(work, &work->found, overlap, text, (uint32_t)size)) return CF_NO_MEMORY;
    if (work->again.perhaps.count && work->settled.count &&
        !settle_again(work, text, (uint32_t)size, (uint32_t)start, (uint32_t)end))
        return CF_NO_MEMORY;
    for (uint32_t i = 0; i < work->settled.count; i++) {
        cf_span span = work->settled.at[i];
        if (span.end <= from || span.start >= end) continue;
        if (span.start < from) {
            span.start = (uint32_t)from;
            span.learned = -1;
        }
        work->settled.at[left++] = span;
        work->kinds[span.kind]++;
        work->rules[span.rule]++;
    }
    work->settled.count = left;
    work->next = 0;
    work->at = (uint32_t)from;
    work->end = (uint32_t)(from > end ? from : end);
    if (left && work->settled.at[left - 1].end > work->end) work->end = work->settled.at[left - 1].end;
    return work->end;
}

/* What `cf_settle` settled; good until the next call with this room. */
CF_FACE const cf_span *cf_settled(const cf_work *work, uint64_t *count) {
    *count = work->settled.count;
    return work->settled.at;
}

/* The value a span's token is made of. */
static const uint8_t *value_of(const cf_learned *learned, const uint8_t *text, const cf_span *span, uint32_t *size) {
    if (learned && span->learned >= 0) return learned_value(learned, span->learned, size);
    *size = span->end - span->start;
    return text + span->start;
}

CF_FACE const uint8_t *cf_value_of(const cf_learned *learned, const uint8_t *text, const cf_span *span, uint32_t *size) {
    return value_of(learned, text, span, size);
}

typedef struct {
    uint64_t written;
    const uint8_t *raw; /* whose token is asked for */
    uint32_t raw_size;
    int32_t kind;
} cf_progress;

enum { CF_DONE, CF_FULL, CF_ASKS };

enum {
    WRITE_AHEAD = 8,  /* spans whose tokens are asked for before their turn, so that they are at hand */
    WRITE_SHORT = 32, /* bytes between two values that are copied at a stroke, with some behind them */
};

/* Writes what was settled; called again while it answers CF_FULL (with fresh room of at least 1 KiB) or CF_ASKS (after
 * `cf_tell`). */
CF_FACE int cf_write(cf_work *work, const cf_learned *learned, const uint8_t *text, uint8_t *out, uint64_t room, cf_progress *progress) {
    uint8_t *to = out, *stop = out + room;
    uint64_t hashes[WRITE_AHEAD];
    uint32_t asked = work->next;
    int answer = CF_DONE;
    for (;;) {
        for (; asked < work->settled.count && asked < work->next + WRITE_AHEAD; asked++) {
            const cf_span *soon = &work->settled.at[asked];
            uint32_t size;
            const uint8_t *raw = value_of(learned, text, soon, &size);
            hashes[asked % WRITE_AHEAD] = value_hash(work->settings, (cf_kind)soon->kind, raw, size);
            token_expect(work, hashes[asked % WRITE_AHEAD]);
        }
        const cf_span *span = work->next < work->settled.count ? &work->settled.at[work->next] : NULL;
        uint32_t plain = (span ? span->start : work->end) - work->at;
        if (plain > (size_t)(stop - to)) {
            plain = (uint32_t)(stop - to);
            answer = CF_FULL;
        }
        if (plain <= WRITE_SHORT && work->end - work->at >= WRITE_SHORT && stop - to >= WRITE_SHORT)
            memcpy(to, text + work->at, WRITE_SHORT);
        else if (plain) memcpy(to, text + work->at, plain);
        work->at += plain;
        to += plain;
        if (!span || answer) break;
        if (stop - to < CF_LONGEST_TOKEN) {
            answer = CF_FULL;
            break;
        }
        progress->raw = value_of(learned, text, span, &progress->raw_size);
        progress->kind = span->kind;
        uint32_t size = token_write(work, (cf_kind)span->kind, progress->raw, progress->raw_size, hashes[work->next % WRITE_AHEAD], to);
        if (!size) {
            answer = CF_ASKS;
            break;
        }
        to += size;
        work->at = span->end;
        work->next++;
    }
    progress->written = (uint64_t)(to - out);
    return answer;
}

/* The token of a value that was asked for. */
CF_FACE int cf_tell(cf_work *work, int kind, const uint8_t *raw, uint32_t size, const uint8_t *token, uint32_t token_size) {
    if (kind < 0 || kind >= CF_KINDS) return CF_REFUSED;
    return token_tell(work, (cf_kind)kind, raw, size, token, token_size);
}

/* ------ checks */

/* What is counted of up to 128 bytes has room in one byte; whole ones are of a fixed size, which compilers make the most of. */
enum { FACE_PART = 128 };

static inline uint32_t lines_in(const uint8_t *text, uint32_t size) {
    uint8_t lines = 0;
    for (uint32_t i = 0; i < size; i++) lines += text[i] == '\n';
    return lines;
}

CF_FACE uint64_t cf_count_lines(const uint8_t *text, uint64_t size) {
    uint64_t lines = 0, at = 0;
    for (; size - at >= FACE_PART; at += FACE_PART) lines += lines_in(text + at, FACE_PART);
    return at == size ? lines : lines + lines_in(text + at, (uint32_t)(size - at)); /* nothing may have no address */
}

CF_FACE int cf_is_utf8(const uint8_t *text, uint64_t size) {
    for (uint64_t at = 0; at < size;) {
        uint64_t part[4];
        while (size - at >= 32 && (memcpy(part, text + at, 32), !((part[0] | part[1] | part[2] | part[3]) & 0x8080808080808080u))) at += 32;
        while (at < size && text[at] < 0x80) at++;
        if (at == size) break;
        uint32_t length, rest = size - at > 4 ? 4 : (uint32_t)(size - at);
        utf8_next(text + at, rest, &length);
        if (!length) return 0;
        at += length;
    }
    return 1;
}

/* Adds how many control characters up to 128 bytes hold that text seldom has, and how many bytes beyond ASCII. */
static inline void plain_part(const uint8_t *text, uint32_t size, uint32_t *controls, uint32_t *wide) {
    uint8_t rare = 0, beyond = 0;
    for (uint32_t i = 0; i < size; i++) {
        uint8_t c = text[i];
        rare += (uint8_t)(c < 8) | ((uint8_t)(c > 13) & (uint8_t)(c < 32) & (uint8_t)(c != 27)) | (uint8_t)(c == 127);
        beyond += c >> 7;
    }
    *controls += rare;
    *wide += beyond;
}

/* Whether 8-bit text has so few control characters, and is so nearly ASCII or UTF-8, that no closer look is needed
 * (app/logs/binary.py takes it for text whatever its pieces are). 0: a closer look is needed. */
CF_FACE int cf_is_plain(const uint8_t *text, uint64_t size) {
    bool high = false;
    for (uint64_t at = 0; at < size; at += 4096) {
        uint32_t part = size - at > 4096 ? 4096 : (uint32_t)(size - at), controls = 0, wide = 0, i = 0;
        for (; part - i >= FACE_PART; i += FACE_PART) plain_part(text + at + i, FACE_PART, &controls, &wide);
        plain_part(text + at + i, part - i, &controls, &wide);
        if (controls > 4) return 0;
        if (controls && memchr(text + at, 0, part)) return 0;
        high |= wide > (size < 4096 ? 3 : 400);
    }
    return !high || cf_is_utf8(text, size);
}

/* A digest of a buffer, to see that it is the same in both phases. Whoever changes a log while it is masked does not
 * know the key's seed. */
CF_FACE uint64_t cf_same(const cf_settings *settings, const uint8_t *text, uint64_t size) {
    uint64_t lane[4] = {settings->seed, ~settings->seed, settings->seed * 3, size}, part[4];
    for (; size >= 32; text += 32, size -= 32) {
        memcpy(part, text, 32);
        for (int i = 0; i < 4; i++) {
            lane[i] = (lane[i] ^ part[i]) * 0x9E3779B97F4A7C15u;
            lane[i] ^= lane[i] >> 29;
        }
    }
    for (; size; size--) lane[0] = (lane[0] ^ *text++) * 0x9E3779B97F4A7C15u;
    return cf_mix(lane[0] ^ cf_mix(lane[1] ^ cf_mix(lane[2] ^ cf_mix(lane[3]))));
}

/* Whether a token stands at a place, and how long it is; whether one ends there. For tests. */
CF_FACE uint32_t cf_token_at(const uint8_t *text, uint32_t size, uint32_t at) { return token_at(text, size, at); }
CF_FACE int cf_token_ends(const uint8_t *text, uint32_t end) { return token_ends(text, end); }
