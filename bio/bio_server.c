/* bio_server.c - blocking I/O: one thread per connection.
 *
 * The main thread waits for connections and starts a thread for each. That thread waits in recv until its one client
 * has sent something, and in send until its socket has room for the reply. The code reads like the conversation,
 * because a sleeping thread keeps its place in the code; the price is a thread (a stack, a kernel task, a context
 * switch per message) for every client, busy or not.
 *
 *     thread   recv ------- sleeps -------+ copy |  process  | send: copy |  recv ------- sleeps --- ...
 *     kernel        wait for data ........| copy |           | copy ......|       wait for data .....
 *
 * Read: conn_advance (the conversation), conn_recv and conn_send (where it sleeps), conn_thread, server_accept. */
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
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

struct conn {
    struct server *server;
    pthread_t thread; /* the thread that serves it */
    int fd;
    int recv_limit_ms; /* the current SO_RCVTIMEO and SO_SNDTIMEO; 0: no limit */
    int send_limit_ms;
    struct session session;
    struct effort effort;
    TAILQ_ENTRY(conn) link;
};

struct server {
    struct options options;
    size_t stack_size;
    pthread_attr_t thread_attributes;
    int listener;
    int stop; /* readable once SIGTERM or SIGINT has come */
    struct door door;
    pthread_mutex_t lock; /* guards the fields below */
    pthread_cond_t last_closed;
    TAILQ_HEAD(, conn) conns;
    struct stats stats;
};

