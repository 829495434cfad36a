/* arguments.h - the command line. */
#ifndef LOADGEN_ARGUMENTS_H
#define LOADGEN_ARGUMENTS_H

#include "meaning/options.h"

/* Fills *options, but for `place`. `follows`: another load generator leads this run; what is for that one is left out.
 * Anything wrong ends the program: one line on stderr, exit status 2. --help, --version and --explain print and exit
 * with 0. */
void arguments_parse(struct options *options, bool follows, int argc, char **argv);

#endif
