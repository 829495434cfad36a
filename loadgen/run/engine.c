/* engine.c - the phases of a run, seen from the main thread, which moves no messages itself:
 *
 *     connect           until every client is connected, or has failed to, and has been answered once, if that is soon
 *     warm-up           same load, same connections, not measured
 *     measured window   its borders are points in time, the same for all threads; the server is sampled at both
 *     drain, close      no new messages; see worker.c
 *     afterwards        --aftermath: the server is looked at until it is as it was before
 *
 * The main thread sleeps until the next border, a signal, or word from the workers.
 */
#include "run/engine.h"
#include "chaos/chaos.h"
#include "client/run.h"
#include "meaning/die.h"
#include "run/aftermath.h"
#include "run/process_sample.h"
#include "run/progress.h"
#include "worker/worker.h"
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
    GREETING_MS = 1000, /* LIMIT: for the first answers; whoever is starved has none to wait for */
    LEAD_MS = 2,        /* a border is set so far ahead that every thread knows it when it comes */
    SWITCHES_LEAD_MS = 5,
};

/* The clocks of both sides at one border of the window. */
struct border {
    uint64_t at, client_cpu_ns, server_cpu_ns;
    bool server_known;
};

struct engine {
    struct run run;
    struct worker **workers;
    struct progress progress;
    int signal_fd;
    bool interrupted;
};

/* ---------------------------------------------------------------- waiting */

static bool all_settled(const struct engine *e) {
    return atomic_load(&e->run.settled) == e->run.options->clients;
}

static bool all_greeted(const struct engine *e) {
    return atomic_load(&e->run.greeted) >= e->run.to_greet;
}

static bool all_dead(const struct engine *e) {
    return atomic_load(&e->run.dead) == e->run.options->threads;
}

static bool all_finished(const struct engine *e) {
    return atomic_load(&e->run.finished) == e->run.options->threads;
}

/* The first signal ends the run early, the second the program. */
static void engine_take_signal(struct engine *e) {
    struct signalfd_siginfo info;

    if (read(e->signal_fd, &info, sizeof info) != sizeof info)
        return;
    if (e->interrupted)
        _exit(128 + (int)info.ssi_signo);
    e->interrupted = true;
}

/* Sleeps until `until`, a signal, or a notification, but not longer than the progress line may. */
static void engine_sleep(struct engine *e, uint64_t now, uint64_t until) {
    uint64_t most = progress_update(&e->progress, now), time = until - now < most ? until - now : most, drained;
    struct timespec wait = {(time_t)(time / NS_PER_S), (long)(time % NS_PER_S)};
    struct pollfd fds[] = {{e->signal_fd, POLLIN, 0}, {e->run.notify_fd, POLLIN, 0}};

    if (ppoll(fds, 2, &wait, NULL) <= 0) /* WAIT: */
        return;
    if (fds[0].revents != 0)
        engine_take_signal(e);
    if (fds[1].revents != 0)
        (void)!read(e->run.notify_fd, &drained, sizeof drained);
}

/* Waits until `done` holds (if given) or `until` has come. Returns false if the run was interrupted meanwhile. */
static bool engine_wait(struct engine *e, uint64_t until, bool (*done)(const struct engine *)) {
    bool interrupted_before = e->interrupted;

    for (;;) {
        uint64_t now = clock_now();
        if (now >= until || (done != NULL && done(e)))
            return true;
        if (e->interrupted != interrupted_before)
            return false;
        engine_sleep(e, now, until);
    }
}

/* ---------------------------------------------------------------- set-up */

/* As many descriptors as the system lets this process have. */
static void raise_descriptor_limit(const struct options *o) {
    struct rlimit limit;
    rlim_t needed = o->clients / o->threads + 32 + o->chaos_clients; /* each thread has a table of its own */

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < needed)
        fprintf(stderr,
            "loadgen: warning: %u clients per thread, and those of --chaos, do not fit into %llu open files: those "
            "beyond are counted as "
            "client_limit; raise 'ulimit -Hn'\n",
            (unsigned)(o->clients / o->threads), (unsigned long long)limit.rlim_cur);
}

static void take_signals(struct engine *e) {
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL); /* in all threads to come */
    signal(SIGPIPE, SIG_IGN);
    e->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (e->signal_fd < 0)
        die("signalfd: %s", strerror(errno));
}

/* Returns how many were opened: all, or *why the next one cannot be. */
static uint32_t open_workers(struct engine *e, const char **why) {
    uint32_t count = 0;

    while (count < e->run.options->threads && (e->workers[count] = worker_open(&e->run, count, why)) != NULL)
        count++;
    return count;
}

