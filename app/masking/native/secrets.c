/* Credentials by their shape, and personal values inside base64; the places that `secrets` and `encoded` of
 * app/masking/text.py find. */
#include "shapes.h"

#include <stdlib.h>
#include <string.h>

enum { SECRET_OPTIONS = 512 };

static inline bool secret_token_byte(uint8_t c) { return cf_is_word(c) || c == '-'; }
static inline bool secret_base64_byte(uint8_t c) { return cf_is_alnum(c) || c == '+' || c == '/'; }

/* A JSON web token that begins with the `eyJ` at a place; its end, or 0. */
static uint32_t secret_jwt_end(cf_scan *scan, uint32_t start) {
    uint32_t head = start + 3, run = scan->met[CF_MET_JWT_RUN];
    if (run < head) {
        for (run = head; run < scan->size && secret_token_byte(scan->text[run]);) run++;
        scan->met[CF_MET_JWT_RUN] = run; /* the same run holds many places: it is read once */
    }
    if (run - head < 8 || run - head > 8192 || cf_at(scan, run) != '.') return 0;
    uint32_t end = run + 1;
    while (end - run - 1 < 8192 && secret_token_byte(cf_at(scan, end))) end++;
    if (end - run - 1 < 4) return 0;
    if (cf_at(scan, end) != '.') return end;
    uint32_t tail = end + 1;
    for (end = tail; end - tail < 8192 && secret_token_byte(cf_at(scan, end));) end++;
    return end;
}

static void secret_jwt(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    while (end - start >= 3) {
        const uint8_t *j = memchr(text + start + 2, 'J', end - start - 2);
        if (!j) return;
        uint32_t at = (uint32_t)(j - text) - 2;
        start = at + 1;
        if (text[at] != 'e' || text[at + 1] != 'y') continue;
        cf_looks(scan);
        if (at < scan->met[CF_MET_JWT]) continue;
        uint32_t stop = secret_jwt_end(scan, at);
        if (!stop) continue;
        scan->met[CF_MET_JWT] = stop;
        cf_shape(scan, at, stop, CF_BY_SECRET, cf_shape_kind(scan->rules, CF_BY_SECRET), CF_R_JWT, 0);
        if (stop >= end) return;
        start = stop;
    }
}

static inline bool secret_bearer_byte(uint8_t c) {
    static const uint64_t marks = UINT64_C(1) << '+' | UINT64_C(1) << '/' | UINT64_C(1) << '.' | UINT64_C(1) << '=' | UINT64_C(1) << '-';
    return cf_is_word(c) || (c < 64 ? marks >> c & 1 : c == '~');
}

/* `token_type=Bearer expires_in=3600`: a key and its value stand at a place. */
static bool secret_next_key(const cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    if (!cf_ends(scan, start, "ype=Bearer ", 11) && !cf_ends(scan, start, "ype=bearer ", 11)) return false;
    if ((cf_at(scan, (int64_t)start - 12) | 32) != 't') return false;
    while (at - start < 33 && (cf_is_alpha(cf_at(scan, at)) || cf_at(scan, at) == '_')) at++;
    uint8_t next = cf_at(scan, (int64_t)at + 1);
    return at - start >= 2 && at - start <= 32 && cf_at(scan, at) == '=' && next != '=' && secret_bearer_byte(next);
}

/* `Bearer …`, `Basic …`: the word ends at a place. */
static void secret_bearer(cf_scan *scan, uint32_t end) {
    uint32_t size = cf_stands_folded(scan, (int64_t)end - 6, "bearer", 6) ? 6
                    : cf_stands_folded(scan, (int64_t)end - 5, "basic", 5) ? 5 : 0;
    if (!size) return;
    cf_looks(scan);
    if (end - size < scan->met[CF_MET_BEARER]) return;
    for (uint32_t i = end - size + 1; i < end; i++)
        if (scan->text[i] < 'a') return; /* only the first letter may be a capital */
    uint32_t value = end + 1, stop = value;
    bool told = false;
    while (stop < scan->size && stop - value < 8192) {
        uint8_t c = scan->text[stop];
        if (!secret_bearer_byte(c)) break;
        told = told || cf_is_digit(c) || c == '=';
        stop++;
    }
    if (stop - value < 12) return;
    scan->met[CF_MET_BEARER] = stop;
    if (told && !secret_next_key(scan, value))
        cf_shape(scan, value, stop, CF_BY_SECRET, cf_shape_kind(scan->rules, CF_BY_SECRET), CF_R_BEARER, 0);
}

static inline bool secret_begins_api_key(uint8_t c) {
    return c == 's' || c == 'p' || c == 'r' || c == 'g' || c == 'x' || c == 'A';
}

