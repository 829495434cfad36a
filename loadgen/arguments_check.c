/* arguments_check.c - checks the options together: contradictions, and defaults that depend on other options. */
#include "arguments_check.h"
#include "meaning/die.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* Refuses options that contradict a search, or that have no effect without one. */
static void check_search(const struct options *o) {
    const struct search_options *s = &o->search;
    const char *only_with_search = s->p99_ms != ARGUMENTS_NOT_GIVEN               ? "--p99-ms"
                                   : s->failures_percent != ARGUMENTS_NOT_GIVEN   ? "--failures-percent"
                                   : s->min != 0                                  ? "--search-min"
                                   : s->max != 0                                  ? "--search-max"
                                   : s->resolution_percent != ARGUMENTS_NOT_GIVEN ? "--resolution-percent"
                                                                                  : NULL;

    if (s->of == SEARCH_OF_NOTHING && only_with_search != NULL)
        die("%s is a limit of a search, and there is none; give --search clients or --search rate too",
            only_with_search);
    if (s->of == SEARCH_OF_NOTHING)
        return;
    if (o->histogram != NULL)
        die("--histogram is of one run, and a search makes many; leave it out, or --search");
    if (s->of == SEARCH_OF_CLIENTS && o->clients != 0)
        die("--clients %u: that is what --search clients looks for; leave it out, or give --search-min and "
            "--search-max",
            (unsigned)o->clients);
    if (s->of == SEARCH_OF_RATE && o->reconnect)
        die("--reconnect has no rate: every client connects again as soon as it can; leave it out, or give "
            "--search clients");
    if (s->of == SEARCH_OF_RATE && (o->rate > 0 || o->client_rate > 0))
        die("--%s: that is what --search rate looks for; leave it out, or give --search-min and --search-max",
            o->rate > 0 ? "rate" : "client-rate");
}

/* Open loop: at the lowest level at least one message must be due, or the run measures nothing. */
static void check_least_rate(const struct options *o) {
    double least = o->search.of == SEARCH_OF_RATE ? o->search.min
                   : o->client_rate > 0           ? o->client_rate * o->search.min
                                                  : o->rate;

    if (least > 0 && least * o->duration_s < 1)
        die("no message is due within a --duration of %g s at %g per second, where the search begins; make it "
            "longer, or give a higher %s",
            o->duration_s, least, o->search.of == SEARCH_OF_CLIENTS && o->client_rate == 0 ? "--rate" : "--search-min");
}

static void default_search(struct options *o) {
    struct search_options *s = &o->search;
    bool of_clients = s->of == SEARCH_OF_CLIENTS;

    s->p99_ms = s->p99_ms == ARGUMENTS_NOT_GIVEN ? 50 : s->p99_ms;
    s->failures_percent = s->failures_percent == ARGUMENTS_NOT_GIVEN ? 0 : s->failures_percent;
    s->resolution_percent = s->resolution_percent == ARGUMENTS_NOT_GIVEN ? 3 : s->resolution_percent;
    if (s->min == 0)
        s->min = !of_clients ? 100 : o->active > 0 ? o->active : 1;
    if (of_clients && o->active > s->min)
        die("--active %u: more than --search-min %u clients; give at most that", (unsigned)o->active, s->min);
    if (of_clients && (s->min > OPTIONS_CLIENTS_MAX || s->max > OPTIONS_CLIENTS_MAX))
        die("--search-%s: more than %d clients cannot be made; give fewer",
            s->min > OPTIONS_CLIENTS_MAX ? "min" : "max", OPTIONS_CLIENTS_MAX);
    if (s->max != 0 && s->max < s->min)
        die("--search-max %u is below --search-min %u; there is nothing between them to search", s->max, s->min);
    if (s->p99_ms >= o->duration_s * 1e3)
        die("--p99-ms %g: a --duration of %g s is too short to see such a latency; make it longer", s->p99_ms,
            o->duration_s);
    check_least_rate(o);
}

