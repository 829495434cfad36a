/* door.h - what every server does in the same way when accept fails, and with a client that it does not serve.
 *
 * It is the one exception to the rule that common/ does no network I/O: it sends a refusal, and drops a request, on a
 * socket that no connection owns yet. Neither call waits. */
#ifndef IO_MODELS_DOOR_H
#define IO_MODELS_DOOR_H

#include "options.h"
#include "stats.h"

struct door {
    const struct options *options;
    int spare;    /* reserved: closed to accept and refuse one client when all others are used; -1: it is closed */
    int failures; /* accepts that failed (DOOR_GONE) in a row */
    bool silent;  /* a refused client is told nothing: in TLS nothing can be said before the handshake */
};

/* What a server must do after accept has failed. */
enum door_failure {
    DOOR_GONE,  /* that client is gone, or the spare descriptor was closed: accept again immediately */
    DOOR_EMPTY, /* EAGAIN: no client waits to be accepted */
    DOOR_PAUSE, /* no descriptor, no memory, or too many failures in a row: the client still waits, and accepting again
                   immediately would spin. Serve the other clients first */
};

/* `options` must outlive the door, which lasts until the process ends. */
void door_open(struct door *door, const struct options *options);

/* accept failed, and `why` is its errno. */
enum door_failure door_failed(struct door *door, int why);

/* Call it once for each accepted client. Returns REFUSE_NONE, or why the client must be refused: it has the last
 * descriptor, or the `active` connections have reached --clients-max. */
enum refuse_reason door_admit(struct door *door, uint64_t active);

/* Refuses a client, with session_refusal's bytes if its protocol has some and the door is not silent, and counts it.
 * OWNS: closes fd. Never waits. */
void door_refuse(struct door *door, int fd, enum refuse_reason reason, struct stats *stats);

#endif
