/* gather.h - the results of all ranks go to rank 0. */
#ifndef LOADGEN_GATHER_H
#define LOADGEN_GATHER_H

#include "together/company.h"

/* See together_await_all, and together_sum. */
void gather_await_all(struct company *c);
bool gather_sum(struct company *c, struct result *r);

/* See together_gather. The job is then still open. */
bool gather(struct company *c, struct result *r);

#endif
