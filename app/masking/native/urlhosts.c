/* Hosts behind `//`: network.c has those with dots, network.py of the reference both. */
#include "shapes.h"

/* Where the host of a URL that begins at a place ends; 0: none does. */
static uint32_t url_host(const cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    for (uint32_t label = 0; label <= 6; label++) {
        uint32_t from = at;
        while (at < scan->size && at - from <= LABEL_MOST && label_byte(scan->text[at])) at++;
        if (at == from || at - from > LABEL_MOST || !cf_is_alnum(scan->text[from])) return 0;
        if (!label && !cf_is_alnum(scan->text[at - 1])) return 0;
        if (cf_at(scan, at) != '.') break;
        if (label == 6) return 0;
        at++;
    }
    uint8_t next = cf_at(scan, at);
    return at >= scan->size || cf_is_space(next) || network_mark(next, &network_host_end) ? at : 0;
}

/* Whether a host begins at a place with what belongs to a connection of JDBC behind it, and no log-in: db:1433;user=mary;password=p@ss.
 * imap://mary;AUTH=NTLM@mail has a log-in. */
static bool url_connection(const cf_scan *scan, uint32_t start) {
    static const char *const schemes[] = {":sqlserver://", ":as400://", ":Tds://", ":hive2://", ":impala://"};
    uint32_t at = start, word;
    bool known = false;
    for (unsigned i = 0; i < COUNT(schemes); i++) known = known || cf_ends(scan, start, schemes[i], (uint32_t)strlen(schemes[i]));
    if (!known) return false;
    while (at < scan->size && at - start < 128 && !cf_is_space(scan->text[at]) && !network_mark(scan->text[at], &network_user_end) &&
           scan->text[at] != ';' && scan->text[at] != ':')
        at++;
    if (at - start > 127) return false;
    if (cf_at(scan, at) == ':') {
        for (word = ++at; at - word < 6 && cf_is_digit(cf_at(scan, at));) at++;
        if (at == word || at - word > 5) return false;
    }
    if (cf_at(scan, at) != ';') return false;
    for (word = ++at; at - word < 33 && cf_is_word(cf_at(scan, at));) at++;
    return at > word && at - word <= 32 && cf_at(scan, at) == '=';
}

/* Whether a name is that of a part of a program: `//SIP/Stack/Info`. */
static bool program_part(const uint8_t *text, uint32_t size) {
    if ((uint8_t)(text[0] - 'A') >= 26 || size > LABEL_MOST) return false;
    for (uint32_t i = 1; i < size; i++)
        if (!cf_is_alpha(text[i]) && text[i] != '_') return false;
    return true;
}

/* Whether a name is that of a folder: small letters and `_`, and no more than a label may have. */
static bool folder_name(const uint8_t *text, uint32_t size) {
    for (uint32_t i = 0; i < size; i++)
        if ((uint8_t)(text[i] - 'a') >= 26 && text[i] != '_') return false;
    return size <= LABEL_MOST;
}

/* GET //desk/setup.php HTTP/1.1: a path */
static bool behind_request(const cf_scan *scan, uint32_t at) {
    static const text_word_of methods[] = {TEXT("GET "), TEXT("HEAD "), TEXT("POST "), TEXT("PUT "),
                                           TEXT("DELETE "), TEXT("OPTIONS "), TEXT("PATCH ")};
    for (uint32_t i = 0; i < COUNT(methods); i++)
        if (cf_ends(scan, at, methods[i].text, methods[i].size)) return true;
    return false;
}

/* Whether a name of three labels or more ends with one of letters: crm.corp.example. */
static bool host_of_request(const uint8_t *text, uint32_t size) {
    uint32_t last = size, dots = 0;
    while (last && cf_is_alpha(text[last - 1])) last--;
    if (size - last < 2 || !last || text[last - 1] != '.') return false;
    for (uint32_t i = 0; i < last; i++) dots += text[i] == '.';
    return dots >= 2;
}

/* Whether a name is a part of `"-//W3C//DTD VOICEXML 2.1//EN"`. */
static bool public_identifier(cf_scan *scan, uint32_t at, uint32_t start, uint32_t end) {
    uint8_t before = cf_at(scan, (int64_t)at - 1), quote = cf_at(scan, (int64_t)at - 2);
    if (before == '-' && (quote == '"' || quote == '\'' || quote == ';')) /* &quot;-//, too; no "-//host/share" */
        return cf_at(scan, end) != '/' || cf_at(scan, (int64_t)end + 1) == '/';
    if (!(cf_is_alnum(before) || cf_behind_token(scan, at)) || start != at + 2 || end - start < 2 || end - start > 3) return false;
    for (; start < end; start++)
        if ((uint8_t)(scan->text[start] - 'A') >= 26) return false;
    return true;
}

static void slashes(cf_scan *scan, uint32_t at) {
    if (cf_at(scan, at + 1) != '/' || cf_at(scan, (int64_t)at - 1) == '/') return;
    uint32_t start = at + 2, user = start, end = 0;
    while (user < scan->size && user - start <= URL_USER_MOST && !cf_is_space(scan->text[user]) &&
           !network_mark(scan->text[user], &network_user_end))
        user++;
    if (user > start && user - start <= URL_USER_MOST && cf_at(scan, user) == '@' && !url_connection(scan, start))
        end = url_host(scan, user + 1);
    if (end) start = user + 1;
    else end = url_host(scan, start);
    if (!end || cf_digits_and_dots(scan->text + start, end - start)) return;
    if (cf_ends(scan, at, "file:", 5) && folder_name(scan->text + start, end - start)) return; /* file://music/in_queue.wav */
    if (cf_hidden_password(scan, end)) return;
    uint8_t before = cf_at(scan, (int64_t)at - 1); /* a path: /usr/share//doc/ */
    if (cf_at(scan, end) == '/' &&
        (cf_is_alnum(before) || cf_behind_token(scan, at) || (before != ':' && program_part(scan->text + start, end - start))))
        return;
    if (public_identifier(scan, at, start, end)) return;
    bool authority = start > at + 2 || cf_at(scan, end) == ':'; /* and no path */
    if (!authority && before == ' ' && behind_request(scan, at) && !host_of_request(scan->text + start, end - start)) return;
    if (!cf_allowed_host(scan->rules, scan->text + start, end - start))
        cf_shape(scan, start, end, CF_BY_HOST, cf_shape_kind(scan->rules, CF_BY_HOST), CF_R_URL_HOST, CF_LEARN);
}
