/* http_head.h - HTTP/1.x heads: requests (RFC 9112), and the WebSocket handshake (RFC 6455 section 4).
 *
 * Strict: lines end with CRLF, no folded lines, no space before a colon, no control characters. Names and tokens are
 * case-insensitive; Connection and Upgrade may be lists, and may come more than once. */
#ifndef IO_MODELS_HTTP_HEAD_H
#define IO_MODELS_HTTP_HEAD_H

#include "http_host.h"
#include <stdint.h>

/* The parts of a request's head that a server of pages needs; they point into the head. */
struct http_request {
    struct http_text method;
    struct http_text path, query; /* of the target; the query without its '?'. "*" and CONNECT have no path */
    struct http_text host;        /* the target's own host, if it has one, else the Host field; absent: HTTP/1.0 */
    struct http_host authority;   /* the host, parsed */
    struct http_text origin;
    bool asterisk;   /* the target is "*": OPTIONS for the server as a whole */
    bool upgrade;    /* asks for a WebSocket; http_head_check_request checks the rest */
    bool keep_alive; /* the client wants to use the connection again */
    bool http_1_0;
    bool has_body;
};

/* Compares with regard to case, as for all methods (RFC 9110 section 9.1). */
bool http_method_is(struct http_text method, const char *name);

/* Returns how many of these bytes are empty lines before a request; they are ignored (RFC 9112 section 2.2). */
size_t http_head_skip(const uint8_t *bytes, size_t count);

/* Returns the length of the head including its empty line, or 0 when the end is not among these bytes. The first
 * `seen` of them were searched before. Empty lines before the first line belong to the head. */
size_t http_head_end(const uint8_t *bytes, size_t count, size_t seen);

/* Finds the next field of this name in a head that was checked before; `rest` is the head at first, and then what
 * follows the field. False: there is no other. */
bool http_head_field(struct http_text *rest, const char *name, struct http_text *value);

/* May this character stand in a token (RFC 9110 section 5.6.2)? */
bool http_is_token_char(char c);

/* Parses the complete head of any request. Returns 200; 400 if it breaks a rule: for example, Host is no valid host, is
 * missing (allowed in HTTP/1.0) or repeated, or the body's length is ambiguous; 501 for a transfer coding other than
 * chunked; 505 for a major version other than 1. On an error, *request has the parts that were parsed before it. */
int http_head_read_request(const uint8_t *head, size_t length, struct http_request *request);

/* Finds the fields of this name in a head that http_head_read_request has accepted, one after the other: begin with *at
 * 0. False: there is no other. A value may be empty. */
bool http_head_next_field(const uint8_t *head, size_t length, const char *name, size_t *at, struct http_text *value);

/* Checks a whole upgrade request. Returns 101 and the 24 characters of its key (inside `head`), or the status to
 * refuse with: 400 (HTTP/1.0 and a body included), or 426 for another version of WebSocket. */
int http_head_check_request(const uint8_t *head, size_t length, const uint8_t **key);

/* Checks a whole answer to an upgrade request against the 28 characters expected in Sec-WebSocket-Accept. Returns 101,
 * or another status that the server answered, or 0 for an answer that breaks the rules: for example, it has an
 * extension, and none was offered. Which one was accepted is for the caller to check. */
int http_head_check_response(const uint8_t *head, size_t length, const char *accept, bool extensions_offered);

#endif
