/* tally.c - adding up. */
#include "meaning/tally.h"
#include <string.h>

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

void tally_merge(struct tally *into, const struct tally *from) {
    into->connected += from->connected;
    into->upgraded += from->upgraded;
    into->deflated += from->deflated;
    into->served += from->served;
    for (int i = 0; i < FAILURE_CLASSES; i++) {
        into->failures[i] += from->failures[i];
        if (from->errors[i] != 0)
            into->errors[i] = from->errors[i];
    }
    if (from->http_status != 0)
        into->http_status = from->http_status;
    if (from->close_code != 0)
        into->close_code = from->close_code;
    if (from->tls_version[0] != '\0') {
        memcpy(into->tls_version, from->tls_version, sizeof into->tls_version);
        memcpy(into->tls_cipher, from->tls_cipher, sizeof into->tls_cipher);
    }
    into->messages += from->messages;
    into->bytes_sent += from->bytes_sent;
    into->bytes_received += from->bytes_received;
    into->unfinished += from->unfinished;
    into->unfinished_oldest_ns = larger(into->unfinished_oldest_ns, from->unfinished_oldest_ns);
    into->unsent += from->unsent;
    into->unsent_oldest_ns = larger(into->unsent_oldest_ns, from->unsent_oldest_ns);
}

void tally_subtract(struct tally *from, const struct tally *earlier) {
    from->connected -= earlier->connected;
    from->upgraded -= earlier->upgraded;
    from->deflated -= earlier->deflated;
    from->served -= earlier->served;
    for (int i = 0; i < FAILURE_CLASSES; i++)
        from->failures[i] -= earlier->failures[i];
    from->messages -= earlier->messages;
    from->bytes_sent -= earlier->bytes_sent;
    from->bytes_received -= earlier->bytes_received;
    from->unfinished -= earlier->unfinished;
    from->unsent -= earlier->unsent;
}

uint64_t tally_failures(const struct tally *tally) {
    uint64_t sum = 0;

    for (int i = 0; i < FAILURE_CLASSES; i++)
        sum += tally->failures[i];
    return sum;
}

void chaos_tally_merge(struct chaos_tally *into, const struct chaos_tally *from) {
    into->connections += from->connections;
    into->ended_by_server += from->ended_by_server;
    into->refused += from->refused;
    into->bytes += from->bytes;
    into->cut += from->cut;
    into->back += from->back;
    into->longest_ns = larger(into->longest_ns, from->longest_ns);
    into->resent += from->resent;
}
