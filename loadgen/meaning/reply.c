/* reply.c - see reply.h. */
#include "meaning/reply.h"

/* Echo is a byte stream: each byte must equal the next one that was sent. */
enum replies_news replies_take_echo(
    struct replies *r, const struct message_shape *shape, uint64_t issued, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        size_t rest = shape->size - r->offset, part = count < rest ? count : rest;

        if (r->verified == issued)
            return REPLIES_WRONG; /* more than was asked for */
        if (!message_payload_matches(shape, bytes, part, payload_key(r->payload_base, r->verified), r->offset))
            return REPLIES_WRONG;
        bytes += part, count -= part;
        r->offset += (uint32_t)part;
        if (r->offset == shape->size) {
            r->offset = 0;
            r->verified++;
        }
    }
    return REPLIES_TAKEN;
}

enum replies_news replies_take_websocket(struct replies *r, const struct message_shape *shape, uint64_t issued,
    uint8_t **bytes, size_t *count, struct websocket_event *event) {
    for (;;) {
        size_t used = websocket_receive(&r->websocket, *bytes, *count, event);
        *bytes += used, *count -= used;
        if (event->type == WEBSOCKET_NEED_MORE)
            return REPLIES_TAKEN;
        if (event->type != WEBSOCKET_MESSAGE)
            return REPLIES_EVENT;
        if (r->verified >= issued || event->opcode != WEBSOCKET_TEXT || event->length != shape->size ||
            !message_payload_matches(
                shape, event->payload, event->length, payload_key(r->payload_base, r->verified), 0))
            return REPLIES_WRONG;
        r->verified++;
    }
}
