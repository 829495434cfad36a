/* http_head.h - the HTTP/1.1 heads of the WebSocket handshake (RFC 6455 section 4; RFC 9112 for the syntax).
 *
 * Strict: lines end with CRLF, no folded lines, no space before a colon, no control characters. Names and tokens are
 * case-insensitive; Connection and Upgrade may be lists, and may come more than once. */
#ifndef IO_MODELS_HTTP_HEAD_H
#define IO_MODELS_HTTP_HEAD_H

#include <stddef.h>
#include <stdint.h>

/* Returns the length of the head including its empty line, or 0 when the end is not among these bytes. The first
 * `seen` of them were searched before. */
size_t http_head_end(const uint8_t *bytes, size_t count, size_t seen);

/* Checks a whole upgrade request. Returns 101 and the 24 characters of its key (inside `head`), or the status to
 * refuse with: 400, or 426 for another version of WebSocket. */
int http_head_check_request(const uint8_t *head, size_t length, const uint8_t **key);

/* Checks a whole answer to an upgrade request against the 28 characters expected in Sec-WebSocket-Accept. Returns 101,
 * or another status that the server answered, or 0 for an answer that breaks the rules. */
int http_head_check_response(const uint8_t *head, size_t length, const char *accept);

#endif
