/* get_at_once.c - a naive twin of aio_future_server.c: it asks for each future's result at once.
 *
 * future_get sleeps until the result is there. If it is called right after the submission, asynchronous I/O becomes
 * blocking I/O again: one thread waits for one client, and all other clients wait for that thread.
 *
 * Fails   a client that connects and sends nothing: no other client is served.
 * Fixed   conn_advance in aio/aio_future_server.c: takes a result that is done, submits the next operation, returns. */
#include "listener.h"
#include "ring_setup.h"
#include "signals.h"
#include <errno.h>
#include <error.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

static struct io_uring ring;

/* Submits the operation that was prepared last, and waits for its result. */
static int future_get(void) {
    struct io_uring_cqe *cqe;
    io_uring_submit(&ring);
    if (io_uring_wait_cqe(&ring, &cqe) < 0) /* WAIT: the mistake: for this one operation */
        return -EINTR;
    int result = cqe->res;
    io_uring_cqe_seen(&ring, cqe);
    return result;
}

static void conn_advance(int fd) {
    char bytes[4096];
    for (;;) {
        io_uring_prep_recv(io_uring_get_sqe(&ring), fd, bytes, sizeof bytes, 0); /* COPY: */
        int count = future_get();
        if (count <= 0)
            break;
        io_uring_prep_send(io_uring_get_sqe(&ring), fd, bytes, (size_t)count, MSG_NOSIGNAL); /* COPY: */
        if (future_get() < count)
            break;
    }
    close(fd);
}

int main(int argc, char **argv) {
    struct options options;
    struct ring_features features;
    int listener, fd;
    options_parse(&options, argc, argv, "A naive server that asks for each result at once.", NULL, NULL);
    ring_probe(&features);
    ring_require(&features, false);
    signals_end_process();
    listener = listener_open(&options);
    int why = io_uring_queue_init(8, &ring, 0);
    if (why < 0)
        error(EXIT_SETUP, 0, "%s", ring_refusal(-why, ring_locked_bytes(8, 2 * 8, 0)));
    listener_announce(listener);
    for (;;) {
        io_uring_prep_accept(io_uring_get_sqe(&ring), listener, NULL, NULL, SOCK_CLOEXEC);
        if ((fd = future_get()) >= 0)
            conn_advance(fd);
    }
}
