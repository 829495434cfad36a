/* listener.h - the listening socket: the same for every server. */
#ifndef IO_MODELS_LISTENER_H
#define IO_MODELS_LISTENER_H

#include "options.h"

/* Opens the listening socket (blocking). Raises the limit of descriptors as far as it goes. From now on the kernel
 * takes connections; they wait for accept. With --share-port other processes of the same user may listen on the same
 * port (SO_REUSEPORT), and the kernel deals the connections out; without it a second server is refused, and no other
 * process can take clients. Prints one line and exits with EXIT_SETUP where that cannot be done. */
int listener_open(const struct options *options);

/* Prints "listening on ADDRESS:PORT" as the first line of stdout. To be called last: whoever reads it may count on the
 * whole server, and measure it. Prints one line and exits with EXIT_SETUP where stdout does not take it. */
void listener_announce(int listener);

#endif
