/* run_parts.h - a run, seen from the main thread, which moves no messages itself; and the functions that its files call
 * in one another, in the order of their layers:
 *
 *     run.c           the phases of one run; paced.c: of a run in slices
 *     paced_commands.c  what a paced run is told to do
 *     run_measure.c   the window's two borders: both sides' clocks, the server's memory and context switches
 *     run_wait.c      the main thread sleeps until a point in time, a signal, a notification by a worker, or all ranks
 *                     have come to a meeting
 *     run_open.c      set-up, and the end
 */
#ifndef LOADGEN_RUN_PARTS_H
#define LOADGEN_RUN_PARTS_H

#include "client/plan.h"
#include "meaning/result.h"
#include "run/progress.h"
#include "together/together.h"
#include "worker/worker.h"

struct run {
    struct plan plan;
    struct board board;
    struct worker **workers; /* OWNS */
    struct progress progress;
    int signal_fd;
    bool interrupted;
};

/* ---- run.c ---- */

void run_wake_workers(struct run *run);

/* WAIT: until every client is connected, or has failed to, and has been answered once, if that is soon. */
void run_connect(struct run *run);

/* WAIT: for the replies in flight, the end of all connections, and of the threads. */
void run_drain(struct run *run);

/* --aftermath: WAIT: until nothing more is awaited, or Ctrl-C. */
void run_aftermath(struct run *run, struct result *r);

/* Adds up what the threads counted. `measured`: the latencies, if they are not those of the threads (NULL). */
void run_collect(struct run *run, struct result *r, const struct samples *measured);

/* ---- run_measure.c ---- */

/* WAIT: through warm-up and window, whose borders are set. Fills the fields of *r that come from the server and the
 * clocks. */
void run_measure(struct run *run, struct result *r);

/* The server's figures at the end; the connections are still open. `before`: its context switches at the beginning, if
 * `before_known`. */
void run_sample_after(const struct run *run, struct result *r, bool before_known, const uint64_t before[2]);

/* Interrupted: no message is sent from now on, and none that arrives counts. Returns the window's end. */
uint64_t run_end_window(struct run *run);

/* ---- run_wait.c ---- */

bool run_all_settled(const struct run *run);
bool run_all_greeted(const struct run *run);
bool run_all_dead(const struct run *run);
bool run_all_finished(const struct run *run);

/* WAIT: until `done` returns true (NULL: not asked), or `until`. Returns false if a signal interrupted the run
 * meanwhile. */
bool run_wait(struct run *run, uint64_t until, bool (*done)(const struct run *));

/* WAIT: until all load generators that make this run together have come to the meeting. *at: when they go on. Returns
 * false if the run is interrupted meanwhile, and they need not meet any more. A run that is made alone never waits. */
bool run_meet(struct run *run, enum meeting meeting, uint64_t *at);

/* WAIT: until `fd` can be read. False: a signal has interrupted the run. */
bool run_await_input(struct run *run, int fd);

/* ---- run_open.c ---- */

/* Sets up everything, and starts the threads, which begin to connect. A failure ends the program with one line. */
void run_open(struct run *run, const struct options *options, struct result *r);

/* Frees everything. The threads must have been joined. */
void run_close(struct run *run);

#endif