/* Whether one of the parts between `_` and `-` is as long as 16, or 8 with a digit: pkcs11_management_id_count is a name. */
static bool secret_random_part(const cf_scan *scan, uint32_t at, uint32_t end) {
    uint32_t size = 0;
    bool digit = false;
    for (; at < end; at++) {
        bool apart = scan->text[at] == '_' || scan->text[at] == '-';
        size = apart ? 0 : size + 1;
        digit = !apart && (digit || cf_is_digit(scan->text[at]));
        if (size >= 16 || (size >= 8 && digit)) return true;
    }
    return false;
}

/* `sk-…`, `ghp_…`: keys of services with the prefix of their kind. */
static void secret_api_key(cf_scan *scan, uint32_t start) {
    static const char *const prefixes[] = {"sk",    "pk",   "rk",   "ghp",   "gho",   "ghr",  "ghs",  "ghu",  "github_pat", "glpat", "glrt",
                                           "gldt",  "glcbt", "glptt", "shpat", "xoxa",  "xoxb", "xoxp", "xoxr", "xoxs",       "AKIA",  "AIza"};
    uint32_t prefix = 0, end;
    for (unsigned i = 0; i < sizeof prefixes / sizeof *prefixes && !prefix; i++) {
        uint32_t size = (uint32_t)strlen(prefixes[i]);
        if (cf_stands(scan, start, prefixes[i], size)) prefix = start + size;
    }
    if (!prefix || cf_at(scan, (int64_t)start - 1) == '-') return;
    cf_looks(scan);
    for (end = prefix; end - prefix < 202 && secret_token_byte(cf_at(scan, end));) end++;
    uint32_t rest = end - prefix;
    bool joined = cf_at(scan, prefix) == '_' || cf_at(scan, prefix) == '-';
    if (rest < 16 || rest > 201 || (rest == 201 && !joined)) return;
    bool plain = scan->text[start] == 'A' || scan->text[start] == 'x' || (scan->text[start] == 'g' && prefix - start == 3 && cf_at(scan, prefix) == '_');
    if (!plain && (!joined || !secret_random_part(scan, prefix, end))) return;
    cf_shape(scan, start, end, CF_BY_SECRET, cf_shape_kind(scan->rules, CF_BY_SECRET), CF_R_API_KEY, 0);
}

/* `ha1=…`: the hash of a log-in and its password; the word [start, end) stands before a sign. */
static void secret_digest(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    if ((text[start] | 32) != 'h' || (text[start + 1] | 32) != 'a' || (text[start + 2] != '1' && text[start + 2] != '2') ||
        cf_at(scan, (int64_t)start - 1) == '-')
        return;
    cf_looks(scan);
    uint32_t key = end + 1, stop;
    key += cf_at(scan, key) == ' ';
    key += cf_at(scan, key) == '"' || cf_at(scan, key) == '\'';
    for (stop = key; stop - key < 33 && (cf_is_digit(cf_at(scan, stop)) || (uint8_t)((cf_at(scan, stop) | 32) - 'a') < 6);) stop++;
    if (stop - key == 32 && !cf_is_word(cf_at(scan, stop)))
        cf_shape(scan, key, stop, CF_BY_SECRET, cf_shape_kind(scan->rules, CF_BY_SECRET), CF_R_API_KEY, CF_TOUCHING);
}

static inline bool secret_ends_login(uint8_t c) {
    return cf_is_space(c) || c == '/' || c == '@' || c == '\'' || c == '"' || c == '<' || c == '>';
}

static void secret_login_found(cf_scan *scan, uint32_t user, uint32_t end, uint32_t password, uint32_t stop, unsigned rule) {
    if (end > user) cf_shape(scan, user, end, CF_BY_SECRET, CF_USER, rule, CF_TOUCHING);
    if (password)
        cf_shape(scan, password, stop, CF_BY_SECRET, cf_shape_kind(scan->rules, CF_BY_SECRET), rule, CF_TOUCHING);
}

/* `://user:password@` with its colon at a place. */
static void secret_url_login(cf_scan *scan, uint32_t at) {
    cf_looks(scan);
    uint32_t user = at + 3, end = user, password = 0, stop;
    while (end < scan->size && end - user < 129 && scan->text[end] != ':' && !secret_ends_login(scan->text[end])) end++;
    if ((end == user && cf_at(scan, end) != ':') || end - user > 128) return;
    if (url_connection(scan, user)) return;
    stop = end;
    if (cf_at(scan, end) == ':') {
        password = end + 1;
        for (stop = password; stop < scan->size && stop - password < 257 && !secret_ends_login(scan->text[stop]);) stop++;
        if (stop == password || stop - password > 256) return;
    }
    if (cf_at(scan, stop) != '@') return;
    secret_login_found(scan, user, end, password, stop, CF_R_URL_LOGIN);
}

