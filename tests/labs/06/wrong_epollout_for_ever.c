/* hint: epollout_always */
/* short_send.c - lab 6: a send takes what there is room for.
 *
 * Everything is here but the turn of a Channel: conn_send and conn_advance are yours, some 15 lines. They are right
 * while every send takes all that it is shown. */
#include "first_reading.h"
#include <error.h>
#include <fcntl.h>
#include <sys/epoll.h>

enum { BUFFER_SIZE = 4096, READY_MAX = 512 };

/* The Channel: a socket, what it is interested in, and the state of its conversation. More fields are welcome. */
struct conn {
    int fd;
    uint32_t interest; /* what the Selector watches it for: EPOLLIN, EPOLLOUT or both */
    size_t count;      /* bytes received */
    size_t sent;       /* of them, sent back */
    char bytes[BUFFER_SIZE];
};

static int listener;
static int selector; /* an epoll instance */

static bool selector_register(int fd, void *attachment);

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

static void conn_close(struct conn *c) {
    close(c->fd); /* also leaves the Selector */
    free(c);
}

/* Receives into `bytes`, over what is there. WANT_READ: nothing has come; WANT_WRITE: there is something to send;
 * WANT_CLOSE: the peer is gone. */
static enum session_want conn_recv(struct conn *c) {
    ssize_t count = recv(c->fd, c->bytes, sizeof c->bytes, 0); /* COPY: kernel to bytes */
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_READ : WANT_CLOSE; /* EAGAIN: not ready, no sleep */
    if (count == 0)
        return WANT_CLOSE; /* the peer's FIN; all that came before it has gone back */
    c->count = (size_t)count;
    c->sent = 0;
    return WANT_WRITE;
}

static bool selector_register(int fd, void *attachment) {
    return epoll_ctl(selector, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN, {.ptr = attachment}}) == 0;
}

/* From now on the Selector reports this Channel when it is ready for `interest`. */
static void selector_interest(struct conn *c, uint32_t interest) {
    if (c->interest != interest)
        epoll_ctl(selector, EPOLL_CTL_MOD, c->fd, &(struct epoll_event){interest, {.ptr = c}});
    c->interest = interest;
}

/* Sleeps until something is ready, or timeout_ms (-1: no limit) have passed. Returns how many things are ready. */
static int selector_select(struct epoll_event ready[READY_MAX], int timeout_ms) {
    return epoll_wait(selector, ready, READY_MAX, timeout_ms); /* WAIT: for any of them */
}

/* write: from here... */

/* Sends what was received. Returns what the conversation needs next: WANT_READ, WANT_WRITE or WANT_CLOSE. */
static enum session_want conn_send(struct conn *c) {
    ssize_t count = send(c->fd, c->bytes + c->sent, c->count - c->sent, MSG_NOSIGNAL);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_WRITE : WANT_CLOSE;
    c->sent += (size_t)count;
    return c->sent < c->count ? WANT_WRITE : WANT_READ;
}

/* The turn of a Channel that the Selector has reported. */
static void conn_advance(struct conn *c) {
    enum session_want want = c->sent < c->count ? WANT_WRITE : conn_recv(c);
    if (want == WANT_WRITE)
        want = conn_send(c);
    if (want == WANT_CLOSE)
        conn_close(c);
    else
        selector_interest(c, want == WANT_WRITE ? EPOLLOUT : EPOLLIN | EPOLLOUT); /* the mistake: nothing to send */
}

/* ...to here. */

/* Accepts one client; epoll reports again that others wait. */
static void server_accept(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); /* never waits: EAGAIN */
    if (fd >= 0 && !conn_open(fd))
        close(fd);
}

/* One turn for each Channel that is ready, for ever. */
static void server_run(void) {
    struct epoll_event ready[READY_MAX];
    for (;;) {
        int count = selector_select(ready, -1);
        for (int i = 0; i < count; i++) {
            if (ready[i].data.ptr)
                conn_advance(ready[i].data.ptr);
            else
                server_accept();
        }
    }
}

int main(int argc, char **argv) {
    listener = first_reading_listen(argc, argv);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    selector = epoll_create1(EPOLL_CLOEXEC);
    if (selector < 0 || !selector_register(listener, NULL))
        error(EXIT_SETUP, errno, "cannot watch the listening socket; raise ulimit -n");
    listener_announce(listener);
    server_run();
}
