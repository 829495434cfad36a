/* spinning_selector.c - a naive twin of nio_server.c: when no descriptor is left, its Selector spins.
 *
 * A listening socket is ready for as long as a client waits to be accepted. When accept4 fails with EMFILE the client
 * still waits: epoll_wait returns at once, again and again, and the loop uses a whole CPU for nothing. It is the empty
 * polling (空轮询) of the notes, for which the JDK was known: there select returned with nothing ready.
 *
 * Fails   ulimit -n 32 and 40 clients: 100% CPU from then on, and 13 clients that are neither served nor refused.
 * Fixed   common/door.h, server_accept in nio/nio_server.c: a spare descriptor to refuse with; else a pause. */
#include "listener.h"
#include "signals.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READY_MAX = 64 };

static void selector_register(int epoll, int fd) {
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN, {.fd = fd}});
}

static void conn_advance(int fd) {
    char bytes[4096];
    ssize_t count = recv(fd, bytes, sizeof bytes, 0);                   /* COPY: */
    if (count <= 0 || send(fd, bytes, (size_t)count, MSG_NOSIGNAL) < 0) /* COPY: */
        close(fd);
}

static void server_accept(int epoll, int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        selector_register(epoll, fd);
    /* the mistake: else EMFILE, and nothing is done about it */
}

int main(int argc, char **argv) {
    struct epoll_event ready[READY_MAX];
    struct options options;
    unsigned long wake_ups = 0;
    int listener, stop, epoll;
    options_parse(&options, argc, argv, "A naive server whose Selector spins.", NULL, NULL);
    stop = signals_open();
    listener = listener_open(&options);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    selector_register(epoll, listener);
    selector_register(epoll, stop);
    listener_announce(listener);
    for (bool running = true; running; wake_ups++) {
        int count = epoll_wait(epoll, ready, READY_MAX, -1); /* WAIT: except when it spins */
        for (int i = 0; i < count; i++) {
            if (ready[i].data.fd == listener)
                server_accept(epoll, listener);
            else if (ready[i].data.fd == stop)
                running = false;
            else
                conn_advance(ready[i].data.fd);
        }
    }
    fprintf(stderr, "%lu wake-ups\n", wake_ups);
    return 0;
}
