/* aio_future_server.c - asynchronous I/O: operations are submitted, and their results are asked for (pull).
 *
 * As in aio_server, the kernel does the whole transfer and the server only submits it. But nothing calls back: each
 * submission gives a Future, a place where the result will be, and the program takes it when it wants it (future_get).
 * future_take hands out those that are done, in the order in which they were, so that get never has to wait; a program
 * that calls get at once, on any other future, waits for that one while all others are left alone: blocking I/O again.
 *
 *     thread   take: submit + wait -- sleeps --+ get, process, submit | take: get ... | take: submit + wait --
 *     kernel   wait for data, copy ............| done: futures        |               | send: copy, wait, copy ...
 *
 * A future holds one result. So each receive is submitted anew, and a connection has one future: what it waits for now.
 * That is what this style costs against callbacks, which need only one submission for many receives.
 *
 * Read: server_run (the loop), future_collect, future_take, conn_advance, conn_recv and conn_received, then diff it
 * with bio. */
#include "bad_connection.h"
#include "listener.h"
#include "memory.h"
#include "now.h"
#include "options.h"
#include "ring_options.h"
#include "session.h"
#include "signals.h"
#include "stats.h"
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH_MAX = 512, LOOKS_PER_TICK = 5000, PENDING = INT_MIN };

/* The timer's period; and how often each connection is looked at: a wait begins and ends with a look, so its time
 * limits are kept to within two. */
enum { TICK_MS = 50, LOOK_MS = 1000 };

/* The result of a submission, once it is done. Its address is what the completion brings back, and so it must stay
 * where it is, and alive, until then. */
struct future {
    struct conn *conn; /* whose it is; NULL: the server's own */
    int result;        /* bytes moved or a descriptor; or -errno; PENDING: not done */
    uint32_t flags;
    STAILQ_ENTRY(future) link;
};

struct conn {
    struct server *server;
    int fd;
    enum session_want want; /* what the future is for; WANT_CLOSE: our FIN is sent, the peer's awaited */
    uint32_t send_count;    /* bytes that the send was given */
    uint32_t held;          /* names the ring's buffer in which replies lie; 0: none */
    int64_t due_ms;         /* and until when; before that: when time is to be looked at again */
    struct future future;
    struct session session;
    struct traffic traffic;
    TAILQ_ENTRY(conn) link;
};

/* One ring. With --loops N there are N of these, each with its thread, and they share nothing. */
struct server {
    const struct options *options;
    const struct ring_features *features;
    pthread_t thread;
    int listener;
    int stop;  /* readable once a signal has come that ends the server */
    int spare; /* a descriptor kept back, so that one client can still be accepted, and told no, when all are used */
    struct io_uring ring;
    struct ring_buffers buffers;
    unsigned held; /* of them, by connections that send from them */
    struct future accepting;
    struct future stopping;            /* that the signal has come */
    struct future ticking;             /* that TICK_MS have passed */
    STAILQ_HEAD(, future) done;        /* done and not yet taken, in the order in which they were done */
    TAILQ_HEAD(conn_list, conn) conns; /* both lists are in the order of due_ms */
    struct conn_list closing;
    struct stats stats;
    bool accept_paused; /* for want of descriptors or memory, until the next tick */
    bool draining;      /* no new clients; ends when the last connection has, at drain_until_ms at the latest */
    int64_t drain_until_ms;
};

static struct io_uring_sqe *ring_submission(struct server *s);
static void ring_cancel(struct server *s, struct future *future);
static void future_promise(struct future *future, struct io_uring_sqe *sqe);
static int future_get(struct server *s, struct future *future);
static void conn_recv(struct conn *c);
static void conn_release(struct conn *c);

/* OWNS: the connection owns fd from here on. NULL when there is no memory; fd is then still the caller's. */
static struct conn *conn_open(struct server *s, int fd) {
    static const int on = 1;
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->server = s;
    c->fd = fd;
    c->future.conn = c;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    session_open(&c->session, s->options->protocol, &s->options->limits);
    TAILQ_INSERT_HEAD(&s->conns, c, link); /* the next tick starts its time */
    stats_accepted(&s->stats);
    conn_recv(c);
    return c;
}

