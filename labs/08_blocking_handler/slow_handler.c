/* slow_handler.c - asks a database: a socket, which check.py opens under this process's number. It sees which thread
 * asks, and how many ask at the same time. Where there is none, the handler sleeps for 20 ms.
 *
 * An answer 'h' also holds the loop when it wakes, until check.py lets it go on: several results are then there at
 * once.
 *
 * Each send to a client passes through here, too (ld --wrap): check.py is told if the thread is not the loop's. */
#include "slow_handler.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { DELAY_MS = 20, PACKET_MAX = 128 };

static atomic_bool held; /* the loop, when it wakes */

int __real_epoll_wait(int selector, struct epoll_event *ready, int max, int timeout_ms);
ssize_t __real_send(int fd, const void *bytes, size_t count, int flags);
ssize_t __real_write(int fd, const void *bytes, size_t count);

/* Connects to the database and sends "WHAT THREAD BYTES" as one packet. -1: there is no database. */
static int database_tell(const char *what, const char *bytes, size_t count) {
    struct sockaddr_un address = {.sun_family = AF_UNIX}; /* sun_path[0] stays 0: a name that is no file's */
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "io-models-lab-%d", (int)getpid());
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    char packet[PACKET_MAX];
    size_t head = (size_t)snprintf(packet, sizeof packet, "%s %d ", what, (int)gettid());
    if (count > sizeof packet - head)
        count = sizeof packet - head;
    memcpy(packet + head, bytes, count);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&address, size) == 0 && __real_send(fd, packet, head + count, MSG_NOSIGNAL) > 0)
        return fd;
    close(fd);
    return -1;
}

/* WAIT: for check.py's answer, or its end. */
static char database_answer(int fd) {
    char answer = 0;
    while (recv(fd, &answer, sizeof answer, 0) < 0) /* EINTR: again */
        continue;
    close(fd);
    return answer;
}

void slow_handler(char *bytes, size_t count) {
    int fd = database_tell("asks", bytes, count);
    if (fd < 0) {
        nanosleep(&(struct timespec){.tv_nsec = DELAY_MS * 1000 * 1000}, NULL); /* WAIT: for the delay */
        return;
    }
    if (database_answer(fd) == 'h')
        held = true;
}

static void sent_by_this_thread(void) {
    if (gettid() == getpid())
        return; /* the first thread is the loop's */
    int fd = database_tell("sends", "", 0);
    if (fd >= 0)
        close(fd);
}

ssize_t __wrap_send(int fd, const void *bytes, size_t count, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t count, int flags) {
    sent_by_this_thread();
    return __real_send(fd, bytes, count, flags);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t count);
ssize_t __wrap_write(int fd, const void *bytes, size_t count) {
    struct stat about;
    if (fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode))
        sent_by_this_thread();
    return __real_write(fd, bytes, count);
}

int __wrap_epoll_wait(int selector, struct epoll_event *ready, int max, int timeout_ms);
int __wrap_epoll_wait(int selector, struct epoll_event *ready, int max, int timeout_ms) {
    int count = __real_epoll_wait(selector, ready, max, timeout_ms);
    if (count > 0 && atomic_exchange(&held, false)) {
        int fd = database_tell("wakes", "", 0);
        if (fd >= 0)
            database_answer(fd);
    }
    return count;
}
