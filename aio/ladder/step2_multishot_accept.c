/* step2_multishot_accept.c - the io_uring ladder, step 2: one accept brings every client.
 *
 * Adds   a multishot accept: submitted once, it completes for each client that comes.
 * Needs  Linux 5.19.
 * Saves  a submission for each client, with its set-up in the kernel; clients that come together are in one batch of
 *        completions, where each waited for the next turn before. Once the clients are there it saves nothing. */
#include "ladder.h"
#include <stdlib.h>
#include <unistd.h>

enum { SUBMISSIONS = 2048, BUFFER_SIZE = 4096 };

struct conn {
    struct operation receive, send;
    int fd;
    bool receiving, sending; /* with the kernel; LIMIT: never both */
    bool ended;              /* nothing more is wanted from this peer */
    size_t count, sent;
    char bytes[BUFFER_SIZE]; /* received, then sent; only then is more received: that is back-pressure */
};

static struct io_uring ring;
static struct operation accepting;
static int listener;

/* Returns a free entry of the submission ring. If the ring is full, its entries are submitted first. */
static struct io_uring_sqe *ring_submission(struct operation *operation) {
    struct io_uring_sqe *sqe;
    while (!(sqe = io_uring_get_sqe(&ring)))
        io_uring_submit(&ring);
    io_uring_sqe_set_data(sqe, operation);
    return sqe;
}

static void conn_recv(struct conn *c) {
    struct io_uring_sqe *sqe = ring_submission(&c->receive);
    io_uring_prep_recv(sqe, c->fd, c->bytes, BUFFER_SIZE, 0); /* COPY: kernel to bytes, when data has come */
    c->receiving = true;
}

static void conn_send(struct conn *c) {
    struct io_uring_sqe *sqe = ring_submission(&c->send);
    /* COPY: bytes to kernel, when there is room */
    io_uring_prep_send(sqe, c->fd, c->bytes + c->sent, c->count - c->sent, MSG_NOSIGNAL);
    c->sending = true;
}

/* Submits what comes next; frees the connection once no operation on it is with the kernel. */
static void conn_advance(struct conn *c) {
    if (c->sent < c->count && !c->sending)
        conn_send(c);
    if (c->sent == c->count && !c->receiving && !c->ended)
        conn_recv(c);
    if (c->ended && !c->receiving && !c->sending) {
        close(c->fd);
        free(c);
    }
}

static void conn_recv_done(struct conn *c, int result, uint32_t flags) {
    (void)flags;
    c->receiving = false;
    c->ended |= result <= 0 && result != -EINTR;
    if (result > 0) {
        c->count = (size_t)result;
        c->sent = 0;
    }
    conn_advance(c);
}

static void conn_send_done(struct conn *c, int result, uint32_t flags) {
    (void)flags;
    c->sending = false;
    if (result >= 0) {
        c->sent += (size_t)result; /* a short send is normal */
    } else if (result != -EINTR) {
        c->sent = c->count;
        c->ended = true;
    }
    conn_advance(c);
}

/* `later`: after a failure (no memory, no descriptor) it accepts 100 ms later, instead of spinning. */
static void server_accept(bool later) {
    static struct __kernel_timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    if (later) {
        struct io_uring_sqe *sqe = ring_submission(NULL);
        io_uring_prep_timeout(sqe, &pause, 0, 0);
        sqe->flags |= IOSQE_IO_HARDLINK; /* the next entry begins when this one has ended */
    }
    io_uring_prep_multishot_accept(ring_submission(&accepting), listener, NULL, NULL, 0);
}

static void server_accept_done(struct conn *none, int result, uint32_t flags) {
    struct conn *c = result >= 0 ? calloc(1, sizeof *c) : none;
    if (c) {
        *c = (struct conn){.receive = {conn_recv_done, c}, .send = {conn_send_done, c}, .fd = result};
        conn_recv(c);
    } else if (result >= 0) {
        close(result);
    }
    if (result == -EINVAL)
        ladder_refused(result, "multishot accept (Linux 5.19)");
    if (!(flags & IORING_CQE_F_MORE))
        server_accept(result < 0);
}

int main(int argc, char **argv) {
    int result = io_uring_queue_init(SUBMISSIONS, &ring, 0);
    if (result < 0)
        ladder_refused(result, "multishot accept (Linux 5.19)");
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
