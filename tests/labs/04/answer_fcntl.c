static void server_accept(void) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        return;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || !conn_open(fd))
        close(fd);
}

/* For ever: waits until something is ready, and gives each ready thing its turn. */
static void server_run(void) {
    struct epoll_event ready[READY_MAX];
    for (;;) {
        int count = selector_select(ready, -1);
        for (int i = 0; i < count; i++) {
            if (ready[i].data.ptr)
                conn_advance(ready[i].data.ptr);
            else
                server_accept();
        }
    }
}
