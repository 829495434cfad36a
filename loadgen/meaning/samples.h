/* samples.h - the latencies of a thread's verified replies: which of them are measured, and from which moment each
 * latency starts. */
#ifndef LOADGEN_SAMPLES_H
#define LOADGEN_SAMPLES_H

#include "meaning/histogram.h"
#include "meaning/schedule.h"

struct samples {
    const struct schedule *schedule;
    struct histogram *service;  /* OWNS: sent -> answered */
    struct histogram *response; /* OWNS: due -> answered; NULL in the closed loop */
};

/* When each message in flight was sent: of message i at place i & mask. */
struct sent_times {
    uint64_t *at;
    uint64_t mask;
};

/* False: out of memory; call samples_close even then. `schedule` must outlive the samples. */
bool samples_open(struct samples *s, const struct schedule *schedule);
void samples_close(struct samples *s);

/* The messages `first` to `end` - 1 of client `id` were answered at `now`: records their latencies if `now` is inside
 * the measured window. Returns how many were recorded: all or none. */
uint64_t samples_take(
    struct samples *s, uint32_t id, const struct sent_times *sent, uint64_t first, uint64_t end, uint64_t now);

#endif
