/* http.h - as much of HTTP/1.1 (RFC 9112) as a page and its requests need: GET, one answer for each, keep-alive. */
#ifndef IO_MODELS_HTTP_H
#define IO_MODELS_HTTP_H

#include "framework.h"

/* Answers the request that the channel's on_request was called for, then or later. `type` is its Content-Type. The
 * answer says which bytes the request and it took: "Wire-Bytes: in=00512 out=00000347". */
void http_reply(struct channel *c, const char *type, const void *body, size_t count);

/* Refuses it, in plain text, and ends the connection; `why` may be empty. */
void http_refuse(struct channel *c, int status, const char *why);

/* Goes on with what has come while a request was being answered, or had come in part: of it, `seen` bytes were searched
 * for a head's end. */
void http_continue(struct channel *c, size_t seen);

/* Is this the target's path, without its query? */
bool http_path_is(const struct http_request *request, const char *path);

/* The value of `name` in the target's query, percent-decoded, with a NUL behind it. Returns its length; 0 when it is
 * empty or absent; -1 when it is longer than `size` - 1, is not UTF-8, or holds control characters. */
int http_query(const struct http_request *request, const char *name, char *value, size_t size);

#endif
