/* ladder.h - what the steps share: the command line, the listening socket, and memory for what waits to be sent back.
 * No transfer and no wait is in here: accept, receive, send and wait are in the steps themselves. Completions are
 * handled as in aio_server: a batch, each in its place in the ring; then the places are given back. */
#ifndef IO_MODELS_LADDER_H
#define IO_MODELS_LADDER_H

#include "ring_setup.h" /* ring_pages */
#include <errno.h>
#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Step 6 has it; liburing 2.6 and older do not. */
#ifndef IORING_RECVSEND_BUNDLE
#define IORING_RECVSEND_BUNDLE (1U << 4)
#define IORING_FEAT_RECVSEND_BUNDLE (1U << 14)
#endif

struct conn; /* each step has its own */

/* What is submitted: its address is the user_data, and `done` is called with what the completion says. */
struct operation {
    void (*done)(struct conn *c, int result, uint32_t flags);
    struct conn *conn;
};

/* Reads --port N and --probe; to be called when the step has all that it needs of io_uring: --probe ends here, with
 * status 0. Otherwise returns a listening socket, of which listener.h says more; what it accepts has TCP_NODELAY set.
 * SIGTERM ends the process at once: much is with the kernel still, and goes with it.
 * Prints one line and exits with EXIT_SETUP where that cannot be done. */
int ladder_listen(int argc, char **argv);

/* Says in one line that io_uring, or what this step needs of it, is not available here, and exits with EXIT_SETUP.
 * `result`: -errno, or 0 where only a feature is missing; `needs`: what it is, and which Linux has it. */
_Noreturn void ladder_refused(int result, const char *needs);

/* How many descriptors a table can have here: at most `wanted`. Raises the soft limit to that. */
unsigned ladder_descriptors(unsigned wanted);

/* Bytes that came from one peer and have not been sent back. All zero: none, and no memory is held. */
struct replies {
    char *going;        /* their address is with the kernel: they do not move until they have left */
    size_t count, sent; /* of them */
    char *waiting;      /* what has come since */
    size_t waiting_count, waiting_room;
};

/* COPY: adds bytes. False when there is no memory: then they are lost, and the peer must get none that come later. */
bool replies_add(struct replies *r, const char *bytes, size_t count);

/* What to send now; 0 bytes when there is nothing. */
const char *replies_next(struct replies *r, size_t *count);

/* `count` bytes of it have left. */
void replies_sent(struct replies *r, size_t count);

/* Forgets them. Not to be called while the kernel sends. */
void replies_free(struct replies *r);

#endif
