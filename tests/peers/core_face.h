/* The core's interface as programs see it that know nothing of its inside: the same that library.py tells ctypes.
 *
 * Linked with core.c the functions are called by their names; with CORE_LOADED they are looked up in a library. */
#ifndef CASEFERRY_CORE_FACE_H
#define CASEFERRY_CORE_FACE_H

#include <stdbool.h>
#include <stdint.h>

enum { CORE_KINDS = 17, CORE_RULES = 1536, CORE_SHAPES = 20, CORE_OWN_RULE = 1024, CORE_LEARN = 1, CORE_TOUCHING = 2, CORE_PERHAPS = 8,
       CORE_KEPT = 128 };
enum { CORE_DONE, CORE_FULL, CORE_ASKS };

typedef struct {
    uint32_t start, end;
    uint16_t order, rule;
    uint8_t kind, flags;
    uint16_t spare;
    int32_t learned;
} core_span;

typedef struct {
    uint32_t start, size;
    uint16_t rule;
    uint8_t kind, flags;
} core_place;

typedef struct {
    const core_place *places;
    uint64_t place_count;
    const core_span *teachers;
    uint64_t teacher_count;
} core_found;

typedef struct {
    uint64_t written;
    const uint8_t *raw;
    uint32_t raw_size;
    int32_t kind;
} core_progress;

typedef const uint8_t *core_text;

#define CORE_FUNCTIONS(F) \
    F(uint32_t, cf_face, (void)) \
    F(void *, cf_rules_new, (void)) \
    F(void, cf_rules_free, (void *rules)) \
    F(int32_t, cf_rules_shape, (void *rules, int32_t detector, int32_t kind)) \
    F(int32_t, cf_rules_key, (void *rules, core_text folded, uint32_t size, int32_t rule, int32_t kind, int32_t learn, \
                              int32_t exact, int32_t quoted, int32_t whole_line)) \
    F(int32_t, cf_rules_end, (void *rules, core_text folded, uint32_t size, int32_t rule, int32_t kind, int32_t learn, \
                              int32_t quoted, int32_t whole_line)) \
    F(int32_t, cf_rules_needs, (void *rules, int32_t needs)) \
    F(int32_t, cf_rules_qualifier, (void *rules, core_text folded, uint32_t size)) \
    F(int32_t, cf_rules_word, (void *rules, core_text folded, uint32_t size, int32_t place)) \
    F(int32_t, cf_rules_keep, (void *rules, core_text folded, uint32_t size)) \
    F(int32_t, cf_rules_people, (void *rules, core_text texts, uint32_t size, uint32_t use)) \
    F(int32_t, cf_rules_allow, (void *rules, int32_t list, core_text text, uint32_t size)) \
    F(int32_t, cf_rules_network, (void *rules, int32_t version, core_text address, uint32_t prefix)) \
    F(int32_t, cf_rules_site, (void *rules, int32_t version, core_text address, uint32_t prefix)) \
    F(int32_t, cf_rules_internal, (void *rules, uint32_t least, uint32_t most)) \
    F(int32_t, cf_rules_ready, (void *rules)) \
    F(const char *, cf_rule_name, (int32_t rule)) \
    F(void *, cf_settings_new, (const void *rules, core_text key, uint64_t size)) \
    F(void, cf_settings_free, (void *settings)) \
    F(int, cf_settings_country, (void *settings, core_text digits, uint32_t size)) \
    F(int, cf_settings_kept, (void *settings, int kind)) \
    F(int, cf_settings_treatment, (void *settings, int kind, int treatment, core_text text, uint32_t size)) \
    F(int, cf_settings_range, (void *settings, core_text low, core_text high, uint32_t size, int open)) \
    F(int, cf_settings_stop, (void *settings, core_text word, uint32_t size)) \
    F(int, cf_settings_learning, (void *settings, int on, uint32_t values, uint32_t length, uint32_t digits, uint64_t bytes)) \
    F(void *, cf_learned_new, (const void *settings)) \
    F(void, cf_learned_free, (void *learned)) \
    F(int, cf_learned_know, (void *learned, int kind, core_text raw, uint32_t size)) \
    F(int, cf_learned_take, (void *learned, core_text text, uint64_t size, const core_span *teachers, uint64_t count)) \
    F(uint32_t, cf_learned_count, (const void *learned)) \
    F(uint32_t, cf_learned_dropped, (const void *learned)) \
    F(int64_t, cf_learned_pending, (void *learned, uint8_t *kind, core_text *text, uint32_t *size)) \
    F(int, cf_learned_form, (void *learned, int64_t index, core_text form, uint32_t size)) \
    F(void *, cf_work_new, (const void *settings)) \
    F(void, cf_work_free, (void *work)) \
    F(const uint64_t *, cf_work_kinds, (const void *work)) \
    F(const uint64_t *, cf_work_rules, (const void *work)) \
    F(const uint64_t *, cf_work_stayed, (const void *work)) \
    F(void, cf_work_reset, (void *work)) \
    F(void, cf_work_forget, (void *work)) \
    F(int, cf_find, (void *work, core_text text, uint64_t size, uint64_t start, uint64_t end, const core_span *extra, \
                     uint64_t extra_count, core_found *answer)) \
    F(int64_t, cf_settle, (void *work, const void *learned, core_text text, uint64_t size, uint64_t start, uint64_t end, \
                           uint64_t from, const core_place *places, uint64_t count)) \
    F(const core_span *, cf_settled, (const void *work, uint64_t *count)) \
    F(core_text, cf_value_of, (const void *learned, core_text text, const core_span *span, uint32_t *size)) \
    F(int, cf_write, (void *work, const void *learned, core_text text, uint8_t *out, uint64_t room, core_progress *progress)) \
    F(int, cf_tell, (void *work, int kind, core_text raw, uint32_t size, core_text token, uint32_t token_size)) \
    F(uint64_t, cf_count_lines, (core_text text, uint64_t size)) \
    F(int, cf_is_utf8, (core_text text, uint64_t size)) \
    F(int, cf_is_plain, (core_text text, uint64_t size)) \
    F(uint64_t, cf_same, (const void *settings, core_text text, uint64_t size)) \
    F(uint32_t, cf_token_at, (core_text text, uint32_t size, uint32_t at)) \
    F(int, cf_hmac_sha256, (int way, core_text key, uint64_t key_size, core_text message, uint64_t size, uint8_t *digest))

#if defined(CORE_LOADED)
#define CORE_POINTER(answer, name, words) static answer(*name) words;
CORE_FUNCTIONS(CORE_POINTER)

/* Looks every function up; the name of the first that is missing, or NULL. */
static inline const char *core_look_up(void *(*find)(const char *name)) {
    void *at;
#define CORE_FIND(answer, name, words) \
    if (!(at = find(#name))) return #name; \
    *(void **)(void *)&name = at;
    CORE_FUNCTIONS(CORE_FIND)
    return 0;
}
#else
#define CORE_DECLARED(answer, name, words) answer name words;
CORE_FUNCTIONS(CORE_DECLARED)
#endif

#endif
