/* census.c - see census.h. */
#include "meaning/census.h"

static const char *const names[STANDINGS] = {
    [STANDING_AWAY] = "away",
    [STANDING_CONNECTING] = "connecting",
    [STANDING_UNSERVED] = "unserved",
    [STANDING_SERVED] = "served",
    [STANDING_WAITING] = "waiting",
    [STANDING_IDLE] = "idle",
    [STANDING_DONE] = "done",
};

const char *standing_name(enum standing standing) {
    return names[standing];
}

void census_add(struct census *into, const struct census *from) {
    into->messages += from->messages;
    for (int i = 0; i < STANDINGS; i++)
        into->standings[i] += from->standings[i];
    for (int i = 0; i < FAILURE_CLASSES; i++)
        into->failures[i] += from->failures[i];
}
