/* now.h - the clock that all servers' time limits are kept by. */
#ifndef IO_MODELS_NOW_H
#define IO_MODELS_NOW_H

#include <stdint.h>
#include <time.h>

/* Milliseconds of CLOCK_MONOTONIC. Never sleeps. */
static inline int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

#endif
