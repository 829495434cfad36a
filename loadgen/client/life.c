/* life.c - the life of a connection: connect, time out, finish. */
#include "client/client_parts.h"
#include "meaning/payload.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

/* LIMIT: milliseconds to wait for the server's FIN when all is done; then the client closes without it. */
enum { CLOSING_MAX_MS = 1000 };

void client_init(
    struct client *c, struct group *group, uint32_t id, uint64_t *sent_at, uint8_t *send_buffer, uint8_t *wire_buffer) {
    *c = (struct client){.group = group,
        .fd = -1,
        .id = id,
        .replies = {.payload_base = payload_base(id)},
        .sent = {sent_at, group->plan->ring_mask, 0},
        .send_buffer = send_buffer,
        .wire = send_buffer,
        .wire_buffer = wire_buffer,
        .state = CLIENT_WAITING};
}

/* Binds to the next of --source-ips: its clients have every place.count-th id, and take them in turn.
 * IP_BIND_ADDRESS_NO_PORT leaves the choice of the port to connect(), which may use one port for connections to several
 * servers. */
static int bind_source(const struct client *c, int fd) {
    const struct plan *plan = c->group->plan;
    const struct sockaddr_storage *source;

    if (plan->source_count == 0)
        return 0;
    source = &plan->sources[c->id / plan->options->place.count % plan->source_count];
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
    return bind(fd, (const struct sockaddr *)source, plan->address_size);
}

void client_connect(struct client *c, uint64_t now) {
    const struct plan *plan = c->group->plan;
    int fd = socket(plan->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

    c->returned = c->connecting_at > 0;
    c->connecting_at = now;
    c->connected_with = c->issued;
    c->replies.offset = 0;
    c->blocked = false;
    c->error = 0;
    c->state = CLIENT_CONNECTING;
    c->since = now;
    if (fd < 0) {
        client_fail(c, FAILURE_CLIENT_LIMIT, errno);
        return;
    }
    websocket_open(&c->replies.websocket, WEBSOCKET_CLIENT, &plan->limits, c->accept_expected);
    c->fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (bind_source(c, fd) < 0)
        client_fail(c, FAILURE_CLIENT_LIMIT, errno);
    else if (connect(fd, (const struct sockaddr *)&plan->address, plan->address_size) < 0 && errno != EINPROGRESS)
        client_fail(c, failure_of_connect(errno), errno);
    else
        c->group->transport->await_connection(c);
}

void client_connected(struct client *c) {
    int error = 0;

    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
    if (error != 0) {
        client_fail(c, failure_of_connect(error), error);
        return;
    }
    c->group->tally.connected += !c->returned;
    c->group->flash.connections += c->away;
    c->group->filter->start_receiving(c);
    c->since = clock_now();
    if (!client_is_websocket(c)) {
        client_serve(c);
    } else {
        c->state = CLIENT_UPGRADING;
        if (!client_upgrade(c)) {
            client_fail(c, FAILURE_CLIENT_LIMIT, ENOMEM);
            client_settled(c);
            return;
        }
    }
    client_settled(c);
    client_advance(c, c->since);
}

void client_sweep(struct client *c, uint64_t now) {
    uint64_t timeout = c->group->plan->timeout_ns;

    if (c->state == CLIENT_CONNECTING && now - c->since > timeout)
        client_fail(c, FAILURE_CONNECT_TIMEOUT, 0);
    else if (c->state == CLIENT_SECURING && now - c->since > timeout)
        client_fail(c, FAILURE_TLS, 0);
    else if (c->state == CLIENT_UPGRADING && now - c->since > timeout)
        client_fail(c, FAILURE_HANDSHAKE_TIMEOUT, 0);
    else if (c->state == CLIENT_SERVING && c->issued > c->answered &&
             now - c->sent.at[c->answered & c->sent.mask] > timeout)
        client_fail(c, c->answered == 0 ? FAILURE_STARVED : FAILURE_REPLY_TIMEOUT, 0);
    else if (c->state == CLIENT_CLOSING && now - c->since > CLOSING_MAX_MS * NS_PER_MS)
        client_end(c, CLIENT_DONE);
}

/* Was its first message sent before the window began, so that the server had the whole window to answer it? */
static bool had_its_chance(const struct client *c) {
    const struct schedule *s = c->group->schedule;
    uint64_t start = atomic_load(&s->window_start);

    return start <= atomic_load(&s->window_end) && c->sent.at[0] < start;
}

/* The window ended while it had no connection to send messages over. */
static void finish_unconnected(struct client *c) {
    if (c->issued > c->answered)
        return; /* a flash: it may still reconnect and get its answers */
    if (c->answered == 0 && (c->state > CLIENT_CONNECTING || c->away))
        client_fail(c, FAILURE_STARVED, 0);
    else
        client_end(c, CLIENT_DONE); /* it has been served before; or the run was ended early, while connecting */
}

void client_finish(struct client *c) {
    uint64_t begun = client_begun(c);

    if (c->state < CLIENT_SERVING) {
        finish_unconnected(c);
    } else if (c->state == CLIENT_SERVING) {
        /* A message of which no byte was ever sent is not in flight: the socket was full. */
        c->issued = begun > c->asked_before ? begun : c->asked_before;
        if (c->issued == c->answered)
            client_close(c);
        else if (c->answered == 0 && had_its_chance(c))
            client_fail(c, FAILURE_STARVED, 0); /* not worth waiting for */
    }
}

void client_count_unfinished(struct client *c, uint64_t now) {
    struct tally *tally = &c->group->tally;
    uint64_t age;

    if (c->issued == c->answered)
        return;
    age = now - c->sent.at[c->answered & c->sent.mask];
    tally->unfinished += c->issued - c->answered;
    if (age > tally->unfinished_oldest_ns)
        tally->unfinished_oldest_ns = age;
}

void client_abandon(struct client *c, uint64_t now) {
    if (c->state == CLIENT_CLOSING || c->state >= CLIENT_DONE)
        return;
    if (c->issued > c->answered && c->answered == 0) {
        client_fail(c, FAILURE_STARVED, 0);
        return;
    }
    client_count_unfinished(c, now);
    client_end(c, CLIENT_DONE);
}
