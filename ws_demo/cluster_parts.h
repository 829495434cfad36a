/* cluster_parts.h - what the files of the cluster share.
 *
 *     cluster.c            begin, end, is this node alive, is Redis there
 *     cluster_rooms.c      a room: its messages are loaded; it is checked once a second
 *     cluster_reader.c     new messages come
 *     cluster_store.c      messages go
 *     cluster_names.c      names are taken and given back
 *     cluster_entry.c      what is in a stream, read with suspicion
 *     cluster_script.c     calls of redis/rooms.lua
 */
#ifndef IO_MODELS_CLUSTER_PARTS_H
#define IO_MODELS_CLUSTER_PARTS_H

#include "cluster.h"
#include "redis/redis_link.h"
#include <sys/queue.h>

enum { NODE_SIZE = 65, TOKEN_SIZE = 33 };

/* LIMIT: messages in the stream of a room. More than the HISTORY_MAX that are offered to members: a node that reads
 * late must still find all that its members have not got yet. */
enum { STREAM_MAX = 1000 };

struct cluster_state {
    struct ev_loop *loop;
    const struct cluster_events *events;
    struct redis_target target;
    struct redis_link commands, reads; /* the second one's command waits inside Redis for messages */
    char node[NODE_SIZE], token[TOKEN_SIZE];
    bool is_up;      /* both links are, and Redis knows this node */
    bool is_patient; /* it went away just now: what is said waits */
    LIST_HEAD(, cluster_room) rooms;
};
extern struct cluster_state cluster_state;

/* ---- cluster_script.c ---- */

/* The arguments of one call. LIMIT: SCRIPT_TEXTS_MAX. Texts must stay valid until script_call. */
enum { SCRIPT_TEXTS_MAX = 224, SCRIPT_NUMBERS_MAX = 6 };
struct script {
    int count, numbers_count;
    const char *texts[SCRIPT_TEXTS_MAX];
    char numbers[SCRIPT_NUMBERS_MAX][21];
};
void script_begin(struct script *s, const char *command);
void script_text(struct script *s, const char *text);
void script_number(struct script *s, int64_t number);
bool script_call(struct script *s, struct redis_call *call, redis_answer *answer); /* see redis_link_call */

/* What a call has answered: is its first element this word? One more of its elements: NULL, or -1, if it has none. */
bool reply_says(const redisReply *reply, const char *word);
const char *reply_text(const redisReply *reply, size_t at);
int64_t reply_number(const redisReply *reply, size_t at);
const redisReply *reply_array(const redisReply *reply, size_t at);

/* What to say about a call that failed; NULL for one that was not answered. */
const char *reply_failure(const redisReply *reply);

/* One line on stderr. LIMIT: one a second of each `what`, which is a string constant. */
void cluster_log(const char *what, const char *room, const char *why);

/* ---- cluster_rooms.c ---- */

extern const char lost_messages[];

struct cluster_room {
    char name[NAME_SIZE];
    struct room *room;         /* NULL: closed, and freed with the last of its calls */
    struct history_room *kept; /* the room's */
    int calls;                 /* that refer to it */
    bool is_loaded;
    char failure[128];                   /* why it is not, if Redis has said so */
    int64_t position;                    /* the last number read from the stream */
    bool is_read;                        /* the command that waits for messages waits for this room's, too */
    bool is_mending;                     /* somebody else's ids are removed from the stream: it is not read meanwhile */
    bool is_broken;                      /* somebody has put something into its place that is no stream */
    char owner[OWNER_SIZE], id[ID_SIZE]; /* of message number kept->last */
    bool is_checked, check_again;        /* a beat is on its way; and another one is to follow */
    bool must_claim;                     /* Redis does not know all names of this node */
    int64_t version, version_known;      /* of who is here on this node; which of them Redis has */
    size_t members;
    char *names;         /* OWNS; may be NULL */
    size_t others;       /* members on the other nodes */
    json_t *other_names; /* OWNS; may be NULL */
    char *signature;     /* OWNS: which state of the other nodes that is; may be NULL */
    LIST_ENTRY(cluster_room) link;
};

/* A call about a room; the room stays valid until room_call_end. */
struct room_call {
    struct redis_call call;
    struct cluster_room *room;
};
struct room_call *room_call_make(struct cluster_room *room, size_t size);
void room_call_end(struct room_call *call); /* frees it */

struct cluster_room *shared_open(const char *name, struct room *room, struct history_room *kept, const char **why);
void shared_close(struct cluster_room *room);
struct cluster_room *shared_find(const char *name, size_t length);
void shared_check(struct cluster_room *room);                    /* a beat, now */
void shared_restart(struct cluster_room *room, const char *why); /* why: a string constant, for the log */
void shared_tell_here(struct cluster_room *room, size_t members, char *names);
size_t shared_others(const struct cluster_room *room, const json_t **names);

/* Puts what an entry of the stream holds into the copy. Returns ENTRY_GOOD, ENTRY_BAD (skipped), ENTRY_ALIEN (its id is
 * none of ours), or ENTRY_NO_MEMORY. *message is the message if it is good. */
enum entry_is { ENTRY_GOOD, ENTRY_BAD, ENTRY_ALIEN, ENTRY_NO_MEMORY };
enum entry_is shared_insert(struct cluster_room *room, const redisReply *entry, struct history_message *message);

/* ---- cluster_entry.c ---- */

/* The number of an entry, "0-17"; -1: not one of ours. */
int64_t entry_number(const redisReply *entry);

/* Checks each field: anybody who can write to Redis may have made it. *epoch: the epoch in which it was said. Texts are
 * valid as long as the reply. */
enum entry_is entry_read(const redisReply *entry, struct history_message *message, const char **epoch);

/* ---- the others ---- */

void reader_wake(void); /* the rooms to read, or the connection, have changed */
void reader_look(void); /* once a second: it may have had no memory */
void reader_close(void);

const char *store_put(struct cluster_room *room, struct member *m, const char *address, int64_t seen,
    const struct history_message *message);
void store_send(void); /* what is not on its way */
void store_forget(const struct member *m);
void store_close(void);

const char *names_enter(struct cluster_room *room, struct member *m, const char *owner, const char *wanted);
void names_leave(struct cluster_room *room, const char *owner, const char *folded);
void names_claim(struct cluster_room *room);  /* all of this node's, again */
void names_refuse(struct cluster_room *room); /* who is joining is turned away */
void names_forget(const struct member *m);

#endif
