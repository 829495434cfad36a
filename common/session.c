#include "session.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Replies that cannot be made in place (see session.h) are pending in owned blocks. Blocks never move: a completion
 * model has given their address to the kernel, and more replies may come before the kernel is done. Several blocks are
 * needed when the peer does not read; from the second on, each has at least BLOCK_MIN bytes, however small the replies
 * are. */
enum { BLOCK_MIN = 4096 };

/* The first reason stays, because later ones are its consequences. Frees half-received input: it will never be
 * complete. */
static void begin_ending(struct session *s, enum close_reason reason) {
    if (!s->ending)
        s->reason = (uint8_t)reason;
    s->ending = true;
    websocket_close(&s->websocket);
    free(s->input);
    s->input = NULL;
}

/* Returns where the next `count` bytes of owned replies go, in one piece; `expected` more are likely to follow soon.
 * NULL when there is no memory: then the session is ending. */
static uint8_t *owned_add(struct session *s, size_t count, size_t expected) {
    struct block **link = &s->owned;
    while (*link && (*link)->next)
        link = &(*link)->next;
    if (*link && (*link)->capacity - (*link)->end < count)
        link = &(*link)->next;
    if (!*link) {
        size_t capacity = count + expected;
        if (s->owned && capacity < BLOCK_MIN)
            capacity = BLOCK_MIN;
        *link = malloc(sizeof **link + capacity); /* OWNS: the session, until session_sent has used it up */
        if (!*link) {
            begin_ending(s, CLOSE_NO_MEMORY);
            return NULL;
        }
        **link = (struct block){.capacity = (uint32_t)capacity};
    }
    s->moved |= s->pending_count == 0;
    uint8_t *place = (*link)->bytes + (*link)->end;
    (*link)->end += (uint32_t)count;
    s->pending_count += (uint32_t)count;
    return place;
}

/* Copies the lent replies into an owned block, the first of all. False if there is no memory. */
static bool own_lent(struct session *s) {
    struct block *first = malloc(sizeof *first + s->lent_count);
    if (!first)
        return false;
    *first = (struct block){.next = s->owned, .end = s->lent_count, .capacity = s->lent_count};
    memcpy(first->bytes, s->lent, s->lent_count); /* within the process: from lent bytes to an owned block */
    s->owned = first;
    return true;
}

static void drop_pending(struct session *s) {
    s->lent_count = 0;
    while (s->owned) {
        struct block *next = s->owned->next;
        free(s->owned);
        s->owned = next;
    }
    s->pending_count = 0;
}

enum session_want session_wants(const struct session *s) {
    if (s->broken)
        return WANT_CLOSE;
    return s->pending_count > 0 ? WANT_WRITE : s->ending ? WANT_CLOSE : WANT_READ;
}

void session_open(struct session *s, enum protocol protocol, const struct limits *limits) {
    *s = (struct session){.protocol = (uint8_t)protocol, .moved = true};
    websocket_open(&s->websocket, WEBSOCKET_SERVER, limits, NULL);
}

void session_close(struct session *s) {
    drop_pending(s);
    websocket_close(&s->websocket);
    free(s->input);
    s->input = NULL;
}

/* The pending replies stay until session_close: the kernel may still be reading them. */
static void give_up(struct session *s, enum close_reason reason) {
    begin_ending(s, reason);
    s->broken = true;
}

enum session_want session_abort(struct session *s, enum close_reason reason) {
    give_up(s, reason);
    return WANT_CLOSE;
}

enum session_want session_reset(struct session *s) {
    return session_abort(s, CLOSE_RESET);
}

/* The next reply lies at `bytes`, in the buffer that the caller has lent. Only while all pending replies lie there. */
static void lend(struct session *s, uint8_t *bytes, size_t count) {
    s->moved |= s->pending_count == 0;
    if (s->lent_count == 0)
        s->lent = bytes;
    s->lent_count += (uint32_t)count;
    s->pending_count += (uint32_t)count;
}

enum session_want session_own(struct session *s) {
    if (s->lent_count > 0 && !own_lent(s)) {
        give_up(s, CLOSE_NO_MEMORY);
        s->reason = CLOSE_NO_MEMORY; /* replaces an earlier reason: the replies are lost */
    }
    s->lent_count = 0;
    return session_wants(s);
}

bool session_is_lent(const struct session *s) {
    return s->lent_count > 0;
}

static void add_bytes(struct session *s, const void *bytes, size_t count) {
    uint8_t *place = owned_add(s, count, 0);
    if (place)
        memcpy(place, bytes, count);
}

/* ---- WebSocket (RFC 6455): every message goes back whole, as the same type ---- */

