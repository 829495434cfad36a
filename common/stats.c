#include "stats.h"
#include <assert.h>

const char *const refuse_reason_names[REFUSE_REASONS] = {
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
    [CLOSE_TLS] = "tls",
    [CLOSE_TRUNCATED] = "truncated",
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
