#include "http.h"
#include "now.h"
#include "utf8.h"
#include <stdio.h>
#include <string.h>

/* What a page may do, and load: nothing but its own. */
#define SECURITY                                                                                                       \
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "               \
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"           \
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n"

static const char *phrase(int status) {
    switch (status) {
    case 200: return "OK";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 421: return "Misdirected Request";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Bad Request";
    }
}

static void answer(struct channel *c, int status, const char *type, const void *body, size_t count) {
    char head[1024];
    static const char wire_bytes[] = "Wire-Bytes: in=00000 out=00000000\r\n\r\n";
    c->answering = false;
    c->since_ms = now_ms();
    if (session_is_full(&c->session)) { /* LIMIT: answers held for one connection that asks on without reading them */
        session_abort(&c->session, CLOSE_SLOW_READER);
        return;
    }
    int length = snprintf(head, sizeof head,
        "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s%s" SECURITY, status, phrase(status), type,
        count, c->keep_alive ? "" : "Connection: close\r\n", status == 405 ? "Allow: GET\r\n" : "");
    snprintf(head + length, sizeof head - (size_t)length, "Wire-Bytes: in=%05u out=%08zu\r\n\r\n",
        (unsigned)c->request_bytes, (size_t)length + sizeof wire_bytes - 1 + count);
    session_add_bytes(&c->session, head, strlen(head));
    if (count > 0)
        session_add_bytes(&c->session, body, count);
}

void http_reply(struct channel *c, const char *type, const void *body, size_t count) {
    answer(c, 200, type, body, count);
    if (!c->keep_alive)
        session_end(&c->session, 0, CLOSE_PEER);
    channel_touch(c);
    http_continue(c, 0);
}

void http_refuse(struct channel *c, int status, const char *why) {
    c->keep_alive = false;
    answer(c, status, "text/plain; charset=utf-8", why, strlen(why));
    session_end(&c->session, 0,
        status == 503   ? CLOSE_NO_MEMORY
        : status == 408 ? CLOSE_HANDSHAKE_TIMEOUT
                        : CLOSE_REJECTED);
    channel_touch(c);
}

/* ---- targets ---- */

bool http_path_is(const struct http_request *request, const char *path) {
    const char *query = memchr(request->target.at, '?', request->target.length);
    size_t length = query ? (size_t)(query - request->target.at) : request->target.length;
    return length == strlen(path) && memcmp(request->target.at, path, length) == 0;
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Decodes into `value`. Returns the length, or -1. */
static int decode_percent(const char *at, size_t length, char *value, size_t size) {
    size_t count = 0;
    struct utf8 utf8 = {0};
    for (size_t i = 0; i < length; i++, count++) {
        int character = at[i] == '+' ? ' ' : (unsigned char)at[i];
        if (at[i] == '%') {
            if (i + 2 >= length || hex_digit(at[i + 1]) < 0 || hex_digit(at[i + 2]) < 0)
                return -1;
            character = hex_digit(at[i + 1]) * 16 + hex_digit(at[i + 2]);
            i += 2;
        }
        if (count + 1 >= size || character < 0x20 || character == 0x7F)
            return -1;
        value[count] = (char)character;
    }
    value[count] = '\0';
    if (!utf8_check(&utf8, (const uint8_t *)value, count) || !utf8_is_complete(&utf8))
        return -1;
    return (int)count;
}

int http_query(const struct http_request *request, const char *name, char *value, size_t size) {
    const char *at = memchr(request->target.at, '?', request->target.length);
    const char *end = request->target.at + request->target.length;
    size_t length = strlen(name);
    value[0] = '\0';
    while (at != NULL && at < end) {
        at++; /* '?' or '&' */
        const char *next = memchr(at, '&', (size_t)(end - at));
        size_t part = (size_t)((next ? next : end) - at);
        if (part > length && at[length] == '=' && memcmp(at, name, length) == 0)
            return decode_percent(at + length + 1, part - length - 1, value, size);
        at = next;
    }
    return 0;
}
