/* plan.h - what all clients of a run share: the options, resolved to addresses, sizes and times. Constant during a run.
 */
#ifndef LOADGEN_PLAN_H
#define LOADGEN_PLAN_H

#include "meaning/clock.h"
#include "meaning/message.h"
#include "meaning/options.h"
#include <sys/socket.h>

enum {
    /* LIMIT: bytes of one send, and with epoll of one recv; more takes several calls. A deep pipeline of small messages
     * fits. */
    TRANSFER_SIZE = 64 * 1024,
};

struct plan {
    const struct options *options;           /* `clients`, `active` and `chaos_clients` in it are of the whole run; */
    uint32_t clients, active, chaos_clients; /* these are this load generator's share */
    uint32_t threads;
    struct limits limits; /* for the client side of WebSocket */
    struct message_shape shape;
    size_t send_room;                /* bytes that one send may carry */
    size_t wire_room;                /* the same, encrypted; 0 without TLS */
    struct sockaddr_storage address; /* of the server */
    socklen_t address_size;
    struct sockaddr_storage *sources; /* OWNS: local addresses to connect from, in turn */
    size_t source_count;
    uint32_t ring_mask;  /* send times are kept in rings of this + 1 places, a power of two >= pipeline */
    uint64_t timeout_ns; /* for a connection, a handshake, a reply */
    uint64_t sweep_ns;   /* between two checks of the clients' time limits */
    uint64_t drain_ns;   /* LIMIT: for replies still in flight when the window is over; later ones are unfinished */
};

/* Resolves the addresses. A wrong option ends the program with one line. `options` must outlive the plan. */
void plan_open(struct plan *plan, const struct options *options);
void plan_close(struct plan *plan);

#endif
