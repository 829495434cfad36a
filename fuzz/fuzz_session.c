/* session.c: a server's calls in any order, for both protocols. Output, reason and count must be what the events of
 * websocket.c demand, however the input was cut and whenever the output was sent. */
#include "feed.h"
#include "memory.h"
#include "session.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct step {
    enum { RECEIVE, SEND, END_OF_INPUT, SHUTDOWN, RESET } call;
    size_t amount; /* of RECEIVE and SEND: bytes */
};

enum { STEPS_MAX = 16 };

struct program {
    enum protocol protocol;
    struct limits limits;
    struct bytes conversation;
    struct step steps[STEPS_MAX];
    size_t count;
};

static struct program choose_program(struct input *in) {
    static const uint8_t calls[] = {RECEIVE, RECEIVE, RECEIVE, RECEIVE, RECEIVE, RECEIVE, RECEIVE, RECEIVE, SEND, SEND,
        SEND, SEND, SEND, END_OF_INPUT, SHUTDOWN, RESET};
    struct program p = {.limits = choose_limits(in)};
    p.protocol = choose(in) % 8 == 0 ? PROTOCOL_ECHO : PROTOCOL_WS;
    p.count = choose(in) % STEPS_MAX;
    for (size_t i = 0; i < p.count; i++) {
        p.steps[i].call = calls[choose(in) % sizeof calls];
        size_t amount = choose(in);
        p.steps[i].amount = amount < 192 ? amount + 1 : (amount - 191) * 1024;
    }
    p.steps[p.count++] = (struct step){RECEIVE, SIZE_MAX}; /* what is left */
    p.conversation = choose_conversation(in, WEBSOCKET_SERVER, &p.limits);
    return p;
}

/* ---- what must be expected, computed from the parser's events alone ---- */

struct model {
    struct bytes echo;  /* echo: the bytes that must come back */
    struct log replies; /* WebSocket: the events that a client must see */
    uint64_t messages;
    enum close_reason reason;
    bool closing, open, idle;
    char accept[WEBSOCKET_ACCEPT_LENGTH + 1];
};

static void model_end(struct model *m, enum close_reason reason) {
    m->reason = m->closing ? m->reason : reason;
    m->closing = true;
}

static enum close_reason reason_of_error(const struct model *m, uint16_t code) {
    if (!m->open)
        return CLOSE_REJECTED;
    return code == WEBSOCKET_CLOSE_TOO_BIG    ? CLOSE_TOO_BIG
           : code == WEBSOCKET_CLOSE_BAD_UTF8 ? CLOSE_BAD_UTF8
                                              : CLOSE_PROTOCOL_ERROR;
}

static void note_close(struct model *m, uint16_t code) {
    struct websocket_event reply = {.type = WEBSOCKET_CLOSE, .opcode = WEBSOCKET_OPCODE_CLOSE, .code = code};
    note_event(&m->replies, &reply);
}

static void note_reply(void *to, const struct websocket_event *event) {
    struct model *m = to;
    struct websocket_event reply = *event;
    switch (event->type) {
    case WEBSOCKET_OPEN:
        m->open = websocket_accept_key((const char *)event->payload, m->accept);
        reply.length = 0; /* the key stays with the server */
        break;
    case WEBSOCKET_MESSAGE: m->messages++; break;
    case WEBSOCKET_PING:
        reply.type = WEBSOCKET_PONG;
        reply.opcode = WEBSOCKET_OPCODE_PONG;
        break;
    case WEBSOCKET_CLOSE:
        note_close(m, event->code);
        model_end(m, CLOSE_HANDSHAKE);
        return;
    case WEBSOCKET_ERROR:
        model_end(m, reason_of_error(m, event->code));
        if (m->open) {
            note_close(m, event->code);
            return;
        }
        break;
    case WEBSOCKET_PONG:
    case WEBSOCKET_NEED_MORE: return;
    }
    note_event(&m->replies, &reply);
}

