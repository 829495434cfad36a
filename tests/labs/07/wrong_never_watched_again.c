/* hint: forgotten */
/* spinning_selector.c - lab 7: an echo server of one thread, to be repaired.
 *
 * It serves everybody as long as it has descriptors. Start it with few, and let more clients come than it can take. The
 * three functions between the marks are yours to repair; some ten lines more are enough. */
#include "listener.h"
#include "signals.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READY_MAX = 64 };

static int listener;
static int stop;     /* readable once SIGTERM or SIGINT has come */
static int selector; /* an epoll instance */
static unsigned long wake_ups;

static bool selector_register(int fd) {
    return epoll_ctl(selector, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN, {.fd = fd}}) == 0;
}

/* A connection's turn. */
static void conn_advance(int fd) {
    char bytes[4096];
    ssize_t count = recv(fd, bytes, sizeof bytes, 0);                   /* COPY: kernel to bytes */
    if (count <= 0 || send(fd, bytes, (size_t)count, MSG_NOSIGNAL) < 0) /* COPY: bytes to kernel */
        close(fd);                                                      /* also leaves the Selector */
}

/* A client waits at the listener. */
static void server_accept(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); /* -1: errno says why */
    if (fd >= 0)
        selector_register(fd);
    else if (errno == EMFILE)
        epoll_ctl(selector, EPOLL_CTL_DEL, listener, NULL);
}

/* Until `stop` is readable: waits until something is ready, and gives each ready thing its turn. */
static void server_run(void) {
    struct epoll_event ready[READY_MAX];
    for (bool running = true; running; wake_ups++) {
        int count = epoll_wait(selector, ready, READY_MAX, -1); /* the last argument: a limit in ms; -1: none */
        for (int i = 0; i < count; i++) {
            if (ready[i].data.fd == listener)
                server_accept();
            else if (ready[i].data.fd == stop)
                running = false;
            else
                conn_advance(ready[i].data.fd);
        }
    }
}

int main(int argc, char **argv) {
    struct options options;
    options_parse(&options, argc, argv, "An echo server of one thread, to be repaired.", NULL, NULL);
    stop = signals_open();
    listener = listener_open(&options);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    selector = epoll_create1(EPOLL_CLOEXEC);
    selector_register(listener);
    selector_register(stop);
    listener_announce(listener);
    server_run();
    fprintf(stderr, "%lu wake-ups\n", wake_ups);
    return 0;
}
