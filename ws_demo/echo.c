#include "echo.h"

static void on_message(struct channel *c, enum websocket_opcode opcode, const uint8_t *bytes, size_t count) {
    if (c->framework->options->handler_delay.tv_nsec)
        nanosleep(&c->framework->options->handler_delay, NULL); /* WAIT: an experiment: all clients wait meanwhile */
    channel_send(c, opcode, bytes, count);
}

const struct handlers echo_handlers = {.on_message = on_message};
