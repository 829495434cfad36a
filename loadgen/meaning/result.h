/* result.h - the result of a run: the raw measurements, and the figures computed from them. */
#ifndef LOADGEN_RESULT_H
#define LOADGEN_RESULT_H

#include "meaning/clock.h"
#include "meaning/histogram.h"
#include "meaning/options.h"
#include "meaning/tally.h"
#include <stdbool.h>
#include <stdint.h>

enum { AFTERMATH_LIMIT_S = 3 }; /* LIMIT: seconds for each of the two questions of --aftermath; then NAN */

/* What a process has in use. NAN: not known. */
struct holdings {
    double descriptors, threads, memory_kib;
};

/* --aftermath: how long after the run until the server serves a new client, and uses no more descriptors and threads
 * than before the first one? */
struct aftermath {
    struct holdings before, peak, after; /* before the first client; at the window's end; at the last look */
    double served_again_s, back_s;       /* since the end of the run; NAN: not within AFTERMATH_LIMIT_S */
};

/* As measured. A double that is not known is NAN; it becomes null in JSON and n/a in the summary. */
struct result {
    const struct options *options;
    const char *io; /* how the bytes moved: "io_uring" or "epoll" */
    struct tally tally;
    struct chaos_tally chaos;   /* of the bad clients, if there were any */
    struct aftermath aftermath; /* with --aftermath */
    struct histogram *service;  /* OWNS */
    struct histogram *response; /* OWNS: NULL in the closed loop */
    uint64_t answered;          /* messages answered inside the window */
    uint64_t at_least;          /* of those in `response`: given up; their age is a lower bound of the latency, */
    uint64_t at_least_ns;       /* and percentiles from this value on are lower bounds; NEVER: none is */
    uint64_t *per_client;       /* OWNS: messages in the window of each active client, in ascending order */
    uint32_t per_client_count;
    uint32_t threads;   /* that moved the messages, of all load generators */
    struct part *parts; /* OWNS: of each load generator, if several made the run together; else NULL */
    uint32_t part_count;
    bool interrupted;  /* before the window's end */
    bool told_to_stop; /* a signal came, at any time */
    bool all_failed;   /* all clients failed before the window's end: the run did not wait for that */
    uint64_t late_ns;  /* the load began so long after the moment that was set for it; 0: in time */
    double window_s;   /* 0 if the run ended before the window began */
    uint64_t windows;  /* a paced run has many, and window_s is their sum */
    double client_cpu_s;
    double server_cpu_s;
    unsigned server_cpus; /* on which it can run at once */
    double voluntary_switches, involuntary_switches;
    double memory_before_kib, memory_after_kib; /* the server's own */
    double kernel_before_kib, kernel_after_kib; /* the kernel's, of the whole machine, */
    double slab_before_kib, slab_after_kib;     /* and its Slab: a part of that */
};

/* From this share of its CPUs on, a side counts as saturated. */
#define RESULT_SATURATED 0.90

enum { WARNINGS_MAX = 10, WARNING_LENGTH = 240 };

/* The figures computed from a result. */
struct figures {
    double messages_per_s, bytes_per_s;
    double wire_sent, wire_received; /* bytes of the whole run, handshakes and headers included, per message answered */
    double jain;
    double client_share, server_share; /* CPU time / of its CPUs: one for each thread of the client */
    double client_us_per_message, server_us_per_message;
    double bytes_per_connection, kernel_bytes_per_connection, slab_bytes_per_connection;
    /* Little's law. The messages in flight at a window's borders make it inexact, by up to deviation_explained. */
    double in_flight_expected, in_flight_by_law, deviation, deviation_explained;
    bool client_bound;
    int warning_count;
    char warnings[WARNINGS_MAX][WARNING_LENGTH];
};

/* Begins a result in which nothing is known yet. `options` must outlive it. */
void result_open(struct result *r, const struct options *options);

/* Jain's fairness index: 1 if all got the same, 1/n if one got everything; NAN if nobody got anything. */
double result_jain(const uint64_t *counts, uint32_t n);

/* Puts r->per_client in ascending order. */
void result_sort_clients(struct result *r);

void result_figures(const struct result *r, struct figures *f);

/* Seconds from a flash until the last client that was cut had an answer again. NAN: no client was cut, or not all had
 * one. */
double result_all_back_s(const struct result *r);

/* Why no message was measured; NULL if some were. */
const char *result_why_nothing(const struct result *r);

/* For a run in which no client could connect: why, and what to do, as one line. */
enum { RESULT_LINE = 600 };
void result_why_no_client(const struct result *r, char line[RESULT_LINE]);

/* Frees what the result owns. */
void result_close(struct result *r);

#endif
