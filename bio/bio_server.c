/* bio_server.c - blocking I/O: one thread per connection.
 *
 * The main thread waits for connections and starts a thread for each. That thread waits in recv until its one client
 * has said something, and in send until the client has room for the answer. The code reads like the conversation it
 * holds, because the kernel keeps each thread's place in it; the price is a thread (a stack, a kernel task, a context
 * switch per message) for every client, busy or not.
 *
 *     thread   recv ------- sleeps -------+ copy |  process  | send: copy |  recv ------- sleeps --- ...
 *     kernel        wait for data ........| copy |           | copy ......|       wait for data .....
 *
 * Read: conn_advance (the conversation), conn_recv and conn_send (where it sleeps), conn_thread, server_accept. */
#include "bad_connection.h"
#include "listener.h"
#include "memory.h"
#include "now.h"
#include "options.h"
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
#include <signal.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct server {
    struct options options;
    size_t stack_size;
    int listener;
    int stop;  /* readable once a signal has come that ends the server */
    int spare; /* a descriptor kept back, so that one client can still be accepted, and told no, when all are used */
    pthread_attr_t thread_attributes;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t conn_closed;
    LIST_HEAD(, conn) conns;
    struct stats stats;
    size_t threads; /* started and not ended */
    pthread_t last_ended;
    bool any_ended;
    pthread_cond_t thread_ended;
};

struct conn {
    struct server *server;
    pthread_t thread; /* who serves it */
    int fd;
    int recv_limit_ms; /* as SO_RCVTIMEO and SO_SNDTIMEO are set; 0: for ever */
    int send_limit_ms;
    struct session session;
    struct traffic traffic;
    struct effort effort;
    LIST_ENTRY(conn) link;
};

/* OWNS: the connection owns fd from here on. NULL when there is no memory; fd is then still the caller's. */
static struct conn *conn_open(struct server *s, int fd) {
    static const int on = 1;
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->server = s;
    c->fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    session_open(&c->session, s->options.protocol, &s->options.limits);
    return c;
}

/* Says goodbye (FIN) after the last reply, and waits for the peer to do the same. */
static void conn_linger(struct conn *c) {
    int64_t end_ms = now_ms() + c->server->options.limits.linger_ms, left_ms; /* LIMIT: however often it sends */
    char unwanted[1024];
    shutdown(c->fd, SHUT_WR);
    while ((left_ms = end_ms - now_ms()) > 0) {
        struct timeval limit = {.tv_sec = left_ms / 1000, .tv_usec = left_ms % 1000 * 1000};
        setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        c->effort.waits++;
        ssize_t count = recv(c->fd, unwanted, sizeof unwanted, 0); /* WAIT: for FIN. COPY: to nowhere */
        if (count == 0 || (count < 0 && errno != EINTR))
            break;
    }
}

/* Ends the conversation, and frees the connection. */
static void conn_close(struct conn *c) {
    struct server *s = c->server;
    bad_connection_log(c->fd, &c->session);
    if (c->session.broken) /* nobody is there: close() sends RST, and the kernel keeps no unread reply */
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    else
        conn_linger(c);
    pthread_mutex_lock(&s->lock);
    LIST_REMOVE(c, link);
    close(c->fd); /* not before it has left the list: the number may be another connection's at once */
    stats_closed(&s->stats, &c->session, &c->traffic);
    stats_add_effort(&s->stats, &c->effort);
    pthread_cond_signal(&s->conn_closed);
    pthread_mutex_unlock(&s->lock);
    session_close(&c->session);
    free(c);
}

static enum session_want conn_recv(struct conn *c, uint8_t bytes[RECEIVE_SIZE]) {
    c->effort.waits++;
    /* WAIT: for data, until its time is up; when the server stops, only for what has come. COPY: kernel to this
     * thread's stack */
    ssize_t count = recv(c->fd, bytes, RECEIVE_SIZE, server_is_stopping() ? MSG_DONTWAIT : 0);
    c->effort.would_blocks += count < 0 && errno == EAGAIN;
    if (count < 0 && errno == EAGAIN && server_is_stopping())
        return session_shutdown(&c->session);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_READ : session_reset(&c->session);
    if (count == 0)
        return session_eof(&c->session);
    c->traffic.bytes_in += (uint64_t)count;
    if (c->server->options.handler_delay.tv_nsec)
        nanosleep(&c->server->options.handler_delay, NULL); /* WAIT: for a handler that blocks; only this client does */
    return session_receive(&c->session, bytes, (size_t)count);
}

