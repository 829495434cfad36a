/* worker_count.c - see worker_count.h. */
#include "worker/worker_count.h"
#include <unistd.h>

void worker_notify(const struct board *b) {
    /* Fails (EAGAIN) only if the eventfd's counter is at its maximum: then the reader is awake anyway. */
    (void)!write(b->notify_fd, &(uint64_t){1}, sizeof(uint64_t));
}

/* Open loop: how many messages of a client were due before the window's end. */
static uint64_t worker_due_in_all(const struct worker *w, const struct client *c, uint64_t start, uint64_t end) {
    const struct schedule *s = &w->board->schedule;
    double messages = (double)(end - start) / s->interval_ns; /* of all clients */
    double share = (messages - c->id) / s->active - 1;
    uint64_t due = share > 0 ? (uint64_t)share : 0;

    while (schedule_due(s, start, c->id, due) < end)
        due++;
    return due;
}

void worker_count_unsent(struct worker *w) {
    const struct schedule *s = &w->board->schedule;
    uint64_t start = atomic_load(&s->start), end = atomic_load(&s->window_end), now = clock_now(), due, age;

    if (s->interval_ns <= 0 || start >= end)
        return;
    for (uint32_t i = 0; i < w->group.active; i++) {
        const struct client *c = &w->group.clients[i];
        due = c->sent.base + worker_due_in_all(w, c, start, end);
        samples_give_up(&w->group.samples, c->id, &c->sent, c->answered, c->issued < due ? c->issued : due, now);
        if (due <= c->issued)
            continue;
        samples_give_up(&w->group.samples, c->id, &c->sent, c->issued, due, end);
        w->group.tally.unsent += due - c->issued;
        age = end - schedule_due(s, start, c->id, c->issued - c->sent.base);
        if (age > w->group.tally.unsent_oldest_ns)
            w->group.tally.unsent_oldest_ns = age;
    }
}
