/* statistics.h - what can be said of a ratio that was measured once per round, without assuming how it is distributed.
 *
 * - Median: half of the rounds lie above it, half below.
 * - Interval: sorted, the values number k and n + 1 - k enclose the true median unless fewer than k of n rounds fell on
 *   one side of it. For each round that is a toss of a coin, so that chance is known exactly: k is the largest number
 *   for which it is at most 5%. For 40 rounds: the 14th and the 27th. (Conover, Practical Nonparametric Statistics,
 *   section 3.2)
 * - Blocks: rounds that follow one another may be alike, and are then no independent tosses. Where their correlation
 *   (lag 1) is above 0.2, neighbours are averaged, until it is not.
 * - Starts: layout and start-up are a level of variation of their own (Kalibera and Jones, Rigorous Benchmarking in
 *   Reasonable Time, 2013). A start that differs from the others, with all of its rounds on one side of the median, is
 *   not told away: the interval then encloses the median of that start.
 */
#ifndef LOADGEN_RACE_STATISTICS_H
#define LOADGEN_RACE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

struct interval {
    double median, low, high; /* NAN: too few rounds */
    size_t rounds;            /* values */
    size_t block;             /* how many neighbours were averaged; 1: none */
    double lag1;              /* correlation of neighbours before that; NAN: not known */
    double p;                 /* how often chance alone would put so many rounds on one side of 1 (sign test) */
};

/* For qsort: of doubles, none of them NAN. */
int ascending(const void *a, const void *b);

/* The values of all rounds, those of start 0 first; starts[i] of start i, `start_count` starts. `values` is changed. */
struct interval interval_of(double *values, const size_t *starts, size_t start_count);

/* The largest k for which P(fewer than k of n coins show heads) <= 2.5%; 0: there is none (n < 6). */
size_t interval_rank(size_t n);

/* P(at most k of n coins show heads). */
double coins_at_most(size_t n, size_t k);

/* Correlation of neighbours within each start, by ranks (Spearman), so that one wild round does not decide it. NAN: too
 * few values, or all alike. */
double lag1_of(const double *values, const size_t *starts, size_t start_count);

/* The chances p[i], corrected for having asked `count` questions at once (Holm, 1979): in place, order kept. */
void holm(double *p, size_t count);

#endif
