/* stack_overflow.c - a naive twin of bio_server.c: small stacks, and a recursion whose depth the peer decides.
 *
 * 10,000 threads are affordable with small stacks only. Here each has 128 KiB, and lines with brackets are checked by a
 * function that calls itself at each "(". A few thousand of them and the stack is used up: the thread runs into the
 * guard page below it, and SIGSEGV ends not the thread but the process, with everybody in it.
 *
 * Fails   one line of 100,000 "(": the server is gone, exit status 139 (128 + SIGSEGV).
 * Fixed   common/websocket.c: nothing recurses, nothing on the stack depends on the peer; --stack-size is checked. */
#include "listener.h"
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STACK_SIZE = 128 * 1024 };

/* Reads up to the ")" that belongs to the "(" before; returns how many it has seen in between. */
static long brackets(FILE *in) {
    long inside = 0;
    int c;
    while ((c = getc(in)) != EOF && c != '\n' && c != ')') /* WAIT: COPY: */
        if (c == '(')
            inside += 1 + brackets(in); /* the mistake: a stack frame for each byte of the peer's choice */
    if (c == '\n')
        ungetc(c, in);
    return inside;
}

static void *conn_thread(void *argument) {
    int fd = (int)(intptr_t)argument, c;
    FILE *in = fdopen(fd, "r");
    if (!in) {
        close(fd);
        return NULL;
    }
    do {
        long count = brackets(in);
        dprintf(fd, "%ld\n", count); /* COPY: */
    } while ((c = getc(in)) == '\n' && (c = getc(in)) != EOF && ungetc(c, in) != EOF);
    fclose(in);
    return NULL;
}

int main(int argc, char **argv) {
    struct options options;
    pthread_attr_t small;
    pthread_t thread;
    int listener, fd;
    options_parse(&options, argc, argv, "A naive server whose stacks overflow.", NULL, NULL);
    listeners_open(&listener, 1, &options);
    pthread_attr_init(&small);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&small, STACK_SIZE);
    while ((fd = accept(listener, NULL, NULL)) >= 0) /* WAIT: */
        if (pthread_create(&thread, &small, conn_thread, (void *)(intptr_t)fd) != 0)
            close(fd);
    return 0;
}
