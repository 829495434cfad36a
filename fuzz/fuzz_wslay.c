/* Differential: websocket.c against wslay, in both roles. The same frames must give the same messages and the same
 * verdict. Every `if` that lets a difference pass is a row of the table in fuzz/README.md. */
#include "feed.h"
#include <assert.h>
#include <string.h>
#include <wslay/wslay.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The most bytes that can be missing: of a mask; of a header, with the first byte of payload; of a close frame. */
enum { MASK_REST = 4, HEADER_REST = WEBSOCKET_HEADER_MAX - 2 + 1, CLOSE_REST = 125 };
static uint8_t zeros[CLOSE_REST];

/* How a connection ended: one parser's point of view. */
struct verdict {
    enum { STILL_OPEN, PEER_CLOSED, REFUSED } end;
    uint16_t code;  /* of the peer's close frame, or of ours; 0: an empty close frame (wslay only) */
    struct log log; /* what was delivered, but for close frames */
    struct bytes reason;
};

static void verdict_free(struct verdict *v) {
    log_free(&v->log);
    bytes_free(&v->reason);
}

/* ---- websocket.c ---- */

static void ours_note(void *to, const struct websocket_event *event) {
    struct verdict *v = to;
    if (event->type == WEBSOCKET_CLOSE || event->type == WEBSOCKET_ERROR) {
        v->end = event->type == WEBSOCKET_CLOSE ? PEER_CLOSED : REFUSED;
        v->code = event->code;
        bytes_add(&v->reason, event->payload, event->length);
    } else if (event->type != WEBSOCKET_OPEN) {
        note_event(&v->log, event);
    }
}

static void ours_open(struct feed *f, enum websocket_role role, const struct limits *limits, struct verdict *v) {
    const char *head = good_head(role);
    feed_open(f, role, limits, role == WEBSOCKET_CLIENT ? good_accept : NULL, ours_note, v);
    feed(f, (const uint8_t *)head, strlen(head));
    assert(f->open);
}

/* ---- wslay ---- */

struct theirs {
    wslay_event_context_ptr context;
    const struct bytes *frames;
    size_t at;
    uint32_t split;
    struct verdict *verdict;
    size_t fragments, fragments_max;
    bool in_close; /* the current frame is a close frame */
    uint64_t close_left;
    bool close_in_pieces; /* and it came in more than one */
};

