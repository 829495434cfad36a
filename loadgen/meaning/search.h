/* search.h - finds the highest level that a server holds: by bisection, and by running both sides of the border again.
 * No I/O.
 *
 *     search_open(&s, min, max, 3);
 *     while (search_next(&s, &value))
 *         search_record(&s, value, run with that many clients, or at that rate);
 *     search_answer(&s, &answer);
 *
 * A level is a number of clients, or a rate, that was run at least once. A run is *held* if latency and failures stayed
 * within the limits (verdict.h). One run may mislead, so it only narrows the search down; then the border is confirmed:
 *
 *     grow      from min by 4, until a level is not held
 *     bisect    between the highest level held below all that were not, and the lowest that was not
 *     confirm   both sides of the border: two runs that agree, of three at most
 *     look on   one run at twice the border, if none was made so far above it
 *
 * If the majority of a level's runs contradicts its first run, the border moves and the search goes on. A server that
 * holds a level above its border is not monotone; the answer says so (`beyond`).
 */
#ifndef LOADGEN_SEARCH_H
#define LOADGEN_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

enum search_outcome {
    SEARCH_HELD,
    SEARCH_NOT_HELD,
    SEARCH_CLIENT, /* not held, but the load generator was the limit: says nothing about the server */
    SEARCH_OUTCOMES,
};

enum { SEARCH_RUNS_MAX = 40 }; /* LIMIT: runs; a search whose border still moves then ends, unconfirmed */

struct search_level {
    uint32_t value;
    uint32_t runs[SEARCH_OUTCOMES]; /* how many ended with each outcome */
};

struct search {
    uint32_t min, max;
    double resolution; /* the two sides of the border are at most this share of the lower one apart, or 1 */
    unsigned runs, level_count;
    struct search_level levels[SEARCH_RUNS_MAX]; /* in ascending order of value */
};

enum search_kind {
    SEARCH_FOUND,    /* `value` is held, `next` is not */
    SEARCH_AT_LEAST, /* `value` is held; what comes above it is unknown */
    SEARCH_NONE,     /* not even `next`, the lowest level run, is held; value is 0 */
};

struct search_answer {
    enum search_kind kind;
    uint32_t value;
    uint32_t next;    /* the lowest level that is not held; 0: all were */
    uint32_t beyond;  /* a level above `next` that is held, in two runs at least: not monotone. 0: none */
    bool client;      /* at `next` the load generator was the limit, not the server */
    bool confirmed;   /* both sides of the border had two runs that agree, and are as close as was asked for */
    bool reached_max; /* every level up to `max` is held */
};

/* `min` is 1 at least, `max` not below it. */
void search_open(struct search *s, uint32_t min, uint32_t max, double resolution_percent);

/* Sets *value to the level to run next. Returns false when the answer is known, or SEARCH_RUNS_MAX is reached. */
bool search_next(const struct search *s, uint32_t *value);

/* Records how the run at `value`, which search_next asked for, ended. */
void search_record(struct search *s, uint32_t value, enum search_outcome outcome);

/* The answer from the runs so far; may be called at any time after the first run. */
void search_answer(const struct search *s, struct search_answer *answer);

#endif
