/* aio_future_server.c - asynchronous I/O: operations are submitted, and their results are asked for (pull).
 *
 * As in aio_server, the kernel does the whole transfer and the server only submits it. But no handler is called: each
 * submission has a Future, the place for its result, and the program takes the result when it wants it (future_get).
 * future_take returns the futures that are done, in the order of completion, so that future_get never waits for them. A
 * program that calls future_get on any other future serves no other connection meanwhile: blocking I/O again.
 *
 *     thread   take: submit + wait -- sleeps --+ get, process, submit | take: get ... | take: submit + wait --
 *     kernel   wait for data, copy ............| done: futures        |               | send: copy, wait, copy ...
 *
 * A future holds one result. So each receive needs its own submission, and a connection has one future: for what it
 * waits for now. That is the price of this style; callbacks need only one submission for many receives.
 *
 * Read: server_run (the loop), future_collect, future_take, conn_advance, conn_recv and conn_received, then diff it
 * with bio. */
#include "bad_connection.h"
#include "door.h"
#include "listener.h"
#include "memory.h"
#include "now.h"
#include "options.h"
#include "ring_options.h"
#include "session.h"
#include "signals.h"
#include "stats.h"
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

/* TICK_MS: the timer's period. LOOK_MS: each connection's time limits are checked once in this time. A wait begins and
 * ends at a check, so it may last up to 2 * LOOK_MS longer than its limit. */
enum { BATCH_MAX = 512, LOOKS_PER_TICK = 5000, TICK_MS = 50, LOOK_MS = 1000, PENDING = INT_MIN };

/* The result of a submission, once it is done. The completion brings back its address (user_data), so it must not move
 * or be freed until then. */
struct future {
    struct conn *owner; /* NULL: the server */
    int result;         /* bytes moved or a descriptor; or -errno; PENDING: not done */
    uint32_t flags;
    STAILQ_ENTRY(future) link;
};

struct conn {
    struct server *server;
    int fd;
    enum session_want want; /* what the future is for */
    bool closing;           /* our FIN is sent; it waits for the peer's until due_ms */
    uint32_t lent;          /* completion flags that name the ring's buffer lent to the session; 0: none */
    int64_t due_ms;         /* when its time limits are checked next */
    struct future future;
    struct session session;
    TAILQ_ENTRY(conn) link;
};

struct server {
    struct options options;
    struct ring_options ring_options;
    struct ring_features features;
    struct io_uring ring;
    struct ring_buffers buffers;
    unsigned lent; /* buffers lent to sessions */
    int listener;
    struct door door;
    struct future accept;
    struct future tick;                /* done after TICK_MS */
    STAILQ_HEAD(, future) done;        /* done and not yet taken, in the order in which they were done */
    TAILQ_HEAD(conn_list, conn) conns; /* both lists are in the order of due_ms */
    struct conn_list closing;
    struct stats stats;
    bool accept_paused; /* no descriptor or no memory: accepting pauses until the next tick */
    bool draining;      /* no new clients; ends with the last connection, at drain_until_ms at the latest */
    int64_t drain_until_ms;
};

static struct io_uring_sqe *ring_submission(struct server *s, struct future *future);
static void ring_cancel(struct server *s, struct future *future);
static int future_get(struct server *s, struct future *future);
static void conn_recv(struct conn *c);

