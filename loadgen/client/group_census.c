/* group_census.c - counts the clients of one thread by what they are doing. */
#include "client/client.h"
#include <string.h>

static enum standing standing_of(const struct client *c) {
    switch (c->state) {
    case CLIENT_WAITING: return STANDING_AWAY;
    case CLIENT_CONNECTING:
    case CLIENT_SECURING:
    case CLIENT_UPGRADING: return STANDING_CONNECTING;
    case CLIENT_SERVING: break;
    default: return STANDING_DONE;
    }
    if (c->answered > c->answered_before)
        return STANDING_SERVED;
    if (c->issued == c->answered)
        return STANDING_IDLE;
    return c->answered == 0 ? STANDING_UNSERVED : STANDING_WAITING;
}

void group_census(struct group *g, struct census *census) {
    memset(census, 0, sizeof *census);
    census->messages = g->tally.messages;
    memcpy(census->failures, g->tally.failures, sizeof census->failures);
    for (uint32_t i = 0; i < g->count; i++) {
        struct client *c = &g->clients[i];
        if (c->state != CLIENT_FAILED)
            census->standings[standing_of(c)]++;
        c->answered_before = c->answered;
    }
}