/* `jdbc:oracle:thin:user/password@`; its first colon stands at a place. */
static void secret_oracle(cf_scan *scan, uint32_t at) {
    cf_looks(scan);
    if (!cf_stands(scan, at, ":oracle:", 8)) return;
    uint32_t driver = at + 8, user = driver, end, stop;
    while (user - driver < 9 && (cf_is_digit(cf_at(scan, user)) || (uint8_t)(cf_at(scan, user) - 'a') < 26)) user++;
    if (user - driver < 2 || user - driver > 8 || cf_at(scan, user++) != ':') return;
    for (end = user; end < scan->size && end - user < 129 && scan->text[end] != ':' && !secret_ends_login(scan->text[end]);) end++;
    if (end == user || end - user > 128 || cf_at(scan, end) != '/') return;
    for (stop = end + 1; stop < scan->size && stop - end - 1 < 257 && !secret_ends_login(scan->text[stop]);) stop++;
    if (stop > end + 1 && stop - end - 1 <= 256 && cf_at(scan, stop) == '@')
        secret_login_found(scan, user, end, end + 1, stop, CF_R_URL_LOGIN);
}

/* `inline:` and the key of SRTP in SDP; the colon stands at a place. */
static void secret_srtp(cf_scan *scan, uint32_t at) {
    uint32_t key = at + 1, end = key;
    cf_looks(scan);
    while (end - key < 128 && (secret_base64_byte(cf_at(scan, end)) || cf_at(scan, end) == '=')) end++;
    if (end - key >= 16)
        cf_shape(scan, key, end, CF_BY_SECRET, cf_shape_kind(scan->rules, CF_BY_SECRET), CF_R_SRTP_KEY, CF_TOUCHING);
}

/* The value of an option on a command line: where it ends, or the place itself. */
static uint32_t secret_option_end(const cf_scan *scan, uint32_t at) {
    uint32_t end = at;
    if (cf_at(scan, at) == '-') return at;
    while (end < scan->size && end - at < 4096 && !cf_is_space(scan->text[end]) && scan->text[end] != '\'' && scan->text[end] != '"') end++;
    return end;
}

static bool secret_option(const cf_scan *scan, uint32_t start, uint32_t end, const char *names) {
    for (uint32_t size; *names; names += size + 1) {
        size = (uint32_t)strlen(names);
        if (size == end - start && memcmp(scan->text + start, names, size) == 0) return true;
    }
    return false;
}

/* Whether an account of a service is [start, end), and nobody's: sudo -u postgres psql, lsof -u mysql. */
static bool secret_of_system(const cf_scan *scan, uint32_t start, uint32_t end) {
    while (end > start && (scan->text[end - 1] == ',' || scan->text[end - 1] == ';' || scan->text[end - 1] == ')')) end--;
    return secret_option(scan, start, end,
                         "apache\0asterisk\0backup\0bin\0cassandra\0couchdb\0daemon\0docker\0elasticsearch\0freeswitch\0git\0grafana\0"
                         "haproxy\0httpd\0jenkins\0kafka\0kamailio\0mail\0mariadb\0memcached\0mongodb\0mysql\0named\0nginx\0nobody\0"
                         "ntp\0opensips\0postfix\0postgres\0prometheus\0rabbitmq\0redis\0rsyslog\0sshd\0syslog\0tomcat\0www\0www-data\0"
                         "zabbix\0zookeeper\0");
}

/* Whether the name of a value is [start, end), as help texts write it: [--password FILE] */
static bool secret_place(const cf_scan *scan, uint32_t start, uint32_t end) {
    while (end > start && (scan->text[end - 1] == ']' || scan->text[end - 1] == ')' || scan->text[end - 1] == ',')) end--;
    return secret_option(scan, start, end,
                         "PASSWORD\0PASSWD\0PASS\0PWD\0SECRET\0FILE\0PATH\0STRING\0VALUE\0TOKEN\0KEY\0TEXT\0via\0and\0is\0");
}

