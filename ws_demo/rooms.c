/* rooms.c - see rooms.h. Read: on_open, on_message, on_close; the rest serves them. */
#include "rooms.h"
#include "codec.h"
#include "deflate_step.h"
#include "feed.h"
#include "room.h"
#include "wall_clock.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* LIMIT: bytes of history pending for one client. What one guest may do: guests.c. */
enum { CATCH_UP_MAX = 32 * 1024, TRY_AGAIN_LATER = 1013 };

/* What a client asks for when it joins. */
struct join {
    char room[NAME_SIZE], name[NAME_SIZE], key[GUEST_KEY_SIZE], epoch[EPOCH_SIZE];
    int64_t after; /* the last message it has seen */
};

struct joining {
    struct join asked;
    json_t *handshake; /* OWNS: what the page shows of it; NULL: no memory */
};

static struct framework *framework;
static const struct cluster *cluster; /* NULL: there are no other nodes */
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
    "empty", "too_long", "rate", "full", "memory", "history", "members", "rooms", "busy", "away"};
static uint64_t refused_count[ROOMS_REFUSALS];

uint64_t rooms_refused(size_t which) {
    return refused_count[which];
}

uint64_t rooms_messages_in(void) {
    return messages_in;
}

/* Says why, in a word, and perhaps in those of SQLite or Redis; `id` is NULL where it is about joining. */
static void refuse_with(struct channel *c, const char *id, const char *why, const char *detail) {
    for (size_t i = 0; i < ROOMS_REFUSALS; i++)
        refused_count[i] += strcmp(why, rooms_refusal_names[i]) == 0;
    json_t *refused = json_put(json_pack("{s:s, s:s}", "type", "refused", "why", why), "id", id);
    channel_send_json(c, json_put(refused, "detail", detail));
}

static void refuse(struct channel *c, const char *id, const char *why) {
    refuse_with(c, id, why, strcmp(why, "history") == 0 ? history_failure() : NULL);
}

/* The last message that this node knows of, or that the member has seen on another one. */
static int64_t last_for(const struct member *m) {
    return m->seq > m->room->kept.last ? m->seq : m->room->kept.last;
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

/* What the page shows of the handshake, and limits. Only while on_open runs. */
static json_t *show_handshake(struct channel *c, const struct join *join) {
    size_t response_bytes;
    const uint8_t *response = session_pending(&c->session, &response_bytes); /* only its head is pending so far */
    return json_pack("{s:o, s:o, s:I, s:I, s:{s:i, s:I, s:i, s:I}}", "request", shown_request(c, join->key), "response",
        json_head((const char *)response, response_bytes), "request_bytes", (json_int_t)http_request_bytes(c),
        "response_bytes", (json_int_t)response_bytes, "limits", "text_max", TEXT_MAX, "message_max",
        (json_int_t)framework->options->limits.message_max, "history", HISTORY_MAX, "output_max",
        (json_int_t)framework->options->limits.pending_max);
}

/* The first message: where the room stands, and the handshake. */
static void send_hello(struct member *m, json_t *handshake, int64_t lost) {
    const struct history_room *kept = &m->room->kept;
    json_t *hello = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:b, s:f, s:I, s:o}", "type", "hello", "room",
        m->room->name, "name", m->name, "epoch", kept->epoch, "oldest", (json_int_t)kept->oldest, "last",
        (json_int_t)last_for(m), "lost", (json_int_t)lost, "durable", (int)is_durable, "at", wall_clock_ms(), "members",
        (json_int_t)room_members(m->room), "names", room_names(m->room));
    if (cluster)
        hello = json_put(json_put(hello, "node", cluster->node), "store", cluster->is_up() ? "here" : "away");
    if (json_object_update_new(hello, handshake) != 0) { /* no memory for one of them */
        json_decref(hello);
        hello = NULL;
    }
    channel_send_json(m->channel, hello);
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

static void joining_free(struct member *m) {
    if (m->joining)
        json_decref(m->joining->handshake);
    free(m->joining);
    m->joining = NULL;
}

static void member_free(struct member *m) {
    joining_free(m);
    for (int kind = 0; kind < GUEST_KINDS; kind++)
        guest_give_back(m->guests[kind], SHARE_MEMBERS);
    free(m->folded);
    free(m);
}

