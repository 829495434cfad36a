/* stack_overflow.c - a naive twin of bio_server.c: a thread's stack is used up by what its peer sends (堆栈溢出).
 *
 * 10,000 threads are affordable with small stacks only. Here each has 128 KiB, and a function checks the echoed bytes
 * for nested brackets: it calls itself at each "(". A few thousand "(" use up the stack. The thread then touches the
 * guard page below it, and SIGSEGV ends not the thread but the process, with all connections.
 *
 * Fails   100,000 "(" from one client: the server is gone, exit status 139 (128 + SIGSEGV).
 * Fixed   common/websocket.c: nothing recurses, nothing on the stack depends on the peer; --stack-size is checked. */
#include "listener.h"
#include "signals.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STACK_SIZE = 128 * 1024 };

struct conn {
    int fd;
    ssize_t count, next;
    char bytes[4096];
};

/* Returns the next byte that the peer has sent, which is also echoed; EOF at the end. */
static int conn_next(struct conn *c) {
    if (c->next == c->count) {
        c->next = 0;
        c->count = recv(c->fd, c->bytes, sizeof c->bytes, 0);                             /* WAIT: COPY: */
        if (c->count <= 0 || send(c->fd, c->bytes, (size_t)c->count, MSG_NOSIGNAL) < 0) { /* WAIT: COPY: */
            c->count = 0;
            return EOF;
        }
    }
    return (unsigned char)c->bytes[c->next++];
}

/* Reads up to the ")" that closes the last "(". Returns how many pairs are in between, or EOF. */
static int brackets(struct conn *c) {
    int pairs = 0, inside, byte;
    while ((byte = conn_next(c)) != EOF && byte != ')')
        if (byte == '(') {
            if ((inside = brackets(c)) == EOF) /* the mistake: each "(" of the peer takes a stack frame */
                return EOF;
            pairs += 1 + inside;
        }
    return byte == EOF ? EOF : pairs;
}

static void *conn_thread(void *argument) {
    struct conn *c = argument;
    while (brackets(c) != EOF)
        continue;
    close(c->fd);
    free(c);
    return NULL;
}

int main(int argc, char **argv) {
    struct options options;
    pthread_attr_t small;
    pthread_t thread;
    int listener, fd;
    options_parse(&options, argc, argv, "A naive server whose stacks overflow.", NULL, NULL);
    signals_end_process();
    listener = listener_open(&options);
    pthread_attr_init(&small);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&small, STACK_SIZE);
    listener_announce(listener);
    while ((fd = accept(listener, NULL, NULL)) >= 0) { /* WAIT: */
        struct conn *c = calloc(1, sizeof *c);
        if (!c || (c->fd = fd, pthread_create(&thread, &small, conn_thread, c) != 0)) {
            free(c);
            close(fd);
        }
    }
    return 0;
}
