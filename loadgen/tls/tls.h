/* tls.h - TLS between the clients and the transport (--tls): a filter (client/transport.h).
 *
 *     client.c     computes messages, checks replies          plain bytes
 *     tls.c        SSL_write, SSL_read                        OpenSSL works on memory: no socket is inside
 *     transport    moves encrypted bytes, by io_uring or epoll
 *
 * What is counted is the plain bytes. Each connection does a whole handshake: no session is resumed. */
#ifndef LOADGEN_TLS_H
#define LOADGEN_TLS_H

#include <stddef.h>

/* It needs context_open (tls/context.h) before the first client connects. */
extern const struct filter filter_tls;

/* How many bytes `plain` bytes may become. */
size_t tls_room(size_t plain);

#endif
