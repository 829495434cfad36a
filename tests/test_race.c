/* test_race.c - what a race concludes: intervals, words, order. Each answer here is known from elsewhere. */
#include "race/order.h"
#include "race/statistics.h"
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

Test(statistics, coins_are_counted_exactly) {
    cr_assert_float_eq(coins_at_most(10, 2), 56.0 / 1024, 1e-12);
    cr_assert_float_eq(coins_at_most(10, 10), 1, 1e-12);
    cr_assert_float_eq(coins_at_most(1000, 499), 0.5 - 0.0126125, 1e-6);
}

/* Conover's table: 95% intervals of the median. */
Test(statistics, the_ranks_are_those_of_the_tables) {
    static const size_t known[][2] = {
        {5, 0}, {6, 1}, {8, 1}, {9, 2}, {10, 2}, {15, 4}, {20, 6}, {30, 10}, {40, 14}, {50, 18}, {100, 40}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        cr_assert_eq(interval_rank(known[i][0]), known[i][1], "%zu rounds", known[i][0]);
}

Test(statistics, forty_rounds_take_the_14th_and_the_27th) {
    double values[40];
    size_t starts[] = {40};
    struct interval i;

    for (size_t k = 0; k < 40; k++)
        values[k] = (double)((k * 17) % 40 + 1); /* 1 to 40, in an order without memory */
    i = interval_of(values, starts, 1);
    cr_assert_eq(i.block, 1);
    cr_assert_float_eq(i.median, 20.5, 0);
    cr_assert_float_eq(i.low, 14, 0);
    cr_assert_float_eq(i.high, 27, 0);
}

Test(statistics, fewer_than_six_rounds_say_nothing) {
    double values[] = {1.1, 1.2, 1.3, 1.2, 1.1};
    struct interval i = interval_of(values, (size_t[]){5}, 1);

    cr_assert_float_eq(i.median, 1.2, 0);
    cr_assert(isnan(i.low) && isnan(i.high));
}

Test(statistics, the_interval_encloses_a_start_that_differs) {
    double values[30];
    struct interval i, other;

    for (size_t k = 0; k < 30; k++)
        values[k] = (k < 20 ? 1 : 1.5) + (double)((k * 7) % 10) / 1000;
    i = interval_of(values, (size_t[]){10, 10, 10}, 3);
    cr_assert_float_eq(i.high, 1.5045, 1e-9, "the third start's median");
    cr_assert(i.median < 1.1 && i.low >= 1);

    for (size_t k = 0; k < 30; k++)
        values[k] = (k < 20 ? 1 : 1.5) + (double)((k * 7) % 10) / 1000;
    values[20] = 0.9; /* one of its rounds is like the others' */
    other = interval_of(values, (size_t[]){10, 10, 10}, 3);
    cr_assert(other.high < 1.5, "then it may be chance");
}

Test(statistics, neighbours_that_are_alike_count_as_fewer) {
    double drifting[64], copy[64];
    struct interval i, shuffled;

    for (size_t k = 0; k < 64; k++)
        drifting[k] = 1 + sin((double)k / 10);
    for (size_t k = 0; k < 64; k++)
        copy[k] = drifting[(k * 27) % 64];
    i = interval_of(drifting, (size_t[]){64}, 1);
    shuffled = interval_of(copy, (size_t[]){64}, 1);
    cr_assert(i.lag1 > 0.9, "%g", i.lag1);
    cr_assert(i.block >= 4);
    cr_assert(i.high - i.low > shuffled.high - shuffled.low, "wider than if they had no memory");
    cr_assert_float_eq(i.median, shuffled.median, 1e-12, "the median is of the rounds themselves");
}

Test(statistics, two_starts_are_no_neighbours) {
    double values[] = {1, 1, 1, 1, 1, 9, 9, 9, 9, 9};

    cr_assert(isnan(lag1_of(values, (size_t[]){5, 5}, 2)), "within each start nothing varies");
    double steps[] = {1, 9, 1, 9, 1, 9, 1, 9};
    cr_assert(lag1_of(steps, (size_t[]){4, 4}, 2) < -0.9);
}

Test(statistics, chance_alone_is_told) {
    double above[10] = {1.01, 1.02, 1.03, 1.01, 1.02, 1.03, 1.01, 1.02, 1.03, 1.01},
           even[] = {0.9, 1.1, 0.9, 1.1, 1, 1, 1};

    cr_assert_float_eq(interval_of(above, (size_t[]){10}, 1).p, 2.0 / 1024, 1e-12);
    cr_assert_float_eq(interval_of(even, (size_t[]){7}, 1).p, 1, 0);
}

/* Holm's own example of four questions. */
Test(statistics, many_questions_are_corrected_for) {
    double p[] = {0.01, 0.04, 0.03, 0.005};

    holm(p, 4);
    cr_assert_float_eq(p[3], 0.02, 1e-12);
    cr_assert_float_eq(p[0], 0.03, 1e-12);
    cr_assert_float_eq(p[2], 0.06, 1e-12);
    cr_assert_float_eq(p[1], 0.06, 1e-12);
}

/* The interval's promise: of many races between equals, 1 lies outside in at most about 5%. */
Test(statistics, equals_are_called_equal) {
    struct order random;
    int wrong = 0;

    order_open(&random, 1, 42);
    for (int race = 0; race < 2000; race++) {
        double values[36];
        for (int k = 0; k < 36; k++)
            values[k] = exp((order_random(&random) + order_random(&random) - 1) / 4);
        struct interval i = interval_of(values, (size_t[]){12, 12, 12}, 3);
        wrong += i.low > 1 || i.high < 1;
    }
    cr_assert(wrong <= 110, "%d of 2,000", wrong);
    cr_assert(wrong >= 10, "%d of 2,000: it could be narrower", wrong);
}

Test(order, each_lane_has_each_position_once_in_a_block) {
    struct order o;
    int seen[7][7] = {{0}};
    size_t lanes[LANES_MAX];

    order_open(&o, 7, 1);
    for (int round = 0; round < 7; round++) {
        order_next(&o, lanes);
        for (size_t p = 0; p < 7; p++)
            seen[lanes[p]][p]++;
    }
    for (size_t lane = 0; lane < 7; lane++)
        for (size_t p = 0; p < 7; p++)
            cr_assert_eq(seen[lane][p], 1);
}

Test(order, another_seed_is_another_order) {
    struct order a, b;
    size_t x[LANES_MAX], y[LANES_MAX];

    order_open(&a, 16, 1);
    order_open(&b, 16, 2);
    order_next(&a, x);
    order_next(&b, y);
    cr_assert(memcmp(x, y, 16 * sizeof *x) != 0);
}
