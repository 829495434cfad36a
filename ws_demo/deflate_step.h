/* deflate_step.h - a step of a pipeline, between the handlers and a codec: compresses the messages that a channel
 * sends, if its client has agreed to that (permessage-deflate, RFC 7692).
 *
 *     received -> decode_websocket -> on_message                    websocket.c inflates a message as it comes
 *     sent     <- encode_websocket <- deflate_step <- channel_send
 *
 * The client takes the window over from one message to the next: small messages that resemble one another become small
 * only so. It costs 38 KiB for each channel (common/deflate.h), and a broadcast is compressed for each member. LIMIT:
 * STEP_WINDOWS_MAX channels have a window at a time; more get their messages uncompressed, which RFC 7692 allows at any
 * time. In the other direction clients may not take their windows over (limits.deflate_forgets): the server keeps none.
 *
 * A page's script sees messages, and not how many bytes they took. So the step remembers the last ones of each
 * direction, to be told (rooms.h). */
#ifndef IO_MODELS_DEFLATE_STEP_H
#define IO_MODELS_DEFLATE_STEP_H

#include "framework.h"

enum { STEP_WINDOWS_MAX = 1024, STEP_REMEMBERED = 16 };

/* What a message took: its payload, and its frames on the wire with their headers. */
struct step_record {
    uint32_t payload;
    uint32_t wire : 31;
    uint32_t compressed : 1;
};

/* One direction of a channel: number n (from 0) is in last[n % STEP_REMEMBERED]. */
struct step_direction {
    struct step_record last[STEP_REMEMBERED];
    uint64_t count;
};

struct step {
    struct step_direction received, sent;
    uint32_t partial;    /* bytes received since the last message */
    bool has_window : 1; /* counts among STEP_WINDOWS_MAX */
};

/* Bytes that the step has saved so far, in all channels. */
extern uint64_t step_saved;

/* The handshake is done: the channel gets a step, c->step, if its client has agreed to compression. Without memory it
 * gets none, and sends everything uncompressed. */
void step_open(struct channel *c);

/* Frees it. */
void step_close(struct channel *c);

/* Sends a message through the step. */
void step_send(struct channel *c, enum websocket_opcode opcode, const void *bytes, size_t count);

/* The codec has decoded `used` bytes, and what came of it is `event`. */
void step_received(struct channel *c, size_t used, const struct websocket_event *event);

/* The limit, as limits_print has them. */
void step_limits_print(FILE *out);

#endif
