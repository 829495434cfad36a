/* bad_connection.h - the server's log: a line for a connection that ended badly. */
#ifndef IO_MODELS_BAD_CONNECTION_H
#define IO_MODELS_BAD_CONNECTION_H

#include "address.h"
#include "session.h"

/* Call it once, when the connection ends and `fd` is still open. If the peer broke a rule or a limit, or if there was
 * no memory for the connection, it prints one line on stderr: the peer's address and the reason's name. LIMIT: ten
 * lines a second; more are left out, and the next line says how many; so no peer can fill a disk quickly. Resets and
 * orderly ends are only counted (stats.h). Never sleeps: while stderr takes nothing, lines are left out. Safe to call
 * from any thread. */
void bad_connection_log(int fd, const struct session *session);

/* The same, for a server that knows for whom a proxy has connected: `peer` is its client's address. */
void bad_connection_log_of(const struct address *peer, const struct session *session);

/* The same, for a server that knows more than the reason's name: prints `what`, which must have no control
 * characters. */
void bad_connection_say(const struct address *peer, const char *what);

/* The same, for trouble that concerns all connections: `what` cannot be done, and `why`. */
void server_trouble_log(const char *what, const char *why);

#endif
