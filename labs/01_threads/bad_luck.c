/* bad_luck.c - lab 1: for a client from 127.0.0.7 there is no thread: pthread_create returns EAGAIN (ld --wrap).
 *
 * Until the next client is accepted, closing a descriptor that is closed already then ends the program, with one line
 * on standard error. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static _Thread_local bool has_no_thread; /* the client that this thread has accepted last */
static _Thread_local bool has_failed;    /* and pthread_create has said so */

int __real_accept(int listener, struct sockaddr *address, socklen_t *size);
int __wrap_accept(int listener, struct sockaddr *address, socklen_t *size);
int __real_accept4(int listener, struct sockaddr *address, socklen_t *size, int flags);
int __wrap_accept4(int listener, struct sockaddr *address, socklen_t *size, int flags);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *argument);
int __real_close(int fd);
int __wrap_close(int fd);

static int accepted(int fd) {
    struct sockaddr_in peer = {0};
    socklen_t size = sizeof peer;
    has_failed = false;
    has_no_thread = fd >= 0 && getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
                    peer.sin_addr.s_addr == inet_addr("127.0.0.7");
    return fd;
}

int __wrap_accept(int listener, struct sockaddr *address, socklen_t *size) {
    return accepted(__real_accept(listener, address, size));
}

int __wrap_accept4(int listener, struct sockaddr *address, socklen_t *size, int flags) {
    return accepted(__real_accept4(listener, address, size, flags));
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *argument) {
    has_failed = has_no_thread;
    return has_no_thread ? EAGAIN : __real_pthread_create(thread, how, run, argument);
}

int __wrap_close(int fd) {
    int result = __real_close(fd);
    if (result < 0 && errno == EBADF && has_failed) {
        dprintf(STDERR_FILENO, "mistake: closed_twice fd=%d\n", fd);
        _exit(EXIT_FAILURE);
    }
    return result;
}
