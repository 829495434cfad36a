/* order.c - see order.h. */
#include "race/order.h"

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t next(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

double order_random(struct order *o) {
    return (double)(next(&o->random) >> 11) / (double)(UINT64_C(1) << 53);
}

/* A permutation of 0 to n - 1 (Fisher and Yates). */
static void shuffle(struct order *o, size_t *numbers, size_t n) {
    for (size_t i = 0; i < n; i++)
        numbers[i] = i;
    for (size_t i = n; i > 1; i--) {
        size_t other = (size_t)(order_random(o) * (double)i), number = numbers[i - 1];
        numbers[i - 1] = numbers[other];
        numbers[other] = number;
    }
}

void order_open(struct order *o, size_t count, uint64_t seed) {
    *o = (struct order){.random = seed, .count = count};
}

void order_next(struct order *o, size_t lanes[LANES_MAX]) {
    if (o->round == 0) {
        shuffle(o, o->base, o->count);
        shuffle(o, o->shift, o->count);
    }
    for (size_t p = 0; p < o->count; p++)
        lanes[p] = o->base[(p + o->shift[o->round]) % o->count];
    o->round = (o->round + 1) % o->count;
}
