/* capacity.h - the result of --search: the highest level that the server holds, and the runs that show it. */
#ifndef LOADGEN_CAPACITY_H
#define LOADGEN_CAPACITY_H

#include "meaning/search.h"
#include "meaning/verdict.h"
#include <stdint.h>

/* One run of the search. */
struct probe {
    uint32_t value; /* the clients, or the rate, that the search is about */
    uint32_t clients;
    double rate; /* 0: closed loop */
    double started_s, elapsed_s;
    struct verdict verdict;
    struct tally tally;
    double window_s, messages_per_s, p50_us;
    double client_share, server_share;
};

enum capacity_end {
    CAPACITY_ANSWERED,
    CAPACITY_INTERRUPTED,
    CAPACITY_GONE,   /* the server */
    CAPACITY_ABSENT, /* no client of the first run could connect: only `why_absent` is set */
    CAPACITY_VOID,   /* wrong bytes came back */
};

struct capacity {
    const struct options *options;
    struct search search;
    struct search_answer answer; /* from the runs made so far, whatever `end` is; not set if no run was recorded */
    struct probe probes[SEARCH_RUNS_MAX];
    unsigned count;
    const char *io;   /* how the bytes moved */
    uint64_t started; /* clock_now() */
    double elapsed_s;
    enum capacity_end end;
    char why_absent[RESULT_LINE];
    char max_why[120]; /* where the maximum of the search comes from */
};

/* The run that represents the answer: of the runs at answer.value that were held, the one with the highest p99. NULL if
 * there is none. */
const struct probe *capacity_at_answer(const struct capacity *c);

/* The last run that did not hold answer.next: its verdict says why. NULL if there is none. */
const struct probe *capacity_at_next(const struct capacity *c);

/* The reason from that run's verdict, in words; "" if there is no such run. */
const char *capacity_why_not(const struct capacity *c);

/* The kind of the answer: "exactly", "at least", or "none". */
const char *capacity_kind_name(const struct capacity *c);

/* What the reader of the answer must know, one sentence each. Returns how many. */
enum { CAPACITY_NOTES_MAX = 5 };
int capacity_notes(const struct capacity *c, char notes[CAPACITY_NOTES_MAX][VERDICT_LENGTH]);

#endif
