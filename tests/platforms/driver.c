/* Masks one file with the core of a platform, in two passes and window by window like the engine in Python.
 *
 * `driver TOLD TEXT MASKED` where the core is linked, `driver LIBRARY TOLD TEXT MASKED` where it is loaded. TOLD is what
 * tests/peers/core_told.py wrote. What is counted stands on the standard output, the same on every platform; which
 * instructions make digests, on the standard error. Ends with 1 and a reason where the core refuses anything. */
#include "../peers/core_told.h"

#include <stdio.h>
#include <stdlib.h>

#if defined(CORE_LOADED) && defined(_WIN32)
#include <windows.h>
#elif defined(CORE_LOADED)
#include <dlfcn.h>
#endif

enum { OWN = 64 * 1024, AROUND = 12 * 1024, ROOM = 32 * 1024 };

typedef struct {
    uint8_t *at;
    size_t size;
} file_text;

/* A piece of the file with its surroundings: offsets in the file. */
typedef struct {
    size_t buffer, start, end, stop;
} window;

/* Windows end at a line's end where there is one, as those of app/masking/stream.py; what is masked does not depend on
 * where exactly. */
typedef struct {
    const file_text *file;
    size_t before, at, read;
    bool done;
} reading;

typedef struct {
    core_place *places;
    uint64_t count, same;
} found_there;

static void fail(const char *what, long long why) {
    fprintf(stderr, "driver: %s: %lld\n", what, why);
    exit(1);
}

static void *made(void *thing, const char *what) {
    if (!thing) fail(what, 0);
    return thing;
}

static file_text read_file(const char *path) {
    file_text file = {NULL, 0};
    FILE *source = made(fopen(path, "rb"), path);
    if (fseek(source, 0, SEEK_END) != 0) fail(path, 0);
    file.size = (size_t)ftell(source);
    rewind(source);
    file.at = made(malloc(file.size + 1), "memory");
    if (fread(file.at, 1, file.size, source) != file.size) fail(path, 1);
    fclose(source);
    return file;
}

static size_t last_of(const uint8_t *text, char mark, size_t from, size_t to) {
    while (to-- > from)
        if (text[to] == (uint8_t)mark) return to + 1;
    return 0;
}

static size_t border(const uint8_t *ahead, size_t size) {
    static const char marks[] = " \t;,";
    size_t cut = last_of(ahead, '\n', 0, OWN);
    for (const char *mark = marks; !cut && *mark; mark++) cut = last_of(ahead, *mark, OWN / 2, OWN);
    if (cut) return cut;
    for (cut = OWN < size ? OWN : size; cut && cut < size && (ahead[cut] & 0xC0) == 0x80 && cut > OWN - 4;) cut--;
    return cut;
}

static bool next_window(reading *reading, window *here) {
    const uint8_t *text = reading->file->at;
    while (!reading->done && reading->read - reading->at < OWN + AROUND) {
        size_t left = reading->file->size - reading->read;
        reading->read += left < OWN ? left : OWN;
        reading->done = !left;
    }
    size_t ahead = reading->read - reading->at, end;
    if (!ahead) return false;
    end = reading->at + (reading->done && ahead <= OWN ? ahead : border(text + reading->at, ahead));
    *here = (window){reading->before, reading->at, end, reading->read};
    if (end - reading->before > AROUND) {
        const uint8_t *feed = memchr(text + end - AROUND, '\n', AROUND);
        bool near_start = feed && (size_t)(feed - text) < end - AROUND / 2;
        reading->before = near_start ? (size_t)(feed - text) + 1 : end - AROUND;
    }
    reading->at = end;
    return true;
}

/* What was told, and the things that Python's answers are told to. */
typedef struct {
    const file_text *told;
    void *learned, *work;
} answers;

