/* engine.h - the phases of a run. */
#ifndef LOADGEN_ENGINE_H
#define LOADGEN_ENGINE_H

#include "meaning/options.h"
#include "meaning/result.h"

/* Does the whole run and fills *result (to be closed by result_close). What makes a run impossible ends the program
 * with one line. */
void engine_run(const struct options *options, struct result *result);

#endif
