/* http_head.h - HTTP/1.x heads: requests (RFC 9112), and the WebSocket handshake (RFC 6455 section 4).
 *
 * Strict: lines end with CRLF, no folded lines, no space before a colon, no control characters. Names and tokens are
 * case-insensitive; Connection and Upgrade may be lists, and may come more than once. */
#ifndef IO_MODELS_HTTP_HEAD_H
#define IO_MODELS_HTTP_HEAD_H

#include "http_host.h"
#include <stdint.h>

/* What a server of pages asks of a request's head; the parts lie inside the head. */
struct http_request {
    struct http_text method;
    struct http_text path, query; /* of the target; the query without its '?'. "*" and CONNECT's target are no path */
    struct http_text host;        /* the target's own host, if it has one, else the Host field; absent: HTTP/1.0 */
    struct http_host authority;   /* the same, read */
    struct http_text origin;
    bool asterisk;   /* the target is "*": OPTIONS for the server as a whole */
    bool upgrade;    /* asks for a WebSocket; http_head_check_request says whether in order */
    bool keep_alive; /* the client wants to use the connection again */
    bool http_1_0;
    bool has_body;
};

/* Methods are compared as they are (RFC 9110 section 9.1). */
bool http_method_is(struct http_text method, const char *name);

/* How many of these bytes are empty lines before a request, to be ignored (RFC 9112 section 2.2). */
size_t http_head_skip(const uint8_t *bytes, size_t count);

/* Returns the length of the head including its empty line, or 0 when the end is not among these bytes. The first
 * `seen` of them were searched before. Empty lines before the first line belong to the head. */
size_t http_head_end(const uint8_t *bytes, size_t count, size_t seen);

/* Reads any whole request's head. Returns 200; 400 for one that breaks the rules: among them a Host that is no host, or
 * that is missing (HTTP/1.0 may do without) or repeated, and a body whose length is in doubt; 501 for a transfer coding
 * other than chunked; 505 for another major version than 1. What was read up to there is in *request. */
int http_head_read_request(const uint8_t *head, size_t length, struct http_request *request);

/* Checks a whole upgrade request. Returns 101 and the 24 characters of its key (inside `head`), or the status to
 * refuse with: 400 (HTTP/1.0 and a body included), or 426 for another version of WebSocket. */
int http_head_check_request(const uint8_t *head, size_t length, const uint8_t **key);

/* Checks a whole answer to an upgrade request against the 28 characters expected in Sec-WebSocket-Accept. Returns 101,
 * or another status that the server answered, or 0 for an answer that breaks the rules. */
int http_head_check_response(const uint8_t *head, size_t length, const char *accept);

#endif
