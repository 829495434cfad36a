/* reply.h - is what came what was asked for? Every byte is compared, whatever the split. */
#ifndef LOADGEN_REPLY_H
#define LOADGEN_REPLY_H

#include "meaning/message.h"
#include <stddef.h>
#include <stdint.h>

/* What one client has been answered. */
struct replies {
    uint64_t payload_base; /* what tells its messages from those of others: payload.h */
    uint64_t verified;     /* replies found right */
    uint32_t offset;       /* echo: bytes of message `verified` that came and were right */
    struct websocket websocket;
};

enum replies_news {
    REPLIES_TAKEN, /* all that came is looked at, and right */
    REPLIES_WRONG, /* what came is not what was asked for, or more than that */
    REPLIES_EVENT, /* WebSocket: something else than a message came, and is to be looked at now */
};

/* Looks at `*count` bytes (they are written to where WebSocket unmasks in place), and counts those replies that are
 * right; `issued` messages have been sent so far. After REPLIES_EVENT, to be called again with what is left. */
enum replies_news replies_take_echo(
    struct replies *r, const struct message_shape *shape, uint64_t issued, const uint8_t *bytes, size_t count);
enum replies_news replies_take_websocket(struct replies *r, const struct message_shape *shape, uint64_t issued,
    uint8_t **bytes, size_t *count, struct websocket_event *event);

#endif
