/* aio_server.c - asynchronous I/O: operations are submitted, and their completions call back (push).
 *
 * The server does not ask whether a socket is ready. It submits the transfer itself, "receive into one of these
 * buffers", "send these bytes", and the kernel does it, waiting and copying included. Then a completion arrives and
 * calls the operation's handler with the result. Submissions and completions pass through two rings of shared memory
 * (io_uring), so that one system call can submit and collect hundreds of operations.
 *
 *     thread   submit + wait -- sleeps --+ handler: process, submit | handler ... | submit + wait -- sleeps --
 *     kernel   wait for data, copy ......| completions              |             | send: copy, wait, copy ...
 *
 * The server must not free what the kernel works on: a connection is freed when its last completion has come.
 *
 * Read: ring_wait and ring_dispatch (the loop), conn_recv and conn_recv_done, conn_send and conn_send_done,
 * conn_close. */
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
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

/* TICK_MS: the timer's period. LOOK_MS: each connection's time limits are checked once in this time. A wait begins and
 * ends at a check, so it may last up to 2 * LOOK_MS longer than its limit. */
enum { BATCH_MAX = 512, LOOKS_PER_TICK = 5000, TICK_MS = 50, LOOK_MS = 1000 };

/* A submitted operation. The completion brings back its address (user_data), so it must not move or be freed until
 * then. */
struct operation {
    void (*done)(void *owner, int result, uint32_t flags); /* the CompletionHandler */
    void *owner;                                           /* the connection, or the server */
    bool submitted;                                        /* with the kernel, until its last completion */
    bool cancelled;                                        /* its cancellation has been submitted */
};

struct conn {
    struct server *server;
    int fd;
    bool closing;   /* our FIN is sent; it waits for the peer's until due_ms */
    uint32_t lent;  /* completion flags that name the ring's buffer lent to the session; 0: none */
    int64_t due_ms; /* when its time limits are checked next */
    struct operation receive;
    struct operation send; /* LIMIT: one at a time: two might be reordered */
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
    struct operation accept;
    struct operation tick;             /* completes after TICK_MS; then submitted again */
    TAILQ_HEAD(conn_list, conn) conns; /* both lists are in the order of due_ms */
    struct conn_list closing;
    struct stats stats;
    bool accept_paused; /* no descriptor or no memory: accepting pauses until the next tick */
    bool draining;      /* no new clients; ends with the last connection, at drain_until_ms at the latest */
    int64_t drain_until_ms;
};

static struct io_uring_sqe *ring_submission(struct server *s, struct operation *operation);
static void ring_cancel(struct server *s, struct operation *operation);
static void conn_recv(struct conn *c);
static void conn_recv_done(void *owner, int result, uint32_t flags);
static void conn_send_done(void *owner, int result, uint32_t flags);
static void conn_advance(struct conn *c, enum session_want want);

