/* few_forks.c - fork(3) for the program of a lab, which needs none: a few, and then EAGAIN. RLIMIT_NPROC counts all
 * tasks of a user, and none of root's, so that it cannot be both wide enough for the threads of a lab and narrow enough
 * for `for (;;) fork();`. The count is inherited: a program becomes 2^FORKS_MAX processes at most. */
#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

enum { FORKS_MAX = 2 };

pid_t fork(void) {
    static int count;
    static pid_t (*real)(void);

    if (!real)
        real = (pid_t(*)(void))dlsym(RTLD_NEXT, "fork");
    if (!real || ++count > FORKS_MAX) {
        errno = EAGAIN;
        return -1;
    }
    return real();
}
