/* stats.h - what a server counts, and the JSON it writes at exit (--stats FILE). */
#ifndef IO_MODELS_STATS_H
#define IO_MODELS_STATS_H

#include "options.h"
#include "session.h"
#include <stdint.h>

/* Why a connection was turned away right after (or instead of) accepting it. */
enum refuse_reason {
    REFUSE_DESCRIPTORS, /* EMFILE, ENFILE: no descriptor left */
    REFUSE_MEMORY,      /* ENOMEM, ENOBUFS */
    REFUSE_THREADS,     /* pthread_create: EAGAIN */
    REFUSE_QUEUE_FULL,  /* pseudo_async: the queue of waiting connections is full */
    REFUSE_CLIENTS,     /* --clients-max are being served, or (ws_demo) as many of its address as may be */
    REFUSE_REASONS,
    REFUSE_NONE = REFUSE_REASONS, /* it is served */
};

/* "peer", "rejected" and so on: enum close_reason in words. */
extern const char *const close_reason_names[CLOSE_REASONS];

/* What moving the bytes took: the reasons behind a server's speed. Counted where it happens, in each server's own file;
 * what a model does not have stays 0. */
struct effort {
    uint64_t waits;        /* calls that may sleep: recv, send, accept, epoll_wait, io_uring_enter */
    uint64_t events;       /* nio: what was ready after those; aio: what was complete */
    uint64_t submissions;  /* aio: operations handed in */
    uint64_t short_sends;  /* sends that took less than they were given; counted by the session */
    uint64_t would_blocks; /* recv or send answered EAGAIN: not ready, or its time was up */
    uint64_t overflows; /* aio: waits at which completions had found no place in their ring, and the kernel kept them */
    uint64_t no_buffers; /* aio: receives that ended because no buffer of the ring was free */
};

/* Plain counters. Not thread-safe: where several threads count, under the server's lock. */
struct stats {
    uint64_t accepted; /* connections taken into service (or queued for it) */
    uint64_t active;   /* of them, open now */
    uint64_t peak;     /* the most that were open at once */
    uint64_t refused[REFUSE_REASONS];
    uint64_t closed[CLOSE_REASONS];
    uint64_t messages; /* WebSocket messages answered */
    uint64_t bytes_in;
    uint64_t bytes_out;
    struct effort effort;
};

/* A connection was taken into service. */
void stats_accepted(struct stats *stats);

/* It is over: counts its reason and what its session has counted. */
void stats_closed(struct stats *stats, const struct session *session);

/* Adds one connection's to the server's. */
void stats_add_effort(struct stats *stats, const struct effort *effort);

/* Writes the counters as one JSON object where --stats asked for it; see result_file.h. `server` is the program's name;
 * `notes` is NULL or a short text about the model (for aio: the ring features in use). Prints one line and exits with
 * EXIT_SETUP where the file cannot be written. */
void stats_write(const struct options *options, const char *server, const char *notes, const struct stats *stats);

#endif
