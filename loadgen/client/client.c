/* client.c - the life of a connection: connect, succeed or fail, time out, finish. */
#include "client/client.h"
#include "meaning/payload.h"
#include "worker/worker.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

/* LIMIT: how long the server's FIN is awaited when all is done. */
enum { CLOSING_MAX_MS = 1000 };

void client_init(struct client *c, struct worker *worker, uint32_t id, uint64_t *sent_at, uint8_t *send_buffer) {
    *c = (struct client){.worker = worker,
        .fd = -1,
        .id = id,
        .payload_base = payload_base(id),
        .sent_at = sent_at,
        .send_buffer = send_buffer,
        .state = CLIENT_WAITING};
}

static bool is_websocket(const struct client *c) {
    return c->worker->run->options->protocol == PROTOCOL_WS;
}

static bool is_open(const struct client *c) {
    return c->state < CLIENT_DONE;
}

/* --reconnect: a connection has ended well, and the window has not. */
static bool comes_again(const struct client *c) {
    const struct run *run = c->worker->run;

    return run->options->reconnect && c->state == CLIENT_CLOSING && !c->refused && !c->worker->draining &&
           clock_now() < atomic_load_explicit(&run->window_end, memory_order_relaxed);
}

static void client_end(struct client *c, enum client_state state) {
    if (state == CLIENT_DONE && comes_again(c))
        state = CLIENT_WAITING;
    c->state = (uint8_t)state;
    if (c->fd >= 0) {
        transport_of(c)->drop(c);
        websocket_close(&c->websocket);
        free(c->control);
        c->control = NULL;
    }
    if (state == CLIENT_WAITING) {
        worker_client_returns(c->worker, c);
        return;
    }
    if (c->verified == 0) /* else client_answered is about to say so, or has */
        worker_client_greeted(c->worker);
    worker_client_ended(c->worker);
}

void client_return(struct client *c, uint64_t again_at) {
    c->again_at = again_at;
    client_end(c, CLIENT_WAITING);
}

/* It is known now whether it has a connection; of each client only the first is awaited. */
static void client_settled(struct client *c) {
    if (!c->returned)
        worker_client_settled(c->worker);
}

void client_fail(struct client *c, enum failure failure, int error) {
    struct tally *tally = &c->worker->tally;
    bool settled = c->state > CLIENT_CONNECTING;

    if (client_tries_again(c, failure))
        return;
    tally->failures[failure]++;
    if (error != 0)
        tally->errors[failure] = error;
    client_end(c, CLIENT_FAILED);
    if (!settled)
        client_settled(c);
}

/* Did a single byte of service come back? Of one that is away: since then. */
static bool was_heard(const struct client *c) {
    if (is_websocket(c))
        return c->state > CLIENT_UPGRADING;
    return (c->answered > 0 && !c->away) || c->receive_offset > 0;
}

void client_broken(struct client *c, int error) {
    if (error == 0)
        error = c->error;
    if (c->state == CLIENT_CLOSING)
        client_end(c, CLIENT_DONE); /* all was answered, or it has failed; how the server hangs up is its own affair */
    else if (!was_heard(c))
        client_fail(c, FAILURE_CONNECT_RESET, error);
    else if (error == 0)
        client_fail(c, FAILURE_EOF_MID_RUN, 0);
    else
        client_fail(c, FAILURE_RESET_MID_RUN, error);
}

/* Takes the next of the local addresses asked for. The port is left to connect(), which may then use it towards
 * several servers at once. */
static int bind_source(const struct client *c, int fd) {
    const struct run *run = c->worker->run;
    const struct sockaddr_storage *source;

    if (run->source_count == 0)
        return 0;
    source = &run->sources[c->id % run->source_count];
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
    return bind(fd, (const struct sockaddr *)source, run->address_size);
}

