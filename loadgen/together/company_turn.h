/* company_turn.h - what is done whenever the main thread wakes: notes are read, and signs of life sent. */
#ifndef LOADGEN_COMPANY_TURN_H
#define LOADGEN_COMPANY_TURN_H

#include "together/company.h"
#include "together/post.h"

/* From rank 0 to all others; from another rank to rank 0. Never waits. */
void company_tell(const struct company *c, const struct note *note);

/* What both sides of a note, or of a parcel, must agree on, as a number. */
uint64_t company_build(void);

/* See together_turn. */
uint64_t company_turn(struct company *c, uint64_t now, struct headway *own);

/* WAIT: until done(c) returns true; takes turns meanwhile, and passes a signal on. Ends the program if a rank is gone.
 */
void company_wait(struct company *c, bool (*done)(const struct company *c));

/* The run is to end early: tells the others, and asks whether they live. */
void company_stop(struct company *c);

#endif
