/* Preloaded into a process: ends it before its n-th write, flush, rename, folder made or file removed, as a power
 * cut would,
 * or lets such calls fail for as long as a file is there.
 *
 * KILL_AT=n        the call that is not made any more; 0 or absent: none
 * KILL_COUNT=f     where the number of calls is written at a normal end
 * FAULT_UNDER=p    only calls on files below this folder count; absent: all, and all sockets
 * FAULT_WHILE=f    while this file is there, calls fail ...
 * FAULT_ERRNO=e    ... with this errno
 * FAULT_CALLS=c    ... those named in it, of "write", "flush", "rename", "entry" (mkdir, unlink), "open" and "read"
 * FAULT_FROM=n     ... of reads, only those that go behind this byte of a file; absent: all
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;
static long kill_at;
static int fault_errno;
static off64_t fault_from;
static const char *under, *while_there, *failing = "";

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("KILL_AT");
    kill_at = text ? atol(text) : 0;
    under = getenv("FAULT_UNDER");
    while_there = getenv("FAULT_WHILE");
    text = getenv("FAULT_ERRNO");
    fault_errno = text ? atoi(text) : 0;
    text = getenv("FAULT_FROM");
    fault_from = text ? atoll(text) : 0;
    text = getenv("FAULT_CALLS");
    failing = text ? text : "";
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("KILL_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", atomic_load(&calls));
        fclose(file);
    }
}

/* Called by a process that was forked: its own calls count from here, and before the n-th it ends. */
void fault_arm(long at) {
    atomic_store(&calls, 0);
    kill_at = at;
}

static int is_below(const char *path) {
    size_t length = under ? strlen(under) : 0;
    return !under || (strncmp(path, under, length) == 0 && path[length] == '/');
}

static int counts(int fd) {
    char link[32], path[4096];
    if (fd <= 2)
        return 0;
    if (!under)
        return 1;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return is_below(path);
}

static int goes_behind(off64_t at, size_t size) {
    return !fault_from || at + (off64_t)size > fault_from;
}

/* Whether the call fails; a process that is to end here does not come back. */
static int fails(const char *kind, int counted) {
    if (!counted)
        return 0;
    if (strcmp(kind, "open") != 0 && strcmp(kind, "read") != 0 && atomic_fetch_add(&calls, 1) + 1 == kill_at)
        kill(getpid(), SIGKILL);
    if (!while_there || !strstr(failing, kind) || access(while_there, F_OK) != 0)
        return 0;
    errno = fault_errno;
    return 1;
}

#define REAL(type, name, parameters)                                \
    static type(*real) parameters;                                  \
    if (!real)                                                      \
        real = (type(*) parameters)dlsym(RTLD_NEXT, #name);

#define HOOK(kind, counted, type, name, parameters, arguments)      \
    type name parameters {                                          \
        REAL(type, name, parameters)                                \
        return fails(kind, counted) ? -1 : real arguments;          \
    }

HOOK("write", counts(fd), ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
HOOK("write", counts(fd), ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
HOOK("write", counts(fd), ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
HOOK("write", counts(fd), ssize_t, writev, (int fd, const struct iovec *pieces, int number), (fd, pieces, number))
HOOK("write", counts(fd), ssize_t, send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags))
HOOK("write", counts(fd), ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
HOOK("write", counts(fd), ssize_t, sendto,
     (int fd, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length),
     (fd, data, size, flags, to, length))
HOOK("write", counts(fd), int, ftruncate64, (int fd, off64_t size), (fd, size))
HOOK("read", goes_behind(lseek(fd, 0, SEEK_CUR), size) && counts(fd), ssize_t, read, (int fd, void *data, size_t size), (fd, data, size))
HOOK("read", goes_behind(at, size) && counts(fd), ssize_t, pread64, (int fd, void *data, size_t size, off64_t at), (fd, data, size, at))
HOOK("flush", counts(fd), int, fsync, (int fd), (fd))
HOOK("flush", counts(fd), int, fdatasync, (int fd), (fd))
HOOK("rename", is_below(to), int, rename, (const char *from, const char *to), (from, to))
HOOK("rename", is_below(to), int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
HOOK("rename", is_below(to), int, link, (const char *from, const char *to), (from, to))
HOOK("entry", under && is_below(path), int, mkdir, (const char *path, mode_t mode), (path, mode))
HOOK("entry", under && is_below(path), int, unlink, (const char *path), (path))

#define OPEN(name)                                                  \
    int name(const char *path, int flags, ...) {                    \
        REAL(int, name, (const char *, int, ...))                   \
        va_list more;                                               \
        va_start(more, flags);                                      \
        int makes = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;          \
        unsigned mode = makes ? va_arg(more, unsigned) : 0;         \
        va_end(more);                                               \
        return fails("open", under && is_below(path)) ? -1 : real(path, flags, mode); \
    }

OPEN(open)
OPEN(open64)
