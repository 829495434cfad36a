/* hint: closed_early */
/* threads.c - lab 1: a thread for each connection.
 *
 * The conversation with one client is here. conn_thread and server_accept are yours, some 20 lines. */
#include "first_reading.h"
#include <poll.h>
#include <pthread.h>

enum { BUFFER_SIZE = 4096, STACK_SIZE = 256 * 1024 };

static int listener;
static pthread_attr_t thread_attributes; /* with STACK_SIZE; the rest as pthread_attr_init(3) leaves it */

struct conn {
    int fd;
    size_t count; /* bytes received */
    size_t sent;  /* of them, sent back; it receives no more until all are: that is back-pressure */
    char bytes[BUFFER_SIZE];
};

/* OWNS: the connection owns fd from here on. NULL when there is no memory; fd is then still the caller's. */
static struct conn *conn_open(int fd) {
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->fd = fd;
    return c;
}

/* Not here: waiting for the peer's FIN, the reason in the log, counters. */
static void conn_close(struct conn *c) {
    close(c->fd);
    free(c);
}

/* Not here: a time limit for a peer that never sends. */
static enum session_want conn_recv(struct conn *c) {
    ssize_t count = recv(c->fd, c->bytes, sizeof c->bytes, 0); /* WAIT: for data. COPY: kernel to bytes */
    if (count < 0)
        return errno == EINTR ? WANT_READ : WANT_CLOSE; /* ECONNRESET, ETIMEDOUT: only this connection ends */
    if (count == 0)
        return WANT_CLOSE; /* the peer's FIN; all that came before it has gone back */
    c->count = (size_t)count;
    c->sent = 0;
    return WANT_WRITE; /* Not here: a protocol that says what the bytes mean */
}

/* Not here: a time limit for a peer that never reads. */
static enum session_want conn_send(struct conn *c) {
    /* WAIT: for room. COPY: bytes to kernel */
    ssize_t count = send(c->fd, c->bytes + c->sent, c->count - c->sent, MSG_NOSIGNAL);
    if (count < 0)
        return errno == EINTR ? WANT_WRITE : WANT_CLOSE;
    c->sent += (size_t)count; /* a short send is normal */
    return c->sent < c->count ? WANT_WRITE : WANT_READ;
}

/* The whole conversation with one client. */
static void conn_advance(struct conn *c) {
    enum session_want want = WANT_READ;
    while (want != WANT_CLOSE)
        want = want == WANT_READ ? conn_recv(c) : conn_send(c);
}

static void *conn_thread(void *argument) {
    struct conn *c = argument;
    pthread_detach(pthread_self());
    conn_advance(c);
    conn_close(c);
    return NULL;
}

/* Waits for one client and starts its thread. */
static void server_accept(void) {
    pthread_t thread;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC); /* WAIT: for a client */
    if (fd < 0) {
        poll(NULL, 0, PAUSE_MS); /* WAIT: a pause after EMFILE, ENOMEM..., instead of spinning */
        return;
    }
    struct conn *c = conn_open(fd);
    if (!c)
        close(fd);
    else if (pthread_create(&thread, &thread_attributes, conn_thread, c) != 0)
        conn_close(c); /* EAGAIN: no more threads */
    close(fd);         /* as after fork(2) */
}

/* Not here: sending the pending replies before it ends on SIGTERM. */
static void server_run(void) {
    for (;;)
        server_accept();
}

int main(int argc, char **argv) {
    pthread_attr_init(&thread_attributes);
    pthread_attr_setstacksize(&thread_attributes, STACK_SIZE); /* LIMIT: memory of a connection */
    listener = first_reading_listen(argc, argv);
    listener_announce(listener);
    server_run();
}
