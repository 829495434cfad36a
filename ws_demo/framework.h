/* framework.h - what the framework does for an application.
 *
 * The shape is Netty's. A channel is a connection; its bytes pass through a pipeline:
 *
 *     bytes -> codec: decode -> handlers: on_open, on_message, on_error, on_close
 *     bytes <- codec: encode <- channel_send
 *
 * The application writes handlers, and puts them together with a codec to a pipeline. It never sees a half packet, a
 * short send, "not ready", a peer that went away in between, a peer that does not read, a full table of descriptors, a
 * ping, a timer, or the end of the process: all that is framework.c, which knows no protocol. What the bytes mean is
 * said by the codecs (codec.h, http.h) and, below them, by common/session.c, as in every other server.
 *
 * One thread: handlers never run at the same time, and must not sleep. In a handler any channel may be sent to or
 * closed; nothing of it happens before the handler returns, and no channel is freed before its on_close has. */
#ifndef IO_MODELS_FRAMEWORK_H
#define IO_MODELS_FRAMEWORK_H

#include "door.h"
#include "options.h"
#include "stats.h"
#include <ev.h>
#include <sys/queue.h>

struct channel;
struct framework;

/* The application. NULL where it does not care. */
struct handlers {
    void (*on_open)(struct channel *c); /* first of all, once */
    void (*on_message)(struct channel *c, enum websocket_opcode opcode, const uint8_t *bytes, size_t count);
    void (*on_drained)(struct channel *c); /* all that was queued has left; only if c->drained_wanted was set */
    void (*on_error)(struct channel *c, enum close_reason reason); /* before on_close, when the end is a bad one */
    void (*on_close)(struct channel *c, enum close_reason reason); /* last of all, once, if on_open was */
};

/* A protocol: what stands between bytes and handlers. */
struct codec {
    /* A channel begins: opens c->session, and calls channel_opened, unless there is a handshake first. False when there
     * is no memory; then nothing is opened. */
    bool (*open)(struct channel *c);
    /* Takes some of the bytes that came, and tells the handlers what they mean. Returns how many. */
    size_t (*decode)(struct channel *c, uint8_t *bytes, size_t count);
    /* Adds a message to what is to be sent. */
    void (*encode)(struct channel *c, enum websocket_opcode opcode, const void *bytes, size_t count);
    /* About once a second: are there time limits besides the session's? May be NULL. */
    void (*look)(struct channel *c);
    /* The channel ends: frees c->codec_state. May be NULL. */
    void (*close)(struct channel *c);
};

struct pipeline {
    const struct codec *codec;
    const struct handlers *handlers;
};

struct channel {
    struct framework *framework;
    const struct pipeline *pipeline;
    void *attachment;    /* the application's */
    struct guest *guest; /* whose address it comes from (guests.h); NULL: not counted */
    struct session session;
    ev_io io;
    ev_timer timer;
    void *codec_state;   /* OWNS: the codec's */
    bool decoding;       /* its bytes are being looked at */
    uint32_t following;  /* bytes that came behind the message that is being handled */
    bool drained_wanted; /* the application's to set: to be called when it can go on with much that it has to send */
    bool opened;         /* on_open was called */
    bool closing;        /* our FIN is sent; the peer's is awaited */
    bool touched;        /* in framework.touched */
    bool look_due;       /* its time limits are to be looked at */
    bool logged;         /* the log has a line about its bad end already */
    TAILQ_ENTRY(channel) link, touched_link;
};

/* Queues a message, encoded by the channel's pipeline; it leaves before the loop sleeps again. LIMIT: a channel that is
 * owed more than limits.pending_max already is cut off (CLOSE_SLOW_READER), unless this answers what it has just sent.
 * A channel that is closing gets nothing. */
void channel_send(struct channel *c, enum websocket_opcode opcode, const void *bytes, size_t count);

/* Queues bytes that are encoded already: for what goes to many (json_frame), or is wrong on purpose. */
void channel_send_bytes(struct channel *c, const void *bytes, size_t count);

/* Says goodbye with this close code after what is queued; 0: without a close frame. The bytes that on_message was given
 * are gone then. */
void channel_close(struct channel *c, uint16_t code);

/* Cuts the connection: the peer sees a reset. */
void channel_abort(struct channel *c, enum close_reason reason);

/* Something is to be sent or ended: it will be, once for all of a turn, before the loop sleeps. What is above calls it.
 */
void channel_touch(struct channel *c);

/* From here on there is a conversation: on_open, and on_close when it ends. A decoder calls it after the handshake. */
void channel_opened(struct channel *c);

/* One event loop, its listening socket and its channels. */
struct framework {
    struct ev_loop *loop;
    const struct options *options;
    const struct pipeline *pipeline; /* of a new channel */
    struct door door;
    ev_io listener, stop;
    ev_timer pause, drain; /* until accepting goes on; until the end */
    ev_prepare before_sleep;
    TAILQ_HEAD(channels, channel) channels;
    struct channels touched; /* have something to send, or to end */
    struct stats stats;
    uint64_t bytes_in, bytes_out, short_sends; /* of all channels, the open ones too */
    bool draining;
    int64_t said_ms;    /* when it was last said that accepting fails; 0: never */
    bool counts_guests; /* the application's to set: one address may have so many connections only (guests.h) */
    uint8_t buffer[RECEIVE_SIZE]; /* where the bytes of one receive stay while they are looked at */
};

/* Runs until SIGTERM or SIGINT, and then until what has come is answered and everybody told, options->drain_s at the
 * latest; a second signal ends the process at once. OWNS: `listener`, from listener_open. Exits with EXIT_SETUP where
 * there is no loop, or no descriptor for signals. */
void framework_open(struct framework *f, int listener, const struct options *options, const struct pipeline *pipeline);
void framework_run(struct framework *f); /* WAIT: this is where the program sleeps */
void framework_close(struct framework *f);

#endif