static void start_workers(struct engine *e) {
    uint32_t threads = e->run.options->threads, opened;
    const char *why;

    e->workers = calloc(threads, sizeof(struct worker *));
    if (e->workers == NULL)
        die("out of memory for %u threads", threads);
    opened = open_workers(e, &why);
    if (opened < threads && e->run.transport != &transport_epoll) {
        while (opened > 0)
            worker_close(e->workers[--opened]);
        run_go_on_by_epoll(&e->run, why);
        opened = open_workers(e, &why);
    }
    if (opened < threads)
        die("cannot set up thread %u of %u: %s; ask for fewer --threads, --clients or --pipeline", opened + 1, threads,
            why);
    e->run.started = clock_now();
    for (uint32_t i = 0; i < threads; i++) {
        int error = worker_start(e->workers[i]);
        if (error != 0)
            die("cannot start thread %u of %u: %s; ask for fewer --threads", i + 1, threads, strerror(error));
    }
}

static void look_before(const struct engine *e, struct result *r) {
    const struct options *o = e->run.options;

    if (!o->aftermath)
        return;
    aftermath_sample(o->server_pid, &r->aftermath.before);
    if (isnan(r->aftermath.before.descriptors))
        die("--aftermath: what process %d has in use cannot be read; run as its user", (int)o->server_pid);
}

static void engine_open(struct engine *e, const struct options *options, struct result *r) {
    uint64_t kib;

    result_open(r, options);
    memset(e, 0, sizeof *e);
    raise_descriptor_limit(options);
    run_open(&e->run, options);
    take_signals(e);
    if (options->server_pid != 0 && !process_cpu_ns(options->server_pid, &(uint64_t){0}))
        die("--server-pid %d: no such process; start the server first", (int)options->server_pid);
    if (options->server_pid != 0 && process_private_kib(options->server_pid, &kib))
        r->memory_before_kib = (double)kib;
    if (kernel_memory_kib(&kib))
        r->kernel_before_kib = (double)kib;
    look_before(e, r);
    start_workers(e);
    r->io = e->run.transport->name;
    progress_open(&e->progress, &e->run, e->workers);
}

/* ---------------------------------------------------------------- the phases */

static void wake_workers(struct engine *e) {
    for (uint32_t i = 0; i < e->run.options->threads; i++)
        worker_wake(e->workers[i]);
}

static void connect_phase(struct engine *e) {
    const struct options *o = e->run.options;

    e->progress.phase = "connecting";
    engine_wait(e, NEVER, all_settled);            /* each client's attempt ends within --ramp + --timeout */
    if (!e->interrupted && o->active < o->clients) /* or their greetings would be in the way of what is measured */
        engine_wait(e, clock_now() + e->run.timeout_ns, all_greeted);
    else if (!e->interrupted)
        engine_wait(e, clock_now() + GREETING_MS * NS_PER_MS, all_greeted);
}

/* Fixes the borders of the window for all threads, and starts the schedule of the open loop. */
static void set_borders(struct engine *e) {
    const struct options *o = e->run.options;
    uint64_t start = clock_now() + LEAD_MS * NS_PER_MS, window = start + clock_from_seconds(o->warmup_s);

    atomic_store(&e->run.window_end, window + clock_from_seconds(o->duration_s));
    atomic_store(&e->run.window_start, window);
    if (o->flash)
        atomic_store(&e->run.flash_at, window + clock_from_seconds(o->duration_s / 2));
    atomic_store(&e->run.schedule_start, start);
    wake_workers(e);
}

