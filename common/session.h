/* session.h - all that a server asks of the protocol: "these bytes came; what now?"
 *
 * No I/O happens here. A server receives, hands the bytes over, and does what the answer wants:
 *
 *     WANT_READ    wait for more bytes, give them to session_receive()
 *     WANT_WRITE   send what session_pending() shows, say so with session_sent(); do not read meanwhile:
 *                  that is back-pressure, with no queue that grows
 *     WANT_CLOSE   close the connection; everything that had to be sent has been
 *
 * Replies are made where the input lies, as far as they can be: an echo is its input, and a server's frame is shorter
 * than the client's that it answers, so its header is written before the payload and nothing is copied or allocated.
 * Those bytes are lent to the session until the replies in them have left (session_is_lent), or until they are copied
 * out because the model needs its buffer for something else (session_own).
 *
 * An idle session owns no memory besides itself.
 */
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
    CLOSE_BAD_UTF8,          /* close code 1007 */
    CLOSE_TOO_BIG,           /* close code 1009 */
    CLOSE_NO_MEMORY,         /* close code 1011, if there is memory to say so; in the handshake status 503 */
    CLOSE_RESET,             /* the connection broke: reset, timed out (TCP's keepalive), or nobody listens */
    CLOSE_HANDSHAKE_TIMEOUT, /* no whole upgrade request in limits.handshake_ms: status 408 */
    CLOSE_DEAD_PEER,         /* WebSocket: not a byte in limits.dead_ms, in spite of a ping; echo: see CLOSE_RESET */
    CLOSE_SLOW_READER,       /* replies waited, and it took none of them in limits.stall_ms */
    CLOSE_SHUTDOWN,          /* the server is going away: close code 1001 */
    CLOSE_REASONS,
};

/* One connection's protocol state. Fields are private, but for the counters, `reason`, `ending` and `broken`. */
struct session {
    struct websocket websocket; /* echo: only its limits */
    uint8_t *lent;              /* pending replies in the bytes of the last receive: `lent_count`, the oldest */
    struct block *owned;        /* OWNS: those behind them, a list, oldest first; NULL while there are none */
    uint64_t messages;          /* WebSocket messages taken and answered; a byte stream (echo) has none to count */
    uint64_t bytes_in;          /* counted by session_receive; with session_take its caller counts */
    uint64_t bytes_out;
    uint32_t short_sends; /* sends that took less than they were shown */
    uint32_t shown_count; /* what session_pending showed last */
    uint32_t lent_count;
    uint32_t pending_count; /* bytes of replies not sent yet, lent and owned */
    uint32_t since_ms;      /* when what is waited for now began to be; the clock's low 32 bits */
    uint32_t heard_ms;      /* when the peer last gave a sign of life, or was last asked for one */
    uint8_t protocol;
    uint8_t reason;       /* enum close_reason: once ending, why */
    bool is_open : 1;     /* WebSocket: the handshake is done */
    bool ending : 1;      /* nothing more is wanted from this peer: close when the pending replies have left */
    bool broken : 1;      /* close at once, and without a goodbye: the peer is gone */
    bool moved : 1;       /* something new is waited for since the last session_tick */
    bool heard : 1;       /* a sign of life came since then */
    bool was_pending : 1; /* replies were pending at the last session_tick */
    bool pinged : 1;      /* a ping was sent since something last came */
};

/* Prepares a session for a connection just accepted; owns no memory yet. `limits` must outlive it. */
void session_open(struct session *s, enum protocol protocol, const struct limits *limits);

/* Frees what the session owns; counters and reason stay readable. To be called once per session_open. */
void session_close(struct session *s);

/* `count` > 0 bytes came, wherever the model put them. They are written to: unmasked, and answered in place. OWNS: they
 * are the caller's again when session_is_lent says no: at once, when the replies have left, or after session_own. */
enum session_want session_receive(struct session *s, uint8_t *bytes, size_t count);

/* Do replies lie in the bytes of the last session_receive? */
bool session_is_lent(const struct session *s);

/* The caller needs those bytes: copies the replies in them out, to memory that the session owns; to be called when
 * nothing of them is with the kernel.
 * WANT_CLOSE if there is no memory for that: what was half sent can then not be finished. */
enum session_want session_own(struct session *s);

/* The peer closed its half (recv returned 0): replies still go out, then WANT_CLOSE. */
enum session_want session_eof(struct session *s);

/* The server is going away: a WebSocket says so (close code 1001); replies still go out, then WANT_CLOSE. */
enum session_want session_shutdown(struct session *s);

/* The connection broke under a transfer (ECONNRESET, EPIPE, ...). Always WANT_CLOSE: unsent replies are lost. */
enum session_want session_reset(struct session *s);

/* Time has passed: checks how long the peer has been awaited (handshake, sign of life, room for replies), and does what
 * is due: sends a ping, or gives the peer up. `now_ms` is any clock that only goes forward. In *left_ms: call again at
 * the latest after so long, if nothing happens before (-1: no need). A wait counts from the first call after it began,
 * so calls further apart make it as much longer. */
enum session_want session_tick(struct session *s, int64_t now_ms, int *left_ms);

/* What the session wants now, when nothing new has happened. */
enum session_want session_wants(const struct session *s);

/* What to send now: the address, and in *count how many bytes (0: nothing). These bytes hold still until session_sent
 * or session_own, even while more is received: a completion model has given their address to the kernel. */
const uint8_t *session_pending(struct session *s, size_t *count);

/* `count` of the bytes that session_pending showed last have left; fewer than all is normal, and counted. */
enum session_want session_sent(struct session *s, size_t count);

/* ---- for an application that answers for itself (ws_demo) ---- */

/* Tells the first thing that up to `count` bytes mean, and how many of them that took, as websocket_receive does; call
 * again with the rest until WEBSOCKET_NEED_MORE. The handshake, pings, closes and errors are answered here. A message
 * is the caller's to answer, or not; its payload holds until the next call. For PROTOCOL_WS only. The caller counts
 * bytes_in. */
size_t session_take(struct session *s, uint8_t *bytes, size_t count, struct websocket_event *event);

/* Adds a copy of a message, as one frame, to what is to be sent; nothing once the session is ending. `expected` more
 * bytes are likely to follow soon: there is then room for them behind it, and one send for all. */
enum session_want session_add(
    struct session *s, enum websocket_opcode opcode, const void *payload, size_t length, size_t expected);

/* The same for bytes that are a frame, or whatever else, already. */
enum session_want session_add_bytes(struct session *s, const void *bytes, size_t count);

/* Ends the conversation from this side, with this close code (0: without a close frame); replies still go out. */
enum session_want session_end(struct session *s, uint16_t code, enum close_reason reason);

/* Ends it at once: what is not sent yet is lost, and the peer sees a reset. Always WANT_CLOSE. */
enum session_want session_abort(struct session *s, enum close_reason reason);

/* What to tell a client that finds no place, before its connection is closed: status 503; echo: nothing (*count 0). */
const char *session_refusal(enum protocol protocol, size_t *count);

/* Bytes of replies not sent yet. */
size_t session_pending_count(const struct session *s);

/* True when the pending replies exceed limits.pending_max: a model that reads ahead must stop reading. */
bool session_is_full(const struct session *s);

#endif
