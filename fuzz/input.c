#include "input.h"
#include <stdlib.h>
#include <string.h>

static const char request[] = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Version: 13\r\n\r\n";
static const char response[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
const char good_accept[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

uint8_t choose(struct input *in) {
    return in->left > 0 ? (in->left--, *in->at++) : 0;
}

struct limits choose_limits(struct input *in) {
    static const size_t message_max[] = {64 * 1024, 1, 7, 125, 126, 300, 4096, 100 * 1000};
    static const size_t fragments_max[] = {100 * 1000, 1, 2, 5};
    static const size_t head_max[] = {8 * 1024, 100, 200, 400};
    static const size_t pending_max[] = {256 * 1024, 1, 100, 3000};
    uint8_t sizes = choose(in), counts = choose(in);
    struct limits limits = LIMITS_DEFAULT;
    limits.message_max = message_max[sizes % 8];
    limits.head_max = head_max[sizes / 8 % 4];
    limits.fragments_max = fragments_max[counts % 4];
    limits.pending_max = pending_max[counts / 4 % 4];
    return limits;
}

void bytes_add(struct bytes *b, const void *from, size_t count) {
    if (!b->at || b->capacity - b->count < count) {
        b->capacity = (b->count + count) * 2 + 16;
        b->at = realloc(b->at, b->capacity);
        if (!b->at)
            abort();
    }
    if (count > 0)
        memcpy(b->at + b->count, from, count);
    b->count += count;
}

void bytes_free(struct bytes *b) {
    free(b->at);
    *b = (struct bytes){0};
}

bool bytes_equal(const struct bytes *a, const struct bytes *b) {
    return a->count == b->count && (a->count == 0 || memcmp(a->at, b->at, a->count) == 0);
}

const char *good_head(enum websocket_role role) {
    return role == WEBSOCKET_SERVER ? request : response;
}

static void add_raw(struct input *in, size_t count, struct bytes *out) {
    count = count < in->left ? count : in->left;
    bytes_add(out, in->at, count);
    in->at += count;
    in->left -= count;
}

/* The payload's length: what the input gives, or that many times a power of two, or the limit and one to each side. */
static size_t choose_length(struct input *in, size_t given, const struct limits *limits) {
    uint8_t choice = choose(in);
    size_t length = choice < 200 ? given << choice % 13 : limits->message_max + choice % 3 - 1;
    return length < CONVERSATION_MAX ? length : CONVERSATION_MAX;
}

/* One frame: its first byte, its mask and up to 63 bytes of payload, repeated as needed, are the input's. */
static void add_frame(
    struct input *in, uint8_t op, enum websocket_role role, const struct limits *limits, struct bytes *out) {
    uint8_t first = choose(in), header[WEBSOCKET_HEADER_MAX];
    uint8_t m = role == WEBSOCKET_SERVER ? choose(in) : 0;
    const uint8_t mask[4] = {m, (uint8_t)(m * 3), (uint8_t)(m * 5 + 1), (uint8_t)(m ^ 0x5A)};
    size_t given = op & 0x3F;
    size_t length = op & 0x40 ? choose_length(in, given, limits) : given;
    struct bytes payload = {0};
    add_raw(in, given, &payload);
    if (payload.count == 0)
        bytes_add(&payload, "", 1);
    size_t size = websocket_frame_header(header, WEBSOCKET_TEXT, true, length, role == WEBSOCKET_SERVER ? mask : NULL);
    header[0] = first; /* reserved bits and opcodes as well */
    bytes_add(out, header, size);
    for (size_t left = length, piece; left > 0; left -= piece) {
        piece = left < payload.count ? left : payload.count;
        bytes_add(out, payload.at, piece);
    }
    if (role == WEBSOCKET_SERVER && length > 0)
        websocket_mask(out->at + out->count - length, length, mask);
    bytes_free(&payload);
}

void choose_frames(struct input *in, enum websocket_role role, const struct limits *limits, struct bytes *out) {
    bool program = choose(in) % 4 != 0;
    while (program && in->left > 0 && out->count < CONVERSATION_MAX) {
        uint8_t op = choose(in);
        if (op & 0x80)
            add_raw(in, op & 0x7F, out);
        else
            add_frame(in, op, role, limits, out);
    }
    add_raw(in, in->left, out);
}

struct bytes choose_conversation(struct input *in, enum websocket_role role, const struct limits *limits) {
    struct bytes out = {0};
    if (choose(in) % 4 != 0) {
        bytes_add(&out, good_head(role), strlen(good_head(role)));
        choose_frames(in, role, limits, &out);
    } else {
        add_raw(in, in->left, &out);
    }
    return out;
}

size_t next_piece(uint32_t *split, size_t left) {
    size_t piece;
    if (*split == SPLIT_NOWHERE)
        return left;
    if (*split == SPLIT_EVERYWHERE) {
        piece = left > 2048 ? 61 : 1; /* long inputs would take too long; their last bytes come one by one */
    } else {
        *split = *split * 1664525 + 1013904223;
        *split += *split < SPLIT_SEEDED ? SPLIT_SEEDED : 0;
        piece = 1 + (*split >> 8) % (1u << (*split >> 28));
    }
    return piece < left ? piece : left;
}
