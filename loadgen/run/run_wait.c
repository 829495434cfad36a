/* run_wait.c - the main thread sleeps until a point in time, a signal, or a notification by a worker; or until all
 * ranks have come to a meeting. */
#include "run/run_parts.h"
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

bool run_all_settled(const struct run *run) {
    return atomic_load(&run->board.settled) == run->plan.clients;
}

bool run_all_greeted(const struct run *run) {
    return atomic_load(&run->board.greeted) >= run->board.to_greet;
}

bool run_all_dead(const struct run *run) {
    return run->plan.options->place.count == 1 && atomic_load(&run->board.dead) == run->plan.threads;
}

bool run_all_finished(const struct run *run) {
    return atomic_load(&run->board.finished) == run->plan.threads;
}

/* The first signal ends the run early, the second ends the program immediately. */
static void run_take_signal(struct run *run) {
    struct signalfd_siginfo info;

    if (read(run->signal_fd, &info, sizeof info) != sizeof info)
        return;
    if (run->interrupted)
        _exit(128 + (int)info.ssi_signo);
    run->interrupted = true;
    together_stop();
}

static void tell_progress(struct run *run, uint64_t now) {
    struct census all = {0}, census;

    for (uint32_t i = 0; i < run->plan.threads; i++) {
        worker_census(run->workers[i], &census);
        census_add(&all, &census);
    }
    progress_tell(&run->progress, now, &all);
}

/* How far this load generator's threads are. */
static struct headway run_headway(const struct run *run) {
    struct headway h = {.settled = atomic_load(&run->board.settled)};

    for (uint32_t i = 0; i < run->plan.threads; i++) {
        h.messages += atomic_load_explicit(&run->workers[i]->published_messages, memory_order_relaxed);
        h.failures += atomic_load_explicit(&run->workers[i]->published_failures, memory_order_relaxed);
    }
    return h;
}

static void show_progress(struct run *run, uint64_t now, const struct headway *h) {
    const struct progress_counts counts = {.clients = run->plan.options->clients, h->settled, h->messages, h->failures};

    if (run->progress.fd >= 0)
        tell_progress(run, now);
    else
        progress_print(&run->progress, now, &counts);
}

/* Looks after the other ranks, if there are any, and the progress line. Returns when that is due again. */
static uint64_t look_around(struct run *run, uint64_t now) {
    struct headway headway = run_headway(run);
    uint64_t next = together_turn(now, &headway);

    if (together_stopped())
        run->interrupted = true;
    if (progress_is_due(&run->progress, now))
        show_progress(run, now, &headway);
    return next < run->progress.next ? next : run->progress.next;
}

/* Sleeps until `until`, a signal, or a notification, but not longer than until something else is due. */
static void run_sleep(struct run *run, uint64_t now, uint64_t until) {
    struct pollfd fds[] = {{run->signal_fd, POLLIN, 0}, {run->board.notify_fd, POLLIN, 0}};
    uint64_t next = look_around(run, now), time, drained;
    struct timespec wait;

    time = next < until ? next : until;
    time = time > now ? time - now : 0;
    wait = (struct timespec){(time_t)(time / NS_PER_S), (long)(time % NS_PER_S)};
    if (ppoll(fds, 2, &wait, NULL) <= 0) /* WAIT: */
        return;
    if (fds[0].revents != 0)
        run_take_signal(run);
    if (fds[1].revents != 0)
        (void)!read(run->board.notify_fd, &drained, sizeof drained);
}

bool run_wait(struct run *run, uint64_t until, bool (*done)(const struct run *)) {
    bool interrupted_before = run->interrupted;

    for (;;) {
        uint64_t now = clock_now();
        if (now >= until || (done != NULL && done(run)))
            return true;
        if (run->interrupted != interrupted_before)
            return false;
        run_sleep(run, now, until);
    }
}

bool run_meet(struct run *run, enum meeting meeting, uint64_t *at) {
    together_arrive(meeting);
    while (!together_met(meeting, at)) {
        if (run->interrupted && meeting < MEET_DRAIN)
            return false;
        run_wait(run, clock_now() + NS_PER_MS, NULL);
    }
    return true;
}

bool run_await_input(struct run *run, int fd) {
    struct pollfd fds[] = {{run->signal_fd, POLLIN, 0}, {fd, POLLIN, 0}};

    while (!run->interrupted) {
        uint64_t now = clock_now(), next = look_around(run, now);
        if (poll(fds, 2, next == NEVER ? -1 : (int)((next - now) / NS_PER_MS) + 1) <= 0) /* WAIT: */
            continue;
        if (fds[0].revents != 0)
            run_take_signal(run);
        else if (fds[1].revents != 0)
            return true;
    }
    return false;
}
