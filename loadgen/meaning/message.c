/* message.c - computes messages directly into the send buffer; they are never stored. */
#include "meaning/message.h"
#include <string.h>

enum { MASK_SIZE = 4 };

void message_shape_init(struct message_shape *shape, enum protocol protocol, size_t size, bool text) {
    static const uint8_t no_mask[MASK_SIZE];

    memset(shape, 0, sizeof *shape);
    shape->size = size;
    shape->text = text;
    if (protocol == PROTOCOL_WS)
        shape->header_size = websocket_frame_header(shape->header, WEBSOCKET_TEXT, true, size, no_mask);
    shape->wire_size = shape->header_size + size;
}

/* A masking key for each message. RFC 6455 section 10.3 wants it unpredictable, to protect proxies from bytes that a
 * script in a browser chooses. Here the payload is computed, so a cheap hash is enough. */
static uint32_t mask_of(uint64_t key) {
    return (uint32_t)(payload_mix(~key) >> 32);
}

/* The part of the frame header from `offset` on. */
static size_t header_write(const struct message_shape *shape, uint32_t mask, size_t offset, uint8_t *out, size_t room) {
    uint8_t header[WEBSOCKET_HEADER_MAX];
    size_t count;

    if (offset == 0 && room >= sizeof header) { /* the common case; the payload overwrites what is copied too much */
        memcpy(out, shape->header, sizeof header);
        memcpy(out + shape->header_size - MASK_SIZE, &mask, MASK_SIZE);
        return shape->header_size;
    }
    count = shape->header_size - offset < room ? shape->header_size - offset : room;
    memcpy(header, shape->header, sizeof header);
    memcpy(header + shape->header_size - MASK_SIZE, &mask, MASK_SIZE);
    memcpy(out, header + offset, count);
    return count;
}

size_t message_write(const struct message_shape *shape, uint64_t key, size_t offset, uint8_t *out, size_t room) {
    uint64_t mask = 0;
    size_t written = 0, count;

    if (shape->header_size > 0) {
        mask = mask_of(key) * UINT64_C(0x100000001); /* the four bytes twice: one word */
        if (offset < shape->header_size)
            written = header_write(shape, (uint32_t)mask, offset, out, room);
    }
    offset += written;
    if (offset < shape->header_size)
        return written;
    count = shape->wire_size - offset < room - written ? shape->wire_size - offset : room - written;
    message_payload_write(shape, out + written, count, key, mask, offset - shape->header_size);
    return written + count;
}
