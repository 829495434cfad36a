/* order.h - in which order the lanes of a race take their turns.
 *
 * Each round has a new order, by chance, and in every `count` rounds each lane has each position once: what a position
 * brings (a warm cache, a timer's phase) is the same for all. */
#ifndef LOADGEN_RACE_ORDER_H
#define LOADGEN_RACE_ORDER_H

#include <stddef.h>
#include <stdint.h>

enum { LANES_MAX = 32 };

struct order {
    uint64_t random; /* the state of the generator */
    size_t count;
    size_t round;            /* of the current block of `count` rounds */
    size_t base[LANES_MAX];  /* a permutation of the lanes, */
    size_t shift[LANES_MAX]; /* and one of the rounds: by how much each is rotated */
};

void order_open(struct order *o, size_t count, uint64_t seed);

/* The next round's: lanes[p] takes position p. */
void order_next(struct order *o, size_t lanes[LANES_MAX]);

/* A random number from 0 to below 1. */
double order_random(struct order *o);

#endif
