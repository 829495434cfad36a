/* counts.c - what framework.c needs of common/stats.c, which writes JSON and so needs a library that a class may not
 * have. */
#include "stats.h"

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
}

void stats_closed(struct stats *stats, const struct session *session) {
    stats->active--;
    stats->closed[session->reason]++;
}
