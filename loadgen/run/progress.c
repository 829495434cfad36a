/* progress.c - see progress.h. */
#include "run/progress.h"
#include "meaning/clock.h"
#include "meaning/json.h"
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INTERVAL_MS = 500, TELL_MS = 250 };

void progress_open(struct progress *p, bool quiet, int fd) {
    uint64_t now = clock_now();

    *p = (struct progress){.phase = "connecting",
        .shown = fd < 0 && !quiet && isatty(STDERR_FILENO),
        .fd = fd,
        .opened = now,
        .last = now};
    p->next = fd >= 0 ? now + TELL_MS * NS_PER_MS : p->shown ? now + INTERVAL_MS * NS_PER_MS : NEVER;
    if (fd >= 0)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
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

static json_t *standings_json(const struct census *census) {
    json_t *object = json_object();

    for (int i = 0; i < STANDINGS; i++)
        json_object_set_new(object, standing_name((enum standing)i), count(census->standings[i]));
    return object;
}

void progress_tell(struct progress *p, uint64_t now, const struct census *census) {
    json_t *line = json_pack("{s:s, s:s, s:f, s:o, s:o, s:o}", "line", "progress", "phase", p->phase, "elapsed_s",
        clock_to_seconds(now - p->opened), "messages", count(census->messages), "clients", standings_json(census),
        "failures", some_failures_json(census->failures));
    char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(6));
    size_t length = text != NULL ? strlen(text) : 0;

    if (text != NULL) {
        text[length] = '\n'; /* in place of the NUL: one write, below PIPE_BUF, is whole or nothing (pipe(7)) */
        (void)!write(p->fd, text, length + 1);
    }
    free(text);
    json_decref(line);
    p->next = now + TELL_MS * NS_PER_MS;
}

void progress_close(struct progress *p) {
    if (p->shown)
        fputs("\r\033[K", stderr);
}
