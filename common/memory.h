/* memory.h - a server's settings for malloc. */
#ifndef IO_MODELS_MEMORY_H
#define IO_MODELS_MEMORY_H

/* Tells malloc to keep freed pages. Without this, malloc returns the pages of each large message to the kernel, and the
 * next message faults them in again: a third of the cost of a WebSocket message of 1 MiB. LIMIT: the process keeps up
 * to 64 MiB of freed memory, but no single block larger than 32 MiB. Call it once, before the first thread. Never
 * sleeps; if malloc refuses, nothing changes. See mallopt(3). */
void memory_keep_freed(void);

#endif
