#include "options.h"
#include <errno.h>
#include <error.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY_PORT = 'p', KEY_ADDRESS = 0x100, KEY_PROTOCOL, KEY_BACKLOG, KEY_MESSAGE_MAX, KEY_DRAIN, KEY_STATS };

static const struct argp_option common_options[] = {
    {"port", KEY_PORT, "N", 0, "Listen on this port (default 8080); 0 picks a free one", 0},
    {"address", KEY_ADDRESS, "ADDRESS", 0, "Listen on this IPv4 address (default 127.0.0.1)", 0},
    {"protocol", KEY_PROTOCOL, "echo|ws", 0, "Echo bytes (RFC 862, default) or WebSocket messages (RFC 6455)", 0},
    {"backlog", KEY_BACKLOG, "N", 0, "Connections that may wait to be accepted (default 4096)", 0},
    {"message-max", KEY_MESSAGE_MAX, "BYTES", 0, "Longest WebSocket message taken (default 65536, at most 16777216)",
        0},
    {"drain", KEY_DRAIN, "SECONDS", 0, "After SIGTERM, how long replies in flight may take (default 5)", 0},
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

/* --stats is written at exit: better to hear now that it cannot be. */
static void check_directory(const char *path) {
    char directory[PATH_MAX];
    snprintf(directory, sizeof directory, "%s", path); /* dirname(3) writes into it */
    if (access(dirname(directory), W_OK) != 0)
        error(EXIT_SETUP, errno, "--stats '%s' cannot be written; name a file in a directory that exists", path);
}

struct input {
    struct options *options;
    void *model;
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct input *input = state->input;
    struct options *o = input->options;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = input->model; break;
    case KEY_PORT: o->port = (int)options_number("port", value, 0, 65535); break;
    case KEY_ADDRESS: o->address = value; break;
    case KEY_PROTOCOL: o->protocol = parse_protocol(value); break;
    case KEY_BACKLOG: o->backlog = (int)options_number("backlog", value, 1, 65535); break;
    case KEY_MESSAGE_MAX:
        o->limits.message_max = (size_t)options_number("message-max", value, 1, MESSAGE_MAX_CEILING);
        break;
    case KEY_DRAIN: o->drain_s = (int)options_number("drain", value, 0, 3600); break;
    case KEY_STATS: o->stats_path = value; break;
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
    command_line_parse(&argp, argc, argv, &(struct input){options, model_input});
    if (options->stats_path)
        check_directory(options->stats_path);
}
