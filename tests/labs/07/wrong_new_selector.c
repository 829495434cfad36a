/* hint: new_selector */
static bool is_open[1024];

/* A connection's turn. */
static void conn_advance(int fd) {
    char bytes[4096];
    ssize_t count = recv(fd, bytes, sizeof bytes, 0);                     /* COPY: kernel to bytes */
    if (count <= 0 || send(fd, bytes, (size_t)count, MSG_NOSIGNAL) < 0) { /* COPY: bytes to kernel */
        is_open[fd] = false;
        close(fd);
    }
}

/* A client waits at the listener. */
static void server_accept(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); /* -1: errno says why */
    if (fd >= 0) {
        is_open[fd] = true;
        selector_register(fd);
        return;
    }
    close(selector);
    selector = epoll_create1(EPOLL_CLOEXEC);
    selector_register(listener);
    selector_register(stop);
    for (int i = 0; i < 1024; i++)
        if (is_open[i])
            selector_register(i);
}

/* Until `stop` is readable: waits until something is ready, and gives each ready thing its turn. */
static void server_run(void) {
    struct epoll_event ready[READY_MAX];
    for (bool running = true; running; wake_ups++) {
        int count = epoll_wait(selector, ready, READY_MAX, -1); /* the last argument: a limit in ms; -1: none */
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
