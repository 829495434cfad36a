/* test_together.c - several load generators make one run: what each has of it, who is missing, and that the sum of what
 * they measured is what one alone would have measured. */
#include "meaning/merge.h"
#include "meaning/samples.h"
#include "meaning/share.h"
#include "together/parcel.h"
#include "together/roll.h"
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- shares */

Test(share, each_client_is_in_exactly_one_thread_of_one_load_generator) {
    for (uint32_t clients = 1; clients < 40; clients++) {
        unsigned char seen[40] = {0};
        for (uint32_t index = 0; index < 5; index++) {
            struct place place = {index, 5};
            uint32_t own = 0, threads = 3;
            for (uint32_t t = 0; t < threads; t++) {
                struct share s = place_thread(&place, t, threads);
                uint32_t count = share_count(clients, s.first, s.step);
                for (uint32_t i = 0; i < count; i++)
                    seen[s.first + i * s.step]++;
                own += count;
            }
            cr_assert_eq(own, place_share(&place, clients));
            cr_assert(own == clients / 5 || own == clients / 5 + 1);
        }
        for (uint32_t id = 0; id < clients; id++)
            cr_assert_eq(seen[id], 1, "client %u of %u", id, clients);
        cr_assert_eq(seen[clients], 0);
    }
}

Test(share, who_only_leads_has_no_clients) {
    struct place place = {3, 3};

    cr_assert_eq(place_share(&place, 1000), 0);
}

/* 7 clients, 3 load generators with 2 threads each, a message each 100 us: all due times together are one schedule. */
Test(share, in_the_open_loop_all_together_have_each_due_time_once) {
    enum { START = 5000, MESSAGES = 700 };
    unsigned char seen[MESSAGES] = {0};
    struct schedule schedule;

    schedule_init(&schedule, 10000, 7);
    for (uint32_t index = 0; index < 3; index++) {
        for (uint32_t t = 0; t < 2; t++) {
            struct share s = place_thread(&(struct place){index, 3}, t, 2);
            for (uint32_t id = s.first; id < 7; id += s.step)
                for (uint64_t k = 0; k < MESSAGES / 7; k++)
                    seen[(schedule_due(&schedule, START, id, k) - START) / 100000]++;
        }
    }
    for (int i = 0; i < MESSAGES; i++)
        cr_assert_eq(seen[i], 1, "message %d", i);
}

/* ---------------------------------------------------------------- the roll */

static struct roll roll;

static void open_roll(uint32_t rank) {
    cr_assert(roll_open(&roll, rank, 4, 0));
    roll.met = MEET_LOAD;
}

static void close_roll(void) {
    roll_close(&roll);
}

TestSuite(roll, .fini = close_roll);

static uint64_t ms(uint64_t milliseconds) {
    return milliseconds * NS_PER_MS;
}

Test(roll, rank_0_misses_the_one_that_is_silent) {
    open_roll(0);
    cr_assert_eq(roll_missing(&roll, ms(ROLL_SILENT_MS) - 1), ROLL_NOBODY);
    for (uint32_t i = 1; i < 4; i++)
        roll.members[i].heard = i == 2 ? 0 : ms(ROLL_SILENT_MS);
    cr_assert_eq(roll_missing(&roll, ms(ROLL_SILENT_MS)), 2);
}

Test(roll, before_the_run_there_is_more_time) {
    open_roll(0);
    roll.met = MEET_OPTIONS;
    cr_assert_eq(roll_missing(&roll, ms(ROLL_SETTING_UP_MS) - 1), ROLL_NOBODY);
    cr_assert_eq(roll_missing(&roll, ms(ROLL_SETTING_UP_MS)), 1);
}

Test(roll, after_a_signal_there_is_less_time_until_all_have_answered) {
    open_roll(0);
    for (uint32_t i = 1; i < 4; i++)
        roll.members[i].heard = ms(1000);
    roll.asked = ms(1100);
    cr_assert_eq(roll_missing(&roll, ms(1100 + ROLL_ASKED_MS) - 1), ROLL_NOBODY);
    cr_assert_eq(roll_missing(&roll, ms(1100 + ROLL_ASKED_MS)), 1);
    for (uint32_t i = 1; i < 4; i++)
        roll.members[i].heard = ms(1101);
    cr_assert_eq(roll_missing(&roll, ms(1100 + ROLL_ASKED_MS)), ROLL_NOBODY);
    cr_assert_eq(roll_missing(&roll, ms(1101 + ROLL_SILENT_MS)), 1);
}

