/* run_measure.c - the window's two borders: both sides' clocks, the server's memory and context switches. */
#include "run/aftermath.h"
#include "run/process_sample.h"
#include "run/run_parts.h"

enum { SWITCHES_LEAD_MS = 5 };

/* The clocks of both sides at one border of the window. */
struct border {
    uint64_t at, client_cpu_ns, server_cpu_ns;
    bool server_known;
};

static void take_border(const struct run *run, struct border *b) {
    b->server_known = processes_cpu_ns(&run->plan.options->server, &b->server_cpu_ns);
    clock_cpu(0, &b->client_cpu_ns);
    b->at = clock_now();
}

/* Counting the context switches of thousands of threads takes a while, on a CPU that the load may need. So the first
 * count is made right before the window, and how long before is known from a trial count. */
static bool switches_before(struct run *run, uint64_t counts[2]) {
    const struct processes *server = &run->plan.options->server;
    uint64_t begun = clock_now(), window = atomic_load(&run->board.schedule.window_start), lead;
    bool known = processes_switches(server, &counts[0], &counts[1]);

    lead = 2 * (clock_now() - begun) + SWITCHES_LEAD_MS * NS_PER_MS;
    if (!known || clock_now() + lead > window)
        return known;
    return run_wait(run, window - lead, run_all_dead) && processes_switches(server, &counts[0], &counts[1]);
}

void run_sample_after(const struct run *run, struct result *r, bool before_known, const uint64_t before[2]) {
    const struct processes *server = &run->plan.options->server;
    uint64_t after[2], kib, slab_kib;

    if (server->count == 0)
        return;
    if (before_known && processes_switches(server, &after[0], &after[1]) && after[0] >= before[0] &&
        after[1] >= before[1]) {
        r->voluntary_switches = (double)(after[0] - before[0]);
        r->involuntary_switches = (double)(after[1] - before[1]);
    }
    if (run->plan.options->aftermath) {
        aftermath_sample(server, &r->aftermath.peak);
        r->memory_after_kib = r->aftermath.peak.memory_kib;
    } else if (processes_private_kib(server, &kib)) {
        r->memory_after_kib = (double)kib;
    }
    if (kernel_memory_kib(&kib, &slab_kib)) {
        r->kernel_after_kib = (double)kib;
        r->slab_after_kib = (double)slab_kib;
    }
}

/* CPU time between the borders. Each border is sampled a little late, so the CPU time is scaled to the window's length.
 * Not if all clients have failed: the rest of the window then uses no CPU time. */
static void store_cpu(struct result *r, const struct border *from, const struct border *to) {
    double scale = r->all_failed ? 1 : r->window_s / clock_to_seconds(to->at - from->at);

    r->client_cpu_s = clock_to_seconds(to->client_cpu_ns - from->client_cpu_ns) * scale;
    if (from->server_known && to->server_known)
        r->server_cpu_s = clock_to_seconds(to->server_cpu_ns - from->server_cpu_ns) * scale;
}

uint64_t run_end_window(struct run *run) {
    uint64_t now = clock_now();

    if (now < atomic_load(&run->board.schedule.window_end))
        atomic_store(&run->board.schedule.window_end, now);
    return atomic_load(&run->board.schedule.window_end);
}

/* The main thread only waits and samples: the workers know the borders. */
void run_measure(struct run *run, struct result *r) {
    uint64_t start = atomic_load(&run->board.schedule.window_start), end = atomic_load(&run->board.schedule.window_end),
             switches[2];
    struct border from, to;
    bool known;

    run->progress.phase = "warm-up";
    known = switches_before(run, switches);
    if (!run->interrupted)
        run_wait(run, start, run_all_dead);
    take_border(run, &from);
    run->progress.phase = "measuring";
    if (!run->interrupted)
        run_wait(run, end, run_all_dead);
    if (run->interrupted)
        end = run_end_window(run);
    /* If every client has failed, no message can come any more: the run does not wait for the window's end, but the
     * window counts in full. */
    r->all_failed = clock_now() < end;
    take_border(run, &to);
    run_sample_after(run, r, known, switches);
    if (end > start) {
        r->window_s = clock_to_seconds(end - start);
        store_cpu(r, &from, &to);
    }
}
