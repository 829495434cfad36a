/* arguments.h - the command line. */
#ifndef LOADGEN_ARGUMENTS_H
#define LOADGEN_ARGUMENTS_H

#include "meaning/options.h"

/* Fills *options. Anything wrong ends the program: one line on stderr, exit status 2. --help, --version and --explain
 * print and exit with 0. */
void arguments_parse(struct options *options, int argc, char **argv);

/* What a number has that was not given, where its default depends on other options. */
#define ARGUMENTS_NOT_GIVEN (-1.0)

/* arguments_parse has read each option: completes those not given, and ends the program if some contradict others. */
void arguments_check(struct options *options);

#endif
