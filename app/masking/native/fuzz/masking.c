/* Any bytes through the whole core as it is called from outside: found, learned, settled, written.
 *
 * The first bytes of an input choose the rules, where windows end, what is known before and which places the customer's
 * own rules find; the rest is text. Whatever is given to the core is copied to memory of exactly its size. Built by
 * tests/fuzz/run.py with libFuzzer; told.h holds what engines of Python told the core. */
#include "core_told.h"
#include "told.h"

#include <stdio.h>
#include <stdlib.h>

enum { HEAD = 8, ROOM = 1024, WINDOWS = 64, OWN_PLACES = 3 };

/* Bits of the first byte. */
enum { SITE_RULES = 1, SMALL_WINDOWS = 2, MID_LINE = 4, KNOWN = 8, OWN = 16, SHORT_AROUND = 32 };

static told_engine engines[2];
static void *rooms[2]; /* of one thread, as an engine keeps it from file to file */
static void *fresh[2]; /* rooms that remember no word */

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "the core breaks a promise: %s\n", what);
    abort();
}

int LLVMFuzzerInitialize(int *count, char ***words);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *count, char ***words) {
    told_call call;
    (void)count, (void)words;
    must(told_open(&engines[0], told_default, sizeof told_default, &call), "the default rules are taken");
    must(told_open(&engines[1], told_site, sizeof told_site, &call), "the rules of a site are taken");
    for (int i = 0; i < 2; i++) {
        must((rooms[i] = cf_work_new(engines[i].settings)) != NULL, "there is memory");
        must((fresh[i] = cf_work_new(engines[i].settings)) != NULL, "there is memory");
    }
    return 0;
}

typedef struct {
    uint8_t *at;
    size_t size, room;
} output;

static void output_add(output *out, const uint8_t *data, size_t size) {
    if (out->size + size > out->room) {
        out->room = 2 * (out->size + size);
        out->at = realloc(out->at, out->room);
        must(out->at != NULL, "there is memory");
    }
    if (size) memcpy(out->at + out->size, data, size);
    out->size += size;
}

static uint8_t *copied(const uint8_t *text, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    must(copy != NULL, "there is memory");
    if (size) memcpy(copy, text, size);
    return copy;
}

/* How one input is masked. */
typedef struct {
    const uint8_t *head, *text;
    size_t size;
    void *settings, *learned, *work, *fresh;
    core_span own[OWN_PLACES];
    uint32_t own_count;
} job;

typedef struct {
    size_t buffer, start, end, stop;
    core_place *places;
    uint64_t count;
} window;

static uint32_t cut_windows(const job *job, window *windows) {
    const uint8_t *head = job->head;
    size_t own = head[0] & SMALL_WINDOWS ? 1 + head[1] * (size_t)8 : job->size, at = 0;
    size_t around = head[0] & SHORT_AROUND ? head[2] : job->size;
    uint32_t count = 0;
    while (at < job->size) {
        size_t end = count == WINDOWS - 1 || job->size - at < own ? job->size : at + own;
        if (!(head[0] & MID_LINE))
            while (end < job->size && job->text[end - 1] != '\n') end++;
        size_t stop = job->size - end < around ? job->size : end + around;
        windows[count++] = (window){at < around ? 0 : at - around, at, end, stop, NULL, 0};
        at = end;
    }
    return count;
}

/* The forms of a value that Python would be asked for: here the value itself, and its half. */
static void answer_pending(void *learned) {
    uint8_t kind;
    core_text text;
    uint32_t size;
    int64_t index;
    while ((index = cf_learned_pending(learned, &kind, &text, &size)) >= 0) {
        must(kind < CORE_KINDS, "a value has a kind");
        uint8_t *form = copied(text, size); /* the core may move its own while it takes one */
        must(cf_learned_form(learned, index, form, size) == 0, "a form is taken");
        must(cf_learned_form(learned, index, form, size / 2) == 0, "a shorter form is taken");
        free(form);
    }
}

