/* aftermath.h - --aftermath: when all clients have gone, how long until the server is as it was before they came?
 *
 * Two questions, one after the other, each asked every millisecond: does it serve a new client, and has it given back
 * what it held, descriptors and threads? */
#ifndef LOADGEN_AFTERMATH_H
#define LOADGEN_AFTERMATH_H

#include "meaning/result.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct plan;

/* Where the looking has got to; zeroed at first. */
struct aftermath_watch {
    uint64_t ended, until; /* the end of the run, and of the present question; 0: not begun */
    bool visited;          /* the first question is answered */
};

/* What process `pid` has in use now: all of it, or nothing, where it has ended or is not ours to look at. */
void aftermath_sample(pid_t pid, struct holdings *h);

/* The run is over, and all its connections are gone.
 * Looks at the server, and writes what it finds to *a. To be called every millisecond until it returns false: nothing
 * more is awaited. WAIT: while the new client is connected, AFTERMATH_LIMIT_S at most. */
bool aftermath_look(struct aftermath_watch *w, struct aftermath *a, const struct plan *plan);

#endif
