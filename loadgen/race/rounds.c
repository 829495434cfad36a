/* rounds.c - see rounds.h. */
#include "race/rounds.h"
#include "meaning/die.h"
#include <math.h>
#include <stdlib.h>

static const double alike[] = {0.01, 0.02, 0.03, 0.05}; /* "the same within" one of these */
static const double surely = 0.05;                      /* a chance below this is none */

const char *figure_name(enum figure figure) {
    static const char *const names[] = {"rate", "cpu", "p99"};

    return names[figure];
}

const char *word_name(enum word word) {
    static const char *const names[] = {"more", "less", "same", "open"};

    return names[word];
}

void rounds_start(struct rounds *r) {
    r->starts[r->start_count++] = 0;
}

struct outcome *rounds_add(struct rounds *r) {
    struct outcome *outcome;

    if (r->count == r->room) {
        r->room = 2 * r->room + 64;
        r->outcomes = reallocarray(r->outcomes, r->room * r->lanes, sizeof *r->outcomes);
        if (r->outcomes == NULL)
            die("race: out of memory");
    }
    outcome = r->outcomes + r->count++ * r->lanes;
    for (size_t i = 0; i < r->lanes; i++)
        outcome[i] = (struct outcome){{NAN, NAN, NAN}};
    r->starts[r->start_count - 1]++;
    return outcome;
}

static double figure_of(const struct rounds *r, size_t round, size_t lane, enum figure figure) {
    return r->outcomes[round * r->lanes + lane].figures[figure];
}

struct interval rounds_ratio(const struct rounds *r, size_t a, size_t b, enum figure figure) {
    double *values = calloc(r->count + 1, sizeof *values);
    size_t starts[STARTS_MAX] = {0}, n = 0, round = 0;
    struct interval result;

    if (values == NULL)
        die("race: out of memory");
    for (size_t s = 0; s < r->start_count; s++) {
        for (size_t end = round + r->starts[s]; round < end; round++) {
            double ratio = figure_of(r, round, a, figure) / figure_of(r, round, b, figure);
            if (!isfinite(ratio))
                continue;
            values[n++] = ratio;
            starts[s]++;
        }
    }
    result = interval_of(values, starts, r->start_count);
    free(values);
    return result;
}

size_t rounds_figure(const struct rounds *r, size_t lane, enum figure figure, double quartiles[3]) {
    double *values = calloc(r->count + 1, sizeof *values);
    size_t n = 0;

    if (values == NULL)
        die("race: out of memory");
    for (size_t round = 0; round < r->count; round++) {
        if (isfinite(figure_of(r, round, lane, figure)))
            values[n++] = figure_of(r, round, lane, figure);
    }
    qsort(values, n, sizeof *values, ascending);
    for (size_t i = 0; i < 3; i++)
        quartiles[i] = n > 0 ? values[(n - 1) * (i + 1) / 4] : NAN;
    free(values);
    return n;
}

/* ---------------------------------------------------------------- words */

/* The interval shrinks with the square root of the rounds: how many would tell, if the median stays what it is? */
static double rounds_needed(const struct pair *pair) {
    double half = (pair->ratio.high - pair->ratio.low) / 2, away = fabs(pair->ratio.median - 1);
    double wanted = away > alike[2] ? away : alike[2];

    return ceil((double)pair->ratio.rounds * (half / wanted) * (half / wanted));
}

static void find_word(struct pair *pair) {
    const struct interval *i = &pair->ratio;

    pair->word = WORD_OPEN;
    pair->rounds_needed = NAN;
    if (isnan(i->low))
        return;
    if (i->low > 1 && pair->p_corrected < surely)
        pair->word = WORD_MORE;
    else if (i->high < 1 && pair->p_corrected < surely)
        pair->word = WORD_LESS;
    for (size_t k = 0; k < sizeof alike / sizeof alike[0] && pair->word == WORD_OPEN; k++) {
        if (i->low < 1 - alike[k] || i->high > 1 + alike[k])
            continue;
        pair->word = WORD_SAME;
        pair->within = alike[k];
    }
    if (pair->word == WORD_OPEN)
        pair->rounds_needed = rounds_needed(pair);
}

size_t rounds_pairs(const struct rounds *r, enum figure figure, struct pair **pairs) {
    size_t count = r->lanes * (r->lanes - 1) / 2, n = 0;
    double *chances = calloc(count + 1, sizeof *chances);

    *pairs = calloc(count + 1, sizeof **pairs);
    if (chances == NULL || *pairs == NULL)
        die("race: out of memory");
    for (size_t a = 1; a < r->lanes; a++) {
        for (size_t b = 0; b < a; b++, n++) {
            (*pairs)[n] = (struct pair){.a = a, .b = b, .figure = figure, .ratio = rounds_ratio(r, a, b, figure)};
            chances[n] = (*pairs)[n].ratio.p;
        }
    }
    holm(chances, count);
    for (n = 0; n < count; n++) {
        (*pairs)[n].p_corrected = chances[n];
        find_word(&(*pairs)[n]);
    }
    free(chances);
    return count;
}

void rounds_close(struct rounds *r) {
    free(r->outcomes);
}