Test(roll, the_others_watch_rank_0_and_one_of_them_is_the_first_to_speak) {
    open_roll(1);
    cr_assert_eq(roll_missing(&roll, ms(ROLL_SILENT_MS + ROLL_DEPUTY_MS) - 1), ROLL_NOBODY);
    cr_assert_eq(roll_missing(&roll, ms(ROLL_SILENT_MS + ROLL_DEPUTY_MS)), 0);
    roll.rank = 3;
    cr_assert_eq(roll_missing(&roll, ms(ROLL_SILENT_MS + ROLL_DEPUTY_MS + ROLL_DEPUTIES_MS)), ROLL_NOBODY);
    roll.members[0].heard = ms(1000 * 1000);
    cr_assert_eq(roll_missing(&roll, ms(1000 * 1000)), ROLL_NOBODY);
}

Test(roll, all_are_at_a_meeting_when_the_last_has_come_there) {
    open_roll(0);
    for (uint32_t i = 0; i < 3; i++)
        roll.members[i].meeting = MEET_DRAIN;
    roll.members[3].meeting = MEET_LOAD;
    cr_assert(roll_all_at(&roll, MEET_LOAD));
    cr_assert_not(roll_all_at(&roll, MEET_DRAIN));
}

Test(roll, the_fastest_answer_says_how_far_a_clock_is_ahead) {
    struct member m = {.trip_ns = NEVER};

    roll_take_clock(&m, 1000, 500000, 1400);
    cr_assert_eq(m.ahead_ns, 500000 - 1200);
    roll_take_clock(&m, 2000, 500050, 2100); /* faster */
    cr_assert_eq(m.ahead_ns, 500050 - 2050);
    roll_take_clock(&m, 3000, 1, 3200); /* slower: says less */
    cr_assert_eq(m.ahead_ns, 500050 - 2050);
    cr_assert_eq(roll_time_at(&m, 10000), 10000 + 500050 - 2050);
}

Test(roll, a_clock_may_be_behind) {
    struct member m = {.trip_ns = NEVER};

    roll_take_clock(&m, 1000000, 400, 1000200);
    cr_assert_eq(m.ahead_ns, 400 - 1000100);
    cr_assert_eq(roll_time_at(&m, 2000100), 1000400);
}

Test(roll, headway_is_the_sum) {
    open_roll(0);
    for (uint32_t i = 0; i < 4; i++)
        roll.members[i].headway = (struct headway){i, 10 * i, 100 * i};
    cr_assert_eq(roll_headway(&roll).settled, 6);
    cr_assert_eq(roll_headway(&roll).messages, 60);
    cr_assert_eq(roll_headway(&roll).failures, 600);
}

/* ---------------------------------------------------------------- the sum */

enum { RANKS = 5, CLIENTS = 103, SAMPLES = 40000 };

static struct options options = {.clients = CLIENTS, .active = CLIENTS, .rate = 1000, .threads = 1};

