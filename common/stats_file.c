/* stats_file.c - the counters as a file of JSON: what they need of a library is here, and not in stats.c. */
#include "result_file.h"
#include "stats.h"
#include <errno.h>
#include <error.h>
#include <jansson.h>
#include <stdio.h>

static json_t *named_counts(const char *const names[], const uint64_t counts[], size_t count) {
    json_t *object = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(object, names[i], json_integer((json_int_t)counts[i]));
    return object;
}

static int dump(FILE *out, const void *all) {
    return json_dumpf(all, out, JSON_INDENT(2));
}

void stats_write(const struct options *options, const char *server, const char *notes, const struct stats *stats) {
    enum protocol protocol = options->protocol;
    if (!options->stats_path)
        return;
    json_t *messages = protocol == PROTOCOL_WS ? json_integer((json_int_t)stats->messages) : json_null();
    const struct effort *e = &stats->effort;
    json_t *all =
        json_pack("{s:s, s:s, s:s?, s:I, s:I, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
            "server", server, "protocol", protocol == PROTOCOL_WS ? "ws" : "echo", "notes", notes, "accepted",
            (json_int_t)stats->accepted, "active", (json_int_t)stats->active, "peak", (json_int_t)stats->peak,
            "refused", named_counts(refuse_reason_names, stats->refused, REFUSE_REASONS), "closed",
            named_counts(close_reason_names, stats->closed, CLOSE_REASONS), "messages", messages, "bytes_in",
            (json_int_t)stats->bytes_in, "bytes_out", (json_int_t)stats->bytes_out, "waits", (json_int_t)e->waits,
            "events", (json_int_t)e->events, "submissions", (json_int_t)e->submissions, "short_sends",
            (json_int_t)e->short_sends, "would_blocks", (json_int_t)e->would_blocks, "overflows",
            (json_int_t)e->overflows, "no_buffers", (json_int_t)e->no_buffers);
    bool is_written = all && result_file_write(options->stats_path, dump, all) == 0;
    int why = errno;
    json_decref(all);
    if (!is_written)
        error(EXIT_SETUP, why, "cannot write --stats %s", options->stats_path);
}
