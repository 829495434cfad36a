/* ev.h - stands in for libev's <ev.h>, so that lab 10 needs gcc and glibc only: what ws_demo/framework.c uses of it,
 * with the same names and meanings, over poll(2). libev(3) explains them.
 *
 * Not here: epoll, more than one loop, priorities. With poll(2) every wait costs time for each connection; a class has
 * few. */
#ifndef IO_MODELS_LAB_EV_H
#define IO_MODELS_LAB_EV_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

typedef double ev_tstamp; /* seconds */

enum {
    EV_READ = 1,
    EV_WRITE = 2,
    EV_TIMER = 0x100,
    EV_PREPARE = 0x4000,
    EV_ERROR = 0x8000, /* the descriptor cannot be watched, and the watcher is stopped */
    EVBREAK_ALL = 2,
    EVBACKEND_EPOLL = 4, /* accepted, and not used */
    EVFLAG_NOENV = 0x1000000
};

struct ev_loop;

/* Watches a descriptor. Level-triggered: what is still ready is reported again. */
typedef struct ev_io {
    bool active;
    void *data; /* the application's */
    void (*call)(struct ev_loop *loop, struct ev_io *io, int events);
    int fd, events;
    size_t slot; /* where it is in the loop's table of this round, plus 1; 0: it is not */
    TAILQ_ENTRY(ev_io) link;
} ev_io;

typedef struct ev_timer {
    bool active;
    void *data;
    void (*call)(struct ev_loop *loop, struct ev_timer *timer, int events);
    ev_tstamp after, repeat, at; /* repeat 0: once */
    TAILQ_ENTRY(ev_timer) link;
} ev_timer;

/* Is called before each sleep of the loop. LIMIT: one of them. */
typedef struct ev_prepare {
    bool active;
    void *data;
    void (*call)(struct ev_loop *loop, struct ev_prepare *prepare, int events);
} ev_prepare;

#define ev_is_active(watcher) ((watcher)->active)

static inline void ev_io_set(ev_io *io, int fd, int events) {
    io->fd = fd;
    io->events = events;
}

static inline void ev_io_init(ev_io *io, void (*call)(struct ev_loop *, ev_io *, int), int fd, int events) {
    *io = (ev_io){.call = call, .fd = fd, .events = events};
}

static inline void ev_timer_set(ev_timer *timer, ev_tstamp after, ev_tstamp repeat) {
    timer->after = after;
    timer->repeat = repeat;
}

static inline void ev_timer_init(
    ev_timer *timer, void (*call)(struct ev_loop *, ev_timer *, int), ev_tstamp after, ev_tstamp repeat) {
    *timer = (ev_timer){.call = call, .after = after, .repeat = repeat};
}

static inline void ev_prepare_init(ev_prepare *prepare, void (*call)(struct ev_loop *, ev_prepare *, int)) {
    *prepare = (ev_prepare){.call = call};
}

/* `memory` does what realloc(3) does, and frees for a size of 0. The process is aborted if the loop gets no memory. */
void ev_set_allocator(void *(*memory)(void *old, long size));

struct ev_loop *ev_loop_new(unsigned flags);
void ev_loop_destroy(struct ev_loop *loop);
void ev_run(struct ev_loop *loop, int flags); /* WAIT: until a watcher is due; returns after ev_break */
void ev_break(struct ev_loop *loop, int how);

/* A watcher that is stopped is not called any more, not even for an event that has come already. */
void ev_io_start(struct ev_loop *loop, ev_io *io);
void ev_io_stop(struct ev_loop *loop, ev_io *io);
void ev_timer_start(struct ev_loop *loop, ev_timer *timer);
void ev_timer_stop(struct ev_loop *loop, ev_timer *timer);
void ev_timer_again(struct ev_loop *loop, ev_timer *timer); /* counts `repeat` from now; 0: stops it */
void ev_prepare_start(struct ev_loop *loop, ev_prepare *prepare);

#endif
