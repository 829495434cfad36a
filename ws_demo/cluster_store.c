/* cluster_store.c - messages go to Redis: each until Redis has said that it has it, also over a new connection. */
#include "cluster_parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* LIMIT: messages that Redis has not acknowledged. Beyond it a message is refused (busy), and the page says it again.
 */
enum { UNSTORED_MAX = 1000, ADDRESS_SIZE = 64 };

struct unstored {
    struct redis_call call;
    struct member *member; /* NULL: it is gone */
    bool is_sent;
    int64_t seen;
    double at_ms;
    char room[NAME_SIZE], epoch[EPOCH_SIZE], address[ADDRESS_SIZE];
    char owner[OWNER_SIZE], id[ID_SIZE], from[NAME_SIZE];
    TAILQ_ENTRY(unstored) link;
    char text[];
};

static TAILQ_HEAD(, unstored) queue = TAILQ_HEAD_INITIALIZER(queue); /* oldest first */
static size_t queue_length, unsent;

static void drop(struct unstored *u) {
    TAILQ_REMOVE(&queue, u, link);
    queue_length--;
    unsent -= !u->is_sent;
    free(u);
}

static void tell(struct unstored *u, enum history_stored stored, int64_t number, const char *detail) {
    struct history_message message = {
        .seq = number, .owner = u->owner, .id = u->id, .from = u->from, .text = u->text, .at_ms = u->at_ms};
    if (u->member)
        cluster_state.events->stored(u->member, stored, &message, u->seen, detail);
}

/* The numbers that this node knows mean nothing any more. Its member has to join again, and says it again then. */
static void epoch_is_over(const struct unstored *u) {
    struct cluster_room *room = shared_find(u->room, strlen(u->room));
    if (room && room->is_loaded && strcmp(room->kept->epoch, u->epoch) == 0)
        shared_restart(room, lost_messages);
}

static void answered(struct redis_call *call, const redisReply *reply) {
    struct unstored *u = (struct unstored *)call;
    if (!reply) { /* it may be stored, or not: it is sent again, and Redis knows */
        u->is_sent = false;
        unsent++;
        return;
    }
    int64_t number = reply_number(reply, 1);
    if (reply_says(reply, "new") && number > 0)
        tell(u, HISTORY_NEW, number, NULL);
    else if (reply_says(reply, "known") && number > 0)
        tell(u, HISTORY_KNOWN, number, NULL);
    else if (reply_says(reply, "full"))
        tell(u, HISTORY_FULL, 0, NULL);
    else if (reply_says(reply, "epoch"))
        epoch_is_over(u);
    else {
        cluster_log("a message cannot be stored", u->room, reply_failure(reply));
        tell(u, HISTORY_FAILED, 0, reply_failure(reply));
    }
    drop(u);
}

static bool send_one(struct unstored *u) {
    struct script script;
    const char *const texts[] = {u->room, u->epoch, u->owner, u->id, u->from, u->text, u->address};
    script_begin(&script, "store");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        script_text(&script, texts[i]);
    script_number(&script, STREAM_MAX);
    script_number(&script, ROOMS_MAX);
    if (!cluster_state.is_up || !script_call(&script, &u->call, answered))
        return false;
    u->is_sent = true;
    unsent--;
    return true;
}

/* In the order in which they came. */
void store_send(void) {
    struct unstored *u;
    TAILQ_FOREACH (u, &queue, link)
        if (!u->is_sent && !send_one(u))
            return;
}

const char *store_put(struct cluster_room *room, struct member *m, const char *address, int64_t seen,
    const struct history_message *message) {
    if (!cluster_state.is_up && !cluster_state.is_patient)
        return "away";
    if (queue_length >= UNSTORED_MAX)
        return "busy";
    size_t length = strlen(message->text);
    struct unstored *u = malloc(sizeof *u + length + 1);
    if (!u)
        return "memory";
    *u = (struct unstored){.member = m, .seen = seen, .at_ms = message->at_ms};
    strcpy(u->room, room->name); /* the fields have the sizes of what is copied into them */
    strcpy(u->epoch, room->kept->epoch);
    strcpy(u->owner, message->owner);
    strcpy(u->id, message->id);
    strcpy(u->from, message->from);
    snprintf(u->address, sizeof u->address, "%s", address);
    memcpy(u->text, message->text, length + 1);
    TAILQ_INSERT_TAIL(&queue, u, link);
    queue_length++;
    unsent++;
    if (unsent == 1) /* else those before it go first */
        send_one(u);
    return NULL;
}

void store_forget(const struct member *m) {
    struct unstored *u;
    TAILQ_FOREACH (u, &queue, link)
        if (u->member == m)
            u->member = NULL;
}

void store_close(void) {
    struct unstored *u;
    while ((u = TAILQ_FIRST(&queue)) != NULL)
        drop(u);
}
