/* tls_certificate.c - see tls_certificate.h. */
#include "tls_certificate.h"
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

enum { VALID_DAYS = 90, NAMES_MAX = 1024, DAY_S = 24 * 60 * 60 };

/* Of TLS 1.2 only what RFC 9325 section 4.2 recommends: a key exchange with forward secrecy, and AEAD. TLS 1.3 has
 * nothing else. */
static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

/* ---- what has failed, in words ---- */

/* Why the last call of OpenSSL has failed: the first error that it noted. */
static const char *reason(void) {
    unsigned long code = ERR_peek_error();
    const char *text = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) : ERR_reason_error_string(code);
    return text ? text : "OpenSSL does not say why";
}

static SSL_CTX *failed(SSL_CTX *context, char why[TLS_WHY_SIZE], const char *what, const char *advice) {
    snprintf(why, TLS_WHY_SIZE, "%.200s: %s; %s", what, reason(), advice);
    SSL_CTX_free(context);
    return NULL;
}

/* A key with a password would make OpenSSL ask on the terminal, and wait. */
static int no_password(char *password, int size, int writing, void *data) {
    (void)password, (void)size, (void)writing, (void)data;
    return -1;
}

/* ---- --self-signed ---- */

/* For whom the certificate is: localhost, and each IPv4 address of this machine. */
static bool own_names(char names[NAMES_MAX]) {
    struct ifaddrs *all;
    size_t used = (size_t)snprintf(names, NAMES_MAX, "DNS:localhost");
    if (getifaddrs(&all) != 0)
        return false;
    for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
        char address[INET_ADDRSTRLEN];
        if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET || used + sizeof ",IP:" + sizeof address > NAMES_MAX)
            continue; /* LIMIT: what fits into NAMES_MAX bytes, some 50 addresses */
        inet_ntop(AF_INET, &((struct sockaddr_in *)one->ifa_addr)->sin_addr, address, sizeof address);
        used += (size_t)snprintf(names + used, NAMES_MAX - used, ",IP:%s", address);
    }
    freeifaddrs(all);
    return true;
}

static bool add_extension(X509 *certificate, int which, const char *value) {
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, which, value);
    bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

/* RFC 5280 section 4.1: a number of its own, so that a browser does not take the next one for the same. */
static bool set_serial(X509 *certificate) {
    uint64_t number;
    return RAND_bytes((unsigned char *)&number, sizeof number) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number >> 1) == 1;
}

/* Valid from yesterday: the clock of a phone may be behind. */
static bool fill_in(X509 *certificate, EVP_PKEY *key) {
    char names[NAMES_MAX];
    X509_NAME *name = X509_get_subject_name(certificate);
    return own_names(names) && X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY_S) &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_DAYS * DAY_S) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"ws_demo", -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           add_extension(certificate, NID_subject_alt_name, names) && X509_sign(certificate, key, EVP_sha256()) > 0;
}

/* A new key on the curve P-256, and a certificate for it. Both are in memory only. */
static bool use_self_signed(SSL_CTX *context) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    bool used = key && certificate && fill_in(certificate, key) && SSL_CTX_use_certificate(context, certificate) == 1 &&
                SSL_CTX_use_PrivateKey(context, key) == 1;
    X509_free(certificate);
    EVP_PKEY_free(key);
    return used;
}

/* ---- the rules ---- */

/* Never a session in memory: a client that comes again brings it in its ticket (RFC 8446 section 2.2). An idle
 * connection has no buffers. A record that is no data ends SSL_read, unless more was read with it: tls_filter.c bounds
 * that. */
static bool set_rules(SSL_CTX *context, bool ktls) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA | (ktls ? SSL_OP_ENABLE_KTLS : 0));
    SSL_CTX_set_mode(
        context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_read_ahead(context, 1); /* one recv for the head of a record and the rest */
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(context, no_password);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, ciphers) == 1;
}

SSL_CTX *tls_context(const struct tls_source *source, char why[TLS_WHY_SIZE]) {
    char what[TLS_WHY_SIZE];
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    ERR_clear_error();
    if (!context || !set_rules(context, source->ktls))
        return failed(context, why, "OpenSSL offers no TLS 1.2 with AEAD ciphers", "see the system's openssl.cnf");
    if (!source->certificate) {
        if (use_self_signed(context))
            return context;
        return failed(context, why, "--self-signed: no certificate can be made", "give --certificate and --key");
    }
    snprintf(what, sizeof what, "--certificate '%.180s'", source->certificate);
    if (SSL_CTX_use_certificate_chain_file(context, source->certificate) != 1)
        return failed(context, why, what, "name a file in PEM form: the certificate, and then its chain");
    snprintf(what, sizeof what, "--key '%.180s'", source->key);
    /* The second: a key of another algorithm than the certificate's is taken, and has no certificate. */
    if (SSL_CTX_use_PrivateKey_file(context, source->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return failed(context, why, what, "name the certificate's key, in PEM form and without a password");
    return context;
}

void tls_fingerprint(SSL_CTX *context, char text[TLS_FINGERPRINT_SIZE]) {
    unsigned char digest[32] = {0};
    X509_digest(SSL_CTX_get0_certificate(context), EVP_sha256(), digest, NULL);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(text + 3 * i, 4, "%02X%s", digest[i], i + 1 < sizeof digest ? ":" : "");
}
