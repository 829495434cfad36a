/* histogram.c - see histogram.h for the layout of the buckets. */
#include "meaning/histogram.h"
#include <math.h>
#include <string.h>

enum { HALF_BITS = 10 }; /* 2^10 == HISTOGRAM_HALF */

/* The index of a value's bucket. `shift`: the number of low bits in which the values of that bucket differ. */
static size_t bucket_of(uint64_t value) {
    unsigned top_bit = 63U - (unsigned)__builtin_clzll(value | HISTOGRAM_HALF);
    unsigned shift = top_bit - HALF_BITS;
    size_t index = (size_t)shift * HISTOGRAM_HALF + (size_t)(value >> shift);

    return index < HISTOGRAM_BUCKETS ? index : HISTOGRAM_BUCKETS - 1;
}

static void bucket_bounds(size_t index, uint64_t *lower, uint64_t *upper) {
    size_t shift = index < 2 * HISTOGRAM_HALF ? 0 : index / HISTOGRAM_HALF - 1;
    uint64_t place = index - shift * HISTOGRAM_HALF;

    *lower = place << shift;
    *upper = ((place + 1) << shift) - 1;
}

void histogram_reset(struct histogram *h) {
    memset(h, 0, sizeof *h);
    h->min = UINT64_MAX;
}

void histogram_record(struct histogram *h, uint64_t value) {
    histogram_record_many(h, value, 1);
}

void histogram_record_many(struct histogram *h, uint64_t value, uint64_t times) {
    if (times == 0)
        return;
    h->buckets[bucket_of(value)] += times;
    h->count += times;
    h->sum += value * times;
    if (value < h->min)
        h->min = value;
    if (value > h->max)
        h->max = value;
}

void histogram_merge(struct histogram *into, const struct histogram *from) {
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
    into->count += from->count;
    into->sum += from->sum;
    if (from->min < into->min)
        into->min = from->min;
    if (from->max > into->max)
        into->max = from->max;
}

uint64_t histogram_percentile(const struct histogram *h, double percent) {
    /* The small term undoes the rounding of, say, 99.9 / 100 * 1000 to just above 999. */
    double rank = ceil(percent / 100.0 * (double)h->count - 1e-6);
    uint64_t seen = 0, lower, upper;

    if (h->count == 0)
        return 0;
    if (rank < 1.0)
        return h->min;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
        seen += h->buckets[i];
        if ((double)seen >= rank) {
            bucket_bounds(i, &lower, &upper);
            return upper < h->max ? upper : h->max;
        }
    }
    return h->max; /* the last bucket also counts all larger values: it has no upper end */
}

double histogram_mean(const struct histogram *h) {
    return h->count == 0 ? 0.0 : (double)h->sum / (double)h->count;
}

double histogram_deviation(const struct histogram *h) {
    struct histogram_bucket b = {0};
    double mean = histogram_mean(h), squares = 0.0;

    if (h->count == 0)
        return 0.0;
    while (histogram_next(h, &b)) {
        double distance = ((double)b.lower + (double)b.upper) / 2.0 - mean;
        squares += distance * distance * (double)b.count;
    }
    return sqrt(squares / (double)h->count);
}

bool histogram_next(const struct histogram *h, struct histogram_bucket *bucket) {
    for (size_t i = bucket->next; i < HISTOGRAM_BUCKETS; i++) {
        if (h->buckets[i] == 0)
            continue;
        bucket_bounds(i, &bucket->lower, &bucket->upper);
        bucket->count = h->buckets[i];
        bucket->next = i + 1;
        return true;
    }
    return false;
}
