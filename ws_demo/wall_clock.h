/* wall_clock.h - the time of day, for what is shown to people, and compared with the clocks of their browsers. */
#ifndef IO_MODELS_WALL_CLOCK_H
#define IO_MODELS_WALL_CLOCK_H

#include <time.h>

/* Milliseconds to add to this machine's clock. 0, but on a node of a cluster: there the time is that of Redis. */
extern double wall_clock_offset_ms;

/* Milliseconds since 1970, with fractions. No system call (vdso(7)). */
static inline double wall_clock_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6 + wall_clock_offset_ms;
}

#endif
