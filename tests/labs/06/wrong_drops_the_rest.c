/* hint: drops */
/* Sends what was received. Returns what the conversation needs next: WANT_READ, WANT_WRITE or WANT_CLOSE. */
static enum session_want conn_send(struct conn *c) {
    send(c->fd, c->bytes, c->count, MSG_NOSIGNAL); /* the mistake: not all of it may be taken */
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
