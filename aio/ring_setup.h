/* ring_setup.h - opens an io_uring and finds out what the kernel offers. It moves no bytes of a connection and never
 * waits for one: that is in aio_server.c and aio_future_server.c. */
#ifndef IO_MODELS_RING_SETUP_H
#define IO_MODELS_RING_SETUP_H

#include "protocol_limits.h"
#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    RING_SUBMISSIONS = 2048,  /* SQ entries: operations that wait for the next io_uring_enter */
    RING_COMPLETIONS = 16384, /* CQ entries; the kernel keeps further completions and delivers them later (NODROP) */
    RING_BUFFERS = 1024,      /* LIMIT: filled buffers not processed yet; beyond it: -ENOBUFS */
    RING_BUFFER_GROUP = 0,
};

/* What this kernel offers, found by trying it, not by its version. */
struct ring_features {
    int refused;         /* 0, or why there is no ring: EPERM (seccomp, sysctl), ENOSYS, ENOMEM, ... */
    bool single_issuer;  /* IORING_SETUP_SINGLE_ISSUER (Linux 6.0): one thread submits, so no locking */
    bool defer_taskrun;  /* IORING_SETUP_DEFER_TASKRUN (6.1): completion work is done when we wait, in batches */
    bool registered_fd;  /* IORING_REGISTER_RING_FDS (5.18): enter without looking the descriptor up */
    bool buffer_ring;    /* IORING_REGISTER_PBUF_RING (5.19): the kernel takes a buffer when data has come */
    bool multishot_recv; /* (6.0): one submission, many completions */
};

/* Buffers that the kernel fills when data comes, so that an idle connection has none. */
struct ring_buffers {
    struct io_uring_buf_ring *ring;
    uint8_t *bytes; /* `count` of `size` bytes, `stride` apart */
    unsigned count; /* a power of two, 32,768 at most */
    unsigned size;
    unsigned stride; /* a cache line more: else all would begin in the same cache sets */
};

/* Tries every feature, on a small ring for this test. */
void ring_probe(struct ring_features *features);

/* For --probe: tries the features, and opens and closes a ring of the size that will be used, because the kernel may
 * offer io_uring and still refuse the memory. Prints what is offered, one feature a line; or one line that says why
 * nothing is. Returns 0, or EXIT_SETUP when io_uring is refused. */
int ring_probe_print(unsigned completions, unsigned buffer_count);

/* Returns NULL if the kernel offers what the program needs; else what is missing, and what to do about it. */
const char *ring_why_not(const struct ring_features *features, bool multishot_recv);

/* If something is missing, prints that line and exits with EXIT_SETUP. */
void ring_require(const struct ring_features *features, bool multishot_recv);

/* Writes the features in use into `text`, for --stats. */
void ring_describe(const struct ring_features *features, char *text, size_t size);

/* Opens a ring with this many places for completions, and buffers->count receive buffers of buffers->size bytes. The
 * ring is disabled until one thread calls ring_enable; from then on only that thread may use it. Returns 0, or -errno:
 * then nothing stays open. ring_close closes and frees all. ring_open prints one line and exits with EXIT_SETUP
 * instead. */
int ring_try_open(
    struct io_uring *ring, struct ring_buffers *buffers, unsigned completions, const struct ring_features *features);
void ring_open(
    struct io_uring *ring, struct ring_buffers *buffers, unsigned completions, const struct ring_features *features);
void ring_enable(struct io_uring *ring, const struct ring_features *features);
void ring_close(struct io_uring *ring, struct ring_buffers *buffers);

/* Returns `size` zero bytes that begin at a page border, for a ring of provided buffers: the kernel requires this
 * border, and an empty ring is all zeros (its tail must equal the kernel's head). NULL if there is no memory. OWNS: the
 * caller, who frees it with free(). */
void *ring_pages(size_t size);

/* Returns how many bytes of `ulimit -l` a ring of this size takes, if the kernel counts it (6.18 does, others do not;
 * none does for a process with CAP_IPC_LOCK). */
size_t ring_locked_bytes(unsigned submissions, unsigned completions, unsigned buffers);

/* Returns one line, valid until the next call: why a ring cannot be opened (`why` is the errno), and what to do about
 * it. */
const char *ring_refusal(int why, size_t locked_bytes);

/* `result` is what io_uring_queue_init returned: if it is an error, prints that line and exits with EXIT_SETUP. */
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
