/* fault.c - makes one function of libc fail in a program that it is preloaded into (LD_PRELOAD; see faults.py).
 *
 *     FAULT=CALL:ERRNO:FROM:COUNT    of the calls of CALL, number FROM (from 1) and the next ones fail: COUNT in all,
 *                                    0: for ever
 *     CLOCK_AHEAD_S=SECONDS          the time of day is so much ahead
 *     PAGE_SIZE=BYTES                what sysconf(3) says of it; and the address of a ring of provided buffers is said
 *                                    on stderr, and where its tail is before anything was added */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static bool fails(const char *name) {
    static atomic_int calls;
    const char *fault = getenv("FAULT");
    char call[32];
    int why, from, count;
    if (!fault || sscanf(fault, "%31[^:]:%d:%d:%d", call, &why, &from, &count) != 4 || strcmp(call, name) != 0)
        return false;
    int number = atomic_fetch_add(&calls, 1) + 1;
    if (number < from || (count > 0 && number >= from + count))
        return false;
    errno = why;
    return true;
}

int shutdown(int fd, int how) {
    return fails("shutdown") ? -1 : REAL(shutdown)(fd, how);
}

/* read and write: of sockets only, which OpenSSL moves its bytes with. */
static bool is_socket(int fd) {
    int type;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &(socklen_t){sizeof type}) == 0;
}

ssize_t read(int fd, void *bytes, size_t count) {
    return is_socket(fd) && fails("read") ? -1 : REAL(read)(fd, bytes, count);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    return is_socket(fd) && fails("write") ? -1 : REAL(write)(fd, bytes, count);
}

int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags) {
    return fails("accept4") ? -1 : REAL(accept4)(fd, address, size, flags);
}

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event) {
    return fails("epoll_ctl") ? -1 : REAL(epoll_ctl)(epoll, operation, fd, event);
}

int epoll_create1(int flags) {
    return fails("epoll_create1") ? -1 : REAL(epoll_create1)(flags);
}

int timerfd_create(int clock, int flags) {
    int (*real)(int, int) = (int (*)(int, int))dlsym(RTLD_NEXT, "timerfd_create");
    return fails("timerfd_create") ? -1 : real(clock, flags);
}

int io_uring_queue_init_params(unsigned entries, void *ring, void *params) {
    int (*real)(unsigned, void *, void *) =
        (int (*)(unsigned, void *, void *))dlsym(RTLD_NEXT, "io_uring_queue_init_params");
    return fails("io_uring_queue_init_params") ? -errno : real(entries, ring, params);
}

int eventfd(unsigned count, int flags) {
    int (*real)(unsigned, int) = (int (*)(unsigned, int))dlsym(RTLD_NEXT, "eventfd");
    return fails("eventfd") ? -1 : real(count, flags);
}

FILE *fdopen(int fd, const char *mode) {
    return fails("fdopen") ? NULL : REAL(fdopen)(fd, mode);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    const char *ahead = getenv("CLOCK_AHEAD_S");
    int result = REAL(clock_gettime)(clock, now);
    if (clock == CLOCK_REALTIME && ahead)
        now->tv_sec += atol(ahead);
    return result;
}

long sysconf(int name) {
    const char *size = getenv("PAGE_SIZE");
    return name == _SC_PAGESIZE && size ? atol(size) : REAL(sysconf)(name);
}

/* (liburing.h is not there everywhere; the address comes first in the structure.) */
int io_uring_register_buf_ring(void *ring, const uint64_t *registration, unsigned flags) {
    int (*real)(void *, const uint64_t *, unsigned) =
        (int (*)(void *, const uint64_t *, unsigned))dlsym(RTLD_NEXT, "io_uring_register_buf_ring");
    if (fails("io_uring_register_buf_ring"))
        return -errno;
    if (getenv("PAGE_SIZE")) {
        const uint16_t *buffers = (const uint16_t *)(uintptr_t)registration[0];
        fprintf(stderr, "buffer ring at %llu, tail %d\n", (unsigned long long)registration[0], buffers[7]);
    }
    return real(ring, registration, flags);
}
