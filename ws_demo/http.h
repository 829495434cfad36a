/* http.h - as much of HTTP (RFC 9110, RFC 9112) as a page, its requests and those who watch a server need: GET, HEAD
 * and OPTIONS, in HTTP/1.1 and 1.0; one answer for each request, keep-alive; and the change to a WebSocket. */
#ifndef IO_MODELS_HTTP_H
#define IO_MODELS_HTTP_H

#include "framework.h"
#include "http_head.h"

extern const struct codec codec_http;

/* A pipeline with codec_http: its requests, one after the other, go to on_request, which answers each once, with one of
 * the functions below, then or later. HEAD is asked like GET; what is not to be sent for it is left out here. OPTIONS
 * for the server as a whole ("*") and methods that nothing here allows are answered before. */
struct http_pipeline {
    struct pipeline pipeline;
    void (*on_request)(struct channel *c, const struct http_request *request);
};

/* Answers with status 200. `type` is its Content-Type. The answer says which bytes the request and it took:
 * "Wire-Bytes: in=00512 out=00000347". */
void http_reply(struct channel *c, const char *type, const void *body, size_t count);

/* Answers OPTIONS: what is allowed. */
void http_reply_options(struct channel *c);

/* Refuses with another status, in plain text, and ends the connection; `why` is ASCII, a line, and goes to the client
 * and to the log; or it is empty. */
void http_refuse(struct channel *c, int status, const char *why);

/* Hands the channel over to this pipeline, whose codec is codec_websocket: it gets the request's head first. Refuses
 * instead where the request does not ask for a WebSocket, or not as RFC 6455 section 4.2.1 demands: 400, or 426. */
void channel_upgrade(struct channel *c, const struct pipeline *pipeline);

/* What the channel was upgraded with, while its on_open runs: the request, and its bytes from `method` on. */
const struct http_request *http_request_of(const struct channel *c);
size_t http_request_bytes(const struct channel *c);

/* Is this the target's path? Unreserved characters may be percent-encoded in it (RFC 3986 section 6.2.2.2). */
bool http_path_is(const struct http_request *request, const char *path);

/* The value of `name` in the target's query, percent-decoded, with a NUL behind it. Returns its length; 0 when it is
 * empty or absent; -1 when it is longer than `size` - 1, is not UTF-8, or holds control characters. */
int http_query(const struct http_request *request, const char *name, char *value, size_t size);

#endif
