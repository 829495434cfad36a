/* cluster_reader.c - new messages come: one command waits inside Redis for all rooms that this node has members in
 * (XREAD BLOCK, https://redis.io/docs/latest/commands/xread/). When the rooms change, CLIENT UNBLOCK ends its wait, and
 * the next one asks for the rooms as they are then. */
#include "cluster_parts.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STREAM "io-models:said:"

/* LIMIT: messages of one answer, of all rooms together, and at least one of each: so that no answer keeps the loop from
 * its other work for long. */
enum { MESSAGES_MAX = 64, BLOCK_MS = 1000, ID_TEXT_SIZE = 24 };

static const ev_tstamp later_s = 0.1, unblock_again_s = 0.01;

static struct redis_call read_call, unblock_call;
static bool is_reading; /* the command is on its way */
static bool is_stale;   /* its rooms are not those of now */
static bool is_unblocking;
static ev_timer again;

static void read_on(void);

/* ---- what has come ---- */

static void mend_done(struct redis_call *call, const redisReply *reply) {
    struct room_call *own = (struct room_call *)call;
    if (reply && reply->type == REDIS_REPLY_ERROR)
        cluster_log("somebody else's entries cannot be removed", own->room->name, reply->str);
    own->room->is_mending = false;
    room_call_end(own);
    reader_wake();
}

/* Somebody else's entry has an id after which no number of ours can come, and would be read again and again. */
static void mend(struct cluster_room *room) {
    struct script script;
    struct room_call *call = room_call_make(room, sizeof *call);
    cluster_log("somebody else's entries are removed", room->name, NULL);
    script_begin(&script, "mend");
    script_text(&script, room->name);
    script_number(&script, STREAM_MAX);
    room->is_mending = call && script_call(&script, &call->call, mend_done);
    if (call && !room->is_mending)
        room_call_end(call);
}

/* False: no memory for it now; it is read again later. */
static bool take_entry(struct cluster_room *room, const redisReply *entry) {
    struct history_message message;
    int64_t number = entry_number(entry), last = room->kept->last;
    if (number >= 0 && number <= room->position)
        return true;
    switch (shared_insert(room, entry, &message)) {
    case ENTRY_NO_MEMORY: return false;
    case ENTRY_ALIEN: mend(room); return true;
    case ENTRY_BAD: room->position = number; return true;
    case ENTRY_GOOD: break;
    }
    room->position = number;
    cluster_state.events->said(room->room, &message, number - last - 1);
    return true;
}

/* stream: its key, and its entries. */
static bool take_stream(const redisReply *stream) {
    const char *key = reply_text(stream, 0);
    const redisReply *entries = reply_array(stream, 1);
    if (!key || !entries || strncmp(key, STREAM, strlen(STREAM)) != 0)
        return true;
    struct cluster_room *room = shared_find(key + strlen(STREAM), strlen(key + strlen(STREAM)));
    bool in_order = true;
    for (size_t i = 0; in_order && i < entries->elements; i++)
        if (room && room->is_read && room->is_loaded && !room->is_mending)
            in_order = take_entry(room, entries->element[i]);
    return in_order;
}

static void read_later(struct ev_loop *loop, ev_timer *timer, int events) {
    (void)loop, (void)timer, (void)events;
    if (is_reading)
        reader_wake();
    else
        read_on();
}

static void try_again(ev_tstamp after) {
    ev_timer_stop(cluster_state.loop, &again);
    ev_timer_init(&again, read_later, after, 0);
    ev_timer_start(cluster_state.loop, &again);
}

/* One room may be the reason, and the check of each finds out which (cluster_rooms.c). */
static void cannot_read(const char *why) {
    struct cluster_room *room;
    cluster_log("messages cannot be read", NULL, why);
    LIST_FOREACH (room, &cluster_state.rooms, link)
        shared_check(room);
}

