/* A digest of all that a listing of a directory tells, without a listing: of a hundred thousand files that are
   as they were, none becomes an object. Part of the product's one library; agent/watch/glance.py calls it.

   Not of Windows, whose listings are not true: there the answers say that nothing is known. */

/* Before the first header: kinds of entries and nanoseconds, for old C libraries and for new ones. */
#define _BSD_SOURCE
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#define _POSIX_C_SOURCE 200809L

#include <stdint.h>

#if defined(_WIN32)
#define CF_SHOWN __declspec(dllexport)
#else
#define CF_SHOWN __attribute__((visibility("default")))
#endif

CF_SHOWN uint64_t cf_folder_glance(const char *path);
CF_SHOWN void cf_folders_own(int root, const char *paths, uint64_t count, uint64_t *told);

#if defined(_WIN32)

uint64_t cf_folder_glance(const char *path)
{
    (void)path;
    return 0;
}

void cf_folders_own(int root, const char *paths, uint64_t count, uint64_t *told)
{
    (void)root, (void)paths;
    while (count--)
        *told++ = 0;
}

#else

#include <dirent.h>
#include <fcntl.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__APPLE__)
#define MODIFIED st_mtimespec
#define CHANGED st_ctimespec
#else
#define MODIFIED st_mtim
#define CHANGED st_ctim
#endif

/* Both halves of a product of 128 bits: every bit of the number reaches every bit of the digest. */
static uint64_t mixed(uint64_t digest, uint64_t number)
{
    uint64_t a = digest ^ UINT64_C(0x9E3779B97F4A7C15), b = number ^ UINT64_C(0xD6E8FEB86659FD93);
    uint64_t low = (a & 0xFFFFFFFF) * (b & 0xFFFFFFFF), across = (a >> 32) * (b & 0xFFFFFFFF);
    uint64_t other = (a & 0xFFFFFFFF) * (b >> 32), middle = across + (low >> 32) + (other & 0xFFFFFFFF);
    uint64_t high = (a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32);
    return ((middle << 32) | (low & 0xFFFFFFFF)) ^ high ^ (digest << 23 | digest >> 41);
}

static uint64_t mixed_name(uint64_t digest, const char *name)
{
    size_t left = strlen(name);
    digest = mixed(digest, left);
    while (left) {
        uint64_t word = 0;
        size_t now = left < 8 ? left : 8;
        memcpy(&word, name, now);
        digest = mixed(digest, word);
        name += now;
        left -= now;
    }
    return digest;
}

static uint64_t mixed_time(uint64_t digest, struct timespec time)
{
    return mixed(mixed(digest, (uint64_t)time.tv_sec), (uint64_t)time.tv_nsec);
}

static int is_self_or_parent(const char *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* An entry's name and kind; of what is no folder and no link also what identity and growth are told by.
   0 when it cannot be looked at. */
static int mix_entry(uint64_t *digest, int folder, const struct dirent *entry)
{
    struct stat seen;
    *digest = mixed(mixed_name(*digest, entry->d_name), entry->d_type);
    if (entry->d_type == DT_DIR || entry->d_type == DT_LNK)
        return 1;
    if (fstatat(folder, entry->d_name, &seen, AT_SYMLINK_NOFOLLOW))
        return 0;
    *digest = mixed(mixed(*digest, (uint64_t)seen.st_dev), (uint64_t)seen.st_ino);
    *digest = mixed(mixed(*digest, (uint64_t)seen.st_size), (uint64_t)(seen.st_mode & S_IFMT));
    *digest = mixed_time(mixed_time(*digest, seen.MODIFIED), seen.CHANGED);
    return 1;
}

static uint64_t mixed_entries(uint64_t digest, int folder, DIR *open)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(open);
        if (!entry)
            return errno ? 0 : digest ? digest : 1;
        if (!is_self_or_parent(entry->d_name) && !mix_entry(&digest, folder, entry))
            return 0;
    }
}

static uint64_t mixed_own(const struct stat *own)
{
    uint64_t digest = mixed(mixed(1, (uint64_t)own->st_dev), (uint64_t)own->st_ino);
    return mixed_time(mixed_time(digest, own->MODIFIED), own->CHANGED);
}

/* The digest of a directory: its identity, its own times of change, and its entries. Never 0 for one that could be
   looked at as a whole. */
uint64_t cf_folder_glance(const char *path)
{
    struct stat own;
    uint64_t digest;
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return 0;
    DIR *opened = fstat(folder, &own) ? NULL : fdopendir(folder);
    if (!opened) {
        close(folder);
        return 0;
    }
    digest = mixed_entries(mixed_own(&own), folder, opened);
    closedir(opened);
    return digest;
}

/* The digests of identity and own times of change alone, of so many directories by their paths below an open one, each
   path ended by a NUL; 0 for one that is not to be seen. */
void cf_folders_own(int root, const char *paths, uint64_t count, uint64_t *told)
{
    for (; count--; told++, paths += strlen(paths) + 1) {
        struct stat own;
        *told = fstatat(root, paths, &own, 0) ? 0 : mixed_own(&own);
    }
}

#endif
