/* The rules as the core holds them: what is allowed, which shapes are on, and the names of rules. */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

enum { RULES_NO_MEMORY = -2, RULES_TOO_LARGE = -3, RULES_REFUSED = -4 };

static const char *const CF_RULE_NAMES[CF_BUILT_IN_RULES] = {
    "api-key", "base64", "bearer", "call-id-host", "card", "command-line", "display-name", "dtmf-body", "dtmf-info", "dtmf-words",
    "fqdn", "geo-uri", "home-folder", "iban", "id-in-words", "ipv4", "ipv6", "jwt", "learned", "log-host", "login", "mac", "mail",
    "national-id", "path", "person-name", "phone", "phone-in-words", "sdp-host", "sdp-origin", "share-host", "sip-host",
    "sip-param", "sip-user", "srtp-key", "tel-uri", "url-host", "url-login", "via-host"};

/* The id of a built-in rule in reports, or NULL. */
CF_FACE const char *cf_rule_name(int32_t rule) {
    return rule >= 0 && rule < CF_BUILT_IN_RULES ? CF_RULE_NAMES[rule] : NULL;
}

static uint64_t texts_hash(const uint8_t *text, uint32_t size) {
    uint64_t hash = CF_HASH_START;
    while (size) hash = cf_hash_step(hash, cf_lower(text[--size]));
    return hash;
}

static bool texts_equal(const uint8_t *folded, const uint8_t *text, uint32_t size) {
    for (uint32_t i = 0; i < size; i++)
        if (folded[i] != cf_lower(text[i])) return false;
    return true;
}

static inline uint32_t texts_bit(const cf_texts *texts, uint64_t hash) { return (uint32_t)(hash >> 30) & (texts->slots_room * 4 - 1); }

/* The bit of a text that is not empty in `kinds`. */
static inline uint32_t texts_kind(const uint8_t *text, uint32_t size) {
    return (size * 0x9E3779B1u + cf_lower(text[0]) * 0x85EBCA6Bu + cf_lower(text[size - 1]) * 0xC2B2AE35u) >> 20;
}

static __attribute__((noinline)) int64_t texts_look(const cf_texts *texts, const uint8_t *text, uint32_t size, uint64_t hash) {
    uint32_t slot = (uint32_t)(hash >> 32) & (texts->slots_room - 1);
    for (; texts->slots[slot]; slot = (slot + 1) & (texts->slots_room - 1)) {
        const cf_text_item *item = &texts->items[texts->slots[slot] - 1];
        if (item->hash == hash && item->size == size && texts_equal(texts->bytes + item->at, text, size))
            return texts->slots[slot] - 1;
    }
    return -1;
}

/* The index of a text with its hash, or -1. */
static inline int64_t texts_find(const cf_texts *texts, const uint8_t *text, uint32_t size, uint64_t hash) {
    if (!texts->count || size > texts->longest) return -1;
    uint32_t bit = texts_bit(texts, hash);
    return texts->met[bit / 64] >> bit % 64 & 1 ? texts_look(texts, text, size, hash) : -1;
}

static bool texts_hold(const cf_texts *texts, const uint8_t *text, uint32_t size) {
    if (size > texts->longest) return false;
    uint32_t kind = size ? texts_kind(text, size) : 0;
    return (!size || texts->kinds[kind / 64] >> kind % 64 & 1) && texts_find(texts, text, size, texts_hash(text, size)) >= 0;
}

/* An array with room for one more thing; false when memory ran out. */
static bool rules_room(void **array, uint32_t *room, uint32_t needed, size_t each) {
    uint32_t more = *room ? *room : 64;
    if (needed <= *room) return true;
    while (more < needed) more *= 2;
    void *moved = realloc(*array, more * each);
    if (!moved) return false;
    *array = moved;
    *room = more;
    return true;
}

/* An item takes its slot. */
static void texts_place(cf_texts *texts, uint32_t index) {
    uint64_t hash = texts->items[index].hash;
    uint32_t slot = (uint32_t)(hash >> 32) & (texts->slots_room - 1), bit = texts_bit(texts, hash);
    while (texts->slots[slot]) slot = (slot + 1) & (texts->slots_room - 1);
    texts->slots[slot] = index + 1;
    texts->met[bit / 64] |= UINT64_C(1) << bit % 64;
}

