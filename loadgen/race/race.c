/* race.c - compares servers that all run at the same time, with all their clients connected.
 *
 *     start     all servers and load generators are started, all clients connect (several times in a race)
 *     round     every lane works for one slice, alone, in a new order; the first round of a start is not counted
 *     slice     one load generator sends to its server; the others are quiet
 *
 * What is compared is the ratio of two lanes in the same round: whatever made the machine slow for a second made it
 * slow for both. The race ends when the widest interval that matters is narrow enough, or the time is up.
 *
 * It reads a card (card.h) from stdin, and prints what happens as lines of JSON (race_report.h). Exit status: 0 done, 1
 * a runner took no part, 2 it could not begin. */
#include "meaning/clock.h"
#include "meaning/die.h"
#include "race/card.h"
#include "race/order.h"
#include "race/race_report.h"
#include "race/rounds.h"
#include "race/runner.h"
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SLICE_MAX_MS = 3000, /* LIMIT: milliseconds */
    ANSWERS = 2,         /* a slice is long enough for so many answers of each client */
    ROUNDS_MIN = 10,     /* of each start, before it may be enough */
};

static const double waited_limit = 0.5; /* a slice in which either side waited longer for a CPU does not count */

struct race {
    struct card card;
    struct lane lanes[LANES_MAX];
    size_t count;   /* of lanes */
    size_t against; /* the lane of card.against */
    struct runner runners[RUNNERS_MAX];
    struct rounds rounds;
    struct order order;
    uint64_t began;
    int start;
    bool missing; /* a runner took no part in some start */
};

static volatile sig_atomic_t told_to_stop;

static void stop(int number) {
    (void)number;
    told_to_stop = 1;
}

static double elapsed_s(const struct race *r) {
    return clock_to_seconds(clock_now() - r->began);
}

/* ---------------------------------------------------------------- slices */

/* A slice that somebody else's work disturbed says nothing of the server. NULL: it was not. */
static const char *why_disturbed(const struct race *r, const struct runner *runner, json_t *slice) {
    double span_s = json_number_value(json_object_get(slice, "span_s"));

    if (r->card.shared_cpu)
        return NULL;
    if (json_number_value(json_object_get(slice, "client_waited_s")) > waited_limit * span_s)
        return "the load generator waited for a CPU";
    if (json_number_value(json_object_get(slice, "server_waited_s")) > waited_limit * span_s * runner->card->processes)
        return "the server waited for a CPU";
    return NULL;
}

/* Figures that waiting for a CPU would spoil. */
static void take_figures(struct outcome *outcome, json_t *slice) {
    double messages = json_number_value(json_object_get(slice, "messages"));
    json_t *p99 = json_object_get(slice, "p99_us");

    outcome->figures[FIGURE_RATE] = messages / json_number_value(json_object_get(slice, "window_s"));
    if (json_is_number(p99))
        outcome->figures[FIGURE_P99] = json_number_value(p99);
}

static void take_slice(struct race *r, struct lane *lane, json_t *slice, struct outcome *outcome) {
    double all = json_number_value(json_object_get(slice, "span_messages"));
    json_t *cpu = json_object_get(slice, "server_cpu_s");
    const char *why = why_disturbed(r, &r->runners[lane->runner], slice);

    r->runners[lane->runner].messages_per_s = all / json_number_value(json_object_get(slice, "span_s"));
    lane->slices++;
    lane->disturbed_slices += why != NULL;
    if (why == NULL && outcome != NULL)
        take_figures(outcome, slice);
    if (json_is_number(cpu) && all > 0 && outcome != NULL) /* waiting takes no CPU time: this figure bears it */
        outcome->figures[FIGURE_CPU] = json_number_value(cpu) / all;
    tell_slice(r->start, (int)r->rounds.count, lane->name, outcome != NULL, why, slice);
}

/* As long as ANSWERS answers of each client take, at least slice_ms; not in step with the kernel's timer. */
static double slice_ms(struct race *r, const struct runner *runner) {
    double length_ms = r->card.slice_ms, needs_ms = 0;

    if (runner->messages_per_s > 0)
        needs_ms = ANSWERS * runner->clients / runner->messages_per_s * 1e3;
    if (needs_ms > length_ms)
        length_ms = needs_ms < SLICE_MAX_MS ? needs_ms : SLICE_MAX_MS;
    return length_ms * (0.8 + 0.4 * order_random(&r->order));
}

/* One lane works. `outcome`: NULL if it does not count. */
static void do_slice(struct race *r, struct lane *lane, struct outcome *outcome) {
    struct runner *runner = &r->runners[lane->runner];
    double length_ms = slice_ms(r, runner);
    json_t *slice;

    if (!runner->runs)
        return;
    slice = runner_slice(runner, length_ms * r->card.skip, length_ms * (1 - r->card.skip), lane->disturbed);
    r->missing |= slice == NULL;
    if (slice != NULL)
        take_slice(r, lane, slice, outcome);
    json_decref(slice);
}

static void do_round(struct race *r, bool counts) {
    struct outcome *outcomes = counts ? rounds_add(&r->rounds) : NULL;
    size_t lanes[LANES_MAX];

    order_next(&r->order, lanes);
    for (size_t p = 0; p < r->count && !told_to_stop; p++)
        do_slice(r, &r->lanes[lanes[p]], counts ? &outcomes[lanes[p]] : NULL);
}

