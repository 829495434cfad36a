/* bad_client.c - the bad clients' connections, one after the other, and their thread: see chaos.h. */
#include "chaos/chaos_parts.h"
#include "meaning/die.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const ev_tstamp again_s = 0.01; /* between the end of a connection and the next */

static void bad_connect(struct bad_client *c);

/* Ends the connection with a reset (RST): after a FIN its port would stay in TIME_WAIT. */
static void bad_cut(struct bad_client *c) {
    struct linger reset = {1, 0};

    if (c->io.fd < 0)
        return;
    setsockopt(c->io.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(c->io.fd);
    c->io.fd = -1;
}

static void bad_again(struct bad_client *c) {
    ev_io_stop(c->chaos->loop, &c->io);
    ev_timer_stop(c->chaos->loop, &c->timer);
    bad_cut(c);
    c->connected = false;
    ev_timer_set(&c->timer, again_s, 0);
    ev_timer_start(c->chaos->loop, &c->timer);
}

static void bad_tick(struct ev_loop *loop, ev_timer *timer, int events) {
    struct bad_client *c = timer->data;
    (void)loop, (void)events;

    if (c->io.fd < 0)
        bad_connect(c);
    else if (c->connected && !c->chaos->act->act(c))
        bad_again(c);
}

/* Receives and drops what the server sends. */
static void bad_read(struct bad_client *c) {
    char bytes[16 * 1024];
    ssize_t n = recv(c->io.fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        c->chaos->tally.ended_by_server++;
        bad_again(c);
    }
}

static void bad_connected(struct bad_client *c) {
    struct chaos *h = c->chaos;
    size_t head = h->act->no_head ? 0 : h->head_size;
    int error = 0;
    socklen_t size = sizeof error;

    getsockopt(c->io.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        h->tally.refused++;
        bad_again(c);
        return;
    }
    h->tally.connections++;
    c->connected = true;
    c->sent = 0;
    ev_io_stop(h->loop, &c->io);
    ev_io_set(&c->io, c->io.fd, EV_READ);
    if (!h->act->deaf)
        ev_io_start(h->loop, &c->io);
    if ((head > 0 && !chaos_send(c, head)) || !h->act->act(c))
        bad_again(c);
}

static void bad_ready(struct ev_loop *loop, ev_io *io, int events) {
    struct bad_client *c = io->data;
    (void)loop, (void)events;

    if (c->connected)
        bad_read(c);
    else
        bad_connected(c);
}

static void bad_connect(struct bad_client *c) {
    struct chaos *h = c->chaos;
    int fd = socket(h->plan->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    ev_io_set(&c->io, fd, EV_WRITE);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (h->act->deaf)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){4096}, sizeof(int));
    /* If socket() has failed, connect() fails here with EBADF. */
    if (connect(fd, (const struct sockaddr *)&h->plan->address, h->plan->address_size) != 0 && errno != EINPROGRESS) {
        h->tally.refused++;
        bad_again(c);
        return;
    }
    ev_io_start(h->loop, &c->io);
    ev_timer_stop(h->loop, &c->timer);
    ev_timer_set(&c->timer, h->act->tick_s, h->act->tick_s);
    ev_timer_start(h->loop, &c->timer);
}

/* ---------------------------------------------------------------- the thread */

static void stop(struct ev_loop *loop, ev_async *async, int events) {
    (void)async, (void)events;
    ev_break(loop, EVBREAK_ALL);
}

static void *chaos_thread(void *argument) {
    struct chaos *h = argument;

    ev_run(h->loop, 0); /* WAIT: for an event of any bad client */
    return NULL;
}

/* Prepares the handshake, if the protocol has one, and the messages. A message is a row of opening brackets: a server
 * that parses them by recursion overflows its stack. A mask of zeros is valid. */
static void compose(struct chaos *h) {
    const struct options *o = h->plan->options;
    char message[MESSAGE_SIZE];

    memset(message, '(', sizeof message);
    if (o->protocol == PROTOCOL_WS) {
        h->head_size = handshake_request(h->head, o, HANDSHAKE_SAMPLE_KEY);
        memcpy(message, "\x82\xba\0\0\0\0", 6); /* binary, masked, 58 bytes */
    }
    for (size_t i = 0; i < sizeof h->messages; i += sizeof message)
        memcpy(h->messages + i, message, sizeof message);
}

struct chaos *chaos_start(const struct plan *plan) {
    const struct options *o = plan->options;
    struct chaos *h;

    if (plan->chaos_clients == 0)
        return NULL;
    h = calloc(1, sizeof *h);
    if (h == NULL || (h->clients = calloc(plan->chaos_clients, sizeof *h->clients)) == NULL ||
        (h->loop = ev_loop_new(EVFLAG_NOENV | EVBACKEND_EPOLL)) == NULL)
        die("cannot set up %u clients for --chaos: %s", (unsigned)plan->chaos_clients, strerror(errno));
    h->plan = plan;
    h->act = chaos_act(o->chaos);
    h->count = plan->chaos_clients;
    compose(h);
    ev_async_init(&h->stop, stop);
    ev_async_start(h->loop, &h->stop);
    for (uint32_t i = 0; i < h->count; i++) {
        struct bad_client *c = &h->clients[i];
        c->chaos = h;
        ev_io_init(&c->io, bad_ready, -1, EV_WRITE);
        ev_timer_init(&c->timer, bad_tick, again_s * i / h->count, 0);
        c->io.data = c->timer.data = c;
        ev_timer_start(h->loop, &c->timer);
    }
    int why = pthread_create(&h->thread, NULL, chaos_thread, h);
    if (why != 0)
        die("cannot start the thread for --chaos: %s", strerror(why));
    return h;
}

void chaos_stop(struct chaos *h, struct chaos_tally *tally) {
    *tally = (struct chaos_tally){0};
    if (h == NULL)
        return;
    ev_async_send(h->loop, &h->stop);
    pthread_join(h->thread, NULL); /* WAIT: */
    for (uint32_t i = 0; i < h->count; i++)
        bad_cut(&h->clients[i]);
    *tally = h->tally;
    ev_loop_destroy(h->loop);
    free(h->clients);
    free(h);
}
