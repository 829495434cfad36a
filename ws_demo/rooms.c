/* rooms.c - see rooms.h. Read: on_open, on_message, on_close; the rest serves them. */
#include "rooms.h"
#include "codec.h"
#include "feed.h"
#include "history.h"
#include "json_text.h"
#include "now.h"
#include "wall_clock.h"
#include <stdlib.h>
#include <string.h>

/* LIMIT: bytes of a text; messages of one client at once, and per second; names in a list; bytes of history that wait
 * to be sent to one client. */
enum { TEXT_MAX = 4096, BURST_MAX = 50, RATE_MAX = 20, NAMES_MAX = 50, CATCH_UP_MAX = 32 * 1024 };

struct room {
    char name[NAME_SIZE];
    int64_t last; /* the number of the last message */
    size_t members_count;
    TAILQ_HEAD(, member) members;
    ev_timer here; /* tells everybody who is here, soon after that has changed; not once for each of 10,000 that join */
    LIST_ENTRY(room) link;
};

struct member {
    struct channel *channel;
    struct room *room;
    char name[NAME_SIZE];
    int64_t seq;   /* the last message that it was sent, while it is behind */
    bool behind;   /* it gets messages from the history, as fast as it takes them, and not as they come */
    double tokens; /* messages that it may say now */
    int64_t tokens_at_ms;
    TAILQ_ENTRY(member) link;
};

/* What a client asks for when it joins. */
struct join {
    char room[NAME_SIZE], name[NAME_SIZE], epoch[17];
    int64_t after; /* the last message it has seen */
};

static LIST_HEAD(, room) rooms = LIST_HEAD_INITIALIZER(rooms);
static struct framework *framework;
static bool is_durable;
static ev_timer clock_timer;
static uint64_t messages_in, messages_out, bad_ends;
static unsigned guests;
static size_t rooms_count;
static ev_tstamp started;

/* ---- sending ---- */

/* To everybody in the room, or to those who are not behind. Without memory there was no frame, and nobody gets it. */
static void broadcast(struct room *room, const struct frame *frame, bool behind_too) {
    struct member *m;
    if (!frame)
        return;
    TAILQ_FOREACH (m, &room->members, link) {
        if (!m->behind || behind_too) {
            channel_send_bytes(m->channel, frame->bytes, frame->size);
            messages_out++;
        }
    }
}

static json_t *message_json(const struct history_message *m) {
    return json_pack("{s:s, s:I, s:s, s:s, s:s, s:f}", "type", "message", "seq", (json_int_t)m->seq, "id", m->id,
        "from", m->from, "text", m->text, "at", m->at_ms);
}

static json_t *names_of(const struct room *room) {
    json_t *names = json_array();
    const struct member *m;
    int left = NAMES_MAX;
    TAILQ_FOREACH (m, &room->members, link)
        if (left-- > 0)
            json_array_append_new(names, json_string(m->name));
    return names;
}

/* ---- rooms and members ---- */

static struct room *room_find(const char *name) {
    struct room *room;
    LIST_FOREACH (room, &rooms, link)
        if (strcmp(room->name, name) == 0)
            return room;
    return NULL;
}

static bool room_in_use(const char *name) {
    return room_find(name) != NULL;
}

static void tell_who_is_here(struct ev_loop *loop, ev_timer *timer, int events) {
    struct room *room = timer->data;
    struct frame *here = json_frame(json_pack(
        "{s:s, s:I, s:o}", "type", "here", "members", (json_int_t)room->members_count, "names", names_of(room)));
    (void)loop, (void)events;
    broadcast(room, here, true);
    free(here);
}

static void here_changed(struct room *room) {
    if (ev_is_active(&room->here))
        return;
    ev_tstamp delay = 0.05 + (double)room->members_count / 1000;
    ev_timer_set(&room->here, delay < 1 ? delay : 1, 0);
    ev_timer_start(framework->loop, &room->here);
}

static struct room *room_enter(const char *name) {
    struct room *room = room_find(name);
    if (room)
        return room;
    room = calloc(1, sizeof *room);
    if (!room)
        return NULL;
    strcpy(room->name, name); /* both are NAME_SIZE */
    TAILQ_INIT(&room->members);
    ev_timer_init(&room->here, tell_who_is_here, 0, 0);
    room->here.data = room;
    LIST_INSERT_HEAD(&rooms, room, link);
    rooms_count++;
    return room;
}

static void room_leave(struct room *room) {
    if (room->members_count > 0) {
        here_changed(room);
        return;
    }
    ev_timer_stop(framework->loop, &room->here);
    LIST_REMOVE(room, link);
    free(room);
    rooms_count--;
}

/* ---- the handlers ---- */

