/* runner.c - see runner.h. */
#include "race/runner.h"
#include "meaning/clock.h"
#include "race/race_report.h"
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* LIMITs, in milliseconds. */
enum {
    LISTENS_MS = 10 * 1000,    /* until a server says that it listens, */
    READY_MS = 120 * 1000,     /* until all of a load generator's clients are connected, or have failed to, */
    SLICE_MORE_MS = 10 * 1000, /* from the end of a slice to its line, */
    ENDS_MS = 10 * 1000,       /* and from the request to end to the end */
};

static double cpu_seconds(pid_t pid) {
    clockid_t clock;
    struct timespec t;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        return NAN;
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void runner_out(struct runner *r, const char *why) {
    r->runs = false;
    tell_out(r->start, r->card->name, why);
}

void runner_start(struct runner *r, const struct runner_card *card, int start) {
    const struct blanks blanks = {.start = start};

    *r = (struct runner){
        .card = card, .start = start, .loadgen = {.in = -1}, .runs = true, .line = r->line, .line_size = r->line_size};
    child_start(&r->server, card->server, card->server_says, &blanks);
}

/* The server says on which port it listens: "listening on HOST:PORT". */
static int port_of(struct runner *r) {
    const char *port;

    if (!child_line(&r->server, &r->line, &r->line_size, LISTENS_MS) || strncmp(r->line, "listening on ", 13) != 0)
        return 0;
    port = strrchr(r->line, ':');
    return port != NULL ? atoi(port + 1) : 0;
}

void runner_connect(struct runner *r) {
    const struct blanks blanks = {.start = r->start, .port = port_of(r), .pid = r->server.pid};

    if (blanks.port == 0)
        runner_out(r, "the server does not listen");
    else
        child_start(&r->loadgen, r->card->loadgen, r->card->loadgen_says, &blanks);
}

bool runner_await(struct runner *r) {
    json_t *ready = NULL;

    if (r->runs && child_line(&r->loadgen, &r->line, &r->line_size, READY_MS))
        ready = json_loads(r->line, 0, NULL);
    r->clients = json_number_value(json_object_get(json_object_get(ready, "clients"), "connected"));
    if (r->runs && r->clients == 0)
        runner_out(r, "no client is connected");
    if (ready != NULL)
        tell_ready(r->start, r->card->name, ready);
    return r->runs;
}

void runner_begin(struct runner *r) {
    r->idle_since = clock_now();
    r->idle_from_s = r->runs ? cpu_seconds(r->server.pid) : NAN;
    r->busy_s = r->busy_cpu_s = 0;
}

json_t *runner_slice(struct runner *r, double skip_ms, double window_ms, bool disturbed) {
    char command[100];
    json_t *slice = NULL;

    snprintf(command, sizeof command, "slice %.3f %.3f", skip_ms, window_ms);
    if ((!disturbed || child_tell(&r->loadgen, "disturb")) && child_tell(&r->loadgen, command) &&
        child_line(&r->loadgen, &r->line, &r->line_size, (int)(skip_ms + window_ms) + SLICE_MORE_MS))
        slice = json_loads(r->line, 0, NULL);
    if (disturbed)
        child_tell(&r->loadgen, "calm");
    r->busy_s += json_number_value(json_object_get(slice, "span_s"));
    r->busy_cpu_s += json_number_value(json_object_get(slice, "server_cpu_s"));
    return slice;
}

void runner_finish(struct runner *r) {
    double seconds = clock_to_seconds(clock_now() - r->idle_since) - r->busy_s;

    if (r->runs && r->idle_since > 0)
        tell_idle(r->start, r->card->name, cpu_seconds(r->server.pid) - r->idle_from_s - r->busy_cpu_s, seconds);
    child_close_input(&r->loadgen);
}

void runner_end_clients(struct runner *r) {
    r->loadgen_exit = child_end(&r->loadgen, ENDS_MS);
    if (r->server.pid != 0)
        kill(r->server.pid, SIGTERM);
}

void runner_end(struct runner *r) {
    int server = child_end(&r->server, ENDS_MS);

    tell_stopped(r->start, r->card->name, r->loadgen_exit, server);
}
