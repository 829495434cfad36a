/* statistics.c - see statistics.h. */
#include "race/statistics.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double lag1_limit = 0.2; /* neighbours correlated more than this are averaged, */
enum { BLOCKS_MIN = 8 };              /* while at least so many blocks are left */

int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* P(exactly k of n coins show heads). */
static double coins_exactly(size_t n, size_t k) {
    return exp(lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1) - (double)n * log(2));
}

double coins_at_most(size_t n, size_t k) {
    double sum = 0;

    for (size_t i = 0; i <= k && i <= n; i++)
        sum += coins_exactly(n, i);
    return sum < 1 ? sum : 1;
}

size_t interval_rank(size_t n) {
    double outside = coins_exactly(n, 0);
    size_t k = 0;

    while (k < n / 2 && outside <= 0.025)
        outside += coins_exactly(n, ++k);
    return k;
}

static double sorted_median(const double *sorted, size_t n) {
    return n == 0 ? NAN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

/* How often chance alone would put the values so unevenly around 1. Those that are 1 decide nothing. */
static double sign_test(const double *values, size_t n) {
    size_t above = 0, below = 0;
    double p;

    for (size_t i = 0; i < n; i++) {
        above += values[i] > 1;
        below += values[i] < 1;
    }
    p = 2 * coins_at_most(above + below, above < below ? above : below);
    return p < 1 ? p : 1;
}

/* ---------------------------------------------------------------- neighbours */

/* Rank of each value among all; equal values share one. */
static double *ranks_of(const double *values, size_t n) {
    double *sorted = malloc(2 * n * sizeof *sorted), *ranks = sorted + n;

    if (sorted == NULL)
        abort();
    memcpy(sorted, values, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    for (size_t i = 0; i < n; i++) {
        size_t first = 0, last;
        for (size_t low = 0, high = n; low < high;) { /* the first that is not below */
            size_t middle = (low + high) / 2;
            if (sorted[middle] < values[i])
                low = middle + 1;
            else
                high = middle;
            first = low;
        }
        for (last = first; last + 1 < n && sorted[last + 1] == values[i]; last++)
            ;
        ranks[i] = (double)(first + last) / 2;
    }
    memcpy(sorted, ranks, n * sizeof *sorted);
    return sorted;
}

static double mean_of(const double *values, size_t n) {
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum / (double)n;
}

/* Around the mean of each start: that starts differ is no correlation of neighbours. */
double lag1_of(const double *values, const size_t *starts, size_t start_count) {
    size_t n = 0, pairs = 0, at = 0;
    double products = 0, squares = 0, *ranks;

    for (size_t s = 0; s < start_count; s++)
        n += starts[s];
    if (n < 4)
        return NAN;
    ranks = ranks_of(values, n);
    for (size_t s = 0; s < start_count; at += starts[s++]) {
        double mean = starts[s] > 0 ? mean_of(ranks + at, starts[s]) : 0;
        for (size_t i = at; i < at + starts[s]; i++)
            squares += (ranks[i] - mean) * (ranks[i] - mean);
        for (size_t i = at; i + 1 < at + starts[s]; i++, pairs++)
            products += (ranks[i] - mean) * (ranks[i + 1] - mean);
    }
    free(ranks);
    return squares > 0 && pairs > 0 ? products / (double)pairs / (squares / (double)n) : NAN;
}

/* Averages neighbours within each start, two by two; one that is left over stays out. Returns how many remain. */
static size_t halve(double *values, size_t *starts, size_t start_count) {
    size_t from = 0, to = 0;

    for (size_t s = 0; s < start_count; s++) {
        size_t end = from + starts[s];
        starts[s] /= 2;
        for (size_t i = 0; i < starts[s]; i++)
            values[to++] = (values[from + 2 * i] + values[from + 2 * i + 1]) / 2;
        from = end;
    }
    return to;
}

/* ---------------------------------------------------------------- the interval */

/* Widens the interval so that it encloses the median of each start that differs: all of its rounds lie on one side of
 * the median of all. `values` is sorted start by start. */
static void enclose_starts(struct interval *result, double *values, const size_t *starts, size_t start_count) {
    for (size_t s = 0; s < start_count; values += starts[s++]) {
        qsort(values, starts[s], sizeof *values, ascending);
        if (starts[s] > 0 && (values[0] > result->median || values[starts[s] - 1] < result->median)) {
            result->low = fmin(result->low, sorted_median(values, starts[s]));
            result->high = fmax(result->high, sorted_median(values, starts[s]));
        }
    }
}

static struct interval interval_in(double *values, size_t *starts, size_t start_count, double *scratch) {
    struct interval result = {.median = NAN, .low = NAN, .high = NAN, .block = 1, .p = 1};
    size_t n = 0, k;

    for (size_t s = 0; s < start_count; s++)
        n += starts[s];
    result.rounds = n;
    memcpy(scratch, values, n * sizeof *scratch);
    qsort(scratch, n, sizeof *scratch, ascending);
    result.median = sorted_median(scratch, n);
    result.lag1 = lag1_of(values, starts, start_count);
    for (double lag1 = result.lag1; lag1 > lag1_limit && n / 2 >= BLOCKS_MIN; result.block *= 2) {
        n = halve(values, starts, start_count);
        lag1 = lag1_of(values, starts, start_count);
    }
    result.p = sign_test(values, n);
    memcpy(scratch, values, n * sizeof *scratch);
    qsort(scratch, n, sizeof *scratch, ascending);
    k = interval_rank(n);
    if (k == 0)
        return result;
    result.low = fmin(scratch[k - 1], result.median);
    result.high = fmax(scratch[n - k], result.median);
    enclose_starts(&result, values, starts, start_count);
    return result;
}

struct interval interval_of(double *values, const size_t *starts, size_t start_count) {
    size_t n = 0, *own = malloc(start_count * sizeof *own + 1);
    double *scratch;
    struct interval result;

    for (size_t s = 0; s < start_count; s++)
        n += starts[s];
    scratch = malloc(n * sizeof *scratch + 1);
    if (own == NULL || scratch == NULL)
        abort();
    memcpy(own, starts, start_count * sizeof *own);
    result = interval_in(values, own, start_count, scratch);
    free(own);
    free(scratch);
    return result;
}

/* ---------------------------------------------------------------- many questions */

void holm(double *p, size_t count) {
    bool *done = calloc(count + 1, sizeof *done);
    double floor = 0;

    if (done == NULL)
        abort();
    for (size_t left = count; left > 0; left--) {
        size_t least = count;
        for (size_t i = 0; i < count; i++) {
            if (!done[i] && (least == count || p[i] < p[least]))
                least = i;
        }
        done[least] = true;
        floor = fmax(floor, fmin(1, p[least] * (double)left));
        p[least] = floor;
    }
    free(done);
}
