/* framework.h - what the framework does for an application.
 *
 * The shape is Netty's. A channel is a connection; its bytes pass through a pipeline:
 *
 *     bytes -> codec: decode -> handlers: on_open, on_message, on_error, on_close
 *     bytes <- codec: encode <- channel_send
 *
 * Below the codec, a filter may stand between these bytes and those of the socket: TLS does (tls.h).
 *
 * The application writes handlers, and puts them together with a codec to a pipeline. It never sees a partial message,
 * a short send, EAGAIN, a peer that goes away, a peer that does not read, a full table of descriptors, a ping, a timer,
 * or the end of the process: framework.c handles all of these, and knows no protocol. What the bytes mean is defined by
 * the codecs (codec.h, http.h) and, below them, by common/session.c, as in every other server.
 *
 * One thread: handlers never run at the same time, and must not sleep. A handler may send to any channel and close any
 * channel; the bytes leave, and the channel closes, only after the handler has returned. No channel is freed before its
 * on_close has returned. */
#ifndef IO_MODELS_FRAMEWORK_H
#define IO_MODELS_FRAMEWORK_H

#include "address.h"
#include "door.h"
#include "options.h"
#include "stats.h"
#include <ev.h>
#include <sys/queue.h>
#include <sys/types.h>

struct channel;
struct framework;
struct step;

/* The application's callbacks. NULL: not needed (codec_bytes needs on_message). */
struct handlers {
    void (*on_open)(struct channel *c); /* first of all, once */
    void (*on_message)(struct channel *c, enum websocket_opcode opcode, const uint8_t *bytes, size_t count);
    void (*on_drained)(struct channel *c); /* all pending bytes are sent; only if c->drained_wanted was set */
    void (*on_error)(struct channel *c, enum close_reason reason); /* before on_close, if it ends by an error */
    void (*on_close)(struct channel *c, enum close_reason reason); /* last of all, once, if on_open was */
};

/* A protocol: what stands between bytes and handlers. */
struct codec {
    /* A channel begins: opens c->session, and calls channel_opened, unless there is a handshake first. False: no
     * memory, and nothing is opened. */
    bool (*open)(struct channel *c);
    /* Decodes some of the received bytes, and calls the handlers. Returns how many bytes it took. If they stood for
     * more bytes, adds these to c->decoded: then the rest may wait for the channel's next turn. */
    size_t (*decode)(struct channel *c, uint8_t *bytes, size_t count);
    /* Encodes a message, and adds it to the pending bytes. */
    void (*encode)(struct channel *c, enum websocket_opcode opcode, const void *bytes, size_t count);
    /* Called about once a second, to check time limits besides the session's. May be NULL. */
    void (*look)(struct channel *c);
    /* The channel ends: frees c->codec_state. May be NULL. */
    void (*close)(struct channel *c);
};

struct pipeline {
    const struct codec *codec;
    const struct handlers *handlers;
};

/* What stands between the codec and the socket, the same for all channels; filter_plain is nothing. Codecs and handlers
 * do not see it. */
struct filter {
    /* A connection was accepted. False: no memory, and nothing is opened. */
    bool (*open)(struct channel *c);
    /* Like recv(2) and send(2) on a non-blocking socket: how many bytes were moved; 0 when the peer has closed its half
     * in the orderly way; or -1 and errno. EAGAIN: none now; or never again, as the filter has ended c->session. */
    ssize_t (*receive)(struct channel *c, void *bytes, size_t count);
    ssize_t (*send)(struct channel *c, const void *bytes, size_t count);
    /* Nothing more will be sent: like shutdown(2) with SHUT_WR. -1 and EAGAIN: again when the socket takes bytes. */
    int (*finish)(struct channel *c);
    /* The framework waits for `events`, EV_READ or EV_WRITE. Returns those that the loop must watch instead; 0: none,
     * the filter calls the channel. A filter that still has received bytes calls the channel, too. */
    int (*interest)(struct channel *c, int events);
    /* Called about once a second, to check time limits of its own. */
    void (*look)(struct channel *c);
    /* The channel ends: frees c->filter_state. */
    void (*close)(struct channel *c);
};
extern const struct filter filter_plain;
/* What a proxy's connection may begin with, before the codec's bytes. */
struct preface;
enum preface_is { PREFACE_PARTIAL, PREFACE_COMPLETE, PREFACE_BAD };

