/* arguments.c - the command line, with argp: checks each option alone. arguments_check.c checks them together. */
#include "arguments.h"
#include "arguments_check.h"
#include "arguments_tls.h"
#include "arguments_values.h"
#include "command_line.h"
#include "meaning/die.h"
#include "meaning/failure.h"
#include "result_file.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIPELINE_MAX = 4096,
    THREADS_MAX = 256,
    CHAOS_CLIENTS_MAX = 15000,
    SECONDS_MAX = 24 * 3600,
};

enum key {
    KEY_PROTOCOL = 256,
    KEY_HOST,
    KEY_PORT,
    KEY_CLIENTS,
    KEY_DURATION,
    KEY_WARMUP,
    KEY_SIZE,
    KEY_PAYLOAD,
    KEY_DEFLATE,
    KEY_PIPELINE,
    KEY_RATE,
    KEY_CLIENT_RATE,
    KEY_RAMP,
    KEY_ACTIVE,
    KEY_RECONNECT,
    KEY_CHAOS,
    KEY_CHAOS_CLIENTS,
    KEY_THREADS,
    KEY_IO,
    KEY_TIMEOUT,
    KEY_SOURCE_IPS,
    KEY_SERVER_PID,
    KEY_AFTERMATH,
    KEY_JSON,
    KEY_HISTOGRAM,
    KEY_EXPLAIN,
    KEY_QUIET,
    KEY_PROGRESS,
    KEY_PACED,
    KEY_SEARCH,
    KEY_P99_MS,
    KEY_FAILURES_PERCENT,
    KEY_SEARCH_MIN,
    KEY_SEARCH_MAX,
    KEY_RESOLUTION_PERCENT,
    KEY_LEAD,
};

