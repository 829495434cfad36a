#include "ring_setup.h"
#include "options.h"
#include "protocol_limits.h"
#include <errno.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned setup_flags(const struct ring_features *f) {
    return (f->single_issuer ? IORING_SETUP_SINGLE_ISSUER : 0) | (f->defer_taskrun ? IORING_SETUP_DEFER_TASKRUN : 0);
}

static int setup(struct io_uring *ring, unsigned submissions, unsigned completions, unsigned flags) {
    struct io_uring_params params = {.flags = flags | IORING_SETUP_CQSIZE, .cq_entries = completions};
    return io_uring_queue_init_params(submissions, ring, &params);
}

/* Asks one byte to be received by a multishot, and looks whether it stays armed. */
static bool try_multishot_recv(struct io_uring *ring) {
    int pair[2];
    struct io_uring_cqe *cqe = NULL;
    struct __kernel_timespec limit = {.tv_sec = 1};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
        return false;
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    io_uring_prep_recv_multishot(sqe, pair[0], NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = RING_BUFFER_GROUP;
    bool works = write(pair[1], "x", 1) == 1 && io_uring_submit_and_wait_timeout(ring, &cqe, 1, &limit, NULL) >= 0 &&
                 cqe != NULL && cqe->res == 1 && (cqe->flags & IORING_CQE_F_MORE);
    close(pair[0]);
    close(pair[1]);
    return works;
}

void ring_probe(struct ring_features *f) {
    static uint8_t memory[4096] __attribute__((aligned(4096))), one[64];
    struct io_uring ring;
    *f = (struct ring_features){.single_issuer = true, .defer_taskrun = true};
    int result = setup(&ring, 8, 16, setup_flags(f));
    if (result == -EINVAL) {
        f->defer_taskrun = false;
        result = setup(&ring, 8, 16, setup_flags(f));
    }
    if (result == -EINVAL) {
        f->single_issuer = false;
        result = setup(&ring, 8, 16, 0);
    }
    if (result < 0) {
        *f = (struct ring_features){.refused = -result};
        return;
    }
    f->registered_fd = io_uring_register_ring_fd(&ring) == 1;
    struct io_uring_buf_reg registration = {
        .ring_addr = (uintptr_t)memory, .ring_entries = 1, .bgid = RING_BUFFER_GROUP};
    f->buffer_ring = io_uring_register_buf_ring(&ring, &registration, 0) == 0;
    if (f->buffer_ring) {
        struct io_uring_buf_ring *buffers = (struct io_uring_buf_ring *)(void *)memory;
        io_uring_buf_ring_init(buffers);
        io_uring_buf_ring_add(buffers, one, sizeof one, 0, 0, 0);
        io_uring_buf_ring_advance(buffers, 1);
        f->multishot_recv = try_multishot_recv(&ring);
    }
    io_uring_queue_exit(&ring);
}

int ring_probe_print(void) {
    struct ring_features f;
    ring_probe(&f);
    if (f.refused) {
        printf("io_uring: refused: %s\n", strerror(f.refused));
        return EXIT_SETUP;
    }
    printf("io_uring: offered\n");
    printf("IORING_SETUP_SINGLE_ISSUER: %s\n", f.single_issuer ? "yes" : "no");
    printf("IORING_SETUP_DEFER_TASKRUN: %s\n", f.defer_taskrun ? "yes" : "no");
    printf("registered ring descriptor: %s\n", f.registered_fd ? "yes" : "no");
    printf("provided-buffer ring: %s\n", f.buffer_ring ? "yes" : "no");
    printf("multishot receive: %s\n", f.multishot_recv ? "yes" : "no");
    return 0;
}

void ring_require(const struct ring_features *f, bool multishot_recv) {
    if (f->refused)
        error(EXIT_SETUP, f->refused,
            "io_uring is refused here; allow it (sysctl kernel.io_uring_disabled=0; in Docker, a seccomp profile that "
            "permits io_uring_setup), or use the other servers");
    if (!f->buffer_ring || (multishot_recv && !f->multishot_recv))
        error(EXIT_SETUP, 0, "this kernel's io_uring has no %s; use Linux 6.0 or newer, or the other servers",
            f->buffer_ring ? "multishot receive" : "provided-buffer ring");
}

void ring_describe(const struct ring_features *f, char *text, size_t size) {
    snprintf(text, size, "io_uring:%s%s%s%s%s", f->single_issuer ? " SINGLE_ISSUER" : "",
        f->defer_taskrun ? " DEFER_TASKRUN" : "", f->registered_fd ? " registered-fd" : "",
        f->buffer_ring ? " buffer-ring" : "", f->multishot_recv ? " multishot-recv" : "");
}

void ring_open(struct io_uring *ring, struct ring_buffers *b, unsigned completions, const struct ring_features *f) {
    int result = setup(ring, RING_SUBMISSIONS, completions, setup_flags(f));
    if (result < 0)
        error(EXIT_SETUP, -result, "cannot open an io_uring; see --probe");
    if (f->registered_fd)
        io_uring_register_ring_fd(ring);
    b->stride = b->size + 64;
    size_t ring_size = b->count * sizeof(struct io_uring_buf);
    b->ring = mmap(NULL, ring_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    b->bytes = mmap(NULL, (size_t)b->count * b->stride, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0); /* a fixed cost, so it is paid, and seen, at once */
    if (b->ring == MAP_FAILED || b->bytes == MAP_FAILED)
        error(EXIT_SETUP, errno, "no memory for the receive buffers; try fewer --loops");
    struct io_uring_buf_reg registration = {
        .ring_addr = (uintptr_t)b->ring, .ring_entries = b->count, .bgid = RING_BUFFER_GROUP};
    result = io_uring_register_buf_ring(ring, &registration, 0);
    if (result < 0)
        error(EXIT_SETUP, -result, "cannot register the receive buffers; see --probe");
    io_uring_buf_ring_init(b->ring);
    for (unsigned id = 0; id < b->count; id++)
        ring_buffer_return(b, id << IORING_CQE_BUFFER_SHIFT | IORING_CQE_F_BUFFER);
}

void ring_close(struct io_uring *ring, struct ring_buffers *b) {
    io_uring_queue_exit(ring);
    munmap(b->bytes, (size_t)b->count * b->stride);
    munmap(b->ring, b->count * sizeof(struct io_uring_buf));
}
