/* plain.c - the filter that is none: what the clients send is what the transport sends. */
#include "client/client.h"
#include "client/transport.h"
#include <sys/socket.h>

static void plain_start_receiving(struct client *c) {
    c->group->transport->start_receiving(c);
}

static void plain_send(struct client *c, size_t count) {
    c->group->transport->send(c, count);
}

static void plain_drop(struct client *c) {
    c->group->transport->drop(c);
}

static void plain_finish(struct client *c) {
    shutdown(c->fd, SHUT_WR);
}

const struct filter filter_plain = {
    .connected = client_connected,
    .received = client_received,
    .broken = client_broken,
    .fill = client_fill,
    .sent = client_sent,
    .writable = client_writable,
    .start_receiving = plain_start_receiving,
    .send = plain_send,
    .drop = plain_drop,
    .finish = plain_finish,
};