static const struct argp_option option_list[] = {
    {0, 0, 0, 0, "Where to:", 1},
    {"protocol", KEY_PROTOCOL, "echo|ws", 0, "What to speak (default echo)", 0},
    {"host", KEY_HOST, "HOST", 0,
        "Server's IPv4 or IPv6 address, or name (then its first IPv4 address, else its first; default 127.0.0.1)", 0},
    {"port", KEY_PORT, "N", 0, "Server's port (default 8080)", 0},
    {"source-ips", KEY_SOURCE_IPS, "LIST", 0,
        "Local addresses to connect from, in turn, separated by commas: each brings its own range of ports. Of several "
        "load generators (loadgen_mpi) each takes those that are its host's own",
        0},
    {0, 0, 0, 0, "The load:", 2},
    {"clients", KEY_CLIENTS, "N", 0, "Connections (default 50)", 0},
    {"size", KEY_SIZE, "BYTES", 0, "Payload of a message (default 64)", 0},
    {"payload", KEY_PAYLOAD, "random|text", 0,
        "What the messages are made of (default random, which does not compress)", 0},
    {"deflate", KEY_DEFLATE, 0, 0,
        "WebSocket: offer permessage-deflate (RFC 7692), and compress each message if the server accepts it", 0},
    {"pipeline", KEY_PIPELINE, "N", 0, "Messages each client keeps in flight (default 1: ping-pong)", 0},
    {"rate", KEY_RATE, "N", 0,
        "Open loop: N messages per second of all clients together, each due at a fixed time (default 0: closed loop, "
        "the next message leaves when a reply has come)",
        0},
    {"client-rate", KEY_CLIENT_RATE, "N", 0, "Open loop: N messages per second of each client that sends", 0},
    {"active", KEY_ACTIVE, "N", 0,
        "Of the clients, how many go on sending (default: all); the others are answered once, and then idle", 0},
    {"reconnect", KEY_RECONNECT, 0, 0,
        "Each connection carries --pipeline messages, is closed, and the client connects again: a message's latency "
        "then begins with connecting",
        0},
    {"chaos", KEY_CHAOS, "KIND", 0,
        "Beside these clients, others that do what they should not; or 'flash': these are cut off, and come back. "
        "'help' "
        "lists the kinds. The report is of the good ones",
        0},
    {"chaos-clients", KEY_CHAOS_CLIENTS, "N", 0, "How many others with --chaos (default 10)", 0},
    {"threads", KEY_THREADS, "N", 0, "Threads that the clients are dealt out to (default 1)", 0},
    {"lead", KEY_LEAD, 0, 0,
        "loadgen_mpi: rank 0 has no clients; it leads the others, and looks at the server of --server-pid", 0},
    {"io", KEY_IO, "io_uring|epoll", 0, "How the bytes move (default: io_uring where it is offered, else epoll)", 0},
    {0, 0, 0, 0, "Time, in seconds, fractions allowed:", 3},
    {"duration", KEY_DURATION, "S", 0, "Measured window (default 5; with --search 2)", 0},
    {"warmup", KEY_WARMUP, "S", 0, "Same load before the measured window (default 1; with --search 0.5)", 0},
    {"ramp", KEY_RAMP, "S", 0, "Spread connecting over S (default 0; with --search so that 10,000 a second connect)",
        0},
    {"timeout", KEY_TIMEOUT, "S", 0, "For a connection, a handshake, a reply (default 10)", 0},
    {0, 0, 0, 0, "The report:", 4},
    {"server-pid", KEY_SERVER_PID, "PID,...", 0,
        "Also report the CPU, memory and context switches of this process; of several that share the port: the sums",
        0},
    {"aftermath", KEY_AFTERMATH, 0, 0,
        "Afterwards, how long until the server of --server-pid serves a new client, and has no more descriptors and "
        "threads than before (up to 3 s for each)",
        0},
    {"json", KEY_JSON, "FILE", 0, "Write all results as JSON; '-' is stdout (the summary then goes to stderr)", 0},
    {"histogram", KEY_HISTOGRAM, "FILE", 0, "Write the latencies as a percentile table (HdrHistogram's .hgrm)", 0},
    {"explain", KEY_EXPLAIN, "CLASS", 0, "Explain a class of failure, or all of them, and exit", 0},
    {"quiet", KEY_QUIET, 0, 0, "No progress line, and none for each run of a search", 0},
    {"progress", KEY_PROGRESS, "FD", 0,
        "Four times a second a line of JSON to this descriptor: how many clients do what (loadgen/run/progress.h)", 0},
    {0, 0, 0, 0, "Instead of one window, slices:", 6},
    {"paced", KEY_PACED, 0, 0,
        "Connect, and then work on command only; a line on stdin each: 'slice SKIP_MS WINDOW_MS' (send for both times, "
        "count in the second, then be quiet), 'disturb' and 'calm' (--chaos begins, ends), 'end'. What each slice "
        "measured is a line of JSON on stdout",
        0},
    {0, 0, 0, 0, "Instead of one run, a search for what the server holds:", 5},
    {"search", KEY_SEARCH, "clients|rate", 0,
        "Find the most clients (in the closed loop, or with --client-rate, or at one --rate for all), or the highest "
        "--rate, at which --p99-ms and --failures-percent are kept: 15 to 25 runs",
        0},
    {"p99-ms", KEY_P99_MS, "MS", 0,
        "99% of the messages are answered within MS of being sent; in the open loop, of being due (default 50)", 0},
    {"failures-percent", KEY_FAILURES_PERCENT, "P", 0, "No more than P% of the clients fail (default 0)", 0},
    {"search-min", KEY_SEARCH_MIN, "N", 0, "Where to begin (default 1 client, 100 messages per second)", 0},
    {"search-max", KEY_SEARCH_MAX, "N", 0, "Where to stop (default: what the load generator can make)", 0},
    {"resolution-percent", KEY_RESOLUTION_PERCENT, "P", 0, "How close the answer is to be (default 3; 0: to one)", 0},
    {0},
};

/* The results are written after the run, which may take an hour: so this checks before the run that the file can be
 * written. */
static const char *writable(const char *name, const char *path) {
    const char *why = strcmp(path, "-") == 0 ? NULL : result_file_check(path);

    if (why != NULL)
        die("%s '%s' cannot be written: %s; name a file in a directory that exists", name, path, why);
    return path;
}

static _Noreturn void explain(const char *name) {
    if (!failure_explain(stdout, name))
        die("--explain '%s': no such class; 'loadgen --explain all' lists them", name);
    exit(0);
}

