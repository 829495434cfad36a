/* progress.h - one line on the terminal that says how the run is doing. */
#ifndef LOADGEN_PROGRESS_H
#define LOADGEN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *phase;
    bool shown; /* stderr is a terminal, and the user did not ask for quiet */
    uint64_t last, next, messages;
};

struct progress_counts {
    uint32_t clients, settled;
    uint64_t messages, failures;
};

void progress_open(struct progress *p, bool quiet);

/* Is it time to rewrite the line? */
bool progress_is_due(const struct progress *p, uint64_t now);
void progress_print(struct progress *p, uint64_t now, const struct progress_counts *counts);

/* Wipes the line. */
void progress_close(struct progress *p);

#endif