/* Frees the connection. The kernel works on nothing of it: its one future is done and taken. */
static void conn_free(struct conn *c) {
    struct server *s = c->server;
    TAILQ_REMOVE(&s->closing, c, link);
    if (c->session.broken) /* nobody is there: close() sends RST, and the kernel keeps no unread reply */
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    close(c->fd);
    stats_closed(&s->stats, &c->session, &c->traffic);
    session_close(&c->session);
    conn_release(c);
    free(c);
}

/* After our FIN. */
static void conn_linger(struct conn *c) {
    int result = future_get(c->server, &c->future);
    ring_buffer_return(&c->server->buffers, c->future.flags);
    if (result > 0 || result == -ENOBUFS || result == -EINTR)
        conn_recv(c);
    else
        conn_free(c);
}

/* Ends the conversation: says goodbye (FIN) after the last reply; what still comes is dropped, until the peer's FIN. */
static void conn_close(struct conn *c) {
    struct server *s = c->server;
    bad_connection_log(c->fd, &c->session);
    TAILQ_REMOVE(&s->conns, c, link);
    TAILQ_INSERT_TAIL(&s->closing, c, link);
    c->due_ms = now_ms() + s->options->limits.linger_ms;
    shutdown(c->fd, c->session.broken ? SHUT_RDWR : SHUT_WR);
    conn_recv(c);
}

/* Promises the next bytes that come, in a buffer of the ring's; when the server stops, only those that have come: that
 * is done at once, with -EAGAIN if there are none. */
static void conn_recv(struct conn *c) {
    struct io_uring_sqe *sqe = ring_submission(c->server);
    int flags = c->server->draining && c->want != WANT_CLOSE ? MSG_DONTWAIT : 0;
    io_uring_prep_recv(sqe, c->fd, NULL, RECEIVE_SIZE, flags); /* COPY: kernel to a ring buffer, when data has come */
    future_promise(&c->future, sqe);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = RING_BUFFER_GROUP;
}

/* Replies lie in the ring's buffer that this receive has filled: it stays the connection's until they have left.
 * LIMIT: half of the buffers; beyond that replies are copied out, or peers that do not read could take them all. */
static enum session_want conn_hold(struct conn *c, enum session_want want, uint32_t flags) {
    struct server *s = c->server;
    if (!c->held && session_is_lent(&c->session) && s->held < s->buffers.count / 2) {
        c->held = flags; /* OWNS: the connection; conn_release gives it back */
        s->held++;
        return want;
    }
    if (!c->held)
        want = session_keep(&c->session);
    ring_buffer_return(&s->buffers, flags);
    return want;
}

/* Gives the buffer back when no reply is left in it. */
static void conn_release(struct conn *c) {
    struct server *s = c->server;
    if (!c->held || session_is_lent(&c->session))
        return;
    ring_buffer_return(&s->buffers, c->held);
    c->held = 0;
    s->held--;
}

static enum session_want conn_received(struct conn *c) {
    struct server *s = c->server;
    int result = future_get(s, &c->future);
    enum session_want want = session_wants(&c->session);
    if (result > 0) {
        c->traffic.bytes_in += (uint64_t)result;
        if (s->options->handler_delay.tv_nsec)
            nanosleep(&s->options->handler_delay, NULL); /* WAIT: for a handler that blocks; all clients do */
        uint8_t *bytes = ring_buffer(&s->buffers, c->future.flags);
        return conn_hold(c, session_receive(&c->session, bytes, (size_t)result), c->future.flags);
    }
    ring_buffer_return(&s->buffers, c->future.flags);
    s->stats.effort.no_buffers += result == -ENOBUFS;
    if (result == 0) {
        want = session_eof(&c->session);
    } else if (result == -EAGAIN) {
        want = session_shutdown(&c->session); /* all that has come is answered */
    } else if (result != -ENOBUFS && result != -EINTR && result != -ECANCELED) {
        want = session_reset(&c->session);
    }
    return want;
}

