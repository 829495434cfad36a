/* tls_filter.h - what a channel's bytes pass through between its codec and its socket, when the port speaks TLS. */
#ifndef IO_MODELS_TLS_FILTER_H
#define IO_MODELS_TLS_FILTER_H

#include "framework.h"
#include <openssl/ssl.h>

/* It needs tls_filter_use and tls_turns_open before the first channel. */
extern const struct filter filter_tls;

/* New connections begin with this one from now on; the open ones keep theirs. OWNS: `context`; NULL: frees what there
 * is. */
void tls_filter_use(SSL_CTX *context);

/* Handshakes that were completed: all; those that went on with an older session; those after which the kernel encrypts
 * what is sent. */
struct tls_counts {
    uint64_t handshakes, resumed, in_kernel;
};
const struct tls_counts *tls_filter_counts(void);

#endif
