/* fd_is_identity.c - a naive twin of aio_server.c: it identifies completions by a descriptor's number.
 *
 * A descriptor is a number that the kernel reuses immediately. This server closes the descriptors of clients that have
 * been silent for 200 ms. But their receives are still with the kernel and keep the sockets open: the clients notice
 * nothing. The next client gets the same number. When the first one sends again, its completion carries a number that
 * now means another connection: its bytes are sent to a stranger.
 *
 * Fails   slow clients beside others that come and go: clients get bytes that they have not sent.
 * Fixed   struct operation in aio/aio_server.c: a completion brings the address of what was submitted; conn_free waits
 *         for the last completion before it releases the descriptor and the memory. */
#include "listener.h"
#include "now.h"
#include "ring_setup.h"
#include "signals.h"
#include <error.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FDS_MAX = 65536, SILENCE_MS = 200, TICK_MS = 50, LISTENER = -1, TIMER = -2, SEND = -3 };

static struct io_uring ring;
static struct {
    int64_t heard_ms; /* 0: not connected */
    char bytes[64];
} conns[FDS_MAX]; /* the mistake: indexed by descriptor */

static void submit(struct io_uring_sqe *sqe, int who) {
    io_uring_sqe_set_data64(sqe, (uint64_t)(int64_t)who);
}

static struct io_uring_sqe *submission(void) {
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
    while (!sqe) {
        io_uring_submit(&ring);
        sqe = io_uring_get_sqe(&ring);
    }
    return sqe;
}

static void conn_recv(int fd) {
    struct io_uring_sqe *sqe = submission();
    io_uring_prep_recv(sqe, fd, conns[fd].bytes, sizeof conns[fd].bytes, 0); /* COPY: */
    submit(sqe, fd);
}

static void conn_close(int fd) {
    conns[fd].heard_ms = 0;
    close(fd); /* its receive is still with the kernel */
}

static void conn_advance(int fd, int count) {
    if (count <= 0 && conns[fd].heard_ms)
        conn_close(fd);
    if (count <= 0)
        return;
    conns[fd].heard_ms = now_ms();
    struct io_uring_sqe *sqe = submission();
    io_uring_prep_send(sqe, fd, conns[fd].bytes, (size_t)count, MSG_NOSIGNAL | MSG_WAITALL); /* COPY: to a stranger */
    sqe->flags |= IOSQE_IO_LINK; /* conn_recv begins after it */
    submit(sqe, SEND);
    conn_recv(fd);
}

static void server_accept(int listener) {
    struct io_uring_sqe *sqe = submission();
    io_uring_prep_multishot_accept(sqe, listener, NULL, NULL, SOCK_CLOEXEC);
    submit(sqe, LISTENER);
}

static void server_tick(void) {
    static struct __kernel_timespec period = {.tv_nsec = TICK_MS * 1000 * 1000};
    struct io_uring_sqe *sqe = submission();
    int64_t now = now_ms();
    io_uring_prep_timeout(sqe, &period, 0, 0);
    submit(sqe, TIMER);
    for (int fd = 0; fd < FDS_MAX; fd++)
        if (conns[fd].heard_ms && now - conns[fd].heard_ms > SILENCE_MS)
            conn_close(fd);
}

static void server_dispatch(int who, int result) {
    if (who == TIMER) {
        server_tick();
    } else if (who >= 0) {
        conn_advance(who, result);
    } else if (who == LISTENER && result >= 0 && result < FDS_MAX) {
        conns[result].heard_ms = now_ms();
        conn_recv(result);
    }
}

int main(int argc, char **argv) {
    struct options options;
    struct ring_features features;
    struct io_uring_cqe *cqe;
    int listener;
    options_parse(&options, argc, argv, "A naive server that knows its clients by number.", NULL, NULL);
    ring_probe(&features);
    ring_require(&features, true);
    signals_end_process();
    listener = listener_open(&options);
    int why = io_uring_queue_init(1024, &ring, 0);
    if (why < 0)
        error(EXIT_SETUP, 0, "%s", ring_refusal(-why, ring_locked_bytes(1024, 2 * 1024, 0)));
    listener_announce(listener);
    server_accept(listener);
    server_tick();
    for (;;) {
        io_uring_submit_and_wait(&ring, 1); /* WAIT: */
        while (io_uring_peek_cqe(&ring, &cqe) == 0) {
            int who = (int)(int64_t)io_uring_cqe_get_data64(cqe), result = cqe->res;
            io_uring_cqe_seen(&ring, cqe);
            server_dispatch(who, result);
        }
    }
}
