/* new_keys.c - a TLS client that asks for nothing but new keys (KeyUpdate, RFC 8446 section 4.6.3).
 *
 *     new_keys PORT COUNT
 *
 * It makes so many before it sends the first: so they come faster than a server can read them. Prints "sending", and
 * ends when all have been taken, or when the server has cut it off. */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    struct sockaddr_in place = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1])), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    signal(SIGPIPE, SIG_IGN);
    if (connect(fd, (struct sockaddr *)&place, sizeof place) != 0 || SSL_set_fd(ssl, fd) != 1 || SSL_connect(ssl) != 1)
        return 2;
    BIO *made = BIO_new(BIO_s_mem());
    SSL_set0_wbio(ssl, made);
    for (int i = 0; i < atoi(argv[2]); i++)
        if (SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) != 1 || SSL_do_handshake(ssl) != 1)
            return 2;
    char *bytes;
    long count = BIO_get_mem_data(made, &bytes);
    puts("sending");
    fflush(stdout);
    while (count > 0) {
        ssize_t sent = write(fd, bytes, (size_t)count);
        if (sent <= 0)
            break;
        bytes += sent, count -= sent;
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
    return 0;
}
