/* hint: blocks */
#include <poll.h>

/* Sends what was received. Returns what the conversation needs next: WANT_READ, WANT_WRITE or WANT_CLOSE. */
static enum session_want conn_send(struct conn *c) {
    while (c->sent < c->count) {
        ssize_t count = send(c->fd, c->bytes + c->sent, c->count - c->sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EAGAIN)
            poll(&(struct pollfd){c->fd, POLLOUT, 0}, 1, -1); /* the mistake: the thread is not this client's */
        else if (count < 0)
            return WANT_CLOSE;
        c->sent += count > 0 ? (size_t)count : 0;
    }
    return WANT_READ;
}

/* The turn of a Channel that the Selector has reported. */
static void conn_advance(struct conn *c) {
    enum session_want want = conn_recv(c);
    if (want == WANT_WRITE)
        want = conn_send(c);
    if (want == WANT_CLOSE)
        conn_close(c);
    else
        selector_interest(c, EPOLLIN);
}