static struct model run_model(const struct program *p) {
    struct model m = {0};
    struct feed f;
    size_t at = 0;
    feed_open(&f, WEBSOCKET_SERVER, &p->limits, NULL, note_reply, &m);
    bool was_reset = false;
    for (size_t i = 0; i < p->count && !was_reset; i++) {
        size_t left = p->conversation.count - at, amount = p->steps[i].amount < left ? p->steps[i].amount : left;
        switch (p->steps[i].call) {
        case RECEIVE:
            if (p->protocol == PROTOCOL_ECHO && !m.closing)
                bytes_add(&m.echo, p->conversation.at + at, amount);
            else if (!m.closing && amount > 0)
                feed(&f, p->conversation.at + at, amount);
            at += amount;
            break;
        case SEND: break;
        case END_OF_INPUT: model_end(&m, CLOSE_PEER); break;
        case SHUTDOWN:
            if (m.open && !m.closing)
                note_close(&m, WEBSOCKET_CLOSE_GOING_AWAY);
            model_end(&m, CLOSE_SHUTDOWN);
            break;
        case RESET:
            model_end(&m, CLOSE_RESET);
            was_reset = true;
            break;
        }
    }
    m.idle = !m.closing && feed_is_idle(&f);
    feed_close(&f);
    return m;
}

/* ---- the session itself ---- */

enum sending { SEND_AT_ONCE, SEND_AS_CHOSEN, SEND_LATE, SEND_NEVER };

struct run {
    const struct program *program;
    struct session session;
    struct bytes output;  /* bytes that were sent */
    const uint8_t *still; /* the pending bytes that must not move, and how many of them were seen */
    size_t still_count;
    uint8_t *lent; /* OWNS: the bytes of a receive, lent to the session while replies lie in them (SEND_LATE) */
    size_t came;
    int64_t now_ms; /* 0: there is no clock */
    enum session_want want;
    bool was_reset;
};

/* Bytes that may be unused in the last block of replies. */
enum { BLOCK = 8 * 1024 };

/* LIMIT: what one receive can add to the replies: a message that was half received, its own bytes, an HTTP answer. */
static size_t one_receive(const struct limits *limits) {
    return limits->message_max + RECEIVE_SIZE + 512;
}

static void check_memory(const struct run *r) {
    const struct limits *limits = &r->program->limits;
    size_t output = 2 * (limits->pending_max + one_receive(limits)) + one_receive(limits) + BLOCK;
    assert(memory_held() <= held_max(limits) + output);
    assert(memory_held() <= BLOCK + 4 * r->came);
}

/* After every call: bytes that were pending are still pending, at the same place. */
static void check_still(struct run *r) {
    size_t pending;
    const uint8_t *bytes = session_pending(&r->session, &pending);
    if (r->still_count > 0)
        assert(bytes == r->still && pending >= r->still_count);
    r->still = bytes;
    r->still_count = pending;
    check_memory(r);
    assert(session_is_full(&r->session) || pending <= r->program->limits.pending_max);
    assert(r->was_reset || r->want == session_wants(&r->session));
    assert(r->was_reset || (r->want == WANT_WRITE) == (pending > 0));
}

static void run_send(struct run *r, size_t amount) {
    while (amount > 0 && r->still_count > 0) {
        size_t count = amount < r->still_count ? amount : r->still_count;
        bytes_add(&r->output, r->still, count);
        r->still_count = 0;
        r->want = session_sent(&r->session, count);
        check_still(r);
        amount -= count;
    }
}

/* The session copies the pending replies out of the caller's bytes (session_own). */
static void run_keep(struct run *r) {
    r->still_count = 0;
    r->want = session_own(&r->session);
    r->was_reset = r->session.broken;
    if (!r->was_reset)
        check_still(r);
}

/* SEND_AT_ONCE is bio's way: replies are sent from where they were made. SEND_LATE is aio's: one buffer stays lent
 * until its replies are sent, whatever comes meanwhile. The other values are nio's way: the session copies the replies.
 */
static void run_receive(struct run *r, const uint8_t *bytes, size_t count, enum sending sending) {
    if (sending == SEND_AT_ONCE || session_is_full(&r->session))
        run_send(r, SIZE_MAX); /* as the servers do: nothing is received while the session is full */
    uint8_t *copy = malloc(count);
    if (!copy)
        abort();
    memcpy(copy, bytes, count);
    r->came += count;
    if (!session_is_lent(&r->session)) {
        free(r->lent);
        r->lent = NULL;
    }
    r->want = session_receive(&r->session, copy, count);
    check_still(r);
    if (sending == SEND_AT_ONCE)
        run_send(r, SIZE_MAX);
    if (sending == SEND_LATE && !r->lent && session_is_lent(&r->session)) {
        r->lent = copy;
        return;
    }
    if (!r->lent && session_is_lent(&r->session))
        run_keep(r);
    free(copy); /* the bytes are the caller's again */
}