/* Whether a word [start, end) is the name of a program whose -p takes no value apart, or its path; and where that name begins. */
static bool secret_database(const cf_scan *scan, uint32_t start, uint32_t end, uint32_t *name) {
    const uint8_t *text = scan->text;
    if (start == end || text[start] == '-') return false;
    if (end - start > 4 && memcmp(text + end - 4, ".exe", 4) == 0) end -= 4;
    uint32_t at = end;
    while (at > start && ((uint8_t)(text[at - 1] - 'a') < 26 || text[at - 1] == '-')) at--;
    if (at > start && !(text[at - 1] && strchr("/\\(`'\">,", text[at - 1]))) return false;
    *name = at;
    return (end - at >= 5 && memcmp(text + at, "mysql", 5) == 0) || (end - at >= 7 && memcmp(text + at, "mariadb", 7) == 0);
}

/* Whether a word [start, end) is no option that takes the next word: not -h before mysql. */
static bool secret_no_value(const cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t at;
    if (start == end || text[start] != '-') return true;
    for (at = start + 1; at < end; at++)
        if (cf_is_digit(text[at]) || text[at] == '=') return true;
    for (at = start + 1; at < end && text[at] && strchr("EHSint0", text[at]);) at++;
    if (at == end && end - start >= 2 && end - start <= 4) return true;
    return secret_option(scan, start, end, "-c\0-lc\0--\0");
}

static bool program_begins(const cf_scan *scan, uint32_t name, uint8_t *quote); /* commandwords.c */

/* Whether the options before a place are those of such a program: mysql -u root -p mydb. */
static bool secret_of_database(const cf_scan *scan, uint32_t option) {
    const uint8_t *text = scan->text;
    static const char run[] = " run runs running use uses using with via execute executes executing executed try call calls calling type and or then ";
    uint32_t first = option, start[2] = {0, 0}, end[2] = {0, 0}, at, name;
    int64_t nearest = -1;
    bool said = false;
    uint8_t quote = 0;
    bool named = false; /* a letter of the names stands there */
    for (uint8_t c; first && option - first < SECRET_OPTIONS; first--) {
        c = text[first - 1];
        if (c == '\r' || c == '\n' || c == '|' || c == ';' || c == '&') break;
        named = named || c == 'm';
    }
    if (!named) return false;
    for (at = first; at <= option;) {
        while (at < option && cf_is_space(text[at])) at++;
        uint32_t word = at;
        if ((at == option || text[at] == '-') && secret_database(scan, start[1], end[1], &name) && secret_no_value(scan, start[0], end[0])) {
            nearest = name;
            said = (end[0] > start[0] && name_listed(scan, start[0], end[0], run)) || cf_at(scan, nearest - 1) == '>' || cf_at(scan, nearest - 1) == ',';
        }
        while (at < option && !cf_is_space(text[at])) at++;
        start[0] = start[1], end[0] = end[1];
        start[1] = word, end[1] = at;
        if (at == option) break;
    }
    return nearest >= 0 && (said || program_begins(scan, (uint32_t)nearest, &quote));
}

/* Whether no data base is called [start, end): Geheim7! */
static bool secret_signed(const cf_scan *scan, uint32_t start, uint32_t end) {
    bool sign = false, digit = false, within = false;
    for (uint32_t at = start; at < end; at++) {
        bool one = scan->text[at] && strchr("!?@#^*+~", scan->text[at]);
        sign = sign || one;
        within = within || (one && at + 1 < end);
        digit = digit || cf_is_digit(scan->text[at]);
    }
    return sign && (digit || within);
}

/* ` -u mohara -p geheim`, ` --password geheim`: the word [start, end) stands behind a dash and before a blank or `=`. */
static void secret_command_line(cf_scan *scan, uint32_t start, uint32_t end) {
    const uint8_t *text = scan->text;
    uint32_t dash = start - 1, stop, word;
    cf_looks(scan);
    if (cf_at(scan, (int64_t)dash - 1) == '-') dash--;
    if (dash && !cf_is_space(text[dash - 1])) return;
    if (cf_at(scan, (int64_t)dash - 1) == ' ' && text[end] == ' ' &&
        secret_option(scan, start, end, "pw\0pwd\0pass\0passwd\0password\0storepass\0keypass\0")) {
        stop = secret_option_end(scan, end + 1);
        if (stop > end + 1 && !secret_place(scan, end + 1, stop)) secret_login_found(scan, 0, 0, end + 1, stop, CF_R_COMMAND_LINE);
        return;
    }
    if (!secret_option(scan, start, end, "u\0usr\0user\0username\0login\0")) return;
    stop = secret_option_end(scan, end + 1);
    if (stop == end + 1) return;
    uint32_t password = 0, password_end = 0;
    if (cf_at(scan, stop) == ' ' && cf_at(scan, stop + 1) == '-') {
        word = stop + 2 + (cf_at(scan, stop + 2) == '-');
        uint32_t sign = word;
        while (sign - word < 9 && (uint8_t)(cf_at(scan, sign) - 'a') < 26) sign++;
        if ((cf_at(scan, sign) == ' ' || cf_at(scan, sign) == '=') && secret_option(scan, word, sign, "p\0pw\0pwd\0pass\0password\0")) {
            password_end = secret_option_end(scan, sign + 1);
            if (password_end > sign + 1 && !secret_place(scan, sign + 1, password_end) && (!cf_stands(scan, stop, " -p ", 4) || secret_signed(scan, sign + 1, password_end) ||
                                            !secret_of_database(scan, dash)))
                password = sign + 1;
        }
    }
    if (!password && secret_of_system(scan, end + 1, stop)) return;
    if (!password &&
        (memchr("[{$%(", text[end + 1], 5) ||
         secret_option(scan, end + 1, stop,
                       "and\0argument\0is\0missing\0mode\0must\0option\0or\0parameter\0specified\0switch\0USER\0USERNAME\0LOGIN\0NAME\0")))
        return; /* -u must be an integer, -u USER, -u [user] */
    secret_login_found(scan, end + 1, stop, password, password_end, CF_R_COMMAND_LINE);
}

