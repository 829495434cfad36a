/* memory.h - what a server tells malloc. */
#ifndef IO_MODELS_MEMORY_H
#define IO_MODELS_MEMORY_H

/* Large messages come and go: without this, malloc hands the pages of each back to the kernel and faults them in again
 * for the next, a third of what a WebSocket message of 1 MiB costs. LIMIT: up to 64 MiB of freed memory stay with the
 * process; larger single blocks than 32 MiB do not. Call it once, before the first thread. Never sleeps; if malloc
 * refuses, it goes on as before. See mallopt(3). */
void memory_keep_freed(void);

#endif
