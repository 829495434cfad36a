/* samples.c - see samples.h. */
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

    *s = (struct samples){.schedule = schedule,
        .service = new_histogram(),
        .response = open_loop ? new_histogram() : NULL,
        .at_least_ns = NEVER};
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

/* When message i of client `id` is due. */
static uint64_t due_of(const struct samples *s, uint32_t id, const struct sent_times *sent, uint64_t i) {
    uint64_t start = atomic_load_explicit(&s->schedule->start, memory_order_relaxed);

    return schedule_due(s->schedule, start, id, i - sent->base);
}

static void record_response(
    struct samples *s, uint32_t id, const struct sent_times *sent, uint64_t first, uint64_t end, uint64_t now) {
    for (uint64_t i = first; i < end; i++) {
        uint64_t due = i >= sent->base ? due_of(s, id, sent, i) : NEVER;
        if (!schedule_in_window(s->schedule, due))
            continue;
        histogram_record(s->service, now - sent->at[i & sent->mask]);
        histogram_record(s->response, now - due);
    }
}

uint64_t samples_take(
    struct samples *s, uint32_t id, const struct sent_times *sent, uint64_t first, uint64_t end, uint64_t now) {
    uint64_t inside = schedule_in_window(s->schedule, now) ? end - first : 0;

    if (s->response != NULL)
        record_response(s, id, sent, first, end, now);
    else if (inside > 0)
        record_service(s->service, sent, first, end, now);
    s->answered += inside;
    return inside;
}

void samples_give_up(
    struct samples *s, uint32_t id, const struct sent_times *sent, uint64_t first, uint64_t end, uint64_t now) {
    for (uint64_t i = first < sent->base ? sent->base : first; i < end && s->response != NULL; i++) {
        uint64_t due = due_of(s, id, sent, i);
        if (!schedule_in_window(s->schedule, due) || due > now)
            continue;
        histogram_record(s->response, now - due);
        s->at_least++;
        if (now - due < s->at_least_ns)
            s->at_least_ns = now - due;
    }
}

void samples_merge(struct samples *into, const struct samples *from) {
    histogram_merge(into->service, from->service);
    if (into->response != NULL)
        histogram_merge(into->response, from->response);
    into->answered += from->answered;
    into->at_least += from->at_least;
    if (from->at_least_ns < into->at_least_ns)
        into->at_least_ns = from->at_least_ns;
}

void samples_reset(struct samples *s) {
    histogram_reset(s->service);
    if (s->response != NULL)
        histogram_reset(s->response);
    s->answered = s->at_least = 0;
    s->at_least_ns = NEVER;
}
