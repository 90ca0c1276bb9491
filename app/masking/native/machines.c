/* What stands behind a key of people or places and is a machine's, or the label of the next field: machines.py of the
 * reference. */
#include "keys.h"
#include "shapes.h"

#include <string.h>

enum { MACHINE_ADDRESS = 46, MACHINE_LOGIN = 64, MACHINE_RECORD = 512 };

/* Whether the address of a machine stands at a place: `Client Address: 10.1.2.3 Client Port: 51022`. */
static bool machine_address(const cf_scan *scan, uint32_t start) {
    uint32_t end = start;
    while (end - start < MACHINE_ADDRESS && (cf_is_digit(cf_at(scan, end)) || (uint8_t)((cf_at(scan, end) | 32) - 'a') < 6 ||
                                             cf_at(scan, end) == ':' || cf_at(scan, end) == '.'))
        end++;
    while (end - start >= 3 && cf_is_word(cf_at(scan, end))) end--;
    if (end - start < 3) return false;
    unsigned colons = 0, dots = 0, letters = 0;
    for (uint32_t at = start; at < end; at++) {
        uint8_t c = scan->text[at];
        colons += c == ':';
        dots += c == '.';
        letters += cf_is_alpha(c);
    }
    return colons >= 2 || (dots >= 3 && !letters);
}

/* Whether a port stands directly behind a name with a number: `db-cc-1:5432` is no card. */
static bool machine_port(const cf_scan *scan, uint32_t start, uint32_t end) {
    return end - start < 6 && cf_at(scan, (int64_t)start - 1) == ':' && cf_is_digit(cf_at(scan, (int64_t)start - 2)) &&
           cf_is_digit(cf_at(scan, start));
}

/* Whether the first word of a label is all that is there: `New Logon: Account Name: mohara`. */
static bool machine_label(const cf_scan *scan, uint32_t start, uint32_t end) {
    static const char *const rest[] = {" ID:", " Name:", " Type:", " Information:"};
    static const char *const first[] = {"Account", "Security", "Logon", "Domain", "Client", "Process", "Network", "Source",
                                        "Workstation", "Caller", "Target", "Subject", "User", "Member", "Group", "Object",
                                        "Service", "Computer", "Supplied", "Authentication", "Package", "Privilege", "Handle",
                                        "Server", "Share", "Task", "Session", "Additional", "Failure", "Provider",
                                        "Certificate", "Ticket"};
    bool known = false;
    if (cf_at(scan, end) != ' ' || (uint8_t)(cf_at(scan, start) - 'A') >= 26) return false; /* nearly always */
    for (unsigned i = 0; i < sizeof first / sizeof *first && !known; i++)
        known = strlen(first[i]) == end - start && cf_stands(scan, start, first[i], end - start);
    if (!known) return false;
    for (unsigned i = 0; i < sizeof rest / sizeof *rest; i++)
        if (cf_stands(scan, end, rest[i], (uint32_t)strlen(rest[i]))) return true;
    return false;
}

/* What lines to other exchanges are called: peer=ITSP1. */
static bool machine_trunk(const uint8_t *text, uint32_t size) {
    static const char *const lines[] = {"itsp", "trunk", "pstn", "carrier", "provider", "gw", "tg", "pri", "bri"};
    uint32_t digits = size;
    while (digits && cf_is_digit(text[digits - 1])) digits--;
    if (digits == size || size - digits > 3) return false;
    digits -= digits && (text[digits - 1] == '-' || text[digits - 1] == '_');
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
        uint32_t length = (uint32_t)strlen(lines[i]), same = 0;
        while (same < length && same < digits && cf_lower(text[same]) == (uint8_t)lines[i][same]) same++;
        if (same == length && same == digits) return true;
    }
    return false;
}

/* domain_mod.c: the file that a program was made of. */
static bool machine_source(const uint8_t *text, uint32_t size) {
    static const char *const ends[] = {".c", ".h", ".cs", ".cpp", ".hpp", ".lua", ".java"};
    for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++) {
        uint32_t end = (uint32_t)strlen(ends[i]);
        if (size >= end && memcmp(text + size - end, ends[i], end) == 0) return true;
    }
    return false;
}

