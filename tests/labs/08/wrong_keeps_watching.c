/* hint: order */
/* blocking_handler.c - lab 8: the handler sleeps, and the loop must not.
 *
 * nio_echo whose words are answered by slow_handler, which sleeps. The loop calls it, and all clients wait. Yours, some
 * 25 lines: the loop hands a word over to a pool of threads, and an eventfd tells it that the answer is there. */
#include "first_reading.h"
#include "handover.h"
#include "slow_handler.h"
#include <error.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

enum { BUFFER_SIZE = 4096, READY_MAX = 512, WORKERS = 4 };

/* The Channel: a socket, what it is interested in, and the state of its conversation. */
struct conn {
    int fd;
    uint32_t interest; /* EPOLLIN; EPOLLOUT while an answer is pending; 0: the Selector does not watch it */
    size_t count;      /* bytes received; afterwards, of the answer */
    size_t sent;       /* of them, sent back */
    char bytes[BUFFER_SIZE];
};

static int listener;
static int selector; /* an epoll instance */
static int woken;    /* an eventfd: eventfd_write adds to it, and makes it ready; eventfd_read takes the sum */

static void selector_interest(struct conn *c, uint32_t interest);
static void conn_hand_over(struct conn *c);

/* OWNS: the connection owns fd from here on. NULL when there is no memory; fd is then still the caller's. */
static struct conn *conn_open(int fd) {
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->fd = fd;
    selector_interest(c, EPOLLIN);
    return c;
}

static void conn_close(struct conn *c) {
    close(c->fd); /* also leaves the Selector */
    free(c);
}

static enum session_want conn_recv(struct conn *c) {
    ssize_t count = recv(c->fd, c->bytes, sizeof c->bytes, 0); /* COPY: kernel to bytes */
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_READ : WANT_CLOSE; /* EAGAIN: not ready, no sleep */
    if (count == 0)
        return WANT_CLOSE; /* the peer's FIN; all that came before it has gone back */
    c->count = (size_t)count;
    c->sent = 0;
    return WANT_WRITE;
}

static enum session_want conn_send(struct conn *c) {
    ssize_t count = send(c->fd, c->bytes + c->sent, c->count - c->sent, MSG_NOSIGNAL); /* COPY: bytes to kernel */
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_WRITE : WANT_CLOSE;
    c->sent += (size_t)count; /* a short send is normal */
    return c->sent < c->count ? WANT_WRITE : WANT_READ;
}

static void conn_next(struct conn *c, enum session_want want) {
    if (want == WANT_CLOSE)
        conn_close(c);
    else
        selector_interest(c, want == WANT_WRITE ? EPOLLOUT : EPOLLIN);
}

/* The answer stands in c->bytes: sends it. Then the Selector watches the Channel again, or the Channel is closed. */
static void conn_answer(struct conn *c) {
    conn_next(c, conn_send(c));
}

/* A ready Channel's turn. */
static void conn_advance(struct conn *c) {
    if (c->interest == EPOLLOUT) {
        conn_answer(c);
        return;
    }
    enum session_want want = conn_recv(c);
    if (want == WANT_WRITE)
        conn_hand_over(c); /* a word has come */
    else
        conn_next(c, want);
}

/* With interest 0 the Channel leaves the Selector, which then reports nothing of it, not even that its peer is gone.
 * Else the Channel is watched (again). */
static void selector_interest(struct conn *c, uint32_t interest) {
    int what = interest == 0 ? EPOLL_CTL_DEL : c->interest == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (c->interest != interest)
        epoll_ctl(selector, what, c->fd, &(struct epoll_event){interest, {.ptr = c}});
    c->interest = interest;
}

static void *worker_thread(void *unused) {
    (void)unused;
    for (;;) {
        struct conn *c = queue_take(&words); /* WAIT: for a word */
        slow_handler(c->bytes, c->count);    /* WAIT: only this worker */
        queue_put(&answers, c);
        eventfd_write(woken, 1);
    }
    return NULL;
}

/* Called once, before the first client: starts the pool. LIMIT: WORKERS threads. */
static void pool_open(void) {
    pthread_t worker;
    for (int i = 0; i < WORKERS; i++) {
        int why = pthread_create(&worker, NULL, worker_thread, NULL);
        if (why != 0)
            error(EXIT_SETUP, why, "cannot start worker %d of %d; raise ulimit -u", i + 1, WORKERS);
    }
}

/* A word has come: c->bytes, c->count. OWNS: a worker, until the answer is taken back. */
static void conn_hand_over(struct conn *c) {
    queue_put(&words, c);
}

/* The eventfd is ready: at least one answer is there. */
static void server_woken(void) {
    eventfd_t count;
    struct conn *c;
    eventfd_read(woken, &count);
    while ((c = queue_take_now(&answers)) != NULL)
        conn_answer(c);
}

static void server_accept(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0 && !conn_open(fd))
        close(fd);
}

/* A ready thing has an attachment: a Channel; NULL for the listener; &woken for the eventfd. */
static void server_run(void) {
    struct epoll_event ready[READY_MAX];
    for (;;) {
        int count = epoll_wait(selector, ready, READY_MAX, -1); /* WAIT: for any of them */
        for (int i = 0; i < count; i++) {
            if (!ready[i].data.ptr)
                server_accept();
            else if (ready[i].data.ptr == &woken)
                server_woken();
            else
                conn_advance(ready[i].data.ptr);
        }
    }
}

static bool selector_register(int fd, void *attachment) {
    return epoll_ctl(selector, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN, {.ptr = attachment}}) == 0;
}

int main(int argc, char **argv) {
    listener = first_reading_listen(argc, argv);
    selector = epoll_create1(EPOLL_CLOEXEC);
    woken = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (selector < 0 || woken < 0 || !selector_register(listener, NULL) || !selector_register(woken, &woken))
        error(EXIT_SETUP, errno, "cannot watch the listening socket; raise ulimit -n");
    pool_open();
    listener_announce(listener);
    server_run();
}