/* OWNS: the connection owns fd from here on. NULL when there is no memory; fd is then still the caller's. */
static struct conn *conn_open(struct server *s, int fd) {
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->server = s;
    c->fd = fd;
    setsockopt(fd, SOL_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    session_open(&c->session, s->options.protocol, &s->options.limits);
    return c;
}

/* Sends FIN after the last reply, and waits for the peer's FIN. LIMIT: linger_ms, one deadline for all receives. */
static void conn_linger(struct conn *c) {
    int64_t end_ms = now_ms() + c->server->options.limits.linger_ms, left_ms;
    char unwanted[1024];
    shutdown(c->fd, SHUT_WR);
    while ((left_ms = end_ms - now_ms()) > 0) {
        struct timeval limit = {.tv_sec = left_ms / 1000, .tv_usec = left_ms % 1000 * 1000};
        setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        c->effort.waits++;
        ssize_t count = recv(c->fd, unwanted, sizeof unwanted, 0); /* WAIT: for FIN. COPY: dropped */
        if (count == 0 || (count < 0 && errno != EINTR))
            break;
    }
}

/* Ends the conversation and frees the connection. It frees under the lock, so that server_close never finds an empty
 * list while a connection is only half freed. */
static void conn_close(struct conn *c) {
    struct server *s = c->server;
    assert(session_wants(&c->session) == WANT_CLOSE);
    bad_connection_log(c->fd, &c->session);
    if (c->session.broken) /* the peer is gone: close() sends RST, and the kernel keeps no unread reply */
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    else
        conn_linger(c);
    session_close(&c->session);
    pthread_mutex_lock(&s->lock);
    TAILQ_REMOVE(&s->conns, c, link);
    close(c->fd); /* after it has left the list: another connection may get this number immediately */
    stats_closed(&s->stats, &c->session);
    stats_add_effort(&s->stats, &c->effort);
    free(c);
    if (TAILQ_EMPTY(&s->conns))
        pthread_cond_signal(&s->last_closed);
    pthread_mutex_unlock(&s->lock);
}

static enum session_want conn_recv(struct conn *c, uint8_t bytes[RECEIVE_SIZE]) {
    c->effort.waits++;
    /* WAIT: for data, up to recv_limit_ms (EAGAIN); when the server stops, only for data that has come (MSG_DONTWAIT).
     * COPY: kernel to this thread's stack */
    ssize_t count = recv(c->fd, bytes, RECEIVE_SIZE, server_is_stopping() ? MSG_DONTWAIT : 0);
    c->effort.would_blocks += count < 0 && errno == EAGAIN;
    if (count < 0 && errno == EAGAIN && server_is_stopping())
        return session_shutdown(&c->session); /* all that has come is answered */
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_READ : session_reset(&c->session);
    if (count == 0)
        return session_eof(&c->session);
    if (c->server->options.handler_delay.tv_nsec)
        nanosleep(&c->server->options.handler_delay, NULL); /* WAIT: a handler that blocks; only this client waits */
    return session_receive(&c->session, bytes, (size_t)count);
}

static enum session_want conn_send(struct conn *c) {
    size_t pending;
    const uint8_t *bytes = session_pending(&c->session, &pending);
    assert(pending > 0);
    c->effort.waits++;
    /* WAIT: for room, up to send_limit_ms (EAGAIN). COPY: replies to kernel */
    ssize_t count = send(c->fd, bytes, pending, MSG_NOSIGNAL);
    c->effort.would_blocks += count < 0 && errno == EAGAIN;
    if (count < 0 && errno == EPIPE && server_is_stopping())
        session_shutdown(&c->session); /* --drain is over: count this, not a reset */
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_WRITE : session_reset(&c->session);
    return session_sent(&c->session, (size_t)count);
}

/* The timer of this model is a time limit on the call that sleeps. Asks the session what is due, and sets how long the
 * next recv or send may take (LIMIT); it makes the system call only if that limit has changed. A send that moved bytes
 * before its timeout returns their count, so a stall may last up to twice as long. */
static enum session_want conn_tick(struct conn *c) {
    int left_ms;
    enum session_want want = session_tick(&c->session, now_ms(), &left_ms);
    int *limit_ms = want == WANT_READ ? &c->recv_limit_ms : &c->send_limit_ms;
    left_ms = left_ms < 0 ? 0 : left_ms;
    if (want != WANT_CLOSE && *limit_ms != left_ms) {
        struct timeval limit = {.tv_sec = left_ms / 1000, .tv_usec = left_ms % 1000 * 1000};
        setsockopt(c->fd, SOL_SOCKET, want == WANT_READ ? SO_RCVTIMEO : SO_SNDTIMEO, &limit, sizeof limit);
        *limit_ms = left_ms;
    }
    return want;
}

/* The whole conversation with one client. Replies may lie in `bytes`, so it receives only when none is pending. */
static void conn_advance(struct conn *c) {
    uint8_t bytes[RECEIVE_SIZE];
    enum session_want want;
    do {
        want = conn_tick(c);
        assert(want != WANT_READ || !session_is_lent(&c->session));
        if (want != WANT_CLOSE)
            want = want == WANT_READ ? conn_recv(c, bytes) : conn_send(c);
    } while (want != WANT_CLOSE);
}

/* No thread joins it: server_close waits until the connection has left the list; then it only unlocks. */
static void *conn_thread(void *argument) {
    struct conn *c = argument;
    conn_advance(c);
    conn_close(c);
    return NULL;
}

/* Starts a client's thread, or returns why not. With the lock held, so that the thread cannot close the connection
 * before it is in the list. */
static enum refuse_reason server_take(struct server *s, int fd) {
    enum refuse_reason refused = door_admit(&s->door, s->stats.active);
    if (refused != REFUSE_NONE)
        return refused;
    struct conn *c = conn_open(s, fd);
    if (!c)
        return REFUSE_MEMORY;
    if (pthread_create(&c->thread, &s->thread_attributes, conn_thread, c) != 0) {
        session_close(&c->session);
        free(c);
        return REFUSE_THREADS;
    }
    TAILQ_INSERT_HEAD(&s->conns, c, link);
    stats_accepted(&s->stats);
    s->stats.effort.waits++; /* accept's */
    return REFUSE_NONE;
}

/* Waits for one client, and serves or refuses it. False when the server must stop. */
static bool server_accept(struct server *s) {
    struct pollfd wanted[] = {{s->stop, POLLIN, 0}, {s->listener, POLLIN, 0}};
    poll(wanted, 2, -1); /* WAIT: for a client, or the signal; accept4 alone would wait for clients only */
    if (wanted[0].revents)
        return false;
    int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC); /* never waits: EAGAIN if the client has gone meanwhile */
    if (fd < 0 && door_failed(&s->door, errno) == DOOR_PAUSE)
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL); /* WAIT: 10 ms, instead of spinning */
    if (fd < 0)
        return true;
    pthread_mutex_lock(&s->lock);
    enum refuse_reason refused = server_take(s, fd);
    if (refused != REFUSE_NONE)
        door_refuse(&s->door, fd, refused, &s->stats);
    pthread_mutex_unlock(&s->lock);
    return true;
}

