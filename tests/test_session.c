/* session.c: what it wants, what it sends, and that it holds still what the kernel may be reading. */
#include "guarded.h"
#include "session.h"
#include <criterion/criterion.h>
#include <stdlib.h>

static const struct limits limits = {.message_max = 65536,
    .head_max = 8192,
    .fragments_max = 1000,
    .pending_max = 262144,
    .handshake_ms = 5000,
    .idle_ms = 20000,
    .dead_ms = 45000,
    .stall_ms = 30000};

static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

static enum session_want receive(struct session *s, const void *bytes, size_t count) {
    struct guarded g = guarded_copy(bytes, count);
    session_receive(s, g.bytes, count);
    enum session_want want = session_own(s);
    guarded_free(&g); /* the bytes are the caller's again: whoever keeps a pointer to them faults */
    return want;
}

/* Takes all that is pending, `step` bytes at a time, as a slow peer would. */
static size_t drain(struct session *s, uint8_t *out, size_t size, size_t step, enum session_want *want) {
    size_t total = 0, pending;
    const uint8_t *bytes;
    *want = session_wants(s);
    while ((bytes = session_pending(s, &pending)), pending > 0) {
        size_t take = pending < step ? pending : step;
        cr_assert_leq(total + take, size);
        memcpy(out + total, bytes, take);
        total += take;
        *want = session_sent(s, take);
    }
    return total;
}

