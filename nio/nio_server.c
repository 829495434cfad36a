/* nio_server.c - non-blocking I/O: one thread, a Selector, many Channels.
 *
 * Sockets never make the thread sleep: recv and send answer "not ready" instead. The one place to sleep is the
 * Selector (epoll), which says for thousands of Channels at once which of them are ready for what they are interested
 * in. The thread then moves bytes for each of those and comes back. Where a conversation stands is no longer in a
 * thread's stack: it is in the Channel's fields.
 *
 *     thread   select -- sleeps --+ recv: copy | process | send: copy | next ready Channel ... | select -- sleeps --
 *     kernel   wait for any data .| copy       |         | copy ......|                        | wait for any data
 *
 * Read: server_run (the loop), selector_select (the one sleep), conn_advance (a turn), conn_recv, conn_send. */
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
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { READY_MAX = 512, ACCEPTS_PER_TURN = 64, LOOKS_PER_TICK = 5000 };

/* The timer's period; and how often each connection is looked at: a wait begins and ends with a look, so its time
 * limits are kept to within two. */
enum { TICK_MS = 50, LOOK_MS = 1000 };

/* Where the bytes of one receive stay while they are looked at: one for the whole loop, not one per Channel. */
struct buffer {
    uint8_t bytes[RECEIVE_SIZE];
};

struct selector {
    int epoll;
    int ready_count;
    struct epoll_event ready[READY_MAX];
};

/* The Channel: a socket, what it is interested in, and where its conversation stands. */
struct conn {
    struct server *server;
    int fd;
    uint16_t interest; /* EPOLLIN, or EPOLLOUT while replies wait and nothing is read; both: see server_drain */
    bool closing;      /* our FIN is sent; the peer's is awaited until due_ms */
    int64_t due_ms;    /* when time is to be looked at again */
    struct session session;
    struct traffic traffic;
    TAILQ_ENTRY(conn) link;
};

/* One event loop. With --loops N there are N of these, each with its thread, and they share nothing. */
struct server {
    const struct options *options;
    pthread_t thread;
    int listener;
    int stop;  /* readable once a signal has come that ends the server */
    int spare; /* a descriptor kept back, so that one client can still be accepted, and told no, when all are used */
    int timer; /* ready every TICK_MS, like a Channel */
    struct selector selector;
    struct buffer buffer;
    TAILQ_HEAD(conn_list, conn) conns; /* both lists are in the order of due_ms */
    struct conn_list closing;
    struct stats stats;
    bool accept_paused; /* for want of descriptors or memory, until the next tick */
    bool draining;      /* no new clients; ends when the last connection has, or at drain_until_ms */
    int64_t drain_until_ms;
};

static bool selector_register(struct selector *s, int fd, void *attachment);
static void selector_interest(struct selector *s, struct conn *c, uint16_t interest);

/* OWNS: the connection owns fd from here on. NULL when there is no memory; fd is then still the caller's. */
static struct conn *conn_open(struct server *s, int fd) {
    static const int on = 1;
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->server = s;
    c->fd = fd;
    c->interest = EPOLLIN;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    session_open(&c->session, s->options->protocol, &s->options->limits);
    if (!selector_register(&s->selector, fd, c)) {
        session_close(&c->session);
        free(c);
        return NULL;
    }
    TAILQ_INSERT_HEAD(&s->conns, c, link); /* the next tick starts its time */
    stats_accepted(&s->stats);
    return c;
}

/* Frees the connection. */
static void conn_free(struct conn *c) {
    struct server *s = c->server;
    if (c->session.broken) /* nobody is there: close() sends RST, and the kernel keeps no unread reply */
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    TAILQ_REMOVE(c->closing ? &s->closing : &s->conns, c, link);
    close(c->fd); /* leaves the Selector, too */
    stats_closed(&s->stats, &c->session, &c->traffic);
    session_close(&c->session);
    free(c);
}

