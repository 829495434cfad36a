/* run.c - sets up what the threads share. */
#include "client/run.h"
#include "meaning/die.h"
#include "worker/worker.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SWEEP_MAX_NS (250 * NS_PER_MS)
#define DRAIN_MAX_NS (2 * NS_PER_S)

static void resolve_server(struct run *run) {
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found, *best;
    char port[8];
    int error;

    snprintf(port, sizeof port, "%u", run->options->port);
    error = getaddrinfo(run->options->host, port, &hints, &found);
    if (error != 0)
        die("--host '%s': %s; give a host name or an IP address", run->options->host, gai_strerror(error));
    /* IPv4 if there is a choice ("localhost"): that is what the servers listen on unless told otherwise. */
    for (best = found; best != NULL && best->ai_family != AF_INET; best = best->ai_next)
        ;
    if (best == NULL)
        best = found;
    memcpy(&run->address, best->ai_addr, best->ai_addrlen);
    run->address_size = best->ai_addrlen;
    freeaddrinfo(found);
}

/* One local address, of the same family as the server's. */
static void parse_source(struct run *run, const char *text, struct sockaddr_storage *source) {
    sa_family_t family = run->address.ss_family;
    void *place = family == AF_INET6 ? (void *)&((struct sockaddr_in6 *)source)->sin6_addr
                                     : (void *)&((struct sockaddr_in *)source)->sin_addr;

    memset(source, 0, sizeof *source);
    source->ss_family = family;
    if (inet_pton(family, text, place) != 1)
        die("--source-ips '%s': not an %s address like the server's", text, family == AF_INET6 ? "IPv6" : "IPv4");
}

static void parse_sources(struct run *run) {
    size_t count = 1;
    char *list, *rest;

    if (run->options->source_ips == NULL)
        return;
    list = rest = strdup(run->options->source_ips); /* cut to pieces here; a search has further runs */
    for (const char *c = list; c != NULL && *c != '\0'; c++)
        count += *c == ',';
    run->sources = calloc(count, sizeof *run->sources);
    if (list == NULL || run->sources == NULL)
        die("out of memory for %zu source addresses", count);
    for (char *text; (text = strsep(&rest, ",")) != NULL;)
        parse_source(run, text, &run->sources[run->source_count++]);
    free(list);
}

/* All that may be in flight, and an upgrade request; for large messages a part of it. */
static size_t send_room(const struct run *run) {
    size_t in_flight = run->shape.wire_size * run->options->pipeline + CONTROL_ROOM;

    return in_flight < TRANSFER_SIZE ? in_flight : TRANSFER_SIZE;
}

void run_go_on_by_epoll(struct run *run, const char *why) {
    static bool told; /* a search has many runs */

    if (run->options->io == IO_RING)
        die("--io io_uring: %s; leave it out, or give --io epoll", why);
    if (!told)
        fprintf(stderr, "loadgen: going on with epoll, because %s\n", why);
    told = true;
    run->transport = &transport_epoll;
}

static void choose_transport(struct run *run) {
    const char *why;

    run->transport = &transport_epoll;
    if (run->options->io == IO_EPOLL)
        return;
    why = transport_ring_why_not();
    if (why == NULL)
        run->transport = transport_ring;
    else
        run_go_on_by_epoll(run, why);
}

void run_open(struct run *run, const struct options *options) {
    memset(run, 0, sizeof *run);
    run->options = options;
    run->limits = LIMITS_DEFAULT;
    /* A longer reply than the message sent is to be seen whole and called a mismatch. */
    run->limits.message_max = MESSAGE_MAX_CEILING;
    message_shape_init(&run->shape, options->protocol, options->size);
    while (run->ring_mask + 1 < options->pipeline)
        run->ring_mask = run->ring_mask * 2 + 1;
    run->timeout_ns = clock_from_seconds(options->timeout_s);
    run->sweep_ns = run->timeout_ns / 20 < SWEEP_MAX_NS ? run->timeout_ns / 20 : SWEEP_MAX_NS;
    run->drain_ns = run->timeout_ns < DRAIN_MAX_NS ? run->timeout_ns : DRAIN_MAX_NS;
    run->send_room = send_room(run);
    choose_transport(run);
    run->interval_ns = options->rate > 0 ? 1e9 / options->rate : 0;
    run->to_greet = run->interval_ns == 0 ? options->clients : options->clients - options->active;
    atomic_init(&run->greeted, 0);
    atomic_init(&run->schedule_start, NEVER);
    atomic_init(&run->window_start, NEVER);
    atomic_init(&run->window_end, NEVER);
    atomic_init(&run->flash_at, NEVER);
    resolve_server(run);
    parse_sources(run);
    run->notify_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (run->notify_fd < 0)
        die("eventfd: %s", strerror(errno));
}

void run_close(struct run *run) {
    close(run->notify_fd);
    free(run->sources);
}

void run_notify(struct run *run) {
    /* Fails only if the counter is at its top: then the reader is awake anyway. */
    (void)!write(run->notify_fd, &(uint64_t){1}, sizeof(uint64_t));
}
