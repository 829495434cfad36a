/* report_text.c - the results for people: a summary, and HdrHistogram's percentile table. */
#include "report/number_text.h"
#include "report/report.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

static void print_header(FILE *out, const struct result *r) {
    const struct options *o = r->options;

    fprintf(out, "%s to %s:%u, %u clients, %zu bytes, %u in flight each, %u thread%s, %s, ",
        options_protocol_name(o->protocol), o->host, o->port, (unsigned)o->clients, o->size, (unsigned)o->pipeline,
        (unsigned)o->threads, o->threads == 1 ? "" : "s", r->io);
    if (o->active < o->clients)
        fprintf(out, "%u of them active, ", (unsigned)o->active);
    if (o->reconnect)
        fputs("connecting anew each time, ", out);
    if (o->rate > 0)
        fprintf(out, "open loop at %g msg/s\n", o->rate);
    else
        fputs("closed loop\n", out);
}

static void print_clients(FILE *out, const struct result *r, const struct figures *f) {
    const uint64_t *sorted = r->per_client;
    uint32_t n = r->options->active;
    char a[FIELD], b[FIELD], c[FIELD];

    fprintf(
        out, "  clients       %u asked, %" PRIu64 " connected, ", (unsigned)r->options->clients, r->tally.connected);
    if (r->options->protocol == PROTOCOL_WS)
        fprintf(out, "%" PRIu64 " upgraded, ", r->tally.upgraded);
    fprintf(out, "%" PRIu64 " served\n", r->tally.served);
    fprintf(out, "  per client    %s min, %s median, %s max messages; Jain's index ", grouped(a, (double)sorted[0]),
        grouped(b, ((double)sorted[(n - 1) / 2] + (double)sorted[n / 2]) / 2), grouped(c, (double)sorted[n - 1]));
    fprintf(out, "%s\n", with_unit(a, f->jain, 4, ""));
}

static void print_window(FILE *out, const struct result *r, const struct figures *f) {
    const char *nothing = result_why_nothing(r);
    char a[FIELD], b[FIELD];

    fprintf(out, "  window        %.3f s, %s messages", r->window_s, grouped(a, (double)r->answered));
    if (nothing != NULL)
        fprintf(out, ", because %s\n", nothing);
    else
        fprintf(out, ", %s msg/s, %.2f MiB/s one way\n", grouped(b, f->messages_per_s), f->bytes_per_s / 1048576);
}

/* Values from `at_least_ns` on are lower bounds: messages that were given up count with their age. */
static void print_latency_row(FILE *out, const char *name, const struct histogram *h, uint64_t at_least_ns) {
    static const double percents[] = {0, 50, 90, 99, 99.9, 100};
    char text[FIELD];

    if (h == NULL || h->count == 0)
        return;
    snprintf(text, sizeof text, "%s%.1f", at_least_ns != NEVER ? ">= " : "", histogram_mean(h) / 1e3);
    fprintf(out, "  %-10s %13s", name, text);
    for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
        uint64_t value = histogram_percentile(h, percents[i]);
        snprintf(text, sizeof text, "%s%.1f", value >= at_least_ns ? ">= " : "", (double)value / 1e3);
        fprintf(out, " %13s", text);
    }
    fputc('\n', out);
}

static void print_latency(FILE *out, const struct result *r) {
    if (r->service->count == 0 && r->at_least == 0)
        return;
    fprintf(out, "  %-10s %13s %13s %13s %13s %13s %13s %13s\n", "latency us", "mean", "min", "p50", "p90", "p99",
        "p99.9", "max");
    print_latency_row(out, "  service", r->service, NEVER);
    print_latency_row(out, "  response", r->response, r->at_least_ns);
}

