/* tls.c - see tls.h.
 *
 *     tls_send   client's send_buffer -> SSL_write -> memory -> wire_buffer -> transport
 *     received   transport -> memory -> SSL_read -> `plain` -> client
 *
 * OpenSSL never blocks here: its memory takes all, and what it has not got yet comes later. */
#include "tls/tls.h"
#include "client/client_parts.h"
#include "tls/context.h"
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
    RECORD_MAX = 16 * 1024, /* bytes of plain text in one record: RFC 8446 section 5.1 */
    RECORD_MORE = 64,       /* its head, its tag, and more than there is: 22 bytes in TLS 1.3, 29 in TLS 1.2 */
    HANDSHAKE_ROOM = 4096,  /* for a ClientHello in one piece; what is longer takes two sends */
};

struct tls {
    SSL *ssl;             /* OWNS */
    uint32_t count, sent; /* bytes in wire_buffer, and how many of them the transport has taken */
    bool heard;           /* a byte of the server has come */
    bool finishing;       /* close_notify is the last record; FIN follows it */
};

/* The decrypted bytes of one receive. */
static _Thread_local uint8_t plain[TRANSFER_SIZE];

size_t tls_room(size_t count) {
    return count + (count / RECORD_MAX + 1) * RECORD_MORE + HANDSHAKE_ROOM;
}

/* ---------------------------------------------------------------- what is sent */

static void encrypt(struct client *c, size_t count) {
    if (SSL_write(c->tls->ssl, c->send_buffer, (int)count) == (int)count)
        client_sent(c, count);
    else
        c->error = ENOMEM; /* and the connection ends by its time limit */
}

/* First what is left in wire_buffer, then what OpenSSL has: its handshake, or messages; then new messages. */
static size_t tls_fill(struct client *c) {
    struct tls *t = c->tls;
    BIO *out = SSL_get_wbio(t->ssl);
    int count;

    c->wire = c->wire_buffer + t->sent;
    if (t->sent < t->count)
        return t->count - t->sent;
    if (BIO_ctrl_pending(out) == 0 && c->state > CLIENT_SECURING && !t->finishing) {
        size_t messages = client_fill(c);
        if (messages > 0)
            encrypt(c, messages);
    }
    count = BIO_read(out, c->wire_buffer, (int)c->group->plan->wire_room);
    c->wire = c->wire_buffer;
    t->count = count > 0 ? (uint32_t)count : 0;
    t->sent = 0;
    return t->count;
}

static void tls_sent(struct client *c, size_t count) {
    c->tls->sent += (uint32_t)count;
}

/* Sends what is there, if the socket takes it; behind it, if it is the end, FIN. */
static void flush(struct client *c) {
    struct tls *t = c->tls;

    if (!c->blocked)
        c->group->transport->send(c, tls_fill(c));
    if (!c->blocked && t->finishing && tls_fill(c) == 0) {
        t->finishing = false;
        shutdown(c->fd, SHUT_WR);
    }
}

static void tls_send(struct client *c, size_t count) {
    if (count == 0)
        return;
    encrypt(c, count);
    flush(c);
}

static void tls_writable(struct client *c) {
    c->blocked = false;
    flush(c);
}

static void tls_finish(struct client *c) {
    SSL_shutdown(c->tls->ssl);
    c->tls->finishing = true;
    flush(c);
}

/* ---------------------------------------------------------------- what comes */

/* The handshake failed, or a record was wrong: tells the server by an alert, if it takes one. */
static void fail(struct client *c) {
    flush(c);
    client_fail(c, FAILURE_TLS, 0);
}

