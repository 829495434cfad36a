/* hint: overflow */
static void conn_recv(struct conn *c) {
    c->receive.submitted = true;
    ring_recv(c->fd, &c->receive);
}

static void conn_send(struct conn *c, size_t count) {
    c->send.submitted = true;
    ring_send(c->fd, c->out, count, &c->send);
}

/* Frees the connection once nothing of it is with the ring. */
static void conn_free(struct conn *c) {
    if (c->receive.submitted || c->send.submitted)
        return; /* OWNS: the ring; each completion calls conn_free again */
    ring_close(c->fd);
    free(c);
}

/* Ends the conversation: all that is submitted comes back. */
static void conn_close(struct conn *c) {
    c->closing = true;
    ring_shutdown(c->fd);
    conn_free(c);
}

void on_completion(void *about, int result, const char *bytes) {
    struct operation *operation = about;
    struct conn *c = operation->conn;
    operation->submitted = false;
    if (c->closing)
        conn_free(c);
    else if (result == 0)
        conn_close(c);
    else if (operation == &c->receive)
        conn_take(c, bytes, (size_t)result);
    else
        conn_go_on(c);
}
