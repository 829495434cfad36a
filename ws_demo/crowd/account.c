#include "crowd.h"
#include <stdlib.h>
#include <time.h>

struct saying {
    uint64_t due_ns;
    uint32_t heard;
    bool measured;
};

static struct saying *sayings; /* OWNS */
static uint32_t count, capacity;

uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint32_t account_say(struct crowd *crowd, uint64_t due_ns) {
    if (count == capacity && capacity < SAYINGS_MAX) {
        uint32_t more = capacity ? 2 * capacity : 4096;
        struct saying *grown = realloc(sayings, more * sizeof *grown);
        if (!grown)
            return UINT32_MAX;
        sayings = grown;
        capacity = more;
    }
    if (count == capacity)
        return UINT32_MAX;
    sayings[count] = (struct saying){.due_ns = due_ns, .measured = crowd->is_measuring};
    crowd->account.said += crowd->is_measuring;
    return count++;
}

void account_hear(struct crowd *crowd, uint32_t number, bool live) {
    if (number >= count)
        return;
    struct saying *s = &sayings[number];
    uint64_t delay_ns = now_ns() - s->due_ns;
    s->heard++;
    if (!s->measured)
        return;
    crowd->account.heard++;
    if (live)
        histogram_record(&crowd->account.delay, delay_ns);
    if (s->heard < crowd->visitors_count)
        return;
    crowd->account.complete++;
    histogram_record(&crowd->account.complete_delay, delay_ns);
}

uint64_t account_missing(const struct crowd *crowd) {
    uint64_t missing = 0;
    for (uint32_t i = 0; i < count; i++)
        missing += sayings[i].heard < crowd->visitors_count ? crowd->visitors_count - sayings[i].heard : 0;
    return missing;
}
