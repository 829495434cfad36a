/* lost_epollout.c - a naive twin of nio_server.c: what a send has not taken is forgotten.
 *
 * A non-blocking send takes only the bytes that the socket has room for, and returns how many. Small messages usually
 * fit, so the mistake does not show until a peer reads slowly, or a message is large: then the rest of it never leaves.
 * The server must keep the rest, and ask the Selector to report room for it (EPOLLOUT).
 *
 * Fails   8 MiB to a client that begins to read late: bytes are missing from the middle.
 * Fixed   conn_send, conn_advance in nio/nio_server.c: the rest stays with the session until EPOLLOUT. */
#include "listener.h"
#include "signals.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READY_MAX = 64 };

static void selector_register(int epoll, int fd) {
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN, {.fd = fd}});
}

static void conn_advance(int fd) {
    char bytes[4096];
    ssize_t count = recv(fd, bytes, sizeof bytes, 0); /* COPY: */
    if (count <= 0)
        close(fd);
    else
        send(fd, bytes, (size_t)count, MSG_NOSIGNAL); /* COPY: the mistake: ignores how many bytes it took */
}

static void server_accept(int epoll, int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        selector_register(epoll, fd);
}

int main(int argc, char **argv) {
    struct epoll_event ready[READY_MAX];
    struct options options;
    int listener, epoll;
    options_parse(&options, argc, argv, "A naive server that forgets what it could not send.", NULL, NULL);
    signals_end_process();
    listener = listener_open(&options);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    selector_register(epoll, listener);
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
