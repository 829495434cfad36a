/* deflate.c: what is agreed on, in tables; the examples of RFC 7692; and data that is cut, wrong, or a bomb. */
#include "deflate.h"
#include "guarded.h"
#include "session.h"
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

/* ---- what is agreed on ---- */

/* The server's answer to these offers; "": it declines. `offers` are the values of so many fields, a NUL between two.
 */
static const char *answer_to(const char *offers, size_t length, int bits, bool forgets) {
    static char answer[DEFLATE_ANSWER_MAX];
    char head[2048];
    size_t count = (size_t)snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: x\r\n");
    for (const char *offer = offers; offer <= offers + length; offer += strlen(offer) + 1)
        count += (size_t)snprintf(head + count, sizeof head - count, "sec-websocket-extensions: %s\r\n", offer);
    count += (size_t)snprintf(head + count, sizeof head - count, "X: permessage-deflate\r\n\r\n");
    struct guarded g = guarded_copy(head, count);
    struct deflate_terms terms = deflate_agree(g.bytes, count, bits, forgets);
    guarded_free(&g);
    answer[0] = '\0';
    if (terms.agreed)
        deflate_answer(terms, answer);
    return answer;
}

#define PMD "permessage-deflate"
#define SNCT "; server_no_context_takeover"
#define CNCT "; client_no_context_takeover"
#define SMWB "; server_max_window_bits="
#define CMWB "; client_max_window_bits="

static const struct {
    const char *offers;
    const char *answer; /* of a server whose largest window has 15 bits */
} offers[] = {
    /* each parameter by the letter */
    {PMD, PMD},
    {PMD SNCT, PMD SNCT},
    {PMD CNCT, PMD CNCT},
    {PMD CNCT SNCT, PMD SNCT CNCT},
    {PMD SMWB "15", PMD SMWB "15"},
    {PMD SMWB "9", PMD SMWB "9"},
    {PMD "; client_max_window_bits", PMD CMWB "15"},
    {PMD CMWB "15", PMD CMWB "15"},
    {PMD CMWB "9", PMD CMWB "9"},
    {PMD CMWB "8", PMD}, /* it limits itself, and every inflater can read it */
    {PMD SNCT CNCT SMWB "10" CMWB "11", PMD SNCT CNCT SMWB "10" CMWB "11"},
    /* what the list may look like */
    {"permessage-deflate;client_max_window_bits", PMD CMWB "15"},
    {" ,\t, permessage-deflate\t ; server_no_context_takeover ,,", PMD SNCT},
    {"Permessage-Deflate; SERVER_NO_CONTEXT_TAKEOVER", PMD SNCT},
    {PMD SMWB "\"10\"", PMD SMWB "10"},
    {PMD SMWB "\"1\\0\"", PMD SMWB "10"},
    /* declined: 8 bits, which zlib cannot do */
    {PMD SMWB "8", ""},
    {PMD SMWB "8, " PMD, PMD},
    {PMD SMWB "8, " PMD SMWB "9", PMD SMWB "9"},
    /* declined: unknown, repeated or malformed parameters */
    {PMD "; unknown", ""},
    {PMD "; unknown=1", ""},
    {PMD SNCT SNCT, ""},
    {PMD CNCT CNCT, ""},
    {PMD SMWB "10" SMWB "10", ""},
    {PMD CMWB "10" CMWB "10", ""},
    {PMD "; client_max_window_bits; client_max_window_bits", ""},
    {PMD "; server_no_context_takeover=1", ""},
    {PMD "; client_no_context_takeover=\"\"", ""},
    {PMD "; server_max_window_bits", ""},
    {PMD SMWB, ""},
    {PMD SMWB "7", ""},
    {PMD SMWB "16", ""},
    {PMD SMWB "010", ""},
    {PMD SMWB "+10", ""},
    {PMD SMWB "10.0", ""},
    {PMD SMWB "1 0", ""},
    {PMD SMWB "1000000010", ""},
    {PMD SMWB "\"10", ""},
    {PMD SMWB "\"1 0\"", ""},
    {PMD SMWB "\"\"", ""},
    {PMD SMWB "\"10\\", ""},
    {PMD CMWB "7", ""},
    {PMD CMWB "0", ""},
    {PMD CMWB, ""},
    {PMD ";", ""},
    {PMD ";;server_no_context_takeover", ""},
    {PMD " server_no_context_takeover", ""},
    {PMD "=1", ""},
    {"=" PMD, ""},
    {"\"permessage-deflate\"", ""},
    {"permessage-deflate-2", ""},
    {"x-webkit-deflate-frame", ""},
    {"", ""},
    {",", ""},
    /* several offers: the first acceptable one */
    {"x-webkit-deflate-frame, permessage-bzip2; level=9, " PMD SNCT, PMD SNCT},
    {"foo; bar=\"permessage-deflate\", " PMD, PMD},
    {PMD "; unknown, " PMD SMWB "7, " PMD CNCT ", " PMD SNCT, PMD CNCT},
    {PMD SNCT ", " PMD, PMD SNCT},
    {PMD "; =, " PMD, ""}, /* behind what is malformed, nothing can be told apart */
    {PMD SNCT ", ;", PMD SNCT},
    {"foo\0" PMD SNCT, PMD SNCT}, /* the field comes twice */
    {";\0" PMD, PMD},
};

