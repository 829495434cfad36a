/* packed.c - --deflate: messages that leave compressed.
 *
 * A message is compressed right before its first byte leaves, and only then: zlib's window is the connection's, and
 * goes on with each message. So, unlike others, its frame cannot be computed again: it is stored until all of it has
 * left. What leaves is in order; the server must be able to inflate it with the same window. */
#include "client/client_parts.h"
#include "meaning/die.h"
#include "meaning/payload.h"
#include <stdlib.h>
#include <string.h>

/* A block with room for a frame's header before the payload as it is. */
static struct block *plain_block(const uint8_t *payload, size_t size) {
    struct block *block = malloc(sizeof *block + WEBSOCKET_HEADER_MAX + size);

    if (block == NULL)
        return NULL;
    *block =
        (struct block){.start = WEBSOCKET_HEADER_MAX, .end = (uint32_t)(WEBSOCKET_HEADER_MAX + size), .capacity = 0};
    memcpy(block->bytes + WEBSOCKET_HEADER_MAX, payload, size);
    return block;
}

/* The whole frame of message `sequence`: compressed, or as it is where that would not make it smaller. */
static struct block *pack(struct client *c, uint64_t sequence) {
    const struct message_shape *shape = &c->group->plan->shape;
    uint64_t key = payload_key(c->replies.payload_base, sequence);
    uint32_t random = (uint32_t)payload_mix(~key);
    uint8_t mask[4], header[WEBSOCKET_HEADER_MAX], *payload = malloc(shape->size);
    struct block *deflated, *block;

    if (payload == NULL)
        die("out of memory for a message");
    message_payload_write(shape, payload, shape->size, key, 0, 0);
    deflated = websocket_deflate(&c->replies.websocket, payload, shape->size);
    block = deflated != NULL ? deflated : plain_block(payload, shape->size);
    free(payload);
    if (block == NULL)
        die("out of memory for a message");
    memcpy(mask, &random, sizeof mask);
    websocket_mask(block->bytes + block->start, block->end - block->start, mask);
    size_t size = websocket_frame_header(header, WEBSOCKET_TEXT, true, block->end - block->start, mask);
    header[0] |= deflated != NULL ? WEBSOCKET_RSV1 : 0;
    block->start -= (uint32_t)size;
    memcpy(block->bytes + block->start, header, size);
    return block;
}

size_t packed_fill(struct client *c, uint64_t end, uint8_t *out, size_t room) {
    struct block **link = &c->packed;
    size_t used = 0;

    for (uint64_t sequence = c->sending; sequence < end && used < room; sequence++, link = &(*link)->next) {
        if (*link == NULL)
            *link = pack(c, sequence);
        size_t left = (*link)->end - (*link)->start, part = left < room - used ? left : room - used;
        memcpy(out + used, (*link)->bytes + (*link)->start, part);
        used += part;
    }
    return used;
}

void packed_sent(struct client *c, size_t count) {
    while (count > 0) {
        struct block *first = c->packed;
        size_t left = first->end - first->start, part = count < left ? count : left;
        first->start += (uint32_t)part;
        c->send_offset += (uint32_t)part;
        count -= part;
        if (part < left)
            return;
        c->packed = first->next;
        free(first);
        c->sending++;
        c->send_offset = 0;
    }
}

void packed_drop(struct client *c) {
    while (c->packed != NULL) {
        struct block *next = c->packed->next;
        free(c->packed);
        c->packed = next;
    }
}
