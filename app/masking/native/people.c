/* What words say of the names beside them (app/masking/people.py). */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

/* Texts, one a line, in the notations of a log, that say `use`; of what is said of a given name the last counts. */
CF_FACE int32_t cf_rules_people(cf_rules *rules, const uint8_t *texts, uint32_t size, uint32_t use) {
    if (!use || use > UINT8_MAX) return RULES_REFUSED;
    while (size) {
        const uint8_t *feed = memchr(texts, '\n', size);
        uint32_t length = feed ? (uint32_t)(feed - texts) : size, known = rules->people.count;
        if (length > CF_LONGEST_PERSON) return RULES_TOO_LARGE;
        int64_t word = texts_add(&rules->people, texts, length);
        if (word < 0) return (int32_t)word;
        if (!rules_room((void **)&rules->people_uses, &rules->people_room, (uint32_t)word + 1, sizeof *rules->people_uses))
            return RULES_NO_MEMORY;
        if (rules->people.count > known) rules->people_uses[word] = 0;
        if (use & CF_P_NAMES) rules->people_uses[word] &= (uint8_t)~CF_P_NAMES;
        rules->people_uses[word] |= (uint8_t)use;
        length += feed != NULL;
        texts += length;
        size -= length;
    }
    return 0;
}

unsigned cf_person_word(const cf_rules *rules, const uint8_t *text, uint32_t size) {
    if (!size || size > rules->people.longest) return 0;
    int64_t word = texts_find(&rules->people, text, size, texts_hash(text, size));
    return word < 0 ? 0 : rules->people_uses[word];
}
