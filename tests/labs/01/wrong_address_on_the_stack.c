/* hint: whose_variable */
static void *conn_thread(void *argument) {
    int fd = *(int *)argument;
    pthread_detach(pthread_self());
    struct conn *c = conn_open(fd);
    if (!c) {
        close(fd);
        return NULL;
    }
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
    if (pthread_create(&thread, &thread_attributes, conn_thread, &fd) != 0)
        close(fd);
}
