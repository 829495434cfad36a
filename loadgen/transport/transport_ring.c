/* transport_ring.c - completions, by io_uring.
 *
 * Each connection has one multishot receive with the kernel, which completes each time bytes come, in a buffer lent by
 * the ring; and at most one send. Sends that the clients ask for while completions are handled are submitted together
 * with the next wait, so one system call serves many messages of many clients.
 */
#include "client/client.h"
#include "ring_setup.h"
#include "transport/transports.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* LIMIT: completions handled before the sends that they caused are submitted; the others are left to the next round. */
enum { BATCH_MAX = 64 };

enum { BUFFER_MIN = 256, BUFFER_MAX = 16 * 1024, BUFFERS_MAX = 32 * 1024, BUFFERS_MEMORY_MAX = 64 * 1024 * 1024 };

/* Which operation has completed: user_data is the address of a client, or of the loop, with one of these in its low
 * bits. */
enum operation { RECEIVE, SEND, CONNECT, TIMER, WAKE, OPERATION_MASK = 7 };

struct ring_loop {
    struct io_uring ring;
    struct ring_features features; /* what this kernel offers */
    struct turner *turner;
    struct ring_buffers buffers;
    bool is_open;
    uint64_t operations; /* of clients, that the kernel works on */
    int wake_fd;
    uint64_t wake_count; /* read from it */
};

static struct ring_loop *loop_of(const struct client *c) {
    return c->group->loop;
}

static const struct filter *filter_of(const struct client *c) {
    return c->group->filter;
}

/* A free place in the submission ring. If the ring is full, its entries are submitted first. */
static struct io_uring_sqe *submission(struct ring_loop *loop) {
    struct io_uring_sqe *sqe;

    while ((sqe = io_uring_get_sqe(&loop->ring)) == NULL)
        io_uring_submit(&loop->ring);
    return sqe;
}

static struct io_uring_sqe *client_submission(struct client *c) {
    loop_of(c)->operations++;
    c->operations++;
    return submission(loop_of(c));
}

static void identify(struct io_uring_sqe *sqe, void *owner, enum operation operation) {
    io_uring_sqe_set_data64(sqe, (uintptr_t)owner | operation);
}

/* ---------------------------------------------------------------- what the clients ask for */

/* POLLOUT reports the outcome of the connect() that client_connect has begun: so client_connect needs no second form
 * for io_uring. */
static void ring_await_connection(struct client *c) {
    struct io_uring_sqe *sqe = client_submission(c);

    io_uring_prep_poll_add(sqe, c->fd, POLLOUT);
    identify(sqe, c, CONNECT);
}

static void ring_start_receiving(struct client *c) {
    struct io_uring_sqe *sqe = client_submission(c);

    io_uring_prep_recv_multishot(sqe, c->fd, NULL, 0, 0); /* COPY: kernel to a ring buffer, when data has come */
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = RING_BUFFER_GROUP;
    identify(sqe, c, RECEIVE);
}

/* Submits the part of c->wire that has not been sent. */
static void submit_send(struct client *c) {
    struct io_uring_sqe *sqe = client_submission(c);

    io_uring_prep_send(sqe, c->fd, c->wire + c->buffer_sent, c->buffer_count - c->buffer_sent, MSG_NOSIGNAL);
    identify(sqe, c, SEND); /* COPY: c->wire to kernel, when there is room */
}

/* LIMIT: one send at a time, because two might overtake each other; c->blocked is set until it has completed. */
static void ring_send(struct client *c, size_t count) {
    if (count == 0)
        return;
    c->buffer_sent = 0;
    c->buffer_count = (uint32_t)count;
    c->blocked = true;
    submit_send(c);
    filter_of(c)->sent(c, count);
}

/* shutdown() lets the operations that the kernel works on complete; the last completion closes the socket. A send that
 * is not submitted yet goes first: TLS's alert, for example, which says why. */
static void ring_drop(struct client *c) {
    if (c->operations > 0) {
        if (c->blocked)
            io_uring_submit(&loop_of(c)->ring);
        shutdown(c->fd, SHUT_RDWR);
    } else {
        close(c->fd);
        c->fd = -1;
    }
}

/* ---------------------------------------------------------------- what completes */

static bool is_over(const struct client *c) {
    return c->state >= CLIENT_DONE || c->state == CLIENT_WAITING;
}

static void received(struct client *c, int result, uint32_t flags) {
    struct ring_buffers *buffers = &loop_of(c)->buffers;

    if (result > 0 && !is_over(c))
        filter_of(c)->received(c, ring_buffer(buffers, flags), (size_t)result);
    else if (!is_over(c) && result != -ENOBUFS && result != -EINTR)
        filter_of(c)->broken(c, -result);
    ring_buffer_return(buffers, flags);
    if (!(flags & IORING_CQE_F_MORE) && !is_over(c))
        ring_start_receiving(c);
}

static void sent(struct client *c, int result) {
    if (result > 0)
        c->buffer_sent += (uint32_t)result;
    if (is_over(c))
        return;
    if (result < 0 && result != -EINTR)
        c->error = -result; /* the receive first brings what the server sent before it closed: that explains more */
    else if (c->buffer_sent < c->buffer_count)
        submit_send(c); /* a short send is normal */
    else
        filter_of(c)->writable(c);
}

