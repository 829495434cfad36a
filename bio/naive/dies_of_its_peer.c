/* dies_of_its_peer.c - a naive twin of bio_server.c: an error of one connection ends the server, and with it all
 * others.
 *
 * It has two habits of examples in which nothing goes wrong. It exits when a system call fails: but ECONNRESET is
 * caused by the peer. And it does not ignore SIGPIPE: a send to a peer that is gone raises it, and by default it ends
 * the process.
 *
 * Fails   one client that resets its connection (RST) while it is being served; no client is served any more.
 * Fixed   conn_recv and conn_send in bio/bio_server.c: errors end the connection, MSG_NOSIGNAL; signals.c: SIG_IGN. */
#include "listener.h"
#include "signals.h"
#include <errno.h>
#include <error.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void *conn_thread(void *argument) {
    int fd = (int)(intptr_t)argument;
    char bytes[4096];
    ssize_t count;
    while ((count = recv(fd, bytes, sizeof bytes, 0)) > 0) /* WAIT: COPY: */
        if (send(fd, bytes, (size_t)count, 0) < 0)         /* WAIT: COPY: raises SIGPIPE */
            error(EXIT_FAILURE, errno, "send");
    if (count < 0)
        error(EXIT_FAILURE, errno, "recv"); /* the mistake: it ends all connections, not one */
    close(fd);
    return NULL;
}

int main(int argc, char **argv) {
    struct options options;
    pthread_attr_t detached;
    pthread_t thread;
    int listener, fd;
    options_parse(&options, argc, argv, "A naive server that dies of its peer.", NULL, NULL);
    signals_end_process();
    listener = listener_open(&options);
    signal(SIGPIPE, SIG_DFL); /* the default in a program that does not set it */
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    listener_announce(listener);
    while ((fd = accept(listener, NULL, NULL)) >= 0) /* WAIT: */
        if (pthread_create(&thread, &detached, conn_thread, (void *)(intptr_t)fd) != 0)
            close(fd);
    return 0;
}
