/* pool.c - lab 3: a fixed number of threads, and a queue of fixed size before them.
 *
 * The main thread accepts clients and puts them in the queue; the workers take them from it. A worker belongs to one
 * client until that client leaves. queue_push and queue_pop are yours, some 20 lines. */
#include "first_reading.h"
#include <error.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>

#include "guard.h" /* last: touching the queue without the lock ends the program, and says so */

enum { BUFFER_SIZE = 4096, WORKERS = 3, QUEUE_SIZE = 5 };

struct conn {
    int fd;
    size_t count; /* bytes received */
    size_t sent;  /* of them, sent back; it receives no more until all are: that is back-pressure */
    char bytes[BUFFER_SIZE];
};

static int listener;
static pthread_mutex_t lock;        /* guards the queue */
static pthread_cond_t queue_filled; /* a worker can sleep on it until somebody signals it */
static struct {
    struct conn *ring[QUEUE_SIZE]; /* from `first` on, `count` connections wait; after the last place comes place 0 */
    size_t first;
    size_t count;
} GUARDED queue;

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

static sem_t filled;

static bool queue_push(struct conn *c) {
    pthread_mutex_lock(&lock);
    bool room = queue.count < QUEUE_SIZE;
    if (room)
        queue.ring[(queue.first + queue.count++) % QUEUE_SIZE] = c;
    pthread_mutex_unlock(&lock);
    if (room)
        sem_post(&filled);
    return room;
}

/* OWNS: the worker owns the connection from here on. */
static struct conn *queue_pop(void) {
    sem_wait(&filled);
    pthread_mutex_lock(&lock);
    struct conn *c = queue.ring[queue.first];
    queue.first = (queue.first + 1) % QUEUE_SIZE;
    queue.count--;
    pthread_mutex_unlock(&lock);
    return c;
}

/* It ends when queue_pop returns NULL, which it should not. */
static void *worker_thread(void *unused) {
    struct conn *c;
    (void)unused;
    while ((c = queue_pop()) != NULL) {
        conn_advance(c);
        conn_close(c);
    }
    return NULL;
}

/* Waits for one client and queues it. Not here: a limit on clients, an answer to a refused client. */
static void server_accept(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC); /* WAIT: for a client */
    if (fd < 0 && errno != ECONNABORTED)
        poll(NULL, 0, PAUSE_MS); /* WAIT: a pause after EMFILE, ENOMEM..., instead of spinning */
    if (fd < 0)
        return;
    struct conn *c = conn_open(fd);
    if (!c)
        close(fd);
    else if (!queue_push(c))
        conn_close(c); /* refused */
}

/* Not here: sending the pending replies before it ends on SIGTERM. */
static void server_run(void) {
    for (;;)
        server_accept();
}

int main(int argc, char **argv) {
    pthread_t worker;
    guard_pages(&queue, sizeof queue);
    pthread_mutex_init(&lock, NULL);
    pthread_cond_init(&queue_filled, NULL);
    for (int i = 0; i < WORKERS; i++) { /* LIMIT: threads */
        int why = pthread_create(&worker, NULL, worker_thread, NULL);
        if (why != 0)
            error(EXIT_SETUP, why, "cannot start worker %d of %d; raise ulimit -u", i + 1, WORKERS);
    }
    listener = first_reading_listen(argc, argv);
    listener_announce(listener);
    server_run();
}