static void take_border(const struct engine *e, struct border *b) {
    pid_t pid = e->run.options->server_pid;
    struct timespec t;

    b->server_known = pid != 0 && process_cpu_ns(pid, &b->server_cpu_ns);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    b->client_cpu_ns = (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
    b->at = clock_now();
}

/* Counting the context switches of thousands of threads takes a while, on a CPU that the load may need. So the first
 * count is made right before the window, and how long before is known from a count made for practice. */
static bool switches_before(struct engine *e, uint64_t counts[2]) {
    pid_t pid = e->run.options->server_pid;
    uint64_t begun = clock_now(), window = atomic_load(&e->run.window_start), lead;
    bool known = pid != 0 && process_switches(pid, &counts[0], &counts[1]);

    lead = 2 * (clock_now() - begun) + SWITCHES_LEAD_MS * NS_PER_MS;
    if (!known || clock_now() + lead > window)
        return known;
    return engine_wait(e, window - lead, all_dead) && process_switches(pid, &counts[0], &counts[1]);
}

/* The server's figures at the window's end; the connections are still open. */
static void sample_server_after(const struct engine *e, struct result *r, bool before_known, const uint64_t before[2]) {
    pid_t pid = e->run.options->server_pid;
    uint64_t after[2], kib;

    if (pid == 0)
        return;
    if (before_known && process_switches(pid, &after[0], &after[1]) && after[0] >= before[0] && after[1] >= before[1]) {
        r->voluntary_switches = (double)(after[0] - before[0]);
        r->involuntary_switches = (double)(after[1] - before[1]);
    }
    if (e->run.options->aftermath) {
        aftermath_sample(pid, &r->aftermath.peak);
        r->memory_after_kib = r->aftermath.peak.memory_kib;
    } else if (process_private_kib(pid, &kib)) {
        r->memory_after_kib = (double)kib;
    }
    if (kernel_memory_kib(&kib))
        r->kernel_after_kib = (double)kib;
}

/* CPU time between the borders. They are sampled a moment late, each; what is said is scaled to the window (unless
 * there was nobody left to wait for: the rest of the window costs nothing). */
static void store_cpu(struct result *r, const struct border *from, const struct border *to) {
    double scale = r->all_failed ? 1 : r->window_s / clock_to_seconds(to->at - from->at);

    r->client_cpu_s = clock_to_seconds(to->client_cpu_ns - from->client_cpu_ns) * scale;
    if (from->server_known && to->server_known)
        r->server_cpu_s = clock_to_seconds(to->server_cpu_ns - from->server_cpu_ns) * scale;
}

/* Interrupted: no message is sent from now on, and none that arrives counts. Returns the window's end. */
static uint64_t end_window_now(struct engine *e) {
    uint64_t now = clock_now();

    if (now < atomic_load(&e->run.window_end))
        atomic_store(&e->run.window_end, now);
    return atomic_load(&e->run.window_end);
}

/* Warm-up and window. What is waited for comes by itself: the workers know the borders. */
static void measure(struct engine *e, struct result *r) {
    uint64_t start = atomic_load(&e->run.window_start), end = atomic_load(&e->run.window_end), switches[2];
    struct border from, to;
    bool known;

    e->progress.phase = "warm-up";
    known = switches_before(e, switches);
    if (!e->interrupted)
        engine_wait(e, start, all_dead);
    take_border(e, &from);
    e->progress.phase = "measuring";
    if (!e->interrupted)
        engine_wait(e, end, all_dead);
    if (e->interrupted)
        end = end_window_now(e);
    /* With every client failed, waiting for the window's end would bring no message more: it counts as if waited. */
    r->all_failed = clock_now() < end;
    take_border(e, &to);
    sample_server_after(e, r, known, switches);
    if (end > start) {
        r->window_s = clock_to_seconds(end - start);
        store_cpu(r, &from, &to);
    }
}

static void drain_phase(struct engine *e) {
    e->progress.phase = "draining";
    if (e->interrupted)
        end_window_now(e);
    atomic_store(&e->run.draining, true);
    wake_workers(e);
    while (!all_finished(e))
        engine_wait(e, NEVER, all_finished);
    for (uint32_t i = 0; i < e->run.options->threads; i++)
        worker_join(e->workers[i]);
}

/* Until nothing more is awaited, or Ctrl-C. */
static void aftermath_phase(struct engine *e, struct result *r) {
    struct aftermath_watch watch = {0};

    e->progress.phase = "afterwards";
    while (e->run.options->aftermath && aftermath_look(&watch, &r->aftermath, &e->run))
        if (!engine_wait(e, clock_now() + NS_PER_MS, NULL))
            return;
}

/* ---------------------------------------------------------------- the end */

static int compare_counts(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Adds up what the threads counted. */
static void collect(struct engine *e, struct result *r) {
    const struct options *o = e->run.options;

    r->per_client = calloc(o->active, sizeof *r->per_client);
    r->service = e->workers[0]->service; /* OWNS: the first thread's histograms become the result's */
    r->response = e->workers[0]->response;
    e->workers[0]->service = e->workers[0]->response = NULL;
    for (uint32_t i = 0; i < o->threads; i++) {
        const struct worker *w = e->workers[i];
        tally_merge(&r->tally, &w->tally);
        chaos_tally_merge(&r->chaos, &w->chaos);
        if (i > 0)
            histogram_merge(r->service, w->service);
        if (i > 0 && r->response != NULL)
            histogram_merge(r->response, w->response);
        for (uint32_t k = 0; r->per_client != NULL && k < w->active; k++)
            r->per_client[w->clients[k].id] = w->clients[k].window_messages;
    }
    if (r->per_client == NULL)
        die("out of memory for the report");
    qsort(r->per_client, o->active, sizeof *r->per_client, compare_counts);
}

void engine_run(const struct options *options, struct result *result) {
    struct engine e;
    struct chaos *chaos;

    engine_open(&e, options, result);
    connect_phase(&e);
    chaos = chaos_start(&e.run);
    if (!e.interrupted) {
        set_borders(&e);
        measure(&e, result);
    }
    result->interrupted = e.interrupted; /* a signal later than this cuts nothing off what was measured */
    drain_phase(&e);
    chaos_stop(chaos, &result->chaos);
    aftermath_phase(&e, result);
    result->told_to_stop = e.interrupted;
    progress_close(&e.progress);
    collect(&e, result);
    for (uint32_t i = 0; i < options->threads; i++)
        worker_close(e.workers[i]);
    free(e.workers);
    close(e.signal_fd);
    run_close(&e.run);
}
