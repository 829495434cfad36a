/* room.h - a room and its members: who is in it, under which name, and which messages they get.
 *
 * A change of a room is made first and announced afterwards, and an announcement needs memory, which may be missing. So
 * each kind of announcement has a fallback. A member to whom a message could not be sent is *behind*, and gets it from
 * the history later. The list of members is sent again later. Anything else ends the connection (1011), and the client
 * reconnects. */
#ifndef IO_MODELS_ROOM_H
#define IO_MODELS_ROOM_H

#include "framework.h"
#include "guests.h"
#include "history.h"
#include "json_text.h"
#include "names.h"

struct room {
    char name[NAME_SIZE];
    struct history_room kept;
    struct guest *makers[GUEST_KINDS]; /* whose share of rooms it counts in */
    size_t members_count;
    TAILQ_HEAD(, member) members;
    ev_timer here; /* sends the list of members soon after it has changed: once, not for each of 10,000 that join */
    LIST_ENTRY(room) link;
};

struct member {
    struct channel *channel;
    struct room *room;
    struct guest *guests[GUEST_KINDS]; /* its address and its key */
    char name[NAME_SIZE];
    char *folded;           /* OWNS: name_fold of its name */
    char owner[OWNER_SIZE]; /* the digest of its key, in hex */
    int64_t seq;            /* the last message that it was sent, while it is behind */
    bool behind;            /* it gets messages from the history, as fast as it takes them, and not as they come */
    TAILQ_ENTRY(member) link;
};

/* Adds the member to the room of this name, which is made if there is none, and chooses the member's name: `wanted`,
 * with a number behind it if another guest has that name already; "" for any name. Returns NULL, or why not: one word
 * for the client (rooms.h). `m->guests` and `m->owner` must be set. WAIT: for the history. */
const char *room_enter(struct framework *f, struct member *m, const char *room, const char *wanted);

/* Removes the member from its room; the room is freed with its last member. */
void room_leave(struct member *m);

/* True if somebody is in a room of this name. */
bool room_in_use(const char *name);
size_t rooms_in_use(void);

/* Members of all rooms. */
size_t room_members(void);

/* Sends a frame to every member of every room. NULL (no memory): sends nothing. */
void rooms_broadcast(const struct frame *frame);

/* Sends a message that was just stored to every member of the room who is not behind. A member to whom it cannot be
 * sent is behind from then on. */
void room_broadcast_message(struct room *room, const struct history_message *message);

/* A message for `m`: with its id only if it is its own. NULL without memory. */
json_t *message_for(const struct member *m, const struct history_message *message);

/* The names of the room's first members. NULL without memory. LIMIT: 50. */
json_t *room_names(const struct room *room);

/* From here on `m` gets the messages after number `seq` from the history, when its pending bytes are sent. */
void member_fall_behind(struct member *m, int64_t seq);

/* Messages sent so far, to all members. */
extern uint64_t room_messages_out;

#endif
