/* deflate.c (RFC 7692), and what websocket.c and session.c make of compressed messages. The first byte chooses:
 *
 *     offers   the value of Sec-WebSocket-Extensions: what is agreed on is valid, and both sides understand it alike
 *     data     deflate_read against zlib's own inflate, however input and room are cut
 *     frames   compressed frames to either role: any split gives the same events, and memory is bounded
 *     echo     messages through two windows, to a session and back: the same bytes, in order, however late they leave
 *
 * In the last two an allocation may fail, zlib's included. */
#include "feed.h"
#include "memory.h"
#include "session.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* LIMIT: zlib's windows, of both directions, with 15 bits; and what is inflated here of one input. */
enum { WINDOWS_MAX = 312 * 1024, INFLATED_MAX = 256 * 1024 };

static int choose_bits(struct input *in) {
    return DEFLATE_BITS_MIN + choose(in) % (DEFLATE_BITS_MAX - DEFLATE_BITS_MIN + 1);
}

/* ---- offers ---- */

static struct deflate_terms agree(const char *value, size_t length, int bits, bool forgets) {
    struct bytes head = {0};
    const char begin[] = "GET / HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Extensions: ";
    bytes_add(&head, begin, sizeof begin - 1);
    bytes_add(&head, value, length);
    bytes_add(&head, "\r\n\r\n", 4);
    uint8_t *copy = malloc(head.count);
    memcpy(copy, head.at, head.count);
    struct deflate_terms terms = deflate_agree(copy, head.count, bits, forgets);
    free(copy);
    bytes_free(&head);
    return terms;
}

static bool accept_answer(const char *value, struct deflate_terms *terms) {
    struct bytes head = {0};
    bytes_add(&head, "HTTP/1.1 101 x\r\nSec-WebSocket-Extensions: ", 42);
    bytes_add(&head, value, strlen(value));
    bytes_add(&head, "\r\n\r\n", 4);
    bool is_good = deflate_accept(head.at, head.count, terms);
    bytes_free(&head);
    return is_good;
}

static void fuzz_offers(struct input *in) {
    int bits = choose_bits(in);
    bool forgets = choose(in) % 2;
    char answer[DEFLATE_ANSWER_MAX], again[DEFLATE_ANSWER_MAX];
    struct deflate_terms client, terms = agree((const char *)in->at, in->left, bits, forgets);
    if (!terms.agreed)
        return;
    assert(terms.read_bits >= DEFLATE_BITS_MIN && terms.write_bits >= DEFLATE_BITS_MIN && terms.write_bits <= bits);
    assert(terms.read_bits <= bits || !terms.read_keeps);
    assert(!forgets || !terms.read_keeps);
    deflate_answer(terms, answer);
    assert(accept_answer(answer, &client) && client.agreed);
    assert(client.read_bits >= terms.write_bits && client.read_keeps == terms.write_keeps);
    assert(!terms.tells_read || client.write_bits == terms.read_bits);
    assert(client.write_keeps == terms.read_keeps);
    struct deflate_terms same = agree(answer, strlen(answer), bits, forgets); /* an answer is an offer, too */
    assert(same.agreed && same.write_bits == terms.write_bits && same.write_keeps == terms.write_keeps);
    deflate_answer(same, again);
    assert(strncmp(answer, again, strlen("permessage-deflate")) == 0);
}

/* ---- data ---- */

static const struct deflate_terms all = {
    .agreed = true, .read_bits = 15, .write_bits = 15, .read_keeps = true, .write_keeps = true};

/* What deflate.c makes of the payload of a message: cut by `split`, with `room` bytes of room at a time. */
static enum deflate_result read_message(
    struct deflate **d, const uint8_t *bytes, size_t count, uint32_t split, size_t room, struct bytes *out) {
    enum deflate_result result = DEFLATE_DONE;
    uint8_t *to = malloc(room);
    for (size_t at = 0, piece; at < count && result == DEFLATE_DONE; at += piece) {
        piece = next_piece(&split, count - at);
        uint8_t *copy = malloc(piece);
        memcpy(copy, bytes + at, piece);
        const uint8_t *from = copy;
        size_t left = piece;
        do {
            uint8_t *end = to;
            size_t free_room = room;
            result = deflate_read(d, all, &from, &left, &end, &free_room);
            bytes_add(out, to, (size_t)(end - to));
        } while (result == DEFLATE_FULL && out->count < INFLATED_MAX);
        assert(result != DEFLATE_DONE || left == 0);
        free(copy);
    }
    free(to);
    return result == DEFLATE_DONE ? deflate_read_end(d, all) : result;
}

