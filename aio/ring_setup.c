#include "ring_setup.h"
#include "options.h"
#include "protocol_limits.h"
#include <errno.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned setup_flags(const struct ring_features *f) {
    return IORING_SETUP_R_DISABLED | (f->single_issuer ? IORING_SETUP_SINGLE_ISSUER : 0) |
           (f->defer_taskrun ? IORING_SETUP_DEFER_TASKRUN : 0);
}

static int setup(struct io_uring *ring, unsigned submissions, unsigned completions, unsigned flags) {
    struct io_uring_params params = {.flags = flags | IORING_SETUP_CQSIZE, .cq_entries = completions};
    return io_uring_queue_init_params(submissions, ring, &params);
}

/* (liburing 2.3 declares io_uring_enable_rings, and lacks it.) Returns 0 or -errno. */
static int enable(const struct io_uring *ring) {
    return io_uring_register((unsigned)ring->ring_fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
}

void *ring_pages(size_t size) {
    void *pages;
    return posix_memalign(&pages, (size_t)sysconf(_SC_PAGESIZE), size) == 0 ? memset(pages, 0, size) : NULL;
}

/* Maps the buffers and gives them to the kernel. Returns 0, or -errno: then nothing stays allocated. */
static int buffers_open(struct io_uring *ring, struct ring_buffers *b) {
    b->stride = b->size + 64;
    b->ring = ring_pages(b->count * sizeof(struct io_uring_buf));
    b->bytes = mmap(NULL, (size_t)b->count * b->stride, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0); /* MAP_POPULATE: a fixed cost, visible from the start */
    struct io_uring_buf_reg registration = {
        .ring_addr = (uintptr_t)b->ring, .ring_entries = b->count, .bgid = RING_BUFFER_GROUP};
    int result = !b->ring || b->bytes == MAP_FAILED ? -ENOMEM : io_uring_register_buf_ring(ring, &registration, 0);
    if (result < 0) {
        if (b->bytes != MAP_FAILED)
            munmap(b->bytes, (size_t)b->count * b->stride);
        free(b->ring);
        return result;
    }
    io_uring_buf_ring_init(b->ring);
    for (unsigned id = 0; id < b->count; id++)
        ring_buffer_return(b, id << IORING_CQE_BUFFER_SHIFT | IORING_CQE_F_BUFFER);
    return 0;
}

int ring_try_open(struct io_uring *ring, struct ring_buffers *b, unsigned completions, const struct ring_features *f) {
    int result = setup(ring, RING_SUBMISSIONS, completions, setup_flags(f));
    if (result < 0)
        return result;
    result = buffers_open(ring, b);
    if (result < 0)
        io_uring_queue_exit(ring);
    return result;
}

void ring_open(struct io_uring *ring, struct ring_buffers *b, unsigned completions, const struct ring_features *f) {
    int result = ring_try_open(ring, b, completions, f);
    if (result < 0)
        error(EXIT_SETUP, 0, "%s", ring_refusal(-result, ring_locked_bytes(RING_SUBMISSIONS, completions, b->count)));
}

void ring_enable(struct io_uring *ring, const struct ring_features *f) {
    int result = enable(ring);
    if (result < 0)
        error(EXIT_SETUP, -result, "cannot enable an io_uring");
    if (f->registered_fd)
        io_uring_register_ring_fd(ring);
}

void ring_close(struct io_uring *ring, struct ring_buffers *b) {
    io_uring_queue_exit(ring);
    munmap(b->bytes, (size_t)b->count * b->stride);
    free(b->ring);
}

/* Receives one byte with a multishot receive, and checks that it stays armed (IORING_CQE_F_MORE). */
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
    struct ring_buffers buffers = {.count = 2, .size = 64};
    struct io_uring ring;
    *f = (struct ring_features){.single_issuer = true, .defer_taskrun = true};
    int result = setup(&ring, 8, 16, setup_flags(f));
    if (result == -EINVAL) {
        f->defer_taskrun = false;
        result = setup(&ring, 8, 16, setup_flags(f));
    }
    if (result == -EINVAL) {
        f->single_issuer = false;
        result = setup(&ring, 8, 16, setup_flags(f));
    }
    if (result < 0) {
        *f = (struct ring_features){.refused = -result};
        return;
    }
    enable(&ring);
    f->registered_fd = io_uring_register_ring_fd(&ring) == 1;
    result = buffers_open(&ring, &buffers);
    f->buffer_ring = result == 0;
    f->refused = result == -ENOMEM ? ENOMEM : 0; /* offered, but without the memory for it */
    if (f->buffer_ring) {
        f->multishot_recv = try_multishot_recv(&ring);
        ring_close(&ring, &buffers);
    } else {
        io_uring_queue_exit(&ring);
    }
}

