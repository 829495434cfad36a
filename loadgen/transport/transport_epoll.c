/* transport_epoll.c - readiness, by libev.
 *
 * The common path is two system calls: one recv that brings k replies, one send that carries the next k messages.
 * Readiness is level-triggered: if one recv leaves bytes behind, the socket is reported again. So recv is not called in
 * a loop, and no client keeps the others waiting.
 */
#include "client/client.h"
#include "transport/transports.h"
#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The loop of one thread. */
struct epoll_loop {
    struct ev_loop *ev;
    struct ev_prepare turn;
    struct ev_io timer;
    struct ev_async wake;
    struct turner *turner;
    struct ev_io *watches;                 /* OWNS: one for each client, in their order */
    uint8_t receive_buffer[TRANSFER_SIZE]; /* used by one client at a time */
};

static struct epoll_loop *loop_of(const struct client *c) {
    return c->group->loop;
}

static const struct filter *filter_of(const struct client *c) {
    return c->group->filter;
}

static struct ev_io *io_of(const struct client *c) {
    return &loop_of(c)->watches[c - c->group->clients];
}

static void watch(struct client *c, int events) {
    struct ev_io *io = io_of(c);

    if ((io->events & (EV_READ | EV_WRITE)) == events)
        return;
    ev_io_stop(loop_of(c)->ev, io);
    ev_io_set(io, c->fd, events);
    ev_io_start(loop_of(c)->ev, io);
}

/* EV_WRITE is watched only while the socket's buffer is full; small messages do not fill it. */
static void block(struct client *c, int events) {
    c->blocked = true;
    watch(c, events);
}

static void epoll_send(struct client *c, size_t count) {
    while (count > 0) {
        ssize_t sent = send(c->fd, c->wire, count, MSG_NOSIGNAL); /* COPY: */
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN) {
            /* First read what the server sent before it closed (a close frame, say): it explains more than EPIPE. */
            c->error = errno;
            block(c, EV_READ);
            return;
        }
        if (sent > 0)
            filter_of(c)->sent(c, (size_t)sent);
        if (sent < (ssize_t)count) {
            block(c, EV_READ | EV_WRITE);
            return;
        }
        count = filter_of(c)->fill(c);
    }
}

static void receive(struct client *c) {
    uint8_t *bytes = loop_of(c)->receive_buffer;
    ssize_t count = recv(c->fd, bytes, TRANSFER_SIZE, 0); /* COPY: */

    if (count > 0)
        filter_of(c)->received(c, bytes, (size_t)count);
    else if (count == 0 || (errno != EAGAIN && errno != EINTR))
        filter_of(c)->broken(c, count == 0 ? 0 : errno);
}

/* Called by libev: the connection is ready. */
static void ready(struct ev_loop *ev, struct ev_io *io, int events) {
    struct client *c = io->data;

    (void)ev;
    if (c->state == CLIENT_CONNECTING) {
        filter_of(c)->connected(c);
        return;
    }
    if (events & EV_WRITE) {
        filter_of(c)->writable(c);
        if (!c->blocked)
            watch(c, EV_READ);
    }
    if (events & EV_READ)
        receive(c);
}

static void epoll_await_connection(struct client *c) {
    struct ev_io *io = io_of(c);

    ev_io_init(io, ready, c->fd, EV_WRITE);
    io->data = c;
    ev_io_start(loop_of(c)->ev, io);
}

static void epoll_start_receiving(struct client *c) {
    watch(c, EV_READ);
}

static void epoll_drop(struct client *c) {
    ev_io_stop(loop_of(c)->ev, io_of(c));
    close(c->fd);
    c->fd = -1;
}

/* Called by libev before each wait. */
static void turn(struct ev_loop *ev, struct ev_prepare *prepare, int events) {
    struct epoll_loop *loop = prepare->data;

    (void)events;
    if (loop->turner->turn(loop->turner->owner))
        ev_break(ev, EVBREAK_ALL);
}

static void timer(struct ev_loop *ev, struct ev_io *io, int events) {
    (void)ev, (void)io, (void)events; /* the loop is awake: its turn does what is due */
}

static void woken(struct ev_loop *ev, struct ev_async *async, int events) {
    struct epoll_loop *loop = async->data;

    (void)ev, (void)events;
    loop->turner->woken = true;
}

static const char *epoll_open(struct group *g, struct turner *turner) {
    struct epoll_loop *loop = calloc(1, sizeof *loop);

    g->loop = loop;
    if (loop == NULL)
        return strerror(errno);
    loop->watches = calloc(g->count, sizeof *loop->watches);
    loop->ev = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
    if (loop->watches == NULL || loop->ev == NULL)
        return strerror(errno);
    for (uint32_t i = 0; i < g->count; i++)
        ev_init(&loop->watches[i], ready);
    ev_prepare_init(&loop->turn, turn);
    ev_io_init(&loop->timer, timer, turner->timer_fd, EV_READ);
    ev_async_init(&loop->wake, woken);
    loop->turner = turner;
    loop->turn.data = loop->wake.data = loop;
    ev_prepare_start(loop->ev, &loop->turn);
    ev_io_start(loop->ev, &loop->timer);
    ev_async_start(loop->ev, &loop->wake);
    return NULL;
}

static void epoll_run(struct group *g) {
    struct epoll_loop *loop = g->loop;

    ev_run(loop->ev, 0); /* WAIT: */
}

static void epoll_wake(struct group *g) {
    struct epoll_loop *loop = g->loop;

    ev_async_send(loop->ev, &loop->wake);
}

static void epoll_close(struct group *g) {
    struct epoll_loop *loop = g->loop;

    if (loop == NULL)
        return;
    if (loop->ev != NULL)
        ev_loop_destroy(loop->ev);
    free(loop->watches);
    free(loop);
}

const struct transport transport_epoll = {
    .name = "epoll",
    .open = epoll_open,
    .run = epoll_run,
    .wake = epoll_wake,
    .close = epoll_close,
    .await_connection = epoll_await_connection,
    .start_receiving = epoll_start_receiving,
    .send = epoll_send,
    .drop = epoll_drop,
};
