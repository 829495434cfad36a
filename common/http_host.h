/* http_host.h - parses Host, a target's authority, and Origin (RFC 3986 section 3.2, RFC 6454 section 7).
 *
 * Strict, because origins are compared with it: text that is not exactly a host, with or without a port, is
 * rejected. */
#ifndef IO_MODELS_HTTP_HOST_H
#define IO_MODELS_HTTP_HOST_H

#include <stdbool.h>
#include <stddef.h>

/* A part of a head: not ended by a NUL. */
struct http_text {
    const char *at; /* NULL: absent */
    size_t length;
};

enum http_host_kind { HTTP_HOST_NAME, HTTP_HOST_IPV4, HTTP_HOST_IPV6 };

struct http_host {
    enum http_host_kind kind;
    struct http_text name; /* IPv6: without its brackets */
    int port;              /* -1: no port is given */
};

struct http_origin {
    struct http_text scheme;
    struct http_host host;
};

/* Compares without regard to case, as for names, hosts and tokens. */
bool http_text_is(struct http_text text, const char *word);
bool http_text_equals(struct http_text a, struct http_text b);

/* Reads "host" or "host:port"; the host may be empty, as RFC 9110 section 7.2 allows it in a Host field. False for
 * anything else, IPvFuture and zone identifiers included: no client can have reached this server by one. */
bool http_host_read(struct http_text text, struct http_host *host);

/* Reads "scheme://host" or "scheme://host:port". False for anything else: "null", a path behind it, an empty host. */
bool http_origin_read(struct http_text text, struct http_origin *origin);

/* The same scheme, host and port; if no port is given, it is 80 for http and 443 for https. */
bool http_origin_equals(const struct http_origin *a, const struct http_origin *b);

#endif
