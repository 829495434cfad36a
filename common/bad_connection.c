#include "bad_connection.h"
#include "now.h"
#include "stats.h"
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

enum { LINES_PER_SECOND = 10 };

static bool is_bad(enum close_reason reason) {
    switch (reason) {
    case CLOSE_REJECTED:
    case CLOSE_PROTOCOL_ERROR:
    case CLOSE_BAD_UTF8:
    case CLOSE_TOO_BIG:
    case CLOSE_NO_MEMORY:
    case CLOSE_HANDSHAKE_TIMEOUT:
    case CLOSE_DEAD_PEER:
    case CLOSE_SLOW_READER:
    case CLOSE_TLS: return true;
    default: return false;
    }
}

/* True if one more line may be printed and stderr takes it without waiting. *unsaid then says how many lines were left
 * out since the last printed one. Two threads at the turn of a second may print one line more: that does no harm. */
static bool may_say(long *unsaid) {
    static atomic_llong second = -1;
    static atomic_int lines;
    static atomic_long left_out;
    long long now = now_ms() / 1000;
    struct pollfd log = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (atomic_exchange(&second, now) != now)
        atomic_store(&lines, 0);
    /* never waits: 0 ms */
    if (atomic_fetch_add(&lines, 1) < LINES_PER_SECOND && poll(&log, 1, 0) == 1) {
        *unsaid = atomic_exchange(&left_out, 0);
        return true;
    }
    atomic_fetch_add(&left_out, 1);
    return false;
}

static void say(const char *who, const char *what) {
    char more[64] = "", line[1024];
    long unsaid;
    if (!may_say(&unsaid))
        return;
    if (unsaid > 0)
        snprintf(more, sizeof more, " (%ld more before it not shown)", unsaid);
    int length = snprintf(line, sizeof line, "%s: %s: %.800s%s\n", program_invocation_short_name, who, what, more);
    if (write(STDERR_FILENO, line, (size_t)length) < 0) /* one write: lines of several threads stay whole */
        return;                                         /* a failure of the log has no other log */
}

void bad_connection_say(const struct address *peer, const char *what) {
    char who[ADDRESS_SIZE];
    say(address_text(peer, who), what);
}

void server_trouble_log(const char *what, const char *why) {
    say(what, why);
}

void bad_connection_log_of(const struct address *peer, const struct session *session) {
    if (is_bad(session->reason))
        bad_connection_say(peer, close_reason_names[session->reason]);
}

void bad_connection_log(int fd, const struct session *session) {
    if (!is_bad(session->reason))
        return;
    struct address peer = address_of_peer(fd);
    bad_connection_log_of(&peer, session);
}
