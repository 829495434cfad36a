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
 * client.c     life: connect, succeed or fail, time out, finish
 * transfer.c   when a message is sent, and what is done with what comes
 * control.c    WebSocket: the bytes beside the messages
 * flash.c      all lose their connections, and come back
 * reply.c      meaning: is this what was asked for?
 * transport.h  how the bytes move
 */
#ifndef LOADGEN_CLIENT_H
#define LOADGEN_CLIENT_H

#include "meaning/failure.h"
#include "meaning/handshake.h"
#include "session.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

enum client_state {
    CLIENT_WAITING, /* its time to connect has not come */
    CLIENT_CONNECTING,
    CLIENT_UPGRADING, /* WebSocket: the handshake is on its way */
    CLIENT_SERVING,
    CLIENT_CLOSING, /* nothing in flight, or failed and counted; our half is closed, the server's FIN is awaited */
    CLIENT_DONE,
    CLIENT_FAILED,
};

enum {
    CONTROL_ROOM = HANDSHAKE_MAX, /* for bytes beside the messages: an upgrade request, pongs, a close frame */
    CONTROL_MAX = 64 * 1024,      /* LIMIT: and so many may wait for one client */
};

struct control {
    uint32_t count, sent, room;
    uint8_t bytes[];
};

struct worker;

struct client {
    struct worker *worker;
    int fd;                    /* -1: none */
    bool returned;             /* this is not its first connection (--reconnect, or a flash); */
    uint64_t connected_with;   /* messages issued before it, */
    uint64_t connecting_at;    /* and when it began to connect */
    bool away;                 /* it has lost its connection in a flash, and no answer came since */
    bool upgraded;             /* on one connection at least */
    uint64_t asked_before;     /* messages before this one have left, or begun to, over a connection that was lost */
    uint64_t again_at;         /* when it is to connect again */
    STAILQ_ENTRY(client) link; /* in its worker's list of those to connect again */
    uint64_t *sent_at;         /* ring: when each message in flight was sent */
    uint64_t payload_base;
    uint64_t issued;
    uint64_t sending;
    uint64_t answered;
    uint64_t verified; /* replies found right; when all that one recv brought is looked at they become `answered` */
    uint32_t send_offset;
    uint32_t receive_offset; /* echo: bytes of message `verified` that came and were right */
    uint64_t due;            /* open loop: messages whose time has come */
    uint64_t window_messages;
    uint32_t id;
    uint8_t state;
    bool blocked;            /* the socket takes no more: do not send until client_writable */
    bool refused;            /* it has failed, and only says goodbye */
    int error;               /* errno of a send that failed: what came before it is still read */
    uint8_t operations;      /* the ring's: how many the kernel works on */
    uint8_t *send_buffer;    /* run->send_room bytes, its own or its thread's: see transport->keeps_bytes */
    uint32_t buffer_count;   /* the ring's: bytes of it that the kernel is to send, */
    uint32_t buffer_sent;    /* and has */
    struct control *control; /* OWNS: bytes beside the messages, waiting to be sent; nearly always NULL */
    uint64_t since;          /* when connecting, the handshake, or closing began */
    struct websocket websocket;
    char accept_expected[WEBSOCKET_ACCEPT_LENGTH + 1];
};

void client_init(struct client *c, struct worker *worker, uint32_t id, uint64_t *sent_at, uint8_t *send_buffer);

/* Starts to connect. Never blocks. */
void client_connect(struct client *c, uint64_t now);

/* Every client is connected and has been served once, or has failed to: the load begins. Until then each sends its
 * first message only, or those that are connected would take the server's time from the accepting of the others. */
void client_begin(struct client *c);

/* --active: it was served once, and is there to be there. */
bool client_is_idle(const struct client *c);

/* Open loop: one more message is due. Sends it, unless the pipeline is full. */
void client_offer(struct client *c);

/* Fails the client if something it waits for is overdue; lets go if only the server's FIN is. To be called now and
 * then. */
void client_sweep(struct client *c, uint64_t now);

/* The window is over: no new messages. Closes, or waits for what is in flight. */
void client_finish(struct client *c);

/* The drain is over: counts what is still in flight and lets go. A client that is closing may go on. */
void client_abandon(struct client *c, uint64_t now);

/* Loses its connection, if it has one, and comes back. */
void client_cut(struct client *c);

/* ---- called by the transports ---- */

/* The connection attempt has an outcome: counts it, and begins the handshake or the messages. */
void client_connected(struct client *c);

/* `count` > 0 bytes came; they are written to, and are the caller's again on return. */
void client_received(struct client *c, uint8_t *bytes, size_t count);

/* The connection broke (an errno), or the server closed it (0). */
void client_broken(struct client *c, int error);

/* Computes what is to be sent next into the send buffer; returns how many bytes that is. */
size_t client_fill(struct client *c);

/* `count` bytes of what client_fill computed have left. */
void client_sent(struct client *c, size_t count);

/* The socket takes bytes again: c->blocked is over. */
void client_writable(struct client *c);

/* ---- between client.c, transfer.c and reply.c ---- */

/* Counts the failure, closes. `error` is an errno or 0. */
void client_fail(struct client *c, enum failure failure, int error);

/* Nothing is in flight and nothing more will be: close in the orderly way. */
void client_close(struct client *c);

/* WebSocket: the server broke a rule, or closes in mid-run. Counts the failure, answers with a close frame (RFC 6455
 * sections 5.5.1 and 7.1.7), if the socket takes it, and closes as client_close does. */
void client_refuse(struct client *c, uint16_t code);

/* Its connection is over, and it is to connect again at `again_at`. */
void client_return(struct client *c, uint64_t again_at);

/* The connection is there, and so is the handshake, if there is one: the messages begin. */
void client_serve(struct client *c);

/* Something came, or more may be sent: sends what is now allowed; closes if the run is over and nothing is left. */
void client_advance(struct client *c, uint64_t now);

/* Sends what is waiting to be sent, as far as the socket takes it. */
void client_send(struct client *c);

/* Adds a control frame to what is waiting to be sent, and sends that if it fills the room. False: too much is waiting,
 * the frame was left out. */
bool client_control(struct client *c, enum websocket_opcode opcode, const uint8_t *payload, size_t length);

/* Puts the upgrade request among what is waiting to be sent. */
bool client_upgrade(struct client *c);

/* ---- flash.c, for the others ---- */

/* It failed in coming back, but may try again, and will: then this is no failure yet. */
bool client_tries_again(struct client *c, enum failure failure);

/* Messages are in flight, but on a connection that was lost: sends them again, from the first that was not answered. */
void client_resume(struct client *c);

/* The first answer has come again. */
void client_is_back(struct client *c, uint64_t now);

/* ---- reply.c ---- */

/* `count` bytes came (they are written to where WebSocket unmasks in place). Verifies them and counts the replies.
 * Returns false if they were wrong: the client has failed and is closed. */
bool client_take(struct client *c, uint8_t *bytes, size_t count, uint64_t now);

#endif
