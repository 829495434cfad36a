/* packet.h - lab 5: what decode() is asked for, and what it calls.
 *
 * A message on the wire is its length in two bytes, the high byte first, and then so many bytes of payload. A payload
 * may be empty. */
#ifndef IO_MODELS_LAB_PACKET_H
#define IO_MODELS_LAB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LENGTH_SIZE = 2, MESSAGE_MAX = 256 }; /* LIMIT: of a payload. Two bytes can announce up to 65535. */

struct decoder; /* one client's; half_packet.c says what is in it */

/* For a new client. NULL: no memory. */
struct decoder *decoder_open(void);

/* The client is gone. */
void decoder_close(struct decoder *d);

/* `count` > 0 bytes of this client came, as one recv brought them. Calls on_message for each message that is whole now,
 * in order. OWNS: `bytes` stay the caller's, who uses the memory for something else after the call.
 * Returns false as soon as a length is announced that is greater than MESSAGE_MAX: the caller then closes the
 * connection, and does not call again. */
bool decode(struct decoder *d, const uint8_t *bytes, size_t count);

/* The event: `payload` is one whole message of this client. It is copied during the call. */
void on_message(struct decoder *d, const uint8_t *payload, size_t length);

#endif
