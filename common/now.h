/* now.h - the clock for the time limits of all servers. */
#ifndef IO_MODELS_NOW_H
#define IO_MODELS_NOW_H

#include <stdint.h>
#include <time.h>

/* Milliseconds of CLOCK_MONOTONIC, as of the kernel's last tick: a few milliseconds late, but cheap enough to read with
 * every message. Never sleeps; it is no system call (vdso(7)). */
static inline int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

#endif
