/* transport.h - the interface between the clients and the code that moves their bytes. There are two implementations
 * behind one table of functions; what the bytes mean, when a message is sent, and what is counted are the same for
 * both.
 *
 *     transport_ring.c    io_uring: receives stay submitted, and sends are submitted together with the wait. One system
 *                         call serves many messages, so that the client is not the limit of what a server can show.
 *     transport_epoll.c   libev: a recv and a send for each message. For kernels and containers without io_uring.
 *
 * A thread calls only its own transport; only `wake` may be called by any thread.
 */
#ifndef LOADGEN_TRANSPORT_H
#define LOADGEN_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct group;

/* What the loop calls back: the worker whose thread it runs on. */
struct turner {
    /* Called before each wait: does all that is due. True: nothing is left to do, the loop must end. */
    bool (*turn)(void *owner);
    void *owner;
    bool woken;   /* `wake` was called, and the bytes that came before it are handled; the turn resets it */
    int timer_fd; /* becomes readable when more is due, and makes the loop turn; it is never read */
};

struct transport {
    const char *name;
    bool keeps_bytes; /* bytes must stay in place until their send completes: each client needs its own buffer */

    /* Called before the thread starts: sets up all that it needs, in g->loop. Returns NULL, or why it failed; call
     * close even then. */
    const char *(*open)(struct group *g, struct turner *turner);
    /* The thread's loop: turn, wait, move bytes; until turn returns true and the kernel works on no operation any more.
     */
    void (*run)(struct group *g);
    /* Makes the loop set `woken`, and turn, soon. Any thread may call. */
    void (*wake)(struct group *g);
    void (*close)(struct group *g);

    /* The socket is connecting: calls filter->connected when that has an outcome. */
    void (*await_connection)(struct client *c);
    /* From now on calls filter->received for the bytes that come, and filter->broken when the connection has ended. */
    void (*start_receiving)(struct client *c);
    /* Sends the first `count` bytes (perhaps 0) of c->wire, and reports with filter->sent how many are sent or
     * submitted. If it takes no more, it sets c->blocked until it calls filter->writable. */
    void (*send)(struct client *c, size_t count);
    /* The client's connection is over: nothing is called for it any more, and its socket is closed as soon as the
     * kernel works on no operation of it. */
    void (*drop)(struct client *c);
};

/* What stands between the clients and the transport, the same for all connections: filter_plain, which is nothing, or
 * TLS (tls/tls.h). */
struct filter {
    /* ---- what a transport calls ---- */

    /* The connection attempt has an outcome. */
    void (*connected)(struct client *c);
    /* `count` > 0 bytes came. They may be changed; on return they are the caller's again. */
    void (*received)(struct client *c, uint8_t *bytes, size_t count);
    /* The connection broke (an errno), or the server sent FIN (0). */
    void (*broken)(struct client *c, int error);
    /* Sets c->wire to the bytes to send next. Returns how many. */
    size_t (*fill)(struct client *c);
    /* `count` bytes of c->wire have left. */
    void (*sent)(struct client *c, size_t count);
    /* The socket takes bytes again: resets c->blocked, and sends what is pending. */
    void (*writable)(struct client *c);

    /* ---- what the clients call ---- */

    /* As the transport's. `count` is what client_fill returned; client_sent is told how many were taken. */
    void (*start_receiving)(struct client *c);
    void (*send)(struct client *c, size_t count);
    void (*drop)(struct client *c);
    /* Nothing more will be sent: FIN, behind what is pending. */
    void (*finish)(struct client *c);
};

extern const struct filter filter_plain;

/* ---- what the filter tells the clients ---- */

/* The connection attempt has an outcome: counts it, and begins the handshake or the messages. */
void client_connected(struct client *c);

/* `count` > 0 bytes came. They may be changed (WebSocket unmasks in place); on return they are the caller's again. */
void client_received(struct client *c, uint8_t *bytes, size_t count);

/* The connection broke (an errno), or the server closed it (0). */
void client_broken(struct client *c, int error);

/* Computes the bytes to send next into the send buffer. Returns how many. */
size_t client_fill(struct client *c);

/* `count` bytes of what client_fill computed have left. */
void client_sent(struct client *c, size_t count);

/* The socket takes bytes again: resets c->blocked, and sends what is pending. */
void client_writable(struct client *c);

#endif
