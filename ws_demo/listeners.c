#include "listeners.h"
#include "listener.h"
#include "service.h"
#include <errno.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *own_path; /* of the Unix socket; NULL if there is none, or no more */
static struct stat own_file;

/* ---- a Unix socket ---- */

static _Noreturn void cannot_listen(const char *path, const char *why, const char *what_to_do) {
    error(EXIT_SETUP, 0, "--unix %s: %s; %s", path, why, what_to_do);
    abort(); /* not reached: error() exits */
}

/* Removes the file of a server that is gone (it was killed, say). Whether it is gone, connect says: nobody listens
 * there any more (ECONNREFUSED). Of two servers that find it so at the same moment, the slower one has the name. */
static void remove_stale(const struct sockaddr_un *place) {
    struct stat file;
    int fd, why;
    if (lstat(place->sun_path, &file) != 0)
        return;
    if (!S_ISSOCK(file.st_mode))
        cannot_listen(place->sun_path, "there is a file of this name, and it is no socket", "name another one");
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    why = connect(fd, (const struct sockaddr *)place, sizeof *place) == 0 ? 0 : errno; /* never waits: EAGAIN */
    close(fd);
    if (why == 0 || why == EAGAIN)
        cannot_listen(place->sun_path, "another server listens there", "end it, or name another path");
    if (why != ECONNREFUSED)
        cannot_listen(place->sun_path, strerror(why), "name a path that this user may use");
    unlink(place->sun_path);
}

/* bind makes the file with the permissions that umask leaves. */
static int bind_with_mode(int fd, const struct sockaddr_un *place, mode_t mode) {
    mode_t before = umask(~mode & 0777);
    int result = bind(fd, (const struct sockaddr *)place, sizeof *place), why = errno;
    umask(before);
    errno = why;
    return result;
}

static int open_unix(const struct unix_options *u, int backlog) {
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    size_t length = strlen(u->path);
    if (length == 0 || length >= sizeof place.sun_path)
        cannot_listen(u->path, "a path has 1 to 107 bytes", "name a shorter one");
    memcpy(place.sun_path, u->path, length);
    remove_stale(&place);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind_with_mode(fd, &place, u->mode) < 0 || listen(fd, backlog) < 0)
        cannot_listen(u->path, strerror(errno), "name a path in a directory that can be written to");
    own_path = lstat(u->path, &own_file) == 0 ? u->path : NULL;
    return fd;
}

void listeners_unlink(void) {
    struct stat file;
    if (own_path && lstat(own_path, &file) == 0 && file.st_ino == own_file.st_ino && file.st_dev == own_file.st_dev)
        unlink(own_path);
    own_path = NULL;
}

/* ---- all ---- */

static int family_of(int fd) {
    struct sockaddr_storage place = {0};
    getsockname(fd, (struct sockaddr *)&place, &(socklen_t){sizeof place});
    return place.ss_family;
}

/* What was passed on must be a listening stream socket: a wrong unit is better found now. */
static void check_passed_on(int fd) {
    int type = 0, listens = 0, family = family_of(fd);
    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &(socklen_t){sizeof type});
    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &(socklen_t){sizeof listens});
    if (type != SOCK_STREAM || !listens || (family != AF_INET && family != AF_INET6 && family != AF_UNIX))
        error(EXIT_SETUP, 0,
            "descriptor %d, which LISTEN_FDS passes on, is no listening socket of TCP or a Unix path; give the .socket "
            "unit ListenStream= alone, and Accept=no",
            fd);
}

size_t listeners_open(
    int listeners[LISTENERS_MAX], const struct options *options, const struct unix_options *u, bool *has_unix) {
    size_t count = service_sockets(listeners, LISTENERS_MAX);
    *has_unix = u->path != NULL;
    for (size_t i = 0; i < count; i++) {
        check_passed_on(listeners[i]);
        *has_unix |= family_of(listeners[i]) == AF_UNIX;
        listener_prepare(listeners[i], options);
    }
    if (count == 0) {
        listeners[0] = u->path ? open_unix(u, options->backlog) : listener_open(options);
        count = 1;
    }
    return count;
}

void listeners_announce(const int *listeners, size_t count) {
    for (size_t i = 0; i < count; i++)
        listener_announce(listeners[i]);
}
