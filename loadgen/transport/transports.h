/* transports.h - which transports there are: see client/transport.h. */
#ifndef LOADGEN_TRANSPORTS_H
#define LOADGEN_TRANSPORTS_H

#include "client/transport.h"

extern const struct transport transport_epoll;

/* Its `open` says so where this program was built without liburing, or the kernel does not offer what is needed. */
extern const struct transport transport_ring;

#endif
