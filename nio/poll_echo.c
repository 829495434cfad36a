/* poll_echo.c - non-blocking I/O, first reading, with poll(2): the Selector that does poll (轮询).
 *
 * diff nio/nio_echo.c nio/poll_echo.c: only the Selector differs. Each call of poll is given all sockets. The kernel
 * asks every one, and the program looks at every one to find those that are ready: a call costs time in proportion to
 * all clients, however few are active. epoll keeps the set in the kernel and returns what is ready: an idle client
 * costs memory, but no time. Neither limits the number of clients.
 *
 *     thread   select -- sleeps --------------+ look at all | recv: copy | send: copy | select -- sleeps --
 *     kernel   ask all sockets | wait for any |             | copy       | copy ..... | ask all sockets ...
 *
 * Read: server_run (the loop), selector_select, selector_remove. */
#include "first_reading.h"
#include <error.h>
#include <fcntl.h>
#include <poll.h>

enum { BUFFER_SIZE = 4096, PLACES_MORE = 64 };

/* The Channel: a socket, its place in the Selector's set, and the state of its conversation. */
struct conn {
    int fd;
    nfds_t place;
    size_t count; /* bytes received */
    size_t sent;  /* of them, sent back; it receives no more until all are: that is back-pressure */
    char bytes[BUFFER_SIZE];
};

static int listener;
static bool accept_paused;         /* no descriptor or no memory: the Selector does not watch the listener */
static struct pollfd *sockets;     /* the Selector's set: which, for what; poll fills in `revents` */
static struct conn **attachments;  /* of the same places: the Channel (selection key); place 0: NULL, the listener */
static nfds_t watched, places_max; /* places in use; places there are memory for */

static bool selector_register(int fd, struct conn *attachment);
static void selector_remove(nfds_t place);

/* OWNS: the connection owns fd from here on. NULL when there is no memory; fd is then still the caller's. */
static struct conn *conn_open(int fd) {
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->fd = fd;
    c->place = watched;
    if (selector_register(fd, c))
        return c;
    free(c);
    return NULL;
}

/* Not here: waiting for the peer's FIN, the reason in the log, counters. */
static void conn_close(struct conn *c) {
    selector_remove(c->place);
    close(c->fd);
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

/* A ready Channel's turn. LIMIT: one receive and one send, then the others'; poll reports again what is left. */
static void conn_advance(struct conn *c) {
    enum session_want want = sockets[c->place].events == POLLIN ? conn_recv(c) : WANT_WRITE;
    if (want == WANT_WRITE)
        want = conn_send(c);
    if (want == WANT_CLOSE)
        conn_close(c);
    else
        sockets[c->place].events = want == WANT_WRITE ? POLLOUT : POLLIN; /* no system call: the set is ours */
}

static bool selector_register(int fd, struct conn *attachment) {
    if (watched == places_max) {
        nfds_t more = places_max + PLACES_MORE + places_max / 2;
        struct pollfd *more_sockets = reallocarray(sockets, more, sizeof *sockets);
        sockets = more_sockets ? more_sockets : sockets;
        struct conn **more_attachments = reallocarray(attachments, more, sizeof(struct conn *));
        attachments = more_attachments ? more_attachments : attachments;
        if (!more_sockets || !more_attachments)
            return false;
        places_max = more;
    }
    sockets[watched] = (struct pollfd){fd, POLLIN, 0};
    attachments[watched++] = attachment;
    return true;
}

/* The last Channel moves to the place that becomes free. */
static void selector_remove(nfds_t place) {
    sockets[place] = sockets[--watched];
    attachments[place] = attachments[watched];
    attachments[place]->place = place;
}

/* Sleeps until something is ready, or timeout_ms (-1: no limit) have passed. Returns how many things are ready. */
static int selector_select(int timeout_ms) {
    return poll(sockets, watched, timeout_ms); /* WAIT: for any of them */
}

/* Accepts one client; poll reports again if others wait. Not here: a limit on clients, an answer to the refused. */
static void server_accept(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);                 /* never waits: EAGAIN */
    accept_paused = fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED; /* EMFILE, ENOMEM... */
    if (fd >= 0 && !conn_open(fd))
        close(fd);
}

/* From the last place to the first: the place of a closed Channel goes to one that has had its turn, and the listener,
 * which may add a Channel, is the last. Not here: sending the pending replies before it ends on SIGTERM. */
static void server_run(void) {
    for (;;) {
        sockets[0].fd = accept_paused ? -1 : listener; /* poll passes over -1 */
        int ready = selector_select(accept_paused ? PAUSE_MS : -1);
        accept_paused = false;
        for (nfds_t place = watched; ready > 0 && place-- > 0;) {
            bool is_ready = sockets[place].revents != 0;
            ready -= is_ready;
            if (is_ready && place > 0)
                conn_advance(attachments[place]);
            else if (is_ready)
                server_accept();
        }
    }
}

int main(int argc, char **argv) {
    listener = first_reading_listen(argc, argv);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    if (!selector_register(listener, NULL))
        error(EXIT_SETUP, errno, "cannot watch the listening socket");
    listener_announce(listener);
    server_run();
}