/* OWNS: the connection owns fd from here on. NULL when there is no memory; fd is then still the caller's. */
static struct conn *conn_open(struct server *s, int fd) {
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->server = s;
    c->fd = fd;
    c->future.owner = c;
    setsockopt(fd, SOL_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    session_open(&c->session, s->options.protocol, &s->options.limits);
    TAILQ_INSERT_HEAD(&s->conns, c, link); /* the next tick starts its time limits */
    stats_accepted(&s->stats);
    conn_recv(c);
    return c;
}

/* OWNS: gives the lent buffer back to the ring when no reply is left in it. */
static void conn_give_back(struct conn *c) {
    if (!c->lent || session_is_lent(&c->session))
        return;
    assert(c->server->lent > 0);
    c->server->lent--;
    ring_buffer_return(&c->server->buffers, c->lent);
    c->lent = 0;
}

/* Frees the connection. No operation on it is with the kernel: its one future is done and taken. */
static void conn_free(struct conn *c) {
    struct server *s = c->server;
    assert(c->closing && c->future.result != PENDING);
    TAILQ_REMOVE(&s->closing, c, link);
    if (c->session.broken) /* the peer is gone: close() sends RST, and the kernel keeps no unread reply */
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    close(c->fd);
    stats_closed(&s->stats, &c->session);
    session_close(&c->session);
    conn_give_back(c);
    free(c);
}

/* After our FIN: drops what still comes, until the peer's FIN comes. */
static void conn_linger(struct conn *c, int result, uint32_t flags) {
    ring_buffer_return(&c->server->buffers, flags);
    if (c->due_ms <= now_ms() || (result <= 0 && result != -ENOBUFS && result != -ECANCELED && result != -EINTR))
        conn_free(c);
    else
        conn_recv(c);
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
    shutdown(c->fd, c->session.broken ? SHUT_RDWR : SHUT_WR); /* SHUT_RDWR completes what is still with the kernel */
    conn_recv(c);
}

/* Submits a receive: its future gets the next bytes, in one of the ring's buffers.
 * When draining, it takes only data that has come, or completes with -EAGAIN. */
static void conn_recv(struct conn *c) {
    struct io_uring_sqe *sqe = ring_submission(c->server, &c->future);
    int flags = c->server->draining && !c->closing ? MSG_DONTWAIT : 0;
    io_uring_prep_recv(sqe, c->fd, NULL, RECEIVE_SIZE, flags); /* COPY: kernel to a ring buffer, when data has come */
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = RING_BUFFER_GROUP;
}

/* Bytes came in one of the ring's buffers. While pending replies lie in it, it is lent to the session. LIMIT: half of
 * the buffers may be lent, or peers that do not read could take all of them; beyond that, replies are copied out. */
static enum session_want conn_take(struct conn *c, uint8_t *bytes, int count, uint32_t flags) {
    struct server *s = c->server;
    if (s->options.handler_delay.tv_nsec)
        nanosleep(&s->options.handler_delay, NULL); /* WAIT: a handler that blocks; all clients wait */
    enum session_want want = session_receive(&c->session, bytes, (size_t)count);
    if (!c->lent && session_is_lent(&c->session) && s->lent < s->buffers.count / 2) {
        c->lent = flags; /* OWNS: the session; conn_give_back returns it */
        s->lent++;
        return want;
    }
    if (!c->lent)
        want = session_own(&c->session);
    ring_buffer_return(&s->buffers, flags);
    return want;
}

static enum session_want conn_received(struct conn *c, int result, uint32_t flags) {
    struct server *s = c->server;
    if (result > 0)
        return conn_take(c, ring_buffer(&s->buffers, flags), result, flags);
    ring_buffer_return(&s->buffers, flags);
    s->stats.effort.no_buffers += result == -ENOBUFS;
    if (result == -EAGAIN)
        return session_shutdown(&c->session); /* all that has come is answered */
    if (result == -ENOBUFS || result == -EINTR || result == -ECANCELED)
        return session_wants(&c->session); /* only the receive is over: conn_advance submits another */
    return result == 0 ? session_eof(&c->session) : session_reset(&c->session);
}

/* Submits a send of the pending replies. */
static void conn_send(struct conn *c) {
    size_t pending;
    const uint8_t *bytes = session_pending(&c->session, &pending);
    assert(pending > 0);
    struct io_uring_sqe *sqe = ring_submission(c->server, &c->future);
    io_uring_prep_send(sqe, c->fd, bytes, pending, MSG_NOSIGNAL); /* COPY: replies to kernel, when there is room */
}

static enum session_want conn_sent(struct conn *c, int result) {
    if (result == -EINTR || result == -ECANCELED)
        return session_wants(&c->session);
    if (result < 0)
        return session_reset(&c->session);
    enum session_want want = session_sent(&c->session, (size_t)result); /* a short send is normal */
    conn_give_back(c);
    return want;
}

/* Asks the session what is due. If it now wants something else than the submitted operation, that is cancelled. A
 * future that is done needs no check: it is about to be taken, and its conversation goes on. */
static void conn_tick(struct conn *c, int64_t now) {
    struct server *s = c->server;
    int left_ms; /* unused here: every connection is checked once per LOOK_MS */
    TAILQ_REMOVE(&s->conns, c, link);
    TAILQ_INSERT_TAIL(&s->conns, c, link);
    c->due_ms = now + LOOK_MS;
    if (c->future.result == PENDING && session_tick(&c->session, now, &left_ms) != c->want)
        ring_cancel(s, &c->future);
}

/* The future is done: takes its result, and submits what comes next. */
static void conn_advance(struct conn *c) {
    int result = future_get(c->server, &c->future);
    uint32_t flags = c->future.flags;
    if (c->closing) {
        conn_linger(c, result, flags);
        return;
    }
    c->want = c->want == WANT_READ ? conn_received(c, result, flags) : conn_sent(c, result);
    if (c->want == WANT_CLOSE)
        conn_close(c);
    else if (c->want == WANT_WRITE)
        conn_send(c);
    else
        conn_recv(c);
}

/* Returns a free entry of the submission ring. NULL as user data: its completion is ignored. If the ring is full, its
 * entries are submitted first. */
static struct io_uring_sqe *ring_submission(struct server *s, struct future *future) {
    struct io_uring_sqe *sqe;
    assert(!future || future->result != PENDING);
    while (!(sqe = io_uring_get_sqe(&s->ring)))
        io_uring_submit(&s->ring);
    io_uring_sqe_set_data(sqe, future);
    if (future)
        future->result = PENDING;
    s->stats.effort.submissions++;
    return sqe;
}

/* Cancels what is with the kernel. It still completes: with -ECANCELED, or with its result if that came first. */
static void ring_cancel(struct server *s, struct future *future) {
    if (future->result == PENDING)
        io_uring_prep_cancel(ring_submission(s, NULL), future, 0);
}

/* Submits all new entries, and sleeps until there is a completion. */
static void ring_wait(struct server *s) {
    s->stats.effort.waits++;
    s->stats.effort.overflows += io_uring_cq_has_overflow(&s->ring);
    io_uring_submit_and_wait(&s->ring, 1); /* WAIT: for any completion */
}

/* Stores each completion's result in its future, then gives the completions' places back to the ring. LIMIT: BATCH_MAX;
 * further completions stay in the ring until the next turn. */
static void future_collect(struct server *s) {
    struct io_uring_cqe *cqes[BATCH_MAX];
    unsigned count = io_uring_peek_batch_cqe(&s->ring, cqes, BATCH_MAX);
    for (unsigned i = 0; i < count; i++) {
        struct future *future = io_uring_cqe_get_data(cqes[i]);
        if (!future)
            continue; /* a cancel or close request's own completion */
        future->result = cqes[i]->res;
        future->flags = cqes[i]->flags;
        STAILQ_INSERT_TAIL(&s->done, future, link);
    }
    io_uring_cq_advance(&s->ring, count);
    s->stats.effort.events += count;
}

/* Returns the future's result. Waits if it is not done. */
static int future_get(struct server *s, struct future *future) {
    while (future->result == PENDING) {
        ring_wait(s); /* WAIT: for this one, even if others are done */
        future_collect(s);
    }
    return future->result;
}

/* Returns the next future that is done, in the order of completion; NULL if none is. */
static struct future *future_take(struct server *s) {
    struct future *future = STAILQ_FIRST(&s->done);
    if (future)
        STAILQ_REMOVE_HEAD(&s->done, link);
    return future;
}

/* Draining begins: cancels every receive. conn_recv then asks for data that has come; at -EAGAIN the session ends. */
static void server_drain(struct server *s) {
    struct conn *c;
    s->draining = true;
    s->drain_until_ms = now_ms() + s->options.drain_s * 1000;
    ring_cancel(s, &s->accept);
    io_uring_prep_close(ring_submission(s, NULL), s->listener); /* after the cancel; then new clients are refused */
    TAILQ_FOREACH (c, &s->conns, link)
        if (c->want == WANT_READ)
            ring_cancel(s, &c->future);
}

/* Serves a new client, or refuses it. */
static void server_take(struct server *s, int fd) {
    enum refuse_reason refused = door_admit(&s->door, s->stats.active);
    if (refused == REFUSE_NONE && !conn_open(s, fd))
        refused = REFUSE_MEMORY;
    if (refused != REFUSE_NONE)
        door_refuse(&s->door, fd, refused, &s->stats);
}

/* Submits an accept: its future gets the next client. */
static void server_accept(struct server *s) {
    io_uring_prep_accept(ring_submission(s, &s->accept), s->listener, NULL, NULL, SOCK_CLOEXEC);
}

static void server_accepted(struct server *s) {
    int result = future_get(s, &s->accept);
    s->accept_paused = result < 0 && door_failed(&s->door, -result) == DOOR_PAUSE;
    if (result >= 0)
        server_take(s, result);
    if (!s->accept_paused && !s->draining)
        server_accept(s);
}

/* Submits a timeout of TICK_MS: the timer of this model is a future like any other. */
static void server_tick(struct server *s) {
    static struct __kernel_timespec period = {.tv_nsec = TICK_MS * 1000 * 1000};
    io_uring_prep_timeout(ring_submission(s, &s->tick), &period, 0, 0);
}

/* Ends the connections whose peers have not sent FIN in time, and all when the drain's time is up: their operations are
 * cancelled. LIMIT: checks LOOKS_PER_TICK of the others, and the rest at the next tick. */
static void server_ticked(struct server *s) {
    int64_t now = now_ms();
    bool over = s->draining && now >= s->drain_until_ms;
    struct conn *c;
    if (s->accept_paused && !s->draining)
        server_accept(s);
    s->accept_paused = false;
    TAILQ_FOREACH (c, &s->conns, link) {
        if (!over)
            break;
        session_abort(&c->session, CLOSE_SHUTDOWN);
        ring_cancel(s, &c->future);
    }
    TAILQ_FOREACH (c, &s->closing, link) {
        if (!over && c->due_ms > now)
            break;
        c->due_ms = now;
        ring_cancel(s, &c->future);
    }
    for (int i = 0; i < LOOKS_PER_TICK && (c = TAILQ_FIRST(&s->conns)) != NULL && c->due_ms <= now; i++)
        conn_tick(c, now);
    server_tick(s);
}

static void server_run(struct server *s) {
    server_accept(s);
    server_tick(s);
    while (!s->draining || s->stats.active > 0) {
        struct future *future;
        ring_wait(s);
        future_collect(s);
        while ((future = future_take(s)) != NULL) {
            if (future->owner)
                conn_advance(future->owner);
            else if (future == &s->accept)
                server_accepted(s);
            else
                server_ticked(s);
        }
        if (server_is_stopping() && !s->draining) /* seen at the next tick at the latest */
            server_drain(s);
    }
}

static void server_open(struct server *s) {
    TAILQ_INIT(&s->conns);
    TAILQ_INIT(&s->closing);
    STAILQ_INIT(&s->done);
    signals_open();
    door_open(&s->door, &s->options);
    ring_probe(&s->features);
    ring_require(&s->features, false);
    s->buffers = (struct ring_buffers){.count = s->ring_options.buffers, .size = RECEIVE_SIZE};
    ring_open(&s->ring, &s->buffers, s->ring_options.completions, &s->features);
    ring_enable(&s->ring, &s->features);
    s->listener = listener_open(&s->options);
    listener_announce(s->listener);
}

static void server_close(struct server *s) {
    char notes[128];
    assert(TAILQ_EMPTY(&s->conns) && TAILQ_EMPTY(&s->closing) && s->lent == 0);
    ring_close(&s->ring, &s->buffers);
    ring_describe(&s->features, notes, sizeof notes);
    stats_write(&s->options, "aio_future", notes, &s->stats);
}

int main(int argc, char **argv) {
    static struct server server = {.ring_options = {.buffers = RING_BUFFERS, .completions = RING_COMPLETIONS}};
    options_parse(&server.options, argc, argv, "Asynchronous I/O: results of io_uring are taken from futures.",
        &ring_options_argp, &server.ring_options);
    memory_keep_freed();
    if (server.ring_options.probe)
        return ring_probe_print(server.ring_options.completions, server.ring_options.buffers);
    server_open(&server);
    server_run(&server);
    server_close(&server);
    return 0;
}
