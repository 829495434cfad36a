#include "command_line.h"
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY_HELP = 'h', KEY_VERSION = 'V' };

static const struct argp_option own_options[] = {
    {"help", KEY_HELP, NULL, 0, "Print this and exit", -1},
    {"version", KEY_VERSION, NULL, 0, "Print the version and exit", -1},
    {0},
};

static error_t parse_own(int key, char *value, struct argp_state *state) {
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = state->input; return 0;
    case KEY_HELP: argp_help(state->root_argp, stdout, ARGP_HELP_STD_HELP, state->name); exit(EXIT_SUCCESS);
    case KEY_VERSION:
        printf("%s (io-models) %s\n", program_invocation_short_name, IO_MODELS_VERSION);
        exit(EXIT_SUCCESS);
    case ARGP_KEY_ARG: error(EXIT_SETUP, 0, "'%s' is not an option; see --help", value); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* True if this argument is an option of `argp` or of its children, perhaps shortened, perhaps followed by '='. */
static bool is_option(const char *argument, const struct argp *argp) {
    bool is_long = argument[1] == '-';
    size_t length = is_long ? strcspn(argument + 2, "=") : 0;
    for (const struct argp_option *o = argp->options; o && o->name; o++)
        if (is_long ? strncmp(o->name, argument + 2, length) == 0 : o->key == argument[1])
            return true;
    for (const struct argp_child *child = argp->children; child && child->argp; child++)
        if (is_option(argument, child->argp))
            return true;
    return false;
}

/* If descriptor 0, 1 or 2 is closed, the next socket gets its number, and what is printed goes to a peer. */
static void fill_standard_descriptors(void) {
    int fd;
    while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
        continue;
    if (fd >= 0)
        close(fd);
}

void command_line_parse(const struct argp *argp, int argc, char **argv, void *input) {
    fill_standard_descriptors();
    struct argp child = *argp;
    child.doc = NULL;
    const struct argp_child children[] = {{&child, 0, NULL, 0}, {0}};
    const struct argp all = {own_options, parse_own, argp->args_doc, argp->doc, children, NULL, NULL};
    /* argp reports an error in several lines; the flags switch that off. own_options stands in for its --help. */
    if (argp_parse(&all, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, input) == 0)
        return;
    for (char **argument = argv + 1; *argument; argument++)
        if (**argument == '-' && !is_option(*argument, &all))
            error(EXIT_SETUP, 0, "'%s' is no option of this program; see --help", *argument);
    error(EXIT_SETUP, 0, "'%s' lacks its value, or is short for several options; see --help", argv[argc - 1]);
}
