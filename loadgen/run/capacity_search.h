/* capacity_search.h - --search: one run after another, until it is known what the server holds. */
#ifndef LOADGEN_CAPACITY_SEARCH_H
#define LOADGEN_CAPACITY_SEARCH_H

#include "meaning/capacity.h"

/* Called after each run. */
typedef void capacity_teller(const struct capacity *c, const struct probe *p);

/* Fills *c. `options` must outlive it. WAIT: some 15 to 25 runs. */
void capacity_search(struct capacity *c, const struct options *options, capacity_teller *tell);

#endif
