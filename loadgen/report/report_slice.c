/* report_slice.c - a paced run: one line of JSON when its clients are connected, and one for each slice. */
#include "report/report.h"
#include "report/report_json.h"

int report_ready(FILE *out, const struct result *r) {
    return json_line(out,
        json_pack("{s:s, s:s, s:o, s:o}", "line", "ready", "io", r->io, "clients", clients_json(r), "failures",
            some_failures_json(r->tally.failures)),
        REPORT_DIGITS);
}

int report_slice(FILE *out, const struct slice *s) {
    const struct histogram *latency = s->samples->response != NULL ? s->samples->response : s->samples->service;
    bool any = latency->count > 0;

    return json_line(out,
        json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "line", "slice",
            "number", (int)s->number, "window_s", number(s->window_s), "span_s", number(s->span_s), "messages",
            count(s->samples->answered), "span_messages", count(s->tally.messages), "unfinished",
            count(s->tally.unfinished), "unsent", count(s->tally.unsent), "failures",
            some_failures_json(s->tally.failures), "client_cpu_s", number(s->client_cpu_s), "server_cpu_s",
            number(s->server_cpu_s), "client_waited_s", number(s->client_waited_s), "server_waited_s",
            number(s->server_waited_s), "p50_us", number(any ? (double)histogram_percentile(latency, 50) / 1e3 : NAN),
            "p99_us", number(any ? (double)histogram_percentile(latency, 99) / 1e3 : NAN)),
        REPORT_DIGITS);
}
