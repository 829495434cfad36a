/* slow.c - makes a server slower by a known amount (LD_PRELOAD; see slow.py).
 *
 *     SPIN=TURNS        each recv does so many turns of work, which slow.py has timed
 *     STALL=EVERY:MS    the thread sleeps so long, in a recv, once in EVERY milliseconds
 *     LATE=EVERY:MS     of all sends each EVERYth is so much later
 *     SLOW_SAYS=FILE    at exit: how many there were of each, as JSON
 *
 * For servers of one thread. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static long spin_turns, stall_every_ms, stall_ms, late_every, late_ms;
static long recvs, sends, stalls, lates;
static int64_t next_stall_ns;
static __typeof__(&recv) real_recv;
static __typeof__(&send) real_send;

static long number_of(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

static void pair_of(const char *name, long *every, long *ms) {
    const char *text = getenv(name);
    if (text && sscanf(text, "%ld:%ld", every, ms) != 2)
        abort();
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

__attribute__((constructor)) static void begin(void) {
    real_recv = REAL(recv);
    real_send = REAL(send);
    spin_turns = number_of("SPIN");
    pair_of("STALL", &stall_every_ms, &stall_ms);
    pair_of("LATE", &late_every, &late_ms);
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("SLOW_SAYS");
    FILE *out = path ? fopen(path, "w") : NULL;
    if (!out)
        return;
    fprintf(out, "{\"recvs\": %ld, \"sends\": %ld, \"stalls\": %ld, \"lates\": %ld}\n", recvs, sends, stalls, lates);
    fclose(out);
}

/* Work of always the same amount, which no cache and no compiler shortens. */
void slow_spin(long turns) {
    static volatile uint64_t result;
    uint64_t x = result | 1;
    for (long i = 0; i < turns; i++)
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
    result = x;
}

static void sleep_ms(long ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* Is a stall due? The first one comes half a period after the first message. */
static int stalls_now(void) {
    int64_t period = stall_every_ms * INT64_C(1000000), now = now_ns();
    if (next_stall_ns == 0)
        next_stall_ns = now + period / 2;
    if (now < next_stall_ns)
        return 0;
    next_stall_ns += period;
    return 1;
}

ssize_t recv(int fd, void *bytes, size_t count, int flags) {
    recvs++;
    slow_spin(spin_turns);
    if (stall_ms > 0 && stalls_now()) {
        stalls++;
        sleep_ms(stall_ms);
    }
    return real_recv(fd, bytes, count, flags);
}

ssize_t send(int fd, const void *bytes, size_t count, int flags) {
    if (++sends, late_ms > 0 && sends % late_every == 0) {
        lates++;
        sleep_ms(late_ms);
    }
    return real_send(fd, bytes, count, flags);
}
