/* merge.h - adds up what several load generators have measured in a run that they made together. */
#ifndef LOADGEN_MERGE_H
#define LOADGEN_MERGE_H

#include "meaning/part.h"
#include "meaning/result.h"

/* Fills *p from the load generator's own result, but for host, rank, and what is about clocks. `clients`: its share. */
void part_of(struct part *p, const struct result *own, uint32_t clients);

/* Sets `slow` of each, when all are known. */
void parts_compare(struct part *parts, uint32_t count);

/* Adds the result of another load generator to *into: the same as if one had measured all of it. Both are of the same
 * kind of loop. False: out of memory. */
bool result_merge(struct result *into, const struct result *from);

#endif
