/* clock.h - the one clock of the load generator: CLOCK_MONOTONIC in nanoseconds; and the CPU time of processes. */
#ifndef LOADGEN_CLOCK_H
#define LOADGEN_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

/* A point in time that never comes. */
#define NEVER UINT64_MAX

/* The time now. Takes about 25 ns: the vDSO reads the clock without a system call. */
static inline uint64_t clock_now(void) {
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* CPU time that a whole process has used, all its threads included; pid 0: this one. False if there is no such process.
 */
static inline bool clock_cpu(pid_t pid, uint64_t *ns) {
    clockid_t clock;
    struct timespec t;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        return false;
    *ns = (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
    return true;
}

static inline uint64_t clock_from_seconds(double seconds) {
    return (uint64_t)(seconds * 1e9 + 0.5);
}

static inline double clock_to_seconds(uint64_t ns) {
    return (double)ns / 1e9;
}

#endif
