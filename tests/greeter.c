/* greeter.c - a server that speaks first, on the framework of ws_demo: for tests/blackbox/test_ws_demo_tls.py. A client
 * is greeted when it is connected, and gets back what it sends. Its handlers know nothing of TLS. */
#include "codec.h"
#include "listener.h"
#include "tls.h"

static void on_open(struct channel *c) {
    channel_send(c, WEBSOCKET_TEXT, "welcome\n", 8);
}

static void on_message(struct channel *c, enum websocket_opcode opcode, const uint8_t *bytes, size_t count) {
    channel_send(c, opcode, bytes, count);
}

static const struct handlers handlers = {.on_open = on_open, .on_message = on_message};
static const struct pipeline pipeline = {&codec_bytes, &handlers};

int main(int argc, char **argv) {
    static struct framework framework;
    struct options options;
    options_parse(&options, argc, argv, "Speaks first.", &tls_options, NULL);
    int listener = listener_open(&options);
    framework_open(&framework, listener, &options, &pipeline);
    tls_open(&framework);
    listener_announce(listener);
    framework_run(&framework);
    framework_close(&framework);
    stats_write(&options, "greeter", tls_notes(), &framework.stats);
    tls_close();
    return 0;
}
