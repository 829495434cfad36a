/* transport.h - the small interface between the clients and what moves their bytes. Two ways, behind one table of
 * functions; what the bytes mean, when a message is sent, and what is counted is the same for both.
 *
 *     transport_ring.c    io_uring: receives stay submitted, and sends are handed in together with the wait. One system
 *                         call serves many messages, so that the client is not the limit of what a server can show.
 *     transport_epoll.c   libev: a recv and a send for each message. For kernels and containers without io_uring.
 *
 * A thread calls only its own transport, with `wake` as the one exception.
 */
#ifndef LOADGEN_TRANSPORT_H
#define LOADGEN_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct group;

/* Whose thread the loop runs on. */
struct turner {
    /* The loop is about to wait: does all that is due. True: nothing is left to do, the loop is to end. */
    bool (*turn)(void *owner);
    void *owner;
    bool woken;   /* `wake` was called; the turn takes it back. What came before that has been handed on by then */
    int timer_fd; /* becomes readable when more is due, and makes the loop turn; nobody reads it */
};

struct transport {
    const char *name;
    bool keeps_bytes; /* what is sent must stay where it is until it has left: each client needs a buffer of its own */

    /* Before the thread starts, all that it will need, in g->loop. Returns NULL, or why that cannot be; to be closed
     * even then. */
    const char *(*open)(struct group *g, struct turner *turner);
    /* The thread's loop: turn, wait, move bytes; until turn says so, and nothing is with the kernel any more. */
    void (*run)(struct group *g);
    /* Makes the loop set `woken`, and turn, soon. Any thread may call. */
    void (*wake)(struct group *g);
    void (*close)(struct group *g);

    /* The socket is connecting: calls client_connected when that has an outcome. */
    void (*await_connection)(struct client *c);
    /* From now on calls client_received for what comes, and client_broken when nothing more will. */
    void (*start_receiving)(struct client *c);
    /* Sends the first `count` bytes (perhaps 0) of the client's send buffer, and says with client_sent how many are
     * taken care of. Where not all can be, c->blocked is set, until client_writable is called. */
    void (*send)(struct client *c, size_t count);
    /* The client is over: nothing is called for it any more, and its socket is closed as soon as may be. */
    void (*drop)(struct client *c);
};

/* ---- what a transport tells the clients ---- */

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

#endif