/* A number that looks random, and is the same in each run. */
static uint64_t next_random(void) {
    static uint64_t state = 88172645463325252;

    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static void open_result(struct result *r, uint32_t clients) {
    result_open(r, &options);
    r->service = malloc(sizeof *r->service);
    r->response = malloc(sizeof *r->response);
    r->per_client = calloc(clients + 1, sizeof *r->per_client);
    r->per_client_count = clients;
    r->window_s = 2;
    r->io = "epoll";
    cr_assert(r->service != NULL && r->response != NULL && r->per_client != NULL);
    histogram_reset(r->service);
    histogram_reset(r->response);
}

/* The same sample in the whole and in the part. */
static void record(struct result *r, uint32_t client, uint64_t value, uint64_t more) {
    histogram_record(r->service, value);
    histogram_record(r->response, value + more);
    r->per_client[client]++;
    r->answered++;
    r->tally.messages++;
    r->tally.failures[value % FAILURE_CLASSES]++;
    r->client_cpu_s += 0.25; /* a power of two: no rounding, in whatever order it is added */
    if (r->at_least_ns > more && more > 1000) {
        r->at_least_ns = more;
        r->at_least++;
    }
    if (r->tally.unsent_oldest_ns < value)
        r->tally.unsent_oldest_ns = value;
}

/* Packs *from, and unpacks it: as it comes from another host. */
static void carry(struct result *to, const struct result *from) {
    size_t size;
    void *parcel = parcel_pack(from, &size);

    cr_assert_not_null(parcel);
    cr_assert(parcel_unpack(to, &options, parcel, size));
    free(parcel);
}

Test(sum, is_exactly_what_one_load_generator_with_all_samples_has) {
    struct result whole, parts[RANKS], sum;

    open_result(&whole, CLIENTS);
    for (uint32_t i = 0; i < RANKS; i++)
        open_result(&parts[i], place_share(&(struct place){i, RANKS}, CLIENTS));
    for (int i = 0; i < SAMPLES; i++) {
        uint32_t client = (uint32_t)(next_random() % CLIENTS);
        uint64_t value = next_random() >> (next_random() % 50 + 14), more = next_random() % 5000;
        record(&whole, client, value, more);
        record(&parts[client % RANKS], client / RANKS, value, more);
    }
    carry(&sum, &parts[0]);
    for (uint32_t i = 1; i < RANKS; i++) {
        struct result other;
        carry(&other, &parts[i]);
        cr_assert(result_merge(&sum, &other));
        result_close(&other);
    }
    result_sort_clients(&whole);
    cr_assert_eq(memcmp(sum.service, whole.service, sizeof *whole.service), 0);
    cr_assert_eq(memcmp(sum.response, whole.response, sizeof *whole.response), 0);
    cr_assert_eq(sum.per_client_count, CLIENTS);
    cr_assert_eq(memcmp(sum.per_client, whole.per_client, CLIENTS * sizeof *whole.per_client), 0);
    cr_assert_eq(result_jain(sum.per_client, CLIENTS), result_jain(whole.per_client, CLIENTS));
    cr_assert_eq(memcmp(&sum.tally, &whole.tally, sizeof whole.tally), 0);
    cr_assert_eq(sum.answered, SAMPLES);
    cr_assert_eq(sum.at_least_ns, whole.at_least_ns);
    cr_assert_eq(sum.client_cpu_s, whole.client_cpu_s);
    cr_assert_eq(sum.window_s, 2);
    cr_assert_eq(sum.threads, RANKS);
    for (uint32_t i = 0; i < RANKS; i++)
        result_close(&parts[i]);
    result_close(&whole);
    result_close(&sum);
}

Test(sum, of_the_closed_loop_has_no_responses) {
    struct result own, other;

    open_result(&own, 0);
    free(own.response);
    own.response = NULL;
    own.io = "io_uring";
    carry(&other, &own);
    cr_assert_null(other.response);
    cr_assert_str_eq(other.io, "io_uring");
    cr_assert_eq(other.per_client_count, 0);
    cr_assert(result_merge(&own, &other));
    cr_assert(isnan(result_jain(own.per_client, own.per_client_count)));
    result_close(&own);
    result_close(&other);
}

Test(sum, a_parcel_that_is_cut_or_says_too_much_is_refused) {
    struct result own, other;
    unsigned char *parcel;
    size_t size;

    open_result(&own, 3);
    for (int i = 0; i < 100; i++)
        record(&own, 1, next_random() % 100000, 5);
    parcel = parcel_pack(&own, &size);
    cr_assert_not_null(parcel);
    for (size_t cut = 0; cut < size; cut += 7) {
        uint64_t claimed = cut;
        if (cut >= sizeof claimed)
            memcpy(parcel, &claimed, sizeof claimed); /* even if it says that this is its size */
        cr_assert_not(parcel_unpack(&other, &options, parcel, cut), "%zu of %zu bytes", cut, size);
    }
    free(parcel);
    result_close(&own);
}

/* ---------------------------------------------------------------- hosts */

Test(hosts, a_slow_one_is_named_and_a_busy_one) {
    struct part parts[] = {{.p50_us = 100}, {.p50_us = 120}, {.p50_us = 241}, {.p50_us = NAN}};
    struct result busy;

    parts_compare(parts, 4);
    cr_assert(!parts[0].slow && !parts[1].slow && parts[2].slow && !parts[3].slow);
    open_result(&busy, 1);
    busy.client_cpu_s = 1.79;
    part_of(&parts[0], &busy, 1);
    cr_assert(!parts[0].client_bound);
    busy.client_cpu_s = 1.81;
    part_of(&parts[0], &busy, 1);
    cr_assert(parts[0].client_bound);
    cr_assert(isnan(parts[0].p50_us));
    result_close(&busy);
}

Test(hosts, of_two_the_faster_one_is_the_measure) {
    struct part parts[] = {{.p50_us = 300}, {.p50_us = 100}};

    parts_compare(parts, 2);
    cr_assert(parts[0].slow && !parts[1].slow);
}

Test(hosts, the_warnings_name_them) {
    struct part parts[] = {{.host = "a", .rank = 1, .client_bound = true}, {.host = "b", .rank = 2, .slow = true},
        {.host = "c", .rank = 3, .client_bound = true, .late_ns = PART_LATE_NS + 1}};
    struct figures figures;
    struct result r;
    char all[WARNINGS_MAX * WARNING_LENGTH] = "";

    open_result(&r, 1);
    r.parts = malloc(sizeof parts);
    memcpy(r.parts, parts, sizeof parts);
    r.part_count = 3;
    options.clients = options.active = 1;
    result_figures(&r, &figures);
    for (int i = 0; i < figures.warning_count; i++)
        strcat(strcat(all, figures.warnings[i]), "\n");
    cr_assert_not_null(strstr(all, "client-bound hosts: a (rank 1), c (rank 3); "), "%s", all);
    cr_assert_not_null(strstr(all, "slow hosts: b (rank 2); "), "%s", all);
    cr_assert_not_null(strstr(all, "late hosts: c (rank 3); "), "%s", all);
    result_close(&r);
}
