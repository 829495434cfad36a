/* paced_commands.h - what a paced run is told to do, one line after another on stdin. */
#ifndef LOADGEN_PACED_COMMANDS_H
#define LOADGEN_PACED_COMMANDS_H

#include "run/run_parts.h"

enum command_kind { COMMAND_SLICE, COMMAND_DISTURB, COMMAND_CALM, COMMAND_END };

struct command {
    enum command_kind kind;
    uint64_t skip_ns, window_ns; /* of a slice */
    uint64_t at;                 /* when all load generators begin with it, by this one's clock */
};

/* What has been read and not yet taken; zeroed at first. */
struct commands {
    char bytes[256];
    size_t count;
};

/* WAIT: for the next command; of several load generators the first one reads it, and tells the others. False: there are
 * no more, or a signal has come. A wrong one ends the program with one line. */
bool commands_next(struct commands *c, struct run *run, struct command *command);

#endif
