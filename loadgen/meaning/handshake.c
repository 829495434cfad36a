/* handshake.c - see handshake.h. */
#include "meaning/handshake.h"
#include <stdio.h>
#include <string.h>

size_t handshake_request(char out[HANDSHAKE_MAX], const struct options *o, const char *key) {
    bool bare_ipv6 = strchr(o->host, ':') != NULL;

    return (size_t)snprintf(out, HANDSHAKE_MAX,
        "GET / HTTP/1.1\r\nHost: %s%.255s%s:%u\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
        bare_ipv6 ? "[" : "", o->host, bare_ipv6 ? "]" : "", o->port, key,
        o->deflate ? "Sec-WebSocket-Extensions: " DEFLATE_OFFER "\r\n" : "");
}
