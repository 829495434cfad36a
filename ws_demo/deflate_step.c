#include "deflate_step.h"
#include <stdlib.h>

uint64_t step_saved;
static unsigned windows;

void step_open(struct channel *c) {
    c->step = c->session.websocket.terms.agreed ? calloc(1, sizeof *c->step) : NULL;
}

void step_close(struct channel *c) {
    if (c->step && c->step->has_window)
        windows--;
    free(c->step);
    c->step = NULL;
}

static void remember(struct step_direction *d, size_t payload, size_t wire, bool compressed) {
    d->last[d->count++ % STEP_REMEMBERED] = (struct step_record){
        .payload = (uint32_t)payload, .wire = (uint32_t)wire & INT32_MAX, .compressed = compressed};
}

/* LIMIT: windows. One that is not kept from message to message does not count: it is gone when this returns. */
static bool may_compress(struct channel *c) {
    struct step *s = c->step;
    if (s->has_window || !c->session.websocket.terms.write_keeps)
        return true;
    s->has_window = windows < STEP_WINDOWS_MAX;
    windows += s->has_window;
    return s->has_window;
}

void step_send(struct channel *c, enum websocket_opcode opcode, const void *bytes, size_t count) {
    size_t before = session_pending_count(&c->session);
    bool compressed = may_compress(c) && session_add_deflated(&c->session, opcode, bytes, count);
    if (!compressed)
        session_add(&c->session, opcode, bytes, count, 0);
    size_t wire = session_pending_count(&c->session) - before;
    if (wire == 0)
        return; /* the session is ending */
    remember(&c->step->sent, count, wire, compressed);
    step_saved += wire < count ? count - wire : 0;
}

void step_received(struct channel *c, size_t used, const struct websocket_event *event) {
    enum { CONTROL_HEADER = 6 }; /* of a client's control frame, with its mask */
    struct step *s = c->step;
    s->partial += (uint32_t)used;
    if (event->type == WEBSOCKET_PING || event->type == WEBSOCKET_PONG) /* may stand between two frames of a message */
        s->partial -= CONTROL_HEADER + (uint32_t)event->length;
    if (event->type != WEBSOCKET_MESSAGE)
        return;
    remember(&s->received, event->length, s->partial, event->compressed);
    s->partial = 0;
}

void step_limits_print(FILE *out) {
    fprintf(out, "with the page, of all:\n%-10s %9d %-17s %s\n", "windows", STEP_WINDOWS_MAX, "of compression",
        "one for each socket; more get their messages uncompressed");
}
