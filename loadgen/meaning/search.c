/* search.c - see search.h. Every step is decided from the levels alone, so a border that moves needs no special case.
 */
#include "meaning/search.h"
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

enum {
    GROWTH = 4,
    BEYOND = 2, /* how far above the border a run must have been made */
    AGREED = 2, /* runs that make a level sure */
};

/* The levels on the two sides of the border; NULL where there is none. No level lies between them. */
struct border {
    const struct search_level *held, *not_held;
};

static uint32_t not_held_runs(const struct search_level *l) {
    return l->runs[SEARCH_NOT_HELD] + l->runs[SEARCH_CLIENT];
}

static bool is_held(const struct search_level *l) {
    return l->runs[SEARCH_HELD] > not_held_runs(l);
}

static bool is_tied(const struct search_level *l) {
    return l->runs[SEARCH_HELD] == not_held_runs(l);
}

static bool is_sure(const struct search_level *l) {
    return !is_tied(l) && (l->runs[SEARCH_HELD] >= AGREED || not_held_runs(l) >= AGREED);
}

/* Was the load generator the limit, in at least as many runs as the server? A tie counts as the load generator's limit.
 */
static bool is_clients_limit(const struct search_level *l) {
    return l->runs[SEARCH_CLIENT] > 0 && l->runs[SEARCH_CLIENT] >= l->runs[SEARCH_NOT_HELD];
}

static struct border find_border(const struct search *s) {
    struct border b = {NULL, NULL};

    for (unsigned i = 0; i < s->level_count && b.not_held == NULL; i++) {
        if (is_held(&s->levels[i]))
            b.held = &s->levels[i];
        else
            b.not_held = &s->levels[i];
    }
    return b;
}

static const struct search_level *tied_level(const struct search *s) {
    for (unsigned i = 0; i < s->level_count; i++) {
        if (is_tied(&s->levels[i]))
            return &s->levels[i];
    }
    return NULL;
}

/* The highest level that is held although `not_held` below it is not. */
static const struct search_level *held_beyond(const struct search *s, const struct search_level *not_held) {
    for (const struct search_level *l = s->levels + s->level_count - 1; not_held != NULL && l > not_held; l--) {
        if (is_held(l))
            return l;
    }
    return NULL;
}

static uint32_t multiply(const struct search *s, uint32_t value, uint32_t by) {
    uint64_t product = (uint64_t)value * by;

    return product < s->max ? (uint32_t)product : s->max;
}

static bool is_narrow(const struct search *s, const struct border *b) {
    uint32_t gap = b->not_held->value - b->held->value;

    return gap <= 1 || gap <= s->resolution * b->held->value;
}

/* The geometric mean, because the two sides are far apart at first; but at least one above the lower. */
static uint32_t middle(const struct border *b) {
    uint32_t low = b->held->value, high = b->not_held->value;
    uint32_t value = (uint32_t)sqrt((double)low * high);

    return value <= low ? low + 1 : value;
}

/* The border is confirmed. True, with *value set: a level above it must still be run. */
static bool look_on(const struct search *s, const struct search_level *not_held, uint32_t *value) {
    const struct search_level *beyond = held_beyond(s, not_held);
    uint32_t far = multiply(s, not_held->value, BEYOND);

    if (is_clients_limit(not_held))
        return false;
    if (beyond != NULL && !is_sure(beyond))
        return *value = beyond->value, true;
    if (s->levels[s->level_count - 1].value >= far)
        return false;
    return *value = far, true;
}

bool search_next(const struct search *s, uint32_t *value) {
    const struct search_level *tied = tied_level(s);
    struct border b = find_border(s);

    if (s->runs == SEARCH_RUNS_MAX)
        return false;
    if (s->level_count == 0)
        return *value = s->min, true;
    if (tied != NULL)
        return *value = tied->value, true;
    if (b.not_held == NULL && b.held->value < s->max)
        return *value = multiply(s, b.held->value, GROWTH), true;
    if (b.held != NULL && b.not_held != NULL && !is_narrow(s, &b))
        return *value = middle(&b), true;
    if (b.held != NULL && !is_sure(b.held))
        return *value = b.held->value, true;
    if (b.not_held == NULL)
        return false;
    if (!is_sure(b.not_held))
        return *value = b.not_held->value, true;
    return look_on(s, b.not_held, value);
}

void search_open(struct search *s, uint32_t min, uint32_t max, double resolution_percent) {
    assert(min >= 1 && min <= max);
    *s = (struct search){.min = min, .max = max, .resolution = resolution_percent / 100};
}

void search_record(struct search *s, uint32_t value, enum search_outcome outcome) {
    unsigned i = 0;

    assert(s->runs < SEARCH_RUNS_MAX);
    while (i < s->level_count && s->levels[i].value < value)
        i++;
    if (i == s->level_count || s->levels[i].value != value) {
        memmove(&s->levels[i + 1], &s->levels[i], (s->level_count - i) * sizeof s->levels[0]);
        s->levels[i] = (struct search_level){.value = value};
        s->level_count++;
    }
    s->levels[i].runs[outcome]++;
    s->runs++;
}

void search_answer(const struct search *s, struct search_answer *answer) {
    struct border b = find_border(s);
    const struct search_level *beyond = held_beyond(s, b.not_held);

    assert(s->runs > 0);
    *answer = (struct search_answer){.kind = b.held == NULL ? SEARCH_NONE : SEARCH_AT_LEAST};
    answer->value = b.held != NULL ? b.held->value : 0;
    answer->next = b.not_held != NULL ? b.not_held->value : 0;
    answer->beyond = beyond != NULL && is_sure(beyond) ? beyond->value : 0;
    answer->client = b.not_held != NULL && is_clients_limit(b.not_held);
    answer->reached_max = b.not_held == NULL && b.held->value == s->max;
    if (b.held != NULL && b.not_held != NULL && !answer->client)
        answer->kind = SEARCH_FOUND;
    answer->confirmed = (b.held == NULL || is_sure(b.held)) && (b.not_held == NULL || is_sure(b.not_held)) &&
                        (answer->reached_max || b.not_held != NULL) &&
                        (b.held == NULL || b.not_held == NULL || is_narrow(s, &b));
}
