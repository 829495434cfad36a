/* hint: missing */
/* Sends what was received. Returns what the conversation needs next: WANT_READ, WANT_WRITE or WANT_CLOSE. */
static enum session_want conn_send(struct conn *c) {
    ssize_t count = send(c->fd, c->bytes, c->count, MSG_NOSIGNAL);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_WRITE : WANT_CLOSE;
    return (size_t)count < c->count ? WANT_WRITE : WANT_READ;
}

/* The turn of a Channel that the Selector has reported. */
static void conn_advance(struct conn *c) {
    enum session_want want =
        c->interest == EPOLLOUT ? WANT_READ : conn_recv(c); /* the mistake: reads on, over the rest */
    if (want == WANT_WRITE)
        want = conn_send(c);
    if (want == WANT_CLOSE)
        conn_close(c);
    else
        selector_interest(c, want == WANT_WRITE ? EPOLLOUT : EPOLLIN);
}
