/* Reads ahead in an open file up to where a word first stands, without a word of the interpreter. Part of the product's
   one library; agent/catalogue/ahead.py calls it. Not of Windows, where a place in a file is one for all threads. */

/* Before the first header, for old C libraries and for new ones. */
#define _BSD_SOURCE
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64

#include <stdint.h>

#if defined(_WIN32)
#define CF_SHOWN __declspec(dllexport)
#else
#define CF_SHOWN __attribute__((visibility("default")))
#endif

CF_SHOWN int64_t cf_ahead(int file, uint64_t from, uint64_t to, const uint8_t *word, uint64_t size, uint8_t *room,
                          uint64_t room_size, int wide);

#if defined(_WIN32)

int64_t cf_ahead(int file, uint64_t from, uint64_t to, const uint8_t *word, uint64_t size, uint8_t *room,
                 uint64_t room_size, int wide)
{
    (void)file, (void)from, (void)to, (void)word, (void)size, (void)room, (void)room_size, (void)wide;
    return -1;
}

#else

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Of the core (seek.c): where a word first stands in [start, end) of a text, or -1. */
int64_t cf_seek(const uint8_t *text, uint64_t start, uint64_t end, const uint8_t *word, uint64_t size, int wide);

enum { LINE = 64 }; /* of the processor's cache: the system copies quicker to where one begins */

/* Where a word of at least one byte first stands whole in [from, to) of a file, `to` when it does not, -1 when the file
   cannot be read. The room begins at a line of the cache, and is larger than twice the word and a line. */
int64_t cf_ahead(int file, uint64_t from, uint64_t to, const uint8_t *word, uint64_t size, uint8_t *room,
                 uint64_t room_size, int wide)
{
    uint64_t begin = (size + LINE - 1) / LINE * LINE, kept = 0;
    while (from < to) {
        uint64_t wanted = room_size - begin < to - from ? room_size - begin : to - from;
        ssize_t got = pread(file, room + begin, wanted, (off_t)from);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (!got)
            break;
        uint64_t end = begin + (uint64_t)got;
        int64_t found = cf_seek(room, begin - kept, end, word, size, wide);
        if (found >= 0)
            return (int64_t)(from + (uint64_t)found - begin);
        from += (uint64_t)got;
        kept = kept + (uint64_t)got < size - 1 ? kept + (uint64_t)got : size - 1;
        memmove(room + begin - kept, room + end - kept, kept);
    }
    return (int64_t)to;
}

#endif
