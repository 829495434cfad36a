/* step6_bundles.c - the io_uring ladder, step 6: one completion may bring several buffers.
 *
 * Adds   IORING_RECVSEND_BUNDLE: a receive fills as many buffers, one after the other, as there is data for.
 * Needs  Linux 6.10.
 * Saves  completions and sends, if more than one buffer's worth comes together; nothing if messages are small. It saves
 *        no copy: pending replies must still be in one piece. */
#include "ladder.h"
#include <stdlib.h>
#include <unistd.h>

enum { SUBMISSIONS = 2048, BUFFERS = 1024, BUFFER_SIZE = 4096, REPLIES_MAX = 64 * 1024, CLIENTS_MAX = 16384 };

struct conn {
    struct operation receive, send;
    int fd;                  /* an index into the ring's table of descriptors */
    bool receiving, sending; /* with the kernel; LIMIT: one send: two might be reordered */
    bool ended;              /* nothing more is wanted from this peer */
    struct replies replies;
};

static struct io_uring ring;
static struct operation accepting;
static int listener;
static char buffers[BUFFERS][BUFFER_SIZE + 64]; /* + 64: else all would begin in the same cache sets */
static struct io_uring_buf_ring *free_buffers;  /* a ring of those that the kernel may fill, shared with it */

/* Returns a free entry of the submission ring. If the ring is full, its entries are submitted first. */
static struct io_uring_sqe *ring_submission(struct operation *operation) {
    struct io_uring_sqe *sqe;
    while (!(sqe = io_uring_get_sqe(&ring)))
        io_uring_submit(&ring);
    io_uring_sqe_set_data(sqe, operation);
    return sqe;
}

/* OWNS: the kernel, until it has filled the buffer. Buffers are filled, and come back, in the order they are given. */
static void ring_buffer_give(unsigned id) {
    io_uring_buf_ring_add(free_buffers, buffers[id], BUFFER_SIZE, (uint16_t)id, BUFFERS - 1, 0);
    io_uring_buf_ring_advance(free_buffers, 1);
}

static void conn_recv(struct conn *c) {
    struct io_uring_sqe *sqe = ring_submission(&c->receive);
    io_uring_prep_recv_multishot(sqe, c->fd, NULL, 0, 0); /* COPY: kernel to buffers, whenever data has come */
    sqe->flags |= IOSQE_BUFFER_SELECT | IOSQE_FIXED_FILE;
    sqe->ioprio |= IORING_RECVSEND_BUNDLE;
    c->receiving = true;
}

static void conn_send(struct conn *c, const char *bytes, size_t count) {
    struct io_uring_sqe *sqe = ring_submission(&c->send);
    io_uring_prep_send(sqe, c->fd, bytes, count, MSG_NOSIGNAL); /* COPY: replies to kernel, when there is room */
    sqe->flags |= IOSQE_FIXED_FILE;
    c->sending = true;
}

/* Submits what comes next; frees the connection once no operation on it is with the kernel. LIMIT: receives run ahead
 * of the replies; when more than REPLIES_MAX bytes wait, the receive is cancelled until all have left. */
static void conn_advance(struct conn *c) {
    size_t count;
    const char *bytes = replies_next(&c->replies, &count);
    if (count > 0 && !c->sending)
        conn_send(c, bytes, count);
    if (count == 0 && !c->receiving && !c->ended)
        conn_recv(c);
    if (c->receiving && (c->ended || c->replies.waiting_count > REPLIES_MAX))
        io_uring_prep_cancel(ring_submission(NULL), &c->receive, 0); /* the receive then completes with -ECANCELED */
    if (c->ended && !c->receiving && !c->sending) {
        io_uring_prep_close_direct(ring_submission(NULL), (unsigned)c->fd);
        replies_free(&c->replies);
        free(c);
    }
}

static void conn_recv_done(struct conn *c, int result, uint32_t flags) {
    c->receiving = flags & IORING_CQE_F_MORE;
    c->ended |= result <= 0 && result != -ENOBUFS && result != -ECANCELED && result != -EINTR;
    for (unsigned id = flags >> IORING_CQE_BUFFER_SHIFT; result > 0; result -= BUFFER_SIZE, id = (id + 1) % BUFFERS) {
        size_t count = result < BUFFER_SIZE ? (size_t)result : BUFFER_SIZE;
        c->ended = c->ended || !replies_add(&c->replies, buffers[id], count);
        ring_buffer_give(id);
    }
    conn_advance(c);
}

static void conn_send_done(struct conn *c, int result, uint32_t flags) {
    (void)flags;
    c->sending = false;
    if (result >= 0) {
        replies_sent(&c->replies, (size_t)result); /* a short send is normal */
    } else if (result != -EINTR) {
        replies_free(&c->replies);
        c->ended = true;
    }
    conn_advance(c);
}

/* `later`: after a failure (no memory, no place in the table) it accepts 100 ms later, instead of spinning. */
static void server_accept(bool later) {
    static struct __kernel_timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    if (later) {
        struct io_uring_sqe *sqe = ring_submission(NULL);
        io_uring_prep_timeout(sqe, &pause, 0, 0);
        sqe->flags |= IOSQE_IO_HARDLINK; /* the next entry begins when this one has ended */
    }
    io_uring_prep_multishot_accept_direct(ring_submission(&accepting), listener, NULL, NULL, 0);
}

static void server_accept_done(struct conn *none, int result, uint32_t flags) {
    struct conn *c = result >= 0 ? calloc(1, sizeof *c) : none;
    if (c) {
        *c = (struct conn){.receive = {conn_recv_done, c}, .send = {conn_send_done, c}, .fd = result};
        conn_recv(c);
    } else if (result >= 0) {
        io_uring_prep_close_direct(ring_submission(NULL), (unsigned)result);
    }
    if (!(flags & IORING_CQE_F_MORE))
        server_accept(result < 0);
}

int main(int argc, char **argv) {
    free_buffers = ring_pages(BUFFERS * sizeof(struct io_uring_buf));
    struct io_uring_buf_reg buffer_ring = {.ring_addr = (uintptr_t)free_buffers, .ring_entries = BUFFERS};
    int result = io_uring_queue_init(SUBMISSIONS, &ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
    result = result < 0 ? result : io_uring_register_buf_ring(&ring, &buffer_ring, 0);
    result = result < 0 ? result : io_uring_register_ring_fd(&ring);
    result = result < 0 ? result : io_uring_register_files_sparse(&ring, ladder_descriptors(CLIENTS_MAX));
    if (result < 0 || !(ring.features & IORING_FEAT_RECVSEND_BUNDLE))
        ladder_refused(result, "bundles (Linux 6.10)");
    io_uring_buf_ring_init(free_buffers);
    for (unsigned id = 0; id < BUFFERS; id++)
        ring_buffer_give(id);
    listener = ladder_listen(argc, argv);
    accepting.done = server_accept_done;
    server_accept(false);
    for (;;) {
        struct io_uring_cqe *cqe;
        unsigned head, count = 0, ready;
        io_uring_submit_and_wait(&ring, 1); /* WAIT: for any completion; those that did not fit before come now */
        ready = io_uring_cq_ready(&ring);   /* only these; then the kernel gets what they submit (cancellations) */
        io_uring_for_each_cqe(&ring, head, cqe) {
            struct operation *operation = io_uring_cqe_get_data(cqe);
            if (operation)
                operation->done(operation->conn, cqe->res, cqe->flags);
            if (++count >= ready)
                break;
        }
        io_uring_cq_advance(&ring, count);
    }
}
