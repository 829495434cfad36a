/* aftermath.c - see aftermath.h. The new client uses a blocking socket, and does one step after the other. */
#include "run/aftermath.h"
#include "client/plan.h"
#include "meaning/handshake.h"
#include "meaning/payload.h"
#include "run/process_sample.h"
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

enum {
    VISIT_SIZE = 16, /* payload bytes of its message */
    /* LIMIT: milliseconds for one attempt to connect; then a new one begins. If the server's accept queue is full, the
     * kernel sends the SYN again only after a second, and that second would be measured; a new attempt sends its SYN
     * immediately. */
    CONNECT_MS = 100,
};

struct visitor {
    int fd;
    uint64_t until; /* the deadline of all its waits */
    struct websocket websocket;
    uint8_t bytes[1024];
};

/* ---------------------------------------------------------------- the new client */

/* Sets the timeout `option` (SO_SNDTIMEO or SO_RCVTIMEO) to the time left until `until`. False: no time is left, or
 * setsockopt failed. */
static bool allow(int fd, int option, uint64_t until) {
    uint64_t now = clock_now(), left_us = until > now ? (until - now) / 1000 : 0;
    struct timeval left = {(time_t)(left_us / 1000000), (suseconds_t)(left_us % 1000000)};

    return left_us > 0 && setsockopt(fd, SOL_SOCKET, option, &left, sizeof left) == 0; /* 0 would mean: no timeout */
}

