/* A long way between two network namespaces, for measuring: real TCP meets real delay, rate and loss.

   far_link DELAY_US LOSS_PER_100000 RATE_KBIT QUEUE_MS NEAR FAR -- SERVER... -- CLIENT...

   Each command runs in a network namespace of its own with one TUN device: the server's has the address FAR,
   the client's NEAR. Every packet waits for its turn at the rate, is thrown away when more than QUEUE_MS wait
   before it or by chance, and arrives DELAY_US later; the same in both directions. The exit code is the
   client's; the server is ended with SIGTERM then. Exit code 77: namespaces or TUN devices are not allowed. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINGER_NS 1000000000
enum { MTU = 1500, SLOTS = 1 << 15, NOT_ALLOWED = 77, DEFECT = 78 };

struct packet {
    int64_t due;
    int length;
    unsigned char bytes[MTU];
};

struct direction {
    int from, to;
    int64_t free_at; /* when the last packet has left the sender's side */
    uint32_t head, tail;
    uint64_t passed, lost, dropped;
    struct packet *ring;
};

static int64_t delay_ns, queue_ns, ns_per_kilobyte;
static uint32_t loss;
static uint64_t dice = 0x9e3779b97f4a7c15u;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint32_t roll(uint32_t sides) {
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (uint32_t)((dice >> 32) % sides);
}

static void fail(const char *what, int code) {
    fprintf(stderr, "far_link: %s: %s\n", what, strerror(errno));
    exit(code);
}

/* The congestion control that most machines have, or its ancestor where that is not allowed here. */
static void choose_congestion_control(void) {
    const char *names[] = {"cubic", "reno"};
    int file = open("/proc/sys/net/ipv4/tcp_congestion_control", O_WRONLY | O_CLOEXEC);
    for (int i = 0; i < 2 && file >= 0; i++)
        if (write(file, names[i], strlen(names[i])) > 0)
            break;
    if (file >= 0)
        close(file);
}

static void up(int control, const char *name) {
    struct ifreq request = {0};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(control, SIOCGIFFLAGS, &request) < 0)
        fail("flags", DEFECT);
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    if (ioctl(control, SIOCSIFFLAGS, &request) < 0)
        fail("up", DEFECT);
}

static void set_address(int control, struct ifreq *request, unsigned long what, const char *text) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    inet_pton(AF_INET, text, &address.sin_addr);
    memcpy(&request->ifr_addr, &address, sizeof address);
    if (ioctl(control, what, request) < 0)
        fail("address", DEFECT);
}

/* A namespace for this process, and the device in it. */
static int settle(const char *address) {
    if (unshare(CLONE_NEWNET) < 0)
        fail("a network namespace", NOT_ALLOWED);
    int device = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (device < 0)
        fail("/dev/net/tun", NOT_ALLOWED);
    struct ifreq request = {0};
    strcpy(request.ifr_name, "far0");
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (ioctl(device, TUNSETIFF, &request) < 0)
        fail("a TUN device", NOT_ALLOWED);
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    set_address(control, &request, SIOCSIFADDR, address);
    set_address(control, &request, SIOCSIFNETMASK, "255.255.255.0");
    request.ifr_qlen = 10000;
    if (ioctl(control, SIOCSIFTXQLEN, &request) < 0)
        fail("queue", DEFECT);
    up(control, "lo");
    up(control, "far0");
    close(control);
    choose_congestion_control();
    return device;
}

/* Starts a command in a namespace of its own; gives the device, and the process by `child`. */
static int start(char **command, const char *address, pid_t *child) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        fail("socketpair", DEFECT);
    *child = fork();
    if (*child < 0)
        fail("fork", DEFECT);
    char byte = 0;
    char room[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    if (*child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        int device = settle(address);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(head), &device, sizeof device);
        if (sendmsg(ends[1], &message, 0) < 0)
            fail("sendmsg", DEFECT);
        execvp(command[0], command);
        fail(command[0], DEFECT);
    }
    close(ends[1]);
    if (recvmsg(ends[0], &message, MSG_CMSG_CLOEXEC) <= 0) {
        int status = 0;
        waitpid(*child, &status, 0);
        exit(WIFEXITED(status) ? WEXITSTATUS(status) : DEFECT);
    }
    close(ends[0]);
    int device;
    memcpy(&device, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof device);
    fcntl(device, F_SETFL, fcntl(device, F_GETFL) | O_NONBLOCK);
    return device;
}

