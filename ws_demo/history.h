/* history.h - what was said in the rooms, so that who was away can catch up: SQLite, in memory or in a file.
 *
 * A room's messages are numbered from 1. A room is in the history from its first message on. LIMIT: the last
 * HISTORY_MAX messages of each room, and ROOMS_MAX rooms. When there are that many, one that nobody is in gives way: of
 * the address that has begun most of them, so that a guest who begins many loses its own; of those the one in which
 * least was said, and of those the one that was joined longest ago. In a file they survive the process, however it ends
 * (but not the machine: a write is in the kernel's hands, not on the disk, when it is told to the room). One server at
 * a time has the file. */
#ifndef IO_MODELS_HISTORY_H
#define IO_MODELS_HISTORY_H

#include "names.h"
#include <stdbool.h>
#include <stdint.h>

enum { HISTORY_MAX = 200, ROOMS_MAX = 100, ID_SIZE = 65, OWNER_SIZE = 33, EPOCH_SIZE = 17 };

/* A room as it stands: messages `oldest` to `last` are kept; none when `last` is 0. `epoch` is another one for each
 * room that was ever made: numbers are comparable within one epoch only. */
struct history_room {
    char epoch[EPOCH_SIZE];
    int64_t oldest, last;
};

/* `owner` is a digest of its sender's key, and never sent to anybody: an id is unique for one owner. */
struct history_message {
    int64_t seq;
    const char *owner, *id, *from, *text; /* hold until the next call */
    double at_ms;
};

/* Opens `path`, or memory (NULL). Prints one line and exits with EXIT_SETUP where that is not possible: also for a file
 * that another program, or another version of this one, has made (which is left as it is), and for a damaged one. */
void history_open(const char *path);
void history_close(void);

/* Finds the room; one that is not in the history gets an epoch. Returns false with an error. WAIT: for a page of the
 * file, where it is one. */
bool history_room(const char *name, struct history_room *room);

enum history_stored { HISTORY_NEW, HISTORY_KNOWN, HISTORY_FULL, HISTORY_FAILED };

/* Keeps a message in `room`, which gets its new state, and says in m->seq which number it has. HISTORY_KNOWN: this
 * owner has sent one with this id before; `m` is then that one. HISTORY_FULL: it would be the first one of the room,
 * and there are ROOMS_MAX with somebody in them (`in_use` says so of a room); the room is begun by `address` otherwise.
 * WAIT: for write(2), where it is a file. */
enum history_stored history_store(const char *name, struct history_room *room, const char *address,
    bool (*in_use)(const char *name), struct history_message *m);

/* Calls `each` for every message kept after number `after`, oldest first, as long as it returns true. False with an
 * error: there may be more. WAIT: for pages of the file. */
bool history_each(
    const char *room, int64_t after, bool (*each)(const struct history_message *m, void *argument), void *argument);

/* Why the last call has failed, in SQLite's words; NULL: there was no memory. Each new reason has been printed, once.
 */
const char *history_failure(void);

#endif
