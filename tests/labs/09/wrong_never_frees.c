/* hint: kept */
static void conn_recv(struct conn *c) {
    c->receive.submitted = true;
    ring_recv(c->fd, &c->receive);
}

static void conn_send(struct conn *c, size_t count) {
    c->send.submitted = true;
    ring_send(c->fd, c->out, count, &c->send);
}

/* Ends the conversation: all that is submitted comes back. */
static void conn_close(struct conn *c) {
    c->closing = true;
    ring_close(c->fd);
}

void on_completion(void *about, int result, const char *bytes) {
    struct operation *operation = about;
    struct conn *c = operation->conn;
    operation->submitted = false;
    if (c->closing)
        return; /* it is closed */
    else if (result <= 0)
        conn_close(c);
    else if (operation == &c->receive)
        conn_take(c, bytes, (size_t)result);
    else
        conn_go_on(c);
}
