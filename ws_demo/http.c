#include "http.h"
#include "bad_connection.h"
#include "now.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The page may load and connect only to its own origin. */
#define SECURITY                                                                                                       \
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "               \
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"           \
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n"

#define TEXT "Content-Type: text/plain; charset=utf-8\r\n"
#define ALLOW "Allow: GET, HEAD, OPTIONS\r\n"

/* A channel's HTTP: c->codec_state. */
struct http {
    uint8_t *head; /* OWNS: a partial request, or bytes that came while a request is being answered; or NULL */
    uint32_t head_count;
    uint32_t request_bytes;             /* of the request that is being answered, or was upgraded with */
    const struct http_request *request; /* the same; only until on_request, or on_open after an upgrade, returns */
    const uint8_t *request_head;        /* the same */
    int64_t since_ms;                   /* when the connection, its last answer, or a partial request began */
    bool answering;                     /* a request is with the application, which will answer it later */
    bool asked;                         /* there was at least one request */
    bool keep_alive, http_1_0;          /* of the last request: does the connection stay open? */
    bool head_only;                     /* its answer has no body: HEAD */
};

static struct http *http_of(const struct channel *c) {
    return c->codec_state;
}

const struct http_request *http_request_of(const struct channel *c) {
    return http_of(c)->request;
}

size_t http_request_bytes(const struct channel *c) {
    return http_of(c)->request_bytes;
}

bool http_field(const struct channel *c, const char *name, size_t *at, struct http_text *value) {
    const struct http *h = http_of(c);
    return http_head_next_field(h->request_head, h->request_bytes, name, at, value);
}

/* ---- answers ---- */

enum { STATUS_MIN = 100, STATUS_MAX = 599 };
static uint64_t answered_with[STATUS_MAX - STATUS_MIN + 1];

uint64_t http_answered(int status) {
    return status >= STATUS_MIN && status <= STATUS_MAX ? answered_with[status - STATUS_MIN] : 0;
}

static const char *phrase(int status) {
    switch (status) {
    case 200: return "OK";
    case 308: return "Permanent Redirect";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 414: return "URI Too Long";
    case 421: return "Misdirected Request";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Bad Request";
    }
}

/* The Date field (RFC 9110 section 5.6.7); section 6.6.1 demands it from every server that has a clock. */
static const char *date(void) {
    static char text[64];
    static time_t written;
    time_t now = time(NULL);
    struct tm parts;
    if (now != written && gmtime_r(&now, &parts) &&
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts) > 0)
        written = now;
    return text;
}

/* RFC 9112 section 9.3 and RFC 9110 section 7.8. */
static const char *connection_field(const struct http *h, int status) {
    if (status == 426)
        return "Connection: close, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    return !h->keep_alive ? "Connection: close\r\n" : h->http_1_0 ? "Connection: keep-alive\r\n" : "";
}

/* `fields` are more header fields, each with its CRLF. */
static void answer(struct channel *c, int status, const char *fields, const void *body, size_t count) {
    static const char wire_bytes[] = "Wire-Bytes: in=00000 out=00000000\r\n\r\n";
    struct http *h = http_of(c);
    char head[1024];
    size_t sent = h->head_only ? 0 : count;
    h->answering = false;
    h->since_ms = now_ms();
    answered_with[status - STATUS_MIN]++;
    if (session_is_full(&c->session)) { /* LIMIT: pending bytes; a client that does not read them is cut off */
        session_abort(&c->session, CLOSE_SLOW_READER);
        return;
    }
    int length = snprintf(head, sizeof head, "HTTP/1.1 %d %s\r\nDate: %s\r\n%sContent-Length: %zu\r\n%s" SECURITY,
        status, phrase(status), date(), fields, count, connection_field(h, status));
    length += snprintf(head + length, sizeof head - (size_t)length, "Wire-Bytes: in=%05u out=%08zu\r\n\r\n",
        (unsigned)h->request_bytes, (size_t)length + sizeof wire_bytes - 1 + sent);
    assert((size_t)length < sizeof head);
    session_add_bytes(&c->session, head, (size_t)length);
    if (sent > 0)
        session_add_bytes(&c->session, body, sent);
    h->head_only = false; /* a refusal without a request (a timeout, say) has a body */
}

static void http_continue(struct channel *c, size_t seen);

static void answered(struct channel *c) {
    if (!http_of(c)->keep_alive)
        session_end(&c->session, 0, CLOSE_PEER);
    channel_touch(c);
    http_continue(c, 0);
}

void http_reply_with(struct channel *c, int status, const char *type, const void *body, size_t count) {
    char fields[64];
    snprintf(fields, sizeof fields, "Content-Type: %s\r\n", type);
    answer(c, status, fields, body, count);
    answered(c);
}

