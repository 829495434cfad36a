/* lead.c - see lead.h. Each rank is asked for its clock several times, one rank after another, while it has nothing
 * else to do; the fastest answer counts. */
#include "together/lead.h"
#include "meaning/clock.h"
#include "together/post.h"

enum {
    ANSWERS = 8,      /* of each rank */
    LATELY_MS = 1000, /* milliseconds; two clocks then differ by some 0.1 ms more at most: quartz has 100 ppm */
    AHEAD_MS = 10,    /* milliseconds from the word to go until all go on: it must have come to all of them by then */
    CLOSELY_MS = 20,  /* answers are looked for without delay for so long after a question */
};

/* Do all go on at the same moment? The connections, and the load, are to begin together. */
static bool is_timed(enum meeting meeting) {
    return meeting == MEET_CONNECT || meeting == MEET_LOAD;
}

bool lead_knows_clocks(const struct company *c, uint64_t now) {
    return c->clocks_at > 0 && now - c->clocks_at < LATELY_MS * NS_PER_MS;
}

static void ask(struct company *c, uint32_t rank) {
    c->asks = rank;
    c->answers = 0;
    c->asked_at = 0;
    if (rank < c->roll.count)
        c->roll.members[rank].trip_ns = NEVER;
}

void lead_hear_pong(struct company *c, uint32_t from, uint64_t theirs, uint64_t back) {
    if (from != c->asks || c->asked_at == 0)
        return;
    roll_take_clock(&c->roll.members[from], c->asked_at, theirs, back);
    c->asked_at = 0;
    if (++c->answers == ANSWERS)
        ask(c, from + 1);
}

/* True if all clocks have been compared lately. */
static bool compare_clocks(struct company *c, uint64_t now) {
    if (lead_knows_clocks(c, now))
        return true;
    if (c->asks == 0)
        ask(c, 1);
    if (c->asks == c->roll.count) {
        c->clocks_at = now;
        c->asks = 0;
        return true;
    }
    if (c->asked_at == 0) {
        c->asked_at = clock_now();
        c->closely_until = c->asked_at + CLOSELY_MS * NS_PER_MS;
        post_send(c->asks, &(struct note){.kind = NOTE_PING});
    }
    return false;
}

static void go(struct company *c, enum meeting meeting, uint64_t at) {
    for (uint32_t i = 1; i < c->roll.count; i++)
        post_send(i, &(struct note){.kind = NOTE_GO, .meeting = meeting, .a = roll_time_at(&c->roll.members[i], at)});
    c->roll.met = meeting;
    c->go_at = at;
}

void lead_turn(struct company *c, uint64_t now) {
    enum meeting next = c->roll.met + 1;

    if (c->stopped && next > MEET_OPTIONS && next < MEET_DRAIN)
        next = MEET_DRAIN;
    if (c->wants_clocks && compare_clocks(c, now))
        c->wants_clocks = false;
    if (next == MEETINGS || !roll_all_at(&c->roll, next))
        return;
    if (is_timed(next) && !compare_clocks(c, now))
        return;
    go(c, next, is_timed(next) ? clock_now() + AHEAD_MS * NS_PER_MS : now);
}
