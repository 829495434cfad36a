/* chaos.h - bad clients beside the good ones; the figures of the good ones then show the harm that the bad ones do.
 *
 * They run in a separate thread with its own libev loop, and start when the good clients are connected. Each repeats
 * one action; when the server ends its connection, it connects again. They use ordinary sockets only: no setting of the
 * machine is changed.
 *
 * The kind flash has no bad clients: the good ones lose their connections (client/flash.c). */
#ifndef LOADGEN_CHAOS_H
#define LOADGEN_CHAOS_H

#include "client/plan.h"
#include "meaning/tally.h"

struct chaos;

/* Starts plan->chaos_clients bad clients; NULL if that is 0. A failure ends the program with one line. `plan`
 * must outlive them. */
struct chaos *chaos_start(const struct plan *plan);

/* Ends them with a reset, and sets *tally. `chaos` may be NULL. WAIT: for their thread, some milliseconds. */
void chaos_stop(struct chaos *chaos, struct chaos_tally *tally);

#endif