static void add_frame(
    struct session *s, enum websocket_opcode opcode, const uint8_t *payload, size_t length, size_t expected) {
    uint8_t header[WEBSOCKET_HEADER_MAX];
    size_t size = websocket_frame_header(header, opcode, true, length, NULL);
    uint8_t *place = owned_add(s, size + length, expected);
    if (!place)
        return;
    memcpy(place, header, size);
    if (length > 0)
        memcpy(place + size, payload, length);
}

/* A large message that came in parts goes back in the block in which it was assembled: its header fits before it. */
static void add_block(struct session *s, struct block *block, const uint8_t *header, size_t size) {
    struct block **link = &s->owned;
    assert(block && block->start >= size);
    while (*link)
        link = &(*link)->next;
    *link = block; /* OWNS: the session */
    block->start -= (uint32_t)size;
    memcpy(block->bytes + block->start, header, size);
    s->moved |= s->pending_count == 0;
    s->pending_count += block->end - block->start;
}

/* False: nothing is added. */
static bool add_deflated(struct session *s, enum websocket_opcode opcode, const uint8_t *payload, size_t length) {
    uint8_t header[WEBSOCKET_HEADER_MAX];
    struct block *block = websocket_deflate(&s->websocket, payload, length);
    if (!block)
        return false;
    size_t count = block->end - block->start, size = websocket_frame_header(header, opcode, true, count, NULL);
    header[0] |= WEBSOCKET_RSV1;
    if (count >= BLOCK_MIN) {
        add_block(s, block, header, size);
        return true;
    }
    uint8_t *place = owned_add(s, size + count, 0);
    if (place) {
        memcpy(place, header, size);
        memcpy(place + size, block->bytes + block->start, count);
    }
    free(block);
    return true;
}

/* Sends the same payload back, in place if possible. `input` is where the bytes of this receive begin; NULL if older
 * replies are pending. Before the payload there is room for the reply's header, because the client's header is longer
 * by its mask; there is none if the client's header came with an earlier receive. */
static void answer(struct session *s, enum websocket_opcode opcode, const struct websocket_event *event, uint8_t *input,
    size_t expected) {
    uint8_t header[WEBSOCKET_HEADER_MAX];
    size_t size = websocket_frame_header(header, opcode, true, event->length, NULL);
    bool first = s->pending_count == 0;
    if (event->compressed && add_deflated(s, opcode, event->payload, event->length))
        return;
    if (event->type == WEBSOCKET_MESSAGE && !event->in_input && event->length >= BLOCK_MIN) {
        add_block(s, websocket_take(&s->websocket), header, size);
        return;
    }
    if (!input || !event->in_input || s->lent_count < s->pending_count ||
        (first && (size_t)(event->payload - input) < size)) {
        add_frame(s, opcode, event->payload, event->length, expected);
        return;
    }
    uint8_t *place = first ? event->payload - size : s->lent + s->lent_count;
    memcpy(place, header, size);
    if (!first)
        memmove(place + size, event->payload, event->length); /* directly after the reply before it */
    lend(s, place, size + event->length);
}

static void add_close(struct session *s, uint16_t code) {
    uint8_t payload[2] = {(uint8_t)(code >> 8), (uint8_t)code};
    add_frame(s, WEBSOCKET_OPCODE_CLOSE, payload, code == WEBSOCKET_CLOSE_NO_STATUS ? 0 : 2, 0);
}

static const char no_place[] = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

static void reject_handshake(struct session *s, int status) {
    const char *answer =
        status == 426 ? "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n"
                        "Connection: close, Upgrade\r\nContent-Length: 0\r\n\r\n"
        : status == 431
            ? "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        : status == 408 ? "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        : status == 503 ? no_place
                        : "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    add_bytes(s, answer, strlen(answer));
    begin_ending(s, status == 503 ? CLOSE_NO_MEMORY : status == 408 ? CLOSE_HANDSHAKE_TIMEOUT : CLOSE_REJECTED);
}

