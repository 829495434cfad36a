#include "echo.h"

static void on_message(struct channel *c, enum websocket_opcode opcode, const uint8_t *bytes, size_t count) {
    channel_send(c, opcode, bytes, count);
}

const struct handlers echo_handlers = {.on_message = on_message};
