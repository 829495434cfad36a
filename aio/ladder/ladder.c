#include "ladder.h"
#include "first_reading.h"
#include "listener.h"
#include "memory.h"
#include <error.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

int ladder_listen(int argc, char **argv) {
    int listener = first_reading_listen(argc, argv);
    memory_keep_freed();
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
    abort(); /* not reached: error() exits; the compiler does not know that */
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
    size_t needed = r->waiting_count + count;
    if (needed > r->waiting_room) { /* doubles: else a flood of small pieces would be copied again for each piece */
        size_t room = needed > 2 * r->waiting_room ? needed : 2 * r->waiting_room;
        char *waiting = realloc(r->waiting, room); /* the kernel does not know their address yet */
        if (!waiting)
            return false;
        r->waiting = waiting;
        r->waiting_room = room;
    }
    memcpy(r->waiting + r->waiting_count, bytes, count); /* within the process */
    r->waiting_count = needed;
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
