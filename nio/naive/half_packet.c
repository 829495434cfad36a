/* half_packet.c - a naive twin of nio_server.c with --protocol ws: it takes the bytes of one recv for one whole packet.
 *
 * TCP is a stream. It keeps the bytes and their order, not the borders between the sends that they came from: a packet
 * may come in halves (半包), and two may come together in one recv (粘包). On one machine, with short messages and a
 * patient client, one send is mostly one recv, and the mistake does not show.
 *
 * Fails   an upgrade request in two segments is refused; of two messages in one segment only the first is answered.
 * Fixed   common/websocket.c: any split of the same bytes gives the same events. */
#include "http_head.h"
#include "listener.h"
#include "signals.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READY_MAX = 64 };

static void selector_register(int epoll, int fd) {
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN, {.fd = fd}});
}

/* The mistake: `bytes` are the whole request. */
static size_t answer_handshake(const uint8_t *bytes, size_t count, char *reply, size_t size) {
    const uint8_t *key;
    char accept[WEBSOCKET_ACCEPT_LENGTH + 1];
    if (http_head_check_request(bytes, count, &key) != 101 || !websocket_accept_key((const char *)key, accept))
        return (size_t)snprintf(reply, size, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    return (size_t)snprintf(reply, size,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        "%s\r\n\r\n",
        accept);
}

/* The mistake again: `bytes` are exactly one frame. Payloads of up to 125 bytes only, to keep this short. */
static size_t answer_frame(uint8_t *bytes, size_t count, char *reply) {
    size_t length = count > 6 ? bytes[1] & 0x7F : 0;
    if (length > 125 || count < 6 + length)
        return 0;
    websocket_mask(bytes + 6, length, bytes + 2);
    reply[0] = (char)bytes[0];
    reply[1] = (char)length;
    memcpy(reply + 2, bytes + 6, length);
    return 2 + length;
}

static void conn_advance(int fd) {
    uint8_t bytes[4096];
    char reply[4096];
    ssize_t count = recv(fd, bytes, sizeof bytes, 0); /* COPY: */
    size_t answer = count <= 0                            ? 0
                    : bytes[0] == 'G' || bytes[0] == '\r' ? answer_handshake(bytes, (size_t)count, reply, sizeof reply)
                                                          : answer_frame(bytes, (size_t)count, reply);
    if (answer == 0 || send(fd, reply, answer, MSG_NOSIGNAL) < 0) /* COPY: */
        close(fd);
}

static void server_accept(int epoll, int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        selector_register(epoll, fd);
}

int main(int argc, char **argv) {
    struct epoll_event ready[READY_MAX];
    struct options options;
    int listener, epoll;
    options_parse(&options, argc, argv, "A naive server that takes a recv for a packet.", NULL, NULL);
    signals_end_process();
    listener = listener_open(&options);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    selector_register(epoll, listener);
    listener_announce(listener);
    for (;;) {
        int count = epoll_wait(epoll, ready, READY_MAX, -1); /* WAIT: */
        for (int i = 0; i < count; i++) {
            if (ready[i].data.fd == listener)
                server_accept(epoll, listener);
            else
                conn_advance(ready[i].data.fd);
        }
    }
}
