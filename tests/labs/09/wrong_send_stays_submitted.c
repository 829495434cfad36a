/* hint: no_answer */
/* whose_completion.c - lab 9: whose bytes are these?
 *
 * An echo by completions, on a ring that plays a script (scripted_ring.h). It knows its clients by their descriptors'
 * numbers, like aio/naive/fd_is_identity.c. Yours, some 30 lines: that a completion finds the connection for which it
 * was submitted, and that a connection is freed once, after its last completion. */
#include "scripted_ring.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Something that is submitted: the connection's receive, or its send. */
struct operation {
    struct conn *conn;
    bool submitted; /* with the ring, until its completion comes */
};

struct conn {
    int fd;
    bool closing; /* ended by the server; completions may still come */
    struct operation receive;
    struct operation send; /* LIMIT: one at a time */
    size_t received;       /* bytes in `in`; while there are any, no receive is submitted: that is back-pressure */
    char in[WORD_MAX];
    char out[WORD_MAX]; /* OWNS: the ring, while a send is submitted */
};

static struct conn *conns[FDS_MAX]; /* by descriptor */

static void conn_recv(struct conn *c);
static void conn_send(struct conn *c, size_t count);

/* Submits what is due: a send of what was received, and a receive. */
static void conn_go_on(struct conn *c) {
    if (c->received > 0 && !c->send.submitted) {
        size_t count = c->received;
        memcpy(c->out, c->in, count);
        c->received = 0;
        conn_send(c, count);
    }
    if (c->received == 0 && !c->receive.submitted)
        conn_recv(c);
}

/* A receive has brought bytes. */
static void conn_take(struct conn *c, const char *bytes, size_t count) {
    memcpy(c->in, bytes, count);
    c->received = count;
    conn_go_on(c);
}

/* OWNS: the connection owns fd from here on. */
struct conn *on_client(int fd) {
    struct conn *c = calloc(1, sizeof *c);
    if (!c) {
        ring_close(fd);
        return NULL;
    }
    c->fd = fd;
    c->receive.conn = c;
    c->send.conn = c;
    conns[fd] = c;
    conn_recv(c);
    return c;
}

static void conn_recv(struct conn *c) {
    c->receive.submitted = true;
    ring_recv(c->fd, &c->receive);
}

static void conn_send(struct conn *c, size_t count) {
    c->send.submitted = true;
    ring_send(c->fd, c->out, count, &c->send);
}

/* Frees the connection once nothing of it is with the ring. */
static void conn_free(struct conn *c) {
    if (c->receive.submitted || c->send.submitted)
        return; /* OWNS: the ring; each completion calls conn_free again */
    ring_close(c->fd);
    free(c);
}

/* Ends the conversation: all that is submitted comes back. */
static void conn_close(struct conn *c) {
    c->closing = true;
    ring_shutdown(c->fd);
    conn_free(c);
}

void on_completion(void *about, int result, const char *bytes) {
    struct operation *operation = about;
    struct conn *c = operation->conn;
    if (operation == &c->receive)
        operation->submitted = false;
    if (c->closing)
        conn_free(c);
    else if (result <= 0)
        conn_close(c);
    else if (operation == &c->receive)
        conn_take(c, bytes, (size_t)result);
    else
        conn_go_on(c);
}

void on_silence(struct conn *c) {
    conn_close(c);
}
