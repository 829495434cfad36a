/* child.c - see child.h. */
#include "race/child.h"
#include "meaning/clock.h"
#include "meaning/die.h"
#include "race/card.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_MAX = 64 * 1024 }; /* LIMIT: bytes of a line, and of what came with it */

/* OWNS: the caller frees it. */
static char *filled_in(const char *word, const struct blanks *b) {
    static const char *const names[] = {"{start}", "{process}", "{port}", "{pid}"};
    enum { NUMBERS = 3, NAMES };
    const int numbers[NUMBERS] = {b->start, b->process, b->port};
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        die("race: out of memory");
    while (*word != '\0') {
        size_t i = 0;
        while (i < NAMES && strncmp(word, names[i], strlen(names[i])) != 0)
            i++;
        if (i == NAMES) {
            fputc(*word++, out);
            continue;
        }
        if (i < NUMBERS)
            fprintf(out, "%d", numbers[i]);
        else
            fputs(b->pids, out);
        word += strlen(names[i]);
    }
    fclose(out);
    return text;
}

/* In the child: never returns. */
static _Noreturn void become(char *const *words, const int in[2], const int out[2], int says, pid_t parent) {
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* it ends with its parent, */
    if (getppid() != parent)          /* also if that has just ended */
        _exit(127);
    setpgid(0, 0); /* Ctrl-C is for the race, which ends its children in their order */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL); /* the race ignores it, and exec keeps that */
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    dup2(says, STDERR_FILENO);
    execvp(words[0], words);
    dprintf(STDERR_FILENO, "%s: %s\n", words[0], strerror(errno));
    _exit(127);
}

void child_start(struct child *c, const char *const *words, const char *says, const struct blanks *blanks) {
    char *own[WORDS_MAX + 1] = {NULL}, *file = filled_in(says, blanks);
    int in[2], out[2], errors = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    pid_t parent = getpid();

    if (errors < 0)
        die("race: '%s' cannot be written: %s", file, strerror(errno));
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        die("race: pipe: %s; raise ulimit -n", strerror(errno));
    for (size_t i = 0; words[i] != NULL; i++)
        own[i] = filled_in(words[i], blanks);
    c->pid = fork();
    if (c->pid < 0)
        die("race: fork: %s", strerror(errno));
    if (c->pid == 0)
        become(own, in, out, errors, parent);
    for (size_t i = 0; own[i] != NULL; i++)
        free(own[i]);
    free(file);
    close(in[0]);
    close(out[1]);
    close(errors);
    c->in = in[1];
    c->out = out[0];
    c->said = malloc(SAID_MAX);
    c->line = c->count = 0;
    if (c->said == NULL)
        die("race: out of memory");
}

/* WAIT: for input or an end; a signal (EINTR) is for the race, which looks at it afterwards. False: LIMIT: it is
 * `until` (clock_now). */
static bool await_input(int fd, uint64_t until) {
    struct pollfd ready = {fd, POLLIN, 0};
    uint64_t now;
    int count = 0;

    while ((now = clock_now()) < until && (count = poll(&ready, 1, (int)((until - now) / NS_PER_MS) + 1)) < 0)
        ;
    return count > 0;
}

static uint64_t after(int timeout_ms) {
    return clock_now() + (uint64_t)timeout_ms * NS_PER_MS;
}

const char *child_line(struct child *c, int timeout_ms) {
    uint64_t until = after(timeout_ms);
    char *end;

    if (c->pid == 0)
        return NULL;
    memmove(c->said, c->said + c->line, c->count -= c->line); /* the last line is over */
    c->line = 0;
    while ((end = memchr(c->said, '\n', c->count)) == NULL) {
        ssize_t count = c->count < SAID_MAX && await_input(c->out, until)
                            ? read(c->out, c->said + c->count, SAID_MAX - c->count)
                            : 0;
        if (count <= 0)
            return NULL;
        c->count += (size_t)count;
    }
    *end = '\0';
    c->line = (size_t)(end - c->said) + 1;
    return c->said;
}

bool child_tell(struct child *c, const char *line) {
    return c->in >= 0 && dprintf(c->in, "%s\n", line) > 0;
}

void child_close_input(struct child *c) {
    if (c->in >= 0)
        close(c->in);
    c->in = -1;
}

bool child_has_ended(const struct child *c) {
    siginfo_t info = {.si_pid = 0};

    return c->pid == 0 || (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0);
}

int child_end(struct child *c, int timeout_ms, bool *killed) {
    int status = 0, process;

    if (c->pid == 0)
        return 127;
    child_close_input(c);
    process = (int)syscall(SYS_pidfd_open, c->pid, 0);
    if (process < 0 || !await_input(process, after(timeout_ms))) { /* WAIT: */
        *killed = true;
        kill(c->pid, SIGKILL);
    }
    if (process >= 0)
        close(process);
    waitpid(c->pid, &status, 0); /* WAIT: it has ended, or is being killed */
    close(c->out);
    free(c->said);
    *c = (struct child){.in = -1, .out = -1};
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
