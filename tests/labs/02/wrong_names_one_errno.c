/* hint: one_errno */
/* The whole conversation with one client. */
static void *conn_thread(void *argument) {
    int fd = (int)(intptr_t)argument;
    char bytes[4096];
    ssize_t count;
    while ((count = recv(fd, bytes, sizeof bytes, 0)) > 0)
        if (send(fd, bytes, (size_t)count, MSG_NOSIGNAL) < 0) {
            if (errno == EPIPE)
                break;
            error(EXIT_FAILURE, errno, "send");
        }
    if (count < 0 && errno != ECONNRESET)
        error(EXIT_FAILURE, errno, "recv");
    close(fd);
    return NULL;
}
