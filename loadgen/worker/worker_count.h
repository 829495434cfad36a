/* worker_count.h - what a thread counts at the end of a window, and how it tells the main thread. */
#ifndef LOADGEN_WORKER_COUNT_H
#define LOADGEN_WORKER_COUNT_H

#include "worker/worker.h"

/* Open loop: counts what was due before the window's end and never left, or never got its answer. */
void worker_count_unsent(struct worker *w);

/* Wakes the main thread. */
void worker_notify(const struct board *board);

#endif