static error_t parse_search_option(int key, char *text, struct search_options *s) {
    switch (key) {
    case KEY_SEARCH: s->of = search_of(text); break;
    case KEY_P99_MS: s->p99_ms = real("--p99-ms", text, 0.001, SECONDS_MAX * 1e3); break;
    case KEY_FAILURES_PERCENT: s->failures_percent = real("--failures-percent", text, 0, 99.999); break;
    case KEY_SEARCH_MIN: s->min = whole("--search-min", text, 1, OPTIONS_RATE_MAX); break;
    case KEY_SEARCH_MAX: s->max = whole("--search-max", text, 1, OPTIONS_RATE_MAX); break;
    case KEY_RESOLUTION_PERCENT: s->resolution_percent = real("--resolution-percent", text, 0, 100); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* Of several load generators only rank 0 reports, and looks at the server: its host has these files and processes. */
static bool is_of_the_leader(int key) {
    return key == KEY_SERVER_PID || key == KEY_AFTERMATH || key == KEY_JSON || key == KEY_HISTOGRAM ||
           key == KEY_PROGRESS;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct options *o = state->input;

    if (o->follows && is_of_the_leader(key))
        return 0;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = o; break;
    case KEY_PROTOCOL: o->protocol = protocol_of(text); break;
    case KEY_HOST: o->host = text; break;
    case KEY_PORT: o->port = (uint16_t)whole("--port", text, 1, 65535); break;
    case KEY_CLIENTS: o->clients = whole("--clients", text, 1, OPTIONS_CLIENTS_MAX); break;
    case KEY_DURATION: o->duration_s = real("--duration", text, 0.01, SECONDS_MAX); break;
    case KEY_WARMUP: o->warmup_s = real("--warmup", text, 0, SECONDS_MAX); break;
    case KEY_SIZE: o->size = whole("--size", text, 1, MESSAGE_MAX_CEILING); break;
    case KEY_PAYLOAD: o->text = payload_is_text(text); break;
    case KEY_DEFLATE: o->deflate = true; break;
    case KEY_PIPELINE: o->pipeline = whole("--pipeline", text, 1, PIPELINE_MAX); break;
    case KEY_RATE: o->rate = real("--rate", text, 0, OPTIONS_RATE_MAX); break;
    case KEY_CLIENT_RATE: o->client_rate = real("--client-rate", text, 0, OPTIONS_RATE_MAX); break;
    case KEY_RAMP: o->ramp_s = real("--ramp", text, 0, SECONDS_MAX); break;
    case KEY_ACTIVE: o->active = whole("--active", text, 1, OPTIONS_CLIENTS_MAX); break;
    case KEY_RECONNECT: o->reconnect = true; break;
    case KEY_CHAOS: o->chaos = chaos_of(text); break;
    case KEY_CHAOS_CLIENTS: o->chaos_clients = whole("--chaos-clients", text, 1, CHAOS_CLIENTS_MAX); break;
    case KEY_THREADS: o->threads = whole("--threads", text, 1, THREADS_MAX); break;
    case KEY_IO: o->io = io_of(text); break;
    case KEY_TIMEOUT: o->timeout_s = real("--timeout", text, 0.01, SECONDS_MAX); break;
    case KEY_SOURCE_IPS: o->source_ips = text; break;
    case KEY_SERVER_PID: processes_of(text, &o->server); break;
    case KEY_AFTERMATH: o->aftermath = true; break;
    case KEY_JSON: o->json = writable("--json", text); break;
    case KEY_HISTOGRAM: o->histogram = writable("--histogram", text); break;
    case KEY_EXPLAIN: explain(text);
    case KEY_PROGRESS: o->progress_fd = (int)whole("--progress", text, 1, INT32_MAX); break;
    case KEY_QUIET: o->quiet = true; break;
    case KEY_LEAD: o->lead = true; break;
    case KEY_PACED: o->paced = o->quiet = true; break;
    default: return parse_search_option(key, text, &o->search);
    }
    return 0;
}

void arguments_parse(struct options *options, bool follows, int argc, char **argv) {
    static const struct argp_child children[] = {{&arguments_tls, 0, NULL, 0}, {0}};
    static const struct argp parser = {option_list, parse_option, NULL,
        "Load generator for echo and WebSocket servers: verifies every byte, counts every failure.\v"
        "Exit status: 0 no failures, 1 failures or no message measured, 2 could not run. Of a search: 0 found, 1 not "
        "even the least is held, 2 could not run, or not to its end.\n"
        "Ctrl-C ends the run early and still reports; a second Ctrl-C ends at once.",
        children, NULL, NULL};

    *options = (struct options){.protocol = PROTOCOL_ECHO,
        .host = "127.0.0.1",
        .port = 8080,
        .pipeline = 1,
        .threads = 1,
        .progress_fd = -1,
        .follows = follows,
        .quiet = follows,
        .chaos = CHAOS_NONE,
        .size = 64,
        .duration_s = ARGUMENTS_NOT_GIVEN,
        .warmup_s = ARGUMENTS_NOT_GIVEN,
        .ramp_s = ARGUMENTS_NOT_GIVEN,
        .timeout_s = 10,
        .search = {.p99_ms = ARGUMENTS_NOT_GIVEN,
            .failures_percent = ARGUMENTS_NOT_GIVEN,
            .resolution_percent = ARGUMENTS_NOT_GIVEN}};
    command_line_parse(&parser, argc, argv, options);
    arguments_check(options);
}
