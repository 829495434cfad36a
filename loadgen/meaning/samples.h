/* samples.h - the latencies of a thread's verified replies: which of them are measured, and from which moment each
 * latency starts. */
#ifndef LOADGEN_SAMPLES_H
#define LOADGEN_SAMPLES_H

#include "meaning/histogram.h"
#include "meaning/schedule.h"

/* The closed loop measures the messages that are answered inside the window. The open loop measures those that are due
 * inside it, whenever they are answered: otherwise a server that falls behind would lose its slowest answers. */
struct samples {
    const struct schedule *schedule;
    struct histogram *service;  /* OWNS: sent -> answered */
    struct histogram *response; /* OWNS: due -> answered; NULL in the closed loop */
    uint64_t answered;          /* messages answered inside the window: what throughput counts */
    uint64_t at_least;          /* of those in `response`, how many were given up: their age is a lower bound; */
    uint64_t at_least_ns;       /* the smallest of these ages; NEVER: there is none */
};

/* When each message in flight was sent: of message i at place i & mask. */
struct sent_times {
    uint64_t *at;
    uint64_t mask;
    uint64_t base; /* the message that is number 0 of the schedule */
};

/* False: out of memory; call samples_close even then. `schedule` must outlive the samples. */
bool samples_open(struct samples *s, const struct schedule *schedule);
void samples_close(struct samples *s);

/* The messages `first` to `end` - 1 of client `id` were answered at `now`: records the latencies of those that are
 * measured. Returns how many were answered inside the window: all or none. */
uint64_t samples_take(
    struct samples *s, uint32_t id, const struct sent_times *sent, uint64_t first, uint64_t end, uint64_t now);

/* Open loop: the messages `first` to `end` - 1 of client `id` were not answered until `now`, and nobody waits for them
 * any longer. Those that were due inside the window count with their age. */
void samples_give_up(
    struct samples *s, uint32_t id, const struct sent_times *sent, uint64_t first, uint64_t end, uint64_t now);

/* Adds what `from` has measured to `into`. Both are of the same kind of loop. */
void samples_merge(struct samples *into, const struct samples *from);

/* Forgets all that was measured. */
void samples_reset(struct samples *s);

#endif
