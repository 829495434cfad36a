/* metrics_text.h - Prometheus's text format, version 0.0.4.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/. Each metric has one # HELP and one # TYPE line, and its
 * samples directly behind them. Help texts and label values may hold anything: what needs an escape gets it. */
#ifndef IO_MODELS_METRICS_TEXT_H
#define IO_MODELS_METRICS_TEXT_H

#include <stdint.h>
#include <stdio.h>

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* A metric: its samples follow. `type` is "counter" or "gauge". `out` is checked by the caller, with ferror. */
void metric_begin(FILE *out, const char *name, const char *type, const char *help);

/* A sample of it: a whole number; with one label; or a number with fractions. */
void metric_count(FILE *out, const char *name, uint64_t value);
void metric_count_of(FILE *out, const char *name, const char *label, const char *text, uint64_t value);
void metric_real(FILE *out, const char *name, double value);

#endif
