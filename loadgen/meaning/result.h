/* result.h - what a run gave: raw, as measured, and what follows from it. */
#ifndef LOADGEN_RESULT_H
#define LOADGEN_RESULT_H

#include "meaning/histogram.h"
#include "meaning/options.h"
#include "meaning/tally.h"
#include <stdbool.h>
#include <stdint.h>

enum { AFTERMATH_LIMIT_S = 3 }; /* LIMIT: for each of the two questions of --aftermath */

/* What a process has in use. NAN: not known. */
struct holdings {
    double descriptors, threads, memory_kib;
};

/* --aftermath: when all clients have gone, how long until the server is as it was before they came? */
struct aftermath {
    struct holdings before, peak, after; /* the first client; at the window's end; when last looked at */
    double served_again_s, back_s;       /* since the end of the run; NAN: not within the limit */
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
    uint64_t *per_client;       /* OWNS: messages in the window of each active client, in ascending order */
    bool interrupted;           /* before the window's end */
    bool told_to_stop;          /* at any time */
    bool all_failed;            /* no client was left before the window's end, which was then not waited for */
    double window_s;            /* 0 if the run ended before the window began */
    double client_cpu_s;
    double server_cpu_s;
    double voluntary_switches, involuntary_switches;
    double memory_before_kib, memory_after_kib; /* the server's own */
    double kernel_before_kib, kernel_after_kib; /* the kernel's, of the whole machine */
};

/* A share of its CPUs from which a side has no reserve. */
#define RESULT_SATURATED 0.90

enum { WARNINGS_MAX = 10, WARNING_LENGTH = 240 };

/* What follows. */
struct figures {
    double messages_per_s, bytes_per_s;
    double jain;
    double client_share, server_share;
    double client_us_per_message, server_us_per_message;
    double bytes_per_connection, kernel_bytes_per_connection;
    double in_flight_expected, in_flight_by_law, deviation; /* Little's law */
    bool client_bound;
    int warning_count;
    char warnings[WARNINGS_MAX][WARNING_LENGTH];
};

/* Nothing is known yet. `options` must outlive the result. */
void result_open(struct result *r, const struct options *options);

void result_figures(const struct result *r, struct figures *f);

/* Seconds from a flash until the last client that was cut had an answer again. NAN: there was none, or not all had. */
double result_all_back_s(const struct result *r);

/* Why not one message was measured; NULL if some were. */
const char *result_why_nothing(const struct result *r);

/* Not one client could connect: why, and what to do, as one line. */
enum { RESULT_LINE = 600 };
void result_why_no_client(const struct result *r, char line[RESULT_LINE]);

/* Frees what the result owns. */
void result_close(struct result *r);

#endif
