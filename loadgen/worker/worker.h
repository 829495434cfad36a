/* worker.h - one thread: an event loop, its share of the clients, and what it counted. Nothing here is shared but
 * through struct run, and the two published counters. */
#ifndef LOADGEN_WORKER_H
#define LOADGEN_WORKER_H

#include "client/client.h"
#include "client/run.h"
#include "meaning/histogram.h"
#include "meaning/tally.h"
#include <pthread.h>
#include <sys/queue.h>

enum {
    /* LIMIT: what one send may carry, and with epoll one recv bring: a deep pipeline of small messages fits. */
    TRANSFER_SIZE = 64 * 1024,
};

struct worker {
    void *loop; /* OWNS: the transport's */
    struct run *run;
    uint8_t *receive_buffer;    /* OWNS: TRANSFER_SIZE bytes, used by one client at a time */
    uint8_t *send_buffers;      /* OWNS: run->send_room bytes for each client, or for all */
    struct histogram *service;  /* OWNS: sent -> answered, of messages answered in the window */
    struct histogram *response; /* OWNS: due -> answered; NULL in the closed loop */
    struct tally tally;
    struct chaos_tally chaos; /* of a flash */
    bool in_window;           /* the bytes being handled arrived inside the window */
    bool begun;               /* messages are sent */
    bool draining;
    bool over; /* no client is left: the thread ends */
    uint32_t index;
    struct client *clients;  /* OWNS */
    uint64_t *sent_at_rings; /* OWNS */
    uint32_t count;          /* clients of this thread: ids index, index + threads, index + 2 * threads, ... */
    uint32_t active;         /* of them, the first: those that go on sending */
    uint32_t open;           /* of them, neither done nor failed */
    uint32_t next_connect;
    STAILQ_HEAD(, client) returning; /* closed, and about to connect again; some may be over meanwhile */
    uint32_t cursor;                 /* open loop: the client whose message is due next, */
    uint64_t round;                  /* and which of its messages */
    int timer_fd;                    /* wakes the loop for the next due time */
    uint64_t armed;                  /* that time, or NEVER */
    uint64_t sweep_due;              /* when the clients' time limits are looked at next */
    uint64_t flash_due;              /* when the clients lose their connections; NEVER if they do not, or have */
    uint64_t drain_due;              /* when no more replies are awaited; NEVER while not draining */
    pthread_t thread;
    _Atomic uint64_t published_messages; /* for the progress line, some ms old */
    _Atomic uint64_t published_failures;
};

static inline const struct transport *transport_of(const struct client *c) {
    return c->worker->run->transport;
}

/* Allocates the worker with index `index` of run->options->threads. Returns NULL, and in *why what is missing. */
struct worker *worker_open(struct run *run, uint32_t index, const char **why);

/* Starts the thread. Returns 0 or an error number. */
int worker_start(struct worker *w);

/* Makes the thread look at run->schedule_start and run->draining. Any thread may call. */
void worker_wake(struct worker *w);

/* Waits for the thread's end. After it everything that was counted can be read. */
void worker_join(struct worker *w);

/* Frees. The thread must have been joined, or never started. */
void worker_close(struct worker *w);

/* ---- called by the transports ---- */

/* About to wait: does all that is due, and sets timer_fd for what is next. */
void worker_turn(struct worker *w);

/* worker_wake was called. */
void worker_woken(struct worker *w);

/* ---- called by the clients ---- */

/* A client is connected, or failed to. */
void worker_client_settled(struct worker *w);

/* A client has had its first answer, or is over without one. */
void worker_client_greeted(struct worker *w);

/* A client is to connect again at c->again_at, or as soon after that as its old connection is gone. */
void worker_client_returns(struct worker *w, struct client *c);

/* A client is done, or has failed. */
void worker_client_ended(struct worker *w);

#endif
