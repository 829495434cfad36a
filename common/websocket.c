#include "websocket.h"
#include "http_head.h"
#include <assert.h>
#define OPENSSL_SUPPRESS_DEPRECATED /* SHA1_Init is deprecated, but SHA1() allocates, and may crash if it cannot */
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

enum state {
    STATE_HEAD,    /* the HTTP head of the handshake */
    STATE_HEADER,  /* a frame's header */
    STATE_PAYLOAD, /* a frame's payload */
    STATE_DISCARD, /* closed or failed: all further input is ignored */
};

/* `held` is half-received input. First come message_length bytes of the current message; after them, the half-received
 * payload of a control frame, which may come between two frames of the message (RFC 6455 section 5.4). Before them
 * there is room for a frame's header, so that the whole message can become a reply in place (websocket_take). */
static size_t held_length(const struct websocket *w) {
    return w->held ? w->held->end - w->held->start : 0;
}

static uint8_t *held_bytes(const struct websocket *w) {
    return w->held ? w->held->bytes + w->held->start : NULL;
}

/* Makes room for `count` bytes. The capacity doubles with the bytes that came: a length that the peer only claims
 * allocates nothing. But it limits the capacity: no more than `rest` bytes can follow. False if there is no memory. */
static bool held_reserve(struct websocket *w, size_t count, size_t rest) {
    size_t end = w->held ? w->held->end : WEBSOCKET_HEADER_MAX;
    if (!w->held || w->held->capacity - end < count) {
        size_t capacity = w->held ? w->held->capacity : 128;
        while (capacity < end + count)
            capacity *= 2;
        if (capacity > end + count + rest)
            capacity = end + count + rest;
        struct block *held = realloc(w->held, sizeof *held + capacity);
        if (!held)
            return false;
        *held = (struct block){.start = WEBSOCKET_HEADER_MAX, .end = (uint32_t)end, .capacity = (uint32_t)capacity};
        w->held = held;
    }
    return true;
}

static bool held_append(struct websocket *w, const uint8_t *bytes, size_t count, size_t rest) {
    if (!held_reserve(w, count, rest))
        return false;
    memcpy(w->held->bytes + w->held->end, bytes, count); /* within the process: input to the half-received message */
    w->held->end += (uint32_t)count;
    return true;
}

struct block *websocket_take(struct websocket *w) {
    struct block *held = w->message_length == 0 ? w->held : NULL; /* a half-received message stays */
    if (held)
        w->held = NULL;
    return held;
}

/* Frees what the last event has delivered, but not the half-received message. */
static void held_trim(struct websocket *w) {
    if (w->held && w->message_length > 0) {
        w->held->end = w->held->start + w->message_length;
    } else {
        free(w->held);
        w->held = NULL;
    }
}

void websocket_open(
    struct websocket *w, enum websocket_role role, const struct limits *limits, const char *accept_expected) {
    assert((role == WEBSOCKET_CLIENT) == (accept_expected != NULL));
    *w = (struct websocket){
        .limits = limits, .accept_expected = accept_expected, .client = role == WEBSOCKET_CLIENT, .state = STATE_HEAD};
}

void websocket_close(struct websocket *w) {
    free(w->held);
    w->held = NULL;
    deflate_free(&w->deflate);
    w->state = STATE_DISCARD;
}

static void fail(struct websocket *w, struct websocket_event *event, int code) {
    *event = (struct websocket_event){.type = WEBSOCKET_ERROR, .code = (uint16_t)code};
    w->state = STATE_DISCARD;
    w->header_count = 0;
    w->message_length = 0;
}

/* ---- the handshake (RFC 6455 section 4) ---- */

/* Returns 101, or what is wrong with the head; see http_head.h. */
static int check_head(struct websocket *w, const uint8_t *head, size_t length, const uint8_t **key) {
    const struct limits *l = w->limits;
    bool may_deflate = l->deflate_bits > 0 && !w->plain;
    int status = w->client ? http_head_check_response(head, length, w->accept_expected, may_deflate)
                           : http_head_check_request(head, length, key);
    if (status != 101 || !may_deflate)
        return status;
    if (w->client)
        return deflate_accept(head, length, &w->terms) ? 101 : 0;
    w->terms = deflate_agree(head, length, l->deflate_bits, l->deflate_forgets);
    return 101;
}

