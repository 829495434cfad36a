/* input.h - what the fuzzer's bytes mean: first choices, then the bytes of one connection. */
#ifndef IO_MODELS_FUZZ_INPUT_H
#define IO_MODELS_FUZZ_INPUT_H

#include "websocket.h"

/* LIMIT: bytes of a frame's payload; and no frame is added to a connection that has as many. Enough for a length field
 * of 64 bits. */
enum { CONVERSATION_MAX = 100 * 1024 };

struct input {
    const uint8_t *at;
    size_t left;
};

/* The next byte; 0 when none is left. */
uint8_t choose(struct input *in);

struct limits choose_limits(struct input *in);

struct bytes {
    uint8_t *at;
    size_t count, capacity;
};

void bytes_add(struct bytes *b, const void *from, size_t count);
void bytes_free(struct bytes *b);
bool bytes_equal(const struct bytes *a, const struct bytes *b);

/* The RFC's example handshake as the given role receives it. */
const char *good_head(enum websocket_role role);
extern const char good_accept[];

/* Turns the rest of the input into frames for this role: bytes as they are, or a little program whose instructions
 * make well-formed frames (a mutation of the input then changes a payload, not its mask or length) or raw bytes.
 * Adds to `out`. */
void choose_frames(struct input *in, enum websocket_role role, const struct limits *limits, struct bytes *out);

/* A whole connection: usually a good handshake, then frames; or the input as it is, head included. */
struct bytes choose_conversation(struct input *in, enum websocket_role role, const struct limits *limits);

/* How to cut a connection's bytes into receives: all in one, one byte each, or at random places from a seed. */
enum { SPLIT_NOWHERE, SPLIT_EVERYWHERE, SPLIT_SEEDED };
size_t next_piece(uint32_t *split, size_t left);

#endif
