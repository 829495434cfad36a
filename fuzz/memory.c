#include "memory.h"
#include <malloc.h>
#include <openssl/sha.h>
#include <stdlib.h>

static size_t held;
static unsigned until_failure; /* 0: none will fail */
static bool failing_forever, failed;

static bool refuse(void) {
    if (failed && failing_forever)
        return true;
    if (until_failure == 0 || --until_failure > 0)
        return false;
    failed = true;
    return true;
}

void *counted_malloc(size_t size) {
    return counted_realloc(NULL, size);
}

void *counted_realloc(void *block, size_t size) {
    if (refuse())
        return NULL;
    size_t before = malloc_usable_size(block); /* under ASan: what was asked for, to the byte */
    void *moved = realloc(block, size);
    if (moved)
        held += malloc_usable_size(moved) - before;
    return moved;
}

void counted_free(void *block) {
    held -= malloc_usable_size(block);
    free(block);
}

unsigned char *counted_SHA1(const unsigned char *bytes, size_t count, unsigned char *digest) {
    return refuse() ? NULL : SHA1(bytes, count, digest);
}

size_t memory_held(void) {
    return held;
}

void memory_fail(unsigned nth, bool forever) {
    until_failure = nth;
    failing_forever = forever;
    failed = false;
}

bool memory_has_failed(void) {
    return failed;
}