static void finish_head(struct websocket *w, uint8_t *head, size_t length, struct websocket_event *event) {
    const uint8_t *key = NULL;
    int status = check_head(w, head, length, &key);
    if (status != 101) {
        fail(w, event, status);
        return;
    }
    *event = (struct websocket_event){.type = WEBSOCKET_OPEN,
        .code = 101,
        .payload = key ? head + (key - head) : NULL,
        .length = key ? WEBSOCKET_KEY_LENGTH : 0};
    w->state = STATE_HEADER;
}

static size_t receive_head(struct websocket *w, uint8_t *bytes, size_t count, struct websocket_event *event) {
    size_t before = held_length(w);
    size_t room = w->limits->head_max - before; /* LIMIT: bytes of a head */
    size_t take = count < room ? count : room;
    uint8_t *head = bytes;
    size_t length = take;
    if (before > 0) {
        if (!held_append(w, bytes, take, w->limits->head_max - before - take)) {
            fail(w, event, 503);
            return count;
        }
        head = held_bytes(w);
        length = held_length(w);
    }
    size_t end = http_head_end(head, length, before);
    if (end > 0) {
        finish_head(w, head, end, event);
        return end - before; /* what follows the head in the same segment is the first frame */
    }
    if (length == w->limits->head_max)
        fail(w, event, w->client ? 0 : 431);
    else if (before == 0 && !held_append(w, bytes, take, w->limits->head_max - take))
        fail(w, event, 503);
    return take;
}

/* ---- frames (RFC 6455 section 5) ---- */

static uint8_t frame_opcode(const struct websocket *w) {
    return w->header[0] & 0x0F;
}

static bool frame_is_fin(const struct websocket *w) {
    return w->header[0] & 0x80;
}

static bool frame_is_control(const struct websocket *w) {
    return w->header[0] & 0x08;
}

/* RFC 7692 section 6: RSV1 is for the first frame of a data message, and only if compression was agreed on. RSV2 and
 * RSV3 have no meaning. */
static bool may_have_reserved_bits(const struct websocket *w) {
    bool begins = frame_opcode(w) == WEBSOCKET_TEXT || frame_opcode(w) == WEBSOCKET_BINARY;
    return (w->header[0] & 0x70) == WEBSOCKET_RSV1 && w->terms.agreed && begins;
}

/* Checks the first two bytes of a header. Returns 0, or the close code for the violation. */
static int check_opening(const struct websocket *w) {
    uint8_t opcode = frame_opcode(w), length = w->header[1] & 0x7F;
    bool masked = w->header[1] & 0x80;
    if ((w->header[0] & 0x70) && !may_have_reserved_bits(w))
        return WEBSOCKET_CLOSE_PROTOCOL_ERROR;
    if (masked == w->client)
        return WEBSOCKET_CLOSE_PROTOCOL_ERROR; /* clients mask, servers do not */
    switch (opcode) {
    case WEBSOCKET_OPCODE_CLOSE:
    case WEBSOCKET_OPCODE_PING:
    case WEBSOCKET_OPCODE_PONG: return frame_is_fin(w) && length <= 125 ? 0 : WEBSOCKET_CLOSE_PROTOCOL_ERROR;
    case WEBSOCKET_TEXT:
    case WEBSOCKET_BINARY: return w->message_opcode == 0 ? 0 : WEBSOCKET_CLOSE_PROTOCOL_ERROR;
    case WEBSOCKET_CONTINUATION: return w->message_opcode != 0 ? 0 : WEBSOCKET_CLOSE_PROTOCOL_ERROR;
    default: return WEBSOCKET_CLOSE_PROTOCOL_ERROR;
    }
}

static size_t header_size(const struct websocket *w) {
    if (w->header_count < 2)
        return 2;
    uint8_t length = w->header[1] & 0x7F;
    return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + (w->client ? 0 : 4);
}

/* The payload's length, big-endian in 7, 16 or 64 bits; UINT64_MAX if a shorter form would have been enough, or if the
 * top bit of the 64-bit form is set. */
static uint64_t header_length(const struct websocket *w) {
    uint8_t length = w->header[1] & 0x7F;
    size_t count = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (count == 0)
        return length;
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++)
        value = value << 8 | w->header[2 + i];
    bool minimal = count == 2 ? value > 125 : value > UINT16_MAX;
    return minimal && value <= INT64_MAX ? value : UINT64_MAX;
}

/* The header is complete: makes all checks that need its length, before any payload is read. Returns 0, or the close
 * code. */
