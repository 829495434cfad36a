#include "stats.h"
#include "result_file.h"
#include <assert.h>
#include <errno.h>
#include <error.h>
#include <jansson.h>
#include <stdio.h>

static const char *const refuse_names[REFUSE_REASONS] = {
    [REFUSE_DESCRIPTORS] = "descriptors",
    [REFUSE_MEMORY] = "memory",
    [REFUSE_THREADS] = "threads",
    [REFUSE_QUEUE_FULL] = "queue_full",
    [REFUSE_CLIENTS] = "clients",
};

const char *const close_reason_names[CLOSE_REASONS] = {
    [CLOSE_PEER] = "peer",
    [CLOSE_HANDSHAKE] = "handshake",
    [CLOSE_REJECTED] = "rejected",
    [CLOSE_PROTOCOL_ERROR] = "protocol_error",
    [CLOSE_BAD_UTF8] = "bad_utf8",
    [CLOSE_TOO_BIG] = "too_big",
    [CLOSE_NO_MEMORY] = "no_memory",
    [CLOSE_RESET] = "reset",
    [CLOSE_HANDSHAKE_TIMEOUT] = "handshake_timeout",
    [CLOSE_DEAD_PEER] = "dead_peer",
    [CLOSE_SLOW_READER] = "slow_reader",
    [CLOSE_SHUTDOWN] = "shutdown",
};

void stats_accepted(struct stats *stats) {
    stats->accepted++;
    stats->active++;
    if (stats->peak < stats->active)
        stats->peak = stats->active;
}

void stats_closed(struct stats *stats, const struct session *session) {
    assert(stats->active > 0);
    stats->active--;
    stats->closed[session->reason]++;
    stats->messages += session->messages;
    stats->bytes_in += session->bytes_in;
    stats->bytes_out += session->bytes_out;
    stats->effort.short_sends += session->short_sends;
}

void stats_add_effort(struct stats *stats, const struct effort *effort) {
    struct effort *sum = &stats->effort;
    sum->waits += effort->waits;
    sum->events += effort->events;
    sum->submissions += effort->submissions;
    sum->would_blocks += effort->would_blocks;
    sum->overflows += effort->overflows;
    sum->no_buffers += effort->no_buffers;
}

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
            "refused", named_counts(refuse_names, stats->refused, REFUSE_REASONS), "closed",
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
