/* What an engine is told before it reads, and what one file has taught it; called from outside. */
#include "replace.h"

#include <stdlib.h>
#include <string.h>

/* Version of what is called from outside; library.py names the one it was written for. */
CF_FACE uint32_t cf_face(void) { return 1; }

/* ------ settings of an engine; every one is told before the first buffer is read */

CF_FACE cf_settings *cf_settings_new(const cf_rules *rules, const uint8_t *key, uint64_t size) {
    cf_settings *settings = calloc(1, sizeof *settings);
    if (!settings) return NULL;
    uint8_t digest[32];
    settings->rules = rules;
    sha_hmac_key(&settings->hmac, key, size);
    sha_hmac(&settings->hmac, (const uint8_t *)"hash", 4, digest);
    memcpy(&settings->seed, digest, sizeof settings->seed);
    return settings;
}

CF_FACE void cf_settings_free(cf_settings *settings) {
    if (!settings) return;
    free(settings->ranges);
    free(settings->stop.at);
    free(settings);
}

CF_FACE int cf_settings_country(cf_settings *settings, const uint8_t *digits, uint32_t size) {
    if (size >= sizeof settings->country) return CF_TOO_LARGE;
    if (size) memcpy(settings->country, digits, size);
    settings->country_size = size;
    return 0;
}

CF_FACE int cf_settings_kept(cf_settings *settings, int kind) {
    if (kind < 0 || kind >= CF_KINDS) return CF_REFUSED;
    settings->kept[kind] = settings->any_kept = true;
    return 0;
}

/* What is done with a kind; the text is that of CF_TOKEN_CONSTANT. */
CF_FACE int cf_settings_treatment(cf_settings *settings, int kind, int treatment, const uint8_t *text, uint32_t size) {
    if (kind < 0 || kind >= CF_KINDS || treatment < 0 || treatment > CF_TOKEN_ASK) return CF_REFUSED;
    if (size > CF_LONGEST_TOKEN) return CF_TOO_LARGE;
    settings->treatment[kind] = (uint8_t)treatment;
    if (size) memcpy(settings->constant[kind], text, size);
    settings->constant_size[kind] = (uint16_t)size;
    return 0;
}

/* Numbers that stay: two numbers of one length in their one form. */
CF_FACE int cf_settings_range(cf_settings *settings, const uint8_t *low, const uint8_t *high, uint32_t size, int open) {
    cf_range *more = realloc(settings->ranges, (settings->range_count + 1) * sizeof *more);
    if (!more) return CF_NO_MEMORY;
    settings->ranges = more;
    if (size > sizeof more->low) return CF_TOO_LARGE;
    cf_range *range = &more[settings->range_count++];
    *range = (cf_range){.size = size, .open = open != 0};
    memcpy(range->low, low, size);
    memcpy(range->high, high, size);
    return 0;
}

/* A word of lower case that is never learned. */
CF_FACE int cf_settings_stop(cf_settings *settings, const uint8_t *word, uint32_t size) {
    uint8_t head[2] = {(uint8_t)size, (uint8_t)(size >> 8)};
    if (size > UINT16_MAX) return CF_TOO_LARGE;
    uint32_t bit = cf_stop_bit(word, size);
    settings->stop_bits[bit / 64] |= UINT64_C(1) << bit % 64;
    return bytes_add(&settings->stop, head, 2) && bytes_add(&settings->stop, word, size) ? 0 : CF_NO_MEMORY;
}

CF_FACE int cf_settings_learning(cf_settings *settings, int on, uint32_t values, uint32_t length, uint32_t digits, uint64_t bytes) {
    settings->learning = on != 0;
    settings->max_values = values;
    settings->min_length = length;
    settings->min_digits = digits;
    settings->max_bytes = bytes < UINT32_MAX / 4 ? (size_t)bytes : UINT32_MAX / 4;
    return 0;
}

/* ------ what one file has told */

CF_FACE cf_learned *cf_learned_new(const cf_settings *settings) {
    cf_learned *learned = calloc(1, sizeof *learned);
    if (learned) learned->settings = settings;
    return learned;
}

CF_FACE void cf_learned_free(cf_learned *learned) {
    if (!learned) return;
    learned_index *indexes[] = {&learned->by_value, &learned->by_form, &learned->by_word, &learned->seen};
    for (int i = 0; i < 4; i++) free(indexes[i]->slot);
    for (uint32_t i = 0; i < learned->words; i++) free(learned->word[i].reach);
    free(learned->arena.at);
    free(learned->value);
    free(learned->form);
    free(learned->word);
    free(learned->bloom);
    free(learned->pending);
    free(learned);
}

/* A value of the site: it is masked wherever it stands, however short or common. */
CF_FACE int cf_learned_know(cf_learned *learned, int kind, const uint8_t *raw, uint32_t size) {
    if (kind < 0 || kind >= CF_KINDS) return CF_REFUSED;
    uint8_t *value = malloc(size + 2);
    if (!value) return CF_NO_MEMORY;
    uint32_t count = learned_joined(raw, size, value, size + 2);
    uint64_t hash = hash_of(learned->settings->seed + (unsigned)kind, value, count);
    bool known = !count || value_row(learned, (cf_kind)kind, value, count, hash) != UINT32_MAX;
    int answer = known ? 0 : value_put(learned, (cf_kind)kind, value, count, hash, true);
    free(value);
    return answer;
}

/* Values that were found in a buffer, as `cf_find` gave them. */
CF_FACE int cf_learned_take(cf_learned *learned, const uint8_t *text, uint64_t size, const cf_span *teachers, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        if (teachers[i].end > size) return CF_REFUSED;
        int answer = learned_learn(learned, (cf_kind)teachers[i].kind, text + teachers[i].start, teachers[i].end - teachers[i].start);
        if (answer) return answer;
    }
    return 0;
}

/* What follows comes from another file: a value past the bound counts anew. */
CF_FACE void cf_learned_next(cf_learned *learned) { index_clear(&learned->seen); }

/* Remembers what others told, too, as far as there is room. */
CF_FACE int cf_learned_share(cf_learned *learned, const cf_learned *other) {
    for (uint32_t i = 0; i < other->values; i++) {
        const learned_value_row *row = &other->value[i];
        int answer = row->found ? learned_learn(learned, (cf_kind)row->kind, other->arena.at + row->at, row->size) : 0;
        if (answer) return answer;
    }
    return 0;
}

CF_FACE uint32_t cf_learned_count(const cf_learned *learned) { return learned->known; }
CF_FACE uint32_t cf_learned_dropped(const cf_learned *learned) { return learned->dropped; }

/* The last value whose forms are to be told by `cf_learned_form`, or -1. */
CF_FACE int64_t cf_learned_pending(cf_learned *learned, uint8_t *kind, const uint8_t **text, uint32_t *size) {
    if (!learned->pending_count) return -1;
    int32_t index = learned->pending[--learned->pending_count];
    *text = learned_value(learned, index, size);
    *kind = learned->value[index].kind;
    return index;
}

CF_FACE int cf_learned_form(cf_learned *learned, int64_t index, const uint8_t *form, uint32_t size) {
    if (index < 0 || index >= learned->values) return CF_REFUSED;
    return form_add(learned, (int32_t)index, form, size) ? 0 : CF_NO_MEMORY;
}