static ssize_t theirs_receive(wslay_event_context_ptr context, uint8_t *to, size_t room, int flags, void *user) {
    struct theirs *t = user;
    (void)flags;
    size_t left = t->frames->count - t->at, count = next_piece(&t->split, left < room ? left : room);
    if (count == 0) {
        wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(to, t->frames->at + t->at, count);
    t->at += count;
    return (ssize_t)count;
}

static ssize_t theirs_send(wslay_event_context_ptr context, const uint8_t *bytes, size_t count, int flags, void *user) {
    (void)context, (void)bytes, (void)flags, (void)user;
    return (ssize_t)count;
}

static int theirs_mask(wslay_event_context_ptr context, uint8_t *mask, size_t count, void *user) {
    (void)context, (void)user;
    memset(mask, 0, count);
    return 0;
}

static bool has_too_many_fragments(const struct theirs *t) {
    return t->fragments > t->fragments_max;
}

static void theirs_frame(
    wslay_event_context_ptr context, const struct wslay_event_on_frame_recv_start_arg *frame, void *user) {
    struct theirs *t = user;
    t->in_close = frame->opcode == WSLAY_CONNECTION_CLOSE;
    t->close_left = frame->payload_length;
    if (wslay_is_ctrl_frame(frame->opcode))
        return;
    t->fragments = frame->opcode == WSLAY_CONTINUATION_FRAME ? t->fragments + 1 : 1;
    if (has_too_many_fragments(t)) /* D9: wslay has no such limit, but its user can add one here */
        wslay_event_shutdown_read(context);
}

static void theirs_piece(
    wslay_event_context_ptr context, const struct wslay_event_on_frame_recv_chunk_arg *piece, void *user) {
    struct theirs *t = user;
    (void)context;
    t->close_left -= piece->data_length;
    t->close_in_pieces |= t->in_close && t->close_left > 0;
}

static void theirs_message(
    wslay_event_context_ptr context, const struct wslay_event_on_msg_recv_arg *message, void *user) {
    struct theirs *t = user;
    (void)context;
    if (has_too_many_fragments(t))
        return;
    if (message->opcode == WSLAY_CONNECTION_CLOSE) {
        if (message->msg_length > 2)
            bytes_add(&t->verdict->reason, message->msg + 2, message->msg_length - 2);
        return;
    }
    struct websocket_event event = {.type = message->opcode == WSLAY_PING   ? WEBSOCKET_PING
                                            : message->opcode == WSLAY_PONG ? WEBSOCKET_PONG
                                                                            : WEBSOCKET_MESSAGE,
        .opcode = message->opcode,
        .payload = (uint8_t *)message->msg, /* only read */
        .length = message->msg_length};
    note_event(&t->verdict->log, &event);
}

static void theirs_open(
    struct theirs *t, enum websocket_role role, const struct limits *limits, uint32_t split, struct verdict *v) {
    static const struct wslay_event_callbacks callbacks = {
        theirs_receive, theirs_send, theirs_mask, theirs_frame, theirs_piece, NULL, theirs_message};
    *t = (struct theirs){.verdict = v, .split = split, .fragments_max = limits->fragments_max};
    int error = role == WEBSOCKET_SERVER ? wslay_event_context_server_init(&t->context, &callbacks, t)
                                         : wslay_event_context_client_init(&t->context, &callbacks, t);
    assert(error == 0);
    wslay_event_config_set_max_recv_msg_length(t->context, limits->message_max);
}

static void theirs_feed(struct theirs *t, const struct bytes *frames) {
    t->frames = frames;
    t->at = 0;
    int error = 0;
    do /* it returns early when a piece ends in mid header */
        error = wslay_event_recv(t->context);
    while (error == 0 && t->at < frames->count && wslay_event_get_read_enabled(t->context));
    assert(error == 0 || error == WSLAY_ERR_CALLBACK_FAILURE); /* wslay's way to report a bad header */
    if (wslay_event_get_close_received(t->context)) {
        t->verdict->end = PEER_CLOSED;
        t->verdict->code = wslay_event_get_status_code_received(t->context);
    } else if (!wslay_event_get_read_enabled(t->context)) {
        t->verdict->end = REFUSED;
        wslay_event_send(t->context);
        uint16_t code = wslay_event_get_status_code_sent(t->context);
        t->verdict->code = has_too_many_fragments(t) ? 1008 : code == WSLAY_CODE_NO_STATUS_RCVD ? 0 : code;
    }
}

/* ---- the comparison ---- */

/* The same end; or one of the known differences. */
static bool same_end(const struct verdict *ours, const struct verdict *theirs, const struct theirs *t) {
    bool same_code = ours->code == theirs->code;
    if (ours->end == PEER_CLOSED && theirs->end == PEER_CLOSED)
        return same_code && bytes_equal(&ours->reason, &theirs->reason);
    if (ours->end == PEER_CLOSED) /* D3: registered after the RFC. D6: wslay skips two bytes of each piece */
        return (theirs->code == 1002 && ours->code >= 1012 && ours->code <= 1014) ||
               (theirs->code == 1007 && t->close_in_pieces);
    if (theirs->end == PEER_CLOSED) /* D2: a body of one byte. D6 */
        return (ours->code == 1002 && t->in_close && theirs->code == WSLAY_CODE_NO_STATUS_RCVD) ||
               (ours->code == 1007 && t->close_in_pieces);
    if (ours->code == 1002 && theirs->code == 0) /* D1: a bad header is answered by an empty close frame */
        return true;
    return same_code || (ours->code == 1002 && theirs->code == 1007 && t->in_close); /* D4: bad code, bad text too */
}

static void compare(enum websocket_role role, const struct limits *limits, const struct bytes *frames, uint32_t split) {
    struct verdict ours = {0}, theirs = {0};
    struct feed f;
    struct theirs t;
    ours_open(&f, role, limits, &ours);
    theirs_open(&t, role, limits, split, &theirs);
    feed_all(&f, frames, split);
    theirs_feed(&t, frames);
    assert(log_equal(&ours.log, &theirs.log));
    /* Both refuse, but one may see the reason a few bytes earlier than the other: the later one gets zeros. */
    if (ours.end == REFUSED && ours.code != 1007 && theirs.end == STILL_OPEN)
        theirs_feed(&t, &(struct bytes){.at = zeros, .count = HEADER_REST}); /* D5 */
    else if (theirs.end == REFUSED && (theirs.code == 0 || t.in_close) && ours.end == STILL_OPEN)
        feed(&f, zeros, t.in_close ? CLOSE_REST : MASK_REST); /* D7, D6 */
    assert(ours.end == STILL_OPEN ? theirs.end == STILL_OPEN : theirs.end != STILL_OPEN);
    assert(ours.end == STILL_OPEN || same_end(&ours, &theirs, &t));
    assert(log_equal(&ours.log, &theirs.log));
    feed_close(&f);
    wslay_event_context_free(t.context);
    verdict_free(&ours);
    verdict_free(&theirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const size_t message_max[] = {64 * 1024, 125, 126, 300, 4096, 100 * 1000}; /* D8: none below 125 */
    struct input in = {data, size};
    struct limits limits = LIMITS_DEFAULT;
    uint8_t options = choose(&in);
    enum websocket_role role = options & 1 ? WEBSOCKET_CLIENT : WEBSOCKET_SERVER;
    limits.message_max = message_max[(options & 0x3F) / 2 % 6];
    limits.fragments_max = options & 0x80 ? 3 : 100 * 1000;
    struct bytes frames = {0};
    choose_frames(&in, role, &limits, &frames);
    compare(role, &limits, &frames, options & 0x40 ? SPLIT_SEEDED : SPLIT_NOWHERE);
    bytes_free(&frames);
    return 0;
}
