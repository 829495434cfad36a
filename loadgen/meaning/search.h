/* search.h - where does a server stop holding? By bisection, with what is known of its border run again. No I/O.
 *
 *     search_open(&s, min, max, 3);
 *     while (search_next(&s, &value))
 *         search_record(&s, value, run with that many clients, or at that rate);
 *     search_answer(&s, &answer);
 *
 * A level is a number of clients, or a rate, that was run at least once. One run may mislead, so it is only believed
 * while it narrows the search down:
 *
 *     grow      from min by 4, until a level is not held
 *     bisect    between the highest level held below all that were not, and the lowest that was not
 *     confirm   both sides of the border: two runs that agree, of three at most
 *     look on   one run at twice the border, if none was made so far above it
 *
 * If the majority says otherwise than the first run did, the border moves, and the search goes on. A server that holds
 * more above its border is not monotone, and the answer says so.
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

enum { SEARCH_RUNS_MAX = 40 }; /* LIMIT: a server without a clear border ends the search there */

struct search_level {
    uint32_t value;
    uint32_t runs[SEARCH_OUTCOMES]; /* how many ended so */
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
    uint32_t beyond;  /* a level above `next` that is held all the same, twice at least: not monotone. 0: none */
    bool client;      /* at `next` the load generator was the limit, not the server */
    bool confirmed;   /* both sides of the border had two runs that agree, and are as close as was asked for */
    bool reached_max; /* every level up to `max` is held */
};

/* `min` is 1 at least, `max` not below it. */
void search_open(struct search *s, uint32_t min, uint32_t max, double resolution_percent);

/* Sets what to run next. Returns false when the answer is known, or SEARCH_RUNS_MAX is reached. */
bool search_next(const struct search *s, uint32_t *value);

/* How the run at `value`, which search_next asked for, ended. */
void search_record(struct search *s, uint32_t value, enum search_outcome outcome);

/* What the runs so far say; at any time after the first. */
void search_answer(const struct search *s, struct search_answer *answer);

#endif
