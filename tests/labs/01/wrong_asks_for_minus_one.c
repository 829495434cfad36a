/* hint: left_waiting */
static void *conn_thread(void *argument) {
    struct conn *c = argument;
    pthread_detach(pthread_self());
    conn_advance(c);
    conn_close(c);
    return NULL;
}

/* Waits for one client and starts its thread. */
static void server_accept(void) {
    pthread_t thread;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC); /* WAIT: for a client */
    if (fd < 0) {
        poll(NULL, 0, PAUSE_MS); /* WAIT: a pause after EMFILE, ENOMEM..., instead of spinning */
        return;
    }
    struct conn *c = conn_open(fd);
    if (!c)
        close(fd);
    else if (pthread_create(&thread, &thread_attributes, conn_thread, c) < 0)
        conn_close(c);
}
