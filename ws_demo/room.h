/* room.h - a room and its members: who is in it, under which name, and which messages they get.
 *
 * A change of a room is made first and announced afterwards, and an announcement needs memory, which may be missing. So
 * each kind of announcement has a fallback. A member to whom a message could not be sent is *behind*, and gets it from
 * the history later. The list of members is sent again later. Anything else ends the connection (1011), and the client
 * reconnects. */
#ifndef IO_MODELS_ROOM_H
#define IO_MODELS_ROOM_H

#include "cluster.h"
#include "framework.h"
#include "guests.h"
#include "history.h"
#include "json_text.h"
#include "names.h"

struct room {
    char name[NAME_SIZE];
    struct history_room kept;
    struct cluster_room *shared;       /* with other nodes; NULL: there are none */
    size_t joining;                    /* members for whom Redis is asked for a name */
    bool is_retired;                   /* its name belongs to a new room; its members are leaving */
    struct guest *makers[GUEST_KINDS]; /* whose share of rooms it counts in */
    size_t members_count;
    TAILQ_HEAD(, member) members;
    ev_timer here; /* sends the list of members soon after it has changed: once, not for each of 10,000 that join */
    LIST_ENTRY(room) link;
};

struct member {
    struct channel *channel;
    struct room *room;                 /* NULL: it is joining, which may take a while with other nodes */
    struct joining *joining;           /* OWNS: what it asked for, until it is greeted (rooms.c) */
    struct guest *guests[GUEST_KINDS]; /* its address and its key */
    char name[NAME_SIZE];
    char *folded;           /* OWNS: name_fold of its name */
    char owner[OWNER_SIZE]; /* the digest of its key, in hex */
    int64_t seq; /* while it is behind: the last message that it was sent; else: that it has seen, at least */
    bool behind; /* it gets messages from the history, as fast as it takes them, and not as they come */
    TAILQ_ENTRY(member) link;
};

/* Called before all others. `nodes`: the other nodes; NULL: there are none. */
void room_open(struct framework *f, const struct cluster *nodes);

/* Adds the member to the room of this name, which is made if there is none, and chooses the member's name: `wanted`,
 * with a number behind it if another guest has that name already; "" for any name. Returns NULL, or why not: one word
 * for the client (rooms.h). With other nodes m->room may still be NULL then: events.entered says how it ended.
 * `m->guests` and `m->owner` must be set. WAIT: for the history. */
const char *room_enter(struct member *m, const char *room, const char *wanted);

/* The member has its name: adds it. */
void room_add(struct room *room, struct member *m);

/* Removes the member from its room; the room is freed with its last member. */
void room_leave(struct member *m);

/* Frees the room if nobody is in it, or about to be. */
void room_end_if_empty(struct room *room);

/* The room is another now: its members are to join again (close code 1012), and find a new room of this name. */
void room_retire(struct room *room);

/* Calls `each` for each member. */
void room_each_name(
    struct room *room, void (*each)(void *argument, const char *owner, const char *folded), void *argument);

/* Another guest has got the name meanwhile: whoever has it here is to join again (1012). */
void room_evict(struct room *room, const char *owner, const char *folded);

/* True if somebody is in a room of this name. */
bool room_in_use(const char *name);
size_t rooms_in_use(void);

/* Members of all rooms, on this node. */
size_t rooms_members(void);

/* Sends every member the list of members. False: no memory. */
bool room_tell_who_is_here(struct room *room);

/* Sends a frame to every member of every room. NULL (no memory): sends nothing. */
void rooms_broadcast(const struct frame *frame);

/* Sends a message that was just stored to every member of the room who is not behind, and has not seen it (on another
 * node). A member to whom it cannot be sent is behind from then on. */
void room_broadcast_message(struct room *room, const struct history_message *message);

/* Tells these members that `lost` messages before this one were deleted before they came here. */
void room_broadcast_lost(struct room *room, const struct history_message *message, int64_t lost);

/* A message for `m`: with its id only if it is its own. NULL without memory. */
json_t *message_for(const struct member *m, const struct history_message *message);

/* The names of the room's first members, those on this node first. NULL without memory. LIMIT: 50. */
json_t *room_names(const struct room *room);

/* Members on all nodes. */
size_t room_members(const struct room *room);

/* From here on `m` gets the messages after number `seq` from the history, when its pending bytes are sent. */
void member_fall_behind(struct member *m, int64_t seq);

/* Messages sent so far, to all members. */
extern uint64_t room_messages_out;

#endif
