/* report_json.h - the parts that the JSON of a run and of a search have in common. */
#ifndef LOADGEN_REPORT_JSON_H
#define LOADGEN_REPORT_JSON_H

#include "options.h"
#include "tally.h"
#include <jansson.h>

/* OWNS: the caller. `io`: how the bytes moved. */
json_t *options_json(const struct options *o, const char *io);
json_t *failures_json(const struct tally *tally);

#endif
