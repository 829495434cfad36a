/* report_json.c - the results for programs. A number that is not known is null, never NaN. */
#include "report/report_json.h"
#include "report/report.h"
#include "report/report_hosts.h"
#include <errno.h>
#include <jansson.h>
#include <math.h>

static json_t *code(uint16_t value) {
    return value != 0 ? json_integer(value) : json_null();
}

json_t *options_json(const struct options *o, const char *io) {
    return json_pack("{s:s, s:s, s:i, s:I, s:f, s:f, s:I, s:I, s:f, s:f, s:I, s:f, s:s, s:I, s:b, s:s, s:b}",
        "protocol", options_protocol_name(o->protocol), "host", o->host, "port", (int)o->port, "clients",
        (json_int_t)o->clients, "duration_s", o->duration_s, "warmup_s", o->warmup_s, "size", (json_int_t)o->size,
        "pipeline", (json_int_t)o->pipeline, "rate", o->rate, "ramp_s", o->ramp_s, "threads", (json_int_t)o->threads,
        "timeout_s", o->timeout_s, "io", io, "active", (json_int_t)o->active, "reconnect", o->reconnect, "payload",
        o->text ? "text" : "random", "deflate", o->deflate);
}

json_t *clients_json(const struct result *r) {
    bool websocket = r->options->protocol == PROTOCOL_WS;

    return json_pack("{s:I, s:o, s:o, s:o}", "asked", (json_int_t)r->options->clients, "connected",
        count(r->tally.connected), "upgraded", websocket ? count(r->tally.upgraded) : json_null(), "served",
        count(r->tally.served));
}

static const char *text_or_null(const char *text) {
    return text[0] == '\0' ? NULL : text;
}

/* null: without --tls. */
static json_t *tls_json(const struct result *r) {
    if (!r->options->tls)
        return json_null();
    return json_pack("{s:b, s:s?, s:s?}", "certificate_checked", r->options->ca != NULL, "version",
        text_or_null(r->tally.tls_version), "cipher", text_or_null(r->tally.tls_cipher));
}

static json_t *window_json(const struct result *r, const struct figures *f) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "seconds", number(r->window_s), "messages", count(r->answered),
        "bytes", count(r->answered * r->options->size), "messages_per_s", number(f->messages_per_s), "bytes_per_s",
        number(f->bytes_per_s));
}

static json_t *per_client_json(const struct result *r, const struct figures *f) {
    const uint64_t *sorted = r->per_client;
    uint32_t n = r->options->active;

    return json_pack("{s:o, s:o, s:o, s:o}", "min", count(sorted[0]), "median",
        number(((double)sorted[(n - 1) / 2] + (double)sorted[n / 2]) / 2), "max", count(sorted[n - 1]), "jain",
        number(f->jain));
}

/* Values from `at_least_ns` on are lower bounds. */
static json_t *latency_json(const struct histogram *h, uint64_t at_least, uint64_t at_least_ns) {
    static const struct {
        const char *name;
        double percent;
    } percentiles[] = {
        {"min_us", 0}, {"p50_us", 50}, {"p90_us", 90}, {"p99_us", 99}, {"p999_us", 99.9}, {"max_us", 100}};
    json_t *object;

    if (h == NULL)
        return json_null();
    object = json_pack("{s:o, s:o, s:o, s:o}", "count", count(h->count), "mean_us",
        number(h->count > 0 ? histogram_mean(h) / 1e3 : NAN), "at_least", count(at_least), "at_least_from_us",
        number(at_least > 0 ? (double)at_least_ns / 1e3 : NAN));
    for (size_t i = 0; i < sizeof percentiles / sizeof percentiles[0]; i++)
        json_object_set_new(object, percentiles[i].name,
            number(h->count > 0 ? (double)histogram_percentile(h, percentiles[i].percent) / 1e3 : NAN));
    return object;
}

json_t *failures_json(const struct tally *tally) {
    json_t *object = json_object();

    for (int i = 0; i < FAILURE_CLASSES; i++)
        json_object_set_new(object, failure_name((enum failure)i), count(tally->failures[i]));
    return object;
}

static json_t *cpu_json(const struct result *r, const struct figures *f) {
    bool known = r->options->server.count > 0;

    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "client_s", number(r->client_cpu_s), "client_share",
        number(f->client_share), "server_s", number(r->server_cpu_s), "server_share", number(f->server_share),
        "server_cpus", known ? count(r->server_cpus) : json_null(), "server_us_per_message",
        number(f->server_us_per_message), "client_us_per_message", number(f->client_us_per_message));
}

static json_t *memory_json(const struct result *r, const struct figures *f) {
    if (r->options->server.count == 0)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "server_before_kib", number(r->memory_before_kib),
        "server_after_kib", number(r->memory_after_kib), "per_connection_bytes", number(f->bytes_per_connection),
        "kernel_before_kib", number(r->kernel_before_kib), "kernel_after_kib", number(r->kernel_after_kib),
        "kernel_per_connection_bytes", number(f->kernel_bytes_per_connection), "slab_per_connection_bytes",
        number(f->slab_bytes_per_connection));
}

static json_t *switches_json(const struct result *r) {
    if (isnan(r->voluntary_switches))
        return json_null();
    return json_pack("{s:o, s:o}", "voluntary", count((uint64_t)r->voluntary_switches), "involuntary",
        count((uint64_t)r->involuntary_switches));
}

