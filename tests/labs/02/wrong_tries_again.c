/* hint: spins */
/* The whole conversation with one client. */
static void *conn_thread(void *argument) {
    int fd = (int)(intptr_t)argument;
    char bytes[4096];
    ssize_t count;
    while ((count = recv(fd, bytes, sizeof bytes, 0)) > 0)
        while (send(fd, bytes, (size_t)count, MSG_NOSIGNAL) < 0)
            continue;
    close(fd);
    return NULL;
}
