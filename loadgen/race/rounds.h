/* rounds.h - what a race has measured so far, and what follows from it. */
#ifndef LOADGEN_RACE_ROUNDS_H
#define LOADGEN_RACE_ROUNDS_H

#include "race/order.h"
#include "race/statistics.h"
#include <stdbool.h>
#include <stddef.h>

enum { STARTS_MAX = 64 };

enum figure { FIGURE_RATE, FIGURE_CPU, FIGURE_P99, FIGURES };

const char *figure_name(enum figure figure);

/* One slice of one lane. NAN: not measured; of the rate: the slice was disturbed. */
struct outcome {
    double figures[FIGURES]; /* messages per second; server's CPU seconds per message; p99 in us */
};

struct rounds {
    size_t lanes, count, room;
    struct outcome *outcomes;  /* OWNS: lanes in each round */
    size_t starts[STARTS_MAX]; /* rounds of each start */
    size_t start_count;
};

/* The words for a ratio a / b, by rule. */
enum word {
    WORD_MORE, /* the interval is above 1, and stays so after Holm's correction */
    WORD_LESS, /* below 1 */
    WORD_SAME, /* the interval is within 1 -+ `within` */
    WORD_OPEN, /* cannot be told */
};

const char *word_name(enum word word);

struct pair {
    size_t a, b; /* lanes */
    enum figure figure;
    struct interval ratio; /* a / b */
    double p_corrected;    /* for all pairs of this figure */
    enum word word;
    double within;        /* WORD_SAME: 0.01, 0.02, 0.03 or 0.05 */
    double rounds_needed; /* WORD_OPEN: about so many would tell; NAN: not known */
};

/* Begins a start. */
void rounds_start(struct rounds *r);

/* A new round, all NAN. The pointer is valid until the next call. */
struct outcome *rounds_add(struct rounds *r);

/* The ratio of two lanes within each round. */
struct interval rounds_ratio(const struct rounds *r, size_t a, size_t b, enum figure figure);

/* Median, lower and upper quartile of one lane; NAN if it has none. Returns how many rounds it has. */
size_t rounds_figure(const struct rounds *r, size_t lane, enum figure figure, double quartiles[3]);

/* All pairs a > b of one figure, in *pairs (OWNS: the caller frees it), with their words. Returns how many. */
size_t rounds_pairs(const struct rounds *r, enum figure figure, struct pair **pairs);

void rounds_close(struct rounds *r);

#endif
