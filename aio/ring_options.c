#include "ring_options.h"
#include "options.h"
#include <error.h>
#include <stdlib.h>

static const struct argp_option arguments[] = {
    {"buffers", 'b', "N", 0, "An experiment: receive buffers of the ring, a power of two (default 1024)", 0},
    {"completions", 'c', "N", 0, "An experiment: places for completions (CQ entries) of the ring (default 16384)", 0},
    {"probe", 'P', NULL, 0, "Say what this kernel's io_uring offers, and exit", 0}, {0}};

static unsigned parse_buffers(const char *value) {
    unsigned count = (unsigned)options_number("buffers", value, 2, 32768);
    if ((count & (count - 1)) != 0)
        error(EXIT_SETUP, 0, "--buffers takes a power of two, as the kernel does, not '%s'", value);
    return count;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct ring_options *o = state->input;
    switch (key) {
    case 'b': o->buffers = parse_buffers(value); return 0;
    case 'c': o->completions = (unsigned)options_number("completions", value, RING_SUBMISSIONS, 65536); return 0;
    case 'P': o->probe = true; return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp ring_options_argp = {arguments, parse_option, NULL, NULL, NULL, NULL, NULL};