static int begin_frame(struct websocket *w) {
    uint64_t length = header_length(w);
    if (length == UINT64_MAX)
        return WEBSOCKET_CLOSE_PROTOCOL_ERROR;
    if (!frame_is_control(w)) {
        if (frame_opcode(w) != WEBSOCKET_CONTINUATION) {
            w->message_opcode = frame_opcode(w);
            w->compressed = w->header[0] & WEBSOCKET_RSV1;
            w->fragments = 0;
            w->utf8 = (struct utf8){0};
        }
        size_t most = w->compressed ? deflate_frame_max(w->limits->message_max) /* what it holds is checked later */
                                    : w->limits->message_max - w->message_length;
        if (length > most) /* LIMIT: bytes of a message; cannot wrap */
            return WEBSOCKET_CLOSE_TOO_BIG;
        if (++w->fragments > w->limits->fragments_max) /* LIMIT: frames of a message */
            return WEBSOCKET_CLOSE_POLICY;
    }
    if (!w->client)
        memcpy(w->mask, w->header + header_size(w) - 4, 4);
    w->payload_left = (uint32_t)length;
    w->state = STATE_PAYLOAD;
    return 0;
}

/* Takes the bytes of the header that are missing, as far as they have come, and checks each as early as possible. */
static size_t receive_header(struct websocket *w, const uint8_t *bytes, size_t count, struct websocket_event *event) {
    size_t used = 0;
    int code = 0;
    if (w->header_count == 0 && count >= sizeof w->header) { /* usually the whole header is there, and more */
        memcpy(w->header, bytes, sizeof w->header);
        w->header_count = 2;
        used = w->header_count = (uint8_t)header_size(w);
        code = check_opening(w);
        if (code == 0)
            code = begin_frame(w);
    }
    while (code == 0 && w->state == STATE_HEADER) {
        size_t size = header_size(w);
        size_t lack = size - w->header_count;
        size_t take = lack < count - used ? lack : count - used;
        memcpy(w->header + w->header_count, bytes + used, take);
        w->header_count += (uint8_t)take;
        used += take;
        if (take < lack)
            return used;
        if (size == 2)
            code = check_opening(w);
        if (code == 0 && w->header_count == header_size(w))
            code = begin_frame(w);
    }
    if (code != 0)
        fail(w, event, code);
    return used;
}

static void finish_close(struct websocket *w, uint8_t *payload, size_t length, struct websocket_event *event) {
    struct utf8 utf8 = {0};
    uint16_t code = WEBSOCKET_CLOSE_NO_STATUS;
    if (length > 0) {
        code = length >= 2 ? (uint16_t)(payload[0] << 8 | payload[1]) : 0;
        if (!websocket_close_code_is_valid(code)) {
            fail(w, event, WEBSOCKET_CLOSE_PROTOCOL_ERROR);
            return;
        }
        payload += 2, length -= 2;
        if (!utf8_check(&utf8, payload, length) || !utf8_is_complete(&utf8)) {
            fail(w, event, WEBSOCKET_CLOSE_BAD_UTF8);
            return;
        }
    }
    *event = (struct websocket_event){
        .type = WEBSOCKET_CLOSE, .opcode = WEBSOCKET_OPCODE_CLOSE, .code = code, .payload = payload, .length = length};
    w->state = STATE_DISCARD;
    w->message_length = 0;
}

/* A frame is complete. Its payload is at `direct`, in the caller's bytes; NULL: it is in w->held. */
static void finish_frame(struct websocket *w, uint8_t *direct, size_t direct_length, struct websocket_event *event) {
    size_t begin = frame_is_control(w) ? w->message_length : 0;
    size_t length = direct ? direct_length : w->held ? held_length(w) - begin : 0;
    uint8_t *payload = direct ? direct : w->held ? held_bytes(w) + begin : NULL;
    w->state = STATE_HEADER;
    w->header_count = 0;
    if (frame_opcode(w) == WEBSOCKET_OPCODE_CLOSE) {
        finish_close(w, payload, length, event);
    } else if (frame_is_control(w)) {
        *event =
            (struct websocket_event){.type = frame_opcode(w) == WEBSOCKET_OPCODE_PING ? WEBSOCKET_PING : WEBSOCKET_PONG,
                .opcode = frame_opcode(w),
                .in_input = direct != NULL,
                .payload = payload,
                .length = length};
    } else if (!frame_is_fin(w)) {
        w->message_length = (uint32_t)length;
    } else if (w->message_opcode == WEBSOCKET_TEXT && !utf8_is_complete(&w->utf8)) {
        fail(w, event, WEBSOCKET_CLOSE_BAD_UTF8);
    } else {
        *event = (struct websocket_event){.type = WEBSOCKET_MESSAGE,
            .opcode = w->message_opcode,
            .in_input = direct != NULL,
            .compressed = w->compressed,
            .payload = payload,
            .length = length};
        w->message_opcode = 0;
        w->message_length = 0;
    }
}

