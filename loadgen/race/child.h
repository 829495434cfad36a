/* child.h - a server or a load generator: a child process that speaks in lines. It ends with this process. */
#ifndef LOADGEN_RACE_CHILD_H
#define LOADGEN_RACE_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
    pid_t pid;   /* 0: there is none */
    int in, out; /* OWNS: what it reads, and what it prints; -1: closed */
    char *said;  /* OWNS: what it has printed since the end of its last line, and that line before it */
    size_t line, count;
};

/* What {start}, {process}, {port} and {pid} in its words stand for. */
struct blanks {
    int start, process, port;
    const char *pids;
};

/* Starts `words`, with stderr in a new file `says`. A failure of ours ends the program with one line; the program's own
 * is seen by child_line. */
void child_start(struct child *c, const char *const *words, const char *says, const struct blanks *blanks);

/* WAIT: for its next line. Returns it without its end; it is the child's, until the next call. NULL: it has ended;
 * LIMIT: `timeout_ms` is over, and no line, or half of one, has come; LIMIT: the line is longer than 64 KiB. */
const char *child_line(struct child *c, int timeout_ms);

/* Tells it a line. False: it does not read any more. */
bool child_tell(struct child *c, const char *line);

/* It reads the end of its input. */
void child_close_input(struct child *c);

/* Has it ended by itself? */
bool child_has_ended(const struct child *c);

/* WAIT: for its end. LIMIT: after `timeout_ms` it is killed, and *killed set: nobody else is meant by that. Returns its
 * exit status, 128 + N for signal N. */
int child_end(struct child *c, int timeout_ms, bool *killed);

#endif
