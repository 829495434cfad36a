#include "crowd.h"
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* LIMIT: what the server allows one address (ws_demo/guests.c): 200 members, 200 joins at once, 40 messages a second.
 * So 100 visitors share an address, and each speaker has its own. */
enum { VISITORS_PER_ADDRESS = 100, ADDRESSES_PER_NET = 250, WORDS_SIZE = 64 };

/* As the page's js/connection.js: a random time up to this, then up to twice as much, and so on, before the next
 * attempt. */
static const ev_tstamp backoff_s = 0.5, backoff_max_s = 8, say_again_s = 0.1;

static const char handshake_key[] = "dGhlIHNhbXBsZSBub25jZQ==", accept_key[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

struct visitor {
    struct crowd *crowd;
    unsigned number, node, attempt;
    ev_io io;
    ev_timer again; /* joins again; or a speaker says something */
    struct websocket websocket;
    bool is_connected, is_in, was_in, is_speaker;
    char epoch[17];
    int64_t last, from_history; /* the last number heard; up to which number messages come from the history */
    int64_t before;             /* the last number before it came for the first time */
    uint64_t gone_ns;           /* when its connection went; 0: it is back */
    uint32_t saying;            /* on its way; UINT32_MAX: none */
    uint64_t due_ns;            /* of that, or of the next one */
};

static const struct limits limits = {
    .message_max = 64 * 1024, .head_max = 8 * 1024, .fragments_max = 1000, .pending_max = 256 * 1024};

static void join_later(struct visitor *v);

/* ---- saying ---- */

static void send_frame(struct visitor *v, enum websocket_opcode opcode, const void *payload, size_t length) {
    static const uint8_t mask[4] = {0};
    uint8_t frame[WEBSOCKET_HEADER_MAX + 512];
    size_t header = websocket_frame_header(frame, opcode, true, length, mask);
    if (length > 512)
        return;
    memcpy(frame + header, payload, length); /* a mask of zeros changes nothing */
    if (send(v->io.fd, frame, header + length, MSG_NOSIGNAL) != (ssize_t)(header + length))
        shutdown(v->io.fd, SHUT_RDWR); /* it takes not even this: a new connection */
}

static void say(struct visitor *v) {
    char text[200];
    int length = snprintf(
        text, sizeof text, "{\"type\":\"say\",\"id\":\"%" PRIu32 "\",\"text\":\"%" PRIu32 "\"}", v->saying, v->saying);
    send_frame(v, WEBSOCKET_TEXT, text, (size_t)length);
}

static void wait_s(struct visitor *v, ev_tstamp s) {
    ev_timer_stop(v->crowd->loop, &v->again);
    ev_timer_set(&v->again, s > 0 ? s : 0, 0);
    ev_timer_start(v->crowd->loop, &v->again);
}

/* The next message of a speaker, now or when it is due. */
static void go_on(struct visitor *v) {
    struct crowd *crowd = v->crowd;
    uint64_t now = now_ns();
    if (!v->is_speaker || !v->is_in)
        return;
    if (v->saying == UINT32_MAX && !crowd->is_talking)
        return;
    if (v->saying == UINT32_MAX) {
        if (crowd->rate == 0)
            v->due_ns = now;
        if (v->due_ns > now) {
            wait_s(v, (double)(v->due_ns - now) / 1e9);
            return;
        }
        v->saying = account_say(crowd, v->due_ns);
        if (crowd->rate > 0)
            v->due_ns += (uint64_t)(1e9 * crowd->speakers_count / crowd->rate);
    }
    if (v->saying != UINT32_MAX)
        say(v);
}

void visitor_talk(struct visitor *visitors, unsigned number) {
    struct visitor *v = &visitors[number];
    double share =
        v->crowd->rate > 0 ? v->crowd->speakers_count / v->crowd->rate * number / v->crowd->speakers_count : 0;
    v->due_ns = now_ns() + (uint64_t)(share * 1e9);
    go_on(v);
}

/* ---- hearing ---- */

static const char *value_of(const char *text, const char *name) {
    const char *at = strstr(text, name);
    return at ? at + strlen(name) : NULL;
}

static int64_t number_of(const char *text, const char *name) {
    const char *at = value_of(text, name);
    return at ? strtoll(at, NULL, 10) : -1;
}

static void is_back(struct visitor *v) {
    if (v->gone_ns == 0 || v->last < v->from_history)
        return;
    histogram_record(&v->crowd->account.back, now_ns() - v->gone_ns);
    v->gone_ns = 0;
}

static void take_hello(struct visitor *v, const char *text) {
    const char *epoch = value_of(text, "\"epoch\":\"");
    char now[17] = "";
    if (epoch)
        snprintf(now, sizeof now, "%.16s", epoch);
    if (strcmp(now, v->epoch) != 0 && v->was_in) {
        v->crowd->account.epochs++;
        v->last = 0;
    }
    strcpy(v->epoch, now);
    v->from_history = number_of(text, "\"last\":");
    v->crowd->account.lost += v->was_in ? (uint64_t)number_of(text, "\"lost\":") : 0;
    if (!v->was_in) /* what was said before it came is none of its business */
        v->last = v->before = v->from_history;
    v->crowd->joined += !v->was_in;
    v->is_in = v->was_in = true;
    v->attempt = 0;
    is_back(v);
    go_on(v);
}

static void take_message(struct visitor *v, const char *text) {
    int64_t seq = number_of(text, "\"seq\":");
    uint32_t number = (uint32_t)number_of(text, "\"text\":\"");
    bool is_own = strstr(text, "\"id\":\"") != NULL;
    if (seq <= v->last && !is_own)
        v->crowd->account.doubled += seq > v->before;
    if (seq > v->last + 1)
        v->crowd->account.lost += (uint64_t)(seq - v->last - 1);
    if (seq > v->last) {
        v->last = seq;
        account_hear(v->crowd, number, seq > v->from_history);
        is_back(v);
    }
    if (is_own && number == v->saying) {
        v->saying = UINT32_MAX;
        go_on(v);
    }
}

/* The server's own JSON: its fields come in a fixed order (ws_demo/rooms.c). */
static void take(struct visitor *v, const char *text) {
    static const char type[] = "{\"type\":\"";
    if (strncmp(text, type, strlen(type)) != 0)
        return;
    const char *kind = text + strlen(type);
    if (strncmp(kind, "message\"", 8) == 0) {
        take_message(v, text);
    } else if (strncmp(kind, "hello\"", 6) == 0) {
        take_hello(v, text);
    } else if (strncmp(kind, "lost\"", 5) == 0) {
        v->crowd->account.told_lost += (uint64_t)number_of(text, "\"count\":");
    } else if (strncmp(kind, "refused\"", 8) == 0) {
        v->crowd->account.refused++;
        v->crowd->account.away += strstr(text, "\"away\"") != NULL;
        if (v->is_in)
            wait_s(v, say_again_s);
    }
}

/* True: the connection goes on. */
static bool take_event(struct visitor *v, struct websocket_event *event) {
    char text[4096];
    switch (event->type) {
    case WEBSOCKET_MESSAGE:
        snprintf(text, sizeof text, "%.*s", (int)event->length, (const char *)event->payload);
        take(v, text);
        return true;
    case WEBSOCKET_PING: send_frame(v, WEBSOCKET_OPCODE_PONG, event->payload, event->length); return true;
    case WEBSOCKET_CLOSE:
    case WEBSOCKET_ERROR: return false;
    default: return true;
    }
}

/* ---- the connection ---- */

static void hang_up(struct visitor *v) {
    struct crowd *crowd = v->crowd;
    if (v->is_in && v->gone_ns == 0) {
        v->gone_ns = now_ns();
        crowd->account.breaks++;
    }
    ev_io_stop(crowd->loop, &v->io);
    close(v->io.fd);
    websocket_close(&v->websocket);
    v->is_connected = v->is_in = false;
    join_later(v);
}

static void greet(struct visitor *v) {
    char request[512];
    int length = snprintf(request, sizeof request,
        "GET /room?room=%s&key=%032x&epoch=%s&after=%" PRId64 " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n",
        v->crowd->room, v->number + 1, v->epoch, v->was_in ? v->last : 0, handshake_key);
    v->is_connected = true;
    if (send(v->io.fd, request, (size_t)length, MSG_NOSIGNAL) != length)
        shutdown(v->io.fd, SHUT_RDWR);
    ev_io_stop(v->crowd->loop, &v->io);
    ev_io_set(&v->io, v->io.fd, EV_READ);
    ev_io_start(v->crowd->loop, &v->io);
}

static void ready(struct ev_loop *loop, ev_io *io, int events) {
    struct visitor *v = io->data;
    uint8_t buffer[16 * 1024], *bytes = buffer;
    struct websocket_event event;
    (void)loop, (void)events;
    if (!v->is_connected) {
        int failed = 0;
        getsockopt(io->fd, SOL_SOCKET, SO_ERROR, &failed, &(socklen_t){sizeof failed});
        if (failed)
            hang_up(v);
        else
            greet(v);
        return;
    }
    ssize_t count = recv(io->fd, buffer, sizeof buffer, 0);
    if (count < 0 && errno == EAGAIN)
        return;
    bool goes_on = count > 0;
    while (goes_on) {
        size_t used = websocket_receive(&v->websocket, bytes, (size_t)count, &event);
        bytes += used;
        count -= (ssize_t)used;
        if (event.type == WEBSOCKET_NEED_MORE)
            return;
        goes_on = take_event(v, &event);
    }
    hang_up(v);
}

static struct sockaddr_in source_of(const struct visitor *v) {
    unsigned net = v->is_speaker ? 100 : 1;
    unsigned host = v->is_speaker ? v->number : v->number / VISITORS_PER_ADDRESS;
    uint32_t address = 127u << 24 | (net + host / ADDRESSES_PER_NET / ADDRESSES_PER_NET) << 16 |
                       (host / ADDRESSES_PER_NET % ADDRESSES_PER_NET) << 8 | (host % ADDRESSES_PER_NET + 1);
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
}

static void join(struct visitor *v) {
    struct crowd *crowd = v->crowd;
    struct sockaddr_in source = source_of(v);
    struct sockaddr_in node = {.sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((uint16_t)crowd->nodes[v->node % crowd->nodes_count])};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        join_later(v);
        return;
    }
    setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    bind(fd, (struct sockaddr *)&source, sizeof source);
    websocket_open(&v->websocket, WEBSOCKET_CLIENT, &limits, accept_key);
    ev_io_init(&v->io, ready, fd, EV_WRITE);
    v->io.data = v;
    ev_io_start(crowd->loop, &v->io);
    if (connect(fd, (struct sockaddr *)&node, sizeof node) != 0 && errno != EINPROGRESS)
        hang_up(v);
}

