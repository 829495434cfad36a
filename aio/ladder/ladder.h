/* ladder.h - what the steps share: the command line, the listening socket, and memory for pending replies. It moves no
 * bytes and never waits: accept, receive, send and wait are in the steps themselves. The steps handle completions as
 * aio_server does: each one in its place in the ring; after a batch they give the places back. */
#ifndef IO_MODELS_LADDER_H
#define IO_MODELS_LADDER_H

#include "ring_setup.h" /* ring_pages */
#include <errno.h>
#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Step 6 needs it; liburing 2.6 and older lack it. */
#ifndef IORING_RECVSEND_BUNDLE
#define IORING_RECVSEND_BUNDLE (1U << 4)
#define IORING_FEAT_RECVSEND_BUNDLE (1U << 14)
#endif

struct conn; /* each step has its own */

/* A submitted operation: its address is the user_data, and `done` is called with the completion's result and flags. */
struct operation {
    void (*done)(struct conn *c, int result, uint32_t flags);
    struct conn *conn;
};

/* Reads --port N and --probe. With --probe it exits here with status 0, so call it after the step has everything that
 * it needs from io_uring. Returns a listening socket (see listener.h); the sockets that it accepts have TCP_NODELAY
 * set. SIGTERM ends the process immediately; operations that are with the kernel are lost. On an error, prints one line
 * and exits with EXIT_SETUP. */
int ladder_listen(int argc, char **argv);

/* Says in one line that io_uring, or what this step needs of it, is not available here, and exits with EXIT_SETUP.
 * `result`: -errno, or 0 where only a feature is missing; `needs`: what it is, and which Linux has it. */
_Noreturn void ladder_refused(int result, const char *needs);

/* Returns how many descriptors a table can have, at most `wanted`. Raises the soft limit to that. */
unsigned ladder_descriptors(unsigned wanted);

/* Pending replies: bytes that came from one peer and are not sent back yet. All zero: none, and no memory. */
struct replies {
    char *going;        /* their address is with the kernel: they do not move until they have left */
    size_t count, sent; /* of them */
    char *waiting;      /* what has come since */
    size_t waiting_count, waiting_room;
};

/* Adds a copy of the bytes. False if there is no memory: then they are lost, and later ones must not be sent to this
 * peer. */
bool replies_add(struct replies *r, const char *bytes, size_t count);

/* What to send now; 0 bytes when there is nothing. */
const char *replies_next(struct replies *r, size_t *count);

/* `count` bytes of them have left. */
void replies_sent(struct replies *r, size_t count);

/* Frees them. Not to be called while the kernel sends them. */
void replies_free(struct replies *r);

#endif