/* After our FIN: drops what still comes, until the peer's FIN has. */
static void conn_linger(struct conn *c) {
    struct buffer *buffer = &c->server->buffer;
    ssize_t count = recv(c->fd, buffer->bytes, sizeof buffer->bytes, 0); /* COPY: to nowhere */
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
        conn_free(c);
    else
        selector_interest(&c->server->selector, c, EPOLLIN);
}

/* Ends the conversation: says goodbye (FIN) after the last reply, and frees the connection when the peer has, too. */
static void conn_close(struct conn *c) {
    struct server *s = c->server;
    bad_connection_log(c->fd, &c->session);
    if (c->session.broken) {
        conn_free(c);
        return;
    }
    TAILQ_REMOVE(&s->conns, c, link);
    TAILQ_INSERT_TAIL(&s->closing, c, link);
    c->closing = true;
    c->due_ms = now_ms() + s->options->limits.linger_ms;
    shutdown(c->fd, SHUT_WR);
    conn_linger(c);
}

static enum session_want conn_recv(struct conn *c) {
    struct buffer *buffer = &c->server->buffer;
    ssize_t count = recv(c->fd, buffer->bytes, sizeof buffer->bytes, 0); /* COPY: kernel to the loop's buffer */
    c->server->stats.effort.would_blocks += count < 0 && errno == EAGAIN;
    if (count < 0 && errno == EAGAIN && c->server->draining)
        return session_shutdown(&c->session); /* all that has come is answered */
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_READ : session_reset(&c->session); /* not ready: no sleep */
    if (count == 0)
        return session_eof(&c->session);
    c->traffic.bytes_in += (uint64_t)count;
    if (c->server->options->handler_delay.tv_nsec)
        nanosleep(&c->server->options->handler_delay, NULL); /* WAIT: for a handler that blocks; all clients do */
    return session_receive(&c->session, buffer->bytes, (size_t)count);
}

static enum session_want conn_send(struct conn *c) {
    size_t pending;
    const uint8_t *bytes = session_pending(&c->session, &pending);
    ssize_t count = send(c->fd, bytes, pending, MSG_NOSIGNAL); /* COPY: replies to kernel */
    c->server->stats.effort.would_blocks += count < 0 && errno == EAGAIN;
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_WRITE : session_reset(&c->session); /* not ready: no sleep */
    c->server->stats.effort.short_sends += (size_t)count < pending;
    c->traffic.bytes_out += (uint64_t)count;
    return session_sent(&c->session, (size_t)count);
}

/* Does what the session wants, as far as that goes without sleeping; the rest becomes the Channel's interest. */
static void conn_continue(struct conn *c, enum session_want want) {
    struct server *s = c->server;
    if (want == WANT_WRITE)
        want = conn_send(c);
    if (want == WANT_WRITE)
        want = session_keep(&c->session); /* COPY: the loop's buffer is the next Channel's */
    if (want == WANT_CLOSE)
        conn_close(c);
    else if (want == WANT_WRITE)
        selector_interest(&s->selector, c, EPOLLOUT);
    else /* when draining, also without input: to see that there is none */
        selector_interest(&s->selector, c, s->draining ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Asks the session what time has made of it. */
static void conn_tick(struct conn *c, int64_t now) {
    struct server *s = c->server;
    int left_ms; /* the next look comes soon enough */
    TAILQ_REMOVE(&s->conns, c, link);
    TAILQ_INSERT_TAIL(&s->conns, c, link);
    c->due_ms = now + LOOK_MS;
    enum session_want want = session_tick(&c->session, now, &left_ms);
    if (want != WANT_READ)
        conn_continue(c, want);
}

/* A ready Channel's turn. LIMIT: one receive and one send, so that no peer, however fast, keeps the loop from the
 * others; epoll is level-triggered and will say again what is left. */
static void conn_advance(struct conn *c) {
    if (c->closing)
        conn_linger(c);
    else
        conn_continue(c, c->interest & EPOLLIN ? conn_recv(c) : WANT_WRITE);
}

static void selector_open(struct selector *s) {
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (s->epoll < 0)
        error(EXIT_SETUP, errno, "cannot make an epoll instance; raise ulimit -n");
}

/* Whatever is registered begins by being interested in input. */
static bool selector_register(struct selector *s, int fd, void *attachment) {
    return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN, {.ptr = attachment}}) == 0;
}

