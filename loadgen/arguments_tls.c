/* arguments_tls.c - see arguments_tls.h. */
#include "arguments_tls.h"
#include "meaning/options.h"

enum key { KEY_TLS = 512, KEY_CA };

static const struct argp_option option_list[] = {
    {"tls", KEY_TLS, 0, 0,
        "Through TLS, a whole handshake for each connection. No certificate is checked: the server is your own", 1},
    {"ca", KEY_CA, "FILE", 0, "With --tls: the server's certificate must come from this file (PEM), and be for --host",
        1},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct options *o = state->input;

    switch (key) {
    case KEY_TLS: o->tls = true; break;
    case KEY_CA: o->ca = text; break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

const struct argp arguments_tls = {option_list, parse_option, NULL, NULL, NULL, NULL, NULL};
