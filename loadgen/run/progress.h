/* progress.h - one line on the terminal that says how the run is doing. */
#ifndef LOADGEN_PROGRESS_H
#define LOADGEN_PROGRESS_H

#include "client/run.h"
#include <stdbool.h>
#include <stdint.h>

struct worker;

struct progress {
    const char *phase;
    const struct run *run;
    struct worker **workers;
    bool shown; /* stderr is a terminal, and the user did not ask for quiet */
    uint64_t last, next, messages;
};

void progress_open(struct progress *p, const struct run *run, struct worker **workers);

/* Rewrites the line if it is time to. Returns for how many nanoseconds it need not be called again. */
uint64_t progress_update(struct progress *p, uint64_t now);

/* Wipes the line. */
void progress_close(struct progress *p);

#endif
