#include "room.h"
#include <stdlib.h>
#include <string.h>

/* LIMIT: names in a list; numbers tried behind a name that is taken, before the member is a guest with a number. */
enum { NAMES_MAX = 50, NUMBERS_MAX = 100 };

enum { JOIN_AGAIN = 1012 }; /* a close code */

uint64_t room_messages_out;

static LIST_HEAD(, room) rooms = LIST_HEAD_INITIALIZER(rooms);
static size_t rooms_count;
static struct framework *framework;
static const struct cluster *cluster; /* NULL: there are no other nodes */

void room_open(struct framework *f, const struct cluster *nodes) {
    framework = f;
    cluster = nodes;
}

/* ---- sending ---- */

static void send_frame(struct member *m, const struct frame *frame) {
    channel_send_frame(m->channel, frame);
    room_messages_out++;
}

static void broadcast(struct room *room, const struct frame *frame) {
    struct member *m;
    TAILQ_FOREACH (m, &room->members, link)
        if (frame)
            send_frame(m, frame);
}

void rooms_broadcast(const struct frame *frame) {
    struct room *room;
    LIST_FOREACH (room, &rooms, link)
        broadcast(room, frame);
}

static bool is_own(const struct member *m, const struct history_message *message) {
    return strcmp(m->owner, message->owner) == 0;
}

static json_t *message_json(const struct history_message *m, bool with_id) {
    json_t *message = json_pack("{s:s, s:I, s:s, s:s, s:f}", "type", "message", "seq", (json_int_t)m->seq, "from",
        m->from, "text", m->text, "at", m->at_ms);
    return json_put(message, "id", with_id ? m->id : NULL);
}

json_t *message_for(const struct member *m, const struct history_message *message) {
    return message_json(message, is_own(m, message));
}

void member_fall_behind(struct member *m, int64_t seq) {
    m->behind = true;
    m->seq = seq;
    m->channel->drained_wanted = true;
    channel_touch(m->channel);
}

void room_broadcast_message(struct room *room, const struct history_message *message) {
    struct frame *own = json_frame(message_json(message, true)), *others = json_frame(message_json(message, false));
    struct member *m;
    TAILQ_FOREACH (m, &room->members, link) {
        const struct frame *frame = is_own(m, message) ? own : others;
        if (m->behind || m->seq >= message->seq)
            continue;
        if (frame)
            send_frame(m, frame);
        else
            member_fall_behind(m, message->seq - 1);
    }
    free(own);
    free(others);
}

void room_broadcast_lost(struct room *room, const struct history_message *message, int64_t lost) {
    struct frame *frame = json_frame(json_pack("{s:s, s:I}", "type", "lost", "count", (json_int_t)lost));
    struct member *m;
    TAILQ_FOREACH (m, &room->members, link) {
        if (m->behind || m->seq >= message->seq)
            continue;
        if (frame)
            send_frame(m, frame);
        else
            member_fall_behind(m, message->seq - lost - 1);
    }
    free(frame);
}

/* ---- who is here ---- */

/* Of this node. */
static json_t *own_names(const struct room *room) {
    json_t *names = json_array();
    const struct member *m;
    int left = NAMES_MAX;
    TAILQ_FOREACH (m, &room->members, link)
        if (names && left-- > 0)
            names = json_add(names, json_string(m->name));
    return names;
}

json_t *room_names(const struct room *room) {
    json_t *names = own_names(room);
    const json_t *others = NULL;
    if (room->shared)
        cluster->others(room->shared, &others);
    for (size_t i = 0; names && i < json_array_size(others) && json_array_size(names) < NAMES_MAX; i++)
        names = json_add(names, json_incref(json_array_get(others, i)));
    return names;
}

size_t room_members(const struct room *room) {
    const json_t *names;
    return room->members_count + (room->shared ? cluster->others(room->shared, &names) : 0);
}

static void here_changed(struct room *room) {
    if (room->is_retired || ev_is_active(&room->here))
        return;
    ev_tstamp delay = 0.05 + (double)room->members_count / 1000;
    ev_timer_set(&room->here, delay < 1 ? delay : 1, 0);
    ev_timer_start(framework->loop, &room->here);
}

bool room_tell_who_is_here(struct room *room) {
    struct frame *here = json_frame(json_pack(
        "{s:s, s:I, s:o}", "type", "here", "members", (json_int_t)room_members(room), "names", room_names(room)));
    broadcast(room, here);
    free(here);
    return here != NULL;
}

static void tell_who_is_here(struct ev_loop *loop, ev_timer *timer, int events) {
    struct room *room = timer->data;
    (void)loop, (void)events;
    char *names = room->shared ? json_text(own_names(room)) : NULL;
    if (names)
        cluster->tell_here(room->shared, room->members_count, names);
    if (!room_tell_who_is_here(room) || (room->shared && !names)) /* no memory: again, a little later */
        here_changed(room);
}

/* ---- rooms ---- */

static struct room *find(const char *name) {
    struct room *room;
    LIST_FOREACH (room, &rooms, link)
        if (strcmp(room->name, name) == 0)
            return room;
    return NULL;
}

bool room_in_use(const char *name) {
    return find(name) != NULL;
}