/* Promises that some of the pending bytes have left. */
static void conn_send(struct conn *c) {
    size_t pending;
    const uint8_t *bytes = session_pending(&c->session, &pending);
    struct io_uring_sqe *sqe = ring_submission(c->server);
    c->send_count = (uint32_t)pending;
    io_uring_prep_send(sqe, c->fd, bytes, pending, MSG_NOSIGNAL); /* COPY: replies to kernel, when there is room */
    future_promise(&c->future, sqe);
}

static enum session_want conn_sent(struct conn *c) {
    int result = future_get(c->server, &c->future);
    if (result == -EINTR || result == -ECANCELED)
        return session_wants(&c->session);
    if (result < 0)
        return session_reset(&c->session);
    c->traffic.bytes_out += (uint64_t)result;
    c->server->stats.effort.short_sends += (uint32_t)result < c->send_count;
    enum session_want want = session_sent(&c->session, (size_t)result);
    conn_release(c);
    return want;
}

/* Asks the session what time has made of it. If it wants something else than what was promised, that is asked back.
 * A future that is done is about to be taken: its conversation goes on anyway. */
static void conn_tick(struct conn *c, int64_t now) {
    struct server *s = c->server;
    int left_ms; /* the next look comes soon enough */
    TAILQ_REMOVE(&s->conns, c, link);
    TAILQ_INSERT_TAIL(&s->conns, c, link);
    c->due_ms = now + LOOK_MS;
    if (c->future.result == PENDING && session_tick(&c->session, now, &left_ms) != c->want)
        ring_cancel(s, &c->future);
}

/* The future is done: takes its result, and makes the next. */
static void conn_advance(struct conn *c) {
    if (c->want == WANT_CLOSE) {
        conn_linger(c);
        return;
    }
    c->want = c->want == WANT_READ ? conn_received(c) : conn_sent(c);
    if (c->want == WANT_READ)
        conn_recv(c);
    else if (c->want == WANT_WRITE)
        conn_send(c);
    else
        conn_close(c);
}

static void ring_submitted(struct server *s, int count) {
    s->stats.effort.submissions += count > 0 ? (uint64_t)count : 0;
}

/* A free place in the submission ring. When it is full, the kernel takes what is there first. */
static struct io_uring_sqe *ring_submission(struct server *s) {
    struct io_uring_sqe *sqe = io_uring_get_sqe(&s->ring);
    while (!sqe) {
        ring_submitted(s, io_uring_submit(&s->ring));
        sqe = io_uring_get_sqe(&s->ring);
    }
    return sqe;
}

/* Asks a future's operation back. It is done all the same, with -ECANCELED or with what came first. */
static void ring_cancel(struct server *s, struct future *future) {
    struct io_uring_sqe *sqe = ring_submission(s);
    io_uring_prep_cancel(sqe, future, 0);
    io_uring_sqe_set_data(sqe, NULL); /* nobody waits for the answer to the cancellation itself */
}

/* Closes a descriptor after what was submitted before, which may name it. */
static void ring_close_later(struct server *s, int fd) {
    struct io_uring_sqe *sqe = ring_submission(s);
    io_uring_prep_close(sqe, fd);
    io_uring_sqe_set_data(sqe, NULL);
}

/* This submission's result will be in this future, which is not done until then. */
static void future_promise(struct future *future, struct io_uring_sqe *sqe) {
    future->result = PENDING;
    io_uring_sqe_set_data(sqe, future);
}

/* Hands in what was submitted and sleeps until something is complete; then
 * puts the results where they were promised. */
static void future_collect(struct server *s) {
    struct io_uring_cqe *cqes[BATCH_MAX];
    s->stats.effort.waits++;
    s->stats.effort.overflows += io_uring_cq_has_overflow(&s->ring);
    ring_submitted(s, io_uring_submit_and_wait(&s->ring, 1)); /* WAIT: for any completion */
    unsigned count = io_uring_peek_batch_cqe(&s->ring, cqes, BATCH_MAX);
    for (unsigned i = 0; i < count; i++) {
        struct future *future = io_uring_cqe_get_data(cqes[i]);
        if (!future)
            continue; /* the answer to a cancellation */
        future->result = cqes[i]->res;
        future->flags = cqes[i]->flags;
        STAILQ_INSERT_TAIL(&s->done, future, link);
    }
    io_uring_cq_advance(&s->ring, count);
    s->stats.effort.events += count;
}

