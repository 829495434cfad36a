/* chaos.h - clients that do what they should not, beside the good ones, whose figures then show the neighbour's harm.
 *
 * They have a thread and an event loop of their own (libev), and begin when the good clients are connected. Each does
 * its one thing again and again; when the server ends its connection, it comes back. All of it is done with plain
 * sockets in user space: nothing on the machine is changed.
 *
 * One kind, flash, has no bad clients: it is the good ones that lose their connections (flash.c). */
#ifndef LOADGEN_CHAOS_H
#define LOADGEN_CHAOS_H

#include "client/run.h"
#include "meaning/chaos_tally.h"
#include <stdbool.h>
#include <stdio.h>

struct chaos;

/* Starts run->options->chaos_clients of them; NULL if that is 0. What cannot be set up ends the program with one
 * line. `run` must outlive them. */
struct chaos *chaos_start(const struct run *run);

/* Ends them, with a reset, and waits until they are gone: WAIT: some milliseconds. */
void chaos_stop(struct chaos *chaos, struct chaos_tally *tally);

/* A kind by its name; -1 for none. And back. */
int chaos_kind(const char *name);
const char *chaos_name(int kind);

/* Is it that which happens to the good clients? */
bool chaos_is_flash(int kind);

/* Explains all kinds, a line each. */
void chaos_explain(FILE *out);

#endif
