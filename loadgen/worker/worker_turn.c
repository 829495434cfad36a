/* worker_turn.c - what is due when.
 *
 * In the closed loop the thread only reacts: replies come, the next messages go. In the open loop (--rate), and while
 * connecting, it also acts at due times, which are closer together than the resolution of an event loop's timers. So
 * before each wait it does all that is due (worker_turn), and sets a timerfd to the next due time. A timerfd counts
 * nanoseconds; setting it takes one system call, made only when that time has changed.
 */
#include "worker/worker_turn.h"
#include "worker/worker_count.h"
#include "worker/worker_slice.h"
#include <sys/timerfd.h>

/* LIMIT: connections, and messages, started in one turn; the rest is left to the next turn, so that replies that have
 * come are handled in between. */
enum { CONNECT_BATCH = 64, OFFER_BATCH = 1024 };

/* ---------------------------------------------------------------- what is due */

/* Starts the connections that are due. Returns when the next one is. */
static uint64_t worker_connect_due(struct worker *w, uint64_t now) {
    const struct options *o = w->board->plan->options;

    for (unsigned batch = 0; w->next_connect < w->group.count; batch++) {
        struct client *c = &w->group.clients[w->next_connect];
        uint64_t due = w->board->schedule.connecting + clock_from_seconds(o->ramp_s * c->id / o->clients);
        if (due > now)
            return due;
        if (batch == CONNECT_BATCH)
            return now;
        w->next_connect++;
        client_connect(c, now);
    }
    return NEVER;
}

/* Open loop: offers the messages that are due to their clients. Returns when the next one is. */
static uint64_t worker_send_due(struct worker *w, uint64_t now) {
    const struct schedule *s = &w->board->schedule;
    uint64_t start = atomic_load(&s->start), end = atomic_load(&s->window_end);

    if (start == NEVER || w->group.active == 0)
        return NEVER;
    for (unsigned batch = 0; batch < OFFER_BATCH; batch++) {
        struct client *c = &w->group.clients[w->cursor];
        uint64_t due = schedule_due(s, start, c->id, w->round);
        if (due >= end)
            return NEVER;
        if (due > now)
            return due;
        client_offer(c);
        if (++w->cursor == w->group.active)
            w->cursor = 0, w->round++;
    }
    return now;
}

