/* websocket.h - RFC 6455 for both roles, without any I/O: bytes in, events out.
 *
 * The caller moves the bytes, with its own I/O model, and asks what they mean:
 *
 *     do {
 *         size_t used = websocket_receive(w, bytes, count, &event);
 *         bytes += used, count -= used;
 *         ... act on event.type ...
 *     } while (event.type != WEBSOCKET_NEED_MORE);
 *
 * Incremental: any split of the same bytes gives the same events.
 * Bounded: memory grows with the bytes that came, never with a length the peer merely claims. A compressed message
 * (deflate.h) is inflated as it comes, and not beyond limits.message_max bytes.
 * Strict: the first violation is reported once, as WEBSOCKET_ERROR; all later input is discarded. */
#ifndef IO_MODELS_WEBSOCKET_H
#define IO_MODELS_WEBSOCKET_H

#include "deflate.h"
#include "protocol_limits.h"
#include "utf8.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum websocket_role { WEBSOCKET_SERVER, WEBSOCKET_CLIENT };

/* RFC 6455 section 5.2 */
enum websocket_opcode {
    WEBSOCKET_CONTINUATION = 0x0,
    WEBSOCKET_TEXT = 0x1,
    WEBSOCKET_BINARY = 0x2,
    WEBSOCKET_OPCODE_CLOSE = 0x8,
    WEBSOCKET_OPCODE_PING = 0x9,
    WEBSOCKET_OPCODE_PONG = 0xA,
};

/* RFC 6455 section 7.4.1: the codes this module sends or gives a meaning to. */
enum websocket_close_code {
    WEBSOCKET_CLOSE_NORMAL = 1000,
    WEBSOCKET_CLOSE_GOING_AWAY = 1001,
    WEBSOCKET_CLOSE_PROTOCOL_ERROR = 1002,
    WEBSOCKET_CLOSE_NO_STATUS = 1005, /* never on the wire: the close frame was empty */
    WEBSOCKET_CLOSE_BAD_UTF8 = 1007,
    WEBSOCKET_CLOSE_BAD_DATA = 1007, /* the same code: compressed data that cannot be inflated */
    WEBSOCKET_CLOSE_POLICY = 1008,
    WEBSOCKET_CLOSE_TOO_BIG = 1009,
    WEBSOCKET_CLOSE_INTERNAL = 1011, /* out of memory */
};

enum websocket_event_type {
    WEBSOCKET_NEED_MORE, /* all input is used: no event */
    WEBSOCKET_OPEN,      /* handshake complete; server: payload is the client's Sec-WebSocket-Key */
    WEBSOCKET_MESSAGE,   /* a whole message: opcode (text or binary) and payload; text is valid UTF-8 */
    WEBSOCKET_PING,      /* payload of up to 125 bytes, to be answered by a pong with the same */
    WEBSOCKET_PONG,      /* payload of up to 125 bytes */
    WEBSOCKET_CLOSE,     /* the peer's close frame: code, payload is the reason; answer it, then close */
    WEBSOCKET_ERROR,     /* the peer broke a rule: code is the close code, or before OPEN the HTTP status, to answer
                            with (client role before OPEN: the status the server sent, or 0 if it spoke no HTTP) */
};

struct websocket_event {
    enum websocket_event_type type;
    uint8_t opcode;
    uint16_t code;
    bool in_input;    /* the payload lies in the caller's bytes, else in struct websocket */
    bool compressed;  /* the message came compressed; the payload is inflated */
    uint8_t *payload; /* valid until the next call */
    size_t length;
};

/* A block of bytes: half-received input here, pending replies in session.c. */
struct block {
    struct block *next;
    uint32_t start, end; /* bytes [start, end) */
    uint32_t capacity;
    uint8_t bytes[];
};

