/* together.h - one run, made by several load generators together: the ranks of an MPI job, on as many hosts.
 *
 * Rank 0 leads. At each meeting of the run it waits until all have come, and says at which moment all go on; at
 * the end it adds up what all have measured, and reports. Each rank lets rank 0 know a few times a second that it
 * lives, and rank 0 the others: if one is gone or stopped, the run ends within seconds, with one line that names it and
 * its host.
 *
 *     together_alone.c   in loadgen: there is one load generator, and nothing to do
 *     together_mpi.c     in loadgen_mpi, with post_mpi.c: nothing else of the load generator knows MPI
 *
 * Only the main thread calls these functions. */
#ifndef LOADGEN_TOGETHER_H
#define LOADGEN_TOGETHER_H

#include "meaning/options.h"
#include "meaning/result.h"
#include <stdbool.h>
#include <stdint.h>

/* The meetings of a run, in their order: before each of its parts. */
enum meeting {
    MEET_NONE,
    MEET_OPTIONS, /* rank 0 has read its options, and found nothing wrong: the others read theirs */
    MEET_CONNECT, /* everything is set up: the clients connect */
    MEET_LOAD,    /* they are connected, or have failed to: the warm-up begins */
    MEET_DRAIN,   /* the window is over, and rank 0 has looked at the server: the connections close */
    MEET_CLOSED,  /* they are closed */
    MEETINGS,
};

/* How far a run is: the sums over this rank's threads, or over all ranks. */
struct headway {
    uint64_t settled, messages, failures;
};

/* Joins the other ranks, if there are any. To be called first: it may take words from the command line, and blocks
 * SIGINT and SIGTERM where there are several ranks. From here on exit() ends all ranks, unless together_gather was
 * done. WAIT: until all ranks have begun. An error ends the program with one line. */
void together_open(int *argc, char ***argv);

/* Is this rank 0? */
bool together_leads(void);

/* Sets o->place. With --lead rank 0 has no clients. If the ranks cannot deal out such a run, ends the program with one
 * line. */
void together_take_place(struct options *o);

/* This rank has come to a meeting. */
void together_arrive(enum meeting meeting);

/* Have all come to it? Then *at is when they go on, by this rank's clock: soon, or just now. */
bool together_met(enum meeting meeting, uint64_t *at);

/* WAIT: both at once, where there is no run yet that has to be looked after meanwhile. */
void together_meet(enum meeting meeting);

/* A signal has come: the run is to end early. Tells all. */
void together_stop(void);

/* Has another rank been told to stop? */
bool together_stopped(void);

/* Reads what the others have sent, and sends what is due: to be called whenever the main thread wakes. Never waits.
 * `own`: this rank's headway, which becomes that of all on rank 0. Returns when it is to be called again, at the
 * latest; NEVER: alone. If a rank is gone, ends the program, and all others. */
uint64_t together_turn(uint64_t now, struct headway *own);

/* ---- a paced run: rank 0 reads the commands, and all do them together ---- */

struct together_command {
    uint64_t words[3]; /* what they mean is the caller's */
    uint64_t at;       /* when all begin with it, by this rank's clock */
};

/* Rank 0: hands a command on to the others, and sets c->at. WAIT: some milliseconds at times, to compare the clocks. */
void together_command(struct together_command *c);

/* The others: takes the next command. False: none has come yet. Never waits. */
bool together_next_command(struct together_command *c);

/* Rank 0: WAIT: until all others have done what they were to do, and have called together_sum. */
void together_await_all(void);

/* Rank 0: adds what the others have measured to *r, and returns true. Others: hands it over, and returns false. Only
 * the tally, the latencies, what was answered, and the CPU time. WAIT: for those of all. */
bool together_sum(struct result *r);

/* ---- the end ---- */

/* Rank 0: adds the results of all others to *r, with a part for each, and returns true; from then on it is alone.
 * Others: hands the result over, and returns false: there is nothing more to do but to exit with status 0. WAIT: for
 * the results of all. */
bool together_gather(struct result *r);

#endif