static bool texts_spread(cf_texts *texts) {
    uint32_t room = texts->slots_room ? texts->slots_room * 2 : 128;
    uint32_t *slots = calloc(room, sizeof *slots);
    uint64_t *met = calloc(room / 16, sizeof *met);
    if (!slots || !met) {
        free(slots);
        free(met);
        return false;
    }
    free(texts->slots);
    free(texts->met);
    texts->slots = slots;
    texts->met = met;
    texts->slots_room = room;
    for (uint32_t i = 0; i < texts->count; i++) texts_place(texts, i);
    return true;
}

/* The index of a text, which is added when it is new; below zero when it cannot be. */
static int64_t texts_add(cf_texts *texts, const uint8_t *text, uint32_t size) {
    uint64_t hash = texts_hash(text, size);
    int64_t known = texts_find(texts, text, size, hash);
    if (known >= 0) return known;
    if (size > 65536 || texts->used > 1u << 30) return RULES_TOO_LARGE;
    if (!rules_room((void **)&texts->bytes, &texts->room, texts->used + size + 1, 1) ||
        !rules_room((void **)&texts->items, &texts->items_room, texts->count + 1, sizeof *texts->items))
        return RULES_NO_MEMORY;
    texts->items[texts->count++] = (cf_text_item){texts->used, size, hash};
    for (uint32_t i = 0; i < size; i++) texts->bytes[texts->used++] = cf_lower(text[i]);
    if (size > texts->longest) texts->longest = size;
    uint32_t kind = size ? texts_kind(text, size) : 0;
    texts->kinds[kind / 64] |= UINT64_C(1) << kind % 64;
    if (texts->count * 2 <= texts->slots_room) texts_place(texts, texts->count - 1);
    else if (!texts_spread(texts)) return RULES_NO_MEMORY;
    return texts->count - 1;
}

static void texts_free(cf_texts *texts) {
    free(texts->bytes);
    free(texts->items);
    free(texts->slots);
    free(texts->met);
}

/* Rules that find nothing and allow nothing; NULL when memory ran out. */
CF_FACE cf_rules *cf_rules_new(void) { return calloc(1, sizeof(cf_rules)); }

CF_FACE void cf_rules_free(cf_rules *rules) {
    if (!rules) return;
    texts_free(&rules->values);
    texts_free(&rules->offices);
    texts_free(&rules->answers);
    texts_free(&rules->users);
    texts_free(&rules->hosts);
    texts_free(&rules->domains);
    texts_free(&rules->names);
    texts_free(&rules->heads);
    texts_free(&rules->people);
    free(rules->people_uses);
    free(rules->networks);
    free(rules->keys);
    free(rules);
}

/* Switch a detector on, with the kind of what it finds. */
CF_FACE int32_t cf_rules_shape(cf_rules *rules, int32_t detector, int32_t kind) {
    if (detector < 0 || detector >= CF_DETECTORS || kind < 0 || kind >= CF_KINDS) return RULES_REFUSED;
    rules->on[detector] = true;
    rules->kinds[detector] = (uint8_t)kind;
    return 0;
}

static int64_t rules_name(cf_rules *rules, const uint8_t *folded, uint32_t size) {
    if (!size) return RULES_REFUSED;
    if (size > CF_LONGEST_KEY) return RULES_TOO_LARGE;
    uint32_t known = rules->names.count;
    int64_t name = texts_add(&rules->names, folded, size);
    if (name < 0) return name;
    if (!rules_room((void **)&rules->keys, &rules->keys_room, (uint32_t)name + 1, sizeof *rules->keys))
        return RULES_NO_MEMORY;
    if (rules->names.count > known) memset(&rules->keys[name], 0, sizeof *rules->keys);
    return name;
}

static uint32_t key_letter(uint8_t c) { return cf_is_alpha(c) ? (c | 32u) - 'a' + 1u : 0; }

