/* tls_filter.c - see tls_filter.h. Read: tls_receive, tls_send, shake (the handshake), tls_finish.
 *
 * No call of OpenSSL sleeps: the socket is non-blocking. SIGPIPE, which OpenSSL's write(2) may cause, is ignored
 * (signals.h). */
#include "tls_filter.h"
#include "bad_connection.h"
#include "now.h"
#include "tls_turns.h"
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

/* LIMIT: records that one receive or one send of a channel moves; then the others have their turn. */
enum { READS_PER_TURN = 64, WRITES_PER_TURN = 16 };

/* LIMIT: calls of recv in one call of OpenSSL. It would go on as long as records come that are no data (KeyUpdate,
 * say), and a peer can send them as fast as they are read. A call that brings no data counts for many of
 * READS_PER_TURN. */
enum { RECVS_PER_CALL = 2, NO_DATA_COUNTS = 16 };

/* How the last call of OpenSSL ended. From ENDED on nothing more can be read. */
enum outcome {
    MOVED,     /* bytes; or it can go on immediately */
    BLOCKED,   /* the socket must be ready first: `awaits` */
    ENDED,     /* the peer has sent close_notify: it sends nothing more, and may still receive */
    TRUNCATED, /* TCP's end without close_notify: somebody may have cut bytes off (RFC 8446 section 6.1). OpenSSL has
                  sent an alert */
    BROKEN,    /* the connection broke: `why` is the errno */
    FAILED,    /* the peer broke a rule of TLS, or has given up: OpenSSL has sent the alert, if one is due */
    NO_MEMORY,
};

/* A channel's TLS: c->filter_state. */
struct tls {
    SSL *ssl; /* OWNS; NULL until the first byte has come: a client that is only connected has cost nothing yet */
    struct tls_turn turn;
    int64_t since_ms; /* when the connection was accepted */
    enum outcome outcome;
    int why;            /* BROKEN: an errno */
    const char *reason; /* FAILED: in words, static; */
    bool is_alert;      /* they are the peer's */
    int awaits;         /* BLOCKED: EV_READ or EV_WRITE, where that is not what the framework would expect; or 0 */
    bool begun, shaken; /* the first byte is one of TLS; the handshake is complete */
    bool more;          /* there may be bytes that no event will report */
    int recvs;          /* in this call of OpenSSL */
};

static SSL_CTX *context; /* OWNS: of new connections */
static struct tls_counts counts;

void tls_filter_use(SSL_CTX *next) {
    SSL_CTX_free(context);
    context = next;
}

const struct tls_counts *tls_filter_counts(void) {
    return &counts;
}

/* ---- what OpenSSL says ---- */

/* Before each call: what the one before has left would be taken for this one's. */
static void begin_call(struct tls *t) {
    ERR_clear_error();
    errno = 0;
    t->recvs = 0;
}

static enum outcome failed(struct tls *t) {
    unsigned long code = ERR_peek_error();
    if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
        return NO_MEMORY;
    if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        return TRUNCATED;
    t->is_alert = ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) > SSL_AD_REASON_OFFSET &&
                  ERR_GET_REASON(code) <= SSL_AD_REASON_OFFSET + UINT8_MAX; /* above: OpenSSL's own, with flags */
    t->reason = t->is_alert ? SSL_alert_desc_string_long(ERR_GET_REASON(code) - SSL_AD_REASON_OFFSET)
                            : ERR_reason_error_string(code);
    return FAILED;
}

/* After a call of OpenSSL that returned `result`, 0 or less, and left `why` in errno, which was 0 before it.
 * `expected`: what the framework watches for when the call would block. */