struct channel {
    struct framework *framework;
    const struct pipeline *pipeline;
    const struct filter *filter;
    void *filter_state;  /* OWNS: the filter's */
    void *attachment;    /* the application's */
    struct guest *guest; /* in whose share it counts (guests.h); NULL: not counted, or a proxy's, before its request */
    struct address peer; /* who has connected, or for whom a proxy says that it has connected (peer_is_named) */
    struct address
        from; /* the client, for the log and the limits: the peer, or whom a proxy has named (from_is_named) */
    bool peer_is_named, from_is_named;
    bool socket_is_here;     /* the other end of the socket, whoever it speaks for, is on this machine */
    struct preface *preface; /* OWNS: a preface that has not come whole yet; NULL: none is expected */
    struct session session;
    ev_io io;
    ev_timer timer;
    void *codec_state;   /* OWNS: the codec's */
    struct step *step;   /* OWNS: the codec's, of a pipeline with a step (deflate_step.h); NULL: it has none */
    struct block *rest;  /* OWNS: received bytes that are decoded in a later turn; NULL: there are none */
    size_t decoded;      /* bytes to which the codec has expanded what it decoded in this turn */
    bool decoding;       /* decode is running on its bytes */
    uint32_t following;  /* bytes received after the message that is being handled */
    bool drained_wanted; /* set by the application, to have on_drained called when all pending bytes are sent */
    bool opened;         /* on_open was called */
    bool closing;        /* on_close was called: our FIN is sent, and the peer's is awaited */
    bool finished;       /* our FIN is sent */
    bool touched;        /* in framework.touched */
    bool look_due;       /* its time limits are to be checked */
    bool logged;         /* the log has a line about its bad end already */
    TAILQ_ENTRY(channel) link, touched_link;
};

/* Queues a message, encoded by the channel's pipeline; it is sent before the loop sleeps again, as far as the socket
 * takes it. LIMIT: a channel with more than limits.pending_max bytes pending is cut off (CLOSE_SLOW_READER), unless
 * this message answers what the channel has just sent. A channel that is closing gets nothing. */
void channel_send(struct channel *c, enum websocket_opcode opcode, const void *bytes, size_t count);

/* Queues bytes that are encoded already: a frame for many channels (json_frame), or bytes that are wrong on purpose
 * (lab.h). */
void channel_send_bytes(struct channel *c, const void *bytes, size_t count);

/* Closes the channel after its pending bytes, with a close frame with this code (0: without one), and FIN. The bytes
 * that on_message was given are no longer valid. */
void channel_close(struct channel *c, uint16_t code);

/* Cuts the connection: the peer sees a reset. */
void channel_abort(struct channel *c, enum close_reason reason);

/* The channel has something to send, or is to end: it is flushed once per turn, before the loop sleeps. The functions
 * above call it.
 */
void channel_touch(struct channel *c);

/* The conversation begins: calls on_open now, and on_close when it ends. A codec calls it after the handshake. */
void channel_opened(struct channel *c);

/* From now on the channel counts as one of this address, which becomes c->from. False: that address has as many
 * connections as it may (guests.h), or there is no memory; nothing is changed. */
bool channel_count_as(struct channel *c, const struct address *from);

enum { LISTENERS_MAX = 8 };

/* One event loop, its listening sockets and its channels. */
struct framework {
    struct ev_loop *loop;
    const struct options *options;
    const struct pipeline *pipeline; /* of a new channel */
    const struct filter *filter;     /* the same; filter_plain, unless it is set after framework_open */
    struct door door;
    ev_io listeners[LISTENERS_MAX], stop;
    size_t listeners_count;
    ev_timer pause, drain; /* `pause`: until accepting goes on; `drain`: until the server ends */
    ev_prepare before_sleep;
    TAILQ_HEAD(channels, channel) channels;
    struct channels touched; /* have something to send, or to end */
    struct stats stats;
    uint64_t bytes_in, bytes_out, short_sends; /* of all channels, the open ones too */
    bool draining;
    int64_t said_ms;        /* when it was last logged that accepting fails; 0: never */
    void (*unlisten)(void); /* set by the application: when the drain begins, before listening ends; or NULL */
    bool counts_guests;     /* set by the application: the connections of one address are limited (guests.h) */
    /* Set by the application: is this peer a proxy, which connects for others? It is not limited itself: its clients
     * are, when they are known (channel_count_as). NULL: none is. */
    bool (*is_proxy)(const struct address *peer);
    /* Set by the application: parses what a proxy's channel begins with. PREFACE_COMPLETE: `length` bytes of it; the
     * others are the codec's. NULL: nothing. LIMIT: preface_max bytes, in limits.handshake_ms. */
    enum preface_is (*preface)(struct channel *c, const uint8_t *bytes, size_t count, size_t *length);
    size_t preface_max;
    uint8_t buffer[RECEIVE_SIZE]; /* the bytes of one receive, while they are decoded */
};

/* framework_run runs until SIGTERM or SIGINT; then it answers the input that has come and closes every channel, within
 * options->drain_s seconds. A second signal ends the process immediately. OWNS: `listener`, from listener_open.
 * framework_open exits with EXIT_SETUP if libev has no loop, or there is no descriptor for signals. framework_listen
 * adds another listening socket, up to LISTENERS_MAX. */
void framework_open(struct framework *f, int listener, const struct options *options, const struct pipeline *pipeline);
void framework_listen(struct framework *f, int listener);
void framework_run(struct framework *f); /* WAIT: this is where the program sleeps */
void framework_close(struct framework *f);

#endif