static json_t *law_json(const struct figures *f) {
    if (isnan(f->deviation))
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o}", "in_flight_expected", number(f->in_flight_expected), "in_flight_by_law",
        number(f->in_flight_by_law), "deviation", number(f->deviation), "deviation_explained",
        number(f->deviation_explained));
}

static json_t *left_over_json(uint64_t messages, uint64_t oldest_ns) {
    return json_pack("{s:o, s:o}", "count", count(messages), "oldest_s", number((double)oldest_ns / 1e9));
}

static json_t *buckets_json(const struct histogram *h) {
    struct histogram_bucket bucket = {0};
    json_t *array;

    if (h == NULL)
        return json_null();
    array = json_array();
    while (histogram_next(h, &bucket))
        json_array_append_new(array, json_pack("[o, o]", count(bucket.upper), count(bucket.count)));
    return array;
}

static json_t *warnings_json(const struct figures *f) {
    json_t *array = json_array();

    for (int i = 0; i < f->warning_count; i++)
        json_array_append_new(array, json_string(f->warnings[i]));
    return array;
}

static void set_measurements(json_t *root, const struct result *r, const struct figures *f) {
    json_object_set_new(root, "clients", clients_json(r));
    json_object_set_new(root, "window", window_json(r, f));
    json_object_set_new(root, "per_client", per_client_json(r, f));
    json_object_set_new(root, "latency",
        json_pack("{s:o, s:o}", "service", latency_json(r->service, 0, NEVER), "response",
            latency_json(r->response, r->at_least, r->at_least_ns)));
    json_object_set_new(root, "failures", failures_json(&r->tally));
    json_object_set_new(root, "failures_total", count(tally_failures(&r->tally)));
    json_object_set_new(root, "http_status", code(r->tally.http_status));
    json_object_set_new(root, "close_code", code(r->tally.close_code));
    json_object_set_new(root, "tls", tls_json(r));
    json_object_set_new(root, "unfinished", left_over_json(r->tally.unfinished, r->tally.unfinished_oldest_ns));
    json_object_set_new(root, "unsent",
        r->options->rate > 0 ? left_over_json(r->tally.unsent, r->tally.unsent_oldest_ns) : json_null());
    json_object_set_new(root, "cpu", cpu_json(r, f));
    json_object_set_new(root, "memory", memory_json(r, f));
    json_object_set_new(root, "context_switches", switches_json(r));
    json_object_set_new(root, "littles_law", law_json(f));
}

/* What compression saves: bytes on the wire beside the bytes of the messages. */
static json_t *wire_json(const struct result *r, const struct figures *f) {
    return json_pack("{s:o, s:o, s:o}", "deflated", r->options->deflate ? count(r->tally.deflated) : json_null(),
        "sent_per_message", number(f->wire_sent), "received_per_message", number(f->wire_received));
}

static json_t *chaos_json(const struct result *r) {
    const struct chaos_tally *t = &r->chaos;
    bool flash = r->options->flash;

    if (r->options->chaos == CHAOS_NONE)
        return json_null();
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "kind", chaos_name(r->options->chaos), "clients",
        count(flash ? t->cut : r->options->chaos_clients), "connections", count(t->connections), "ended_by_server",
        count(t->ended_by_server), "refused", count(t->refused), "bytes_sent", count(t->bytes), "resent",
        flash ? count(t->resent) : json_null(), "all_back_s", number(result_all_back_s(r)));
}

static void set_holdings(json_t *object, const char *when, const struct holdings *h) {
    const struct {
        const char *name;
        double value;
    } all[] = {{"descriptors", h->descriptors}, {"threads", h->threads}, {"memory_kib", h->memory_kib}};
    char name[40];

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        snprintf(name, sizeof name, "%s_%s", all[i].name, when);
        json_object_set_new(object, name, isnan(all[i].value) ? json_null() : count((uint64_t)all[i].value));
    }
}

static json_t *aftermath_json(const struct result *r) {
    const struct aftermath *a = &r->aftermath;
    json_t *object;

    if (!r->options->aftermath)
        return json_null();
    object = json_object();
    set_holdings(object, "before", &a->before);
    set_holdings(object, "peak", &a->peak);
    set_holdings(object, "after", &a->after);
    json_object_set_new(object, "served_again_s", number(a->served_again_s));
    json_object_set_new(object, "back_s", number(a->back_s));
    return object;
}

int report_json(FILE *out, const struct result *r, const struct figures *f) {
    json_t *root = json_object();

    json_object_set_new(root, "version", json_integer(1));
    json_object_set_new(root, "options", options_json(r->options, r->io));
    set_measurements(root, r, f);
    json_object_set_new(root, "chaos", chaos_json(r));
    json_object_set_new(root, "aftermath", aftermath_json(r));
    json_object_set_new(root, "totals",
        json_pack("{s:o, s:o, s:o}", "messages", count(r->tally.messages), "bytes_sent", count(r->tally.bytes_sent),
            "bytes_received", count(r->tally.bytes_received)));
    json_object_set_new(root, "hosts", hosts_json(r));
    json_object_set_new(root, "wire", wire_json(r, f));
    json_object_set_new(root, "warnings", warnings_json(f));
    json_object_set_new(root, "histogram",
        json_pack("{s:s, s:o, s:o}", "unit", "ns", "service", buckets_json(r->service), "response",
            buckets_json(r->response)));
    return json_line(out, root, REPORT_DIGITS);
}
