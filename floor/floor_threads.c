/* floor_threads.c - not a model: the yardstick of a thread per connection.
 *
 * A thread that sleeps in recv sends back what comes, with no protocol, no checks, no limits, no statistics and no
 * clean end. The difference to floor_server.c is the price of a sleep, a wake-up and a thread switch for each message;
 * bio cannot be faster than this. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { RECEIVE_SIZE = 16 * 1024, STACK_SIZE = 64 * 1024, BACKLOG = 4096 }; /* as in bio */

static void *serve(void *argument) {
    int fd = (int)(intptr_t)argument;
    char bytes[RECEIVE_SIZE];
    ssize_t count;
    while ((count = recv(fd, bytes, sizeof bytes, 0)) > 0 && send(fd, bytes, (size_t)count, MSG_NOSIGNAL) == count)
        continue;
    close(fd);
    return NULL;
}

static int listen_on(int port) {
    static const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* accepted sockets inherit it */
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    if (bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, BACKLOG) < 0) {
        perror("floor_threads: cannot listen; try --port 0");
        exit(2);
    }
    getsockname(fd, (struct sockaddr *)&address, &size);
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

/* Returns -1 if it is no port number. */
static int port_of(const char *text) {
    char *end;
    long port = strtol(text, &end, 10);
    return end == text || *end != '\0' || port < 0 || port > 65535 ? -1 : (int)port;
}

int main(int argc, char **argv) {
    struct rlimit limit;
    pthread_attr_t attributes;
    pthread_t thread;
    int port = argc == 3 && strcmp(argv[1], "--port") == 0 ? port_of(argv[2]) : -1;
    if (port < 0) {
        fprintf(stderr, "usage: floor_threads --port N   (0 picks a free port)\n");
        return 2;
    }
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    for (int listener = listen_on(port);;) {
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0 && pthread_create(&thread, &attributes, serve, (void *)(intptr_t)fd) != 0)
            close(fd);
    }
}
