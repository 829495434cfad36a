/* failure.h - the ways in which a client can fail: one enum, and the same names in JSON, tables, charts and docs. */
#ifndef LOADGEN_FAILURE_H
#define LOADGEN_FAILURE_H

#include <stdbool.h>
#include <stdio.h>

enum failure {
    FAILURE_CONNECT_REFUSED,
    FAILURE_CONNECT_TIMEOUT,
    FAILURE_CONNECT_RESET,
    FAILURE_CLIENT_LIMIT,
    FAILURE_TLS,
    FAILURE_HANDSHAKE_TIMEOUT,
    FAILURE_HANDSHAKE_REJECTED,
    FAILURE_STARVED,
    FAILURE_REPLY_TIMEOUT,
    FAILURE_RESET_MID_RUN,
    FAILURE_EOF_MID_RUN,
    FAILURE_TRUNCATED,
    FAILURE_MISMATCH,
    FAILURE_PROTOCOL_ERROR,
    FAILURE_CLASSES,
};

/* "connect_refused" and so on. */
const char *failure_name(enum failure failure);

/* One clause: what to try. */
const char *failure_advice(enum failure failure);

/* Which class an errno of socket, bind, connect or of a transfer on a new connection belongs to. */
enum failure failure_of_connect(int error);

/* Prints what class `name` means, what usually causes it and what to try; "all" prints every class, and also the ends
 * that are not failures (`unfinished`, `unsent`). Returns false if there is no such class. */
bool failure_explain(FILE *out, const char *name);

#endif
