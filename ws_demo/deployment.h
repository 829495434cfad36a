/* deployment.h - the options of a server behind proxies: docs/deploy.md says what goes with what. */
#ifndef IO_MODELS_DEPLOYMENT_H
#define IO_MODELS_DEPLOYMENT_H

#include "listeners.h"
#include <argp.h>

struct deployment {
    struct unix_options unix_socket;
    bool proxy_header; /* trusted proxies begin with a PROXY header */
    bool given;        /* one of these options was given */
};

/* Its parser finds a struct deployment in state->input. What concerns single requests goes to forwarded.h, monitor.h
 * and site.h right away. Exits with EXIT_SETUP on a bad value. */
extern const struct argp deployment_argp;

/* What an empty command line means. */
#define DEPLOYMENT_DEFAULT ((struct deployment){.unix_socket = {.mode = 0660}})

/* Checks the options together. On a contradiction, prints one line and exits with EXIT_SETUP. */
void deployment_check(const struct deployment *deployment, bool echo);

#endif