/* The future's result. Waits for it if it is not done. */
static int future_get(struct server *s, struct future *future) {
    while (future->result == PENDING)
        future_collect(s); /* WAIT: for this one, whatever else gets done meanwhile */
    return future->result;
}

/* The next future that is done, in the order in which they were; NULL if none is. */
static struct future *future_take(struct server *s) {
    struct future *future = STAILQ_FIRST(&s->done);
    if (future)
        STAILQ_REMOVE_HEAD(&s->done, link);
    return future;
}

/* Turns a client away, with a word if its protocol has one. */
static void server_refuse(struct server *s, int fd, enum refuse_reason reason) {
    size_t count;
    const char *refusal = session_refusal(s->options->protocol, &count);
    if (count > 0) {
        char request[1024];
        send(fd, refusal, count, MSG_NOSIGNAL | MSG_DONTWAIT); /* COPY: no WAIT: a new socket has room */
        recv(fd, request, sizeof request, MSG_DONTWAIT); /* COPY: to nowhere; unread, it would turn FIN into RST */
    }
    close(fd);
    s->stats.refused[reason]++;
}

/* The end begins: every receive is asked back; conn_recv then asks for what has come, and no more. */
static void server_drain(struct server *s) {
    struct conn *c;
    s->draining = true;
    s->drain_until_ms = now_ms() + s->options->drain_s * 1000;
    ring_cancel(s, &s->accepting);
    ring_close_later(s, s->listener); /* new clients are refused from then on */
    TAILQ_FOREACH (c, &s->conns, link)
        if (c->want == WANT_READ && c->future.result == PENDING)
            ring_cancel(s, &c->future);
}

/* An accept failed, and is over. Whatever it was, it must not be submitted again in a hot loop: the client may still
 * wait. */
static void server_accept_failed(struct server *s, int why) {
    if ((why == EMFILE || why == ENFILE) && s->spare >= 0) {
        close(s->spare); /* the next accept gets its place, and waits for a client to fill it */
        s->spare = -1;
    } else {
        s->accept_paused = true; /* until the next tick */
    }
}

/* Promises the next client. */
static void server_accept(struct server *s) {
    struct io_uring_sqe *sqe = ring_submission(s);
    io_uring_prep_accept(sqe, s->listener, NULL, NULL, SOCK_CLOEXEC);
    future_promise(&s->accepting, sqe);
}

