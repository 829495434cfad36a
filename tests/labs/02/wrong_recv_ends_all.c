/* hint: recv_ends_all */
/* The whole conversation with one client. */
static void *conn_thread(void *argument) {
    int fd = (int)(intptr_t)argument;
    char bytes[4096];
    ssize_t count;
    while ((count = recv(fd, bytes, sizeof bytes, 0)) > 0)    /* WAIT: for data. COPY: kernel to bytes */
        if (send(fd, bytes, (size_t)count, MSG_NOSIGNAL) < 0) /* WAIT: for room. COPY: bytes to kernel */
            break;                                            /* EPIPE, ECONNRESET: only this connection ends */
    if (count < 0)
        error(EXIT_FAILURE, errno, "recv");
    close(fd);
    return NULL;
}
