/* feed.h - gives bytes to a parser, checks what holds for every input, and writes down the events. */
#ifndef IO_MODELS_FUZZ_FEED_H
#define IO_MODELS_FUZZ_FEED_H

#include "input.h"

/* Events written down, so that two runs can be compared byte by byte. */
struct log {
    struct bytes events;
    size_t last; /* where the last of them begins */
    uint64_t messages;
};

/* `log` is a struct log: this is what feed_open takes. */
void note_event(void *log, const struct websocket_event *event);

bool log_equal(const struct log *a, const struct log *b);

/* True if `log` is the beginning of `whole`; only its last event may be a different one. */
bool log_is_cut_short(const struct log *log, const struct log *whole);

void log_free(struct log *log);

struct feed {
    struct websocket websocket;
    const struct limits *limits;
    enum websocket_role role;
    void (*note)(void *, const struct websocket_event *);
    void *to;
    struct websocket_event end; /* type: WEBSOCKET_CLOSE or WEBSOCKET_ERROR once that came */
    size_t came;                /* bytes of the connection so far */
    size_t idle_at;             /* the value of `came` when nothing was half received the last time */
    bool open;
};

/* `note` is called with `to` for each event: note_event and a log, or the target's own. `accept` as for
 * websocket_open. */
void feed_open(struct feed *f, enum websocket_role role, const struct limits *limits, const char *accept,
    void (*note)(void *, const struct websocket_event *), void *to);

/* These bytes came, in one receive. Asserts that: the end is the last event; text is UTF-8; memory is bounded by the
 * limits and by what came; and no memory is in use when nothing is half received. */
void feed(struct feed *f, const uint8_t *bytes, size_t count);

/* Feeds a whole connection, cut by `split` (next_piece). */
void feed_all(struct feed *f, const struct bytes *conversation, uint32_t split);

/* True: nothing is half received. May be false in that case, too. */
bool feed_is_idle(const struct feed *f);

void feed_close(struct feed *f);

/* The most memory, in bytes, that a parser may use: half a message with a control payload behind it, or a head, grown
 * by doubling. */
size_t held_max(const struct limits *limits);

/* RFC 3629, by arithmetic: decode, then ask whether this code point may be written so. */
bool is_utf8(const uint8_t *bytes, size_t count);

#endif