/* Always printed, also when there are none. */
static void print_failures(FILE *out, const struct result *r) {
    const struct tally *t = &r->tally;

    fprintf(out, "  failures      %" PRIu64, tally_failures(t));
    for (int i = 0; i < FAILURE_CLASSES; i++) {
        if (t->failures[i] == 0)
            continue;
        fprintf(out, "; %s %" PRIu64, failure_name((enum failure)i), t->failures[i]);
        if (t->errors[i] != 0)
            fprintf(out, " (%s)", strerror(t->errors[i]));
        if (i == FAILURE_HANDSHAKE_REJECTED && t->http_status != 0)
            fprintf(out, " (HTTP status %u)", t->http_status);
        if (i == FAILURE_PROTOCOL_ERROR && t->close_code != 0)
            fprintf(out, " (close code %u)", t->close_code);
    }
    fputs(tally_failures(t) > 0 ? "; see loadgen --explain CLASS\n" : "\n", out);
    fprintf(out, "  left over     %" PRIu64 " unfinished", t->unfinished);
    if (t->unfinished > 0)
        fprintf(out, ", the oldest for %.3f s", (double)t->unfinished_oldest_ns / 1e9);
    if (r->options->rate > 0)
        fprintf(out, "; %" PRIu64 " due but unsent", t->unsent);
    fputc('\n', out);
}

static void print_flash(FILE *out, const struct result *r) {
    const struct chaos_tally *t = &r->chaos;
    char text[FIELD];

    fprintf(out,
        "  chaos         flash: %" PRIu64 " clients cut off, %" PRIu64 " connections made again, %" PRIu64
        " refused, %" PRIu64 " messages sent again, ",
        t->cut, t->connections, t->refused, t->resent);
    if (t->back == t->cut)
        fprintf(out, "all back after %s\n", with_unit(text, result_all_back_s(r) * 1e3, 1, " ms"));
    else
        fprintf(out, "%" PRIu64 " not back\n", t->cut - t->back);
}

static void print_chaos(FILE *out, const struct result *r) {
    const struct chaos_tally *t = &r->chaos;

    if (r->options->flash)
        print_flash(out, r);
    else if (r->options->chaos != CHAOS_NONE)
        fprintf(out,
            "  chaos         %u x %s: %" PRIu64 " connections, %" PRIu64 " ended by the server, %" PRIu64
            " refused, %" PRIu64 " KiB sent\n",
            (unsigned)r->options->chaos_clients, chaos_name(r->options->chaos), t->connections, t->ended_by_server,
            t->refused, t->bytes / 1024);
}

static void print_cpu(FILE *out, const struct result *r, const struct figures *f) {
    char a[FIELD], b[FIELD], c[FIELD];

    fprintf(out, "  CPU           client %s, %s per message", with_unit(a, f->client_share * 100, 1, "%"),
        with_unit(b, f->client_us_per_message, 3, " us"));
    if (r->options->server.count > 0)
        fprintf(out, "; server %s, %s per message", with_unit(b, f->server_share * 100, 1, "%"),
            with_unit(c, f->server_us_per_message, 3, " us"));
    if (r->options->server.count > 1)
        fprintf(out, " (%zu processes, CPUs: %u)", r->options->server.count, r->server_cpus);
    fputs(f->client_bound ? "  [client-bound]\n" : "\n", out);
}

static void print_server(FILE *out, const struct result *r, const struct figures *f) {
    char a[FIELD], b[FIELD], c[FIELD];

    if (r->options->server.count == 0)
        return;
    fprintf(out, "  memory        server %s KiB before, %s KiB with connections", grouped(a, r->memory_before_kib),
        grouped(b, r->memory_after_kib));
    fprintf(out, ", %s bytes per connection\n", grouped(c, f->bytes_per_connection));
    fprintf(out, "  switches      server %s voluntary, %s involuntary in the window\n",
        grouped(a, r->voluntary_switches), grouped(b, r->involuntary_switches));
}

