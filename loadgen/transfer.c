/* transfer.c - bytes: recv and send, and when a message is sent.
 *
 * The common path is three calls: one recv that brings k replies, one look at the clock, one send that carries the next
 * k messages. Readiness is level-triggered: what one recv leaves behind is announced again, so nobody loops here and no
 * client can keep the others waiting.
 */
#include "client.h"
#include "payload.h"
#include "worker.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* From so many bytes on, checking or generating them takes longer than to look at the clock again. */
enum { WORTH_A_CLOCK_READ = 4096 };

/* ---------------------------------------------------------------- sending */

/* Computes what is to be sent next: control bytes where one message ends and before the next begins, and messages. */
static size_t client_fill(struct client *c) {
    const struct message_shape *shape = &c->worker->run->shape;
    uint8_t *out = c->worker->send_buffer;
    uint64_t sequence = c->sending, end = c->issued;
    size_t offset = c->send_offset, used = 0, part;

    if (c->control != NULL && offset == 0) {
        used = (size_t)(c->control->count - c->control->sent);
        memcpy(out, c->control->bytes + c->control->sent, used);
    } else if (c->control != NULL) {
        end = sequence + 1;
    }
    while (sequence < end && used < TRANSFER_SIZE) {
        part = message_write(shape, payload_key(c->payload_base, sequence), offset, out + used, TRANSFER_SIZE - used);
        used += part;
        offset += part;
        if (offset == shape->wire_size)
            sequence++, offset = 0;
    }
    return used;
}

/* `count` bytes of what client_fill computed have left. */
static void client_sent(struct client *c, size_t count) {
    size_t wire_size = c->worker->run->shape.wire_size, position;
    struct control *control = c->control;

    c->worker->tally.bytes_sent += count;
    if (control != NULL && c->send_offset == 0) {
        size_t left = (size_t)(control->count - control->sent), part = count < left ? count : left;
        control->sent = (uint16_t)(control->sent + part);
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

static void client_block(struct client *c, int events) {
    c->blocked = true;
    client_watch(c, events);
}

/* Sends the `count` bytes that client_fill computed, and whatever follows them. Interest in writability is only taken
 * when the socket is full, which small messages never see. */
static void client_push(struct client *c, size_t count) {
    while (count > 0) {
        ssize_t sent = send(c->io.fd, c->worker->send_buffer, count, MSG_NOSIGNAL); /* COPY: */
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN) {
            /* What the server said before it hung up (a close frame, say) tells more than EPIPE does: read it first. */
            c->error = errno;
            client_block(c, EV_READ);
            return;
        }
        if (sent > 0)
            client_sent(c, (size_t)sent);
        if (sent < (ssize_t)count) {
            client_block(c, EV_READ | EV_WRITE);
            return;
        }
        count = client_fill(c);
    }
}

void client_send(struct client *c) {
    if (!c->blocked)
        client_push(c, client_fill(c));
}

/* Sends `count` new messages, in one send if they fit the buffer. The latency of each starts right before it. */
static void client_issue(struct client *c, uint64_t count, uint64_t now) {
    uint64_t first = c->issued, mask = c->worker->run->ring_mask;
    size_t filled = 0;

    c->issued += count;
    if (!c->blocked) {
        filled = client_fill(c);
        if (filled >= WORTH_A_CLOCK_READ)
            now = clock_now();
    }
    for (uint64_t i = first; i < c->issued; i++)
        c->sent_at[i & mask] = now;
    client_push(c, filled);
}

/* How many messages may be sent now: as many as there is room for in the pipeline and, in the open loop, as are due. */
static uint64_t client_allowance(const struct client *c, uint64_t now) {
    const struct run *run = c->worker->run;
    uint64_t room = run->options->pipeline - (c->issued - c->answered);

    if (c->state != CLIENT_SERVING || now >= atomic_load_explicit(&run->window_end, memory_order_relaxed))
        return 0;
    if (atomic_load_explicit(&run->schedule_start, memory_order_relaxed) == NEVER) /* the greeting, and then wait */
        return run->interval_ns == 0 && c->issued == 0 ? 1 : 0;
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
    if (c->worker->draining && c->state == CLIENT_SERVING && c->answered == c->issued)
        client_close(c);
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

/* ---------------------------------------------------------------- receiving */

static void client_receive(struct client *c) {
    struct worker *w = c->worker;
    ssize_t count = recv(c->io.fd, w->receive_buffer, TRANSFER_SIZE, 0); /* COPY: */
    uint64_t now = clock_now();

    if (count <= 0) {
        if (count == 0 || (errno != EAGAIN && errno != EINTR))
            client_broken(c, count == 0 ? 0 : errno);
        return;
    }
    w->tally.bytes_received += (size_t)count;
    w->in_window = now >= atomic_load_explicit(&w->run->window_start, memory_order_relaxed) &&
                   now < atomic_load_explicit(&w->run->window_end, memory_order_relaxed);
    if (client_take(c, w->receive_buffer, (size_t)count, now))
        client_advance(c, count < WORTH_A_CLOCK_READ ? now : clock_now());
}

void client_ready(struct ev_loop *loop, struct ev_io *io, int events) {
    struct client *c = io->data;

    (void)loop;
    if (c->state == CLIENT_CONNECTING) {
        client_connected(c);
        return;
    }
    if (events & EV_WRITE) {
        c->blocked = false;
        client_send(c);
        client_advance(c, clock_now());
        if (!c->blocked)
            client_watch(c, EV_READ);
    }
    if (events & EV_READ)
        client_receive(c);
}
