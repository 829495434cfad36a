/* progress.c - see progress.h. */
#include "run/progress.h"
#include "worker/worker.h"
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { INTERVAL_MS = 500, NOT_SHOWN_MS = 3600 * 1000 };

void progress_open(struct progress *p, const struct run *run, struct worker **workers) {
    *p = (struct progress){.phase = "connecting", .run = run, .workers = workers, .last = clock_now()};
    p->next = p->last + INTERVAL_MS * NS_PER_MS;
    p->shown = !run->options->quiet && isatty(STDERR_FILENO);
}

static void progress_print(struct progress *p, uint64_t now) {
    const struct options *o = p->run->options;
    uint64_t messages = 0, failures = 0;

    for (uint32_t i = 0; i < o->threads; i++) {
        messages += atomic_load_explicit(&p->workers[i]->published_messages, memory_order_relaxed);
        failures += atomic_load_explicit(&p->workers[i]->published_failures, memory_order_relaxed);
    }
    fprintf(stderr, "\r\033[K%-10s  %u/%u connected or failed, %.0f msg/s, %" PRIu64 " failures", p->phase,
        atomic_load(&p->run->settled), (unsigned)o->clients,
        (double)(messages - p->messages) / clock_to_seconds(now - p->last), failures);
    fflush(stderr);
    p->messages = messages;
    p->last = now;
}

uint64_t progress_update(struct progress *p, uint64_t now) {
    if (!p->shown)
        return NOT_SHOWN_MS * NS_PER_MS;
    if (now >= p->next) {
        progress_print(p, now);
        p->next = now + INTERVAL_MS * NS_PER_MS;
    }
    return p->next - now;
}

void progress_close(struct progress *p) {
    if (p->shown)
        fputs("\r\033[K", stderr);
}