static void answer_forms(const answers *told, int64_t index) {
    told_reader reader = {told->told->at, told->told->at + told->told->size};
    told_call call;
    while (told_next(&reader, &call))
        if (told_is(&call, "cf_learned_form") && call.number[0] == index) {
            int answer = cf_learned_form(told->learned, index, call.text[0], call.size[0]);
            if (answer < 0) fail("cf_learned_form", answer);
        }
}

static void answer_token(const answers *told, const core_progress *asked) {
    told_reader reader = {told->told->at, told->told->at + told->told->size};
    told_call call;
    while (told_next(&reader, &call))
        if (told_is(&call, "cf_tell") && call.number[0] == asked->kind && call.size[0] == asked->raw_size &&
            memcmp(call.text[0], asked->raw, asked->raw_size) == 0) {
            int answer = cf_tell(told->work, asked->kind, asked->raw, asked->raw_size, call.text[1], call.size[1]);
            if (answer < 0) fail("cf_tell", answer);
            return;
        }
    fail("a token is asked for that Python was not asked for, of kind", asked->kind);
}

static void answer_pending(const answers *told) {
    uint8_t kind;
    core_text text;
    uint32_t size;
    int64_t index;
    while ((index = cf_learned_pending(told->learned, &kind, &text, &size)) >= 0) answer_forms(told, index);
}

static void know_site(const answers *told) {
    told_reader reader = {told->told->at, told->told->at + told->told->size};
    told_call call;
    while (told_next(&reader, &call))
        if (told_is(&call, "cf_learned_know")) {
            int answer = cf_learned_know(told->learned, (int)call.number[0], call.text[0], call.size[0]);
            if (answer < 0) fail("cf_learned_know", answer);
        }
    answer_pending(told);
}

/* The first pass over one window. */
static found_there find(const answers *told, const void *settings, const uint8_t *text, const window *here) {
    core_found found;
    size_t size = here->stop - here->buffer;
    text += here->buffer;
    int answer = cf_find(told->work, text, size, here->start - here->buffer, here->end - here->buffer, NULL, 0, &found);
    if (answer) fail("cf_find", answer);
    size_t bytes = (size_t)found.place_count * sizeof *found.places;
    found_there there = {made(malloc(bytes + 1), "memory"), found.place_count, cf_same(settings, text, size)};
    if (bytes) memcpy(there.places, found.places, bytes);
    answer = cf_learned_take(told->learned, text, size, found.teachers, found.teacher_count);
    if (answer) fail("cf_learned_take", answer);
    answer_pending(told);
    return there;
}

static uint64_t write_out(FILE *sink, const uint8_t *data, uint64_t size) {
    if (fwrite(data, 1, (size_t)size, sink) != size) fail("the masked file cannot be written", 0);
    return cf_count_lines(data, size);
}

/* The second pass over one window; how far it reaches into the next, and in `lines` the lines that were written. */
static size_t put(const answers *told, const uint8_t *text, const window *here, const found_there *there, size_t over,
                  FILE *sink, uint64_t *lines) {
    static uint8_t out[ROOM];
    core_progress progress = {0, NULL, 0, 0};
    size_t size = here->stop - here->buffer, start = here->start - here->buffer, end = here->end - here->buffer;
    text += here->buffer;
    int64_t ends = cf_settle(told->work, told->learned, text, size, start, end, start + over, there->places, there->count);
    if (ends < 0) fail("cf_settle", ends);
    int status;
    while ((status = cf_write(told->work, told->learned, text, out, ROOM, &progress)) != CORE_DONE) {
        if (status < 0) fail("cf_write", status);
        *lines += write_out(sink, out, progress.written);
        if (status == CORE_ASKS) answer_token(told, &progress);
    }
    *lines += write_out(sink, out, progress.written);
    return (size_t)ends - end;
}

static void print_counts(const char *name, const uint64_t *counts, int size) {
    printf("%s", name);
    for (int i = 0; i < size; i++)
        if (counts[i]) printf(" %d:%llu", i, (unsigned long long)counts[i]);
    printf("\n");
}

