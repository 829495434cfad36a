#include "feed.h"
#include "memory.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that a first block may take, even if very few bytes came. */
enum { HELD_MIN = 256 };

void note_event(void *to, const struct websocket_event *event) {
    struct log *log = to;
    uint32_t head[] = {event->type, event->opcode, event->code, (uint32_t)event->length};
    log->last = log->events.count;
    log->messages += event->type == WEBSOCKET_MESSAGE;
    bytes_add(&log->events, head, sizeof head);
    bytes_add(&log->events, event->payload, event->length);
}

bool log_equal(const struct log *a, const struct log *b) {
    return bytes_equal(&a->events, &b->events);
}

bool log_is_cut_short(const struct log *log, const struct log *whole) {
    return log->last <= whole->events.count &&
           (log->last == 0 || memcmp(log->events.at, whole->events.at, log->last) == 0);
}

void log_free(struct log *log) {
    bytes_free(&log->events);
}

bool is_utf8(const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count;) {
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        size_t more = bytes[i] < 0x80       ? 0
                      : bytes[i] >> 5 == 6  ? 1
                      : bytes[i] >> 4 == 14 ? 2
                      : bytes[i] >> 3 == 30 ? 3
                                            : 4;
        if (more == 4 || more > count - i - 1)
            return false;
        uint32_t code = more == 0 ? bytes[i] : bytes[i] & (0x3Fu >> more);
        for (size_t k = 1; k <= more; k++) {
            if ((bytes[i + k] & 0xC0) != 0x80)
                return false;
            code = code << 6 | (bytes[i + k] & 0x3F);
        }
        if (code < least[more] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
            return false;
        i += more + 1;
    }
    return true;
}

size_t held_max(const struct limits *limits) {
    size_t message = limits->message_max + 125;
    return HELD_MIN + 2 * (message > limits->head_max ? message : limits->head_max);
}

void feed_open(struct feed *f, enum websocket_role role, const struct limits *limits, const char *accept,
    void (*note)(void *to, const struct websocket_event *event), void *to) {
    *f = (struct feed){.limits = limits, .role = role, .note = note, .to = to};
    websocket_open(&f->websocket, role, limits, accept);
}

static bool has_ended(const struct feed *f) {
    return f->end.type != WEBSOCKET_NEED_MORE;
}

bool feed_is_idle(const struct feed *f) {
    return has_ended(f) || f->idle_at == f->came;
}

static void check_event(struct feed *f, const struct websocket_event *event) {
    size_t header = f->role == WEBSOCKET_SERVER ? 6 : 2;
    assert(event->type == WEBSOCKET_NEED_MORE || !has_ended(f));
    switch (event->type) {
    case WEBSOCKET_OPEN:
        assert(!f->open && f->came <= f->limits->head_max);
        f->open = true;
        f->idle_at = f->came;
        break;
    case WEBSOCKET_MESSAGE:
        assert(f->open && event->length <= f->limits->message_max);
        assert(event->opcode == WEBSOCKET_BINARY || event->opcode == WEBSOCKET_TEXT);
        assert(event->opcode == WEBSOCKET_BINARY || is_utf8(event->payload, event->length));
        f->idle_at = f->came;
        break;
    case WEBSOCKET_PING:
    case WEBSOCKET_PONG:
        assert(f->open && event->length <= 125);
        if (f->came - f->idle_at == header + event->length) /* not in the middle of a message */
            f->idle_at = f->came;
        break;
    case WEBSOCKET_CLOSE:
        assert(f->open && event->length <= 123 && is_utf8(event->payload, event->length));
        assert(event->code == WEBSOCKET_CLOSE_NO_STATUS || websocket_close_code_is_valid(event->code));
        break;
    case WEBSOCKET_ERROR: assert(!f->open || websocket_close_code_is_valid(event->code)); break;
    case WEBSOCKET_NEED_MORE: break;
    }
}

void feed(struct feed *f, const uint8_t *bytes, size_t count) {
    struct websocket_event event;
    uint8_t *copy = malloc(count); /* a separate block: the sanitizer finds a read past its end, or after its free */
    if (!copy)
        abort();
    memcpy(copy, bytes, count);
    size_t used = 0;
    do {
        size_t step = websocket_receive(&f->websocket, copy + used, count - used, &event);
        assert(step <= count - used);
        used += step;
        f->came += step;
        assert(memory_held() <= held_max(f->limits));
        assert(memory_held() <= HELD_MIN + 2 * (f->came + count - used));
        check_event(f, &event);
        if (event.type != WEBSOCKET_NEED_MORE)
            f->note(f->to, &event);
        if (event.type == WEBSOCKET_CLOSE || event.type == WEBSOCKET_ERROR)
            f->end = event;
    } while (event.type != WEBSOCKET_NEED_MORE);
    assert(used == count);
    assert(f->open || has_ended(f) || f->came < f->limits->head_max);
    assert(!feed_is_idle(f) || memory_held() == 0);
    free(copy);
}

void feed_all(struct feed *f, const struct bytes *conversation, uint32_t split) {
    for (size_t at = 0, piece; at < conversation->count; at += piece) {
        piece = next_piece(&split, conversation->count - at);
        feed(f, conversation->at + at, piece);
    }
}

void feed_close(struct feed *f) {
    websocket_close(&f->websocket);
    assert(memory_held() == 0);
}
