/* live.c - see live.h. Read: on_host, which takes the host's packets; on_message, which takes the guests' words. */
#include "live.h"
#include "codec.h"
#include "forwarded.h"
#include "guests.h"
#include "json_text.h"
#include <errno.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WORD_SIZE = 65, TYPE_SIZE = 17 };

struct visitor {
    struct channel *channel;
    struct guest *key;
    uint32_t id;
    bool directs, behind;        /* `behind`: it was left out, and gets what is kept when its bytes are sent */
    char digest[GUEST_HEX_SIZE]; /* of its key: a secret of its page, which the host need not know */
    TAILQ_ENTRY(visitor) link;
};

struct kept {
    char type[TYPE_SIZE];
    struct frame *frame; /* OWNS; NULL: free */
};

static int host = -1;
static ev_io from_host;
static char token[WORD_SIZE];
static struct kept kept[LIVE_KEPT_MAX];
static TAILQ_HEAD(, visitor) visitors = TAILQ_HEAD_INITIALIZER(visitors);
static uint32_t visitors_count, last_id;

/* ---- to the host ---- */

/* False: the host does not take it now, or it is too long. */
static bool tell_host(const char *packet, size_t count) {
    return send(host, packet, count, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)count;
}

static void tell_count(void) {
    char packet[32];
    tell_host(packet, (size_t)snprintf(packet, sizeof packet, "guests %u", visitors_count));
}

/* ---- to the visitors ---- */

static struct kept *find_kept(const char *type) {
    struct kept *unused = NULL;
    for (int i = 0; i < LIVE_KEPT_MAX; i++)
        if (!kept[i].frame)
            unused = &kept[i];
        else if (strcmp(kept[i].type, type) == 0)
            return &kept[i];
    return unused;
}

static void send_kept(struct visitor *v) {
    for (int i = 0; i < LIVE_KEPT_MAX; i++)
        if (kept[i].frame)
            channel_send_bytes(v->channel, kept[i].frame->bytes, kept[i].frame->size);
    v->behind = false;
}

static void send_frame(struct visitor *v, const struct frame *frame) {
    if (!v->behind && session_pending_count(&v->channel->session) <= LIVE_PENDING_MAX) {
        channel_send_bytes(v->channel, frame->bytes, frame->size);
        return;
    }
    v->behind = true;
    v->channel->drained_wanted = true;
}

/* ---- from the host ---- */

static void for_all(const char *data, size_t count) {
    struct visitor *v;
    struct frame *frame = text_frame(data, count);
    if (!frame)
        return; /* the next picture comes soon */
    TAILQ_FOREACH (v, &visitors, link)
        send_frame(v, frame);
    free(frame);
}

static void drop(const char *type) {
    struct kept *place = find_kept(type);
    if (place && place->frame) {
        free(place->frame);
        place->frame = NULL;
    }
}

/* Without memory nothing of this type is kept: better than something old. */
static void keep(const char *type, const char *data, size_t count) {
    drop(type);
    struct kept *place = find_kept(type);
    if (place && strlen(type) < TYPE_SIZE && (place->frame = text_frame(data, count)) != NULL)
        snprintf(place->type, sizeof place->type, "%s", type);
    for_all(data, count);
}

static void for_one(const char *id, const char *data, size_t count) {
    struct visitor *v;
    unsigned long wanted = strtoul(id, NULL, 10);
    TAILQ_FOREACH (v, &visitors, link)
        if (v->id == wanted)
            channel_send(v->channel, WEBSOCKET_TEXT, data, count);
}

/* Cuts the first word off, and puts a NUL behind it. NULL: nothing follows it. */
static char *after_word(char *text, const char *end) {
    char *blank = memchr(text, ' ', (size_t)(end - text));
    if (!blank)
        return NULL;
    *blank = '\0';
    return blank + 1;
}

/* Does what one packet says. The host is ours: what it should not say is left undone. */
static void obey(char *word, const char *end) {
    char *data = after_word(word, end), *name = data;
    if (data && (strcmp(word, "keep") == 0 || strcmp(word, "one") == 0))
        data = after_word(data, end);
    if (!data)
        return;
    if (strcmp(word, "token") == 0)
        snprintf(token, sizeof token, "%s", data);
    else if (strcmp(word, "drop") == 0)
        drop(name);
    else if (strcmp(word, "keep") == 0)
        keep(name, data, (size_t)(end - data));
    else if (strcmp(word, "one") == 0)
        for_one(name, data, (size_t)(end - data));
    else if (strcmp(word, "all") == 0)
        for_all(data, (size_t)(end - data));
}

