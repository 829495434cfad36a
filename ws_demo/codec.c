#include "codec.h"
#include "deflate_step.h"

static bool open_bytes(struct channel *c) {
    session_open(&c->session, PROTOCOL_ECHO, &c->framework->options->limits);
    channel_opened(c);
    return true;
}

static bool open_websocket(struct channel *c) {
    session_open(&c->session, PROTOCOL_WS, &c->framework->options->limits);
    session_stay_plain(&c->session);
    return true;
}

static bool open_deflate(struct channel *c) {
    session_open(&c->session, PROTOCOL_WS, &c->framework->options->limits);
    return true;
}

static void encode_bytes(struct channel *c, enum websocket_opcode opcode, const void *bytes, size_t count) {
    (void)opcode;
    session_add_bytes(&c->session, bytes, count);
}

static void encode_websocket(struct channel *c, enum websocket_opcode opcode, const void *bytes, size_t count) {
    session_add(&c->session, opcode, bytes, count, c->following);
}

static void encode_deflate(struct channel *c, enum websocket_opcode opcode, const void *bytes, size_t count) {
    if (c->step)
        step_send(c, opcode, bytes, count);
    else
        encode_websocket(c, opcode, bytes, count);
}

static size_t decode_bytes(struct channel *c, uint8_t *bytes, size_t count) {
    c->pipeline->handlers->on_message(c, WEBSOCKET_BINARY, bytes, count);
    return count;
}

static size_t decode_websocket(struct channel *c, uint8_t *bytes, size_t count) {
    const struct handlers *handlers = c->pipeline->handlers;
    struct websocket_event event;
    size_t used = session_take(&c->session, bytes, count, &event);
    if (c->step)
        step_received(c, used, &event);
    if (event.type == WEBSOCKET_OPEN && !c->session.ending) {
        step_open(c);
        channel_opened(c);
    } else if (event.type == WEBSOCKET_MESSAGE && !c->session.ending && handlers->on_message) {
        c->following = (uint32_t)(count - used);
        c->decoded += event.compressed ? event.length : 0;
        handlers->on_message(c, (enum websocket_opcode)event.opcode, event.payload, event.length);
        c->following = 0;
    }
    if (event.type != WEBSOCKET_NEED_MORE && !event.in_input && !c->session.ending) /* came in parts: frees the copy */
        session_take(&c->session, bytes + used, 0, &event);
    return used;
}

const struct codec codec_bytes = {.open = open_bytes, .decode = decode_bytes, .encode = encode_bytes};
const struct codec codec_websocket = {.open = open_websocket, .decode = decode_websocket, .encode = encode_websocket};
const struct codec codec_deflate = {
    .open = open_deflate, .decode = decode_websocket, .encode = encode_deflate, .close = step_close};
