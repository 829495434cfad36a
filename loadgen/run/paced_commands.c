/* paced_commands.c - see paced_commands.h. */
#include "run/paced_commands.h"
#include "meaning/die.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SLICE_MAX_MS = 3600 * 1000 }; /* LIMIT: a slice is at most this long */

static void parse(const char *line, struct command *command) {
    double skip_ms, window_ms;
    char rest;

    *command = (struct command){0};
    if (strcmp(line, "disturb") == 0) {
        command->kind = COMMAND_DISTURB;
    } else if (strcmp(line, "calm") == 0) {
        command->kind = COMMAND_CALM;
    } else if (sscanf(line, "slice %lf %lf %c", &skip_ms, &window_ms, &rest) == 2 && skip_ms >= 0 &&
               skip_ms <= SLICE_MAX_MS && window_ms >= 0.1 && window_ms <= SLICE_MAX_MS) {
        command->skip_ns = (uint64_t)(skip_ms * (double)NS_PER_MS);
        command->window_ns = (uint64_t)(window_ms * (double)NS_PER_MS);
    } else {
        die("--paced: '%.100s' is no command; give slice SKIP_MS WINDOW_MS (0.1 to %d), disturb, calm or end", line,
            SLICE_MAX_MS);
    }
}

/* WAIT: for more bytes. False: there are none any more. */
static bool commands_read(struct commands *c, struct run *run) {
    ssize_t count;

    if (c->count == sizeof c->bytes)
        die("--paced: a command has more than %zu characters", sizeof c->bytes);
    if (!run_await_input(run, STDIN_FILENO))
        return false;
    count = read(STDIN_FILENO, c->bytes + c->count, sizeof c->bytes - c->count);
    if (count < 0 && errno != EINTR)
        die("--paced: stdin: %s", strerror(errno));
    c->count += count > 0 ? (size_t)count : 0;
    return count != 0;
}

/* Rank 0 of several load generators tells the others what to do; they take that in the place of stdin. */
static void hand_on(struct command *command) {
    struct together_command c = {{command->kind, command->skip_ns, command->window_ns}, 0};

    together_command(&c);
    command->at = c.at;
}

/* WAIT: for the next command of rank 0. */
static bool follow(struct run *run, struct command *command) {
    struct together_command c;

    while (!together_next_command(&c)) {
        if (run->interrupted)
            return false;
        run_wait(run, clock_now() + NS_PER_MS, NULL);
    }
    *command = (struct command){(enum command_kind)c.words[0], c.words[1], c.words[2], c.at};
    return command->kind != COMMAND_END;
}

/* Rank 0, or who is alone: the next one of stdin. */
static bool read_next(struct commands *c, struct run *run, struct command *command) {
    char line[sizeof c->bytes], *end;
    size_t length;

    while ((end = memchr(c->bytes, '\n', c->count)) == NULL) {
        if (!commands_read(c, run))
            return false;
    }
    length = (size_t)(end - c->bytes);
    memcpy(line, c->bytes, length);
    line[length] = '\0';
    c->count -= length + 1;
    memmove(c->bytes, end + 1, c->count);
    if (run->interrupted || strcmp(line, "end") == 0)
        return false;
    parse(line, command);
    return true;
}

bool commands_next(struct commands *c, struct run *run, struct command *command) {
    if (!together_leads())
        return follow(run, command);
    if (!read_next(c, run, command))
        *command = (struct command){.kind = COMMAND_END};
    hand_on(command);
    return command->kind != COMMAND_END;
}
