/* deflate.h - permessage-deflate (RFC 7692) for both roles, without any I/O: what is agreed on, and zlib's work.
 *
 * What it costs a connection, in bytes, besides its messages; B is the bits of the window, 9 to 15 (zconf.h):
 *
 *     to read compressed messages    2^B + 7 KiB          B = 9:  8 KiB    B = 12: 11 KiB    B = 15:  39 KiB
 *     to write them                  2^(B+3) + 6 KiB      B = 9: 10 KiB    B = 12: 38 KiB    B = 15: 262 KiB
 *
 * LIMIT: limits.deflate_bits is the largest B of a server, for both. Each is allocated when the first compressed
 * message goes its way; it is freed with the connection, and without context takeover after each message. A connection
 * that has had no compressed message owns none of it. A client that does not let the server limit its window may use 15
 * bits, so the server then forbids it to take its context over: the 39 KiB last as long as one message. */
#ifndef IO_MODELS_DEFLATE_H
#define IO_MODELS_DEFLATE_H

#include "http_host.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEFLATE_BITS_MIN = 9, DEFLATE_BITS_DEFAULT = 12, DEFLATE_BITS_MAX = 15 };

/* What both sides have agreed on. All zero: nothing, and no message may be compressed. */
struct deflate_terms {
    uint16_t agreed : 1;
    uint16_t read_bits : 4;   /* of the window with which the peer compresses, 9 to 15 */
    uint16_t write_bits : 4;  /* of ours; 0: the peer wants 8, which zlib cannot do, so nothing is compressed */
    uint16_t read_keeps : 1;  /* context takeover: the window is kept from one message to the next, */
    uint16_t write_keeps : 1; /* and the same in our direction */
    uint16_t tells_read : 1;  /* server: the answer names read_bits, */
    uint16_t tells_write : 1; /* and write_bits */
};

/* What a client offers: what browsers offer, too. */
#define DEFLATE_OFFER "permessage-deflate; client_max_window_bits"

/* Server: takes the first acceptable offer of the request's `head`, which http_head_check_request has accepted. An
 * offer with an unknown, repeated or malformed parameter is declined, and so is one with a server_max_window_bits of 8;
 * then the connection is without compression (RFC 7692 section 7.1). `bits`: the largest window, for both directions.
 * `forgets`: no client may take its context over, so that nothing is kept for it between two messages. */
struct deflate_terms deflate_agree(const uint8_t *head, size_t length, int bits, bool forgets);

/* Server: writes the value of Sec-WebSocket-Extensions for the answer, and a NUL; `terms` must be agreed. */
enum { DEFLATE_ANSWER_MAX = 160 };
void deflate_answer(struct deflate_terms terms, char out[DEFLATE_ANSWER_MAX]);

/* Client: reads the server's answer to DEFLATE_OFFER in a `head` that http_head_check_response has accepted. False: it
 * breaks the rules, or it has what was not offered (RFC 7692 section 7.1: the client must fail the connection). */
bool deflate_accept(const uint8_t *head, size_t length, struct deflate_terms *terms);

/* A connection's windows. Fields are private. */
struct deflate;

enum deflate_result {
    DEFLATE_DONE,      /* all input is used, and all that it says is written */
    DEFLATE_FULL,      /* the room is used up, and there may be more: call again with more room */
    DEFLATE_BAD,       /* no valid DEFLATE data (RFC 1951), or the message ends in the middle of a block */
    DEFLATE_NO_MEMORY, /* for the window */
};

/* The largest payload of one frame of a compressed message, if the message may have `message_max` bytes: data that
 * cannot be compressed grows, by an eighth at most (RFC 1951 section 3.2.6: 9 bits for a byte). */
static inline size_t deflate_frame_max(size_t message_max) {
    return message_max + message_max / 8 + 1024;
}

/* Inflates the next bytes of a message into `out`. Moves *bytes, *count, *out and *room on. OWNS: *d, which is
 * allocated if it is NULL; deflate_free frees it. Never sleeps. */
enum deflate_result deflate_read(
    struct deflate **d, struct deflate_terms terms, const uint8_t **bytes, size_t *count, uint8_t **out, size_t *room);

/* The message's last byte was read, with DEFLATE_DONE: checks that it ends where one may end (RFC 7692 section 7.2.2).
 * Returns DEFLATE_DONE, DEFLATE_BAD or DEFLATE_NO_MEMORY. */
enum deflate_result deflate_read_end(struct deflate **d, struct deflate_terms terms);

/* Compresses a whole message into `out`, which has room for count + DEFLATE_ROOM bytes. Returns the size; 0: send the
 * message uncompressed, because it has under DEFLATE_COUNT_MIN bytes, or compressing does not help, or there is no
 * memory. Without context takeover it must become smaller; with it, it may become DEFLATE_GROWTH_MAX bytes larger: the
 * next messages can refer to it only if it goes compressed. OWNS: as deflate_read. Never sleeps. */
enum { DEFLATE_COUNT_MIN = 16, DEFLATE_GROWTH_MAX = 8, DEFLATE_ROOM = 16 };
size_t deflate_write(struct deflate **d, struct deflate_terms terms, const uint8_t *bytes, size_t count, uint8_t *out);

/* Frees *d, if there is one, and sets it to NULL. */
void deflate_free(struct deflate **d);

#endif