static void server_run(struct server *s) {
    while (server_accept(s))
        continue;
}

static void server_open(struct server *s) {
    pthread_attr_init(&s->thread_attributes);
    pthread_attr_setdetachstate(&s->thread_attributes, PTHREAD_CREATE_DETACHED);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->last_closed, NULL);
    TAILQ_INIT(&s->conns);
    s->stop = signals_open();
    door_open(&s->door, &s->options);
    s->listener = listener_open(&s->options);
    fcntl(s->listener, F_SETFL, O_NONBLOCK);
    int why = pthread_attr_setstacksize(&s->thread_attributes, s->stack_size); /* LIMIT: memory of a connection */
    if (why != 0)
        error(EXIT_SETUP, why, "--stack-size %zu is too small on this machine; try 131072", s->stack_size);
    listener_announce(s->listener);
}

static void ignore_signal(int signal_number) {
    (void)signal_number;
}

/* Lets pending replies leave, for drain_s seconds at most; then it ends all connections. A signal wakes the threads
 * that wait in recv: recv fails with EINTR, and the next recv does not wait. The signal is sent again every 20 ms,
 * because it may come just before a thread calls recv. (shutdown(SHUT_RD) would wake them as well, but then the kernel
 * answers further bytes of a client with RST, and the client loses replies.) */
static void server_close(struct server *s) {
    int64_t end_ms = now_ms() + s->options.drain_s * 1000;
    struct conn *c;
    close(s->listener); /* new clients are refused from now on */
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = ignore_signal}, NULL);
    pthread_mutex_lock(&s->lock);
    while (!TAILQ_EMPTY(&s->conns)) {
        int64_t next_ms = now_ms() + 20;
        struct timespec next = {.tv_sec = next_ms / 1000, .tv_nsec = next_ms % 1000 * 1000000};
        TAILQ_FOREACH (c, &s->conns, link) {
            if (next_ms >= end_ms)
                shutdown(c->fd, SHUT_RDWR); /* its send fails with EPIPE */
            pthread_kill(c->thread, SIGUSR1);
        }
        /* WAIT: for the last connection to close, or 20 ms */
        pthread_cond_clockwait(&s->last_closed, &s->lock, CLOCK_MONOTONIC, &next);
    }
    assert(s->stats.active == 0);
    stats_write(&s->options, "bio", NULL, &s->stats);
    pthread_mutex_unlock(&s->lock);
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct server *s = state->input;
    switch (key) {
    case 's': s->stack_size = (size_t)options_number("stack-size", value, 32 * 1024, 1 << 30); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"stack-size", 's', "BYTES", 0, "Stack of each connection's thread (default 65536)", 0}, {0}};
    static const struct argp model = {options, parse_option, NULL, NULL, NULL, NULL, NULL};
    static struct server server = {.stack_size = 64 * 1024};
    options_parse(&server.options, argc, argv, "Blocking I/O: one thread per connection.", &model, &server);
    memory_keep_freed();
    server_open(&server);
    server_run(&server);
    server_close(&server);
    return 0;
}
