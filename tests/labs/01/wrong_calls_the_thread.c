/* hint: no_thread */
static void *conn_thread(void *argument) {
    struct conn *c = argument;
    conn_advance(c);
    conn_close(c);
    return NULL;
}

/* Waits for one client and starts its thread. */
static void server_accept(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC); /* WAIT: for a client */
    if (fd < 0) {
        poll(NULL, 0, PAUSE_MS); /* WAIT: a pause after EMFILE, ENOMEM..., instead of spinning */
        return;
    }
    struct conn *c = conn_open(fd);
    if (!c)
        close(fd);
    else
        conn_thread(c);
}
