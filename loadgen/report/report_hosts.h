/* report_hosts.h - what each of several load generators had of a run that they made together, beside the sum. */
#ifndef LOADGEN_REPORT_HOSTS_H
#define LOADGEN_REPORT_HOSTS_H

#include "meaning/result.h"
#include <jansson.h>
#include <stdio.h>

/* A table for people: a row for each, then the sum. Nothing where one load generator made the run alone. */
void report_hosts(FILE *out, const struct result *r, const struct figures *f);

/* The same as an array, without the sum; null where one made it alone. OWNS: the caller owns it. */
json_t *hosts_json(const struct result *r);

#endif
