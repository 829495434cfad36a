/* progress.h - how the run is doing: one line on the terminal; or, with --progress FD, lines of JSON for a program:
 *
 *     {"line": "progress", "phase": "measuring", "elapsed_s": 1.25, "messages": 310,
 *      "clients": {"served": 14, "waiting": 2, ...}, "failures": {"starved": 1, ...}}
 *
 * The names of clients are those of meaning/census.h. A line that the descriptor does not take at once is left out:
 * whoever does not read disturbs no run. */
#ifndef LOADGEN_PROGRESS_H
#define LOADGEN_PROGRESS_H

#include "meaning/census.h"
#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *phase;
    bool shown; /* stderr is a terminal, and the user did not ask for quiet */
    int fd;     /* of --progress; -1: none */
    uint64_t opened, last, next, messages;
};

struct progress_counts {
    uint32_t clients, settled;
    uint64_t messages, failures;
};

/* `fd`: -1, or where the lines of JSON go; it becomes non-blocking. */
void progress_open(struct progress *p, bool quiet, int fd);

/* Is it time to rewrite the line? */
bool progress_is_due(const struct progress *p, uint64_t now);
void progress_print(struct progress *p, uint64_t now, const struct progress_counts *counts);

/* Instead of that, where the lines go to a program. */
void progress_tell(struct progress *p, uint64_t now, const struct census *census);

/* Wipes the line. */
void progress_close(struct progress *p);

#endif
