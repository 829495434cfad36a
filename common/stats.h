/* stats.h - what a server counts, and the JSON it writes at exit (--stats FILE). */
#ifndef IO_MODELS_STATS_H
#define IO_MODELS_STATS_H

#include "options.h"
#include "session.h"
#include <stdint.h>

/* Why a connection was refused right after (or instead of) accepting it. */
enum refuse_reason {
    REFUSE_DESCRIPTORS, /* EMFILE, ENFILE: no descriptor left */
    REFUSE_MEMORY,      /* ENOMEM, ENOBUFS */
    REFUSE_THREADS,     /* pthread_create: EAGAIN */
    REFUSE_QUEUE_FULL,  /* pseudo_async: the queue of waiting connections is full */
    REFUSE_CLIENTS,     /* --clients-max connections are open, or (ws_demo) its address has as many as it may */
    REFUSE_REASONS,
    REFUSE_NONE = REFUSE_REASONS, /* it is served */
};

/* "descriptors", "memory" and so on: enum refuse_reason in words. */
extern const char *const refuse_reason_names[REFUSE_REASONS];

/* "peer", "rejected" and so on: enum close_reason in words. */
extern const char *const close_reason_names[CLOSE_REASONS];

/* The work of moving the bytes, which explains a server's speed. Each server's own file counts it where it happens; a
 * counter that a model does not use stays 0. */
struct effort {
    uint64_t waits;        /* calls that may sleep: recv, send, accept, epoll_wait, io_uring_enter */
    uint64_t events;       /* nio: ready descriptors that the waits returned; aio: completions */
    uint64_t submissions;  /* aio: operations submitted */
    uint64_t short_sends;  /* sends that took less than they were offered; counted by the session */
    uint64_t would_blocks; /* recv or send failed with EAGAIN: not ready, or its time limit passed */
    uint64_t overflows;    /* aio: waits that began when the completion ring had overflowed: the kernel kept the rest */
    uint64_t no_buffers;   /* aio: receives that ended with -ENOBUFS: no buffer of the ring was free */
};

/* Plain counters. Not thread-safe: where several threads count, they hold the server's lock. */
struct stats {
    uint64_t accepted; /* connections taken into service (or queued for it) */
    uint64_t active;   /* of them, open now */
    uint64_t peak;     /* the most that were open at the same time */
    uint64_t refused[REFUSE_REASONS];
    uint64_t closed[CLOSE_REASONS];
    uint64_t messages; /* WebSocket messages answered */
    uint64_t bytes_in;
    uint64_t bytes_out;
    struct effort effort;
};

/* A connection was taken into service. */
void stats_accepted(struct stats *stats);

/* A connection has ended: adds its reason and its session's counters. */
void stats_closed(struct stats *stats, const struct session *session);

/* Adds one connection's effort to the server's; short_sends is added by stats_closed. */
void stats_add_effort(struct stats *stats, const struct effort *effort);

/* Writes the counters as one JSON object if --stats is given; see result_file.h. `server` is the program's name;
 * `notes` is NULL or a short text about the model (for aio: the ring features in use). Prints one line and exits with
 * EXIT_SETUP if the file cannot be written. */
void stats_write(const struct options *options, const char *server, const char *notes, const struct stats *stats);

#endif