/* OWNS: the connection owns fd from here on. NULL when there is no memory; fd is then still the caller's. */
static struct conn *conn_open(struct server *s, int fd) {
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->server = s;
    c->fd = fd;
    c->receive = (struct operation){.done = conn_recv_done, .owner = c};
    c->send = (struct operation){.done = conn_send_done, .owner = c};
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

/* Frees the connection once no operation on it is with the kernel. */
static void conn_free(struct conn *c) {
    struct server *s = c->server;
    assert(c->closing);
    if (c->receive.submitted || c->send.submitted)
        return; /* OWNS: the kernel, until their completions come; each calls conn_free again */
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
    else if (!c->receive.submitted)
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
    if (c->session.broken)
        conn_free(c);
    else if (!c->receive.submitted)
        conn_recv(c);
}

/* Submits one receive for all data: a multishot completes whenever data comes, with one of the ring's buffers.
 * When draining, it takes only data that has come, or completes with -EAGAIN. */
static void conn_recv(struct conn *c) {
    struct io_uring_sqe *sqe = ring_submission(c->server, &c->receive);
    if (c->server->draining && !c->closing)
        io_uring_prep_recv(sqe, c->fd, NULL, RECEIVE_SIZE, MSG_DONTWAIT); /* COPY: kernel to a ring buffer */
    else
        io_uring_prep_recv_multishot(sqe, c->fd, NULL, 0, 0); /* COPY: kernel to a ring buffer, when data has come */
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

static void conn_recv_done(void *owner, int result, uint32_t flags) {
    struct conn *c = owner;
    if (c->closing)
        conn_linger(c, result, flags);
    else
        conn_advance(c, conn_received(c, result, flags));
}

static void conn_send(struct conn *c) {
    size_t pending;
    const uint8_t *bytes = session_pending(&c->session, &pending);
    assert(pending > 0);
    struct io_uring_sqe *sqe = ring_submission(c->server, &c->send);
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

static void conn_send_done(void *owner, int result, uint32_t flags) {
    struct conn *c = owner;
    (void)flags;
    enum session_want want = conn_sent(c, result);
    if (c->closing)
        conn_free(c);
    else
        conn_advance(c, want);
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

/* Submits what the session wants next. A multishot receive goes on during WANT_WRITE, and what it brings is answered.
 * LIMIT: beyond pending_max bytes of pending replies the receive is cancelled, until all of them are sent. */
static void conn_advance(struct conn *c, enum session_want want) {
    if (want == WANT_CLOSE) {
        conn_close(c);
        return;
    }
    if (want == WANT_WRITE && !c->send.submitted)
        conn_send(c);
    if (want == WANT_READ && !c->receive.submitted)
        conn_recv(c);
    if (session_is_full(&c->session))
        ring_cancel(c->server, &c->receive);
}

/* Returns a free entry of the submission ring. NULL as user data: its completion is ignored. If the ring is full, its
 * entries are submitted first. */
static struct io_uring_sqe *ring_submission(struct server *s, struct operation *operation) {
    struct io_uring_sqe *sqe;
    assert(!operation || !operation->submitted);
    while (!(sqe = io_uring_get_sqe(&s->ring)))
        io_uring_submit(&s->ring);
    io_uring_sqe_set_data(sqe, operation);
    if (operation) {
        operation->submitted = true;
        operation->cancelled = false;
    }
    s->stats.effort.submissions++;
    return sqe;
}

/* Cancels what is with the kernel. It still completes: with -ECANCELED, or with its result if that came first. */
static void ring_cancel(struct server *s, struct operation *operation) {
    if (!operation->submitted || operation->cancelled)
        return;
    operation->cancelled = true;
    io_uring_prep_cancel(ring_submission(s, NULL), operation, 0);
}

/* Submits all new entries, and sleeps until there is a completion. */
static void ring_wait(struct server *s) {
    s->stats.effort.waits++;
    s->stats.effort.overflows += io_uring_cq_has_overflow(&s->ring);
    io_uring_submit_and_wait(&s->ring, 1); /* WAIT: for any completion */
}

/* Calls the handlers with the completions' results, then gives their places back to the ring. LIMIT: BATCH_MAX; further
 * completions stay in the ring until the next turn. */
static void ring_dispatch(struct server *s) {
    struct io_uring_cqe *cqes[BATCH_MAX];
    unsigned count = io_uring_peek_batch_cqe(&s->ring, cqes, BATCH_MAX);
    for (unsigned i = 0; i < count; i++) {
        struct operation *operation = io_uring_cqe_get_data(cqes[i]);
        if (!operation)
            continue; /* a cancel or close request's own completion */
        operation->submitted = cqes[i]->flags & IORING_CQE_F_MORE;
        operation->done(operation->owner, cqes[i]->res, cqes[i]->flags);
    }
    io_uring_cq_advance(&s->ring, count);
    s->stats.effort.events += count;
}

/* Draining begins: cancels every receive. conn_recv then asks for data that has come; at -EAGAIN the session ends. */
static void server_drain(struct server *s) {
    struct conn *c;
    s->draining = true;
    s->drain_until_ms = now_ms() + s->options.drain_s * 1000;
    ring_cancel(s, &s->accept);
    io_uring_prep_close(ring_submission(s, NULL), s->listener); /* after the cancel; then new clients are refused */
    TAILQ_FOREACH (c, &s->conns, link)
        ring_cancel(s, &c->receive);
}

/* Serves a new client, or refuses it. */
static void server_take(struct server *s, int fd) {
    enum refuse_reason refused = door_admit(&s->door, s->stats.active);
    if (refused == REFUSE_NONE && !conn_open(s, fd))
        refused = REFUSE_MEMORY;
    if (refused != REFUSE_NONE)
        door_refuse(&s->door, fd, refused, &s->stats);
}

/* Submits one accept for all clients to come: a multishot, like conn_recv. */
static void server_accept(struct server *s) {
    io_uring_prep_multishot_accept(ring_submission(s, &s->accept), s->listener, NULL, NULL, SOCK_CLOEXEC);
}

static void server_accept_done(void *owner, int result, uint32_t flags) {
    struct server *s = owner;
    s->accept_paused = result < 0 && door_failed(&s->door, -result) == DOOR_PAUSE;
    (void)flags;
    if (result >= 0)
        server_take(s, result);
    if (!s->accept.submitted && !s->accept_paused && !s->draining)
        server_accept(s);
}

/* Submits a timeout of TICK_MS: the timer of this model is an operation like any other. */
static void server_tick(struct server *s) {
    static struct __kernel_timespec period = {.tv_nsec = TICK_MS * 1000 * 1000};
    io_uring_prep_timeout(ring_submission(s, &s->tick), &period, 0, 0);
}

/* Ends the connections whose peers have not sent FIN in time, and all when the drain's time is up: their operations are
 * cancelled. LIMIT: checks LOOKS_PER_TICK of the others, and the rest at the next tick. */
static void server_tick_done(void *owner, int result, uint32_t flags) {
    struct server *s = owner;
    int64_t now = now_ms();
    bool over = s->draining && now >= s->drain_until_ms;
    struct conn *c;
    (void)result, (void)flags;
    if (s->accept_paused && !s->draining)
        server_accept(s);
    s->accept_paused = false;
    while (over && (c = TAILQ_FIRST(&s->conns)) != NULL) {
        session_shutdown(&c->session);
        conn_close(c);
    }
    TAILQ_FOREACH (c, &s->closing, link) {
        if (!over && c->due_ms > now)
            break;
        c->due_ms = now;
        ring_cancel(s, &c->receive);
        ring_cancel(s, &c->send);
    }
    for (int i = 0; i < LOOKS_PER_TICK && (c = TAILQ_FIRST(&s->conns)) != NULL && c->due_ms <= now; i++)
        conn_tick(c, now);
    server_tick(s);
}

static void server_run(struct server *s) {
    server_accept(s);
    server_tick(s);
    while (!s->draining || s->stats.active > 0) {
        ring_wait(s);
        ring_dispatch(s);
        if (server_is_stopping() && !s->draining) /* seen at the next tick at the latest */
            server_drain(s);
    }
}

static void server_open(struct server *s) {
    TAILQ_INIT(&s->conns);
    TAILQ_INIT(&s->closing);
    s->accept = (struct operation){.done = server_accept_done, .owner = s};
    s->tick = (struct operation){.done = server_tick_done, .owner = s};
    signals_open();
    door_open(&s->door, &s->options);
    ring_probe(&s->features);
    ring_require(&s->features, true);
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
    stats_write(&s->options, "aio", notes, &s->stats);
}

int main(int argc, char **argv) {
    static struct server server = {.ring_options = {.buffers = RING_BUFFERS, .completions = RING_COMPLETIONS}};
    options_parse(&server.options, argc, argv, "Asynchronous I/O: completions of io_uring call back.",
        &ring_options_argp, &server.ring_options);
    memory_keep_freed();
    if (server.ring_options.probe)
        return ring_probe_print(server.ring_options.completions, server.ring_options.buffers);
    server_open(&server);
    server_run(&server);
    server_close(&server);
    return 0;
}
