#include "service.h"
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_SOCKET = 3 };

static ev_io stopping;
static ev_timer watchdog;

/* A number in the environment; 0: it is absent, or none. */
static unsigned long long number_of(const char *name) {
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : 0;
}

size_t service_sockets(int *sockets, size_t most) {
    bool ours = number_of("LISTEN_PID") == (unsigned long long)getpid();
    unsigned long long count = ours ? number_of("LISTEN_FDS") : 0;
    if (count > most)
        error(EXIT_SETUP, 0, "LISTEN_FDS passes %llu sockets on; %zu are the most: give the .socket unit fewer", count,
            most);
    for (int i = 0; i < (int)count; i++) {
        sockets[i] = FIRST_SOCKET + i;
        if (fcntl(sockets[i], F_SETFD, FD_CLOEXEC) < 0)
            error(EXIT_SETUP, errno, "LISTEN_FDS passes descriptor %d on, and it is not open", sockets[i]);
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return (size_t)count;
}

/* Sends one word to the socket that NOTIFY_SOCKET names: a path, or, with '@' for the NUL, an abstract name (unix(7)).
 */
static void notify(const char *word) {
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    const char *name = getenv("NOTIFY_SOCKET");
    size_t length = name ? strlen(name) : 0;
    if (length < 2 || length >= sizeof place.sun_path || (name[0] != '/' && name[0] != '@'))
        return;
    memcpy(place.sun_path, name, length);
    if (name[0] == '@')
        place.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    sendto(fd, word, strlen(word), MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&place, size); /* never waits */
    close(fd);
}

static void on_stop(struct ev_loop *loop, ev_io *io, int events) {
    (void)events;
    ev_io_stop(loop, io);
    notify("STOPPING=1");
}

static void on_watchdog(struct ev_loop *loop, ev_timer *timer, int events) {
    (void)loop, (void)timer, (void)events;
    notify("WATCHDOG=1");
}

void service_ready(struct framework *f) {
    unsigned long long every_us = number_of("WATCHDOG_USEC"), pid = number_of("WATCHDOG_PID");
    if (!getenv("NOTIFY_SOCKET"))
        return;
    ev_io_init(&stopping, on_stop, f->stop.fd, EV_READ); /* the descriptor of signals_open: several may watch it */
    ev_io_start(f->loop, &stopping);
    if (every_us > 0 && (pid == 0 || pid == (unsigned long long)getpid())) {
        ev_timer_init(&watchdog, on_watchdog, 0, (double)every_us / 2e6);
        ev_timer_start(f->loop, &watchdog);
    }
    notify("READY=1");
}
