#include "protocol_limits.h"

struct row {
    const char *name;
    size_t value;
    const char *unit;
    const char *beyond;
};

static void print_row(FILE *out, const struct row *row) {
    fprintf(out, "%-10s %9zu %-17s %s\n", row->name, row->value, row->unit, row->beyond);
}

void limits_print(FILE *out, const struct limits *l) {
    const struct row rows[] = {
        {"message", l->message_max, "bytes", "close code 1009, decided from the frame header (--message-max)"},
        {"fragments", l->fragments_max, "frames a message", "close code 1008"},
        {"head", l->head_max, "bytes", "status 431"},
        {"handshake", (size_t)l->handshake_ms, "ms", "status 408 (--handshake-ms)"},
        {"idle", (size_t)l->idle_ms, "ms", "WebSocket: a ping; echo: TCP keepalive (--idle-ms)"},
        {"dead", (size_t)l->dead_ms, "ms", "no sign of life in spite of it: closed (--dead-ms)"},
        {"stall", (size_t)l->stall_ms, "ms", "not a byte of the pending replies taken: closed (--stall-ms)"},
        {"pending", l->pending_max, "bytes", "and one message: no more is read until the replies have left"},
        {"receive", RECEIVE_SIZE, "bytes", "taken at once, by every model"},
        {"linger", (size_t)l->linger_ms, "ms", "after the server's FIN, for the peer's"},
        {"clients", l->clients_max, "connections",
            "of one process; more are refused; WebSocket: status 503 (--clients-max)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        print_row(out, &rows[i]);
    if (l->deflate_bits > 0)
        print_row(out, &(struct row){"deflate", (size_t)1 << l->deflate_bits, "bytes of window",
                           "a WebSocket may agree on less, not on more (--deflate)"});
}
