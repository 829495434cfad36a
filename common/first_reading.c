#include "first_reading.h"
#include "options.h"
#include "signals.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>

static const struct argp_option arguments[] = {
    {"port", 'p', "N", 0, "Listen on this port of 127.0.0.1 (default 8080); 0 picks a free one", 0},
    {"probe", 'P', NULL, 0, "Say whether this machine offers what this server needs, and exit", 0}, {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct options *o = state->input;
    switch (key) {
    case 'p': o->port = (int)options_number("port", value, 0, 65535); return 0;
    case 'P': puts("this machine offers what this server needs"); exit(fflush(stdout) == 0 ? 0 : EXIT_SETUP);
    default: return ARGP_ERR_UNKNOWN;
    }
}

int first_reading_listen(int argc, char **argv) {
    static const struct argp argp = {
        arguments, parse_option, NULL, "An echo server that shows one model of I/O.", NULL, NULL, NULL};
    struct options options = {.address = "127.0.0.1", .port = 8080, .backlog = 4096, .limits = LIMITS_DEFAULT};
    command_line_parse(&argp, argc, argv, &options);
    signals_end_process();
    int listener = listener_open(&options);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return listener;
}
