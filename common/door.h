/* door.h - what every server does alike at its door: with a client that it does not take, and when accept fails.
 *
 * The one exception to the rule that common/ does no I/O: a refusal is sent, and a request dropped, on a socket that no
 * connection owns yet. Neither waits. */
#ifndef IO_MODELS_DOOR_H
#define IO_MODELS_DOOR_H

#include "options.h"
#include "stats.h"

struct door {
    const struct options *options;
    int spare;    /* a descriptor kept back, so that one client can still be accepted, and told no, when all are used;
                     -1: an accept has its place */
    int failures; /* of accept, since a client came */
};

/* What a server does about an accept that failed. */
enum door_failure {
    DOOR_GONE,  /* that client is gone, or the spare descriptor's place is free: accept the next at once */
    DOOR_EMPTY, /* nobody waits to be accepted */
    DOOR_PAUSE, /* no descriptor, no memory, or no end of failures: the client still waits, and accepting it again at
                   once would spin. Serve the others first */
};

/* `options` must outlive the door, which lasts until the process ends. */
void door_open(struct door *door, const struct options *options);

/* accept failed, and `why` is its errno. */
enum door_failure door_failed(struct door *door, int why);

/* A client was accepted; to be called once for each. REFUSE_NONE, or why it must be refused: it has the last
 * descriptor, or --clients-max are open already (`active`). */
enum refuse_reason door_admit(struct door *door, uint64_t active);

/* Turns a client away, with a word if its protocol has one, and counts it. OWNS: closes fd. Never waits. */
void door_refuse(struct door *door, int fd, enum refuse_reason reason, struct stats *stats);

#endif
