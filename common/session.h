/* session.h - all that a server asks of the protocol: "these bytes came; what now?"
 *
 * No I/O happens here. A server receives, hands the bytes over, and does what the answer wants:
 *
 *     WANT_READ    wait for more bytes, give them to session_receive()
 *     WANT_WRITE   send what session_pending() shows, report it with session_sent(); do not read meanwhile:
 *                  that is back-pressure, with no queue that grows
 *     WANT_CLOSE   close the connection; everything that had to be sent has been
 *
 * Replies are made in place, in the buffer of the input, where possible. An echo is its input. A server's frame is
 * shorter than the client's frame that it answers, so its header fits before the payload, and nothing is copied or
 * allocated. The buffer is lent to the session (session_is_lent) until the replies in it have left, or until they are
 * copied out of it because the model needs its buffer for something else (session_own).
 *
 * A compressed message (deflate.h) goes back compressed, an uncompressed one as it came. A few compressed bytes may
 * hold many: LIMIT: when pending_max bytes were inflated or are pending, the session keeps the rest of a receive, and
 * answers it from session_sent on, when the replies before it have left.
 *
 * An idle session owns no memory besides itself, and the windows of compression if there was a compressed message. */
#ifndef IO_MODELS_SESSION_H
#define IO_MODELS_SESSION_H

#include "protocol_limits.h"
#include "websocket.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum protocol { PROTOCOL_ECHO, PROTOCOL_WS };

enum session_want { WANT_READ, WANT_WRITE, WANT_CLOSE };

/* Why a connection ended; counted by the servers and printed by --stats under these names. */
enum close_reason {
    CLOSE_PEER,              /* the peer closed its half, and got all its replies */
    CLOSE_HANDSHAKE,         /* WebSocket close frames were exchanged */
    CLOSE_REJECTED,          /* not an acceptable upgrade request: answered with an HTTP status */
    CLOSE_PROTOCOL_ERROR,    /* close code 1002 or 1008 */
    CLOSE_BAD_UTF8,          /* close code 1007: text that is not UTF-8, or data that cannot be inflated */
    CLOSE_TOO_BIG,           /* close code 1009 */
    CLOSE_NO_MEMORY,         /* close code 1011, if there is memory to say so; in the handshake status 503 */
    CLOSE_RESET,             /* the connection broke: ECONNRESET, EPIPE, ETIMEDOUT (TCP's keepalive)... */
    CLOSE_HANDSHAKE_TIMEOUT, /* no whole upgrade request in limits.handshake_ms: status 408 */
    CLOSE_DEAD_PEER,         /* WebSocket: no byte in limits.dead_ms, in spite of a ping; echo: see CLOSE_RESET */
    CLOSE_SLOW_READER,       /* replies were pending, and the peer took none of them in limits.stall_ms */
    CLOSE_SHUTDOWN,          /* the server is going away: close code 1001 */
    CLOSE_TLS,               /* ws_demo: the TLS handshake failed, or a record was wrong */
    CLOSE_TRUNCATED,         /* ws_demo: TCP ended, and TLS had not said so: bytes may be missing */
    CLOSE_REASONS,
};

/* One connection's protocol state. Fields are private, but for the counters, `reason`, `ending` and `broken`. */
struct session {
    struct websocket websocket; /* echo: only its limits */
    uint8_t *lent;              /* the oldest `lent_count` bytes of pending replies, in the buffer of a receive */
    struct block *owned;        /* OWNS: the replies after those: a list, oldest first; NULL: none */
    struct block *input;        /* OWNS: bytes that came, and are answered when the pending replies have left */
    uint64_t messages;          /* WebSocket messages taken and answered; a byte stream (echo) has none to count */
    uint64_t bytes_in;          /* counted by session_receive; with session_take its caller counts */
    uint64_t bytes_out;
    uint32_t short_sends; /* sends that took less than they were shown */
    uint32_t shown_count; /* what session_pending showed last */
    uint32_t lent_count;
    uint32_t pending_count; /* bytes of replies not sent yet, lent and owned */
    uint32_t since_ms;      /* when the current wait began; the clock's low 32 bits */
    uint32_t heard_ms;      /* when the peer last gave a sign of life, or was last asked for one */
    uint8_t protocol;
    uint8_t reason;       /* enum close_reason: once ending, why */
    bool is_open : 1;     /* WebSocket: the handshake is done */
    bool ending : 1;      /* nothing more is wanted from this peer: close when the pending replies have left */
    bool broken : 1;      /* close immediately, with RST: the peer is gone, or given up */
    bool moved : 1;       /* a new wait has begun since the last session_tick */
    bool heard : 1;       /* a sign of life came since then */
    bool was_pending : 1; /* replies were pending at the last session_tick */
    bool pinged : 1;      /* a ping was sent, and nothing has come since */
    bool eof : 1;         /* the peer closed its half, and `input` is still to be answered */
};

