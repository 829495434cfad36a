/* guard.h - lab 3: makes two mistakes with threads show every time, which otherwise show only now and then.
 *
 * - What guard_pages was given can be read and written only while some thread holds a mutex. A thread that touches it
 *   otherwise ends the program, with one line on standard error.
 * - Each thread's first pthread_cond_wait returns immediately. POSIX permits that at any time: a spurious wake-up.
 *
 * It replaces the functions of pthread.h by macros, so include it last. It uses nothing of the lab's. */
#ifndef IO_MODELS_GUARD_H
#define IO_MODELS_GUARD_H

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* After the closing brace of a struct: its variables fill whole pages, which nothing else shares. A page has at most
 * 64 KiB. */
#define GUARDED __attribute__((aligned(65536)))

static struct {
    pthread_mutex_t lock; /* guards `open` */
    int open;             /* mutexes that are locked: the pages are open while it is more than 0 */
    char *pages;
    size_t size;
} guard = {.lock = PTHREAD_MUTEX_INITIALIZER};
static _Thread_local pthread_mutex_t *guard_held; /* the mutex that this thread has locked last, or NULL */
static _Thread_local bool guard_has_waited;       /* its first wait is over */

/* Ends the program. The main thread pushes, all others pop. */
static inline _Noreturn void guard_report(const char *mistake) {
    dprintf(STDERR_FILENO, "mistake: %s where=%s\n", mistake, gettid() == getpid() ? "queue_push" : "queue_pop");
    _exit(EXIT_FAILURE);
}

/* SIGSEGV: somebody touched pages that are closed. SIGILL or SIGTRAP: the compiler's own check of an array's index
 * (-fsanitize=bounds). Any other SIGSEGV comes again, and ends the program. */
static inline void guard_fault(int number, siginfo_t *info, void *unused) {
    char *address = info->si_addr;
    (void)unused;
    if (number != SIGSEGV)
        guard_report("past_the_end");
    if (address >= guard.pages && address < guard.pages + guard.size)
        guard_report("unlocked");
    signal(SIGSEGV, SIG_DFL);
}

/* Closes the pages of a GUARDED variable until a mutex is locked. Call it first of all. */
static inline void guard_pages(void *pages, size_t size) {
    struct sigaction action = {.sa_sigaction = guard_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    sigaction(SIGTRAP, &action, NULL);
    guard.pages = pages;
    guard.size = size;
    mprotect(pages, size, PROT_NONE);
}

static inline void guard_open(pthread_mutex_t *mutex) {
    pthread_mutex_lock(&guard.lock);
    if (guard.open++ == 0)
        mprotect(guard.pages, guard.size, PROT_READ | PROT_WRITE);
    pthread_mutex_unlock(&guard.lock);
    guard_held = mutex;
}

static inline void guard_close(void) {
    if (!guard_held)
        guard_report("unlocked");
    guard_held = NULL;
    pthread_mutex_lock(&guard.lock);
    if (--guard.open == 0)
        mprotect(guard.pages, guard.size, PROT_NONE);
    pthread_mutex_unlock(&guard.lock);
}

static inline int guard_lock(pthread_mutex_t *mutex) {
    if (guard_held == mutex)
        guard_report("lock_kept"); /* it would wait for itself */
    int why = pthread_mutex_lock(mutex);
    guard_open(mutex);
    return why;
}

static inline int guard_trylock(pthread_mutex_t *mutex) {
    int why = pthread_mutex_trylock(mutex);
    if (why == 0)
        guard_open(mutex);
    return why;
}

static inline int guard_unlock(pthread_mutex_t *mutex) {
    guard_close();
    return pthread_mutex_unlock(mutex);
}

static inline int guard_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    int why = 0;
    guard_close();
    if (guard_has_waited) {
        why = pthread_cond_wait(condition, mutex);
    } else {
        guard_has_waited = true;
        pthread_mutex_unlock(mutex);
        sched_yield();
        pthread_mutex_lock(mutex);
    }
    guard_open(mutex);
    return why;
}

#define pthread_mutex_lock guard_lock
#define pthread_mutex_trylock guard_trylock
#define pthread_mutex_unlock guard_unlock
#define pthread_cond_wait guard_wait

#endif
