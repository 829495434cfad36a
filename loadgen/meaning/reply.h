/* reply.h - compares every byte of the replies with the messages sent, however the stream is cut into receives. */
#ifndef LOADGEN_REPLY_H
#define LOADGEN_REPLY_H

#include "meaning/message.h"
#include <stddef.h>
#include <stdint.h>

/* How far the replies to one client have been verified. */
struct replies {
    uint64_t payload_base; /* the client's base: see payload.h */
    uint64_t verified;     /* replies found right */
    uint32_t offset;       /* echo: bytes of message `verified` that came and were right */
    struct websocket websocket;
};

enum replies_news {
    REPLIES_TAKEN, /* all bytes were right */
    REPLIES_WRONG, /* a byte differs from the message sent, or more came than was asked for */
    REPLIES_EVENT, /* WebSocket: an event other than a message; the caller handles it now */
};

/* Verifies `*count` bytes and counts the replies that are right; `issued` messages have been issued so far. WebSocket
 * may change the bytes (it unmasks in place). After REPLIES_EVENT, call again: *bytes and *count are then the rest. */
enum replies_news replies_take_echo(
    struct replies *r, const struct message_shape *shape, uint64_t issued, const uint8_t *bytes, size_t count);
enum replies_news replies_take_websocket(struct replies *r, const struct message_shape *shape, uint64_t issued,
    uint8_t **bytes, size_t *count, struct websocket_event *event);

#endif
