/* ring_options.h - the options that only the two aio servers have. */
#ifndef IO_MODELS_RING_OPTIONS_H
#define IO_MODELS_RING_OPTIONS_H

#include "command_line.h"
#include "ring_setup.h"

struct ring_options {
    bool probe;
    unsigned buffers; /* of each ring: a power of two */
    unsigned completions;
};

/* For options_parse; its input is a struct ring_options that holds the defaults. */
extern const struct argp ring_options_argp;

#endif
