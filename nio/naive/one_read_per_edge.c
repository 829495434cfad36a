/* one_read_per_edge.c - a naive twin of nio_server.c: edge-triggered, and not read to the end.
 *
 * With EPOLLET the kernel reports *new* data, once. If the server then reads only a part, the rest is not reported: it
 * stays in the socket until the peer sends more, and a peer that waits for its answer sends nothing.
 *
 * Fails   8,192 bytes at once: 2,048 come back, and then both sides wait for each other.
 * Fixed   nio/nio_server.c is level-triggered: epoll reports again what is left. With EPOLLET: read until EAGAIN. */
#include "listener.h"
#include "signals.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READY_MAX = 64, BUFFER_SIZE = 2048 };

static void selector_register(int epoll, int fd, unsigned how) {
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN | how, {.fd = fd}});
}

static void conn_advance(int fd) {
    char bytes[BUFFER_SIZE];
    ssize_t count = recv(fd, bytes, sizeof bytes, 0); /* COPY: the mistake: one recv, though more may be left */
    if (count <= 0 || send(fd, bytes, (size_t)count, MSG_NOSIGNAL) < 0) /* COPY: */
        close(fd);
}

static void server_accept(int epoll, int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        selector_register(epoll, fd, EPOLLET);
}

int main(int argc, char **argv) {
    struct epoll_event ready[READY_MAX];
    struct options options;
    int listener, epoll;
    options_parse(&options, argc, argv, "A naive server that reads once per edge.", NULL, NULL);
    signals_end_process();
    listener = listener_open(&options);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    selector_register(epoll, listener, 0);
    listener_announce(listener);
    for (;;) {
        int count = epoll_wait(epoll, ready, READY_MAX, -1); /* WAIT: */
        for (int i = 0; i < count; i++) {
            if (ready[i].data.fd == listener)
                server_accept(epoll, listener);
            else
                conn_advance(ready[i].data.fd);
        }
    }
}
