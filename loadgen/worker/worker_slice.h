/* worker_slice.h - a slice of a paced run: all clients begin at a word of the main thread, send until the window's end,
 * and are quiet when the last reply has come. */
#ifndef LOADGEN_WORKER_SLICE_H
#define LOADGEN_WORKER_SLICE_H

#include "worker/worker.h"

/* The board has a new slice: its messages begin. */
void worker_slice_begin(struct worker *w);

/* To be called at each turn. Tells the board once the slice is over and nothing is in flight any more, or LIMIT:
 * plan->drain_ns later. Returns when to call again at the latest. */
uint64_t worker_slice_turn(struct worker *w, uint64_t now);

#endif
