/* watch.c - lab 7: tells the grader where the server sleeps, and when it makes a new Selector.
 *
 * The functions below take the place of the C library's. The main thread may sleep in the Selector only: if it sleeps
 * in another call, it ends here, with one line on standard error. Other threads sleep as they want. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void slept_in(const char *where) {
    if (gettid() != getpid())
        return;
    dprintf(STDERR_FILENO, "mistake: sleeps_in_loop where=%s\n", where);
    _exit(EXIT_FAILURE);
}

unsigned sleep(unsigned seconds) {
    slept_in("sleep");
    ppoll(NULL, 0, &(struct timespec){.tv_sec = (time_t)seconds}, NULL);
    return 0;
}

int usleep(useconds_t us) {
    slept_in("usleep");
    return ppoll(NULL, 0, &(struct timespec){us / 1000000, (long)(us % 1000000) * 1000}, NULL);
}

int nanosleep(const struct timespec *time, struct timespec *left) {
    (void)left;
    slept_in("nanosleep");
    return ppoll(NULL, 0, time, NULL);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left) {
    slept_in("clock_nanosleep");
    return syscall(SYS_clock_nanosleep, clock, flags, time, left) == 0 ? 0 : errno;
}

int poll(struct pollfd *wanted, nfds_t count, int timeout_ms) {
    struct timespec limit = {timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000};
    if (count == 0)
        slept_in("poll");
    return ppoll(wanted, count, timeout_ms < 0 ? NULL : &limit, NULL);
}

int select(int count, fd_set *readable, fd_set *writable, fd_set *special, struct timeval *timeout) {
    struct timespec limit = {0};
    if (count == 0)
        slept_in("select");
    if (timeout)
        limit = (struct timespec){timeout->tv_sec, timeout->tv_usec * 1000};
    return pselect(count, readable, writable, special, timeout ? &limit : NULL, NULL);
}

/* Says so from the second one on. */
int epoll_create1(int flags) {
    static int made;
    if (made++ == 1)
        dprintf(STDERR_FILENO, "a new Selector\n");
    return (int)syscall(SYS_epoll_create1, flags);
}

int epoll_create(int size) {
    (void)size;
    return epoll_create1(0);
}
