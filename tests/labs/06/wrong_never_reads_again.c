/* hint: never_reads */
/* Sends what was received. Returns what the conversation needs next: WANT_READ, WANT_WRITE or WANT_CLOSE. */
static enum session_want conn_send(struct conn *c) {
    ssize_t count = send(c->fd, c->bytes + c->sent, c->count - c->sent, MSG_NOSIGNAL);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? WANT_WRITE : WANT_CLOSE;
    c->sent += (size_t)count;
    return c->sent < c->count ? WANT_WRITE : WANT_READ;
}

/* The turn of a Channel that the Selector has reported. */
static void conn_advance(struct conn *c) {
    enum session_want want = c->sent < c->count ? WANT_WRITE : conn_recv(c);
    if (want == WANT_WRITE)
        want = conn_send(c);
    if (want == WANT_CLOSE)
        conn_close(c);
    else if (want == WANT_WRITE)
        selector_interest(c, EPOLLOUT);
    else if (c->interest == EPOLLOUT) /* the mistake: all is sent, and now it waits for nothing */
        selector_interest(c, 0);
}
