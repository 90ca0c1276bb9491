/* Any bytes as lines of a log: what is told of their times adds up. Built by tests/fuzz/run.py with libFuzzer. */
#include "../core.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const int64_t widths[] = {600000000, 1000000, 1, 86400000000};
    cf_times_told told;
    if (size < 3) return 0;
    int64_t day = (int64_t)data[0] * 86400000000 * 100, shift = ((int64_t)data[1] - 128) * 900000000;
    int64_t count = cf_times(data + 3, size - 3, day, shift, widths[data[2] % 4], &told);
    if (count <= 0) return 0;
    uint64_t bytes = 0, records = 0, kinds = 0;
    for (uint32_t i = 0; i < told.count; i++) {
        bytes += told.parts[i].size;
        records += told.parts[i].records;
        for (int kind = 0; kind < TIMES_KINDS; kind++) kinds += told.parts[i].kinds[kind];
    }
    if (bytes != size - 3 || records != (uint64_t)count || kinds != records || told.place >= size - 3) __builtin_trap();
    if (told.least > told.first || told.first > told.most || told.pause > told.most - told.least) __builtin_trap();
    return 0;
}
