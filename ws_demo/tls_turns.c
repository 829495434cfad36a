/* tls_turns.c - see tls_turns.h. */
#include "tls_turns.h"

static TAILQ_HEAD(turns, tls_turn) waiting[TURN_WAITS];
static struct ev_loop *loop;
static ev_check after_look; /* the loop has looked at its sockets, and has called nobody yet */
static ev_idle awake;       /* while it is active the loop does not sleep */
static int steps_left;      /* in this turn */

static bool none_waits(void) {
    for (int i = 0; i < TURN_WAITS; i++)
        if (!TAILQ_EMPTY(&waiting[i]))
            return false;
    return true;
}

static void wait_for(struct tls_turn *turn, enum tls_wait what) {
    turn->waits_for = what;
    if (what == TURN_BEGIN)
        TAILQ_INSERT_HEAD(&waiting[what], turn, link);
    else
        TAILQ_INSERT_TAIL(&waiting[what], turn, link);
    ev_idle_start(loop, &awake); /* does nothing if it is active */
}

void tls_turn_forget(struct tls_turn *turn) {
    if (turn->waits_for != TURN_NONE)
        TAILQ_REMOVE(&waiting[turn->waits_for], turn, link);
    turn->waits_for = TURN_NONE;
}

bool tls_turn_is_awaited(const struct tls_turn *turn) {
    return turn->waits_for == TURN_GO_ON || turn->waits_for == TURN_BEGIN;
}

bool tls_turn_for_handshake(struct tls_turn *turn, bool begun) {
    bool now = turn->has_come || (turn->waits_for == TURN_NONE && steps_left > 0);
    steps_left -= now && !turn->has_come;
    turn->has_come = false;
    if (!now && turn->waits_for == TURN_NONE)
        wait_for(turn, begun ? TURN_GO_ON : TURN_BEGIN);
    return now;
}

void tls_turn_for_more(struct tls_turn *turn) {
    if (turn->waits_for == TURN_NONE)
        wait_for(turn, TURN_MORE);
}

/* Its callback is called before the loop looks again; if it is called for an event as well, then once for both. */
static void call(struct tls_turn *turn) {
    turn->has_come = tls_turn_is_awaited(turn);
    tls_turn_forget(turn);
    ev_feed_event(loop, turn->io, EV_READ);
}

/* Called once per turn. */
static void on_look(struct ev_loop *l, ev_check *check, int events) {
    (void)check, (void)events;
    while (!TAILQ_EMPTY(&waiting[TURN_MORE]))
        call(TAILQ_FIRST(&waiting[TURN_MORE]));
    steps_left = HANDSHAKE_STEPS_PER_TURN;
    for (int i = TURN_GO_ON; i <= TURN_BEGIN; i++)
        for (; steps_left > 0 && !TAILQ_EMPTY(&waiting[i]); steps_left--)
            call(TAILQ_FIRST(&waiting[i]));
    if (none_waits())
        ev_idle_stop(l, &awake);
}

static void on_idle(struct ev_loop *l, ev_idle *idle, int events) {
    (void)l, (void)idle, (void)events; /* the loop is awake: that is all */
}

void tls_turns_open(struct ev_loop *l) {
    loop = l;
    for (int i = 0; i < TURN_WAITS; i++)
        TAILQ_INIT(&waiting[i]);
    ev_check_init(&after_look, on_look);
    ev_idle_init(&awake, on_idle);
    ev_check_start(l, &after_look);
}
