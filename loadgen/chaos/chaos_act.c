/* chaos_act.c - what the bad clients do: a row for each kind. */
#include "chaos/chaos_parts.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { FLOOD_SENDS = 16 };

/* Sends as many of the bytes as the socket's buffer takes. False: the connection is gone. */
static bool send_some(struct bad_client *c, const char *bytes, size_t count) {
    ssize_t n = send(c->io.fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN)
        return true;
    if (n < 0) { /* a client that never reads notices the end only here */
        c->chaos->tally.ended_by_server++;
        return false;
    }
    c->sent += (size_t)n;
    c->chaos->tally.bytes += (size_t)n;
    return true;
}

/* After the last message the first one is sent again. */
bool chaos_send(struct bad_client *c, size_t count) {
    const struct chaos *h = c->chaos;
    bool greeting = c->sent < h->head_size;
    size_t place = greeting ? c->sent : (c->sent - h->head_size) % sizeof h->messages;
    size_t left = (greeting ? h->head_size : sizeof h->messages) - place;

    return send_some(c, (greeting ? h->head : h->messages) + place, count < left ? count : left);
}

static bool act_fragment(struct bad_client *c) {
    return chaos_send(c, 1);
}

static bool act_sticky(struct bad_client *c) {
    return chaos_send(c, sizeof c->chaos->messages);
}

static bool act_half(struct bad_client *c) {
    return c->sent > c->chaos->head_size || chaos_send(c, MESSAGE_SIZE / 2);
}

static bool act_reset(struct bad_client *c) {
    bool begun = c->sent > c->chaos->head_size;

    return !begun && act_half(c);
}

static bool act_nothing(struct bad_client *c) {
    (void)c;
    return true;
}

static bool act_cut(struct bad_client *c) {
    (void)c;
    return false;
}

static bool act_flood(struct bad_client *c) {
    for (int i = 0; i < FLOOD_SENDS; i++) {
        size_t before = c->sent;
        if (!chaos_send(c, sizeof c->chaos->messages))
            return false;
        if (c->sent == before) /* EAGAIN: the socket's buffer is full */
            break;
    }
    return true;
}

static bool act_garbage(struct bad_client *c) {
    char bytes[512];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)rand();
    return send_some(c, bytes, sizeof bytes);
}

/* Announces a frame of 2^40 bytes, which the server must refuse from its header. Echo has no frames: it gets a flood of
 * bytes. */
static bool act_oversize(struct bad_client *c) {
    static const char header[] = "\x82\xff\0\0\1\0\0\0\0\0\0\0\0\0";

    if (c->chaos->head_size == 0)
        return act_flood(c);
    return c->sent > c->chaos->head_size || send_some(c, header, sizeof header - 1);
}

static const struct chaos_act acts[CHAOS_KINDS] = {
    [CHAOS_FRAGMENT] = {act_fragment, 0.001, false, true},
    [CHAOS_STICKY] = {act_sticky, 0.005, false, false},
    [CHAOS_HALF_THEN_STALL] = {act_half, 1, false, false},
    [CHAOS_RESET] = {act_reset, 0.005, false, false},
    [CHAOS_VANISH] = {act_nothing, 1, true, false},
    [CHAOS_SLOW_READER] = {act_flood, 0.01, true, false},
    [CHAOS_GARBAGE] = {act_garbage, 0.005, false, true},
    [CHAOS_RECONNECT_STORM] = {act_cut, 0.001, false, true},
    [CHAOS_SLOWLORIS] = {act_fragment, 0.5, false, true},
    [CHAOS_OVERSIZE] = {act_oversize, 0.05, false, false},
};

const struct chaos_act *chaos_act(enum chaos_kind kind) {
    return &acts[kind];
}
