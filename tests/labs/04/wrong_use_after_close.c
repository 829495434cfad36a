/* hint: address */
/* selector.c - lab 4: one thread, many clients.
 *
 * The Channel and its turn are here; the loop is not: server_accept and server_run are yours, some 25 lines. */
#include "first_reading.h"
#include <error.h>
#include <fcntl.h>
#include <sys/epoll.h>

enum { BUFFER_SIZE = 4096, READY_MAX = 512 };

/* The Channel: a socket, what it is interested in, and the state of its conversation. */
struct conn {
    int fd;
    uint32_t interest; /* EPOLLIN, or EPOLLOUT while replies are pending and nothing is received */
    size_t count;      /* bytes received */
    size_t sent;       /* of them, sent back; it receives no more until all are: that is back-pressure */
    char bytes[BUFFER_SIZE];
};

static int listener;
static int selector; /* an epoll instance */

static bool selector_register(int fd, void *attachment);
static void selector_interest(struct conn *c, uint32_t interest);

/* OWNS: the connection owns fd from here on. NULL when there is no memory; fd is then still the caller's. */
static struct conn *conn_open(int fd) {
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->fd = fd;
    c->interest = EPOLLIN;
    if (selector_register(fd, c))
        return c;
    free(c);
    return NULL;
}

/* Not here: waiting for the peer's FIN, the reason in the log, counters. */
static void conn_close(struct conn *c) {
    close(c->fd); /* also leaves the Selector */
    free(c);
}

/* Not here: a time limit for a peer that never sends. */
static enum session_want conn_recv(struct conn *c) {
    ssize_t count = recv(c->fd, c->bytes, sizeof c->bytes, 0); /* COPY: kernel to bytes */
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_READ : WANT_CLOSE; /* EAGAIN: not ready, no sleep */
    if (count == 0)
        return WANT_CLOSE; /* the peer's FIN; all that came before it has gone back */
    c->count = (size_t)count;
    c->sent = 0;
    return WANT_WRITE; /* Not here: a protocol that says what the bytes mean */
}

/* Not here: a time limit for a peer that never reads. */
static enum session_want conn_send(struct conn *c) {
    ssize_t count = send(c->fd, c->bytes + c->sent, c->count - c->sent, MSG_NOSIGNAL); /* COPY: bytes to kernel */
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_WRITE : WANT_CLOSE;
    c->sent += (size_t)count; /* a short send is normal */
    return c->sent < c->count ? WANT_WRITE : WANT_READ;
}

/* A ready Channel's turn. LIMIT: one receive and one send, so that no peer keeps the loop from the others; epoll is
 * level-triggered and reports again what is left. */
static void conn_advance(struct conn *c) {
    enum session_want want = c->interest == EPOLLIN ? conn_recv(c) : WANT_WRITE;
    if (want == WANT_WRITE)
        want = conn_send(c);
    if (want == WANT_CLOSE)
        conn_close(c);
    else
        selector_interest(c, want == WANT_WRITE ? EPOLLOUT : EPOLLIN);
}

static bool selector_register(int fd, void *attachment) {
    return epoll_ctl(selector, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN, {.ptr = attachment}}) == 0;
}

/* Makes the system call only if the interest changes: after most turns it is the same. */
static void selector_interest(struct conn *c, uint32_t interest) {
    if (c->interest != interest)
        epoll_ctl(selector, EPOLL_CTL_MOD, c->fd, &(struct epoll_event){interest, {.ptr = c}});
    c->interest = interest;
}

/* Sleeps until something is ready, or timeout_ms (-1: no limit) have passed. Returns how many things are ready. */
static int selector_select(struct epoll_event ready[READY_MAX], int timeout_ms) {
    return epoll_wait(selector, ready, READY_MAX, timeout_ms); /* WAIT: for any of them */
}

/* A client waits at `listener`. Takes it, and gives it to conn_open, which also registers it with the Selector. */
static void server_accept(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0 && !conn_open(fd))
        close(fd);
}

/* For ever: waits until something is ready, and gives each ready thing its turn. */
static void server_run(void) {
    struct epoll_event ready[READY_MAX];
    for (;;) {
        int count = selector_select(ready, -1);
        for (int i = 0; i < count; i++) {
            struct conn *c = ready[i].data.ptr;
            if (c) {
                conn_advance(c);
                if (c->count == 0)
                    conn_close(c);
            } else
                server_accept();
        }
    }
}

int main(int argc, char **argv) {
    listener = first_reading_listen(argc, argv);
    selector = epoll_create1(EPOLL_CLOEXEC);
    if (selector < 0 || !selector_register(listener, NULL))
        error(EXIT_SETUP, errno, "cannot watch the listening socket; raise ulimit -n");
    listener_announce(listener);
    server_run();
}
