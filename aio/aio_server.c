/* aio_server.c - asynchronous I/O: operations are submitted, and their completions call back (push).
 *
 * Nobody asks whether a socket is ready. The server submits the transfer itself, "receive into one of these buffers",
 * "send these bytes", and the kernel does it, waiting and copying included; when it is done, a completion arrives and
 * calls the operation's handler with the result. Submissions and completions pass through two rings of shared memory
 * (io_uring), so that one system call can hand in and collect hundreds of both.
 *
 *     thread   submit + wait -- sleeps --+ handler: process, submit | handler ... | submit + wait -- sleeps --
 *     kernel   wait for data, copy ......| completions              |             | send: copy, wait, copy ...
 *
 * Whoever submits must keep what the kernel works on: a connection is freed when its last completion has come.
 *
 * Read: ring_wait and ring_dispatch (the loop), conn_recv and conn_recv_done, conn_send and conn_send_done, conn_close.
 */
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
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH_MAX = 512, LOOKS_PER_TICK = 5000 };

/* The timer's period; and how often each connection is looked at: a wait begins and ends with a look, so its time
 * limits are kept to within two. */
enum { TICK_MS = 50, LOOK_MS = 1000 };

/* What is submitted to the kernel. Its address is what the completion brings back, and so it must stay where it is, and
 * alive, until then. */
struct operation {
    void (*done)(struct operation *operation, int result, uint32_t flags); /* the CompletionHandler */
};

struct completion {
    struct operation *operation;
    int result; /* bytes moved or a descriptor; or -errno */
    uint32_t flags;
};

struct conn {
    struct server *server;
    int fd;
    bool receiving;      /* the receive is with the kernel */
    bool cancelling;     /* and has been asked back: too many replies wait */
    bool sending;        /* a send is with the kernel; LIMIT: one at a time, or they might overtake each other */
    bool closing;        /* our FIN is sent; the peer's is awaited until due_ms */
    uint32_t send_count; /* bytes that the send was given */
    uint32_t held;       /* names the ring's buffer in which replies lie; 0: none */
    int64_t due_ms;      /* when time is to be looked at again */
    struct operation receive;
    struct operation send;
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
    struct operation accept;
    struct operation stopping;         /* completes when the signal has come */
    struct operation tick;             /* completes after TICK_MS, again and again */
    TAILQ_HEAD(conn_list, conn) conns; /* both lists are in the order of due_ms */
    struct conn_list closing;
    struct stats stats;
    bool accept_paused; /* for want of descriptors or memory, until the next tick */
    bool draining;      /* no new clients; ends when the last connection has, at drain_until_ms at the latest */
    int64_t drain_until_ms;
};

static struct io_uring_sqe *ring_submission(struct server *s);
static void ring_cancel(struct server *s, struct operation *operation);
static void conn_recv(struct conn *c);
static void conn_release(struct conn *c);
static void conn_recv_done(struct operation *operation, int result, uint32_t flags);
static void conn_send_done(struct operation *operation, int result, uint32_t flags);
static void conn_advance(struct conn *c, enum session_want want);

/* OWNS: the connection owns fd from here on. NULL when there is no memory; fd is then still the caller's. */
static struct conn *conn_open(struct server *s, int fd) {
    static const int on = 1;
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->server = s;
    c->fd = fd;
    c->receive.done = conn_recv_done;
    c->send.done = conn_send_done;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    session_open(&c->session, s->options->protocol, &s->options->limits);
    TAILQ_INSERT_HEAD(&s->conns, c, link); /* the next tick starts its time */
    stats_accepted(&s->stats);
    conn_recv(c);
    return c;
}

/* Frees the connection as soon as the kernel works on nothing of it. */
static void conn_free(struct conn *c) {
    struct server *s = c->server;
    if (c->receiving || c->sending)
        return; /* OWNS: the kernel, until their completions come; each of them calls here again */
    TAILQ_REMOVE(&s->closing, c, link);
    if (c->session.broken) /* nobody is there: close() sends RST, and the kernel keeps no unread reply */
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    close(c->fd);
    stats_closed(&s->stats, &c->session, &c->traffic);
    session_close(&c->session);
    conn_release(c);
    free(c);
}