/* Time passes: session_tick may end the session or send a ping, and nothing else. */
static void run_tick(struct run *r, size_t passed_ms) {
    const struct limits *limits = &r->program->limits;
    enum close_reason before = r->session.reason;
    bool was_closing = r->want == WANT_CLOSE;
    int left_ms;
    r->now_ms += (int64_t)passed_ms;
    r->want = session_tick(&r->session, r->now_ms, &left_ms);
    assert(left_ms >= -1 && left_ms <= limits->idle_ms + limits->dead_ms + limits->stall_ms + limits->handshake_ms);
    assert(!was_closing || (r->want == WANT_CLOSE && r->session.reason == before));
    r->was_reset = r->session.broken;
    check_still(r);
}

/* All steps; the receives cut by `split` as well. */
static void run_steps(struct run *r, uint32_t split, enum sending sending) {
    const struct program *p = r->program;
    size_t at = 0;
    for (size_t i = 0; i < p->count && !r->was_reset; i++) {
        size_t left = p->conversation.count - at, amount = p->steps[i].amount < left ? p->steps[i].amount : left;
        switch (p->steps[i].call) {
        case RECEIVE:
            for (size_t piece; amount > 0; amount -= piece, at += piece) {
                piece = next_piece(&split, amount < RECEIVE_SIZE ? amount : RECEIVE_SIZE);
                if (r->was_reset)
                    break;
                run_receive(r, p->conversation.at + at, piece, sending);
            }
            break;
        case SEND:
            if (sending == SEND_AS_CHOSEN)
                run_send(r, p->steps[i].amount);
            break;
        case END_OF_INPUT:
            r->want = session_eof(&r->session);
            check_still(r);
            break;
        case SHUTDOWN:
            r->want = session_shutdown(&r->session);
            check_still(r);
            break;
        case RESET:
            r->want = session_reset(&r->session);
            r->was_reset = true;
            check_still(r);
            break;
        }
        if (r->now_ms > 0 && !r->was_reset)
            run_tick(r, p->steps[i].amount);
    }
    if (r->was_reset)
        bytes_add(&r->output, r->still, r->still_count); /* the kernel may still be reading it */
    if (!r->was_reset && sending != SEND_NEVER)
        run_send(r, SIZE_MAX);
}

static struct run run_program(
    const struct program *p, const struct model *m, uint32_t split, enum sending sending, int64_t now_ms) {
    struct run r = {.program = p, .now_ms = now_ms};
    session_open(&r.session, p->protocol, &p->limits);
    run_steps(&r, split, sending);
    assert(!m->idle || r.was_reset || sending == SEND_NEVER || memory_has_failed() || memory_held() == 0);
    session_close(&r.session); /* whatever is still pending */
    free(r.lent);
    assert(memory_held() == 0);
    return r;
}

/* Pings are the session's own: no event of the parser calls for one. */
static void note_all_but_pings(void *log, const struct websocket_event *event) {
    if (event->type != WEBSOCKET_PING)
        note_event(log, event);
}

/* Reads the output as a client does; returns the events it saw. */
static struct log as_client(const struct run *r, const struct model *m) {
    struct limits limits = LIMITS_DEFAULT;
    struct log log = {0};
    struct feed f;
    limits.message_max = r->program->limits.message_max;
    feed_open(&f, WEBSOCKET_CLIENT, &limits, m->accept, note_all_but_pings, &log);
    feed_all(&f, &r->output, SPLIT_NOWHERE);
    feed_close(&f);
    return log;
}

static bool is_beginning(const struct bytes *part, const struct bytes *whole) {
    return part->count <= whole->count && (part->count == 0 || memcmp(part->at, whole->at, part->count) == 0);
}

