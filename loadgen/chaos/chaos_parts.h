/* chaos_parts.h - what bad_client.c (connections, the thread) and chaos_act.c (what is done over them) share. */
#ifndef LOADGEN_CHAOS_PARTS_H
#define LOADGEN_CHAOS_PARTS_H

#include "chaos/chaos.h"
#include "meaning/handshake.h"
#include <ev.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One valid message. Some kinds send a part of it, others many of them in one send. */
enum { MESSAGE_SIZE = 64, MESSAGES = 64 };

struct bad_client {
    struct chaos *chaos;
    ev_io io;
    ev_timer timer;
    size_t sent; /* bytes, on this connection: first the handshake, then messages */
    bool connected;
};

struct chaos_act {
    /* Called at each tick of its timer. False: the connection is cut, and made again. */
    bool (*act)(struct bad_client *c);
    ev_tstamp tick_s;
    bool deaf;    /* it never reads */
    bool no_head; /* the handshake is not sent on connecting: `act` sends it in pieces, or never */
};

struct chaos {
    const struct plan *plan;
    const struct chaos_act *act;
    struct ev_loop *loop;
    ev_async stop;
    pthread_t thread;
    struct bad_client *clients; /* OWNS */
    uint32_t count;
    struct chaos_tally tally;
    size_t head_size; /* the handshake; 0: the protocol has none */
    char head[HANDSHAKE_MAX];
    char messages[MESSAGES * MESSAGE_SIZE];
};

/* The actions of this kind. Not for CHAOS_FLASH, which has no bad clients. */
const struct chaos_act *chaos_act(enum chaos_kind kind);

/* Sends up to `count` more bytes of handshake and messages, as far as the socket's buffer takes them. False: the
 * connection is gone. */
bool chaos_send(struct bad_client *c, size_t count);

#endif
