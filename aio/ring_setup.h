/* ring_setup.h - opening an io_uring and asking the kernel what it offers. No transfer and no wait of a connection is
 * in here: those are in aio_server.c and aio_future_server.c. */
#ifndef IO_MODELS_RING_SETUP_H
#define IO_MODELS_RING_SETUP_H

#include "protocol_limits.h"
#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    RING_SUBMISSIONS = 2048,  /* SQ entries: operations that wait for the next io_uring_enter */
    RING_COMPLETIONS = 16384, /* CQ entries; more than that is kept by the kernel and delivered later (NODROP) */
    RING_BUFFERS = 1024,      /* LIMIT: a server's receives that may be filled and not yet looked at */
    RING_BUFFER_GROUP = 0,
};

/* What this kernel offers, found by trying it, not by its version. */
struct ring_features {
    int refused;         /* 0, or why there is no ring: EPERM (seccomp, sysctl), ENOSYS, ENOMEM, ... */
    bool single_issuer;  /* IORING_SETUP_SINGLE_ISSUER (Linux 6.0): one thread submits, so no locking */
    bool defer_taskrun;  /* IORING_SETUP_DEFER_TASKRUN (6.1): completions are worked on when we wait, in batches */
    bool registered_fd;  /* IORING_REGISTER_RING_FDS (5.18): enter without looking the descriptor up */
    bool buffer_ring;    /* IORING_REGISTER_PBUF_RING (5.19): the kernel takes a buffer when data has come */
    bool multishot_recv; /* (6.0): one submission, many completions */
};

/* Buffers that the kernel fills when data comes, so that a connection that waits holds none. */
struct ring_buffers {
    struct io_uring_buf_ring *ring;
    uint8_t *bytes; /* `count` of `size` bytes, `stride` apart */
    unsigned count; /* a power of two, 32,768 at most */
    unsigned size;
    unsigned stride; /* a cache line more, or all would begin in the same cache sets */
};

/* Tries every feature, on a small ring of its own. */
void ring_probe(struct ring_features *features);

/* For --probe: tries the features, and opens and closes a ring of the size that will be used, because memory can be
 * refused where io_uring is not. Prints what is offered, one feature a line; or one line that says why nothing is.
 * Returns 0, or EXIT_SETUP when io_uring is refused. */
int ring_probe_print(unsigned completions, unsigned buffer_count);

/* NULL when what the program needs is offered, else what is missing, and what to do about it. */
const char *ring_why_not(const struct ring_features *features, bool multishot_recv);

/* Exits with EXIT_SETUP and that line. */
void ring_require(const struct ring_features *features, bool multishot_recv);

/* Writes the features in use into `text`, for --stats. */
void ring_describe(const struct ring_features *features, char *text, size_t size);

/* Opens a ring with this many places for completions, and buffers->count receive buffers of buffers->size bytes.
 * Nothing is done in it until one thread calls ring_enable; that thread alone may use it from then on. Returns 0, or
 * -errno: then nothing is held. ring_close is the way back. ring_open exits with EXIT_SETUP and one line instead. */
int ring_try_open(
    struct io_uring *ring, struct ring_buffers *buffers, unsigned completions, const struct ring_features *features);
void ring_open(
    struct io_uring *ring, struct ring_buffers *buffers, unsigned completions, const struct ring_features *features);
void ring_enable(struct io_uring *ring, const struct ring_features *features);
void ring_close(struct io_uring *ring, struct ring_buffers *buffers);

/* Zeros that begin where a page does, whatever the size of this machine's pages: the kernel takes a ring of provided
 * buffers from nowhere else, and an empty one is all zeros (its tail, above all, is where the kernel's head is). NULL
 * when there is no memory; free() it. */
void *ring_pages(size_t size);

/* What a ring of this size counts for against `ulimit -l`, where the kernel counts it (6.18 does, others do
 * not; none does for a process with CAP_IPC_LOCK). */
size_t ring_locked_bytes(unsigned submissions, unsigned completions, unsigned buffers);

/* Why a ring cannot be opened, `why` being the errno: one line with what to do about it, valid until the next call. */
const char *ring_refusal(int why, size_t locked_bytes);

/* `result` is io_uring_queue_init's: exits with EXIT_SETUP and that line where it is an error. */
void ring_check(int result, unsigned submissions);

/* The buffer that a completion's flags name. */
static inline uint8_t *ring_buffer(const struct ring_buffers *b, uint32_t flags) {
    return b->bytes + (size_t)(flags >> IORING_CQE_BUFFER_SHIFT) * b->stride;
}

/* OWNS: if a completion's flags name a buffer, it is the kernel's again, to be filled by another receive. */
static inline void ring_buffer_return(struct ring_buffers *b, uint32_t flags) {
    if (!(flags & IORING_CQE_F_BUFFER))
        return;
    io_uring_buf_ring_add(b->ring, ring_buffer(b, flags), b->size, (unsigned short)(flags >> IORING_CQE_BUFFER_SHIFT),
        io_uring_buf_ring_mask(b->count), 0);
    io_uring_buf_ring_advance(b->ring, 1);
}

#endif