static enum outcome outcome_of(struct tls *t, int result, int why, int expected) {
    t->awaits = 0;
    switch (SSL_get_error(t->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        t->awaits = expected == EV_READ ? 0 : EV_READ;
        return why == EAGAIN ? BLOCKED : MOVED; /* MOVED: it took a record that is no data */
    case SSL_ERROR_WANT_WRITE: t->awaits = expected == EV_WRITE ? 0 : EV_WRITE; return BLOCKED;
    case SSL_ERROR_ZERO_RETURN: return ENDED;
    case SSL_ERROR_SYSCALL: t->why = why ? why : ECONNRESET; return BROKEN;
    default: return failed(t);
    }
}

/* The channel is over, for this reason. Its FIN goes behind an alert that is sent already; but replies that are pending
 * cannot leave any more: then it is cut. `who` and `words`, for the log: NULL: the reason's name says it all. */
static void end(struct channel *c, enum close_reason reason, const char *who, const char *words) {
    char line[160];
    if (session_pending_count(&c->session) > 0)
        session_abort(&c->session, reason);
    else
        session_end(&c->session, 0, reason);
    if (!words)
        return;
    snprintf(line, sizeof line, "%s: %s%s", close_reason_names[reason], who, words);
    bad_connection_say(&c->from, line);
    c->logged = true;
}

static ssize_t nothing_now(void) {
    errno = EAGAIN;
    return -1;
}

/* What tls_receive and tls_send return when they have moved nothing: as recv(2) does. */
static ssize_t report(struct channel *c, const struct tls *t, enum outcome outcome) {
    switch (outcome) {
    case ENDED: return 0;
    case BROKEN: errno = t->why; return -1;
    case TRUNCATED: end(c, CLOSE_TRUNCATED, NULL, NULL); break;
    case FAILED:
        end(c, CLOSE_TLS, t->is_alert ? "the client sends the alert: " : "", t->reason ? t->reason : "no reason known");
        break;
    case NO_MEMORY: end(c, CLOSE_NO_MEMORY, NULL, NULL); break;
    case MOVED:
    case BLOCKED: break;
    }
    return nothing_now();
}

/* ---- the beginning ---- */

static bool tls_start(struct channel *c) {
    struct tls *t = calloc(1, sizeof *t);
    if (!t)
        return false;
    t->turn = (struct tls_turn){.io = &c->io, .waits_for = TURN_NONE};
    t->since_ms = now_ms();
    c->filter_state = t; /* OWNS: the channel, until tls_stop */
    return true;
}

static void tls_stop(struct channel *c) {
    struct tls *t = c->filter_state;
    tls_turn_forget(&t->turn);
    SSL_free(t->ssl);
    free(t);
    c->filter_state = NULL;
}

/* From here on the channel's bytes are plain. */
static void leave(struct channel *c) {
    tls_stop(c);
    c->filter = &filter_plain;
}

/* The client does not begin with TLS. HTTP gets an answer: not encrypted, for it holds no secret. Nothing else leaves
 * without encryption: replies that are pending already are dropped (see end). */
static void refuse_plain(struct channel *c, bool is_http) {
    static const char answer[] = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                 "Connection: close\r\nContent-Length: 56\r\n\r\n"
                                 "this port speaks TLS: the address begins with https://\r\n";
    bool answers = is_http && session_pending_count(&c->session) == 0;
    leave(c);
    end(c, is_http ? CLOSE_REJECTED : CLOSE_TLS, "",
        is_http ? "400: HTTP, and this port speaks TLS" : "the first byte is none of TLS");
    if (answers)
        send(c->io.fd, answer, sizeof answer - 1, MSG_NOSIGNAL); /* COPY: it fits: nothing was sent before */
}

/* Looks at the first byte, and leaves it in the socket. RFC 8446 section 5.1: a record that begins a handshake begins
 * with 22. Methods of HTTP are in upper case. False: there is no byte, or the channel is refused. */
static bool begins(struct channel *c, struct tls *t) {
    uint8_t first;
    ssize_t count = recv(c->io.fd, &first, 1, MSG_PEEK); /* COPY: kernel to here; it stays in the kernel, too */
    t->why = errno;
    t->awaits = EV_READ;
    t->outcome = count > 0 ? MOVED : count == 0 ? ENDED : errno == EAGAIN || errno == EINTR ? BLOCKED : BROKEN;
    t->begun = count > 0 && first == SSL3_RT_HANDSHAKE;
    if (count > 0 && !t->begun)
        refuse_plain(c, first >= 'A' && first <= 'Z');
    return count > 0 && first == SSL3_RT_HANDSHAKE;
}

/* OpenSSL asks before each recv (BIO_set_callback_ex(3)): RECVS_PER_CALL are answered, and then it is told that it
 * would block. errno stays 0, by which outcome_of knows that it can go on in the next turn. */
static long count_recv(
    BIO *bio, int what, const char *bytes, size_t size, int i, long l, int result, size_t *processed) {
    struct tls *t = (struct tls *)BIO_get_callback_arg(bio);
    (void)bytes, (void)size, (void)i, (void)l, (void)processed;
    if (what != BIO_CB_READ || t->recvs++ < RECVS_PER_CALL)
        return result;
    BIO_set_retry_read(bio);
    return -1;
}

static bool make(struct channel *c, struct tls *t) {
    t->ssl = SSL_new(context);
    if (!t->ssl || SSL_set_fd(t->ssl, c->io.fd) != 1)
        return false;
    BIO_set_callback_arg(SSL_get_rbio(t->ssl), (char *)t);
    BIO_set_callback_ex(SSL_get_rbio(t->ssl), count_recv);
    SSL_set_accept_state(t->ssl);
    return true;
}

/* Has the peer sent FIN or RST? Then its handshake is not worth the CPU. Never waits: 0 ms. */
static bool is_gone(int fd) {
    struct pollfd peer = {.fd = fd, .events = POLLRDHUP};
    return poll(&peer, 1, 0) == 1;
}

static void count_handshake(const SSL *ssl) {
    counts.handshakes++;
    counts.resumed += SSL_session_reused(ssl) == 1;
    counts.in_kernel += BIO_get_ktls_send(SSL_get_wbio(ssl)) ? 1 : 0;
}

/* Goes on with the handshake, as far as its bytes have come; or it waits for its turn. True: it is complete. False:
 * t->outcome; or the channel is refused, and is none of TLS any more. */
static bool shake(struct channel *c, struct tls *t) {
    if (t->shaken)
        return true;
    if (!t->begun && !begins(c, t))
        return false;
    t->outcome = BLOCKED;
    bool has_waited = t->turn.has_come;
    if (!tls_turn_for_handshake(&t->turn, t->ssl != NULL))
        return false;
    if (has_waited && is_gone(c->io.fd)) {
        t->outcome = TRUNCATED;
        return false;
    }
    if (!t->ssl && !make(c, t)) {
        t->outcome = NO_MEMORY;
        return false;
    }
    begin_call(t);
    int result = SSL_do_handshake(t->ssl), why = errno; /* COPY: between kernel and OpenSSL's buffers */
    t->shaken = result == 1;
    t->awaits = 0;
    t->outcome = t->shaken ? MOVED : outcome_of(t, result, why, 0);
    t->more = t->outcome == MOVED;
    if (t->shaken)
        count_handshake(t->ssl);
    return t->shaken;
}

/* What tls_send returns when it has moved nothing: as send(2) does. */
static ssize_t refuse_to_send(struct channel *c, const struct tls *t, enum outcome outcome) {
    if (report(c, t, outcome) == 0)
        errno = EPIPE; /* the peer has left before the handshake */
    return -1;
}

/* ---- the filter ---- */

/* Several records, if they are short. Bytes come before what ended them: that is reported by the next call. */
static ssize_t tls_receive(struct channel *c, void *bytes, size_t count) {
    struct tls *t = c->filter_state;
    size_t moved = 0;
    if (t->outcome >= ENDED)
        return report(c, t, t->outcome);
    if (!shake(c, t))
        return c->filter == &filter_tls ? report(c, t, t->outcome) : nothing_now();
    t->outcome = MOVED;
    t->more = true;
    for (int done = 0; done < READS_PER_TURN && moved < count && t->more;) {
        begin_call(t);
        int result = SSL_read(t->ssl, (char *)bytes + moved, (int)(count - moved)), why = errno;
        moved += result > 0 ? (size_t)result : 0; /* COPY: kernel to OpenSSL's buffer to the loop's, decrypted */
        done += result > 0 ? 1 : NO_DATA_COUNTS;
        t->outcome = result > 0 ? MOVED : outcome_of(t, result, why, EV_READ);
        /* Behind a record that is no data, OpenSSL 3.5 does not count what it has read ahead under the old key. */
        t->more = t->outcome == MOVED && (result <= 0 || SSL_has_pending(t->ssl));
    }
    if (moved == 0)
        return report(c, t, t->outcome);
    t->more |= t->outcome >= ENDED;
    return (ssize_t)moved;
}

/* The handshake comes first, where an application speaks before its client does. */
static ssize_t tls_send(struct channel *c, const void *bytes, size_t count) {
    struct tls *t = c->filter_state;
    enum outcome outcome = MOVED;
    size_t moved = 0;
    if (!shake(c, t))
        return c->filter == &filter_tls ? refuse_to_send(c, t, t->outcome) : nothing_now();
    for (int i = 0; i < WRITES_PER_TURN && moved < count && outcome == MOVED; i++) {
        size_t left = count - moved;
        begin_call(t);
        int result = SSL_write(t->ssl, (const char *)bytes + moved, left < INT_MAX ? (int)left : INT_MAX), why = errno;
        moved += result > 0 ? (size_t)result : 0; /* COPY: replies, encrypted, to OpenSSL's buffer to kernel */
        outcome = result > 0 ? MOVED : outcome_of(t, result, why, EV_WRITE);
    }
    return moved > 0 ? (ssize_t)moved : refuse_to_send(c, t, outcome);
}

/* close_notify, and then FIN: without the first, the second might be somebody else's. After an alert there is none. */
static int tls_finish(struct channel *c) {
    struct tls *t = c->filter_state;
    t->more = false;
    if (t->shaken && t->outcome <= ENDED) {
        begin_call(t);
        int result = SSL_shutdown(t->ssl), why = errno; /* COPY: a record of two bytes, encrypted, to kernel */
        if (result < 0 && outcome_of(t, result, why, EV_WRITE) == BLOCKED) {
            errno = EAGAIN;
            return -1;
        }
    }
    leave(c);
    return shutdown(c->io.fd, SHUT_WR);
}

static int tls_interest(struct channel *c, int events) {
    struct tls *t = c->filter_state;
    if (tls_turn_is_awaited(&t->turn))
        return 0;
    if (t->more && (events & EV_READ))
        tls_turn_for_more(&t->turn);
    if (c->framework->draining && (events & EV_READ)) /* it is to be called, whatever TLS waits for, and to end */
        return events;
    return t->awaits ? t->awaits : events;
}

/* LIMIT: limits.handshake_ms for the handshake; and HTTP's head, or WebSocket's, has what is left of them. */
static void tls_look(struct channel *c) {
    const struct tls *t = c->filter_state;
    if (!t->shaken && now_ms() - t->since_ms >= c->framework->options->limits.handshake_ms)
        session_abort(&c->session, CLOSE_HANDSHAKE_TIMEOUT);
}

const struct filter filter_tls = {.open = tls_start,
    .receive = tls_receive,
    .send = tls_send,
    .finish = tls_finish,
    .interest = tls_interest,
    .look = tls_look,
    .close = tls_stop};