/* One connection's protocol state. Owns no memory while no input is half received. Fields are private. */
struct websocket {
    struct block *held; /* OWNS: half-received input: the head, a message's first part, a control payload */
    const struct limits *limits;
    const char *accept_expected; /* client role: what Sec-WebSocket-Accept must say */
    uint32_t payload_left;       /* of the current frame, bytes still to come: no frame is longer than message_max */
    uint32_t message_length;     /* bytes of the current message in held */
    uint32_t fragments;          /* frames of the current message so far */
    uint8_t header[14];          /* the current frame's header, as far as it came */
    uint8_t header_count;
    uint8_t state;
    uint8_t message_opcode; /* 0: no message begun */
    uint8_t mask[4];        /* rotated so that mask[0] is for the next payload byte */
    bool client : 1;
    bool plain : 1;             /* no extension is wanted, whatever limits.deflate_bits says */
    bool compressed : 1;        /* the current message is */
    struct utf8 utf8;           /* of the current text message */
    struct deflate_terms terms; /* set with WEBSOCKET_OPEN */
    struct deflate *deflate;    /* OWNS: the windows of compression; NULL: none is needed so far */
};

/* Prepares `w` for a connection on which no byte has come yet. `limits` must outlive it. If limits->deflate_bits is not
 * 0, a server accepts permessage-deflate, and a client must have sent DEFLATE_OFFER.
 * Client role: `accept_expected` is the 28 characters from websocket_accept_key() and must outlive it; server: NULL. */
void websocket_open(
    struct websocket *w, enum websocket_role role, const struct limits *limits, const char *accept_expected);

/* Frees half-received input, and the windows. `w` may be opened again. */
void websocket_close(struct websocket *w);

/* Takes up to `count` bytes and reports the first event in them. Returns how many bytes it used; call again with the
 * rest until WEBSOCKET_NEED_MORE. Payloads are unmasked in place: `bytes` is written to. Never blocks. */
size_t websocket_receive(struct websocket *w, uint8_t *bytes, size_t count, struct websocket_event *event);

/* OWNS: the caller gets the block in which the last event's message lies, with WEBSOCKET_HEADER_MAX free bytes before
 * it; to be given back with free(). NULL if the message lies elsewhere. */
struct block *websocket_take(struct websocket *w);

/* OWNS: the caller gets a block with the message compressed, with WEBSOCKET_HEADER_MAX free bytes before it; to be
 * given back with free(). Its frame needs WEBSOCKET_RSV1 in the first byte of its header. NULL: send the message as it
 * is, because compression was not agreed on, or would not make it smaller, or there is no memory. The peer must get the
 * compressed messages in the order in which they were compressed, and all of them. */
struct block *websocket_deflate(struct websocket *w, const uint8_t *bytes, size_t count);

/* In the first byte of a data message's first frame: the message is compressed (RFC 7692 section 6). */
enum { WEBSOCKET_RSV1 = 0x40 };

enum { WEBSOCKET_HEADER_MAX = 14, WEBSOCKET_KEY_LENGTH = 24, WEBSOCKET_ACCEPT_LENGTH = 28 };

/* Writes a frame header (RFC 6455 section 5.2) for a payload of `length` bytes and returns its size. A client passes
 * its 4-byte mask and masks the payload itself (websocket_mask); a server passes NULL. */
size_t websocket_frame_header(
    uint8_t out[WEBSOCKET_HEADER_MAX], enum websocket_opcode opcode, bool fin, uint64_t length, const uint8_t mask[4]);

/* XORs `count` bytes with the mask (RFC 6455 section 5.3); mask[0] is for the first. */
void websocket_mask(uint8_t *bytes, size_t count, const uint8_t mask[4]);

/* RFC 6455 section 1.3: base64(SHA-1(key + GUID)). `accept` gets 28 characters and a NUL. False if the crypto library
 * offers no SHA-1. Allocates nothing. */
bool websocket_accept_key(const char key[WEBSOCKET_KEY_LENGTH], char accept[WEBSOCKET_ACCEPT_LENGTH + 1]);

/* RFC 6455 section 7.4: may this code stand in a close frame? */
bool websocket_close_code_is_valid(uint16_t code);

#endif
