/* Compressed messages (RFC 7692) through websocket.c and session.c: where RSV1 may stand, any split, and bombs. */
#include "guarded.h"
#include "session.h"
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

static const char accept[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/* CACHED: what malloc counts as in use, although it was freed: it keeps small blocks for the next that asks. */
enum { COMPRESSED_TEXT = 0xC1, COMPRESSED_BINARY = 0xC2, MAX = 64 * 1024, CACHED = 16 * 1024 };

static struct limits limits_of(int bits) {
    struct limits limits = LIMITS_DEFAULT;
    limits.deflate_bits = bits;
    return limits;
}

/* ---- a peer, made of zlib ---- */

struct peer {
    uint8_t *bytes; /* what it sends: the handshake, then frames */
    size_t count, room;
    enum websocket_role to;
    z_stream z;
};

static void say(struct peer *p, const void *bytes, size_t count) {
    if (p->count + count > p->room) {
        p->room = 2 * (p->count + count);
        p->bytes = realloc(p->bytes, p->room);
    }
    memcpy(p->bytes + p->count, bytes, count);
    p->count += count;
}

static void say_frame(struct peer *p, uint8_t first, const void *payload, size_t length) {
    static const uint8_t mask[4] = {0x37, 0xFA, 0x21, 0x3D};
    uint8_t header[WEBSOCKET_HEADER_MAX];
    bool masked = p->to == WEBSOCKET_SERVER;
    size_t size = websocket_frame_header(header, first & 0x0F, true, length, masked ? mask : NULL);
    header[0] = first;
    say(p, header, size);
    say(p, payload, length);
    if (masked)
        websocket_mask(p->bytes + p->count - length, length, mask);
}

/* `extension`: the offer to a server, the answer to a client. zlib does not let a z_stream be moved. */
static void peer_open(struct peer *p, enum websocket_role to, const char *extension) {
    *p = (struct peer){.to = to};
    char head[1024];
    int count =
        to == WEBSOCKET_SERVER
            ? snprintf(head, sizeof head,
                  "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                  "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: %s\r\n\r\n",
                  extension)
            : snprintf(head, sizeof head,
                  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Extensions: %s\r\n\r\n",
                  accept, extension);
    say(p, head, (size_t)count);
    cr_assert_eq(deflateInit2(&p->z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
}

static void peer_close(struct peer *p) {
    deflateEnd(&p->z);
    free(p->bytes);
}

/* The payload of a message; its window is that of the last. To be freed. */
static uint8_t *packed(struct peer *p, const void *bytes, size_t count, size_t *size) {
    size_t room = deflateBound(&p->z, count) + 16;
    uint8_t *out = malloc(room);
    p->z.next_in = (uint8_t *)(uintptr_t)bytes, p->z.avail_in = (uInt)count;
    p->z.next_out = out, p->z.avail_out = (uInt)room;
    deflate(&p->z, Z_SYNC_FLUSH);
    *size = room - p->z.avail_out - 4;
    return out;
}

static void say_compressed(struct peer *p, uint8_t first, const void *bytes, size_t count) {
    size_t size;
    uint8_t *out = packed(p, bytes, count, &size);
    say_frame(p, first, out, size);
    free(out);
}

/* ---- what websocket.c makes of it ---- */

struct transcript {
    char text[4096];
    size_t length;
};

static void note(struct transcript *t, const struct websocket_event *e) {
    static const char *const names[] = {"more", "open", "message", "ping", "pong", "close", "error"};
    int shown = e->length < 40 && e->type != WEBSOCKET_OPEN ? (int)e->length : 0;
    unsigned sum = 0;
    for (size_t i = 0; i < e->length; i++)
        sum = sum * 31 + e->payload[i];
    t->length += (size_t)snprintf(t->text + t->length, sizeof t->text - t->length, "%s %u %u %zu %08x %d %.*s\n",
        names[e->type], e->opcode, e->code, e->length, sum, e->compressed, shown, (const char *)e->payload);
}

/* `step` bytes at a time, each from in front of an unreadable page. */
static struct transcript hear(const struct peer *p, const struct limits *limits, size_t step) {
    struct transcript t = {.length = 0};
    struct websocket w;
    struct guarded g = guarded_new(step);
    websocket_open(&w, p->to, limits, p->to == WEBSOCKET_CLIENT ? accept : NULL);
    for (size_t at = 0; at < p->count; at += step) {
        size_t count = step < p->count - at ? step : p->count - at, used = 0;
        struct websocket_event e;
        guarded_place(&g, p->bytes + at, count);
        do {
            used += websocket_receive(&w, g.bytes + used, count - used, &e);
            if (e.type != WEBSOCKET_NEED_MORE)
                note(&t, &e);
        } while (e.type != WEBSOCKET_NEED_MORE);
    }
    websocket_close(&w);
    guarded_free(&g);
    return t;
}

/* The same at every step; its last line begins like this. */
static void expect_last(const struct peer *p, const struct limits *limits, const char *begins) {
    struct transcript whole = hear(p, limits, p->count);
    const char *line = whole.text, *next;
    while ((next = strchr(line, '\n')) && next[1])
        line = next + 1;
    cr_expect(strncmp(line, begins, strlen(begins)) == 0, "expected '%s', got:\n%s", begins, whole.text);
    for (size_t step = 1; step < 40 && step < p->count; step++) {
        struct transcript t = hear(p, limits, step);
        cr_expect_str_eq(t.text, whole.text, "%zu at a time", step);
    }
}

static const char hello[] = "\xf2\x48\xcd\xc9\xc9\x07"; /* and a 00: the string's own end */

Test(compressed, where_rsv1_may_stand) {
    static const struct {
        struct {
            uint8_t first;
            const char *payload;
            size_t length;
        } frames[4];
        const char *last;
    } cases[] = {
        {{{0xC1, hello, 7}}, "message 1 0 5 "},
        {{{0xC2, hello, 7}}, "message 2 0 5 "},
        {{{0xC1, "\0", 1}}, "message 1 0 0 "},
        {{{0x81, "Hello", 5}}, "message 1 0 5 "},
        {{{0x41, hello, 3}, {0x80, hello + 3, 4}}, "message 1 0 5 "},
        {{{0x41, hello, 3}, {0x89, "?", 1}, {0x00, hello + 3, 3}, {0x80, hello + 6, 1}}, "message 1 0 5 "},
        {{{0x41, "", 0}, {0x00, hello, 7}, {0x80, "", 0}}, "message 1 0 5 "},
        {{{0x41, hello, 7}, {0x00, "", 0}, {0x8A, "", 0}, {0x80, "", 0}}, "message 1 0 5 "},
        {{{0xC1, hello, 7}, {0xC1, "\xf2\0\x11\0\0", 5}}, "message 1 0 5 "}, /* the window is taken over, */
        {{{0xC1, hello, 7}, {0x81, "?", 1}, {0xC1, "\xf2\0\x11\0\0", 5}}, "message 1 0 5 "}, /* past what is plain */
        {{{0xC1, "", 0}}, "error 0 1007 "},
        {{{0xC1, hello, 6}}, "error 0 1007 "},
        {{{0xC1, "\x06", 1}}, "error 0 1007 "},
        {{{0x41, hello, 3}, {0xC0, hello + 3, 4}}, "error 0 1002 "}, /* on a continuation */
        {{{0x01, "a", 1}, {0xC0, hello, 7}}, "error 0 1002 "},
        {{{0xC9, "?", 1}}, "error 0 1002 "}, /* on control frames */
        {{{0xCA, "", 0}}, "error 0 1002 "},
        {{{0xC8, "", 0}}, "error 0 1002 "},
        {{{0xA1, "a", 1}}, "error 0 1002 "}, /* RSV2, RSV3 */
        {{{0x91, "a", 1}}, "error 0 1002 "},
        {{{0xE1, hello, 7}}, "error 0 1002 "},
        {{{0xF1, hello, 7}}, "error 0 1002 "},
        {{{0xC3, hello, 7}}, "error 0 1002 "},
        {{{0xC0, hello, 7}}, "error 0 1002 "},
    };
    struct limits limits = limits_of(15), off = limits_of(0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (enum websocket_role to = WEBSOCKET_SERVER; to <= WEBSOCKET_CLIENT; to++) {
            struct peer p;
            bool has_rsv = false;
            peer_open(&p, to, to == WEBSOCKET_SERVER ? DEFLATE_OFFER : "permessage-deflate");
            for (size_t k = 0; k < 4 && cases[i].frames[k].payload; k++) {
                say_frame(&p, cases[i].frames[k].first, cases[i].frames[k].payload, cases[i].frames[k].length);
                has_rsv |= cases[i].frames[k].first & 0x70;
            }
            expect_last(&p, &limits, cases[i].last);
            if (to == WEBSOCKET_SERVER && has_rsv)
                expect_last(&p, &off, "error 0 1002 ");
            peer_close(&p);
        }
    }
}

Test(compressed, a_client_refuses_an_extension_that_it_has_not_offered) {
    struct limits on = limits_of(15), off = limits_of(0);
    struct peer p, odd, none;
    peer_open(&p, WEBSOCKET_CLIENT, "permessage-deflate");
    peer_open(&odd, WEBSOCKET_CLIENT, "foo");
    peer_open(&none, WEBSOCKET_CLIENT, "");
    expect_last(&p, &on, "open ");
    expect_last(&p, &off, "error 0 0 ");
    expect_last(&odd, &on, "error 0 0 ");
    expect_last(&none, &on, "open ");
    say_frame(&none, COMPRESSED_TEXT, hello, 7);
    expect_last(&none, &on, "error 0 1002 "); /* the server has declined, and compresses all the same */
    peer_close(&p), peer_close(&odd), peer_close(&none);
}

/* UTF-8 is checked in what was inflated, as it comes: the message's end is never sent. */
Test(compressed, text_fails_at_its_first_bad_byte) {
    struct limits limits = limits_of(15);
    struct peer p;
    peer_open(&p, WEBSOCKET_SERVER, DEFLATE_OFFER);
    size_t size, first;
    uint8_t *good = packed(&p, "gr\xc3\xbc\xc3\x9f", 6, &first); /* the code point is complete */
    uint8_t *bad = packed(&p, "\xc3(", 2, &size);
    uint8_t *both = malloc(first + 4 + size + 4 + 1000);
    memcpy(both, good, first + 4); /* with its tail: these are two blocks of one message */
    memcpy(both + first + 4, bad, size + 4);
    memset(both + first + size + 8, 0, 1000);
    say_frame(&p, COMPRESSED_TEXT, both, first + size + 8 + 1000);
    p.count -= 1000;
    expect_last(&p, &limits, "error 0 1007 ");
    peer_close(&p);
    struct peer cut;
    peer_open(&cut, WEBSOCKET_SERVER, DEFLATE_OFFER);
    say_compressed(&cut, COMPRESSED_TEXT, "\xc3", 1);
    expect_last(&cut, &limits, "error 0 1007 ");
    peer_close(&cut);
    free(good), free(bad), free(both);
}

Test(compressed, any_split_of_a_long_message_is_the_same) {
    struct limits limits = limits_of(15);
    struct peer p;
    peer_open(&p, WEBSOCKET_SERVER, DEFLATE_OFFER);
    uint8_t *data = malloc(MAX);
    uint32_t seed = 9;
    for (size_t i = 0; i < MAX; i++, seed = seed * 1664525 + 1013904223)
        data[i] = (uint8_t)((seed >> 20) % 20);
    for (size_t count = 1; count <= MAX; count *= 16)
        say_compressed(&p, COMPRESSED_BINARY, data, count);
    size_t size;
    uint8_t *parts = packed(&p, data, 50000, &size);
    for (size_t at = 0; at < size; at += 256)
        say_frame(
            &p, (at == 0 ? 0x42 : 0x00) | (at + 256 >= size ? 0x80 : 0), parts + at, 256 < size - at ? 256 : size - at);
    expect_last(&p, &limits, "message 2 0 50000 ");
    free(data), free(parts);
    peer_close(&p);
}

/* ---- bombs ---- */

/* LIMIT: message_max counts the inflated bytes. One more is refused when it is inflated, and memory stays below the
 * message and the window, whatever the bomb would come to. */
Test(compressed, a_bomb_is_refused_while_it_is_inflated) {
    static const struct {
        size_t size, parts;
        const char *last;
    } cases[] = {{MAX, 1, "message 2 0 65536 "}, {MAX + 1, 1, "error 0 1009 "}, {1024 * 1024, 1, "error 0 1009 "},
        {64 * 1024 * 1024, 1, "error 0 1009 "}, {MAX, 9, "message 2 0 65536 "}, {MAX + 1, 9, "error 0 1009 "}};
    struct limits limits = limits_of(15);
    mallopt(M_MMAP_THRESHOLD, 512 * 1024 * 1024); /* so that uordblks has all */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct peer p;
        peer_open(&p, WEBSOCKET_SERVER, DEFLATE_OFFER);
        struct websocket w;
        struct websocket_event e = {.type = WEBSOCKET_NEED_MORE};
        struct transcript t = {.length = 0};
        uint8_t *zeros = calloc(1, cases[i].size);
        size_t size, before, most = 0;
        uint8_t *bomb = packed(&p, zeros, cases[i].size, &size);
        for (size_t part = 0, at = 0; part < cases[i].parts; part++) {
            size_t end = size * (part + 1) / cases[i].parts;
            say_frame(&p, (part == 0 ? 0x42 : 0x00) | (part + 1 == cases[i].parts ? 0x80 : 0), bomb + at, end - at);
            at = end;
        }
        before = mallinfo2().uordblks;
        websocket_open(&w, WEBSOCKET_SERVER, &limits, NULL);
        for (size_t at = 0; at < p.count && e.type != WEBSOCKET_ERROR; at += 64) {
            size_t count = 64 < p.count - at ? 64 : p.count - at;
            for (size_t used = 0; used < count;) {
                used += websocket_receive(&w, p.bytes + at + used, count - used, &e);
                size_t held = mallinfo2().uordblks - before;
                most = held > most ? held : most;
                if (e.type == WEBSOCKET_MESSAGE || e.type == WEBSOCKET_ERROR)
                    note(&t, &e);
            }
        }
        cr_expect(strncmp(t.text, cases[i].last, strlen(cases[i].last)) == 0, "%zu: %s", cases[i].size, t.text);
        cr_expect_leq(most, MAX + 48 * 1024, "%zu bytes in use", most);
        websocket_close(&w);
        cr_expect_leq(mallinfo2().uordblks, before + CACHED);
        free(zeros), free(bomb);
        peer_close(&p);
    }
}

Test(compressed, a_frame_that_is_too_long_is_refused_by_its_header) {
    struct limits limits = limits_of(15);
    for (uint64_t more = 0; more < 2; more++) {
        struct peer p;
        peer_open(&p, WEBSOCKET_SERVER, DEFLATE_OFFER);
        uint8_t header[WEBSOCKET_HEADER_MAX];
        size_t size = websocket_frame_header(
            header, WEBSOCKET_TEXT, true, deflate_frame_max(MAX) + more, (const uint8_t *)"abcd");
        header[0] |= WEBSOCKET_RSV1;
        say(&p, header, size);
        expect_last(&p, &limits, more ? "error 0 1009 " : "open ");
        peer_close(&p);
    }
}

/* ---- the session: echoes are compressed, and few bytes cannot ask for many at a time ---- */

/* Reads all that a session sends, `step` bytes at a time, as a client. Returns the messages, and how many bytes came.
 */
struct heard {
    struct websocket websocket;
    size_t messages, compressed, wire, most_pending, bytes;
    unsigned sum;
};

static void hear_session(struct session *s, struct heard *h, size_t step) {
    size_t pending;
    for (const uint8_t *bytes; (bytes = session_pending(s, &pending)), pending > 0;) {
        size_t count = pending < step ? pending : step;
        uint8_t *copy = malloc(count);
        struct websocket_event e = {.type = WEBSOCKET_PING};
        memcpy(copy, bytes, count);
        h->most_pending = session_pending_count(s) > h->most_pending ? session_pending_count(s) : h->most_pending;
        h->wire += count;
        for (size_t used = 0; e.type != WEBSOCKET_NEED_MORE;) {
            used += websocket_receive(&h->websocket, copy + used, count - used, &e);
            cr_assert_neq(e.type, WEBSOCKET_ERROR);
            if (e.type != WEBSOCKET_MESSAGE)
                continue;
            h->messages++;
            h->compressed += e.compressed;
            h->bytes += e.length;
            for (size_t i = 0; i < e.length; i++)
                h->sum = h->sum * 31 + e.payload[i];
        }
        free(copy);
        session_sent(s, count);
    }
}

static const struct limits client_limits = {
    .message_max = MESSAGE_MAX_CEILING, .head_max = 8192, .fragments_max = 1000, .deflate_bits = 15};

static void open_both(struct session *s, struct heard *h, const struct limits *limits) {
    session_open(s, PROTOCOL_WS, limits);
    *h = (struct heard){.messages = 0};
    websocket_open(&h->websocket, WEBSOCKET_CLIENT, &client_limits, accept);
}

static void close_both(struct session *s, struct heard *h) {
    session_close(s);
    websocket_close(&h->websocket);
}

/* RFC 7692 allows to send any message uncompressed: what came so, and what is tiny, goes back so. */
Test(compressed, an_echo_is_compressed_if_its_message_was_and_if_it_helps) {
    static const char text[] = "a selector, a channel, a buffer; a selector, a channel, a buffer";
    struct limits limits = limits_of(12);
    struct session s;
    struct heard h;
    struct peer p;
    peer_open(&p, WEBSOCKET_SERVER, DEFLATE_OFFER);
    open_both(&s, &h, &limits);
    say_compressed(&p, COMPRESSED_TEXT, text, strlen(text)); /* compressed */
    say_compressed(&p, COMPRESSED_TEXT, text, strlen(text)); /* compressed, and smaller still */
    say_compressed(&p, COMPRESSED_TEXT, "ok", 2);            /* tiny */
    say_compressed(&p, COMPRESSED_TEXT, text, strlen(text)); /* compressed, with the same window */
    say_frame(&p, 0x81, text, strlen(text));                 /* came uncompressed */
    session_receive(&s, p.bytes, p.count);
    session_own(&s);
    hear_session(&s, &h, 7);
    cr_expect_eq(h.messages, 5);
    cr_expect_eq(h.compressed, 3);
    cr_expect_eq(h.bytes, 4 * strlen(text) + 2);
    close_both(&s, &h);
    peer_close(&p);
}

/* A receive of 16 KiB that inflates to 16 MiB: replies and inflated bytes stay within the limit, turn by turn, and no
 * message is lost, not even when the peer has closed its half. `distant`: messages that this server cannot compress
 * again, because what they repeat is beyond its window. */
static void expect_bounded(bool distant, bool with_eof) {
    struct limits limits = limits_of(15);
    struct session s;
    struct heard h;
    struct peer p;
    peer_open(&p, WEBSOCKET_SERVER,
        distant ? "permessage-deflate; client_max_window_bits; server_max_window_bits=9"
                : "permessage-deflate; server_no_context_takeover");
    uint8_t *data = calloc(1, MAX);
    uint32_t seed = 3;
    unsigned sum = 0;
    size_t messages = 0, first, before;
    if (distant) {
        for (size_t i = 0; i < MAX; i++, seed = seed * 1664525 + 1013904223)
            data[i] = i < MAX / 4 ? (uint8_t)(seed >> 20) : data[i - MAX / 4];
        say_compressed(&p, COMPRESSED_BINARY, data, MAX);
        messages++;
    }
    first = p.count;
    while (p.count < first + RECEIVE_SIZE) {
        say_compressed(&p, COMPRESSED_BINARY, data, MAX);
        messages++;
    }
    for (size_t i = 0; i < messages * MAX; i++)
        sum = sum * 31 + data[i % MAX];
    before = mallinfo2().uordblks;
    open_both(&s, &h, &limits);
    session_receive(&s, p.bytes, first);
    session_own(&s);
    hear_session(&s, &h, 100 * 1000);
    session_receive(&s, p.bytes + first, p.count - first);
    session_own(&s);
    cr_expect(session_is_full(&s), "the rest waits");
    if (with_eof)
        cr_expect_eq(session_eof(&s), WANT_WRITE);
    cr_expect_leq(mallinfo2().uordblks - before, limits.pending_max + 8 * MAX, "in use while replies are pending");
    hear_session(&s, &h, 100 * 1000);
    cr_expect_eq(session_wants(&s), with_eof ? WANT_CLOSE : WANT_READ);
    cr_expect_eq(h.messages, messages);
    cr_expect(h.bytes == messages * MAX && h.sum == sum);
    cr_expect_leq(h.most_pending, limits.pending_max + MAX + WEBSOCKET_HEADER_MAX);
    cr_expect(distant ? h.wire > messages * MAX / 2 : h.wire < messages * MAX / 100);
    cr_expect_eq(s.messages, messages);
    cr_expect_null(s.input);
    close_both(&s, &h);
    free(data);
    peer_close(&p);
}

Test(compressed, a_receive_full_of_bombs_is_answered_in_turns) {
    mallopt(M_MMAP_THRESHOLD, 512 * 1024 * 1024); /* so that uordblks has all */
    expect_bounded(false, false);
    expect_bounded(false, true);
    expect_bounded(true, false);
    expect_bounded(true, true);
}

/* A completion model may receive more while replies are pending. */
Test(compressed, input_that_comes_meanwhile_stays_in_order) {
    struct limits limits = limits_of(12);
    struct session s;
    struct heard h;
    struct peer p;
    peer_open(&p, WEBSOCKET_SERVER, DEFLATE_OFFER);
    uint8_t *zeros = calloc(1, MAX);
    open_both(&s, &h, &limits);
    for (int i = 0; i < 20; i++) {
        zeros[0] = (uint8_t)i;
        say_compressed(&p, COMPRESSED_BINARY, zeros, MAX);
    }
    unsigned sum = 0;
    for (size_t i = 0; i < 20 * (size_t)MAX; i++)
        sum = sum * 31 + (uint8_t)(i % MAX == 0 ? i / MAX : 0);
    for (size_t at = 0; at < p.count; at += 300)
        session_receive(&s, p.bytes + at, 300 < p.count - at ? 300 : p.count - at), session_own(&s);
    cr_expect(session_is_full(&s));
    hear_session(&s, &h, 33);
    cr_expect_eq(h.messages, 20);
    cr_expect_eq(h.sum, sum);
    cr_expect_not(session_is_full(&s));
    close_both(&s, &h);
    free(zeros);
    peer_close(&p);
}

/* The end comes while input waits: nothing of it is leaked, and nothing is answered any more. */
Test(compressed, input_that_waits_is_dropped_when_the_session_ends) {
    struct limits limits = limits_of(12);
    uint8_t *zeros = calloc(1, MAX);
    for (int how = 0; how < 3; how++) {
        struct session s;
        struct peer p;
        peer_open(&p, WEBSOCKET_SERVER, DEFLATE_OFFER);
        size_t before = mallinfo2().uordblks;
        for (int i = 0; i < 20; i++)
            say_compressed(&p, COMPRESSED_BINARY, zeros, MAX);
        before = mallinfo2().uordblks;
        session_open(&s, PROTOCOL_WS, &limits);
        session_receive(&s, p.bytes, p.count);
        session_own(&s);
        cr_assert_not_null(s.input);
        if (how == 0)
            cr_expect_eq(session_reset(&s), WANT_CLOSE);
        else if (how == 1)
            cr_expect_eq(session_shutdown(&s), WANT_WRITE);
        cr_expect_eq(s.input != NULL, how == 2);
        session_close(&s);
        cr_expect_leq(mallinfo2().uordblks, before + CACHED);
        peer_close(&p);
    }
    free(zeros);
}