/* RFC 6455 section 4.2.2 */
static void accept_handshake(struct session *s, const uint8_t *key) {
    static const char head[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: ";
    static const char extensions[] = "\r\nSec-WebSocket-Extensions: ";
    char answer[sizeof head + WEBSOCKET_ACCEPT_LENGTH + sizeof extensions + DEFLATE_ANSWER_MAX + sizeof "\r\n\r\n"];
    memcpy(answer, head, sizeof head);
    if (!websocket_accept_key((const char *)key, answer + sizeof head - 1)) {
        reject_handshake(s, 503);
        return;
    }
    if (s->websocket.terms.agreed) {
        char *end = answer + sizeof head - 1 + WEBSOCKET_ACCEPT_LENGTH;
        memcpy(end, extensions, sizeof extensions);
        deflate_answer(s->websocket.terms, end + sizeof extensions - 1);
    }
    size_t count = strlen(answer);
    memcpy(answer + count, "\r\n\r\n", 4);
    add_bytes(s, answer, count + 4);
    s->is_open = s->heard = true;
}

static enum close_reason reason_of(uint16_t code) {
    switch (code) {
    case WEBSOCKET_CLOSE_BAD_UTF8: return CLOSE_BAD_UTF8;
    case WEBSOCKET_CLOSE_TOO_BIG: return CLOSE_TOO_BIG;
    case WEBSOCKET_CLOSE_INTERNAL: return CLOSE_NO_MEMORY;
    default: return CLOSE_PROTOCOL_ERROR;
    }
}

/* `expected`: bytes of input not parsed yet, and so about how many more bytes of replies will follow. */
static void websocket_answer(struct session *s, const struct websocket_event *event, uint8_t *input, size_t expected) {
    switch (event->type) {
    case WEBSOCKET_OPEN: accept_handshake(s, event->payload); break;
    case WEBSOCKET_MESSAGE:
        answer(s, event->opcode, event, input, expected);
        s->messages += !s->ending; /* ending: there was no memory for the answer */
        break;
    case WEBSOCKET_PING: answer(s, WEBSOCKET_OPCODE_PONG, event, input, expected); break;
    case WEBSOCKET_CLOSE:
        add_close(s, event->code);
        begin_ending(s, CLOSE_HANDSHAKE);
        break;
    case WEBSOCKET_ERROR:
        if (!s->is_open) {
            reject_handshake(s, event->code);
        } else {
            add_close(s, event->code);
            begin_ending(s, reason_of(event->code));
        }
        break;
    case WEBSOCKET_PONG:
    case WEBSOCKET_NEED_MORE: break;
    }
}

/* ---- what a server calls ---- */

/* Bytes came: a sign of life. While replies are pending, only reading them is one (session_sent). */
static void note_life(struct session *s) {
    if (s->is_open && s->pending_count == 0) {
        s->heard = true;
        s->pinged = false;
    }
}

/* Keeps `count` bytes behind those that are kept already, if there are any. */
static void keep_input(struct session *s, const uint8_t *bytes, size_t count) {
    size_t kept = s->input ? s->input->end : 0;
    struct block *block = realloc(s->input, sizeof *block + kept + count);
    if (!block) {
        begin_ending(s, CLOSE_NO_MEMORY);
        return;
    }
    block->start = 0;
    block->end = block->capacity = (uint32_t)(kept + count);
    memcpy(block->bytes + kept, bytes, count);
    s->input = block;
}

/* Answers the bytes. LIMIT: pending_max bytes pending, or inflated here; the rest of the input then waits until the
 * replies have left. Uncompressed input cannot be answered by so much more than it is: it never waits here. */
static void websocket_input(struct session *s, uint8_t *bytes, size_t count, uint8_t *input) {
    struct websocket_event event = {.type = WEBSOCKET_PING};
    size_t inflated = 0;
    while (!s->ending && event.type != WEBSOCKET_NEED_MORE) {
        size_t used = websocket_receive(&s->websocket, bytes, count, &event);
        bytes += used;
        count -= used;
        websocket_answer(s, &event, input, count);
        inflated += event.compressed ? event.length : 0;
        if (inflated > 0 && count > 0 && s->pending_count > 0 && !s->ending &&
            s->pending_count + inflated > s->websocket.limits->pending_max) {
            keep_input(s, bytes, count);
            return;
        }
    }
}

/* Answers the input that was kept; all replies before it have left. */
static void resume_input(struct session *s) {
    struct block *block = s->input;
    s->input = NULL;
    websocket_input(s, block->bytes, block->end, NULL);
    free(block);
    if (s->eof && !s->input)
        begin_ending(s, CLOSE_PEER);
}

enum session_want session_receive(struct session *s, uint8_t *bytes, size_t count) {
    assert(bytes && count > 0);
    s->bytes_in += count;
    note_life(s);
    uint8_t *input = s->pending_count == 0 ? bytes : NULL;
    if (s->protocol == PROTOCOL_WS && s->input)
        keep_input(s, bytes, count);
    else if (s->protocol == PROTOCOL_WS)
        websocket_input(s, bytes, count, input);
    else if (!s->ending && input)
        lend(s, bytes, count); /* RFC 862: all bytes go back */
    else if (!s->ending)
        add_bytes(s, bytes, count);
    return session_wants(s);
}

void session_stay_plain(struct session *s) {
    s->websocket.plain = true;
}

size_t session_take(struct session *s, uint8_t *bytes, size_t count, struct websocket_event *event) {
    note_life(s);
    size_t used = websocket_receive(&s->websocket, bytes, count, event);
    if (event->type == WEBSOCKET_MESSAGE)
        s->messages += !s->ending;
    else
        websocket_answer(s, event, NULL, count - used);
    return used;
}

enum session_want session_add(
    struct session *s, enum websocket_opcode opcode, const void *payload, size_t length, size_t expected) {
    if (!s->ending)
        add_frame(s, opcode, payload, length, expected);
    return session_wants(s);
}

bool session_add_deflated(struct session *s, enum websocket_opcode opcode, const void *payload, size_t length) {
    return !s->ending && add_deflated(s, opcode, payload, length);
}

enum session_want session_add_bytes(struct session *s, const void *bytes, size_t count) {
    if (!s->ending)
        add_bytes(s, bytes, count);
    return session_wants(s);
}

enum session_want session_end(struct session *s, uint16_t code, enum close_reason reason) {
    if (code != 0 && s->is_open && !s->ending)
        add_close(s, code);
    begin_ending(s, reason);
    return session_wants(s);
}

enum session_want session_eof(struct session *s) {
    s->eof = s->input != NULL;
    if (!s->eof)
        begin_ending(s, CLOSE_PEER);
    return session_wants(s);
}

enum session_want session_shutdown(struct session *s) {
    return session_end(s, WEBSOCKET_CLOSE_GOING_AWAY, CLOSE_SHUTDOWN);
}

/* LIMIT: for how many ms the peer may now be silent, or take none of the pending replies; -1: no limit. */
static int patience_ms(const struct session *s) {
    const struct limits *limits = s->websocket.limits;
    if (s->pending_count > 0)
        return limits->stall_ms;
    if (s->ending)
        return -1; /* nothing more is awaited */
    if (s->protocol == PROTOCOL_ECHO)
        return -1; /* this protocol has no ping: TCP's keepalive asks (listener.c) */
    if (!s->is_open)
        return limits->handshake_ms;
    return s->pinged ? limits->dead_ms - limits->idle_ms : limits->idle_ms;
}

/* Returns when the current wait began. A peer that only receives and sends nothing is silent, too. */
static uint32_t waiting_since(const struct session *s) {
    return s->is_open && s->pending_count == 0 ? s->heard_ms : s->since_ms;
}

static void lose_patience(struct session *s) {
    if (s->pending_count > 0) {
        give_up(s, CLOSE_SLOW_READER);
    } else if (!s->is_open) {
        reject_handshake(s, 408);
    } else if (s->pinged) {
        give_up(s, CLOSE_DEAD_PEER);
    } else {
        add_frame(s, WEBSOCKET_OPCODE_PING, NULL, 0, 0);
        s->pinged = true;
    }
}

enum session_want session_tick(struct session *s, int64_t now_ms, int *left_ms) {
    uint32_t now = (uint32_t)now_ms; /* wraps after 49 days; unsigned differences stay right */
    if (s->moved)
        s->since_ms = now;
    if (s->heard)
        s->heard_ms = now;
    s->was_pending = s->pending_count > 0;
    int patience = patience_ms(s);
    if (patience >= 0 && now - waiting_since(s) >= (uint32_t)patience) {
        lose_patience(s);
        s->since_ms = s->heard_ms = now;
        patience = patience_ms(s);
    }
    s->moved = s->heard = false;
    *left_ms = patience < 0 ? -1 : patience - (int)(now - waiting_since(s));
    return session_wants(s);
}

const uint8_t *session_pending(struct session *s, size_t *count) {
    s->shown_count = s->lent_count > 0 ? s->lent_count : s->owned ? s->owned->end - s->owned->start : 0;
    *count = s->shown_count;
    return s->lent_count > 0 ? s->lent : s->owned ? s->owned->bytes + s->owned->start : NULL;
}

enum session_want session_sent(struct session *s, size_t count) {
    struct block *first = s->owned;
    assert(count <= s->shown_count && s->shown_count <= s->pending_count);
    s->bytes_out += count;
    s->short_sends += count < s->shown_count;
    s->shown_count -= (uint32_t)count;
    s->moved |= count > 0;
    s->pending_count -= (uint32_t)count;
    if (s->was_pending && s->pending_count == 0) { /* the peer has now taken all that was pending */
        s->heard = true;
        s->pinged = false;
    }
    if (s->lent_count > 0) {
        assert(count <= s->lent_count);
        s->lent += count;
        s->lent_count -= (uint32_t)count;
    } else {
        assert(first && count <= first->end - first->start);
        first->start += (uint32_t)count;
        if (first->start == first->end) {
            s->owned = first->next;
            free(first);
        }
    }
    if (s->pending_count == 0 && s->input)
        resume_input(s);
    return session_wants(s);
}

const char *session_refusal(enum protocol protocol, size_t *count) {
    *count = protocol == PROTOCOL_WS ? strlen(no_place) : 0;
    return no_place;
}

size_t session_pending_count(const struct session *s) {
    return s->pending_count;
}

bool session_is_full(const struct session *s) {
    return s->pending_count > s->websocket.limits->pending_max || s->input;
}
