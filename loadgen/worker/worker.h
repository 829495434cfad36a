/* worker.h - one thread: an event loop, its share of the clients, and what is due when. The threads share only the
 * board and the two published counters. */
#ifndef LOADGEN_WORKER_H
#define LOADGEN_WORKER_H

#include "client/client.h"
#include "client/transport.h"
#include <pthread.h>

/* What the main thread and the workers tell one another. */
struct board {
    const struct plan *plan;
    const struct transport *transport;
    const struct filter *filter;
    struct schedule schedule; /* the main thread writes it, and wakes the workers */
    int notify_fd;            /* eventfd: written to when one of the counters below is complete */
    uint32_t to_greet;        /* clients that are served once before the load begins */
    atomic_uint settled;      /* clients that are connected, or failed to */
    atomic_uint greeted;      /* clients that have been served once, or are over */
    atomic_uint dead;         /* threads all of whose clients have failed */
    atomic_uint finished;     /* threads that are done */
    atomic_bool draining;     /* no new messages; set after the window's end */
    atomic_uint slice;        /* paced: the number of the slice to work on; 0: none yet */
    atomic_uint quiet;        /* threads in which nothing of that slice is in flight any more */
};

struct worker {
    struct group group;
    struct turner turner;
    struct board *board;
    uint8_t *send_buffers;               /* OWNS: plan->send_room bytes for each client, or for all */
    uint8_t *wire_buffers;               /* OWNS: plan->wire_room bytes for each client; NULL without TLS */
    uint64_t *sent_at_rings;             /* OWNS */
    struct share share;                  /* the ids of its clients */
    bool begun;                          /* messages are sent */
    bool dead;                           /* counted in board->dead */
    uint32_t settled_told;               /* how much of group.settled is counted in board->settled */
    uint32_t greeted_told;               /* likewise */
    uint32_t next_connect;               /* clients that have begun to connect */
    uint32_t cursor;                     /* open loop: the client whose message is due next, */
    uint64_t round;                      /* and which of its messages */
    uint64_t armed;                      /* what the timer is set to, or NEVER */
    uint64_t sweep_due;                  /* when the clients' time limits are looked at next */
    uint64_t flash_due;                  /* when the clients lose their connections; NEVER if they do not, or have */
    uint64_t census_due;                 /* when the clients are counted next (--progress); NEVER if they are not */
    uint64_t drain_due;                  /* when no more replies are awaited; NEVER while not draining */
    uint32_t slice;                      /* paced: the slice it has begun last, */
    uint64_t slice_due;                  /* its window's end; NEVER when it is over, */
    uint32_t quiet_clients;              /* and the clients before this one have nothing in flight since that end */
    struct tally slice_tally;            /* what the slice left for the main thread: see worker_slice.c */
    struct samples slice_samples;        /* OWNS */
    _Atomic pid_t tid;                   /* of the thread; 0: it has not begun */
    _Atomic uint64_t published_messages; /* for the progress line, some ms old */
    _Atomic uint64_t published_failures;
    pthread_mutex_t census_lock; /* of the last census */
    struct census census;
    pthread_t thread;
};

/* Allocates the worker with index `index` of plan->threads. On failure returns NULL and sets *why. */
struct worker *worker_open(struct board *board, uint32_t index, const char **why);

/* Starts the thread. Returns 0 or an error number. */
int worker_start(struct worker *w);

/* Makes the thread look at the board. Any thread may call. */
void worker_wake(struct worker *w);

/* The last census of its clients: up to CENSUS_MS old. Any thread may call. */
enum { CENSUS_MS = 250 };
void worker_census(struct worker *w, struct census *census);

/* WAIT: for the thread's end. After it all counters can be read. */
void worker_join(struct worker *w);

/* Frees. The thread must have been joined, or never started. */
void worker_close(struct worker *w);

#endif
