#include "ev.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

struct ev_loop {
    TAILQ_HEAD(, ev_io) ios; /* the active ones */
    TAILQ_HEAD(, ev_timer) timers;
    ev_prepare *prepare;
    ev_tstamp now; /* as of the end of the last wait */
    bool broken;
    size_t count, capacity; /* of this round's table: `polled`, and beside it the watchers; NULL: stopped meanwhile */
    struct pollfd *polled;
    ev_io **watchers;
};

static void *plain_memory(void *old, long size) {
    if (size > 0)
        return realloc(old, (size_t)size);
    free(old);
    return NULL;
}

static void *(*memory)(void *old, long size) = plain_memory;

void ev_set_allocator(void *(*chosen)(void *old, long size)) {
    memory = chosen;
}

static void *must_have(void *old, size_t size) {
    void *got = memory(old, (long)size);
    if (!got)
        abort();
    return got;
}

static ev_tstamp clock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (ev_tstamp)now.tv_sec + (ev_tstamp)now.tv_nsec / 1e9;
}

struct ev_loop *ev_loop_new(unsigned flags) {
    struct ev_loop *loop = must_have(NULL, sizeof *loop);
    (void)flags;
    *loop = (struct ev_loop){.now = clock_now()};
    TAILQ_INIT(&loop->ios);
    TAILQ_INIT(&loop->timers);
    return loop;
}

void ev_loop_destroy(struct ev_loop *loop) {
    memory(loop->polled, 0);
    memory(loop->watchers, 0);
    memory(loop, 0);
}

void ev_break(struct ev_loop *loop, int how) {
    (void)how;
    loop->broken = true;
}

void ev_io_start(struct ev_loop *loop, ev_io *io) {
    if (io->active)
        return;
    io->active = true;
    io->slot = 0;
    TAILQ_INSERT_TAIL(&loop->ios, io, link);
}

void ev_io_stop(struct ev_loop *loop, ev_io *io) {
    if (!io->active)
        return;
    io->active = false;
    TAILQ_REMOVE(&loop->ios, io, link);
    if (io->slot > 0)
        loop->watchers[io->slot - 1] = NULL;
    io->slot = 0;
}

static void timer_start(struct ev_loop *loop, ev_timer *timer, ev_tstamp after) {
    if (!timer->active)
        TAILQ_INSERT_TAIL(&loop->timers, timer, link);
    timer->active = true;
    timer->at = loop->now + after;
}

void ev_timer_start(struct ev_loop *loop, ev_timer *timer) {
    if (!timer->active)
        timer_start(loop, timer, timer->after);
}

void ev_timer_stop(struct ev_loop *loop, ev_timer *timer) {
    if (timer->active)
        TAILQ_REMOVE(&loop->timers, timer, link);
    timer->active = false;
}

void ev_timer_again(struct ev_loop *loop, ev_timer *timer) {
    if (timer->repeat > 0)
        timer_start(loop, timer, timer->repeat);
    else
        ev_timer_stop(loop, timer);
}

void ev_prepare_start(struct ev_loop *loop, ev_prepare *prepare) {
    prepare->active = true;
    loop->prepare = prepare;
}

/* Makes the table of this round. */
static void loop_fill(struct ev_loop *loop) {
    ev_io *io;
    loop->count = 0;
    TAILQ_FOREACH (io, &loop->ios, link) {
        if (loop->count == loop->capacity) {
            loop->capacity = loop->capacity ? 2 * loop->capacity : 16;
            loop->polled = must_have(loop->polled, loop->capacity * sizeof *loop->polled);
            loop->watchers = must_have(loop->watchers, loop->capacity * sizeof(ev_io *));
        }
        short wanted = (short)((io->events & EV_READ ? POLLIN : 0) | (io->events & EV_WRITE ? POLLOUT : 0));
        loop->polled[loop->count] = (struct pollfd){.fd = io->fd, .events = wanted};
        loop->watchers[loop->count] = io;
        io->slot = ++loop->count;
    }
}

/* Milliseconds until the next timer is due, rounded up; -1: there is none. */
static int loop_patience(const struct ev_loop *loop) {
    const ev_timer *timer, *first = NULL;
    TAILQ_FOREACH (timer, &loop->timers, link)
        if (!first || timer->at < first->at)
            first = timer;
    if (!first)
        return -1;
    ev_tstamp left = first->at - clock_now();
    return left <= 0 ? 0 : left > 3600 ? 3600 * 1000 : (int)(left * 1000) + 1;
}

static void io_call(struct ev_loop *loop, ev_io *io, short ready) {
    int events =
        (ready & (POLLIN | POLLERR | POLLHUP) ? EV_READ : 0) | (ready & (POLLOUT | POLLERR | POLLHUP) ? EV_WRITE : 0);
    if (ready & POLLNVAL) { /* no open descriptor: poll would return immediately for ever */
        ev_io_stop(loop, io);
        io->call(loop, io, EV_ERROR | EV_READ | EV_WRITE);
    } else if (events & io->events) {
        io->call(loop, io, events & io->events);
    }
}

static void loop_call_ios(struct ev_loop *loop) {
    for (size_t i = 0; i < loop->count; i++)
        if (loop->watchers[i] && loop->polled[i].revents)
            io_call(loop, loop->watchers[i], loop->polled[i].revents);
}

static ev_timer *loop_due(const struct ev_loop *loop) {
    ev_timer *timer;
    TAILQ_FOREACH (timer, &loop->timers, link)
        if (timer->at <= loop->now)
            return timer;
    return NULL;
}

/* Begins at the front again after each call: a call may start and stop timers. */
static void loop_call_timers(struct ev_loop *loop) {
    ev_timer *timer;
    while ((timer = loop_due(loop)) != NULL) {
        ev_timer_again(loop, timer); /* without `repeat` it is stopped */
        timer->call(loop, timer, EV_TIMER);
    }
}

void ev_run(struct ev_loop *loop, int flags) {
    (void)flags;
    loop->broken = false;
    while (!loop->broken) {
        if (loop->prepare)
            loop->prepare->call(loop, loop->prepare, EV_PREPARE);
        if (loop->broken)
            break;
        loop_fill(loop);
        int count = poll(loop->polled, loop->count, loop_patience(loop)); /* WAIT: for any of them, or a timer */
        if (count < 0 && errno != EINTR)
            abort();
        loop->now = clock_now();
        if (count > 0)
            loop_call_ios(loop);
        loop_call_timers(loop);
    }
}