/* Note the last letters of a name for `key_may_end`, be there one or more of them before a separator of a key. */
static void rules_ending(uint64_t *endings, const uint8_t *folded, uint32_t size) {
    uint64_t hash = CF_HASH_START;
    for (uint32_t count = 0; count < CF_ENDING && count < size && cf_is_alpha(folded[size - 1 - count]);) {
        hash = cf_hash_step(hash, folded[size - 1 - count++]);
        for (unsigned whole = 0; whole <= (count == size); whole++) {
            uint32_t bit = cf_ending_bit(hash, whole);
            endings[bit / 64] |= (uint64_t)1 << bit % 64;
        }
    }
}

static inline void rules_close(uint8_t *closings, uint32_t last, uint32_t second, uint32_t third) {
    uint32_t bit = (last * CF_LETTERS + second) * CF_LETTERS + third;
    closings[bit / 8] |= (uint8_t)(1 << bit % 8);
}

/* Note the last three letters of a name that may end a word; 0 stands for what is no letter, and before a name of one letter
 * or two there may be any. */
static void rules_closing(uint8_t *closings, const uint8_t *folded, uint32_t size) {
    uint32_t last = key_letter(folded[size - 1]);
    uint32_t second = size > 1 ? key_letter(folded[size - 2]) : 0;
    if (!last) return; /* digits at the end of a key do not count, and other letters are always looked up */
    rules_close(closings, last, 0, 0);
    for (uint32_t b = size > 1 ? second : 1; b && b < (size > 1 ? second + 1 : CF_LETTERS); b++) {
        rules_close(closings, last, b, 0);
        if (size > 2) rules_close(closings, last, b, key_letter(folded[size - 3]));
        for (uint32_t c = 1; c < CF_LETTERS && size < 3; c++) rules_close(closings, last, b, c);
    }
}

/* The next rule of keys begins; what its values must be: the place of one of `Needs`. */
CF_FACE int32_t cf_rules_needs(cf_rules *rules, int32_t needs) {
    if (needs < 0 || needs > 9 || rules->rank == UINT16_MAX) return RULES_REFUSED;
    rules->needs = (uint8_t)needs;
    rules->rank++;
    return 0;
}

/* Calls `each` for every line of a text of names. Below zero: what went wrong. */
static int32_t rules_each(cf_rules *rules, const uint8_t *folded, uint32_t size, const cf_key_rule *found, bool exact,
                          int32_t (*each)(cf_rules *, const uint8_t *, uint32_t, const cf_key_rule *, bool)) {
    while (size) {
        const uint8_t *feed = memchr(folded, '\n', size);
        uint32_t length = feed ? (uint32_t)(feed - folded) : size;
        int32_t answer = each(rules, folded, length, found, exact);
        if (answer < 0) return answer;
        length += feed != NULL;
        folded += length;
        size -= length;
    }
    return 0;
}

static int32_t rules_key(cf_rules *rules, const uint8_t *folded, uint32_t size, const cf_key_rule *found, bool exact) {
    int64_t name = rules_name(rules, folded, size);
    if (name < 0) return (int32_t)name;
    bool head = key_place(folded[0]), last = key_place(folded[size - 1]);
    cf_key_name *key = &rules->keys[name];
    if (!key->named) key->whole = *found;
    key->named = true;
    if (!exact) {
        if (!key->ends) key->tail = *found;
        key->ends = true;
    }
    if (last) rules->last_places |= (uint8_t)(1 << folded[size - 1]);
    else rules_ending(rules->endings, folded + head, size - head);
    return 0;
}

static int32_t rules_end(cf_rules *rules, const uint8_t *folded, uint32_t size, const cf_key_rule *found, bool exact) {
    int64_t name = rules_name(rules, folded, size);
    (void)exact;
    if (name < 0) return (int32_t)name;
    cf_key_name *key = &rules->keys[name];
    if (!key->closes) key->close = *found;
    key->closes = true;
    rules_ending(rules->endings, folded, size);
    rules_closing(rules->closings, folded, size);
    return 0;
}