/* Unmasks in place, and rotates the mask so that mask[0] is for the byte that comes next, if one does. */
static void unmask(struct websocket *w, uint8_t *bytes, size_t count) {
    uint8_t mask[4];
    websocket_mask(bytes, count, w->mask);
    if (w->payload_left == 0)
        return;
    memcpy(mask, w->mask, 4);
    for (size_t i = 0; i < 4; i++)
        w->mask[i] = mask[(count + i) % 4];
}

/* Inflates bytes of a compressed message behind those that are held already. LIMIT: message_max bytes: one more is
 * inflated, and shows that the message is too long, whatever is still to come. Returns 0, or the close code. */
static int inflate_payload(struct websocket *w, const uint8_t *bytes, size_t count) {
    enum { ROOM = 512 }; /* bytes to be inflated at least at a time, if the message may still be so long */
    enum deflate_result result = DEFLATE_FULL;
    while (result == DEFLATE_FULL) {
        size_t left = w->limits->message_max + 1 - held_length(w), least = left < ROOM ? left : ROOM;
        if (left == 0)
            return WEBSOCKET_CLOSE_TOO_BIG;
        if (!held_reserve(w, least, left - least))
            return WEBSOCKET_CLOSE_INTERNAL;
        uint8_t *begin = w->held->bytes + w->held->end, *out = begin;
        size_t room = w->held->capacity - w->held->end;
        room = room < left ? room : left;
        result = deflate_read(&w->deflate, w->terms, &bytes, &count, &out, &room);
        if (w->message_opcode == WEBSOCKET_TEXT && !utf8_check(&w->utf8, begin, (size_t)(out - begin)))
            return WEBSOCKET_CLOSE_BAD_UTF8;
        w->held->end += (uint32_t)(out - begin);
    }
    if (held_length(w) > w->limits->message_max)
        return WEBSOCKET_CLOSE_TOO_BIG;
    if (result == DEFLATE_DONE && w->payload_left == 0 && frame_is_fin(w))
        result = deflate_read_end(&w->deflate, w->terms);
    return result == DEFLATE_DONE ? 0 : result == DEFLATE_BAD ? WEBSOCKET_CLOSE_BAD_DATA : WEBSOCKET_CLOSE_INTERNAL;
}

static void receive_compressed(struct websocket *w, uint8_t *bytes, size_t count, struct websocket_event *event) {
    int code = inflate_payload(w, bytes, count);
    if (code != 0)
        fail(w, event, code);
    else if (w->payload_left == 0)
        finish_frame(w, NULL, 0, event);
}

static size_t receive_payload(struct websocket *w, uint8_t *bytes, size_t count, struct websocket_event *event) {
    size_t take = count < w->payload_left ? count : w->payload_left;
    bool first = w->held == NULL || (frame_is_control(w) && held_length(w) == w->message_length);
    bool whole = take == w->payload_left;
    w->payload_left -= (uint32_t)take;
    if (!w->client)
        unmask(w, bytes, take);
    if (w->compressed && !frame_is_control(w)) {
        receive_compressed(w, bytes, take, event);
        return take;
    }
    if (w->message_opcode == WEBSOCKET_TEXT && !frame_is_control(w) && !utf8_check(&w->utf8, bytes, take)) {
        fail(w, event, WEBSOCKET_CLOSE_BAD_UTF8);
        return take;
    }
    /* The common case: the whole frame is in the caller's bytes, and stays there. */
    bool direct = whole && first && frame_is_fin(w);
    size_t rest = frame_is_fin(w) ? w->payload_left : w->limits->message_max; /* after a fragment: unknown */
    if (!direct && take > 0 && !held_append(w, bytes, take, rest)) {
        fail(w, event, WEBSOCKET_CLOSE_INTERNAL);
        return take;
    }
    if (whole)
        finish_frame(w, direct ? bytes : NULL, take, event);
    return take;
}