/* Whether a server or a line is called so and no machine: `tserver_01`, `ITSP1`, and not `pc_ohara1`. */
static bool machine_no_host(const uint8_t *text, uint32_t size) {
    if (machine_trunk(text, size) || machine_source(text, size)) return true;
    static const char *const desks[] = {"pc_", "nb_", "wks_", "laptop_", "desktop_", "notebook_", "workstation_"};
    if (!memchr(text, '_', size) || memchr(text, '.', size)) return false;
    for (unsigned i = 0; i < sizeof desks / sizeof *desks; i++) {
        uint32_t length = (uint32_t)strlen(desks[i]), same = 0;
        while (same < length && same < size && cf_lower(text[same]) == (uint8_t)desks[i][same]) same++;
        if (same == length) return false;
    }
    return true;
}

/* 0x3e7: what Windows calls a session. */
static bool machine_logon_id(const uint8_t *text, uint32_t size) {
    for (uint32_t i = 2; i < size; i++)
        if (!cf_is_digit(text[i]) && (uint8_t)((text[i] | 32) - 'a') >= 6) return false;
    return size > 2 && size <= 18;
}

/* Whether a log-in stands where a name was looked for, and no small word of a name. */
static bool machine_login(const cf_scan *scan, uint32_t start, uint32_t end) {
    if (end - start > MACHINE_LOGIN || (uint8_t)(cf_at(scan, start) - 'a') >= 26 || cf_at(scan, end) != ' ') return false;
    for (uint32_t at = start; at < end; at++) {
        uint8_t c = scan->text[at];
        if (!cf_is_digit(c) && (uint8_t)(c - 'a') >= 26 && c != '.' && c != '_' && c != '$' && c != '-') return false;
    }
    uint32_t particle = name_particle(scan, start, end);
    return !particle || start + particle < end;
}

/* Whether a group of a directory is called so: `memberOf=cn=Agents,ou=…`, `cn=Agents,ou=Groups`. */
static bool machine_group(const cf_scan *scan, uint32_t start) {
    static const char *const before[] = {"memberof", "groupdn", "groups", "group"};
    static const char *const units[] = {"groups", "group", "roles", "role", "gruppen", "groupes", "gruppi", "grupos", "grupy"};
    if (start < 3 || scan->text[start - 1] != '=' || !cf_stands_folded(scan, start - 3, "cn=", 3)) return false;
    int64_t at = (int64_t)start - 3, least = (int64_t)start - 24;
    for (unsigned i = 0; i < 2 && cf_at(scan, at - 1) && strchr("\"'([", cf_at(scan, at - 1)); i++) at--;
    if (cf_at(scan, at - 1) == ' ') at--;
    if (cf_at(scan, at - 1) == ':' || cf_at(scan, at - 1) == '=') {
        at--;
        if (cf_at(scan, at - 1) == ' ') at--;
        if (cf_at(scan, at - 1) == '"' || cf_at(scan, at - 1) == '\'') at--;
        for (unsigned i = 0; i < sizeof before / sizeof *before; i++) {
            int64_t word = at - (int64_t)strlen(before[i]);
            if (word >= least && cf_stands_folded(scan, word, before[i], (uint32_t)strlen(before[i])) &&
                (word == least || !cf_is_word(cf_at(scan, word - 1))))
                return true;
        }
    }
    uint32_t end = start;
    while (end < scan->size && end - start < 129 && !(scan->text[end] && strchr(",=\"\r\n", scan->text[end]))) end++;
    if (end == start || end - start > 128 || cf_at(scan, end) != ',') return false;
    end += 1 + (cf_at(scan, (int64_t)end + 1) == ' ');
    if (!cf_stands_folded(scan, end, "ou=", 3)) return false;
    for (unsigned i = 0; i < sizeof units / sizeof *units; i++) {
        uint32_t size = (uint32_t)strlen(units[i]);
        if (cf_stands_folded(scan, (int64_t)end + 3, units[i], size) && !cf_is_word(cf_at(scan, (int64_t)end + 3 + size))) return true;
    }
    return false;
}