static void find(const job *job, window *here) {
    core_found found;
    core_span own[OWN_PLACES];
    uint32_t own_count = 0;
    size_t size = here->stop - here->buffer;
    uint8_t *text = copied(job->text + here->buffer, size);
    for (uint32_t i = 0; i < job->own_count; i++) {
        core_span span = job->own[i];
        if (span.start < here->buffer || span.end > here->stop) continue;
        span.start -= (uint32_t)here->buffer;
        span.end -= (uint32_t)here->buffer;
        own[own_count++] = span;
    }
    must(cf_find(job->work, text, size, here->start - here->buffer, here->end - here->buffer, own, own_count, &found) == 0,
         "a window is searched");
    core_found anew;
    cf_work_forget(job->fresh);
    must(cf_find(job->fresh, text, size, here->start - here->buffer, here->end - here->buffer, own, own_count, &anew) == 0,
         "a window is searched anew");
    must(anew.place_count == found.place_count && anew.teacher_count == found.teacher_count &&
             (!found.place_count || memcmp(anew.places, found.places, found.place_count * sizeof *found.places) == 0) &&
             (!found.teacher_count || memcmp(anew.teachers, found.teachers, found.teacher_count * sizeof *found.teachers) == 0),
         "words that are remembered change nothing");
    uint64_t before = 0;
    for (uint64_t i = 0; i < found.place_count; i++) {
        const core_place *place = &found.places[i];
        must(place->size > 0 && (uint64_t)place->start + place->size <= size, "places are inside of their window");
        bool no_value = place->flags & (CORE_KEPT | CORE_PERHAPS);
        must(no_value || place->start >= before, "places do not overlap and are in order");
        if (!no_value) before = (uint64_t)place->start + place->size;
    }
    for (uint64_t i = 0; i < found.teacher_count; i++)
        must(found.teachers[i].start < found.teachers[i].end && found.teachers[i].end <= size, "what teaches is inside");
    here->count = found.place_count;
    here->places = (core_place *)(void *)copied((const uint8_t *)found.places, found.place_count * sizeof *found.places);
    must(cf_learned_take(job->learned, text, size, found.teachers, found.teacher_count) == 0, "what teaches is learned");
    answer_pending(job->learned);
    free(text);
}

/* A token as Python might answer: of the value's own bytes, so that equal values have equal ones. */
static void answer_token(const job *job, const core_progress *asked) {
    char token[64];
    uint64_t hash = (uint64_t)asked->kind;
    for (uint32_t i = 0; i < asked->raw_size; i++) hash = (hash ^ asked->raw[i]) * 0x9E3779B97F4A7C15u;
    int size = snprintf(token, sizeof token, "<CUSTOM:%016llx>", (unsigned long long)hash);
    must(cf_tell(job->work, asked->kind, asked->raw, asked->raw_size, (core_text)token, (uint32_t)size) == 0, "a token is told");
}

static size_t put(const job *job, const window *here, size_t over, output *out, uint64_t *replaced) {
    size_t size = here->stop - here->buffer, start = here->start - here->buffer, end = here->end - here->buffer;
    uint8_t *text = copied(job->text + here->buffer, size);
    uint64_t count;
    int64_t ends = cf_settle(job->work, job->learned, text, size, start, end, start + over, here->places, here->count);
    must(ends >= (int64_t)end && ends <= (int64_t)size, "a part ends where it should or behind");
    const core_span *spans = cf_settled(job->work, &count);
    size_t before = start + over;
    for (uint64_t i = 0; i < count; i++) {
        must(spans[i].start >= before && spans[i].start < spans[i].end && spans[i].end <= (uint64_t)ends, "spans are in order");
        must(spans[i].kind < CORE_KINDS && spans[i].rule < CORE_RULES, "spans have a kind and a rule");
        must(memchr(text + spans[i].start, '\n', spans[i].end - spans[i].start) == NULL, "no span holds a line's end");
        before = spans[i].end;
    }
    *replaced += count;
    core_progress progress;
    int status;
    do {
        uint8_t *written = malloc(ROOM);
        must(written != NULL, "there is memory");
        memset(&progress, 0, sizeof progress);
        status = cf_write(job->work, job->learned, text, written, ROOM, &progress);
        must(status >= CORE_DONE && status <= CORE_ASKS && progress.written <= ROOM, "what is settled is written");
        output_add(out, written, (size_t)progress.written);
        if (status == CORE_ASKS) answer_token(job, &progress);
        free(written);
    } while (status != CORE_DONE);
    free(text);
    return (size_t)ends - end;
}

enum { AROUND = 512 };

/* A text is searched by who remembers lines and words, and anew. */
static void find_both(const job *job, const uint8_t *text, size_t size) {
    core_found found, anew;
    must(cf_find(job->work, text, size, 0, size, NULL, 0, &found) == 0, "other lines are searched");
    cf_work_forget(job->fresh);
    must(cf_find(job->fresh, text, size, 0, size, NULL, 0, &anew) == 0, "other lines are searched anew");
    must(anew.place_count == found.place_count &&
             (!found.place_count || memcmp(anew.places, found.places, found.place_count * sizeof *found.places) == 0),
         "lines that are remembered change nothing");
}

static uint8_t *only_ends(size_t size) {
    uint8_t *text = malloc(size);
    must(text != NULL, "there is memory");
    memset(text, '\n', size);
    return text;
}

