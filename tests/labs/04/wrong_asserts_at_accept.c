/* hint: dies_at_accept */
#include <assert.h>

/* A client waits at `listener`. Takes it, and gives it to conn_open, which also registers it with the Selector. */
static void server_accept(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    assert(fd >= 0);
    if (!conn_open(fd))
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