/* ---------------------------------------------------------------- the race */

static size_t lane_against(const struct race *r) {
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->lanes[i].name, r->card.against) == 0)
            return i;
    }
    die("race: the card's \"against\" names no runner: '%s'", r->card.against);
}

/* Half of the interval that the lane's figure has, as a part of its median: of its rate against the others; or of the
 * p99 that its neighbours make worse. INFINITY: it has none yet. */
static double width_of(const struct race *r, size_t lane) {
    struct interval ratio = r->lanes[lane].disturbed ? rounds_ratio(&r->rounds, lane, lane - 1, FIGURE_P99)
                                                     : rounds_ratio(&r->rounds, lane, r->against, FIGURE_RATE);

    return isnan(ratio.low) ? INFINITY : (ratio.high - ratio.low) / 2 / ratio.median;
}

/* The widest that matters, and whose it is. INFINITY: some have none yet, or none matters. */
static double widest(const struct race *r, const char **lane) {
    double most = -1;

    for (size_t i = 0; i < r->count; i++) {
        const struct lane *this = &r->lanes[i];
        bool asked = r->card.disturb ? this->disturbed : i != r->against;
        double width;
        if (!asked || !r->runners[this->runner].runs || !r->card.runners[this->runner].matters)
            continue;
        width = width_of(r, i);
        if (width >= most) {
            most = width;
            *lane = this->name;
        }
    }
    return most < 0 ? INFINITY : most;
}

static bool any_runs(const struct race *r) {
    for (size_t i = 0; i < r->card.count; i++) {
        if (r->runners[i].runs)
            return true;
    }
    return false;
}

/* Rounds until this start's share of the time is over, what is known is enough, or nobody runs any more. */
static void do_rounds(struct race *r) {
    double until_s = r->card.seconds * r->start / r->card.starts, width = INFINITY;
    const char *lane = "";

    do_round(r, false);
    rounds_start(&r->rounds);
    for (size_t i = 0; i < r->card.count; i++)
        runner_begin(&r->runners[i]);
    while (!told_to_stop && any_runs(r)) {
        do_round(r, true);
        width = widest(r, &lane);
        if (r->card.follow)
            tell_pairs(&r->rounds, FIGURE_RATE, r->lanes);
        tell_standing(r->start, r->rounds.count, width, lane, elapsed_s(r));
        if (elapsed_s(r) >= until_s || (width <= r->card.width && r->rounds.starts[r->start - 1] >= ROUNDS_MIN))
            break;
    }
}

static void do_start(struct race *r) {
    size_t n = r->card.count;

    for (size_t i = 0; i < n; i++)
        runner_start(&r->runners[i], &r->card.runners[i], r->start);
    for (size_t i = 0; i < n; i++)
        runner_connect(&r->runners[i]);
    for (size_t i = 0; i < n; i++)
        r->missing |= !runner_await(&r->runners[i]);
    if (!told_to_stop)
        do_rounds(r);
    for (size_t i = 0; i < n; i++)
        runner_finish(&r->runners[i]);
    for (size_t i = 0; i < n; i++)
        runner_end_clients(&r->runners[i]);
    for (size_t i = 0; i < n; i++)
        runner_end(&r->runners[i]);
}

static void make_lanes(struct race *r) {
    for (size_t i = 0; i < r->card.count; i++) {
        for (int disturbed = 0; disturbed <= (int)r->card.disturb; disturbed++) {
            struct lane *lane = &r->lanes[r->count++];
            *lane = (struct lane){.runner = i, .disturbed = disturbed};
            snprintf(lane->name, sizeof lane->name, "%s%s", r->card.runners[i].name, disturbed ? CHAOS_LANE : "");
        }
    }
    r->rounds.lanes = r->count;
}

static void take_signals(void) {
    struct sigaction action = {.sa_handler = stop};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void conclude(struct race *r) {
    const char *lane = "", *why;
    double width = r->rounds.count > 0 ? widest(r, &lane) : INFINITY;

    why = told_to_stop ? "interrupted" : !any_runs(r) ? "out" : width <= r->card.width ? "narrow" : "time";
    for (size_t i = 0; i < r->count; i++)
        tell_lane(&r->rounds, i, &r->lanes[i]);
    for (enum figure figure = 0; figure < FIGURES; figure++)
        tell_pairs(&r->rounds, figure, r->lanes);
    tell_end(why, r->rounds.count, width, r->card.width, lane, elapsed_s(r));
}

int main(int argc, char **argv) {
    static struct race race;

    (void)argv;
    if (argc > 1)
        die("race: it takes no options; its card comes on stdin (loadgen/race/card.h)");
    card_read(&race.card, stdin);
    make_lanes(&race);
    race.against = lane_against(&race);
    take_signals();
    order_open(&race.order, race.count, race.card.seed);
    race.began = clock_now();
    tell_begin(&race.card);
    for (race.start = 1; race.start <= race.card.starts && !told_to_stop; race.start++)
        do_start(&race);
    conclude(&race);
    rounds_close(&race.rounds);
    card_close(&race.card);
    if (fflush(stdout) != 0 || ferror(stdout))
        die("race: stdout: %s", strerror(errno));
    return race.missing ? 1 : 0;
}
