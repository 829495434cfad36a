/* listener.h - the listening socket: the same for every server. */
#ifndef IO_MODELS_LISTENER_H
#define IO_MODELS_LISTENER_H

#include "options.h"

/* Opens the listening socket (blocking). On the address :: it takes IPv6 and IPv4 clients; the address of an IPv4
 * client is then a mapped one, of which address.h makes an IPv4 address again. Raises the soft limit of descriptors to
 * the hard limit. From now on the kernel completes connections, and they wait for accept. With --share-port other
 * processes of the same user may listen on the same port (SO_REUSEPORT), and the kernel distributes the connections;
 * without it a second server is refused, and no other process can take clients. On an error, prints one line and exits
 * with EXIT_SETUP. */
int listener_open(const struct options *options);

/* The part of it that a listening socket needs which something else has opened: the limits of what it accepts. */
void listener_prepare(int listener, const struct options *options);

/* Prints "listening on ADDRESS:PORT" as the first line of stdout; an IPv6 address is in brackets. Of a
 * Unix socket (ws_demo): "listening on unix:PATH". Call it last: a
 * program that reads this line expects a complete server, and may measure it. If stdout does not take the line, prints
 * one line on stderr and exits with EXIT_SETUP. */
void listener_announce(int listener);

#endif
