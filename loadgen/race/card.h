/* card.h - what a race is asked to do: a JSON object on stdin.
 *
 *     {"starts": 3, "seconds": 12, "slice_ms": 50, "skip": 0.2, "width": 0.03, "shared_cpu": false, "disturb": false,
 *      "seed": 1, "against": "floor",
 *      "runners": [{"name": "nio", "matters": true,
 *                   "server": ["build/nio/nio_server", "--port", "0", "--stats", "runs/nio.{start}.json"],
 *                   "server_says": "runs/nio.{start}.err",
 *                   "loadgen": ["build/loadgen/loadgen", "--paced", "--port", "{port}", "--server-pid", "{pid}"],
 *                   "loadgen_says": "runs/nio.{start}.loadgen.err"}, ...]}
 *
 * With "follow": true the ratios of the rates, which are told at the end, are told after each round as well.
 *
 * In all words {start} is the number of the start, {port} the server's port, {pid} its process. Without "seed" it is a
 * new one each time; "matters", "shared_cpu", "disturb" and "follow" may be left out, and are then false.
 *
 * A runner with "processes": 2 (up to PROCESSES_MAX) has a server of two processes that share a port. In its words
 * {process} is the process's number, and {port} is 0 for the first one, which chooses it; {pid} is both, with a comma
 * between them. */
#ifndef LOADGEN_RACE_CARD_H
#define LOADGEN_RACE_CARD_H

#include "meaning/options.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RUNNERS_MAX = 16, WORDS_MAX = 64, NAME_MAX_BYTES = 60 };

struct runner_card {
    const char *name;
    bool matters;  /* the race goes on until this one's interval is narrow enough */
    int processes; /* of the server */
    const char *server[WORDS_MAX + 1], *loadgen[WORDS_MAX + 1]; /* ends with NULL */
    const char *server_says, *loadgen_says;                     /* files for their stderr */
};

struct card {
    json_t *json; /* OWNS: the strings below */
    int starts;
    double seconds; /* LIMIT: of the whole race */
    double slice_ms, skip;
    double width;    /* half of the interval / median: narrow enough */
    bool shared_cpu; /* servers and clients have no CPU of their own: waiting for it is no disturbance */
    bool disturb;    /* each runner has a second lane, in which the clients of --chaos run as well */
    bool follow;     /* somebody watches the ratios of the rates narrow */
    uint64_t seed;
    const char *against; /* the runner that the others are compared with */
    size_t count;
    struct runner_card runners[RUNNERS_MAX];
};

/* A mistake ends the program with one line. */
void card_read(struct card *card, FILE *in);
void card_close(struct card *card);

#endif