/* Names of a key as `fold_name` folds them, one a line. Of rules with one name the first wins, as in KeyBook. */
CF_FACE int32_t cf_rules_key(cf_rules *rules, const uint8_t *folded, uint32_t size, int32_t rule, int32_t kind,
                             int32_t learn, int32_t exact, int32_t quoted, int32_t whole_line) {
    if (!size || rule < CF_RULE_KEYS || rule >= CF_RULE_OWN || kind < 0 || kind >= CF_KINDS) return RULES_REFUSED;
    cf_key_rule found = {(uint16_t)rule, rules->rank, (uint8_t)kind, learn != 0, quoted != 0, whole_line != 0, rules->needs};
    return rules_each(rules, folded, size, &found, exact != 0, rules_key);
}

/* Names that may end a word of a key, one a line: "telefon" in "kundentelefon". The first rule with one wins. */
CF_FACE int32_t cf_rules_end(cf_rules *rules, const uint8_t *folded, uint32_t size, int32_t rule, int32_t kind,
                             int32_t learn, int32_t quoted, int32_t whole_line) {
    if (!size || rule < CF_RULE_KEYS || rule >= CF_RULE_OWN || kind < 0 || kind >= CF_KINDS) return RULES_REFUSED;
    cf_key_rule found = {(uint16_t)rule, rules->rank, (uint8_t)kind, learn != 0, quoted != 0, whole_line != 0, rules->needs};
    return rules_each(rules, folded, size, &found, false, rules_end);
}

/* A word behind the name of a key that says nothing: "work" in "phone_work". */
CF_FACE int32_t cf_rules_qualifier(cf_rules *rules, const uint8_t *folded, uint32_t size) {
    int64_t name = rules_name(rules, folded, size);
    if (name < 0) return (int32_t)name;
    rules->keys[name].qualifier = true;
    rules_ending(rules->endings, folded, size);
    return 0;
}

/* A word before the name of a key that says nothing (0), one that a place of names stands for (1 to CF_PLACES), or one before
 * a name that is nobody's (CF_PLACES + 1). */
CF_FACE int32_t cf_rules_word(cf_rules *rules, const uint8_t *folded, uint32_t size, int32_t use) {
    uint8_t turned[CF_LONGEST_KEY];
    if (use < 0 || use > CF_PLACES + 1) return RULES_REFUSED;
    int64_t name = rules_name(rules, folded, size);
    if (name < 0) return (int32_t)name;
    if (!use) rules->keys[name].prefix = true;
    if (use > CF_PLACES) rules->keys[name].sort = true;
    if (!use || use > CF_PLACES) return 0;
    rules->keys[name].places |= (uint8_t)(1 << use);
    for (uint32_t i = 0; i < size; i++) turned[i] = folded[size - 1 - i];
    rules_closing(rules->head_letters, turned, size);
    rules_closing(rules->end_letters, folded, size);
    name = texts_add(&rules->heads, turned, size);
    return name < 0 ? (int32_t)name : 0;
}

/* A name of keys whose values are not personal. */
CF_FACE int32_t cf_rules_keep(cf_rules *rules, const uint8_t *folded, uint32_t size) {
    int64_t name = rules_name(rules, folded, size);
    if (name < 0) return (int32_t)name;
    rules->keys[name].keep = true;
    return 0;
}

/* What is never personal: list 0 values, 1 users, 2 hosts (with a leading dot: every name below it). Of the values: 3 those that are
 * passwords and log-ins all the same, 4 those that are people's names. */
CF_FACE int32_t cf_rules_allow(cf_rules *rules, int32_t list, const uint8_t *text, uint32_t size) {
    cf_texts *lists[] = {&rules->values, &rules->users, &rules->hosts, &rules->offices, &rules->answers};
    if (list < 0 || list > 4) return RULES_REFUSED;
    cf_texts *texts = list == 2 && size && text[0] == '.' ? &rules->domains : lists[list];
    int64_t added = texts_add(texts, text, size);
    return added < 0 ? (int32_t)added : 0;
}

