/* verdict.c - see verdict.h. */
#include "meaning/verdict.h"
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Share of the rate that must be answered: the rest may fall on the window's edges. */
static const double rate_made = 0.98;

static const char *const names[] = {
    "held", "failures", "no_reply", "silent", "rate", "p99", "client_limit", "client_bound"};

const char *verdict_name(enum verdict_reason reason) {
    return names[reason];
}

static void __attribute__((format(printf, 2, 3))) say(struct verdict *v, const char *format, ...) {
    size_t used = strlen(v->says);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(v->says + used, VERDICT_LENGTH - used, format, arguments);
    va_end(arguments);
}

/* "connect_reset 3, starved 2" */
static void say_failures(struct verdict *v, const struct tally *t) {
    const char *separator = "";

    for (int i = 0; i < FAILURE_CLASSES; i++) {
        if (t->failures[i] == 0)
            continue;
        say(v, "%s%s %" PRIu64, separator, failure_name((enum failure)i), t->failures[i]);
        separator = ", ";
    }
}

/* Did more clients fail than allowed? VERDICT_CLIENT_LIMIT: only if those are counted that this machine could not open.
 */
static enum verdict_reason judge_failures(const struct result *r, struct verdict *v, double allowed) {
    uint64_t all = tally_failures(&r->tally), own = r->tally.failures[FAILURE_CLIENT_LIMIT];

    if ((double)all <= allowed)
        return VERDICT_HELD;
    say(v, "%" PRIu64 " of %u clients failed (%.3g%%): ", all, (unsigned)r->options->clients,
        100.0 * (double)all / r->options->clients);
    say_failures(v, &r->tally);
    return (double)(all - own) > allowed ? VERDICT_FAILURES : VERDICT_CLIENT_LIMIT;
}

/* True if without the timeouts no more clients failed than allowed. A saturated load generator may cause timeouts
 * itself. */
static bool is_only_late(const struct result *r, double allowed) {
    const uint64_t *f = r->tally.failures;
    uint64_t late = f[FAILURE_CONNECT_TIMEOUT] + f[FAILURE_HANDSHAKE_TIMEOUT] + f[FAILURE_REPLY_TIMEOUT];

    return (double)(tally_failures(&r->tally) - late) <= allowed;
}

/* Closed loop: clients that got no reply in the whole window. They have no sample, so no percentile shows them. */
static uint64_t silent_clients(const struct result *r) {
    uint64_t count = 0;

    while (r->options->rate == 0 && count < r->options->active && r->per_client[count] == 0)
        count++;
    return count;
}

static enum verdict_reason judge_service(
    const struct result *r, const struct figures *f, struct verdict *v, double allowed) {
    const struct options *o = r->options;
    uint64_t silent = silent_clients(r);

    if (r->answered == 0) {
        say(v, "nothing was answered: %s", result_why_nothing(r));
        return VERDICT_NO_REPLY;
    }
    if ((double)silent > allowed) {
        say(v, "%" PRIu64 " of %u clients got no reply in the window", silent, (unsigned)o->clients);
        return VERDICT_SILENT;
    }
    /* - 1: one message may fall on either side of the window's edge. */
    if (o->rate > 0 && (double)r->answered < rate_made * o->rate * r->window_s - 1) {
        say(v, "only %.1f%% of %.0f msg/s was answered", 100 * f->messages_per_s / o->rate, o->rate);
        return VERDICT_RATE;
    }
    if (v->p99_us > o->search.p99_ms * 1e3) {
        say(v, "p99 is %.3g ms", v->p99_us / 1e3);
        return VERDICT_P99;
    }
    return VERDICT_HELD;
}

static void say_client_bound(const struct figures *f, struct verdict *v) {
    say(v, "; the load generator used %.0f%% of its CPUs, ", 100 * f->client_share);
    if (isnan(f->server_share))
        say(v, "the server's share is unknown without --server-pid");
    else
        say(v, "the server %.0f%%", 100 * f->server_share);
}

void verdict_of(const struct result *r, const struct figures *f, struct verdict *v) {
    const struct histogram *latency = r->response != NULL ? r->response : r->service;
    double allowed = r->options->search.failures_percent / 100 * r->options->clients + 1e-9;

    *v = (struct verdict){.p99_us = latency->count > 0 ? (double)histogram_percentile(latency, 99) / 1e3 : NAN};
    v->reason = judge_failures(r, v, allowed);
    bool may_be_ours = v->reason == VERDICT_HELD || (v->reason == VERDICT_FAILURES && is_only_late(r, allowed));
    if (v->reason == VERDICT_HELD)
        v->reason = judge_service(r, f, v, allowed);
    if (v->reason != VERDICT_HELD && may_be_ours && f->client_bound) {
        say_client_bound(f, v);
        v->reason = VERDICT_CLIENT_BOUND;
    }
    v->outcome = v->reason == VERDICT_HELD           ? SEARCH_HELD
                 : v->reason >= VERDICT_CLIENT_LIMIT ? SEARCH_CLIENT
                                                     : SEARCH_NOT_HELD;
}
