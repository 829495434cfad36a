/* test_samples.c - which replies count, from when their latencies are counted, and which replies are right. */
#include "meaning/message.h"
#include "meaning/payload.h"
#include "meaning/reply.h"
#include "meaning/samples.h"
#include <criterion/criterion.h>
#include <string.h>

enum { START = 1000 * 1000, WINDOW = 2 * START, END = 3 * START };

static struct schedule schedule;
static struct samples samples;
static uint64_t sent_at[4];
static const struct sent_times sent = {sent_at, 3, 0};

/* Two clients, which send in turn, a message each 100 us. */
static void open_samples(double rate) {
    schedule_init(&schedule, rate, 2);
    atomic_store(&schedule.start, START);
    atomic_store(&schedule.window_start, WINDOW);
    atomic_store(&schedule.window_end, END);
    cr_assert(samples_open(&samples, &schedule));
}

static void closed_loop(void) {
    open_samples(0);
}

static void close_samples(void) {
    samples_close(&samples);
}

TestSuite(samples, .init = closed_loop, .fini = close_samples);

Test(samples, a_reply_counts_from_the_window_s_first_instant_to_before_its_last) {
    cr_assert_eq(samples_take(&samples, 0, &sent, 0, 1, WINDOW - 1), 0);
    cr_assert_eq(samples_take(&samples, 0, &sent, 0, 1, WINDOW), 1);
    cr_assert_eq(samples_take(&samples, 0, &sent, 1, 2, END - 1), 1);
    cr_assert_eq(samples_take(&samples, 0, &sent, 1, 2, END), 0);
    cr_assert_eq(samples.service->count, 2);
}

Test(samples, before_the_window_is_known_no_reply_counts) {
    schedule_init(&schedule, 0, 2);
    cr_assert_eq(samples_take(&samples, 0, &sent, 0, 1, WINDOW), 0);
}

Test(samples, each_message_is_counted_from_its_own_sending_around_the_ring) {
    sent_at[2] = sent_at[3] = WINDOW - 100;
    sent_at[0] = WINDOW + 300;
    cr_assert_eq(samples_take(&samples, 0, &sent, 2, 5, WINDOW + 1000), 3);
    cr_assert_eq(samples.service->sum, 1100 + 1100 + 700);
    cr_assert_eq(samples.service->min, 700);
    cr_assert_null(samples.response);
}

Test(samples, in_the_open_loop_they_are_also_counted_from_when_they_were_due) {
    samples_close(&samples);
    open_samples(10000);
    sent_at[1] = WINDOW + 50;
    /* message 5 of client 1: the 12th of all, due 1,100 us after the start */
    cr_assert_eq(samples_take(&samples, 1, &sent, 5, 6, WINDOW + 150 * 1000), 1);
    cr_assert_eq(samples.service->sum, 150 * 1000 - 50);
    cr_assert_eq(samples.response->sum, 50 * 1000);
}

/* Messages of client 0 are due every 200 us from START on: 5 is the first in the window, 9 the last. */
Test(samples, in_the_open_loop_a_message_belongs_to_the_window_in_which_it_was_due) {
    samples_close(&samples);
    open_samples(10000);
    cr_assert_eq(samples_take(&samples, 0, &sent, 4, 5, WINDOW + 1), 1, "answered inside, due before");
    cr_assert_eq(samples.response->count, 0);
    cr_assert_eq(samples_take(&samples, 0, &sent, 9, 11, END + 500 * 1000), 0, "due inside, and after; answered late");
    cr_assert_eq(samples.response->count, 1);
    cr_assert_eq(samples.response->sum, 700 * 1000);
    cr_assert_eq(samples.service->count, 1);
    cr_assert_eq(samples.answered, 1);
    cr_assert_eq(samples.at_least, 0);
}

Test(samples, in_the_open_loop_what_was_given_up_counts_with_its_age) {
    samples_close(&samples);
    open_samples(10000);
    samples_give_up(&samples, 0, &sent, 4, 12, END);
    cr_assert_eq(samples.at_least, 5, "4 was due before the window, 10 and 11 after it");
    cr_assert_eq(samples.at_least_ns, 200 * 1000);
    cr_assert_eq(samples.response->count, 5);
    cr_assert_eq(samples.response->max, 1000 * 1000);
    cr_assert_eq(samples.service->count, 0);
}

Test(samples, in_the_closed_loop_nothing_is_given_up) {
    samples_give_up(&samples, 0, &sent, 0, 3, END);
    cr_assert_eq(samples.at_least, 0);
    cr_assert_eq(samples.service->count, 0);
}

Test(samples, of_a_later_slice_the_numbers_begin_at_its_base) {
    const struct sent_times later = {sent_at, 3, 1000};

    samples_close(&samples);
    open_samples(10000);
    samples_take(&samples, 0, &later, 999, 1006, WINDOW + 500 * 1000); /* 1005 is due at the window's first instant */
    cr_assert_eq(samples.response->count, 1);
    cr_assert_eq(samples.response->sum, 500 * 1000);
}

Test(samples, those_of_two_threads_add_up) {
    struct samples other;

    cr_assert(samples_open(&other, &schedule));
    samples_take(&samples, 0, &sent, 0, 1, WINDOW);
    samples_take(&other, 0, &sent, 0, 2, WINDOW);
    samples_merge(&samples, &other);
    cr_assert_eq(samples.answered, 3);
    cr_assert_eq(samples.service->count, 3);
    samples_reset(&samples);
    cr_assert_eq(samples.answered, 0);
    cr_assert_eq(samples.service->count, 0);
    cr_assert_eq(samples.at_least_ns, NEVER);
    samples_close(&other);
}

