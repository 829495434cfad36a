/* http.h - the part of HTTP (RFC 9110, RFC 9112) that a page, its requests and monitoring need: GET, HEAD and OPTIONS,
 * in HTTP/1.1 and 1.0; one answer for each request, keep-alive; and the upgrade to a WebSocket. */
#ifndef IO_MODELS_HTTP_H
#define IO_MODELS_HTTP_H

#include "framework.h"
#include "http_head.h"

extern const struct codec codec_http;

/* A pipeline with codec_http. Its requests go to on_request, one after the other. The application answers each request
 * once, immediately or later, with one of the functions below. HEAD is handled like GET; http.c leaves out the body.
 * OPTIONS for the whole server ("*") and methods that are not allowed are answered without on_request. */
struct http_pipeline {
    struct pipeline pipeline;
    void (*on_request)(struct channel *c, const struct http_request *request);
};

/* Answers with status 200. `type` is its Content-Type. The answer says how many bytes the request and the answer took:
 * "Wire-Bytes: in=00512 out=00000347". */
void http_reply(struct channel *c, const char *type, const void *body, size_t count);

/* The same with another status. */
void http_reply_with(struct channel *c, int status, const char *type, const void *body, size_t count);

/* Sends the client to another path of this server (308, RFC 9110 section 15.4.9), with the same query if that is short.
 */
void http_redirect(struct channel *c, const char *path, struct http_text query);

/* Answers OPTIONS with the allowed methods. */
void http_reply_options(struct channel *c);

/* Refuses with this status, in plain text, and ends the connection. `why` is one line of ASCII for the client and for
 * the log; "": no text, and no line in the log. */
void http_refuse(struct channel *c, int status, const char *why);

/* How often a request was answered with this status, 101 to 599, so far. */
uint64_t http_answered(int status);

/* Hands the channel over to this pipeline, whose codec is codec_websocket: that codec gets the request's head first. A
 * request that does not ask for a WebSocket, or not as RFC 6455 section 4.2.1 demands, is refused with 400 or 426. */
void channel_upgrade(struct channel *c, const struct pipeline *pipeline);

/* Only while on_request runs, or on_open after an upgrade: the values of the fields of this name, one after the other;
 * see http_head_next_field. */
bool http_field(const struct channel *c, const char *name, size_t *at, struct http_text *value);

/* Only while on_open runs after an upgrade: the request that asked for it, and its length in bytes, from `method` on.
 */
const struct http_request *http_request_of(const struct channel *c);
size_t http_request_bytes(const struct channel *c);

/* True if this is the target's path. Unreserved characters may be percent-encoded in it (RFC 3986 section 6.2.2.2). */
bool http_path_is(const struct http_request *request, const char *path);

/* The value of `name` in the target's query, percent-decoded, with a NUL behind it. Returns its length; 0 when it is
 * empty or absent; -1 when it is longer than `size` - 1, is not UTF-8, or holds control characters. */
int http_query(const struct http_request *request, const char *name, char *value, size_t size);

#endif
