/* result.c - the figures computed from the measurements. */
#include "meaning/result.h"
#include "meaning/part.h"
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double deviation_limit = 0.05; /* how far a run may be from Little's law */
static const double unsent_limit = 0.005;   /* share of the messages due; fewer may be unsent at the window's edge */

static void __attribute__((format(printf, 2, 3))) warn(struct figures *f, const char *format, ...) {
    va_list arguments;

    if (f->warning_count == WARNINGS_MAX)
        return;
    va_start(arguments, format);
    vsnprintf(f->warnings[f->warning_count++], WARNING_LENGTH, format, arguments);
    va_end(arguments);
}

double result_jain(const uint64_t *counts, uint32_t n) {
    double sum = 0, squares = 0;

    for (uint32_t i = 0; i < n; i++) {
        sum += (double)counts[i];
        squares += (double)counts[i] * (double)counts[i];
    }
    return squares > 0 ? sum * sum / (n * squares) : NAN;
}

/* Little's law, for a closed loop in which each client sends all the time: messages in flight = messages per second x
 * seconds per message. */
static void littles_law(const struct result *r, struct figures *f) {
    uint64_t idle = r->options->clients - r->options->active;

    f->in_flight_expected = f->in_flight_by_law = f->deviation = f->deviation_explained = NAN;
    if (r->options->rate > 0 || r->options->reconnect || r->options->flash || r->service->count == 0 ||
        r->tally.served <= idle)
        return;
    f->in_flight_expected = (double)(r->tally.served - idle) * r->options->pipeline;
    f->in_flight_by_law = f->messages_per_s * histogram_mean(r->service) / 1e9;
    f->deviation = fabs(f->in_flight_by_law - f->in_flight_expected) / f->in_flight_expected;
    f->deviation_explained = (double)r->windows * histogram_mean(r->service) / 1e9 / r->window_s;
}

static void derive_cpu(const struct result *r, struct figures *f) {
    double messages = (double)r->answered;

    f->client_share = f->server_share = f->client_us_per_message = f->server_us_per_message = NAN;
    if (r->window_s <= 0)
        return;
    f->client_share = r->client_cpu_s / r->window_s / r->threads;
    f->server_share = r->server_cpu_s / r->window_s / r->server_cpus;
    if (messages > 0) {
        f->client_us_per_message = r->client_cpu_s * 1e6 / messages;
        f->server_us_per_message = r->server_cpu_s * 1e6 / messages;
    }
    f->client_bound = f->client_share >= RESULT_SATURATED && !(f->server_share >= RESULT_SATURATED);
}

static void warn_about_the_run(const struct result *r, struct figures *f) {
    const struct tally *t = &r->tally;

    if (r->interrupted)
        warn(f, "interrupted: %s",
            r->window_s > 0 ? "the figures are of the part of the window that was measured"
                            : "the measured window had not begun");
    if (r->all_failed)
        warn(f, "every client has failed: the rest of the window was not waited for, but counts");
    if (t->failures[FAILURE_MISMATCH] > 0)
        warn(f, "VOID: wrong bytes came back; no figure of this run means anything");
    if (t->failures[FAILURE_CLIENT_LIMIT] > 0)
        warn(f, "%" PRIu64 " clients hit a limit of this machine, not of the server: %s",
            t->failures[FAILURE_CLIENT_LIMIT], failure_advice(FAILURE_CLIENT_LIMIT));
}

static void warn_about_the_figures(const struct result *r, struct figures *f) {
    const struct tally *t = &r->tally;

    if (f->client_bound)
        warn(f, "client-bound: the load generator used %.0f%% of its CPU%s; %s", f->client_share * 100,
            isnan(f->server_share) ? " (the server's share is unknown)" : ", the server had reserve",
            r->options->rate > 0 ? "latencies contain waiting for the load generator itself"
                                 : "throughput is a floor, read CPU per message");
    if (f->deviation > deviation_limit + f->deviation_explained)
        warn(f, "Little's law is off by %.1f%%: %.1f messages in flight expected, %.1f by throughput x latency%s",
            f->deviation * 100, f->in_flight_expected, f->in_flight_by_law,
            tally_failures(t) > 0 ? " (clients that failed are missing)" : "");
    if ((double)t->unsent > unsent_limit * r->options->rate * (r->options->warmup_s + r->window_s))
        warn(f, "the offered rate was not carried: %" PRIu64 " messages were due and never sent, the oldest for %.3f s",
            t->unsent, (double)t->unsent_oldest_ns / 1e9);
    if (r->options->server.count > 0 && (isnan(r->server_cpu_s) || isnan(r->memory_after_kib)))
        warn(f, "not all figures of --server-pid could be read: a process ended, or belongs to another user");
}

