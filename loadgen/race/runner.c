/* runner.c - see runner.h. */
#include "race/runner.h"
#include "meaning/clock.h"
#include "race/race_report.h"
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* LIMITs, in milliseconds. */
enum {
    LISTENS_MS = 10 * 1000,    /* until a server says that it listens, */
    READY_MS = 120 * 1000,     /* until all of a load generator's clients are connected, or have failed to, */
    SLICE_MORE_MS = 10 * 1000, /* from the end of a slice to its line, */
    ENDS_MS = 10 * 1000,       /* and from the request to end to the end */
};

enum { PID_LENGTH = 12 }; /* bytes: ten digits, a comma, a NUL */

/* Of all processes of the server. NAN: one has ended. */
static double cpu_seconds(const struct runner *r) {
    uint64_t sum = 0, one;

    for (int i = 0; i < r->card->processes; i++) {
        if (!clock_cpu(r->servers[i].pid, &one))
            return NAN;
        sum += one;
    }
    return clock_to_seconds(sum);
}

/* It takes no part any more in this start. */
static void take_out(struct runner *r, const char *why) {
    r->runs = false;
    tell_out(r->start, r->card->name, why);
}

/* One process of the server; port 0: it chooses one. */
static void start_server(struct runner *r, int number, int port) {
    const struct blanks blanks = {.start = r->start, .process = number + 1, .port = port, .pids = "0"};

    child_start(&r->servers[number], r->card->server, r->card->server_says, &blanks);
}

void runner_start(struct runner *r, const struct runner_card *card, int start) {
    *r = (struct runner){.card = card, .start = start, .loadgen = {.in = -1, .out = -1}, .runs = true};
    start_server(r, 0, 0);
}

/* The server's process says on which port it listens: "listening on HOST:PORT". 0: it does not. */
static int port_of(struct runner *r, int number) {
    const char *line = child_line(&r->servers[number], LISTENS_MS), *port;

    if (line == NULL || strncmp(line, "listening on ", 13) != 0)
        return 0;
    port = strrchr(line, ':');
    return port != NULL ? atoi(port + 1) : 0;
}

static double failures_in(json_t *line) {
    double sum = 0;
    const char *name;
    json_t *count;

    json_object_foreach (json_object_get(line, "failures"), name, count)
        sum += json_number_value(count);
    return sum;
}

/* The other processes of the server join the first one's port. 0: one of them does not listen. */
static int port_of_all(struct runner *r) {
    int port = port_of(r, 0);

    for (int i = 1; i < r->card->processes && port != 0; i++)
        start_server(r, i, port);
    for (int i = 1; i < r->card->processes && port != 0; i++)
        port = port_of(r, i);
    return port;
}

/* As loadgen takes them. */
static void list_pids(const struct runner *r, char *text, size_t size) {
    size_t used = 0;

    for (int i = 0; i < r->card->processes; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%d", i > 0 ? "," : "", (int)r->servers[i].pid);
}

void runner_connect(struct runner *r) {
    char pids[PROCESSES_MAX * PID_LENGTH];
    const struct blanks blanks = {.start = r->start, .port = port_of_all(r), .pids = pids};

    list_pids(r, pids, sizeof pids);
    if (blanks.port == 0)
        take_out(r, "the server does not listen");
    else
        child_start(&r->loadgen, r->card->loadgen, r->card->loadgen_says, &blanks);
}

bool runner_await(struct runner *r) {
    const char *line = r->runs ? child_line(&r->loadgen, READY_MS) : NULL;
    json_t *ready = line != NULL ? json_loads(line, 0, NULL) : NULL;

    r->clients = json_number_value(json_object_get(json_object_get(ready, "clients"), "asked")) - failures_in(ready);
    if (r->runs && r->clients < 1)
        take_out(r, "no client is connected");
    if (ready != NULL)
        tell_ready(r->start, r->card->name, ready);
    return r->runs;
}

void runner_begin(struct runner *r) {
    r->idle_since = clock_now();
    r->idle_from_s = r->runs ? cpu_seconds(r) : NAN;
    r->busy_s = r->busy_cpu_s = 0;
}

static json_t *do_slice(struct runner *r, double skip_ms, double window_ms, bool disturbed) {
    char command[100];
    const char *line = NULL;
    json_t *slice;

    snprintf(command, sizeof command, "slice %.3f %.3f", skip_ms, window_ms);
    if ((!disturbed || child_tell(&r->loadgen, "disturb")) && child_tell(&r->loadgen, command))
        line = child_line(&r->loadgen, (int)(skip_ms + window_ms) + SLICE_MORE_MS);
    slice = line != NULL ? json_loads(line, 0, NULL) : NULL;
    if (disturbed)
        child_tell(&r->loadgen, "calm");
    return slice;
}

static bool server_has_ended(struct runner *r) {
    for (int i = 0; i < r->card->processes; i++) {
        if (child_has_ended(&r->servers[i]))
            return true;
    }
    return false;
}

json_t *runner_slice(struct runner *r, double skip_ms, double window_ms, bool disturbed) {
    json_t *slice = do_slice(r, skip_ms, window_ms, disturbed);

    r->busy_s += json_number_value(json_object_get(slice, "span_s"));
    r->busy_cpu_s += json_number_value(json_object_get(slice, "server_cpu_s"));
    r->clients -= failures_in(slice);
    if (slice == NULL)
        take_out(r, "the load generator has ended, or does not answer");
    else if (server_has_ended(r))
        take_out(r, "the server has ended");
    else if (r->clients < 1)
        take_out(r, "all clients have failed");
    if (r->runs)
        return slice;
    json_decref(slice);
    return NULL;
}

void runner_finish(struct runner *r) {
    double seconds = clock_to_seconds(clock_now() - r->idle_since) - r->busy_s;

    if (r->runs && r->idle_since > 0)
        tell_idle(r->start, r->card->name, cpu_seconds(r) - r->idle_from_s - r->busy_cpu_s, seconds);
    child_close_input(&r->loadgen);
}

void runner_end_clients(struct runner *r) {
    r->loadgen_exit = child_end(&r->loadgen, ENDS_MS, &r->killed);
    for (int i = 0; i < r->card->processes; i++)
        if (r->servers[i].pid != 0)
            kill(r->servers[i].pid, SIGTERM);
}

void runner_end(struct runner *r) {
    int server = child_end(&r->servers[0], ENDS_MS, &r->killed);

    for (int i = 1; i < r->card->processes; i++) {
        int other = child_end(&r->servers[i], ENDS_MS, &r->killed);
        server = server == 0 ? other : server; /* the first status that is not 0 */
    }
    tell_stopped(r->start, r->card->name, r->loadgen_exit, server, r->killed);
}
