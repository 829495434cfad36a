/* run.h - one run: connect, warm up, measure, drain. */
#ifndef LOADGEN_RUN_H
#define LOADGEN_RUN_H

#include "meaning/options.h"
#include "meaning/result.h"

/* Does the whole run and fills *result (to be closed by result_close). An error that makes the run impossible ends the
 * program with one line. */
void run_once(const struct options *options, struct result *result);

#endif
