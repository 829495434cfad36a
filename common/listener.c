#include "listener.h"
#include <arpa/inet.h>
#include <errno.h>
#include <error.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { UNSENT_MAX = 128 * 1024 };

/* There may be thousands of clients, and the soft limit is often 1,024. */
static void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* A WebSocket peer can be sent a ping; an echo peer cannot: TCP's keepalive asks its kernel instead (tcp(7)). Keepalive
 * sends no probe while sent data is unacknowledged or does not fit the peer's window: then TCP_USER_TIMEOUT ends the
 * connection. Accepted connections inherit these options. */
static void keep_alive(int fd, const struct limits *limits) {
    enum { PROBES = 4 };
    int on = 1, probes = PROBES, idle_s = (limits->idle_ms + 999) / 1000;
    int interval_s = (limits->dead_ms - limits->idle_ms + PROBES * 1000 - 1) / (PROBES * 1000);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &(unsigned){(unsigned)limits->dead_ms}, sizeof(unsigned));
}

/* Says what to do about it, which depends on the errno. */
static _Noreturn void cannot_listen(const struct options *o, int why) {
    switch (why) {
    case EADDRNOTAVAIL:
        error(EXIT_SETUP, why, "--address %s is not an address of this machine; try 127.0.0.1, or 0.0.0.0 for all",
            o->address);
        break;
    case EADDRINUSE:
        error(EXIT_SETUP, why, "cannot listen on %s:%d; try another --port, or --port 0 to have one picked%s",
            o->address, o->port, o->share_port ? "; every server of a shared port needs --share-port" : "");
        break;
    case EACCES:
        error(EXIT_SETUP, why, "--port %d is below those that every user may have; try one from 1024 on", o->port);
        break;
    default: error(EXIT_SETUP, why, "cannot listen on %s:%d", o->address, o->port);
    }
    abort(); /* not reached: error() exits; the compiler does not know that */
}

int listener_open(const struct options *o) {
    static const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)o->port)};
    if (inet_pton(AF_INET, o->address, &address.sin_addr) != 1)
        error(EXIT_SETUP, 0, "--address takes an IPv4 address such as 127.0.0.1, not '%s'", o->address);
    raise_descriptor_limit();
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        error(EXIT_SETUP, errno, "cannot make a socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); /* connections of the last run may be in TIME_WAIT */
    if (o->share_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0)
        error(EXIT_SETUP, errno, "--share-port: this kernel has no SO_REUSEPORT; leave the option out");
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, o->backlog) < 0)
        cannot_listen(o, errno);
    /* LIMIT: unsent bytes in a socket's send buffer; beyond it the socket has no room. With the default of up to 4 MiB,
     * the server would see only in steps of a megabyte whether the peer reads, and a ping would wait behind all of
     * them. */
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &(int){UNSENT_MAX}, sizeof(int));
    if (o->protocol == PROTOCOL_ECHO)
        keep_alive(fd, &o->limits);
    return fd;
}

void listener_announce(int listener) {
    struct sockaddr_in address = {0};
    char text[INET_ADDRSTRLEN];
    getsockname(listener, (struct sockaddr *)&address, &(socklen_t){sizeof address});
    inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
    if (printf("listening on %s:%d\n", text, ntohs(address.sin_port)) < 0 || fflush(stdout) != 0)
        error(EXIT_SETUP, errno, "cannot say on stdout that it listens");
}