/* To the next node. */
static void join_later(struct visitor *v) {
    ev_tstamp most = backoff_s * (1u << (v->attempt < 4 ? v->attempt : 4));
    v->attempt++;
    v->node++;
    wait_s(v, (most < backoff_max_s ? most : backoff_max_s) * rand() / RAND_MAX);
}

static void again(struct ev_loop *loop, ev_timer *timer, int events) {
    struct visitor *v = timer->data;
    (void)loop, (void)events;
    if (v->is_in)
        go_on(v);
    else if (!ev_is_active(&v->io))
        join(v);
}

void visitor_join(struct visitor *visitors, unsigned number) {
    join(&visitors[number]);
}

struct visitor *visitors_open(struct crowd *crowd) {
    struct visitor *visitors = calloc(crowd->visitors_count, sizeof *visitors);
    for (unsigned i = 0; visitors && i < crowd->visitors_count; i++) {
        visitors[i] = (struct visitor){
            .crowd = crowd, .number = i, .node = i, .saying = UINT32_MAX, .is_speaker = i < crowd->speakers_count};
        ev_timer_init(&visitors[i].again, again, 0, 0);
        visitors[i].again.data = &visitors[i];
    }
    return visitors;
}

void visitors_close(struct visitor *visitors, const struct crowd *crowd) {
    for (unsigned i = 0; i < crowd->visitors_count; i++) {
        ev_timer_stop(crowd->loop, &visitors[i].again);
        if (!ev_is_active(&visitors[i].io))
            continue;
        ev_io_stop(crowd->loop, &visitors[i].io);
        close(visitors[i].io.fd);
        websocket_close(&visitors[i].websocket);
    }
    free(visitors);
}
