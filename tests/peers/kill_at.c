/* Preloaded into a sender: ends it with SIGKILL before its n-th write or flush, as a power cut would.
 *
 * KILL_AT=n      the call that is not made any more; 0 or absent: none
 * KILL_COUNT=f   where the number of calls is written at a normal end
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;
static long kill_at;

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("KILL_AT");
    kill_at = text ? atol(text) : 0;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("KILL_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", atomic_load(&calls));
        fclose(file);
    }
}

static void count(int fd) {
    if (fd > 2 && atomic_fetch_add(&calls, 1) + 1 == kill_at)
        kill(getpid(), SIGKILL);
}

#define HOOK(type, name, parameters, arguments)                     \
    type name parameters {                                          \
        static type(*real) parameters;                              \
        if (!real)                                                  \
            real = (type(*) parameters)dlsym(RTLD_NEXT, #name);     \
        count(fd);                                                  \
        return real arguments;                                      \
    }

HOOK(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
HOOK(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
HOOK(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
HOOK(ssize_t, writev, (int fd, const struct iovec *pieces, int number), (fd, pieces, number))
HOOK(ssize_t, send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags))
HOOK(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
HOOK(ssize_t, sendto,
     (int fd, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length),
     (fd, data, size, flags, to, length))
HOOK(int, fsync, (int fd), (fd))
HOOK(int, fdatasync, (int fd), (fd))
HOOK(int, ftruncate64, (int fd, off64_t size), (fd, size))
