/* verdict.h - did a run stay within its limits? If not: why, and was it the server or the load generator? */
#ifndef LOADGEN_VERDICT_H
#define LOADGEN_VERDICT_H

#include "meaning/result.h"
#include "meaning/search.h"

enum verdict_reason {
    VERDICT_HELD,
    VERDICT_FAILURES,     /* more clients failed than allowed */
    VERDICT_NO_REPLY,     /* nothing was answered in the window */
    VERDICT_SILENT,       /* closed loop: clients that got no reply in the whole window, and so are in no percentile */
    VERDICT_RATE,         /* open loop: fewer messages were answered than the rate demands */
    VERDICT_P99,          /* p99 is above --p99-ms */
    VERDICT_CLIENT_LIMIT, /* this machine could not open so many connections */
    VERDICT_CLIENT_BOUND, /* one of the above (of failures: only timeouts), while the load generator's CPUs were
                           * saturated and the server's were not */
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
