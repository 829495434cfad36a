/* together_alone.c - a run that one load generator makes alone: there is nobody to wait for. See together.h. */
#include "meaning/clock.h"
#include "meaning/die.h"
#include "together/together.h"

void together_open(int *argc, char ***argv) {
    (void)argc, (void)argv;
}

bool together_leads(void) {
    return true;
}

void together_take_place(struct options *o) {
    if (o->lead)
        die("--lead: this program makes the run alone, and leads nobody; leave it out, or start loadgen_mpi with "
            "mpirun");
    o->place = (struct place){0, 1};
}

void together_arrive(enum meeting meeting) {
    (void)meeting;
}

bool together_met(enum meeting meeting, uint64_t *at) {
    (void)meeting;
    *at = clock_now();
    return true;
}

void together_meet(enum meeting meeting) {
    (void)meeting;
}

void together_stop(void) {
}

bool together_stopped(void) {
    return false;
}

uint64_t together_turn(uint64_t now, struct headway *own) {
    (void)now, (void)own;
    return NEVER;
}

void together_command(struct together_command *c) {
    c->at = clock_now();
}

bool together_next_command(struct together_command *c) {
    (void)c;
    return false;
}

void together_await_all(void) {
}

bool together_sum(struct result *r) {
    (void)r;
    return true;
}

bool together_gather(struct result *r) {
    (void)r;
    return true;
}