/* Sets the defaults that depend on other options. */
static void complete(struct options *o) {
    bool search = o->search.of != SEARCH_OF_NOTHING;

    if (o->rate > 0 && o->client_rate > 0)
        die("--rate %g and --client-rate %g: one is of all clients, the other of each; give one of them", o->rate,
            o->client_rate);
    check_search(o);
    if (o->clients == 0 && o->search.of != SEARCH_OF_CLIENTS)
        o->clients = 50;
    if (o->duration_s == ARGUMENTS_NOT_GIVEN)
        o->duration_s = search ? 2 : 5;
    if (o->warmup_s == ARGUMENTS_NOT_GIVEN)
        o->warmup_s = search ? 0.5 : 1;
    if (o->ramp_s == ARGUMENTS_NOT_GIVEN && !search)
        o->ramp_s = 0;
    if (o->active > o->clients && o->clients > 0)
        die("--active %u: more than --clients %u; give at most that", (unsigned)o->active, (unsigned)o->clients);
    if (o->active == 0)
        o->active = o->clients;
    if (o->client_rate > 0)
        o->rate = o->client_rate * o->active;
    if (search)
        default_search(o);
}

static void complete_chaos(struct options *o) {
    o->flash = o->chaos == CHAOS_FLASH;
    if (o->chaos == CHAOS_NONE && o->chaos_clients != 0)
        die("--chaos-clients %u of what kind? Give --chaos KIND too", (unsigned)o->chaos_clients);
    if (o->flash && o->chaos_clients != 0)
        die("--chaos-clients %u: flash has no others, it happens to --clients; leave it out",
            (unsigned)o->chaos_clients);
    if (o->flash && o->reconnect)
        die("--chaos flash does not go with --reconnect: they connect again all the time; leave one of them out");
    if (o->chaos != CHAOS_NONE && o->search.of != SEARCH_OF_NOTHING)
        die("--chaos is for one run, not for a --search; leave one of them out");
    if (o->chaos != CHAOS_NONE && !o->flash && o->chaos_clients == 0)
        o->chaos_clients = 10;
}

static void check_progress(int fd) {
    int flags = fd < 0 ? O_WRONLY : fcntl(fd, F_GETFL);

    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
        die("--progress %d: give a descriptor that is open for writing", fd);
}

/* A paced run has no window of its own, and keeps its connections. */
static void check_paced(const struct options *o) {
    if (!o->paced)
        return;
    if (o->duration_s != ARGUMENTS_NOT_GIVEN || o->warmup_s != ARGUMENTS_NOT_GIVEN)
        die("--paced: each command says how long its slice is; leave out --duration and --warmup");
    if (o->search.of != SEARCH_OF_NOTHING || o->reconnect || o->chaos == CHAOS_FLASH)
        die("--paced keeps its connections: leave out --search, --reconnect and --chaos flash");
    if (o->json != NULL && o->json[0] == '-' && o->json[1] == '\0')
        die("--paced: stdout has a line for each slice; give --json a file");
}

/* The host as URLs write it: an IPv6 address gets its brackets (RFC 3986 section 3.2.2), so that a port can follow it.
 */
static void complete_host(struct options *o) {
    static char bracketed[256];
    size_t length = strlen(o->host);

    if (length >= sizeof bracketed - 2)
        die("--host: a name has at most 253 bytes, this one %zu; give a host name or an IP address", length);
    if (o->host[0] == '[' && o->host[length - 1] != ']')
        die("--host '%s': the bracket is not closed; give a host name or an IP address", o->host);
    if (o->host[0] == '[' || strchr(o->host, ':') == NULL)
        return;
    snprintf(bracketed, sizeof bracketed, "[%s]", o->host);
    o->host = bracketed;
}

void arguments_check(struct options *o) {
    complete_host(o);
    check_progress(o->progress_fd);
    check_paced(o);
    complete(o);
    complete_chaos(o);
    if (o->ca != NULL && !o->tls)
        die("--ca is the certificates that --tls trusts: give --tls too");
    if (o->tls && (o->aftermath || (o->chaos != CHAOS_NONE && !o->flash)))
        die("%s speaks no TLS: leave it out, or --tls", o->aftermath ? "--aftermath" : "--chaos");
    if (o->aftermath && (o->server.count == 0 || o->search.of != SEARCH_OF_NOTHING))
        die("--aftermath is of one run, and of a known server: leave out --search, and give --server-pid PID");
    if (o->reconnect && (o->rate > 0 || o->client_rate > 0 || o->active < o->clients))
        die("--reconnect goes with neither --rate nor --active: every client connects again as soon as it can");
    if (o->deflate && o->protocol != PROTOCOL_WS)
        die("--deflate is an extension of WebSocket; give --protocol ws too");
    if (o->threads > o->clients && o->clients > 0)
        die("--threads %u: more threads than --clients %u; each needs at least one", (unsigned)o->threads,
            (unsigned)o->clients);
    if (o->rate > 0 && o->rate < 0.001)
        die("--rate %g: less than one message in 1000 s; give 0 for the closed loop", o->rate);
}