static inline uint32_t secret_sextet(uint8_t c) {
    if (c >= 'a') return c - 'a' + 26u;
    if (c >= 'A') return (uint32_t)(c - 'A');
    if (c >= '0') return c - '0' + 52u;
    return c == '+' ? 62 : 63;
}

/* Bytes of base64 letters; -1 when one of them is no text. */
static int32_t secret_decode(const uint8_t *text, uint32_t size, uint8_t *into) {
    uint32_t bits = 0, held = 0;
    int32_t count = 0;
    for (uint32_t i = 0; i < size; i++) {
        bits = bits << 6 | (secret_sextet(text[i]) & 63);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        uint8_t byte = (uint8_t)(bits >> held);
        if (byte > 126 || (byte < 32 && byte != '\t' && byte != '\r' && byte != '\n')) return -1;
        into[count++] = byte;
    }
    return count;
}

static bool secret_holds_person(cf_scan *scan, const uint8_t *text, uint32_t size) {
    cf_scan inner = {.text = text, .size = size, .rules = scan->rules, .inner = true};
    bool holds = false;
    cf_scan_all(&inner);
    for (uint32_t i = 0; i < inner.count && !holds; i++) {
        unsigned detector = (inner.spans[i].order - 10u) / 10u;
        holds =
            detector == CF_BY_KEY || detector == CF_BY_MAIL || detector == CF_BY_PHONE || detector == CF_BY_SIP_URI || detector == CF_BY_IP;
    }
    scan->failed = scan->failed || inner.failed;
    free(inner.spans);
    return holds;
}

/* Whether base64 of text may begin behind a byte with a letter: the first byte of text is one of ASCII, which leaves
 * half of the letters, and neither '+' nor '/'. */
static inline bool secret_begins_base64(uint8_t before, uint8_t letter) {
    return ((letter >= 'I' && letter <= 'Z') || (letter >= 'a' && letter <= 'f') || letter == 'C' || letter == 'D') &&
           !cf_is_word(before) && !(before >= '+' && before <= '/' && before != ',');
}

/* Base64 that begins with a word of some size at a place. */
static void secret_base64(cf_scan *scan, uint32_t start, uint32_t size) {
    const uint8_t *text = scan->text;
    uint8_t decoded[3072];
    if (size >= 4 && !scan->inner && secret_decode(text + start, 4, decoded) < 0) return;
    cf_looks(scan);
    if (scan->inner || start + 4 > scan->size || secret_decode(text + start, 4, decoded) < 0) return;
    uint32_t end = start, stop;
    bool digits = true, small = true;
    while (end < scan->size && end - start <= 4096 && secret_base64_byte(text[end])) {
        uint8_t c = text[end++];
        digits = digits && cf_is_digit(c);
        small = small && (uint8_t)(c - 'a') < 26;
    }
    if (end - start < 14 || end - start > 4096) return;
    for (stop = end; stop - end < 2 && cf_at(scan, stop) == '=';) stop++;
    uint8_t behind = cf_at(scan, stop);
    if (cf_is_word(behind) || (behind && strchr("+/=-", behind)) || (stop - start) % 4) return;
    if (stop == end && (digits || small)) return;
    int32_t bytes = secret_decode(text + start, end - start, decoded);
    if (bytes < 0 || !secret_holds_person(scan, decoded, (uint32_t)bytes)) return;
    cf_shape(scan, start, stop, CF_BY_BASE64, cf_shape_kind(scan->rules, CF_BY_BASE64), CF_R_BASE64, CF_TOUCHING);
}
