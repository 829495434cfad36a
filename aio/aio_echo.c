/* aio_echo.c - asynchronous I/O, first reading: operations are submitted, and their completions call back (push).
 *
 * The server submits the transfer itself, and the kernel does it, waiting and copying included. Then a completion
 * calls the operation's handler with the result.
 *
 *     thread   submit + wait -- sleeps --+ handler: submit | handler ... | submit + wait -- sleeps --
 *     kernel   wait for data, copy ......| completions     |             | send: copy, wait, copy ...
 *
 * Adds   to an echo by epoll: the transfer is submitted, not the question whether it is possible. (The ladder's step 1)
 * Needs  Linux 5.7, which waits for a socket without a kernel thread.
 * Saves  system calls: epoll_wait, recv and send become one io_uring_enter for the turns of all connections. */
#include "first_reading.h"
#include "ring_setup.h"

enum { BUFFER_SIZE = 4096, SUBMISSIONS = 2048 };

struct conn;

/* A submitted operation. The completion brings back its address: it must not move or be freed until then. */
struct operation {
    void (*done)(struct conn *c, int result); /* the CompletionHandler; result: bytes, or a descriptor; or -errno */
    struct conn *conn;
};

struct conn {
    int fd;
    size_t count; /* bytes received */
    size_t sent;  /* of them, sent back; it receives no more until all are: that is back-pressure */
    struct operation transfer;
    char bytes[BUFFER_SIZE];
};

static int listener;
static struct io_uring ring;
static struct operation accepting;

static struct io_uring_sqe *ring_submission(struct operation *operation);
static void conn_advance(struct conn *c, enum session_want want);

/* OWNS: the connection owns fd from here on. */
static void conn_open(int fd) {
    struct conn *c = calloc(1, sizeof *c);
    if (!c) {
        close(fd);
        return;
    }
    c->fd = fd;
    conn_advance(c, WANT_READ);
}

/* Called when no operation on it is with the kernel. Not here: waiting for the peer's FIN, counters. */
static void conn_close(struct conn *c) {
    close(c->fd);
    free(c);
}

static void conn_recv_done(struct conn *c, int result) {
    c->count = result > 0 ? (size_t)result : 0; /* 0: the peer's FIN; all that came before it has gone back */
    c->sent = 0;
    conn_advance(c, result > 0 ? WANT_WRITE : result == -EINTR ? WANT_READ : WANT_CLOSE);
}

/* Not here: a time limit for a peer that never sends; one submission for many receives. */
static void conn_recv(struct conn *c) {
    c->transfer = (struct operation){conn_recv_done, c};
    struct io_uring_sqe *sqe = ring_submission(&c->transfer);
    io_uring_prep_recv(sqe, c->fd, c->bytes, sizeof c->bytes, 0); /* COPY: kernel to bytes, when data has come */
}

static void conn_send_done(struct conn *c, int result) {
    c->sent += result > 0 ? (size_t)result : 0; /* a short send is normal */
    enum session_want next = c->sent < c->count ? WANT_WRITE : WANT_READ;
    conn_advance(c, result < 0 && result != -EINTR ? WANT_CLOSE : next); /* -ECONNRESET...: only this one ends */
}

/* Not here: a time limit for a peer that never reads. */
static void conn_send(struct conn *c) {
    c->transfer = (struct operation){conn_send_done, c};
    struct io_uring_sqe *sqe = ring_submission(&c->transfer);
    io_uring_prep_send(sqe, c->fd, c->bytes + c->sent, c->count - c->sent, MSG_NOSIGNAL); /* COPY: bytes to kernel */
}

/* Submits what comes next. */
static void conn_advance(struct conn *c, enum session_want want) {
    if (want == WANT_READ)
        conn_recv(c);
    else if (want == WANT_WRITE)
        conn_send(c);
    else
        conn_close(c);
}

/* Returns a free entry of the submission ring. If the ring is full, its entries are submitted first. */
static struct io_uring_sqe *ring_submission(struct operation *operation) {
    struct io_uring_sqe *sqe;
    while (!(sqe = io_uring_get_sqe(&ring)))
        io_uring_submit(&ring);
    io_uring_sqe_set_data(sqe, operation);
    return sqe;
}

/* Calls the handlers. It first copies the result of a completion and gives the completion's place back to the ring. */
static void ring_dispatch(void) {
    struct io_uring_cqe *cqe;
    while (io_uring_peek_cqe(&ring, &cqe) == 0) {
        struct operation *operation = io_uring_cqe_get_data(cqe);
        int result = cqe->res;
        io_uring_cqe_seen(&ring, cqe);
        operation->done(operation->conn, result);
    }
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
static void server_accept_done(struct conn *none, int result) {
    (void)none;
    if (result >= 0)
        conn_open(result);
    server_accept(result);
}

/* Not here: sending the pending replies before it ends on SIGTERM. */
static void server_run(void) {
    server_accept(0);
    for (;;) {
        io_uring_submit_and_wait(&ring, 1); /* WAIT: for any completion */
        ring_dispatch();
    }
}

int main(int argc, char **argv) {
    ring_check(io_uring_queue_init(SUBMISSIONS, &ring, 0), SUBMISSIONS);
    accepting.done = server_accept_done;
    listener = first_reading_listen(argc, argv);
    listener_announce(listener);
    server_run();
}
