/* census.h - what each client of a run is doing at one moment. */
#ifndef LOADGEN_CENSUS_H
#define LOADGEN_CENSUS_H

#include "meaning/failure.h"
#include <stdint.h>

enum standing {
    STANDING_AWAY,       /* its time to connect has not come, or it is to connect again */
    STANDING_CONNECTING, /* the handshake of WebSocket included */
    STANDING_UNSERVED,   /* connected, has asked, and was never answered: it may not even be accepted */
    STANDING_SERVED,     /* answered since the last census */
    STANDING_WAITING,    /* was answered before, and waits for an answer */
    STANDING_IDLE,       /* asks nothing at the moment */
    STANDING_DONE,       /* has closed, or does */
    STANDINGS,           /* those that have failed are counted by class */
};

struct census {
    uint64_t messages; /* verified replies so far */
    uint32_t standings[STANDINGS];
    uint64_t failures[FAILURE_CLASSES];
};

const char *standing_name(enum standing standing);

void census_add(struct census *into, const struct census *from);

#endif
