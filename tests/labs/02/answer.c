/* dies_of_its_peer.c - lab 2: a server with a thread for each connection. Any client can end it, and with it all
 * others. It is yours to mend: conn_thread, a few lines. */
#include "first_reading.h"
#include <error.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>

/* The whole conversation with one client. */
static void *conn_thread(void *argument) {
    int fd = (int)(intptr_t)argument;
    char bytes[4096];
    ssize_t count;
    while ((count = recv(fd, bytes, sizeof bytes, 0)) > 0)    /* WAIT: for data. COPY: kernel to bytes */
        if (send(fd, bytes, (size_t)count, MSG_NOSIGNAL) < 0) /* WAIT: for room. COPY: bytes to kernel */
            break;                                            /* EPIPE, ECONNRESET: only this connection ends */
    close(fd);
    return NULL;
}

int main(int argc, char **argv) {
    pthread_attr_t detached;
    pthread_t thread;
    int fd, listener = first_reading_listen(argc, argv);
    signal(SIGPIPE, SIG_DFL); /* as in any program that does not set it */
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    listener_announce(listener);
    while ((fd = accept(listener, NULL, NULL)) >= 0) /* WAIT: for a client */
        if (pthread_create(&thread, &detached, conn_thread, (void *)(intptr_t)fd) != 0)
            close(fd);
    return 0;
}
