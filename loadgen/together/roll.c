/* roll.c - see roll.h. */
#include "together/roll.h"
#include "meaning/clock.h"
#include <stdlib.h>

bool roll_open(struct roll *r, uint32_t rank, uint32_t count, uint64_t now) {
    *r = (struct roll){.rank = rank, .count = count, .members = calloc(count, sizeof *r->members)};
    for (uint32_t i = 0; r->members != NULL && i < count; i++) {
        r->members[i].heard = now;
        r->members[i].trip_ns = NEVER;
    }
    return r->members != NULL;
}

void roll_close(struct roll *r) {
    free(r->members);
    r->members = NULL;
}

bool roll_all_at(const struct roll *r, enum meeting meeting) {
    for (uint32_t i = 0; i < r->count; i++)
        if (r->members[i].meeting < meeting)
            return false;
    return true;
}

/* When rank i must have been heard of again. */
static uint64_t due(const struct roll *r, uint32_t i) {
    const struct member *m = &r->members[i];
    bool setting_up = r->met < MEET_CONNECT;
    uint64_t patience = r->rank == 0 ? 0 : ROLL_DEPUTY_MS + (r->rank - 1) * (uint64_t)ROLL_DEPUTIES_MS;

    if (m->heard < r->asked)
        return r->asked + (ROLL_ASKED_MS + patience) * NS_PER_MS;
    return m->heard + ((setting_up ? ROLL_SETTING_UP_MS : ROLL_SILENT_MS) + patience) * NS_PER_MS;
}

uint32_t roll_missing(const struct roll *r, uint64_t now) {
    uint32_t first = r->rank == 0 ? 1 : 0, end = r->rank == 0 ? r->count : 1;

    for (uint32_t i = first; i < end; i++)
        if (now >= due(r, i))
            return i;
    return ROLL_NOBODY;
}

const char *roll_phase(const struct roll *r) {
    static const char *const phases[] = {
        [MEET_NONE] = "before the run",
        [MEET_OPTIONS] = "while setting up",
        [MEET_CONNECT] = "while connecting",
        [MEET_LOAD] = "in warm-up or window",
        [MEET_DRAIN] = "while draining",
        [MEET_CLOSED] = "after the run",
    };

    return phases[r->met];
}

/* The answer is taken to have been half-way in the middle of the trip: the error is at most half of the trip, and least
 * for the fastest one. */
void roll_take_clock(struct member *m, uint64_t sent, uint64_t theirs, uint64_t back) {
    uint64_t trip = back - sent;

    if (trip >= m->trip_ns)
        return;
    m->trip_ns = trip;
    m->ahead_ns = (int64_t)(theirs - (sent + trip / 2)); /* modulo 2^64, then as a signed number */
}

uint64_t roll_time_at(const struct member *m, uint64_t ours) {
    return ours + (uint64_t)m->ahead_ns;
}

struct headway roll_headway(const struct roll *r) {
    struct headway sum = {0, 0, 0};

    for (uint32_t i = 0; i < r->count; i++) {
        sum.settled += r->members[i].headway.settled;
        sum.messages += r->members[i].headway.messages;
        sum.failures += r->members[i].headway.failures;
    }
    return sum;
}
