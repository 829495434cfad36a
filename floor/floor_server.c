/* floor_server.c - not a model: the yardstick of the physical limit.
 *
 * Sends back what comes, with epoll, with no protocol, no checks, no limits, no statistics and no clean end. While one
 * client does not read, all others wait: do not use it as a server. Its rate is what the kernel's TCP allows on this
 * machine, and "% of floor" in the tables is measured against it. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum { READY_MAX = 512, RECEIVE_SIZE = 16 * 1024, BACKLOG = 4096 }; /* as in the servers */

static int listen_on(const char *host, int port) {
    static const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
        fprintf(stderr, "floor_server: --address '%s': give an IPv4 address\n", host);
        exit(2);
    }
    if (bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, BACKLOG) < 0) {
        perror("floor_server: cannot listen; try --port 0");
        exit(2);
    }
    return fd;
}

/* Call it last, when all is set up. */
static void announce(int listener) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    char host[INET_ADDRSTRLEN];
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("listening on %s:%d\n", inet_ntop(AF_INET, &address.sin_addr, host, sizeof host), ntohs(address.sin_port));
    fflush(stdout);
}

static bool send_all(int fd, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return false;
        if (sent > 0)
            bytes += sent, count -= (size_t)sent;
        if (count > 0)
            poll(&(struct pollfd){fd, POLLOUT, 0}, 1, -1);
    }
    return true;
}

static void serve(int epoll, int listener) {
    static struct epoll_event ready[READY_MAX];
    static char bytes[RECEIVE_SIZE];
    static const int on = 1;
    for (;;) {
        int count = epoll_wait(epoll, ready, READY_MAX, -1);
        for (int i = 0; i < count; i++) {
            int fd = ready[i].data.fd;
            if (fd == listener) {
                while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN, {.fd = fd}});
                }
                continue;
            }
            ssize_t received = recv(fd, bytes, sizeof bytes, 0);
            if (received <= 0 || !send_all(fd, bytes, (size_t)received))
                close(fd);
        }
    }
}

/* Returns -1 if it is no port number. */
static int port_of(const char *text) {
    char *end;
    long port = strtol(text, &end, 10);
    return end == text || *end != '\0' || port < 0 || port > 65535 ? -1 : (int)port;
}

int main(int argc, char **argv) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    bool known = argc == 3 || (argc == 5 && strcmp(argv[3], "--address") == 0);
    int port = known && strcmp(argv[1], "--port") == 0 ? port_of(argv[2]) : -1;
    if (port < 0) {
        fprintf(stderr, "usage: floor_server --port N [--address A]   (0 picks a free port; 127.0.0.1)\n");
        return 2;
    }
    int epoll = epoll_create1(0), listener = listen_on(argc == 5 ? argv[4] : "127.0.0.1", port);
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &(struct epoll_event){EPOLLIN, {.fd = listener}}) < 0) {
        perror("floor_server: cannot watch the listening socket");
        return 2;
    }
    announce(listener);
    serve(epoll, listener);
}