void http_reply(struct channel *c, const char *type, const void *body, size_t count) {
    http_reply_with(c, 200, type, body, count);
}

void http_redirect(struct channel *c, const char *path, struct http_text query) {
    char fields[512];
    bool with_query = query.length > 0 && query.length < 256;
    snprintf(fields, sizeof fields, "Location: %.128s%s%.*s\r\n" TEXT, path, with_query ? "?" : "",
        with_query ? (int)query.length : 0, query.at ? query.at : "");
    answer(c, 308, fields, "", 0);
    answered(c);
}

void http_reply_options(struct channel *c) {
    answer(c, 200, ALLOW, NULL, 0);
    answered(c);
}

static enum close_reason reason_of(int status) {
    return status == 503 ? CLOSE_NO_MEMORY : status == 408 ? CLOSE_HANDSHAKE_TIMEOUT : CLOSE_REJECTED;
}

void http_refuse(struct channel *c, int status, const char *why) {
    char line[512];
    http_of(c)->keep_alive = false;
    answer(c, status, status == 405 ? ALLOW TEXT : TEXT, why, strlen(why));
    session_end(&c->session, 0, reason_of(status));
    channel_touch(c);
    if (why[0] == '\0')
        return;
    snprintf(line, sizeof line, "%s: %d: %.*s", close_reason_names[reason_of(status)], status,
        (int)strcspn(why, "\r\n"), why);
    bad_connection_say(&c->from, line);
    c->logged = true;
}

/* ---- requests: one after the other, until one asks for a WebSocket ---- */

/* Appends bytes to the stored ones. LIMIT: head_max bytes, which the caller checks. False: no memory. */
static bool head_keep(struct http *h, const uint8_t *bytes, size_t count) {
    uint8_t *head = realloc(h->head, h->head_count + count);
    if (!head)
        return false;
    memcpy(head + h->head_count, bytes, count);
    h->head = head;
    h->head_count += (uint32_t)count;
    return true;
}

static bool is_read_only(struct http_text method) {
    return http_method_is(method, "GET") || http_method_is(method, "HEAD");
}

/* 405: a method of RFC 9110 section 9 (or PATCH) that is not allowed here; 501: a method that is not known. */
static void refuse_method(struct channel *c, struct http_text method) {
    static const char *const known[] = {"POST", "PUT", "DELETE", "CONNECT", "TRACE", "PATCH"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (http_method_is(method, known[i])) {
            http_refuse(c, 405, "GET, HEAD and OPTIONS are all that is allowed here\n");
            return;
        }
    }
    http_refuse(c, 501, "a method of this name is not known here: GET, HEAD and OPTIONS are\n");
}

static void request_asked(struct channel *c, int status, const struct http_request *request) {
    bool options = http_method_is(request->method, "OPTIONS");
    if (status == 505)
        http_refuse(c, status, "this server speaks HTTP/1.1 and 1.0\n");
    else if (status == 501)
        http_refuse(c, status, "chunked is the only transfer coding known here\n");
    else if (status != 200)
        http_refuse(c, status, "the request breaks a rule of RFC 9112; is there one Host, and one length?\n");
    else if (!options && !is_read_only(request->method))
        refuse_method(c, request->method);
    else if (request->has_body) /* the body is not read: a proxy might take its bytes for a request */
        http_refuse(c, 400, "a request without a body is all that is taken here\n");
    else if (request->asterisk)
        http_reply_options(c);
    else
        ((const struct http_pipeline *)c->pipeline)->on_request(c, request);
}

static void http_free(struct channel *c) {
    if (c->codec_state)
        free(http_of(c)->head);
    free(c->codec_state);
    c->codec_state = NULL;
}

/* A whole head, without empty lines before it: goes to the application, unless it must be refused. */
static void request_decoded(struct channel *c, uint8_t *head, size_t length) {
    struct http *h = http_of(c);
    struct http_request request;
    int status = http_head_read_request(head, length, &request);
    h->request_bytes = (uint32_t)length;
    h->keep_alive = request.keep_alive;
    h->http_1_0 = request.http_1_0;
    h->head_only = http_method_is(request.method, "HEAD");
    h->asked = h->answering = true;
    h->request = &request;
    h->request_head = head;
    request_asked(c, status, &request);
    h->request = NULL;
    if (c->pipeline->codec == &codec_http)
        return;
    h->request = &request; /* for on_open: the same head begins the new protocol */
    c->pipeline->codec->decode(c, head, length);
    http_free(c);
}

