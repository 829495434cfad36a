/* context.c - see context.h.
 *
 * Without --ca no certificate is checked: the server is one's own, it has often made its certificate itself, and what
 * is measured is what TLS costs. The server still has to prove that it has the certificate's key. */
#include "tls/context.h"
#include "meaning/die.h"
#include <arpa/inet.h>
#include <openssl/err.h>

static SSL_CTX *context; /* OWNS */
static const char *name; /* of the server, for SNI; NULL: it is an address, which RFC 6066 section 3 leaves out */

static bool is_address(const char *host) {
    struct in6_addr any;

    return inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
}

/* The server's certificate must be signed by one in --ca, or be one of them, and be for --host. */
static void check_certificates(const struct options *o) {
    X509_VERIFY_PARAM *expected = SSL_CTX_get0_param(context);
    bool for_host = name != NULL ? X509_VERIFY_PARAM_set1_host(expected, name, 0) == 1
                                 : X509_VERIFY_PARAM_set1_ip_asc(expected, o->host) == 1;
    const char *why;

    ERR_clear_error();
    if (SSL_CTX_load_verify_locations(context, o->ca, NULL) != 1) {
        why = ERR_reason_error_string(ERR_peek_error());
        die("--ca '%s': %s; name a file of certificates in PEM form", o->ca, why != NULL ? why : "no certificates");
    }
    if (!for_host)
        die("out of memory for --ca");
    /* A certificate that is itself in the file is trusted, whoever has signed it. */
    X509_VERIFY_PARAM_set_flags(expected, X509_V_FLAG_PARTIAL_CHAIN);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
}

void context_open(const struct options *o) {
    context = SSL_CTX_new(TLS_client_method());
    if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
        die("--tls: OpenSSL offers no TLS 1.2; see the system's openssl.cnf");
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    name = is_address(o->host) ? NULL : o->host;
    if (o->ca != NULL)
        check_certificates(o);
}

void context_close(void) {
    SSL_CTX_free(context);
    context = NULL;
}

SSL *context_connection(void) {
    SSL *ssl = SSL_new(context);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

    if (ssl == NULL || in == NULL || out == NULL || (name != NULL && SSL_set_tlsext_host_name(ssl, name) != 1)) {
        SSL_free(ssl);
        BIO_free(in);
        BIO_free(out);
        return NULL;
    }
    SSL_set_bio(ssl, in, out); /* OWNS: ssl */
    SSL_set_connect_state(ssl);
    return ssl;
}
