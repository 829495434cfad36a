/* protocol_limits.h - what one connection may cost a server: one table, the same for every server. */
#ifndef IO_MODELS_PROTOCOL_LIMITS_H
#define IO_MODELS_PROTOCOL_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Bytes that one receive may bring: the same in every server, so that no server is faster because of a larger
 * buffer. */
enum { RECEIVE_SIZE = 16 * 1024 };

struct limits {
    size_t message_max;   /* bytes in one WebSocket message; more is close code 1009, decided from the frame header */
    size_t head_max;      /* bytes in the HTTP upgrade head; more is status 431 */
    size_t fragments_max; /* frames in one message; more is close code 1008 */
    size_t pending_max;   /* bytes of replies pending for one connection before its input must stop */
    int handshake_ms;     /* for the whole upgrade head, in however many pieces it comes; more is status 408 */
    int idle_ms;          /* silence after which a WebSocket peer is sent a ping, and an echo peer TCP's keepalive */
    int dead_ms;          /* silence, in spite of that, after which the connection is closed: the peer is dead */
    int stall_ms;         /* replies are pending and the peer takes no byte of them for this long: closed */
    int linger_ms;        /* wait for the peer's FIN after ours: close() any earlier might send RST and lose replies */
    size_t clients_max;   /* open connections of one process; more are refused */
    int deflate_bits;     /* permessage-deflate: bits of the largest window (deflate.h); 0: it is not agreed on */
    bool deflate_forgets; /* and no client may take its context over: nothing is kept between its messages */
};

#define LIMITS_DEFAULT                                                                                                 \
    ((struct limits){                                                                                                  \
        .message_max = 64 * 1024,                                                                                      \
        .head_max = 8 * 1024,                                                                                          \
        .fragments_max = 100 * 1000,                                                                                   \
        .pending_max = 256 * 1024,                                                                                     \
        .handshake_ms = 5 * 1000,                                                                                      \
        .idle_ms = 20 * 1000,                                                                                          \
        .dead_ms = 40 * 1000,                                                                                          \
        .stall_ms = 20 * 1000,                                                                                         \
        .linger_ms = 1000,                                                                                             \
        .clients_max = 100 * 1000,                                                                                     \
    })

/* The most that --message-max may ask for: lengths below it fit 32 bits with room to spare. */
enum { MESSAGE_MAX_CEILING = 16 * 1024 * 1024 };

/* Prints one line for each limit: its name, its value, and what happens beyond it. A window has a limit if there may be
 * one. */
void limits_print(FILE *out, const struct limits *limits);

#endif
