/* slice.h - what one slice of a paced run measured: the clients worked for a while, and were quiet before and after. */
#ifndef LOADGEN_SLICE_H
#define LOADGEN_SLICE_H

#include "meaning/samples.h"
#include "meaning/tally.h"
#include <stdint.h>

struct slice {
    uint32_t number;               /* from 1 */
    double window_s;               /* the part that counts: without the beginning that was skipped, and the drain */
    double span_s;                 /* from the first message until nothing is in flight any more */
    const struct samples *samples; /* of the window */
    struct tally tally;            /* what the whole slice added to the run's counters */
    /* Of the whole span: all that was done for all of its messages. NAN: not known. */
    double client_cpu_s, server_cpu_s;
    double client_waited_s, server_waited_s; /* runnable, but not running: somebody else had the CPU. Of the first
                                                worker, and of the server's first thread */
};

#endif
