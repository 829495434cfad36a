/* capacity_search.c - see capacity_search.h. Each run is complete, and opens new connections. */
#include "run/capacity_search.h"
#include "meaning/clock.h"
#include "run/process_sample.h"
#include "run/run.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* The pause between two runs, in which the server closes the connections of the first: a fixed part, and a part per
 * client. */
static const uint64_t pause_ns = 100 * NS_PER_MS, pause_per_client_ns = 20 * 1000;

/* Clients per second that connect, unless --ramp is given. If all connected at the same moment, those for which the
 * server's backlog has no place would be dropped there; they would be connected on their side only, and starve. The
 * search would then measure the backlog, not the server. */
static const double arrivals_per_s = 10000;

/* Descriptors that are not clients: of the process, and of each thread. */
enum { OTHER_DESCRIPTORS = 32, OTHER_DESCRIPTORS_PER_THREAD = 4 };

/* The highest level to try: as many clients as there are descriptors for, or any rate. */
static uint32_t find_max(const struct options *o, char why[120]) {
    struct rlimit limit;
    uint64_t others = OTHER_DESCRIPTORS + OTHER_DESCRIPTORS_PER_THREAD * o->threads, max = OPTIONS_CLIENTS_MAX;

    if (o->search.max != 0) {
        snprintf(why, 120, "--search-max");
        return o->search.max;
    }
    snprintf(why, 120, "the most that can be asked for");
    if (o->search.of == SEARCH_OF_RATE)
        return OPTIONS_RATE_MAX;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max > others &&
        (limit.rlim_max - others) * o->threads < max) {
        max = (limit.rlim_max - others) * o->threads;
        snprintf(why, 120, "client-limit: as many connections as the load generator may open, ulimit -Hn is %llu",
            (unsigned long long)limit.rlim_max);
    }
    return max > o->search.min ? (uint32_t)max : o->search.min;
}

/* The options of the run at `value`. */
static struct options options_at(const struct capacity *c, uint32_t value) {
    struct options o = *c->options;

    if (o.search.of == SEARCH_OF_CLIENTS)
        o.clients = value;
    else
        o.rate = value;
    if (o.active == 0)
        o.active = o.clients;
    if (o.client_rate > 0)
        o.rate = o.client_rate * o.active;
    if (o.ramp_s < 0)
        o.ramp_s = o.clients / arrivals_per_s;
    if (o.threads > o.clients)
        o.threads = o.clients;
    if (c->io != NULL && strcmp(c->io, "epoll") == 0) /* the first run has said why, on stderr */
        o.io = IO_EPOLL;
    return o;
}

/* Every connection was refused, or a process of the server has ended. */
static bool is_gone(const struct result *r) {
    if (processes_ended(&r->options->server) != 0)
        return true;
    return r->tally.connected == 0 && r->tally.failures[FAILURE_CONNECT_REFUSED] == r->options->clients;
}

static void keep(struct capacity *c, uint32_t value, uint64_t begun, const struct result *r) {
    struct probe *p = &c->probes[c->count++];
    struct figures f;

    result_figures(r, &f);
    *p = (struct probe){.value = value,
        .clients = r->options->clients,
        .rate = r->options->rate,
        .started_s = clock_to_seconds(begun - c->started),
        .elapsed_s = clock_to_seconds(clock_now() - begun),
        .tally = r->tally,
        .window_s = r->window_s,
        .messages_per_s = f.messages_per_s,
        .client_share = f.client_share,
        .server_share = f.server_share};
    p->p50_us = r->service->count > 0
                    ? (double)histogram_percentile(r->response != NULL ? r->response : r->service, 50) / 1e3
                    : NAN;
    verdict_of(r, &f, &p->verdict);
}

/* One run. Returns false if it ends the search. A run that was interrupted or could not connect is not kept. */
static bool probe(struct capacity *c, uint32_t value) {
    struct options options = options_at(c, value);
    uint64_t begun = clock_now();
    struct result result;

    if (c->count > 0 && processes_ended(&options.server) != 0) {
        c->end = CAPACITY_GONE;
        return false;
    }
    run_once(&options, &result);
    c->io = result.io;
    if (result.interrupted)
        c->end = CAPACITY_INTERRUPTED;
    else if (result.tally.connected == 0 && c->count == 0) /* no server from the start */
        c->end = CAPACITY_ABSENT, result_why_no_client(&result, c->why_absent);
    else if (is_gone(&result))
        c->end = CAPACITY_GONE;
    else
        keep(c, value, begun, &result);
    if (result.told_to_stop && c->end == CAPACITY_ANSWERED)
        c->end = CAPACITY_INTERRUPTED;
    if (result.tally.failures[FAILURE_MISMATCH] > 0)
        c->end = CAPACITY_VOID;
    result_close(&result);
    return c->end == CAPACITY_ANSWERED;
}

static void rest(uint32_t clients) {
    uint64_t ns = pause_ns + pause_per_client_ns * clients;

    nanosleep(&(struct timespec){(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)}, NULL); /* WAIT: */
}

void capacity_search(struct capacity *c, const struct options *o, capacity_teller *tell) {
    uint32_t value, max;

    *c = (struct capacity){.options = o, .started = clock_now()};
    max = find_max(o, c->max_why);
    search_open(&c->search, o->search.min, max, o->search.resolution_percent);
    while (search_next(&c->search, &value)) {
        if (c->count > 0)
            rest(c->probes[c->count - 1].clients);
        unsigned kept = c->count;
        bool go_on = probe(c, value);
        if (c->count > kept && c->end != CAPACITY_VOID) {
            search_record(&c->search, value, c->probes[kept].verdict.outcome);
            tell(c, &c->probes[kept]);
        }
        if (!go_on)
            break;
    }
    c->elapsed_s = clock_to_seconds(clock_now() - c->started);
    if (c->search.runs > 0)
        search_answer(&c->search, &c->answer);
}