void client_connect(struct client *c, uint64_t now) {
    const struct run *run = c->worker->run;
    int fd = socket(run->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

    c->returned = c->connecting_at > 0;
    c->connecting_at = now;
    c->connected_with = c->issued;
    c->receive_offset = 0;
    c->blocked = false;
    c->error = 0;
    c->state = CLIENT_CONNECTING;
    c->since = now;
    if (fd < 0) {
        client_fail(c, FAILURE_CLIENT_LIMIT, errno);
        return;
    }
    websocket_open(&c->websocket, WEBSOCKET_CLIENT, &run->limits, c->accept_expected);
    c->fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (bind_source(c, fd) < 0)
        client_fail(c, FAILURE_CLIENT_LIMIT, errno);
    else if (connect(fd, (const struct sockaddr *)&run->address, run->address_size) < 0 && errno != EINPROGRESS)
        client_fail(c, failure_of_connect(errno), errno);
    else
        transport_of(c)->await_connection(c);
}

void client_connected(struct client *c) {
    int error = 0;

    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
    if (error != 0) {
        client_fail(c, failure_of_connect(error), error);
        return;
    }
    c->worker->tally.connected += !c->returned;
    c->worker->chaos.connections += c->away;
    transport_of(c)->start_receiving(c);
    c->since = clock_now();
    if (c->worker->run->options->protocol == PROTOCOL_ECHO) {
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
    uint64_t timeout = c->worker->run->timeout_ns;

    if (c->state == CLIENT_CONNECTING && now - c->since > timeout)
        client_fail(c, FAILURE_CONNECT_TIMEOUT, 0);
    else if (c->state == CLIENT_UPGRADING && now - c->since > timeout)
        client_fail(c, FAILURE_HANDSHAKE_TIMEOUT, 0);
    else if (c->state == CLIENT_SERVING && c->issued > c->answered &&
             now - c->sent_at[c->answered & c->worker->run->ring_mask] > timeout)
        client_fail(c, c->answered == 0 ? FAILURE_STARVED : FAILURE_REPLY_TIMEOUT, 0);
    else if (c->state == CLIENT_CLOSING && now - c->since > CLOSING_MAX_MS * NS_PER_MS)
        client_end(c, CLIENT_DONE);
}

bool client_is_idle(const struct client *c) {
    return c->id >= c->worker->run->options->active;
}

/* Was it asked something before the window began, and had the whole window to be answered in? */
static bool had_its_chance(const struct client *c) {
    const struct run *run = c->worker->run;
    uint64_t start = atomic_load(&run->window_start);

    return start <= atomic_load(&run->window_end) && c->sent_at[0] < start;
}

/* The window ended while it had no connection to send messages over. */
static void finish_unconnected(struct client *c) {
    if (c->issued > c->answered)
        return; /* a flash: it may still come back for its answers */
    if (c->answered == 0 && (c->state == CLIENT_UPGRADING || c->away))
        client_fail(c, FAILURE_STARVED, 0);
    else
        client_end(c, CLIENT_DONE); /* it has been served before; or the run was ended early, while connecting */
}

void client_finish(struct client *c) {
    uint64_t begun = c->sending + (c->send_offset > 0);

    if (c->state < CLIENT_SERVING) {
        finish_unconnected(c);
    } else if (c->state == CLIENT_SERVING) {
        /* What was issued but has not begun to leave, now or before, is not in flight: the socket was full. */
        c->issued = begun > c->asked_before ? begun : c->asked_before;
        if (c->issued == c->answered)
            client_close(c);
        else if (c->answered == 0 && had_its_chance(c))
            client_fail(c, FAILURE_STARVED, 0); /* not worth waiting for */
    }
}

static void client_await_end(struct client *c) {
    c->state = CLIENT_CLOSING;
    c->since = clock_now();
}

/* The last that is sent: behind a message half sent, before those not begun. RFC 6455 section 7.1.1: close frames are
 * exchanged, then the server closes TCP first. */
static void client_send_close(struct client *c, uint16_t code) {
    uint8_t payload[] = {(uint8_t)(code >> 8), (uint8_t)code};

    c->issued = c->sending + (c->send_offset > 0);
    client_control(c, WEBSOCKET_OPCODE_CLOSE, payload, code == WEBSOCKET_CLOSE_NO_STATUS ? 0 : sizeof payload);
    client_send(c);
}

void client_close(struct client *c) {
    client_await_end(c);
    if (is_websocket(c))
        client_send_close(c, WEBSOCKET_CLOSE_NORMAL);
    else
        shutdown(c->fd, SHUT_WR);
}

void client_refuse(struct client *c, uint16_t code) {
    struct tally *tally = &c->worker->tally;

    tally->close_code = code;
    if (c->state == CLIENT_CLOSING) { /* our close frame has been sent */
        client_fail(c, FAILURE_PROTOCOL_ERROR, 0);
        return;
    }
    tally->failures[FAILURE_PROTOCOL_ERROR]++;
    c->refused = true;
    client_await_end(c);
    client_send_close(c, code);
}

void client_abandon(struct client *c, uint64_t now) {
    struct tally *tally = &c->worker->tally;
    uint64_t age;

    if (c->state == CLIENT_CLOSING || !is_open(c))
        return;
    if (c->issued > c->answered && c->answered == 0) {
        client_fail(c, FAILURE_STARVED, 0);
        return;
    }
    if (c->issued > c->answered) {
        age = now - c->sent_at[c->answered & c->worker->run->ring_mask];
        tally->unfinished += c->issued - c->answered;
        if (age > tally->unfinished_oldest_ns)
            tally->unfinished_oldest_ns = age;
    }
    client_end(c, CLIENT_DONE);
}