static int32_t rules_network(cf_rules *rules, int32_t version, const uint8_t *address, uint32_t prefix, bool site) {
    uint8_t size = version == 4 ? 4 : 16;
    if ((version != 4 && version != 6) || prefix > size * 8u) return RULES_REFUSED;
    cf_network *more = realloc(rules->networks, (rules->network_count + 1) * sizeof *more);
    if (!more) return RULES_NO_MEMORY;
    rules->networks = more;
    more += rules->network_count++;
    *more = (cf_network){.size = size, .prefix = (uint8_t)prefix, .site = site};
    memcpy(more->address, address, size);
    return 0;
}

/* A network whose addresses stay: version 4 or 6, 16 bytes of which IPv4 uses the first four. */
CF_FACE int32_t cf_rules_network(cf_rules *rules, int32_t version, const uint8_t *address, uint32_t prefix) {
    return rules_network(rules, version, address, prefix, false);
}

/* A network of the site: an address in it is never taken for a version. */
CF_FACE int32_t cf_rules_site(cf_rules *rules, int32_t version, const uint8_t *address, uint32_t prefix) {
    return rules_network(rules, version, address, prefix, true);
}

/* Least and most digits of internal numbers, which stay. */
CF_FACE int32_t cf_rules_internal(cf_rules *rules, uint32_t least, uint32_t most) {
    rules->least = least;
    rules->most = most;
    return 0;
}

/* Nothing is added from here on, and threads may share the rules. */
CF_FACE int32_t cf_rules_ready(cf_rules *rules) {
    uint32_t name = 0, word = 0;
    if (!rules) return RULES_REFUSED;
    for (uint32_t i = 0; i < rules->names.count; i++) {
        const uint8_t *folded = rules->names.bytes + rules->names.items[i].at;
        uint32_t size = rules->names.items[i].size, places = (uint32_t)key_place(folded[0]) + key_place(folded[size - 1]);
        if (rules->keys[i].places & rules->last_places) rules_ending(rules->endings, folded, size);
        if (rules->keys[i].qualifier && size > word) word = size;
        if (size + places * rules->heads.longest > name) name = size + places * rules->heads.longest;
    }
    rules->longest = name + word < CF_LONGEST_KEY ? name + word : CF_LONGEST_KEY;
    return 0;
}

bool cf_shape_on(const cf_rules *rules, cf_detector detector) { return rules->on[detector]; }
cf_kind cf_shape_kind(const cf_rules *rules, cf_detector detector) { return (cf_kind)rules->kinds[detector]; }

bool cf_allowed_value(const cf_rules *rules, const uint8_t *text, uint32_t size) {
    return texts_hold(&rules->values, text, size);
}

bool cf_value_in_spite(const cf_rules *rules, cf_kind kind, const uint8_t *text, uint32_t size) {
    if (kind == CF_SECRET || kind == CF_USER) return texts_hold(&rules->offices, text, size);
    return kind == CF_NAME && texts_hold(&rules->answers, text, size);
}

bool cf_allowed_user(const cf_rules *rules, const uint8_t *text, uint32_t size) {
    return texts_hold(&rules->users, text, size);
}

/* Whether a host is named itself, without the domains. */
static bool rules_host_named(const cf_rules *rules, const uint8_t *text, uint32_t size) {
    return texts_hold(&rules->hosts, text, size);
}

bool cf_allowed_host(const cf_rules *rules, const uint8_t *text, uint32_t size) {
    uint64_t hash = CF_HASH_START;
    if (rules_host_named(rules, text, size)) return true;
    if (!rules->domains.count) return false;
    uint32_t at = size, longest = rules->domains.longest;
    while (at && size - at < longest) {
        hash = cf_hash_step(hash, cf_lower(text[--at]));
        if (text[at] == '.' && texts_find(&rules->domains, text + at, size - at, hash) >= 0) return true;
    }
    if (at || size >= longest || size + 1 > 256) return false;
    uint8_t dotted[257] = ".";
    memcpy(dotted + 1, text, size);
    return texts_find(&rules->domains, dotted, size + 1, cf_hash_step(hash, '.')) >= 0;
}

bool cf_internal_number(const cf_rules *rules, const uint8_t *text, uint32_t size) {
    for (uint32_t i = 0; i < size; i++)
        if (!cf_is_digit(text[i])) return false;
    return size && ((rules->least <= size && size <= rules->most) || size < 3);
}
