/* test_histogram.c - three digits over the whole range, percentiles, merging, extremes. */
#include "meaning/histogram.h"
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static struct histogram h, other;

static void reset(void) {
    histogram_reset(&h);
    histogram_reset(&other);
}

TestSuite(histogram, .init = reset);

/* A fixed sequence of numbers without a pattern (xorshift), the same in every run. */
static uint64_t next_random(void) {
    static uint64_t state = 88172645463325252U;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Latencies as they occur: 1 us to 16 s, every power of two equally often. */
static uint64_t random_latency(void) {
    return (UINT64_C(1000) << next_random() % 24) + next_random() % 1000;
}

static int compare_values(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* The bucket that holds `value`, which is the only one recorded. */
static struct histogram_bucket only_bucket(uint64_t value) {
    struct histogram_bucket bucket = {0}, second;

    histogram_reset(&h);
    histogram_record(&h, value);
    cr_assert(histogram_next(&h, &bucket));
    second = bucket;
    cr_assert_not(histogram_next(&h, &second));
    return bucket;
}

Test(histogram, empty_has_no_values) {
    struct histogram_bucket bucket = {0};

    cr_assert_eq(h.count, 0);
    cr_assert_eq(histogram_percentile(&h, 50), 0);
    cr_assert_eq(histogram_percentile(&h, 100), 0);
    cr_assert_eq(histogram_mean(&h), 0.0);
    cr_assert_eq(histogram_deviation(&h), 0.0);
    cr_assert_not(histogram_next(&h, &bucket));
}

Test(histogram, small_values_are_exact) {
    for (uint64_t value = 0; value < 2048; value++) {
        struct histogram_bucket bucket = only_bucket(value);
        cr_assert_eq(bucket.lower, value);
        cr_assert_eq(bucket.upper, value);
    }
}

Test(histogram, three_digits_are_kept_over_the_whole_range) {
    for (unsigned bit = 0; bit < HISTOGRAM_VALUE_BITS; bit++) {
        for (int i = 0; i < 50; i++) {
            uint64_t value = (UINT64_C(1) << bit) + next_random() % (UINT64_C(1) << bit);
            struct histogram_bucket bucket = only_bucket(value);
            cr_assert(bucket.lower <= value && value <= bucket.upper);
            cr_assert((double)(bucket.upper - bucket.lower) < (double)value / 1000, "too wide at %llu",
                (unsigned long long)value);
        }
    }
}

Test(histogram, buckets_leave_no_gap) {
    for (unsigned bit = 11; bit < HISTOGRAM_VALUE_BITS; bit++) {
        uint64_t border = UINT64_C(1) << bit;
        cr_assert_eq(only_bucket(border - 1).upper, border - 1);
        cr_assert_eq(only_bucket(border).lower, border);
        cr_assert_eq(only_bucket(border + border / 2).lower, border + border / 2);
    }
}

Test(histogram, percentiles_are_those_of_the_sorted_values) {
    enum { COUNT = 100 * 1000 };
    static const double percents[] = {0.001, 1, 10, 25, 50, 75, 90, 99, 99.9, 99.99, 99.999, 100};
    uint64_t *values = malloc(COUNT * sizeof *values);

    cr_assert_not_null(values);
    for (size_t i = 0; i < COUNT; i++)
        histogram_record(&h, values[i] = random_latency());
    qsort(values, COUNT, sizeof *values, compare_values);
    for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
        size_t rank = (size_t)llround(percents[i] / 100 * COUNT); /* whole, for all of the above */
        uint64_t exact = values[rank - 1], found = histogram_percentile(&h, percents[i]);
        cr_assert(
            found >= exact, "%g: %llu below %llu", percents[i], (unsigned long long)found, (unsigned long long)exact);
        cr_assert((double)(found - exact) <= (double)exact / 1000);
    }
    cr_assert_eq(histogram_percentile(&h, 0), values[0]);
    cr_assert_eq(histogram_percentile(&h, 100), values[COUNT - 1]);
    free(values);
}

Test(histogram, rank_is_not_lost_to_rounding) {
    for (uint64_t value = 1; value <= 1000; value++)
        histogram_record(&h, value);
    for (unsigned tenths = 1; tenths <= 1000; tenths++)
        cr_assert_eq(histogram_percentile(&h, tenths / 10.0), tenths, "at %u tenths of a percent", tenths);
}

Test(histogram, mean_is_exact_and_deviation_close) {
    double sum = 0, squares = 0, mean, deviation;
    enum { COUNT = 10 * 1000 };

    for (int i = 0; i < COUNT; i++) {
        uint64_t value = 100000 + next_random() % 900000;
        histogram_record(&h, value);
        sum += (double)value;
        squares += (double)value * (double)value;
    }
    mean = sum / COUNT;
    deviation = sqrt(squares / COUNT - mean * mean);
    cr_assert_float_eq(histogram_mean(&h), mean, mean * 1e-12);
    cr_assert_float_eq(histogram_deviation(&h), deviation, deviation * 1e-3);
}

Test(histogram, merging_equals_recording_all_in_one) {
    static struct histogram all;

    histogram_reset(&all);
    for (int i = 0; i < 20 * 1000; i++) {
        uint64_t value = random_latency();
        histogram_record(i % 3 == 0 ? &h : &other, value);
        histogram_record(&all, value);
    }
    histogram_merge(&h, &other);
    cr_assert_arr_eq(&h, &all, sizeof h);
}

Test(histogram, recording_many_equals_recording_each) {
    for (int i = 0; i < 1000; i++) {
        uint64_t value = random_latency(), times = next_random() % 5;
        histogram_record_many(&h, value, times);
        while (times-- > 0)
            histogram_record(&other, value);
    }
    cr_assert_arr_eq(&h, &other, sizeof h);
}

Test(histogram, merging_an_empty_one_changes_nothing) {
    histogram_record(&h, 123456);
    histogram_merge(&h, &other);
    cr_assert_eq(h.min, 123456);
    cr_assert_eq(h.max, 123456);
    cr_assert_eq(h.count, 1);
    histogram_merge(&other, &h);
    cr_assert_eq(other.min, 123456);
    cr_assert_eq(histogram_percentile(&other, 50), 123456);
}

Test(histogram, values_beyond_the_range_are_counted_and_the_maximum_is_kept) {
    uint64_t beyond = UINT64_C(1) << 60;

    histogram_record(&h, 1);
    histogram_record(&h, beyond);
    cr_assert_eq(h.count, 2);
    cr_assert_eq(h.min, 1);
    cr_assert_eq(h.max, beyond);
    cr_assert_eq(histogram_percentile(&h, 50), 1);
    cr_assert_eq(histogram_percentile(&h, 100), beyond);
    cr_assert_float_eq(histogram_mean(&h), ((double)beyond + 1) / 2, 1e6);
}

Test(histogram, a_percentile_is_never_above_the_maximum) {
    histogram_record(&h, 1000000); /* its bucket ends at 1000447 */
    cr_assert_eq(histogram_percentile(&h, 50), 1000000);
    cr_assert_eq(histogram_percentile(&h, 99.9), 1000000);
}

Test(histogram, iteration_sees_every_value_once_in_ascending_order) {
    struct histogram_bucket bucket = {0};
    uint64_t seen = 0, last = 0;

    for (int i = 0; i < 5000; i++)
        histogram_record(&h, random_latency());
    while (histogram_next(&h, &bucket)) {
        cr_assert(bucket.count > 0);
        cr_assert(bucket.lower > last);
        last = bucket.upper;
        seen += bucket.count;
    }
    cr_assert_eq(seen, 5000);
}