static size_t offers_length(size_t i) {
    const char *first = offers[i].offers;
    return strcmp(first, "foo") == 0 || strcmp(first, ";") == 0 ? strlen(first) + 1 + strlen(first + strlen(first) + 1)
                                                                : strlen(first);
}

Test(deflate, a_server_takes_or_declines_each_offer) {
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++)
        cr_expect_str_eq(
            answer_to(offers[i].offers, offers_length(i), 15, false), offers[i].answer, "to '%s'", offers[i].offers);
}

Test(deflate, a_smaller_window_of_the_server_is_told_and_asked_for) {
    static const struct {
        const char *offer, *answer;
    } cases[] = {
        {PMD "; client_max_window_bits", PMD SMWB "12" CMWB "12"},
        {PMD CMWB "10" SMWB "10", PMD SMWB "10" CMWB "10"},
        {PMD CMWB "15" SMWB "15", PMD SMWB "12" CMWB "12"},
        {PMD, PMD CNCT SMWB "12"}, /* 15 bits for its window: but for one message only */
        {PMD SNCT CNCT, PMD SNCT CNCT SMWB "12"},
        {PMD CMWB "8", PMD SMWB "12"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_str_eq(
            answer_to(cases[i].offer, strlen(cases[i].offer), 12, false), cases[i].answer, "to '%s'", cases[i].offer);
    cr_expect_str_eq(answer_to(PMD CMWB "9", sizeof(PMD CMWB "9") - 1, 9, false), PMD SMWB "9" CMWB "9");
    cr_expect_str_eq(
        answer_to(PMD "; client_max_window_bits", sizeof(PMD CMWB) - 2, 12, true), PMD CNCT SMWB "12" CMWB "12");
}

/* -1: the client must fail the connection. */
static int accepted(const char *answer, struct deflate_terms *terms) {
    char head[512];
    int count = snprintf(
        head, sizeof head, "HTTP/1.1 101 Switching: Protocols\r\nSec-WebSocket-Extensions: %s\r\n\r\n", answer);
    struct guarded g = guarded_copy(head, (size_t)count);
    bool is_good = deflate_accept(g.bytes, (size_t)count, terms);
    guarded_free(&g);
    return is_good ? terms->agreed : -1;
}

Test(deflate, a_client_accepts_only_what_it_has_offered) {
    static const struct {
        const char *answer;
        int accepted;
        unsigned read_bits, write_bits, read_keeps, write_keeps;
    } cases[] = {
        {PMD, 1, 15, 15, 1, 1},
        {PMD SNCT, 1, 15, 15, 0, 1},
        {PMD CNCT, 1, 15, 15, 1, 0},
        {PMD SMWB "10" CMWB "9", 1, 10, 9, 1, 1},
        {PMD SMWB "8", 1, 9, 15, 1, 1},
        {PMD CMWB "8", 1, 15, 0, 1, 1}, /* so the client compresses nothing */
        {PMD SMWB "\"12\"", 1, 12, 15, 1, 1},
        {"", 0, 0, 0, 0, 0},
        {PMD "; client_max_window_bits", -1, 0, 0, 0, 0},
        {PMD SMWB "7", -1, 0, 0, 0, 0},
        {PMD SMWB "16", -1, 0, 0, 0, 0},
        {PMD "; server_max_window_bits", -1, 0, 0, 0, 0},
        {PMD SNCT SNCT, -1, 0, 0, 0, 0},
        {PMD "; unknown", -1, 0, 0, 0, 0},
        {PMD "; server_no_context_takeover=1", -1, 0, 0, 0, 0},
        {PMD ", " PMD, -1, 0, 0, 0, 0},
        {PMD ", foo", -1, 0, 0, 0, 0},
        {"foo", -1, 0, 0, 0, 0},
        {PMD ";", -1, 0, 0, 0, 0},
        {"x-webkit-deflate-frame", -1, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct deflate_terms t;
        cr_expect_eq(accepted(cases[i].answer, &t), cases[i].accepted, "'%s'", cases[i].answer);
        if (cases[i].accepted == 1)
            cr_expect(t.read_bits == cases[i].read_bits && t.write_bits == cases[i].write_bits &&
                          t.read_keeps == cases[i].read_keeps && t.write_keeps == cases[i].write_keeps,
                "'%s': read %u, %u; write %u, %u", cases[i].answer, t.read_bits, t.read_keeps, t.write_bits,
                t.write_keeps);
    }
}

/* What a server answers to the client's own offer, the client accepts, with the same windows. */
Test(deflate, both_sides_agree) {
    for (int bits = DEFLATE_BITS_MIN; bits <= DEFLATE_BITS_MAX; bits++) {
        struct deflate_terms client;
        cr_assert_eq(accepted(answer_to(DEFLATE_OFFER, strlen(DEFLATE_OFFER), bits, false), &client), 1);
        cr_expect_eq(client.read_bits, bits);
        cr_expect_eq(client.write_bits, bits);
        cr_expect(client.read_keeps && client.write_keeps);
    }
}

/* ---- the data ---- */

static const struct deflate_terms all = {
    .agreed = true, .read_bits = 15, .write_bits = 15, .read_keeps = true, .write_keeps = true};

/* Inflates a message, fed `step` bytes at a time from in front of an unreadable page, with `room` bytes of room at a
 * time. The result of the whole; what came is in `out`. */
static enum deflate_result inflate_message(struct deflate **d, struct deflate_terms terms, const void *bytes,
    size_t count, size_t step, size_t room, uint8_t *out, size_t *made) {
    enum deflate_result result = DEFLATE_DONE;
    struct guarded g = guarded_new(step);
    *made = 0;
    for (size_t at = 0; at < count && result == DEFLATE_DONE; at += step) {
        size_t left = step < count - at ? step : count - at;
        guarded_place(&g, (const uint8_t *)bytes + at, left);
        const uint8_t *in = g.bytes;
        do {
            uint8_t *to = out + *made;
            size_t free_room = room;
            result = deflate_read(d, terms, &in, &left, &to, &free_room);
            cr_assert_eq((size_t)(to - out) - *made, room - free_room);
            *made = (size_t)(to - out);
        } while (result == DEFLATE_FULL);
        cr_assert(result != DEFLATE_DONE || left == 0);
    }
    guarded_free(&g);
    return result == DEFLATE_DONE ? deflate_read_end(d, terms) : result;
}

/* The message must become this text, however it is cut. */
static void expect_text(const void *bytes, size_t count, const char *text) {
    uint8_t out[4096];
    for (size_t step = 1; step <= count; step++) {
        for (size_t room = 1; room <= 300; room += room < 10 ? 1 : 145) {
            struct deflate *d = NULL;
            size_t made;
            cr_expect_eq(inflate_message(&d, all, bytes, count, step, room, out, &made), DEFLATE_DONE);
            cr_expect(
                made == strlen(text) && memcmp(out, text, made) == 0, "%.*s, not %s", (int)made, (char *)out, text);
            deflate_free(&d);
        }
    }
}

Test(deflate, examples_of_section_7_2_3) {
    expect_text("\xf2\x48\xcd\xc9\xc9\x07\x00", 7, "Hello");                          /* one block */
    expect_text("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11, "Hello");         /* without compression */
    expect_text("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8, "Hello");                      /* BFINAL */
    expect_text("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13, "Hello"); /* two blocks */
    expect_text("\x00", 1, "");                                                       /* an empty message */
}

Test(deflate, a_block_with_bfinal_may_end_a_message_or_be_followed) {
    expect_text("\xf3\x48\xcd\xc9\xc9\x07\x00", 7, "Hello"); /* a whole stream: no tail was removed */
    expect_text("\xf3\x48\xcd\xc9\xc9\x07\x00\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 15, "HelloHello");
    expect_text("\xf3\x48\xcd\xc9\xc9\x07\x00\xf2\x48\xcd\xc9\xc9\x07\x00", 14, "HelloHello");
    expect_text("\x03\x00\x03\x00\x03\x00\x00", 7, "");
}

/* The second "Hello" of section 7.2.3.2 refers to the first, also behind a block with BFINAL. */
Test(deflate, the_window_is_taken_over) {
    static const char second[] = "\xf2\x00\x11\x00\x00";
    static const char *const firsts[] = {"\xf2\x48\xcd\xc9\xc9\x07\x00", "\xf3\x48\xcd\xc9\xc9\x07\x00"};
    uint8_t out[64];
    size_t made;
    for (size_t i = 0; i < 2; i++) {
        struct deflate *d = NULL;
        struct deflate_terms forgets = all;
        forgets.read_keeps = false;
        cr_assert_eq(inflate_message(&d, all, firsts[i], 7, 7, 64, out, &made), DEFLATE_DONE);
        cr_assert_eq(inflate_message(&d, all, second, 5, 5, 64, out, &made), DEFLATE_DONE);
        cr_assert(made == 5 && memcmp(out, "Hello", 5) == 0);
        deflate_free(&d);
        cr_assert_eq(inflate_message(&d, forgets, firsts[i], 7, 7, 64, out, &made), DEFLATE_DONE);
        cr_assert_null(d, "nothing is kept without context takeover");
        cr_assert_eq(inflate_message(&d, forgets, second, 5, 5, 64, out, &made), DEFLATE_BAD);
        deflate_free(&d);
    }
}

Test(deflate, what_is_no_message_is_bad) {
    static const struct {
        const char *bytes;
        size_t count;
        const char *why;
    } cases[] = {
        {"", 0, "not even an empty block"},
        {"\x06", 1, "block type 3"},
        {"\xf2\x48\xcd\xc9\xc9\x07", 6, "the block does not end"},
        {"\xf2\x48\xcd\xc9\xc9", 5, "cut in a code"},
        {"\x00\x05\x00\xfa\xff\x48\x65", 7, "cut in a block without compression"},
        {"\x00\x05\x00\xfa\xfe\x48\x65\x6c\x6c\x6f\x00", 11, "lengths that do not agree"},
        {"\xf2\x00\x11\x00\x00", 5, "a distance with nothing there"},
        {"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff", 11, "the tail was not removed, and is there twice"},
        {"\xf2\x48\xcd\xc9\xc9\x07\x00\x06", 8, "garbage behind a block"},
        {"\xf3\x48\xcd\xc9\xc9\x07\x00\x06", 8, "garbage behind the last block"},
        {"\xf3\x48\xcd\xc9\xc9\x07\x00\x78\x9c", 9, "a zlib header behind the last block"},
    };
    uint8_t out[512];
    size_t made;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t step = 1; step <= cases[i].count + 1; step++) {
            struct deflate *d = NULL;
            cr_expect_eq(inflate_message(&d, all, cases[i].bytes, cases[i].count, step, 300, out, &made), DEFLATE_BAD,
                "%s, %zu at a time", cases[i].why, step);
            deflate_free(&d);
        }
    }
}

static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

/* Text: a few words in any order. */
static void fill_text(uint8_t *bytes, size_t count, uint32_t seed) {
    static const char *const words[] = {
        "thread ", "selector ", "buffer ", "channel ", "future ", "callback ", "\xe5\x9b\x9e\xe8\xb0\x83 "};
    for (size_t at = 0; at < count;) {
        const char *word = words[next_random(&seed) % 7];
        size_t length = strlen(word) < count - at ? strlen(word) : count - at;
        memcpy(bytes + at, word, length);
        at += length;
    }
}

enum { LONG = 100 * 1000 };

/* Each window, with and without takeover: what is written is read again, and no distance is larger than the window
 * (inflate with this window would refuse it). The same 300 bytes again are smaller with takeover, if the window holds
 * them. */
Test(deflate, what_is_written_can_be_read_with_every_window) {
    uint8_t *text = malloc(LONG), *packed = malloc(LONG + DEFLATE_ROOM), *out = malloc(LONG + 512);
    for (unsigned bits = DEFLATE_BITS_MIN; bits <= DEFLATE_BITS_MAX; bits++) {
        for (int keeps = 0; keeps < 2; keeps++) {
            struct deflate *writer = NULL, *reader = NULL;
            const struct deflate_terms terms = {.agreed = true,
                .read_bits = bits & 15,
                .write_bits = bits & 15,
                .read_keeps = keeps & 1,
                .write_keeps = keeps & 1};
            static const size_t sizes[] = {LONG, 300, 300, 20, LONG, 1000};
            size_t last = 0, made;
            for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
                fill_text(text, sizes[i], sizes[i] == 300 ? 7 : (uint32_t)i);
                size_t size = deflate_write(&writer, terms, text, sizes[i], packed);
                if (size == 0) /* 20 bytes */
                    continue;
                cr_assert_lt(size, sizes[i]);
                cr_assert_eq(inflate_message(&reader, terms, packed, size, 1 + i * 997, LONG, out, &made), DEFLATE_DONE,
                    "message %zu with %u bits", i, bits);
                cr_assert(made == sizes[i] && memcmp(out, text, made) == 0);
                if (i == 2)
                    cr_expect(keeps && bits > 9 ? size < last / 2 : size == last, "%zu after %zu bytes", size, last);
                last = size;
            }
            cr_assert(keeps || (!writer && !reader));
            deflate_free(&writer);
            deflate_free(&reader);
        }
    }
    free(text), free(packed), free(out);
}

static void fill_noise(uint8_t *bytes, size_t count, uint32_t seed) {
    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)next_random(&seed);
}

/* Noise that grows too much is sent as it is: the next message must not refer to it. */
Test(deflate, what_cannot_be_compressed_is_left_out_of_the_window) {
    uint8_t *noise = malloc(LONG), *packed = malloc(LONG + DEFLATE_ROOM), *out = malloc(LONG + 512);
    size_t made, size;
    struct deflate *writer = NULL, *reader = NULL;
    fill_noise(noise, LONG, 1);
    cr_assert_eq(deflate_write(&writer, all, noise, LONG, packed), 0);
    memcpy(noise + 1000, noise + LONG - 1000, 1000); /* what a window would still have */
    size = deflate_write(&writer, all, noise, 2000, packed);
    cr_assert(size > 1900, "%zu", size);
    cr_assert_eq(inflate_message(&reader, all, packed, size, size, LONG, out, &made), DEFLATE_DONE);
    cr_assert(made == 2000 && memcmp(out, noise, made) == 0);
    const struct deflate_terms none = {.agreed = true, .read_bits = 15, .read_keeps = true, .write_keeps = true};
    memset(noise, 'a', 2000);
    cr_assert_eq(deflate_write(&writer, none, noise, 2000, packed), 0, "the peer wants 8 bits");
    deflate_free(&writer);
    deflate_free(&reader);
    free(noise), free(packed), free(out);
}

/* A message of its own does not compress; one that resembles the last does, if that one went compressed. Without
 * takeover a message must become smaller, and with it, tiny ones go as they are. */
Test(deflate, small_messages_that_resemble_one_another_become_small) {
    static const char *const events[] = {"{\"seq\":1041,\"at\":1764201234567.123}",
        "{\"seq\":1042,\"at\":1764201235101.875}", "{\"seq\":1043,\"at\":1764201236402.002}"};
    uint8_t packed[64 + DEFLATE_ROOM], out[300];
    struct deflate_terms forgets = all;
    struct deflate *writer = NULL, *reader = NULL, *other = NULL;
    forgets.write_keeps = false;
    for (size_t i = 0; i < 3; i++) {
        size_t length = strlen(events[i]), made,
               size = deflate_write(&writer, all, (const uint8_t *)events[i], length, packed);
        cr_expect(i == 0 ? size > 0 && size <= length + DEFLATE_GROWTH_MAX : size < length * 3 / 4, "%zu of %zu", size,
            length);
        cr_assert_eq(inflate_message(&reader, all, packed, size, 1, 300, out, &made), DEFLATE_DONE);
        cr_assert(made == length && memcmp(out, events[i], made) == 0);
        size_t alone = deflate_write(&other, forgets, (const uint8_t *)events[i], length, packed);
        cr_expect(alone == 0 || alone > length * 3 / 4, "%zu of %zu", alone, length);
        cr_expect_eq(deflate_write(&writer, all, (const uint8_t *)"a tiny message", 14, packed), 0);
    }
    cr_expect_null(other);
    deflate_free(&writer);
    deflate_free(&reader);
}

/* zlib's own worst case for a block without compression, and the largest that fixed codes make of it. */
Test(deflate, the_bound_of_a_frame_is_above_what_other_compressors_make) {
    uint8_t *noise = malloc(LONG), *packed = malloc(2 * LONG);
    uint32_t seed = 5;
    for (size_t i = 0; i < LONG; i++)
        noise[i] = (uint8_t)(144 + next_random(&seed) % 112); /* 9 bits each in the fixed code */
    for (int strategy = Z_DEFAULT_STRATEGY; strategy <= Z_FIXED; strategy++) {
        z_stream z = {.next_in = noise, .avail_in = LONG, .next_out = packed, .avail_out = 2 * LONG};
        cr_assert_eq(deflateInit2(&z, 1, Z_DEFLATED, -9, 1, strategy), Z_OK);
        cr_assert_eq(deflate(&z, Z_SYNC_FLUSH), Z_OK);
        cr_expect_leq(z.total_out, deflate_frame_max(LONG), "strategy %d", strategy);
        deflateEnd(&z);
    }
    free(noise), free(packed);
}

/* The header promises these sums. */
Test(deflate, the_windows_cost_what_the_header_says) {
    uint8_t text[1000], packed[1000 + DEFLATE_ROOM], out[1000];
    fill_text(text, sizeof text, 3);
    mallopt(M_MMAP_THRESHOLD, 64 * 1024 * 1024); /* so that uordblks has all */
    for (unsigned bits = DEFLATE_BITS_MIN; bits <= DEFLATE_BITS_MAX; bits++) {
        struct deflate *writer = NULL, *reader = NULL;
        struct deflate_terms terms = all;
        size_t made, before;
        terms.read_bits = terms.write_bits = bits & 15;
        before = mallinfo2().uordblks;
        size_t size = deflate_write(&writer, terms, text, sizeof text, packed);
        size_t writing = mallinfo2().uordblks - before;
        cr_assert_eq(inflate_message(&reader, terms, packed, size, size, 1000, out, &made), DEFLATE_DONE);
        cr_assert_eq(made, sizeof text);
        size_t reading = mallinfo2().uordblks - before - writing;
        printf("%u bits: %zu bytes to read, %zu to write\n", bits, reading, writing);
        cr_expect_leq(writing, (8u << bits) + 7 * 1024, "%u bits: %zu", bits, writing);
        cr_expect_leq(reading, (1u << bits) + 8 * 1024, "%u bits: %zu", bits, reading);
        deflate_free(&writer);
        deflate_free(&reader);
        cr_expect_leq(mallinfo2().uordblks, before + 16 * 1024); /* malloc keeps small blocks, and counts them */
    }
}