/* The same by zlib alone: the payload and `tail` bytes of the tail, stream behind stream. True: they are valid, and end
 * between two blocks. */
static bool inflate_all(const uint8_t *bytes, size_t count, size_t tail, struct bytes *out, bool *ends_stream) {
    struct bytes input = {0};
    z_stream z = {0};
    uint8_t to[1024];
    int result = Z_OK;
    bytes_add(&input, bytes, count);
    bytes_add(&input, "\x00\x00\xff\xff", tail);
    inflateInit2(&z, -15);
    z.next_in = input.at;
    z.avail_in = (uInt)input.count;
    *ends_stream = false;
    do {
        z.next_out = to;
        z.avail_out = sizeof to;
        result = inflate(&z, Z_SYNC_FLUSH);
        bytes_add(out, to, sizeof to - z.avail_out);
        if (result == Z_STREAM_END) {
            *ends_stream |= z.avail_in == tail;
            result = inflateResetKeep(&z);
            if (*ends_stream)
                break;
        }
    } while (result == Z_OK && (z.avail_in > 0 || z.avail_out == 0) && out->count < INFLATED_MAX);
    bool is_good = (result == Z_OK || result == Z_BUF_ERROR) && z.avail_in == 0 && z.data_type == 128;
    inflateEnd(&z);
    bytes_free(&input);
    return is_good || *ends_stream;
}

/* What a receiver must make of it. The tail must bring nothing: where it completes a block's data, the sender has not
 * removed it from behind an empty block. */
static bool is_message(const uint8_t *bytes, size_t count, struct bytes *out) {
    struct bytes bare = {0};
    bool ends_stream, ignored, is_good = inflate_all(bytes, count, 4, out, &ends_stream);
    inflate_all(bytes, count, 0, &bare, &ignored);
    is_good = is_good && (ends_stream || bare.count == out->count);
    bytes_free(&bare);
    return is_good;
}

static void fuzz_data(struct input *in) {
    uint32_t seed = SPLIT_SEEDED + choose(in);
    size_t room = 1 + choose(in);
    struct bytes expected = {0}, whole = {0}, single = {0}, seeded = {0};
    struct deflate *d = NULL;
    bool is_good = is_message(in->at, in->left, &expected);
    enum deflate_result result = read_message(&d, in->at, in->left, SPLIT_NOWHERE, 1024, &whole);
    deflate_free(&d);
    if (whole.count < INFLATED_MAX && expected.count < INFLATED_MAX && in->left > 0) {
        assert(is_good == (result == DEFLATE_DONE));
        assert(!is_good || bytes_equal(&whole, &expected));
        assert(read_message(&d, in->at, in->left, SPLIT_EVERYWHERE, room, &single) == result);
        deflate_free(&d);
        assert(read_message(&d, in->at, in->left, seed, room, &seeded) == result);
        assert(bytes_equal(&whole, &single) && bytes_equal(&whole, &seeded));
    }
    deflate_free(&d);
    assert(memory_held() == 0);
    bytes_free(&expected);
    bytes_free(&whole);
    bytes_free(&single);
    bytes_free(&seeded);
}

/* ---- frames ---- */

