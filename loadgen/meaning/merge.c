/* merge.c - see merge.h. */
#include "meaning/merge.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double microseconds(const struct histogram *h, double percent) {
    return h->count > 0 ? (double)histogram_percentile(h, percent) / 1e3 : NAN;
}

void part_of(struct part *p, const struct result *own, uint32_t clients) {
    const struct histogram *latency = own->response != NULL ? own->response : own->service;

    p->threads = own->threads;
    p->clients = clients;
    p->tally = own->tally;
    p->answered = own->answered;
    p->late_ns = own->late_ns;
    p->messages_per_s = own->window_s > 0 ? (double)own->answered / own->window_s : 0;
    p->jain = result_jain(own->per_client, own->per_client_count);
    p->client_share = own->window_s > 0 && own->threads > 0 ? own->client_cpu_s / own->window_s / own->threads : NAN;
    p->client_bound = p->client_share >= RESULT_SATURATED;
    p->p50_us = microseconds(latency, 50);
    p->p99_us = microseconds(latency, 99);
    p->max_us = microseconds(latency, 100);
}

static int compare_times(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void parts_compare(struct part *parts, uint32_t count) {
    double *times = calloc(count + 1, sizeof *times), median;
    uint32_t known = 0;

    for (uint32_t i = 0; times != NULL && i < count; i++)
        if (!isnan(parts[i].p50_us))
            times[known++] = parts[i].p50_us;
    if (known > 0) {
        qsort(times, known, sizeof *times, compare_times);
        median = times[(known - 1) / 2]; /* of two: the lower one */
        for (uint32_t i = 0; i < count; i++)
            parts[i].slow = parts[i].p50_us > PART_SLOW * median;
    }
    free(times);
}

static bool merge_clients(struct result *into, const struct result *from) {
    uint32_t count = into->per_client_count + from->per_client_count;
    uint64_t *all = realloc(into->per_client, (count + 1) * sizeof *all);

    if (all == NULL)
        return false;
    if (from->per_client_count > 0)
        memcpy(all + into->per_client_count, from->per_client, from->per_client_count * sizeof *all);
    into->per_client = all;
    into->per_client_count = count;
    result_sort_clients(into);
    return true;
}

bool result_merge(struct result *into, const struct result *from) {
    tally_merge(&into->tally, &from->tally);
    chaos_tally_merge(&into->chaos, &from->chaos);
    histogram_merge(into->service, from->service);
    if (into->response != NULL)
        histogram_merge(into->response, from->response);
    into->answered += from->answered;
    into->at_least += from->at_least;
    if (from->at_least_ns < into->at_least_ns)
        into->at_least_ns = from->at_least_ns;
    into->interrupted |= from->interrupted;
    into->told_to_stop |= from->told_to_stop;
    into->window_s = fmax(into->window_s, from->window_s); /* equal, unless the run was interrupted */
    into->client_cpu_s += from->client_cpu_s;
    into->threads += from->threads;
    return merge_clients(into, from);
}