static enum session_want conn_send(struct conn *c) {
    size_t pending;
    const uint8_t *bytes = session_pending(&c->session, &pending);
    c->effort.waits++;
    /* WAIT: for room, until its time is up. COPY: replies to kernel */
    ssize_t count = send(c->fd, bytes, pending, MSG_NOSIGNAL);
    c->effort.would_blocks += count < 0 && errno == EAGAIN;
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return WANT_WRITE;
    if (count < 0 && errno == EPIPE && server_is_stopping())
        session_shutdown(&c->session); /* its time was up (--drain): that is the reason to count */
    if (count < 0)
        return session_reset(&c->session);
    c->effort.short_sends += (size_t)count < pending;
    c->traffic.bytes_out += (uint64_t)count;
    return session_sent(&c->session, (size_t)count);
}

/* The timer of this model is a time limit on the call that sleeps. Asks the session what time has made of it, and sets
 * how long the recv or send that follows may take (LIMIT); a system call only when that is new. A send that moved
 * something, and then waited in vain, tells of the something only: its time begins anew, up to twice in all. */
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

/* The whole conversation with one client. Replies lie in `bytes` until they have left: only then is more received. */
static void conn_advance(struct conn *c) {
    uint8_t bytes[RECEIVE_SIZE];
    enum session_want want;
    do {
        want = conn_tick(c);
        if (want != WANT_CLOSE)
            want = want == WANT_READ ? conn_recv(c, bytes) : conn_send(c);
    } while (want != WANT_CLOSE);
}

static void *conn_thread(void *argument) {
    struct conn *c = argument;
    struct server *s = c->server;
    conn_advance(c);
    conn_close(c);
    /* Each thread joins the one that ended before it, so that one at most is left over, for server_close. */
    pthread_mutex_lock(&s->lock);
    pthread_t before = s->last_ended;
    bool any_before = s->any_ended;
    s->last_ended = pthread_self();
    s->any_ended = true;
    s->threads--;
    pthread_cond_signal(&s->thread_ended);
    pthread_mutex_unlock(&s->lock);
    if (any_before)
        pthread_join(before, NULL); /* WAIT: it has nothing left to do */
    return NULL;
}

/* Turns a client away, with a word if its protocol has one. */
static void server_refuse(struct server *s, int fd, enum refuse_reason reason) {
    size_t count;
    const char *refusal = session_refusal(s->options.protocol, &count);
    if (count > 0) {
        char request[1024];
        send(fd, refusal, count, MSG_NOSIGNAL | MSG_DONTWAIT); /* COPY: no WAIT: a new socket has room */
        recv(fd, request, sizeof request, MSG_DONTWAIT); /* COPY: to nowhere; unread, it would turn FIN into RST */
    }
    close(fd);
    pthread_mutex_lock(&s->lock);
    s->stats.refused[reason]++;
    pthread_mutex_unlock(&s->lock);
}

/* LIMIT: clients at once. Only this thread adds to them. */
static bool server_is_full(struct server *s) {
    pthread_mutex_lock(&s->lock);
    bool full = s->stats.active >= s->options.limits.clients_max;
    pthread_mutex_unlock(&s->lock);
    return full;
}

/* accept4 failed. Whatever it was, it must not be tried again in a hot loop: the client may still wait. */
static void server_accept_failed(struct server *s, int why) {
    if ((why == EMFILE || why == ENFILE) && s->spare >= 0) {
        close(s->spare); /* the next accept4 gets its place */
        s->spare = -1;
    } else if (why != EAGAIN && why != EINTR) {
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL); /* WAIT: 10 ms, for others to free some */
    }
}

