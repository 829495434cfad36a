/* race_report.h - what a race prints: lines of JSON, each with a member "line" that says of what it is. */
#ifndef LOADGEN_RACE_RACE_REPORT_H
#define LOADGEN_RACE_RACE_REPORT_H

#include "race/card.h"
#include "race/rounds.h"

#define CHAOS_LANE "+chaos"

/* What takes turns: a runner; or the same with the clients of --chaos beside its own. */
struct lane {
    size_t runner;
    bool disturbed;
    char name[NAME_MAX_BYTES + sizeof CHAOS_LANE];
    size_t slices, disturbed_slices;
};

void tell_begin(const struct card *card);
void tell_ready(int start, const char *runner, json_t *ready);
void tell_out(int start, const char *runner, const char *why);
/* `killed`: one of the two did not end in time; a status of 128 + SIGKILL without it was somebody else. */
void tell_stopped(int start, const char *runner, int loadgen_exit, int server_exit, bool killed);

/* The CPU time of a server while others had their slices. */
void tell_idle(int start, const char *runner, double cpu_s, double seconds);

/* `why`: what disturbed it; NULL: nothing. `slice`: the load generator's own line. */
void tell_slice(int start, int round, const char *lane, bool counts, const char *why, json_t *slice);

void tell_standing(int start, size_t rounds, double widest, const char *lane, double elapsed_s);
void tell_lane(const struct rounds *r, size_t lane, const struct lane *names);
void tell_pairs(const struct rounds *r, enum figure figure, const struct lane *lanes);

/* `why`: "narrow" enough, "time", "interrupted", or "out": all runners are. */
void tell_end(const char *why, size_t rounds, double widest, double wanted, const char *lane, double elapsed_s);

#endif