/* Names the load generators that have this flaw, as many as fit. */
static void warn_about_parts(
    const struct result *r, struct figures *f, const char *what, bool (*has)(const struct part *), const char *advice) {
    char names[WARNING_LENGTH / 2] = "";
    size_t used = 0;

    for (uint32_t i = 0; i < r->part_count; i++) {
        const struct part *p = &r->parts[i];
        if (has(p) && used < sizeof names)
            used += (size_t)snprintf(
                names + used, sizeof names - used, "%s%s (rank %u)", used > 0 ? ", " : "", p->host, (unsigned)p->rank);
    }
    if (used > 0)
        warn(f, "%s: %s%s; %s", what, names, used < sizeof names ? "" : "...", advice);
}

static bool is_bound(const struct part *p) {
    return p->client_bound;
}

static bool is_slow(const struct part *p) {
    return p->slow;
}

static bool was_late(const struct part *p) {
    return p->late_ns > PART_LATE_NS;
}

static void warn_about_the_parts(const struct result *r, struct figures *f) {
    warn_about_parts(r, f, "client-bound hosts", is_bound, "the server may be faster than they show: give more hosts");
    warn_about_parts(r, f, "slow hosts", is_slow,
        "half of their messages take over twice as long as on the median host: look at their load and their network");
    warn_about_parts(r, f, "late hosts", was_late, "they began after the others, whose figures are of less load");
}

static double per_connection(const struct result *r, double before_kib, double after_kib) {
    return r->tally.connected == 0 ? NAN : (after_kib - before_kib) * 1024 / (double)r->tally.connected;
}

void result_open(struct result *r, const struct options *options) {
    const struct holdings unknown = {NAN, NAN, NAN};

    *r = (struct result){.options = options,
        .aftermath = {unknown, unknown, unknown, NAN, NAN},
        .at_least_ns = NEVER,
        .threads = options->threads,
        .server_cpu_s = NAN,
        .server_cpus = 1,
        .windows = 1,
        .voluntary_switches = NAN,
        .involuntary_switches = NAN,
        .memory_before_kib = NAN,
        .memory_after_kib = NAN,
        .kernel_before_kib = NAN,
        .kernel_after_kib = NAN,
        .slab_before_kib = NAN,
        .slab_after_kib = NAN};
}

void result_figures(const struct result *r, struct figures *f) {
    *f = (struct figures){0};
    if (r->window_s > 0) {
        f->messages_per_s = (double)r->answered / r->window_s;
        f->bytes_per_s = f->messages_per_s * (double)r->options->size;
    }
    f->wire_sent = r->tally.messages > 0 ? (double)r->tally.bytes_sent / (double)r->tally.messages : NAN;
    f->wire_received = r->tally.messages > 0 ? (double)r->tally.bytes_received / (double)r->tally.messages : NAN;
    f->jain = result_jain(r->per_client, r->options->active);
    f->bytes_per_connection = per_connection(r, r->memory_before_kib, r->memory_after_kib);
    f->kernel_bytes_per_connection = per_connection(r, r->kernel_before_kib, r->kernel_after_kib);
    f->slab_bytes_per_connection = per_connection(r, r->slab_before_kib, r->slab_after_kib);
    derive_cpu(r, f);
    littles_law(r, f);
    warn_about_the_run(r, f);
    warn_about_the_figures(r, f);
    warn_about_the_parts(r, f);
}

static int compare_counts(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

void result_sort_clients(struct result *r) {
    qsort(r->per_client, r->per_client_count, sizeof *r->per_client, compare_counts);
}

double result_all_back_s(const struct result *r) {
    const struct chaos_tally *t = &r->chaos;

    return t->cut > 0 && t->back == t->cut ? (double)t->longest_ns / 1e9 : NAN;
}

const char *result_why_nothing(const struct result *r) {
    const struct tally *t = &r->tally;

    if (r->answered > 0)
        return NULL;
    if (t->connected == 0)
        return r->interrupted ? "the run was interrupted before a client was connected" : "no client could connect";
    if (r->interrupted)
        return "the run was interrupted too early";
    if (t->served > 0)
        return "no reply arrived inside the window";
    if (tally_failures(t) > 0)
        return "no client was ever served: see the failures";
    return "no message was due inside the window";
}

void result_why_no_client(const struct result *r, char line[RESULT_LINE]) {
    const struct tally *t = &r->tally;
    int worst = 0;

    for (int i = 1; i < FAILURE_CLASSES; i++) {
        if (t->failures[i] > t->failures[worst])
            worst = i;
    }
    snprintf(line, RESULT_LINE, "none of %u clients could connect to %s:%u: %s%s%s; %s", (unsigned)r->options->clients,
        r->options->host, r->options->port, failure_name((enum failure)worst), t->errors[worst] != 0 ? ", " : "",
        t->errors[worst] != 0 ? strerror(t->errors[worst]) : "", failure_advice((enum failure)worst));
}

void result_close(struct result *r) {
    free(r->service);
    free(r->response);
    free(r->per_client);
    free(r->parts);
}
