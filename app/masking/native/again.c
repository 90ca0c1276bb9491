/* A second look at a line in which a value was masked that had told what another one is (app/masking/secondlook.py):
 * `login by oracle 10.2.0.4` is a version only as long as `oracle` stands there. Without it a later run would mask more.
 *
 * Detectors note what they passed over because of words before it (CF_PERHAPS); only lines with such a place behind a
 * masked value are scanned again, as they will stand in the masked text, until nothing more is found. */
#include "replace.h"
#include "sixteen.h"

#include <string.h>

enum { AGAIN_LONGEST = 2048, AGAIN_ROUNDS = 4 };

static bool detect(const cf_rules *rules, const cf_table *table, cf_memo *memo, cf_lines *lines, const uint8_t *text, uint32_t size,
                   cf_spans *found, cf_spans *perhaps);
static bool drop_staying(const cf_settings *settings, cf_spans *spans, const uint8_t *text, cf_spans *kept);

/* Moves what was passed over because of its context out of what was found. */
static bool again_part(cf_spans *found, cf_spans *perhaps) {
    uint32_t left = 0;
    for (uint32_t i = 0; i < found->count; i++) {
        if (!(found->at[i].flags & CF_PERHAPS)) found->at[left++] = found->at[i];
        else if (perhaps && !spans_add(perhaps, found->at[i])) return false;
    }
    found->count = left;
    return true;
}

/* The line from `from` to `to` with tokens in the places of `again.line`. */
static bool again_written(cf_again *again, const uint8_t *text, uint32_t from, uint32_t to) {
    static const char digits[] = ":0123456789abcdef>";
    again->text.size = 0;
    for (uint32_t i = 0; i < again->line.count; i++) {
        const cf_span *span = &again->line.at[i];
        const char *kind = cf_kind_names[span->kind];
        if (!bytes_add(&again->text, text + from, span->start - from) || !bytes_add(&again->text, (const uint8_t *)"<", 1) ||
            !bytes_add(&again->text, (const uint8_t *)kind, strlen(kind)) ||
            !bytes_add(&again->text, (const uint8_t *)digits, sizeof digits - 1))
            return false;
        from = span->end;
    }
    return bytes_add(&again->text, text + from, to - from);
}

/* Where a place of the written line stands in the text; it is in no token. */
static uint32_t again_place(const cf_again *again, uint32_t from, uint32_t at) {
    for (uint32_t i = 0; i < again->line.count; i++) {
        const cf_span *span = &again->line.at[i];
        uint32_t token = (uint32_t)strlen(cf_kind_names[span->kind]) + 19;
        if (at < span->start - from) break;
        at -= span->start - from + token;
        from = span->end;
    }
    return from + at;
}

/* What stands in the written line beside the tokens: in `again.fresh`. */
static bool again_found(cf_work *work) {
    cf_again *again = &work->again;
    const uint8_t *text = again->text.at;
    uint32_t size = (uint32_t)again->text.size;
    again->found.count = again->kept.count = again->fresh.count = work->tokens.count = work->shared.count = 0;
    if (!detect(work->settings->rules, NULL, NULL, NULL, text, size, &again->found, NULL)) return false;
    spans_sort(&again->found);
    if (!drop_staying(work->settings, &again->found, text, &again->kept) || !settle_tokens(text, size, &work->tokens)) return false;
    if (!spans_merge(&again->found, &work->tokens) || !settle_share(&again->found, &work->shared, &work->heap)) return false;
    for (uint32_t i = 0; i < work->shared.count; i++)
        if (!settle_clean(&work->shared.at[i], text, size, &again->fresh)) return false;
    return true;
}

/* Looks at a line whose places are in `again.line`; adds to what was settled. */
static bool again_line(cf_work *work, const uint8_t *text, uint32_t from, uint32_t to) {
    cf_again *again = &work->again;
    for (unsigned round = 0; round < AGAIN_ROUNDS; round++) {
        if (!again_written(again, text, from, to) || !again_found(work)) return false;
        for (uint32_t i = 0; i < again->fresh.count; i++) {
            cf_span *span = &again->fresh.at[i];
            uint32_t start = again_place(again, from, span->start);
            span->end = start + (span->end - span->start);
            span->start = start;
        }
        for (uint32_t i = 0; i < again->fresh.count; i++)
            if (!spans_add(&again->line, again->fresh.at[i]) || !spans_add(&work->settled, again->fresh.at[i])) return false;
        if (!again->fresh.count) break;
        spans_sort(&again->line);
    }
    return true;
}

/* Looks again where it may matter, in lines that are wholly inside of [start, end); what was settled is in order. */
static bool settle_again(cf_work *work, const uint8_t *text, uint32_t size, uint32_t start, uint32_t end) {
    cf_again *again = &work->again;
    uint32_t known = work->settled.count, next = 0, done = start;
    for (uint32_t i = 0; i < again->perhaps.count; i++) {
        uint32_t place = again->perhaps.at[i].start, from = place, to = place;
        if (place < done || place >= end) continue;
        from = sixteen_behind_last(text, place - start > AGAIN_LONGEST ? place - AGAIN_LONGEST : start, place, '\n', '\n');
        while (to < end && to - from < AGAIN_LONGEST && text[to] != '\n') to++;
        if ((from && text[from - 1] != '\n') || (to < size && text[to] != '\n')) continue;
        while (next < known && work->settled.at[next].end <= from) next++;
        if (next == known || work->settled.at[next].end > place) continue;
        again->line.count = 0;
        for (uint32_t j = next; j < known && work->settled.at[j].start < to; j++)
            if (!spans_add(&again->line, work->settled.at[j])) return false;
        if (!again_line(work, text, from, to)) return false;
        done = to;
    }
    if (work->settled.count > known) spans_sort(&work->settled);
    return true;
}
