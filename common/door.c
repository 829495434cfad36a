#include "door.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* LIMIT: accepts that may fail in a row before accepting pauses. Most failures remove their client from the queue; with
 * EPERM (a firewall) the same client may fail again and again. */
enum { FAILURES_MAX = 64 };

static int spare_descriptor(void) {
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void door_open(struct door *d, const struct options *options) {
    *d = (struct door){.options = options, .spare = spare_descriptor()};
}

static enum door_failure meaning_of(struct door *d, int why) {
    switch (why) {
    case EAGAIN: return DOOR_EMPTY;
    case EINTR:
    case ECONNABORTED: /* this client is gone; accept(2) explains the errors below */
    case EPROTO:
    case EPERM:
    case ENETDOWN:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case ENETUNREACH: return DOOR_GONE;
    case EMFILE:
    case ENFILE:
        if (d->spare < 0)
            return DOOR_PAUSE;
        close(d->spare); /* the next accept can use it */
        d->spare = -1;
        return DOOR_GONE;
    default: return DOOR_PAUSE;
    }
}

enum door_failure door_failed(struct door *d, int why) {
    enum door_failure failure = meaning_of(d, why);
    d->failures = failure == DOOR_GONE ? d->failures + 1 : 0;
    if (d->failures < FAILURES_MAX)
        return failure;
    d->failures = 0;
    return DOOR_PAUSE;
}

enum refuse_reason door_admit(struct door *d, uint64_t active) {
    d->failures = 0;
    if (d->spare < 0 && (d->spare = spare_descriptor()) < 0)
        return REFUSE_DESCRIPTORS;
    return active < d->options->limits.clients_max ? REFUSE_NONE : REFUSE_CLIENTS; /* LIMIT: open connections */
}

void door_refuse(struct door *d, int fd, enum refuse_reason reason, struct stats *stats) {
    assert(fd >= 0 && reason < REFUSE_REASONS);
    size_t count;
    const char *refusal = session_refusal(d->options->protocol, &count);
    if (count > 0 && !d->silent) {
        char request[1024];
        send(fd, refusal, count, MSG_NOSIGNAL | MSG_DONTWAIT); /* COPY: MSG_DONTWAIT: never waits */
        recv(fd, request, sizeof request, MSG_DONTWAIT); /* COPY: dropped; if unread, close() sends RST, not FIN */
    }
    close(fd);
    stats->refused[reason]++;
    if (d->spare < 0)
        d->spare = spare_descriptor(); /* the refused client had the last descriptor */
}
