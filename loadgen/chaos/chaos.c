/* chaos.c - see chaos.h. A kind is a row of `kinds`, and what it does at each tick of its clock. */
#include "chaos/chaos.h"
#include "meaning/handshake.h"
#include <errno.h>
#include <ev.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One good message, of which the kinds send more, or less, than one at a time. */
enum { MESSAGE_SIZE = 64, MESSAGES = 64, FLOOD_SENDS = 16 };

static const ev_tstamp again_s = 0.01; /* between the end of a connection and the next */

struct chaos_client {
    struct chaos *chaos;
    ev_io io;
    ev_timer timer;
    size_t sent; /* bytes, on this connection: first the handshake, then messages */
    bool connected;
};

struct chaos {
    const struct run *run;
    const struct kind *kind;
    struct ev_loop *loop;
    ev_async stop;
    pthread_t thread;
    struct chaos_client *clients;
    uint32_t count;
    struct chaos_tally tally;
    size_t head_size; /* the handshake; 0: the protocol has none */
    char head[HANDSHAKE_MAX];
    char messages[MESSAGES * MESSAGE_SIZE];
};

/* What is done at each tick. False: the connection is to be cut, and made again. */
typedef bool action(struct chaos_client *c);

struct kind {
    const char *name, *explained;
    action *act; /* NULL: there is nobody who acts, see flash.c */
    ev_tstamp tick_s;
    bool deaf;    /* it never reads */
    bool no_head; /* it does not send the handshake as such */
};

/* Sends as much of it as there is room for. False when the connection is gone. */
static bool send_some(struct chaos_client *c, const char *bytes, size_t count) {
    ssize_t n = send(c->io.fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN)
        return true;
    if (n < 0) { /* for one that does not read, the only way to notice */
        c->chaos->tally.ended_by_server++;
        return false;
    }
    c->sent += (size_t)n;
    c->chaos->tally.bytes += (size_t)n;
    return true;
}

/* Up to `count` more bytes of handshake and messages; behind the last message comes the first again. */
static bool send_next(struct chaos_client *c, size_t count) {
    const struct chaos *h = c->chaos;
    bool greeting = c->sent < h->head_size;
    size_t place = greeting ? c->sent : (c->sent - h->head_size) % sizeof h->messages;
    size_t left = (greeting ? h->head_size : sizeof h->messages) - place;

    return send_some(c, (greeting ? h->head : h->messages) + place, count < left ? count : left);
}

static bool act_fragment(struct chaos_client *c) {
    return send_next(c, 1);
}

static bool act_sticky(struct chaos_client *c) {
    return send_next(c, sizeof c->chaos->messages);
}

static bool act_half(struct chaos_client *c) {
    return c->sent > c->chaos->head_size || send_next(c, MESSAGE_SIZE / 2);
}

static bool act_reset(struct chaos_client *c) {
    bool begun = c->sent > c->chaos->head_size;

    return !begun && act_half(c);
}

static bool act_nothing(struct chaos_client *c) {
    (void)c;
    return true;
}

static bool act_cut(struct chaos_client *c) {
    (void)c;
    return false;
}

static bool act_flood(struct chaos_client *c) {
    for (int i = 0; i < FLOOD_SENDS; i++) {
        size_t before = c->sent;
        if (!send_next(c, sizeof c->chaos->messages))
            return false;
        if (c->sent == before) /* there is no more room */
            break;
    }
    return true;
}

static bool act_garbage(struct chaos_client *c) {
    char bytes[512];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)rand();
    return send_some(c, bytes, sizeof bytes);
}

/* A frame of 2^40 bytes, to be refused from its header; in echo there are no frames, only bytes. */
static bool act_oversize(struct chaos_client *c) {
    static const char header[] = "\x82\xff\0\0\1\0\0\0\0\0\0\0\0\0";

    if (c->chaos->head_size == 0)
        return act_flood(c);
    return c->sent > c->chaos->head_size || send_some(c, header, sizeof header - 1);
}

