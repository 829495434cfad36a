/* cluster.h - rooms that several nodes share: what is said on one node is heard on all of them, through one Redis.
 *
 *     phones -- node A --+
 *     phones -- node B --+-- Redis: a stream for each room, and who is where
 *     phones -- node C --+
 *
 * A message is stored by one script (redis/rooms.lua), which gives it its number, and every node reads the streams of
 * the rooms that it has members in. So all nodes have all messages in the same order, whoever said them where. Each
 * node keeps a copy of the last messages of its rooms (history.h), and from there its members catch up, as without a
 * cluster.
 *
 * Exactly once. A node that does not hear whether Redis has stored a message asks again, with the same owner and id,
 * and Redis knows it then. Epochs are made in Redis: when it has lost messages, numbers begin to mean something else,
 * and whoever is in the room has to join again (close code 1012).
 *
 * While Redis is away, members stay, read, and come back to rooms that their node knows; nothing new is said. A message
 * that was not acknowledged is not accepted: the page keeps it.
 *
 * LIMIT: what one guest may use (guests.h) is counted by each node for itself. */
#ifndef IO_MODELS_CLUSTER_H
#define IO_MODELS_CLUSTER_H

#include "history.h"
#include <ev.h>
#include <jansson.h>
#include <stddef.h>

struct room;
struct member;
struct cluster_room;

struct cluster_options {
    const char *redis;         /* HOST:PORT; NULL: no cluster */
    const char *password_file; /* NULL: see redis_target.h */
    const char *node;          /* its name; NULL: the machine's name and the port */
};

/* What the rooms do when something comes from Redis. `why` is a word of rooms.h, `detail` Redis's own words, or NULL.
 */
struct cluster_events {
    void (*up)(bool is_up);
    /* Answers `enter`: m's name, or why there is none (NULL). OWNS: `folded` (name_fold) is the receiver's, if there is
     * a name. m is NULL if cluster->forget was called: there is no name then. */
    void (*entered)(
        struct room *room, struct member *m, const char *name, char *folded, const char *why, const char *detail);
    /* Answers `store`. HISTORY_NEW: it comes, or has come, with `said`. HISTORY_KNOWN: it was stored before;
     * message->seq is its number, and `seen` the last number that the room, or the member, had when it was said again.
     * HISTORY_FAILED: why is in `detail`. */
    void (*stored)(struct member *m, enum history_stored stored, struct history_message *message, int64_t seen,
        const char *detail);
    /* A message, said on any node, is now in the history. `lost`: so many before it were deleted before they came. */
    void (*said)(struct room *room, const struct history_message *message, int64_t lost);
    void (*here)(struct room *room);    /* cluster->others has changed */
    void (*restart)(struct room *room); /* the room is another now: its members are to join again */
    /* Calls `each` for every member, and ends the connection of one whose name another guest has meanwhile. */
    void (*each_name)(
        struct room *room, void (*each)(void *argument, const char *owner, const char *folded), void *argument);
    void (*evict)(struct room *room, const char *owner, const char *folded);
};

/* A table, because a program that is built without libhiredis has none. */
struct cluster {
    const char *node; /* this node's name */
    bool is_durable;  /* Redis keeps what it has acknowledged when it is killed */
    bool (*is_up)(void);

    /* Begins to follow a room, and fills `kept` when its messages have come, before the first `entered`. NULL, and
     * *why, if that is not possible. `room` and `kept` must outlive it. */
    struct cluster_room *(*open_room)(const char *name, struct room *room, struct history_room *kept, const char **why);
    void (*close_room)(struct cluster_room *room);

    /* Chooses m's name, unique on all nodes; events.entered says which. Returns NULL, or why not: then there is no
     * answer. */
    const char *(*enter)(struct cluster_room *room, struct member *m, const char *owner, const char *wanted);
    /* True if Redis is away and the room is known: a name may be chosen here, and is claimed later. */
    bool (*enter_alone)(struct cluster_room *room);
    void (*leave)(struct cluster_room *room, const char *owner, const char *folded);

    /* Stores a message; events.stored answers. Returns NULL, or why not: then there is no answer. LIMIT: 1000 messages
     * that are not acknowledged: "busy". */
    const char *(*store)(struct cluster_room *room, struct member *m, const char *address, int64_t seen,
        const struct history_message *message);

    /* m is gone: its answers have nobody to come to. */
    void (*forget)(const struct member *m);

    /* Who is here on this node. OWNS: takes over `names`, a JSON array as text; NULL: nothing is told. */
    void (*tell_here)(struct cluster_room *room, size_t members, char *names);
    /* And on the others: how many. *names: an array, valid until the next `here`; may be NULL. */
    size_t (*others)(const struct cluster_room *room, const json_t **names);

    void (*close)(void);
};

/* Joins the cluster. Prints one line and exits with EXIT_SETUP if that is not possible. WAIT: for Redis, only here; for
 * up to 3 s more where a node of the same name was killed a moment ago. `port`: this node's, for its name. */
const struct cluster *cluster_open(
    struct ev_loop *loop, const struct cluster_options *options, int port, const struct cluster_events *events);

#endif