static void mask(told_engine *engine, const file_text *told, const file_text *file, FILE *sink) {
    answers answers = {told, made(cf_learned_new(engine->settings), "cf_learned_new"),
                       made(cf_work_new(engine->settings), "cf_work_new")};
    size_t room = file->size / (OWN / 4) + 2, count = 0, over = 0;
    found_there *there = made(calloc(room, sizeof *there), "memory");
    uint64_t same = 0, lines = 0;
    window here;
    know_site(&answers);
    for (reading reading = {file, 0, 0, 0, false}; next_window(&reading, &here); count++) {
        if (count == room) fail("windows", (long long)count);
        there[count] = find(&answers, engine->settings, file->at, &here);
        same = same * 31 + there[count].same;
    }
    count = 0;
    for (reading reading = {file, 0, 0, 0, false}; next_window(&reading, &here); count++) {
        if (!here.start || file->at[here.start - 1] == '\n') over = 0;
        over = put(&answers, file->at, &here, &there[count], over, sink, &lines);
        free(there[count].places);
    }
    printf("windows %llu\nlines %llu\nsame %016llx\n", (unsigned long long)count, (unsigned long long)lines, (unsigned long long)same);
    printf("learned %u %u\n", cf_learned_count(answers.learned), cf_learned_dropped(answers.learned));
    print_counts("kinds", cf_work_kinds(answers.work), CORE_KINDS);
    print_counts("rules", cf_work_rules(answers.work), CORE_RULES);
    print_counts("stayed", cf_work_stayed(answers.work), CORE_KINDS);
    free(there);
    cf_work_free(answers.work);
    cf_learned_free(answers.learned);
}

/* Digests of messages of every length around a block, with keys shorter and longer than one. */
static void print_digests(void) {
    uint8_t message[200], digest[32];
    for (int i = 0; i < 200; i++) message[i] = (uint8_t)(i * 7 + 1);
    bool fast = cf_hmac_sha256(1, message, 32, message, 0, digest) == 0;
    fprintf(stderr, "instructions of the processor: %s\n", fast ? "yes" : "no");
    for (uint32_t size = 0; size <= 200; size++) {
        uint8_t again[32];
        uint32_t key = size * 5 % 150;
        int answer = cf_hmac_sha256(0, message, key, message, size, digest);
        if (answer) fail("cf_hmac_sha256", answer);
        if (fast && (cf_hmac_sha256(1, message, key, message, size, again) != 0 || memcmp(digest, again, 32) != 0))
            fail("the processor's instructions make another digest of bytes", size);
        printf("hmac %u %u ", key, size);
        for (int i = 0; i < 32; i++) printf("%02x", digest[i]);
        printf("\n");
    }
}

#if defined(CORE_LOADED)
static void *library;

static void *symbol(const char *name) {
#if defined(_WIN32)
    return (void *)(uintptr_t)GetProcAddress((HMODULE)library, name);
#else
    return dlsym(library, name);
#endif
}

static void load(const char *path) {
#if defined(_WIN32)
    library = (void *)LoadLibraryA(path);
#else
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
#endif
    made(library, path);
    const char *missing = core_look_up(symbol);
    if (missing) fail(missing, 0);
}
#endif

int main(int count, char **words) {
#if defined(CORE_LOADED)
    if (count < 2) fail("say which library", count);
    load(words[1]);
    count--;
    words++;
#endif
    if (count != 4) fail("say TOLD, TEXT and MASKED", count);
    file_text told = read_file(words[1]), file = read_file(words[2]);
    told_engine engine;
    told_call call;
    if (!told_open(&engine, told.at, told.size, &call)) fail(call.name, 0);
    FILE *sink = made(fopen(words[3], "wb"), words[3]);
    printf("face %u\n", cf_face());
    mask(&engine, &told, &file, sink);
    if (fclose(sink) != 0) fail(words[3], 1);
    print_digests();
    told_free(&engine);
    free(told.at);
    free(file.at);
    return 0;
}
