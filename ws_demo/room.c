#include "room.h"
#include <stdlib.h>
#include <string.h>

/* LIMIT: names in a list; numbers tried behind a name that is taken, before the member is a guest with a number. */
enum { NAMES_MAX = 50, NUMBERS_MAX = 100 };

uint64_t room_messages_out;

static LIST_HEAD(, room) rooms = LIST_HEAD_INITIALIZER(rooms);
static size_t rooms_count;
static struct framework *framework;

/* ---- sending ---- */

static void send_frame(struct member *m, const struct frame *frame) {
    channel_send_bytes(m->channel, frame->bytes, frame->size);
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
        if (!m->behind && frame)
            send_frame(m, frame);
        else if (!m->behind)
            member_fall_behind(m, message->seq - 1);
    }
    free(own);
    free(others);
}

/* ---- who is here ---- */

json_t *room_names(const struct room *room) {
    json_t *names = json_array();
    const struct member *m;
    int left = NAMES_MAX;
    TAILQ_FOREACH (m, &room->members, link)
        if (names && left-- > 0)
            names = json_add(names, json_string(m->name));
    return names;
}

static void here_changed(struct room *room) {
    if (ev_is_active(&room->here))
        return;
    ev_tstamp delay = 0.05 + (double)room->members_count / 1000;
    ev_timer_set(&room->here, delay < 1 ? delay : 1, 0);
    ev_timer_start(framework->loop, &room->here);
}

static void tell_who_is_here(struct ev_loop *loop, ev_timer *timer, int events) {
    struct room *room = timer->data;
    (void)loop, (void)events;
    struct frame *here = json_frame(json_pack(
        "{s:s, s:I, s:o}", "type", "here", "members", (json_int_t)room->members_count, "names", room_names(room)));
    broadcast(room, here);
    if (!here) /* no memory: again, a little later */
        here_changed(room);
    free(here);
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

size_t room_members(void) {
    const struct room *room;
    size_t count = 0;
    LIST_FOREACH (room, &rooms, link)
        count += room->members_count;
    return count;
}

static void room_free(struct room *room) {
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
    if (!*why && !history_room(name, &room->kept))
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

static void room_end(struct room *room) {
    ev_timer_stop(framework->loop, &room->here);
    LIST_REMOVE(room, link);
    rooms_count--;
    room_free(room);
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

const char *room_enter(struct framework *f, struct member *m, const char *name, const char *wanted) {
    const char *why = NULL;
    framework = f;
    struct room *room = find(name);
    if (!room)
        room = room_make(name, m, &why);
    if (!room)
        return why;
    if (!choose_name(m, room, wanted)) {
        if (room->members_count == 0)
            room_end(room);
        return "memory";
    }
    m->room = room;
    TAILQ_INSERT_TAIL(&room->members, m, link);
    room->members_count++;
    here_changed(room);
    return NULL;
}

void room_leave(struct member *m) {
    struct room *room = m->room;
    TAILQ_REMOVE(&room->members, m, link);
    if (--room->members_count > 0)
        here_changed(room);
    else
        room_end(room);
}
