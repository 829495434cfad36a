/* runner.h - one server with its load generator. */
#ifndef LOADGEN_RACE_RUNNER_H
#define LOADGEN_RACE_RUNNER_H

#include "race/card.h"
#include "race/child.h"

struct runner {
    const struct runner_card *card;
    int start;                                    /* which one this is */
    struct child servers[PROCESSES_MAX], loadgen; /* of the servers, card->processes */
    int loadgen_exit;
    bool killed; /* one of its programs did not end in time */
    bool runs;
    double clients;            /* that are connected, and have not failed */
    double messages_per_s;     /* roughly, to find the slices' length; 0: not known yet */
    double idle_from_s;        /* CPU time and clock when the start's rounds began, */
    uint64_t idle_since;       /* 0: they have not; */
    double busy_s, busy_cpu_s; /* and how much of both were its own slices */
};

/* A start, in steps that all runners take together: a server begins; WAIT: for its port, then its clients connect;
 * WAIT: until they are connected, or have failed to. What fails is out of this start, which is told. runner_await
 * returns whether it takes part. */
void runner_start(struct runner *r, const struct runner_card *card, int start);
void runner_connect(struct runner *r);
bool runner_await(struct runner *r);

/* Its rounds begin: from here on what it does beside its slices is idleness. */
void runner_begin(struct runner *r);

/* Works for a slice. OWNS: the caller owns what the load generator says of it. NULL: the load generator or the server
 * has ended, or all clients have failed: it takes no part any more in this start; that is told. WAIT: for the slice. */
json_t *runner_slice(struct runner *r, double skip_ms, double window_ms, bool disturbed);

/* The end of a start, in steps that all runners take together: no more commands; WAIT: its load generator has ended,
 * and its server is told to; WAIT: that has ended. How both ended is told. */
void runner_finish(struct runner *r);
void runner_end_clients(struct runner *r);
void runner_end(struct runner *r);

#endif
