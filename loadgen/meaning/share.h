/* share.h - how the clients of one run are dealt out: to the load generators that make the run together, and to the
 * threads of each.
 *
 * Clients have numbers, 0 to --clients - 1. Load generator `index` of `count` has the numbers index, index + count,
 * index + 2 * count, ...; and its threads have these in turn. So every client is in exactly one thread, each load
 * generator has as many as the others or one more, and the ids in one thread ascend by the same step: in the open loop,
 * and while connecting with --ramp, each has its share of one schedule. */
#ifndef LOADGEN_SHARE_H
#define LOADGEN_SHARE_H

#include <stdint.h>

/* How many of the numbers below `count` are first, first + step, first + 2 * step, ... */
static inline uint32_t share_count(uint32_t count, uint32_t first, uint32_t step) {
    return count > first ? (count - first - 1) / step + 1 : 0;
}

/* One load generator among those that make a run together. */
struct place {
    uint32_t index, count; /* `index` below `count`; or equal to it: it has no clients, and only leads (--lead) */
};

/* How many of `count` it has. */
static inline uint32_t place_share(const struct place *p, uint32_t count) {
    return p->index < p->count ? share_count(count, p->index, p->count) : 0;
}

/* The numbers in one thread. */
struct share {
    uint32_t first, step;
};

/* Thread `index` of `threads` of one load generator. */
static inline struct share place_thread(const struct place *p, uint32_t index, uint32_t threads) {
    return (struct share){p->index + index * p->count, threads * p->count};
}

#endif
