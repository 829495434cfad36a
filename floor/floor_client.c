/* floor_client.c - not a load generator: the yardstick of one.
 *
 * Keeps PIPELINE messages of SIZE bytes in flight on each of CLIENTS connections, with epoll, and counts the bytes that
 * come back. It checks no byte, measures no latency and distinguishes no failures. Its rate is what the kernel's TCP
 * allows on the client's side; loadgen is measured against it. Prints one JSON object. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { READY_MAX = 512, BYTES_MAX = 64 * 1024 };

static char bytes[BYTES_MAX];

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void connect_one(int epoll, int port, size_t in_flight) {
    static const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("floor_client: cannot connect");
        exit(2);
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN, {.fd = fd}});
    if (send(fd, bytes, in_flight, MSG_NOSIGNAL) != (ssize_t)in_flight)
        exit(2);
}

/* Sends again what comes, until `end_s`. Returns how many bytes that was. */
static uint64_t turn(int epoll, double end_s) {
    static struct epoll_event ready[READY_MAX];
    uint64_t total = 0;
    while (now_s() < end_s) {
        int count = epoll_wait(epoll, ready, READY_MAX, 100);
        for (int i = 0; i < count; i++) {
            ssize_t received = recv(ready[i].data.fd, bytes, sizeof bytes, 0);
            if (received <= 0 || send(ready[i].data.fd, bytes, (size_t)received, MSG_NOSIGNAL) != received)
                exit(2);
            total += (uint64_t)received;
        }
    }
    return total;
}

int main(int argc, char **argv) {
    if (argc != 7) {
        fprintf(stderr, "usage: floor_client PORT CLIENTS PIPELINE SIZE WARMUP_S DURATION_S\n");
        return 2;
    }
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int epoll = epoll_create1(0), clients = atoi(argv[2]);
    size_t size = (size_t)atol(argv[4]);
    for (int i = 0; i < clients; i++)
        connect_one(epoll, atoi(argv[1]), (size_t)atol(argv[3]) * size);
    turn(epoll, now_s() + atof(argv[5]));
    double start = now_s(), end = start + atof(argv[6]);
    uint64_t total = turn(epoll, end);
    printf("{\"window\": {\"messages_per_s\": %.1f}}\n", (double)total / (double)size / (now_s() - start));
    return 0;
}