void channel_upgrade(struct channel *c, const struct pipeline *pipeline) {
    struct http *h = http_of(c);
    const uint8_t *key;
    int status = h->request->upgrade ? http_head_check_request(h->request_head, h->request_bytes, &key) : 426;
    if (!h->request->upgrade)
        http_refuse(c, 426,
            "here is a WebSocket, and this request does not ask for one: a proxy must speak HTTP/1.1 and pass Upgrade "
            "on (nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
            "proxy_set_header Connection upgrade)\n");
    else if (status != 101)
        http_refuse(c, status,
            status == 426 ? "version 13 of WebSocket is spoken here (RFC 6455)\n"
                          : "RFC 6455 wants GET, Connection: Upgrade, Sec-WebSocket-Key and Sec-WebSocket-Version\n");
    else if (session_wants(&c->session) != WANT_READ) /* earlier answers are still pending: no client does that */
        http_refuse(c, 400, "an upgrade cannot be asked for behind other requests\n");
    if (status != 101 || c->session.ending)
        return;
    session_close(&c->session);
    c->opened = false;
    c->pipeline = pipeline;
    answered_with[101 - STATUS_MIN]++;
    pipeline->codec->open(c);
}

/* The head is longer than head_max. 414: its first line has no end (RFC 9112 section 3); 431: too many fields. */
static void refuse_size(struct channel *c, const uint8_t *head, size_t count) {
    http_refuse(c, memchr(head, '\n', count) ? 431 : 414, "");
}

static size_t http_decode(struct channel *c, uint8_t *bytes, size_t count) {
    struct http *h = http_of(c);
    size_t before = h->head_count, room = c->framework->options->limits.head_max - before;
    size_t take = count < room ? count : room;
    size_t skip = before == 0 ? http_head_skip(bytes, count) : 0;
    if (skip > 0)
        return skip;
    size_t end = before == 0 ? http_head_end(bytes, take, 0) : 0;
    if (end > 0 && !h->answering) { /* the common case: a whole request */
        request_decoded(c, bytes, end);
        return end;
    }
    if (before == 0)
        h->since_ms = now_ms();
    if (take == 0) { /* LIMIT: head_max bytes of requests behind one that is still being answered */
        refuse_size(c, h->head, before);
        return count;
    }
    if (!head_keep(h, bytes, take)) {
        http_refuse(c, 503, "");
        return count;
    }
    http_continue(c, before);
    return take;
}

/* Goes on with the stored bytes: a partial request, or requests that came while one was being answered. The first
 * `seen` of them were searched for the end of a head already. */
static void http_continue(struct channel *c, size_t seen) {
    struct http *h = http_of(c);
    uint8_t *head = h->head;
    size_t count = h->head_count, skip = http_head_skip(head, count);
    if (h->answering || c->session.ending || count == 0)
        return;
    size_t end = http_head_end(head, count, seen);
    if (end == 0 && count == c->framework->options->limits.head_max)
        refuse_size(c, head, count);
    if (end == 0 && skip < count)
        return;
    h->head = NULL; /* OWNS: this function owns `head`; bytes after the request begin a new one */
    h->head_count = 0;
    if (end > 0)
        request_decoded(c, head + skip, end - skip);
    for (size_t used = end; end > 0 && used < count && !c->session.ending;)
        used += c->pipeline->codec->decode(c, head + used, count - used);
    free(head);
}

static bool http_open(struct channel *c) {
    struct http *h = calloc(1, sizeof *h);
    if (!h)
        return false;
    h->since_ms = now_ms();
    c->codec_state = h; /* OWNS: the channel, until http_free */
    session_open(&c->session, PROTOCOL_ECHO, &c->framework->options->limits);
    channel_opened(c);
    return true;
}

/* LIMIT: handshake_ms for a request to arrive, then 408; idle_ms between two requests, then the connection closes. */
static void http_look(struct channel *c) {
    const struct limits *limits = &c->framework->options->limits;
    struct http *h = http_of(c);
    bool between = h->head_count == 0 && h->asked;
    if (h->answering || session_wants(&c->session) != WANT_READ)
        h->since_ms = now_ms();
    else if (now_ms() - h->since_ms < (between ? limits->idle_ms : limits->handshake_ms))
        return;
    else if (between)
        channel_close(c, 0);
    else
        http_refuse(c, 408, "");
}

static void http_encode(struct channel *c, enum websocket_opcode opcode, const void *bytes, size_t count) {
    (void)opcode;
    session_add_bytes(&c->session, bytes, count);
}

const struct codec codec_http = {
    .open = http_open, .decode = http_decode, .encode = http_encode, .look = http_look, .close = http_free};
