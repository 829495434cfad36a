/* context.h - what the connections of all clients have in common. */
#ifndef LOADGEN_TLS_CONTEXT_H
#define LOADGEN_TLS_CONTEXT_H

#include "meaning/options.h"
#include <openssl/ssl.h>

/* Of the options: ca and host. A wrong one ends the program with one line. WAIT: for the file. */
void context_open(const struct options *options);
void context_close(void);

/* A new connection, on two buffers in memory. OWNS: the caller frees it with SSL_free. NULL: no memory. Any thread may
 * call it. */
SSL *context_connection(void);

#endif
