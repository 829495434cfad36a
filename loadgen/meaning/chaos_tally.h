/* chaos_tally.h - what the bad clients of a run have done (chaos.h); and the good ones, in a flash (flash.c). */
#ifndef LOADGEN_CHAOS_TALLY_H
#define LOADGEN_CHAOS_TALLY_H

#include <stdint.h>

struct chaos_tally {
    uint64_t connections;     /* made; in a flash: made again */
    uint64_t ended_by_server; /* of these: FIN or RST came */
    uint64_t refused;         /* attempts that failed; in a flash: and were followed by another */
    uint64_t bytes;           /* sent */
    /* In a flash only: */
    uint64_t cut;        /* good clients that lost their connection, */
    uint64_t back;       /* and had an answer again, */
    uint64_t longest_ns; /* the last of them so long after the cut */
    uint64_t resent;     /* messages sent again */
};

#endif
