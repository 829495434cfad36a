/* lead.h - what rank 0 does at the meetings: it compares the clocks of all ranks with its own, and says when all go on.
 */
#ifndef LOADGEN_LEAD_H
#define LOADGEN_LEAD_H

#include "together/company.h"

/* Does what is due: asks the next rank for its clock, or lets all go on. To be called at each turn. Never waits. */
void lead_turn(struct company *c, uint64_t now);

/* Were the clocks of all compared lately? */
bool lead_knows_clocks(const struct company *c, uint64_t now);

/* Rank `from` has answered that its clock is at `theirs`; that came at `back`. */
void lead_hear_pong(struct company *c, uint32_t from, uint64_t theirs, uint64_t back);

#endif