static const char *const heads[] = {"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                                    "Sec-WebSocket-Extensions: " DEFLATE_OFFER "\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"};

struct frames {
    enum websocket_role role;
    struct limits limits;
    struct bytes conversation;
};

static struct log run_frames(const struct frames *f, uint32_t split, uint16_t *error) {
    struct log log = {0};
    struct websocket w;
    bool ended = false;
    *error = 0;
    websocket_open(&w, f->role, &f->limits, f->role == WEBSOCKET_CLIENT ? good_accept : NULL);
    for (size_t at = 0, piece; at < f->conversation.count; at += piece) {
        struct websocket_event event;
        piece = next_piece(&split, f->conversation.count - at);
        uint8_t *copy = malloc(piece);
        memcpy(copy, f->conversation.at + at, piece);
        size_t used = 0;
        do {
            used += websocket_receive(&w, copy + used, piece - used, &event);
            assert(used <= piece && memory_held() <= held_max(&f->limits) + WINDOWS_MAX);
            assert(event.type == WEBSOCKET_NEED_MORE || !ended);
            ended |= event.type == WEBSOCKET_CLOSE || event.type == WEBSOCKET_ERROR;
            if (event.type == WEBSOCKET_MESSAGE)
                assert(event.length <= f->limits.message_max &&
                       (event.opcode == WEBSOCKET_BINARY || is_utf8(event.payload, event.length)));
            if (event.type == WEBSOCKET_ERROR)
                *error = event.code;
            if (event.type != WEBSOCKET_NEED_MORE)
                note_event(&log, &event);
        } while (event.type != WEBSOCKET_NEED_MORE);
        free(copy);
    }
    websocket_close(&w);
    assert(memory_held() == 0);
    return log;
}

static void fuzz_frames(struct input *in) {
    struct frames f = {.role = choose(in) % 2 ? WEBSOCKET_CLIENT : WEBSOCKET_SERVER};
    uint32_t seed = SPLIT_SEEDED + choose(in);
    uint8_t nth = choose(in);
    uint16_t error;
    f.limits = choose_limits(in);
    f.limits.head_max = 8 * 1024;
    f.limits.deflate_bits = choose_bits(in);
    f.limits.deflate_forgets = choose(in) % 2;
    bytes_add(&f.conversation, heads[f.role], strlen(heads[f.role]));
    choose_frames(in, f.role, &f.limits, &f.conversation);
    struct log whole = run_frames(&f, SPLIT_NOWHERE, &error), single = run_frames(&f, SPLIT_EVERYWHERE, &error),
               seeded = run_frames(&f, seed, &error);
    assert(log_equal(&whole, &single) && log_equal(&whole, &seeded));
    if (nth & 0x7F) {
        memory_fail(nth & 0x7F, nth & 0x80);
        struct log log = run_frames(&f, seed, &error);
        bool failed = memory_has_failed();
        memory_fail(0, false);
        bool told = error == WEBSOCKET_CLOSE_INTERNAL || error == 503;
        assert(
            failed && told ? log_is_cut_short(&log, &whole) : log_equal(&log, &whole)); /* not told: it broke a rule */
        log_free(&log);
    }
    log_free(&whole);
    log_free(&single);
    log_free(&seeded);
    bytes_free(&f.conversation);
}

/* ---- echo ---- */

/* A client that compresses, its messages, and what comes back. */
struct echo {
    struct websocket client;
    struct bytes sent, got; /* OWNS: all messages, one behind the other, with their lengths */
    size_t messages, echoed;
    bool refused;
};

static void echo_hear(struct echo *e, const uint8_t *bytes, size_t count) {
    struct websocket_event event;
    uint8_t *copy = malloc(count);
    size_t used = 0;
    memcpy(copy, bytes, count);
    do {
        used += websocket_receive(&e->client, copy + used, count - used, &event);
        e->refused |= event.type == WEBSOCKET_CLOSE || event.type == WEBSOCKET_ERROR;
        if (event.type == WEBSOCKET_MESSAGE) {
            bytes_add(&e->got, &event.length, sizeof event.length);
            bytes_add(&e->got, event.payload, event.length);
            e->echoed++;
        }
    } while (event.type != WEBSOCKET_NEED_MORE);
    free(copy);
}

/* Sends at most `amount` of the session's replies to the client. */
static void echo_send(struct echo *e, struct session *s, size_t amount) {
    size_t pending;
    for (const uint8_t *bytes; amount > 0 && (bytes = session_pending(s, &pending)), amount > 0 && pending > 0;) {
        size_t count = pending < amount ? pending : amount;
        echo_hear(e, bytes, count);
        session_sent(s, count);
        amount -= count;
    }
}

/* A message of some of the input's bytes, repeated; appended to `out` as the client's frame. */
static void echo_say(struct echo *e, struct input *in, const struct limits *limits, struct bytes *out) {
    static const uint8_t mask[4] = {1, 2, 3, 4};
    uint8_t op = choose(in), header[WEBSOCKET_HEADER_MAX];
    size_t given = op & 0x3F, length = op & 0x40 ? (given + 1) * 701 % (limits->message_max + 1) : given;
    struct bytes message = {0};
    length = length < limits->message_max ? length : limits->message_max;
    given = given < in->left ? given : in->left;
    while (message.count < length && given > 0)
        bytes_add(&message, in->at, given < length - message.count ? given : length - message.count);
    in->at += given;
    in->left -= given;
    struct block *packed =
        op & 0x80 || message.count == 0 ? NULL : websocket_deflate(&e->client, message.at, message.count);
    size_t count = packed ? packed->end - packed->start : message.count;
    size_t size = websocket_frame_header(header, WEBSOCKET_BINARY, true, count, mask);
    header[0] |= packed ? WEBSOCKET_RSV1 : 0;
    bytes_add(out, header, size);
    bytes_add(out, packed ? packed->bytes + packed->start : message.at, count);
    websocket_mask(out->at + out->count - count, count, mask);
    bytes_add(&e->sent, &message.count, sizeof message.count);
    bytes_add(&e->sent, message.at, message.count);
    e->messages++;
    if (packed)
        counted_free(packed);
    bytes_free(&message);
}

static void fuzz_echo(struct input *in) {
    struct limits limits = choose_limits(in), own = LIMITS_DEFAULT;
    struct echo e = {.messages = 0};
    struct session s;
    uint32_t split = SPLIT_SEEDED + choose(in);
    uint8_t nth = choose(in);
    struct bytes conversation = {0};
    own.deflate_bits = DEFLATE_BITS_MAX;
    limits.head_max = 8 * 1024;
    limits.deflate_bits = choose_bits(in);
    limits.deflate_forgets = choose(in) % 2;
    session_open(&s, PROTOCOL_WS, &limits);
    websocket_open(&e.client, WEBSOCKET_CLIENT, &own, good_accept);
    memory_fail(nth & 0x7F, nth & 0x80);
    uint8_t head[512];
    memcpy(head, heads[WEBSOCKET_SERVER], strlen(heads[WEBSOCKET_SERVER]));
    session_receive(&s, head, strlen(heads[WEBSOCKET_SERVER]));
    session_own(&s);
    echo_send(&e, &s, SIZE_MAX);
    while (e.client.terms.agreed && in->left > 0 && conversation.count < CONVERSATION_MAX)
        echo_say(&e, in, &limits, &conversation);
    for (size_t at = 0, piece; at < conversation.count && !s.ending && !s.broken; at += piece) {
        piece = next_piece(&split, conversation.count - at);
        piece = piece < RECEIVE_SIZE ? piece : RECEIVE_SIZE;
        if (session_is_full(&s))
            echo_send(&e, &s, SIZE_MAX);
        uint8_t *copy = malloc(piece);
        memcpy(copy, conversation.at + at, piece);
        session_receive(&s, copy, piece);
        session_own(&s);
        free(copy);
        assert(session_pending_count(&s) <= limits.pending_max + limits.message_max + RECEIVE_SIZE + 1024);
        if (!s.broken) /* else the replies in `copy` are lost, and no server sends those behind them */
            echo_send(&e, &s, split >> 16);
    }
    if (!s.broken) {
        session_eof(&s);
        echo_send(&e, &s, SIZE_MAX);
    }
    bool failed = memory_has_failed();
    memory_fail(0, false);
    assert(failed || session_wants(&s) == WANT_CLOSE);
    if (!failed && s.reason == CLOSE_PEER)
        assert(e.echoed == e.messages && bytes_equal(&e.sent, &e.got));
    else
        assert(e.got.count <= e.sent.count && (e.got.count == 0 || memcmp(e.got.at, e.sent.at, e.got.count) == 0));
    assert(failed || s.reason == CLOSE_PEER);
    session_close(&s);
    websocket_close(&e.client);
    assert(memory_held() == 0);
    bytes_free(&conversation);
    bytes_free(&e.sent);
    bytes_free(&e.got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const targets[])(struct input *) = {fuzz_offers, fuzz_data, fuzz_frames, fuzz_echo};
    struct input in = {data, size};
    targets[choose(&in) % 4](&in);
    return 0;
}