/* The lines in their turned order, which are met beside others now; none stands at an end of the text. */
static void find_turned(const job *job) {
    size_t size = job->size + 2 * AROUND, at = AROUND;
    uint8_t *text = only_ends(size);
    for (size_t end = job->size; end;) {
        size_t start = end - 1;
        while (start && job->text[start - 1] != '\n') start--;
        memcpy(text + at, job->text + start, end - start);
        at += end - start;
        end = start;
    }
    find_both(job, text, size);
    free(text);
}

/* Each line alone between two others, and then beside its own neighbours by who has met them alone. */
static void find_apart(const job *job, uint8_t other) {
    size_t size = 3 * job->size + 2 * AROUND, at = AROUND;
    uint8_t *text = only_ends(size);
    cf_work_forget(job->work);
    for (size_t i = 0; i < job->size; i++) {
        text[at++] = job->text[i];
        if (job->text[i] != '\n') continue;
        text[at++] = other;
        at++;
    }
    find_both(job, text, size);
    memset(text, '\n', size);
    if (job->size) memcpy(text + AROUND, job->text, job->size);
    find_both(job, text, job->size + 2 * AROUND);
    free(text);
}

/* Masks all of it; how many places were replaced. */
static uint64_t mask(job *job, output *out) {
    window windows[WINDOWS];
    uint64_t replaced = 0;
    size_t over = 0;
    job->learned = cf_learned_new(job->settings);
    must(job->learned != NULL, "there is memory");
    cf_work_reset(job->work);
    if (job->head[0] & KNOWN && job->size > 16) {
        must(cf_learned_know(job->learned, job->head[3] % CORE_KINDS, job->text + job->size - 12, 12) == 0, "a site's value is known");
        answer_pending(job->learned);
    }
    uint32_t count = cut_windows(job, windows);
    for (uint32_t i = 0; i < count; i++) find(job, &windows[i]);
    for (uint32_t i = 0; i < count; i++) {
        if (!windows[i].start || job->text[windows[i].start - 1] == '\n') must(over == 0, "nothing reaches over a line's end");
        over = put(job, &windows[i], over, out, &replaced);
        free(windows[i].places);
    }
    uint64_t counted = 0;
    for (int kind = 0; kind < CORE_KINDS; kind++) counted += cf_work_kinds(job->work)[kind];
    must(counted == replaced, "what is replaced is counted");
    cf_learned_free(job->learned);
    return replaced;
}

static void choose_own(job *job) {
    if (!(job->head[0] & OWN) || !job->size) return;
    for (uint32_t i = 0; i < OWN_PLACES; i++) {
        uint32_t start = (uint32_t)((size_t)job->head[4 + i] * job->size / 256), size = 1 + job->head[7] % (40 * (i + 1));
        if (start + size > job->size) continue;
        job->own[job->own_count++] = (core_span){
            start, start + size, (uint16_t)(1 + i), (uint16_t)(CORE_OWN_RULE + i), (uint8_t)((job->head[7] + i) % CORE_KINDS),
            CORE_TOUCHING | (i & 1 ? CORE_LEARN : 0), 0, -1};
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t again[HEAD] = {0};
    if (size < HEAD) return 0;
    int chosen = data[0] & SITE_RULES;
    output once = {NULL, 0, 0}, twice = {NULL, 0, 0};
    job first = {.head = data, .text = data + HEAD, .size = size - HEAD, .settings = engines[chosen].settings, .work = rooms[chosen], .fresh = fresh[chosen]};
    choose_own(&first);
    mask(&first, &once);
    find_turned(&first);
    find_apart(&first, '\n');
    find_apart(&first, 'x');
    must(cf_count_lines(once.at, once.size) == cf_count_lines(first.text, first.size), "as many lines come out as went in");
    if (!(data[0] & (SMALL_WINDOWS | KNOWN | OWN))) {
        again[0] = data[0] & SITE_RULES;
        job second = {.head = again, .text = once.at, .size = once.size, .settings = engines[chosen].settings, .work = rooms[chosen], .fresh = fresh[chosen]};
        bool settled = mask(&second, &twice) == 0;
#ifdef MASKING_TWICE /* ./dev fuzz SECONDS with CASEFERRY_FUZZ_TWICE=1: the detectors do not keep it for every text yet */
        must(settled, "masking twice is masking once");
#endif
        if (settled)
            must(twice.size == once.size && (!once.size || memcmp(once.at, twice.at, once.size) == 0), "what is not replaced stays");
    }
    free(once.at);
    free(twice.at);
    return 0;
}
