/* failure.c - the taxonomy in words, and how errno maps to it. */
#include "meaning/failure.h"
#include <errno.h>
#include <string.h>

struct explanation {
    const char *name, *meaning, *cause, *advice;
};

enum { ENDS_THAT_ARE_NO_FAILURE = 2 };

/* The first FAILURE_CLASSES entries are in the order of enum failure. */
static const struct explanation explanations[FAILURE_CLASSES + ENDS_THAT_ARE_NO_FAILURE] = {
    {"connect_refused", "the server's machine answered the connection attempt with a refusal",
        "nobody listens on that address and port, or a firewall rejects",
        "start the server first; compare --host and --port with its line 'listening on ...'"},
    {"connect_timeout", "no answer to the connection attempt came within --timeout",
        "the queue of connections waiting for accept() is full, so the kernel drops new attempts without a word",
        "raise the server's --backlog and net.core.somaxconn, spread the attempts with --ramp, or look why the server "
        "does not accept"},
    {"connect_reset", "the server threw the connection out (reset or closed it) before a single byte came back",
        "the server was out of descriptors, memory, threads or queue places and refused visibly",
        "look at 'refused' in the server's --stats; raise its limit, or see that this is how the model fails"},
    {"client_limit", "the load generator's own machine could not make one more connection: not the server's failure",
        "the limit of open files (EMFILE), or of local ports towards one server address (EADDRNOTAVAIL)",
        "raise 'ulimit -n' and net.ipv4.ip_local_port_range, give more --source-ips, or ask for fewer --clients"},
    {"handshake_timeout", "connected, but the WebSocket upgrade was not answered within --timeout",
        "every thread of the server is busy with other clients, or the port speaks another protocol",
        "more workers or a shorter run per client; check that the server runs with --protocol ws"},
    {"handshake_rejected", "the server answered the upgrade with something else than a valid 101",
        "an HTTP error status, a wrong Sec-WebSocket-Accept, or no HTTP at all (an echo server, say)",
        "read http_status in the JSON; check that both sides run with --protocol ws"},
    {"starved", "connected, asked, and never served by the end of the run, or until --timeout passed",
        "the connection waits in the kernel's backlog or in the server's queue while others are served: a pool with "
        "fewer workers than clients",
        "more --workers than clients, or a model that does not need a thread for each connection"},
    {"reply_timeout", "served before, but one reply did not come within --timeout",
        "the server lost a message, hangs, or is overloaded beyond --timeout",
        "lower --rate, --clients or --pipeline; if that does not help the server has lost the reply"},
    {"reset_mid_run", "the connection was reset after it had been served",
        "the server process ended or crashed, or closed with unread input; or a middlebox cut in",
        "look at the server's exit status and its --stats"},
    {"eof_mid_run",
        "the server closed the connection in an orderly way while replies were owed or clients still wanted",
        "the server shut down, hit an idle or lifetime limit, or took the input for the end of a request",
        "look at 'closed' in the server's --stats"},
    {"mismatch", "bytes came back that are not the bytes sent, or more than were asked for",
        "a bug in the server: buffers shared between clients, a short write ignored, replies out of order",
        "the run is void: find the bug before reading any of its numbers"},
    {"protocol_error", "the server broke a rule of WebSocket, or closed with a close frame in mid-run",
        "a malformed frame; a close code such as 1001 (going away), 1002 (protocol) or 1009 (message too big)",
        "read close_code in the JSON; for 1009 raise the server's --message-max or lower --size"},
    {"unfinished", "still in flight when the run ended, in spite of the drain: counted with its age, not a failure",
        "a slow server, or large messages in a deep pipeline", "compare the age with the latencies measured"},
    {"unsent",
        "with --rate: due inside the run, but never sent, as its client was still busy: not a failure, but the "
        "offered rate was not carried",
        "the rate is above the capacity of the server or of the load generator",
        "lower --rate, or give more --clients or --pipeline so that a slow reply does not hold up the next message"},
};

const char *failure_name(enum failure failure) {
    return explanations[failure].name;
}

const char *failure_advice(enum failure failure) {
    return explanations[failure].advice;
}

enum failure failure_of_connect(int error) {
    switch (error) {
    case ETIMEDOUT: return FAILURE_CONNECT_TIMEOUT;
    case ECONNRESET:
    case EPIPE: return FAILURE_CONNECT_RESET;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EAGAIN:
    case EADDRINUSE:
    case EADDRNOTAVAIL: return FAILURE_CLIENT_LIMIT;
    default: return FAILURE_CONNECT_REFUSED; /* ECONNREFUSED; also EHOSTUNREACH (no route) and EPERM (a firewall) */
    }
}

bool failure_explain(FILE *out, const char *name) {
    bool all = strcmp(name, "all") == 0, found = false;

    for (size_t i = 0; i < sizeof explanations / sizeof explanations[0]; i++) {
        const struct explanation *e = &explanations[i];
        if (!all && strcmp(name, e->name) != 0)
            continue;
        fprintf(out, "%s%s\n  means: %s.\n  cause: usually %s.\n  try:   %s.\n", found ? "\n" : "", e->name, e->meaning,
            e->cause, e->advice);
        found = true;
    }
    return found;
}
