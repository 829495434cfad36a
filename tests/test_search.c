/* test_search.c - the search against servers that are simulated: well behaved, noisy, endless, hopeless, odd. */
#include "meaning/search.h"
#include <criterion/criterion.h>
#include <math.h>

enum { MAX = 100 * 1000, MANY = 1000 };

static struct search s;
static struct search_answer answer;
static uint32_t seen[SEARCH_RUNS_MAX];

static uint64_t random_state;

/* From 0 to 1; the same sequence after the same seed (splitmix64). */
static double next_random(void) {
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

/* Runs the whole search against `server`, which is asked with the value and how many runs were made before. */
static void search(uint32_t min, uint32_t max, enum search_outcome (*server)(uint32_t value, unsigned run)) {
    uint32_t value;

    search_open(&s, min, max, 3);
    while (search_next(&s, &value)) {
        cr_assert(s.runs < SEARCH_RUNS_MAX, "a run too many");
        cr_assert(value >= min && value <= max, "%u is out of bounds", (unsigned)value);
        seen[s.runs] = value;
        search_record(&s, value, server(value, s.runs));
    }
    search_answer(&s, &answer);
}

static uint32_t capacity;

static enum search_outcome monotone(uint32_t value, unsigned run) {
    (void)run;
    return value <= capacity ? SEARCH_HELD : SEARCH_NOT_HELD;
}

Test(search, finds_the_capacity_of_a_monotone_server) {
    for (capacity = 1; capacity < MAX; capacity += 1 + capacity / 50) {
        search(1, MAX, monotone);
        cr_assert_eq(answer.kind, SEARCH_FOUND);
        cr_assert(answer.value <= capacity && answer.next > capacity, "%u..%u for %u", (unsigned)answer.value,
            (unsigned)answer.next, (unsigned)capacity);
        cr_assert(answer.next - answer.value <= fmax(1, 0.03 * answer.value));
        cr_assert(answer.confirmed && answer.beyond == 0 && !answer.client && !answer.reached_max);
        cr_assert(s.runs <= 20, "%u runs for %u", s.runs, (unsigned)capacity);
    }
}

Test(search, finds_small_capacities_exactly) {
    for (capacity = 1; capacity <= 60; capacity++) {
        search(1, MAX, monotone);
        cr_assert_eq(answer.value, capacity);
        cr_assert_eq(answer.next, capacity + 1);
    }
}

Test(search, honours_the_resolution) {
    uint32_t value;

    capacity = 777;
    search_open(&s, 1, MAX, 0);
    while (search_next(&s, &value))
        search_record(&s, value, monotone(value, 0));
    search_answer(&s, &answer);
    cr_assert_eq(answer.value, 777);
}

static unsigned runs_at(uint32_t value) {
    unsigned count = 0;

    for (unsigned i = 0; i < s.runs; i++)
        count += seen[i] == value;
    return count;
}

Test(search, runs_both_sides_of_the_border_twice_and_looks_beyond_it) {
    uint32_t highest = 0;

    capacity = 250; /* 256 fails at once, and is all that was run above */
    search(1, MAX, monotone);
    cr_assert_eq(runs_at(answer.value), 2);
    cr_assert_eq(runs_at(answer.next), 2);
    for (unsigned i = 0; i < s.runs; i++)
        highest = seen[i] > highest ? seen[i] : highest;
    cr_assert(highest >= 2 * answer.next, "nothing above %u was run", (unsigned)highest);
}

static enum search_outcome endless(uint32_t value, unsigned run) {
    (void)value, (void)run;
    return SEARCH_HELD;
}

Test(search, a_server_that_never_fails_holds_at_least_the_maximum) {
    for (uint32_t max = 1; max <= MAX; max = max * 3 + 1) {
        search(1, max, endless);
        cr_assert_eq(answer.kind, SEARCH_AT_LEAST);
        cr_assert_eq(answer.value, max);
        cr_assert_eq(runs_at(max), 2);
        cr_assert(answer.confirmed && answer.reached_max && answer.next == 0 && !answer.client);
    }
}

static enum search_outcome hopeless(uint32_t value, unsigned run) {
    (void)value, (void)run;
    return SEARCH_NOT_HELD;
}

Test(search, a_server_that_fails_at_once_holds_nothing) {
    search(5, MAX, hopeless);
    cr_assert_eq(answer.kind, SEARCH_NONE);
    cr_assert_eq(answer.value, 0);
    cr_assert_eq(answer.next, 5);
    cr_assert(answer.confirmed);
    cr_assert(s.runs <= 3);
    search(7, 7, hopeless);
    cr_assert_eq(s.runs, 2);
}

/* One bad run, at a level that is held. */
static enum search_outcome stumbles_once(uint32_t value, unsigned run) {
    return run == 3 ? SEARCH_NOT_HELD : monotone(value, run);
}

Test(search, one_bad_run_does_not_stop_the_growth) {
    capacity = 30000;
    search(1, MAX, stumbles_once);
    cr_assert_eq(seen[3], 64);
    cr_assert(answer.value <= capacity && answer.next > capacity);
    cr_assert(answer.confirmed && answer.beyond == 0);
}

/* One good run, at a level that is not held. */
static enum search_outcome lucky_once(uint32_t value, unsigned run) {
    return run == 4 ? SEARCH_HELD : monotone(value, run);
}

Test(search, one_lucky_run_is_not_the_answer) {
    capacity = 100;
    search(1, MAX, lucky_once);
    cr_assert_eq(seen[4], 256);
    cr_assert_eq(answer.value, 100);
    cr_assert(answer.confirmed);
}

/* From always held to never held within some 10% on both sides of the capacity. */
static enum search_outcome noisy(uint32_t value, unsigned run) {
    double held = 1 / (1 + exp((value / (double)capacity - 1) / 0.03));

    (void)run;
    return next_random() < held ? SEARCH_HELD : SEARCH_NOT_HELD;
}

Test(search, a_noisy_server_gives_an_answer_near_its_capacity) {
    unsigned confirmed = 0;

    capacity = 5000;
    for (uint64_t seed = 0; seed < MANY; seed++) {
        random_state = seed << 32;
        search(1, MAX, noisy);
        cr_assert_eq(answer.kind, SEARCH_FOUND);
        cr_assert(answer.value > 4000 && answer.value < 6000, "%u", (unsigned)answer.value);
        confirmed += answer.confirmed;
    }
    cr_assert(confirmed > MANY * 9 / 10, "only %u of %u", confirmed, (unsigned)MANY);
}

/* 11 to 20 are not held, though more are. */
static enum search_outcome with_a_gap(uint32_t value, unsigned run) {
    return value > 10 && value <= 20 ? SEARCH_NOT_HELD : monotone(value, run);
}

Test(search, a_server_that_is_not_monotone_is_called_so) {
    capacity = 1000;
    search(1, MAX, with_a_gap);
    cr_assert_eq(answer.kind, SEARCH_FOUND);
    cr_assert_eq(answer.value, 10);
    cr_assert_eq(answer.next, 11);
    cr_assert(answer.beyond > 20);
    cr_assert_eq(runs_at(answer.beyond), 2, "it was lucky, for all we know");
}

/* The load generator is the limit from 3000 on. */
static enum search_outcome client_bound(uint32_t value, unsigned run) {
    return value > 3000 ? SEARCH_CLIENT : monotone(value, run);
}

Test(search, a_limit_of_the_load_generator_is_not_the_servers) {
    capacity = 50000;
    search(1, MAX, client_bound);
    cr_assert_eq(answer.kind, SEARCH_AT_LEAST);
    cr_assert(answer.client && answer.confirmed && !answer.reached_max);
    cr_assert(answer.value <= 3000 && answer.next > 3000);
    capacity = 2000;
    search(1, MAX, client_bound);
    cr_assert_eq(answer.kind, SEARCH_FOUND, "below that limit the server fails by itself");
    cr_assert_not(answer.client);
    search(4000, MAX, client_bound);
    cr_assert_eq(answer.kind, SEARCH_NONE);
    cr_assert(answer.client);
}

Test(search, a_failure_that_may_be_the_load_generators_is_taken_for_its) {
    search_open(&s, 1, 2, 3);
    search_record(&s, 1, SEARCH_HELD);
    search_record(&s, 1, SEARCH_HELD);
    search_record(&s, 2, SEARCH_NOT_HELD);
    search_record(&s, 2, SEARCH_CLIENT);
    search_answer(&s, &answer);
    cr_assert_eq(answer.kind, SEARCH_AT_LEAST);
    cr_assert(answer.client);
}

static enum search_outcome coin(uint32_t value, unsigned run) {
    (void)value, (void)run;
    return next_random() < 0.5 ? SEARCH_HELD : SEARCH_NOT_HELD;
}

Test(search, pure_chance_comes_to_an_end) {
    for (random_state = 0; random_state < 1000; random_state++)
        search(1, MAX, coin);
}

Test(search, what_is_known_so_far_is_said_and_not_called_confirmed) {
    search_open(&s, 1, MAX, 3);
    search_record(&s, 1, SEARCH_HELD);
    search_record(&s, 4, SEARCH_HELD);
    search_answer(&s, &answer);
    cr_assert_eq(answer.kind, SEARCH_AT_LEAST);
    cr_assert_eq(answer.value, 4);
    cr_assert_not(answer.confirmed);
    cr_assert_not(answer.reached_max);
    search_record(&s, 16, SEARCH_NOT_HELD);
    search_answer(&s, &answer);
    cr_assert_eq(answer.kind, SEARCH_FOUND);
    cr_assert_not(answer.confirmed);
}
