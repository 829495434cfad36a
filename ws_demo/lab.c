#include "lab.h"
#include "codec.h"
#include "guests.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* LIMIT: a flood sends 64 x 6 x 16 KiB per second, for FLOOD_TICKS / 64 seconds. FLOOD_UNSENT: bytes of its socket's
 * send buffer. FLOODS_MAX: floods at a time; one more gets close code 1013. */
enum {
    FLOOD_MESSAGE = 16 * 1024,
    FLOOD_MESSAGES_PER_TICK = 6,
    FLOOD_TICKS = 8 * 64,
    FLOOD_UNSENT = 64 * 1024,
    FLOODS_MAX = 16
};

static const ev_tstamp flood_tick_s = 1.0 / 64;

static struct ev_loop *loop;
static uint8_t flood_message[FLOOD_MESSAGE];
static int floods;

static void raw_message(struct channel *c, enum websocket_opcode opcode, const uint8_t *bytes, size_t count) {
    if (opcode == WEBSOCKET_TEXT)
        channel_send(c, opcode, bytes, count);
    else if (count > 0)
        channel_send_bytes(c, bytes, count);
    if (opcode == WEBSOCKET_BINARY && count > 0 && (bytes[0] & 0x0F) == WEBSOCKET_OPCODE_CLOSE)
        channel_close(c, 0); /* that was our close frame: there must be no other */
}

static const struct handlers raw_handlers = {.on_message = raw_message};
const struct pipeline raw_pipeline = {&codec_websocket, &raw_handlers};

struct flood {
    struct channel *channel;
    ev_timer timer;
    int ticks;
};

static void flood_on(struct ev_loop *l, ev_timer *timer, int events) {
    struct flood *flood = timer->data;
    (void)events;
    if (flood->ticks++ == FLOOD_TICKS) {
        ev_timer_stop(l, timer);
        channel_close(flood->channel, WEBSOCKET_CLOSE_NORMAL);
        return;
    }
    for (int i = 0; i < FLOOD_MESSAGES_PER_TICK; i++)
        channel_send(flood->channel, WEBSOCKET_TEXT, flood_message, sizeof flood_message);
}

static void flood_open(struct channel *c) {
    bool may = floods < FLOODS_MAX && guest_take(c->guest, SHARE_FLOODS);
    struct flood *flood = may ? calloc(1, sizeof *flood) : NULL;
    if (may && !flood)
        guest_give_back(c->guest, SHARE_FLOODS);
    if (!flood) {
        channel_close(c, 1013); /* try again later */
        return;
    }
    floods++;
    setsockopt(c->io.fd, SOL_SOCKET, SO_SNDBUF, &(int){FLOOD_UNSENT}, sizeof(int));
    flood->channel = c;
    c->attachment = flood;
    ev_timer_init(&flood->timer, flood_on, flood_tick_s, flood_tick_s);
    flood->timer.data = flood;
    ev_timer_start(loop, &flood->timer);
}

static void flood_close(struct channel *c, enum close_reason reason) {
    struct flood *flood = c->attachment;
    (void)reason;
    if (!flood)
        return;
    ev_timer_stop(loop, &flood->timer);
    guest_give_back(c->guest, SHARE_FLOODS);
    free(flood);
    floods--;
}

static const struct handlers flood_handlers = {.on_open = flood_open, .on_close = flood_close};
const struct pipeline flood_pipeline = {&codec_websocket, &flood_handlers};

void lab_open(struct framework *f) {
    loop = f->loop;
    memset(flood_message, '~', sizeof flood_message);
}