/* Prepares a session for a connection just accepted; owns no memory yet. `limits` must outlive it. */
void session_open(struct session *s, enum protocol protocol, const struct limits *limits);

/* Frees what the session owns; counters and reason stay readable. Call it once per session_open. */
void session_close(struct session *s);

/* `count` > 0 bytes came, in a buffer of the model. The session writes to it: it unmasks the bytes and makes replies in
 * place. OWNS: the buffer is the caller's again when session_is_lent returns false: on return, when the replies have
 * left, or after session_own. */
enum session_want session_receive(struct session *s, uint8_t *bytes, size_t count);

/* True while pending replies lie in a buffer that the caller gave to session_receive. */
bool session_is_lent(const struct session *s);

/* The caller needs its buffer: copies the replies in it to memory that the session owns. Call it only while the kernel
 * sends none of them. Returns WANT_CLOSE if there is no memory: a half-sent reply can then not be completed. */
enum session_want session_own(struct session *s);

/* The peer closed its half (recv returned 0): replies still go out, then WANT_CLOSE. */
enum session_want session_eof(struct session *s);

/* The server is going away: a WebSocket says so (close code 1001); replies still go out, then WANT_CLOSE. */
enum session_want session_shutdown(struct session *s);

/* The connection broke under a transfer (ECONNRESET, EPIPE, ...). Always WANT_CLOSE: unsent replies are lost. */
enum session_want session_reset(struct session *s);

/* Checks how long the server has waited for the peer (handshake, sign of life, room for replies), and does what is due:
 * adds a ping, or gives the peer up. `now_ms` is any clock that only goes forward. *left_ms: call again after this time
 * at the latest, if nothing happens before (-1: no need). A wait counts from the first call after it began, so it may
 * last longer by the time between two calls. */
enum session_want session_tick(struct session *s, int64_t now_ms, int *left_ms);

/* What the session wants now, when nothing new has happened. */
enum session_want session_wants(const struct session *s);

/* Returns the address of the bytes to send now, and in *count how many (0: none). They do not move until session_sent
 * or session_own, even while more is received: a completion model has given their address to the kernel. */
const uint8_t *session_pending(struct session *s, size_t *count);

/* `count` of the bytes that session_pending showed last have left; fewer than all is normal, and counted. */
enum session_want session_sent(struct session *s, size_t count);

/* ---- for an application that answers for itself (ws_demo) ---- */

/* Accepts no extension on this connection, whatever the limits say. Call it before the first byte. */
void session_stay_plain(struct session *s);

/* Reports the first event in up to `count` bytes and returns how many of them it used, as websocket_receive does; call
 * again with the rest until WEBSOCKET_NEED_MORE. The handshake, pings, closes and errors are answered here. The caller
 * may answer a message; its payload stays valid until the next call. For PROTOCOL_WS only. The caller counts
 * bytes_in. */
size_t session_take(struct session *s, uint8_t *bytes, size_t count, struct websocket_event *event);

/* Adds a copy of a message, as one frame, to the pending replies; does nothing once the session is ending. `expected`
 * more bytes are likely to follow soon: room for them is reserved after it, so that one send takes all. */
enum session_want session_add(
    struct session *s, enum websocket_opcode opcode, const void *payload, size_t length, size_t expected);

/* The same, compressed; see websocket_deflate. False: nothing was added, and the message is to be sent as it is. */
bool session_add_deflated(struct session *s, enum websocket_opcode opcode, const void *payload, size_t length);

/* The same for bytes that are ready to be sent, for example a complete frame. */
enum session_want session_add_bytes(struct session *s, const void *bytes, size_t count);

/* Ends the conversation from this side, with this close code (0: without a close frame); replies still go out. */
enum session_want session_end(struct session *s, uint16_t code, enum close_reason reason);

/* Ends the conversation immediately: pending replies are lost, and the peer sees a reset. Always WANT_CLOSE. */
enum session_want session_abort(struct session *s, enum close_reason reason);

/* What to send to a refused client before its connection is closed: status 503; echo: nothing (*count 0). */
const char *session_refusal(enum protocol protocol, size_t *count);

/* Bytes of replies not sent yet. */
size_t session_pending_count(const struct session *s);

/* True when the pending replies exceed limits.pending_max, or input is kept until they have left: a model that reads
 * ahead must stop reading. */
bool session_is_full(const struct session *s);

#endif
