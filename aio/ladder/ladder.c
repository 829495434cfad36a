#include "ladder.h"
#include "listener.h"
#include "memory.h"
#include "options.h"
#include "signals.h"
#include <error.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

static const struct argp_option arguments[] = {
    {"port", 'p', "N", 0, "Listen on this port of 127.0.0.1 (default 8080); 0 picks a free one", 0},
    {"probe", 'P', NULL, 0, "Say whether this kernel offers what this step needs, and exit", 0}, {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct options *o = state->input;
    switch (key) {
    case 'p': o->port = (int)options_number("port", value, 0, 65535); return 0;
    case 'P': puts("this kernel offers what this step needs"); exit(fflush(stdout) == 0 ? 0 : EXIT_SETUP);
    default: return ARGP_ERR_UNKNOWN;
    }
}

int ladder_listen(int argc, char **argv) {
    static const struct argp argp = {
        arguments, parse_option, NULL, "A step of the io_uring ladder: an echo server.", NULL, NULL, NULL};
    struct options options = {.address = "127.0.0.1", .port = 8080, .backlog = 4096, .limits = LIMITS_DEFAULT};
    int listener;
    command_line_parse(&argp, argc, argv, &options);
    memory_keep_freed();
    signals_end_process();
    listener = listener_open(&options);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    listener_announce(listener);
    return listener;
}

void ladder_refused(int result, const char *needs) {
    enum { SUBMISSIONS = 2048, BUFFERS = 1024 }; /* of a step's ring, at most */
    if (result == -ENOMEM)
        error(EXIT_SETUP, 0, "%s", ring_refusal(ENOMEM, ring_locked_bytes(SUBMISSIONS, 2 * SUBMISSIONS, BUFFERS)));
    error(EXIT_SETUP, -result,
        "this step needs %s, and that io_uring is allowed (sysctl kernel.io_uring_disabled=0; in Docker, a seccomp "
        "profile that permits io_uring_setup)",
        needs);
    abort(); /* not reached; the compiler does not know it */
}

unsigned ladder_descriptors(unsigned wanted) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < wanted)
        wanted = (unsigned)limit.rlim_max;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = wanted;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    return wanted;
}

bool replies_add(struct replies *r, const char *bytes, size_t count) {
    char *waiting = realloc(r->waiting, r->waiting_count + count); /* nobody but us knows their address yet */
    if (!waiting)
        return false;
    memcpy(waiting + r->waiting_count, bytes, count); /* COPY: within the process */
    r->waiting = waiting;
    r->waiting_count += count;
    return true;
}

const char *replies_next(struct replies *r, size_t *count) {
    if (r->sent == r->count) {
        free(r->going);
        *r = (struct replies){.going = r->waiting, .count = r->waiting_count};
    }
    *count = r->count - r->sent;
    return r->going ? r->going + r->sent : NULL;
}

void replies_sent(struct replies *r, size_t count) {
    r->sent += count;
}

void replies_free(struct replies *r) {
    free(r->going);
    free(r->waiting);
    *r = (struct replies){0};
}
