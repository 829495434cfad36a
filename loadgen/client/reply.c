/* reply.c - meaning: is what came what was asked for? Every byte is compared, whatever the split. */
#include "client/client.h"
#include "meaning/payload.h"
#include "worker/worker.h"

/* Records the latencies of the verified replies. Messages that left in one send share their start, and mostly come back
 * together: they are recorded together. */
static void record_service(struct client *c, uint64_t now) {
    uint64_t mask = c->worker->run->ring_mask, i = c->answered, first;

    while (i < c->verified) {
        uint64_t sent_at = c->sent_at[i & mask];
        for (first = i; i < c->verified && c->sent_at[i & mask] == sent_at; i++)
            ;
        histogram_record_many(c->worker->service, now - sent_at, i - first);
    }
}

/* Open loop: the same, counted from when each message was due. */
static void record_response(struct client *c, uint64_t now) {
    const struct run *run = c->worker->run;
    uint64_t start = atomic_load_explicit(&run->schedule_start, memory_order_relaxed);

    for (uint64_t i = c->answered; i < c->verified; i++)
        histogram_record(c->worker->response, now - run_due(run, start, c->id, i));
}

/* Counts the verified replies. */
static void client_answered(struct client *c, uint64_t now) {
    struct worker *w = c->worker;
    uint64_t count = c->verified - c->answered;

    if (count == 0)
        return;
    if (c->answered == 0) {
        w->tally.served++;
        worker_client_greeted(w);
    }
    if (c->away)
        client_is_back(c, now);
    if (w->in_window && !client_is_idle(c)) {
        c->window_messages += count;
        record_service(c, now);
        if (w->response != NULL)
            record_response(c, now);
    }
    w->tally.messages += count;
    c->answered = c->verified;
}

/* What is not right ends the client, and with it what it still had in flight. */
static bool client_mismatch(struct client *c) {
    client_fail(c, FAILURE_MISMATCH, 0);
    return false;
}

/* A byte stream: each byte is the next one that was sent, or wrong. */
static bool echo_take(struct client *c, const uint8_t *bytes, size_t count) {
    size_t size = c->worker->run->shape.size;

    while (count > 0) {
        size_t rest = size - c->receive_offset, part = count < rest ? count : rest;

        if (c->verified == c->issued)
            return client_mismatch(c); /* more than was asked for */
        if (!payload_matches(bytes, part, payload_key(c->payload_base, c->verified), c->receive_offset))
            return client_mismatch(c);
        bytes += part, count -= part;
        c->receive_offset += (uint32_t)part;
        if (c->receive_offset == size) {
            c->receive_offset = 0;
            c->verified++;
        }
    }
    return true;
}

static bool message_is_right(const struct client *c, const struct websocket_event *event) {
    return c->verified < c->issued && event->opcode == WEBSOCKET_TEXT && event->length == c->worker->run->shape.size &&
           payload_matches(event->payload, event->length, payload_key(c->payload_base, c->verified), 0);
}

/* The server broke a rule, refused the handshake, or wants to close in mid-run. */
static bool websocket_refused(struct client *c, const struct websocket_event *event) {
    if (c->state == CLIENT_UPGRADING) {
        client_fail(c, FAILURE_HANDSHAKE_REJECTED, 0);
        if (c->state == CLIENT_FAILED)
            c->worker->tally.http_status = event->code;
    } else {
        client_refuse(c, event->code);
    }
    return false;
}

static bool websocket_event(struct client *c, const struct websocket_event *event) {
    switch (event->type) {
    case WEBSOCKET_NEED_MORE:
    case WEBSOCKET_PONG: return true; /* RFC 6455 section 5.5.3: a pong nobody asked for is allowed */
    case WEBSOCKET_OPEN:
        c->worker->tally.upgraded += !c->upgraded;
        c->upgraded = true;
        client_serve(c);
        return true;
    case WEBSOCKET_MESSAGE:
        if (!message_is_right(c, event))
            return client_mismatch(c);
        c->verified++;
        return true;
    case WEBSOCKET_PING:
        if (c->state == CLIENT_SERVING) /* client_advance sends it; with no room left the next ping is answered */
            client_control(c, WEBSOCKET_OPCODE_PONG, event->payload, event->length);
        return true;
    case WEBSOCKET_CLOSE:
        if (c->state == CLIENT_CLOSING)
            return true; /* the answer to ours: now the server closes */
        return websocket_refused(c, event);
    case WEBSOCKET_ERROR: return websocket_refused(c, event);
    }
    return true;
}

static bool websocket_input(struct client *c, uint8_t *bytes, size_t count) {
    struct websocket_event event;

    do {
        size_t used = websocket_receive(&c->websocket, bytes, count, &event);
        bytes += used, count -= used;
        if (!websocket_event(c, &event))
            return false;
    } while (event.type != WEBSOCKET_NEED_MORE);
    return true;
}

bool client_take(struct client *c, uint8_t *bytes, size_t count, uint64_t now) {
    bool websocket = c->worker->run->options->protocol == PROTOCOL_WS;
    bool right = websocket ? websocket_input(c, bytes, count) : echo_take(c, bytes, count);

    client_answered(c, now); /* also of a client that has just failed: these were right */
    return right;
}
