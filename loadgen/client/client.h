/* client.h - one connection of the load generator, as a state machine on its thread's event loop.
 *
 *     WAITING -> CONNECTING -> [SECURING] -> [UPGRADING] -> SERVING -> CLOSING -> DONE, or WAITING again
 *                     \____________\_____________\___________\____________\    (--reconnect; flash.c)
 *                                                                          \---> FAILED (once, with its class, for
 * good)
 *
 * Three counters say how far the messages have got:
 *
 *     answered <= sending <= issued        in flight: issued - answered, at most --pipeline
 *
 * Message `sending` is the first that has not been sent completely; `send_offset` of its bytes have been sent. Messages
 * are computed into the send buffer right before the send; what the socket did not take is computed again later.
 *
 * The files as layers; each uses only those below it:
 *
 *     life.c        connect, time out, finish
 *     exchange.c    when a message is sent, and how received bytes are handled
 *     close.c       fail, or close in the orderly way
 *     flash.c       all clients lose their connections, and reconnect
 *     end.c         the connection is over: the client has ended, or connects again
 *     send.c        what is sent: messages and control bytes
 *     packed.c      messages that are sent compressed
 *     group_census.c  how many do what (--progress)
 *     plain.c       the filter that is none; with --tls it is tls/tls.c
 *
 * What a reply means is in meaning/reply.c, how the bytes move in transport.h.
 */
#ifndef LOADGEN_CLIENT_H
#define LOADGEN_CLIENT_H

#include "client/plan.h"
#include "meaning/census.h"
#include "meaning/reply.h"
#include "meaning/samples.h"
#include "meaning/tally.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct control;
struct filter;
struct tls;
struct transport;

/* The clients of one thread, what they share, and what they count. No other thread touches it while the thread runs. */
struct group {
    const struct plan *plan;
    const struct schedule *schedule;
    const struct transport *transport;
    const struct filter *filter;     /* between the clients and the transport */
    void *loop;                      /* OWNS: the transport's */
    struct client *clients;          /* OWNS */
    uint32_t count, active;          /* of them the first `active` go on sending */
    uint32_t open;                   /* clients that are neither DONE nor FAILED */
    uint32_t settled;                /* clients that are connected, or have failed to connect */
    uint32_t greeted;                /* clients that have had their first answer, or have ended without one */
    bool draining;                   /* no new messages */
    STAILQ_HEAD(, client) returning; /* clients that are to connect again; some may have ended by then */
    struct tally tally;
    struct chaos_tally flash;
    struct samples samples;
};

enum client_state {
    CLIENT_WAITING, /* its time to connect has not come */
    CLIENT_CONNECTING,
    CLIENT_SECURING,  /* TLS: its handshake is on its way */
    CLIENT_UPGRADING, /* WebSocket: the handshake is on its way */
    CLIENT_SERVING,
    CLIENT_CLOSING, /* our FIN (WebSocket: our close frame) is sent; the server's FIN is awaited */
    CLIENT_DONE,
    CLIENT_FAILED,
};

struct client {
    struct group *group;
    int fd;                    /* -1: none */
    bool returned;             /* this is not its first connection (--reconnect, or a flash); */
    uint64_t connected_with;   /* messages issued before it, */
    uint64_t connecting_at;    /* and when it began to connect */
    bool away;                 /* it has lost its connection in a flash, and no answer came since */
    bool upgraded;             /* on one connection at least */
    uint64_t asked_before;     /* messages before this one have left, or begun to, over a connection that was lost */
    uint64_t again_at;         /* when it is to connect again */
    STAILQ_ENTRY(client) link; /* in group->returning */
    struct sent_times sent;    /* when each message in flight was sent */
    uint64_t issued;
    uint64_t sending;
    uint64_t answered;
    uint64_t answered_before; /* at the last census */
    uint32_t send_offset;
    uint64_t due; /* open loop: messages whose time has come */
    uint64_t window_messages;
    uint32_t id;
    uint8_t state;
    bool blocked;            /* the socket takes no more bytes: do not send until client_writable */
    bool refused;            /* it has failed, and only completes the closing handshake */
    int error;               /* errno of a send that failed; bytes that came before it are still read */
    uint8_t operations;      /* io_uring: operations that the kernel works on */
    uint8_t *send_buffer;    /* plan->send_room bytes, its own or its group's: see transport->keeps_bytes */
    uint8_t *wire;           /* what the transport sends next: send_buffer, or what the filter made of it */
    uint8_t *wire_buffer;    /* TLS: plan->wire_room bytes, its own */
    struct tls *tls;         /* OWNS: the filter's; NULL: none */
    uint32_t buffer_count;   /* io_uring: bytes of `wire` that were submitted to the kernel, */
    uint32_t buffer_sent;    /* and how many of them it has sent */
    struct control *control; /* OWNS: pending control bytes (send.c); nearly always NULL */
    struct block *packed;    /* OWNS: compressed messages, from `sending` on, that have not left (packed.c) */
    uint64_t since;          /* when connecting, the handshake, or closing began */
    struct replies replies;  /* `answered` is set to its `verified` when all bytes of one receive are checked */
    char accept_expected[WEBSOCKET_ACCEPT_LENGTH + 1];
};

/* `sent_at`: a ring of plan->ring_mask + 1 places. `wire_buffer`: NULL without TLS. */
void client_init(
    struct client *c, struct group *group, uint32_t id, uint64_t *sent_at, uint8_t *send_buffer, uint8_t *wire_buffer);

/* Starts to connect. Never blocks. */
void client_connect(struct client *c, uint64_t now);

/* The load begins. Called when every client is connected and has been served once, or has failed (run.c limits that
 * wait). Until then each client sends only its first message: a full load would take the CPU time that the server needs
 * to accept the others. */
void client_begin(struct client *c);

/* Open loop: one more message is due. Sends it, unless the pipeline is full. */
void client_offer(struct client *c);

/* Paced: a slice begins. Its first message is the next one; what was due before and has not left is dropped. */
void client_rebase(struct client *c);

/* Paced: has it nothing of this slice in flight? A message of an earlier one, such as the first message of a client
 * that is never served, is not waited for again. */
static inline bool client_is_quiet(const struct client *c) {
    return c->state != CLIENT_SERVING || c->issued == c->answered || c->answered < c->sent.base;
}

/* Adds its messages in flight to the counter of unfinished ones. */
void client_count_unfinished(struct client *c, uint64_t now);

/* Called every plan->sweep_ns. Fails the client if a connection, a handshake or a reply is overdue; ends it as DONE if
 * only the server's FIN is. */
void client_sweep(struct client *c, uint64_t now);

/* group->draining is set: no new messages. Closes, or waits for what is in flight. */
void client_finish(struct client *c);

/* The drain is over: counts the messages still in flight and ends the client. A client that is closing is left alone.
 */
void client_abandon(struct client *c, uint64_t now);

/* What the clients are doing now, and which were answered since the last call. */
void group_census(struct group *g, struct census *census);

/* --chaos flash: cuts the connection, if there is one; the client then connects again. */
void client_cut(struct client *c);

#endif