static size_t whole_pages(size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (size + page - 1) / page * page;
}

size_t ring_locked_bytes(unsigned submissions, unsigned completions, unsigned buffers) {
    enum { HEADER = 64 * 5 }; /* heads, tails, masks, flags */
    return whole_pages(submissions * sizeof(struct io_uring_sqe)) +
           whole_pages(HEADER + completions * sizeof(struct io_uring_cqe) + submissions * sizeof(uint32_t)) +
           whole_pages(buffers * sizeof(struct io_uring_buf));
}

const char *ring_refusal(int why, size_t locked_bytes) {
    static char text[400];
    struct rlimit locked = {.rlim_cur = RLIM_INFINITY};
    getrlimit(RLIMIT_MEMLOCK, &locked);
    if (why == ENOMEM && locked.rlim_cur != RLIM_INFINITY)
        snprintf(text, sizeof text,
            "io_uring gets no memory: this ring locks %zu KiB, and 'ulimit -l' is %llu KiB for all rings of this user; "
            "raise it: %s",
            locked_bytes / 1024, (unsigned long long)locked.rlim_cur / 1024, strerror(why));
    else if (why == EINVAL)
        snprintf(text, sizeof text, "this kernel's io_uring is too old; use Linux 6.0 or newer: %s", strerror(why));
    else if (why == ENOMEM || why == EMFILE || why == ENFILE)
        snprintf(
            text, sizeof text, "an io_uring cannot be opened; free memory, or raise 'ulimit -n': %s", strerror(why));
    else
        snprintf(text, sizeof text,
            "io_uring is refused here; allow it (sysctl kernel.io_uring_disabled=0; in Docker, a seccomp profile that "
            "permits io_uring_setup): %s",
            strerror(why));
    return text;
}

void ring_check(int result, unsigned submissions) {
    if (result < 0)
        error(EXIT_SETUP, 0, "%s", ring_refusal(-result, ring_locked_bytes(submissions, 2 * submissions, 0)));
}

const char *ring_why_not(const struct ring_features *f, bool multishot_recv) {
    if (f->refused)
        return ring_refusal(f->refused, ring_locked_bytes(RING_SUBMISSIONS, RING_COMPLETIONS, RING_BUFFERS));
    if (!f->buffer_ring)
        return "this kernel's io_uring has no provided-buffer ring; use Linux 6.0 or newer";
    return multishot_recv && !f->multishot_recv
               ? "this kernel's io_uring has no multishot receive; use Linux 6.0 or newer"
               : NULL;
}

int ring_probe_print(unsigned completions, unsigned buffer_count) {
    struct ring_buffers buffers = {.count = buffer_count, .size = RECEIVE_SIZE};
    struct ring_features f;
    struct io_uring ring;
    ring_probe(&f);
    if (f.refused) {
        printf("io_uring: refused: %s\n", ring_why_not(&f, false));
        return EXIT_SETUP;
    }
    int result = f.buffer_ring ? ring_try_open(&ring, &buffers, completions, &f) : 0;
    if (result < 0) {
        printf("io_uring: refused: %s\n",
            ring_refusal(-result, ring_locked_bytes(RING_SUBMISSIONS, completions, buffer_count)));
        return EXIT_SETUP;
    }
    if (f.buffer_ring)
        ring_close(&ring, &buffers);
    printf("io_uring: offered\n");
    printf("IORING_SETUP_SINGLE_ISSUER: %s\n", f.single_issuer ? "yes" : "no");
    printf("IORING_SETUP_DEFER_TASKRUN: %s\n", f.defer_taskrun ? "yes" : "no");
    printf("registered ring descriptor: %s\n", f.registered_fd ? "yes" : "no");
    printf("provided-buffer ring: %s\n", f.buffer_ring ? "yes" : "no");
    printf("multishot receive: %s\n", f.multishot_recv ? "yes" : "no");
    return 0;
}

void ring_require(const struct ring_features *f, bool multishot_recv) {
    const char *why = ring_why_not(f, multishot_recv);
    if (why)
        error(EXIT_SETUP, 0, "%s", why);
}

void ring_describe(const struct ring_features *f, char *text, size_t size) {
    snprintf(text, size, "io_uring:%s%s%s%s%s", f->single_issuer ? " SINGLE_ISSUER" : "",
        f->defer_taskrun ? " DEFER_TASKRUN" : "", f->registered_fd ? " registered-fd" : "",
        f->buffer_ring ? " buffer-ring" : "", f->multishot_recv ? " multishot-recv" : "");
}
