/* transport.h - how the clients' bytes move. Two ways, behind one table of functions; what the bytes mean, when a
 * message is sent, and what is counted is the same for both (client.c, transfer.c, reply.c).
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

struct client;
struct worker;

struct transport {
    const char *name;
    bool keeps_bytes; /* what is sent must stay where it is until it has left: each client needs a buffer of its own */

    /* Before the thread starts, all that it will need. Returns NULL, or why that cannot be; to be closed even then. */
    const char *(*open)(struct worker *w);
    /* The thread's loop: worker_turn, wait, move bytes; until worker->over and nothing is with the kernel any more. */
    void (*run)(struct worker *w);
    /* Makes the loop call worker_woken soon. Any thread may call. */
    void (*wake)(struct worker *w);
    void (*close)(struct worker *w);

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

extern const struct transport transport_epoll;

/* NULL where this program was built without liburing. */
extern const struct transport *const transport_ring;

/* Does this kernel let us, and offer what is needed? NULL, or why not. To be asked before transport_ring is used, and
 * before any thread is started. */
const char *transport_ring_why_not(void);

#endif
