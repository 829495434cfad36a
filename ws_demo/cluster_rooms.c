/* cluster_rooms.c - a room on this node: loaded once, read on (cluster_reader.c), and checked once a second. */
#include "cluster_parts.h"
#include "json_text.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    ENTRY_MAX = TEXT_MAX + 512, /* LIMIT: bytes of an entry that is loaded, all fields together */
};

const char lost_messages[] = "Redis has lost messages";

/* ---- calls ---- */

struct room_call *room_call_make(struct cluster_room *room, size_t size) {
    struct room_call *call = calloc(1, size);
    if (call) {
        call->room = room;
        room->calls++;
    }
    return call;
}

static void free_unless_used(struct cluster_room *room) {
    if (room->room || room->calls > 0)
        return;
    free(room->names);
    free(room->signature);
    json_decref(room->other_names);
    free(room);
}

void room_call_end(struct room_call *call) {
    call->room->calls--;
    free_unless_used(call->room);
    free(call);
}

/* ---- messages ---- */

struct cluster_room *shared_find(const char *name, size_t length) {
    struct cluster_room *room;
    LIST_FOREACH (room, &cluster_state.rooms, link)
        if (strlen(room->name) == length && memcmp(room->name, name, length) == 0)
            return room;
    return NULL;
}

/* Redis lets no owner use an id twice: if one comes twice, somebody else has written it. */
static enum entry_is look_for_twin(const struct cluster_room *room, const struct history_message *message) {
    struct history_message twin = *message;
    switch (history_find(room->name, &twin)) {
    case HISTORY_NEW: return ENTRY_GOOD;
    case HISTORY_KNOWN: return ENTRY_BAD;
    default: return ENTRY_NO_MEMORY;
    }
}

enum entry_is shared_insert(struct cluster_room *room, const redisReply *entry, struct history_message *message) {
    const char *epoch;
    enum entry_is is = entry_read(entry, message, &epoch);
    if (is == ENTRY_GOOD && room->is_loaded && strcmp(epoch, room->kept->epoch) != 0) {
        is = ENTRY_BAD; /* somebody's joke; or Redis has lost messages, and another node has found that out */
        shared_check(room);
    }
    if (is == ENTRY_GOOD)
        is = look_for_twin(room, message);
    if (is == ENTRY_BAD)
        cluster_log("somebody else's entry is left out", room->name, reply_text(entry, 0));
    if (is != ENTRY_GOOD)
        return is;
    if (!history_insert(room->name, room->kept, message))
        return ENTRY_NO_MEMORY;
    strcpy(room->owner, message->owner); /* entry_read has checked their lengths */
    strcpy(room->id, message->id);
    return ENTRY_GOOD;
}

/* What the stream holds, and the state of the room. False: no memory. */
static bool take_messages(struct cluster_room *room, const char *epoch, int64_t last, const redisReply *entries) {
    int64_t first = entries->elements > 0 ? entry_number(entries->element[0]) : last + 1;
    if (!history_begin(room->name, epoch, first > 0 ? first - 1 : last, room->kept))
        return false;
    for (size_t i = 0; i < entries->elements; i++) {
        struct history_message message;
        if (shared_insert(room, entries->element[i], &message) == ENTRY_NO_MEMORY)
            return false;
    }
    room->position = last;
    return true;
}

static void loaded(struct redis_call *call, const redisReply *reply) {
    struct room_call *own = (struct room_call *)call;
    struct cluster_room *room = own->room;
    const char *epoch = reply_text(reply, 1);
    const redisReply *entries = reply_array(reply, 3);
    int64_t last = reply_number(reply, 2);
    if (reply_says(reply, "ok") && epoch && strlen(epoch) < EPOCH_SIZE && last >= 0 && entries) {
        room->is_loaded = room->room && take_messages(room, epoch, last, entries);
        if (room->is_loaded)
            reader_wake();
        else if (room->room)
            snprintf(room->failure, sizeof room->failure, "%s", history_failure() ? history_failure() : "no memory");
    } else if (reply) {
        snprintf(room->failure, sizeof room->failure, "%s", reply_failure(reply));
        cluster_log("a room cannot be loaded", room->name, room->failure);
    }
    room_call_end(own);
}

static bool load(struct cluster_room *room) {
    struct script script;
    struct room_call *call = room_call_make(room, sizeof *call);
    char epoch[EPOCH_SIZE];
    uint64_t random;
    if (!call)
        return false;
    bool has_random = getrandom(&random, sizeof random, 0) == sizeof random;
    snprintf(epoch, sizeof epoch, "%016" PRIx64, random);
    script_begin(&script, "load");
    script_text(&script, room->name);
    script_text(&script, epoch);
    script_number(&script, STREAM_MAX);
    script_number(&script, HISTORY_MAX);
    script_number(&script, ENTRY_MAX);
    if (has_random && script_call(&script, &call->call, loaded))
        return true;
    room_call_end(call);
    return false;
}

