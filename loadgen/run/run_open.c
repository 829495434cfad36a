/* run_open.c - set-up, and the end. */
#include "meaning/die.h"
#include "run/aftermath.h"
#include "run/process_sample.h"
#include "run/run_parts.h"
#include "tls/context.h"
#include "tls/tls.h"
#include "transport/transports.h"
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Raises the soft limit of open files to the hard limit. */
static void raise_descriptor_limit(const struct plan *plan) {
    struct rlimit limit;
    uint32_t per_thread = plan->threads > 0 ? plan->clients / plan->threads : 0;
    rlim_t needed = per_thread + 32 + plan->chaos_clients; /* each thread has its own descriptor table */

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < needed)
        complain("warning: %u clients per thread, and those of --chaos, do not fit into %llu open files: those beyond "
                 "are counted as client_limit; raise 'ulimit -Hn'",
            (unsigned)per_thread, (unsigned long long)limit.rlim_cur);
}

static void take_signals(struct run *run) {
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL); /* threads inherit it */
    signal(SIGPIPE, SIG_IGN);
    run->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (run->signal_fd < 0)
        die("signalfd: %s", strerror(errno));
}

/* io_uring cannot be used: says why on stderr, and takes epoll. With --io io_uring, ends the program. */
static void go_on_by_epoll(struct run *run, const char *why) {
    if (run->plan.options->io == IO_RING)
        die("--io io_uring: %s; leave it out, or give --io epoll", why);
    complain("going on with epoll, because %s", why);
    run->board.transport = &transport_epoll;
}

/* Returns how many were opened. If not all, *why says why the next one could not be. */
static uint32_t open_workers(struct run *run, const char **why) {
    uint32_t count = 0;

    while (count < run->plan.threads && (run->workers[count] = worker_open(&run->board, count, why)) != NULL)
        count++;
    return count;
}

static void start_workers(struct run *run) {
    uint32_t threads = run->plan.threads, opened;
    const char *why;

    run->workers = calloc(threads + 1, sizeof(struct worker *)); /* + 1: a rank that only leads has none */
    if (run->workers == NULL)
        die("out of memory for %u threads", threads);
    opened = open_workers(run, &why);
    if (opened < threads && run->board.transport != &transport_epoll) {
        while (opened > 0)
            worker_close(run->workers[--opened]);
        go_on_by_epoll(run, why);
        opened = open_workers(run, &why);
    }
    if (opened < threads)
        die("cannot set up thread %u of %u: %s; ask for fewer --threads, --clients or --pipeline", opened + 1, threads,
            why);
    if (!run_meet(run, MEET_CONNECT, &run->board.schedule.connecting))
        run->board.schedule.connecting = clock_now(); /* told to stop: the run will soon be over */
    for (uint32_t i = 0; i < threads; i++) {
        int error = worker_start(run->workers[i]);
        if (error != 0)
            die("cannot start thread %u of %u: %s; ask for fewer --threads", i + 1, threads, strerror(error));
    }
}

static void look_before(const struct run *run, struct result *r) {
    const struct options *o = run->plan.options;

    if (!o->aftermath)
        return;
    aftermath_sample(&o->server, &r->aftermath.before);
    if (isnan(r->aftermath.before.descriptors))
        die("--aftermath: what the processes of --server-pid have in use cannot be read; run as their user");
}

static void board_open(struct run *run) {
    const struct options *o = run->plan.options;
    struct board *b = &run->board;

    b->plan = &run->plan;
    b->filter = o->tls ? &filter_tls : &filter_plain;
    b->transport = o->io == IO_EPOLL ? &transport_epoll : &transport_ring;
    schedule_init(&b->schedule, o->rate, o->active);
    b->to_greet = o->rate > 0 ? run->plan.clients - run->plan.active : run->plan.clients;
    b->notify_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (b->notify_fd < 0)
        die("eventfd: %s", strerror(errno));
}

void run_open(struct run *run, const struct options *options, struct result *r) {
    uint64_t kib, slab_kib;

    result_open(r, options);
    memset(run, 0, sizeof *run);
    plan_open(&run->plan, options);
    r->threads = run->plan.threads;
    raise_descriptor_limit(&run->plan);
    if (options->tls) {
        context_open(options);
        run->plan.wire_room = tls_room(run->plan.send_room);
    }
    board_open(run);
    take_signals(run);
    if (processes_ended(&options->server) != 0)
        die("--server-pid %d: no such process; start the server first", (int)processes_ended(&options->server));
    r->server_cpus = processes_cpus(&options->server);
    if (processes_private_kib(&options->server, &kib))
        r->memory_before_kib = (double)kib;
    if (kernel_memory_kib(&kib, &slab_kib)) {
        r->kernel_before_kib = (double)kib;
        r->slab_before_kib = (double)slab_kib;
    }
    look_before(run, r);
    progress_open(&run->progress, options->quiet, options->progress_fd);
    start_workers(run);
    r->io = run->board.transport->name;
}

void run_close(struct run *run) {
    progress_close(&run->progress);
    for (uint32_t i = 0; i < run->plan.threads; i++)
        worker_close(run->workers[i]);
    free(run->workers);
    close(run->signal_fd);
    close(run->board.notify_fd);
    plan_close(&run->plan);
    if (run->plan.options->tls)
        context_close();
}