static const struct kind kinds[] = {
    {"fragment", "one byte per segment, up to a thousand a second", act_fragment, 0.001, false, true},
    {"sticky", "64 messages in one segment, 200 times a second", act_sticky, 0.005, false, false},
    {"half_then_stall", "half a message, and then nothing", act_half, 1, false, false},
    {"reset", "half a message, and a reset (RST)", act_reset, 0.005, false, false},
    {"vanish", "connected, and never heard of again", act_nothing, 1, true, false},
    {"slow_reader", "sends all it can, and reads nothing", act_flood, 0.01, true, false},
    {"garbage", "random bytes", act_garbage, 0.005, false, true},
    {"reconnect_storm", "connects and is gone, a hundred times a second", act_cut, 0.001, false, true},
    {"slowloris", "the handshake, or a message, a byte every half second", act_fragment, 0.5, false, true},
    {"oversize", "announces a message of 2^40 bytes (echo: bytes without end)", act_oversize, 0.05, false, false},
    {"flash", "no others: these clients are cut off (RST), all at once, in mid-window, and come back", NULL, 0, false,
        false},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

int chaos_kind(const char *name) {
    for (int i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return i;
    return -1;
}

const char *chaos_name(int kind) {
    return kinds[kind].name;
}

bool chaos_is_flash(int kind) {
    return kind >= 0 && kinds[kind].act == NULL;
}

void chaos_explain(FILE *out) {
    for (int i = 0; i < KINDS; i++)
        fprintf(out, "%-16s %s\n", kinds[i].name, kinds[i].explained);
}

/* ---------------------------------------------------------------- one connection after the other */

static void client_connect(struct chaos_client *c);

/* Ends the connection with a reset, or its port would be in TIME_WAIT. */
static void client_cut(struct chaos_client *c) {
    struct linger reset = {1, 0};

    if (c->io.fd < 0)
        return;
    setsockopt(c->io.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(c->io.fd);
    c->io.fd = -1;
}

static void client_again(struct chaos_client *c) {
    ev_io_stop(c->chaos->loop, &c->io);
    ev_timer_stop(c->chaos->loop, &c->timer);
    client_cut(c);
    c->connected = false;
    ev_timer_set(&c->timer, again_s, 0);
    ev_timer_start(c->chaos->loop, &c->timer);
}

static void client_tick(struct ev_loop *loop, ev_timer *timer, int events) {
    struct chaos_client *c = timer->data;
    (void)loop, (void)events;

    if (c->io.fd < 0)
        client_connect(c);
    else if (c->connected && !c->chaos->kind->act(c))
        client_again(c);
}

/* What comes back is dropped. */
static void client_read(struct chaos_client *c) {
    char bytes[16 * 1024];
    ssize_t n = recv(c->io.fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        c->chaos->tally.ended_by_server++;
        client_again(c);
    }
}

static void client_connected(struct chaos_client *c) {
    struct chaos *h = c->chaos;
    size_t head = h->kind->no_head ? 0 : h->head_size;
    int error = 0;
    socklen_t size = sizeof error;

    getsockopt(c->io.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        h->tally.refused++;
        client_again(c);
        return;
    }
    h->tally.connections++;
    c->connected = true;
    c->sent = 0;
    ev_io_stop(h->loop, &c->io);
    ev_io_set(&c->io, c->io.fd, EV_READ);
    if (!h->kind->deaf)
        ev_io_start(h->loop, &c->io);
    if ((head > 0 && !send_next(c, head)) || !h->kind->act(c))
        client_again(c);
}

static void client_ready(struct ev_loop *loop, ev_io *io, int events) {
    struct chaos_client *c = io->data;
    (void)loop, (void)events;

    if (c->connected)
        client_read(c);
    else
        client_connected(c);
}

static void client_connect(struct chaos_client *c) {
    struct chaos *h = c->chaos;
    int fd = socket(h->run->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    ev_io_set(&c->io, fd, EV_WRITE);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (h->kind->deaf)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){4096}, sizeof(int));
    /* Where there was no socket to be had, this is what fails. */
    if (connect(fd, (const struct sockaddr *)&h->run->address, h->run->address_size) != 0 && errno != EINPROGRESS) {
        h->tally.refused++;
        client_again(c);
        return;
    }
    ev_io_start(h->loop, &c->io);
    ev_timer_stop(h->loop, &c->timer);
    ev_timer_set(&c->timer, h->kind->tick_s, h->kind->tick_s);
    ev_timer_start(h->loop, &c->timer);
}

/* ---------------------------------------------------------------- the thread */

static void stop(struct ev_loop *loop, ev_async *async, int events) {
    (void)async, (void)events;
    ev_break(loop, EVBREAK_ALL);
}

static void *chaos_thread(void *argument) {
    struct chaos *h = argument;

    ev_run(h->loop, 0); /* WAIT: for any of them */
    return NULL;
}

/* The handshake, if the protocol has one, and the messages: brackets that nothing closes, of which a server that calls
 * itself for each one dies. A mask of zeros is a mask. */
static void compose(struct chaos *h) {
    const struct options *o = h->run->options;
    char message[MESSAGE_SIZE];

    memset(message, '(', sizeof message);
    if (o->protocol == PROTOCOL_WS) {
        h->head_size = handshake_request(h->head, o, HANDSHAKE_SAMPLE_KEY);
        memcpy(message, "\x82\xba\0\0\0\0", 6); /* binary, masked, 58 bytes */
    }
    for (size_t i = 0; i < sizeof h->messages; i += sizeof message)
        memcpy(h->messages + i, message, sizeof message);
}

struct chaos *chaos_start(const struct run *run) {
    const struct options *o = run->options;
    struct chaos *h;

    if (o->chaos_clients == 0)
        return NULL;
    h = calloc(1, sizeof *h);
    if (h == NULL || (h->clients = calloc(o->chaos_clients, sizeof *h->clients)) == NULL ||
        (h->loop = ev_loop_new(EVFLAG_NOENV | EVBACKEND_EPOLL)) == NULL)
        options_die("cannot set up %u clients for --chaos: %s", (unsigned)o->chaos_clients, strerror(errno));
    h->run = run;
    h->kind = &kinds[o->chaos];
    h->count = o->chaos_clients;
    compose(h);
    ev_async_init(&h->stop, stop);
    ev_async_start(h->loop, &h->stop);
    for (uint32_t i = 0; i < h->count; i++) {
        struct chaos_client *c = &h->clients[i];
        c->chaos = h;
        ev_io_init(&c->io, client_ready, -1, EV_WRITE);
        ev_timer_init(&c->timer, client_tick, again_s * i / h->count, 0);
        c->io.data = c->timer.data = c;
        ev_timer_start(h->loop, &c->timer);
    }
    int why = pthread_create(&h->thread, NULL, chaos_thread, h);
    if (why != 0)
        options_die("cannot start the thread for --chaos: %s", strerror(why));
    return h;
}

void chaos_stop(struct chaos *h, struct chaos_tally *tally) {
    *tally = (struct chaos_tally){0};
    if (h == NULL)
        return;
    ev_async_send(h->loop, &h->stop);
    pthread_join(h->thread, NULL); /* WAIT: */
    for (uint32_t i = 0; i < h->count; i++)
        client_cut(&h->clients[i]);
    *tally = h->tally;
    ev_loop_destroy(h->loop);
    free(h->clients);
    free(h);
}
