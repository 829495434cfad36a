/* hint: whose_variable */
static void *conn_thread(void *argument) {
    struct conn *c;
    pthread_detach(pthread_self());
    c = conn_open(*(int *)argument);
    if (!c)
        return NULL;
    conn_advance(c);
    conn_close(c);
    return NULL;
}

/* Waits for one client and starts its thread. */
static void server_accept(void) {
    static int fd;
    pthread_t thread;
    fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC); /* WAIT: for a client */
    if (fd < 0) {
        poll(NULL, 0, PAUSE_MS); /* WAIT: a pause after EMFILE, ENOMEM..., instead of spinning */
        return;
    }
    if (pthread_create(&thread, &thread_attributes, conn_thread, &fd) != 0)
        close(fd);
}
