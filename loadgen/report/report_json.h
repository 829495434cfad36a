/* report_json.h - the parts that the JSON of a run and of a search have in common. */
#ifndef LOADGEN_REPORT_JSON_H
#define LOADGEN_REPORT_JSON_H

#include "meaning/options.h"
#include "meaning/result.h"
#include "meaning/tally.h"
#include <jansson.h>
#include <math.h>

/* A number that is not known is null, never NaN. */
static inline json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static inline json_t *count(uint64_t value) {
    return json_integer((json_int_t)value);
}

/* OWNS: the caller owns the object. `io`: how the bytes moved. */
json_t *options_json(const struct options *o, const char *io);
json_t *clients_json(const struct result *r);
json_t *failures_json(const struct tally *tally);

#endif