static void server_accepted(struct server *s) {
    int result = future_get(s, &s->accepting);
    if (result < 0) {
        server_accept_failed(s, -result);
    } else if (s->spare < 0 && (s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0) {
        server_refuse(s, result, REFUSE_DESCRIPTORS); /* it took the last one */
        s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    } else if (s->stats.active >= s->options->limits.clients_max) { /* LIMIT: clients at once */
        server_refuse(s, result, REFUSE_CLIENTS);
    } else if (!conn_open(s, result)) {
        server_refuse(s, result, REFUSE_MEMORY);
    }
    if (!s->accept_paused && !s->draining)
        server_accept(s);
}

/* Promises the signal: it is waited for like all the rest. */
static void server_stop(struct server *s) {
    struct io_uring_sqe *sqe = ring_submission(s);
    io_uring_prep_poll_add(sqe, s->stop, POLLIN);
    future_promise(&s->stopping, sqe);
}

/* Lets go of the connections whose peers have not said goodbye in time, and of all when the drain's time is up: their
 * futures are asked back. */
static void server_expire(struct server *s, int64_t now) {
    struct conn *c;
    bool over = s->draining && now >= s->drain_until_ms;
    TAILQ_FOREACH (c, &s->conns, link) {
        if (!over)
            break;
        session_shutdown(&c->session); /* the reason to count */
        session_reset(&c->session);
        if (c->future.result == PENDING)
            ring_cancel(s, &c->future);
    }
    TAILQ_FOREACH (c, &s->closing, link) {
        if (!over && c->due_ms > now)
            break;
        if (c->future.result == PENDING)
            ring_cancel(s, &c->future);
    }
}

/* Promises that TICK_MS have passed: the timer of this model is a future like any other. */
static void server_tick(struct server *s) {
    static struct __kernel_timespec period = {.tv_nsec = TICK_MS * 1000 * 1000};
    struct io_uring_sqe *sqe = ring_submission(s);
    io_uring_prep_timeout(sqe, &period, 0, 0);
    future_promise(&s->ticking, sqe);
}

/* What is due? LIMIT: some of the connections; the others at the next tick. */
static void server_ticked(struct server *s) {
    int64_t now = now_ms();
    struct conn *c;
    if (s->accept_paused && !s->draining) {
        s->accept_paused = false;
        server_accept(s);
    }
    server_expire(s, now);
    for (int i = 0; i < LOOKS_PER_TICK && (c = TAILQ_FIRST(&s->conns)) != NULL && c->due_ms <= now; i++)
        conn_tick(c, now);
    server_tick(s);
}

static void *server_run(void *argument) {
    struct server *s = argument;
    ring_enable(&s->ring, s->features); /* here, because a ring belongs to the thread that enables it */
    server_stop(s);
    server_accept(s);
    server_tick(s);
    while (!s->draining || !TAILQ_EMPTY(&s->conns) || !TAILQ_EMPTY(&s->closing)) {
        struct future *future = future_take(s);
        if (!future)
            future_collect(s);
        else if (future->conn)
            conn_advance(future->conn);
        else if (future == &s->accepting)
            server_accepted(s);
        else if (future == &s->stopping)
            server_drain(s);
        else
            server_ticked(s);
    }
    ring_close(&s->ring, &s->buffers);
    return NULL;
}

/* The first ring runs in the main thread, the others in threads of their own; returns when all have ended. */
static void server_run_all(struct server servers[], int count) {
    for (int i = 1; i < count; i++) {
        int why = pthread_create(&servers[i].thread, NULL, server_run, &servers[i]);
        if (why != 0)
            error(EXIT_SETUP, why, "cannot start ring %d; try fewer --loops", i + 1);
    }
    listener_announce(servers[0].listener);
    server_run(&servers[0]);
    for (int i = 1; i < count; i++)
        pthread_join(servers[i].thread, NULL); /* WAIT: for the other rings to end */
}

static void server_open(struct server *s, int listener, int stop, const struct options *options,
    const struct ring_options *ring_options, const struct ring_features *features) {
    s->options = options;
    s->features = features;
    s->listener = listener;
    s->stop = stop;
    s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    STAILQ_INIT(&s->done);
    TAILQ_INIT(&s->conns);
    TAILQ_INIT(&s->closing);
    s->buffers.count = ring_options->buffers;
    s->buffers.size = RECEIVE_SIZE;
    ring_open(&s->ring, &s->buffers, ring_options->completions, features);
}

static void server_close(struct server *s, struct stats *total) {
    stats_merge(total, &s->stats);
    if (s->spare >= 0)
        close(s->spare);
}

int main(int argc, char **argv) {
    static struct server servers[LISTENERS_MAX];
    struct ring_options chosen = RING_OPTIONS_DEFAULT;
    int listeners[LISTENERS_MAX], stop;
    char notes[128];
    struct options options;
    struct ring_features features;
    struct stats total = {0};
    options_parse(&options, argc, argv, "Asynchronous I/O: results of io_uring are taken from futures.",
        &ring_options_argp, &chosen);
    memory_keep_freed();
    if (chosen.probe)
        return ring_probe_print(chosen.completions, chosen.buffers);
    ring_probe(&features);
    ring_require(&features, false);
    stop = signals_open();
    listeners_open(listeners, chosen.loops, &options);
    options.limits.clients_max = (options.limits.clients_max - 1) / (size_t)chosen.loops + 1; /* each ring its share */
    for (int i = 0; i < chosen.loops; i++)
        server_open(&servers[i], listeners[i], stop, &options, &chosen, &features);
    server_run_all(servers, chosen.loops);
    for (int i = 0; i < chosen.loops; i++)
        server_close(&servers[i], &total);
    ring_describe(&features, notes, sizeof notes);
    if (options.stats_path && stats_write(options.stats_path, "aio_future", options.protocol, notes, &total) < 0)
        error(EXIT_SETUP, errno, "cannot write --stats %s", options.stats_path);
    return 0;
}
