/* listener.h - the listening socket: the same for every server. */
#ifndef IO_MODELS_LISTENER_H
#define IO_MODELS_LISTENER_H

#include "options.h"

enum { LISTENERS_MAX = 64 };

/* Opens `count` listening sockets (blocking) on one address and port; several share it with SO_REUSEPORT, and the
 * kernel deals the connections out. Raises the limit of descriptors as far as it goes. From now on the kernel takes
 * connections; they wait for accept.
 * Prints one line and exits with EXIT_SETUP where that cannot be done. */
void listeners_open(int listeners[], int count, const struct options *options);

/* Prints "listening on ADDRESS:PORT" as the first line of stdout. To be called last: whoever reads it may count on the
 * whole server, and measure it. Prints one line and exits with EXIT_SETUP where stdout does not take it. */
void listener_announce(int listener);

#endif
