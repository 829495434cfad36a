#include "signals.h"
#include "command_line.h"
#include <errno.h>
#include <error.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int stop_fd;
static atomic_bool stopping;

/* write(2) and _exit(2) are async-signal-safe (signal-safety(7)). */
static void stop(int signal_number) {
    int saved = errno;
    if (atomic_exchange(&stopping, true))
        _exit(128 + signal_number);
    (void)!write(stop_fd, &(uint64_t){1}, sizeof(uint64_t)); /* never waits: its counter is 0 */
    errno = saved;
}

static void end_process(int signal_number) {
    (void)signal_number;
    _exit(0);
}

static void on_signals(void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int signals_open(void) {
    stop_fd = eventfd(0, EFD_CLOEXEC);
    if (stop_fd < 0)
        error(EXIT_SETUP, errno, "cannot make a descriptor for signals; raise ulimit -n");
    on_signals(stop);
    return stop_fd;
}

bool server_is_stopping(void) {
    return atomic_load_explicit(&stopping, memory_order_relaxed);
}

void signals_end_process(void) {
    on_signals(end_process);
}