/* Whether a realm of a border controller is called so, which no host is: `realm=access-nl`. */
static bool machine_realm(const cf_scan *scan, uint32_t start, uint32_t end) {
    int64_t at = start;
    if (memchr(scan->text + start, '.', end - start)) return false;
    for (unsigned i = 0; i < 4 && cf_at(scan, at - 1) && strchr("\"' =:", cf_at(scan, at - 1)); i++) at--;
    return at < (int64_t)start && cf_stands_folded(scan, at - 5, "realm", 5);
}

/* Whether the message of a record is told, which GELF calls "short_message", and no text of a customer. */
static bool machine_message(const cf_scan *scan, uint32_t start) {
    uint32_t at = start;
    if (!at || scan->text[--at] != '"') return false;
    at -= at && scan->text[at - 1] == ' ';
    if (!at || scan->text[--at] != ':') return false;
    at -= at && scan->text[at - 1] == ' ';
    return cf_ends(scan, at, "\"short_message\"", 15);
}

/* Whether a record of a log is told by its id, which has a digit, and no log-in: log_id=req4711. */
static bool machine_log_id(const cf_scan *scan, uint32_t start, uint32_t end) {
    int64_t at = start;
    at -= cf_at(scan, at - 1) == '"' || cf_at(scan, at - 1) == '\'';
    at -= cf_at(scan, at - 1) == ' ';
    if (cf_at(scan, at - 1) != '=' && cf_at(scan, at - 1) != ':') return false;
    at--;
    at -= cf_at(scan, at - 1) == ' ';
    at -= cf_at(scan, at - 1) == '"' || cf_at(scan, at - 1) == '\'';
    if (!cf_stands_folded(scan, at - 2, "id", 2)) return false;
    at -= 2;
    at -= cf_at(scan, at - 1) == ' ' || cf_at(scan, at - 1) == '_' || cf_at(scan, at - 1) == '-';
    if (!cf_stands_folded(scan, at - 3, "log", 3) || cf_is_alpha(cf_at(scan, at - 4))) return false;
    for (uint32_t digit = start; digit < end && digit - start < MACHINE_RECORD; digit++)
        if (cf_is_digit(scan->text[digit])) return true;
    return false;
}

/* `00:14`, `10:15:02.118`: a time, and no text. */
static bool machine_clock(const uint8_t *text, uint32_t size) {
    uint32_t at = 0, from;
    while (at < size && cf_is_digit(text[at])) at++;
    if (!at || at > 2) return false;
    for (unsigned part = 0; part < 2; part++) {
        if (part && (at == size || text[at] != ':')) break;
        if (size - at < 3 || text[at] != ':' || !cf_is_digit(text[at + 1]) || !cf_is_digit(text[at + 2])) return false;
        at += 3;
    }
    if (at == size) return true;
    if (text[at] != '.' && text[at] != ',') return false;
    for (from = ++at; at < size && cf_is_digit(text[at]);) at++;
    return at == size && at > from && at - from <= 6;
}

/* 08:00, 2026-03-01 08:00, 01.03.2026 08:00: when, and no log-in. */
static bool machine_moment(const uint8_t *text, uint32_t size) {
    static const char *const days[] = {"0000-00-00", "00.00.0000", "00/00/0000", "00.00/0000", "00/00.0000"};
    if (machine_clock(text, size)) return true;
    if (size < 15 || (text[10] != ' ' && text[10] != 'T')) return false;
    for (unsigned form = 0; form < sizeof days / sizeof *days; form++) {
        uint32_t at = 0;
        while (at < 10 && (days[form][at] == '0' ? cf_is_digit(text[at]) : text[at] == (uint8_t)days[form][at])) at++;
        if (at == 10) return machine_clock(text + 11, size - 11 - (text[size - 1] == 'Z'));
    }
    return false;
}
