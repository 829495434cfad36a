/* report_search.c - what a search found: a line for each run, a summary, JSON. */
#include "report/number_text.h"
#include "report/report.h"
#include "report/report_json.h"
#include <inttypes.h>
#include <math.h>

static bool of_clients(const struct capacity *c) {
    return c->options->search.of == SEARCH_OF_CLIENTS;
}

/* "1,000 clients" or "12,500 msg/s" */
static void print_value(FILE *out, const struct capacity *c, uint32_t value) {
    char text[FIELD];

    fprintf(out, "%s %s", grouped(text, value), !of_clients(c) ? "msg/s" : value == 1 ? "client" : "clients");
}

static const char *latency_name(const struct options *o) {
    return o->search.of == SEARCH_OF_RATE || o->rate > 0 || o->client_rate > 0 ? "due to answered" : "sent to answered";
}

/* ---------------------------------------------------------------- for people */

void report_probe(FILE *out, const struct capacity *c, const struct probe *p) {
    char a[FIELD], b[FIELD];

    fprintf(out, "loadgen: run %2u: ", (unsigned)(p - c->probes) + 1);
    print_value(out, c, p->value);
    if (p->verdict.outcome == SEARCH_HELD)
        fprintf(out, ": held; p99 %s, %s msg/s, %" PRIu64 " failed\n", with_unit(a, p->verdict.p99_us / 1e3, 3, " ms"),
            grouped(b, p->messages_per_s), tally_failures(&p->tally));
    else
        fprintf(out, ": not held: %s%s\n", p->verdict.outcome == SEARCH_CLIENT ? "load generator's limit: " : "",
            p->verdict.says);
}

static void print_question(FILE *out, const struct capacity *c) {
    const struct options *o = c->options;

    fprintf(out, "%s to %s:%u, %zu bytes: ", options_protocol_name(o->protocol), o->host, o->port, o->size);
    if (!of_clients(c))
        fprintf(out, "the highest rate of %u clients", (unsigned)o->clients);
    else if (o->client_rate > 0)
        fprintf(out, "the most clients of %g msg/s each", o->client_rate);
    else if (o->rate > 0)
        fprintf(out, "the most clients at %g msg/s together", o->rate);
    else
        fprintf(out, "the most clients in the closed loop, %u in flight each", (unsigned)o->pipeline);
    fprintf(out, ", with p99 (%s) <= %g ms and failures <= %g%%\n", latency_name(o), o->search.p99_ms,
        o->search.failures_percent);
}

static void print_answer(FILE *out, const struct capacity *c) {
    const struct search_answer *a = &c->answer;

    fputs("  answer        ", out);
    if (a->kind == SEARCH_NONE) {
        fputs("none: not even ", out);
        print_value(out, c, a->next);
        fprintf(out, " %s: %s\n", a->next == 1 && of_clients(c) ? "is held" : "are held", capacity_why_not(c));
        return;
    }
    fputs(a->kind == SEARCH_AT_LEAST ? "at least " : "", out);
    print_value(out, c, a->value);
    if (a->next != 0) {
        fputs("; not ", out);
        print_value(out, c, a->next);
        fprintf(out, ": %s\n", capacity_why_not(c));
    } else if (a->reached_max) {
        fprintf(out, ", the most that was tried (%s)\n", c->max_why);
    } else {
        fputs("; more was not tried\n", out);
    }
}

static void print_at_answer(FILE *out, const struct capacity *c) {
    const struct probe *p = capacity_at_answer(c);
    char a[FIELD], b[FIELD];

    if (p == NULL)
        return;
    fprintf(out, "  there         p50 %s, p99 %s; ", with_unit(a, p->p50_us / 1e3, 3, " ms"),
        with_unit(b, p->verdict.p99_us / 1e3, 3, " ms"));
    fprintf(out, "%s msg/s; %" PRIu64 " failed; ", grouped(a, p->messages_per_s), tally_failures(&p->tally));
    fprintf(out, "CPU client %s, server %s\n", with_unit(a, p->client_share * 100, 1, "%"),
        with_unit(b, p->server_share * 100, 1, "%"));
}

void report_search_text(FILE *out, const struct capacity *c) {
    char notes[CAPACITY_NOTES_MAX][VERDICT_LENGTH];
    int count = capacity_notes(c, notes);

    print_question(out, c);
    if (c->search.runs > 0) {
        print_answer(out, c);
        print_at_answer(out, c);
    }
    fprintf(out, "  search        %u runs of %g s after %g s, %.1f s in all\n", c->count, c->options->duration_s,
        c->options->warmup_s, c->elapsed_s);
    for (int i = 0; i < count; i++)
        fprintf(out, "  note: %s\n", notes[i]);
    fflush(out);
}

