/* aio_future_echo.c - asynchronous I/O, first reading: operations are submitted, and their results are taken (pull).
 *
 * As in aio_echo, the kernel does the whole transfer. But no handler is called: each submission has a Future, the place
 * for its result. future_take returns the futures that are done, and the program gets their results.
 *
 *     thread   take: submit + wait -- sleeps --+ get, submit | take: get ... | take: submit + wait --
 *     kernel   wait for data, copy ............| done: futures               | send: copy, wait, copy ... */
#include "first_reading.h"
#include "ring_setup.h"

enum { BUFFER_SIZE = 4096, SUBMISSIONS = 2048 };

/* The result of a submission. The completion brings back its address: it must not move or be freed until then. */
struct future {
    struct conn *conn; /* whose it is; NULL: the server's own */
    int result;        /* bytes, or a descriptor; or -errno */
};

struct conn {
    int fd;
    size_t count; /* bytes received */
    size_t sent;  /* of them, sent back; it receives no more until all are: that is back-pressure */
    struct future future;
    char bytes[BUFFER_SIZE];
};

static int listener;
static struct io_uring ring;
static struct future accepting;

static struct io_uring_sqe *ring_submission(struct future *future);
static int future_get(const struct future *future);
static void conn_recv(struct conn *c);

/* OWNS: the connection owns fd from here on. */
static void conn_open(int fd) {
    struct conn *c = calloc(1, sizeof *c);
    if (!c) {
        close(fd);
        return;
    }
    c->fd = fd;
    c->future.conn = c;
    conn_recv(c);
}

/* Called when no operation on it is with the kernel. Not here: waiting for the peer's FIN, counters. */
static void conn_close(struct conn *c) {
    close(c->fd);
    free(c);
}

/* Submits a receive. Not here: a time limit for a peer that never sends. */
static void conn_recv(struct conn *c) {
    struct io_uring_sqe *sqe = ring_submission(&c->future);
    io_uring_prep_recv(sqe, c->fd, c->bytes, sizeof c->bytes, 0); /* COPY: kernel to bytes, when data has come */
}

static enum session_want conn_received(struct conn *c) {
    int result = future_get(&c->future);
    c->count = result > 0 ? (size_t)result : 0; /* 0: the peer's FIN; all that came before it has gone back */
    c->sent = 0;
    return result > 0 ? WANT_WRITE : result == -EINTR ? WANT_READ : WANT_CLOSE;
}

/* Submits a send. Not here: a time limit for a peer that never reads. */
static void conn_send(struct conn *c) {
    struct io_uring_sqe *sqe = ring_submission(&c->future);
    io_uring_prep_send(sqe, c->fd, c->bytes + c->sent, c->count - c->sent, MSG_NOSIGNAL); /* COPY: bytes to kernel */
}

static enum session_want conn_sent(struct conn *c) {
    int result = future_get(&c->future);
    c->sent += result > 0 ? (size_t)result : 0; /* a short send is normal */
    enum session_want next = c->sent < c->count ? WANT_WRITE : WANT_READ;
    return result < 0 && result != -EINTR ? WANT_CLOSE : next; /* -ECONNRESET...: only this one ends */
}

/* The future is done: takes its result, and submits what comes next. */
static void conn_advance(struct conn *c) {
    enum session_want want = c->sent < c->count ? conn_sent(c) : conn_received(c);
    if (want == WANT_READ)
        conn_recv(c);
    else if (want == WANT_WRITE)
        conn_send(c);
    else
        conn_close(c);
}

/* Returns a free entry of the submission ring for this future. If the ring is full, its entries are submitted first. */
static struct io_uring_sqe *ring_submission(struct future *future) {
    struct io_uring_sqe *sqe;
    while (!(sqe = io_uring_get_sqe(&ring)))
        io_uring_submit(&ring);
    io_uring_sqe_set_data(sqe, future);
    return sqe;
}

/* Returns the result of a future that is done. Not here: waiting for one that is not done. */
static int future_get(const struct future *future) {
    return future->result;
}

/* Returns the next future that is done, in the order of completion. */
static struct future *future_take(void) {
    struct io_uring_cqe *cqe;
    while (io_uring_peek_cqe(&ring, &cqe) != 0)
        io_uring_submit_and_wait(&ring, 1); /* WAIT: for any of them */
    struct future *future = io_uring_cqe_get_data(cqe);
    future->result = cqe->res;
    io_uring_cqe_seen(&ring, cqe);
    return future;
}

/* Submits an accept; after a failure (-EMFILE, -ENOMEM...) first a pause (until -ETIME), instead of spinning. */
static void server_accept(int before) {
    static struct __kernel_timespec pause = {.tv_nsec = PAUSE_MS * 1000 * 1000};
    struct io_uring_sqe *sqe = ring_submission(&accepting);
    if (before < 0 && before != -ETIME)
        io_uring_prep_timeout(sqe, &pause, 0, 0);
    else
        io_uring_prep_accept(sqe, listener, NULL, NULL, SOCK_CLOEXEC);
}

/* Not here: a limit on clients, an answer to a refused client. */
static void server_accepted(void) {
    int result = future_get(&accepting);
    if (result >= 0)
        conn_open(result);
    server_accept(result);
}

/* Not here: sending the pending replies before it ends on SIGTERM. */
static void server_run(void) {
    server_accept(0);
    for (;;) {
        struct conn *c = future_take()->conn;
        if (c)
            conn_advance(c);
        else
            server_accepted();
    }
}

int main(int argc, char **argv) {
    ring_check(io_uring_queue_init(SUBMISSIONS, &ring, 0), SUBMISSIONS);
    listener = first_reading_listen(argc, argv);
    listener_announce(listener);
    server_run();
}
