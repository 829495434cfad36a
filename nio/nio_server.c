/* nio_server.c - non-blocking I/O: one thread, a Selector, many Channels.
 *
 * Sockets never make the thread sleep: recv and send fail with EAGAIN ("not ready") instead. The thread sleeps in one
 * place, the Selector (epoll). One call reports which of thousands of Channels are ready for what they are interested
 * in. The thread then moves bytes for each of these, and calls the Selector again. The state of a conversation is no
 * longer in a thread's stack: it is in the Channel's fields.
 *
 *     thread   select -- sleeps --+ recv: copy | process | send: copy | next ready Channel ... | select -- sleeps --
 *     kernel   wait for any data .| copy       |         | copy ......|                        | wait for any data
 *
 * Read: server_run (the loop), selector_select (the one sleep), conn_ready (a turn), conn_recv, conn_send. */
#include "bad_connection.h"
#include "door.h"
#include "listener.h"
#include "memory.h"
#include "now.h"
#include "options.h"
#include "session.h"
#include "signals.h"
#include "stats.h"
#include <assert.h>
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* TICK_MS: the timer's period. LOOK_MS: each connection's time limits are checked once in this time. A wait begins and
 * ends at a check, so it may last up to 2 * LOOK_MS longer than its limit. */
enum { READY_MAX = 512, ACCEPTS_PER_TURN = 64, LOOKS_PER_TICK = 5000, TICK_MS = 50, LOOK_MS = 1000 };

/* Holds the bytes of one receive while they are processed: one buffer for the whole loop, not one per Channel. */
struct buffer {
    uint8_t bytes[RECEIVE_SIZE];
};

struct selector {
    int epoll;
    int ready_count;
    struct epoll_event ready[READY_MAX];
};

/* The Channel: a socket, what it is interested in, and the state of its conversation. */
struct conn {
    struct server *server;
    int fd;
    uint16_t interest; /* EPOLLIN, or EPOLLOUT while replies are pending and nothing is read; both: see server_drain */
    bool closing;      /* our FIN is sent; it waits for the peer's until due_ms */
    int64_t due_ms;    /* when its time limits are checked next */
    struct session session;
    TAILQ_ENTRY(conn) link;
};

struct server {
    struct options options;
    struct selector selector;
    struct buffer buffer;
    int listener;
    struct door door;
    int timer;                         /* ready every TICK_MS, like a Channel */
    TAILQ_HEAD(conn_list, conn) conns; /* both lists are in the order of due_ms */
    struct conn_list closing;
    struct stats stats;
    bool accept_paused; /* no descriptor or no memory: accepting pauses until the next tick */
    bool draining;      /* no new clients; ends with the last connection, at drain_until_ms at the latest */
    int64_t drain_until_ms;
};

static bool selector_register(struct selector *s, int fd, void *attachment);
static void selector_interest(struct selector *s, struct conn *c, uint16_t interest);
static void conn_advance(struct conn *c, enum session_want want);

