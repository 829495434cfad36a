/* rooms.c - see rooms.h. Read: on_open, on_message, on_close; the rest serves them. */
#include "rooms.h"
#include "codec.h"
#include "feed.h"
#include "room.h"
#include "wall_clock.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* LIMIT: bytes of a text; bytes of history pending for one client. What one guest may do: guests.c. */
enum { TEXT_MAX = 4096, CATCH_UP_MAX = 32 * 1024, TRY_AGAIN_LATER = 1013 };

/* What a client asks for when it joins. */
struct join {
    char room[NAME_SIZE], name[NAME_SIZE], key[GUEST_KEY_SIZE], epoch[EPOCH_SIZE];
    int64_t after; /* the last message it has seen */
};

static struct framework *framework;
static bool is_durable;
static ev_timer clock_timer;
static uint64_t messages_in, bad_ends;
static ev_tstamp started;

/* ---- joining ---- */

/* A name of the query, cleaned. */
static enum name_is read_name(const struct http_request *request, const char *which, char name[NAME_SIZE]) {
    char raw[4 * NAME_SIZE]; /* it may be longer before it is cleaned */
    name[0] = '\0';
    return http_query(request, which, raw, sizeof raw) < 0 ? NAME_TOO_LONG : name_clean(raw, name);
}

/* Returns 200, or the status to refuse with. A name may be left out; a name without a visible character counts as left
 * out.
 */
static int read_join(const struct http_request *request, struct join *j) {
    char after[21];
    enum name_is room = read_name(request, "room", j->room), name = read_name(request, "name", j->name);
    bool in_order =
        room == NAME_GOOD && name != NAME_TOO_LONG && http_query(request, "key", j->key, sizeof j->key) >= 0 &&
        (j->key[0] == '\0' || guest_is_key(j->key)) && http_query(request, "epoch", j->epoch, sizeof j->epoch) >= 0 &&
        http_query(request, "after", after, sizeof after) >= 0;
    j->after = in_order ? strtoll(after, NULL, 10) : 0;
    return room == NAME_NO_MEMORY || name == NAME_NO_MEMORY ? 503 : in_order ? 200 : 400;
}

void rooms_request(struct channel *c, const struct http_request *request) {
    struct join join;
    int status = read_join(request, &join);
    if (status == 200)
        channel_upgrade(c, &room_pipeline);
    else if (status == 503)
        http_refuse(c, 503, "");
    else
        http_refuse(c, 400,
            "a room and a name are 1 to 32 bytes of UTF-8, with something to see in them (the name may be left out); "
            "a key is 32 hex digits, in lower case\n");
}

const char *const rooms_refusal_names[ROOMS_REFUSALS] = {
    "empty", "too_long", "rate", "full", "memory", "history", "members", "rooms"};
static uint64_t refused_count[ROOMS_REFUSALS];

uint64_t rooms_refused(size_t which) {
    return refused_count[which];
}

uint64_t rooms_messages_in(void) {
    return messages_in;
}

/* Says why, in a word; `id` is NULL where it is about joining. */
static void refuse(struct channel *c, const char *id, const char *why) {
    for (size_t i = 0; i < ROOMS_REFUSALS; i++)
        refused_count[i] += strcmp(why, rooms_refusal_names[i]) == 0;
    const char *detail = strcmp(why, "history") == 0 ? history_failure() : NULL;
    json_t *refused = json_put(json_pack("{s:s, s:s}", "type", "refused", "why", why), "id", id);
    channel_send_json(c, json_put(refused, "detail", detail));
}

/* The request's head as it came, with '*' in place of the key: the page shows it, perhaps to a whole class. */
static json_t *shown_request(const struct channel *c, const char *key) {
    size_t count = http_request_bytes(c);
    char *head = malloc(count);
    if (!head)
        return NULL;
    memcpy(head, http_request_of(c)->method.at, count);
    char *at = key[0] ? memmem(head, count, key, strlen(key)) : NULL;
    if (at)
        memset(at, '*', strlen(key));
    json_t *shown = json_head(head, count);
    free(head);
    return shown;
}

