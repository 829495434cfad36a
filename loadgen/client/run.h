/* run.h - what all threads of a run share. Written before the threads start, except for what is atomic. */
#ifndef LOADGEN_RUN_H
#define LOADGEN_RUN_H

#include "client/transport.h"
#include "meaning/clock.h"
#include "meaning/message.h"
#include "meaning/options.h"
#include <stdatomic.h>
#include <sys/socket.h>

struct run {
    const struct options *options;
    struct limits limits; /* for the client side of WebSocket */
    struct message_shape shape;
    const struct transport *transport;
    size_t send_room;                /* bytes that one send may carry */
    struct sockaddr_storage address; /* of the server */
    socklen_t address_size;
    struct sockaddr_storage *sources; /* OWNS: local addresses to connect from, in turn */
    size_t source_count;
    uint32_t ring_mask;              /* send times are kept in rings of this + 1 places, a power of two >= pipeline */
    uint64_t started;                /* connecting begins */
    uint64_t timeout_ns;             /* for a connection, a handshake, a reply */
    uint64_t sweep_ns;               /* between two looks at who is overdue */
    uint64_t drain_ns;               /* LIMIT: for replies still in flight when the window is over */
    double interval_ns;              /* open loop: between two messages of all clients; 0 in the closed loop */
    int notify_fd;                   /* eventfd: written to when one of the counters below is complete */
    uint32_t to_greet;               /* clients that are served once before the load begins */
    atomic_uint settled;             /* clients that are connected, or failed to */
    atomic_uint greeted;             /* clients that have been served once, or are over */
    atomic_uint dead;                /* threads all of whose clients have failed */
    atomic_uint finished;            /* threads that are done */
    atomic_bool draining;            /* no new messages; set after the window's end */
    _Atomic uint64_t schedule_start; /* when message 0 of client 0 is due; NEVER while connecting */
    _Atomic uint64_t window_start;   /* the borders of the measured window, the same for all threads; */
    _Atomic uint64_t window_end;     /* NEVER while unknown */
    _Atomic uint64_t flash_at; /* when the clients lose their connections; NEVER while unknown, or if they do not */
};

/* Resolves the addresses and prepares everything; nothing runs yet. What is wrong with the options ends the program
 * with one line. `options` must outlive the run. */
void run_open(struct run *run, const struct options *options);
void run_close(struct run *run);

/* The other transport cannot be used: says why on stderr, and takes epoll. With --io io_uring, ends the program. */
void run_go_on_by_epoll(struct run *run, const char *why);

/* Wakes the thread that watches notify_fd. Any thread may call. */
void run_notify(struct run *run);

/* Open loop: when message `sequence` of client `id` is due. */
static inline uint64_t run_due(const struct run *run, uint64_t start, uint32_t id, uint64_t sequence) {
    return start + (uint64_t)(((double)id + (double)sequence * run->options->active) * run->interval_ns);
}

#endif