/* OWNS: the connection owns fd from here on. NULL when there is no memory; fd is then still the caller's. */
static struct conn *conn_open(struct server *s, int fd) {
    struct conn *c = calloc(1, sizeof *c);
    if (!c || !selector_register(&s->selector, fd, c)) {
        free(c);
        return NULL;
    }
    c->server = s;
    c->fd = fd;
    c->interest = EPOLLIN;
    setsockopt(fd, SOL_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    session_open(&c->session, s->options.protocol, &s->options.limits);
    TAILQ_INSERT_HEAD(&s->conns, c, link); /* the next tick starts its time limits */
    stats_accepted(&s->stats);
    return c;
}

/* Frees the connection. */
static void conn_free(struct conn *c) {
    struct server *s = c->server;
    assert(c->closing);
    TAILQ_REMOVE(&s->closing, c, link);
    if (c->session.broken) /* the peer is gone: close() sends RST, and the kernel keeps no unread reply */
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    close(c->fd); /* also leaves the Selector */
    stats_closed(&s->stats, &c->session);
    session_close(&c->session);
    free(c);
}

/* After our FIN: drops what still comes, until the peer's FIN comes. */
static void conn_linger(struct conn *c) {
    struct server *s = c->server;
    ssize_t count = recv(c->fd, s->buffer.bytes, RECEIVE_SIZE, 0); /* COPY: dropped */
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
        conn_free(c);
    else
        selector_interest(&s->selector, c, EPOLLIN);
}

/* Ends the conversation: sends FIN after the last reply, and frees the connection after the peer's FIN. */
static void conn_close(struct conn *c) {
    struct server *s = c->server;
    assert(!c->closing && (s->draining || session_wants(&c->session) == WANT_CLOSE));
    bad_connection_log(c->fd, &c->session);
    TAILQ_REMOVE(&s->conns, c, link);
    TAILQ_INSERT_TAIL(&s->closing, c, link);
    c->closing = true;
    c->due_ms = now_ms() + s->options.limits.linger_ms;
    if (c->session.broken) {
        conn_free(c);
        return;
    }
    shutdown(c->fd, SHUT_WR);
    conn_linger(c);
}

static enum session_want conn_recv(struct conn *c) {
    uint8_t *bytes = c->server->buffer.bytes;
    ssize_t count = recv(c->fd, bytes, RECEIVE_SIZE, 0); /* COPY: kernel to the loop's buffer */
    c->server->stats.effort.would_blocks += count < 0 && errno == EAGAIN;
    if (count < 0 && errno == EAGAIN && server_is_stopping())
        return session_shutdown(&c->session); /* all that has come is answered */
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_READ : session_reset(&c->session);
    if (count == 0)
        return session_eof(&c->session);
    if (c->server->options.handler_delay.tv_nsec)
        nanosleep(&c->server->options.handler_delay, NULL); /* WAIT: a handler that blocks; all clients wait */
    return session_receive(&c->session, bytes, (size_t)count);
}

static enum session_want conn_send(struct conn *c) {
    size_t pending;
    const uint8_t *bytes = session_pending(&c->session, &pending);
    assert(pending > 0);
    ssize_t count = send(c->fd, bytes, pending, MSG_NOSIGNAL); /* COPY: replies to kernel */
    c->server->stats.effort.would_blocks += count < 0 && errno == EAGAIN;
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_WRITE : session_reset(&c->session);
    return session_sent(&c->session, (size_t)count);
}

/* Asks the session what is due. */
static void conn_tick(struct conn *c, int64_t now) {
    struct server *s = c->server;
    int left_ms; /* unused here: every connection is checked once per LOOK_MS */
    TAILQ_REMOVE(&s->conns, c, link);
    TAILQ_INSERT_TAIL(&s->conns, c, link);
    c->due_ms = now + LOOK_MS;
    conn_advance(c, session_tick(&c->session, now, &left_ms));
}

/* Does what the session wants, as far as possible without sleeping; the rest becomes the Channel's interest. */
static void conn_advance(struct conn *c, enum session_want want) {
    struct server *s = c->server;
    if (want == WANT_WRITE)
        want = conn_send(c);
    if (want == WANT_WRITE)
        want = session_own(&c->session); /* the next Channel uses the loop's buffer */
    assert(want == WANT_CLOSE || !session_is_lent(&c->session));
    if (want == WANT_CLOSE)
        conn_close(c);
    else if (want == WANT_WRITE)
        selector_interest(&s->selector, c, EPOLLOUT);
    else /* EPOLLOUT when draining: a turn even without input, so that recv fails with EAGAIN */
        selector_interest(&s->selector, c, s->draining ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* A ready Channel's turn. LIMIT: one receive and one send, so that no peer, however fast, keeps the loop from the
 * others; epoll is level-triggered and reports again what is left. */
static void conn_ready(struct conn *c) {
    if (c->closing)
        conn_linger(c);
    else
        conn_advance(c, c->interest & EPOLLIN ? conn_recv(c) : WANT_WRITE);
}

/* Adds a descriptor that is interested in input. False if the kernel has no memory for it. */
static bool selector_register(struct selector *s, int fd, void *attachment) {
    return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN, {.ptr = attachment}}) == 0;
}

/* Makes the system call only if the interest changes: after most turns it is the same. */
static void selector_interest(struct selector *s, struct conn *c, uint16_t interest) {
    if (c->interest == interest)
        return;
    c->interest = interest;
    if (epoll_ctl(s->epoll, EPOLL_CTL_MOD, c->fd, &(struct epoll_event){interest, {.ptr = c}}) < 0)
        shutdown(c->fd, SHUT_RDWR); /* it might wait for ever; so it ends: EPOLLHUP is always reported */
}

/* Sleeps until something is ready: a Channel, the listening socket, or the timer. */
static void selector_select(struct selector *s) {
    int count = epoll_wait(s->epoll, s->ready, READY_MAX, -1); /* WAIT: for any of them, or a signal: EINTR */
    s->ready_count = count > 0 ? count : 0;
}

/* Draining begins: a Channel that waits for input gets turns until recv fails with EAGAIN; then it sends FIN. */
static void server_drain(struct server *s) {
    struct conn *c;
    s->draining = true;
    s->drain_until_ms = now_ms() + s->options.drain_s * 1000;
    close(s->listener); /* also leaves the Selector; new clients are refused from now on */
    TAILQ_FOREACH (c, &s->conns, link)
        if (c->interest == EPOLLIN)
            selector_interest(&s->selector, c, EPOLLIN | EPOLLOUT);
}

/* Serves a new client, or refuses it. */
static void server_take(struct server *s, int fd) {
    enum refuse_reason refused = door_admit(&s->door, s->stats.active);
    if (refused == REFUSE_NONE && !conn_open(s, fd))
        refused = REFUSE_MEMORY;
    if (refused != REFUSE_NONE)
        door_refuse(&s->door, fd, refused, &s->stats);
}

/* Accepts waiting clients. LIMIT: ACCEPTS_PER_TURN, then the Channels' turns; epoll reports the rest again. */
static void server_accept(struct server *s) {
    enum door_failure failure = DOOR_GONE;
    for (int i = 0; i < ACCEPTS_PER_TURN && failure == DOOR_GONE; i++) {
        int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); /* never waits: EAGAIN */
        if (fd >= 0)
            server_take(s, fd);
        else
            failure = door_failed(&s->door, errno);
    }
    s->accept_paused = failure == DOOR_PAUSE;
    if (s->accept_paused)
        epoll_ctl(s->selector.epoll, EPOLL_CTL_DEL, s->listener, NULL);
}

