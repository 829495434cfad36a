/* exchange.c - when a message is sent, and how received bytes are handled.
 *
 * The common path: one receive brings k replies, the clock is read once, and the next k messages leave in one send.
 */
#include "client/client_parts.h"

/* From this number of bytes on, checking or computing them takes longer than reading the clock again. */
enum { WORTH_A_CLOCK_READ = 4096 };

/* ---------------------------------------------------------------- sending */

/* Sends `count` new messages, in one send if they fit the buffer. The latency of each starts right before the send;
 * with --reconnect, when the client began to connect. */
static void client_issue(struct client *c, uint64_t count, uint64_t now) {
    uint64_t first = c->issued;
    bool from_connecting = c->returned && c->group->plan->options->reconnect;
    size_t filled = 0;

    c->issued += count;
    if (from_connecting)
        now = c->connecting_at;
    if (!c->blocked) {
        filled = client_fill(c);
        if (filled >= WORTH_A_CLOCK_READ && !from_connecting)
            now = clock_now();
    }
    for (uint64_t i = first; i < c->issued; i++)
        c->sent.at[i & c->sent.mask] = now;
    c->group->filter->send(c, filled);
}

/* --reconnect: all messages of this connection have been issued. */
static bool has_carried_all(const struct client *c) {
    const struct plan *plan = c->group->plan;

    return plan->options->reconnect && c->issued > c->connected_with && schedule_has_begun(c->group->schedule);
}

/* How many messages may be sent now: as many as there is room for in the pipeline and, in the open loop, as are due. */
static uint64_t client_allowance(const struct client *c, uint64_t now) {
    const struct options *o = c->group->plan->options;
    const struct schedule *s = c->group->schedule;
    uint64_t room = o->pipeline - (c->issued - c->answered);
    bool open_loop = s->interval_ns > 0, greeting = !schedule_has_begun(s);

    if (c->state != CLIENT_SERVING || !schedule_is_open(s, now))
        return 0;
    if (client_is_idle(c) && c->away) /* to see whether it is served again */
        return c->issued == c->answered ? 1 : 0;
    if (greeting || client_is_idle(c)) /* one message, and then wait */
        return (!open_loop || client_is_idle(c)) && c->issued == 0 ? 1 : 0;
    if (o->reconnect)
        return c->issued == c->connected_with ? o->pipeline : 0;
    if (open_loop && c->due - c->issued < room)
        return c->due - c->issued;
    return room;
}

void client_advance(struct client *c, uint64_t now) {
    uint64_t count = client_allowance(c, now);

    if (count > 0)
        client_issue(c, count, now);
    else if (c->control != NULL)
        client_send(c);
    if (c->state == CLIENT_SERVING && c->answered == c->issued && (c->group->draining || has_carried_all(c)))
        client_close(c);
}

void client_serve(struct client *c) {
    c->state = CLIENT_SERVING;
    if (c->issued > c->answered)
        client_resume(c);
}

void client_rebase(struct client *c) {
    c->sent.base = c->due = c->issued;
}

void client_begin(struct client *c) {
    if (c->state == CLIENT_SERVING)
        client_advance(c, clock_now());
}

void client_offer(struct client *c) {
    c->due++;
    if (c->state == CLIENT_SERVING && c->issued - c->answered < c->group->plan->options->pipeline)
        client_advance(c, clock_now());
}

void client_writable(struct client *c) {
    c->blocked = false;
    if (c->control != NULL || c->sending < c->issued)
        client_send(c);
}

/* ---------------------------------------------------------------- receiving */

/* Counts the verified replies. */
static void client_answered(struct client *c, uint64_t now) {
    struct group *g = c->group;
    uint64_t verified = c->replies.verified;

    if (verified == c->answered)
        return;
    if (c->answered == 0) {
        g->tally.served++;
        g->greeted++;
    }
    if (c->away)
        client_is_back(c, now);
    if (!client_is_idle(c))
        c->window_messages += samples_take(&g->samples, c->id, &c->sent, c->answered, verified, now);
    g->tally.messages += verified - c->answered;
    c->answered = verified;
}

/* The server broke a rule, refused the handshake, or wants to close in mid-run. */
static bool websocket_refused(struct client *c, const struct websocket_event *event) {
    if (c->state == CLIENT_UPGRADING) {
        client_fail(c, FAILURE_HANDSHAKE_REJECTED, 0);
        if (c->state == CLIENT_FAILED)
            c->group->tally.http_status = event->code;
    } else {
        client_refuse(c, event->code);
    }
    return false;
}

/* An event other than a message came. False: the client has failed. */
static bool websocket_event(struct client *c, const struct websocket_event *event) {
    switch (event->type) {
    case WEBSOCKET_NEED_MORE:
    case WEBSOCKET_MESSAGE:           /* replies_take_websocket returns neither as an event */
    case WEBSOCKET_PONG: return true; /* RFC 6455 section 5.5.3: an unsolicited pong is allowed */
    case WEBSOCKET_OPEN:
        c->group->tally.upgraded += !c->upgraded;
        c->group->tally.deflated += !c->upgraded && client_packs(c);
        c->upgraded = true;
        client_serve(c);
        return true;
    case WEBSOCKET_PING:
        if (c->state == CLIENT_SERVING) /* client_advance sends it; false (no room): this ping gets no pong */
            client_control(c, WEBSOCKET_OPCODE_PONG, event->payload, event->length);
        return true;
    case WEBSOCKET_CLOSE:
        if (c->state == CLIENT_CLOSING)
            return true; /* the answer to our close frame: now the server closes TCP */
        return websocket_refused(c, event);
    case WEBSOCKET_ERROR: return websocket_refused(c, event);
    }
    return true;
}

/* Verifies the received bytes. False: the client has failed, or only completes the closing handshake. */
static bool client_take(struct client *c, uint8_t *bytes, size_t count) {
    const struct message_shape *shape = &c->group->plan->shape;
    struct websocket_event event;
    enum replies_news news;

    if (!client_is_websocket(c)) {
        news = replies_take_echo(&c->replies, shape, c->issued, bytes, count);
    } else {
        do
            news = replies_take_websocket(&c->replies, shape, c->issued, &bytes, &count, &event);
        while (news == REPLIES_EVENT && websocket_event(c, &event));
    }
    if (news == REPLIES_WRONG)
        client_fail(c, FAILURE_MISMATCH, 0); /* its messages in flight are given up */
    return news == REPLIES_TAKEN;
}

void client_received(struct client *c, uint8_t *bytes, size_t count) {
    uint64_t now = clock_now();
    bool right;

    c->group->tally.bytes_received += count;
    right = client_take(c, bytes, count);
    client_answered(c, now); /* also for a client that has just failed: these replies were right */
    if (right)
        client_advance(c, count < WORTH_A_CLOCK_READ ? now : clock_now());
}
