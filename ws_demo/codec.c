/* codec.c - the decoders and encoders of framework.h: what stands between bytes and handlers. */
#include "framework.h"
#include "http.h"
#include "now.h"
#include <stdlib.h>
#include <string.h>

void encode_bytes(struct channel *c, enum websocket_opcode opcode, const void *bytes, size_t count) {
    (void)opcode;
    session_add_bytes(&c->session, bytes, count);
}

void encode_websocket(struct channel *c, enum websocket_opcode opcode, const void *bytes, size_t count) {
    session_add(&c->session, opcode, bytes, count, c->following);
}

size_t decode_bytes(struct channel *c, uint8_t *bytes, size_t count) {
    c->pipeline->handlers->on_message(c, WEBSOCKET_BINARY, bytes, count);
    return count;
}

size_t decode_websocket(struct channel *c, uint8_t *bytes, size_t count) {
    const struct handlers *handlers = c->pipeline->handlers;
    struct websocket_event event;
    size_t used = session_take(&c->session, bytes, count, &event);
    if (event.type == WEBSOCKET_OPEN && !c->session.closing) {
        channel_opened(c);
    } else if (event.type == WEBSOCKET_MESSAGE && !c->session.closing && handlers->on_message) {
        c->following = (uint32_t)(count - used);
        handlers->on_message(c, (enum websocket_opcode)event.opcode, event.payload, event.length);
        c->following = 0;
    }
    if (event.type != WEBSOCKET_NEED_MORE && !event.in_input &&
        !c->session.closing) /* it came in parts: let go of it */
        session_take(&c->session, bytes + used, 0, &event);
    return used;
}

/* ---- HTTP: one request after the other, until one asks for a WebSocket ---- */

/* Keeps what came behind what is half received already. LIMIT: head_max. */
static bool head_keep(struct channel *c, const uint8_t *bytes, size_t count) {
    uint8_t *head = realloc(c->head, c->head_count + count);
    if (!head)
        return false;
    memcpy(head + c->head_count, bytes, count);
    c->head = head;
    c->head_count += (uint32_t)count;
    return true;
}

/* A whole head: the application's to answer, if it is one that can be. */
static void request_decoded(struct channel *c, uint8_t *head, size_t length) {
    const struct pipeline *before = c->pipeline;
    struct http_request request;
    int status = http_head_read_request(head, length, &request);
    c->request_bytes = (uint32_t)length;
    c->keep_alive = request.keep_alive;
    if (status == 200 && !http_is_get(request.method))
        status = 405;
    if (status == 200 && request.has_body)
        status = 400;
    if (status != 200) {
        http_refuse(c, status, "");
        return;
    }
    c->answering = true;
    c->request = &request;
    c->pipeline->handlers->on_request(c, &request);
    if (c->pipeline != before) /* upgraded: the same head begins the new protocol */
        c->pipeline->decode(c, head, length);
    c->request = NULL;
}

void channel_upgrade(struct channel *c, const struct pipeline *pipeline) {
    if (session_wants(&c->session) != WANT_READ) { /* answers to older requests have not left: no client does that */
        http_refuse(c, 400, "an upgrade cannot be asked for behind other requests\n");
        return;
    }
    session_close(&c->session);
    session_open(&c->session, PROTOCOL_WS, &c->framework->options->limits);
    c->answering = false;
    c->opened = false;
    c->pipeline = pipeline;
}

size_t decode_http(struct channel *c, uint8_t *bytes, size_t count) {
    size_t before = c->head_count, room = c->framework->options->limits.head_max - before;
    size_t take = count < room ? count : room;
    size_t end = before == 0 ? http_head_end(bytes, take, 0) : 0;
    if (end > 0 && !c->answering) { /* nearly always: a whole request */
        request_decoded(c, bytes, end);
        return end;
    }
    if (before == 0)
        c->since_ms = now_ms();
    if (take == 0 || !head_keep(c, bytes, take)) {
        http_refuse(c, take == 0 ? 431 : 503, "");
        return count;
    }
    http_continue(c, before);
    return take;
}

void http_continue(struct channel *c, size_t seen) {
    uint8_t *head = c->head;
    size_t count = c->head_count;
    if (c->answering || c->session.closing || count == 0)
        return;
    size_t end = http_head_end(head, count, seen);
    if (end == 0) {
        if (count == c->framework->options->limits.head_max)
            http_refuse(c, 431, "");
        return;
    }
    c->head = NULL; /* OWNS: this function; what follows the request begins a new one */
    c->head_count = 0;
    request_decoded(c, head, end);
    for (size_t used = end; used < count && !c->session.closing;)
        used += c->pipeline->decode(c, head + used, count - used);
    free(head);
}