/* The timer is ready: frees the connections whose peers have not sent FIN in time, and all when the drain's time is up.
 * LIMIT: checks LOOKS_PER_TICK of the others, and the rest at the next tick. */
static void server_tick(struct server *s) {
    uint64_t ticks;
    int64_t now = now_ms();
    bool over = s->draining && now >= s->drain_until_ms;
    struct conn *c;
    if (read(s->timer, &ticks, sizeof ticks) < 0) /* never waits: it makes the timer not ready again */
        return;
    if (s->accept_paused && !s->draining)
        s->accept_paused = !selector_register(&s->selector, s->listener, &s->listener);
    while (over && (c = TAILQ_FIRST(&s->conns)) != NULL) {
        session_shutdown(&c->session);
        conn_close(c);
    }
    while ((c = TAILQ_FIRST(&s->closing)) != NULL && (over || c->due_ms <= now))
        conn_free(c);
    for (int i = 0; i < LOOKS_PER_TICK && (c = TAILQ_FIRST(&s->conns)) != NULL && c->due_ms <= now; i++)
        conn_tick(c, now);
}

static void server_run(struct server *s) {
    while (!s->draining || s->stats.active > 0) {
        bool ticked = false;
        selector_select(&s->selector);
        s->stats.effort.waits++;
        s->stats.effort.events += (uint64_t)s->selector.ready_count;
        for (int i = 0; i < s->selector.ready_count; i++) {
            void *ready = s->selector.ready[i].data.ptr;
            if (ready == &s->listener)
                server_accept(s);
            else if (ready == &s->timer)
                ticked = true;
            else
                conn_ready(ready);
        }
        if (server_is_stopping() && !s->draining) /* seen at the next tick at the latest */
            server_drain(s);
        if (ticked) /* last, because it may free a Channel that is ready */
            server_tick(s);
    }
}

static void server_open(struct server *s) {
    TAILQ_INIT(&s->conns);
    TAILQ_INIT(&s->closing);
    signals_open();
    door_open(&s->door, &s->options);
    s->selector.epoll = epoll_create1(EPOLL_CLOEXEC);
    s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct timespec period = {.tv_nsec = TICK_MS * 1000 * 1000};
    if (s->selector.epoll < 0 || s->timer < 0 ||
        timerfd_settime(s->timer, 0, &(struct itimerspec){period, period}, NULL) < 0)
        error(EXIT_SETUP, errno, "cannot make an epoll instance and a timer; raise ulimit -n");
    s->listener = listener_open(&s->options);
    fcntl(s->listener, F_SETFL, O_NONBLOCK);
    if (!selector_register(&s->selector, s->listener, &s->listener) ||
        !selector_register(&s->selector, s->timer, &s->timer))
        error(EXIT_SETUP, errno, "cannot watch the listening socket");
    listener_announce(s->listener);
}

static void server_close(struct server *s) {
    assert(TAILQ_EMPTY(&s->conns) && TAILQ_EMPTY(&s->closing));
    stats_write(&s->options, "nio", NULL, &s->stats);
}

int main(int argc, char **argv) {
    static struct server server;
    options_parse(&server.options, argc, argv, "Non-blocking I/O: a Selector over epoll.", NULL, NULL);
    memory_keep_freed();
    server_open(&server);
    server_run(&server);
    server_close(&server);
    return 0;
}
