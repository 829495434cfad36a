/* tls_certificate.h - the server's certificate, its key, and the rules of TLS that go with them. */
#ifndef IO_MODELS_TLS_CERTIFICATE_H
#define IO_MODELS_TLS_CERTIFICATE_H

#include <openssl/ssl.h>
#include <stdbool.h>

enum { TLS_WHY_SIZE = 400, TLS_FINGERPRINT_SIZE = 32 * 3 };

/* Where the certificate comes from. */
struct tls_source {
    const char *certificate, *key; /* files in PEM form; the certificate first, and then its chain. NULL: self-signed */
    bool ktls;                     /* let the kernel encrypt, where it can */
};

/* Returns what the handshakes of new connections begin with. OWNS: the caller frees it with SSL_CTX_free; connections
 * hold a reference of their own. WAIT: for the files. NULL: `why` is one line, what is wrong and what to do. */
SSL_CTX *tls_context(const struct tls_source *source, char why[TLS_WHY_SIZE]);

/* The SHA-256 digest of the certificate, as browsers show it: "AB:CD:...", 32 bytes in hex. */
void tls_fingerprint(SSL_CTX *context, char text[TLS_FINGERPRINT_SIZE]);

#endif
