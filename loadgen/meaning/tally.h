/* tally.h - the counters of a run. Each thread has its own; they are added up when the threads have ended. */
#ifndef LOADGEN_TALLY_H
#define LOADGEN_TALLY_H

#include "meaning/failure.h"
#include <stdint.h>

/* Bytes of a name of TLS, with its end; what is longer is cut. No pointers: a tally is sent to another process as it is
 * (together/parcel.c). */
enum { TALLY_TLS_VERSION = 12, TALLY_TLS_CIPHER = 48 };

struct tally {
    uint64_t connected; /* clients that got a connection, */
    uint64_t upgraded;  /* completed the WebSocket handshake, */
    uint64_t deflated;  /* and agreed on compression, */
    uint64_t served;    /* got at least one verified reply */
    uint64_t failures[FAILURE_CLASSES];
    int errors[FAILURE_CLASSES];         /* an errno seen with that class, or 0 */
    uint16_t http_status;                /* of the last handshake_rejected, or 0 */
    uint16_t close_code;                 /* of the last protocol_error, or 0 */
    char tls_version[TALLY_TLS_VERSION]; /* of the last TLS handshake: "TLSv1.3"; "": there was none */
    char tls_cipher[TALLY_TLS_CIPHER];   /* and its cipher suite */
    uint64_t messages;                   /* verified replies in the whole run */
    uint64_t bytes_sent;                 /* in the whole run, everything included: agrees with the server's count */
    uint64_t bytes_received;
    uint64_t unfinished; /* messages in flight at the end of the drain */
    uint64_t unfinished_oldest_ns;
    uint64_t unsent; /* open loop: messages due before the window's end and never sent */
    uint64_t unsent_oldest_ns;
};

/* What the bad clients of a run have done (chaos/); or the good ones, in a flash (client/flash.c). */
struct chaos_tally {
    uint64_t connections;     /* made; in a flash: made again */
    uint64_t ended_by_server; /* of these: FIN or RST came */
    uint64_t refused;         /* failed attempts; in a flash: those after which the client tries again */
    uint64_t bytes;           /* sent */
    /* In a flash only: */
    uint64_t cut;        /* good clients that lost their connection, */
    uint64_t back;       /* and had an answer again, */
    uint64_t longest_ns; /* how long after the cut the last of them had it */
    uint64_t resent;     /* messages sent again */
};

void tally_merge(struct tally *into, const struct tally *from);

/* Takes away what an earlier state of the same counters had. The ages stay. */
void tally_subtract(struct tally *from, const struct tally *earlier);

void chaos_tally_merge(struct chaos_tally *into, const struct chaos_tally *from);

uint64_t tally_failures(const struct tally *tally);

#endif
