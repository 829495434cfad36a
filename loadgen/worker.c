/* worker.c - one thread: its event loop, what is due when, and the way out.
 *
 * In the closed loop the thread only reacts: replies come, the next messages go. In the open loop (--rate), and while
 * connecting, it also acts on its own at times that are far closer together than an event loop's timers can tell
 * apart. So before each wait it does all that is due, and sets a timerfd for the next due time: nanoseconds, and one
 * system call only when that time has changed.
 */
#include "worker.h"
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Each thread gets a table of descriptors of its own: where threads share one, every send and recv must count a
 * reference to its file, which is some 3% of a small message. ThreadSanitizer knows one table per process only, and
 * would take equal numbers for the same file. */
#ifdef __SANITIZE_THREAD__
enum { OWN_DESCRIPTORS = 0 };
#else
enum { OWN_DESCRIPTORS = 1 };
#endif

/* LIMIT: what is started between two looks at the events, so that those who have been answered are not kept waiting. */
enum { CONNECT_BATCH = 64, OFFER_BATCH = 1024 };

static const double drain_s = 2.0; /* LIMIT: for replies still in flight, if --timeout is not shorter */

/* ---------------------------------------------------------------- what is due */

/* Starts the connections that are due. Returns when the next one is. */
static uint64_t worker_connect_due(struct worker *w, uint64_t now) {
    const struct options *o = w->run->options;

    for (unsigned batch = 0; w->next_connect < w->count; batch++) {
        struct client *c = &w->clients[w->next_connect];
        uint64_t due = w->run->started + clock_from_seconds(o->ramp_s * c->id / o->clients);
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
    uint64_t start = atomic_load(&w->run->schedule_start), end = atomic_load(&w->run->window_end);

    if (start == NEVER)
        return NEVER;
    for (unsigned batch = 0; batch < OFFER_BATCH; batch++) {
        struct client *c = &w->clients[w->cursor];
        uint64_t due = run_due(w->run, start, c->id, w->round);
        if (due >= end)
            return NEVER;
        if (due > now)
            return due;
        client_offer(c);
        if (++w->cursor == w->count)
            w->cursor = 0, w->round++;
    }
    return now;
}

/* Setting the timer, to whatever time, also takes back its readiness: it is never read. */
static void worker_arm(struct worker *w, uint64_t due) {
    struct itimerspec at = {0};

    if (due == w->armed)
        return;
    if (due != NEVER) {
        at.it_value.tv_sec = (time_t)(due / NS_PER_S);
        at.it_value.tv_nsec = (long)(due % NS_PER_S);
    }
    timerfd_settime(w->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
    w->armed = due;
}

/* libev: about to wait. */
static void worker_schedule(struct ev_loop *loop, struct ev_prepare *prepare, int events) {
    struct worker *w = prepare->data;
    uint64_t now = clock_now(), next = NEVER, message;

    (void)events;
    if (!w->draining) {
        next = worker_connect_due(w, now);
        message = w->run->interval_ns > 0 ? worker_send_due(w, now) : NEVER;
        if (message < next)
            next = message;
    }
    worker_arm(w, next);
    if (next == NEVER && w->run->interval_ns == 0)
        ev_prepare_stop(loop, prepare); /* closed loop, all connecting: from here on replies are the only clock */
}

static void worker_timer(struct ev_loop *loop, struct ev_io *io, int events) {
    (void)loop, (void)io, (void)events; /* the loop is awake: worker_schedule does what is due */
}

/* ---------------------------------------------------------------- now and then */

static void worker_sweep(struct ev_loop *loop, struct ev_timer *timer, int events) {
    struct worker *w = timer->data;
    uint64_t now = clock_now();

    (void)loop, (void)events;
    for (uint32_t i = 0; i < w->count; i++)
        client_sweep(&w->clients[i], now);
    atomic_store_explicit(&w->published_messages, w->tally.messages, memory_order_relaxed);
    atomic_store_explicit(&w->published_failures, tally_failures(&w->tally), memory_order_relaxed);
}

void worker_client_settled(struct worker *w) {
    if (atomic_fetch_add(&w->run->settled, 1) + 1 == w->run->options->clients)
        run_notify(w->run);
}

void worker_client_greeted(struct worker *w) {
    if (atomic_fetch_add(&w->run->greeted, 1) + 1 == w->run->options->clients)
        run_notify(w->run);
}

void worker_client_ended(struct worker *w) {
    if (--w->open > 0)
        return;
    if (w->draining)
        ev_break(w->loop, EVBREAK_ALL);
    else if (atomic_fetch_add(&w->run->dead, 1) + 1 == w->run->options->threads)
        run_notify(w->run);
}

/* ---------------------------------------------------------------- the way out */

/* Open loop: how many messages of a client were due before the window's end. */
static uint64_t worker_due_in_all(const struct worker *w, const struct client *c, uint64_t start, uint64_t end) {
    double messages = (double)(end - start) / w->run->interval_ns; /* of all clients */
    double share = (messages - c->id) / w->run->options->clients - 1;
    uint64_t due = share > 0 ? (uint64_t)share : 0;

    while (run_due(w->run, start, c->id, due) < end)
        due++;
    return due;
}

/* Open loop: what was due before the window's end and never left. */
static void worker_count_unsent(struct worker *w) {
    uint64_t start = atomic_load(&w->run->schedule_start), end = atomic_load(&w->run->window_end), due, age;

    if (w->run->interval_ns <= 0 || start >= end)
        return;
    for (uint32_t i = 0; i < w->count; i++) {
        const struct client *c = &w->clients[i];
        due = worker_due_in_all(w, c, start, end);
        if (due <= c->issued)
            continue;
        w->tally.unsent += due - c->issued;
        age = end - run_due(w->run, start, c->id, c->issued);
        if (age > w->tally.unsent_oldest_ns)
            w->tally.unsent_oldest_ns = age;
    }
}

/* The window is over: whatever is not in flight is closed, the rest when its replies have come. */
static void worker_drain(struct worker *w) {
    w->draining = true;
    w->next_connect = w->count;
    if (w->open == 0)
        ev_break(w->loop, EVBREAK_ALL);
    ev_timer_start(w->loop, &w->drain_limit);
    for (uint32_t i = 0; i < w->count; i++)
        client_finish(&w->clients[i]);
}

static void worker_woken(struct ev_loop *loop, struct ev_async *async, int events) {
    struct worker *w = async->data;

    (void)loop, (void)events;
    if (atomic_load(&w->run->schedule_start) != NEVER && !w->begun) {
        w->begun = true;
        for (uint32_t i = 0; i < w->count; i++)
            client_begin(&w->clients[i]);
    }
    if (atomic_load(&w->run->draining) && !w->draining)
        worker_drain(w);
}

static void worker_drain_over(struct ev_loop *loop, struct ev_timer *timer, int events) {
    struct worker *w = timer->data;
    uint64_t now = clock_now();

    (void)loop, (void)events;
    for (uint32_t i = 0; i < w->count; i++)
        client_abandon(&w->clients[i], now);
}

/* ---------------------------------------------------------------- the thread */

static void *worker_main(void *argument) {
    struct worker *w = argument;

    if (OWN_DESCRIPTORS)
        (void)!unshare(CLONE_FILES); /* a seccomp filter may forbid it: then it is only slower */
    ev_run(w->loop, 0);              /* WAIT: */
    worker_count_unsent(w);
    atomic_fetch_add(&w->run->finished, 1);
    run_notify(w->run);
    return NULL;
}

static void worker_watch(struct worker *w) {
    double timeout = w->run->options->timeout_s, limit = timeout < drain_s ? timeout : drain_s;
    double sweep = timeout / 20 < 0.25 ? timeout / 20 : 0.25;

    ev_prepare_init(&w->schedule, worker_schedule);
    ev_io_init(&w->timer, worker_timer, w->timer_fd, EV_READ);
    ev_async_init(&w->wake, worker_woken);
    ev_timer_init(&w->sweep, worker_sweep, sweep, sweep);
    ev_timer_init(&w->drain_limit, worker_drain_over, limit, 0.);
    w->schedule.data = w->wake.data = w->sweep.data = w->drain_limit.data = w;
    ev_prepare_start(w->loop, &w->schedule);
    ev_io_start(w->loop, &w->timer);
    ev_async_start(w->loop, &w->wake);
    ev_timer_start(w->loop, &w->sweep);
}

static struct histogram *new_histogram(void) {
    struct histogram *h = malloc(sizeof *h);

    if (h != NULL)
        histogram_reset(h);
    return h;
}

/* All memory of the thread, in advance: none is asked for while messages flow. */
static bool worker_allocate(struct worker *w) {
    size_t ring = (size_t)w->run->ring_mask + 1;
    bool open_loop = w->run->interval_ns > 0;

    w->receive_buffer = malloc(TRANSFER_SIZE);
    w->send_buffer = malloc(TRANSFER_SIZE);
    w->service = new_histogram();
    w->response = open_loop ? new_histogram() : NULL;
    w->clients = calloc(w->count, sizeof *w->clients);
    w->sent_at_rings = calloc(w->count * ring, sizeof *w->sent_at_rings);
    if (w->receive_buffer == NULL || w->send_buffer == NULL || w->service == NULL ||
        (open_loop && w->response == NULL) || w->clients == NULL || w->sent_at_rings == NULL)
        return false;
    for (uint32_t i = 0; i < w->count; i++)
        client_init(&w->clients[i], w, w->index + i * w->run->options->threads, w->sent_at_rings + i * ring);
    return true;
}

struct worker *worker_open(struct run *run, uint32_t index) {
    const struct options *o = run->options;
    struct worker *w = calloc(1, sizeof *w);

    if (w == NULL)
        return NULL;
    w->run = run;
    w->index = index;
    w->count = w->open = (o->clients - index + o->threads - 1) / o->threads;
    w->armed = NEVER;
    w->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    w->loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
    if (w->timer_fd < 0 || w->loop == NULL || !worker_allocate(w)) {
        worker_close(w);
        return NULL;
    }
    worker_watch(w);
    return w;
}

int worker_start(struct worker *w) {
    return pthread_create(&w->thread, NULL, worker_main, w);
}

void worker_wake(struct worker *w) {
    ev_async_send(w->loop, &w->wake);
}

void worker_join(struct worker *w) {
    pthread_join(w->thread, NULL);
}

void worker_close(struct worker *w) {
    if (w->loop != NULL)
        ev_loop_destroy(w->loop);
    if (w->timer_fd >= 0)
        close(w->timer_fd);
    free(w->receive_buffer);
    free(w->send_buffer);
    free(w->service);
    free(w->response);
    free(w->clients);
    free(w->sent_at_rings);
    free(w);
}