/* The first message: where the room stands, and what the page shows of the handshake. */
static void send_hello(struct member *m, const struct join *join, int64_t lost) {
    struct channel *c = m->channel;
    const struct history_room *kept = &m->room->kept;
    size_t response_bytes;
    const uint8_t *response = session_pending(&c->session, &response_bytes); /* only its head is pending so far */
    json_t *hello = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:b, s:f, s:I, s:o}", "type", "hello", "room",
        m->room->name, "name", m->name, "epoch", kept->epoch, "oldest", (json_int_t)kept->oldest, "last",
        (json_int_t)kept->last, "lost", (json_int_t)lost, "durable", (int)is_durable, "at", wall_clock_ms(), "members",
        (json_int_t)m->room->members_count, "names", room_names(m->room));
    json_t *handshake = json_pack("{s:o, s:o, s:I, s:I, s:{s:i, s:I, s:i, s:I}}", "request",
        shown_request(c, join->key), "response", json_head((const char *)response, response_bytes), "request_bytes",
        (json_int_t)http_request_bytes(c), "response_bytes", (json_int_t)response_bytes, "limits", "text_max", TEXT_MAX,
        "message_max", (json_int_t)framework->options->limits.message_max, "history", HISTORY_MAX, "output_max",
        (json_int_t)framework->options->limits.pending_max);
    if (json_object_update_new(hello, handshake) != 0) { /* no memory for one of them */
        json_decref(hello);
        hello = NULL;
    }
    channel_send_json(c, hello);
}

static bool send_kept(const struct history_message *message, void *argument) {
    struct member *m = argument;
    if (session_pending_count(&m->channel->session) > CATCH_UP_MAX || m->channel->session.ending)
        return false;
    if (message->seq > m->seq + 1) /* the history has deleted them before they could be sent */
        channel_send_json(
            m->channel, json_pack("{s:s, s:I}", "type", "lost", "count", (json_int_t)(message->seq - m->seq - 1)));
    channel_send_json(m->channel, message_for(m, message));
    room_messages_out++;
    m->seq = message->seq;
    m->behind = m->seq < m->room->kept.last;
    return true;
}

/* Sends some of the messages that the member has missed; on_drained sends the others. */
static void catch_up(struct channel *c) {
    struct member *m = c->attachment;
    if (!history_each(m->room->name, m->seq, send_kept, m)) {
        refuse(c, NULL, history_failure() ? "history" : "memory");
        channel_close(c, TRY_AGAIN_LATER);
    }
    c->drained_wanted = m->behind;
}

/* Sets m->owner to the digest of its key, or of a random one. False: no random bytes. */
static bool set_owner(struct member *m, const char *key, uint8_t digest[GUEST_DIGEST_SIZE]) {
    uint8_t random[16];
    bool has_key = key[0] != '\0';
    if (!has_key && getrandom(random, sizeof random, 0) != sizeof random)
        return false;
    guest_digest(has_key ? (const void *)key : random, has_key ? strlen(key) : sizeof random, digest, m->owner);
    return true;
}

/* Counts the guest, if it may join. Returns NULL, or why not, in one word. */
static const char *admit(struct member *m, const char *key) {
    uint8_t digest[GUEST_DIGEST_SIZE];
    struct guest *address = m->channel->guest;
    if (!set_owner(m, key, digest))
        return "memory";
    struct guest *by_key = guest_enter(GUEST_KEY, digest);
    const char *why = !by_key ? "memory" : !guests_may(address, by_key, RATE_JOIN) ? "rate" : NULL;
    if (!why && !guest_take(by_key, SHARE_MEMBERS))
        why = "members";
    else if (!why)
        m->guests[GUEST_KEY] = by_key;
    guest_leave(by_key);
    if (!why && !guest_take(address, SHARE_MEMBERS))
        why = "members";
    else if (!why)
        m->guests[GUEST_ADDRESS] = address;
    return why;
}

static void member_free(struct member *m) {
    for (int kind = 0; kind < GUEST_KINDS; kind++)
        guest_give_back(m->guests[kind], SHARE_MEMBERS);
    free(m->folded);
    free(m);
}

/* Greets the new member, and sends it what it has missed. */
static void welcome(struct member *m, struct join *join) {
    const struct history_room *kept = &m->room->kept;
    if (strcmp(join->epoch, kept->epoch) != 0 || join->after < 0 || join->after > kept->last)
        join->after = 0; /* a number of another epoch */
    m->seq = join->after < kept->oldest ? kept->oldest - 1 : join->after;
    send_hello(m, join, m->seq - join->after);
    m->behind = m->seq < kept->last;
    if (m->behind)
        catch_up(m->channel);
}

