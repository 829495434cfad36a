#include "feed.h"
#include "codec.h"
#include "deflate_step.h"
#include "json_text.h"
#include "wall_clock.h"
#include <stdlib.h>
#include <string.h>

/* LIMIT: events stored; a client that asks for older ones gets only these. */
enum { EVENTS_MAX = 64 };

static const ev_tstamp long_poll_s = 20;

struct event {
    int64_t seq;
    double at_ms;
};

/* A client that waits for the next event: a request that is not answered yet, or a WebSocket. */
struct watcher {
    struct channel *channel;
    int64_t after;
    ev_timer patience; /* a long poll is answered when this is over, with nothing */
    TAILQ_ENTRY(watcher) link;
};
TAILQ_HEAD(watchers, watcher);

static struct framework *framework;
static struct watchers requests = TAILQ_HEAD_INITIALIZER(requests), sockets = TAILQ_HEAD_INITIALIZER(sockets);
static struct event events[EVENTS_MAX];
static int64_t last;
static ev_timer next_timer;
static uint64_t polls;

uint64_t feed_polls(void) {
    return polls;
}

static json_t *event_json(const struct event *e) {
    return json_pack("{s:I, s:f}", "seq", (json_int_t)e->seq, "at", e->at_ms);
}

/* Answers with all stored events after number `after`. */
static void reply_events(struct channel *c, int64_t after) {
    json_t *array = json_array();
    if (after > last) /* a number from another run of the server */
        after = last;
    int64_t from = after < last - EVENTS_MAX ? last - EVENTS_MAX + 1 : after + 1;
    for (int64_t seq = from; after >= 0 && seq <= last; seq++)
        array = json_add(array, event_json(&events[seq % EVENTS_MAX]));
    char *text = json_text(json_pack("{s:I, s:o}", "last", (json_int_t)last, "events", array));
    if (text)
        http_reply(c, "application/json", text, strlen(text));
    else
        http_refuse(c, 503, "");
    free(text);
}

/* The number in ?after=; -1: it is absent; the client asks only for the last number. */
static int64_t after_of(const struct http_request *request) {
    char after[21];
    return http_query(request, "after", after, sizeof after) > 0 ? strtoll(after, NULL, 10) : -1;
}

static struct watcher *watch(struct watchers *list, struct channel *c, int64_t after) {
    struct watcher *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->channel = c;
    w->after = after;
    c->attachment = w;
    TAILQ_INSERT_TAIL(list, w, link);
    return w;
}

static void unwatch(struct watchers *list, struct watcher *w) {
    ev_timer_stop(framework->loop, &w->patience);
    w->channel->attachment = NULL;
    TAILQ_REMOVE(list, w, link);
    free(w);
}

void feed_poll(struct channel *c, const struct http_request *request) {
    polls++;
    reply_events(c, after_of(request));
}

static void answer_waiting(struct watchers *list, struct watcher *w) {
    struct channel *c = w->channel;
    int64_t after = w->after;
    unwatch(list, w);
    reply_events(c, after);
}

static void waited_long(struct ev_loop *loop, ev_timer *timer, int revents) {
    (void)loop, (void)revents;
    answer_waiting(&requests, timer->data);
}

void feed_long_poll(struct channel *c, const struct http_request *request) {
    int64_t after = after_of(request);
    polls++;
    if (after < last) {
        reply_events(c, after);
        return;
    }
    struct watcher *w = watch(&requests, c, after);
    if (!w) {
        http_refuse(c, 503, "");
        return;
    }
    ev_timer_init(&w->patience, waited_long, long_poll_s, 0);
    w->patience.data = w;
    ev_timer_start(framework->loop, &w->patience);
}

void feed_forget(struct channel *c) {
    if (c->attachment)
        unwatch(&requests, c->attachment);
}

/* ---- the same over a WebSocket ---- */

static void on_open(struct channel *c) {
    size_t response_bytes;
    session_pending(&c->session, &response_bytes); /* only the handshake's answer is pending so far */
    if (!watch(&sockets, c, last)) {
        channel_close(c, WEBSOCKET_CLOSE_INTERNAL);
        return;
    }
    channel_send_json(c, json_pack("{s:s, s:I, s:I}", "type", "handshake", "in", (json_int_t)http_request_bytes(c),
                             "out", (json_int_t)response_bytes));
}

static void on_close(struct channel *c, enum close_reason reason) {
    (void)reason;
    if (c->attachment)
        unwatch(&sockets, c->attachment);
}

static const struct handlers feed_handlers = {.on_open = on_open, .on_close = on_close};
const struct pipeline feed_pipeline = {&codec_deflate, &feed_handlers};

/* To a client whose messages are compressed: also what its last message took on the wire, which its script cannot see.
 */
static void send_event(struct channel *c, const struct event *e) {
    const struct step_direction *sent = &c->step->sent;
    const struct step_record *before = &sent->last[(sent->count - 1) % STEP_REMEMBERED];
    json_t *event = event_json(e);
    if (event && sent->count > 0 && json_object_set_new(event, "wire", json_integer(before->wire)) != 0) {
        json_decref(event);
        event = NULL;
    }
    channel_send_json(c, event);
}

/* Makes an event, and sets the timer for the next one: 0.5 to 1.5 s later, so that no poller keeps in step with it. */
static void next_event(struct ev_loop *loop, ev_timer *timer, int revents) {
    struct watchers now = TAILQ_HEAD_INITIALIZER(now);
    struct watcher *w;
    (void)revents;
    last++;
    events[last % EVENTS_MAX] = (struct event){last, wall_clock_ms()};
    struct frame *frame = json_frame(event_json(&events[last % EVENTS_MAX]));
    TAILQ_FOREACH (w, &sockets, link)
        if (w->channel->step)
            send_event(w->channel, &events[last % EVENTS_MAX]);
        else if (frame)
            channel_send_bytes(w->channel, frame->bytes, frame->size);
        else
            channel_close(w->channel, WEBSOCKET_CLOSE_INTERNAL);
    free(frame);
    TAILQ_CONCAT(&now, &requests, link); /* an answered client may ask again before the others are answered */
    while ((w = TAILQ_FIRST(&now)) != NULL)
        answer_waiting(&now, w);
    ev_timer_stop(loop, timer);
    ev_timer_set(timer, 0.5 + (double)rand() / RAND_MAX, 0);
    ev_timer_start(loop, timer);
}

void feed_open(struct framework *f) {
    framework = f;
    ev_timer_init(&next_timer, next_event, 1, 0);
    ev_timer_start(f->loop, &next_timer);
}