static void client_completed(struct client *c, enum operation operation, int result, uint32_t flags) {
    if (!(flags & IORING_CQE_F_MORE)) {
        c->operations--;
        loop_of(c)->operations--;
    }
    switch (operation) {
    case RECEIVE: received(c, result, flags); break;
    case SEND: sent(c, result); break;
    default:
        if (!is_over(c))
            filter_of(c)->connected(c);
    }
    if (is_over(c) && c->operations == 0 && c->fd >= 0)
        ring_drop(c);
}

/* The timer is never read: setting it anew, in the turn, clears its readiness. */
static void watch_timer(struct ring_loop *loop) {
    struct io_uring_sqe *sqe = submission(loop);

    io_uring_prep_poll_multishot(sqe, loop->turner->timer_fd, POLLIN);
    identify(sqe, loop, TIMER);
}

static void watch_wake(struct ring_loop *loop) {
    struct io_uring_sqe *sqe = submission(loop);

    io_uring_prep_read(sqe, loop->wake_fd, &loop->wake_count, sizeof loop->wake_count, 0);
    identify(sqe, loop, WAKE);
}

static void completed(struct ring_loop *loop, const struct io_uring_cqe *cqe) {
    enum operation operation = cqe->user_data & OPERATION_MASK;
    void *owner = (void *)(uintptr_t)(cqe->user_data & ~(uint64_t)OPERATION_MASK); // NOLINT: it was an address

    if (operation == TIMER) {
        if (!(cqe->flags & IORING_CQE_F_MORE))
            watch_timer(loop);
    } else if (operation == WAKE) {
        watch_wake(loop);
        loop->turner->woken = true;
    } else {
        client_completed(owner, operation, cqe->res, cqe->flags);
    }
}

/* ---------------------------------------------------------------- the loop */

static void ring_run(struct group *g) {
    struct ring_loop *loop = g->loop;
    struct io_uring_cqe *cqes[BATCH_MAX];

    ring_enable(&loop->ring, &loop->features); /* here, because a ring belongs to the thread that enables it */
    watch_timer(loop);
    watch_wake(loop);
    while (!loop->turner->turn(loop->turner->owner) || loop->operations > 0) {
        io_uring_submit_and_wait(&loop->ring, 1); /* WAIT: for any completion */
        unsigned count = io_uring_peek_batch_cqe(&loop->ring, cqes, BATCH_MAX);
        for (unsigned i = 0; i < count; i++)
            completed(loop, cqes[i]);
        io_uring_cq_advance(&loop->ring, count);
    }
}

/* Receive buffers as large as all replies that one client may have in flight: small buffers stay in the CPU's cache. */
static unsigned buffer_size(const struct plan *plan) {
    size_t in_flight = plan->shape.wire_size * plan->options->pipeline;
    unsigned size = BUFFER_MIN;

    while (size < in_flight && size < BUFFER_MAX)
        size *= 2;
    return size;
}

/* Two buffers per client, up to BUFFERS_MEMORY_MAX bytes. A receive that finds no buffer (ENOBUFS) must be submitted
 * again, and under load such clients are served last, again and again. */
static unsigned buffer_count(const struct group *g, unsigned size) {
    unsigned count = RING_BUFFERS;

    while (count < 2 * g->count && count < BUFFERS_MAX && 2 * count * size <= BUFFERS_MEMORY_MAX)
        count *= 2;
    return count;
}

static const char *ring_open_loop(struct group *g, struct turner *turner) {
    struct ring_loop *loop = calloc(1, sizeof *loop);
    const char *why;
    int result;

    g->loop = loop;
    if (loop == NULL)
        return strerror(errno);
    loop->wake_fd = -1;
    ring_probe(&loop->features);
    why = ring_why_not(&loop->features, true);
    if (why != NULL)
        return why;
    loop->turner = turner;
    loop->buffers.size = buffer_size(g->plan);
    loop->buffers.count = buffer_count(g, loop->buffers.size);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC);
    if (loop->wake_fd < 0)
        return strerror(errno);
    result = ring_try_open(&loop->ring, &loop->buffers, RING_COMPLETIONS, &loop->features);
    loop->is_open = result == 0;
    return loop->is_open
               ? NULL
               : ring_refusal(-result, ring_locked_bytes(RING_SUBMISSIONS, RING_COMPLETIONS, loop->buffers.count));
}

static void ring_wake(struct group *g) {
    struct ring_loop *loop = g->loop;

    (void)!write(loop->wake_fd, &(uint64_t){1}, sizeof(uint64_t)); /* never waits: the counter is never full */
}

static void ring_close_loop(struct group *g) {
    struct ring_loop *loop = g->loop;

    if (loop == NULL)
        return;
    if (loop->is_open)
        ring_close(&loop->ring, &loop->buffers);
    if (loop->wake_fd >= 0)
        close(loop->wake_fd);
    free(loop);
}

const struct transport transport_ring = {
    .name = "io_uring",
    .keeps_bytes = true,
    .open = ring_open_loop,
    .run = ring_run,
    .wake = ring_wake,
    .close = ring_close_loop,
    .await_connection = ring_await_connection,
    .start_receiving = ring_start_receiving,
    .send = ring_send,
    .drop = ring_drop,
};
