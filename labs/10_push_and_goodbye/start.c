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

/* write: from here... */

/* Sends it to every member. */
static void room_tell(const char *word, int number, const uint8_t *text, size_t count) {
    (void)word, (void)number, (void)text, (void)count;
}

/* A whole message has come. "bye": this member gets "goodbye NUMBER", and then its connection is closed, with close
 * code 1000 (WEBSOCKET_CLOSE_NORMAL). "end": every member gets that. Anything else: every member gets "message NUMBER
 * TEXT". */
static void on_message(struct channel *c, enum websocket_opcode opcode, const uint8_t *bytes, size_t count) {
    struct member *m = c->attachment;
    (void)opcode;
    if (m)
        say(c, "message", m->number, bytes, count); /* instead of this */
}

/* It ends by an error: those in the room get "error NUMBER". on_close follows. */
static void on_error(struct channel *c, enum close_reason reason) {
    (void)c, (void)reason;
}

/* It ends: those who stay get "close NUMBER". When this has returned, the framework frees c, sooner or later. */
static void on_close(struct channel *c, enum close_reason reason) {
    (void)c, (void)reason;
}

/* ...to here. */

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
