/* bad_connection.h - the server's log: a line for a connection that ended because its peer broke a rule or a limit. */
#ifndef IO_MODELS_BAD_CONNECTION_H
#define IO_MODELS_BAD_CONNECTION_H

#include "session.h"

/* To be called once, when the connection ends and `fd` is still open. If it ended badly, prints one line on stderr: the
 * peer's address and the reason's name. LIMIT: ten lines a second, and then how many were left out; so a peer cannot
 * fill a disk. Resets and orderly ends are only counted (stats.h). Safe to call from any thread. */
void bad_connection_log(int fd, const struct session *session);

#endif