/* Asks the kernel for something else, and only then: most turns end as they began. */
static void selector_interest(struct selector *s, struct conn *c, uint16_t interest) {
    if (c->interest == interest)
        return;
    c->interest = interest;
    if (epoll_ctl(s->epoll, EPOLL_CTL_MOD, c->fd, &(struct epoll_event){interest, {.ptr = c}}) < 0)
        shutdown(c->fd, SHUT_RDWR); /* it would wait for ever; so it ends, and of that epoll tells in any case */
}

/* Sleeps until something is ready: a Channel, the listening socket, the timer, or the signal. */
static void selector_select(struct selector *s) {
    s->ready_count = epoll_wait(s->epoll, s->ready, READY_MAX, -1); /* WAIT: for any of them */
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

/* The end begins: every Channel that waits for input gets a turn, for what has come; nothing more, and it says goodbye.
 */
static void server_drain(struct server *s) {
    struct conn *c;
    s->draining = true;
    s->drain_until_ms = now_ms() + s->options->drain_s * 1000;
    close(s->listener); /* leaves the Selector, too; new clients are refused from now on */
    epoll_ctl(s->selector.epoll, EPOLL_CTL_DEL, s->stop, NULL);
    TAILQ_FOREACH (c, &s->conns, link)
        if (c->interest == EPOLLIN)
            selector_interest(&s->selector, c, EPOLLIN | EPOLLOUT);
}

/* accept4 failed. False when there is nothing more to accept in this turn. Whatever it was, it must not be tried again
 * in a hot loop: the client may still wait. */
static bool server_accept_failed(struct server *s, int why) {
    if ((why == EMFILE || why == ENFILE) && s->spare >= 0) {
        close(s->spare); /* the next accept4 gets its place */
        s->spare = -1;
        return true;
    }
    if (why != EAGAIN && why != EINTR) {
        s->accept_paused = true;
        epoll_ctl(s->selector.epoll, EPOLL_CTL_DEL, s->listener, NULL);
    }
    return false;
}

/* Takes the clients that wait. LIMIT: some, then the others' turn; epoll will say again. */
static void server_accept(struct server *s) {
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); /* no WAIT: or EAGAIN */
        if (fd < 0 && !server_accept_failed(s, errno))
            return;
        if (fd < 0)
            continue;
        if (s->spare < 0 && (s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0) {
            server_refuse(s, fd, REFUSE_DESCRIPTORS); /* it took the last one */
            s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
        } else if (s->stats.active >= s->options->limits.clients_max) { /* LIMIT: clients at once */
            server_refuse(s, fd, REFUSE_CLIENTS);
        } else if (!conn_open(s, fd)) {
            server_refuse(s, fd, REFUSE_MEMORY);
        }
    }
}

/* Lets go of the connections whose peers have not said goodbye in time, and of all when the drain's time is up. */
static void server_expire(struct server *s, int64_t now) {
    struct conn *c;
    bool over = s->draining && s->drain_until_ms <= now;
    while (over && (c = TAILQ_FIRST(&s->conns)) != NULL) {
        session_shutdown(&c->session);
        conn_close(c);
    }
    while ((c = TAILQ_FIRST(&s->closing)) != NULL && (over || c->due_ms <= now))
        conn_free(c);
}

/* The timer is ready: what is due? LIMIT: some of the connections; the others at the next tick. */
static void server_tick(struct server *s) {
    uint64_t ticks;
    int64_t now = now_ms();
    struct conn *c;
    if (read(s->timer, &ticks, sizeof ticks) < 0) /* no WAIT: it makes the timer not ready again */
        return;
    if (s->accept_paused && !s->draining)
        s->accept_paused = !selector_register(&s->selector, s->listener, &s->listener);
    server_expire(s, now);
    for (int i = 0; i < LOOKS_PER_TICK && (c = TAILQ_FIRST(&s->conns)) != NULL && c->due_ms <= now; i++)
        conn_tick(c, now);
}

