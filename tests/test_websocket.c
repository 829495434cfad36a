/* websocket.c against RFC 6455's own examples, at every split, against random bytes, and against an unreadable page. */
#include "guarded.h"
#include "websocket.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static const char request[] = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Version: 13\r\n\r\n";
static const char response[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
static const char accept[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

enum { INPUT_MAX = 200 * 1024 };

/* What happened, as text: one line an event, so that two runs can be compared and a failure can be read. */
struct transcript {
    char text[4096];
    size_t length;
};

static void note(struct transcript *t, const struct websocket_event *e) {
    static const char *const names[] = {"more", "open", "message", "ping", "pong", "close", "error"};
    unsigned sum = 0;
    for (size_t i = 0; i < e->length; i++)
        sum = sum * 31 + e->payload[i];
    int shown = e->length < 40 && e->type != WEBSOCKET_OPEN ? (int)e->length : 0;
    int added = snprintf(t->text + t->length, sizeof t->text - t->length, "%s op=%u code=%u length=%zu sum=%08x %.*s\n",
        names[e->type], e->opcode, e->code, e->length, sum, shown, (const char *)e->payload);
    t->length += (size_t)added;
    if (t->length > sizeof t->text - 1)
        t->length = sizeof t->text - 1;
}

/* Feeds `count` bytes from a page that ends right behind them; notes the events. */
static void feed(struct websocket *w, const uint8_t *bytes, size_t count, struct transcript *t) {
    static struct guarded g; /* mapped once: this is called for each byte of long inputs */
    size_t used = 0;
    struct websocket_event event;
    if (!g.mapping)
        g = guarded_new(INPUT_MAX);
    guarded_place(&g, bytes, count);
    do {
        used += websocket_receive(w, g.bytes + used, count - used, &event);
        cr_assert_leq(used, count);
        if (event.type != WEBSOCKET_NEED_MORE)
            note(t, &event);
    } while (event.type != WEBSOCKET_NEED_MORE);
    cr_assert_eq(used, count, "NEED_MORE with %zu bytes left", count - used);
}

static struct transcript feed_split(enum websocket_role role, const struct limits *limits, const uint8_t *bytes,
    size_t count, size_t first, size_t second) {
    struct transcript t = {.length = 0};
    struct websocket w;
    websocket_open(&w, role, limits, role == WEBSOCKET_CLIENT ? accept : NULL);
    feed(&w, bytes, first, &t);
    feed(&w, bytes + first, second - first, &t);
    feed(&w, bytes + second, count - second, &t);
    websocket_close(&w);
    return t;
}

static struct transcript feed_bytewise(
    enum websocket_role role, const struct limits *limits, const uint8_t *bytes, size_t count) {
    struct transcript t = {.length = 0};
    struct websocket w;
    websocket_open(&w, role, limits, role == WEBSOCKET_CLIENT ? accept : NULL);
    for (size_t i = 0; i < count; i++)
        feed(&w, bytes + i, 1, &t);
    websocket_close(&w);
    return t;
}

/* A conversation in the making: the handshake, then frames. */
struct input {
    uint8_t bytes[INPUT_MAX];
    size_t count;
    enum websocket_role role;
};

static struct input *input_new(enum websocket_role role) {
    struct input *in = calloc(1, sizeof *in);
    const char *head = role == WEBSOCKET_SERVER ? request : response;
    in->role = role;
    in->count = strlen(head);
    memcpy(in->bytes, head, in->count);
    return in;
}

static void add(struct input *in, const void *bytes, size_t count) {
    memcpy(in->bytes + in->count, bytes, count);
    in->count += count;
}

/* A frame from the other side: masked if we are the server. */
static void add_frame(struct input *in, uint8_t first, const void *payload, size_t length) {
    static const uint8_t mask[4] = {0x37, 0xFA, 0x21, 0x3D};
    uint8_t header[WEBSOCKET_HEADER_MAX];
    bool masked = in->role == WEBSOCKET_SERVER;
    size_t size = websocket_frame_header(header, first & 0x0F, first & 0x80, length, masked ? mask : NULL);
    header[0] = first;
    add(in, header, size);
    add(in, payload, length);
    if (masked)
        websocket_mask(in->bytes + in->count - length, length, mask);
}

/* Whole, byte by byte and at every pair of splits, the events must be the same; returns them. */
static struct transcript at_every_split(const struct input *in) {
    struct limits limits = LIMITS_DEFAULT;
    struct transcript whole = feed_split(in->role, &limits, in->bytes, in->count, in->count, in->count);
    struct transcript single = feed_bytewise(in->role, &limits, in->bytes, in->count);
    cr_assert_str_eq(whole.text, single.text);
    size_t step = in->count < 400 ? 1 : in->count / 50; /* long inputs: 50 places are enough */
    for (size_t first = 0; first <= in->count; first += step) {
        struct transcript t = feed_split(in->role, &limits, in->bytes, in->count, first, in->count);
        cr_assert_str_eq(t.text, whole.text, "split at %zu", first);
    }
    for (size_t first = strlen(request) / 2; first <= in->count; first += 7 * step)
        for (size_t second = first; second <= in->count; second += 3 * step) {
            struct transcript t = feed_split(in->role, &limits, in->bytes, in->count, first, second);
            cr_assert_str_eq(t.text, whole.text, "split at %zu and %zu", first, second);
        }
    return whole;
}

static const char *last_line(const struct transcript *t) {
    const char *line = t->text, *next;
    while ((next = strchr(line, '\n')) && next[1])
        line = next + 1;
    return line;
}

static void expect_last(struct input *in, const char *begins) {
    struct transcript t = at_every_split(in);
    cr_expect(strncmp(last_line(&t), begins, strlen(begins)) == 0, "expected '%s', got:\n%s", begins, t.text);
    free(in);
}

/* ---- RFC 6455's own examples ---- */

Test(websocket, accept_key_of_section_1_3) {
    char got[WEBSOCKET_ACCEPT_LENGTH + 1];
    cr_assert(websocket_accept_key("dGhlIHNhbXBsZSBub25jZQ==", got));
    cr_assert_str_eq(got, accept);
}

Test(websocket, examples_of_section_5_7_from_a_client) {
    struct input *in = input_new(WEBSOCKET_SERVER);
    add(in, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11); /* masked text "Hello" */
    add(in, "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11); /* masked pong */
    struct transcript t = at_every_split(in);
    cr_assert(strstr(t.text, "open op=0 code=101 length=24") == t.text);
    cr_assert(strstr(t.text, "message op=1 code=0 length=5") && strstr(t.text, "Hello\npong op=10 code=0 length=5"));
    free(in);
}

Test(websocket, examples_of_section_5_7_from_a_server) {
    struct input *in = input_new(WEBSOCKET_CLIENT);
    add(in, "\x81\x05\x48\x65\x6c\x6c\x6f", 7);         /* "Hello" */
    add(in, "\x01\x03\x48\x65\x6c\x80\x02\x6c\x6f", 9); /* "Hel" + "lo" */
    add(in, "\x89\x05\x48\x65\x6c\x6c\x6f", 7);         /* ping "Hello" */
    struct transcript t = at_every_split(in);
    const char *first = strstr(t.text, "message op=1 code=0 length=5");
    cr_assert(
        first && strstr(first + 1, "message op=1 code=0 length=5") && strstr(t.text, "ping op=9 code=0 length=5"));
    free(in);
}

Test(websocket, frame_headers_of_section_5_7) {
    uint8_t out[WEBSOCKET_HEADER_MAX];
    cr_assert_eq(websocket_frame_header(out, WEBSOCKET_TEXT, true, 5, NULL), 2);
    cr_assert_arr_eq(out, "\x81\x05", 2);
    cr_assert_eq(websocket_frame_header(out, WEBSOCKET_BINARY, true, 256, NULL), 4);
    cr_assert_arr_eq(out, "\x82\x7e\x01\x00", 4);
    cr_assert_eq(websocket_frame_header(out, WEBSOCKET_BINARY, true, 65536, NULL), 10);
    cr_assert_arr_eq(out, "\x82\x7f\0\0\0\0\0\x01\0\0", 10);
    cr_assert_eq(websocket_frame_header(out, WEBSOCKET_TEXT, true, 5, (const uint8_t *)"abcd"), 6);
    cr_assert_arr_eq(out,
        "\x81\x85"
        "abcd",
        6);
}

Test(websocket, masking_is_the_same_at_every_length) {
    static const uint8_t mask[4] = {1, 2, 3, 4};
    for (size_t count = 0; count < 70; count++) {
        uint8_t zeros[70] = {0};
        struct guarded g = guarded_copy(zeros, count);
        websocket_mask(g.bytes, count, mask);
        for (size_t i = 0; i < count; i++)
            cr_assert_eq(g.bytes[i], mask[i % 4]);
        guarded_free(&g);
    }
}

/* ---- messages, fragments, control frames ---- */

Test(websocket, lengths_around_every_border) {
    static const size_t lengths[] = {0, 1, 7, 8, 125, 126, 127, 128, 4096, 65535, 65536};
    static uint8_t payload[65536];
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct limits limits = LIMITS_DEFAULT;
        struct input *in = input_new(WEBSOCKET_SERVER);
        char expected[64];
        add_frame(in, 0x82, payload, lengths[i]);
        struct transcript whole = feed_split(in->role, &limits, in->bytes, in->count, in->count, in->count);
        struct transcript single = feed_bytewise(in->role, &limits, in->bytes, in->count);
        snprintf(expected, sizeof expected, "message op=2 code=0 length=%zu ", lengths[i]);
        cr_expect_str_eq(whole.text, single.text);
        cr_expect(strstr(whole.text, expected), "%s", whole.text);
        free(in);
    }
}

Test(websocket, fragments_with_control_frames_between) {
    struct input *in = input_new(WEBSOCKET_SERVER);
    add_frame(in, 0x01, "caf\xC3", 4); /* the code point goes on in the next fragment */
    add_frame(in, 0x89, "ping in between", 15);
    add_frame(in, 0x00, "", 0);
    add_frame(in, 0x8A, "", 0);
    add_frame(in, 0x80, "\xA9!", 2);
    struct transcript t = at_every_split(in);
    cr_assert(strstr(t.text, "ping in between\npong op=10 code=0 length=0"));
    cr_assert(strstr(t.text, "message op=1 code=0 length=6") && strstr(t.text, "caf\xC3\xA9!"));
    free(in);
}

Test(websocket, first_frame_in_the_segment_of_the_head) {
    struct input *in = input_new(WEBSOCKET_SERVER);
    add_frame(in, 0x81, "early", 5);
    expect_last(in, "message op=1 code=0 length=5");
}

Test(websocket, control_payload_of_125_bytes) {
    struct input *in = input_new(WEBSOCKET_SERVER);
    uint8_t payload[125];
    memset(payload, 'p', sizeof payload);
    add_frame(in, 0x89, payload, sizeof payload);
    expect_last(in, "ping op=9 code=0 length=125");
}

Test(websocket, close_frames) {
    static const struct {
        const char *payload;
        size_t length;
        const char *expected;
    } cases[] = {
        {"", 0, "close op=8 code=1005 length=0"}, {"\x03\xE8", 2, "close op=8 code=1000 length=0"},
        {"\x03\xE8\xE5\x86\x8D\xE8\xA7\x81", 8, "close op=8 code=1000 length=6"},
        {"\x0B\xB8", 2, "close op=8 code=3000"}, {"\x13\x87", 2, "close op=8 code=4999"},
        {"\x03\xF6", 2, "close op=8 code=1014"}, {"\x03", 1, "error op=0 code=1002"},
        {"\x03\xE8\xFF", 3, "error op=0 code=1007"}, {"\x00\x00", 2, "error op=0 code=1002"},
        {"\x03\xE7", 2, "error op=0 code=1002"}, /* 999 */
        {"\x03\xEC", 2, "error op=0 code=1002"}, /* 1004 */
        {"\x03\xED", 2, "error op=0 code=1002"}, /* 1005 */
        {"\x03\xEE", 2, "error op=0 code=1002"}, /* 1006 */
        {"\x03\xF7", 2, "error op=0 code=1002"}, /* 1015 */
        {"\x03\xF8", 2, "error op=0 code=1002"}, /* 1016 */
        {"\x0B\xB7", 2, "error op=0 code=1002"}, /* 2999 */
        {"\x13\x88", 2, "error op=0 code=1002"}, /* 5000 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct input *in = input_new(WEBSOCKET_SERVER);
        add_frame(in, 0x88, cases[i].payload, cases[i].length);
        add_frame(in, 0x81, "after the end", 13); /* must be discarded */
        expect_last(in, cases[i].expected);
    }
}

/* ---- violations: one error, and nothing delivered after it ---- */

Test(websocket, violations) {
    static const struct {
        const char *bytes;
        size_t length;
        const char *expected;
    } cases[] = {
        {"\xC1\x80mask", 6, "error op=0 code=1002"}, /* RSV1 */
        {"\xA1\x80mask", 6, "error op=0 code=1002"}, /* RSV2 */
        {"\x91\x80mask", 6, "error op=0 code=1002"}, /* RSV3 */
        {"\x83\x80mask", 6, "error op=0 code=1002"}, /* reserved opcodes */
        {"\x87\x80mask", 6, "error op=0 code=1002"}, {"\x8B\x80mask", 6, "error op=0 code=1002"},
        {"\x8F\x80mask", 6, "error op=0 code=1002"}, {"\x81\x05Hello", 7, "error op=0 code=1002"}, /* not masked */
        {"\x80\x80mask", 6, "error op=0 code=1002"},                                  /* continuation of nothing */
        {"\x01\x80mask\x81\x80mask", 12, "error op=0 code=1002"},                     /* a message inside a message */
        {"\x09\x80mask", 6, "error op=0 code=1002"},                                  /* fragmented ping */
        {"\x89\xFE\x00\x7Emask", 8, "error op=0 code=1002"},                          /* ping of 126 */
        {"\x82\xFE\x00\x7Dmask", 8, "error op=0 code=1002"},                          /* 125 in 16 bits */
        {"\x82\xFF\0\0\0\0\0\0\xFF\xFFmask", 14, "error op=0 code=1002"},             /* 65535 in 64 bits */
        {"\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFmask", 14, "error op=0 code=1002"}, /* 2^64-1 */
        {"\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFCmask", 14, "error op=0 code=1002"}, /* 2^64-4 */
        {"\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFFmask", 14, "error op=0 code=1009"}, /* 2^63-1 */
        {"\x82\xFF\0\0\0\1\0\0\0\0mask", 14, "error op=0 code=1009"},                 /* 4 GiB */
        {"\x82\xFF\0\0\0\0\0\1\0\1mask", 14, "error op=0 code=1009"},                 /* 64 KiB + 1 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct input *in = input_new(WEBSOCKET_SERVER);
        add(in, cases[i].bytes, cases[i].length);
        add_frame(in, 0x81, "after the error", 15);
        expect_last(in, cases[i].expected);
    }
}

Test(websocket, a_server_that_masks) {
    struct input *in = input_new(WEBSOCKET_CLIENT);
    add(in, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
    expect_last(in, "error op=0 code=1002");
}

Test(websocket, bad_text_fails_before_the_frame_is_complete) {
    struct input *in = input_new(WEBSOCKET_SERVER);
    add(in, "\x81\xE4\0\0\0\0good\xFF", 11); /* 100 bytes announced, the fifth is impossible */
    expect_last(in, "error op=0 code=1007");
}

/* libhv 769: unmasking a part of a payload read beyond it. Here a page that must not be touched begins right there. */
Test(websocket, every_part_of_a_payload_at_the_edge_of_a_page) {
    uint8_t payload[139];
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)i;
    struct input *in = input_new(WEBSOCKET_SERVER);
    add_frame(in, 0x82, payload, sizeof payload);
    expect_last(in, "message op=2 code=0 length=139 ");
}

Test(websocket, text_that_ends_in_mid_code_point) {
    struct input *in = input_new(WEBSOCKET_SERVER);
    add_frame(in, 0x81, "\xE2\x82", 2);
    expect_last(in, "error op=0 code=1007");
}

Test(websocket, fragments_that_add_up_beyond_the_limit) {
    static uint8_t payload[60000];
    struct input *in = input_new(WEBSOCKET_SERVER);
    add_frame(in, 0x02, payload, sizeof payload);
    add_frame(in, 0x80, payload, 5537); /* one byte too many */
    expect_last(in, "error op=0 code=1009");
}

Test(websocket, endless_empty_fragments) {
    struct limits limits = LIMITS_DEFAULT;
    struct transcript t = {.length = 0};
    struct websocket w;
    uint8_t empty[] = {0x00, 0x80, 0, 0, 0, 0};
    websocket_open(&w, WEBSOCKET_SERVER, &limits, NULL);
    feed(&w, (const uint8_t *)request, strlen(request), &t);
    feed(&w, (const uint8_t *)"\x01\x80\0\0\0\0", 6, &t);
    struct websocket_event event;
    size_t frames = 1;
    do {
        uint8_t bytes[sizeof empty];
        memcpy(bytes, empty, sizeof empty);
        websocket_receive(&w, bytes, sizeof bytes, &event);
        frames++;
    } while (event.type == WEBSOCKET_NEED_MORE && frames < 200000);
    cr_assert_eq(event.type, WEBSOCKET_ERROR);
    cr_assert_eq(event.code, WEBSOCKET_CLOSE_POLICY);
    cr_assert_eq(frames, limits.fragments_max + 1);
    cr_assert_null(w.held, "empty fragments hold memory");
    websocket_close(&w);
}

/* Each growth copies what there is: with one for each of n fragments, n of them would cost n * n. */
Test(websocket, memory_grows_by_doubling_whatever_comes_in_small_pieces) {
    struct limits limits = LIMITS_DEFAULT;
    struct transcript t = {.length = 0};
    struct websocket w;
    struct websocket_event event;
    uint32_t capacity = 0;
    int growths = 0;
    websocket_open(&w, WEBSOCKET_SERVER, &limits, NULL);
    feed(&w, (const uint8_t *)request, strlen(request), &t);
    for (int i = 0; i < 30000; i++) {
        uint8_t fragment[] = {i == 0 ? 0x02 : 0x00, 0x82, 0, 0, 0, 0, 'a', 'b'}, ping[] = {0x89, 0x81, 0, 0, 0, 0, 'p'};
        websocket_receive(&w, fragment, sizeof fragment, &event);
        websocket_receive(&w, ping, sizeof ping, &event);
        growths += w.held->capacity != capacity;
        capacity = w.held->capacity;
    }
    cr_assert_eq(w.message_length, 60000);
    cr_assert_leq(growths, 20);
    websocket_close(&w);
}

/* And no further than the message, where its last frame tells how long that is. */
Test(websocket, memory_does_not_grow_beyond_the_message) {
    struct limits limits = LIMITS_DEFAULT;
    struct transcript t = {.length = 0};
    struct websocket w;
    struct input *in = input_new(WEBSOCKET_SERVER);
    uint8_t payload[33000] = {0};
    add_frame(in, 0x82, payload, sizeof payload);
    websocket_open(&w, WEBSOCKET_SERVER, &limits, NULL);
    for (size_t i = 0; i < in->count - 1; i++)
        feed(&w, in->bytes + i, 1, &t);
    cr_assert_leq(w.held->capacity, sizeof payload + WEBSOCKET_HEADER_MAX);
    websocket_close(&w);
    free(in);
}

Test(websocket, a_head_without_end) {
    struct limits limits = LIMITS_DEFAULT;
    struct input *in = input_new(WEBSOCKET_SERVER);
    in->count = (size_t)sprintf((char *)in->bytes, "GET /");
    memset(in->bytes + in->count, '/', 100 * 1000);
    in->count += 100 * 1000;
    struct transcript t = feed_split(in->role, &limits, in->bytes, in->count, in->count, in->count);
    cr_assert(strstr(t.text, "error op=0 code=431"), "%s", t.text);
    free(in);
}

Test(websocket, an_idle_connection_holds_nothing) {
    struct limits limits = LIMITS_DEFAULT;
    struct transcript t = {.length = 0};
    struct websocket w;
    struct input *in = input_new(WEBSOCKET_SERVER);
    add_frame(in, 0x01, "half", 4);
    add_frame(in, 0x89, "ping", 4);
    websocket_open(&w, WEBSOCKET_SERVER, &limits, NULL);
    for (size_t i = 0; i < in->count; i++)
        feed(&w, in->bytes + i, 1, &t);
    cr_assert_not_null(w.held, "the half message must be held");
    in->count = 0;
    add_frame(in, 0x80, "way", 3);
    feed(&w, in->bytes, in->count, &t);
    cr_assert_null(w.held);
    websocket_close(&w);
    free(in);
}

/* ---- anything at all ---- */

/* Random bytes, and valid frames with random damage: never more than one close or error, nothing after it, the same at
 * every split. The seed is printed by the assertion. */
Test(websocket, byte_soup) {
    struct limits limits = LIMITS_DEFAULT;
    for (unsigned seed = 1; seed <= 3000; seed++) {
        srandom(seed);
        struct input *in = input_new(seed % 2 ? WEBSOCKET_SERVER : WEBSOCKET_CLIENT);
        size_t head = in->count;
        for (int frames = (int)(random() % 6); frames >= 0; frames--) {
            static const uint8_t firsts[] = {0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8A, 0x88};
            uint8_t payload[300];
            size_t length = (size_t)(random() % 5 ? random() % 20 : random() % 300);
            for (size_t i = 0; i < length; i++)
                payload[i] = (uint8_t)(random() % 8 ? 'a' + random() % 26 : random());
            add_frame(in, firsts[(size_t)random() % sizeof firsts], payload, length);
        }
        for (int damage = (int)(random() % 4); damage > 0; damage--)
            in->bytes[head + (size_t)random() % (in->count - head)] = (uint8_t)random();
        struct transcript whole = feed_split(in->role, &limits, in->bytes, in->count, in->count, in->count);
        struct transcript single = feed_bytewise(in->role, &limits, in->bytes, in->count);
        size_t split = (size_t)random() % in->count;
        struct transcript two = feed_split(in->role, &limits, in->bytes, in->count, split, in->count);
        cr_assert_str_eq(whole.text, single.text, "seed %u", seed);
        cr_assert_str_eq(whole.text, two.text, "seed %u split %zu", seed, split);
        const char *end = strstr(whole.text, "close ");
        end = end ? end : strstr(whole.text, "error ");
        cr_assert(!end || !strchr(end, '\n')[1], "seed %u: something follows the end:\n%s", seed, whole.text);
        free(in);
    }
}
