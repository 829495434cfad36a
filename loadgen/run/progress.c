/* progress.c - see progress.h. */
#include "run/progress.h"
#include "meaning/clock.h"
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { INTERVAL_MS = 500 };

void progress_open(struct progress *p, bool quiet) {
    *p = (struct progress){.phase = "connecting", .shown = !quiet && isatty(STDERR_FILENO), .last = clock_now()};
    p->next = p->shown ? p->last + INTERVAL_MS * NS_PER_MS : NEVER;
}

bool progress_is_due(const struct progress *p, uint64_t now) {
    return now >= p->next;
}

void progress_print(struct progress *p, uint64_t now, const struct progress_counts *counts) {
    fprintf(stderr, "\r\033[K%-10s  %u/%u connected or failed, %.0f msg/s, %" PRIu64 " failures", p->phase,
        (unsigned)counts->settled, (unsigned)counts->clients,
        (double)(counts->messages - p->messages) / clock_to_seconds(now - p->last), counts->failures);
    fflush(stderr);
    p->messages = counts->messages;
    p->last = now;
    p->next = now + INTERVAL_MS * NS_PER_MS;
}

void progress_close(struct progress *p) {
    if (p->shown)
        fputs("\r\033[K", stderr);
}
