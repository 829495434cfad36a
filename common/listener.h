/* listener.h - the listening socket: the same for every server. */
#ifndef IO_MODELS_LISTENER_H
#define IO_MODELS_LISTENER_H

#include "options.h"

/* Opens the listening socket (blocking). Raises the soft limit of descriptors to the hard limit. From now on the kernel
 * completes connections, and they wait for accept. With --share-port other processes of the same user may listen on the
 * same port (SO_REUSEPORT), and the kernel distributes the connections; without it a second server is refused, and no
 * other process can take clients. On an error, prints one line and exits with EXIT_SETUP. */
int listener_open(const struct options *options);

/* Prints "listening on ADDRESS:PORT" as the first line of stdout. Call it last: a program that reads this line expects
 * a complete server, and may measure it. If stdout does not take the line, prints one line on stderr and exits with
 * EXIT_SETUP. */
void listener_announce(int listener);

#endif