/* After our FIN: keeps receiving, so that the peer's FIN is seen. */
static void conn_linger(struct conn *c) {
    if (!c->receiving)
        conn_recv(c);
}

/* Ends the conversation: says goodbye (FIN) after the last reply; what still comes is dropped, until the peer's FIN. */
static void conn_close(struct conn *c) {
    struct server *s = c->server;
    bad_connection_log(c->fd, &c->session);
    TAILQ_REMOVE(&s->conns, c, link);
    TAILQ_INSERT_TAIL(&s->closing, c, link);
    c->closing = true;
    c->due_ms = now_ms() + s->options->limits.linger_ms;
    if (c->session.broken) {
        shutdown(c->fd, SHUT_RDWR); /* completes what is still with the kernel */
        conn_free(c);
        return;
    }
    shutdown(c->fd, SHUT_WR);
    conn_linger(c);
}

/* Asks for all that will come: a multishot receive completes again and again, each time with a buffer of the ring's.
 * When the server stops it asks only for what has come: that completes at once, with -EAGAIN if it is nothing. */
static void conn_recv(struct conn *c) {
    struct io_uring_sqe *sqe = ring_submission(c->server);
    if (c->server->draining && !c->closing)
        io_uring_prep_recv(sqe, c->fd, NULL, RECEIVE_SIZE, MSG_DONTWAIT); /* COPY: kernel to a ring buffer */
    else
        io_uring_prep_recv_multishot(sqe, c->fd, NULL, 0, 0); /* COPY: kernel to a ring buffer, when data has come */
    io_uring_sqe_set_data(sqe, &c->receive);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = RING_BUFFER_GROUP;
    c->receiving = true;
    c->cancelling = false;
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

static enum session_want conn_received(struct conn *c, int result, uint32_t flags) {
    if (result > 0) {
        uint8_t *bytes = ring_buffer(&c->server->buffers, flags);
        c->traffic.bytes_in += (uint64_t)result;
        if (c->server->options->handler_delay.tv_nsec)
            nanosleep(&c->server->options->handler_delay, NULL); /* WAIT: for a handler that blocks; all clients do */
        return conn_hold(c, session_receive(&c->session, bytes, (size_t)result), flags);
    }
    ring_buffer_return(&c->server->buffers, flags);
    c->server->stats.effort.no_buffers += result == -ENOBUFS;
    if (result == 0)
        return session_eof(&c->session);
    if (result == -EAGAIN)
        return session_shutdown(&c->session); /* all that has come is answered */
    if (result == -ENOBUFS || result == -EINTR || result == -ECANCELED)
        return session_wants(&c->session); /* it is over, the connection is not: conn_advance asks again */
    return session_reset(&c->session);
}

static void conn_recv_done(struct operation *operation, int result, uint32_t flags) {
    struct conn *c = (struct conn *)((char *)operation - offsetof(struct conn, receive));
    c->receiving = flags & IORING_CQE_F_MORE;
    if (!c->closing) {
        conn_advance(c, conn_received(c, result, flags));
        return;
    }
    ring_buffer_return(&c->server->buffers, flags);
    if (c->due_ms > now_ms() && (result > 0 || result == -ENOBUFS || result == -ECANCELED || result == -EINTR))
        conn_linger(c);
    else
        conn_free(c);
}

static void conn_send(struct conn *c) {
    size_t pending;
    const uint8_t *bytes = session_pending(&c->session, &pending);
    struct io_uring_sqe *sqe = ring_submission(c->server);
    io_uring_prep_send(sqe, c->fd, bytes, pending, MSG_NOSIGNAL); /* COPY: replies to kernel, when there is room */
    io_uring_sqe_set_data(sqe, &c->send);
    c->send_count = (uint32_t)pending;
    c->sending = true;
}

static void conn_send_done(struct operation *operation, int result, uint32_t flags) {
    struct conn *c = (struct conn *)((char *)operation - offsetof(struct conn, send));
    enum session_want want;
    (void)flags;
    c->sending = false;
    if (result > 0) {
        c->traffic.bytes_out += (uint64_t)result;
        c->server->stats.effort.short_sends += (uint32_t)result < c->send_count;
    }
    if (c->closing) {
        conn_free(c);
        return;
    }
    if (result < 0 && result != -EINTR)
        want = session_reset(&c->session);
    else
        want = session_sent(&c->session, result > 0 ? (size_t)result : 0); /* short sends are normal */
    conn_release(c);
    conn_advance(c, want);
}

/* Asks the session what time has made of it. */
static void conn_tick(struct conn *c, int64_t now) {
    struct server *s = c->server;
    int left_ms; /* the next look comes soon enough */
    TAILQ_REMOVE(&s->conns, c, link);
    TAILQ_INSERT_TAIL(&s->conns, c, link);
    c->due_ms = now + LOOK_MS;
    conn_advance(c, session_tick(&c->session, now, &left_ms));
}

/* Submits what the session wants next. A multishot receive reads ahead of WANT_WRITE; what it brought is answered, but
 * beyond output_max (LIMIT) it is taken back until the peer has read its replies. */
static void conn_advance(struct conn *c, enum session_want want) {
    if (want == WANT_CLOSE) {
        conn_close(c);
        return;
    }
    if (want == WANT_WRITE && !c->sending)
        conn_send(c);
    if (want == WANT_READ && !c->receiving)
        conn_recv(c);
    if (c->receiving && !c->cancelling && session_is_full(&c->session)) {
        c->cancelling = true;
        ring_cancel(c->server, &c->receive);
    }
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

/* Asks for an operation back. It completes all the same, with -ECANCELED or with what came first. */
static void ring_cancel(struct server *s, struct operation *operation) {
    struct io_uring_sqe *sqe = ring_submission(s);
    io_uring_prep_cancel(sqe, operation, 0);
    io_uring_sqe_set_data(sqe, NULL); /* nobody waits for the answer to the cancellation itself */
}

/* Closes a descriptor after what was submitted before, which may name it. */
static void ring_close_later(struct server *s, int fd) {
    struct io_uring_sqe *sqe = ring_submission(s);
    io_uring_prep_close(sqe, fd);
    io_uring_sqe_set_data(sqe, NULL);
}

/* Hands in what was submitted and sleeps until something is complete. */
static void ring_wait(struct server *s) {
    s->stats.effort.waits++;
    s->stats.effort.overflows += io_uring_cq_has_overflow(&s->ring);
    ring_submitted(s, io_uring_submit_and_wait(&s->ring, 1)); /* WAIT: for any completion */
}

/* Calls the handlers. The completions are copied out first: handlers submit, and the ring's places are free again. */
static void ring_dispatch(struct server *s) {
    struct io_uring_cqe *cqes[BATCH_MAX];
    struct completion batch[BATCH_MAX];
    unsigned count = io_uring_peek_batch_cqe(&s->ring, cqes, BATCH_MAX);
    for (unsigned i = 0; i < count; i++)
        batch[i] = (struct completion){io_uring_cqe_get_data(cqes[i]), cqes[i]->res, cqes[i]->flags};
    io_uring_cq_advance(&s->ring, count);
    s->stats.effort.events += count;
    for (unsigned i = 0; i < count; i++)
        if (batch[i].operation)
            batch[i].operation->done(batch[i].operation, batch[i].result, batch[i].flags);
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
    ring_cancel(s, &s->accept);
    ring_close_later(s, s->listener); /* new clients are refused from then on */
    TAILQ_FOREACH (c, &s->conns, link) {
        if (c->receiving && !c->cancelling) {
            c->cancelling = true;
            ring_cancel(s, &c->receive);
        }
    }
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

/* Asks for all clients that will come: a multishot, like conn_recv. */
static void server_accept(struct server *s) {
    struct io_uring_sqe *sqe = ring_submission(s);
    io_uring_prep_multishot_accept(sqe, s->listener, NULL, NULL, SOCK_CLOEXEC);
    io_uring_sqe_set_data(sqe, &s->accept);
}

static void server_accept_done(struct operation *operation, int result, uint32_t flags) {
    struct server *s = (struct server *)((char *)operation - offsetof(struct server, accept));
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
    if (!(flags & IORING_CQE_F_MORE) && !s->accept_paused && !s->draining)
        server_accept(s);
}

/* Asks to be called back when the signal has come: it is waited for like all the rest. */
static void server_stop(struct server *s) {
    struct io_uring_sqe *sqe = ring_submission(s);
    io_uring_prep_poll_add(sqe, s->stop, POLLIN);
    io_uring_sqe_set_data(sqe, &s->stopping);
}

static void server_stop_done(struct operation *operation, int result, uint32_t flags) {
    struct server *s = (struct server *)((char *)operation - offsetof(struct server, stopping));
    (void)result, (void)flags;
    server_drain(s);
}

/* Lets go of the connections whose peers have not said goodbye in time, and of all when the drain's time is up. What
 * the kernel still has of them is asked back. */
static void server_expire(struct server *s, int64_t now) {
    struct conn *c;
    bool over = s->draining && now >= s->drain_until_ms;
    while (over && (c = TAILQ_FIRST(&s->conns)) != NULL) {
        session_shutdown(&c->session);
        conn_close(c);
    }
    TAILQ_FOREACH (c, &s->closing, link) {
        if (!over && c->due_ms > now)
            break;
        c->due_ms = now;
        if (c->receiving)
            ring_cancel(s, &c->receive);
        if (c->sending)
            ring_cancel(s, &c->send);
    }
}

/* Asks to be called back when TICK_MS have passed: the timer of this model is an operation like any other. */
static void server_tick(struct server *s) {
    static struct __kernel_timespec period = {.tv_nsec = TICK_MS * 1000 * 1000};
    struct io_uring_sqe *sqe = ring_submission(s);
    io_uring_prep_timeout(sqe, &period, 0, 0);
    io_uring_sqe_set_data(sqe, &s->tick);
}

/* What is due? LIMIT: some of the connections; the others at the next tick. */
static void server_tick_done(struct operation *operation, int result, uint32_t flags) {
    struct server *s = (struct server *)((char *)operation - offsetof(struct server, tick));
    int64_t now = now_ms();
    struct conn *c;
    (void)result, (void)flags;
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
        ring_wait(s);
        ring_dispatch(s);
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
    s->accept.done = server_accept_done;
    s->stopping.done = server_stop_done;
    s->tick.done = server_tick_done;
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
    options_parse(
        &options, argc, argv, "Asynchronous I/O: completions of io_uring call back.", &ring_options_argp, &chosen);
    memory_keep_freed();
    if (chosen.probe)
        return ring_probe_print(chosen.completions, chosen.buffers);
    ring_probe(&features);
    ring_require(&features, true);
    stop = signals_open();
    listeners_open(listeners, chosen.loops, &options);
    options.limits.clients_max = (options.limits.clients_max - 1) / (size_t)chosen.loops + 1; /* each ring its share */
    for (int i = 0; i < chosen.loops; i++)
        server_open(&servers[i], listeners[i], stop, &options, &chosen, &features);
    server_run_all(servers, chosen.loops);
    for (int i = 0; i < chosen.loops; i++)
        server_close(&servers[i], &total);
    ring_describe(&features, notes, sizeof notes);
    if (options.stats_path && stats_write(options.stats_path, "aio", options.protocol, notes, &total) < 0)
        error(EXIT_SETUP, errno, "cannot write --stats %s", options.stats_path);
    return 0;
}
