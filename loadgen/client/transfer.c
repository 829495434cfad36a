/* transfer.c - when a message is sent, and what is done with what comes.
 *
 * The common path: k replies come together, one look at the clock, the next k messages leave together.
 */
#include "client/client.h"
#include "meaning/payload.h"
#include "worker/worker.h"
#include <stdlib.h>
#include <string.h>

/* From so many bytes on, checking or generating them takes longer than to look at the clock again. */
enum { WORTH_A_CLOCK_READ = 4096 };

/* ---------------------------------------------------------------- sending */

/* Control bytes go where one message ends and before the next begins. What was issued before a flash waits until the
 * new connection has its handshake. */
size_t client_fill(struct client *c) {
    const struct message_shape *shape = &c->worker->run->shape;
    uint8_t *out = c->send_buffer;
    size_t room = c->worker->run->send_room;
    uint64_t sequence = c->sending, end = c->state == CLIENT_UPGRADING ? sequence : c->issued;
    size_t offset = c->send_offset, used = 0, part;

    if (c->control != NULL && offset == 0) {
        used = c->control->count - c->control->sent;
        used = used < room ? used : room;
        memcpy(out, c->control->bytes + c->control->sent, used);
    } else if (c->control != NULL) {
        end = sequence + 1;
    }
    while (sequence < end && used < room) {
        part = message_write(shape, payload_key(c->payload_base, sequence), offset, out + used, room - used);
        used += part;
        offset += part;
        if (offset == shape->wire_size)
            sequence++, offset = 0;
    }
    return used;
}

void client_sent(struct client *c, size_t count) {
    size_t wire_size = c->worker->run->shape.wire_size, position;
    struct control *control = c->control;

    c->worker->tally.bytes_sent += count;
    if (control != NULL && c->send_offset == 0) {
        size_t left = control->count - control->sent, part = count < left ? count : left;
        control->sent += (uint32_t)part;
        count -= part;
        if (part == left) {
            free(control);
            c->control = NULL;
        }
    }
    position = c->send_offset + count;
    c->sending += position / wire_size;
    c->send_offset = (uint32_t)(position % wire_size);
}

void client_send(struct client *c) {
    if (!c->blocked)
        transport_of(c)->send(c, client_fill(c));
}

/* Sends `count` new messages, in one send if they fit the buffer. The latency of each starts right before it. */
static void client_issue(struct client *c, uint64_t count, uint64_t now) {
    uint64_t first = c->issued, mask = c->worker->run->ring_mask;
    bool from_connecting = c->returned && c->worker->run->options->reconnect;
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
        c->sent_at[i & mask] = now;
    transport_of(c)->send(c, filled);
}

/* --reconnect: nothing more is to come over this connection. */
static bool has_carried_all(const struct client *c) {
    const struct run *run = c->worker->run;

    return run->options->reconnect && c->issued > c->connected_with &&
           atomic_load_explicit(&run->schedule_start, memory_order_relaxed) != NEVER;
}

/* How many messages may be sent now: as many as there is room for in the pipeline and, in the open loop, as are due. */
static uint64_t client_allowance(const struct client *c, uint64_t now) {
    const struct run *run = c->worker->run;
    uint64_t room = run->options->pipeline - (c->issued - c->answered);
    bool greeting = atomic_load_explicit(&run->schedule_start, memory_order_relaxed) == NEVER;

    if (c->state != CLIENT_SERVING || now >= atomic_load_explicit(&run->window_end, memory_order_relaxed))
        return 0;
    if (client_is_idle(c) && c->away) /* to see whether it is served again */
        return c->issued == c->answered ? 1 : 0;
    if (greeting || client_is_idle(c)) /* one message, and then wait */
        return (run->interval_ns == 0 || client_is_idle(c)) && c->issued == 0 ? 1 : 0;
    if (run->options->reconnect)
        return c->issued == c->connected_with ? run->options->pipeline : 0;
    if (run->interval_ns > 0 && c->due - c->issued < room)
        return c->due - c->issued;
    return room;
}

void client_advance(struct client *c, uint64_t now) {
    uint64_t count = client_allowance(c, now);

    if (count > 0)
        client_issue(c, count, now);
    else if (c->control != NULL)
        client_send(c);
    if (c->state == CLIENT_SERVING && c->answered == c->issued && (c->worker->draining || has_carried_all(c)))
        client_close(c);
}

void client_serve(struct client *c) {
    c->state = CLIENT_SERVING;
    if (c->issued > c->answered)
        client_resume(c);
}

void client_begin(struct client *c) {
    if (c->state == CLIENT_SERVING)
        client_advance(c, clock_now());
}

void client_offer(struct client *c) {
    c->due++;
    if (c->state == CLIENT_SERVING && c->issued - c->answered < c->worker->run->options->pipeline)
        client_advance(c, clock_now());
}

void client_writable(struct client *c) {
    c->blocked = false;
    if (c->control != NULL || c->sending < c->issued)
        client_send(c);
}

/* ---------------------------------------------------------------- receiving */

void client_received(struct client *c, uint8_t *bytes, size_t count) {
    struct worker *w = c->worker;
    uint64_t now = clock_now();

    w->tally.bytes_received += count;
    w->in_window = now >= atomic_load_explicit(&w->run->window_start, memory_order_relaxed) &&
                   now < atomic_load_explicit(&w->run->window_end, memory_order_relaxed);
    if (client_take(c, bytes, count, now))
        client_advance(c, count < WORTH_A_CLOCK_READ ? now : clock_now());
}
