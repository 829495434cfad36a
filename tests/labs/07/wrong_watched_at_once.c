/* hint: runs_in_vain */
/* A connection's turn. */
static void conn_advance(int fd) {
    char bytes[4096];
    ssize_t count = recv(fd, bytes, sizeof bytes, 0);                   /* COPY: kernel to bytes */
    if (count <= 0 || send(fd, bytes, (size_t)count, MSG_NOSIGNAL) < 0) /* COPY: bytes to kernel */
        close(fd);                                                      /* also leaves the Selector */
}

static bool accept_paused; /* no descriptor: the Selector does not watch the listener */

/* A client waits at the listener. */
static void server_accept(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); /* -1: errno says why */
    if (fd >= 0)
        selector_register(fd);
    accept_paused = fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED;
    if (accept_paused)
        epoll_ctl(selector, EPOLL_CTL_DEL, listener, NULL); /* it stays ready, and the loop would spin */
}

/* Until `stop` is readable: waits until something is ready, and gives each ready thing its turn. */
static void server_run(void) {
    struct epoll_event ready[READY_MAX];
    for (bool running = true; running; wake_ups++) {
        if (accept_paused)
            accept_paused = !selector_register(listener);
        int count = epoll_wait(selector, ready, READY_MAX, -1);
        for (int i = 0; i < count; i++) {
            if (ready[i].data.fd == listener)
                server_accept();
            else if (ready[i].data.fd == stop)
                running = false;
            else
                conn_advance(ready[i].data.fd);
        }
    }
}
