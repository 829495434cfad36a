/* arguments_check.h - checks the options against one another. */
#ifndef LOADGEN_ARGUMENTS_CHECK_H
#define LOADGEN_ARGUMENTS_CHECK_H

#include "meaning/options.h"

/* The value of a number that was not given, where its default depends on other options. */
#define ARGUMENTS_NOT_GIVEN (-1.0)

/* Called when each option has been read. Sets the defaults of those not given. Options that contradict one another end
 * the program, as in arguments_parse. */
void arguments_check(struct options *options);

#endif
