#include "options.h"
#include "result_file.h"
#include <errno.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void (*options_more_limits)(FILE *out);
void (*options_complete)(struct options *options, void *model_input);

enum {
    KEY_PORT = 'p',
    KEY_ADDRESS = 0x100,
    KEY_PROTOCOL,
    KEY_SHARE_PORT,
    KEY_BACKLOG,
    KEY_MESSAGE_MAX,
    KEY_DEFLATE,
    KEY_HANDSHAKE,
    KEY_IDLE,
    KEY_DEAD,
    KEY_STALL,
    KEY_CLIENTS_MAX,
    KEY_DRAIN,
    KEY_HANDLER_DELAY,
    KEY_STATS,
    KEY_LIMITS
};

static const struct argp_option common_options[] = {
    {"port", KEY_PORT, "N", 0, "Listen on this port (default 8080); 0 picks a free one", 0},
    {"address", KEY_ADDRESS, "ADDRESS", 0, "Listen on this IPv4 or IPv6 address (default 127.0.0.1); :: is all of both",
        0},
    {"protocol", KEY_PROTOCOL, "echo|ws", 0, "Echo bytes (RFC 862, default) or WebSocket messages (RFC 6455)", 0},
    {"share-port", KEY_SHARE_PORT, NULL, 0,
        "Let other processes of this user listen on the same port, too: the kernel deals the clients out", 0},
    {"backlog", KEY_BACKLOG, "N", 0, "Connections that may wait to be accepted (default 4096)", 0},
    {"message-max", KEY_MESSAGE_MAX, "BYTES", 0, "Longest WebSocket message taken (default 65536, at most 16777216)",
        0},
    {"deflate", KEY_DEFLATE, "BITS", OPTION_ARG_OPTIONAL,
        "Compress WebSocket messages for clients that offer it (RFC 7692), with windows of at most 2^BITS bytes: 9 to "
        "15 (12 if BITS is left out; default: no compression)",
        0},
    {"handshake-ms", KEY_HANDSHAKE, "MS", 0, "Time for a whole WebSocket upgrade request (default 5000)", 0},
    {"idle-ms", KEY_IDLE, "MS", 0, "Silence after which a client is asked whether it is alive (default 20000)", 0},
    {"dead-ms", KEY_DEAD, "MS", 0, "Silence after which a client is taken for dead (default 40000)", 0},
    {"stall-ms", KEY_STALL, "MS", 0, "How long a client may take none of its pending replies (default 20000)", 0},
    {"clients-max", KEY_CLIENTS_MAX, "N", 0, "Clients of this process at once; more are refused (default 100000)", 0},
    {"limits", KEY_LIMITS, NULL, 0, "Print all limits that one client meets, and exit", 0},
    {"drain", KEY_DRAIN, "SECONDS", 0, "After SIGTERM, how long replies in flight may take (default 5)", 0},
    {"handler-delay", KEY_HANDLER_DELAY, "MS", 0,
        "An experiment: sleep so long over whatever has come, as a handler that blocks would (default 0)", 0},
    {"stats", KEY_STATS, "FILE", 0, "Write what was counted to this file at exit, as JSON", 0},
    {0},
};

long options_number(const char *option, const char *value, long low, long high) {
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < low || number > high)
        error(
            EXIT_SETUP, 0, "--%s takes a whole number from %ld to %ld, not '%s'; see --help", option, low, high, value);
    return number;
}

static enum protocol parse_protocol(const char *value) {
    if (strcmp(value, "echo") != 0 && strcmp(value, "ws") != 0)
        error(EXIT_SETUP, 0, "--protocol takes echo or ws, not '%s'; see --help", value);
    return strcmp(value, "ws") == 0 ? PROTOCOL_WS : PROTOCOL_ECHO;
}

/* --stats is written at exit; a path that cannot be written is reported now. */
static const char *check_stats_path(const char *path) {
    const char *why = result_file_check(path);
    if (why)
        error(EXIT_SETUP, 0, "--stats '%s' cannot be written: %s; name a file in a directory that exists", path, why);
    return path;
}

struct input {
    struct options *options;
    void *model;
    bool limits_wanted;
};

static int milliseconds(const char *option, const char *value) {
    return (int)options_number(option, value, 1, 32767 * 1000); /* the largest value that tcp(7) takes for keepalive */
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct input *input = state->input;
    struct options *o = input->options;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = input->model; break;
    case KEY_PORT: o->port = (int)options_number("port", value, 0, 65535); break;
    case KEY_ADDRESS: o->address = value; break;
    case KEY_PROTOCOL: o->protocol = parse_protocol(value); break;
    case KEY_SHARE_PORT: o->share_port = true; break;
    case KEY_BACKLOG: o->backlog = (int)options_number("backlog", value, 1, 65535); break;
    case KEY_MESSAGE_MAX:
        o->limits.message_max = (size_t)options_number("message-max", value, 1, MESSAGE_MAX_CEILING);
        break;
    case KEY_DEFLATE:
        o->limits.deflate_bits =
            value ? (int)options_number("deflate", value, DEFLATE_BITS_MIN, DEFLATE_BITS_MAX) : DEFLATE_BITS_DEFAULT;
        break;
    case KEY_HANDSHAKE: o->limits.handshake_ms = milliseconds("handshake-ms", value); break;
    case KEY_IDLE: o->limits.idle_ms = milliseconds("idle-ms", value); break;
    case KEY_DEAD: o->limits.dead_ms = milliseconds("dead-ms", value); break;
    case KEY_STALL: o->limits.stall_ms = milliseconds("stall-ms", value); break;
    case KEY_CLIENTS_MAX: o->limits.clients_max = (size_t)options_number("clients-max", value, 1, 10000000); break;
    case KEY_LIMITS: input->limits_wanted = true; break;
    case KEY_DRAIN: o->drain_s = (int)options_number("drain", value, 0, 3600); break;
    case KEY_HANDLER_DELAY: o->handler_delay.tv_nsec = options_number("handler-delay", value, 0, 999) * 1000000; break;
    case KEY_STATS: o->stats_path = check_stats_path(value); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

void options_parse(struct options *options, int argc, char **argv, const char *description, const struct argp *model,
    void *model_input) {
    static const struct argp no_options = {0};
    const struct argp_child children[] = {{model ? model : &no_options, 0, NULL, 0}, {0}};
    const struct argp argp = {common_options, parse_option, NULL, description, children, NULL, NULL};
    *options =
        (struct options){.address = "127.0.0.1", .port = 8080, .backlog = 4096, .drain_s = 5, .limits = LIMITS_DEFAULT};
    struct input input = {options, model_input, false};
    command_line_parse(&argp, argc, argv, &input);
    if (options_complete)
        options_complete(options, model_input);
    if (options->limits.dead_ms <= options->limits.idle_ms)
        error(EXIT_SETUP, 0, "--dead-ms (%d) must be more than --idle-ms (%d): a client needs time to answer",
            options->limits.dead_ms, options->limits.idle_ms);
    if (input.limits_wanted) {
        limits_print(stdout, &options->limits);
        if (options_more_limits)
            options_more_limits(stdout);
        exit(fflush(stdout) == 0 ? 0 : EXIT_SETUP);
    }
}
