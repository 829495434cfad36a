/* chaos_tally.h - what the bad clients of a run have done (chaos.h). */
#ifndef LOADGEN_CHAOS_TALLY_H
#define LOADGEN_CHAOS_TALLY_H

#include <stdint.h>

struct chaos_tally {
    uint64_t connections;     /* made */
    uint64_t ended_by_server; /* of these: FIN or RST came */
    uint64_t refused;         /* attempts that failed */
    uint64_t bytes;           /* sent */
};

#endif
