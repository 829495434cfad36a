/* plan.c - see plan.h. */
#include "client/plan.h"
#include "meaning/die.h"
#include "meaning/handshake.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SWEEP_MAX_NS (250 * NS_PER_MS)
#define DRAIN_MAX_NS (2 * NS_PER_S)

/* Resolves --host: an address, whose brackets are taken off, or a name. Of a name's addresses one is used: the first of
 * IPv4 if there is one ("localhost"), because that is what the servers listen on unless told otherwise; else the first.
 * The others are not tried: a run measures one server. */
static void resolve_server(struct plan *plan) {
    const char *host = plan->options->host;
    bool bracket = host[0] == '[';
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = bracket ? AI_NUMERICHOST : 0};
    struct addrinfo *found, *best;
    char port[8], bare[256];
    int error;

    snprintf(port, sizeof port, "%u", plan->options->port);
    snprintf(bare, sizeof bare, "%.*s", (int)strcspn(host + bracket, bracket ? "]" : ""), host + bracket);
    error = getaddrinfo(bare, port, &hints, &found);
    if (error != 0)
        die("--host '%s': %s; give a host name or an IP address", host, gai_strerror(error));
    for (best = found; best != NULL && best->ai_family != AF_INET; best = best->ai_next)
        ;
    if (best == NULL)
        best = found;
    memcpy(&plan->address, best->ai_addr, best->ai_addrlen);
    plan->address_size = best->ai_addrlen;
    freeaddrinfo(found);
}

/* One local address, of the same family as the server's. */
static void parse_source(struct plan *plan, const char *text, struct sockaddr_storage *source) {
    sa_family_t family = plan->address.ss_family;
    void *place = family == AF_INET6 ? (void *)&((struct sockaddr_in6 *)source)->sin6_addr
                                     : (void *)&((struct sockaddr_in *)source)->sin_addr;

    memset(source, 0, sizeof *source);
    source->ss_family = family;
    if (inet_pton(family, text, place) != 1)
        die("--source-ips '%s': not an %s address like the server's", text, family == AF_INET6 ? "IPv6" : "IPv4");
}

/* Has this host that address? */
static bool is_own(const struct plan *plan, const struct sockaddr_storage *source) {
    int fd = socket(source->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool own = fd >= 0 && bind(fd, (const struct sockaddr *)source, plan->address_size) == 0;

    if (fd >= 0)
        close(fd);
    return own;
}

/* Several load generators on as many hosts have one list: each takes the addresses of its own host. */
static void keep_own_sources(struct plan *plan) {
    size_t kept = 0;

    for (size_t i = 0; i < plan->source_count; i++)
        if (is_own(plan, &plan->sources[i]))
            plan->sources[kept++] = plan->sources[i];
    if (kept == 0 && plan->clients > 0)
        die("--source-ips '%s': none of these is an address of this host; give one of each host's",
            plan->options->source_ips);
    plan->source_count = kept;
}

static void parse_sources(struct plan *plan) {
    size_t count = 1;
    char *list, *rest;

    if (plan->options->source_ips == NULL)
        return;
    list = rest = strdup(plan->options->source_ips); /* a copy: strsep cuts it, and a search has later runs */
    for (const char *c = list; c != NULL && *c != '\0'; c++)
        count += *c == ',';
    plan->sources = calloc(count, sizeof *plan->sources);
    if (list == NULL || plan->sources == NULL)
        die("out of memory for %zu source addresses", count);
    for (char *text; (text = strsep(&rest, ",")) != NULL;)
        parse_source(plan, text, &plan->sources[plan->source_count++]);
    free(list);
    if (plan->options->lead || plan->options->place.count > 1)
        keep_own_sources(plan);
}

/* Room for all messages in flight and an upgrade request, but at most TRANSFER_SIZE. */
static size_t send_room(const struct plan *plan) {
    size_t in_flight = plan->shape.wire_size * plan->options->pipeline + HANDSHAKE_MAX;

    return in_flight < TRANSFER_SIZE ? in_flight : TRANSFER_SIZE;
}

/* Where there are fewer clients than threads, each thread has one. */
static void take_share(struct plan *plan, const struct options *o) {
    plan->clients = place_share(&o->place, o->clients);
    plan->active = place_share(&o->place, o->active);
    plan->chaos_clients = place_share(&o->place, o->chaos_clients);
    plan->threads = o->threads < plan->clients ? o->threads : plan->clients;
}

void plan_open(struct plan *plan, const struct options *options) {
    memset(plan, 0, sizeof *plan);
    plan->options = options;
    take_share(plan, options);
    plan->limits = LIMITS_DEFAULT;
    /* A reply longer than the message sent is then received whole, and counted as a mismatch. */
    plan->limits.message_max = MESSAGE_MAX_CEILING;
    plan->limits.deflate_bits = options->deflate ? DEFLATE_BITS_MAX : 0;
    message_shape_init(&plan->shape, options->protocol, options->size, options->text);
    while (plan->ring_mask + 1 < options->pipeline)
        plan->ring_mask = plan->ring_mask * 2 + 1;
    plan->timeout_ns = clock_from_seconds(options->timeout_s);
    plan->sweep_ns = plan->timeout_ns / 20 < SWEEP_MAX_NS ? plan->timeout_ns / 20 : SWEEP_MAX_NS;
    plan->drain_ns = plan->timeout_ns < DRAIN_MAX_NS ? plan->timeout_ns : DRAIN_MAX_NS;
    plan->send_room = send_room(plan);
    resolve_server(plan);
    parse_sources(plan);
}

void plan_close(struct plan *plan) {
    free(plan->sources);
}
