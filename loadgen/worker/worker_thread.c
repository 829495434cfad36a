/* worker_thread.c - the thread: its memory, its beginning and its end. */
#include "worker/worker_count.h"
#include "worker/worker_turn.h"
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Each thread gets its own descriptor table: if threads share one, every send and recv must count a reference to its
 * file, which takes some 3% of the time of a small message. ThreadSanitizer assumes one table per process, and would
 * take equal descriptor numbers in two threads for the same file. */
#ifdef __SANITIZE_THREAD__
enum { OWN_DESCRIPTORS = 0 };
#else
enum { OWN_DESCRIPTORS = 1 };
#endif

static void *worker_main(void *argument) {
    struct worker *w = argument;

    atomic_store(&w->tid, gettid());
    if (OWN_DESCRIPTORS)
        (void)!unshare(CLONE_FILES);    /* a seccomp filter may forbid it: then it is only slower */
    w->group.transport->run(&w->group); /* WAIT: */
    if (w->slice == 0)                  /* each slice counts its own */
        worker_count_unsent(w);
    atomic_fetch_add(&w->board->finished, 1);
    worker_notify(w->board);
    return NULL;
}

/* Allocates in advance: sending and receiving a message needs no allocation, except for WebSocket's control bytes and
 * for messages that arrive in pieces. */
static bool worker_allocate(struct worker *w) {
    struct group *g = &w->group;
    const struct plan *plan = g->plan;
    size_t ring = (size_t)plan->ring_mask + 1, own = g->transport->keeps_bytes;
    bool has_samples = samples_open(&g->samples, g->schedule) && samples_open(&w->slice_samples, g->schedule);

    w->send_buffers = calloc(own ? g->count : 1, plan->send_room);
    if (plan->wire_room > 0 && (w->wire_buffers = calloc(g->count, plan->wire_room)) == NULL)
        return false;
    w->sent_at_rings = calloc(g->count * ring, sizeof *w->sent_at_rings);
    g->clients = calloc(g->count, sizeof *g->clients);
    if (!has_samples || w->send_buffers == NULL || w->sent_at_rings == NULL || g->clients == NULL)
        return false;
    for (uint32_t i = 0; i < g->count; i++)
        client_init(&g->clients[i], g, w->share.first + i * w->share.step, w->sent_at_rings + i * ring,
            w->send_buffers + own * i * plan->send_room,
            w->wire_buffers == NULL ? NULL : w->wire_buffers + i * plan->wire_room);
    return true;
}

struct worker *worker_open(struct board *board, uint32_t index, const char **why) {
    const struct options *o = board->plan->options;
    struct worker *w = calloc(1, sizeof *w);

    *why = strerror(ENOMEM);
    if (w == NULL)
        return NULL;
    w->board = board;
    w->share = place_thread(&o->place, index, board->plan->threads);
    w->group.plan = board->plan;
    w->group.schedule = &board->schedule;
    w->group.transport = board->transport;
    w->group.filter = board->filter;
    w->group.count = w->group.open = share_count(o->clients, w->share.first, w->share.step);
    w->group.active = share_count(o->active, w->share.first, w->share.step);
    STAILQ_INIT(&w->group.returning);
    w->census_due = o->progress_fd < 0 ? NEVER : 0;
    pthread_mutex_init(&w->census_lock, NULL);
    w->armed = w->flash_due = w->drain_due = w->slice_due = NEVER;
    w->turner = (struct turner){
        .turn = worker_turn, .owner = w, .timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)};
    if (w->turner.timer_fd < 0)
        *why = strerror(errno);
    if (w->turner.timer_fd < 0 || !worker_allocate(w) ||
        (*why = board->transport->open(&w->group, &w->turner)) != NULL) {
        worker_close(w);
        return NULL;
    }
    return w;
}

int worker_start(struct worker *w) {
    return pthread_create(&w->thread, NULL, worker_main, w);
}

void worker_wake(struct worker *w) {
    w->group.transport->wake(&w->group);
}

void worker_census(struct worker *w, struct census *census) {
    pthread_mutex_lock(&w->census_lock);
    *census = w->census;
    pthread_mutex_unlock(&w->census_lock);
}

void worker_join(struct worker *w) {
    pthread_join(w->thread, NULL);
}

void worker_close(struct worker *w) {
    w->group.transport->close(&w->group);
    if (w->turner.timer_fd >= 0)
        close(w->turner.timer_fd);
    samples_close(&w->group.samples);
    samples_close(&w->slice_samples);
    free(w->send_buffers);
    free(w->wire_buffers);
    free(w->sent_at_rings);
    free(w->group.clients);
    free(w);
}
