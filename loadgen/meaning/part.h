/* part.h - what one of several load generators had of a run that they made together. */
#ifndef LOADGEN_PART_H
#define LOADGEN_PART_H

#include "meaning/tally.h"
#include <stdbool.h>

enum { PART_HOST_MAX = 64 }; /* LIMIT: bytes of a host's name, with its end; what is longer is cut */

struct part {
    char host[PART_HOST_MAX];
    uint32_t rank, threads, clients;
    struct tally tally;
    uint64_t answered; /* inside the window */
    double messages_per_s, jain, client_share;
    double p50_us, p99_us, max_us; /* response time in the open loop, else service time; NAN: nothing was answered */
    uint64_t trip_ns;              /* of the fastest message from rank 0 to it and back: how well its clock is known */
    uint64_t late_ns;              /* how long after the moment agreed on the load began; 0: it did not */
    bool same_kernel;              /* it runs on the machine of rank 0, as another host or as the same */
    bool client_bound;             /* it used RESULT_SATURATED of its CPUs, or more */
    bool slow;                     /* its p50 is above PART_SLOW times the median of all */
};

/* Later than this is told: the others have then begun without it. */
#define PART_LATE_NS UINT64_C(10000000)

/* From this multiple of the median of all on, a load generator counts as slow. */
#define PART_SLOW 2.0

#endif
