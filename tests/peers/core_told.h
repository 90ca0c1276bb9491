/* Reads what core_told.py wrote: what an engine of Python told the core, call by call. */
#ifndef CASEFERRY_CORE_TOLD_H
#define CASEFERRY_CORE_TOLD_H

#include "core_face.h"

#include <stddef.h>
#include <string.h>

enum { TOLD_NUMBERS = 8, TOLD_TEXTS = 2, TOLD_NAME = 32 };

/* A call without its first word, which is the thing that it is made on. */
typedef struct {
    char name[TOLD_NAME];
    int64_t number[TOLD_NUMBERS];
    core_text text[TOLD_TEXTS];
    uint32_t size[TOLD_TEXTS];
} told_call;

typedef struct {
    core_text at, end;
} told_reader;

static inline bool told_take(told_reader *reader, void *into, size_t size) {
    if ((size_t)(reader->end - reader->at) < size) return false;
    if (size) memcpy(into, reader->at, size);
    reader->at += size;
    return true;
}

/* The next call; false at the end, and where what is left is none. */
static inline bool told_next(told_reader *reader, told_call *call) {
    uint8_t count;
    memset(call, 0, sizeof *call);
    if (!told_take(reader, &count, 1) || count >= TOLD_NAME || !told_take(reader, call->name, count)) return false;
    if (!told_take(reader, &count, 1) || count > TOLD_NUMBERS || !told_take(reader, call->number, count * sizeof *call->number))
        return false;
    if (!told_take(reader, &count, 1) || count > TOLD_TEXTS) return false;
    for (int i = 0; i < count; i++) {
        if (!told_take(reader, &call->size[i], sizeof call->size[i])) return false;
        if ((size_t)(reader->end - reader->at) < call->size[i]) return false;
        call->text[i] = reader->at;
        reader->at += call->size[i];
    }
    return true;
}

static inline bool told_is(const told_call *call, const char *name) { return strcmp(call->name, name) == 0; }

/* Makes a call on rules; 1 where it is none of rules, below 0 where the core refuses it. */
static inline int told_rules(void *rules, const told_call *call) {
    const int64_t *n = call->number;
    core_text text = call->text[0];
    uint32_t size = call->size[0];
    if (told_is(call, "cf_rules_shape")) return cf_rules_shape(rules, (int32_t)n[0], (int32_t)n[1]);
    if (told_is(call, "cf_rules_key"))
        return cf_rules_key(rules, text, size, (int32_t)n[1], (int32_t)n[2], (int32_t)n[3], (int32_t)n[4], (int32_t)n[5],
                            (int32_t)n[6]);
    if (told_is(call, "cf_rules_end"))
        return cf_rules_end(rules, text, size, (int32_t)n[1], (int32_t)n[2], (int32_t)n[3], (int32_t)n[4], (int32_t)n[5]);
    if (told_is(call, "cf_rules_needs")) return cf_rules_needs(rules, (int32_t)n[0]);
    if (told_is(call, "cf_rules_qualifier")) return cf_rules_qualifier(rules, text, size);
    if (told_is(call, "cf_rules_word")) return cf_rules_word(rules, text, size, (int32_t)n[1]);
    if (told_is(call, "cf_rules_keep")) return cf_rules_keep(rules, text, size);
    if (told_is(call, "cf_rules_people")) return cf_rules_people(rules, text, size, (uint32_t)n[1]);
    if (told_is(call, "cf_rules_allow")) return cf_rules_allow(rules, (int32_t)n[0], text, size);
    if (told_is(call, "cf_rules_network")) return cf_rules_network(rules, (int32_t)n[0], text, (uint32_t)n[1]);
    if (told_is(call, "cf_rules_site")) return cf_rules_site(rules, (int32_t)n[0], text, (uint32_t)n[1]);
    if (told_is(call, "cf_rules_internal")) return cf_rules_internal(rules, (uint32_t)n[0], (uint32_t)n[1]);
    if (told_is(call, "cf_rules_ready")) return cf_rules_ready(rules);
    return strncmp(call->name, "cf_rules_", 9) == 0 ? -1 : 1; /* nothing that is told may be passed over */
}

/* Makes a call on settings; as `told_rules`. */
static inline int told_settings(void *settings, const told_call *call) {
    const int64_t *n = call->number;
    core_text text = call->text[0];
    uint32_t size = call->size[0];
    if (told_is(call, "cf_settings_country")) return cf_settings_country(settings, text, size);
    if (told_is(call, "cf_settings_kept")) return cf_settings_kept(settings, (int)n[0]);
    if (told_is(call, "cf_settings_treatment")) return cf_settings_treatment(settings, (int)n[0], (int)n[1], text, size);
    if (told_is(call, "cf_settings_range")) return cf_settings_range(settings, text, call->text[1], size, (int)n[1]);
    if (told_is(call, "cf_settings_stop")) return cf_settings_stop(settings, text, size);
    if (told_is(call, "cf_settings_learning"))
        return cf_settings_learning(settings, (int)n[0], (uint32_t)n[1], (uint32_t)n[2], (uint32_t)n[3], (uint64_t)n[4]);
    return 1;
}

/* Rules and settings as they were told. Calls of other things are left to `other`, which answers below 0 where it
 * cannot go on. */
typedef struct {
    void *rules, *settings;
} told_engine;

static inline void told_free(told_engine *engine) {
    if (engine->settings) cf_settings_free(engine->settings);
    if (engine->rules) cf_rules_free(engine->rules);
}

/* The name of the call that failed is left in `call`. */
static inline bool told_open(told_engine *engine, core_text told, size_t size, told_call *call) {
    told_reader reader = {told, told + size};
    *engine = (told_engine){cf_rules_new(), NULL};
    if (!engine->rules) return false;
    while (told_next(&reader, call)) {
        int answer = told_rules(engine->rules, call);
        if (answer == 1 && told_is(call, "cf_settings_new")) {
            if (engine->settings) return false; /* told twice */
            engine->settings = cf_settings_new(engine->rules, call->text[0], call->size[0]);
            answer = 0;
        }
        if (answer == 1 && engine->settings) answer = told_settings(engine->settings, call);
        if (answer < 0) return false;
    }
    return engine->settings && reader.at == reader.end;
}

#endif