/* Nil: the wait was over without a message. */
static void have_read(struct redis_call *call, const redisReply *reply) {
    bool in_order = reply && reply->type != REDIS_REPLY_ERROR;
    (void)call;
    is_reading = false;
    if (!reply) /* the connection is gone: the next one begins anew */
        return;
    if (reply->type == REDIS_REPLY_ERROR)
        cannot_read(reply->str);
    for (size_t i = 0; in_order && reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++)
        in_order = take_stream(reply->element[i]);
    if (in_order)
        read_on();
    else
        try_again(later_s);
}

/* ---- asking ---- */

static bool is_readable(const struct cluster_room *room) {
    return room->is_loaded && !room->is_mending && !room->is_broken;
}

/* Writes the texts of the command. `count` rooms; `texts` has 6 + 2 * count places, `ids` has `count`. */
static int write_command(const char **texts, char (*keys)[sizeof STREAM + NAME_SIZE], char (*ids)[ID_TEXT_SIZE],
    const char *each, const char *block, size_t count) {
    const char *head[] = {"XREAD", "COUNT", each, "BLOCK", block, "STREAMS"};
    struct cluster_room *room;
    size_t i = 0;
    memcpy(texts, head, sizeof head);
    LIST_FOREACH (room, &cluster_state.rooms, link) {
        room->is_read = is_readable(room);
        if (!room->is_read)
            continue;
        snprintf(keys[i], sizeof keys[i], "%s%s", STREAM, room->name);
        snprintf(ids[i], sizeof ids[i], "0-%" PRId64, room->position);
        texts[6 + i] = keys[i];
        texts[6 + count + i] = ids[i];
        i++;
    }
    return (int)(6 + 2 * count);
}

static size_t count_rooms(void) {
    struct cluster_room *room;
    size_t count = 0;
    LIST_FOREACH (room, &cluster_state.rooms, link)
        count += is_readable(room);
    return count;
}

static void read_on(void) {
    size_t count = count_rooms();
    char each[12], block[12];
    if (is_reading || count == 0 || !cluster_state.is_up)
        return;
    const char **texts = calloc(6 + 2 * count, sizeof *texts);
    char(*keys)[sizeof STREAM + NAME_SIZE] = calloc(count, sizeof *keys);
    char(*ids)[ID_TEXT_SIZE] = calloc(count, sizeof *ids);
    if (texts && keys && ids) {
        snprintf(each, sizeof each, "%zu", count < MESSAGES_MAX ? MESSAGES_MAX / count : 1);
        snprintf(block, sizeof block, "%d", BLOCK_MS);
        int length = write_command(texts, keys, ids, each, block, count);
        is_stale = false;
        is_reading = redis_link_call(&cluster_state.reads, &read_call, have_read, length, texts, NULL);
    }
    free(texts);
    free(keys);
    free(ids);
    if (!is_reading && cluster_state.reads.is_up) /* no memory */
        try_again(later_s);
}

/* 1: its wait is over. 0: the command had not reached Redis yet, or its answer is on its way already. */
static void unblocked(struct redis_call *call, const redisReply *reply) {
    (void)call;
    is_unblocking = false;
    bool was_waiting = reply && reply->type == REDIS_REPLY_INTEGER && reply->integer == 1;
    if (is_reading && is_stale && !was_waiting && reply && reply->type == REDIS_REPLY_INTEGER)
        try_again(unblock_again_s);
}

void reader_wake(void) {
    char client[24];
    is_stale = is_reading;
    if (!is_reading) {
        read_on();
        return;
    }
    if (is_unblocking)
        return;
    snprintf(client, sizeof client, "%lld", cluster_state.reads.client_id);
    const char *texts[] = {"CLIENT", "UNBLOCK", client};
    is_unblocking = redis_link_call(&cluster_state.commands, &unblock_call, unblocked, 3, texts, NULL);
}

void reader_look(void) {
    if (!is_reading)
        read_on();
}

void reader_close(void) {
    ev_timer_stop(cluster_state.loop, &again);
}
