/* worker.c - one thread: its event loop, what is due when, and the way out.
 *
 * In the closed loop the thread only reacts: replies come, the next messages go. In the open loop (--rate), and while
 * connecting, it also acts on its own at times that are far closer together than an event loop's timers can tell
 * apart. So before each wait it does all that is due (worker_turn), and sets a timerfd for the next due time:
 * nanoseconds, and one system call only when that time has changed.
 */
#include "worker/worker.h"
#include <errno.h>
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

    if (start == NEVER || w->active == 0)
        return NEVER;
    for (unsigned batch = 0; batch < OFFER_BATCH; batch++) {
        struct client *c = &w->clients[w->cursor];
        uint64_t due = run_due(w->run, start, c->id, w->round);
        if (due >= end)
            return NEVER;
        if (due > now)
            return due;
        client_offer(c);
        if (++w->cursor == w->active)
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

/* When the next of those that have closed may connect: `now`, if it could already. One whose old socket is still with
 * the kernel waits for that: a completion tells, and the next turn sees it. */
static uint64_t worker_next_return(const struct worker *w, uint64_t now) {
    uint64_t next = NEVER;
    struct client *c;

    STAILQ_FOREACH (c, &w->returning, link) {
        if (c->fd < 0 && c->again_at < next)
            next = c->again_at;
    }
    return next > now ? next : now;
}

/* Connects those that have closed, and whose time has come. Returns when the next one's does. */
static uint64_t worker_connect_again(struct worker *w, uint64_t now) {
    STAILQ_HEAD(, client) waiting = STAILQ_HEAD_INITIALIZER(waiting);
    struct client *c;
    unsigned batch = 0;

    STAILQ_CONCAT(&waiting, &w->returning);
    while ((c = STAILQ_FIRST(&waiting)) != NULL) {
        STAILQ_REMOVE_HEAD(&waiting, link);
        if (c->state != CLIENT_WAITING)
            continue; /* it does not return any more: the run is over */
        if (c->fd >= 0 || c->again_at > now || batch == CONNECT_BATCH) {
            STAILQ_INSERT_TAIL(&w->returning, c, link);
        } else {
            batch++;
            client_connect(c, now); /* may put it among those that return */
        }
    }
    return worker_next_return(w, now);
}

static void worker_flash(struct worker *w) {
    w->flash_due = NEVER;
    for (uint32_t i = 0; i < w->count; i++)
        client_cut(&w->clients[i]);
}

void worker_client_returns(struct worker *w, struct client *c) {
    STAILQ_INSERT_TAIL(&w->returning, c, link);
}

static void worker_sweep(struct worker *w, uint64_t now) {
    for (uint32_t i = 0; i < w->count; i++)
        client_sweep(&w->clients[i], now);
    atomic_store_explicit(&w->published_messages, w->tally.messages, memory_order_relaxed);
    atomic_store_explicit(&w->published_failures, tally_failures(&w->tally), memory_order_relaxed);
    w->sweep_due = now + w->run->sweep_ns;
}

static void worker_drain_over(struct worker *w, uint64_t now) {
    for (uint32_t i = 0; i < w->count; i++)
        client_abandon(&w->clients[i], now);
    w->drain_due = NEVER;
}

static uint64_t earlier(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

void worker_turn(struct worker *w) {
    uint64_t now = clock_now(), next = NEVER;

    if (w->sweep_due <= now)
        worker_sweep(w, now);
    if (w->drain_due <= now)
        worker_drain_over(w, now);
    if (!w->draining)
        next = worker_connect_due(w, now);
    if (w->flash_due <= now)
        worker_flash(w);
    next = earlier(next, worker_connect_again(w, now));
    if (!w->draining && w->run->interval_ns > 0)
        next = earlier(next, worker_send_due(w, now));
    next = earlier(next, w->flash_due);
    worker_arm(w, earlier(next, earlier(w->sweep_due, w->drain_due)));
}

/* ---------------------------------------------------------------- now and then */

void worker_client_settled(struct worker *w) {
    if (atomic_fetch_add(&w->run->settled, 1) + 1 == w->run->options->clients)
        run_notify(w->run);
}

void worker_client_greeted(struct worker *w) {
    if (atomic_fetch_add(&w->run->greeted, 1) + 1 == w->run->to_greet)
        run_notify(w->run);
}

void worker_client_ended(struct worker *w) {
    if (--w->open > 0)
        return;
    if (w->draining)
        w->over = true;
    else if (atomic_fetch_add(&w->run->dead, 1) + 1 == w->run->options->threads)
        run_notify(w->run);
}

/* ---------------------------------------------------------------- the way out */

/* Open loop: how many messages of a client were due before the window's end. */
static uint64_t worker_due_in_all(const struct worker *w, const struct client *c, uint64_t start, uint64_t end) {
    double messages = (double)(end - start) / w->run->interval_ns; /* of all clients */
    double share = (messages - c->id) / w->run->options->active - 1;
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
    for (uint32_t i = 0; i < w->active; i++) {
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
    w->flash_due = NEVER;
    w->over = w->open == 0;
    w->drain_due = clock_now() + w->run->drain_ns;
    for (uint32_t i = 0; i < w->count; i++)
        client_finish(&w->clients[i]);
}

void worker_woken(struct worker *w) {
    if (atomic_load(&w->run->schedule_start) != NEVER && !w->begun) {
        w->begun = true;
        w->flash_due = atomic_load(&w->run->flash_at);
        for (uint32_t i = 0; i < w->count; i++)
            client_begin(&w->clients[i]);
    }
    if (atomic_load(&w->run->draining) && !w->draining)
        worker_drain(w);
}

/* ---------------------------------------------------------------- the thread */

static void *worker_main(void *argument) {
    struct worker *w = argument;

    if (OWN_DESCRIPTORS)
        (void)!unshare(CLONE_FILES); /* a seccomp filter may forbid it: then it is only slower */
    w->run->transport->run(w);       /* WAIT: */
    worker_count_unsent(w);
    atomic_fetch_add(&w->run->finished, 1);
    run_notify(w->run);
    return NULL;
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
    bool open_loop = w->run->interval_ns > 0, own = w->run->transport->keeps_bytes;

    w->receive_buffer = malloc(TRANSFER_SIZE);
    w->send_buffers = calloc(own ? w->count : 1, w->run->send_room);
    w->service = new_histogram();
    w->response = open_loop ? new_histogram() : NULL;
    w->clients = calloc(w->count, sizeof *w->clients);
    w->sent_at_rings = calloc(w->count * ring, sizeof *w->sent_at_rings);
    if (w->receive_buffer == NULL || w->send_buffers == NULL || w->service == NULL ||
        (open_loop && w->response == NULL) || w->clients == NULL || w->sent_at_rings == NULL)
        return false;
    for (uint32_t i = 0; i < w->count; i++)
        client_init(&w->clients[i], w, w->index + i * w->run->options->threads, w->sent_at_rings + i * ring,
            w->send_buffers + (own ? i * w->run->send_room : 0));
    return true;
}

/* How many of the ids below `count` are index, index + threads, index + 2 * threads, ... */
static uint32_t share(uint32_t count, uint32_t index, uint32_t threads) {
    return count > index ? (count - index + threads - 1) / threads : 0;
}

struct worker *worker_open(struct run *run, uint32_t index, const char **why) {
    const struct options *o = run->options;
    struct worker *w = calloc(1, sizeof *w);

    *why = strerror(ENOMEM);
    if (w == NULL)
        return NULL;
    w->run = run;
    w->index = index;
    w->count = w->open = share(o->clients, index, o->threads);
    w->active = share(o->active, index, o->threads);
    STAILQ_INIT(&w->returning);
    w->armed = w->flash_due = w->drain_due = NEVER;
    w->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (w->timer_fd < 0)
        *why = strerror(errno);
    if (w->timer_fd < 0 || !worker_allocate(w) || (*why = run->transport->open(w)) != NULL) {
        worker_close(w);
        return NULL;
    }
    return w;
}

int worker_start(struct worker *w) {
    return pthread_create(&w->thread, NULL, worker_main, w);
}

void worker_wake(struct worker *w) {
    w->run->transport->wake(w);
}

void worker_join(struct worker *w) {
    pthread_join(w->thread, NULL);
}

void worker_close(struct worker *w) {
    w->run->transport->close(w);
    if (w->timer_fd >= 0)
        close(w->timer_fd);
    free(w->receive_buffer);
    free(w->send_buffers);
    free(w->service);
    free(w->response);
    free(w->clients);
    free(w->sent_at_rings);
    free(w);
}