static void on_host(struct ev_loop *loop, ev_io *io, int events) {
    static char packet[LIVE_PACKET_MAX + 1];
    ssize_t count;
    (void)events;
    while ((count = recv(host, packet, LIVE_PACKET_MAX, MSG_DONTWAIT)) > 0) {
        packet[count] = '\0';
        obey(packet, packet + count);
    }
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        ev_io_stop(loop, io);
        kill(getpid(), SIGTERM); /* nobody directs any more: end in the orderly way */
    }
}

/* ---- visitors ---- */

static bool has_token(const struct http_request *request) {
    char given[WORD_SIZE];
    int length = http_query(request, "token", given, sizeof given);
    return length > 0 && (size_t)length == strlen(token) && CRYPTO_memcmp(given, token, (size_t)length) == 0;
}

static bool read_key(const struct http_request *request, char key[GUEST_KEY_SIZE]) {
    return http_query(request, "key", key, GUEST_KEY_SIZE) >= 0 && guest_is_key(key);
}

void live_request(struct channel *c, const struct http_request *request) {
    char key[GUEST_KEY_SIZE];
    if (host < 0)
        http_refuse(c, 404, "there is no stage: scripts/live.sh begins one\n");
    else if (!read_key(request, key))
        http_refuse(c, 400, "a key is 32 hex digits, in lower case\n");
    else
        channel_upgrade(c, &live_pipeline);
}

/* Counts the guest. NULL, or why it may not come in, in one word. */
static const char *admit(struct visitor *v) {
    char key[GUEST_KEY_SIZE];
    uint8_t digest[GUEST_DIGEST_SIZE];
    if (!read_key(http_request_of(v->channel), key))
        return "key";
    guest_digest(key, strlen(key), digest, v->digest);
    v->key = guest_enter(GUEST_KEY, digest);
    if (!v->key)
        return "memory";
    return guests_may(v->channel->guest, v->key, RATE_JOIN) ? NULL : "rate";
}

static void refuse(struct channel *c, const char *why) {
    channel_send_json(c, json_pack("{s:s, s:s}", "type", "refused", "why", why));
}

static void on_open(struct channel *c) {
    struct visitor *v = calloc(1, sizeof *v);
    const char *why = "memory";
    if (v) {
        v->channel = c;
        why = admit(v);
    }
    if (why) {
        if (v)
            guest_leave(v->key);
        free(v);
        refuse(c, why);
        channel_close(c, 1013); /* try again later */
        return;
    }
    c->attachment = v;
    v->id = ++last_id;
    v->directs = forwarded_is_here(c) || has_token(http_request_of(c));
    TAILQ_INSERT_TAIL(&visitors, v, link);
    visitors_count++;
    channel_send_json(c, json_pack("{s:s, s:b}", "type", "hello", "directs", v->directs));
    send_kept(v);
    tell_count();
}

/* Only an object is passed on, in one line of our own making: what the host reads is JSON for certain. */
static void pass_on(struct visitor *v, json_t *object) {
    static char packet[JSON_MAX + 128];
    char *text = json_text(object);
    int count = text ? snprintf(packet, sizeof packet, "said %u %s %s %s", v->id, v->directs ? "director" : "guest",
                           v->digest, text)
                     : 0;
    if (!text || (size_t)count >= sizeof packet || !tell_host(packet, (size_t)count))
        refuse(v->channel, "busy");
    free(text);
}

static void on_message(struct channel *c, enum websocket_opcode opcode, const uint8_t *bytes, size_t count) {
    struct visitor *v = c->attachment;
    if (!v)
        return; /* it was not let in */
    json_t *object = channel_read_json(c, opcode, bytes, count, v->directs ? JSON_MAX : LIVE_SAID_MAX);
    if (!object)
        return;
    if (v->directs || guests_may(c->guest, v->key, RATE_SAY))
        pass_on(v, object);
    else {
        refuse(c, "rate");
        json_decref(object);
    }
}

static void on_drained(struct channel *c) {
    struct visitor *v = c->attachment;
    if (v && v->behind)
        send_kept(v);
}

static void on_close(struct channel *c, enum close_reason reason) {
    struct visitor *v = c->attachment;
    (void)reason;
    if (!v)
        return;
    TAILQ_REMOVE(&visitors, v, link);
    visitors_count--;
    guest_leave(v->key);
    free(v);
    c->attachment = NULL;
    tell_count();
}

static const struct handlers live_handlers = {
    .on_open = on_open, .on_message = on_message, .on_drained = on_drained, .on_close = on_close};
const struct pipeline live_pipeline = {&codec_websocket, &live_handlers};

void live_open(struct framework *f, int fd) {
    host = fd;
    ev_io_init(&from_host, on_host, host, EV_READ);
    ev_io_start(f->loop, &from_host);
}
