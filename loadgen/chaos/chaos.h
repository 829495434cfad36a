/* chaos.h - clients that do what they should not, beside the good ones, whose figures then show the neighbour's harm.
 *
 * They have a thread and an event loop of their own (libev), and begin when the good clients are connected. Each does
 * its one thing again and again; when the server ends its connection, it comes back. All of it is done with plain
 * sockets in user space: nothing on the machine is changed.
 *
 * One kind, flash, has no bad clients: it is the good ones that lose their connections (client/flash.c). */
#ifndef LOADGEN_CHAOS_H
#define LOADGEN_CHAOS_H

#include "client/plan.h"
#include "meaning/tally.h"

struct chaos;

/* Starts plan->options->chaos_clients of them; NULL if that is 0. What cannot be set up ends the program with one
 * line. `plan` must outlive them. */
struct chaos *chaos_start(const struct plan *plan);

/* Ends them, with a reset, and waits until they are gone: WAIT: some milliseconds. */
void chaos_stop(struct chaos *chaos, struct chaos_tally *tally);

#endif
