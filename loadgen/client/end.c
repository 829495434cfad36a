/* end.c - the connection is over: the client has ended, or connects again. */
#include "client/client_parts.h"
#include <stdlib.h>

/* --reconnect: the connection has ended without a failure, and the window is still open. */
static bool comes_again(const struct client *c) {
    const struct group *g = c->group;

    return g->plan->options->reconnect && c->state == CLIENT_CLOSING && !c->refused && !g->draining &&
           schedule_is_open(g->schedule, clock_now());
}

void client_end(struct client *c, enum client_state state) {
    struct group *g = c->group;

    if (state == CLIENT_DONE && comes_again(c))
        state = CLIENT_WAITING;
    c->state = (uint8_t)state;
    if (c->fd >= 0) {
        g->filter->drop(c);
        websocket_close(&c->replies.websocket);
        free(c->control);
        c->control = NULL;
        packed_drop(c);
    }
    if (state == CLIENT_WAITING) {
        STAILQ_INSERT_TAIL(&g->returning, c, link);
        return;
    }
    g->greeted += c->replies.verified == 0; /* else client_answered counts it, or has */
    g->open--;
}

void client_return(struct client *c, uint64_t again_at) {
    c->again_at = again_at;
    client_end(c, CLIENT_WAITING);
}
