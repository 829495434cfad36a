/* control.c - WebSocket: the bytes beside the messages: upgrade request, pong, close frame. They are few, so they get
 * memory when they come up, and give it back when they have left.
 */
#include "client/client.h"
#include "meaning/payload.h"
#include "worker/worker.h"
#include <stdlib.h>
#include <string.h>

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
    c->control->count = (uint32_t)handshake_request((char *)c->control->bytes, c->worker->run->options, key);
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
