/* listener.h - the listening socket and the signals that end a server: the same for every server. */
#ifndef IO_MODELS_LISTENER_H
#define IO_MODELS_LISTENER_H

#include "options.h"
#include <stdbool.h>

enum { LISTENERS_MAX = 64 };

/* Opens `count` listening sockets (blocking) on one address and port; several share it with SO_REUSEPORT, and the
 * kernel deals the connections out. Prints "listening on ADDRESS:PORT" as the first line of stdout.
 *
 * From then on SIGTERM or SIGINT shuts these sockets down: whoever waits for a connection on one is woken, and accept
 * fails with EINVAL, before the wait or in it, so that no signal can fall between two instructions and be missed.
 * A second signal ends the process at once. A peer that is gone raises no SIGPIPE.
 * Prints one line and exits with EXIT_SETUP where that cannot be done. */
void listeners_open(int listeners[], int count, const struct options *options);

/* Has one of these signals come? Safe to call from any thread. */
bool server_is_stopping(void);

#endif
