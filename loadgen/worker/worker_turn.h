/* worker_turn.h - what a thread does before each wait, and once at its end. */
#ifndef LOADGEN_WORKER_TURN_H
#define LOADGEN_WORKER_TURN_H

#include "worker/worker.h"

/* Looks at the board, does all that is due, sets the timer for what is next, and updates the board's counters. For
 * struct turner: true when no client is left. */
bool worker_turn(void *worker);

/* Open loop: counts what was due before the window's end and never left, or never got its answer. */
void worker_count_unsent(struct worker *w);

/* Wakes the main thread. */
void worker_notify(const struct board *board);

#endif
