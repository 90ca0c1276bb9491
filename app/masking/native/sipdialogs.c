/* What says which dialogue it is and who takes part in it: Via, Call-ID, SDP, parameters of headers. */
#include "shapes.h"

#include <string.h>

static void sip_via(cf_scan *scan, uint32_t at) {
    if (!cf_stands(scan, (int64_t)at - 3, "SIP/2.0/", 8) || at - 3 < scan->met[CF_MET_VIA]) return;
    uint32_t end = at + 5;
    while (end - at < 13 && cf_is_alpha(cf_at(scan, end))) end++;
    if (end - at < 7) return;
    uint32_t host = cf_skip_blanks(scan, end, 4);
    if (host == end) return;
    end = sip_host_end(scan, host);
    if (end == host) return;
    scan->met[CF_MET_VIA] = end;
    sip_host(scan, host, end, CF_R_VIA_HOST);
}

static inline bool sip_ends_call_id(uint8_t c) {
    return cf_is_space(c) || c == '@' || c == ';' || c == ',' || c == '"' || c == '\'' || c == '<' || c == '>';
}

/* `left@host` at a place. */
static bool sip_call_id_at(cf_scan *scan, uint32_t left) {
    uint32_t at = left;
    while (at < scan->size && at - left < 257 && !sip_ends_call_id(scan->text[at])) at++;
    if (at == left || at - left > 256 || cf_at(scan, at) != '@') return false;
    uint32_t end = sip_host_end(scan, at + 1);
    if (end == at + 1) return false;
    scan->met[CF_MET_CALL_ID] = end;
    sip_host(scan, at + 1, end, CF_R_CALL_ID_HOST);
    return true;
}

static void sip_call_id_line(cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    if (cf_stands(scan, start, "Call-ID", 7)) at += 7;
    else if (cf_stands(scan, start, "In-Reply-To", 11)) at += 11;
    else if (cf_stands(scan, start, "Replaces", 8)) at += 8;
    else if (cf_stands(scan, start, "Target-Dialog", 13)) at += 13;
    else if (cf_stands(scan, start, "Join", 4)) at += 4;
    else if (cf_at(scan, start) == 'i') at++;
    if (at == start || start < scan->met[CF_MET_CALL_ID]) return;
    at = cf_skip_blanks(scan, at, 4);
    if (cf_at(scan, at) == ':') sip_call_id_at(scan, cf_skip_blanks(scan, at + 1, 4));
}

/* `call-id` in any case ends at a place and begins at `start`. */
static void sip_call_id_word(cf_scan *scan, uint32_t start, uint32_t end) {
    cf_looks(scan);
    if (start < scan->met[CF_MET_CALL_ID]) return;
    uint32_t left = end;
    while (left - end < 4) {
        uint8_t c = cf_at(scan, left);
        if (!cf_is_space(c) && c != ':' && c != '=' && c != '\'' && c != '"') break;
        left++;
    }
    if (left == end) return;
    cf_crosses(scan);
    if (sip_call_id_at(scan, left)) return;
    uint8_t last = scan->text[left - 1];
    if (left - end > 1 && (last == ':' || last == '=')) sip_call_id_at(scan, left - 1);
}

static void sip_sdp_host(cf_scan *scan, uint32_t start, uint32_t end) {
    cf_looks(scan);
    if (cf_at(scan, end) != ' ' || !cf_ends(scan, start, "IN ", 3) || start - 3 < scan->met[CF_MET_SDP_HOST]) return;
    uint32_t host = end + 1, stop = host;
    if (!cf_is_alnum(cf_at(scan, host))) return;
    while (stop - host < 253 && cf_is_host_byte(cf_at(scan, stop))) stop++;
    scan->met[CF_MET_SDP_HOST] = stop;
    sip_host(scan, host, stop, CF_R_SDP_HOST);
}

static uint32_t sip_field(const cf_scan *scan, uint32_t at, uint32_t most) {
    uint32_t end = at;
    while (end < scan->size && end - at <= most && !cf_is_space(scan->text[end])) end++;
    return end > at && end - at <= most && cf_at(scan, end) == ' ' ? end : 0;
}

static void sip_sdp_origin(cf_scan *scan, uint32_t start) {
    uint32_t user = start + 2, end = sip_field(scan, user, 128);
    uint32_t session = end ? sip_field(scan, end + 1, 24) : 0;
    uint32_t version = session ? sip_field(scan, session + 1, 24) : 0;
    if (!version || !cf_stands(scan, version, " IN IP", 6)) return;
    uint8_t net = cf_at(scan, (int64_t)version + 6);
    if ((net != '4' && net != '6') || cf_at(scan, (int64_t)version + 7) != ' ') return;
    if ((int64_t)version + 8 >= scan->size || cf_is_space(scan->text[version + 8]) || sip_stays(scan, user, end)) return;
    cf_kind kind = sip_phone_user(scan, user, end) ? CF_TEL : cf_shape_kind(scan->rules, CF_BY_SDP_ORIGIN);
    cf_shape(scan, user, end, CF_BY_SDP_ORIGIN, kind, CF_R_SDP_ORIGIN, CF_TOUCHING);
}

static void sip_param(cf_scan *scan, uint32_t at) {
    static const struct { const char *name; uint8_t size; } params[] = {
        {"received=", 9}, {"maddr=", 6}, {"vnd.host=", 9}, {"phone-context=", 14}, {"ext=", 4}, {"isub=", 5}};
    uint32_t start = 0;
    switch (cf_at(scan, (int64_t)at + 1)) {
    case 'r': case 'm': case 'v': case 'p': case 'e': case 'i': break;
    default: return;
    }
    for (unsigned i = 0; i < sizeof params / sizeof *params; i++)
        if (cf_stands(scan, (int64_t)at + 1, params[i].name, params[i].size)) start = at + 1 + params[i].size;
    if (!start) return;
    uint32_t end = start;
    while (end < scan->size && end - start < 256) {
        uint8_t c = scan->text[end];
        if (cf_is_space(c) || c == ';' || c == ',' || c == '>' || c == '"' || c == '\'') break;
        end++;
    }
    if (end == start) return;
    const uint8_t *value = scan->text + start;
    uint32_t size = end - start, digits = 1;
    if (cf_is_address(scan->rules, value, size)) {
        cf_shape(scan, start, end, CF_BY_SIP_HOST, CF_IP, CF_R_SIP_PARAM, CF_TOUCHING);
        return;
    }
    while (digits < size && cf_is_digit(value[digits])) digits++;
    if (value[0] == '+' && size > 1 && digits == size)
        cf_shape(scan, start, end, CF_BY_SIP_HOST, CF_TEL, CF_R_SIP_PARAM, CF_TOUCHING);
    else if (memchr(value, '.', size) && cf_is_host(scan->rules, value, size))
        cf_shape(scan, start, end, CF_BY_SIP_HOST, CF_HOST, CF_R_SIP_PARAM, CF_TOUCHING);
}