static bool read_join(const struct http_request *request, struct join *j) {
    char after[21];
    bool in_order = http_query(request, "room", j->room, sizeof j->room) > 0 &&
                    http_query(request, "name", j->name, sizeof j->name) >= 0 &&
                    http_query(request, "epoch", j->epoch, sizeof j->epoch) >= 0 &&
                    http_query(request, "after", after, sizeof after) >= 0;
    j->after = in_order ? strtoll(after, NULL, 10) : 0;
    return in_order;
}

void rooms_request(struct channel *c, const struct http_request *request) {
    struct join join;
    if (read_join(request, &join))
        channel_upgrade(c, &room_pipeline);
    else
        http_refuse(c, 400, "a room and a name are 1 to 32 bytes of UTF-8 (the name may be left out)\n");
}

/* The first message: where the room stands, and what the page shows of the handshake. */
static void send_hello(struct member *m, const struct history_room *history, int64_t lost) {
    struct channel *c = m->channel;
    size_t response_bytes;
    const uint8_t *response = session_pending(&c->session, &response_bytes); /* its head is all that waits so far */
    json_t *hello = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:b, s:f, s:I, s:o}", "type", "hello", "room",
        m->room->name, "name", m->name, "epoch", history->epoch, "oldest", (json_int_t)history->oldest, "last",
        (json_int_t)history->last, "lost", (json_int_t)lost, "durable", (int)is_durable, "at", wall_clock_ms(),
        "members", (json_int_t)m->room->members_count, "names", names_of(m->room));
    json_t *handshake = json_pack("{s:o, s:o, s:I, s:I, s:{s:i, s:I, s:i, s:I}}", "request",
        json_head(http_request_of(c)->method.at, http_request_bytes(c)), "response",
        json_head((const char *)response, response_bytes), "request_bytes", (json_int_t)http_request_bytes(c),
        "response_bytes", (json_int_t)response_bytes, "limits", "text_max", TEXT_MAX, "message_max",
        (json_int_t)framework->options->limits.message_max, "history", HISTORY_MAX, "output_max",
        (json_int_t)framework->options->limits.output_max);
    json_object_update_new(hello, handshake);
    channel_send_json(c, hello);
}

static bool send_kept(const struct history_message *message, void *argument) {
    struct member *m = argument;
    if (session_waiting(&m->channel->session) > CATCH_UP_MAX)
        return false;
    if (message->seq > m->seq + 1) /* they fell out of the history before they could be sent */
        channel_send_json(
            m->channel, json_pack("{s:s, s:I}", "type", "lost", "count", (json_int_t)(message->seq - m->seq - 1)));
    channel_send_json(m->channel, message_json(message));
    messages_out++;
    m->seq = message->seq;
    m->behind = m->seq < m->room->last;
    return true;
}

/* Some of what it has missed; the rest when that has left. */
static void catch_up(struct channel *c) {
    struct member *m = c->attachment;
    history_each(m->room->name, m->seq, send_kept, m);
    c->drained_wanted = m->behind;
}

static void on_open(struct channel *c) {
    struct join join;
    struct history_room history;
    read_join(http_request_of(c), &join); /* in order: rooms_request has seen it */
    struct member *m = calloc(1, sizeof *m);
    if (!m || !history_room(join.room, &history, room_in_use) || !(m->room = room_enter(join.room))) {
        free(m);
        channel_close(c, 1013); /* try again later */
        return;
    }
    c->attachment = m;
    m->channel = c;
    m->tokens = BURST_MAX;
    m->tokens_at_ms = now_ms();
    strcpy(m->name, join.name); /* both are NAME_SIZE */
    if (m->name[0] == '\0')
        snprintf(m->name, sizeof m->name, "guest %u", ++guests);
    TAILQ_INSERT_TAIL(&m->room->members, m, link);
    m->room->members_count++;
    if (strcmp(join.epoch, history.epoch) != 0 || join.after < 0 || join.after > history.last)
        join.after = 0; /* numbers of another time */
    m->room->last = history.last;
    m->seq = join.after < history.oldest ? history.oldest - 1 : join.after;
    send_hello(m, &history, m->seq - join.after);
    m->behind = m->seq < history.last;
    if (m->behind)
        catch_up(c);
    here_changed(m->room);
}

static void refuse(struct member *m, const char *id, const char *why) {
    channel_send_json(m->channel, json_pack("{s:s, s:s, s:s}", "type", "refused", "id", id, "why", why));
}

/* LIMIT: how often one client may speak: BURST_MAX at once, RATE_MAX a second. */
static bool may_speak(struct member *m) {
    int64_t now = now_ms();
    m->tokens += (double)(now - m->tokens_at_ms) * RATE_MAX / 1000;
    m->tokens_at_ms = now;
    if (m->tokens > BURST_MAX)
        m->tokens = BURST_MAX;
    if (m->tokens < 1)
        return false;
    m->tokens--;
    return true;
}