/* Takes what the sender has; each packet has its time of arrival then. */
static void take(struct direction *way) {
    int64_t time = now();
    for (int count = 0; count < 256; count++) {
        unsigned char spill[MTU];
        int full = way->head - way->tail == SLOTS;
        struct packet *packet = &way->ring[way->head % SLOTS];
        int length = (int)read(way->from, full ? spill : packet->bytes, MTU);
        if (length <= 0)
            return;
        if (loss && roll(100000) < loss) {
            way->lost++;
            continue;
        }
        int64_t begins = way->free_at > time ? way->free_at : time;
        if (full || begins - time > queue_ns) {
            way->dropped++;
            continue;
        }
        way->free_at = begins + length * ns_per_kilobyte / 1000;
        packet->due = way->free_at + delay_ns;
        packet->length = length;
        way->head++;
    }
}

/* Lets arrive what is due; nanoseconds until the next one, or -1. */
static int64_t give(struct direction *way) {
    while (way->head != way->tail) {
        struct packet *packet = &way->ring[way->tail % SLOTS];
        int64_t left = packet->due - now();
        if (left > 0)
            return left;
        if (write(way->to, packet->bytes, packet->length) < 0 && errno == EAGAIN)
            return 100000;
        way->passed++;
        way->tail++;
    }
    return -1;
}

int main(int count, char **words) {
    if (count < 10 || strcmp(words[7], "--") != 0) {
        fprintf(stderr, "far_link: see the head of far_link.c\n");
        return DEFECT;
    }
    delay_ns = atoll(words[1]) * 1000;
    loss = (uint32_t)atol(words[2]);
    ns_per_kilobyte = 8000000000 / (atoll(words[3]) > 0 ? atoll(words[3]) : 1);
    queue_ns = atoll(words[4]) * 1000000;
    char **server = words + 8, **client = server;
    while (*client && strcmp(*client, "--") != 0)
        client++;
    if (!*client)
        return DEFECT;
    *client++ = NULL;
    signal(SIGPIPE, SIG_IGN);
    pid_t serving, measuring;
    int far = start(server, words[6], &serving);
    int near = start(client, words[5], &measuring);
    struct direction ways[2] = {{.from = near, .to = far}, {.from = far, .to = near}};
    for (int i = 0; i < 2; i++)
        if (!(ways[i].ring = calloc(SLOTS, sizeof(struct packet))))
            fail("memory", DEFECT);
    int status = 0, ended = 0;
    int64_t look_at = 0, end_at = 0;
    while (!ended || now() < end_at) {
        if (!ended && now() >= look_at) {
            ended = waitpid(measuring, &status, WNOHANG) == measuring;
            look_at = now() + 20000000;
            /* What the client has closed must be closed at the server, too, or it waits for more. */
            end_at = look_at + LINGER_NS;
        }
        int64_t wait = 20000000;
        struct pollfd ready[2];
        for (int i = 0; i < 2; i++) {
            take(&ways[i]);
            int64_t next = give(&ways[i]);
            if (next >= 0 && next < wait)
                wait = next;
            ready[i] = (struct pollfd){.fd = ways[i].from, .events = POLLIN};
        }
        struct timespec pause = {wait / 1000000000, wait % 1000000000};
        ppoll(ready, 2, &pause, NULL);
    }
    kill(serving, SIGTERM);
    for (int i = 0; i < 100 && waitpid(serving, NULL, WNOHANG) == 0; i++)
        usleep(100000);
    kill(serving, SIGKILL);
    for (int i = 0; i < 2; i++)
        fprintf(stderr, "far_link: %s: %llu packets, %llu lost, %llu dropped\n", i ? "down" : "up",
                (unsigned long long)ways[i].passed, (unsigned long long)ways[i].lost,
                (unsigned long long)ways[i].dropped);
    return WIFEXITED(status) ? WEXITSTATUS(status) : DEFECT;
}
