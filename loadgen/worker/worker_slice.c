/* worker_slice.c - see worker_slice.h.
 *
 * What was measured goes to the main thread by an exchange: the worker writes slice_tally and slice_samples, then adds
 * itself to board->quiet. From then on they are the main thread's, until it announces the next slice. */
#include "worker/worker_slice.h"
#include "worker/worker_count.h"

void worker_slice_begin(struct worker *w) {
    struct group *g = &w->group;

    w->slice = atomic_load(&w->board->slice);
    w->slice_due = atomic_load(&w->board->schedule.window_end);
    w->cursor = w->quiet_clients = 0;
    w->round = 0;
    samples_reset(&g->samples);
    for (uint32_t i = 0; i < g->count; i++) {
        client_rebase(&g->clients[i]);
        client_begin(&g->clients[i]);
    }
}

/* Messages that are still in flight. Their clients send no others before these are answered. */
static void count_unfinished(struct worker *w, uint64_t now) {
    for (uint32_t i = w->quiet_clients; i < w->group.count; i++)
        if (!client_is_quiet(&w->group.clients[i]))
            client_count_unfinished(&w->group.clients[i], now);
}

static void slice_over(struct worker *w, uint64_t now) {
    struct samples samples = w->group.samples;

    worker_count_unsent(w);
    count_unfinished(w, now);
    w->slice_due = NEVER;
    w->group.samples = w->slice_samples;
    w->slice_samples = samples;
    w->slice_tally = w->group.tally;
    if (atomic_fetch_add(&w->board->quiet, 1) + 1 == w->group.plan->threads)
        worker_notify(w->board);
}

uint64_t worker_slice_turn(struct worker *w, uint64_t now) {
    struct group *g = &w->group;

    if (now < w->slice_due)
        return w->slice_due;
    while (w->quiet_clients < g->count && client_is_quiet(&g->clients[w->quiet_clients]))
        w->quiet_clients++; /* it stays so: nothing is sent after the window's end */
    if (w->quiet_clients < g->count && now < w->slice_due + g->plan->drain_ns)
        return w->slice_due + g->plan->drain_ns;
    slice_over(w, now);
    return NEVER;
}
