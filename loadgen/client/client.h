/* client.h - one connection of the load generator, as a state machine on its thread's event loop.
 *
 *     WAITING -> CONNECTING -> [UPGRADING] -> SERVING -> CLOSING -> DONE, or WAITING again (--reconnect; flash.c)
 *                     \______________\___________\____________\---> FAILED   (once, with its class, for good)
 *
 * Counters tell where the messages are:
 *
 *     answered <= sending <= issued        in flight: issued - answered, at most --pipeline
 *
 * Message `sending` is the first that has not wholly left; `send_offset` bytes of it have. Messages are computed into
 * the send buffer right before they leave, and computed again where they could not.
 *
 * From above to below, each file uses only those below it:
 *
 *     life.c        connect, time out, finish
 *     exchange.c    when a message is sent, and what is done with what comes
 *     close.c       fail, or close in the orderly way
 *     flash.c       all lose their connections, and come back
 *     end.c         the connection is over: for good, or the client comes again
 *     send.c        what is sent: messages, and the bytes beside them
 *
 * What a reply means is in meaning/reply.c, how the bytes move in transport.h.
 */
#ifndef LOADGEN_CLIENT_H
#define LOADGEN_CLIENT_H

#include "client/plan.h"
#include "meaning/reply.h"
#include "meaning/samples.h"
#include "meaning/tally.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct control;
struct transport;

/* The clients of one thread, what they share, and what they count. Nobody else touches it while the thread runs. */
struct group {
    const struct plan *plan;
    const struct schedule *schedule;
    const struct transport *transport;
    void *loop;                      /* OWNS: the transport's */
    struct client *clients;          /* OWNS */
    uint32_t count, active;          /* of them the first `active` go on sending */
    uint32_t open;                   /* neither done nor failed */
    uint32_t settled;                /* connected, or failed to */
    uint32_t greeted;                /* have had their first answer, or are over without one */
    bool draining;                   /* no new messages */
    STAILQ_HEAD(, client) returning; /* are to connect again; some may be over meanwhile */
    struct tally tally;
    struct chaos_tally flash;
    struct samples samples;
};

enum client_state {
    CLIENT_WAITING, /* its time to connect has not come */
    CLIENT_CONNECTING,
    CLIENT_UPGRADING, /* WebSocket: the handshake is on its way */
    CLIENT_SERVING,
    CLIENT_CLOSING, /* nothing in flight, or failed and counted; our half is closed, the server's FIN is awaited */
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
    STAILQ_ENTRY(client) link; /* in the group's list of those */
    struct sent_times sent;    /* when each message in flight was sent */
    uint64_t issued;
    uint64_t sending;
    uint64_t answered;
    uint32_t send_offset;
    uint64_t due; /* open loop: messages whose time has come */
    uint64_t window_messages;
    uint32_t id;
    uint8_t state;
    bool blocked;            /* the socket takes no more: do not send until client_writable */
    bool refused;            /* it has failed, and only says goodbye */
    int error;               /* errno of a send that failed: what came before it is still read */
    uint8_t operations;      /* the ring's: how many the kernel works on */
    uint8_t *send_buffer;    /* plan->send_room bytes, its own or its group's: see transport->keeps_bytes */
    uint32_t buffer_count;   /* the ring's: bytes of it that the kernel is to send, */
    uint32_t buffer_sent;    /* and has */
    struct control *control; /* OWNS: bytes beside the messages, waiting to be sent; nearly always NULL */
    uint64_t since;          /* when connecting, the handshake, or closing began */
    struct replies replies;  /* when all that one recv brought is looked at, its `verified` become `answered` */
    char accept_expected[WEBSOCKET_ACCEPT_LENGTH + 1];
};

/* `sent_at`: a ring of plan->ring_mask + 1 places. */
void client_init(struct client *c, struct group *group, uint32_t id, uint64_t *sent_at, uint8_t *send_buffer);

/* Starts to connect. Never blocks. */
void client_connect(struct client *c, uint64_t now);

/* Every client is connected and has been served once, or has failed to: the load begins. Until then each sends its
 * first message only, or those that are connected would take the server's time from the accepting of the others. */
void client_begin(struct client *c);

/* Open loop: one more message is due. Sends it, unless the pipeline is full. */
void client_offer(struct client *c);

/* Fails the client if something it waits for is overdue; lets go if only the server's FIN is. To be called now and
 * then. */
void client_sweep(struct client *c, uint64_t now);

/* group->draining is set: no new messages. Closes, or waits for what is in flight. */
void client_finish(struct client *c);

/* The drain is over: counts what is still in flight and lets go. A client that is closing may go on. */
void client_abandon(struct client *c, uint64_t now);

/* Loses its connection, if it has one, and comes back. */
void client_cut(struct client *c);

#endif