/* ---------------------------------------------------------------- replies */

static const struct message_shape shape = {.size = 20, .wire_size = 20};

static void write_message(uint8_t *out, uint64_t sequence) {
    payload_write(out, shape.size, payload_key(payload_base(7), sequence), 0, 0);
}

Test(replies, every_split_is_right) {
    uint8_t bytes[40];

    write_message(bytes, 0);
    write_message(bytes + 20, 1);
    for (size_t split = 0; split <= sizeof bytes; split++) {
        struct replies r = {.payload_base = payload_base(7)};
        cr_assert_eq(replies_take_echo(&r, &shape, 2, bytes, split), REPLIES_TAKEN);
        cr_assert_eq(r.verified, split / 20);
        cr_assert_eq(replies_take_echo(&r, &shape, 2, bytes + split, sizeof bytes - split), REPLIES_TAKEN);
        cr_assert_eq(r.verified, 2);
    }
}

Test(replies, each_byte_is_compared_and_what_was_right_before_stays_counted) {
    for (size_t wrong = 20; wrong < 40; wrong++) {
        struct replies r = {.payload_base = payload_base(7)};
        uint8_t bytes[40];
        write_message(bytes, 0);
        write_message(bytes + 20, 1);
        bytes[wrong] ^= 1;
        cr_assert_eq(replies_take_echo(&r, &shape, 2, bytes, sizeof bytes), REPLIES_WRONG, "byte %zu", wrong);
        cr_assert_eq(r.verified, 1);
    }
}

/* --payload text: from any offset the same bytes; each of them is compared; no other message is the same, not even in
 * its first word; and it is ASCII. */
Test(replies, text_is_a_function_of_its_place) {
    enum { SIZE = 100 };
    const struct message_shape text = {.size = SIZE, .wire_size = SIZE, .text = true};
    uint64_t key = payload_key(payload_base(7), 3), mask = UINT64_C(0x0403020104030201);
    uint8_t whole[SIZE], part[SIZE];

    message_payload_write(&text, whole, SIZE, key, 0, 0);
    for (size_t from = 0; from < SIZE; from++) {
        for (size_t to = from; to <= SIZE; to++) {
            message_payload_write(&text, part, to - from, key, 0, from);
            cr_assert_arr_eq(part, whole + from, to - from);
            cr_assert(message_payload_matches(&text, part, to - from, key, from));
        }
        whole[from] ^= 1;
        cr_assert_not(message_payload_matches(&text, whole, SIZE, key, 0), "byte %zu", from);
        whole[from] ^= 1;
        cr_assert_lt(whole[from], 0x80);
    }
    message_payload_write(&text, part, SIZE, key, mask, 0);
    for (size_t i = 0; i < SIZE; i++)
        cr_assert_eq(part[i], whole[i] ^ (i % 4 + 1));
    for (uint64_t other = 0; other < 1000; other++) {
        bool same = message_payload_matches(&text, whole, 8, payload_key(payload_base(7), other), 0);
        cr_assert_eq(same, other == 3);
        cr_assert_not(message_payload_matches(&text, whole, 8, payload_key(payload_base(8), other), 0));
    }
}

Test(replies, more_than_was_asked_for_is_wrong) {
    struct replies r = {.payload_base = payload_base(7)};
    uint8_t bytes[40];

    write_message(bytes, 0);
    write_message(bytes + 20, 1);
    cr_assert_eq(replies_take_echo(&r, &shape, 1, bytes, 21), REPLIES_WRONG);
}

Test(replies, websocket_says_what_came_beside_the_messages) {
    struct replies r = {.payload_base = payload_base(7)};
    struct websocket_event event;
    struct limits limits = LIMITS_DEFAULT;
    char accept[WEBSOCKET_ACCEPT_LENGTH + 1], head[200];
    uint8_t input[300], *bytes = input;
    size_t count;

    cr_assert(websocket_accept_key("dGhlIHNhbXBsZSBub25jZQ==", accept));
    websocket_open(&r.websocket, WEBSOCKET_CLIENT, &limits, accept);
    count = (size_t)snprintf(head, sizeof head,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: %s\r\n\r\n",
        accept);
    memcpy(input, head, count);
    memcpy(input + count, "\x81\x14", 2); /* a text of 20 bytes, which is right */
    write_message(input + count + 2, 0);
    memcpy(input + count + 22, "\x89\x00\x81\x01x", 5); /* a ping, and a text nobody asked for */
    count += 27;
    cr_assert_eq(replies_take_websocket(&r, &shape, 1, &bytes, &count, &event), REPLIES_EVENT);
    cr_assert_eq(event.type, WEBSOCKET_OPEN);
    cr_assert_eq(replies_take_websocket(&r, &shape, 1, &bytes, &count, &event), REPLIES_EVENT);
    cr_assert_eq(event.type, WEBSOCKET_PING);
    cr_assert_eq(r.verified, 1);
    cr_assert_eq(replies_take_websocket(&r, &shape, 1, &bytes, &count, &event), REPLIES_WRONG);
    websocket_close(&r.websocket);
}
