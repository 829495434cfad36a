#include "bad_connection.h"
#include "now.h"
#include "stats.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>

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
    case CLOSE_SLOW_READER: return true;
    default: return false;
    }
}

/* May one more line be printed? In *unsaid how many were not, since the last that was. Two threads at the turn of a
 * second may print a line more: that does no harm. */
static bool may_say(long *unsaid) {
    static atomic_llong second = -1;
    static atomic_int lines;
    static atomic_long left_out;
    long long now = now_ms() / 1000;
    if (atomic_exchange(&second, now) != now)
        atomic_store(&lines, 0);
    if (atomic_fetch_add(&lines, 1) < LINES_PER_SECOND) {
        *unsaid = atomic_exchange(&left_out, 0);
        return true;
    }
    atomic_fetch_add(&left_out, 1);
    return false;
}

void bad_connection_log(int fd, const struct session *session) {
    struct sockaddr_in peer = {0};
    char address[INET_ADDRSTRLEN] = "", more[64] = "";
    long unsaid;
    if (!is_bad(session->reason) || !may_say(&unsaid))
        return;
    if (unsaid > 0)
        snprintf(more, sizeof more, " (%ld more before it not shown)", unsaid);
    getpeername(fd, (struct sockaddr *)&peer, &(socklen_t){sizeof peer}); /* it may be gone: then 0.0.0.0:0 */
    inet_ntop(AF_INET, &peer.sin_addr, address, sizeof address);
    fprintf(stderr, "%s: %s:%d: %s%s\n", program_invocation_short_name, address, ntohs(peer.sin_port),
        close_reason_names[session->reason], more);
}