static void open_ws(struct session *s) {
    uint8_t answer[512];
    enum session_want want;
    session_open(s, PROTOCOL_WS, &limits);
    cr_assert_eq(receive(s, request, strlen(request)), WANT_WRITE);
    size_t count = drain(s, answer, sizeof answer, 7, &want);
    cr_assert_eq(want, WANT_READ);
    cr_assert(memmem(answer, count, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", 32));
}

/* With the bytes that it counts, which every server would count beside it else. */
Test(session, is_small) {
    cr_assert_leq(sizeof(struct session), 152);
}

Test(session, echo_gives_back_what_came_and_then_holds_nothing) {
    struct session s;
    uint8_t out[16];
    enum session_want want;
    session_open(&s, PROTOCOL_ECHO, &limits);
    cr_assert_eq(session_wants(&s), WANT_READ);
    cr_assert_eq(receive(&s, "hello", 5), WANT_WRITE);
    cr_assert_eq(drain(&s, out, sizeof out, 2, &want), 5);
    cr_assert_arr_eq(out, "hello", 5);
    cr_assert_eq(want, WANT_READ);
    cr_assert_null(s.owned);
    cr_assert_eq(session_eof(&s), WANT_CLOSE);
    cr_assert_eq(s.reason, CLOSE_PEER);
    session_close(&s);
}

Test(session, half_close_still_gets_its_replies) {
    struct session s;
    uint8_t out[16];
    enum session_want want;
    session_open(&s, PROTOCOL_ECHO, &limits);
    receive(&s, "bye", 3);
    cr_assert_eq(session_eof(&s), WANT_WRITE);
    cr_assert_eq(drain(&s, out, sizeof out, 1, &want), 3);
    cr_assert_eq(want, WANT_CLOSE);
    session_close(&s);
}

/* What a completion model needs: the kernel has the address of the first reply while more input is answered. */
Test(session, pending_bytes_hold_still_while_more_is_received) {
    struct session s;
    size_t first_count, pending;
    enum session_want want;
    uint8_t block[1000], *out = malloc(400 * sizeof block), reference[sizeof block];
    session_open(&s, PROTOCOL_ECHO, &limits);
    memset(block, 'a', sizeof block);
    receive(&s, block, sizeof block);
    const uint8_t *first = session_pending(&s, &first_count);
    memcpy(reference, first, first_count);
    for (int i = 1; i < 300; i++) {
        memset(block, 'a' + i % 26, sizeof block);
        receive(&s, block, sizeof block);
        cr_assert_eq(session_pending(&s, &pending), first);
        cr_assert_arr_eq(first, reference, first_count);
    }
    cr_assert(session_is_full(&s));
    cr_assert_eq(drain(&s, out, 400 * sizeof block, 777, &want), 300 * sizeof block);
    for (size_t i = 0; i < 300 * sizeof block; i++)
        cr_assert_eq(out[i], 'a' + (i / sizeof block) % 26);
    cr_assert_not(session_is_full(&s));
    session_close(&s);
    free(out);
}

/* The common case: nothing is allocated and nothing moves; the reply's header lies right before the payload. */
Test(session, a_reply_lies_in_the_bytes_that_came) {
    struct session s;
    uint8_t input[] = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    size_t pending;
    open_ws(&s);
    cr_assert_eq(session_receive(&s, input, 11), WANT_WRITE);
    cr_assert_eq(session_pending(&s, &pending), input + 4);
    cr_assert_eq(pending, 7);
    cr_assert_arr_eq(input + 4, "\x81\x05Hello", 7);
    cr_assert_null(s.owned);
    cr_assert(session_is_lent(&s));
    cr_assert_eq(session_sent(&s, 3), WANT_WRITE);
    cr_assert(session_is_lent(&s));
    cr_assert_eq(session_sent(&s, 4), WANT_READ);
    cr_assert_not(session_is_lent(&s));
    session_close(&s);
}

Test(session, replies_that_are_owned_leave_the_bytes_that_came) {
    struct session s;
    uint8_t input[] = "hello", out[16];
    size_t pending;
    enum session_want want;
    session_open(&s, PROTOCOL_ECHO, &limits);
    cr_assert_eq(session_receive(&s, input, 5), WANT_WRITE);
    session_pending(&s, &pending);
    cr_assert_eq(session_sent(&s, 2), WANT_WRITE);
    cr_assert_eq(session_own(&s), WANT_WRITE);
    cr_assert_not(session_is_lent(&s));
    cr_assert_neq(session_pending(&s, &pending), input + 2);
    memset(input, 'x', sizeof input);
    cr_assert_eq(drain(&s, out, sizeof out, 3, &want), 3);
    cr_assert_arr_eq(out, "llo", 3);
    cr_assert_eq(want, WANT_READ);
    session_close(&s);
}

/* A completion model receives ahead while a buffer is with the kernel: that one is sent first, the rest waits. */
Test(session, what_comes_while_bytes_are_lent_is_answered_behind_them) {
    struct session s;
    uint8_t first[] = "first ", second[] = "second ", out[32];
    size_t pending;
    enum session_want want;
    session_open(&s, PROTOCOL_ECHO, &limits);
    session_receive(&s, first, 6);
    session_receive(&s, second, 7);
    cr_assert_eq(session_pending(&s, &pending), first);
    cr_assert_eq(pending, 6);
    memset(second, 'x', sizeof second);
    cr_assert_eq(receive(&s, "third", 5), WANT_WRITE); /* and now the first move, to stay first */
    memset(first, 'x', sizeof first);
    cr_assert_eq(drain(&s, out, sizeof out, 4, &want), 18);
    cr_assert_arr_eq(out, "first second third", 18);
    session_close(&s);
}

/* The header came before: in the bytes that came now there is no room for the reply's. */
Test(session, a_payload_alone_is_answered_by_a_copy) {
    struct session s;
    size_t pending;
    open_ws(&s);
    cr_assert_eq(receive(&s, "\x81\x85\x37\xfa\x21\x3d", 6), WANT_READ);
    uint8_t payload[] = "\x7f\x9f\x4d\x51\x58\x89\x80\x01\x02\x03\x04";
    cr_assert_eq(session_receive(&s, payload, 11), WANT_WRITE); /* and a ping, which has all its bytes here */
    cr_assert_not(session_is_lent(&s));
    cr_assert_arr_eq(session_pending(&s, &pending), "\x81\x05Hello\x8a\x00", 9);
    cr_assert_eq(pending, 9);
    session_close(&s);
}

Test(session, websocket_messages_of_one_segment_leave_in_one_piece) {
    struct session s;
    uint8_t input[16 * 11];
    size_t pending;
    open_ws(&s);
    for (int i = 0; i < 16; i++)
        memcpy(input + i * 11, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
    cr_assert_eq(receive(&s, input, sizeof input), WANT_WRITE);
    const uint8_t *bytes = session_pending(&s, &pending);
    cr_assert_eq(pending, 16 * 7);
    for (int i = 0; i < 16; i++)
        cr_assert_arr_eq(bytes + i * 7, "\x81\x05Hello", 7);
    cr_assert_eq(s.messages, 16);
    session_close(&s);
}

static void expect_close(
    const void *input, size_t count, enum close_reason reason, const void *reply, size_t reply_count) {
    struct session s;
    uint8_t out[256];
    enum session_want want;
    open_ws(&s);
    cr_assert_eq(receive(&s, input, count), WANT_WRITE);
    cr_assert_eq(drain(&s, out, sizeof out, 3, &want), reply_count);
    cr_assert_arr_eq(out, reply, reply_count);
    cr_assert_eq(want, WANT_CLOSE);
    cr_assert_eq(s.reason, reason);
    session_close(&s);
}

Test(session, websocket_ends) {
    expect_close("\x88\x80mask", 6, CLOSE_HANDSHAKE, "\x88\x00", 2);
    expect_close("\x88\x82\0\0\0\0\x0B\xB8", 8, CLOSE_HANDSHAKE, "\x88\x02\x0B\xB8", 4);
    expect_close("\x81\x05Hello", 7, CLOSE_PROTOCOL_ERROR, "\x88\x02\x03\xEA", 4);
    expect_close("\x81\x81\0\0\0\0\xFF", 7, CLOSE_BAD_UTF8, "\x88\x02\x03\xEF", 4);
    expect_close("\x82\xFF\0\0\0\1\0\0\0\0mask", 14, CLOSE_TOO_BIG, "\x88\x02\x03\xF1", 4);
}

Test(session, websocket_that_was_never_opened) {
    struct session s;
    uint8_t out[512];
    enum session_want want;
    session_open(&s, PROTOCOL_WS, &limits);
    cr_assert_eq(receive(&s, "POST / HTTP/1.1\r\n\r\n", 19), WANT_WRITE);
    size_t count = drain(&s, out, sizeof out, 5, &want);
    cr_assert(memmem(out, count, "HTTP/1.1 400 Bad Request\r\n", 26) == out);
    cr_assert_eq(want, WANT_CLOSE);
    cr_assert_eq(s.reason, CLOSE_REJECTED);
    session_close(&s);
}

Test(session, shutdown_says_going_away_after_the_replies) {
    struct session s;
    uint8_t out[64];
    enum session_want want;
    open_ws(&s);
    receive(&s, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
    cr_assert_eq(session_shutdown(&s), WANT_WRITE);
    cr_assert_eq(drain(&s, out, sizeof out, 64, &want), 11);
    cr_assert_arr_eq(out, "\x81\x05Hello\x88\x02\x03\xE9", 11);
    cr_assert_eq(want, WANT_CLOSE);
    cr_assert_eq(s.reason, CLOSE_SHUTDOWN);
    session_close(&s);
}

Test(session, reset_with_a_send_in_flight_keeps_its_bytes) {
    struct session s;
    size_t pending;
    session_open(&s, PROTOCOL_ECHO, &limits);
    receive(&s, "in flight", 9);
    const uint8_t *bytes = session_pending(&s, &pending);
    cr_assert_eq(session_reset(&s), WANT_CLOSE);
    cr_assert_arr_eq(bytes, "in flight", 9); /* the kernel may still read it: freed by session_close only */
    session_close(&s);
}

/* ---- time ---- */

static const int64_t start_ms = 0xFFFFF000; /* 32 bits of milliseconds wrap within each of these tests */

/* What a tick so long after the start wants; it must be within `left_ms` of the next that matters. */
static enum session_want tick(struct session *s, int64_t after_ms, int left_ms) {
    int left;
    enum session_want want = session_tick(s, start_ms + after_ms, &left);
    cr_assert_eq(left, left_ms, "%lld ms: %d ms left", (long long)after_ms, left);
    return want;
}

static void expect_output(struct session *s, const char *expected, size_t length) {
    uint8_t out[512];
    enum session_want want;
    size_t count = drain(s, out, sizeof out, 3, &want);
    cr_assert_geq(count, length);
    cr_assert_arr_eq(out, expected, length);
}

Test(session, echo_may_be_silent_for_ever) {
    struct session s;
    session_open(&s, PROTOCOL_ECHO, &limits);
    cr_assert_eq(tick(&s, 0, -1), WANT_READ);
    cr_assert_eq(tick(&s, INT64_C(1) << 31, -1), WANT_READ);
    session_close(&s);
}

/* The slowloris: a byte now and then changes nothing. */
Test(session, handshake_has_one_limit_in_total) {
    struct session s;
    session_open(&s, PROTOCOL_WS, &limits);
    cr_assert_eq(tick(&s, 0, 5000), WANT_READ);
    for (int64_t after = 1000; after < 5000; after += 1000) {
        receive(&s, request, 1);
        cr_assert_eq(tick(&s, after, (int)(5000 - after)), WANT_READ);
    }
    cr_assert_eq(tick(&s, 5000, 30000), WANT_WRITE);
    cr_assert_eq(s.reason, CLOSE_HANDSHAKE_TIMEOUT);
    expect_output(&s, "HTTP/1.1 408 ", 13);
    cr_assert_eq(session_wants(&s), WANT_CLOSE);
    session_close(&s);
}

Test(session, a_silent_peer_is_asked_and_then_given_up) {
    struct session s;
    open_ws(&s);
    cr_assert_eq(tick(&s, 0, 20000), WANT_READ);
    cr_assert_eq(tick(&s, 19999, 1), WANT_READ);
    cr_assert_eq(tick(&s, 20000, 30000), WANT_WRITE);
    expect_output(&s, "\x89\x00", 2);
    cr_assert_eq(tick(&s, 20000, 25000), WANT_READ);
    cr_assert_eq(tick(&s, 44999, 1), WANT_READ);
    session_tick(&s, start_ms + 45000, &(int){0});
    cr_assert_eq(session_wants(&s), WANT_CLOSE);
    cr_assert_eq(s.reason, CLOSE_DEAD_PEER);
    cr_assert(s.broken);
    session_close(&s);
}

Test(session, any_byte_is_a_sign_of_life) {
    struct session s;
    open_ws(&s);
    tick(&s, 0, 20000);
    tick(&s, 20000, 30000);
    expect_output(&s, "\x89\x00", 2);
    tick(&s, 20001, 24999);
    receive(&s, "\x8a", 1); /* half the header of a pong */
    cr_assert_eq(tick(&s, 30000, 20000), WANT_READ);
    cr_assert_eq(tick(&s, 50000, 30000), WANT_WRITE); /* and so the next question is a new one */
    session_close(&s);
}

/* More replies may come between what was shown and what was sent: that makes no send short. */
Test(session, counts_bytes_and_short_sends) {
    struct session s;
    size_t pending;
    session_open(&s, PROTOCOL_ECHO, &limits);
    session_receive(&s, (uint8_t[]){"hello"}, 5);
    session_own(&s);
    session_pending(&s, &pending);
    session_receive(&s, (uint8_t[]){"x"}, 1);
    session_sent(&s, pending);
    cr_assert_eq(s.short_sends, 0);
    session_receive(&s, (uint8_t[]){"world"}, 5);
    session_pending(&s, &pending);
    session_sent(&s, pending - 1);
    cr_assert_eq(s.short_sends, 1);
    session_close(&s);
    cr_assert_eq(s.bytes_in, 11);
    cr_assert_eq(s.bytes_out, 5 + pending - 1);
}

/* What it sends meanwhile does not count: it is to read. */
Test(session, a_peer_that_does_not_read_is_given_up) {
    struct session s;
    open_ws(&s);
    receive(&s, "\x89\x80\0\0\0\0\x89\x80\0\0\0\0", 12);
    cr_assert_eq(tick(&s, 0, 30000), WANT_WRITE);
    receive(&s, "\x89\x80\0\0\0\0", 6);
    cr_assert_eq(tick(&s, 29999, 1), WANT_WRITE);
    session_pending(&s, &(size_t){0});
    session_sent(&s, 1);
    cr_assert_eq(tick(&s, 30000, 30000), WANT_WRITE); /* one byte: it does */
    session_tick(&s, start_ms + 60000, &(int){0});
    cr_assert_eq(session_wants(&s), WANT_CLOSE);
    cr_assert_eq(s.reason, CLOSE_SLOW_READER);
    cr_assert(s.broken);
    session_close(&s);
}

/* It broke a rule and does not read what it is told: that is not a reason to keep it. */
Test(session, a_peer_at_fault_that_does_not_read_is_given_up_for_its_fault) {
    struct session s;
    open_ws(&s);
    receive(&s, "\xff\xff", 2);
    cr_assert_eq(tick(&s, 0, 30000), WANT_WRITE);
    session_tick(&s, start_ms + 30000, &(int){0});
    cr_assert_eq(session_wants(&s), WANT_CLOSE);
    cr_assert_eq(s.reason, CLOSE_PROTOCOL_ERROR);
    session_close(&s);
}

/* ---- for an application that answers for itself ---- */

/* Takes what these bytes mean, all but NEED_MORE, which ends it. Returns how many events there were. */
static int take(struct session *s, const void *bytes, size_t count, struct websocket_event events[], int max) {
    static uint8_t copy[1024];
    uint8_t *at = copy;
    int found = 0;
    cr_assert_leq(count, sizeof copy);
    memcpy(copy, bytes, count);
    while (found < max) {
        size_t used = session_take(s, at, count, &events[found]);
        at += used;
        count -= used;
        if (events[found].type == WEBSOCKET_NEED_MORE)
            break;
        found++;
    }
    return found;
}

Test(session, an_application_answers_messages_and_nothing_else) {
    static const uint8_t message[] = {0x81, 0x82, 0, 0, 0, 0, 'h', 'i'}, ping[] = {0x89, 0x81, 0, 0, 0, 0, 'p'};
    struct session s;
    struct websocket_event events[4];
    uint8_t out[64];
    enum session_want want;
    open_ws(&s);
    cr_assert_eq(take(&s, message, sizeof message, events, 4), 1);
    cr_assert(events[0].type == WEBSOCKET_MESSAGE && events[0].length == 2 && memcmp(events[0].payload, "hi", 2) == 0);
    cr_assert_eq(session_wants(&s), WANT_READ);
    cr_assert_eq(s.messages, 1);
    cr_assert_eq(take(&s, ping, sizeof ping, events, 4), 1);
    cr_assert_eq(session_add(&s, WEBSOCKET_TEXT, "ho", 2, 0), WANT_WRITE);
    cr_assert_eq(session_add_bytes(&s, "raw", 3), WANT_WRITE);
    cr_assert_eq(drain(&s, out, sizeof out, 3, &want), 10);
    cr_assert(memcmp(out, "\x8a\x01p\x81\x02horaw", 10) == 0);
    cr_assert_eq(want, WANT_READ);
    session_close(&s);
}

Test(session, who_is_only_sent_to_is_asked_for_a_sign_of_life) {
    struct session s;
    uint8_t out[64];
    enum session_want want;
    int64_t now = 1000;
    int left_ms, pings = 0;
    open_ws(&s);
    session_tick(&s, now, &left_ms);
    for (want = WANT_READ; want != WANT_CLOSE && now < 100 * 1000; now += 500) {
        session_add(&s, WEBSOCKET_TEXT, "tick", 4, 0);
        drain(&s, out, sizeof out, sizeof out, &want);
        want = session_tick(&s, now, &left_ms);
        if (want == WANT_WRITE)
            pings += drain(&s, out, sizeof out, sizeof out, &want) == 2 && out[0] == 0x89;
    }
    cr_assert_eq(pings, 1);
    cr_assert_eq(s.reason, CLOSE_DEAD_PEER);
    cr_assert(now > 1000 + limits.dead_ms && now < 1000 + limits.dead_ms + 2000, "%ld", (long)now);
    session_close(&s);
}

Test(session, an_application_ends_it_and_nothing_follows) {
    struct session s;
    uint8_t out[64];
    enum session_want want;
    open_ws(&s);
    session_add(&s, WEBSOCKET_BINARY, "x", 1, 0);
    cr_assert_eq(session_end(&s, 4000, CLOSE_HANDSHAKE), WANT_WRITE);
    session_add(&s, WEBSOCKET_BINARY, "y", 1, 0);
    session_add_bytes(&s, "z", 1);
    session_end(&s, 4001, CLOSE_PEER);
    cr_assert_eq(drain(&s, out, sizeof out, 1, &want), 7);
    cr_assert(memcmp(out, "\x82\x01x\x88\x02\x0f\xa0", 7) == 0);
    cr_assert_eq(want, WANT_CLOSE);
    cr_assert_eq(s.reason, CLOSE_HANDSHAKE);
    session_close(&s);
}

Test(session, an_application_cuts_it) {
    struct session s;
    open_ws(&s);
    session_add(&s, WEBSOCKET_BINARY, "x", 1, 0);
    cr_assert_eq(session_abort(&s, CLOSE_SLOW_READER), WANT_CLOSE);
    cr_assert(s.broken && s.reason == CLOSE_SLOW_READER);
    session_close(&s);
}
