/* capacity.c - see capacity.h. */
#include "meaning/capacity.h"
#include <stdio.h>

const struct probe *capacity_at_answer(const struct capacity *c) {
    const struct probe *worst = NULL;

    for (const struct probe *p = c->probes; p < c->probes + c->count; p++) {
        if (p->value == c->answer.value && p->verdict.outcome == SEARCH_HELD &&
            (worst == NULL || p->verdict.p99_us > worst->verdict.p99_us))
            worst = p;
    }
    return worst;
}

const struct probe *capacity_at_next(const struct capacity *c) {
    const struct probe *last = NULL;

    for (const struct probe *p = c->probes; p < c->probes + c->count; p++) {
        if (p->value == c->answer.next && p->verdict.outcome == (c->answer.client ? SEARCH_CLIENT : SEARCH_NOT_HELD))
            last = p;
    }
    return last;
}

const char *capacity_why_not(const struct capacity *c) {
    const struct probe *p = capacity_at_next(c);

    return p != NULL ? p->verdict.says : "";
}

const char *capacity_kind_name(const struct capacity *c) {
    static const char *const names[] = {"exactly", "at least", "none"};

    return names[c->answer.kind];
}

/* True: too slow, though neither side was saturated. Then something else was the limit. */
static bool neither_is_bound(const struct probe *p) {
    return p != NULL && (p->verdict.reason == VERDICT_P99 || p->verdict.reason == VERDICT_RATE) &&
           p->client_share < RESULT_SATURATED && p->server_share < RESULT_SATURATED;
}

int capacity_notes(const struct capacity *c, char notes[CAPACITY_NOTES_MAX][VERDICT_LENGTH]) {
    const struct search_answer *a = &c->answer;
    const struct probe *next = capacity_at_next(c);
    int count = 0;

    if (c->end == CAPACITY_INTERRUPTED)
        snprintf(notes[count++], VERDICT_LENGTH, "interrupted: the answer is what the runs until then say");
    if (c->end == CAPACITY_GONE || c->end == CAPACITY_ABSENT)
        snprintf(notes[count++], VERDICT_LENGTH,
            "the server is gone: nobody answers on %s:%u since the run with %u clients; look at its exit status and "
            "what it said",
            c->options->host, c->options->port, c->count > 0 ? (unsigned)c->probes[c->count - 1].clients : 0);
    if (c->end == CAPACITY_VOID)
        snprintf(notes[count++], VERDICT_LENGTH,
            "VOID: wrong bytes came back; find the bug before asking how much of this the server holds");
    if (c->end == CAPACITY_ANSWERED && !a->confirmed)
        snprintf(notes[count++], VERDICT_LENGTH,
            "not confirmed: after %u runs, the most there may be, the border still moves; something is noisy, or give "
            "a longer --duration",
            c->count);
    if (a->beyond != 0)
        snprintf(notes[count++], VERDICT_LENGTH,
            "not monotone: %u is not held, but %u was, in most runs: the answer is the border below the first failure",
            (unsigned)a->next, (unsigned)a->beyond);
    if (neither_is_bound(next))
        snprintf(notes[count++], VERDICT_LENGTH,
            "at %u neither side had used up a CPU (load generator %.0f%%, server %.0f%%): the limit was something "
            "else, "
            "such as other processes on this machine, or the server's own waiting",
            (unsigned)a->next, 100 * next->client_share, 100 * next->server_share);
    if (a->client)
        snprintf(notes[count++], VERDICT_LENGTH,
            "the load generator was the limit, not the server: give it more --threads and CPUs, or see loadgen "
            "--explain client_limit");
    return count;
}
