/* options.h - what the user asked for. */
#ifndef LOADGEN_OPTIONS_H
#define LOADGEN_OPTIONS_H

#include "meaning/chaos_kind.h"
#include "meaning/share.h"
#include "session.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum search_of { SEARCH_OF_NOTHING, SEARCH_OF_CLIENTS, SEARCH_OF_RATE };

/* --search: what to search for, and the limits that must hold. */
struct search_options {
    enum search_of of;
    uint32_t min, max; /* max 0: as many as this process can make */
    double p99_ms;
    double failures_percent;   /* of the clients */
    double resolution_percent; /* how close the two sides of the answer must be */
};

enum { PROCESSES_MAX = 64 };

/* The server's processes: one, or several that share its port. */
struct processes {
    size_t count; /* 0: they are not known */
    pid_t pids[PROCESSES_MAX];
};

/* How the bytes move: see client/transport.h. */
enum io { IO_AUTO, IO_RING, IO_EPOLL };

struct options {
    enum protocol protocol;
    const char *host; /* an IPv6 address is in brackets: a port can follow it */
    uint16_t port;
    uint32_t clients;  /* 0 while --search clients looks for it */
    uint32_t pipeline; /* messages each client keeps in flight */
    uint32_t active;   /* clients that go on sending; the others are answered once and then stay connected, idle; 0 in a
                        * search for clients: all of them */
    bool reconnect; /* each connection carries `pipeline` messages; then it is closed, and the client connects again */
    uint32_t threads;   /* of each load generator that has clients */
    bool lead;          /* several load generators: the first has no clients, it leads and looks at the server */
    bool follows;       /* several load generators: this one is not the first; it reports nothing */
    struct place place; /* of this load generator among those that make the run together: 0 of 1 where it is alone */
    enum io io;
    size_t size;       /* payload bytes of a message */
    bool text;         /* --payload text */
    bool deflate;      /* offer permessage-deflate, and compress where the server accepts it */
    double duration_s; /* the measured window */
    double warmup_s;
    double ramp_s; /* connecting is spread over this time; below 0, in a search: 10,000 clients per second connect */
    double timeout_s;
    double rate;        /* messages per second of all clients together; 0: closed loop */
    double client_rate; /* messages per second of each client: `rate` follows from it; 0: not given */
    char *source_ips;
    bool tls;               /* everything goes through TLS */
    const char *ca;         /* TLS: the server's certificate must come from this file; NULL: any will do */
    enum chaos_kind chaos;  /* what the bad clients do; CHAOS_NONE: there are none */
    uint32_t chaos_clients; /* how many bad clients; 0: none */
    bool flash;             /* the good clients lose their connections in mid-window (client/flash.c) */
    struct processes server;
    bool aftermath; /* after the run, look at the server until it uses no more than before */
    const char *json;
    const char *histogram;
    bool quiet;
    int progress_fd; /* lines of JSON go there while the run goes on (run/progress.h); -1: nowhere */
    bool paced;      /* the run works in slices, on command (run/paced.h) */
    struct search_options search;
};

/* The most clients, or messages per second, that can be asked for. */
enum { OPTIONS_CLIENTS_MAX = 1000 * 1000, OPTIONS_RATE_MAX = 100 * 1000 * 1000 };

/* "echo" or "ws" */
static inline const char *options_protocol_name(enum protocol protocol) {
    return protocol == PROTOCOL_WS ? "ws" : "echo";
}

#endif
