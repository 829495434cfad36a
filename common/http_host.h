/* http_host.h - who is meant by Host, by the authority of a request's target, and by Origin (RFC 3986 section 3.2, RFC
 * 6454 section 7).
 *
 * Strict, because pages are told apart by this: what is not wholly a host with or without a port is none. */
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
    int port;              /* -1: none is named */
};

struct http_origin {
    struct http_text scheme;
    struct http_host host;
};

/* Compares without regard to case, as names, hosts and tokens are. */
bool http_text_is(struct http_text text, const char *word);
bool http_text_equals(struct http_text a, struct http_text b);

/* Reads "host" or "host:port"; the host may be empty, as RFC 9110 section 7.2 allows it in a Host field. False for
 * anything else, IPvFuture and zone identifiers included: no client of ours can have reached us by one. */
bool http_host_read(struct http_text text, struct http_host *host);

/* Reads "scheme://host" or "scheme://host:port". False for anything else: "null", a path behind it, an empty host. */
bool http_origin_read(struct http_text text, struct http_origin *origin);

/* The same scheme, host and port; http is 80 and https 443 where no port is named. */
bool http_origin_equals(const struct http_origin *a, const struct http_origin *b);

#endif
