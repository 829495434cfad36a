/* arguments_check.h - the options together. */
#ifndef LOADGEN_ARGUMENTS_CHECK_H
#define LOADGEN_ARGUMENTS_CHECK_H

#include "meaning/options.h"

/* What a number has that was not given, where its default depends on other options. */
#define ARGUMENTS_NOT_GIVEN (-1.0)

/* Each option has been read: completes those not given, and ends the program, as arguments_parse does, if some
 * contradict others. */
void arguments_check(struct options *options);

#endif
