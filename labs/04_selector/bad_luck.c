/* bad_luck.c - lab 4: lets two things fail that seldom fail, for clients from two addresses (ld --wrap).
 *
 * A client from 127.0.0.7 has gone again when it is accepted: accept4 returns -1, errno ECONNABORTED. For a client from
 * 127.0.0.8 the Selector has no room: conn_open returns NULL. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int __real_accept(int listener, struct sockaddr *address, socklen_t *size);
int __wrap_accept(int listener, struct sockaddr *address, socklen_t *size);
int __real_accept4(int listener, struct sockaddr *address, socklen_t *size, int flags);
int __wrap_accept4(int listener, struct sockaddr *address, socklen_t *size, int flags);
int __real_epoll_ctl(int selector, int what, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int selector, int what, int fd, struct epoll_event *event);

/* Is this a connection from there? */
static bool comes_from(int fd, const char *address) {
    struct sockaddr_in peer = {0};
    socklen_t size = sizeof peer;
    return getpeername(fd, (struct sockaddr *)&peer, &size) == 0 && peer.sin_addr.s_addr == inet_addr(address);
}

static int accepted(int fd) {
    if (fd < 0 || !comes_from(fd, "127.0.0.7"))
        return fd;
    close(fd);
    errno = ECONNABORTED;
    return -1;
}

int __wrap_accept(int listener, struct sockaddr *address, socklen_t *size) {
    return accepted(__real_accept(listener, address, size));
}

int __wrap_accept4(int listener, struct sockaddr *address, socklen_t *size, int flags) {
    return accepted(__real_accept4(listener, address, size, flags));
}

int __wrap_epoll_ctl(int selector, int what, int fd, struct epoll_event *event) {
    if (what == EPOLL_CTL_ADD && comes_from(fd, "127.0.0.8")) {
        errno = ENOSPC; /* epoll_ctl(2): the limit of descriptors that are watched */
        return -1;
    }
    return __real_epoll_ctl(selector, what, fd, event);
}
