/* run_parts.h - a run, seen from the main thread, which moves no messages itself; and what its files call of one
 * another, in the order of their layers:
 *
 *     run.c           the phases
 *     run_measure.c   the window's two borders: both sides' clocks, the server's memory and context switches
 *     run_wait.c      the main thread sleeps until a point in time, a signal, or word from the workers
 *     run_open.c      set-up, and the end
 */
#ifndef LOADGEN_RUN_PARTS_H
#define LOADGEN_RUN_PARTS_H

#include "client/plan.h"
#include "meaning/result.h"
#include "run/progress.h"
#include "worker/worker.h"

struct run {
    struct plan plan;
    struct board board;
    struct worker **workers; /* OWNS */
    struct progress progress;
    int signal_fd;
    bool interrupted;
};

/* ---- run_measure.c ---- */

/* Warm-up and window, whose borders are set. Fills what of *r comes from the server and from the clocks. */
void run_measure(struct run *run, struct result *r);

/* Interrupted: no message is sent from now on, and none that arrives counts. Returns the window's end. */
uint64_t run_end_window(struct run *run);

/* ---- run_wait.c ---- */

bool run_all_settled(const struct run *run);
bool run_all_greeted(const struct run *run);
bool run_all_dead(const struct run *run);
bool run_all_finished(const struct run *run);

/* Waits until `done` holds (if given) or `until` has come. Returns false if the run was interrupted meanwhile. */
bool run_wait(struct run *run, uint64_t until, bool (*done)(const struct run *));

/* ---- run_open.c ---- */

/* Everything, up to threads that have begun to connect. What cannot be set up ends the program with one line. */
void run_open(struct run *run, const struct options *options, struct result *r);

/* The threads have been joined. */
void run_close(struct run *run);

#endif
