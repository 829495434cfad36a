/* report.h - the results, for people and for programs. */
#ifndef LOADGEN_REPORT_H
#define LOADGEN_REPORT_H

#include "meaning/capacity.h"
#include "meaning/result.h"
#include "meaning/slice.h"
#include <stdio.h>

/* The human summary. */
void report_text(FILE *out, const struct result *r, const struct figures *f);

/* All results as one JSON object. Returns 0, or -1 with errno set. */
int report_json(FILE *out, const struct result *r, const struct figures *f);

/* A paced run, as lines of JSON: its clients are connected, or have failed to; a slice is over. Returns 0, or -1 with
 * errno set. */
int report_ready(FILE *out, const struct result *r);
int report_slice(FILE *out, const struct slice *s);

/* The percentile table of HdrHistogram (.hgrm) in microseconds; of the response latencies in the open loop. Returns 0,
 * or -1 with errno set. */
int report_hgrm(FILE *out, const struct result *r);

/* One line for one run of a search. */
void report_probe(FILE *out, const struct capacity *c, const struct probe *p);

/* The human summary of a search. */
void report_search_text(FILE *out, const struct capacity *c);

/* Answer and runs of a search as one JSON object. Returns 0, or -1 with errno set. */
int report_search_json(FILE *out, const struct capacity *c);

#endif
