/* verdict.h - was what a run asked for held? And if not: why, and by whose fault? */
#ifndef LOADGEN_VERDICT_H
#define LOADGEN_VERDICT_H

#include "meaning/result.h"
#include "meaning/search.h"

enum verdict_reason {
    VERDICT_HELD,
    VERDICT_FAILURES,     /* more clients failed than allowed */
    VERDICT_NO_REPLY,     /* nothing was answered in the window */
    VERDICT_SILENT,       /* closed loop: clients that got no reply in the whole window, and so are in no percentile */
    VERDICT_RATE,         /* open loop: the rate was not made */
    VERDICT_P99,          /* too slow */
    VERDICT_CLIENT_LIMIT, /* this machine could not make the clients */
    VERDICT_CLIENT_BOUND, /* one of the above but failures, with the load generator at the end of its CPUs, and not the
                           * server */
};

enum { VERDICT_LENGTH = 240 };

struct verdict {
    enum search_outcome outcome;
    enum verdict_reason reason;
    double p99_us; /* response time in the open loop, service time in the closed one; NAN: nothing was answered */
    char says[VERDICT_LENGTH]; /* why, with its figures */
};

/* Judges a run of r->options by r->options->search. */
void verdict_of(const struct result *r, const struct figures *f, struct verdict *v);

/* "held", "failures" and so on. */
const char *verdict_name(enum verdict_reason reason);

#endif
