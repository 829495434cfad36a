/* histogram.h - latencies in nanoseconds, three significant digits, in constant time and space.
 *
 * Log-linear, as in HdrHistogram: values below 2048 have a bucket each; from there on every doubling of the value is
 * cut into 1024 equal buckets. A bucket is therefore never wider than 1/1024 of the values in it:
 *
 *     0 .. 2047           width 1      2048 buckets
 *     2048 .. 4095        width 2      1024 buckets
 *     4096 .. 8191        width 4      1024 buckets
 *     ...                              up to 2^38 - 1 ns, 274 s
 *
 * Count, minimum, maximum and sum are kept exactly. Nothing here locks: one histogram per thread, merged at the end.
 */
#ifndef LOADGEN_HISTOGRAM_H
#define LOADGEN_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HISTOGRAM_HALF = 1024,     /* buckets per doubling */
    HISTOGRAM_VALUE_BITS = 38, /* LIMIT: larger values are counted in the last bucket; maximum and mean stay exact */
    HISTOGRAM_BUCKETS = HISTOGRAM_HALF * (HISTOGRAM_VALUE_BITS - 9),
};

struct histogram {
    uint64_t count;
    uint64_t sum;
    uint64_t min; /* UINT64_MAX while empty */
    uint64_t max;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* An empty histogram. */
void histogram_reset(struct histogram *h);

/* Counts one value, or `times` equal ones. O(1). */
void histogram_record(struct histogram *h, uint64_t value);
void histogram_record_many(struct histogram *h, uint64_t value, uint64_t times);

/* Adds all that `from` holds to `into`: the same as if every value had been recorded in `into`. */
void histogram_merge(struct histogram *into, const struct histogram *from);

/* The smallest value such that `percent` (0 to 100) of all recorded values are not above it, rounded up to the end of
 * its bucket (but never above the maximum); 0 percent is the minimum. 0 when empty. */
uint64_t histogram_percentile(const struct histogram *h, double percent);

/* Exact mean; 0 when empty. */
double histogram_mean(const struct histogram *h);

/* Standard deviation, taken at the middle of the buckets; 0 when empty. */
double histogram_deviation(const struct histogram *h);

/* One non-empty bucket. Start with a zeroed struct; each call of histogram_next moves to the next non-empty bucket and
 * returns true, or returns false after the last. */
struct histogram_bucket {
    size_t next;    /* private */
    uint64_t lower; /* smallest and largest value that the bucket holds */
    uint64_t upper;
    uint64_t count;
};

bool histogram_next(const struct histogram *h, struct histogram_bucket *bucket);

#endif
