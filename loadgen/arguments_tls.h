/* arguments_tls.h - the options of TLS: a child of the parser in arguments.c. */
#ifndef LOADGEN_ARGUMENTS_TLS_H
#define LOADGEN_ARGUMENTS_TLS_H

#include <argp.h>

/* Its input is the struct options. */
extern const struct argp arguments_tls;

#endif
