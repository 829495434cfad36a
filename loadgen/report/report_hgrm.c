/* report_hgrm.c - the latencies as HdrHistogram's percentile table. */
#include "report/report.h"
#include <inttypes.h>
#include <math.h>

static uint64_t count_up_to(const struct histogram *h, uint64_t value) {
    struct histogram_bucket b = {0};
    uint64_t sum = 0;

    while (histogram_next(h, &b) && b.lower <= value)
        sum += b.count;
    return sum;
}

/* The steps towards 100 are halved each time the distance to it has halved: five rows per half. */
static double next_percentile(double percent) {
    double halvings = floor(log2(100.0 / (100.0 - percent))) + 1;

    return percent + 100.0 / (5 * exp2(halvings));
}

int report_hgrm(FILE *out, const struct result *r) {
    const struct histogram *h = r->response != NULL ? r->response : r->service;
    double percent = 0;

    fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    while (h->count > 0) {
        uint64_t value = histogram_percentile(h, percent);
        if (value == h->max)
            break;
        fprintf(out, "%12.3f %2.12f %10" PRIu64 " %14.2f\n", (double)value / 1e3, percent / 100, count_up_to(h, value),
            100 / (100 - percent));
        percent = next_percentile(percent);
    }
    fprintf(out, "%12.3f %2.12f %10" PRIu64 "\n", (double)h->max / 1e3, 1.0, h->count);
    fprintf(
        out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", histogram_mean(h) / 1e3, histogram_deviation(h) / 1e3);
    fprintf(out, "#[Max     = %12.3f, Total count    = %12" PRIu64 "]\n", (double)h->max / 1e3, h->count);
    fprintf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n", HISTOGRAM_BUCKETS / HISTOGRAM_HALF, 2 * HISTOGRAM_HALF);
    fprintf(out, "#[Unit    = us, %s latency]\n", r->response != NULL ? "response" : "service");
    if (r->at_least > 0)
        fprintf(out, "#[Values from %.3f on are lower bounds: %" PRIu64 " messages were never answered]\n",
            (double)r->at_least_ns / 1e3, r->at_least);
    return ferror(out) || fflush(out) != 0 ? -1 : 0;
}