size_t rooms_in_use(void) {
    return rooms_count;
}

size_t rooms_members(void) {
    const struct room *room;
    size_t count = 0;
    LIST_FOREACH (room, &rooms, link)
        count += room->members_count;
    return count;
}

static void room_free(struct room *room) {
    if (room->shared)
        cluster->close_room(room->shared);
    for (int kind = 0; kind < GUEST_KINDS; kind++)
        guest_give_back(room->makers[kind], SHARE_ROOMS);
    free(room);
}

/* Makes an empty room, which counts in the shares of `m`. NULL, and *why, if that is not possible. */
static struct room *room_make(const char *name, const struct member *m, const char **why) {
    struct room *room = calloc(1, sizeof *room);
    if (!room) {
        *why = "memory";
        return NULL;
    }
    *why = NULL;
    for (int kind = 0; kind < GUEST_KINDS && !*why; kind++) {
        if (guest_take(m->guests[kind], SHARE_ROOMS))
            room->makers[kind] = m->guests[kind];
        else
            *why = "rooms";
    }
    if (!*why && cluster)
        room->shared = cluster->open_room(name, room, &room->kept, why);
    else if (!*why && !history_room(name, &room->kept))
        *why = history_failure() ? "history" : "memory";
    if (*why) {
        room_free(room);
        return NULL;
    }
    strcpy(room->name, name); /* both are NAME_SIZE */
    TAILQ_INIT(&room->members);
    ev_timer_init(&room->here, tell_who_is_here, 0, 0);
    room->here.data = room;
    LIST_INSERT_HEAD(&rooms, room, link);
    rooms_count++;
    return room;
}

static void unlist(struct room *room) {
    ev_timer_stop(framework->loop, &room->here);
    LIST_REMOVE(room, link);
    rooms_count--;
}

void room_end_if_empty(struct room *room) {
    if (room->members_count + room->joining > 0)
        return;
    if (!room->is_retired)
        unlist(room);
    room_free(room);
}

void room_retire(struct room *room) {
    struct member *m;
    unlist(room);
    room->is_retired = true;
    cluster->close_room(room->shared);
    room->shared = NULL;
    TAILQ_FOREACH (m, &room->members, link)
        channel_close(m->channel, JOIN_AGAIN);
    room_end_if_empty(room);
}

/* ---- members ---- */

/* True if another guest has this name. One guest may be here twice under the same name: its old connection may not have
 * ended yet. */
static bool is_taken(const struct room *room, const char *folded, const char *owner) {
    const struct member *m;
    TAILQ_FOREACH (m, &room->members, link)
        if (strcmp(m->folded, folded) == 0 && strcmp(m->owner, owner) != 0)
            return true;
    return false;
}

/* Tries "Ada", "Ada 2", "Ada 3"...; "guest 1", "guest 2"... False without memory. */
static bool choose_name(struct member *m, const struct room *room, const char *wanted) {
    static unsigned unnamed;
    bool has_name = wanted[0] != '\0', taken = true;
    for (unsigned number = 1; taken; number++) {
        has_name = has_name && number <= NUMBERS_MAX;
        if (has_name && number == 1)
            strcpy(m->name, wanted); /* both are NAME_SIZE */
        else
            name_number(has_name ? wanted : "guest", has_name ? number : ++unnamed, m->name);
        free(m->folded);
        m->folded = name_fold(m->name);
        if (!m->folded)
            return false;
        taken = is_taken(room, m->folded, m->owner);
    }
    return true;
}

void room_add(struct room *room, struct member *m) {
    m->room = room;
    TAILQ_INSERT_TAIL(&room->members, m, link);
    room->members_count++;
    here_changed(room);
}

const char *room_enter(struct member *m, const char *name, const char *wanted) {
    const char *why = NULL;
    struct room *room = find(name);
    if (!room)
        room = room_make(name, m, &why);
    if (!room)
        return why;
    bool ask_others = room->shared && !cluster->enter_alone(room->shared);
    if (ask_others)
        why = cluster->enter(room->shared, m, m->owner, wanted);
    else
        why = choose_name(m, room, wanted) ? NULL : "memory";
    if (!why && ask_others)
        room->joining++;
    else if (!why)
        room_add(room, m);
    room_end_if_empty(room);
    return why;
}

void room_leave(struct member *m) {
    struct room *room = m->room;
    TAILQ_REMOVE(&room->members, m, link);
    room->members_count--;
    if (room->shared)
        cluster->leave(room->shared, m->owner, m->folded);
    here_changed(room);
    room_end_if_empty(room);
}

/* ---- names, with other nodes ---- */

void room_each_name(
    struct room *room, void (*each)(void *argument, const char *owner, const char *folded), void *argument) {
    struct member *m;
    TAILQ_FOREACH (m, &room->members, link)
        each(argument, m->owner, m->folded);
}

void room_evict(struct room *room, const char *owner, const char *folded) {
    struct member *m;
    TAILQ_FOREACH (m, &room->members, link)
        if (strcmp(m->owner, owner) == 0 && strcmp(m->folded, folded) == 0)
            channel_close(m->channel, JOIN_AGAIN);
}
