/* json.h - what all JSON of the load generator has in common. */
#ifndef LOADGEN_JSON_H
#define LOADGEN_JSON_H

#include "meaning/failure.h"
#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

/* A number that is not known is null, never NaN. */
static inline json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static inline json_t *count(uint64_t value) {
    return json_integer((json_int_t)value);
}

/* Of the classes only those that there are. */
static inline json_t *some_failures_json(const uint64_t failures[FAILURE_CLASSES]) {
    json_t *object = json_object();

    for (int i = 0; i < FAILURE_CLASSES; i++) {
        if (failures[i] > 0)
            json_object_set_new(object, failure_name((enum failure)i), count(failures[i]));
    }
    return object;
}

/* Prints the object as one line, reals with so many digits, and flushes. OWNS: takes the object. Returns 0, or -1 with
 * errno set. */
static inline int json_line(FILE *out, json_t *object, size_t digits) {
    int status = json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(digits));

    fputc('\n', out);
    json_decref(object);
    return status == 0 && fflush(out) == 0 ? 0 : -1;
}

#endif
