/* memory.h - counts the memory that the protocol module uses, and lets its allocations fail on demand.
 *
 * fuzz/meson.build compiles the module with malloc, realloc, free and SHA1 (which allocates, and may fail) renamed to
 * these. They call the real functions, so that the sanitizer still watches every block's borders. */
#ifndef IO_MODELS_FUZZ_MEMORY_H
#define IO_MODELS_FUZZ_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

void *counted_malloc(size_t size);
void *counted_realloc(void *block, size_t size);
void counted_free(void *block);
unsigned char *counted_SHA1(const unsigned char *bytes, size_t count, unsigned char *digest);

/* Bytes that the module has allocated now. */
size_t memory_held(void);

/* The `nth` allocation from now on fails, and with `forever` all after it; 0: none does. */
void memory_fail(unsigned nth, bool forever);

/* True if an allocation has failed since memory_fail. */
bool memory_has_failed(void);

#endif