/* Greets the new member, and sends it what it has missed. */
static void welcome(struct member *m) {
    const struct history_room *kept = &m->room->kept;
    struct join *join = &m->joining->asked;
    bool knows_more = join->after > kept->last; /* from another node, which had read more; or it is of another epoch */
    if (strcmp(join->epoch, kept->epoch) != 0 || join->after < 0 || (knows_more && !cluster))
        join->after = 0;
    m->seq = join->after < kept->oldest ? kept->oldest - 1 : join->after;
    send_hello(m, m->joining->handshake, m->seq - join->after);
    m->joining->handshake = NULL; /* the hello has taken it */
    joining_free(m);
    m->behind = m->seq < kept->last;
    if (m->behind)
        catch_up(m->channel);
}

/* `m` may be NULL: no memory. */
static void turn_away(struct channel *c, struct member *m, const char *why, const char *detail) {
    c->attachment = NULL;
    if (m)
        member_free(m);
    refuse_with(c, NULL, why, detail);
    channel_close(c, TRY_AGAIN_LATER);
}

static void on_open(struct channel *c) {
    struct member *m = calloc(1, sizeof *m);
    struct joining *joining = m ? m->joining = calloc(1, sizeof *joining) : NULL;
    const char *why = joining && read_join(http_request_of(c), &joining->asked) == 200
                          ? NULL
                          : "memory"; /* rooms_request has checked all else */
    if (!why) {
        m->channel = c;
        c->attachment = m;
        joining->handshake = show_handshake(c, &joining->asked);
        why = admit(m, joining->asked.key);
        why = why ? why : room_enter(m, joining->asked.room, joining->asked.name);
    }
    if (why)
        turn_away(c, m, why, strcmp(why, "history") == 0 ? history_failure() : NULL);
    else if (m->room) /* else `entered` is called */
        welcome(m);
}

/* ---- speaking ---- */

/* It was stored before: sent to the sender alone; one that is behind gets it from the history. */
static void tell_again(struct member *m, const struct history_message *message) {
    if (!m->behind || message->seq <= m->seq)
        channel_send_json(m->channel, message_for(m, message));
}

/* history_store changes the state; the rest announces it. What may fail in that: room.h. */
static void keep_and_tell(struct member *m, struct history_message *message) {
    struct room *room = m->room;
    switch (history_store(room->name, &room->kept, guest_name(m->channel->guest), room_in_use, message)) {
    case HISTORY_NEW: room_broadcast_message(room, message); break;
    case HISTORY_KNOWN: tell_again(m, message); break;
    case HISTORY_FULL: refuse(m->channel, message->id, "full"); break;
    case HISTORY_FAILED: refuse(m->channel, message->id, history_failure() ? "history" : "memory"); break;
    }
}

/* The same with other nodes: on_stored gets the answer. */
static void keep_elsewhere(struct member *m, const struct history_message *message) {
    const char *address = guest_name(m->channel->guest);
    const char *why = cluster->store(m->room->shared, m, address, last_for(m), message);
    if (why)
        refuse(m->channel, message->id, why);
}

static void keep(struct member *m, struct history_message *message) {
    messages_in++;
    if (cluster)
        keep_elsewhere(m, message);
    else
        keep_and_tell(m, message);
}

static void say(struct member *m, const char *id, const char *text) {
    struct history_message message = {
        .owner = m->owner, .id = id, .from = m->name, .text = text, .at_ms = wall_clock_ms()};
    if (!m->room)
        refuse(m->channel, id, "busy"); /* it did not wait for hello */
    else if (text[0] == '\0')
        refuse(m->channel, id, "empty");
    else if (strlen(text) > TEXT_MAX)
        refuse(m->channel, id, "too_long");
    else if (!guests_may(m->channel->guest, m->guests[GUEST_KEY], RATE_SAY))
        refuse(m->channel, id, "rate");
    else
        keep(m, &message);
}

static json_t *direction_json(const struct step_direction *d) {
    json_t *list = json_array();
    uint64_t first = d->count < STEP_REMEMBERED ? 0 : d->count - STEP_REMEMBERED;
    for (uint64_t n = first; n < d->count; n++) {
        const struct step_record *r = &d->last[n % STEP_REMEMBERED];
        list = json_add(list, json_pack("[I, I, i]", (json_int_t)r->payload, (json_int_t)r->wire, (int)r->compressed));
    }
    return json_pack("{s:I, s:o}", "first", (json_int_t)first, "messages", list);
}