size_t websocket_receive(struct websocket *w, uint8_t *bytes, size_t count, struct websocket_event *event) {
    *event = (struct websocket_event){.type = WEBSOCKET_NEED_MORE};
    if (w->held && w->state != STATE_HEAD && w->header_count == 0)
        held_trim(w);
    if (w->state == STATE_HEAD)
        return count > 0 ? receive_head(w, bytes, count, event) : 0;
    size_t used = 0;
    while (event->type == WEBSOCKET_NEED_MORE && used < count) {
        if (w->state == STATE_HEADER)
            used += receive_header(w, bytes + used, count - used, event);
        if (w->state == STATE_PAYLOAD)
            used += receive_payload(w, bytes + used, count - used, event);
        if (w->state == STATE_DISCARD && event->type == WEBSOCKET_NEED_MORE)
            used = count;
    }
    return used;
}

/* ---- what both sides write ---- */

void websocket_mask(uint8_t *bytes, size_t count, const uint8_t mask[4]) {
    uint32_t four, half;
    uint64_t wide, word, words[4];
    memcpy(&four, mask, sizeof four);
    wide = (uint64_t)four << 32 | four;
    for (; count >= sizeof words; bytes += sizeof words, count -= sizeof words) { /* as wide as the CPU can; memcpy */
        memcpy(words, bytes, sizeof words);                                       /* because it is not aligned */
        for (int i = 0; i < 4; i++)
            words[i] ^= wide;
        memcpy(bytes, words, sizeof words);
    }
    for (; count >= sizeof word; bytes += sizeof word, count -= sizeof word) {
        memcpy(&word, bytes, sizeof word);
        word ^= wide;
        memcpy(bytes, &word, sizeof word);
    }
    if (count >= sizeof half) {
        memcpy(&half, bytes, sizeof half);
        half ^= four;
        memcpy(bytes, &half, sizeof half);
        bytes += sizeof half, count -= sizeof half;
    }
    for (size_t i = 0; i < count; i++)
        bytes[i] ^= mask[i];
}

struct block *websocket_deflate(struct websocket *w, const uint8_t *bytes, size_t count) {
    if (!w->terms.agreed)
        return NULL;
    size_t room = WEBSOCKET_HEADER_MAX + count + DEFLATE_ROOM;
    struct block *block = malloc(sizeof *block + room);
    if (!block)
        return NULL;
    size_t size = deflate_write(&w->deflate, w->terms, bytes, count, block->bytes + WEBSOCKET_HEADER_MAX);
    if (size == 0) {
        free(block);
        return NULL;
    }
    *block = (struct block){.start = WEBSOCKET_HEADER_MAX, .end = (uint32_t)(WEBSOCKET_HEADER_MAX + size)};
    block->capacity = block->end;
    struct block *smaller = realloc(block, sizeof *block + block->capacity);
    return smaller ? smaller : block;
}

size_t websocket_frame_header(
    uint8_t out[WEBSOCKET_HEADER_MAX], enum websocket_opcode opcode, bool fin, uint64_t length, const uint8_t mask[4]) {
    size_t size = 2;
    out[0] = (uint8_t)((fin ? 0x80 : 0) | opcode);
    size_t wide = length <= 125 ? 0 : length <= UINT16_MAX ? 2 : 8;
    out[1] = (uint8_t)((mask ? 0x80 : 0) | (wide == 0 ? length : wide == 2 ? 126 : 127));
    for (size_t i = 0; i < wide; i++)
        out[size++] = (uint8_t)(length >> (8 * (wide - 1 - i)));
    if (mask) {
        memcpy(out + size, mask, 4);
        size += 4;
    }
    return size;
}

bool websocket_accept_key(const char key[WEBSOCKET_KEY_LENGTH], char accept[WEBSOCKET_ACCEPT_LENGTH + 1]) {
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char joined[WEBSOCKET_KEY_LENGTH + sizeof guid - 1], digest[SHA_DIGEST_LENGTH];
    memcpy(joined, key, WEBSOCKET_KEY_LENGTH);
    memcpy(joined + WEBSOCKET_KEY_LENGTH, guid, sizeof guid - 1);
    SHA_CTX sha1;
    if (!SHA1_Init(&sha1) || !SHA1_Update(&sha1, joined, sizeof joined) || !SHA1_Final(digest, &sha1))
        return false;
    EVP_EncodeBlock((unsigned char *)accept, digest, sizeof digest); /* 28 characters and a NUL */
    return true;
}

bool websocket_close_code_is_valid(uint16_t code) {
    if (code >= 3000 && code <= 4999)
        return true; /* for libraries and applications */
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}
