/* message.h - a message as it goes over the wire: for echo the payload, for WebSocket a masked binary frame.
 *
 * All messages of a run have the same size, so their frame headers differ only in the masking key. Any part of any
 * message can be computed again at any time: after a short send only the offset must be remembered, not the bytes.
 */
#ifndef LOADGEN_MESSAGE_H
#define LOADGEN_MESSAGE_H

#include "meaning/payload.h"
#include "meaning/payload_text.h"
#include "session.h"
#include <stddef.h>
#include <stdint.h>

struct message_shape {
    size_t size;        /* payload bytes */
    size_t header_size; /* 0 for echo; includes the masking key */
    size_t wire_size;   /* header and payload */
    uint8_t header[WEBSOCKET_HEADER_MAX];
    bool text; /* --payload text: see payload_text.h */
};

void message_shape_init(struct message_shape *shape, enum protocol protocol, size_t size, bool text);

/* Writes or compares `count` payload bytes from `offset` on, as payload_write and payload_matches do. */
static inline void message_payload_write(
    const struct message_shape *shape, uint8_t *out, size_t count, uint64_t key, uint64_t mask, size_t offset) {
    if (shape->text)
        payload_text_write(out, count, key, mask, offset);
    else
        payload_write(out, count, key, mask, offset);
}

static inline bool message_payload_matches(
    const struct message_shape *shape, const uint8_t *bytes, size_t count, uint64_t key, size_t offset) {
    return shape->text ? payload_text_matches(bytes, count, key, offset) : payload_matches(bytes, count, key, offset);
}

/* Writes at most `room` bytes of a client's message `sequence`, from `offset` (below wire_size) on. Returns how many.
 */
size_t message_write(const struct message_shape *shape, uint64_t key, size_t offset, uint8_t *out, size_t room);

#endif
