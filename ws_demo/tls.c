/* tls.c - see tls.h: options, set-up, SIGHUP. */
#include "tls.h"
#include "bad_connection.h"
#include "tls_certificate.h"
#include "tls_filter.h"
#include "tls_turns.h"
#include <errno.h>
#include <error.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static struct tls_source source;
static bool self_signed;
static char fingerprint[TLS_FINGERPRINT_SIZE]; /* of the certificate that new connections get */
static ev_signal hang_up;

static error_t parse_option(int key, char *value, struct argp_state *state) {
    (void)state;
    switch (key) {
    case 'c': source.certificate = value; return 0;
    case 'k': source.key = value; return 0;
    case 's': self_signed = true; return 0;
    case 'K': source.ktls = true; return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option arguments[] = {
    {"certificate", 'c', "FILE", 0, "https and wss, with the certificate (and its chain) in this file, in PEM form", 0},
    {"key", 'k', "FILE", 0, "The key of --certificate; SIGHUP has both files read again", 0},
    {"self-signed", 's', NULL, 0, "https and wss, with a certificate made now, which browsers warn of", 0},
    {"ktls", 'K', NULL, 0, "Let the kernel encrypt what is sent, where it can", 0}, {0}};
const struct argp tls_options = {arguments, parse_option, NULL, NULL, NULL, NULL, NULL};

bool tls_is_on(void) {
    return self_signed || source.certificate || source.key;
}

/* The kernel answers before it looks whether the socket is connected. */
static bool kernel_can_encrypt(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool can = setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof "tls") == 0 || errno == ENOTCONN;
    close(fd);
    return can;
}

static void check_options(void) {
    if (source.ktls && !tls_is_on())
        error(EXIT_SETUP, 0, "--ktls is a way of doing TLS: give --certificate and --key, or --self-signed, too");
    if (self_signed && (source.certificate || source.key))
        error(EXIT_SETUP, 0, "--self-signed makes a certificate, --certificate and --key name one: give either");
    if (!source.certificate != !source.key)
        error(EXIT_SETUP, 0, "--certificate and --key belong together: give both");
    if (source.ktls && !kernel_can_encrypt()) {
        fprintf(stderr, "%s: --ktls: this kernel has no TLS (CONFIG_TLS, module tls): OpenSSL encrypts\n",
            program_invocation_short_name);
        source.ktls = false;
    }
}

/* Reads, or makes, the certificate for new connections. False, and the old one stays: `why` is one line. */
static bool use_source(char why[TLS_WHY_SIZE]) {
    SSL_CTX *context = tls_context(&source, why); /* WAIT: for the files; all clients wait meanwhile */
    if (!context)
        return false;
    tls_fingerprint(context, fingerprint);
    tls_filter_use(context);
    return true;
}

static void on_hang_up(struct ev_loop *loop, ev_signal *signal, int events) {
    char why[TLS_WHY_SIZE];
    (void)loop, (void)signal, (void)events;
    if (use_source(why))
        server_trouble_log("SIGHUP: new connections get the certificate with SHA-256", fingerprint);
    else
        server_trouble_log("SIGHUP: the certificate stays as it was", why);
}

void tls_open(struct framework *f) {
    char why[TLS_WHY_SIZE];
    check_options();
    if (!tls_is_on())
        return;
    if (!use_source(why))
        error(EXIT_SETUP, 0, "%s", why);
    f->filter = &filter_tls;
    f->door.silent = true;
    tls_turns_open(f->loop);
    if (self_signed)
        return; /* there is no file to read again: SIGHUP ends the server, as without TLS */
    ev_signal_init(&hang_up, on_hang_up, SIGHUP);
    ev_signal_start(f->loop, &hang_up);
}

void tls_announce(void) {
    if (!tls_is_on())
        return;
    if (printf("certificate with SHA-256 %s\n", fingerprint) < 0 || fflush(stdout) != 0)
        error(EXIT_SETUP, errno, "cannot say on stdout which certificate it has");
}

const char *tls_notes(void) {
    static char text[120];
    const struct tls_counts *counts = tls_filter_counts();
    if (!tls_is_on())
        return NULL;
    snprintf(text, sizeof text, "TLS: %llu handshakes, %llu of them resumed, %llu with kTLS",
        (unsigned long long)counts->handshakes, (unsigned long long)counts->resumed,
        (unsigned long long)counts->in_kernel);
    return text;
}

void tls_close(void) {
    tls_filter_use(NULL);
}
