/* send.c - what is sent: messages, computed right before they leave, and, for WebSocket, control bytes: upgrade
 * request, pong, close frame. Control bytes are rare: their memory is allocated when they are needed, and freed when
 * they are sent.
 */
#include "client/client_parts.h"
#include "meaning/handshake.h"
#include "meaning/payload.h"
#include <stdlib.h>
#include <string.h>

enum {
    CONTROL_ROOM = HANDSHAKE_MAX, /* bytes of memory for control bytes: at first, */
    CONTROL_MAX = 64 * 1024,      /* LIMIT: and at most, for one client; a frame that does not fit is dropped */
};

struct control {
    uint32_t count, sent, room;
    uint8_t bytes[];
};

/* Control bytes are sent between two messages. Messages issued before a flash stay pending until the new connection has
 * completed its handshake. */
size_t client_fill(struct client *c) {
    const struct message_shape *shape = &c->group->plan->shape;
    uint8_t *out = c->send_buffer;
    size_t room = c->group->plan->send_room;
    uint64_t sequence = c->sending, end = c->state == CLIENT_UPGRADING ? sequence : c->issued;
    size_t offset = c->send_offset, used = 0, part;

    if (c->control != NULL && offset == 0) {
        used = c->control->count - c->control->sent;
        used = used < room ? used : room;
        memcpy(out, c->control->bytes + c->control->sent, used);
    } else if (c->control != NULL) {
        end = sequence + 1;
    }
    if (client_packs(c))
        return used + packed_fill(c, end, out + used, room - used);
    while (sequence < end && used < room) {
        part = message_write(shape, payload_key(c->replies.payload_base, sequence), offset, out + used, room - used);
        used += part;
        offset += part;
        if (offset == shape->wire_size)
            sequence++, offset = 0;
    }
    return used;
}

void client_sent(struct client *c, size_t count) {
    size_t wire_size = c->group->plan->shape.wire_size, position;
    struct control *control = c->control;

    c->group->tally.bytes_sent += count;
    if (control != NULL && c->send_offset == 0) {
        size_t left = control->count - control->sent, part = count < left ? count : left;
        control->sent += (uint32_t)part;
        count -= part;
        if (part == left) {
            free(control);
            c->control = NULL;
        }
    }
    if (client_packs(c)) {
        packed_sent(c, count);
        return;
    }
    position = c->send_offset + count;
    c->sending += position / wire_size;
    c->send_offset = (uint32_t)(position % wire_size);
}

void client_send(struct client *c) {
    if (!c->blocked)
        c->group->filter->send(c, client_fill(c));
}

/* A key that is different for each client: 16 bytes in base64, so the last digit carries two bits only. */
static void make_key(uint32_t id, char key[WEBSOCKET_KEY_LENGTH + 1]) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint64_t bits = 0;

    for (unsigned i = 0; i < 22; i++) {
        if (i % 10 == 0)
            bits = payload_mix(clock_now() + ((uint64_t)id << 32) + i);
        key[i] = digits[i == 21 ? (bits & 3) << 4 : bits & 63];
        bits >>= 6;
    }
    strcpy(key + 22, "==");
}

/* Makes room for `count` bytes more. */
static bool control_reserve(struct client *c, size_t count) {
    size_t used = c->control != NULL ? c->control->count : 0, room = c->control != NULL ? c->control->room : 0;
    struct control *larger;

    if (used + count <= room)
        return true;
    room = room == 0 ? CONTROL_ROOM : 2 * room < CONTROL_MAX ? 2 * room : CONTROL_MAX;
    larger = used + count <= room ? realloc(c->control, sizeof *larger + room) : NULL;
    if (larger == NULL)
        return false;
    if (c->control == NULL)
        larger->count = larger->sent = 0;
    larger->room = (uint32_t)room;
    c->control = larger;
    return true;
}

bool client_upgrade(struct client *c) {
    char key[WEBSOCKET_KEY_LENGTH + 1];

    if (!control_reserve(c, CONTROL_ROOM))
        return false;
    make_key(c->id, key);
    if (!websocket_accept_key(key, c->accept_expected))
        return false;
    c->control->count = (uint32_t)handshake_request((char *)c->control->bytes, c->group->plan->options, key);
    return true;
}

bool client_control(struct client *c, enum websocket_opcode opcode, const uint8_t *payload, size_t length) {
    uint32_t random = (uint32_t)payload_mix(clock_now());
    uint8_t mask[4], *out;
    size_t header;

    if (c->control != NULL && c->control->count + WEBSOCKET_HEADER_MAX + length > c->control->room)
        client_send(c); /* makes room, if the socket takes it */
    if (!control_reserve(c, WEBSOCKET_HEADER_MAX + length))
        return false;
    memcpy(mask, &random, sizeof mask);
    out = c->control->bytes + c->control->count;
    header = websocket_frame_header(out, opcode, true, length, mask);
    memcpy(out + header, payload, length);
    websocket_mask(out + header, length, mask);
    c->control->count += (uint32_t)(header + length);
    return true;
}