static void *server_run(void *argument) {
    struct server *s = argument;
    while (!s->draining || !TAILQ_EMPTY(&s->conns) || !TAILQ_EMPTY(&s->closing)) {
        bool ticked = false, stopped = false;
        selector_select(&s->selector);
        s->stats.effort.waits++;
        s->stats.effort.events += s->selector.ready_count > 0 ? (uint64_t)s->selector.ready_count : 0;
        for (int i = 0; i < s->selector.ready_count; i++) {
            void *ready = s->selector.ready[i].data.ptr;
            if (ready == &s->listener)
                server_accept(s);
            else if (ready == &s->timer)
                ticked = true;
            else if (ready == &s->stop)
                stopped = true;
            else
                conn_advance(ready);
        }
        if (stopped && !s->draining)
            server_drain(s);
        if (ticked) /* last, because it may free a Channel that is ready */
            server_tick(s);
    }
    return NULL;
}

/* The first event loop runs in the main thread, the others in threads of their own; returns when all have ended. */
static void server_run_all(struct server servers[], int count) {
    for (int i = 1; i < count; i++) {
        int why = pthread_create(&servers[i].thread, NULL, server_run, &servers[i]);
        if (why != 0)
            error(EXIT_SETUP, why, "cannot start event loop %d; try fewer --loops", i + 1);
    }
    listener_announce(servers[0].listener);
    server_run(&servers[0]);
    for (int i = 1; i < count; i++)
        pthread_join(servers[i].thread, NULL); /* WAIT: for the other event loops to end */
}

static void server_open(struct server *s, int listener, int stop, const struct options *options) {
    s->options = options;
    s->listener = listener;
    s->stop = stop;
    s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    TAILQ_INIT(&s->conns);
    TAILQ_INIT(&s->closing);
    selector_open(&s->selector);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct timespec period = {.tv_nsec = TICK_MS * 1000 * 1000};
    if (s->timer < 0 || timerfd_settime(s->timer, 0, &(struct itimerspec){period, period}, NULL) < 0)
        error(EXIT_SETUP, errno, "cannot make a timer; raise ulimit -n");
    if (!selector_register(&s->selector, listener, &s->listener) || !selector_register(&s->selector, stop, &s->stop) ||
        !selector_register(&s->selector, s->timer, &s->timer))
        error(EXIT_SETUP, errno, "cannot watch the listening socket");
}

static void server_close(struct server *s, struct stats *total) {
    close(s->selector.epoll);
    close(s->timer);
    if (s->spare >= 0)
        close(s->spare);
    stats_merge(total, &s->stats);
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    if (key != 'l')
        return ARGP_ERR_UNKNOWN;
    *(int *)state->input = (int)options_number("loops", value, 1, LISTENERS_MAX);
    return 0;
}

int main(int argc, char **argv) {
    static const struct argp_option model_options[] = {
        {"loops", 'l', "N", 0, "Event loops, each with its thread and its listening socket (default 1)", 0}, {0}};
    static const struct argp model = {model_options, parse_option, NULL, NULL, NULL, NULL, NULL};
    static struct server servers[LISTENERS_MAX];
    int loops = 1, listeners[LISTENERS_MAX], stop;
    struct options options;
    struct stats total = {0};
    options_parse(&options, argc, argv, "Non-blocking I/O: a Selector over epoll.", &model, &loops);
    memory_keep_freed();
    stop = signals_open();
    listeners_open(listeners, loops, &options);
    options.limits.clients_max = (options.limits.clients_max - 1) / (size_t)loops + 1; /* each loop its share */
    for (int i = 0; i < loops; i++)
        server_open(&servers[i], listeners[i], stop, &options);
    server_run_all(servers, loops);
    for (int i = 0; i < loops; i++)
        server_close(&servers[i], &total);
    if (options.stats_path && stats_write(options.stats_path, "nio", options.protocol, NULL, &total) < 0)
        error(EXIT_SETUP, errno, "cannot write --stats %s", options.stats_path);
    return 0;
}
