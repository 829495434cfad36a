/* guarded.h - a copy of some bytes that ends where readable memory ends: one byte too far is a fault. */
#ifndef IO_MODELS_GUARDED_H
#define IO_MODELS_GUARDED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct guarded {
    uint8_t *bytes; /* `count` of them; behind them a page that must not be touched */
    uint8_t *mapping;
    size_t mapped;
};

/* Room for `count` bytes, to be filled by guarded_place. */
static inline struct guarded guarded_new(size_t count) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (count + page - 1) / page * page;
    struct guarded g = {.mapped = room + page};
    g.mapping = mmap(NULL, g.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(g.mapping + room, page, PROT_NONE);
    g.bytes = g.mapping + room;
    return g;
}

/* Puts these bytes, and no others, in front of the page. */
static inline void guarded_place(struct guarded *g, const void *from, size_t count) {
    g->bytes = g->mapping + g->mapped - (size_t)sysconf(_SC_PAGESIZE) - count;
    memcpy(g->bytes, from, count);
}

static inline struct guarded guarded_copy(const void *from, size_t count) {
    struct guarded g = guarded_new(count);
    guarded_place(&g, from, count);
    return g;
}

static inline void guarded_free(struct guarded *g) {
    munmap(g->mapping, g->mapped);
}

#endif
