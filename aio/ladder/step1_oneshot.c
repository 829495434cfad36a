/* step1_oneshot.c - the io_uring ladder, step 1: each operation is submitted, and completes once.
 *
 * Adds   to an echo by epoll: the transfer itself is submitted, in place of the question whether it can be done; and
 *        what is submitted by many connections goes to the kernel, and comes back, in one system call.
 * Needs  Linux 5.7, which waits for a socket without a thread of the kernel's (accept is of 5.5, recv and send of 5.6).
 * Saves  system calls: epoll_wait, recv and send for each turn of a connection become one io_uring_enter for all. */
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

/* A free place in the submission ring. When there is none, the kernel first takes what is there. */
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

/* Submits what comes next; frees the connection once the kernel works on nothing of it. */
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
        c->sent += (size_t)result; /* fewer than asked for is normal */
    } else if (result != -EINTR) {
        c->sent = c->count;
        c->ended = true;
    }
    conn_advance(c);
}

/* After a failure (no memory, no descriptor) later, and not again and again. */
static void server_accept(bool later) {
    static struct __kernel_timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    if (later) {
        struct io_uring_sqe *sqe = ring_submission(NULL);
        io_uring_prep_timeout(sqe, &pause, 0, 0);
        sqe->flags |= IOSQE_IO_HARDLINK; /* what is submitted next begins when this has ended */
    }
    io_uring_prep_accept(ring_submission(&accepting), listener, NULL, NULL, 0);
}

static void server_accept_done(struct conn *none, int result, uint32_t flags) {
    (void)flags;
    struct conn *c = result >= 0 ? calloc(1, sizeof *c) : none;
    if (c) {
        *c = (struct conn){.receive = {conn_recv_done, c}, .send = {conn_send_done, c}, .fd = result};
        conn_recv(c);
    } else if (result >= 0) {
        close(result);
    }
    if (result == -EINVAL)
        ladder_refused(result, "accept, receive and send (Linux 5.7)");
    server_accept(result < 0);
}

int main(int argc, char **argv) {
    int result = io_uring_queue_init(SUBMISSIONS, &ring, 0);
    if (result < 0)
        ladder_refused(result, "accept, receive and send (Linux 5.7)");
    listener = ladder_listen(argc, argv);
    accepting.done = server_accept_done;
    server_accept(false);
    for (;;) {
        struct io_uring_cqe *cqe;
        unsigned head, count = 0, ready;
        io_uring_submit_and_wait(&ring, 1); /* WAIT: for any completion; those that did not fit before come now */
        ready = io_uring_cq_ready(&ring); /* those and no more: what they submit, cancellations above all, must go in */
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
