/* options.h - the command line, the same for every server. */
#ifndef IO_MODELS_OPTIONS_H
#define IO_MODELS_OPTIONS_H

#include "command_line.h"
#include "protocol_limits.h"
#include "session.h"
#include <time.h>

struct options {
    const char *address; /* of IPv4 or IPv6, with or without brackets */
    int port;            /* 0: the kernel picks one */
    bool share_port;     /* other processes of this user may listen on it, too: SO_REUSEPORT */
    int backlog;
    enum protocol protocol;
    struct limits limits;
    int drain_s;                   /* after SIGTERM: how long replies in flight may take */
    const char *stats_path;        /* NULL: none wanted */
    struct timespec handler_delay; /* an experiment: how long a handler blocks after each receive; default 0 */
};

/* Prints the limits that only this server has, after the common ones of --limits; NULL: it has none. Set it before
 * options_parse. */
extern void (*options_more_limits)(FILE *out);

/* Sets what depends on the model's own options, after all options are parsed; NULL: nothing does. Set it before
 * options_parse. */
extern void (*options_complete)(struct options *options, void *model_input);

/* Fills `options` from the command line. `description` is the first line of --help; `model` holds the options that only
 * this model has (NULL: none), and `model_input` is what its parser finds in state->input. On a bad option, prints one
 * line and exits with EXIT_SETUP. */
void options_parse(struct options *options, int argc, char **argv, const char *description, const struct argp *model,
    void *model_input);

/* Returns the value of a numeric option, from `low` to `high`. For a model's parser. On any other value it exits like
 * options_parse. */
long options_number(const char *option, const char *value, long low, long high);

#endif
