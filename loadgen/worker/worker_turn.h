/* worker_turn.h - what a thread does before each wait, and once at its end. */
#ifndef LOADGEN_WORKER_TURN_H
#define LOADGEN_WORKER_TURN_H

#include "worker/worker.h"

/* Looks at the board, does all that is due, sets the timer for what is next, and updates the board's counters. For
 * struct turner: true when no client is left. */
bool worker_turn(void *worker);

#endif
