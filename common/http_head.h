/* http_head.h - the HTTP/1.1 heads of the WebSocket handshake (RFC 6455 section 4; RFC 9112 for the syntax).
 *
 * Strict: lines end with CRLF, no folded lines, no space before a colon, no control characters. Names and tokens are
 * case-insensitive; Connection and Upgrade may be lists, and may come more than once. */
#ifndef IO_MODELS_HTTP_HEAD_H
#define IO_MODELS_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A part of a head: not ended by a NUL. */
struct http_text {
    const char *at; /* NULL: absent */
    size_t length;
};

/* What a server of pages asks of a request's head; the parts lie inside the head. */
struct http_request {
    struct http_text method, target;
    struct http_text host, origin;
    bool upgrade;    /* asks for a WebSocket; http_head_check_request says whether in order */
    bool keep_alive; /* the client wants to use the connection again */
    bool has_body;
};

/* Compares without regard to case, as names, hosts and tokens are. */
bool http_text_is(struct http_text text, const char *word);

/* Methods are compared as they are (RFC 9110 section 9.1). */
bool http_is_get(struct http_text method);

/* Returns the length of the head including its empty line, or 0 when the end is not among these bytes. The first
 * `seen` of them were searched before. */
size_t http_head_end(const uint8_t *bytes, size_t count, size_t seen);

/* Reads any whole request's head. Returns 200; 400 for one that breaks the rules, lacks its one Host, or has two
 * Origins; 505 for another version than HTTP/1.1. */
int http_head_read_request(const uint8_t *head, size_t length, struct http_request *request);

/* Checks a whole upgrade request. Returns 101 and the 24 characters of its key (inside `head`), or the status to
 * refuse with: 400, or 426 for another version of WebSocket. */
int http_head_check_request(const uint8_t *head, size_t length, const uint8_t **key);

/* Checks a whole answer to an upgrade request against the 28 characters expected in Sec-WebSocket-Accept. Returns 101,
 * or another status that the server answered, or 0 for an answer that breaks the rules. */
int http_head_check_response(const uint8_t *head, size_t length, const char *accept);

#endif
