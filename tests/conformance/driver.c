/* driver.c - the protocol without a network, for tests/conformance/direct.py: requests on stdin, answers on stdout.
 *
 *     request   struct request, its runs (struct run: how the input is split), the input's bytes
 *     answer    records (struct record, each followed by its payload), the last of type RECORD_END
 *
 * Role 'S' is a server's session, and a record is what it would send. Role 'C' is a client's websocket, whose handshake
 * has sent the key of RFC 6455 section 1.3, and a record is an event. Each piece of the input lies in front of a page
 * that must not be touched.
 */
#include "../guarded.h"
#include "session.h"
#include <stdio.h>
#include <stdlib.h>

struct request {
    uint32_t role, message_max, runs, count, deflate_bits;
};

struct run {
    uint32_t size, times; /* `times` pieces of `size` bytes */
};

enum { RECORD_OUTPUT = 100, RECORD_END = 101 }; /* others: enum websocket_event_type */

struct record {
    uint32_t fed; /* bytes of the input given so far */
    uint32_t type, opcode;
    uint32_t code; /* of RECORD_END: 1 if the session wants to be closed */
    uint32_t length;
};

/* What is under test. */
struct subject {
    struct limits limits;
    struct session session;
    struct websocket websocket;
    uint32_t role, fed;
};

static _Noreturn void die(const char *what) {
    fprintf(stderr, "driver: %s\n", what);
    exit(2);
}

/* Returns memory with `size` bytes of stdin, to be freed. */
static void *take(size_t size) {
    void *bytes = malloc(size + 1);

    if (!bytes || fread(bytes, 1, size, stdin) != size)
        die("the request is cut short, or too large");
    return bytes;
}

static void give(struct record record, const void *payload) {
    if (fwrite(&record, sizeof record, 1, stdout) != 1 || fwrite(payload, 1, record.length, stdout) != record.length)
        die("nobody reads the answer");
}

static void subject_open(struct subject *s, const struct request *request) {
    s->limits = LIMITS_DEFAULT;
    s->limits.message_max = request->message_max;
    s->limits.deflate_bits = (int)request->deflate_bits;
    s->role = request->role;
    s->fed = 0;
    if (s->role == 'S')
        session_open(&s->session, PROTOCOL_WS, &s->limits);
    else
        websocket_open(&s->websocket, WEBSOCKET_CLIENT, &s->limits, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

/* As the servers do: all replies leave, and when the session wants to be closed nothing more is read. */
static void feed_session(struct subject *s, uint8_t *bytes, size_t count) {
    enum session_want want = session_wants(&s->session);

    if (want == WANT_READ)
        want = session_receive(&s->session, bytes, count);
    while (want == WANT_WRITE) {
        size_t length;
        const uint8_t *pending = session_pending(&s->session, &length);
        give((struct record){.fed = s->fed, .type = RECORD_OUTPUT, .length = (uint32_t)length}, pending);
        want = session_sent(&s->session, length);
    }
}

static void feed_websocket(struct subject *s, uint8_t *bytes, size_t count) {
    struct websocket_event event;

    do {
        size_t used = websocket_receive(&s->websocket, bytes, count, &event);
        bytes += used, count -= used;
        if (event.type != WEBSOCKET_NEED_MORE)
            give((struct record){s->fed, event.type, event.opcode, event.code, (uint32_t)event.length},
                event.length > 0 ? event.payload : bytes);
    } while (event.type != WEBSOCKET_NEED_MORE);
}

static void subject_close(struct subject *s) {
    bool ended = s->role == 'S' && session_wants(&s->session) == WANT_CLOSE;

    if (s->role == 'S')
        session_close(&s->session);
    else
        websocket_close(&s->websocket);
    give((struct record){.fed = s->fed, .type = RECORD_END, .code = ended}, "");
    fflush(stdout);
}

static void serve(const struct request *request) {
    struct run *runs = take(request->runs * sizeof *runs);
    uint8_t *input = take(request->count);
    struct guarded piece = guarded_new(request->count);
    struct subject subject;

    subject_open(&subject, request);
    for (struct run *run = runs; run < runs + request->runs; run++) {
        for (; run->times > 0; run->times--) {
            guarded_place(&piece, input + subject.fed, run->size);
            subject.fed += run->size;
            (request->role == 'S' ? feed_session : feed_websocket)(&subject, piece.bytes, run->size);
        }
    }
    subject_close(&subject);
    guarded_free(&piece);
    free(input);
    free(runs);
}

int main(void) {
    struct request request;

    while (fread(&request, sizeof request, 1, stdin) == 1)
        serve(&request);
    return 0;
}
