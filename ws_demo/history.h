/* history.h - the messages of the rooms, so that a client that was away can catch up: SQLite, in memory or in a file.
 *
 * A room's messages are numbered from 1. A room is in the history from its first message on. LIMIT: the last
 * HISTORY_MAX messages of each room, and ROOMS_MAX rooms. When there are that many, a new room replaces one that nobody
 * is in. These rules choose it, in this order: a room of the address that has begun most rooms, so that a guest who
 * begins many loses its own; then the room with the fewest messages; then the room that was joined longest ago. In a
 * file the messages survive the process, however it ends; they may not survive a crash of the machine, because a
 * message goes to the room when the kernel has it, not the disk. Only one server at a time can have the file open. */
#ifndef IO_MODELS_HISTORY_H
#define IO_MODELS_HISTORY_H

#include "names.h"
#include <stdbool.h>
#include <stdint.h>

enum { HISTORY_MAX = 200, ROOMS_MAX = 100, ID_SIZE = 65, OWNER_SIZE = 33, EPOCH_SIZE = 17 };

/* LIMIT: bytes of a message's text. */
enum { TEXT_MAX = 4096 };

/* The state of a room: messages `oldest` to `last` are stored; none if `last` is 0. `epoch` is different for each room
 * that was ever made: numbers are comparable within one epoch only. */
struct history_room {
    char epoch[EPOCH_SIZE];
    int64_t oldest, last;
};

/* `owner` is a digest of its sender's key, and never sent to anybody: an id is unique for one owner. */
struct history_message {
    int64_t seq;
    const char *owner, *id, *from, *text; /* valid until the next call */
    double at_ms;
};

/* Opens `path`, or memory (NULL). Prints one line and exits with EXIT_SETUP where that is not possible: also for a file
 * that another program, or another version of this one, has made (which is left as it is), and for a damaged one. */
void history_open(const char *path);
void history_close(void);

/* Finds the room; a room that is not in the history gets a new epoch. Returns false on an error. WAIT: for the disk, if
 * the history is in a file. */
bool history_room(const char *name, struct history_room *room);

enum history_stored { HISTORY_NEW, HISTORY_KNOWN, HISTORY_FULL, HISTORY_FAILED };

/* Stores a message, updates `room`, and sets m->seq to its number. HISTORY_KNOWN: this owner has sent a message with
 * this id before; *m is then that message. HISTORY_FULL: it would be the first message of the room, and there are
 * ROOMS_MAX rooms that somebody is in (`in_use` is asked). Otherwise `address` counts as the one that has begun the
 * room. WAIT: for write(2), if the history is in a file. */
enum history_stored history_store(const char *name, struct history_room *room, const char *address,
    bool (*in_use)(const char *name), struct history_message *m);

/* Calls `each` for every stored message after number `after`, oldest first, as long as it returns true. False on an
 * error: there may be more messages. WAIT: for the disk, if the history is in a file. */
bool history_each(
    const char *room, int64_t after, bool (*each)(const struct history_message *m, void *argument), void *argument);

/* False if the last message could not be stored, and nothing can be now: it tries a write that changes nothing, LIMIT:
 * once in a second. WAIT: for write(2), then. */
bool history_is_well(void);

/* Looks for the message with m's owner and id: HISTORY_KNOWN, and *m is then that message; HISTORY_NEW: there is none;
 * or HISTORY_FAILED. WAIT: for the disk, if the history is in a file. */
enum history_stored history_find(const char *room, struct history_message *m);

/* ---- for a copy of a room that is stored elsewhere (cluster.h); ROOMS_MAX is no limit for these ---- */

/* The room begins anew: its epoch is this, the last message had the number `last`, and none is stored. */
bool history_begin(const char *name, const char *epoch, int64_t last, struct history_room *room);

/* Stores m under the number m->seq, which is greater than room->last. False on an error: then nothing is changed. */
bool history_insert(const char *name, struct history_room *room, const struct history_message *m);

/* Deletes the room. */
void history_forget(const char *name);

/* Why the last call has failed, in SQLite's words; NULL: no memory. A new reason has been printed on stderr, too.
 */
const char *history_failure(void);

#endif
