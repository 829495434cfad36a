/* hint: gives_up */
/* Sends what was received. Returns what the conversation needs next: WANT_READ, WANT_WRITE or WANT_CLOSE. */
static enum session_want conn_send(struct conn *c) {
    ssize_t count = send(c->fd, c->bytes, c->count, MSG_NOSIGNAL);
    return count == (ssize_t)c->count ? WANT_READ : WANT_CLOSE; /* the mistake: a short send is no failure */
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