struct cluster_room *shared_open(const char *name, struct room *room, struct history_room *kept, const char **why) {
    struct cluster_room *opened = cluster_state.is_up ? calloc(1, sizeof *opened) : NULL;
    *why = cluster_state.is_up ? "memory" : "away";
    if (!opened)
        return NULL;
    strcpy(opened->name, name); /* both are NAME_SIZE */
    opened->room = room;
    opened->kept = kept;
    if (!load(opened)) {
        free(opened);
        return NULL;
    }
    *why = NULL;
    LIST_INSERT_HEAD(&cluster_state.rooms, opened, link);
    return opened;
}

/* A call whose answer is of no interest. */
static void done(struct redis_call *call, const redisReply *reply) {
    (void)reply;
    free(call);
}

void shared_close(struct cluster_room *room) {
    struct script script;
    struct redis_call *call = calloc(1, sizeof *call);
    script_begin(&script, "empty");
    script_text(&script, room->name);
    script_text(&script, cluster_state.token);
    if (!call || !script_call(&script, call, done)) /* then it expires in Redis */
        free(call);
    LIST_REMOVE(room, link);
    history_forget(room->name);
    room->room = NULL;
    room->kept = NULL;
    room->is_loaded = false;
    free_unless_used(room);
}

void shared_restart(struct cluster_room *room, const char *why) {
    if (!room->room || !room->is_loaded)
        return;
    cluster_log(why, room->name, "everybody joins again");
    names_refuse(room);
    if (room->room) /* those were not all that it was kept for */
        cluster_state.events->restart(room->room);
}

/* ---- who is here, and whether the room is still the same ---- */

/* Never the same twice, also not for a room that is opened again: other nodes compare it. */
static int64_t versions;

void shared_tell_here(struct cluster_room *room, size_t members, char *names) {
    if (!names) /* no memory: room.c tries again */
        return;
    free(room->names);
    room->names = names;
    room->members = members;
    room->version = ++versions;
    shared_check(room);
}

size_t shared_others(const struct cluster_room *room, const json_t **names) {
    *names = room->other_names;
    return room->others;
}

/* The names that one node tells: they may be anything. */
static void add_names(json_t *all, const char *text) {
    json_t *names = json_read(text, strlen(text)), *name;
    size_t i;
    json_array_foreach (names, i, name)
        if (json_is_string(name) && json_string_length(name) < NAME_SIZE)
            json_array_append(all, name);
    json_decref(names);
}

/* others: a count, names, a count, names... */
static void take_others(struct cluster_room *room, const char *signature, const redisReply *others) {
    json_t *names = json_array();
    char *copy = strdup(signature);
    int64_t members = 0;
    if (!names || !copy) { /* the next check brings them again */
        json_decref(names);
        free(copy);
        return;
    }
    for (size_t i = 0; i + 1 < others->elements; i += 2) {
        int64_t count = reply_number(others, i);
        members += count > 0 && count <= INT32_MAX ? count : 0;
        if (reply_text(others, i + 1))
            add_names(names, reply_text(others, i + 1));
    }
    free(room->signature);
    json_decref(room->other_names);
    room->signature = copy;
    room->other_names = names;
    room->others = (size_t)members;
    cluster_state.events->here(room->room);
}

struct check {
    struct room_call call;
    int64_t version;
};

static void checked(struct redis_call *call, const redisReply *reply) {
    struct check *check = (struct check *)call;
    struct cluster_room *room = check->call.room;
    room->is_checked = false;
    if (!room->room || !room->is_loaded) {
        room_call_end(&check->call);
        return;
    }
    bool was_broken = room->is_broken;
    room->is_broken = reply && reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "WRONGTYPE", 9) == 0;
    if (was_broken && !room->is_broken)
        reader_wake();
    if (reply_says(reply, "epoch")) {
        shared_restart(room, lost_messages);
    } else if (reply_says(reply, "gone")) {
        room->must_claim = true;
        room->check_again = true;
    } else if (reply_says(reply, "ok")) {
        room->version_known = check->version;
        if (reply_text(reply, 1) && reply_array(reply, 2))
            take_others(room, reply_text(reply, 1), reply_array(reply, 2));
    }
    if (room->check_again && room->room)
        shared_check(room);
    room_call_end(&check->call);
}

void shared_check(struct cluster_room *room) {
    struct script script;
    if (room->is_checked || !cluster_state.is_up || !room->is_loaded) {
        room->check_again = room->is_checked;
        return;
    }
    room->check_again = false;
    if (room->must_claim)
        names_claim(room);
    struct check *check = (struct check *)room_call_make(room, sizeof *check);
    if (!check)
        return;
    check->version = room->version;
    script_begin(&script, "beat");
    script_text(&script, room->name);
    script_text(&script, cluster_state.token);
    script_number(&script, STREAM_MAX);
    script_text(&script, room->kept->epoch);
    script_number(&script, room->kept->last);
    script_text(&script, room->owner);
    script_text(&script, room->id);
    script_number(&script, room->version);
    script_number(&script, (int64_t)room->members);
    script_text(&script, room->version_known != room->version && room->names ? room->names : "");
    script_text(&script, room->signature ? room->signature : "");
    room->is_checked = script_call(&script, &check->call.call, checked);
    if (!room->is_checked)
        room_call_end(&check->call);
}