/* Goes on with the handshake. True: it is complete, and the client may begin. */
static bool shake(struct client *c) {
    struct tls *t = c->tls;
    struct tally *tally = &c->group->tally;
    int result;

    ERR_clear_error();
    result = SSL_do_handshake(t->ssl);
    if (result != 1 && SSL_get_error(t->ssl, result) != SSL_ERROR_WANT_READ) {
        fail(c);
        return false;
    }
    if (result != 1) {
        flush(c);
        return false;
    }
    snprintf(tally->tls_version, sizeof tally->tls_version, "%s", SSL_get_version(t->ssl));
    snprintf(tally->tls_cipher, sizeof tally->tls_cipher, "%s", SSL_get_cipher_name(t->ssl));
    client_connected(c); /* its first bytes leave together with the handshake's last */
    if (c->tls == t)
        flush(c);
    return c->tls == t;
}

/* Decrypts as many records as have come, up to sizeof plain bytes. *end: SSL_get_error of the last SSL_read. */
static size_t decrypt(struct tls *t, int *end) {
    size_t count = 0;

    do {
        ERR_clear_error();
        int result = SSL_read(t->ssl, plain + count, (int)(sizeof plain - count));
        *end = SSL_get_error(t->ssl, result);
        count += result > 0 ? (size_t)result : 0;
    } while (*end == SSL_ERROR_NONE && count < sizeof plain);
    return count;
}

/* The client may end, and its TLS with it, whenever it is told something. */
static void take(struct client *c) {
    struct tls *t = c->tls;
    int end = SSL_ERROR_NONE;

    while (end == SSL_ERROR_NONE && c->tls == t) {
        size_t count = decrypt(t, &end);
        if (count > 0)
            client_received(c, plain, count);
    }
    if (c->tls != t)
        return;
    switch (end) {
    case SSL_ERROR_WANT_READ: flush(c); break;              /* OpenSSL may have something to answer */
    case SSL_ERROR_ZERO_RETURN: client_broken(c, 0); break; /* close_notify; nobody would read ours any more */
    default: fail(c);
    }
}

static void tls_received(struct client *c, uint8_t *bytes, size_t count) {
    struct tls *t = c->tls;

    t->heard = true;
    if (BIO_write(SSL_get_rbio(t->ssl), bytes, (int)count) != (int)count) {
        client_fail(c, FAILURE_CLIENT_LIMIT, ENOMEM);
        return;
    }
    if (c->state != CLIENT_SECURING || shake(c))
        take(c);
}

/* FIN without close_notify before it: somebody may have cut bytes off. While the client closes itself it has all that
 * it asked for. */
static void tls_broken(struct client *c, int error) {
    if (c->state == CLIENT_SECURING)
        client_fail(c, c->tls->heard ? FAILURE_TLS : FAILURE_CONNECT_RESET, error);
    else if (error == 0 && c->error == 0 && c->state != CLIENT_CLOSING)
        client_fail(c, FAILURE_TRUNCATED, 0);
    else
        client_broken(c, error);
}

/* ---------------------------------------------------------------- beginning and end */

static void tls_connected(struct client *c) {
    int error = 0;

    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
    if (error != 0) {
        client_fail(c, failure_of_connect(error), error);
        return;
    }
    c->tls = calloc(1, sizeof *c->tls);
    if (c->tls == NULL || (c->tls->ssl = context_connection()) == NULL) {
        client_fail(c, FAILURE_CLIENT_LIMIT, ENOMEM);
        return;
    }
    c->state = CLIENT_SECURING;
    c->since = clock_now();
    c->group->transport->start_receiving(c);
    shake(c);
}

static void tls_start_receiving(struct client *c) {
    (void)c; /* it has begun before the handshake */
}

static void tls_drop(struct client *c) {
    if (c->tls != NULL)
        SSL_free(c->tls->ssl);
    free(c->tls);
    c->tls = NULL;
    c->group->transport->drop(c);
}

const struct filter filter_tls = {
    .connected = tls_connected,
    .received = tls_received,
    .broken = tls_broken,
    .fill = tls_fill,
    .sent = tls_sent,
    .writable = tls_writable,
    .start_receiving = tls_start_receiving,
    .send = tls_send,
    .drop = tls_drop,
    .finish = tls_finish,
};
