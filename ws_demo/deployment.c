#include "deployment.h"
#include "forwarded.h"
#include "monitor.h"
#include "site.h"
#include <error.h>
#include <stdlib.h>
#include <string.h>

/* Permission bits in octal, as chmod(1) takes them. */
static mode_t mode_of(const char *text) {
    size_t length = strlen(text);
    if (length < 3 || length > 4 || strspn(text, "01234567") != length || strtol(text, NULL, 8) > 0777)
        error(EXIT_SETUP, 0, "--unix-mode takes permission bits in octal such as 660, not '%s'", text);
    return (mode_t)strtol(text, NULL, 8);
}

static void must(bool is_good, const char *what, int most, const char *text) {
    if (!is_good)
        error(EXIT_SETUP, 0, "%s, %d at most, not '%s'", what, most, text);
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct deployment *d = state->input;
    switch (key) {
    case 'u': d->unix_socket.path = value; break;
    case 'm': d->unix_socket.mode = mode_of(value); break;
    case 'P': d->proxy_header = true; break;
    case 't':
        must(forwarded_trust(value), "--trust-proxy takes an address or a network such as 10.0.0.0/8 or ::1",
            NETWORKS_MAX, value);
        break;
    case 'M':
        must(monitor_allow(value), "--metrics-from takes an address or a network such as 10.0.0.0/8 or ::1",
            NETWORKS_MAX, value);
        break;
    case 'x':
        if (!site_prefix(value))
            error(EXIT_SETUP, 0,
                "--prefix takes a path such as /demo, of letters, digits, '-', '_', '.' and '/', not '%s'", value);
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    d->given = true;
    return 0;
}

static const struct argp_option arguments[] = {
    {"unix", 'u', "PATH", 0, "Listen on this Unix socket, for a proxy on this machine, and on no port", 0},
    {"unix-mode", 'm', "MODE", 0, "Who may connect to it: permission bits (default 660)", 0},
    {"trust-proxy", 't', "ADDRESS[/LEN]", 0,
        "Believe X-Forwarded-For of a proxy with this address (the Unix socket's is always believed); may be repeated",
        0},
    {"proxy-protocol", 'P', NULL, 0,
        "A connection of such a proxy begins with a PROXY header, version 1 or 2; others are served as themselves", 0},
    {"prefix", 'x', "PATH", 0, "Paths may begin with PATH: for a proxy that does not take it off", 0},
    {"metrics-from", 'M', "ADDRESS[/LEN]", 0,
        "Let this address read /metrics, besides this machine itself; may be repeated", 0},
    {0}};

const struct argp deployment_argp = {arguments, parse_option, NULL, NULL, NULL, NULL, NULL};

void deployment_check(const struct deployment *d, bool echo) {
    if (echo && d->given)
        error(EXIT_SETUP, 0, "options for proxies and monitoring are for the page: leave them out, or --echo");
}
