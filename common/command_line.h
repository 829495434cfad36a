/* command_line.h - argp, but with one line and one exit status for every error. */
#ifndef IO_MODELS_COMMAND_LINE_H
#define IO_MODELS_COMMAND_LINE_H

#include <argp.h>

/* Exit status when a program could not be set up. */
enum { EXIT_SETUP = 2 };

/* Parses the whole command line with `argp` (and its children), whose parsers find `input` in state->input. Adds --help
 * (-h) and --version. Prints one line and exits with EXIT_SETUP for an option that is unknown or lacks its value, and
 * for an argument that is no option. Opens /dev/null in place of a standard descriptor that is closed. */
void command_line_parse(const struct argp *argp, int argc, char **argv, void *input);

#endif