/* Without a step nothing is compressed, and a page can work it out for itself. */
static void tell_wire(struct channel *c) {
    static const struct step none;
    const struct step *step = c->step ? c->step : &none;
    channel_send_json(c, json_pack("{s:s, s:o, s:o}", "type", "wire", "received", direction_json(&step->received),
                             "sent", direction_json(&step->sent)));
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
    else if (strcmp(type, "wire") == 0)
        tell_wire(m->channel);
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
    if (cluster)
        cluster->forget(m);
    if (m->room)
        room_leave(m);
    member_free(m);
    c->attachment = NULL;
}

static const struct handlers room_handlers = {
    .on_open = on_open, .on_message = on_message, .on_drained = catch_up, .on_error = on_error, .on_close = on_close};
const struct pipeline room_pipeline = {&codec_deflate, &room_handlers};

/* ---- pushed by the server ---- */

static void push_clock(struct ev_loop *loop, ev_timer *timer, int events) {
    const struct stats *stats = &framework->stats;
    double late_ms = (ev_time() - ev_now(loop)) * 1e3;
    (void)timer, (void)events;
    struct frame *clock =
        json_frame(json_pack("{s:s, s:f, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f}}", "type",
            "clock", "at", wall_clock_ms(), "stats", "connections", (json_int_t)stats->active, "rooms",
            (json_int_t)rooms_in_use(), "messages_in", (json_int_t)messages_in, "messages_out",
            (json_int_t)room_messages_out, "bytes_in", (json_int_t)framework->bytes_in, "bytes_out",
            (json_int_t)framework->bytes_out, "bytes_saved", (json_int_t)step_saved, "slow_readers_dropped",
            (json_int_t)stats->closed[CLOSE_SLOW_READER], "polls", (json_int_t)feed_polls(), "bad_ends",
            (json_int_t)bad_ends, "loop_lag_ms", late_ms, "uptime_s", ev_now(loop) - started));
    rooms_broadcast(clock); /* no memory: the next one comes in a second */
    free(clock);
}

/* ---- what comes from other nodes (cluster.h) ---- */

static void on_entered(
    struct room *room, struct member *m, const char *name, char *folded, const char *why, const char *detail) {
    room->joining--;
    if (m && !why) {
        strcpy(m->name, name); /* both are NAME_SIZE */
        m->folded = folded;
        room_add(room, m);
        welcome(m);
    } else if (m) {
        turn_away(m->channel, m, why, detail);
    }
    room_end_if_empty(room);
}

/* A message that is new comes, or has come, as a message of any other node does (on_said). One that was known needs an
 * acknowledgement only if the member has had it before it said it again. */
static void on_stored(
    struct member *m, enum history_stored stored, struct history_message *message, int64_t seen, const char *detail) {
    int64_t number = message->seq;
    if (stored == HISTORY_FULL)
        refuse(m->channel, message->id, "full");
    if (stored == HISTORY_FAILED)
        refuse_with(m->channel, message->id, "history", detail);
    if (stored != HISTORY_KNOWN || number > seen)
        return;
    if (history_find(m->room->name, message) != HISTORY_KNOWN)
        message->seq = number; /* no longer here: its own words have to do */
    tell_again(m, message);
}

static void on_said(struct room *room, const struct history_message *message, int64_t lost) {
    if (lost > 0)
        room_broadcast_lost(room, message, lost);
    room_broadcast_message(room, message);
}

static void on_here(struct room *room) {
    room_tell_who_is_here(room); /* no memory: the next change brings it */
}

static void on_up(bool is_up) {
    struct frame *frame = json_frame(json_pack("{s:s, s:s}", "type", "store", "state", is_up ? "here" : "away"));
    rooms_broadcast(frame); /* no memory: who speaks is told */
    free(frame);
}

const struct cluster_events rooms_events = {.up = on_up,
    .entered = on_entered,
    .stored = on_stored,
    .said = on_said,
    .here = on_here,
    .restart = room_retire,
    .each_name = room_each_name,
    .evict = room_evict};

void rooms_open(struct framework *f, bool durable, const struct cluster *nodes) {
    framework = f;
    is_durable = durable;
    cluster = nodes;
    room_open(f, nodes);
    started = ev_now(f->loop);
    ev_timer_init(&clock_timer, push_clock, 1, 1);
    ev_timer_start(f->loop, &clock_timer);
}