static uint64_t earlier(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* Setting the timer also clears its readiness, so it is never read. */
static void worker_arm(struct worker *w, uint64_t due) {
    struct itimerspec at = {0};

    if (due == w->armed)
        return;
    if (due != NEVER) {
        at.it_value.tv_sec = (time_t)(due / NS_PER_S);
        at.it_value.tv_nsec = (long)(due % NS_PER_S);
    }
    timerfd_settime(w->turner.timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
    w->armed = due;
}

/* When the next returning client may connect: `now`, if one may already. A client whose old socket is still used by the
 * kernel waits: the last completion closes the socket, and the next turn sees that. */
static uint64_t worker_next_return(const struct worker *w, uint64_t now) {
    uint64_t next = NEVER;
    struct client *c;

    STAILQ_FOREACH (c, &w->group.returning, link) {
        if (c->fd < 0 && c->again_at < next)
            next = c->again_at;
    }
    return next > now ? next : now;
}

/* Connects the returning clients whose time has come. Returns when the next one may connect. */
static uint64_t worker_connect_again(struct worker *w, uint64_t now) {
    STAILQ_HEAD(, client) waiting = STAILQ_HEAD_INITIALIZER(waiting);
    struct client *c;
    unsigned batch = 0;

    STAILQ_CONCAT(&waiting, &w->group.returning);
    while ((c = STAILQ_FIRST(&waiting)) != NULL) {
        STAILQ_REMOVE_HEAD(&waiting, link);
        if (c->state != CLIENT_WAITING)
            continue; /* it does not return any more: it has ended */
        if (c->fd >= 0 || c->again_at > now || batch == CONNECT_BATCH) {
            STAILQ_INSERT_TAIL(&w->group.returning, c, link);
        } else {
            batch++;
            client_connect(c, now); /* on failure it may return to that list */
        }
    }
    return worker_next_return(w, now);
}

/* ---------------------------------------------------------------- now and then */

static void worker_flash(struct worker *w) {
    w->flash_due = NEVER;
    for (uint32_t i = 0; i < w->group.count; i++)
        client_cut(&w->group.clients[i]);
}

static void worker_sweep(struct worker *w, uint64_t now) {
    struct group *g = &w->group;

    for (uint32_t i = 0; i < g->count; i++)
        client_sweep(&g->clients[i], now);
    atomic_store_explicit(&w->published_messages, g->tally.messages, memory_order_relaxed);
    atomic_store_explicit(&w->published_failures, tally_failures(&g->tally), memory_order_relaxed);
    w->sweep_due = now + g->plan->sweep_ns;
}

/* Counted aside: the main thread may read the last one meanwhile. */
static void worker_take_census(struct worker *w, uint64_t now) {
    struct census census;

    group_census(&w->group, &census);
    pthread_mutex_lock(&w->census_lock);
    w->census = census;
    pthread_mutex_unlock(&w->census_lock);
    w->census_due = now + CENSUS_MS * NS_PER_MS;
}

static void worker_begin(struct worker *w) {
    w->begun = true;
    w->flash_due = atomic_load(&w->board->schedule.flash_at);
    for (uint32_t i = 0; i < w->group.count; i++)
        client_begin(&w->group.clients[i]);
}

/* The window is over: clients with nothing in flight close now, the others when their replies have come. */
static void worker_drain(struct worker *w) {
    struct group *g = &w->group;

    g->draining = true;
    w->next_connect = g->count;
    w->flash_due = NEVER;
    w->drain_due = clock_now() + g->plan->drain_ns;
    for (uint32_t i = 0; i < g->count; i++)
        client_finish(&g->clients[i]);
}

static void worker_drain_over(struct worker *w, uint64_t now) {
    for (uint32_t i = 0; i < w->group.count; i++)
        client_abandon(&w->group.clients[i], now);
    w->drain_due = NEVER;
}

/* ---------------------------------------------------------------- the board */

/* Adds what is new since the last call to a counter of the board; notifies the main thread when the counter becomes
 * complete. */
static void tell_count(const struct board *b, atomic_uint *counter, uint32_t count, uint32_t *told, uint32_t complete) {
    uint32_t more = count - *told, before;

    if (more == 0)
        return;
    *told = count;
    before = atomic_fetch_add(counter, more);
    if (before < complete && before + more >= complete)
        worker_notify(b);
}

static void worker_tell(struct worker *w) {
    struct group *g = &w->group;
    struct board *b = w->board;

    tell_count(b, &b->settled, g->settled, &w->settled_told, g->plan->clients);
    tell_count(b, &b->greeted, g->greeted, &w->greeted_told, b->to_greet);
    if (g->open == 0 && !w->dead) {
        w->dead = true;
        if (atomic_fetch_add(&b->dead, 1) + 1 == g->plan->threads)
            worker_notify(b);
    }
}

/* Reads what the main thread has set. Only after a wake: bytes that came before it have then been handled, so no client
 * whose answer had already come is ended as one without a connection. */
static void worker_look(struct worker *w) {
    w->turner.woken = false;
    if (w->slice != atomic_load(&w->board->slice))
        worker_slice_begin(w);
    else if (!w->begun && w->slice == 0 && atomic_load(&w->board->schedule.start) != NEVER)
        worker_begin(w);
    if (!w->group.draining && atomic_load(&w->board->draining))
        worker_drain(w);
}

bool worker_turn(void *worker) {
    struct worker *w = worker;
    uint64_t now, next = NEVER;

    if (w->turner.woken)
        worker_look(w);
    now = clock_now();
    if (w->sweep_due <= now)
        worker_sweep(w, now);
    if (w->census_due <= now)
        worker_take_census(w, now);
    if (w->drain_due <= now)
        worker_drain_over(w, now);
    if (!w->group.draining)
        next = worker_connect_due(w, now);
    if (w->flash_due <= now)
        worker_flash(w);
    next = earlier(next, worker_connect_again(w, now));
    if (!w->group.draining && w->board->schedule.interval_ns > 0)
        next = earlier(next, worker_send_due(w, now));
    if (w->slice_due != NEVER)
        next = earlier(next, worker_slice_turn(w, now));
    next = earlier(next, earlier(w->flash_due, w->census_due));
    worker_arm(w, earlier(next, earlier(w->sweep_due, w->drain_due)));
    worker_tell(w);
    return w->group.draining && w->group.open == 0;
}
