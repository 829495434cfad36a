/* history.h - what was said in the rooms, so that who was away can catch up: SQLite, in memory or in a file.
 *
 * A room's messages are numbered from 1. LIMIT: the last HISTORY_MAX of each room, and ROOMS_MAX rooms; the room that
 * was left longest ago gives way. In a file they survive the process, however it ends (but not the machine: a write is
 * in the kernel's hands, not on the disk, when it is told to the room). One server at a time has the file. */
#ifndef IO_MODELS_HISTORY_H
#define IO_MODELS_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

enum { HISTORY_MAX = 200, ROOMS_MAX = 100, NAME_SIZE = 33, ID_SIZE = 65 };

/* A room as it stands: messages `oldest` to `last` are kept; none when last is 0. `epoch` is another one for each room
 * that was ever made: numbers are comparable within one epoch only. */
struct history_room {
    char epoch[17];
    int64_t oldest, last;
};

struct history_message {
    int64_t seq;
    const char *id, *from, *text; /* hold until the next call */
    double at_ms;
};

/* Opens `path`, or memory (NULL). Prints one line and exits with EXIT_SETUP where that is not possible. */
void history_open(const char *path);
void history_close(void);

/* Finds the room, or makes it. `in_use` says of a room whether somebody is in it: such a room does not give way.
 * Returns false if that leaves no place, or with an error of the database. WAIT: for a page of the file, where it is
 * one. */
bool history_room(const char *name, struct history_room *room, bool (*in_use)(const char *name));

enum history_stored { HISTORY_NEW, HISTORY_KNOWN, HISTORY_FAILED };

/* Keeps a message, and says in m->seq which number it has. HISTORY_KNOWN: one with this id was kept before; `m` is then
 * that one. WAIT: for write(2), where it is a file. */
enum history_stored history_store(const char *room, struct history_message *m);

/* Calls `each` for every message kept after number `after`, oldest first, as long as it returns true. */
void history_each(
    const char *room, int64_t after, bool (*each)(const struct history_message *m, void *argument), void *argument);

#endif
