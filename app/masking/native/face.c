/* What is called from outside. Nothing here throws: an answer below zero says what went wrong. */
#include "core.h"

#include <stdlib.h>
#include <string.h>

enum { CF_TOO_SMALL = -1, CF_NO_MEMORY = -2, CF_TOO_LARGE = -3 };

/* All places the detectors find in a buffer, before overlaps are settled.
 *
 * Writes at most `room` spans and returns how many there are; CF_TOO_SMALL, CF_NO_MEMORY, CF_TOO_LARGE. */
CF_FACE int64_t cf_detect(const cf_rules *rules, const uint8_t *text, uint64_t size, cf_span *spans, uint64_t room) {
    if (size > UINT32_MAX / 2) return CF_TOO_LARGE;
    cf_scan scan = {.text = text, .size = (uint32_t)size, .rules = rules};
    cf_scan_all(&scan);
    int64_t count = scan.failed ? CF_NO_MEMORY : scan.count > room ? CF_TOO_SMALL : (int64_t)scan.count;
    if (count > 0) memcpy(spans, scan.spans, (size_t)count * sizeof *spans);
    free(scan.spans);
    return count;
}
