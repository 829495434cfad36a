/* runner.h - one server with its load generator. */
#ifndef LOADGEN_RACE_RUNNER_H
#define LOADGEN_RACE_RUNNER_H

#include "race/card.h"
#include "race/child.h"

struct runner {
    const struct runner_card *card;
    struct child server, loadgen;
    bool runs;
    double clients;            /* that are connected, and have not failed */
    double messages_per_s;     /* roughly, to find the slices' length; 0: not known yet */
    double idle_from_s;        /* CPU time and clock when the start's rounds began, */
    uint64_t idle_since;       /* 0: they have not; */
    double busy_s, busy_cpu_s; /* and how much of both were its own slices */
    char *line;                /* OWNS: the last one that came from a child */
    size_t line_size;
};

/* Starts both. WAIT: until all clients are connected, or have failed to. False: it takes no part in this start; that is
 * told. */
bool runner_start(struct runner *r, const struct runner_card *card, int start);

/* Its rounds begin: from here on what it does beside its slices is idleness. */
void runner_begin(struct runner *r);

/* Works for a slice. OWNS: the caller owns what the load generator says of it. NULL: the load generator or the server
 * has ended, or all clients have failed: it takes no part any more in this start; that is told. WAIT: for the slice. */
json_t *runner_slice(struct runner *r, int start, double skip_ms, double window_ms, bool disturbed);

/* Ends both, and tells how they ended. WAIT: for that. Close the load generator's input first, of all runners. */
void runner_stop(struct runner *r, int start);

#endif
