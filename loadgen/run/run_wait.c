/* run_wait.c - the main thread sleeps until a point in time, a signal, or a notification by a worker. */
#include "run/run_parts.h"
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

bool run_all_settled(const struct run *run) {
    return atomic_load(&run->board.settled) == run->plan.options->clients;
}

bool run_all_greeted(const struct run *run) {
    return atomic_load(&run->board.greeted) >= run->board.to_greet;
}

bool run_all_dead(const struct run *run) {
    return atomic_load(&run->board.dead) == run->plan.options->threads;
}

bool run_all_finished(const struct run *run) {
    return atomic_load(&run->board.finished) == run->plan.options->threads;
}

/* The first signal ends the run early, the second ends the program immediately. */
static void run_take_signal(struct run *run) {
    struct signalfd_siginfo info;

    if (read(run->signal_fd, &info, sizeof info) != sizeof info)
        return;
    if (run->interrupted)
        _exit(128 + (int)info.ssi_signo);
    run->interrupted = true;
}

static void tell_progress(struct run *run, uint64_t now) {
    struct census all = {0}, census;

    for (uint32_t i = 0; i < run->plan.options->threads; i++) {
        worker_census(run->workers[i], &census);
        census_add(&all, &census);
    }
    progress_tell(&run->progress, now, &all);
}

static void show_progress(struct run *run, uint64_t now) {
    const struct options *o = run->plan.options;
    struct progress_counts counts = {.clients = o->clients, .settled = atomic_load(&run->board.settled)};

    if (run->progress.fd >= 0) {
        tell_progress(run, now);
        return;
    }
    for (uint32_t i = 0; i < o->threads; i++) {
        counts.messages += atomic_load_explicit(&run->workers[i]->published_messages, memory_order_relaxed);
        counts.failures += atomic_load_explicit(&run->workers[i]->published_failures, memory_order_relaxed);
    }
    progress_print(&run->progress, now, &counts);
}

/* Sleeps until `until`, a signal, or a notification, but not longer than the progress line may. */
static void run_sleep(struct run *run, uint64_t now, uint64_t until) {
    struct pollfd fds[] = {{run->signal_fd, POLLIN, 0}, {run->board.notify_fd, POLLIN, 0}};
    uint64_t time, drained;
    struct timespec wait;

    if (progress_is_due(&run->progress, now))
        show_progress(run, now);
    time = (until < run->progress.next ? until : run->progress.next) - now;
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

bool run_await_input(struct run *run, int fd) {
    struct pollfd fds[] = {{run->signal_fd, POLLIN, 0}, {fd, POLLIN, 0}};

    while (!run->interrupted) {
        if (poll(fds, 2, -1) <= 0) /* WAIT: */
            continue;
        if (fds[0].revents != 0)
            run_take_signal(run);
        else if (fds[1].revents != 0)
            return true;
    }
    return false;
}