static void on_open(struct channel *c) {
    struct join join;
    struct member *m = calloc(1, sizeof *m);
    const char *why =
        m && read_join(http_request_of(c), &join) == 200 ? NULL : "memory"; /* rooms_request has checked all else */
    if (m) {
        m->channel = c;
        why = why ? why : admit(m, join.key);
        why = why ? why : room_enter(framework, m, join.room, join.name);
    }
    if (!why) {
        c->attachment = m;
        welcome(m, &join);
        return;
    }
    if (m)
        member_free(m);
    refuse(c, NULL, why);
    channel_close(c, TRY_AGAIN_LATER);
}

/* ---- speaking ---- */

/* history_store changes the state; the rest announces it. What may fail in that: room.h. */
static void keep_and_tell(struct member *m, struct history_message *message) {
    struct room *room = m->room;
    messages_in++;
    switch (history_store(room->name, &room->kept, guest_name(m->channel->guest), room_in_use, message)) {
    case HISTORY_NEW: room_broadcast_message(room, message); break;
    case HISTORY_KNOWN: /* sent to the sender alone; one that is behind gets it from the history */
        if (!m->behind || message->seq <= m->seq)
            channel_send_json(m->channel, message_for(m, message));
        break;
    case HISTORY_FULL: refuse(m->channel, message->id, "full"); break;
    case HISTORY_FAILED: refuse(m->channel, message->id, history_failure() ? "history" : "memory"); break;
    }
}

static void say(struct member *m, const char *id, const char *text) {
    struct history_message message = {
        .owner = m->owner, .id = id, .from = m->name, .text = text, .at_ms = wall_clock_ms()};
    if (text[0] == '\0')
        refuse(m->channel, id, "empty");
    else if (strlen(text) > TEXT_MAX)
        refuse(m->channel, id, "too_long");
    else if (!guests_may(m->channel->guest, m->guests[GUEST_KEY], RATE_SAY))
        refuse(m->channel, id, "rate");
    else
        keep_and_tell(m, &message);
}

/* Does what a client asks for. Returns false for a message that is unknown or invalid. */
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
    if (!m)
        return; /* it found no room */
    json_t *message = channel_read_json(c, opcode, bytes, count, JSON_MAX);
    if (message && !obey(m, message))
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
    room_leave(m);
    member_free(m);
    c->attachment = NULL;
}

static const struct handlers room_handlers = {
    .on_open = on_open, .on_message = on_message, .on_drained = catch_up, .on_error = on_error, .on_close = on_close};
const struct pipeline room_pipeline = {&codec_websocket, &room_handlers};

/* ---- pushed by the server ---- */

static void push_clock(struct ev_loop *loop, ev_timer *timer, int events) {
    const struct stats *stats = &framework->stats;
    double late_ms = (ev_time() - ev_now(loop)) * 1e3;
    (void)timer, (void)events;
    struct frame *clock = json_frame(
        json_pack("{s:s, s:f, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f}}", "type", "clock", "at",
            wall_clock_ms(), "stats", "connections", (json_int_t)stats->active, "rooms", (json_int_t)rooms_in_use(),
            "messages_in", (json_int_t)messages_in, "messages_out", (json_int_t)room_messages_out, "bytes_in",
            (json_int_t)framework->bytes_in, "bytes_out", (json_int_t)framework->bytes_out, "slow_readers_dropped",
            (json_int_t)stats->closed[CLOSE_SLOW_READER], "polls", (json_int_t)feed_polls(), "bad_ends",
            (json_int_t)bad_ends, "loop_lag_ms", late_ms, "uptime_s", ev_now(loop) - started));
    rooms_broadcast(clock); /* no memory: the next one comes in a second */
    free(clock);
}

void rooms_open(struct framework *f, bool durable) {
    framework = f;
    is_durable = durable;
    started = ev_now(f->loop);
    ev_timer_init(&clock_timer, push_clock, 1, 1);
    ev_timer_start(f->loop, &clock_timer);
}
