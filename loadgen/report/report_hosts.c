/* report_hosts.c - see report_hosts.h. */
#include "report/report_hosts.h"
#include "meaning/json.h"
#include "meaning/language.h"
#include "meaning/part.h"
#include "report/number_text.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The columns are of ASCII only: a Chinese letter takes two columns of a terminal, and printf counts bytes. */
static void print_heading(FILE *out, int width) {
    fprintf(out, either("  hosts\n", "  各主机\n"));
    fprintf(out, "    %4s %-*s %9s %9s %8s %12s %12s %12s %8s\n", "rank", width, "host", "clients", "served", "failed",
        "msg/s", "p50 us", "p99 us", "CPU");
}

static void print_row(FILE *out, const char *rank, const char *host, int width, const struct tally *t, double clients,
    double messages_per_s, double p50_us, double p99_us, double share) {
    char a[FIELD], b[FIELD], c[FIELD], d[FIELD];

    fprintf(out, "    %4s %-*s %9s %9s %8s %12s", rank, width, host, grouped(a, clients), grouped(b, (double)t->served),
        grouped(c, (double)tally_failures(t)), grouped(d, messages_per_s));
    fprintf(out, " %12s %12s %8s", with_unit(a, p50_us, 1, ""), with_unit(b, p99_us, 1, ""),
        with_unit(c, share * 100, 1, "%"));
}

static void print_part(FILE *out, const struct part *p, int width) {
    char rank[FIELD];

    snprintf(rank, sizeof rank, "%u", (unsigned)p->rank);
    print_row(
        out, rank, p->host, width, &p->tally, p->clients, p->messages_per_s, p->p50_us, p->p99_us, p->client_share);
    fputs(p->client_bound ? "  [client-bound]" : "", out);
    fputs(p->slow ? "  [slow]\n" : "\n", out);
}

static double percentile_us(const struct result *r, double percent) {
    const struct histogram *h = r->response != NULL ? r->response : r->service;

    return h->count > 0 ? (double)histogram_percentile(h, percent) / 1e3 : NAN;
}

void report_hosts(FILE *out, const struct result *r, const struct figures *f) {
    int width = 4;

    if (r->part_count == 0)
        return;
    for (uint32_t i = 0; i < r->part_count; i++)
        width = (int)strlen(r->parts[i].host) > width ? (int)strlen(r->parts[i].host) : width;
    print_heading(out, width);
    for (uint32_t i = 0; i < r->part_count; i++)
        print_part(out, &r->parts[i], width);
    print_row(out, "", "sum", width, &r->tally, r->options->clients, f->messages_per_s, percentile_us(r, 50),
        percentile_us(r, 99), f->client_share);
    fputc('\n', out);
}

static json_t *part_json(const struct part *p) {
    json_t *object = json_pack("{s:o, s:s, s:o, s:o}", "rank", count(p->rank), "host", p->host, "threads",
        count(p->threads), "clients",
        json_pack("{s:o, s:o, s:o}", "asked", count(p->clients), "connected", count(p->tally.connected), "served",
            count(p->tally.served)));

    json_object_set_new(object, "messages", count(p->answered));
    json_object_set_new(object, "messages_per_s", number(p->messages_per_s));
    json_object_set_new(object, "p50_us", number(p->p50_us));
    json_object_set_new(object, "p99_us", number(p->p99_us));
    json_object_set_new(object, "max_us", number(p->max_us));
    json_object_set_new(object, "jain", number(p->jain));
    json_object_set_new(object, "failures", some_failures_json(p->tally.failures));
    json_object_set_new(object, "failures_total", count(tally_failures(&p->tally)));
    json_object_set_new(object, "unfinished", count(p->tally.unfinished));
    json_object_set_new(object, "unsent", count(p->tally.unsent));
    json_object_set_new(object, "client_share", number(p->client_share));
    json_object_set_new(object, "clock_error_us", number((double)p->trip_ns / 2e3));
    json_object_set_new(object, "late_us", number((double)p->late_ns / 1e3));
    json_object_set_new(object, "same_kernel", json_boolean(p->same_kernel));
    json_object_set_new(object, "client_bound", json_boolean(p->client_bound));
    json_object_set_new(object, "slow", json_boolean(p->slow));
    return object;
}

json_t *hosts_json(const struct result *r) {
    json_t *array;

    if (r->part_count == 0)
        return json_null();
    array = json_array();
    for (uint32_t i = 0; i < r->part_count; i++)
        json_array_append_new(array, part_json(&r->parts[i]));
    return array;
}
