/* end.c - the connection is over: for good, or the client comes again. */
#include "client/client_parts.h"
#include <stdlib.h>

/* --reconnect: a connection has ended well, and the window has not. */
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
        g->transport->drop(c);
        websocket_close(&c->replies.websocket);
        free(c->control);
        c->control = NULL;
    }
    if (state == CLIENT_WAITING) {
        STAILQ_INSERT_TAIL(&g->returning, c, link);
        return;
    }
    g->greeted += c->replies.verified == 0; /* else the exchange is about to say so, or has */
    g->open--;
}

void client_return(struct client *c, uint64_t again_at) {
    c->again_at = again_at;
    client_end(c, CLIENT_WAITING);
}
