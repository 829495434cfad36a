/* guard.h - lab 3: makes five mistakes with threads show every time, which otherwise show only now and then.
 *
 * - What guard_pages was given can be read and written only while some thread holds a mutex. A thread that touches it
 *   otherwise ends the program, with one line on standard error.
 * - Each thread's first pthread_cond_wait returns immediately. POSIX permits that at any time: a spurious wake-up.
 * - A worker that was woken is slow: as long as more clients wait to be accepted, the main thread goes first.
 * - A worker that was woken by a thread that holds no mutex is fast, if no more clients wait: it looks at the queue
 *   before that thread goes on.
 * - Closing a descriptor that is closed already ends the program: the connection had two owners.
 *
 * It replaces functions by macros, so include it last. It uses nothing of the lab's. */
#ifndef IO_MODELS_GUARD_H
#define IO_MODELS_GUARD_H

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
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

static struct {
    pthread_mutex_t lock; /* guards the next four */
    pthread_cond_t changed;
    int listener;
    bool main_rests; /* the main thread waits for a client, or lets a worker look first */
    unsigned looks;  /* times that a woken worker has looked at the queue */
    /* Guarded by `mutex`, with which workers wait for `condition`. */
    pthread_mutex_t *mutex;
    pthread_cond_t *condition;
    int waiting; /* workers; also those that were woken and do not have `mutex` yet */
} guard_turn = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .listener = -1};
static _Thread_local bool guard_was_woken; /* and has not looked at the queue yet */

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

/* The main thread has nothing to do for now, or it has. */
static inline void guard_main_rests(bool rests) {
    pthread_mutex_lock(&guard_turn.lock);
    guard_turn.main_rests = rests;
    pthread_cond_broadcast(&guard_turn.changed);
    pthread_mutex_unlock(&guard_turn.lock);
}

/* This worker was woken. WAIT: until the main thread rests. */
static inline void guard_main_first(void) {
    pthread_mutex_lock(&guard_turn.lock);
    while (!guard_turn.main_rests)
        pthread_cond_wait(&guard_turn.changed, &guard_turn.lock);
    pthread_mutex_unlock(&guard_turn.lock);
    guard_was_woken = true;
}

/* This worker has looked at the queue. */
static inline void guard_has_looked(void) {
    pthread_mutex_lock(&guard_turn.lock);
    guard_turn.looks++;
    pthread_cond_broadcast(&guard_turn.changed);
    pthread_mutex_unlock(&guard_turn.lock);
    guard_was_woken = false;
}

static inline void guard_close(void) {
    if (!guard_held)
        guard_report("unlocked");
    guard_held = NULL;
    if (guard_was_woken)
        guard_has_looked();
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

/* A worker waits, and then lets the main thread go first. The main thread rests while it waits. */
static inline int guard_wait_for(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    if (gettid() == getpid()) {
        guard_main_rests(true);
        int why = pthread_cond_wait(condition, mutex);
        guard_main_rests(false);
        return why;
    }
    guard_turn.mutex = mutex;
    guard_turn.condition = condition;
    guard_turn.waiting++;
    int why = pthread_cond_wait(condition, mutex);
    guard_turn.waiting--;
    pthread_mutex_unlock(mutex);
    guard_main_first();
    pthread_mutex_lock(mutex);
    return why;
}

static inline int guard_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    int why = 0;
    guard_close();
    if (guard_has_waited) {
        why = guard_wait_for(condition, mutex);
    } else {
        guard_has_waited = true;
        pthread_mutex_unlock(mutex);
        sched_yield();
        pthread_mutex_lock(mutex);
    }
    guard_open(mutex);
    return why;
}

static inline bool guard_more_clients(void) {
    return poll(&(struct pollfd){.fd = guard_turn.listener, .events = POLLIN}, 1, 0) > 0;
}

/* `wake`: pthread_cond_signal or pthread_cond_broadcast. */
static inline int guard_wake(int (*wake)(pthread_cond_t *), pthread_cond_t *condition) {
    if (guard_held || gettid() != getpid() || condition != guard_turn.condition || guard_more_clients())
        return wake(condition);
    pthread_mutex_lock(guard_turn.mutex); /* so that nobody is between looking and waiting */
    bool waited = guard_turn.waiting > 0;
    unsigned looks = guard_turn.looks;
    int why = wake(condition);
    pthread_mutex_unlock(guard_turn.mutex);
    if (!waited)
        return why;
    guard_main_rests(true);
    pthread_mutex_lock(&guard_turn.lock);
    while (guard_turn.looks == looks)
        pthread_cond_wait(&guard_turn.changed, &guard_turn.lock); /* WAIT: for the worker's look */
    guard_turn.main_rests = false;
    pthread_mutex_unlock(&guard_turn.lock);
    return why;
}

static inline int guard_close_fd(int fd) {
    int result = close(fd);
    if (result != 0 && errno == EBADF)
        guard_report("two_owners");
    return result;
}

static inline int guard_accept4(int listener, struct sockaddr *address, socklen_t *size, int flags) {
    guard_turn.listener = listener;
    if (!guard_more_clients())
        guard_main_rests(true);
    int fd = accept4(listener, address, size, flags); /* WAIT: for a client */
    guard_main_rests(false);
    return fd;
}

#define pthread_mutex_lock guard_lock
#define pthread_mutex_trylock guard_trylock
#define pthread_mutex_unlock guard_unlock
#define pthread_cond_wait guard_wait
#define pthread_cond_signal(condition) guard_wake(pthread_cond_signal, condition)
#define pthread_cond_broadcast(condition) guard_wake(pthread_cond_broadcast, condition)
#define accept4 guard_accept4
#define close guard_close_fd

#endif