/* ---------------------------------------------------------------- for programs */

static json_t *level(uint32_t value) {
    return value != 0 ? json_integer(value) : json_null();
}

static json_t *question_json(const struct capacity *c) {
    const struct search_options *s = &c->options->search;

    return json_pack("{s:s, s:f, s:f, s:f, s:o, s:o, s:s, s:f, s:s}", "of", of_clients(c) ? "clients" : "rate",
        "p99_ms", s->p99_ms, "failures_percent", s->failures_percent, "resolution_percent", s->resolution_percent,
        "min", count(c->search.min), "max", count(c->search.max), "max_why", c->max_why, "client_rate",
        c->options->client_rate, "latency", latency_name(c->options));
}

static json_t *answer_json(const struct capacity *c) {
    const struct search_answer *a = &c->answer;
    const struct probe *p = capacity_at_answer(c);

    if (c->search.runs == 0)
        return json_null();
    return json_pack("{s:s, s:o, s:o, s:s, s:b, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "kind", capacity_kind_name(c),
        "value", level(a->value), "not_held", level(a->next), "why_not", capacity_why_not(c), "client_limit",
        (int)a->client, "confirmed", (int)a->confirmed, "reached_max", (int)a->reached_max, "held_beyond",
        level(a->beyond), "p50_us", number(p != NULL ? p->p50_us : NAN), "p99_us",
        number(p != NULL ? p->verdict.p99_us : NAN), "messages_per_s", number(p != NULL ? p->messages_per_s : NAN),
        "client_share", number(p != NULL ? p->client_share : NAN), "server_share",
        number(p != NULL ? p->server_share : NAN));
}

static json_t *probe_json(const struct probe *p) {
    const struct tally *t = &p->tally;
    json_t *object = json_pack("{s:o, s:o, s:f, s:b, s:s, s:s, s:o, s:o, s:o}", "value", count(p->value), "clients",
        count(p->clients), "rate", p->rate, "held", p->verdict.outcome == SEARCH_HELD, "why",
        verdict_name(p->verdict.reason), "says", p->verdict.says, "p50_us", number(p->p50_us), "p99_us",
        number(p->verdict.p99_us), "messages_per_s", number(p->messages_per_s));

    json_object_set_new(object, "connected", count(t->connected));
    json_object_set_new(object, "served", count(t->served));
    json_object_set_new(object, "failures", failures_json(t));
    json_object_set_new(object, "failures_total", count(tally_failures(t)));
    json_object_set_new(object, "unsent", p->rate > 0 ? count(t->unsent) : json_null());
    json_object_set_new(object, "client_share", number(p->client_share));
    json_object_set_new(object, "server_share", number(p->server_share));
    json_object_set_new(object, "started_s", number(p->started_s));
    json_object_set_new(object, "elapsed_s", number(p->elapsed_s));
    return object;
}

/* What the search looks for is null: no value was given for it. */
static json_t *asked_json(const struct capacity *c) {
    json_t *object = options_json(c->options, c->io);

    if (of_clients(c))
        json_object_set_new(object, "clients", json_null());
    if (c->options->ramp_s < 0)
        json_object_set_new(object, "ramp_s", json_null());
    if (c->options->active == 0)
        json_object_set_new(object, "active", json_null());
    if (!of_clients(c) || c->options->client_rate > 0)
        json_object_set_new(object, "rate", json_null());
    return object;
}

int report_search_json(FILE *out, const struct capacity *c) {
    static const char *const ends[] = {"answered", "interrupted", "gone", "gone", "void"};
    char notes[CAPACITY_NOTES_MAX][VERDICT_LENGTH];
    json_t *root = json_object(), *probes = json_array(), *said = json_array();
    int note_count = capacity_notes(c, notes);

    for (unsigned i = 0; i < c->count; i++)
        json_array_append_new(probes, probe_json(&c->probes[i]));
    for (int i = 0; i < note_count; i++)
        json_array_append_new(said, json_string(notes[i]));
    json_object_set_new(root, "version", json_integer(1));
    json_object_set_new(root, "options", asked_json(c));
    json_object_set_new(root, "search", question_json(c));
    json_object_set_new(root, "end", json_string(ends[c->end]));
    json_object_set_new(root, "answer", answer_json(c));
    json_object_set_new(root, "elapsed_s", number(c->elapsed_s));
    json_object_set_new(root, "notes", said);
    json_object_set_new(root, "probes", probes);
    return json_line(out, root, REPORT_DIGITS);
}
