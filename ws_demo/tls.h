/* tls.h - TLS 1.2 and 1.3 (RFC 5246, RFC 8446) as a filter between the codecs and the socket: https and wss. OpenSSL
 * does it.
 *
 *     plain bytes   handlers, codecs, session        as without TLS
 *     tls.c         SSL_read, SSL_write              a record has up to 16 KiB
 *     encrypted     the socket
 *
 * The port speaks TLS only. */
#ifndef IO_MODELS_TLS_H
#define IO_MODELS_TLS_H

#include "framework.h"

/* --certificate, --key, --self-signed and --ktls: a child of a server's parser. They are stored here. */
extern const struct argp tls_options;

/* Is one of --certificate and --self-signed given? Valid after options_parse. */
bool tls_is_on(void);

/* If TLS is on: reads or makes the certificate, and has all channels of the framework filtered. After it SIGHUP makes
 * the server read --certificate and --key again; connections that are open keep what they began with. Call it after
 * framework_open. WAIT: for the files. On a bad option or file prints one line and exits with EXIT_SETUP. */
void tls_open(struct framework *f);

/* If TLS is on: prints one line on stdout, the certificate's SHA-256 fingerprint. */
void tls_announce(void);

/* What was counted, for stats_write: "TLS: 12 handshakes, 3 of them resumed, 0 with kTLS". NULL if TLS is off. Valid
 * until the next call. */
const char *tls_notes(void);

/* Frees what tls_open made. Call it when no channel is left. */
void tls_close(void);

#endif
