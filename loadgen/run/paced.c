/* paced.c - a paced run: see paced.h.
 *
 * Several servers can be compared fairly while all of them run and all of their clients are connected, if only one at a
 * time is loaded, for a short slice. So this process does one slice on command, waits until nothing is in flight, and
 * tells what that slice measured.
 *
 * With --chaos, calm slices are told like the others, but are no part of the report: it is of the disturbed ones.
 *
 * Several load generators (together/) do each slice at the same time: rank 0 tells the sum of it.
 *
 * CPU time is taken from before the first message until after the last reply: all work for all messages of the slice,
 * with no border in the middle of something. */
#include "run/paced.h"
#include "chaos/chaos.h"
#include "meaning/die.h"
#include "run/paced_commands.h"
#include "run/process_sample.h"
#include "run/run_parts.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { LEAD_MS = 1 }; /* milliseconds; a slice begins this long after it is announced, so that every thread knows it */

struct paced {
    struct run *run;
    struct result *result;
    const struct paced_news *news;
    struct chaos *chaos; /* OWNS; NULL: calm */
    struct samples all;  /* OWNS: of all slices */
    struct samples last; /* OWNS: of the last slice, all threads */
    struct tally tally;  /* up to the last slice */
    double inside_s[2];  /* CPU seconds of client and server that the windows' messages took */
};

/* Both sides' clocks at one moment. */
struct clocks {
    uint64_t at, client_cpu, server_cpu, client_waited, server_waited;
    bool server_known, waits_known;
};

static void read_clocks(const struct run *run, struct clocks *c) {
    const struct processes *server = &run->plan.options->server;

    c->server_known = processes_cpu_ns(server, &c->server_cpu);
    c->client_waited = 0; /* of a rank that only leads: it has no thread to wait with */
    c->waits_known = run->plan.threads == 0 || thread_waited_ns(atomic_load(&run->workers[0]->tid), &c->client_waited);
    if (!processes_waited_ns(server, &c->server_waited))
        c->server_waited = 0;
    clock_cpu(0, &c->client_cpu);
    c->at = clock_now();
}

static bool all_quiet(const struct run *run) {
    return atomic_load(&run->board.quiet) == run->plan.threads;
}

/* Gives all threads the slice's points in time, and wakes them. WAIT: until nothing of it is in flight any more. A
 * signal ends the run after the slice, which is bounded by plan->drain_ns. */
static void pass_slice(struct run *run, uint64_t start, uint64_t window_start, uint64_t window_end) {
    struct schedule *s = &run->board.schedule;

    atomic_store(&s->window_start, window_start);
    atomic_store(&s->window_end, window_end);
    atomic_store(&s->start, start);
    atomic_store(&run->board.quiet, 0);
    atomic_fetch_add(&run->board.slice, 1);
    run_wake_workers(run);
    while (!all_quiet(run))
        run_wait(run, NEVER, all_quiet);
}

/* The tally counts from the run's beginning: what is new since the last slice. */
static void take_tally(struct paced *p, struct tally *added) {
    struct tally now = {0};

    for (uint32_t i = 0; i < p->run->plan.threads; i++)
        tally_merge(&now, &p->run->workers[i]->slice_tally);
    *added = now;
    tally_subtract(added, &p->tally);
    p->tally = now;
}

/* The share of the slice's messages that were answered in its window. */
static double share_inside(const struct slice *slice) {
    return slice->tally.messages > 0 ? (double)slice->samples->answered / (double)slice->tally.messages : 0;
}

/* What this load generator measured itself: at the end its sum is added to that of the others. */
static void keep_own(struct paced *p, const struct slice *slice, double window_s) {
    samples_merge(&p->all, &p->last);
    p->inside_s[0] += slice->client_cpu_s * share_inside(slice);
    p->result->window_s += window_s;
    p->result->windows++;
}

/* Rank 0: the slice becomes the sum over all load generators. Others: false, and nothing more is to be done with it. */
static bool add_up(struct paced *p, struct slice *slice) {
    struct result sum;

    result_open(&sum, p->run->plan.options);
    sum.tally = slice->tally;
    sum.service = p->last.service;
    sum.response = p->last.response;
    sum.answered = p->last.answered;
    sum.at_least = p->last.at_least;
    sum.at_least_ns = p->last.at_least_ns;
    sum.client_cpu_s = slice->client_cpu_s;
    if (!together_sum(&sum))
        return false;
    p->last.answered = sum.answered;
    p->last.at_least = sum.at_least;
    p->last.at_least_ns = sum.at_least_ns;
    slice->tally = sum.tally;
    slice->client_cpu_s = sum.client_cpu_s;
    free(sum.per_client);
    return true;
}

