/* rebuilt_selector.c - a naive twin of nio_server.c with Netty's cure for a Selector that spins: count the wake-ups
 * that brought nothing, and after 512 of them in a row make a new Selector.
 *
 * It cures faults of the Selector itself. Here each connection's descriptor is duplicated for a log, and closing one of
 * the two leaves the socket in the Selector: it is ready for ever, and it cannot be removed, because the number with
 * which it was registered is closed. (The JDK's bug was of this kind: a socket that only epoll still knew.) A new
 * Selector gets only the open connections, and does not spin.
 *
 * It cures nothing if the readiness is real. While a client waits and cannot be accepted, the listening socket is
 * ready, in the new Selector as in the old.
 *
 * Fails   a client that comes and goes: with --rebuild-after 0 (never) 100% CPU from then on, with 512 none.
 *         ulimit -n 32 and 40 clients: 100% CPU, in spite of thousands of new Selectors.
 * Fixed   nio/nio_server.c: one descriptor for each Channel, closed once; accepting pauses (door.h). */
#include "listener.h"
#include "signals.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READY_MAX = 64, FDS_MAX = 65536 };

static int epoll, listener, rebuild_after = 512;
static bool is_registered[FDS_MAX]; /* by descriptor: what a new Selector must watch */
static int last_logged = -1;        /* the log keeps the descriptor of the connection that came last */

static void selector_register(int fd) {
    is_registered[fd] = true;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN, {.fd = fd}});
}

static void selector_rebuild(void) {
    close(epoll);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int fd = 0; fd < FDS_MAX; fd++)
        if (is_registered[fd])
            selector_register(fd);
}

static void conn_open(int fd) {
    selector_register(fd);
    if (last_logged >= 0)
        close(last_logged);
    last_logged = fcntl(fd, F_DUPFD_CLOEXEC, 0); /* the mistake: now close(fd) closes nothing */
}

static void conn_close(int fd) {
    is_registered[fd] = false;
    close(fd); /* would remove it from the Selector, if it were the last descriptor of this socket */
}

/* Returns false if there was nothing to do. */
static bool conn_advance(int fd) {
    char bytes[4096];
    if (!is_registered[fd])
        return false;                                 /* a late event of a closed connection */
    ssize_t count = recv(fd, bytes, sizeof bytes, 0); /* COPY: */
    if (count < 0 && errno == EAGAIN)
        return false; /* late, too: another connection has the number now */
    if (count <= 0 || send(fd, bytes, (size_t)count, MSG_NOSIGNAL) < 0) /* COPY: */
        conn_close(fd);
    return true;
}

static bool server_accept(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        conn_open(fd);
    return fd >= 0 || errno == EAGAIN; /* the other mistake: EMFILE, and nothing is done about it */
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    (void)state;
    if (key != 'r')
        return ARGP_ERR_UNKNOWN;
    rebuild_after = (int)options_number("rebuild-after", value, 0, 1000000);
    return 0;
}

int main(int argc, char **argv) {
    static const struct argp_option arguments[] = {
        {"rebuild-after", 'r', "N", 0, "A new Selector after N wake-ups in vain (default 512; 0: never)", 0}, {0}};
    static const struct argp model = {arguments, parse_option, NULL, NULL, NULL, NULL, NULL};
    struct epoll_event ready[READY_MAX];
    struct options options;
    unsigned long rebuilt = 0;
    options_parse(&options, argc, argv, "A naive server that makes itself a new Selector.", &model, NULL);
    listener = listener_open(&options);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    selector_register(listener);
    selector_register(signals_open()); /* never read: it wakes the loop, which then ends */
    listener_announce(listener);
    for (int in_vain = 0; !server_is_stopping();) {
        int count = epoll_wait(epoll, ready, READY_MAX, -1); /* WAIT: except when it spins */
        bool any = false;
        for (int i = 0; i < count; i++)
            any |= ready[i].data.fd == listener ? server_accept() : conn_advance(ready[i].data.fd);
        in_vain = any ? 0 : in_vain + 1;
        if (rebuild_after > 0 && in_vain == rebuild_after) {
            selector_rebuild();
            in_vain = 0;
            rebuilt++;
        }
    }
    fprintf(stderr, "%lu new Selectors\n", rebuilt);
    return 0;
}