static void print_holdings(FILE *out, const char *when, const struct holdings *h, const char *end) {
    char a[FIELD], b[FIELD], c[FIELD];

    fprintf(out, "%s %s descriptors, %s threads, %s KiB%s", when, grouped(a, h->descriptors), grouped(b, h->threads),
        grouped(c, h->memory_kib), end);
}

static void print_aftermath(FILE *out, const struct result *r) {
    const struct aftermath *a = &r->aftermath;
    char served[FIELD], back[FIELD];

    if (!r->options->aftermath)
        return;
    fprintf(out, "  afterwards    a new client is served after %s, the server is as before after %s",
        with_unit(served, a->served_again_s * 1e3, 1, " ms"), with_unit(back, a->back_s * 1e3, 1, " ms"));
    if (isnan(a->served_again_s) || isnan(a->back_s))
        fprintf(out, " (n/a: not within %d s)", AFTERMATH_LIMIT_S);
    fputc('\n', out);
    print_holdings(out, "                before", &a->before, "; ");
    print_holdings(out, "with connections", &a->peak, "; ");
    print_holdings(out, "after", &a->after, "\n");
}

static void print_law(FILE *out, const struct figures *f) {
    if (isnan(f->deviation))
        return;
    fprintf(out, "  Little's law  %.1f in flight by throughput x latency, %.0f expected: %.1f%% off\n",
        f->in_flight_by_law, f->in_flight_expected, f->deviation * 100);
}

void report_text(FILE *out, const struct result *r, const struct figures *f) {
    print_header(out, r);
    print_clients(out, r, f);
    print_window(out, r, f);
    print_latency(out, r);
    print_failures(out, r);
    print_chaos(out, r);
    print_cpu(out, r, f);
    print_server(out, r, f);
    print_aftermath(out, r);
    print_law(out, f);
    for (int i = 0; i < f->warning_count; i++)
        fprintf(out, "  warning: %s\n", f->warnings[i]);
    fflush(out);
}

/* ---------------------------------------------------------------- .hgrm */

static uint64_t count_up_to(const struct histogram *h, uint64_t value) {
    struct histogram_bucket b = {0};
    uint64_t sum = 0;

    while (histogram_next(h, &b) && b.lower <= value)
        sum += b.count;
    return sum;
}

/* The steps towards 100 are halved each time the distance to it has halved: five rows per half. */
static double next_percentile(double percent) {
    double halvings = floor(log2(100.0 / (100.0 - percent))) + 1;

    return percent + 100.0 / (5 * exp2(halvings));
}

int report_hgrm(FILE *out, const struct result *r) {
    const struct histogram *h = r->response != NULL ? r->response : r->service;
    double percent = 0;

    fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    while (h->count > 0) {
        uint64_t value = histogram_percentile(h, percent);
        if (value == h->max)
            break;
        fprintf(out, "%12.3f %2.12f %10" PRIu64 " %14.2f\n", (double)value / 1e3, percent / 100, count_up_to(h, value),
            100 / (100 - percent));
        percent = next_percentile(percent);
    }
    fprintf(out, "%12.3f %2.12f %10" PRIu64 "\n", (double)h->max / 1e3, 1.0, h->count);
    fprintf(
        out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", histogram_mean(h) / 1e3, histogram_deviation(h) / 1e3);
    fprintf(out, "#[Max     = %12.3f, Total count    = %12" PRIu64 "]\n", (double)h->max / 1e3, h->count);
    fprintf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n", HISTOGRAM_BUCKETS / HISTOGRAM_HALF, 2 * HISTOGRAM_HALF);
    fprintf(out, "#[Unit    = us, %s latency]\n", r->response != NULL ? "response" : "service");
    if (r->at_least > 0)
        fprintf(out, "#[Values from %.3f on are lower bounds: %" PRIu64 " messages were never answered]\n",
            (double)r->at_least_ns / 1e3, r->at_least);
    return ferror(out) || fflush(out) != 0 ? -1 : 0;
}
