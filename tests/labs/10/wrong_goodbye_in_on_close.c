/* hint: after_close */
/* push_and_goodbye.c - lab 10: a room. What one member says, all hear, unasked; and everyone may leave.
 *
 * The framework is ws_demo's: it owns the sockets, the handshake, the frames, and the end of a connection. The room is
 * the application: four handlers, which the framework calls. */
#include "ws_demo.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Someone in the room: from on_open to on_close. */
struct member {
    struct channel *channel;
    int number;
    TAILQ_ENTRY(member) link;
};

static TAILQ_HEAD(, member) members = TAILQ_HEAD_INITIALIZER(members);
static int last; /* the newest member's number */

/* Sends one line to one channel: "WORD NUMBER", and behind it `count` bytes of text, if there are any. A channel that
 * is closing gets nothing: channel_close was called, or its end has come. */
static void say(struct channel *c, const char *word, int number, const uint8_t *text, size_t count) {
    char *line;
    int length = asprintf(&line, "%s %d%s%.*s", word, number, count ? " " : "", (int)count, (const char *)text);
    if (length < 0) {
        channel_close(c, WEBSOCKET_CLOSE_INTERNAL);
        return;
    }
    channel_send(c, WEBSOCKET_TEXT, line, (size_t)length);
    free(line);
}

static inline bool is_word(const uint8_t *bytes, size_t count, const char *word) {
    return count == strlen(word) && memcmp(bytes, word, count) == 0;
}

static void room_tell(const char *word, int number, const uint8_t *text, size_t count);

/* The handshake is done. The first handler as a pattern for yours. */
static void on_open(struct channel *c) {
    struct member *m = calloc(1, sizeof *m);
    if (!m) {
        channel_abort(c, CLOSE_NO_MEMORY);
        return;
    }
    m->channel = c;
    m->number = ++last;
    c->attachment = m; /* so the other handlers find it; NULL: it found no room */
    TAILQ_INSERT_TAIL(&members, m, link);
    room_tell("open", m->number, NULL, 0);
}

/* Sends it to every member. */
static void room_tell(const char *word, int number, const uint8_t *text, size_t count) {
    struct member *m;
    TAILQ_FOREACH (m, &members, link)
        say(m->channel, word, number, text, count);
}

static void goodbye(struct member *m) {
    channel_close(m->channel, WEBSOCKET_CLOSE_NORMAL);
}

/* A whole message has come. */
static void on_message(struct channel *c, enum websocket_opcode opcode, const uint8_t *bytes, size_t count) {
    struct member *m = c->attachment;
    (void)opcode;
    if (is_word(bytes, count, "bye"))
        goodbye(m);
    else if (is_word(bytes, count, "end"))
        TAILQ_FOREACH (m, &members, link)
            goodbye(m);
    else
        room_tell("message", m->number, bytes, count);
}

/* It ends by an error. on_close follows. */
static void on_error(struct channel *c, enum close_reason reason) {
    struct member *m = c->attachment;
    (void)reason;
    if (m)
        room_tell("error", m->number, NULL, 0);
}

/* It ends; c is freed afterwards. */
static void on_close(struct channel *c, enum close_reason reason) {
    struct member *m = c->attachment;
    (void)reason;
    if (!m)
        return;
    TAILQ_REMOVE(&members, m, link);
    say(c, "goodbye", m->number, NULL, 0);
    room_tell("close", m->number, NULL, 0);
    free(m);
}

int main(int argc, char **argv) {
    static const struct handlers handlers = {
        .on_open = on_open, .on_message = on_message, .on_error = on_error, .on_close = on_close};
    static const struct pipeline pipeline = {&codec_websocket, &handlers};
    static struct framework framework;
    struct options options;
    options_parse(&options, argc, argv, "A room, on ws_demo's framework.", NULL, NULL);
    options.protocol = PROTOCOL_WS;
    int listener = listener_open(&options);
    framework_open(&framework, listener, &options, &pipeline);
    listener_announce(listener);
    framework_run(&framework);
    framework_close(&framework);
    return 0;
}
