/* run.c - the phases of a run:
 *
 * (Where several load generators make a run together, they begin each of these phases together: run_meet.)
 *
 *     connect           until every client is connected, or has failed to, and has been answered once, if that is soon
 *     warm-up           same load, same connections, not measured
 *     measured window   its borders are points in time, the same for all threads; the server is sampled at both
 *     drain, close      no new messages; see worker_turn.c
 *     afterwards        --aftermath: look at the server until it is in its state from before the run
 */
#include "run/run.h"
#include "chaos/chaos.h"
#include "meaning/die.h"
#include "run/aftermath.h"
#include "run/run_parts.h"
#include <stdlib.h>

enum {
    GREETING_MS = 250,        /* milliseconds without a first answer: the clients still without one are starved */
    GREETINGS_MS = 10 * 1000, /* LIMIT: milliseconds to wait for all first answers */
    LEAD_MS = 2,              /* milliseconds; a border is set this far ahead, so that every thread knows it in time */
};

void run_wake_workers(struct run *run) {
    for (uint32_t i = 0; i < run->plan.threads; i++)
        worker_wake(run->workers[i]);
}

/* Until all clients have had their first answer, or no more come. */
static void await_greetings(struct run *run) {
    uint64_t until = clock_now() + GREETINGS_MS * NS_PER_MS;
    uint32_t before;

    do {
        before = atomic_load(&run->board.greeted);
        if (!run->interrupted)
            run_wait(run, clock_now() + GREETING_MS * NS_PER_MS, run_all_greeted);
    } while (
        !run->interrupted && !run_all_greeted(run) && atomic_load(&run->board.greeted) > before && clock_now() < until);
}

void run_connect(struct run *run) {
    const struct options *o = run->plan.options;

    run->progress.phase = "connecting";
    run_wait(run, NEVER, run_all_settled);           /* each client's attempt ends within --ramp + --timeout */
    if (!run->interrupted && o->active < o->clients) /* or first messages of idle clients would be measured, too */
        run_wait(run, clock_now() + run->plan.timeout_ns, run_all_greeted);
    else
        await_greetings(run);
}

/* Fixes the borders of the window for all threads, and starts the schedule of the open loop, soon after `at`. */
static void set_borders(struct run *run, struct result *r, uint64_t at) {
    const struct options *o = run->plan.options;
    uint64_t start = at + LEAD_MS * NS_PER_MS, window = start + clock_from_seconds(o->warmup_s);

    atomic_store(&run->board.schedule.window_end, window + clock_from_seconds(o->duration_s));
    atomic_store(&run->board.schedule.window_start, window);
    if (o->flash)
        atomic_store(&run->board.schedule.flash_at, window + clock_from_seconds(o->duration_s / 2));
    atomic_store(&run->board.schedule.start, start);
    run_wake_workers(run);
    r->late_ns = clock_now() > start ? clock_now() - start : 0;
}

void run_drain(struct run *run) {
    uint64_t at;

    run->progress.phase = "draining";
    if (run->interrupted)
        run_end_window(run);
    run_meet(run, MEET_DRAIN, &at);
    atomic_store(&run->board.draining, true);
    run_wake_workers(run);
    while (!run_all_finished(run))
        run_wait(run, NEVER, run_all_finished);
    for (uint32_t i = 0; i < run->plan.threads; i++)
        worker_join(run->workers[i]);
    run_meet(run, MEET_CLOSED, &at);
}

void run_aftermath(struct run *run, struct result *r) {
    struct aftermath_watch watch = {0};

    run->progress.phase = "afterwards";
    while (run->plan.options->aftermath && aftermath_look(&watch, &r->aftermath, &run->plan))
        if (!run_wait(run, clock_now() + NS_PER_MS, NULL))
            return;
}

void run_collect(struct run *run, struct result *r, const struct samples *measured) {
    struct samples all;

    r->per_client = calloc(run->plan.active + 1, sizeof *r->per_client); /* + 1: a rank that only leads has none */
    if (!samples_open(&all, &run->board.schedule) || r->per_client == NULL)
        die("out of memory for the report");
    for (uint32_t i = 0; i < run->plan.threads; i++) {
        const struct group *g = &run->workers[i]->group;
        tally_merge(&r->tally, &g->tally);
        chaos_tally_merge(&r->chaos, &g->flash);
        if (measured == NULL)
            samples_merge(&all, &g->samples);
        for (uint32_t k = 0; k < g->active; k++)
            r->per_client[r->per_client_count++] = g->clients[k].window_messages;
    }
    if (measured != NULL)
        samples_merge(&all, measured);
    r->service = all.service; /* OWNS: the result takes over the histograms */
    r->response = all.response;
    r->answered = all.answered;
    r->at_least = all.at_least;
    r->at_least_ns = all.at_least_ns;
    result_sort_clients(r);
}

void run_once(const struct options *options, struct result *result) {
    struct run run;
    struct chaos *chaos;
    uint64_t at;

    run_open(&run, options, result);
    run_connect(&run);
    chaos = chaos_start(&run.plan);
    if (!run.interrupted && run_meet(&run, MEET_LOAD, &at)) {
        set_borders(&run, result, at);
        run_measure(&run, result);
    }
    result->interrupted = run.interrupted; /* a later signal does not shorten what was measured */
    run_drain(&run);
    chaos_stop(chaos, &result->chaos);
    run_aftermath(&run, result);
    result->told_to_stop = run.interrupted;
    run_collect(&run, result, NULL);
    run_close(&run);
}
