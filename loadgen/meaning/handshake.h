/* handshake.h - the upgrade request of a WebSocket client (RFC 6455 section 4.1): one function writes it for all
 * senders. */
#ifndef LOADGEN_HANDSHAKE_H
#define LOADGEN_HANDSHAKE_H

#include "meaning/options.h"

enum { HANDSHAKE_MAX = 600 };

/* The example key of RFC 6455 section 1.3, for senders that do not need a random one. */
#define HANDSHAKE_SAMPLE_KEY "dGhlIHNhbXBsZSBub25jZQ=="

/* Writes the request to `out`; returns its length. `key` is 16 bytes in base64. */
size_t handshake_request(char out[HANDSHAKE_MAX], const struct options *o, const char *key);

#endif
