/* paced.h - a paced run: connects once, then works in slices on command, and is quiet between them. */
#ifndef LOADGEN_PACED_H
#define LOADGEN_PACED_H

#include "meaning/options.h"
#include "meaning/result.h"
#include "meaning/slice.h"

/* What the run tells while it goes on. */
struct paced_news {
    void (*ready)(const struct result *r);    /* the clients are connected, or have failed to; r->tally has them */
    void (*slice)(const struct slice *slice); /* one slice is over */
};

/* Reads commands from stdin, one per line, until its end or `end`:
 *
 *     slice SKIP_MS WINDOW_MS      the clients send for both times together; what is answered in the second one counts
 *     disturb                      the clients of --chaos begin,
 *     calm                         and end
 *
 * Then fills *result (to be closed by result_close) with what all slices measured together. WAIT: for commands. A wrong
 * command, or what makes the run impossible, ends the program with one line. */
void paced_run(const struct options *options, struct result *result, const struct paced_news *news);

#endif
