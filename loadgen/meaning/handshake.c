/* handshake.c - see handshake.h. */
#include "meaning/handshake.h"
#include <stdio.h>
#include <string.h>

/* The interface of a link-local address is this machine's business: it is left out of Host (RFC 6874 section 1). */
size_t handshake_request(char out[HANDSHAKE_MAX], const struct options *o, const char *key) {
    size_t end = strcspn(o->host, "%");

    return (size_t)snprintf(out, HANDSHAKE_MAX,
        "GET / HTTP/1.1\r\nHost: %.*s%s:%u\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
        (int)end, o->host, o->host[end] == '%' ? "]" : "", o->port, key,
        o->deflate ? "Sec-WebSocket-Extensions: " DEFLATE_OFFER "\r\n" : "");
}