static bool visitor_connect(struct visitor *v, const struct plan *plan) {
    uint64_t soon = clock_now() + CONNECT_MS * NS_PER_MS;

    v->fd = socket(plan->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
    if (v->fd < 0)
        return false;
    setsockopt(v->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return allow(v->fd, SO_SNDTIMEO, soon < v->until ? soon : v->until) &&
           connect(v->fd, (const struct sockaddr *)&plan->address, plan->address_size) == 0; /* WAIT: */
}

/* Never waits: so few bytes always fit into the socket's buffer. */
static bool visitor_send(const struct visitor *v, const void *bytes, size_t count) {
    return send(v->fd, bytes, count, MSG_NOSIGNAL) == (ssize_t)count;
}

/* Receives up to `room` bytes into v->bytes. Returns 0 on FIN, on an error, or when `until` has passed. */
static size_t visitor_receive(struct visitor *v, size_t room) {
    ssize_t count = allow(v->fd, SO_RCVTIMEO, v->until) ? recv(v->fd, v->bytes, room, 0) : 0; /* WAIT: COPY: */

    return count > 0 ? (size_t)count : 0;
}

/* Echo: true if the payload comes back, in one piece or in several. */
static bool echo_comes(struct visitor *v, const uint8_t *payload) {
    size_t seen = 0, count;

    while (seen < VISIT_SIZE && (count = visitor_receive(v, VISIT_SIZE - seen)) > 0) {
        if (memcmp(v->bytes, payload + seen, count) != 0)
            return false;
        seen += count;
    }
    return seen == VISIT_SIZE;
}

/* WebSocket: waits for an event of type `wanted`. True if it comes, with the payload `payload` (NULL: any). */
static bool event_comes(struct visitor *v, enum websocket_event_type wanted, const uint8_t *payload) {
    struct websocket_event event;
    size_t count;

    while ((count = visitor_receive(v, sizeof v->bytes)) > 0) {
        uint8_t *bytes = v->bytes;
        do {
            size_t used = websocket_receive(&v->websocket, bytes, count, &event);
            bytes += used, count -= used;
            if (event.type == wanted)
                return payload == NULL ||
                       (event.length == VISIT_SIZE && memcmp(event.payload, payload, VISIT_SIZE) == 0);
            if (event.type == WEBSOCKET_CLOSE || event.type == WEBSOCKET_ERROR)
                return false;
        } while (event.type != WEBSOCKET_NEED_MORE);
    }
    return false;
}

static bool handshake(struct visitor *v, const struct plan *plan, char accept[WEBSOCKET_ACCEPT_LENGTH + 1]) {
    char request[HANDSHAKE_MAX];
    size_t count = handshake_request(request, plan->options, HANDSHAKE_SAMPLE_KEY);

    websocket_open(&v->websocket, WEBSOCKET_CLIENT, &plan->limits, accept);
    return websocket_accept_key(HANDSHAKE_SAMPLE_KEY, accept) && visitor_send(v, request, count) &&
           event_comes(v, WEBSOCKET_OPEN, NULL);
}

/* Closes in the orderly way, and waits for the server's FIN. */
static void visitor_leave(struct visitor *v, bool is_websocket) {
    static const uint8_t close_frame[] = {0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8}; /* code 1000, and a mask of zeros */

    if (is_websocket && visitor_send(v, close_frame, sizeof close_frame))
        event_comes(v, WEBSOCKET_CLOSE, NULL);
    shutdown(v->fd, SHUT_WR);
    while (visitor_receive(v, sizeof v->bytes) > 0)
        ;
}

/* Connects, sends one message and waits for the answer. Returns when it came; NEVER: it did not come until `until`. */
static uint64_t visit(const struct plan *plan, uint64_t until) {
    bool is_websocket = plan->options->protocol == PROTOCOL_WS, answered = false;
    char accept[WEBSOCKET_ACCEPT_LENGTH + 1];
    struct visitor v = {.fd = -1, .until = until};
    struct message_shape shape;
    uint8_t message[WEBSOCKET_HEADER_MAX + VISIT_SIZE], payload[VISIT_SIZE];
    uint64_t key = payload_base(plan->options->clients), at = NEVER;

    message_shape_init(&shape, plan->options->protocol, VISIT_SIZE, false);
    message_write(&shape, key, 0, message, sizeof message);
    payload_write(payload, VISIT_SIZE, key, 0, 0);
    if (visitor_connect(&v, plan) && (!is_websocket || handshake(&v, plan, accept)) &&
        visitor_send(&v, message, shape.wire_size))
        answered = is_websocket ? event_comes(&v, WEBSOCKET_MESSAGE, payload) : echo_comes(&v, payload);
    if (answered) {
        at = clock_now();
        visitor_leave(&v, is_websocket);
    }
    if (is_websocket)
        websocket_close(&v.websocket);
    if (v.fd >= 0)
        close(v.fd);
    return at;
}

/* ---------------------------------------------------------------- what the server has in use */

void aftermath_sample(const struct processes *server, struct holdings *h) {
    uint64_t descriptors, threads, kib;

    *h = (struct holdings){NAN, NAN, NAN};
    if (processes_descriptors(server, &descriptors) && processes_threads(server, &threads) &&
        processes_private_kib(server, &kib))
        *h = (struct holdings){(double)descriptors, (double)threads, (double)kib};
}

static void next_question(struct aftermath_watch *w) {
    w->until = clock_now() + AFTERMATH_LIMIT_S * NS_PER_S;
}

/* The first question: is a new client served? True when the answer is known: yes, or not within the limit. */
static bool look_served(struct aftermath_watch *w, struct aftermath *a, const struct plan *plan) {
    uint64_t at = visit(plan, w->until);

    if (at == NEVER && clock_now() < w->until)
        return false;
    if (at != NEVER)
        a->served_again_s = clock_to_seconds(at - w->ended);
    w->visited = true;
    next_question(w);
    return true;
}

/* The second question: are descriptors and threads back? True when the answer is known. */
static bool look_back(const struct aftermath_watch *w, struct aftermath *a, uint64_t descriptors, uint64_t threads) {
    uint64_t at = clock_now();
    bool back = (double)descriptors <= a->before.descriptors && (double)threads <= a->before.threads;

    if (back)
        a->back_s = clock_to_seconds(at - w->ended);
    return back || at >= w->until;
}

bool aftermath_look(struct aftermath_watch *w, struct aftermath *a, const struct plan *plan) {
    const struct processes *server = &plan->options->server;
    uint64_t descriptors, threads;

    if (w->ended == 0) {
        w->ended = clock_now();
        next_question(w);
    }
    if (!w->visited && !look_served(w, a, plan))
        return processes_descriptors(server, &descriptors); /* false: the server has ended */
    if (!processes_descriptors(server, &descriptors) || !processes_threads(server, &threads))
        return false;
    if (!look_back(w, a, descriptors, threads))
        return true;
    aftermath_sample(server, &a->after);
    return false;
}
