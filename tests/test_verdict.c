/* test_verdict.c - what is called held, what is not, and what is laid at the load generator's own door. */
#include "meaning/verdict.h"
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct options options;
static struct result result;
static struct figures figures;
static struct histogram service, response;
static uint64_t per_client[100];
static struct verdict v;

/* A run of 100 clients that is held: 1 s, 10,000 messages of 1 ms. */
static void good_run(void) {
    options = (struct options){.clients = 100, .active = 100, .search = {.p99_ms = 10, .failures_percent = 2}};
    histogram_reset(&service);
    histogram_reset(&response);
    histogram_record_many(&service, 1000 * 1000, 10000);
    for (int i = 0; i < 100; i++)
        per_client[i] = 100;
    result = (struct result){.options = &options,
        .service = &service,
        .answered = 10000,
        .per_client = per_client,
        .window_s = 1,
        .server_cpus = 1,
        .tally = {.connected = 100, .served = 100}};
    figures = (struct figures){.messages_per_s = 10000, .client_share = 0.5, .server_share = 0.5};
}

TestSuite(verdict, .init = good_run);

static void judged(enum verdict_reason reason, enum search_outcome outcome) {
    verdict_of(&result, &figures, &v);
    cr_assert_eq(v.reason, reason, "%s: %s", verdict_name(v.reason), v.says);
    cr_assert_eq(v.outcome, outcome);
    cr_assert_eq(v.says[0] == '\0', outcome == SEARCH_HELD);
}

static void open_loop(double rate) {
    options.rate = rate;
    result.response = &response;
    histogram_record_many(&response, 2000 * 1000, service.count);
}

static void client_is_bound(void) {
    figures.client_bound = true;
    figures.client_share = 0.97;
}

Test(verdict, a_good_run_is_held) {
    judged(VERDICT_HELD, SEARCH_HELD);
    cr_assert_float_eq(v.p99_us, 1000, 1);
}

Test(verdict, a_good_run_is_held_though_the_load_generator_was_at_its_end) {
    client_is_bound();
    judged(VERDICT_HELD, SEARCH_HELD);
}

Test(verdict, several_processes_are_saturated_when_all_their_cpus_are) {
    options.threads = 1;
    result.client_cpu_s = 0.95;
    result.server_cpu_s = 1;
    result_figures(&result, &figures);
    cr_assert_float_eq(figures.server_share, 1, 1e-9);
    cr_assert_not(figures.client_bound);
    result.server_cpus = 2;
    result_figures(&result, &figures);
    cr_assert_float_eq(figures.server_share, 0.5, 1e-9);
    cr_assert(figures.client_bound);
}

Test(verdict, one_percent_may_be_slow_and_no_more) {
    histogram_record_many(&service, 20 * 1000 * 1000, 100);
    judged(VERDICT_HELD, SEARCH_HELD);
    histogram_record_many(&service, 20 * 1000 * 1000, 10);
    judged(VERDICT_P99, SEARCH_NOT_HELD);
    client_is_bound();
    judged(VERDICT_CLIENT_BOUND, SEARCH_CLIENT);
    cr_assert(strstr(v.says, "p99 is 20 ms") != NULL && strstr(v.says, "97%") != NULL, "%s", v.says);
    figures.server_share = NAN;
    judged(VERDICT_CLIENT_BOUND, SEARCH_CLIENT);
    cr_assert(strstr(v.says, "--server-pid") != NULL, "%s", v.says);
}

Test(verdict, so_many_may_fail_and_no_more) {
    result.tally.failures[FAILURE_CONNECT_RESET] = 2;
    judged(VERDICT_HELD, SEARCH_HELD);
    result.tally.failures[FAILURE_STARVED] = 1;
    judged(VERDICT_FAILURES, SEARCH_NOT_HELD);
    cr_assert(strstr(v.says, "connect_reset 2, starved 1") != NULL, "%s", v.says);
    client_is_bound(); /* whoever is turned away is so by the server */
    judged(VERDICT_FAILURES, SEARCH_NOT_HELD);
}

Test(verdict, a_load_generator_at_its_end_may_have_been_late_itself) {
    client_is_bound();
    result.tally.failures[FAILURE_REPLY_TIMEOUT] = 50;
    judged(VERDICT_CLIENT_BOUND, SEARCH_CLIENT);
    result.tally.failures[FAILURE_CONNECT_REFUSED] = 3;
    judged(VERDICT_FAILURES, SEARCH_NOT_HELD);
}

Test(verdict, clients_that_this_machine_could_not_make_are_not_the_servers) {
    result.tally.failures[FAILURE_CLIENT_LIMIT] = 50;
    result.tally.failures[FAILURE_STARVED] = 2;
    judged(VERDICT_CLIENT_LIMIT, SEARCH_CLIENT);
    result.tally.failures[FAILURE_STARVED] = 3;
    judged(VERDICT_FAILURES, SEARCH_NOT_HELD);
}

Test(verdict, who_gets_nothing_in_the_whole_window_is_in_no_percentile_and_counts) {
    per_client[0] = per_client[1] = 0;
    judged(VERDICT_HELD, SEARCH_HELD);
    per_client[2] = 0;
    judged(VERDICT_SILENT, SEARCH_NOT_HELD);
    open_loop(10000); /* there they may not have been due */
    judged(VERDICT_HELD, SEARCH_HELD);
}

Test(verdict, the_open_loop_counts_from_when_messages_are_due) {
    open_loop(10000);
    judged(VERDICT_HELD, SEARCH_HELD);
    cr_assert_float_eq(v.p99_us, 2000, 2);
    histogram_record_many(&response, 30 * 1000 * 1000, 200);
    judged(VERDICT_P99, SEARCH_NOT_HELD);
}

Test(verdict, the_rate_has_to_be_made) {
    open_loop(10200);
    judged(VERDICT_HELD, SEARCH_HELD);
    options.rate = 10300;
    judged(VERDICT_RATE, SEARCH_NOT_HELD);
    client_is_bound();
    judged(VERDICT_CLIENT_BOUND, SEARCH_CLIENT);
}

Test(verdict, one_message_less_at_the_edge_of_the_window_is_no_rate_missed) {
    histogram_reset(&service);
    histogram_record_many(&service, 1000 * 1000, 9);
    result.answered = 9;
    open_loop(10);
    judged(VERDICT_HELD, SEARCH_HELD);
}

Test(verdict, nothing_answered_is_not_held) {
    histogram_reset(&service);
    result.answered = 0;
    judged(VERDICT_NO_REPLY, SEARCH_NOT_HELD);
    cr_assert(isnan(v.p99_us));
}

Test(verdict, slab_is_told_apart_from_the_rest_of_the_kernels_memory) {
    result.kernel_before_kib = 1000;
    result.slab_before_kib = 500;
    result.kernel_after_kib = 1300;
    result.slab_after_kib = 600;
    result_figures(&result, &figures);
    cr_assert_float_eq(figures.kernel_bytes_per_connection, 3072, 1e-9);
    cr_assert_float_eq(figures.slab_bytes_per_connection, 1024, 1e-9);
}
