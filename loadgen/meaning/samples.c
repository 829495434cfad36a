/* samples.c - see samples.h. A reply counts if it came inside the window. */
#include "meaning/samples.h"
#include <stdlib.h>

static struct histogram *new_histogram(void) {
    struct histogram *h = malloc(sizeof *h);

    if (h != NULL)
        histogram_reset(h);
    return h;
}

bool samples_open(struct samples *s, const struct schedule *schedule) {
    bool open_loop = schedule->interval_ns > 0;

    *s = (struct samples){schedule, new_histogram(), open_loop ? new_histogram() : NULL};
    return s->service != NULL && (!open_loop || s->response != NULL);
}

void samples_close(struct samples *s) {
    free(s->service);
    free(s->response);
}

/* Messages that left in one send have the same start time, and their replies usually come together: they are recorded
 * in one step. */
static void record_service(
    struct histogram *service, const struct sent_times *sent, uint64_t i, uint64_t end, uint64_t now) {
    while (i < end) {
        uint64_t sent_at = sent->at[i & sent->mask], first = i;
        while (i < end && sent->at[i & sent->mask] == sent_at)
            i++;
        histogram_record_many(service, now - sent_at, i - first);
    }
}

uint64_t samples_take(
    struct samples *s, uint32_t id, const struct sent_times *sent, uint64_t first, uint64_t end, uint64_t now) {
    uint64_t start;

    if (!schedule_in_window(s->schedule, now))
        return 0;
    record_service(s->service, sent, first, end, now);
    if (s->response != NULL) {
        start = atomic_load_explicit(&s->schedule->start, memory_order_relaxed);
        for (uint64_t i = first; i < end; i++)
            histogram_record(s->response, now - schedule_due(s->schedule, start, id, i));
    }
    return end - first;
}
