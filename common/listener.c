#include "listener.h"
#include "address.h"
#include <errno.h>
#include <error.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

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
static _Noreturn void cannot_listen(const struct options *o, const struct address *address, int why) {
    char text[ADDRESS_SIZE];
    address_text(address, text);
    switch (why) {
    case EADDRNOTAVAIL:
        error(EXIT_SETUP, why, "--address %s is not an address of this machine; try 127.0.0.1, or :: for all",
            o->address);
        break;
    case EADDRINUSE:
        error(EXIT_SETUP, why, "cannot listen on %s; try another --port, or --port 0 to have one picked%s", text,
            o->share_port ? "; every server of a shared port needs --share-port" : "");
        break;
    case EACCES:
        error(EXIT_SETUP, why, "--port %d is below those that every user may have; try one from 1024 on", o->port);
        break;
    case EINVAL:
        error(EXIT_SETUP, why, "cannot listen on %s; a link-local address needs its interface, such as fe80::1%%eth0",
            text);
        break;
    case EAFNOSUPPORT:
        error(EXIT_SETUP, why, "this machine has no IPv6 for --address %s; try 127.0.0.1, or 0.0.0.0 for all",
            o->address);
        break;
    default: error(EXIT_SETUP, why, "cannot listen on %s", text);
    }
    abort(); /* not reached: error() exits; the compiler does not know that */
}

/* Binds a new socket. A socket on :: takes IPv4 clients, too: IPV6_V6ONLY is switched off, whatever
 * net.ipv6.bindv6only says (ipv6(7)). */
static int bound_socket(const struct options *o, const struct address *address) {
    static const int on = 1, off = 0;
    struct sockaddr_storage place;
    socklen_t size = address_to_socket(address, &place);
    int fd = socket(place.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 && errno == EAFNOSUPPORT)
        cannot_listen(o, address, errno);
    if (fd < 0)
        error(EXIT_SETUP, errno, "cannot make a socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); /* connections of the last run may be in TIME_WAIT */
    if (place.ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (o->share_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0)
        error(EXIT_SETUP, errno, "--share-port: this kernel has no SO_REUSEPORT; leave the option out");
    if (bind(fd, (struct sockaddr *)&place, size) < 0)
        cannot_listen(o, address, errno);
    return fd;
}

void listener_prepare(int fd, const struct options *o) {
    raise_descriptor_limit();
    /* LIMIT: unsent bytes in a socket's send buffer; beyond it the socket has no room. With the default of up to 4 MiB,
     * the server would see only in steps of a megabyte whether the peer reads, and a ping would wait behind all of
     * them. */
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &(int){UNSENT_MAX}, sizeof(int));
    if (o->protocol == PROTOCOL_ECHO)
        keep_alive(fd, &o->limits);
}

int listener_open(const struct options *o) {
    struct address address;
    if (!address_read(o->address, &address))
        error(EXIT_SETUP, 0, "--address takes an IPv4 or IPv6 address such as 127.0.0.1 or ::1, not '%s'", o->address);
    address.port = (uint16_t)o->port;
    int fd = bound_socket(o, &address);
    if (listen(fd, o->backlog) < 0)
        cannot_listen(o, &address, errno);
    listener_prepare(fd, o);
    return fd;
}

/* A Unix socket has a path in the place of an address and a port. */
static const char *name_of(const struct sockaddr_storage *place, char text[ADDRESS_SIZE]) {
    const struct sockaddr_un *path = (const struct sockaddr_un *)place;
    struct address address = address_of_socket((const struct sockaddr *)place);
    return place->ss_family == AF_UNIX ? path->sun_path : address_text(&address, text);
}

void listener_announce(int listener) {
    struct sockaddr_storage place = {0};
    char text[ADDRESS_SIZE];
    getsockname(listener, (struct sockaddr *)&place, &(socklen_t){sizeof place});
    const char *kind = place.ss_family == AF_UNIX ? "unix:" : "";
    if (printf("listening on %s%s\n", kind, name_of(&place, text)) < 0 || fflush(stdout) != 0)
        error(EXIT_SETUP, errno, "cannot say on stdout that it listens");
}
