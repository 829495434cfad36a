/* handshake.h - the upgrade request of a WebSocket client (RFC 6455 section 4.1): one text for all that send it. */
#ifndef LOADGEN_HANDSHAKE_H
#define LOADGEN_HANDSHAKE_H

#include "meaning/options.h"

enum { HANDSHAKE_MAX = 600 };

/* The key of RFC 6455 section 1.3: as good as any for one whose answers are nobody else's. */
#define HANDSHAKE_SAMPLE_KEY "dGhlIHNhbXBsZSBub25jZQ=="

/* Writes the request to `out`; returns its length. `key` is 16 bytes in base64. */
size_t handshake_request(char out[HANDSHAKE_MAX], const struct options *o, const char *key);

#endif
