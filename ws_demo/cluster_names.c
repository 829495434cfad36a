/* cluster_names.c - a guest's name, unique on all nodes: Redis is offered "Ada", "Ada 2", "Ada 3"..., some at a time.
 */
#include "cluster_parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* LIMIT: names offered at a time, and in all; then the guest gets a number. Names claimed again by one call. */
enum { OFFERS = 8, NUMBERS_MAX = 100, CLAIMS = 100 };

struct entering {
    struct room_call call;
    struct member *member; /* NULL: it is gone */
    bool is_over;          /* it was turned away already */
    char owner[OWNER_SIZE], wanted[NAME_SIZE];
    unsigned first; /* the number of the first offer */
    TAILQ_ENTRY(entering) link;
};

static TAILQ_HEAD(, entering) all = TAILQ_HEAD_INITIALIZER(all);

static void answered(struct redis_call *call, const redisReply *reply);

static void offer_name(const struct entering *e, unsigned number, char name[NAME_SIZE]) {
    if (number == 1)
        strcpy(name, e->wanted);
    else
        name_number(e->wanted, number, name);
}

/* Asks for one of the next names; false: that is not possible. */
static bool offer(struct entering *e) {
    struct script script;
    char *folded[OFFERS] = {NULL};
    bool is_guest = e->wanted[0] == '\0' || e->first > NUMBERS_MAX, in_order = true;
    script_begin(&script, is_guest ? "guest" : "enter");
    script_text(&script, e->call.room->name);
    script_text(&script, cluster_state.token);
    script_text(&script, e->owner);
    for (unsigned i = 0; !is_guest && in_order && i < OFFERS; i++) {
        char name[NAME_SIZE];
        offer_name(e, e->first + i, name);
        folded[i] = name_fold(name);
        in_order = folded[i] != NULL;
        if (in_order)
            script_text(&script, folded[i]);
    }
    in_order = in_order && script_call(&script, &e->call.call, answered);
    for (unsigned i = 0; i < OFFERS; i++)
        free(folded[i]);
    return in_order;
}

static void end(struct entering *e, const char *name, char *folded, const char *why, const char *detail) {
    struct cluster_room *room = e->call.room;
    TAILQ_REMOVE(&all, e, link);
    if (room->room && !e->is_over)
        cluster_state.events->entered(room->room, e->member, name, folded, why, detail);
    room_call_end(&e->call);
}

/* Redis has given the name of this number. */
static void take(struct entering *e, int64_t number) {
    struct cluster_room *room = e->call.room;
    char name[NAME_SIZE];
    bool is_guest = e->wanted[0] == '\0' || e->first > NUMBERS_MAX;
    if (is_guest)
        name_number("guest", (unsigned)number, name);
    else
        offer_name(e, e->first + (unsigned)number - 1, name);
    char *folded = name_fold(name);
    if (folded && e->member && room->is_loaded) {
        end(e, name, folded, NULL, NULL);
        return;
    }
    if (folded)
        names_leave(room, e->owner, folded);
    else
        room->must_claim = true;
    free(folded);
    if (room->failure[0])
        end(e, NULL, NULL, "history", room->failure);
    else
        end(e, NULL, NULL, room->is_loaded ? "memory" : "away", NULL);
}

static void answered(struct redis_call *call, const redisReply *reply) {
    struct entering *e = (struct entering *)call;
    int64_t number = reply_number(reply, 1);
    if (reply_says(reply, "ok") && number > 0 && number <= INT32_MAX) {
        take(e, number);
    } else if (reply_says(reply, "ok") && number == 0) {
        e->first += OFFERS;
        if (!offer(e))
            end(e, NULL, NULL, "memory", NULL);
    } else if (reply) {
        cluster_log("nobody can join", e->call.room->name, reply_failure(reply));
        end(e, NULL, NULL, "history", reply_failure(reply));
    } else {
        end(e, NULL, NULL, "away", NULL);
    }
}

const char *names_enter(struct cluster_room *room, struct member *m, const char *owner, const char *wanted) {
    if (!cluster_state.is_up)
        return "away";
    struct entering *e = (struct entering *)room_call_make(room, sizeof *e);
    if (!e)
        return "memory";
    e->member = m;
    e->first = 1;
    strcpy(e->owner, owner); /* of the same sizes */
    strcpy(e->wanted, wanted);
    if (!offer(e)) {
        room_call_end(&e->call);
        return "memory";
    }
    TAILQ_INSERT_TAIL(&all, e, link);
    return NULL;
}

void names_refuse(struct cluster_room *room) {
    struct entering *e;
    TAILQ_FOREACH (e, &all, link) {
        struct member *m = e->member;
        if (e->call.room != room || e->is_over || !room->room)
            continue;
        e->is_over = true;
        e->member = NULL;
        cluster_state.events->entered(room->room, m, NULL, NULL, "away", NULL);
    }
}

void names_forget(const struct member *m) {
    struct entering *e;
    TAILQ_FOREACH (e, &all, link)
        if (e->member == m)
            e->member = NULL;
}

static void left(struct redis_call *call, const redisReply *reply) {
    struct room_call *own = (struct room_call *)call;
    own->room->must_claim |= !reply_says(reply, "ok");
    room_call_end(own);
}

void names_leave(struct cluster_room *room, const char *owner, const char *folded) {
    struct script script;
    struct room_call *call = room_call_make(room, sizeof *call);
    script_begin(&script, "leave");
    script_text(&script, room->name);
    script_text(&script, cluster_state.token);
    script_text(&script, owner);
    script_text(&script, folded);
    if (call && script_call(&script, &call->call, left))
        return;
    room->must_claim = true; /* until then Redis takes it for present */
    if (call)
        room_call_end(call);
}

/* ---- all names again ---- */

struct claiming {
    struct script script;
    struct cluster_room *room;
    bool is_first, failed;
};

static void claimed(struct redis_call *call, const redisReply *reply) {
    struct room_call *own = (struct room_call *)call;
    struct cluster_room *room = own->room;
    if (!reply_says(reply, "ok"))
        room->must_claim = true;
    for (size_t i = 1; room->room && reply_says(reply, "ok") && i + 1 < reply->elements; i += 2)
        if (reply_text(reply, i) && reply_text(reply, i + 1))
            cluster_state.events->evict(room->room, reply_text(reply, i), reply_text(reply, i + 1));
    room_call_end(own);
}

static void begin_claims(struct claiming *c) {
    script_begin(&c->script, "claims");
    script_text(&c->script, c->room->name);
    script_text(&c->script, cluster_state.token);
    script_text(&c->script, c->is_first ? "1" : "0");
    c->is_first = false;
}

static void send_claims(struct claiming *c) {
    struct room_call *call = room_call_make(c->room, sizeof *call);
    if (call && script_call(&c->script, &call->call, claimed))
        return;
    c->failed = true;
    if (call)
        room_call_end(call);
}

static void claim(void *argument, const char *owner, const char *folded) {
    struct claiming *c = argument;
    if (c->script.count + 2 > 8 + 2 * CLAIMS) {
        send_claims(c);
        begin_claims(c);
    }
    script_text(&c->script, owner);
    script_text(&c->script, folded);
}

void names_claim(struct cluster_room *room) {
    struct claiming c = {.room = room, .is_first = true};
    if (!room->room)
        return;
    begin_claims(&c);
    cluster_state.events->each_name(room->room, claim, &c);
    send_claims(&c);
    room->must_claim = c.failed;
    room->version_known = -1; /* who is here is to be told again, too */
}
