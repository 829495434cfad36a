/* slow_handler.c - asks a database: a socket, which check.py opens under this process's number. It sees which thread
 * asks, and how many ask at the same time. Where there is none, the handler sleeps for 20 ms.
 *
 * An answer 'h' also holds the loop when it wakes, until check.py lets it go on: several results are then there at
 * once. An answer 'r' holds it when it is about to read the eventfd: a result may come just then.
 *
 * A worker that has written to the eventfd goes on when the loop has woken and sleeps again. So a result that it puts
 * into the queue afterwards comes too late, every time.
 *
 * Each send to a client passes through here, too (ld --wrap): check.py is told if the thread is not the loop's. */
#include "slow_handler.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { DELAY_MS = 20, PACKET_MAX = 128 };

static atomic_bool held;      /* the loop, when it wakes */
static atomic_bool read_held; /* the loop, when it is about to read the eventfd */
static int woken = -1;        /* the eventfd */
static struct {
    pthread_mutex_t lock; /* guards the others */
    pthread_cond_t changed;
    bool in_wait;   /* in epoll_wait */
    unsigned waits; /* times that it has entered epoll_wait */
} loop = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

int __real_eventfd(unsigned value, int flags);
int __real_eventfd_read(int fd, eventfd_t *value);
int __real_eventfd_write(int fd, eventfd_t value);
ssize_t __real_read(int fd, void *bytes, size_t count);
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
    char answer = database_answer(fd);
    if (answer == 'h')
        held = true;
    if (answer == 'r')
        read_held = true;
}

static bool is_loop(void) {
    return gettid() == getpid(); /* the first thread */
}

/* Tells check.py, which does not answer. */
static void database_note(const char *what) {
    int fd = database_tell(what, "", 0);
    if (fd >= 0)
        close(fd);
}

/* WAIT: until check.py lets the loop go on. */
static void loop_stop(void) {
    int fd = database_tell("wakes", "", 0);
    if (fd >= 0)
        database_answer(fd);
}

static void sent_by_this_thread(void) {
    if (!is_loop())
        database_note("sends");
}

ssize_t __wrap_send(int fd, const void *bytes, size_t count, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t count, int flags) {
    sent_by_this_thread();
    return __real_send(fd, bytes, count, flags);
}

int __wrap_eventfd(unsigned value, int flags);
int __wrap_eventfd(unsigned value, int flags) {
    return woken = __real_eventfd(value, flags);
}

/* A worker has written to the eventfd. WAIT: until the loop has read it and sleeps; or, if it does not read it, has
 * gone round. */
static void worker_waits(void) {
    if (is_loop())
        return;
    database_note("writes");
    pthread_mutex_lock(&loop.lock);
    unsigned waits = loop.waits;
    while (
        loop.waits - waits < 2 && !(loop.in_wait && poll(&(struct pollfd){.fd = woken, .events = POLLIN}, 1, 0) == 0))
        pthread_cond_wait(&loop.changed, &loop.lock);
    pthread_mutex_unlock(&loop.lock);
}

int __wrap_eventfd_write(int fd, eventfd_t value);
int __wrap_eventfd_write(int fd, eventfd_t value) {
    int result = __real_eventfd_write(fd, value);
    if (fd == woken)
        worker_waits();
    return result;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t count);
ssize_t __wrap_write(int fd, const void *bytes, size_t count) {
    struct stat about;
    if (fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode))
        sent_by_this_thread();
    ssize_t result = __real_write(fd, bytes, count);
    if (fd == woken)
        worker_waits();
    return result;
}

int __wrap_eventfd_read(int fd, eventfd_t *value);
int __wrap_eventfd_read(int fd, eventfd_t *value) {
    if (fd == woken && atomic_exchange(&read_held, false))
        loop_stop();
    return __real_eventfd_read(fd, value);
}

ssize_t __wrap_read(int fd, void *bytes, size_t count);
ssize_t __wrap_read(int fd, void *bytes, size_t count) {
    if (fd == woken && atomic_exchange(&read_held, false))
        loop_stop();
    return __real_read(fd, bytes, count);
}

static void loop_waits(bool in_wait) {
    pthread_mutex_lock(&loop.lock);
    loop.in_wait = in_wait;
    loop.waits += in_wait;
    pthread_cond_broadcast(&loop.changed);
    pthread_mutex_unlock(&loop.lock);
}

int __wrap_epoll_wait(int selector, struct epoll_event *ready, int max, int timeout_ms);
int __wrap_epoll_wait(int selector, struct epoll_event *ready, int max, int timeout_ms) {
    loop_waits(true);
    int count = __real_epoll_wait(selector, ready, max, timeout_ms);
    loop_waits(false);
    if (count > 0 && atomic_exchange(&held, false))
        loop_stop();
    return count;
}
