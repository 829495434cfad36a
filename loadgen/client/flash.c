/* flash.c - --chaos flash: the good clients lose their connections, all at the same moment, and reconnect.
 *
 *     SERVING or UPGRADING --cut--> WAITING -> CONNECTING -> [UPGRADING] -> SERVING --first answer--> back
 *                                      ^____________|______________|___________|  refused: again, for a second
 *
 * No message is lost: each client remembers the first of its messages that has no answer (failure caching, 失败缓存),
 * and sends again from there on the new connection. Messages are computed, so it remembers a number, not the bytes.
 */
#include "client/client_parts.h"
#include <sys/socket.h>

/* LIMIT: milliseconds between two attempts to reconnect, and from the cut until the client gives up and has failed. */
enum { AGAIN_MS = 5, GIVE_UP_MS = 1000 };

/* Messages that were sent but not answered are sent again. */
static void client_lose(struct client *c, uint64_t again_at) {
    uint64_t begun = client_begun(c);

    if (begun > c->asked_before)
        c->asked_before = begun;
    c->sending = c->answered;
    c->send_offset = 0;
    client_return(c, again_at);
}

void client_cut(struct client *c) {
    const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};

    if (c->state != CLIENT_UPGRADING && c->state != CLIENT_SERVING)
        return;
    c->away = true;
    c->group->flash.cut++;
    /* connect() to AF_UNSPEC sends RST, as close() with SO_LINGER 0 does; but close() would send it only when no
     * io_uring operation uses the socket any more. */
    connect(c->fd, &nowhere, sizeof nowhere);
    client_lose(c, 0);
}

bool client_tries_again(struct client *c, enum failure failure) {
    uint64_t now = clock_now(), cut_at = atomic_load_explicit(&c->group->schedule->flash_at, memory_order_relaxed);
    bool refused = failure == FAILURE_CONNECT_REFUSED || failure == FAILURE_CONNECT_RESET ||
                   failure == FAILURE_CLIENT_LIMIT || failure == FAILURE_HANDSHAKE_REJECTED;

    if (!c->away || !refused || now - cut_at >= GIVE_UP_MS * NS_PER_MS)
        return false;
    c->group->flash.refused++;
    client_lose(c, now + AGAIN_MS * NS_PER_MS);
    return true;
}

void client_resume(struct client *c) {
    uint64_t now = clock_now();

    if (c->asked_before > c->answered)
        c->group->flash.resent += c->asked_before - c->answered;
    for (uint64_t i = c->answered; i < c->issued; i++)
        c->sent.at[i & c->sent.mask] = now;
    client_send(c);
}

void client_is_back(struct client *c, uint64_t now) {
    struct chaos_tally *tally = &c->group->flash;
    uint64_t away_ns = now - atomic_load_explicit(&c->group->schedule->flash_at, memory_order_relaxed);

    c->away = false;
    tally->back++;
    if (away_ns > tally->longest_ns)
        tally->longest_ns = away_ns;
}
