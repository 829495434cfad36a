/* schedule.h - when the messages of a run are due, and which of them are measured.
 *
 * The main thread writes it, all threads read it: the borders are points in time, the same for all. */
#ifndef LOADGEN_SCHEDULE_H
#define LOADGEN_SCHEDULE_H

#include "meaning/clock.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct schedule {
    uint64_t connecting;           /* when connecting begins */
    double interval_ns;            /* open loop: time between two due messages of all clients; 0 in the closed loop */
    uint32_t active;               /* clients that send in turn */
    _Atomic uint64_t start;        /* when message 0 of client 0 is due; NEVER while connecting */
    _Atomic uint64_t window_start; /* the borders of the measured window; NEVER while unknown */
    _Atomic uint64_t window_end;
    _Atomic uint64_t flash_at; /* when the clients lose their connections; NEVER while unknown, or without a flash */
};

/* All points in time are NEVER, except `connecting`, which is 0. */
static inline void schedule_init(struct schedule *s, double rate, uint32_t active) {
    s->connecting = 0;
    s->interval_ns = rate > 0 ? 1e9 / rate : 0;
    s->active = active;
    atomic_init(&s->start, NEVER);
    atomic_init(&s->window_start, NEVER);
    atomic_init(&s->window_end, NEVER);
    atomic_init(&s->flash_at, NEVER);
}

static inline bool schedule_has_begun(const struct schedule *s) {
    return atomic_load_explicit(&s->start, memory_order_relaxed) != NEVER;
}

/* May a message still be sent at `now`? */
static inline bool schedule_is_open(const struct schedule *s, uint64_t now) {
    return now < atomic_load_explicit(&s->window_end, memory_order_relaxed);
}

static inline bool schedule_in_window(const struct schedule *s, uint64_t now) {
    return now >= atomic_load_explicit(&s->window_start, memory_order_relaxed) && schedule_is_open(s, now);
}

/* Open loop: when message `sequence` of client `id` is due, with the first of all at `start`. */
static inline uint64_t schedule_due(const struct schedule *s, uint64_t start, uint32_t id, uint64_t sequence) {
    return start + (uint64_t)(((double)id + (double)sequence * s->active) * s->interval_ns);
}

#endif