/* The bytes sent are exactly those expected; only a reset may cut them short. Returns them. */
static struct bytes check_run(const struct program *p, const struct model *m, uint32_t split, enum sending sending) {
    struct run r = run_program(p, m, split, sending, 0);
    struct log log = {0};
    if (p->protocol == PROTOCOL_WS)
        log = as_client(&r, m);
    const struct bytes *got = p->protocol == PROTOCOL_WS ? &log.events : &r.output;
    const struct bytes *expected = p->protocol == PROTOCOL_WS ? &m->replies.events : &m->echo;
    assert(is_beginning(got, expected) && (r.was_reset || got->count == expected->count));
    assert(r.want == (m->closing ? WANT_CLOSE : WANT_READ));
    assert(!m->closing || r.session.reason == m->reason);
    assert(r.session.messages == m->messages);
    log_free(&log);
    if (r.was_reset)
        bytes_free(&r.output);
    return r.output;
}

/* Memory runs out: the session ends with CLOSE_NO_MEMORY. The bytes sent are still whole frames, one for each message
 * that it counted. */
static void check_out_of_memory(const struct program *p, const struct model *m, uint32_t split, uint8_t nth) {
    memory_fail(nth & 0x7F, nth & 0x80);
    struct run r = run_program(p, m, split, SEND_AS_CHOSEN, 0);
    bool failed = memory_has_failed();
    memory_fail(0, false);
    assert(!failed || (r.want == WANT_CLOSE && r.session.reason == CLOSE_NO_MEMORY));
    if (p->protocol == PROTOCOL_WS) {
        struct log log = as_client(&r, m);
        assert(log_is_cut_short(&log, &m->replies));
        assert(log.messages == r.session.messages || (r.was_reset && log.messages < r.session.messages));
        log_free(&log);
    } else {
        assert(is_beginning(&r.output, &m->echo));
    }
    bytes_free(&r.output);
}

/* Time passes between the steps: a time limit may end the session earlier, and it sends nothing more than pings
 * besides. */
static void check_time(const struct program *p, const struct model *m, uint32_t split) {
    struct run r = run_program(p, m, split, SEND_AS_CHOSEN, UINT32_MAX - 1000); /* its low 32 bits soon wrap */
    enum close_reason reason = r.session.reason;
    bool given_up = r.want == WANT_CLOSE && (reason == CLOSE_HANDSHAKE_TIMEOUT || r.session.broken);
    struct log log = {0};
    if (p->protocol == PROTOCOL_WS)
        log = as_client(&r, m);
    const struct bytes *got = p->protocol == PROTOCOL_WS ? &log.events : &r.output;
    const struct bytes *expected = p->protocol == PROTOCOL_WS ? &m->replies.events : &m->echo;
    assert(reason != CLOSE_HANDSHAKE_TIMEOUT || p->protocol == PROTOCOL_WS);
    assert(given_up || bytes_equal(got, expected));
    assert(reason == CLOSE_HANDSHAKE_TIMEOUT ? log_is_cut_short(&log, &m->replies) : is_beginning(got, expected));
    assert(given_up || (r.session.messages == m->messages && (!m->closing || reason == m->reason)));
    log_free(&log);
    bytes_free(&r.output);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input in = {data, size};
    uint32_t seed = SPLIT_SEEDED + choose(&in);
    uint8_t nth = choose(&in);
    struct program p = choose_program(&in);
    struct model m = run_model(&p);
    struct bytes whole = check_run(&p, &m, SPLIT_NOWHERE, SEND_LATE);
    struct bytes single = check_run(&p, &m, SPLIT_EVERYWHERE, SEND_AT_ONCE);
    struct bytes seeded = check_run(&p, &m, seed, SEND_AS_CHOSEN);
    assert(bytes_equal(&whole, &single) && bytes_equal(&whole, &seeded));
    struct run given_up = run_program(&p, &m, SPLIT_EVERYWHERE, SEND_NEVER, 0);
    check_time(&p, &m, seed);
    if (nth & 0x7F)
        check_out_of_memory(&p, &m, seed, nth);
    bytes_free(&given_up.output);
    bytes_free(&whole);
    bytes_free(&single);
    bytes_free(&seeded);
    log_free(&m.replies);
    bytes_free(&m.echo);
    bytes_free(&p.conversation);
    return 0;
}