static void say(struct member *m, const char *id, const char *text) {
    struct history_message message = {.id = id, .from = m->name, .text = text, .at_ms = wall_clock_ms()};
    struct frame *frame = NULL;
    if (text[0] == '\0') {
        refuse(m, id, "empty");
    } else if (strlen(text) > TEXT_MAX) {
        refuse(m, id, "too_long");
    } else if (!may_speak(m)) {
        refuse(m, id, "rate");
    } else {
        messages_in++;
        switch (history_store(m->room->name, &message)) {
        case HISTORY_NEW:
            m->room->last = message.seq;
            frame = json_frame(message_json(&message));
            broadcast(m->room, frame, false);
            break;
        case HISTORY_KNOWN: /* said again, because only its sender does not know; one that is behind will */
            if (!m->behind || message.seq <= m->seq)
                channel_send_json(m->channel, message_json(&message));
            break;
        case HISTORY_FAILED: refuse(m, id, "memory"); break;
        }
        free(frame);
    }
}

/* What a client may say. Returns false for anything else. */
static bool obey(struct member *m, json_t *message) {
    const char *type, *id, *text;
    double t;
    int code;
    if (json_unpack(message, "{s:s}", "type", &type) != 0)
        return false;
    if (strcmp(type, "say") == 0 && json_unpack(message, "{s:s, s:s}", "id", &id, "text", &text) == 0 &&
        id[0] != '\0' && strlen(id) < ID_SIZE)
        say(m, id, text);
    else if (strcmp(type, "time") == 0 && json_unpack(message, "{s:F}", "t", &t) == 0)
        channel_send_json(m->channel, json_pack("{s:s, s:f, s:f}", "type", "time", "t", t, "at", wall_clock_ms()));
    else if (strcmp(type, "cut") == 0)
        channel_abort(m->channel, CLOSE_RESET);
    else if (strcmp(type, "bye") == 0 && json_unpack(message, "{s:i}", "code", &code) == 0 && code > 0 &&
             code <= UINT16_MAX && websocket_close_code_is_valid((uint16_t)code))
        channel_close(m->channel, (uint16_t)code);
    else
        return false;
    return true;
}

static void on_message(struct channel *c, enum websocket_opcode opcode, const uint8_t *bytes, size_t count) {
    struct member *m = c->attachment;
    json_t *message =
        m && opcode == WEBSOCKET_TEXT ? json_loadb((const char *)bytes, count, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (m && (!message || !obey(m, message)))
        channel_close(c, WEBSOCKET_CLOSE_POLICY);
    json_decref(message);
}

static void on_error(struct channel *c, enum close_reason reason) {
    (void)c, (void)reason; /* the log has its address, and why */
    bad_ends++;
}

static void on_close(struct channel *c, enum close_reason reason) {
    struct member *m = c->attachment;
    (void)reason;
    if (!m)
        return; /* it found no room */
    TAILQ_REMOVE(&m->room->members, m, link);
    m->room->members_count--;
    room_leave(m->room);
    free(m);
}

static const struct handlers room_handlers = {
    .on_open = on_open, .on_message = on_message, .on_drained = catch_up, .on_error = on_error, .on_close = on_close};
const struct pipeline room_pipeline = {&codec_websocket, &room_handlers};

/* ---- pushed by the server, unasked ---- */

static void push_clock(struct ev_loop *loop, ev_timer *timer, int events) {
    const struct stats *stats = &framework->stats;
    struct room *room;
    double late_ms = (ev_time() - ev_now(loop)) * 1e3;
    (void)timer, (void)events;
    struct frame *clock = json_frame(json_pack("{s:s, s:f, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f}}",
        "type", "clock", "at", wall_clock_ms(), "stats", "clients", (json_int_t)stats->active, "rooms",
        (json_int_t)rooms_count, "messages_in", (json_int_t)messages_in, "messages_out", (json_int_t)messages_out,
        "bytes_in", (json_int_t)framework->total.bytes_in, "bytes_out", (json_int_t)framework->total.bytes_out,
        "slow_readers_dropped", (json_int_t)stats->closed[CLOSE_SLOW_READER], "polls", (json_int_t)feed_polls(),
        "bad_ends", (json_int_t)bad_ends, "loop_lag_ms", late_ms, "uptime_s", ev_now(loop) - started));
    LIST_FOREACH (room, &rooms, link)
        broadcast(room, clock, true);
    free(clock);
}

void rooms_open(struct framework *f, bool durable) {
    framework = f;
    is_durable = durable;
    started = ev_now(f->loop);
    ev_timer_init(&clock_timer, push_clock, 1, 1);
    ev_timer_start(f->loop, &clock_timer);
}