/* Waits for one client and starts its thread. False when the server is to stop. */
static bool server_accept(struct server *s) {
    struct pollfd wanted[] = {{s->stop, POLLIN, 0}, {s->listener, POLLIN, 0}};
    poll(wanted, 2, -1); /* WAIT: for a client, or the signal; accept4 alone would wait for clients only */
    if (wanted[0].revents)
        return false;
    int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC); /* no WAIT: or EAGAIN, if the client has gone meanwhile */
    if (fd < 0) {
        server_accept_failed(s, errno);
        return true;
    }
    if (s->spare < 0 && (s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0) {
        server_refuse(s, fd, REFUSE_DESCRIPTORS); /* it took the last one */
        s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
        return true;
    }
    if (server_is_full(s)) {
        server_refuse(s, fd, REFUSE_CLIENTS);
        return true;
    }
    struct conn *c = conn_open(s, fd);
    if (!c) {
        server_refuse(s, fd, REFUSE_MEMORY);
        return true;
    }
    pthread_mutex_lock(&s->lock); /* held over both, so that the thread cannot leave the list before it is in it */
    bool started = pthread_create(&c->thread, &s->thread_attributes, conn_thread, c) == 0;
    if (started) {
        LIST_INSERT_HEAD(&s->conns, c, link);
        stats_accepted(&s->stats);
        s->stats.effort.waits++; /* accept's */
        s->threads++;
    }
    pthread_mutex_unlock(&s->lock);
    if (!started) {
        session_close(&c->session);
        free(c);
        server_refuse(s, fd, REFUSE_THREADS);
    }
    return true;
}

static void server_run(struct server *s) {
    while (server_accept(s))
        continue;
}

static void server_open(struct server *s) {
    pthread_condattr_t monotonic;
    pthread_attr_init(&s->thread_attributes);
    pthread_attr_setstacksize(&s->thread_attributes, s->stack_size); /* LIMIT: memory of a connection */
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->conn_closed, &monotonic);
    pthread_cond_init(&s->thread_ended, NULL);
    LIST_INIT(&s->conns);
    s->stop = signals_open();
    s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    listeners_open(&s->listener, 1, &s->options);
    fcntl(s->listener, F_SETFL, O_NONBLOCK);
    listener_announce(s->listener);
}

/* Wakes the threads that wait in recv: it fails with EINTR, and the next one sees that the server stops. Again and
 * again, because a thread may have been just before its recv. (shutdown(SHUT_RD) would wake them as well, but then
 * whatever a client still sends is answered with RST, and it loses replies.) */
static void server_wake_conns(struct server *s) {
    struct conn *c;
    LIST_FOREACH (c, &s->conns, link)
        pthread_kill(c->thread, SIGUSR1);
}

static void ignore_signal(int signal_number) {
    (void)signal_number;
}

/* Lets the replies in flight leave, for drain_s at most; then the connections end, finished or not. */
static void server_close(struct server *s) {
    int64_t end_ms = now_ms() + s->options.drain_s * 1000, next_ms;
    struct conn *c;
    close(s->listener); /* new clients are refused from now on */
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = ignore_signal}, NULL);
    pthread_mutex_lock(&s->lock);
    while (!LIST_EMPTY(&s->conns) && (next_ms = now_ms() + 20) < end_ms) {
        struct timespec next = {.tv_sec = next_ms / 1000, .tv_nsec = next_ms % 1000 * 1000000};
        server_wake_conns(s);
        /* WAIT: for one to close, or 20 ms */
        while (!LIST_EMPTY(&s->conns) && pthread_cond_timedwait(&s->conn_closed, &s->lock, &next) == 0)
            continue;
    }
    LIST_FOREACH (c, &s->conns, link)
        shutdown(c->fd, SHUT_RDWR); /* wakes its send, too */
    while (!LIST_EMPTY(&s->conns))
        pthread_cond_wait(&s->conn_closed, &s->lock); /* WAIT: for the rest; nothing holds them any more */
    while (s->threads > 0)
        pthread_cond_wait(&s->thread_ended, &s->lock); /* WAIT: for their threads */
    pthread_mutex_unlock(&s->lock);
    if (s->any_ended)
        pthread_join(s->last_ended, NULL); /* WAIT: for the last */
    if (s->options.stats_path && stats_write(s->options.stats_path, "bio", s->options.protocol, NULL, &s->stats) < 0)
        error(EXIT_SETUP, errno, "cannot write --stats %s", s->options.stats_path);
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct server *s = state->input;
    if (key != 's')
        return ARGP_ERR_UNKNOWN;
    s->stack_size = (size_t)options_number("stack-size", value, 32 * 1024, 1 << 30);
    return 0;
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
