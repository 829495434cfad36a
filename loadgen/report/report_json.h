/* report_json.h - the parts that the JSON of a run and of a search have in common. */
#ifndef LOADGEN_REPORT_JSON_H
#define LOADGEN_REPORT_JSON_H

#include "meaning/json.h"
#include "meaning/options.h"
#include "meaning/result.h"
#include "meaning/tally.h"

enum { REPORT_DIGITS = 12 }; /* of a real number */

/* OWNS: the caller owns the object. `io`: how the bytes moved. */
json_t *options_json(const struct options *o, const char *io);
json_t *clients_json(const struct result *r);
json_t *failures_json(const struct tally *tally);

#endif