static void tell_slice(struct paced *p, const struct clocks *from, const struct clocks *to, double window_s) {
    struct run *run = p->run;
    bool counts;
    struct slice slice = {.number = atomic_load(&run->board.slice) - 1, /* the first was the roll call */
        .window_s = window_s,
        .span_s = clock_to_seconds(to->at - from->at),
        .samples = &p->last,
        .client_cpu_s = clock_to_seconds(to->client_cpu - from->client_cpu),
        .server_cpu_s = NAN,
        .client_waited_s = NAN,
        .server_waited_s = NAN};

    if (from->server_known && to->server_known)
        slice.server_cpu_s = clock_to_seconds(to->server_cpu - from->server_cpu);
    if (from->waits_known && to->waits_known) {
        slice.client_waited_s = clock_to_seconds(to->client_waited - from->client_waited);
        slice.server_waited_s = clock_to_seconds(to->server_waited - from->server_waited);
    }
    samples_reset(&p->last);
    for (uint32_t i = 0; i < run->plan.threads; i++)
        samples_merge(&p->last, &run->workers[i]->slice_samples);
    take_tally(p, &slice.tally);
    counts = p->chaos != NULL || run->plan.options->chaos == CHAOS_NONE;
    if (counts)
        keep_own(p, &slice, window_s);
    if (!add_up(p, &slice))
        return;
    if (counts)
        p->inside_s[1] += slice.server_cpu_s * share_inside(&slice);
    p->news->slice(&slice);
}

static void do_slice(struct paced *p, const struct command *command) {
    struct clocks from, to;
    uint64_t start;

    read_clocks(p->run, &from);
    start = command->at + LEAD_MS * NS_PER_MS;
    pass_slice(p->run, start, start + command->skip_ns, start + command->skip_ns + command->window_ns);
    together_await_all();
    read_clocks(p->run, &to);
    tell_slice(p, &from, &to, clock_to_seconds(command->window_ns));
}

static void do_calm(struct paced *p) {
    struct chaos_tally tally = {0};

    chaos_stop(p->chaos, &tally);
    chaos_tally_merge(&p->result->chaos, &tally);
    p->chaos = NULL;
}

/* Until there are no more commands, or a signal comes. */
static void do_commands(struct paced *p) {
    struct commands commands = {0};
    struct command command;

    while (commands_next(&commands, p->run, &command)) {
        if (command.kind == COMMAND_SLICE)
            do_slice(p, &command);
        else if (command.kind == COMMAND_CALM)
            do_calm(p);
        else if (p->chaos == NULL)
            p->chaos = chaos_start(&p->run->plan);
    }
    do_calm(p);
}

/* An empty slice brings the counters of all threads: who is connected, who has failed. */
static void roll_call(struct paced *p) {
    uint64_t now = clock_now();

    struct slice all = {.client_cpu_s = 0};

    pass_slice(p->run, now, now, now);
    take_tally(p, &all.tally);
    if (add_up(p, &all)) {
        p->result->tally = all.tally;
        p->news->ready(p->result);
    }
    p->result->tally = (struct tally){0}; /* run_collect fills it at the end */
}

/* As if one long window had measured it all. */
static void collect_all(struct paced *p) {
    run_collect(p->run, p->result, &p->all);
    p->result->client_cpu_s = p->inside_s[0];
    p->result->server_cpu_s = p->inside_s[1];
    samples_close(&p->all);
    samples_close(&p->last);
}

void paced_run(const struct options *options, struct result *result, const struct paced_news *news) {
    struct run run;
    struct paced p = {.run = &run, .result = result, .news = news};
    uint64_t switches[2];
    bool known;

    run_open(&run, options, result);
    result->windows = 0;
    if (!samples_open(&p.all, &run.board.schedule) || !samples_open(&p.last, &run.board.schedule))
        die("out of memory for the latencies");
    run_connect(&run);
    roll_call(&p);
    known = processes_switches(&options->server, &switches[0], &switches[1]);
    do_commands(&p);
    result->told_to_stop = result->interrupted = run.interrupted;
    run_sample_after(&run, result, known, switches);
    run_drain(&run);
    run_aftermath(&run, result);
    collect_all(&p);
    run_close(&run);
}
