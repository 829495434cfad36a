/* aftermath.h - --aftermath: how long after the last client until the server is in the state from before the first?
 *
 * Two questions, one after the other, each asked every millisecond: does it serve a new client, and has it no more
 * descriptors and threads than before? */
#ifndef LOADGEN_AFTERMATH_H
#define LOADGEN_AFTERMATH_H

#include "meaning/result.h"
#include <stdbool.h>
#include <stdint.h>

struct plan;

/* The state of the questions; zeroed before the first look. */
struct aftermath_watch {
    uint64_t ended, until; /* when the run ended (0: not yet), and the deadline of the present question */
    bool visited;          /* the first question is answered */
};

/* What the server has in use now. All three values are NAN if one of its processes has ended or belongs to another
 * user. */
void aftermath_sample(const struct processes *server, struct holdings *h);

/* The run is over, and all its connections are gone.
 * Looks at the server, and writes what it finds to *a. To be called every millisecond until it returns false: nothing
 * more is awaited. WAIT: while the new client is connected, AFTERMATH_LIMIT_S at most. */
bool aftermath_look(struct aftermath_watch *w, struct aftermath *a, const struct plan *plan);

#endif
