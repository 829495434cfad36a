/* hint: threads */
#include <pthread.h>

/* A client waits at `listener`. Takes it, and gives it to conn_open, which also registers it with the Selector. */
static void *converse(void *argument) {
    struct conn *c = argument;
    for (ssize_t n; (n = recv(c->fd, c->bytes, sizeof c->bytes, 0)) > 0;)
        send(c->fd, c->bytes, (size_t)n, MSG_NOSIGNAL);
    conn_close(c);
    return NULL;
}

static void server_accept(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    struct conn *c = calloc(1, sizeof *c);
    pthread_t thread;
    c->fd = fd;
    pthread_create(&thread, NULL, converse, c);
    pthread_detach(thread);
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
